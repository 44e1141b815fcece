"""Real crime types for the shipped snapshot: groups by year and the total by quarter, out of ``../shared/data/bra``.

The figures are written as SOL's own Databasfil and read by the pipeline, with all its checks. The group of drugs and
weapons was fetched as one and is stored as the composite that it is; what is left of the total without it follows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import row_of
from pipelines.contract import Batch
from pipelines.loading import upsert
from pipelines.run import fetch_rows
from pipelines.sources.bra_sol import PREFIX, BraSol, standard_types, type_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from pipelines.archive import RawArchive
    from pipelines.contract import Document, RunContext

#: Our key of each group of the file.
GROUPS = {
    "total": "totalt",
    "person": "person",
    "theft": "stold",
    "burglary": "inbrott",
    "vandalism": "skadegorelse",
}
TOGETHER, GROUP_TOGETHER = "SOL_NARKOTIKA_VAPEN", "drugs_weapons"
_ORIGIN = "anmälda brott ur Brås statistikdatabas (SOL), hämtade 2026 med ett öppet program"


def load(
    connection: duckdb.DuckDBPyConnection, context: RunContext, archive: RawArchive, folder: Path
) -> None:
    """Load the groups and the quarters, the tree they belong to, and the composite that was fetched as one."""
    source = BraSol()
    documents = []
    for name, text in _files(folder):
        content = text.encode("iso-8859-1")
        request = source.by_hand(name, content, context)
        if request is None:
            raise AssertionError(f"{name}: SOL kan inte läsa filen")
        documents.append(archive.put(source.id, request, content, context.now.replace(microsecond=0)))
    batch = source.parse(documents, context)
    source.validate(batch, context)
    batch.tables["crime_type"] = _tree(set(batch.tables["indicator"]["id"]), documents[0].fetch_id)
    _provenance(connection, source, documents, batch)
    source.load(batch, connection)
    _load_together(connection, folder, documents[0])


def _provenance(
    connection: duckdb.DuckDBPyConnection, source: BraSol, documents: list[Document], batch: Batch
) -> None:
    info = reference.sources()[source.id]
    rows = fetch_rows(source.id, documents, batch).with_columns(
        url=pl.lit(info.base_url), note=pl.col("note") + f"; {_ORIGIN}"
    )
    upsert(connection, "provenance", rows)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the figures as Databasfil texts, one for each set of municipalities with the same years."""
    groups = read_groups(folder).filter(pl.col("group").is_in(list(GROUPS)))
    labels = {group: _label(key) for group, key in GROUPS.items()}
    years_of = groups.group_by("code").agg(pl.col("year").unique().sort().cast(pl.String).str.join(" "))
    for number, (_, part) in enumerate(
        groups.join(years_of, on="code", suffix="s").group_by("years", maintain_order=True)
    ):
        lines = ["Region;Brott;År;Period;Antal;/100 000 inv;"]
        lines += [
            f"{row['municipality']} kommun;{labels[row['group']]};År;{row['year']};{row['count']};{row['per_100k_rounded']};"
            for row in part.sort("code", "group", "year").iter_rows(named=True)
        ]
        yield f"grupper-{number}.txt", "\r\n".join(lines) + "\r\n"
    lines = ["Region;Brott;År;Period;Antal;"]
    lines += [
        f"{row['municipality']} kommun;{_label('totalt')};{row['year']}{' prel.' if row['preliminary'] else ''};"
        f"Kvartal {row['quarter']};{row['count']};"
        for row in read_quarters(folder).iter_rows(named=True)
    ]
    yield "kvartal.txt", "\r\n".join(lines) + "\r\n"


def read_groups(folder: Path) -> pl.DataFrame:
    """Return the file of groups by year: code, municipality, year, group, count, per_100k_rounded."""
    return pl.read_csv(folder / "sol_six_groups.csv", schema_overrides={"code": pl.String})


def read_quarters(folder: Path) -> pl.DataFrame:
    """Return the file of totals by quarter: code, municipality, year, quarter, count, preliminary."""
    return pl.read_csv(folder / "sol_quarterly_total.csv", schema_overrides={"code": pl.String})


def _path(key: str) -> str:
    return next(path for path, row in standard_types().items() if row["key"] == key)


def _label(key: str) -> str:
    """Return what results call a standard type: its path after the nearest type above it."""
    path = _path(key)
    above = max((other for other in standard_types() if path.startswith(f"{other}, ")), key=len, default="")
    return path[len(above) + 2 :] if above else path


def _tree(shipped: set[str], fetch_id: str) -> pl.DataFrame:
    """Return the shipped types with all that lies above them, and the composite as a type of its own."""
    known = {path: type_id(path) for path in standard_types()}
    wanted = [path for path, key in known.items() if key in shipped]
    wanted += [
        path
        for path in known
        if any(other.startswith(f"{path}, ") for other in wanted) and path not in wanted
    ]
    special = next(path for path, row in standard_types().items() if row["key"] == "special")
    rows: list[dict[str, Any]] = [
        _row(path, known, fetch_id, place) for place, path in enumerate(known) if path in {*wanted, special}
    ]
    title = reference.composites()[TOGETHER]["title"]
    rows.append(
        {
            **rows[-1],
            "id": TOGETHER,
            "parent_id": known[special],
            "title_sv": title,
            "path": f"{special}, {title}",
            "level": 1,
            "place": len(known),
        }
    )
    return pl.DataFrame(
        rows, schema_overrides={"valid_from": pl.Int32, "valid_to": pl.Int32, "parent_id": pl.String}
    )


