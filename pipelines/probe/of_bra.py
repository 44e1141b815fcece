"""What we take for granted of BRÅ's pages with files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from pipelines.probe.check import Check
from pipelines.sources.bra_indicators import BraIndicators
from pipelines.sources.bra_open_data import PAGES, BraOpenData

if TYPE_CHECKING:
    from pipelines.contract import Context, Request
    from pipelines.probe.asking import Asker

_LEAST = 280


def workbook_checks(context: Context) -> list[Check]:
    """Return the assumptions about the indicators' workbooks."""
    return [
        Check("sidan med indikatorernas filer finns", partial(_page_status, context)),
        Check("sidan länkar till minst 280 kommuners filer", partial(_links, context)),
        Check("en arbetsboks alla blad går att läsa", partial(_sheets, context)),
        Check(
            "en arbetsbok har alla femton brottsmått och alla frågor ur NTU", partial(_indicators, context)
        ),
    ]


def _page_status(context: Context, asker: Asker) -> tuple[Any, Any]:
    (page,) = BraIndicators().discover(context)
    return 200, asker.ask(page).status


def _books(context: Context, asker: Asker) -> list[Request]:
    (page,) = BraIndicators().discover(context)
    return BraIndicators().follow(asker.document(page), context)


def _links(context: Context, asker: Asker) -> tuple[Any, Any]:
    found = len(_books(context, asker))
    return True, found >= _LEAST or found


def _batch(context: Context, asker: Asker) -> Any:
    return BraIndicators().parse([asker.document(_books(context, asker)[0])], context)


def _sheets(context: Context, asker: Asker) -> tuple[Any, Any]:
    return [], _batch(context, asker).remarks


def _indicators(context: Context, asker: Asker) -> tuple[Any, Any]:
    known = {row["id"] for row in reference.read_csv("bra_indicators.csv")}
    return [], sorted(known - set(_batch(context, asker).tables["observation"]["indicator_id"]))


def yearly_checks(context: Context) -> list[Check]:
    """Return the assumptions about the yearly files."""
    return [
        *(Check(f"sidan {path} finns", partial(_status, path)) for path in PAGES[:2]),
        Check("en av sidorna länkar till en årsfil", partial(_linked, context)),
        Check("årsfilen går att läsa, med alla 290 kommuner", partial(_year, context)),
    ]


def _status(path: str, asker: Asker) -> tuple[Any, Any]:
    return 200, asker.get(path).status


def _files(context: Context, asker: Asker) -> list[Request]:
    for page in BraOpenData().discover(context)[:2]:
        if asker.ask(page).status == 200:
            return BraOpenData().follow(asker.document(page), context)
    return []


def _linked(context: Context, asker: Asker) -> tuple[Any, Any]:
    return True, bool(_files(context, asker))


def _year(context: Context, asker: Asker) -> tuple[Any, Any]:
    batch = BraOpenData().parse([asker.document(_files(context, asker)[0])], context)
    return (290, []), (batch.tables["observation"].height, batch.remarks)
