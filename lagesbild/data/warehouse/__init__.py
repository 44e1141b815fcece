"""The DuckDB warehouse: read-only access to the current vintage, and queries over it."""

from lagesbild.data.warehouse.access import (
    SCHEMA_VERSION,
    DamagedError,
    Horizon,
    LockedError,
    Warehouse,
    WarehouseError,
    create_schema,
    current_vintage,
    frame_of,
    opened,
    row_of,
)

__all__ = [
    "SCHEMA_VERSION",
    "DamagedError",
    "Horizon",
    "LockedError",
    "Warehouse",
    "WarehouseError",
    "create_schema",
    "current_vintage",
    "frame_of",
    "opened",
    "row_of",
]
