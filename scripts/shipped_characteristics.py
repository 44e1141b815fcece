"""Characteristics of municipalities for the shipped snapshot, out of the figures in ``../shared/data/scb``.

Kolada's own characteristics take their place as soon as they have been fetched (see
``data/reference/characteristics.csv``).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lagesbild.data import reference
from pipelines.loading import upsert

if TYPE_CHECKING:
    import duckdb

#: Our name of each share in the file by education and age.
_SHARES = {
    "share0_19": "andel_0_19",
    "share75_": "andel_75_plus",
    "share_elementary_school": "grundskola_andel",
    "share_tertiary_school": "eftergymnasial_andel",
}
_UNEMPLOYED = "arbetslosa_per_100"
#: The file's 2022 is 1 January, that is, the end of 2021: its sum is the country's 10 452 326 of 31 December 2021.
_FILE_YEAR, _YEAR_END = 2022, 2021
_MONTHS = 12


def load(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Store the characteristics with their provenance; return how many values there are of each.

    Raises
    ------
    ValueError
        If a municipality is missing or a month has no figure.
    """
    names = dict(connection.execute("SELECT name, code FROM municipality").fetchall())
    shares_file = folder / "municipality_population_age_education.csv"
    shares = pl.read_csv(shares_file, schema_overrides={"municip_code": pl.String}).filter(year=_FILE_YEAR)
    if set(shares["municip_code"]) != set(names.values()):
        raise ValueError(f"{shares_file.name}: inte de 290 kommunerna")
    unemployed_file = folder / "unemployed_monthly.parquet"
    unemployed = _unemployed(unemployed_file, names, dict(shares.select("municip_code", "pop").iter_rows()))
    long = shares.select(code="municip_code", **{new: pl.col(old) * 100 for old, new in _SHARES.items()})
    parts = [
        (
            "scb",
            shares_file,
            "1 januari 2022; ur SCB genom en öppen forskningsfil",
            long.unpivot(index="code", variable_name="name").with_columns(year=_YEAR_END),
        ),
        (
            "arbetsformedlingen",
            unemployed_file,
            "medel av 2022 års månader; genom en öppen kurssamling",
            unemployed,
        ),
    ]
    tally: dict[str, int] = {}
    for source_id, file, note, rows in parts:
        fetch_id = _provenance(connection, source_id, file, note, rows.height)
        upsert(connection, "covariate", rows.with_columns(fetch_id=pl.lit(fetch_id)))
        tally |= dict(rows.group_by("name").len().iter_rows())
    return tally


def _unemployed(file: Path, names: dict[str, str], people: dict[str, int]) -> pl.DataFrame:
    """Return the mean of the year's months per 100 inhabitants; a withheld month is no figure."""
    months = pl.read_parquet(file).filter(
        pl.col("month").str.starts_with(str(_FILE_YEAR)) & pl.col("municipality").is_in(list(names))
    )
    found = months.group_by("municipality").agg(
        persons=pl.col("unemployed").cast(pl.Float64, strict=False).mean(), months=pl.col("unemployed").len()
    )
    if found.height != len(names) or (found["months"] != _MONTHS).any() or found["persons"].null_count():
        raise ValueError(f"{file.name}: inte tolv månader för var och en av de 290 kommunerna")
    codes = found["municipality"].replace_strict(names)
    return pl.DataFrame(
        {
            "code": codes,
            "name": _UNEMPLOYED,
            "value": found["persons"] / codes.replace_strict(people) * 100,
            "year": _FILE_YEAR,
        }
    )


def _provenance(
    connection: duckdb.DuckDBPyConnection, source_id: str, file: Path, note: str, rows: int
) -> str:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    info = reference.sources()[source_id]
    row = {
        "fetch_id": f"{source_id}-{digest[:16]}",
        "source_id": source_id,
        "url": info.page,
        "fetched_at": datetime.now(UTC).replace(microsecond=0),
        "sha256": digest,
        "bytes": len(content),
        "rows": rows,
        "licence": info.licence,
        "note": note,
    }
    upsert(connection, "provenance", pl.DataFrame([row]))
    return str(row["fetch_id"])
