#!/usr/bin/env bash
# The compose file, run here: builds the image, starts Redis, two nodes and HAProxy with podman, delivers and receives
# through the proxy, ends one node under load and starts it again, and prints what was lost (nothing) and the figures.
#
#   deploy/docker/try.sh [clients]     as root, on Linux; 80 clients unless another number is given
#
# Everything listens on loopback and is gone at the end, but for the images.
set -euo pipefail
clients=${1:-80}
work=$(mktemp -d)
. "$(dirname "${BASH_SOURCE[0]}")/images.sh"
project=mailbox-try-$$
export MAILBOX_PORT=$((20000 + RANDOM % 10000))
address=http://127.0.0.1:$MAILBOX_PORT

# Podman says, for each container, that without systemd nobody runs the health checks: there are none.
compose() { podman-compose -p "$project" -f "$root/deploy/docker/compose.yaml" "$@" 2> >(grep -v -e systemd -e 'connect to syslog' >&2); }

end() {
  local status=$?
  set +e
  trap - EXIT
  [ "$status" = 0 ] || tail -n 30 "$work"/*.log >&2
  compose down -v >/dev/null 2>&1
  rm -rf "$work"
  exit "$status"
}

has dotnet || fail "the .NET SDK 10 is needed: https://dotnet.microsoft.com/download"
has curl || install curl
has podman-compose || install podman-compose
trap end EXIT
need_podman
dotnet build "$root/tests/Mailbox.Faults" -c Release --nologo -v quiet -clp:NoSummary >&2

build_server localhost/mailbox-server:0.1.0
MAILBOX_REDIS_IMAGE=$(image_or_local docker.io/library/redis:7.2 redis-server)
MAILBOX_HAPROXY_IMAGE=$(image_or_local docker.io/library/haproxy:2.8 haproxy)
export MAILBOX_REDIS_IMAGE MAILBOX_HAPROXY_IMAGE

compose up -d >"$work/up.log" 2>&1
mailbox=try-$$
deliver() { curl -sS --fail-with-body -m 5 -H 'Content-Type: text/plain' -d "$1" "$address/v1/mailboxes/$mailbox/messages"; }
since=$SECONDS
until deliver 'hello through the proxy' >"$work/delivered" 2>/dev/null; do
  [ $((SECONDS - since)) -lt 60 ] || { podman logs --tail 5 "$(podman ps --format '{{.Names}}' | grep "^$project.node-1")" >&2; fail "nothing answers at $address after 60 s"; }
  sleep 0.1
done
echo "delivered: $(cat "$work/delivered")"
echo "received:  $(curl -sS -m 10 -H 'Accept: application/json' "$address/v1/mailboxes/$mailbox?wait=5")"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$address/info")" = 404 ] || fail "the proxy passes on what is not for clients"

node=$(podman ps --format '{{.Names}}' | grep "^$project.node-1")
cat >"$work/strike.sh" <<STRIKE
set -e
sleep 3
echo "SIGTERM: $node" >&2
podman stop -t 20 $node >/dev/null
[ "\$(podman inspect -f '{{.State.ExitCode}}' $node)" = 0 ]
sleep 3
podman start $node >/dev/null
sleep 8
podman stats --no-stream --format '{{.Name}}: {{.MemUsage}}' | grep $project >&2
STRIKE
dotnet "$root/tests/Mailbox.Faults/bin/Release/net10.0/Mailbox.Faults.dll" against "$address" \
  --name compose --clients "$clients" --out "$work" --strike "bash '$work/strike.sh'"
