# Sourced by the scripts that run containers here: finds podman or docker, and makes the images. Where no registry can be
# reached, the bases are made from this system's own packages (Debian, as root): the same Dockerfile, other bases.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# --- the engine ------------------------------------------------------------------------------------------------------

# Podman's own defaults ask for more open files than some machines allow, for crun, and for systemd. Names of containers
# are found by netavark's servers only.
use_podman() {
  [ -z "${CONTAINERS_CONF:-}" ] || return 0
  export CONTAINERS_CONF=$work/containers.conf
  {
    echo '[containers]'
    echo 'default_ulimits = ["nofile=10000:10000", "nproc=1000:1000"]'
    echo '[engine]'
    has crun || echo 'runtime = "runc"'
    [ -d /run/systemd/system ] || echo 'cgroup_manager = "cgroupfs"'
    echo '[network]'
    echo 'network_backend = "netavark"'
  } >"$CONTAINERS_CONF"
}

install() {
  local missing=$*
  [ -n "$missing" ] || return 0
  has apt-get && [ "$(id -u)" = 0 ] || fail "this needs: $missing"
  say "installing: $missing"
  # shellcheck disable=SC2086 # one word a package
  { apt-get -o Acquire::Retries=5 update -q && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
      apt-get -o DPkg::Lock::Timeout=120 install -q -y --no-install-recommends $missing; } </dev/null >&2 ||
    fail "could not install: $missing"
}

need_podman() {
  local missing=
  has podman || missing="podman runc catatonit netavark aardvark-dns iptables"
  has debootstrap || missing="$missing debootstrap"
  # shellcheck disable=SC2086 # one word a package
  install $missing
  use_podman
}

# --- bases from this system's packages -------------------------------------------------------------------------------

exists() { podman image exists "$1"; }

mirror() { apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1; }
release() { . /etc/os-release && echo "$VERSION_CODENAME"; }

# A small Debian, for what needs a shell.
local_debian() {
  exists localhost/mailbox-base/debian:local && return 0
  say "making a base: Debian $(release)"
  debootstrap --variant=minbase --include=ca-certificates "$(release)" "$work/debian" "$(mirror)" >"$work/debootstrap.log" ||
    { tail "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
  # What apt is told here holds there too: where this system takes its packages from.
  cp /etc/apt/sources.list "$work/debian/etc/apt/" 2>/dev/null || true
  tar -C "$work/debian" --exclude=./var/cache/apt/archives/\* -c . | podman import -q - localhost/mailbox-base/debian:local >&2
  rm -rf "$work/debian"
}

# The program and its packages on that base; the first argument is the image's name.
local_program() {
  local image=$1
  shift
  exists "$image" && return 0
  local_debian
  say "making $image"
  # /data belongs to the user of the official image, whose number the manifests name.
  printf 'FROM localhost/mailbox-base/debian:local\nRUN apt-get update -q && apt-get install -q -y --no-install-recommends %s && rm -rf /var/lib/apt/lists/* && install -d -o 999 -g 999 /data\nVOLUME /data\n' "$*" |
    podman build -q --network=host -t "$image" - >&2
}

# Room for the SDK of this system, which is lent to each build.
local_sdk() {
  exists localhost/mailbox-base/sdk:local && return 0
  local_debian
  printf 'FROM localhost/mailbox-base/debian:local\nENV PATH=/usr/share/dotnet:/usr/sbin:/usr/bin:/sbin:/bin DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true\n' |
    podman build -q -t localhost/mailbox-base/sdk:local - >&2
}

dotnet_home() { dirname "$(readlink -f "$(command -v dotnet)")"; }

# Like the official runtime base without a shell: the libraries, certificates, the user "app", .NET, and nothing else.
local_runtime() {
  exists localhost/mailbox-base/aspnet:local && return 0
  say "making a base: .NET's runtime without a shell"
  local packages="$work/packages" base="$work/runtime" package home
  mkdir -p "$packages" "$base"/{app,tmp,usr/bin,usr/share/dotnet,etc/ssl/certs}
  (cd "$packages" && apt-get download -q base-files libc6 libgcc-s1 libstdc++6 libssl3 zlib1g ca-certificates tzdata) >&2 || fail "apt-get download failed"
  for package in "$packages"/*.deb; do
    dpkg-deb -x "$package" "$base"
  done
  cat "$base"/usr/share/ca-certificates/mozilla/*.crt >"$base/etc/ssl/certs/ca-certificates.crt"
  rm -rf "$base"/usr/share/{doc,man,locale,lintian,bug}
  echo 'app:x:1654:1654::/home/app:/bin/false' >"$base/etc/passwd"
  echo 'app:x:1654:' >"$base/etc/group"
  chmod 1777 "$base/tmp"
  home=$(dotnet_home)
  cp -r "$home"/{dotnet,host,shared,LICENSE.txt} "$base/usr/share/dotnet/"
  ln -s /usr/share/dotnet/dotnet "$base/usr/bin/dotnet"
  tar -C "$base" -c . | podman import -q --change 'ENV PATH=/usr/bin' --change 'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true' \
    - localhost/mailbox-base/aspnet:local >&2
  rm -rf "$packages" "$base"
}

# --- the images ------------------------------------------------------------------------------------------------------

# Whether a registry gives this image; asked once for each.
pulls() { timeout 60 podman pull -q "$1" >/dev/null 2>"$work/pull.log"; }

# The server's image, as $1.
build_server() {
  local image=$1 bases=() volumes=()
  if ! pulls "$(sed -n 's/^ARG RUNTIME_IMAGE=//p' "$root/deploy/docker/Dockerfile")"; then
    say "no registry can be reached; the bases come from this system's packages and its .NET"
    has dotnet || fail "the .NET SDK 10 is needed: https://dotnet.microsoft.com/download"
    local_sdk
    local_runtime
    local nuget="${NUGET_PACKAGES:-$HOME/.nuget/packages}"
    mkdir -p "$nuget"
    bases=(--build-arg SDK_IMAGE=localhost/mailbox-base/sdk:local --build-arg RUNTIME_IMAGE=localhost/mailbox-base/aspnet:local)
    # With the SDK come the packages that it has fetched before.
    volumes=(--volume "$(dotnet_home):/usr/share/dotnet:ro" --volume "$nuget:/root/.nuget/packages")
  fi
  say "building $image"
  podman build --network=host --format=docker ${bases[@]+"${bases[@]}"} ${volumes[@]+"${volumes[@]}"} \
    -f "$root/deploy/docker/Dockerfile" -t "$image" "$root" >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" >&2; fail "the image does not build"; }
}

# The image $1 if a registry gives it; else one made here of the packages that follow. Prints which.
image_or_local() {
  local image=$1 name
  shift
  if exists "$image" || pulls "$image"; then
    echo "$image"
    return 0
  fi
  name=localhost/mailbox-base/${1%% *}:local
  local_program "$name" "$@"
  echo "$name"
}
