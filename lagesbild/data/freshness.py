"""How fresh the figures of each source are: from the warehouse and the log of runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from lagesbild.data.collected import calendar_of
from lagesbild.data.state import Ended, latest_runs

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from lagesbild.data.warehouse import Warehouse

#: Where a published vintage keeps what it has of each source: to count ten million rows takes every page a while.
COUNTED = "sources"
#: Each table is counted by itself first: millions of rows put together row by row take ten times as long.
_SQL = """
WITH counted AS (
    SELECT fetch_id, code, count(*) AS rows, year(min(period_start)) AS first_year, year(max(period_start)) AS last_year
      FROM observation GROUP BY ALL
    UNION ALL SELECT fetch_id, code, count(*), min(year), max(year) FROM population WHERE basis = 'published' GROUP BY ALL
    UNION ALL SELECT fetch_id, code, count(*), min(year), max(year) FROM covariate GROUP BY ALL
    UNION ALL SELECT fetch_id, municipality_code, count(*), min(year), max(year) FROM locality GROUP BY ALL
    UNION ALL SELECT fetch_id, code, count(*), year(min(published_at)), year(max(published_at)) FROM police_event
               WHERE same_as IS NULL GROUP BY ALL
    UNION ALL SELECT fetch_id, code, count(*), year(min(month)), year(max(month)) FROM police_month GROUP BY ALL
)
SELECT source_id, CAST(sum(counted.rows) AS BIGINT) AS rows, min(first_year) AS first_year, max(last_year) AS last_year,
       count(DISTINCT municipality.code) AS municipalities,
       CAST(max(fetched_at) AS DATE) AS data_date, arg_max(shipped, fetched_at) AS shipped
  FROM counted JOIN provenance USING (fetch_id) LEFT JOIN municipality USING (code) GROUP BY source_id
"""


@dataclass(frozen=True, kw_only=True)
class SourceFreshness:
    """One source: stored rows, the date its figures were fetched, and the latest attempt.

    ``shipped``: the newest figures came with the program; ``data_date`` is then the day they were
    compiled from copies of the source. ``municipalities``: how many have at least one figure.
    """

    source_id: str
    title: str
    rows: int
    data_date: date | None
    shipped: bool
    coverage: str | None
    municipalities: int
    outcome: Ended | None
    message: str
    attempted_at: str | None

    @property
    def state_sv(self) -> str:
        """The state in a few Swedish words."""
        if self.outcome is not None and not self.outcome.well:
            word = "kunde inte läsas" if self.outcome is Ended.FAILED else "kunde inte nås"
            which = "medföljande" if self.shipped else "äldre"
            kept = f"; {which} uppgifter visas" if self.rows else ""
            return f"{word} {str(self.attempted_at)[:10]}{kept}"
        if self.rows == 0:
            return "inte hämtad"
        return "hämtad" if self.outcome is Ended.OK else "medföljande uppgifter"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            **asdict(self),
            "data_date": self.data_date.isoformat() if self.data_date else None,
            "state": self.state_sv,
        }


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def counted(connection: duckdb.DuckDBPyConnection) -> str:
    """Count what there is of each source, as a vintage keeps it (`COUNTED`): JSON."""
    found = connection.execute(_SQL)
    names = [column[0] for column in found.description]
    return json.dumps([dict(zip(names, row, strict=True)) for row in found.fetchall()], default=str)


def _counts(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """Return what there is of each source: as it was counted when the vintage was published, or counted now."""
    kept = warehouse.meta(COUNTED)
    if not kept:  # a vintage of an older version
        return {row["source_id"]: row for row in warehouse.frame(_SQL).iter_rows(named=True)}
    return {
        row["source_id"]: row | {"data_date": date.fromisoformat(row["data_date"])}
        for row in json.loads(kept)
    }


def of_sources(warehouse: Warehouse, state_file: Path | None) -> list[SourceFreshness]:
    """Return the freshness of every known source, in the order of ``sources.toml``.

    Without a state file the latest attempts are unknown.

    Raises
    ------
    StateError
        If the state file cannot be read.
    """
    stored = _counts(warehouse)
    runs = latest_runs(state_file) if state_file else {}
    holes = ", med luckor" if calendar_of(warehouse).missing else ""
    found = []
    for info in reference.sources().values():
        row, run = stored.get(info.id), runs.get(info.id)
        found.append(
            SourceFreshness(
                source_id=info.id,
                title=info.title,
                rows=row["rows"] if row else 0,
                data_date=row["data_date"] if row else None,
                shipped=bool(row and row["shipped"]),
                coverage=_years(row["first_year"], row["last_year"]) + (holes if info.id == "polisen" else "")
                if row
                else None,
                municipalities=row["municipalities"] if row else 0,
                outcome=run.outcome if run else None,
                message=run.message if run else "",
                attempted_at=run.finished_at.isoformat() if run else None,
            )
        )
    return found
