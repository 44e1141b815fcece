"""The shipped figures: whole, small, without texts, refused when damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from lagesbild.config import SNAPSHOT_FOLDER
from lagesbild.data.warehouse import create_schema
from pipelines import snapshot
from pipelines.contract import SourceError
from pipelines.derive import recover_kolada_counts


@pytest.fixture
def loaded() -> Iterator[duckdb.DuckDBPyConnection]:
    """The shipped snapshot in an empty warehouse."""
    with duckdb.connect() as connection:
        create_schema(connection)
        snapshot.load(connection, SNAPSHOT_FOLDER)
        yield connection


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "snapshot"
    shutil.copytree(SNAPSHOT_FOLDER, folder)
    return folder


def value(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    return connection.execute(sql).fetchall()[0][0]


def test_hallsbergs_counts_and_rates(loaded: duckdb.DuckDBPyConnection) -> None:
    recover_kolada_counts(loaded)
    rows = loaded.execute(
        """
        SELECT year(period_start), round(rate, 2), count, count_basis FROM observation
         WHERE indicator_id = 'N07540' AND code = '1861' AND year(period_start) >= 2022 ORDER BY 1
        """
    ).fetchall()
    assert rows == [
        (2022, 10_416.79, 1692, "recovered"),
        (2023, 9_833.34, 1599, "recovered"),
        (2024, 11_467.61, 1855, "recovered"),
        (2025, 14_657.47, 2360, "recovered"),
    ]


def test_recovered_counts_are_never_contradicted(loaded: duckdb.DuckDBPyConnection) -> None:
    tally = recover_kolada_counts(loaded)
    assert tally["contradicted"] == 0
    assert tally["recovered"] > 20 * tally["approximate"]


def test_there_are_290_municipalities_and_groups_for_all(loaded: duckdb.DuckDBPyConnection) -> None:
    assert value(loaded, "SELECT count(*) FROM municipality") == 290
    assert (
        value(loaded, "SELECT count(DISTINCT home_code) FROM comparison_group WHERE kind = 'kolada'") == 290
    )
    assert value(loaded, "SELECT count(DISTINCT member_code) FROM comparison_group WHERE kind = 'skr'") == 290
    members = loaded.execute(
        """
        SELECT member_code FROM comparison_group
         WHERE home_code = '1861' AND theme = 'övergripande' AND year = 2025 AND member_code <> '1861' ORDER BY 1
        """
    ).fetchall()
    assert [code for (code,) in members] == ["1060", "1435", "1442", "1763", "1862", "1961", "2083"]


def test_hedemora_is_the_same_in_kolada_and_in_bras_indicators(loaded: duckdb.DuckDBPyConnection) -> None:
    kolada, bra = (
        value(
            loaded,
            f"SELECT rate FROM observation WHERE indicator_id = '{name}' AND code = '2083' AND year(period_start) = 2024",
        )
        for name in ("N07540", "BI_TOTALT")
    )
    assert round(float(str(kolada)), 2) == 9710.70
    assert round(float(str(bra))) == 9711


def test_every_row_points_at_a_source_with_date_and_licence(loaded: duckdb.DuckDBPyConnection) -> None:
    for table in snapshot.TABLES:
        orphans = f"SELECT count(*) FROM {table} WHERE fetch_id NOT IN (SELECT fetch_id FROM provenance)"
        assert value(loaded, orphans) == 0, table
    assert value(loaded, "SELECT count(*) FROM provenance WHERE licence = '' OR NOT shipped") == 0
    assert value(loaded, "SELECT count(*) FROM provenance WHERE url NOT LIKE 'https://%'") == 0


def test_notices_are_counts_without_ids_texts_or_addresses(loaded: duckdb.DuckDBPyConnection) -> None:
    assert value(loaded, "SELECT count(*) FROM police_event") == 0
    assert value(loaded, "SELECT sum(notices) FROM police_month") == 77_974 - 211  # told of under several ids
    assert value(loaded, "SELECT sum(notices) FROM police_month WHERE kind = 'summary'") == 13_193
    columns = pl.read_parquet(SNAPSHOT_FOLDER / "police_home.parquet").columns
    assert columns == ["code", "day", "hour", "kind", "category", "locality", "fetch_id"]


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in SNAPSHOT_FOLDER.iterdir()) < 3_000_000


def test_the_manifest_says_what_was_compared() -> None:
    checks = json.loads((SNAPSHOT_FOLDER / snapshot.MANIFEST).read_text("utf-8"))["checks"]
    assert checks["Hallsberg 2025: anmälda brott"] == 2360
    assert checks["SKR: skillnader mot SKR:s egen lista"] == 0


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda f: (f / "observation.parquet").unlink(), "observation.parquet saknas"),
        (
            lambda f: (f / "observation.parquet").write_bytes(b"PAR1"),
            "observation.parquet saknas eller är inte den fil",
        ),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json kan inte läsas"),
        (lambda f: (f / "manifest.json").write_text("{"), "manifest.json kan inte läsas"),
        (
            lambda f: (f / "manifest.json").write_text('{"tables": {"signal": {"rows": 1, "sha256": ""}}}'),
            "okänd tabell i manifestet: signal",
        ),
    ],
)
def test_a_damaged_snapshot_is_refused(damage: object, told: str, copied: Path) -> None:
    assert callable(damage)
    damage(copied)
    with duckdb.connect() as connection:
        create_schema(connection)
        with pytest.raises(SourceError, match=told):
            snapshot.load(connection, copied)


def test_export_and_load_give_back_the_same(loaded: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    snapshot.export(loaded, "1861", {"prov": 1}, tmp_path)
    with duckdb.connect() as again:
        create_schema(again)
        snapshot.load(again, tmp_path)
        for table in (
            "municipality",
            "population",
            "observation",
            "comparison_group",
            "indicator",
        ):
            both = [c.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for c in (loaded, again)]
            assert both[0] == both[1], table
        days = "SELECT day, collected, fetch_id FROM notice_day ORDER BY day"
        assert again.execute(days).fetchall() == loaded.execute(days).fetchall()
