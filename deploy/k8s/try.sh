#!/usr/bin/env bash
# The rendered manifests, run here: builds the image, starts Redis and two nodes with podman as overlays/dev describes them,
# delivers on one node and receives on the other, kills one under load, and prints what was lost (nothing) and the figures.
#
#   deploy/k8s/try.sh [clients]        as root, on Linux; 80 clients unless another number is given
#
# The specs are those of the manifests (pods.py tells the few differences). Everything listens on loopback and is gone at
# the end, but for the images.
set -euo pipefail
clients=${1:-80}
work=$(mktemp -d)
. "$(dirname "${BASH_SOURCE[0]}")/../docker/images.sh"
here=$root/deploy/k8s
network=mailbox-try-$$
first=$((20000 + RANDOM % 10000))
ports=("$first" "$((first + 1))")
redis_port=$((first + 2))

yaml_python() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c 'import yaml' 2>/dev/null && { echo "$python"; return 0; }
  done
  return 1
}

# Podman says, for each container, that without systemd nobody runs the health checks: the figures do not need them.
quietly() { "$@" 2> >(grep -v -e systemd -e 'connect to syslog' >&2); }

end() {
  local status=$? pod
  set +e
  trap - EXIT
  [ "$status" = 0 ] || for pod in ${pods[@]+"${pods[@]}"}; do podman pod logs --tail 20 "$pod" >&2 || true; done
  for pod in ${pods[@]+"${pods[@]}"}; do podman pod rm -f "$pod"; done >/dev/null 2>&1
  for volume in ${volumes[@]+"${volumes[@]}"}; do podman volume rm "$volume"; done >/dev/null 2>&1
  for secret in "$work"/secrets/*; do podman secret rm "$(basename "$secret")"; done >/dev/null 2>&1
  podman network rm "$network" >/dev/null 2>&1
  rm -rf "$work"
  exit "$status"
}

now() { date +%s%3N; }

await_ready() {
  local port=$1 since
  since=$(now)
  until curl -s -m 2 "http://127.0.0.1:$port/health/ready" | grep -q '"ready"'; do
    [ $(($(now) - since)) -lt 60000 ] || fail "the node on port $port is not ready after 60 s"
    sleep 0.1
  done
}

# --- what it needs ---------------------------------------------------------------------------------------------------

has kubectl || fail "kubectl is needed, 1.27 or newer: it renders the manifests"
has dotnet || fail "the .NET SDK 10 is needed: https://dotnet.microsoft.com/download"
has curl || install curl
yaml_python >/dev/null || install python3-yaml
python=$(yaml_python)
trap end EXIT
need_podman
dotnet build "$root/tests/Mailbox.Faults" -c Release --nologo -v quiet -clp:NoSummary >&2

build_server localhost/mailbox-server:0.1.0
redis=$(image_or_local docker.io/library/redis:7.2 redis-server)

# --- from manifests to containers ------------------------------------------------------------------------------------

mkdir "$work/secrets"
secrets=()
case $(podman version --format '{{.Client.Version}}') in
  3.* | 4.[0-3].*) secrets=(--secrets "$work/secrets") ;;
esac
kubectl kustomize "$here/overlays/dev" |
  "$python" "$here/pods.py" --port "${ports[0]}" --port "${ports[1]}" --store-port "$redis_port" ${secrets[@]+"${secrets[@]}"} \
    --image "mailbox-server:0.1.0=localhost/mailbox-server:0.1.0" --image "docker.io/library/redis:7.2=$redis" >"$work/pods.yaml"

names() { "$python" -c 'import sys, yaml
for one in yaml.safe_load_all(open(sys.argv[1])):
    if one["kind"] in sys.argv[2:]: print(one["metadata"]["name"])' "$work/pods.yaml" "$@"; }
mapfile -t pods < <(names Pod)
mapfile -t volumes < <(names PersistentVolumeClaim ConfigMap)
for pod in "${pods[@]}"; do
  ! podman pod exists "$pod" || { name=$pod pods=() volumes=(); fail "there is a pod $name already"; }
done
for secret in "$work"/secrets/*; do
  podman secret create "$(basename "$secret")" "$secret" >/dev/null
done
podman network create "$network" >/dev/null
started=$(now)
quietly podman play kube --network "$network" "$work/pods.yaml" >"$work/play.log"
for port in "${ports[@]}"; do await_ready "$port"; done
echo "Redis and two nodes are ready $(($(now) - started)) ms after 'podman play kube': ${pods[*]}"
podman images --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep "^localhost/mailbox-server:0.1.0"

# --- one message, by hand --------------------------------------------------------------------------------------------

mailbox=try-$$
curl -sN -m 30 -H 'Accept: application/x-ndjson' "http://127.0.0.1:${ports[1]}/v1/mailboxes/$mailbox" >"$work/stream" &
stream=$!
until grep -q '"open"' "$work/stream"; do kill -0 "$stream" || fail "the stream ended"; sleep 0.1; done
echo "delivered on ${pods[1]}: $(curl -sS --fail-with-body -H 'Content-Type: text/plain' -d 'hello from the other node' "http://127.0.0.1:${ports[0]}/v1/mailboxes/$mailbox/messages")"
until grep -q 'hello from the other node' "$work/stream"; do kill -0 "$stream" || fail "the message did not come"; sleep 0.1; done
echo "received on ${pods[2]}: $(grep 'hello from' "$work/stream")"
kill "$stream"
wait "$stream" 2>/dev/null || true

# --- many, and a node that is killed ---------------------------------------------------------------------------------

container=${pods[2]}-mailbox-server
cat >"$work/strike.sh" <<STRIKE
set -e
sleep 3
echo "kill -9: $container" >&2
podman kill --signal KILL $container >/dev/null
sleep 8
podman start $container >/dev/null 2>&1
until curl -s -m 2 http://127.0.0.1:${ports[1]}/health/ready | grep -q '"ready"'; do sleep 0.1; done
echo "it is back" >&2
sleep 3
podman stats --no-stream --format '{{.Name}}: {{.MemUsage}}' | grep -v infra >&2
STRIKE
dotnet "$root/tests/Mailbox.Faults/bin/Release/net10.0/Mailbox.Faults.dll" against \
  "http://127.0.0.1:${ports[0]}" "http://127.0.0.1:${ports[1]}" \
  --name kubernetes --clients "$clients" --out "$work" --strike "bash '$work/strike.sh'"
