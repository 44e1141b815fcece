"""The command line, ``lagesbild KOMMANDO``; every command with its options stands in the README. Exit codes: 0, 1, 2."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild import ExplainedError, __version__, log, terminal
from lagesbild.config import Settings, SettingsError, check_base_url, load_settings, unknown_variables
from lagesbild.data import reference
from pipelines.parser import USAGE, Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lagesbild.data.warehouse import Warehouse

OK, FAILED = 0, 1
_LOG = logging.getLogger("lagesbild")
_KOMMUN = "KOD|NAMN"
_EARLIEST = date(1990, 1, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 all well, 1 something failed, 2 usage)."""
    terminal.adapt(sys.stdout, sys.stderr)
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (Exception, KeyboardInterrupt) as error:
        text, code = _explained(options.name, error)
        _complain(text)
        return code
    finally:
        log.stop()


def _explained(command: str, error: BaseException) -> tuple[str, int]:
    """Return one Swedish line on what ended a command, and its exit code; what is unexpected is logged."""
    if isinstance(error, SettingsError):
        return str(error), USAGE
    if isinstance(error, ExplainedError):
        _LOG.debug("%s", log.screened(error))
        return str(error), FAILED
    if isinstance(error, KeyboardInterrupt):
        return "avbrutet", 130
    if isinstance(error, OSError) and error.strerror:
        _LOG.debug("%s", log.screened(error))
        return f"kan inte läsa eller skriva {error.filename or 'filen'} ({error.strerror})", FAILED
    return f"{log.unexpected(command, error)}. {log.whereabouts()}", FAILED


def _complain(text: str) -> None:
    sys.stderr.write(f"lagesbild: {text}\n")


