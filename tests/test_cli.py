"""The command line as scripts rely on it: what it writes where, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import pytest

from lagesbild import __version__
from lagesbild.cli.main import main
from lagesbild.config import ROOT, Settings
from lagesbild.signals import access
from lagesbild.signals.access import Role
from lagesbild.signals.database import COMMAND_LINE, LocalFile
from lagesbild.signals.store import Signal, SignalStore
from tests.waiting import until

COMMANDS = (
    "ingest",
    "serve",
    "status",
    "benchmark",
    "hotspots",
    "backtest",
    "claim",
    "chart",
    "answer",
    "signals",
    "week",
    "lagesbild",
    "password",
    "demo",
    "backup",
    "restore",
)


@pytest.fixture(autouse=True)
def _environment(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)


def test_benchmark_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            ["benchmark", "--group", "kolada", "--indicator", "N07540", "--year", "2025", "--format", "json"]
        )
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["code"], found["comparisons"][0]["home"]["count"], found["comparisons"][0]["rank"]) == (
        "1861",
        2360,
        8,
    )


def table(text: str) -> list[dict[str, str]]:
    """Read a table as Swedish spreadsheets do: a mark of UTF-8 and semicolons, or it is not one."""
    assert text.startswith("\ufeff")
    assert text.splitlines()[0].count(";") >= 3
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_benchmark_as_csv_for_another_municipality(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            [
                "benchmark",
                "--kommun",
                "0180",
                "--indicator",
                "N07540",
                "--indicator",
                "N07403",
                "--format",
                "csv",
            ]
        )
        == 0
    )
    rows = table(capsys.readouterr().out)
    assert {row["kommunnamn"] for row in rows} == {"Stockholm"}
    assert {row["nyckeltal"] for row in rows} == {"N07540", "N07403"}


def test_benchmark_with_a_list_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--egen", "1861, 1880,1881,1882", "--format", "csv"]) == 0
    rows = table(capsys.readouterr().out)
    assert {(row["grupp"], row["gruppens_antal"]) for row in rows} == {("egen", "3")}


def test_benchmark_is_markdown_when_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark"]) == 0
    assert capsys.readouterr().out.startswith("# Hallsbergs kommun")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["benchmark", "--kommun", "9999"], "Det finns ingen kommun med koden 9999"),
        (["benchmark", "--group", "x"], "Okänd jämförelsegrupp: x"),
        (["benchmark", "--indicator", "x"], "Okänt nyckeltal: x"),
        (["benchmark", "--year", "1800"], "Inga uppgifter för Hallsberg år 1800"),
        (["benchmark", "--egen", "1880,1881"], "ange minst 3 kommuner"),
        (["benchmark", "--kommun", "Halsberg"], "heter Halsberg. Menade du Hallsberg (1861)?"),
        (["hotspots", "--kommun", "Upplands Bor"], "Menade du Upplands-Bro (0139)?"),
        (["backtest", "--kommun", "malmo"], "Menade du Malmö (1280)?"),
        (
            ["chart", "trend", "--kommun", "Kumlla", "--indicator", "N07540", "--out", "x.csv"],
            "Menade du Kumla (1881)?",
        ),
        (["signals", "list", "--kommun", "Kumlla"], "Menade du Kumla (1881)?"),
        (
            ["benchmark", "--egen", "1880, Kumla, Lilla Eda"],
            "--egen: Det finns ingen kommun som heter Lilla Eda. Menade du Lilla Edet",
        ),
        (["benchmark", "--egen", "1880,1881,9999"], "ingen kommun med koden 9999"),
        (["ingest", "arbetsformedlingen"], "okänd källa: arbetsformedlingen"),
        (["ingest", "vädret"], "okänd källa: vädret"),
        (["ingest", "kolda"], "okänd källa: kolda. Menade du kolada?"),
        (["ingest", "--base-url", "scbb=http://x"], "--base-url: okänd källa: scbb. Menade du scb?"),
        (["ingest", "--base-url", "kolada"], "skriv KÄLLA=URL"),
        (["ingest", "--base-url", "kolada=ftp://x"], "inte en giltig http- eller https-adress"),
        (["serve", "--port", "0"], "Porten måste ligga mellan 1 och 65535"),
        (["serve", "--port", "99999"], "Porten måste ligga mellan 1 och 65535"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["flyg"],
        ["benchmark", "--year", "i år"],
        ["benchmark", "--format", "xml"],
        ["ingest", "--since", "igår"],
        ["ingest", "--since", "0001-01-01"],
        ["ingest", "--since", "2999-01-01"],
        ["status", "--format", "yaml"],
        ["serve", "--port", "x"],
    ],
)
def test_a_call_that_cannot_be_read_is_one_line_and_exit_code_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith("lagesbild: felaktigt anrop")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "det saknas: KOMMANDO"),
        (["flyg"], "KOMMANDO: 'flyg' finns inte, välj bland 'ingest'"),
        (["status", "--fort"], "okänt: --fort"),
        (["status", "--format"], "--format: ett värde saknas"),
        (["hotspots", "--measure=ja"], "--measure: tar inget värde: 'ja'"),
        (["benchmark", "--year", "i år"], "--year: kan inte läsa 'i år'"),
        (["hotspots", "--k", "1"], "--k kan betyda --kommun, --kategori"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_in_swedish(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert f"felaktigt anrop: {told}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_is_in_swedish(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*([command] if command else []), "--help"])
    assert not stopped.value.code
    said = capsys.readouterr().out
    assert said.startswith("användning: ")
    assert "visa den här hjälpen" in said
    for english in ("usage", "positional", "options", "show ", "exit"):
        assert english not in said


def test_status_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    kolada = next(source for source in found["sources"] if source["source_id"] == "kolada")
    assert (kolada["rows"], kolada["shipped"], kolada["municipalities"]) == (11903, True, 290)
    assert kolada["coverage"] == "2010–2025"


def test_status_as_text_names_every_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    for source in ("polisen", "kolada", "scb", "bra_open_data", "bra_indicators"):
        assert source in out
    assert "(medföljer)" in out


@pytest.mark.parametrize("command", [["status"], ["benchmark"]])
def test_without_a_warehouse_the_next_step_is_told(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    assert main(command) == 1
    assert "Kör kommandot: lagesbild ingest" in capsys.readouterr().err


def test_a_damaged_warehouse_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "20260101T000000Z.duckdb").write_bytes(b"not a database" * 1000)
    (tmp_path / "warehouse" / "current.duckdb").symlink_to("20260101T000000Z.duckdb")
    assert main(["benchmark"]) == 1
    assert "kan inte öppnas" in capsys.readouterr().err


def test_a_mistaken_setting_is_exit_code_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_KOMMUN", "18611")
    assert main(["status"]) == 2
    assert "kommunkod med fyra siffror" in capsys.readouterr().err


@pytest.mark.parametrize("asked", ["180", "0180", "Stockholm", "stockholm", "Stockholms kommun"])
def test_a_municipality_is_given_by_code_or_name(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--kommun", asked, "--indicator", "N07540", "--format", "csv"]) == 0
    rows = table(capsys.readouterr().out)
    assert {(row["kommunnamn"], row["kod"]) for row in rows} == {("Stockholm", "0180")}


def test_every_command_takes_a_name(
    tmp_path: Path, shipped: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    assert main(["hotspots", "--kommun", "upplands-bro"]) == 0
    assert json.loads(capsys.readouterr().out)["municipality"] == {"code": "0139", "name": "Upplands-Bro"}
    assert main(["backtest", "--kommun", "hallsberg"]) == 0
    assert json.loads(capsys.readouterr().out)["municipalities"] == 12
    file = tmp_path / "chart.csv"
    arguments = ["chart", "trend", "--indicator", "N07540", "--set", "own=1880,Kumla,Askersund,"]
    assert main([*arguments, "--kommun", "Hallsberg", "--out", str(file)]) == 0
    (tmp_path / "signaler.csv").write_text("id;dag;slag;ort\n1;2026-01-05;klotter;Kumla\n", "utf-8")
    assert main(["signals", "import", str(tmp_path / "signaler.csv"), "--kommun", "Kumla"]) == 0
    capsys.readouterr()
    assert main(["benchmark", "--egen", "1861, Örebro,kumla, 1882", "--format", "csv"]) == 0
    rows = table(capsys.readouterr().out)
    assert {(row["grupp"], row["gruppens_antal"]) for row in rows} == {("egen", "3")}


def test_the_home_municipality_may_be_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_KOMMUN", "kumla")
    assert main(["benchmark", "--indicator", "N07540"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# Kumla kommun")
    assert "| Kumla | 1881 |" in said
    monkeypatch.setenv("LAGESBILD_KOMMUN", "Kumlla")
    assert main(["benchmark"]) == 2
    assert "Menade du Kumla (1881)?" in capsys.readouterr().err


def test_hotspots_as_csv_have_codes_beside_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hotspots", "--format", "csv", "--tabell", "mönster"]) == 0
    rows = table(capsys.readouterr().out)
    assert rows
    assert all(len(row["kod"]) == 4 and row["kod"].isdigit() and row["kommun"] for row in rows)
    assert main(["hotspots", "--format", "csv"]) == 0
    (flag,) = table(capsys.readouterr().out)
    assert (flag["var"], flag["koder"], flag["läge"], flag["antal"]) == ("Hallsberg", "1861", "Över", "534")
    assert main(["hotspots", "--format", "text"]) == 0
    assert "Siffrorna når till och med andra kvartalet 2026." in capsys.readouterr().out
    assert main(["hotspots", "--until", "2026-09"]) == 2
    assert "Siffrorna når till 2026-06. Välj den månaden eller en tidigare." in capsys.readouterr().err


def test_an_unknown_variable_is_told_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_KOMUN", "1881")
    assert main(["status"]) == 0
    assert (
        capsys.readouterr().err
        == "lagesbild: okänd miljövariabel: LAGESBILD_KOMUN, den används inte. Menade du LAGESBILD_KOMMUN?\n"
    )


def test_the_address_of_an_unknown_source_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_BASE_URL_KOLDA", "http://localhost:1")
    assert main(["status"]) == 2
    err = capsys.readouterr().err
    assert "LAGESBILD_BASE_URL_...: okänd källa: kolda. Menade du kolada?" in err
    assert err.count("\n") == 1


_NOTICE = "En man i 40-årsåldern vid Pålsboda"


def _broken(*_: object, **named: object) -> int:
    raise KeyError(_NOTICE)


@pytest.mark.parametrize("arguments", [["status"], ["--verbose", "status"], ["status", "--verbose"]])
def test_an_unexpected_error_is_one_line_and_its_place_stands_in_the_log_without_any_text_of_others(
    arguments: list[str],
    tmp_path: Path,
    shipped: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr("lagesbild.cli.status.print_status", _broken)
        assert main(arguments) == 1
    err = capsys.readouterr().err
    log = tmp_path / "logs" / "lagesbild.log"
    assert "oväntat fel (KeyError i lagesbild/cli/status.py, rad " in err
    assert f"Mer står i loggen {log}" in err
    written = log.read_text("utf-8")
    assert "cli/status.py" in written
    assert "builtins.KeyError" in written
    assert "40-års" not in written + err
    assert ("in run" in err) == ("--verbose" in arguments)
    assert "--verbose" in arguments or err.count("\n") == 1
    assert main(["status", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["log"]
    assert told["file"] == str(log)
    assert told["last_unexpected_error"].endswith("+00:00")
    assert main(["status"]) == 0
    assert "senaste oväntade felet 2" in capsys.readouterr().out


def test_without_unexpected_errors_status_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "lagesbild.log (inga oväntade fel)" in " ".join(capsys.readouterr().out.split())


def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, shipped: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    (tmp_path / "logs").write_text("not a folder")
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    assert main(["status"]) == 0
    capsys.readouterr()
    monkeypatch.setattr("lagesbild.cli.status.print_status", _broken)
    assert main(["status"]) == 1
    err = capsys.readouterr().err
    assert "Loggen kan inte skrivas; kör igen med --verbose" in err
    assert err.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error(shipped: Settings) -> None:
    command = f"{sys.executable} -m lagesbild.cli benchmark --format csv | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.startswith("\ufeffkommun;")


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "används redan" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert __version__ in capsys.readouterr().out


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`lagesbild serve`, answering on the port given."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lagesbild.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        until(lambda: answers(port))
        yield server, port


def test_stopping_serve_stops_the_dashboard_too() -> None:
    with serving() as (server, port):
        server.terminate()
        assert server.wait(timeout=15) == 0
    assert not answers(port)


def test_when_serve_is_killed_the_dashboard_ends_too_and_the_port_is_free() -> None:
    with serving() as (server, port):
        server.kill()
    until(lambda: not answers(port))


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def test_an_address_that_is_not_this_machines_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_ADDRESS", "192.0.2.77")
    assert main(["serve", "--port", "8599"]) == 1
    assert "det går inte att lyssna på 192.0.2.77, port 8599" in capsys.readouterr().err


def test_unless_asked_only_this_machine_can_reach_the_dashboard() -> None:
    assert Settings(home=Path()).address == "127.0.0.1"


@pytest.mark.parametrize("command", [["ingest", "kolada"], ["serve", "--port", "8597"]])
def test_a_home_that_cannot_be_written_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path / "file"))
    assert main(command) == 1
    err = capsys.readouterr().err
    assert "kan inte läsa eller skriva" in err
    assert err.count("\n") == 1


def test_a_damaged_log_of_runs_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    (tmp_path / "state.sqlite").write_bytes(b"no database" * 500)
    assert main(["ingest", "kolada"]) == 1
    err = capsys.readouterr().err
    assert "Körningsloggen" in err
    assert err.count("\n") == 1


def test_hotspots_as_json_with_flags_and_their_budget(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hotspots", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["alarm_budget"]["false_alarms_a_year"] == 2
    assert found["alarm_budget"]["measured_on_quiet_years"] is None
    assert all(len(flag["id"]) == 8 for flag in found["flags"])
    assert main(["hotspots", "--until", "2025-09", "--format", "json"]) == 0
    then = json.loads(capsys.readouterr().out)
    assert max(flag["latest"] for flag in then["flags"]) < "2025-10"


def test_a_statement_is_read_and_judged_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claim", "Kumla har inte fler brott än Hallsberg", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["typed"] == "Kumla har inte fler brott än Hallsberg"
    assert found["reading"]["municipality"] == "1881"
    assert found["reading"]["negated"] is True
    assert (found["reading"]["relation"], found["reading"]["other"], found["reading"]["years"]) == (
        "more",
        "1861",
        [2025],
    )
    assert (found["verdict"], found["not_understood"]) == ("Stämmer", [])
    assert main(["claim", "brotten har ökat hejsan", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["reading"], found["verdict"], found["not_understood"]) == (None, None, ["hejsan"])
    assert main(["claim", "våldet minskar här", "--kommun", "Kumla"]) == 0
    said = capsys.readouterr().out
    assert "Läst som: Våldsbrott i Kumla har minskat från 2024 till 2025." in said
    assert main(["claim", "sexualbrotten har ökat"]) == 0
    assert "inga siffror om sexualbrott" in capsys.readouterr().out


def test_the_backtest_of_a_county(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backtest"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["flags"]["share"] >= 0.75
    assert found["highest"]["share"] < found["flags"]["share"]
    assert main(["backtest", "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["backtest", "--kategori", "vald"]) == 2
    assert "--kategori alla" in capsys.readouterr().err
    assert main(["backtest", "--kommun", "1861", "--kategori", "alla"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["months"] == 9
    assert found["hits"] <= found["flags"]
    assert 0 <= found["pei"] <= 1
    assert found["pei_last_twelve_months"] <= 1
    assert main(["backtest", "--kommun", "9999"]) == 2
    assert "9999" in capsys.readouterr().err


@pytest.fixture
def at_home(
    tmp_path: Path, shipped: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in an installation of its own; gives exit code, what was said and what was complained of."""
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        said, complained = io.StringIO(), io.StringIO()
        with redirect_stdout(said), redirect_stderr(complained):
            code = main(list(arguments))
        return code, said.getvalue(), complained.getvalue()

    return run


