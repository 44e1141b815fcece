#!/usr/bin/env bash
# Sets up everything that `make run` (run) or `make test` (test) needs, on Debian with Python 3.11 to 3.13.
# The second time it compares one checksum and is done.
set -euo pipefail
cd "$(dirname "$0")/.."
mode="${1:-run}"
case "$mode" in
  run) lock=requirements.lock ;;
  test) lock=requirements-dev.lock ;;
  *) echo "setup: skriv run eller test" >&2; exit 2 ;;
esac

stop() { echo "Fel: $*" >&2; exit 1; }
step() { echo "[$1] $2"; }

# Runs a command quietly; shows the end of its output only if it fails.
quietly() {
  local log status=0
  log="$(mktemp)"
  "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 15 "$log" >&2
  rm -f "$log"
  return "$status"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else stop "paketen $NEEDED behövs. Installera dem som administratör: apt-get install $NEEDED"
  fi
}

install_packages() {
  NEEDED="$*"
  command -v apt-get >/dev/null 2>&1 || stop "paketen $NEEDED behövs och apt-get finns inte. Installera dem för hand."
  quietly as_root apt-get update || stop "apt-get update gick inte (ingen internetanslutning?)"
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
    || stop "kunde inte installera $NEEDED"
}

find_python() {
  local candidate
  for candidate in python3 python3.11 python3.12 python3.13; do
    if command -v "$candidate" >/dev/null 2>&1 \
      && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      echo "$candidate"; return
    fi
  done
}

# What draws pictures (chromium, fonts) and makes PDFs of answers (LibreOffice).
DRAWING="chromium fontconfig fonts-dejavu-core fonts-liberation libreoffice-writer-nogui"
drawing_ready() {
  [ -x /usr/bin/chromium ] && command -v soffice >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi "liberation"
}

python="$(find_python)"
[ -n "$python" ] || stop "Python 3.11 till 3.13 saknas. Installera: apt-get install python3 python3-venv"
stamp=".venv/.ready-$mode"
wanted="$(cat "$lock" pyproject.toml | sha256sum | cut -d' ' -f1) $PWD"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null \
  && { [ "$mode" = run ] || drawing_ready; }; then
  echo "Allt är redan uppsatt."
  exit 0
fi

step 1/4 "Python-miljö (.venv)"
if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! grep -qs "$PWD" .venv/bin/pip; then
  rm -rf .venv
  if ! quietly "$python" -m venv .venv; then
    rm -rf .venv
    step 1/4 "Installerar python3-venv"
    install_packages python3-venv
    quietly "$python" -m venv .venv || stop "kunde inte skapa en Python-miljö i $PWD/.venv"
  fi
fi
rm -f "$stamp"

step 2/4 "Hämtar bibliotek enligt $lock (någon minut första gången)"
quietly .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r "$lock" \
  || stop "biblioteken kunde inte installeras (ingen internetanslutning?)"

step 3/4 "Installerar Lägesbild"
quietly .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e . \
  || stop "Lägesbild kunde inte installeras i .venv"

step 4/4 "Program som ritar bilder och gör PDF (chromium, LibreOffice)"
if ! drawing_ready; then
  if [ "$mode" = test ]; then
    # shellcheck disable=SC2086 # a list of packages
    install_packages $DRAWING
  # The dashboard works without them, and says on its pages what is missing.
  elif ! ( install_packages $DRAWING ) 2>/dev/null; then
    echo "Kunde inte installera $DRAWING: bilder och PDF saknas tills de finns." >&2
  fi
fi
# The tests' browser where it can be had: chromium without windows, which takes half as long. Else the whole one is used.
if [ "$mode" = test ] && [ ! -x /usr/bin/chromium-headless-shell ]; then
  ( install_packages chromium-headless-shell ) >/dev/null 2>&1 || true
fi
echo "$wanted" >"$stamp"
