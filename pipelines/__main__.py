"""The command line, ``lagesbild KOMMANDO``; every command with its options stands in the README. Exit codes: 0, 1, 2."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild import ExplainedError, __version__, reference
from lagesbild.config import Settings, SettingsError, check_base_url, load_settings
from pipelines.parser import USAGE, Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lagesbild.warehouse import Warehouse

OK, FAILED = 0, 1
_EARLIEST = date(1990, 1, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 all well, 1 something failed, 2 usage)."""
    options = _parser().parse_args(arguments)
    command: Callable[[Settings, argparse.Namespace], int] = options.command
    try:
        return command(load_settings(), options)
    except SettingsError as error:
        return _complain(str(error), USAGE)
    except ExplainedError as error:
        return _complain(str(error), FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        return _complain(f"kan inte läsa eller skriva {error.filename or 'filen'} ({error.strerror})", FAILED)
    except KeyboardInterrupt:
        return _complain("avbrutet", 130)


def _complain(text: str, code: int) -> int:
    sys.stderr.write(f"lagesbild: {text}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="lagesbild", description="Brottsstatistik för svenska kommuner.")
    parser.add_argument(
        "--version", action="version", version=f"lagesbild {__version__}", help="visa programmets version"
    )
    commands = parser.add_subparsers(
        required=True, title="kommandon", metavar="KOMMANDO", parser_class=Parser
    )

    ingest = commands.add_parser("ingest", help="hämta och läs in uppgifter från källorna")
    ingest.add_argument("sources", nargs="*", metavar="KÄLLA", help=", ".join(reference.ingested_sources()))
    ingest.add_argument("--since", type=_day, metavar="ÅÅÅÅ-MM-DD", help="hämta från och med denna dag")
    ingest.add_argument("--base-url", action="append", default=[], metavar="KÄLLA=URL")
    ingest.add_argument("--if-stale", action="store_true", help="hoppa över källor som nyss hämtats")
    ingest.add_argument(
        "--alla-brottstyper",
        action="store_true",
        help="hämta Brås hela brottsträd (några timmar), inte bara de vanliga",
    )
    ingest.set_defaults(command=_ingest)

    serve = commands.add_parser("serve", help="visa instrumentpanelen i webbläsaren")
    serve.add_argument("--port", type=int)
    serve.add_argument("--ingest", action="store_true", help="hämta nya uppgifter i bakgrunden")
    serve.set_defaults(command=_serve)

    status = commands.add_parser("status", help="visa hur färska uppgifterna är")
    status.add_argument("--format", choices=("text", "json"), default="text")
    status.set_defaults(command=_status)

    benchmark = commands.add_parser("benchmark", help="jämför en kommun med jämförbara kommuner")
    benchmark.add_argument("--kommun", metavar="KOD")
    benchmark.add_argument("--group", action="append", metavar="GRUPP")
    benchmark.add_argument("--egen", metavar="KODER", help="en egen lista av kommuner: 1880,1881,1882")
    benchmark.add_argument("--indicator", action="append", metavar="NYCKELTAL")
    benchmark.add_argument("--year", type=int, metavar="ÅR")
    benchmark.add_argument("--format", choices=("json", "csv", "md"), default="md")
    benchmark.set_defaults(command=_benchmark)
    hotspots = commands.add_parser("hotspots", help="var notiserna samlas och vad som är på väg upp")
    hotspots.add_argument("--kommun", metavar="KOD")
    hotspots.add_argument("--until", type=_month, metavar="ÅÅÅÅ-MM", help="till och med denna månad")
    hotspots.add_argument(
        "--kategori", metavar="KATEGORI", help="bara händelser av ett slag, som vald eller tillgrepp"
    )
    hotspots.add_argument("--format", choices=("json", "csv"), default="json")
    hotspots.add_argument(
        "--measure", action="store_true", help="mät hur ofta det larmar i onödan, på simulerade lugna år"
    )
    hotspots.set_defaults(command=_hotspots)
    backtest = commands.add_parser(
        "backtest", help="hade flaggorna varit till nytta? månad för månad i efterhand"
    )
    backtest.add_argument("--kommun", metavar="KOD", help="bara kommunens län")
    backtest.set_defaults(command=_backtest)
    _chart_parser(commands)
    answer = commands.add_parser("answer", help="gör ett svar på en interpellation ur en TOML-fil")
    answer.add_argument("spec", type=Path, metavar="SPEC.toml")
    answer.add_argument(
        "--out", type=Path, required=True, metavar="FIL", help="fil som slutar på .docx eller .pdf"
    )
    answer.set_defaults(command=_answer)
    signals = commands.add_parser("signals", help="läs in lokala signaler ur en fil (id;dag;slag;ort;x;y)")
    signals.add_argument("file", metavar="FIL", type=Path)
    signals.add_argument("--kommun", metavar="KOD")
    signals.set_defaults(command=_signals)
    password = commands.add_parser("password", help="välj samordnarens lösenord")
    password.set_defaults(command=_password)
    return parser


def _chart_parser(commands: argparse._SubParsersAction[Parser]) -> None:
    chart = commands.add_parser("chart", help="rita ett diagram, citera det, eller få tillbaka ett citerat")
    chart.add_argument(
        "chart",
        nargs="?",
        metavar="DIAGRAM",
        help="ur registret, eller ett nummer som LB-1861-...; utan: visa allt",
    )
    chart.add_argument(
        "--out", type=Path, metavar="FIL", help="fil som slutar på .png, .svg, .pdf, .csv eller .xlsx"
    )
    chart.add_argument("--cite", action="store_true", help="frys diagrammet och skriv ut dess nummer")
    chart.add_argument("--kommun", metavar="KOD")
    chart.add_argument("--indicator", metavar="NYCKELTAL")
    chart.add_argument("--group", metavar="GRUPP")
    chart.add_argument("--year", type=int, metavar="ÅR")
    chart.add_argument(
        "--set", action="append", default=[], metavar="NAMN=VÄRDE", help="diagrammets övriga uppgifter"
    )
    chart.set_defaults(command=_chart)


def _chart(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.chart_command import run  # noqa: PLC0415 - keeps other commands quick

    return run(settings, options)


def _answer(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.answer_command import run  # noqa: PLC0415 - keeps other commands quick

    return run(settings, options)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} är ingen månad (ÅÅÅÅ-MM)") from None


def _hotspots(settings: Settings, options: argparse.Namespace) -> int:
    from lagesbild import hotspot_exports  # noqa: PLC0415 - keeps other commands quick
    from lagesbild.signals.store import Store  # noqa: PLC0415
    from lagesbild.warehouse import Warehouse  # noqa: PLC0415

    home = options.kommun or settings.home_municipality
    local = hotspot_exports.Local(
        Store(settings.local_file), datetime.now(UTC).date(), settings.derived_folder, options.measure
    )
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        try:
            found = hotspot_exports.flags(warehouse, home, options.kategori, options.until, local)
        except LookupError as error:
            raise SettingsError(str(error.args[0])) from None
    text = hotspot_exports.to_json(found) if options.format == "json" else hotspot_exports.to_csv(found)
    sys.stdout.write(text)
    return OK


def _backtest(settings: Settings, options: argparse.Namespace) -> int:
    from lagesbild import alarms, hindsight  # noqa: PLC0415 - keeps other commands quick
    from lagesbild.signals.store import Store  # noqa: PLC0415
    from lagesbild.warehouse import Warehouse  # noqa: PLC0415

    with Warehouse.current(settings.warehouse_folder) as warehouse:
        _known(warehouse, options.kommun or settings.home_municipality)
        budget = alarms.budget_of(Store(settings.local_file), options.kommun or settings.home_municipality)
        found = hindsight.of_counties(warehouse, budget, options.kommun[:2] if options.kommun else None)
        if found is None:
            raise SettingsError("Det finns för få månader med notiser att pröva i efterhand.")
        text = hindsight.to_json(found, warehouse, budget)
    sys.stdout.write(text)
    return OK


def _signals(settings: Settings, options: argparse.Namespace) -> int:
    from lagesbild.signals import intake  # noqa: PLC0415 - keeps other commands quick
    from lagesbild.signals.store import Store  # noqa: PLC0415
    from lagesbild.warehouse import Warehouse  # noqa: PLC0415

    code = options.kommun or settings.home_municipality
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        _known(warehouse, code)
    found = intake.read(options.file, datetime.now(UTC).date())
    new, replaced = Store(settings.local_file).add_signals(code, found)
    sys.stdout.write(f"Signaler: {len(found)} lästa, {new} nya, {replaced} fanns redan.\n")
    return OK


def _known(warehouse: Warehouse, code: str) -> None:
    from lagesbild.warehouse import queries  # noqa: PLC0415

    if code not in set(queries.municipalities(warehouse)["code"]):
        raise SettingsError(f"Det finns ingen kommun med koden {code}.")


def _password(settings: Settings, options: argparse.Namespace) -> int:
    from getpass import getpass  # noqa: PLC0415

    from lagesbild.signals import access  # noqa: PLC0415
    from lagesbild.signals.store import Store  # noqa: PLC0415

    del options
    asked = getpass("Nytt lösenord: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if sys.stdin.isatty() and getpass("Samma igen: ") != asked:
        raise SettingsError("Lösenorden var inte lika. Inget är ändrat.")
    try:
        access.set_password(Store(settings.local_file), asked)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    sys.stdout.write("Lösenordet är sparat.\n")
    return OK


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} är inget datum (ÅÅÅÅ-MM-DD)") from None
    if not _EARLIEST <= day <= datetime.now(UTC).date():
        raise argparse.ArgumentTypeError(f"{text} ligger före {_EARLIEST} eller i framtiden")
    return day


def _ingest(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.report import reporter, summary  # noqa: PLC0415 - keeps other commands quick
    from pipelines.run import ingest  # noqa: PLC0415

    unknown = sorted(set(options.sources) - set(reference.ingested_sources()))
    if unknown:
        raise SettingsError(
            f"okänd källa: {', '.join(unknown)}. Källorna är {', '.join(reference.ingested_sources())}."
        )
    settings = replace(settings, base_urls={**settings.base_urls, **_base_urls(options.base_url)})
    if options.alla_brottstyper:
        settings = replace(settings, all_crime_types=True)
    with reporter() as shown:
        outcomes = ingest(settings, shown, options.sources, options.since, options.if_stale)
    summary(outcomes)
    return OK if all(outcome.outcome in {"ok", "fresh"} for outcome in outcomes) else FAILED


def _base_urls(pairs: Sequence[str]) -> dict[str, str]:
    urls = {}
    for pair in pairs:
        source, equals, url = pair.partition("=")
        if not equals or source not in reference.ingested_sources():
            raise SettingsError(f"--base-url {pair!r}: skriv KÄLLA=URL med en känd källa.")
        urls[source] = check_base_url(url)
    return urls


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.serve import serve  # noqa: PLC0415

    port = settings.port if options.port is None else options.port
    if not 1 <= port <= 65535:
        raise SettingsError("Porten måste ligga mellan 1 och 65535.")
    return serve(settings, port, with_ingest=options.ingest)


def _status(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.report import print_status  # noqa: PLC0415

    print_status(settings, as_json=options.format == "json")
    return OK


def _benchmark(settings: Settings, options: argparse.Namespace) -> int:
    from lagesbild import benchmark, exports, groups  # noqa: PLC0415
    from lagesbild.panel import Panel  # noqa: PLC0415
    from lagesbild.warehouse import Warehouse  # noqa: PLC0415

    home = options.kommun or settings.home_municipality
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        own = _own_list(options.egen, home)
        panel = Panel(warehouse, own={home: own} if own else None)
        unknown = [code for code in own if code not in panel.names]
        if unknown:
            raise SettingsError(f"--egen: det finns ingen kommun med koden {', '.join(unknown)}.")
        try:
            wanted = options.group or ([groups.CUSTOM] if own else None)
            found = benchmark.compare(warehouse, home, wanted, options.indicator, options.year, panel)
        except benchmark.NotFoundError as error:
            raise SettingsError(str(error)) from None
        if options.format == "json":
            text = exports.to_json(found, panel)
        else:
            text = {"csv": exports.to_csv, "md": exports.to_markdown}[options.format](found)
    sys.stdout.write(text)
    return OK


def _own_list(text: str | None, home: str) -> list[str]:
    from lagesbild.groups import FEWEST_OWN  # noqa: PLC0415

    codes = [
        code for code in dict.fromkeys((text or "").replace(" ", "").split(",")) if code and code != home
    ]
    if text is not None and len(codes) < FEWEST_OWN:
        raise SettingsError(
            f"--egen: ange minst {FEWEST_OWN} kommunkoder utom kommunens egen, åtskilda av komma."
        )
    return codes


if __name__ == "__main__":
    raise SystemExit(main())
