"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from lagesbild.config import Settings, SettingsError, check_base_url
from lagesbild.data import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.data.warehouse import Warehouse

#: Exit codes beside that of a faulty call.
OK, FAILED = 0, 1
_EARLIEST = date(1990, 1, 1)


def add_municipality(parser: argparse.ArgumentParser, told: str | None = None) -> None:
    """Let the municipality be named by code or by name."""
    parser.add_argument("--kommun", metavar="KOD|NAMN", help=told)


def municipality_of(warehouse: Warehouse, settings: Settings, options: argparse.Namespace) -> str:
    """Return the code of the municipality asked for, else of that of the settings."""
    from lagesbild.data import municipality  # noqa: PLC0415 - with the warehouse, half a second: not for all commands

    return municipality.code_of(
        options.kommun or settings.home_municipality, municipality.names_of(warehouse)
    )


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Let sources be named, and addresses be given to ask instead of their own."""
    parser.add_argument("sources", nargs="*", metavar="KÄLLA", help=", ".join(reference.ingested_sources()))
    parser.add_argument("--base-url", action="append", default=[], metavar="KÄLLA=URL")


def with_sources(settings: Settings, options: argparse.Namespace) -> Settings:
    """Check the sources named, and return the settings with the addresses given."""
    reference.check_sources(options.sources)
    return replace(settings, base_urls={**settings.base_urls, **_base_urls(options.base_url)})


def _base_urls(pairs: Sequence[str]) -> dict[str, str]:
    urls = {}
    for pair in pairs:
        source, equals, url = pair.partition("=")
        if not equals:
            raise SettingsError(f"--base-url {pair!r}: skriv KÄLLA=URL.")
        reference.check_sources([source], "--base-url")
        urls[source] = check_base_url(url)
    return urls


def month(text: str) -> date:
    """Read ``ÅÅÅÅ-MM`` as the first day of the month."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} är ingen månad (ÅÅÅÅ-MM)") from None


def past_day(text: str) -> date:
    """Read ``ÅÅÅÅ-MM-DD``, a day that figures may go back to."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} är inget datum (ÅÅÅÅ-MM-DD)") from None
    if not _EARLIEST <= day <= datetime.now(UTC).date():
        raise argparse.ArgumentTypeError(f"{text} ligger före {_EARLIEST} eller i framtiden")
    return day
