#!/bin/bash
# Skriver en tjänst till för instrumentpanelen, på en annan port: deploy/en-till.sh 8502 >/etc/systemd/system/lagesbild-2.service
# Allt annat är som i lagesbild.service. När den behövs, och vad nginx ska veta: se Storlek i docs/drift.md.
set -euo pipefail
port="${1:?ange porten, till exempel 8502}"
case "$port" in '' | *[!0-9]*) echo "Porten måste vara ett tal." >&2; exit 2 ;; esac
sed -e "s/^Description=.*/&, på port $port/" \
  -e 's/^After=.*/& lagesbild.service/' \
  -e "s/^EnvironmentFile=.*/Environment=LAGESBILD_PORT=$port\n&/" \
  "$(dirname "$0")/systemd/lagesbild.service"
