#!/usr/bin/env bash
# Installs anvil, with which tests/Differential compares the executor, under artifacts/tools; does nothing twice.
# npm fetches the platform's package from the registry it is configured for; nothing of the package is run. Without
# npm, or on a platform without a pinned package, it says so and ends with 1: the comparison is then skipped.
# Usage: scripts/anvil.sh
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
version=1.7.1
folder=$root/artifacts/tools/anvil-$version

say() { printf '%s\n' "$*" >&2; }
give_up() { say "anvil: $*; the comparison with it is skipped"; exit 1; }

[ ! -x "$folder/anvil" ] || exit 0
case $(uname -s)-$(uname -m) in
  Linux-x86_64)
    package=@foundry-rs/anvil-linux-amd64
    integrity=+XmShybEaxfCrr0OUUZwYEy2OnYZt5pHH9TzBtLv3+VrK0O/ANuNSVEahqNhKHlgX7GRJ59383ofNhxkRWIYTg==
    ;;
  *) give_up "no package is pinned for $(uname -s) on $(uname -m)" ;;
esac
command -v npm >/dev/null 2>&1 || give_up "npm is not installed (apt-get install npm)"

say "fetching anvil $version (18 MB)…"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && timeout 300 npm pack --silent --ignore-scripts "$package@$version" >/dev/null 2>npm.log) ||
  give_up "npm could not fetch $package@$version: $(grep -m 1 'error' "$scratch/npm.log" || echo 'no answer')"
tarball=$(find "$scratch" -name '*.tgz')
[ "$(openssl dgst -sha512 -binary "$tarball" | base64 -w 0)" = "$integrity" ] ||
  give_up "the package that came is not the one that is pinned"
tar -xzf "$tarball" -C "$scratch"
"$scratch/package/bin/anvil" --version >/dev/null 2>&1 || give_up "the binary does not run on this system"

# The folder appears with the binary in it, or not at all.
mkdir -p "$(dirname "$folder")"
rm -rf "$folder"
mv "$scratch/package/bin" "$folder"
say "  installed in $folder"
