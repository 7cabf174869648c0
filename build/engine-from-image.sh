#!/usr/bin/env bash
# Takes an engine's programs out of its image, so that the tests can start it as a process of their own:
#
#   build/engine-from-image.sh valkey/valkey:8 DIRECTORY
#
# Valkey's programs are there by Redis's names, too.
set -euo pipefail
image=${1:?which image}
directory=${2:?into which directory}
mkdir -p "$directory"
container=$(docker create "$image")
trap 'docker rm -f "$container" >/dev/null' EXIT
docker cp "$container:/usr/local/bin/." "$directory"
for program in server cli sentinel; do
  if [ -e "$directory/valkey-$program" ]; then
    ln -sf "valkey-$program" "$directory/redis-$program"
  fi
done
"$directory/redis-server" --version
