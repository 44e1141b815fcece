#!/bin/sh
# Väntar tills instrumentpanelen har siffror att visa (/redo svarar 200), högst två minuter. Port: LAGESBILD_PORT eller 8501.
set -eu
exec "$(dirname "$0")/../.venv/bin/python" - "${LAGESBILD_PORT:-8501}" <<'PYTHON'
import sys
import time
import urllib.request

address = f"http://127.0.0.1:{sys.argv[1]}/redo"
for _ in range(120):
    try:
        urllib.request.urlopen(address, timeout=5)
        sys.exit(0)
    except OSError:  # answers with 503, too
        time.sleep(1)
sys.exit(f"{address} svarade inte 200 på två minuter")
PYTHON
