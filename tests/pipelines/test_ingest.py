"""One ingest over all sources: what is loaded, what a broken source does, and what a kill does."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from lagesbild.cli.main import main
from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data import reference
from lagesbild.data.state import connect, latest_runs
from lagesbild.data.warehouse import Warehouse, current_vintage
from pipelines import publish
from pipelines.archive import RawArchive
from pipelines.contract import Request
from pipelines.loading import LoadCount
from pipelines.policy import Policy
from pipelines.publish import BusyError, single_writer
from pipelines.registry import SOURCES
from pipelines.run import ingest, prepare
from tests import world
from tests.conftest import Silent
from tests.pipelines.ingesting import Start, cli, contents, environment, run, writable
from tests.sol_plain import sol
from tests.sources.polisen_server import PolisenRoutes
from tests.sources.server import StandIn
from tests.sources.sol_server import SolRoutes


@pytest.mark.answers
def test_one_ingest_of_all_six_has_what_each_promises(quick: Policy, served: Start, tmp_path: Path) -> None:
    """As on the first day on a connected machine, against stand-ins that refuse what the real services refuse."""
    crimes = sol(range(2025, 2026), range(2014, 2027), all_monthly=True)
    crimes.tables[90].months_since, crimes.tables[90].months_until = 2026, 6
    settings = replace(
        served(bra_sol=SolRoutes(crimes), bra_indicators=world.bra()), home=tmp_path / "first day"
    )
    outcomes = run(settings)
    assert {source: o.outcome for source, o in outcomes.items()} == dict.fromkeys(SOURCES, "ok"), outcomes
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        covered = dict(
            warehouse.frame(
                "SELECT source_id, count(DISTINCT code)::INTEGER FROM observation JOIN indicator ON id = indicator_id "
                "WHERE code NOT LIKE '00%' GROUP BY ALL UNION ALL SELECT 'scb', count(DISTINCT code) FROM population "
                "WHERE code NOT LIKE '00%'"
            ).iter_rows()
        )
        pinned = warehouse.frame(
            "SELECT source_key FROM indicator WHERE id IN ('N07540', 'N07403') ORDER BY ALL"
        )
        last = warehouse.frame("SELECT max(year) AS year FROM population WHERE kind = 'year_end'")
        survey = warehouse.frame(
            "SELECT count(DISTINCT indicator_id) AS n FROM observation WHERE indicator_id LIKE 'NTU_%'"
        )
        kinds = dict(
            warehouse.frame(
                "SELECT period_kind, count(DISTINCT indicator_id)::INTEGER FROM observation "
                "WHERE starts_with(indicator_id, 'SOL_') GROUP BY ALL"
            ).iter_rows()
        )
        quarters = warehouse.frame(
            "SELECT min(period_start) AS first, max(period_start) AS last FROM observation WHERE period_kind = 'quarter'"
        ).row(0)
    assert covered == dict.fromkeys(set(SOURCES) - {"polisen"}, 290)
    assert pinned["source_key"].to_list() == ["N07403", "N07540"]
    assert last["year"].to_list() == [2025]
    assert survey["n"][0] == sum(
        row["id"].startswith("NTU_") for row in reference.read_csv("bra_indicators.csv")
    )
    made = len(reference.composites())  # by us, of the types that are served
    assert kinds == {"year": 55 + made, "month": 28 + made, "quarter": 1}
    assert quarters == (date(2014, 1, 1), date(2026, 4, 1))


def test_every_source_is_loaded_and_every_row_has_a_source(quick: Policy, served: Start) -> None:
    settings = served()
    outcomes = run(settings)
    assert {o.outcome for o in outcomes.values()} == {"ok"}, [o.message for o in outcomes.values()]
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        for table in (
            "municipality",
            "population",
            "indicator",
            "observation",
            "comparison_group",
            "police_event",
            "locality",
        ):
            orphans = warehouse.frame(
                f"SELECT * FROM {table} WHERE fetch_id NOT IN (SELECT fetch_id FROM provenance)"
            )
            assert orphans.is_empty(), table
        assert (
            warehouse.frame(
                "SELECT count(*) AS n FROM observation WHERE status = 'suppressed' AND indicator_id = 'N07537'"
            )["n"][0]
            == 1
        )
        assert warehouse.frame(
            "SELECT * FROM observation WHERE status NOT IN ('final', 'preliminary') AND (rate IS NOT NULL OR count IS NOT NULL)"
        ).is_empty()


def test_the_second_ingest_finds_nothing_new_and_makes_no_new_vintage(quick: Policy, served: Start) -> None:
    settings = served()
    run(settings)
    before, vintage = contents(settings), current_vintage(settings.warehouse_folder)
    outcomes = run(settings)
    assert all((o.count.new, o.count.changed) == (0, 0) for o in outcomes.values())
    assert contents(settings) == before
    assert current_vintage(settings.warehouse_folder) == vintage


def test_a_source_that_was_just_read_is_not_asked_again_when_only_stale_ones_are_wanted(
    quick: Policy, served: Start
) -> None:
    settings = served()
    run(settings)
    again = ingest(settings, Silent(), only_stale=True)
    assert {outcome.outcome for outcome in again} == {"fresh"}


def test_counts_behind_rates_are_recovered_exactly(quick: Policy, served: Start) -> None:
    settings = served()
    run(settings, "kolada", "scb")
    truth = world.crimes("N07540", 0.1)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        found = warehouse.frame(
            "SELECT code, year(period_start) AS year, count, count_basis FROM observation WHERE indicator_id = 'N07540' AND code <> '0000'"
        )
    assert found.height == len(truth)
    assert set(found["count_basis"]) == {"recovered"}
    assert {(c, y): n for c, y, n in found.select("code", "year", "count").iter_rows()} == truth


def test_the_command_ends_with_one_when_a_source_failed(served: Start) -> None:
    settings = served()
    done = cli(settings, "ingest", "scb", "kolada", "--base-url", "kolada=http://127.0.0.1:9")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("kolada: ") and "nås" in line]
    assert len(lines) == 1
    assert "Traceback" not in done.stdout + done.stderr


def test_a_second_ingest_at_the_same_time_is_refused(settings: Settings) -> None:
    with single_writer(settings):
        done = cli(settings, "ingest")
    assert done.returncode == 1
    assert "pågår redan" in done.stderr


def test_killed_at_any_moment_the_warehouse_opens_and_the_next_run_completes_it(
    quick: Policy, served: Start, tmp_path: Path
) -> None:
    settings = served()
    whole = replace(settings, home=tmp_path / "undisturbed")
    run(whole, "kolada", "scb", "polisen")
    with single_writer(settings):
        prepare(settings)
    rng = random.Random(11)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-m", "lagesbild.cli", "ingest", "kolada", "scb", "polisen"],
            cwd=ROOT,
            env=environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(rng.uniform(0.3, 3.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            assert warehouse.frame("SELECT count(*) AS n FROM municipality")["n"][0] == 290
    assert run(settings, "kolada", "scb", "polisen")["polisen"].outcome == "ok"
    assert contents(settings) == contents(whole)
    assert not list(settings.warehouse_folder.glob("build-*"))


@pytest.mark.parametrize("step", ["copyfile", "rename", "symlink_to", "replace", "_flush"])
def test_killed_in_the_middle_of_the_swap_the_last_good_data_stand(
    step: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with single_writer(settings):
        prepare(settings)
    before = current_vintage(settings.warehouse_folder)
    child = os.fork()
    if child == 0:  # the child dies just before or just after one step of the swap
        try:
            target = {"copyfile": shutil, "_flush": publish}.get(step, Path)
            original = getattr(target, step)

            def die(*arguments: object, **named: object) -> None:
                original(*arguments, **named)
                os.kill(os.getpid(), signal.SIGKILL)

            monkeypatch.setattr(target, step, die)
            with single_writer(settings), publish.next_vintage(settings) as connection:
                connection.execute("DELETE FROM covariate")
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.frame("SELECT count(*) AS n FROM municipality")["n"][0] == 290
    if step != "replace":
        assert current_vintage(settings.warehouse_folder) == before
    with single_writer(settings), publish.next_vintage(settings):
        pass
    assert not list(settings.warehouse_folder.glob("build-*"))


def test_readers_keep_their_vintage_while_a_new_one_is_swapped_in(quick: Policy, served: Start) -> None:
    settings = served()
    with single_writer(settings):
        prepare(settings)
    with (
        Warehouse.current(settings.warehouse_folder) as one,
        Warehouse.current(settings.warehouse_folder) as other,
    ):
        old = one.vintage
        assert run(settings, "scb")["scb"].outcome == "ok"
        assert one.vintage == other.vintage == old
        assert one.frame("SELECT count(*) AS n FROM municipality")["n"][0] == 290
        with Warehouse.current(settings.warehouse_folder) as fresh:
            assert fresh.vintage != old


def test_only_the_last_vintages_are_kept(settings: Settings) -> None:
    few = replace(settings, vintages_kept=3)
    with single_writer(few):
        prepare(few)
        for _ in range(5):
            with publish.next_vintage(few):
                pass
    kept = [path for path in few.warehouse_folder.glob("*.duckdb") if not path.is_symlink()]
    assert len(kept) == 3
    assert current_vintage(few.warehouse_folder) in kept


def test_another_schema_version_is_rebuilt_from_the_snapshot_and_the_archive(
    quick: Policy, served: Start
) -> None:
    settings = served()
    run(settings)
    before = contents(settings)
    with duckdb.connect(str(writable(settings))) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    unreachable = replace(settings, base_urls=dict.fromkeys(SOURCES, "http://127.0.0.1:9"))
    run(unreachable)
    assert contents(settings) == before


def test_a_killed_fetch_is_taken_up_where_it_stopped(quick: Policy, served: Start) -> None:
    settings = served()
    sound = world.kolada()
    answered = 0

    def breaks(
        method: str, path: str, query: dict[str, str], body: object
    ) -> tuple[int, dict[str, str], bytes]:
        nonlocal answered
        answered += 1
        return (503, {}, b"") if answered > 6 else sound(method, path, query, body)

    with StandIn(breaks) as server:
        cut = replace(settings, base_urls={"kolada": server.url})
        assert run(cut, "kolada")["kolada"].outcome == "unreachable"
        asked = {(c.path, c.query.get("title")) for c in server.calls[:6]}
        server.routes = sound
        server.calls.clear()
        assert run(cut, "kolada")["kolada"].outcome == "ok"
        again = {(c.path, c.query.get("title")) for c in server.calls}
    assert not asked & again


def test_an_expired_notice_text_is_gone_from_the_disk_but_its_place_is_not(
    quick: Policy, settings: Settings
) -> None:
    old = world.notice(
        1,
        datetime(2026, 1, 14, 8, 9, 54, tzinfo=UTC),
        "Trafikolycka",
        "Hallsberg",
        summary="En man i 40-årsåldern körde av vägen vid Pålsboda.",
    )
    routes = PolisenRoutes([old, *world.notices(20)])
    with StandIn(routes) as server:
        run(replace(settings, base_urls={"polisen": server.url}), "polisen")
    with single_writer(settings):
        from lagesbild.data.state import now
        from pipelines.archive import RawArchive
        from pipelines.sources.polisen import redact

        RawArchive(settings).expire_texts("polisen", now(), redact)
    documents = RawArchive(settings).of_source("polisen")
    assert documents
    text = b"".join(document.content for document in documents)
    assert b"40-" not in text
    assert "pålsboda".encode() in text
    assert "Påhittad".encode() not in text


def test_outcomes_are_remembered_for_the_dashboard(quick: Policy, served: Start) -> None:
    settings = served()
    run(settings, "scb")
    run(replace(settings, base_urls={"scb": "http://127.0.0.1:9"}), "scb")
    found = latest_runs(settings.state_file)["scb"]
    assert found.outcome == "unreachable"
    assert found.last_success_at is not None
    assert LoadCount(1, 0, 2) + LoadCount(0, 1, 0) == LoadCount(1, 1, 2)


def test_an_ingest_while_another_holds_the_lock_raises(settings: Settings) -> None:
    with single_writer(settings), pytest.raises(BusyError):
        ingest(settings, Silent())


def test_when_the_current_vintage_is_damaged_the_one_before_stands_in(settings: Settings) -> None:
    with single_writer(settings):
        prepare(settings)
        good = current_vintage(settings.warehouse_folder)
        with publish.next_vintage(settings) as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('prov', '1')")
        writable(settings).write_bytes(b"no database" * 500)
        prepare(settings)
    assert current_vintage(settings.warehouse_folder) == good
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.vintage == good.stem


def test_a_damaged_vintage_alone_is_rebuilt_from_the_snapshot(settings: Settings) -> None:
    with single_writer(settings):
        prepare(settings)
        writable(settings).write_bytes(b"no database" * 500)
        prepare(settings)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.frame("SELECT count(*) AS n FROM municipality")["n"][0] == 290


def test_figures_that_contradict_the_population_are_refused(quick: Policy, served: Start) -> None:
    """Every municipality has got its neighbour's value: each is believable, together they are not."""
    routes = world.kolada()
    rows = routes.values["N07540"]
    shifted = [value for _, _, value, _ in rows[5:-1] + rows[:5]]
    routes.values["N07540"] = [
        (area, year, value, status)
        for (area, year, _, status), value in zip(rows, [*shifted, 1.0], strict=False)
    ]
    settings = served()
    run(settings, "kolada", "scb")
    before = contents(settings)
    with StandIn(routes) as server:
        outcome = run(replace(settings, base_urls={**settings.base_urls, "kolada": server.url}), "kolada")[
            "kolada"
        ]
    assert outcome.outcome == "failed"
    assert "kan ingen folkmängd ge Koladas värden" in outcome.message
    assert contents(settings) == before