Run = Callable[..., tuple[int, str, str]]
LIST = "Löpnr;Datum;Kl;Händelse;Plats\n1;3/11-26;22.15;klotter;Hallsberg\n2;2026-11-04;;Buller;Pålsboda\n"


def test_a_list_is_taken_in_with_every_problem_told_by_its_row(tmp_path: Path, at_home: Run) -> None:
    file = tmp_path / "vecka 45.csv"
    file.write_text(LIST + "3;i går;;Buller;Halsberg\n4;2026-11-05;;Trolleri;Hallsberg\n", "cp1252")
    code, said, _ = at_home("signals", "import", str(file))
    assert code == 1
    assert "2 nya" in said
    assert "rad 4, Datum:" in said
    assert "rad 4, Plats: ”Halsberg” är ingen ort som är känd. Menar du Hallsberg?" in said
    assert "rad 5, Händelse: ”Trolleri” är inget slag som används" in said
    assert "Inget är inläst" in said
    assert at_home("signals", "list")[1] == "0 signaler.\n"
    answer = ["--svar", "kind:trolleri=Trolleri", "--svar", "place:halsberg=Hallsberg", "--delvis"]
    code, said, _ = at_home("signals", "import", str(file), *answer)
    assert (code, said.splitlines()[-1]) == (1, "Inläst: 3 nya, 0 ändrade.")
    listed = at_home("signals", "list")[1]
    assert "2026-11-03  22  Klotter  Hallsberg" in listed


