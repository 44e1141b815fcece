"""A page of one part, for a person of some roles: what the real pages do when somebody has logged in."""

from __future__ import annotations

import os
from datetime import date
from importlib import import_module

from lagesbild.signals.access import Person, Role
from lagesbild.signals.store import SignalStore
from pages.parts import markup, stored
from pages.parts.who import Here

markup.apply_style()
_warehouse = stored.warehouse()
_roles = frozenset(Role(role) for role in os.environ.get("PROVROLLER", "coordinator").split())
import_module(f"pages.parts.{os.environ['PROVSIDA']}").shown(
    Here(
        store=SignalStore(stored.settings().local_file),
        warehouse=_warehouse,
        home="1861",
        name="Hallsberg",
        person=Person(id="1", name="anna", roles=_roles),
        today=date(2026, 11, 24),
    )
)
