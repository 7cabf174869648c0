#!/usr/bin/env bash
# Delivers the standard input as one message over HTTP: docs/protocol.md. Needs curl 7.76.
#
#     printf 'hello' | ./deliver-http.sh alice
#     printf 'hello' | ./deliver-http.sh alice -H 'Mailbox-Type: greeting' -H 'TTL: 60'
#
# Prints the server's answer. What curl tries again (no connection, a time-out, 503 with its Retry-After) has the same key,
# and the same key with the same body is never delivered twice.
set -euo pipefail

mailbox=${1:?usage: deliver-http.sh MAILBOX [curl options] < body}
shift
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
curl -sS --fail-with-body -m 60 --retry 10 --retry-connrefused -H "Idempotency-Key: $key" \
  -H 'Content-Type: text/plain; charset=utf-8' --data-binary @- "$@" \
  "${MAILBOX_SERVER:-http://127.0.0.1:8080}/v1/mailboxes/$mailbox/messages"
echo
