#!/usr/bin/env bash
# Receives a mailbox with curl, as server-sent events, and acknowledges: docs/protocol.md. Bash 3.2 or newer.
#
#     ./receive.sh alice
#
# Prints each message as one line of JSON; what happens beside messages goes to the standard error. Ends with 0 when it was
# interrupted, or when another receiver took over: whoever then starts it again takes the mailbox back.
set -uo pipefail

mailbox=${1:?usage: receive.sh MAILBOX}
url=${MAILBOX_SERVER:-http://127.0.0.1:8080}/v1/mailboxes/$mailbox
cursor='' # our place: everything up to it was printed
retry=2

say() { printf '%s\n' "$*" >&2; }

# An ack covers all before it, and so does coming back with the cursor: one that fails needs no care of its own.
acknowledge() {
  curl -s -m 10 -o /dev/null -H 'Content-Type: application/json' -d "{\"cursor\":\"$cursor\"}" "$url/ack"
}

# A whole event. A receiver that must know everything acts on gap and reset, for example reads anew.
take_event() {
  case $event in
    '') printf '%s\n' "$data" || exit 1 ;;
    mailbox.open) say open ;;
    mailbox.gap | mailbox.reset) say "${event#mailbox.}: $data" ;;
    mailbox.replaced)
      say 'replaced: another receiver has the mailbox'
      exit 0 # for good: coming back would fight with the other
      ;;
    mailbox.draining | mailbox.unavailable) say "${event#mailbox.}: $data; coming back" ;;
  esac
  cursor=${id:-$cursor}
  [ -n "$event" ] || acknowledge
}

trap 'exit 0' INT TERM
while :; do
  status=000 event='' data='' id=''
  while IFS= read -r line; do
    case $line in
      '') [ -z "$data" ] || take_event; event='' data='' id='' ;;
      'id: '*) id=${line#id: } ;;
      'event: '*) event=${line#event: } ;;
      'data: '*) data=${line#data: } ;; # one line: an envelope
      'retry: '*) retry=$((${line#retry: } / 1000 + 1)) ;;
      'status: '*) status=${line#status: } ;; # curl's, at the end
    esac
  done < <(curl -sN --keepalive-time 15 -H 'Accept: text/event-stream' ${cursor:+-H "Last-Event-ID: $cursor"} \
    -w '\nstatus: %{http_code}\n' "$url?ack=client&format=envelope")

  case $status in
    204)
      say 'replaced: another receiver has the mailbox'
      exit 0
      ;;
    429 | 000 | 2?? | 5??) sleep "$retry" ;;
    *)
      say "refused: $status"
      exit 1
      ;;
  esac
done
