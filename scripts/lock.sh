#!/usr/bin/env bash
# Locks the dependencies of pyproject.toml with checksums: what runs, and what tests need besides.
set -euo pipefail
cd "$(dirname "$0")/.."
build="$(mktemp)"
trap 'rm -f "$build"' EXIT
printf 'hatchling\neditables\n' >"$build"
common=(--quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
  --no-emit-index-url --no-emit-find-links)
.venv/bin/uv pip compile "${common[@]}" pyproject.toml "$build" -o requirements.lock "$@"
.venv/bin/uv pip compile "${common[@]}" pyproject.toml "$build" --group dev -o requirements-dev.lock "$@"
