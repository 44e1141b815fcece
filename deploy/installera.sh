#!/bin/bash
# Gör i ordning en tom Debian 12 eller 13 för Lägesbild, som root, ur mappen /opt/lagesbild. Kan köras igen: vid uppgradering.
# Rör inte nginx: dess filer läggs in för hand, se docs/drift.md.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$PWD" = /opt/lagesbild ] || { echo "Lägg programmet i /opt/lagesbild (nu: $PWD)." >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "Kör som root." >&2; exit 2; }
umask 022
if ! command -v python3 >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv
fi
bash scripts/setup.sh run
# Tjänsterna får inte skriva här: annars översätts all kod på nytt vid varje start.
.venv/bin/python -m compileall -q lagesbild pages pipelines
getent passwd lagesbild >/dev/null || useradd --system --home-dir /var/lib/lagesbild --shell /usr/sbin/nologin lagesbild
install -d -m 0700 -o lagesbild -g lagesbild /var/backups/lagesbild
install -d -m 0755 /etc/lagesbild
[ -e /etc/lagesbild/lagesbild.toml ] || install -m 0640 -g lagesbild lagesbild.example.toml /etc/lagesbild/lagesbild.toml
[ -e /etc/lagesbild/hemligheter ] || install -m 0600 /dev/null /etc/lagesbild/hemligheter
install -m 0644 deploy/systemd/*.service deploy/systemd/*.timer /etc/systemd/system/
systemctl daemon-reload
echo "Klart. Skriv /etc/lagesbild/lagesbild.toml, och sedan: systemctl enable --now lagesbild lagesbild-{hamta,veckan,kopia}.timer"