def test_a_corrected_list_changes_what_it_corrects(tmp_path: Path, at_home: Run) -> None:
    file = tmp_path / "vecka.csv"
    file.write_text(LIST, "utf-8-sig")
    assert at_home("signals", "import", str(file), "--avsandare", "bolaget")[0] == 0
    file.write_text(LIST.replace("Buller", "Klotter"), "utf-16")
    assert "2 nya" in at_home("signals", "import", str(file), "--prova")[1]  # another sender: other numbers
    code, said, _ = at_home("signals", "import", str(file), "--avsandare", "bolaget")
    assert code == 0
    assert "0 nya, 1 ändrade, 1 oförändrade, 0 dubbletter." in said
    assert at_home("signals", "list")[1].count("Klotter") == 2


def test_columns_can_be_said_and_what_is_none_is_told(tmp_path: Path, at_home: Run) -> None:
    file = tmp_path / "a.csv"
    file.write_text("A;B;C\n2026-11-04;Buller;Hallsberg\n", "utf-8")
    columns = ["--kolumn", "A=Datum", "--kolumn", "B=Händelse", "--kolumn", "C=Ort eller område"]
    assert at_home("signals", "import", str(file), *columns)[0] == 0
    assert "0 nya" in at_home("signals", "import", str(file))[1]  # remembered
    assert "ingen kolumn 'D'" in at_home("signals", "import", str(file), "--kolumn", "D=Datum")[2]
    assert "inget fält" in at_home("signals", "import", str(file), "--kolumn", "A=Färg")[2]
    assert at_home("signals", "import", str(file), "--svar", "x")[0] == 2
    assert "kan inte läsas" in at_home("signals", "import", str(tmp_path / "finns inte.csv"))[2]
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    code, _, complained = at_home("signals", "import", str(tmp_path / "b.pdf"))
    assert code == 1
    assert "PDF" in complained


