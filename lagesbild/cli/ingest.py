"""``lagesbild ingest``: fetch from the sources, load what came, and tell what became of each."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.cli import news
from lagesbild.cli.options import FAILED, OK, add_sources, past_day, with_sources
from lagesbild.cli.report import reporter, summary
from lagesbild.data import log, reference
from lagesbild.news import alarm
from pipelines.run import ingest
from pipelines.work_out import play_out

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from lagesbild.config import Settings
    from pipelines.run import SourceOutcome

#: What fails is told under this name, whether the ingest says so itself or the service that runs it.
FETCHING = "hämtningen"
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
    failed = [outcome for outcome in outcomes if not outcome.outcome.well]
    _alarm(settings, failed)
    return FAILED if failed else OK


def _alarm(settings: Settings, failed: Sequence[SourceOutcome]) -> None:
    """Tell who looks after the installation which sources could not be read."""
    if not failed:
        alarm.works_again(settings, FETCHING)
        return
    names = ", ".join(reference.sources()[one.source_id].title for one in failed)
    text = f"Hämtningen gick inte för {names}. Det som fanns visas som förut. Sidan Datakällor säger varför."
    for line in alarm.tell(settings, FETCHING, text):
        _LOG.warning("%s", line)


def _mail_news(settings: Settings) -> None:
    """Mail what is new; a mail that fails is told and tried again by the next ingest, and is no failure of this one."""
    try:
        if settings.mail_server:
            news.mail(settings)
    except ExplainedError as error:
        _LOG.warning("Nyheterna mejlades inte: %s", error)
    except Exception as error:
        log.unexpected("nyheter", error)
