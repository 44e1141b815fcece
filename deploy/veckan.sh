#!/bin/sh
# Gör veckans lägesbild av den senaste hela veckan och behåller de tio senaste. Skrivs i $STATE_DIRECTORY/veckan.
set -eu
umask 077
folder="${STATE_DIRECTORY:?}/veckan"
mkdir -p "$folder"
"$(dirname "$0")/../.venv/bin/lagesbild" week --out "$folder/$(date +%G-V%V).docx"
# shellcheck disable=SC2012 # names of our own making
ls -1 "$folder"/*.docx | sort -r | tail -n +11 | while IFS= read -r old; do rm -- "$old"; done