def test_signals_are_exported_without_a_live_formula_and_a_person_is_erased(
    tmp_path: Path, at_home: Run
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(LIST.replace("Buller", "+1+1"), "utf-8")
    at_home("signals", "import", str(file), "--svar", "kind:+1+1=+1+1")
    out = tmp_path / "ut.csv"
    assert at_home("signals", "export", "--out", str(out))[0] == 0
    assert ";'+1+1;" in out.read_text("utf-8-sig")
    assert "Finns: 1 signal" in at_home("signals", "erase", "klotter")[1]
    assert "Raderat: 1 texter" in at_home("signals", "erase", "klotter", "--ja")[1]
    assert "Inget finns" in at_home("signals", "erase", "klotter")[1]
    assert "minst 3" in at_home("signals", "erase", "a")[2]


def test_local_data_are_copied_and_put_back(tmp_path: Path, at_home: Run) -> None:
    assert "inga lokala uppgifter" in at_home("backup", str(tmp_path / "kopia.sqlite"))[2]
    file = tmp_path / "a.csv"
    file.write_text(LIST, "utf-8")
    at_home("signals", "import", str(file))
    assert at_home("backup", str(tmp_path / "kopia.sqlite"))[0] == 0
    file.write_text(LIST.replace("1;3", "9;3"), "utf-8")
    at_home("signals", "import", str(file))
    code, said, _ = at_home("restore", str(tmp_path / "kopia.sqlite"))
    assert code == 0
    assert "Det som fanns ligger i" in said
    assert at_home("signals", "list")[1].endswith("2 signaler.\n")
    store = SignalStore(tmp_path / "local.sqlite")
    store.report(
        "1861",
        [Signal(id="x", day=date(2026, 1, 1), kind="a", locality="b", text="för länge sedan")],
        COMMAND_LINE,
    )
    at_home("backup", str(tmp_path / "senare.sqlite"))
    assert "för länge sedan".encode() not in (tmp_path / "senare.sqlite").read_bytes()
    code, _, complained = at_home("restore", str(file))
    assert code == 1
    assert "ingen säkerhetskopia" in complained or "kan inte användas" in complained


def test_a_demonstration_lies_in_a_file_of_its_own(tmp_path: Path, at_home: Run) -> None:
    code, said, _ = at_home("demo", "fill")
    assert code == 0
    assert "påhittade signaler" in said
    assert "redan fylld" in at_home("demo", "fill")[2]
    assert at_home("signals", "list")[1] == "0 signaler.\n"
    assert (tmp_path / "demo.sqlite").exists()
    at_home("demo", "empty")
    assert not list(tmp_path.glob("demo.sqlite*"))


def test_a_password_from_the_command_line(
    tmp_path: Path, at_home: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("kort\n"))
    code, _, complained = at_home("password")
    assert code == 2
    assert "minst 12 tecken" in complained
    monkeypatch.setattr("sys.stdin", io.StringIO("ett långt lösenord\n"))
    assert at_home("password", "Anna")[0] == 0
    person = access.by_password(LocalFile(tmp_path / "local.sqlite"), "anna", "ett långt lösenord", "")
    assert person
    assert person.roles == {Role.COORDINATOR, Role.ADMINISTRATOR}


def test_everyone_is_a_row_each(
    tmp_path: Path, shipped: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    assert main(["benchmark", "--alla", "--indicator", "N07540", "--year", "2025", "--format", "json"]) == 0
    rows = {row["code"]: row for row in json.loads(capsys.readouterr().out)}
    assert len(rows) == 290
    home = rows["1861"]
    assert (home["level"], home["rank"], home["ranked"]) == ("higher", 8, 290)
    assert home["ratio"] == pytest.approx(1.374, abs=0.001)
    assert home["rarity"] == {"p": pytest.approx(0.12, abs=0.01), "unusual": False}
    assert home["change"] == {
        "word": "unusual_increase",
        "z": pytest.approx(2.48, abs=0.02),
        "difference": 505,
    }
    assert (
        main(
            [
                "benchmark",
                "--alla",
                "--indicator",
                "SOL_NARKOTIKA_VAPEN",
                "--group",
                "country",
                "--format",
                "csv",
            ]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("\ufeffKod;Kommun;Nyckeltal;Grupp")
    assert len(lines) == 1 + 290
    assert next(line for line in lines if line.startswith("1861;")).split(";")[9] == "högre"
    for wrong in (
        ["--alla"],
        ["--alla", "--indicator", "X1", "--format", "json"],
        ["--alla", "--indicator", "N07540", "--group", "alla", "--format", "json"],
    ):
        assert main(["benchmark", *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1