def test_a_rebuild_after_a_partial_run_has_the_older_years_too(quick: Policy, served: Start) -> None:
    settings = served()
    run(settings, "kolada")
    ingest(settings, Silent(), ["kolada"], date(2025, 1, 1))
    before = contents(settings)["observation"]
    for vintage in settings.warehouse_folder.glob("*.duckdb"):
        vintage.unlink()
    empty = replace(settings, snapshot_folder=settings.snapshot_folder)
    with single_writer(empty):
        prepare(empty)
    assert contents(settings)["observation"] == before


def test_years_that_the_page_no_longer_links_survive_a_rebuild(quick: Policy, served: Start) -> None:
    settings = served()
    for years in ((2023, 2024), (2024, 2025), (2024, 2025), (2025,)):
        with StandIn(world.bra(csv_files={year: world.bra_csv(year) for year in years})) as server:
            urls = {**settings.base_urls, "bra_open_data": server.url}
            outcomes = run(replace(settings, base_urls=urls), "kolada", "bra_open_data")
            assert outcomes["bra_open_data"].outcome == "ok", outcomes["bra_open_data"].message
    before = contents(settings)["observation"]
    assert {row[2] for row in before if row[0] == "BO_TOTALT"} == {date(y, 1, 1) for y in (2023, 2024, 2025)}
    for vintage in settings.warehouse_folder.glob("*.duckdb"):
        vintage.unlink()
    with single_writer(settings):
        prepare(settings)
    assert contents(settings)["observation"] == before


