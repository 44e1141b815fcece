"""A probe says of every assumption whether it holds, keeps the answers, and says the same when they are played back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from lagesbild.cli.main import main
from lagesbild.config import Settings
from lagesbild.data import reference
from pipelines.policy import Policy
from pipelines.probe import of_sol
from pipelines.probe.check import AssumptionResult, State
from pipelines.probe.replay import Recording, RecordingError, server
from pipelines.probe.run import probe
from pipelines.registry import SOURCES
from tests import world
from tests.conftest import set_policy
from tests.sol_plain import monthly_nodes, nodes_of
from tests.sources import dalarna, kolada_server, scb_server
from tests.sources.bra_server import BraRoutes
from tests.sources.polisen_server import PolisenRoutes
from tests.sources.server import StandIn
from tests.sources.sol_server import Node, Sol, SolStandIn, Table


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Policy(min_interval=0, backoff=0.01, attempts=1, read_timeout=10)
    set_policy(monkeypatch, policy)


def real_sol() -> Sol:
    """SOL with the real municipalities and what we know of one of them."""
    areas = [
        ("Hela landet", ""),
        *((f"{name} kommun", "") for name in reference.municipality_names().values()),
    ]
    yearly = {
        row["month_path"]: row["path"] for row in reference.read_csv("crime_types.csv") if row["month_path"]
    }

    def value(node: Node, area: str, year: int, month: int | None) -> int | str:
        path = ", ".join(node.path)
        if path != "Totalt antal brott":
            whole = 12 * len(yearly.get(path, path))
            return whole if month is None else whole // (12 if month > 0 else 4)
        return of_sol._TOTAL if month is None else of_sol._QUARTERS[-month - 1] if month < 0 else 100

    nodes = nodes_of([row["path"] for row in reference.read_csv("crime_types.csv")])
    monthly = Table(
        nodes=monthly_nodes(everything=True),
        areas=areas,
        years=range(2014, 2026),
        value=value,
        people=lambda *_: 1e5,
        monthly=True,
    )
    return Sol(
        tables={
            101: Table(nodes=nodes, areas=areas, years=range(2015, 2026), value=value, people=lambda *_: 1e5),
            90: monthly,
        }
    )


def notices() -> list[dict[str, Any]]:
    start = datetime.now(UTC) - timedelta(days=8)
    places = list(reference.municipality_names().values())
    return [
        world.notice(
            700_000 + n,
            start + timedelta(minutes=17 * n),
            "Stöld",
            places[n % 290],
            summary="Nils Nilsson, 12 år, såg allt.",
        )
        for n in range(500)
    ]


@contextmanager
def real_enough(shared: Path, home: Path, **changed: Any) -> Iterator[Settings]:
    """Stand-ins of every source with the real names and figures that we have."""
    routes: dict[str, Any] = {
        **{source: answers for source, answers in world.routes().items() if source != "bra_sol"},
        "kolada": kolada_server.from_shared(shared / "data" / "kolada"),
        "scb": scb_server.from_shared(shared / "data" / "scb"),
        "polisen": PolisenRoutes(notices()),
        "bra_open_data": BraRoutes(csv_files={2025: yearly_file()}),
        "bra_indicators": BraRoutes(
            books=dalarna.workbooks(shared / "data" / "bra" / "kommunindikatorer_dalarna.csv")
        ),
        **changed,
    }
    with ExitStack() as stack:
        servers = {source: stack.enter_context(StandIn(answers)) for source, answers in routes.items()}
        urls = {source: world.base_url(source, running) for source, running in servers.items()}
        urls["bra_sol"] = stack.enter_context(SolStandIn(real_sol())).url
        yield Settings(home=home, base_urls=urls)


def yearly_file() -> bytes:
    lines = [
        f"{name};{10 * n + 900};{900 + n}" for n, name in enumerate(reference.municipality_names().values())
    ]
    return ("Kommun;Antal;Per 100 000 inv.\r\n" + "\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def lines(found: Iterator[AssumptionResult]) -> list[str]:
    return [finding.line for finding in found]


def test_each_assumption_gets_a_line_and_what_differs_says_what_was_expected(
    shared: Path, tmp_path: Path
) -> None:
    with real_enough(shared, tmp_path) as settings:
        found = list(probe(settings))
    differing = {
        finding.text: (finding.expected, finding.got) for finding in found if finding.state is State.DIFFERS
    }
    assert {finding.source_id for finding in found} == set(SOURCES)
    assert not [finding for finding in found if finding.state is State.UNASKED]
    # What these stand-ins do not have: a whole catalogue, years before 2010, localities, all workbooks.
    catalogue = {finding.text for finding in found if finding.got == "finns inte i katalogen"}
    assert catalogue == {text for text in differing if " är " in text and text[1:6].isdigit()} - {
        text for text in differing if differing[text][1] != "finns inte i katalogen"
    }
    rest = set(differing) - catalogue
    assert rest == {
        "katalogen finns under /kpi och delas i sidor om 5 000",
        "tabellerna täcker tillsammans varje år från 1995",
        "tätorterna finns i en tabell vi kan läsa",
        "sidan länkar till minst 280 kommuners filer",
    }, [finding.line for finding in found if finding.text in rest]
    assert differing["sidan länkar till minst 280 kommuners filer"] == ("True", "15")


def test_played_back_a_probe_says_the_same(shared: Path, tmp_path: Path) -> None:
    with real_enough(shared, tmp_path / "a") as settings:
        recorded = lines(probe(settings, out=tmp_path / "svar"))
    recording = Recording(tmp_path / "svar")
    playing = server(recording, 0)
    Thread(target=playing.serve_forever, args=(0.02,), daemon=True).start()
    try:
        urls = recording.base_urls(playing.server_address[1])
        assert set(urls) == set(SOURCES)
        assert lines(probe(Settings(home=tmp_path / "b", base_urls=urls))) == recorded
    finally:
        playing.shutdown()
        playing.server_close()


def test_what_is_sent_to_a_developer_holds_nothing_of_what_notices_tell(shared: Path, tmp_path: Path) -> None:
    with real_enough(shared, tmp_path) as settings:
        lines(probe(settings, ["polisen"], tmp_path / "svar"))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "svar").iterdir())
    assert b"Nilsson" not in kept
    assert b"(borttagen, 30 tecken)" in kept


CHANGES: list[tuple[str, Callable[[Any], None], str]] = [
    (
        "kolada",
        lambda routes: routes.municipalities.append({"id": "0199", "title": "Nyby", "type": "K"}),
        "kolada: skiljer sig: kommunerna finns under /municipality och är de 290 vi känner (väntade inget, fick ['0199'])",
    ),
    (
        "kolada",
        lambda routes: _rename(routes, "U07417"),
        "kolada: skiljer sig: U07417 är Anmälda stöld- och tillgreppsbrott, antal/100 000 inv (väntade Anmälda stöld- och "
        "tillgreppsbrott, antal/100 000 inv, fick Anmälda stöldbrott, antal/1 000 inv)",
    ),
    (
        "polisen",
        lambda routes: _without_places(routes),  # noqa: PLW0108 - defined below
        "polisen: skiljer sig: minst hälften av notiserna slutar sin rubrik med en kommun (väntade True, fick 0 av 500)",
    ),
]


def _rename(routes: Any, kpi: str) -> None:
    (entry,) = [entry for entry in routes.catalogue if entry["id"] == kpi]
    entry["title"] = "Anmälda stöldbrott, antal/1 000 inv"


def _without_places(routes: Any) -> None:
    for one in routes._notices:
        one["name"] = one["name"].rsplit(",", 1)[0]


@pytest.mark.parametrize(("source_id", "change", "told"), CHANGES)
def test_a_service_that_has_changed_is_told_in_one_line(
    shared: Path, tmp_path: Path, source_id: str, change: Callable[[Any], None], told: str
) -> None:
    routes = {
        "kolada": kolada_server.from_shared(shared / "data" / "kolada"),
        "polisen": PolisenRoutes(notices()),
    }
    change(routes[source_id])
    with real_enough(shared, tmp_path, **routes) as settings:
        found = lines(probe(settings, [source_id]))
    assert told in found


def test_an_answer_of_quite_another_form_is_a_difference_and_no_crash(shared: Path, tmp_path: Path) -> None:
    def html(*_: Any) -> Any:
        return 200, {}, world.HTML

    routes: dict[str, Any] = dict.fromkeys(
        ("kolada", "scb", "polisen", "bra_open_data", "bra_indicators"), html
    )
    with real_enough(shared, tmp_path, **routes) as settings:
        found = list(probe(settings, routes))
    assert {finding.state for finding in found} == {State.DIFFERS, State.HOLDS}
    assert all(
        finding.state is State.DIFFERS
        for finding in found
        if "finns" not in finding.text and "får ha" not in finding.text
    )


def test_without_a_network_every_assumption_could_not_be_asked(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, base_urls=dict.fromkeys(SOURCES, "http://127.0.0.1:9"))
    found = list(probe(settings))
    assert {finding.state for finding in found} == {State.UNASKED}
    assert len(found) > 70


@pytest.mark.parametrize(("rename", "code"), [(False, 0), (True, 1)])
def test_the_command_ends_with_one_when_something_differs(
    rename: bool,
    code: int,
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    routes = PolisenRoutes(notices())
    if rename:
        _without_places(routes)
    with StandIn(routes) as running:
        monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path / "home"))
        asked = ["probe", "polisen", "--base-url", f"polisen={running.url}", "--out", str(tmp_path / "svar")]
        assert main(asked) == code
    told = capsys.readouterr().out.splitlines()
    assert told[-2] == f"{4 - code} stämmer, {code} skiljer sig, 0 kunde inte frågas"
    assert told[-1].startswith(f"Svaren ligger i {tmp_path / 'svar'}.")
    assert (
        json.loads((tmp_path / "svar" / "index.json").read_text("utf-8"))["answers"][0]["source"] == "polisen"
    )


def test_a_folder_that_is_no_recording_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"är ingen inspelning av lagesbild probe \(FileNotFoundError\)"):
        Recording(tmp_path)


def test_a_question_that_was_not_recorded_has_no_answer(shared: Path, tmp_path: Path) -> None:
    with real_enough(shared, tmp_path) as settings:
        lines(probe(replace(settings), ["polisen"], tmp_path / "svar"))
    recording = Recording(tmp_path / "svar")
    assert recording.answer("GET", "/api/annat", None)[0] == 404
    assert recording.answer("GET", "/api/events?DateTime=2020-01-01", None)[0] == 200
