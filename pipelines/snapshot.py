"""The shipped snapshot: figures (no texts) that make a first run without internet true and useful.

``export`` writes it from a warehouse; ``load`` reads it into an empty one. Each table is a Parquet
file; ``provenance.parquet`` gives source, date and licence of every row; ``manifest.json`` counts rows
and names what was checked when it was made.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import polars as pl

from lagesbild.data.warehouse import frame_of
from pipelines.contract import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_ID = "snapshot"
MANIFEST = "manifest.json"

#: What is shipped, as queries over a warehouse. Police notices leave as counts, and for the home
#: municipality as (day, hour, category, locality): no id, no text, no address.
TABLES = {
    "municipality": "SELECT * FROM municipality ORDER BY code",
    "population": "SELECT * FROM population WHERE basis = 'published' ORDER BY code, year, kind",
    "covariate": "SELECT * FROM covariate ORDER BY ALL",
    "indicator": "SELECT * FROM indicator ORDER BY id",
    "observation": "SELECT * FROM observation ORDER BY indicator_id, code, period_start",
    "crime_type": "SELECT * FROM crime_type ORDER BY place, id",
    "comparison_group": "SELECT * FROM comparison_group ORDER BY group_id, member_code",
    "police_month": """
        SELECT code, county_code, CAST(date_trunc('month', timezone('Europe/Stockholm', occurred_at)) AS DATE) AS month,
               kind, category, count(*) AS notices, max(fetch_id) AS fetch_id
          FROM police_event WHERE same_as IS NULL GROUP BY ALL ORDER BY ALL
    """,
    "police_home": """
        SELECT code, CAST(timezone('Europe/Stockholm', occurred_at) AS DATE) AS day,
               CAST(hour(timezone('Europe/Stockholm', occurred_at)) AS INTEGER) AS hour,
               kind, category, locality, fetch_id
          FROM police_event WHERE code = $home AND same_as IS NULL ORDER BY ALL
    """,
    "notice_day": "SELECT * FROM notice_day ORDER BY day",
}


def export(
    connection: duckdb.DuckDBPyConnection, home_code: str, checks: dict[str, Any], folder: Path
) -> None:
    """Write the snapshot of an open warehouse into ``folder``.

    Parameters
    ----------
    home_code
        The municipality whose notices are shipped one by one.
    checks
        What was compared with the sources, for the manifest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    used: set[str] = set()
    tables: dict[str, Any] = {}
    for name, query in TABLES.items():
        frame = frame_of(connection, query, {"home": home_code} if "$home" in query else {})
        used |= set(frame["fetch_id"].to_list())
        tables[name] = _write(folder, name, frame)
    origins = frame_of(connection, "SELECT * FROM provenance ORDER BY source_id, fetched_at, fetch_id")
    tables["provenance"] = _write(folder, "provenance", origins.filter(pl.col("fetch_id").is_in(list(used))))
    through = frame_of(connection, "SELECT max(published_at) AS newest FROM police_event")["newest"][0]
    manifest = {
        "home_municipality": home_code,
        "notices_through": through.isoformat() if through else None,
        "tables": tables,
        "checks": checks,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _write(folder: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    frame.write_parquet(path, compression="zstd", compression_level=19)
    return {"rows": frame.height, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def load(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Fill the empty tables of a new warehouse from the snapshot.

    Raises
    ------
    SourceError
        If a file is missing or is not the one that the manifest describes.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        tables = {name: (entry["rows"], entry["sha256"]) for name, entry in manifest["tables"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(_ID, f"{folder / MANIFEST} kan inte läsas ({type(error).__name__})") from error
    for name, (rows, digest) in tables.items():
        path = folder / f"{name}.parquet"
        if name not in {*TABLES, "provenance"}:
            raise SourceError(_ID, f"okänd tabell i manifestet: {name}")
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise SourceError(_ID, f"{path.name} saknas eller är inte den fil som manifestet beskriver")
        frame = pl.read_parquet(path)
        if frame.height != rows:
            raise SourceError(_ID, f"{path.name} har {frame.height} rader, väntade {rows}")
        connection.register("shipped", frame.to_arrow())
        columns = ", ".join(frame.columns)
        connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM shipped")
        connection.unregister("shipped")
    connection.execute("UPDATE provenance SET shipped = true")
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES ('notices_shipped_through', ?)",
        [manifest.get("notices_through") or ""],
    )
