#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test of the solution, and ends with 'N passed, N failed'.
# Usage: ./test.sh [FILTER]      FILTER is an xunit filter, e.g. 'FullyQualifiedName~Rlp'
set -euo pipefail
# shellcheck source=scripts/prepare.sh
. "$(dirname "$(readlink -f "$0")")/scripts/prepare.sh"
prepare_all
install_interop
"$fragcast_root/scripts/anvil.sh" || true
cd "$fragcast_root"
build P2P.sln "$fragcast_root/artifacts/bin/Tidy/release/Fragcast.Tidy.dll"

filter=()
[ $# -eq 0 ] || filter=(--filter "$1")
passed=0 failed=0 skipped=0 broken=0
mapfile -t projects < <(dotnet sln P2P.sln list | tr '\\' '/' | grep '^tests/')
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in "${projects[@]}"; do
  name=$(basename "$project" .csproj)
  started=$SECONDS
  printf '%-18s ' "$name"
  status=0
  dotnet test "$project" -c Release --no-build --nologo "${filter[@]}" \
    --logger 'console;verbosity=normal' >"$log" 2>&1 || status=$?
  p=$(sed -n 's/^ *Passed: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  f=$(sed -n 's/^ *Failed: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  s=$(sed -n 's/^ *Skipped: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  printf '%5d passed, %d failed, %d skipped   %d s\n' "${p:-0}" "${f:-0}" "${s:-0}" $((SECONDS - started))
  grep -E '^ *(\[SKIP\]|Skipped )|Skipped:|SKIPPED' "$log" | grep -v '^ *Skipped: *[0-9]' | head -n 10 || true
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  if [ "$status" -ne 0 ]; then
    [ "${f:-0}" -gt 0 ] || [ -n "${filter[*]}" ] || broken=1
    grep -vE '^ *(Passed|Starting|Discover|Finished)' "$log" | tail -n 80
  fi
done
[ "$broken" -eq 0 ] || failed=$((failed + 1))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
