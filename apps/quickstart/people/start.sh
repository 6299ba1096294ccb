# What the three people have in common; sourced. SMMF is the command (`npx smmf`), PEOPLE this folder; WORK a folder with the packages installed.
set -euo pipefail
: "${SMMF:=npx smmf}" "${WORK:=$PWD}" "${PORT:=8100}" "${ADMIN_PORT:=8010}"
cd "$WORK"
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait' EXIT

say() { printf '== %s\n' "$*"; }
die() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
# expect TEXT WHAT...: the text is among what the command WHAT prints.
expect() {
  local wanted=$1 got
  shift
  got=$("$@" 2>&1) || die "$* ended with $?: $got"
  [[ "$got" == *"$wanted"* ]] || die "$* printed no \"$wanted\": $got"
}
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
# Waits until a command succeeds, at most so many seconds.
until_ok() {
  local limit=$1
  shift
  for ((tenth = 0; tenth < limit * 10; tenth++)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  die "not within $limit s: $*"
}
