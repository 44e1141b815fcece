"""``lagesbild ingest``: fetch from the sources, load what came, and tell what became of each."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.cli import news
from lagesbild.cli.options import FAILED, OK, add_sources, past_day, with_sources
from lagesbild.cli.report import reporter, summary
from lagesbild.data import log
from pipelines.run import ingest
from pipelines.work_out import play_out

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings

_LOG = logging.getLogger(__name__)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_sources(parser)
    parser.add_argument("--since", type=past_day, metavar="ÅÅÅÅ-MM-DD", help="hämta från och med denna dag")
    parser.add_argument("--if-stale", action="store_true", help="hoppa över källor som nyss hämtats")
    parser.add_argument(
        "--alla-brottstyper",
        action="store_true",
        help="hämta Brås hela brottsträd (några timmar), inte bara de vanliga",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command; 1 where a source could not be read."""
    settings = with_sources(settings, options)
    if options.alla_brottstyper:
        settings = replace(settings, all_crime_types=True)
    with reporter() as shown:
        outcomes = ingest(settings, shown, options.sources, options.since, options.if_stale)
    summary(outcomes)
    play_out(settings)
    _mail_news(settings)
    return OK if all(outcome.outcome.well for outcome in outcomes) else FAILED


def _mail_news(settings: Settings) -> None:
    """Mail what is new; a mail that fails is told and tried again by the next ingest, and is no failure of this one."""
    try:
        if settings.mail_server:
            news.mail(settings)
    except ExplainedError as error:
        _LOG.warning("Nyheterna mejlades inte: %s", error)
    except Exception as error:
        log.unexpected("nyheter", error)
