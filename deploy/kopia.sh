#!/bin/sh
# Säkerhetskopierar allt till $LAGESBILD_KOPIOR (annars /var/backups/lagesbild) och tar bort kopior äldre än 35 dagar.
# Att de tas bort är en del av personuppgifternas gallring: den som har raderats finns kvar i kopior så länge.
set -eu
umask 077
folder="${LAGESBILD_KOPIOR:-/var/backups/lagesbild}"
"$(dirname "$0")/../.venv/bin/lagesbild" backup "$folder/lagesbild-$(date +%Y%m%d-%H%M%S).zip"
find "$folder" -maxdepth 1 -name 'lagesbild-*.zip' -mtime +35 -delete
