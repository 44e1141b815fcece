"""News of what was published: written once, when an ingest is done, so that feeds and mails only read them."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.data import log
from lagesbild.data.state import now
from lagesbild.data.warehouse import Warehouse
from lagesbild.news.entries import NewsFile
from lagesbild.news.found import news_of

if TYPE_CHECKING:
    from lagesbild.config import Settings

_LOG = logging.getLogger(__name__)


def tell(settings: Settings) -> int:
    """Hold the current vintage against what was known, and write what is new; return how many entries that is.

    The caller holds `pipelines.publish.single_writer`. If it fails, what was loaded stands, and the news are written the
    next time; what hindered it stands in the log.
    """
    started = time.perf_counter()
    try:
        news = NewsFile.of(settings)
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            found = news_of(warehouse, news.known(), now())
        news.add(found.entries, found.known)
    except ExplainedError as error:
        _LOG.warning("Nyheterna skrevs inte: %s", error)
        return 0
    except Exception as error:
        log.unexpected("nyheter", error)
        return 0
    _LOG.info("%d nyheter skrevs på %.1f s.", len(found.entries), time.perf_counter() - started)
    return len(found.entries)