def _row(path: str, known: dict[str, str], fetch_id: str, place: int) -> dict[str, Any]:
    above = sorted((other for other in known if path.startswith(f"{other}, ")), key=len)
    return {
        "id": known[path],
        "parent_id": known[above[-1]] if above else None,
        "title_sv": path[len(above[-1]) + 2 :] if above else path,
        "path": path,
        "level": len(above),
        "valid_from": None,
        "valid_to": None,
        "place": place,
        "monthly": False,
        "fetch_id": fetch_id,
    }


def _load_together(connection: duckdb.DuckDBPyConnection, folder: Path, document: Document) -> None:
    """Store the group that was fetched as one: its counts, and what it is."""
    named = reference.composites()[TOGETHER]
    indicator = {
        "id": TOGETHER,
        "source_id": BraSol.id,
        "source_key": named["plus"],
        "title_sv": named["title"],
        "short_sv": named["short"],
        "category": "brott",
        "kind": "reported",
        "unit": "per_100k",
        "direction": "lower",
        "definition_sv": named["definition"],
        "fetch_id": document.fetch_id,
    }
    upsert(connection, "indicator", pl.DataFrame([indicator]))
    rows = (
        read_groups(folder)
        .filter(group=GROUP_TOGETHER)
        .select(
            pl.lit(TOGETHER).alias("indicator_id"),
            "code",
            period_start=pl.date(pl.col("year"), 1, 1),
            period_kind=pl.lit("year"),
            count="count",
            count_basis=pl.lit("published"),
            rate=pl.col("per_100k_rounded").cast(pl.Float64),
            status=pl.lit("final"),
            fetch_id=pl.lit(document.fetch_id),
        )
    )
    upsert(connection, "observation", rows)


def compare(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    """Compare what was loaded with the files and with each other; return what was compared.

    Raises
    ------
    AssertionError
        Naming the first comparison that fails.
    """
    checks: dict[str, Any] = {}

    def value(sql: str) -> Any:
        row = row_of(connection, sql)
        return row[0] if row else None

    def same(text: str, ours: Any, theirs: Any) -> None:
        if ours != theirs:
            raise AssertionError(f"{text}: {ours} i datalagret, {theirs} i källan")
        checks[text] = ours

    groups = read_groups(folder)
    ids = {group: f"{PREFIX}{key.upper()}" for group, key in GROUPS.items()} | {GROUP_TOGETHER: TOGETHER}
    for group, key in ids.items():
        counted = f"SELECT sum(count)::BIGINT FROM observation WHERE indicator_id = '{key}' AND period_kind = 'year'"
        same(f"Brå: summa {group}", value(counted), int(groups.filter(group=group)["count"].sum()))
    same(
        "Brå: år vars fyra kvartal är årets siffra",
        value("""
            SELECT count(*) FILTER (quarters = year.count) FROM observation AS year JOIN (
                SELECT code, year(period_start) AS y, sum(count) AS quarters FROM observation
                 WHERE indicator_id = 'SOL_TOTALT' AND period_kind = 'quarter' GROUP BY ALL HAVING count(*) = 4
            ) AS q ON q.code = year.code AND q.y = year(year.period_start)
             WHERE indicator_id = 'SOL_TOTALT' AND period_kind = 'year'
        """),
        3_189,
    )
    same(
        "Brå: totaler lika med Koladas antal",
        value("""
            SELECT count(*) FROM observation AS ours JOIN observation AS theirs USING (code, period_start, period_kind, count)
             WHERE ours.indicator_id = 'SOL_TOTALT' AND theirs.indicator_id = 'N07540' AND period_kind = 'year'
        """),
        2_030,
    )
    same(
        "Brå: stölder lika med Koladas antal",
        value("""
            SELECT count(*) FILTER (ours.count <> theirs.count) FROM observation AS ours
              JOIN observation AS theirs USING (code, period_start, period_kind)
             WHERE ours.indicator_id = 'SOL_STOLD' AND theirs.indicator_id = 'U07417' AND year(period_start) BETWEEN 2015 AND 2023
        """),
        0,
    )
    same(
        "Brå: skadegörelse mer än tre från Koladas antal",
        value("""
            SELECT count(*) FILTER (abs(ours.count - theirs.count) > 3) FROM observation AS ours
              JOIN observation AS theirs USING (code, period_start, period_kind)
             WHERE ours.indicator_id = 'SOL_SKADEGORELSE' AND theirs.indicator_id = 'U07452' AND year(period_start) >= 2015
        """),
        10,
    )
    changes = {
        "SOL_NARKOTIKA_VAPEN": 318,
        "SOL_PERSON": 40,
        "SOL_STOLD": -162,
        "SOL_INBROTT": -33,
        "SOL_SKADEGORELSE": -55,
        "SOL_TOTALT": 505,
        "SOL_UTAN_POLISENS": 187,
    }
    for key, change in changes.items():
        same(
            f"Hallsberg 2024–2025: {key}",
            value(
                f"SELECT (max(count) FILTER (year(period_start) = 2025) - max(count) FILTER (year(period_start) = 2024))::BIGINT "
                f"FROM observation WHERE indicator_id = '{key}' AND code = '1861' AND period_kind = 'year'"
            ),
            change,
        )
    return checks
