"""What we take for granted of BRÅ's pages with files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from pipelines.probe.check import Assumption
from pipelines.sources.bra_indicators import BraIndicators
from pipelines.sources.bra_open_data import PAGES, BraOpenData

if TYPE_CHECKING:
    from pipelines.contract import Request, RunContext
    from pipelines.probe.asking import Asker

_LEAST = 280


def workbook_checks(context: RunContext) -> list[Assumption]:
    """Return the assumptions about the indicators' workbooks."""
    return [
        Assumption("sidan med indikatorernas filer finns", partial(_page_status, context)),
        Assumption("sidan länkar till minst 280 kommuners filer", partial(_links, context)),
        Assumption("en arbetsboks alla blad går att läsa", partial(_sheets, context)),
        Assumption(
            "en arbetsbok har alla femton brottsmått och alla frågor ur NTU", partial(_indicators, context)
        ),
    ]


def _page_status(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    (page,) = BraIndicators().discover(context)
    return 200, asker.ask(page).status


def _books(context: RunContext, asker: Asker) -> list[Request]:
    (page,) = BraIndicators().discover(context)
    return BraIndicators().follow(asker.document(page), context)


def _links(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    found = len(_books(context, asker))
    return True, found >= _LEAST or found


def _batch(context: RunContext, asker: Asker) -> Any:
    return BraIndicators().parse([asker.document(_books(context, asker)[0])], context)


def _sheets(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    return [], _batch(context, asker).remarks


def _indicators(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    known = {row["id"] for row in reference.read_csv("bra_indicators.csv")}
    return [], sorted(known - set(_batch(context, asker).tables["observation"]["indicator_id"]))


def yearly_checks(context: RunContext) -> list[Assumption]:
    """Return the assumptions about the yearly files."""
    return [
        *(Assumption(f"sidan {path} finns", partial(_status, path)) for path in PAGES[:2]),
        Assumption("en av sidorna länkar till en årsfil", partial(_linked, context)),
        Assumption("årsfilen går att läsa, med alla 290 kommuner", partial(_year, context)),
    ]


def _status(path: str, asker: Asker) -> tuple[Any, Any]:
    return 200, asker.get(path).status


def _files(context: RunContext, asker: Asker) -> list[Request]:
    for page in BraOpenData().discover(context)[:2]:
        if asker.ask(page).status == 200:
            return BraOpenData().follow(asker.document(page), context)
    return []


def _linked(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    return True, bool(_files(context, asker))


def _year(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    batch = BraOpenData().parse([asker.document(_files(context, asker)[0])], context)
    return (290, []), (batch.tables["observation"].height, batch.remarks)
