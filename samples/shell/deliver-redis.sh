#!/usr/bin/env bash
# Delivers the standard input as one message by writing to Redis: docs/redis-contract.md. Needs redis-cli 7.
#
#     printf 'hello' | ./deliver-redis.sh alice                       by the function mailbox_deliver
#     printf 'hello' | ./deliver-redis.sh alice type greeting ttl 60  with options
#     printf 'hello' | ./deliver-redis.sh --bare alice                by RPUSH, in a script
#
# Prints what Redis answers. REDIS_URL says where it is.
set -euo pipefail

redis() { redis-cli -u "${REDIS_URL:-redis://127.0.0.1:6379}" -e "$@"; }

# Once and only once, also when an answer is lost: the same key with the same body is never delivered twice.
deliver() {
  local name="mailbox:{$1}" key answer
  shift
  key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  body=$(mktemp)
  trap 'rm -f "$body"' EXIT
  cat >"$body"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    if answer=$(redis -X BODY FCALL mailbox_deliver 3 "$name" "$name:messages" "$name:index" BODY \
      idempotencyKey "$key" "$@" <"$body" 2>&1); then
      printf '%s\n' "$answer"
      case $answer in full* | conflict*) return 1 ;; *) return 0 ;; esac
    fi
    case $answer in *'MAILBOX '* | *WRONGTYPE* | *NOPERM* | *NOAUTH*) break ;; esac # it will not get better
    sleep 1
  done
  printf '%s\n' "$answer" >&2
  return 1
}

# For any Redis. Not tried again: whether it was stored is unknown when no answer came. A body must not begin with 0x01.
deliver_bare() {
  redis -x EVAL "
    local length = redis.call('RPUSH', KEYS[1], ARGV[2])
    redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
    redis.call('PUBLISH', KEYS[2] .. ':wake', '1')
    return length" 2 "mailbox:{$1}:messages" "mailbox:{$1}" 86400
}

case ${1-} in
  '') sed -n 's/^# \{0,1\}//; 2,8p' "$0" >&2; exit 2 ;;
  --bare) deliver_bare "${2:?which mailbox?}" ;;
  *) deliver "$@" ;;
esac
