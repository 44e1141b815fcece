"""``lagesbild KOMMANDO``: find the command, carry it out, and tell in one line what ended it. Exit codes: 0, 1, 2."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from lagesbild import ExplainedError, __version__
from lagesbild.cli import terminal
from lagesbild.cli.options import FAILED, OK
from lagesbild.cli.parser import USAGE, Parser
from lagesbild.config import Settings, SettingsError, load_settings, unknown_variables
from lagesbild.data import log, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Every command and what it is for. The module of the same name has ``add_options`` and ``run``; only the modules of
#: commands that are named in the call are imported, since most of them need what takes a second to import.
COMMANDS = {
    "ingest": "hämta och läs in uppgifter från källorna",
    "probe": "pröva om källorna svarar som programmet väntar sig, en rad för varje antagande",
    "replay": "spela upp svaren ur en mapp som probe har sparat",
    "serve": "visa instrumentpanelen i webbläsaren",
    "status": "visa hur färska uppgifterna är",
    "benchmark": "jämför en kommun med jämförbara kommuner",
    "hotspots": "var anmälda brott ökar och vad som är flaggat",
    "backtest": "hade flaggorna varit till nytta? steg för steg i efterhand",
    "claim": "läs ett påstående, och säg vad siffrorna säger om det",
    "chart": "rita ett diagram, citera det, eller få tillbaka ett citerat",
    "factsheet": "gör ett faktablad om ett nyckeltal, en sida PDF",
    "answer": "gör ett svar på en interpellation ur en TOML-fil",
    "news": "visa vad som är nytt för en kommun, eller mejla det",
    "alarm": "mejla, eller säg genom en webhook, att en tjänst har misslyckats",
    "signals": "läs in lokala signaler ur en fil, visa, exportera eller radera dem",
    "password": "välj ett lösenord för den som ska logga in",
    "demo": "fyll eller töm en demonstration med påhittade signaler",
    "backup": "kopiera de lokala uppgifterna till en fil",
    "restore": "återställ de lokala uppgifterna ur en kopia",
    "week": "gör veckans lägesbild av de lokala signalerna, som Word eller PDF",
    "lagesbild": "gör lägesbilden eller åtgärdsplanen som lagen (2023:196) kräver, som Word eller PDF",
}
_LOG = logging.getLogger("lagesbild")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 all well, 1 something failed, 2 usage)."""
    terminal.adapt(sys.stdout, sys.stderr)
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser(arguments).parse_args(arguments)
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


def _parser(arguments: Sequence[str]) -> Parser:
    parser = Parser(prog="lagesbild", description="Brottsstatistik för svenska kommuner.")
    parser.add_argument(
        "--version", action="version", version=f"lagesbild {__version__}", help="visa programmets version"
    )
    _verbose(parser, default=False)
    commands = parser.add_subparsers(
        required=True, title="kommandon", metavar="KOMMANDO", dest="name", parser_class=Parser
    )
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        if name in arguments:
            module = import_module(f"lagesbild.cli.{name}")
            module.add_options(command)
            command.set_defaults(command=module.run)
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