@pytest.mark.parametrize(
    "answer",
    [
        b'[{"id":1,"datetime":"9999-12-31 23:09:54 +01:00","name":"a","summary":"b","url":"c","type":"d","location":{"name":"e"}}]',
        b"[" * 100_000,
        b'[{"datetime":"2026-01-14 8:09:54 +01:00"}]',
        b'[{"datetime":"2026-01-14 8:09:54 +01:00","summary":null}]',
        b'[{"datetime":"2026-01-14 8:09:54 "}]',
        b'{"a": 1}',
        b"\xff\xfe",
    ],
)
def test_an_odd_answer_of_the_police_stops_nothing_else(answer: bytes, quick: Policy, served: Start) -> None:
    settings = served()
    with StandIn(lambda *_: (200, {}, answer)) as server:
        outcome = run(replace(settings, base_urls={**settings.base_urls, "polisen": server.url}), "polisen")[
            "polisen"
        ]
    assert outcome.outcome == "failed"
    assert "\n" not in outcome.message
    assert run(settings, "scb")["scb"].outcome == "ok"
    assert run(settings, "polisen")["polisen"].outcome == "ok"


def test_an_unexpected_error_in_a_source_is_logged_by_its_place_and_tells_nothing_of_what_was_read(
    quick: Policy, served: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = served()
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    notice = "En man i 40-årsåldern"

    def stumbles(*_: object) -> None:
        raise ValueError(f"cannot read {notice}")

    monkeypatch.setattr(SOURCES["scb"], "parse", stumbles)
    assert main(["ingest", "kolada", "scb"]) == 1
    said = capsys.readouterr()
    (line,) = (line for line in said.err.splitlines() if line)
    assert line.startswith("scb: oväntat fel (ValueError i pipelines/")
    assert "lagesbild status säger var den är" in line
    written = (settings.home / "logs" / "lagesbild.log").read_text("utf-8")
    assert "scb: oväntat fel" in written
    assert "in stumbles" in written
    stored = latest_runs(settings.state_file)
    assert stored["kolada"].outcome == "ok"
    for text in (said.err, said.out, written, stored["scb"].message):
        assert notice not in text


def test_a_success_from_the_future_is_no_reason_not_to_ask(quick: Policy, served: Start) -> None:
    settings = served()
    run(settings, "scb")
    with connect(settings.state_file) as state:
        state.execute("UPDATE run SET finished_at = '2099-01-01T00:00:00+00:00'")
    (outcome,) = ingest(settings, Silent(), ["scb"], None, True)
    assert outcome.outcome == "ok"


def test_files_that_no_index_names_go_when_texts_would_have_expired(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    archive = RawArchive(settings)
    kept = archive.put("polisen", Request(url="http://x", part="newest"), b"[]", datetime.now(UTC))
    lost = settings.archive_folder / "ab" / "ab12.gz"
    fresh = settings.archive_folder / "cd" / "cd12.gz"
    for file in (lost, fresh):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"a text nobody knows of")
    month_ago = time.time() - 31 * 86_400
    os.utime(lost, (month_ago, month_ago))
    archive.expire_texts("polisen", datetime.now(UTC), lambda content, now: (content, None))
    assert not lost.exists()
    assert fresh.exists()
    assert archive.of_source("polisen")[0].content == kept.content
