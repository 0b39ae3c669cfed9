# Sourced by the commands at the root: installs what is missing, restores, builds. Says what it does; does nothing twice.
# shellcheck shell=bash

fragcast_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

say() { printf '%s\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else fail "fragcast: needs root or sudo to install system packages; run as root: $*"; fi
}

# Prints the first of the named packages that is installed, else the first that apt knows.
pick_package() {
  local name
  for name in "$@"; do dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok' && { echo "$name"; return; }; done
  for name in "$@"; do apt-cache show "$name" >/dev/null 2>&1 && { echo "$name"; return; }; done
}

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok'; }

# Any one package of each group will do; the newest generation comes first.
native_groups=(
  "libngtcp2-16 libngtcp2-9"
  "libngtcp2-crypto-gnutls8 libngtcp2-crypto-gnutls2"
  "libsodium23"
  "libsecp256k1-2 libsecp256k1-1"
  "libgmp10"
  "libssl3t64 libssl3"
)

install_packages() {
  command -v dpkg-query >/dev/null 2>&1 || { say "not a Debian-like system: install ngtcp2 with GnuTLS, libsodium, libsecp256k1, libgmp yourself"; return; }
  local group name missing=()
  for group in "${native_groups[@]}"; do
    # shellcheck disable=SC2086
    local found=
    for name in $group; do installed "$name" && found=1; done
    [ -n "$found" ] || missing+=("$group")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing system packages (apt-get update first)…"
  as_root apt-get update -qq >/dev/null || fail "fragcast: apt-get update failed; check the network and the package sources"
  local names=()
  for group in "${missing[@]}"; do
    # shellcheck disable=SC2086
    name=$(pick_package $group)
    [ -n "$name" ] || fail "fragcast: none of these packages is in this system's package sources: $group"
    names+=("$name")
  done
  say "  ${names[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${names[@]}" >/dev/null \
    || fail "fragcast: apt-get install failed for: ${names[*]}"
}

need_sdk() {
  command -v dotnet >/dev/null 2>&1 || fail "fragcast: the .NET 10 SDK is needed (https://dot.net); 'dotnet' is not on the PATH"
  (cd "$fragcast_root" && dotnet --version >/dev/null 2>&1) || fail "fragcast: no .NET 10 SDK found; 'dotnet --list-sdks' shows what is there"
}

# Real counterparts for the interoperability tests, where Node.js is; the tests say what they skip where it is not.
install_interop() {
  local folder=$fragcast_root/tests/interop/libp2p
  [ ! "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] || return 0
  command -v npm >/dev/null 2>&1 || { say "no npm: the interoperability tests with js-libp2p are skipped"; return 0; }
  say "installing js-libp2p for the interoperability tests (half a minute)…"
  (cd "$folder" && npm install --no-save --no-fund --no-audit --loglevel=error >/dev/null 2>&1) ||
    say "  npm install failed: the interoperability tests with js-libp2p are skipped"
}

# stale OUTPUT: true when OUTPUT is missing or a source is newer than it.
stale() {
  [ -e "$1" ] || return 0
  [ -n "$(find "$fragcast_root" -path "$fragcast_root/artifacts" -prune -o -name node_modules -prune -o \
    \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.json' -o -name '*.gz' -o -name .editorconfig \) \
    -newer "$1" -print -quit 2>/dev/null)" ]
}

# build TARGET OUTPUT: restores and builds a project or the solution when OUTPUT is missing or older than a source.
build() {
  stale "$2" || return 0
  say "building $(basename "$1") (the first time restores packages; a minute or two)…"
  local log started=$SECONDS
  log=$(mktemp)
  # Names each project as it is done, so that the wait has something to look at.
  if ! (cd "$fragcast_root" && dotnet build "$1" -c Release -v minimal -tl:off --nologo 2>&1) | tee "$log" |
    sed -un 's/^ *\([A-Za-z.]*\) -> .*/  \1/p' >&2; then
    { grep -E ' error |error :' "$log" | sort -u | head -n 20; } >&2
    rm -f "$log"
    fail "fragcast: the build failed"
  fi
  rm -f "$log"
  touch "$2"
  say "  built in $((SECONDS - started)) s"
}

prepare_all() {
  need_sdk
  install_packages
}
