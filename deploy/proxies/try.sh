#!/usr/bin/env bash
# A rolling deploy, for real: three nodes on one Redis behind HAProxy, then behind nginx, with the configurations beside this
# script; 1,000 clients hold streams of every transport and producers deliver while every node is replaced, one by one.
# Prints what was lost (nothing), what the producers were answered, and when clients came back.
#
#   deploy/proxies/try.sh [--clients N] [--old DIRECTORY] [haproxy|nginx ...]
#
#   --old    a published server (dotnet publish src/MailboxServer -o DIRECTORY), such as one of an earlier commit: the nodes
#            are of it at first, are replaced by today's, and then by the old again, so that both run side by side
#
# Processes on loopback; needs redis-server, haproxy, nginx and the .NET SDK 10, and takes what is missing from apt, as root.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
clients=1000
old=
first=$((20000 + RANDOM % 10000))
redis_port=$first proxy_port=$((first + 1))
node_ports=($((first + 2)) $((first + 3)) $((first + 4)))
pids=()

say() { printf '%s\n' "$*" >&2; }
fail() { say "try.sh: $*"; exit 1; }
# HAProxy and nginx lie where only root's PATH looks.
PATH=$PATH:/usr/sbin:/sbin

end() {
  local status=$? pid
  set +e
  trap - EXIT
  [ "$status" = 0 ] || tail -n 20 "$work"/*.log >&2 || true
  for pid in ${pids[@]+"${pids[@]}"} $(cat "$work"/node-*.pid 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
  exit "$status"
}

need() {
  local missing="" program
  for program in redis-server haproxy nginx curl; do
    command -v "$program" >/dev/null || missing="$missing ${program/nginx/nginx-light}"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || fail "this needs:$missing"
  # shellcheck disable=SC2086 # one word a package
  { apt-get -o Acquire::Retries=5 update -q && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get -o DPkg::Lock::Timeout=120 install -q -y --no-install-recommends $missing; } </dev/null >&2 || fail "could not install:$missing"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

await() {
  local since=$SECONDS
  until "$@" >/dev/null 2>&1; do
    [ $((SECONDS - since)) -lt 60 ] || fail "not after 60 s: $*"
    sleep 0.1
  done
}

# Told in files, so that the script that replaces nodes can use it, too: start_node <index> <directory>
cat >"$work/node.sh" <<NODE
start_node() {
  local port=\$(echo ${node_ports[*]} | cut -d ' ' -f \$((\$1 + 1)))
  ASPNETCORE_ENVIRONMENT=Production Logging__LogLevel__Default=Warning \\
    Mailbox__Redis__ConnectionString=127.0.0.1:$redis_port Mailbox__Access__AllowAnonymous=true \\
    setsid dotnet "\$2/MailboxServer.dll" --contentRoot "\$2" --urls "http://127.0.0.1:\$port" >>"$work/node-\$1.log" 2>&1 </dev/null &
  echo \$! >"$work/node-\$1.pid"
}
is_ready() { curl -s -m 2 "http://127.0.0.1:\$(echo ${node_ports[*]} | cut -d ' ' -f \$((\$1 + 1)))/health/ready" | grep -q '"ready"'; }
replace_node() {
  local pid=\$(cat "$work/node-\$1.pid")
  kill -TERM "\$pid"
  while kill -0 "\$pid" 2>/dev/null; do sleep 0.1; done
  start_node "\$1" "\$2"
  until is_ready "\$1"; do sleep 0.1; done
  sleep 3
}
NODE
. "$work/node.sh"

# The configuration beside this script, with the nodes of this run in place of the two that it names.
configuration() {
  local servers="" i
  for i in 0 1 2; do
    case $1 in
      haproxy) servers="$servers    server node-$i 127.0.0.1:${node_ports[i]}\n" ;;
      nginx) servers="$servers        server 127.0.0.1:${node_ports[i]} max_fails=1 fail_timeout=2s;\n" ;;
    esac
  done
  sed -e "/^ *server node-1/i $(printf %s "$servers" | sed 's/^ */\\&/; s/\\n$//')" -e '/^ *server node-[12][ :]/d' \
    -e "s/bind :8080/bind 127.0.0.1:$proxy_port/" -e "s/listen 8080/listen 127.0.0.1:$proxy_port/" \
    "$root/deploy/proxies/$([ "$1" = haproxy ] && echo haproxy.cfg || echo nginx.conf)"
}

start_proxy() {
  configuration "$1" >"$work/$1.conf"
  case $1 in
    haproxy)
      # There are no names to look up here.
      sed -i -e 's/ init-addr.*//' -e '/^resolvers/,$d' -e '/^# Names/,$d' "$work/haproxy.conf"
      haproxy -db -f "$work/haproxy.conf" >"$work/haproxy.log" 2>&1 &
      ;;
    nginx)
      mkdir -p "$work/nginx"
      # It runs as whoever we are, keeps its files here, and has as many connections as this machine allows.
      { echo "daemon off; pid $work/nginx/pid; error_log stderr warn; worker_processes 2;"; [ "$(id -u)" != 0 ] || echo "user root;"
        sed -e "s/40000/$(ulimit -Hn)/" -e "s#^http {#http { access_log off; client_body_temp_path $work/nginx/body; proxy_temp_path $work/nginx/proxy; fastcgi_temp_path $work/nginx/f; uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s;#" "$work/nginx.conf"
      } >"$work/nginx/nginx.conf"
      nginx -p "$work/nginx" -e stderr -c "$work/nginx/nginx.conf" >"$work/nginx.log" 2>&1 &
      ;;
  esac
  proxy=$!
  pids+=("$proxy")
  await listens "$proxy_port"
}

proxies=()
while [ $# != 0 ]; do
  case $1 in
    --clients) clients=$2; shift 2 ;;
    --old) old=$(cd "$2" && pwd); shift 2 ;;
    haproxy | nginx) proxies+=("$1"); shift ;;
    *) fail "there is no '$1'" ;;
  esac
done
[ ${#proxies[@]} != 0 ] || proxies=(haproxy nginx)

command -v dotnet >/dev/null || fail "the .NET SDK 10 is needed: https://dotnet.microsoft.com/download"
need
trap end EXIT
dotnet publish "$root/src/MailboxServer" -c Release --nologo -v quiet -o "$work/new" >&2
dotnet build "$root/tests/Mailbox.Faults" -c Release --nologo -v quiet -clp:NoSummary >&2
old=${old:-$work/new}

mkdir "$work/redis"
redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$work/redis" --appendonly yes --save '' >"$work/redis.log" 2>&1 &
pids+=($!)
await listens "$redis_port"
for i in 0 1 2; do start_node "$i" "$old"; done
for i in 0 1 2; do await is_ready "$i"; done

# Every node by a new one; with --old also back.
cat >"$work/strike.sh" <<STRIKE
set -e
. "$work/node.sh"
for i in 0 1 2; do replace_node \$i "$work/new"; done
if [ "$old" != "$work/new" ]; then
  echo "and back" >&2
  for i in 2 1 0; do replace_node \$i "$old"; done
fi
STRIKE

failed=0
for name in "${proxies[@]}"; do
  start_proxy "$name"
  echo "=== three nodes replaced one by one behind $name, $clients clients"
  dotnet "$root/tests/Mailbox.Faults/bin/Release/net10.0/Mailbox.Faults.dll" against "http://127.0.0.1:$proxy_port" \
    --name "rolling-$name" --clients "$clients" --out "$work" --strike "bash '$work/strike.sh'" || failed=1
  kill "$proxy"
  wait "$proxy" 2>/dev/null || true
done
[ "$failed" = 0 ]
