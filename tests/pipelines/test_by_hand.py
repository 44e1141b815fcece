"""Files that somebody has fetched by hand are read as if they had been fetched."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from pipelines.by_hand import folder_of
from pipelines.policy import Policy
from pipelines.run import SourceOutcome, ingest
from tests import world
from tests.conftest import Silent, set_policy
from tests.sol_plain import sol
from tests.sources.bra_server import BraRoutes
from tests.sources.sol_server import SolStandIn

Start = Callable[..., Settings]
NOBODY = "http://127.0.0.1:9"


def put(settings: Settings, source_id: str, name: str, content: bytes) -> Path:
    folder = folder_of(settings, source_id)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (1_780_000_000, 1_780_000_000))
    return path


def run(settings: Settings, source_id: str) -> SourceOutcome:
    (outcome,) = ingest(settings, Silent(), [source_id])
    return outcome


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        return warehouse.frame(sql).rows()


YEARS = "SELECT DISTINCT year(period_start)::INTEGER FROM observation WHERE indicator_id = 'BO_TOTALT' ORDER BY ALL"


def test_yearly_files_in_the_folder_are_added_to_what_the_page_links(quick: Policy, served: Start) -> None:
    settings = served(bra_open_data=BraRoutes(csv_files={2025: world.bra_csv(2025)}))
    put(settings, "bra_open_data", "Anmälda brott kommunerna 2023.csv", world.bra_csv(2023))
    outcome = run(settings, "bra_open_data")
    assert outcome.outcome == "ok", outcome.message
    assert "1 filer ur manual/bra_open_data lästa" in outcome.message
    assert rows(settings, YEARS) == [(2023,), (2025,)]


def test_a_file_keeps_its_own_provenance(quick: Policy, served: Start) -> None:
    settings = served(bra_open_data=BraRoutes(csv_files={2025: world.bra_csv(2025)}))
    put(settings, "bra_open_data", "2023.csv", world.bra_csv(2023))
    run(settings, "bra_open_data")
    found = rows(settings, "SELECT url, fetched_at FROM provenance WHERE url LIKE 'file:%'")
    assert found == [("file:manual/bra_open_data/2023.csv", datetime.fromtimestamp(1_780_000_000, UTC))]


def test_when_the_page_cannot_be_reached_the_files_are_read_and_it_is_said(settings: Settings) -> None:
    settings = replace(settings, base_urls={"bra_indicators": NOBODY})
    put(
        settings,
        "bra_indicators",
        f"{world.municipalities()[world.HOME]}.xlsx",
        world.workbooks()[world.municipalities()[world.HOME]],
    )
    outcome = run(settings, "bra_indicators")
    assert outcome.outcome == "ok", outcome.message
    assert "1 filer ur manual/bra_indicators lästa; kunde inte hämtas: " in outcome.message
    found = rows(
        settings,
        f"SELECT count(*) FROM observation JOIN indicator ON id = indicator_id "
        f"WHERE source_id = 'bra_indicators' AND code = '{world.HOME}'",
    )
    assert found[0][0]


def test_without_files_a_source_that_cannot_be_reached_is_unreachable_as_ever(settings: Settings) -> None:
    assert (
        run(replace(settings, base_urls={"bra_indicators": NOBODY}), "bra_indicators").outcome
        == "unreachable"
    )


def test_what_has_been_fetched_goes_before_a_file_about_the_same(quick: Policy, served: Start) -> None:
    settings = served(bra_open_data=BraRoutes(csv_files={2025: world.bra_csv(2025)}))
    put(settings, "bra_open_data", "2025.csv", world.bra_csv(2024))
    run(settings, "bra_open_data")
    (found,) = rows(
        settings, f"SELECT count FROM observation WHERE indicator_id = 'BO_TOTALT' AND code = '{world.HOME}'"
    )
    assert found == (world.crimes("N07540", 0.1)[world.HOME, 2025],)


@pytest.mark.parametrize(
    ("source_id", "name", "content"),
    [
        ("bra_open_data", "anteckningar.docx", b"x"),
        ("bra_open_data", "utan år.csv", b"Kommun;Antal"),
        ("bra_indicators", "Ingenstans.xlsx", b"x"),
        ("bra_sol", "Databasfil.txt", b"<html>Fel</html>"),
        (
            "bra_sol",
            "Databasfil.txt",
            "Region;Brott;År;Period;Antal;\nMånen;Ketteri;År;2025;3;\n".encode("latin-1"),
        ),
        ("kolada", "svar.json", b"{}"),
    ],
)
def test_a_file_that_is_not_understood_is_named_and_stops_nothing(
    quick: Policy, served: Start, source_id: str, name: str, content: bytes
) -> None:
    settings = served()
    put(settings, source_id, name, content)
    outcome = run(settings, source_id)
    assert outcome.outcome == "ok", outcome.message
    assert f"ur manual/{source_id} lästes inte: {name} (" in outcome.message


def test_a_result_saved_from_sol_is_read_for_what_it_says_it_holds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Policy(min_interval=0, backoff=0.01, attempts=1, read_timeout=2)
    set_policy(monkeypatch, policy, "bra_sol")
    home, other = (f"{world.municipalities()[code]} kommun" for code in (world.HOME, "0101"))
    lines = ["Region;Brott;År;Period;Antal;/100 000 inv"]
    for area in (home, other):
        for year in (2023, 2024):
            lines += [
                f"{area};Brott mot brottsbalken;År;{year};..;..;",
                f"{area};12 kap. Skadegörelsebrott;År;{year};1 {year % 100}0;700;",
                f"{area};Misshandel inkl. grov (5, 6 §);År;{year};{year % 100};60;",
            ]
    put(settings, "bra_sol", "Databasfil.txt", ("\r\n".join(lines) + "\r\n").encode("latin-1"))
    outcome = run(replace(settings, base_urls={"bra_sol": NOBODY}), "bra_sol")
    assert outcome.outcome == "ok", outcome.message
    found = rows(
        settings,
        "SELECT indicator_id, code, period_start, count, rate FROM observation "
        "WHERE starts_with(indicator_id, 'SOL_') ORDER BY ALL",
    )
    assert len(found) == 8
    assert ("SOL_SKADEGORELSE", world.HOME, date(2024, 1, 1), 1240, 700.0) in found
    assert ("SOL_MISSHANDEL", "0101", date(2023, 1, 1), 23, 60.0) in found


def test_a_file_of_months_from_sol_joins_the_yearly_types(settings: Settings) -> None:
    home = f"{world.municipalities()[world.HOME]} kommun"
    text = (
        "Region;Brott;År;Period;Antal;\r\n"
        + f"{home};Vapenlagen;2026 prel.;Aug;4;\r\n"
        + f"{home};Vapenlagen;2026 prel.;Kvartal 1;9;\r\n"
    )
    put(settings, "bra_sol", "manader.txt", text.encode("latin-1"))
    outcome = run(replace(settings, base_urls={"bra_sol": NOBODY}), "bra_sol")
    assert outcome.outcome == "ok", outcome.message
    found = rows(
        settings,
        "SELECT indicator_id, period_kind, period_start, count, status FROM observation "
        "WHERE starts_with(indicator_id, 'SOL_') ORDER BY ALL",
    )
    assert found == [
        ("SOL_VAPEN", "month", date(2026, 8, 1), 4, "preliminary"),
        ("SOL_VAPEN", "quarter", date(2026, 1, 1), 9, "preliminary"),
    ]


def test_files_and_fetched_figures_of_sol_stand_side_by_side(settings: Settings) -> None:
    home = f"{world.municipalities()[world.HOME]} kommun"
    put(
        settings,
        "bra_sol",
        "1997.txt",
        f"Region;Brott;År;Period;Antal;\r\n{home};Alkohollagen;År;1997;3;\r\n".encode("latin-1"),
    )
    served = sol(range(2025, 2026), range(2026, 2027))
    served.tables[90].months_until = 1
    with SolStandIn(served) as stand_in:
        outcome = run(replace(settings, base_urls={"bra_sol": stand_in.url}), "bra_sol")
    assert outcome.outcome == "ok", outcome.message
    assert "1997.txt (filen har inga brottstyper och kommuner som vi känner)" in outcome.message