def _run(options: argparse.Namespace) -> int:
    for line in unknown_variables():
        _complain(line)
    settings = load_settings()
    reference.check_sources(settings.base_urls, "base_urls eller LAGESBILD_BASE_URL_...")
    log.start(settings.home, verbose=options.verbose)
    _LOG.debug("Lägesbild %s, %s, uppgifter i %s", __version__, options.name, settings.home)
    command: Callable[[Settings, argparse.Namespace], int] = options.command
    return command(settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="lagesbild", description="Brottsstatistik för svenska kommuner.")
    parser.add_argument(
        "--version", action="version", version=f"lagesbild {__version__}", help="visa programmets version"
    )
    _verbose(parser, default=False)
    commands = parser.add_subparsers(
        required=True, title="kommandon", metavar="KOMMANDO", dest="name", parser_class=Parser
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

    _probe_parser(commands)
    serve = commands.add_parser("serve", help="visa instrumentpanelen i webbläsaren")
    serve.add_argument("--port", type=int)
    serve.add_argument("--ingest", action="store_true", help="hämta nya uppgifter i bakgrunden")
    serve.set_defaults(command=_serve)

    status = commands.add_parser("status", help="visa hur färska uppgifterna är")
    status.add_argument("--format", choices=("text", "json"), default="text")
    status.set_defaults(command=_status)

    benchmark = commands.add_parser("benchmark", help="jämför en kommun med jämförbara kommuner")
    benchmark.add_argument("--kommun", metavar=_KOMMUN)
    benchmark.add_argument("--group", action="append", metavar="GRUPP")
    benchmark.add_argument("--egen", metavar="KOMMUNER", help="en egen lista av kommuner: 1880,Kumla,1882")
    benchmark.add_argument("--indicator", action="append", metavar="NYCKELTAL")
    benchmark.add_argument("--year", type=int, metavar="ÅR")
    benchmark.add_argument(
        "--alla",
        action="store_true",
        help="en rad för varje kommun, mot gruppen av det slag som --group säger",
    )
    benchmark.add_argument("--format", choices=("json", "csv", "md"), default="md")
    benchmark.set_defaults(command=_benchmark)
    hotspots = commands.add_parser("hotspots", help="var notiserna samlas och vad som är på väg upp")
    hotspots.add_argument("--kommun", metavar=_KOMMUN)
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
    backtest.add_argument("--kommun", metavar=_KOMMUN, help="bara kommunens län")
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
    signals.add_argument("--kommun", metavar=_KOMMUN)
    signals.set_defaults(command=_signals)
    password = commands.add_parser("password", help="välj samordnarens lösenord")
    password.set_defaults(command=_password)
    for command in commands.choices.values():
        # After the command it only says yes: else its default would undo one before the command.
        _verbose(command, default=argparse.SUPPRESS)
    return parser


def _verbose(parser: argparse.ArgumentParser, *, default: bool | str) -> None:
    parser.add_argument(
        "--verbose",
        action="store_true",
        default=default,
        help="visa vad som görs, och var i koden ett fel uppstod",
    )


def _probe_parser(commands: argparse._SubParsersAction[Parser]) -> None:
    probe = commands.add_parser(
        "probe", help="pröva om källorna svarar som programmet väntar sig, en rad för varje antagande"
    )
    probe.add_argument("sources", nargs="*", metavar="KÄLLA", help=", ".join(reference.ingested_sources()))
    probe.add_argument(
        "--out", type=Path, metavar="MAPP", help="spara svaren i en mapp att skicka till den som utvecklar"
    )
    probe.add_argument("--base-url", action="append", default=[], metavar="KÄLLA=URL")
    probe.set_defaults(command=_probe)
    replay = commands.add_parser("replay", help="spela upp svaren ur en mapp som probe har sparat")
    replay.add_argument("folder", type=Path, metavar="MAPP")
    replay.add_argument("--port", type=int, default=8700)
    replay.set_defaults(command=_replay)


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
    chart.add_argument("--kommun", metavar=_KOMMUN)
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
    from lagesbild.data.warehouse import Warehouse  # noqa: PLC0415
    from lagesbild.hotspots import exports as hotspot_exports  # noqa: PLC0415 - keeps other commands quick
    from lagesbild.signals.store import Store  # noqa: PLC0415

    local = hotspot_exports.Local(
        Store(settings.local_file), datetime.now(UTC).date(), settings.derived_folder, options.measure
    )
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = _municipality(warehouse, options.kommun or settings.home_municipality)
        try:
            found = hotspot_exports.flags(warehouse, home, options.kategori, options.until, local)
        except LookupError as error:
            raise SettingsError(str(error.args[0])) from None
    text = hotspot_exports.to_json(found) if options.format == "json" else hotspot_exports.to_csv(found)
    terminal.show(text, options.format)
    return OK


def _backtest(settings: Settings, options: argparse.Namespace) -> int:
    from lagesbild.data.warehouse import Warehouse  # noqa: PLC0415
    from lagesbild.hotspots import alarms, hindsight  # noqa: PLC0415 - keeps other commands quick
    from lagesbild.signals.store import Store  # noqa: PLC0415

    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = _municipality(warehouse, options.kommun or settings.home_municipality)
        budget = alarms.budget_of(Store(settings.local_file), home)
        found = hindsight.of_counties(warehouse, budget, home[:2] if options.kommun else None)
        if found is None:
            raise SettingsError("Det finns för få månader med notiser att pröva i efterhand.")
        text = hindsight.to_json(found, warehouse, budget)
    terminal.show(text, "json")
    return OK


def _signals(settings: Settings, options: argparse.Namespace) -> int:
    from lagesbild.data.warehouse import Warehouse  # noqa: PLC0415
    from lagesbild.signals import intake  # noqa: PLC0415 - keeps other commands quick
    from lagesbild.signals.store import Store  # noqa: PLC0415

    with Warehouse.current(settings.warehouse_folder) as warehouse:
        code = _municipality(warehouse, options.kommun or settings.home_municipality)
    found = intake.read(options.file, datetime.now(UTC).date())
    new, replaced = Store(settings.local_file).add_signals(code, found)
    sys.stdout.write(f"Signaler: {len(found)} lästa, {new} nya, {replaced} fanns redan.\n")
    return OK


def _municipality(warehouse: Warehouse, asked: str) -> str:
    from lagesbild.data import municipality  # noqa: PLC0415 - keeps other commands quick

    return municipality.code_of(asked, municipality.names_of(warehouse))


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
    from pipelines.work_out import play_out  # noqa: PLC0415

    reference.check_sources(options.sources)
    settings = replace(settings, base_urls={**settings.base_urls, **_base_urls(options.base_url)})
    if options.alla_brottstyper:
        settings = replace(settings, all_crime_types=True)
    with reporter() as shown:
        outcomes = ingest(settings, shown, options.sources, options.since, options.if_stale)
    summary(outcomes)
    play_out(settings)
    return OK if all(outcome.outcome in {"ok", "fresh"} for outcome in outcomes) else FAILED


def _base_urls(pairs: Sequence[str]) -> dict[str, str]:
    urls = {}
    for pair in pairs:
        source, equals, url = pair.partition("=")
        if not equals:
            raise SettingsError(f"--base-url {pair!r}: skriv KÄLLA=URL.")
        reference.check_sources([source], "--base-url")
        urls[source] = check_base_url(url)
    return urls


def _probe(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.probe.command import run  # noqa: PLC0415 - keeps other commands quick

    reference.check_sources(options.sources)
    settings = replace(settings, base_urls={**settings.base_urls, **_base_urls(options.base_url)})
    return run(settings, options)


def _replay(settings: Settings, options: argparse.Namespace) -> int:
    from pipelines.probe.command import replay  # noqa: PLC0415 - keeps other commands quick

    return replay(settings, options)


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
    from lagesbild.comparison import benchmark, exports, groups  # noqa: PLC0415
    from lagesbild.comparison.panel import Panel  # noqa: PLC0415
    from lagesbild.data.warehouse import Warehouse  # noqa: PLC0415

    if options.alla:
        return _everyone(settings, options)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = _municipality(warehouse, options.kommun or settings.home_municipality)
        own = _own_list(warehouse, options.egen, home)
        panel = Panel(warehouse, own={home: own} if own else None)
        try:
            wanted = options.group or ([groups.CUSTOM] if own else None)
            found = benchmark.compare(warehouse, home, wanted, options.indicator, options.year, panel)
        except benchmark.NotFoundError as error:
            raise SettingsError(str(error)) from None
        if options.format == "json":
            text = exports.to_json(found, panel)
        else:
            text = {"csv": exports.to_csv, "md": exports.to_markdown}[options.format](found)
    terminal.show(text, options.format)
    return OK


def _everyone(settings: Settings, options: argparse.Namespace) -> int:
    """Print one row a municipality for one indicator."""
    from lagesbild.comparison import benchmark, exports  # noqa: PLC0415
    from lagesbild.comparison.panel import Panel  # noqa: PLC0415
    from lagesbild.data.warehouse import Warehouse  # noqa: PLC0415

    if options.kommun or options.egen or len(options.indicator or []) != 1 or len(options.group or []) > 1:
        raise SettingsError(
            "--alla: ange ett nyckeltal med --indicator och högst en --group, och ingen kommun."
        )
    if options.format == "md":
        raise SettingsError("--alla: välj --format json eller csv.")
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        panel = Panel(warehouse)
        group = (options.group or ["kolada"])[0]
        try:
            rows = exports.of_everyone(panel, options.indicator[0], group, options.year)
        except benchmark.NotFoundError as error:
            raise SettingsError(str(error)) from None
    text = exports.everyone_as_json(rows) if options.format == "json" else exports.everyone_as_csv(rows)
    terminal.show(text, options.format)
    return OK


def _own_list(warehouse: Warehouse, text: str | None, home: str) -> list[str]:
    from lagesbild.comparison.groups import FEWEST_OWN  # noqa: PLC0415
    from lagesbild.data import municipality  # noqa: PLC0415

    if text is None:
        return []
    try:
        found = municipality.codes_of(text, municipality.names_of(warehouse))
    except municipality.UnknownMunicipalityError as error:
        raise SettingsError(f"--egen: {error}") from None
    codes = [code for code in found if code != home]
    if len(codes) < FEWEST_OWN:
        raise SettingsError(
            f"--egen: ange minst {FEWEST_OWN} kommuner utom kommunen själv, åtskilda av komma."
        )
    return codes


if __name__ == "__main__":
    raise SystemExit(main())
