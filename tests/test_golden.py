"""What six municipalities are told on the shipped figures stays what it was, whatever is moved in the code."""

from __future__ import annotations

import json

from lagesbild.data.warehouse import Warehouse
from scripts.golden import KEPT, checksums


def test_every_export_of_six_municipalities_is_as_it_was(real: Warehouse) -> None:
    kept = json.loads(KEPT.read_text("utf-8"))
    found = checksums(real)
    changed = sorted(name for name in kept.keys() | found.keys() if kept.get(name) != found.get(name))
    assert not changed, "see scripts/golden.py"
