# SPDX-License-Identifier: Apache-2.0
# Sourced by tools/test and tools/demo: what a bare Debian 12 lacks for them, installed or mounted, and said aloud.
# shellcheck shell=bash

# say WORDS: a heading, with the minutes since the start.
say() { printf '\n== %d:%02d %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

die() {
  printf '%s\n' "$*" >&2
  exit 4
}

# What building needs, and what testing needs besides.
build_packages=(
  g++ meson ninja-build pkgconf python3 mount
  libboost-dev libzstd-dev libxxhash-dev libcli11-dev libfmt-dev libre2-dev libtomlplusplus-dev libzip-dev
  libgtest-dev libgmock-dev
)
test_packages=(
  e2fsprogs xfsprogs
  clang-14 libclang-rt-14-dev lld-14 clang-format-14
  clang-16 libclang-rt-16-dev lld-16 llvm-16
  python3-xxhash relacy-dev strace xxhash zstd
  cmake
  g++-aarch64-linux-gnu googletest qemu-user
)
coverage_packages=(gcovr)
bench_packages=(libbenchmark-dev libspdlog-dev liblttng-ust-dev)

# install_packages NAME...: installs the missing ones; calls apt-get only if some are missing.
install_packages() {
  local missing=() name root=()
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || die "missing packages, and no apt-get here to install them: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "missing packages: run as root, or install sudo, or install them yourself: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing with apt-get (log: build/apt-get.log): ${missing[*]}"
  mkdir -p build
  : >build/apt-get.log
  apt_get update || die "apt-get update failed: check the network and /etc/apt"
  apt_get -y --no-install-recommends install "${missing[@]}" || die "apt-get could not install: ${missing[*]}"
}

# apt_get ARGUMENT...: as root; its many words are shown only if it fails.
apt_get() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >>build/apt-get.log 2>&1 && return
  tail -n 20 build/apt-get.log
  return 1
}

# need_proc_and_shm: rings live on a tmpfs, and the sanitizers read /proc. In a root that lacks them (a fresh chroot)
# root mounts them, and unmounts them when the script ends.
need_proc_and_shm() {
  mounted_here=()
  trap leave EXIT
  [ -e /proc/self/maps ] || mount_here proc /proc
  [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] || mount_here tmpfs /dev/shm -o mode=1777
}

# leave: unmounts what mount_here mounted.
leave() {
  local place
  for place in "${mounted_here[@]}"; do umount "$place"; done
}

# mount_here TYPE PLACE OPTION...
mount_here() {
  say "no $1 on $2: mounting one while this script runs"
  mkdir -p "$2" && mount -t "$1" "${@:3}" "$1" "$2" ||
    die "cannot mount it; as root: mkdir -p $2 && mount -t $1 $1 $2"
  mounted_here=("$2" "${mounted_here[@]}")
}

# Everything that tools leave behind stays below build/: also compiler caches and compiled Python.
keep_to_build_folder() {
  export CCACHE_DIR="${CCACHE_DIR:-$PWD/build/ccache}" PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
  mkdir -p build
}

# configure_default [MESON_OPTION...]: the build of the demo, and of the tests without sanitizers. Half of a build's time
# is reading headers, which a unity build does once for eight files; writing debug information is a fifth: line numbers
# are what a backtrace needs.
configure_default() {
  configure build/gcc -Dunity=on -Dunity_size=8 -Ddebug=false -Doptimization=2 -Dcpp_args=-g1 "$@"
}

# configure FOLDER MESON_OPTION...: once; later calls find the folder and leave it as it is.
configure() {
  local folder=$1
  shift
  [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" >"$folder.configure.log" 2>&1 || {
    cat "$folder.configure.log"
    return 1
  }
}
