"""What we take for granted of BRÅ's SOL: the menus, and figures of one municipality that we know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import polars as pl

from lagesbild.data import reference
from pipelines.probe.check import Assumption
from pipelines.sources.bra_sol import MONTHLY, QUARTERLY, YEARLY, BraSol, Session, standard_types, type_id
from pipelines.sources.sol.areas import Crosswalk, code_of
from pipelines.sources.sol.plan import MAX_CELLS, Query

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipelines.contract import Document, Request, RunContext
    from pipelines.probe.asking import Asker
    from pipelines.sources.bra_sol import Entry
    from pipelines.sources.sol.menu import Menu

_HOME, _YEAR, _TOTAL = "1861", 2024, 1_855
_QUARTERS = [390, 531, 480, 454]
_TWINS = (
    "misshandel",
    "biltillgrepp",
    "cykel",
    "bostadsinbrott",
    "ran",
    "butik",
    "ur_fordon",
    "vapen",
    "staten",
)
#: Twelve months may differ from the year by what was corrected in between.
_MOST_OFF, _MOST_SHARE = 3, 0.05


def checks(context: RunContext) -> list[Assumption]:
    """Return the assumptions, in the order they are asked."""
    sol = _Sol(context)
    return [
        Assumption("servern svarar, dess certifikat godkänns och årets meny (101) öppnas", sol.of(_opens)),
        Assumption("årets meny har de brottstyper vi läser", sol.of(_types)),
        Assumption("årets meny har alla 290 kommuner, var och en i en tid", sol.of(_municipalities)),
        Assumption("inget område i menyn heter kommun utan att vara känt", sol.of(_unknown)),
        Assumption(f"Hallsberg hade {_TOTAL} anmälda brott {_YEAR}", sol.of(_total)),
        Assumption(f"en fråga om mer än {MAX_CELLS} celler avvisas", sol.of(_too_many)),
        Assumption("månadernas meny (90) har brottstyperna under de namn vi känner", sol.of(_monthly_types)),
        Assumption("månadernas meny har kvartal från 2014", sol.of(_quarters_listed)),
        Assumption(f"Hallsbergs kvartal {_YEAR} är de vi känner", sol.of(_quarters)),
        Assumption(
            "nio brottstyper har samma siffra i tolv månader som under sitt andra namn för året",
            sol.of(_months),
        ),
    ]


@dataclass
class _Sol:
    """The sessions of a probe, opened once each."""

    context: RunContext
    source: BraSol = field(default_factory=BraSol)
    asker: Asker | None = None

    def of(self, look: Any) -> Any:
        def looked(asker: Asker) -> tuple[Any, Any]:
            self.asker = asker
            found: tuple[Any, Any] = look(self)
            return found

        return partial(looked)

    def document(self, request: Request) -> Document:
        assert self.asker is not None  # noqa: S101 - `of` has set it
        document = self.asker.document(request)
        self.source.inspect(request, document.content)
        return document

    @cached_property
    def yearly(self) -> Session:
        return Session(self.source, self.context, self.document, YEARLY)

    @cached_property
    def monthly(self) -> Session:
        return Session(self.source, self.context, self.document, MONTHLY)

    @cached_property
    def of_the_year(self) -> pl.DataFrame:
        """The home municipality's total and the types that have months; one session holds one menu, so all at once."""
        return self.home(self.yearly, YEARLY, ("totalt", *_TWINS))

    def home(self, session: Session, entry: Entry, keys: Collection[str]) -> pl.DataFrame:
        """Return the figures of the home municipality in a year, for some standard types."""
        ids = {f"SOL_{key.upper()}" for key in keys}
        types = tuple(item for item in session.menu.types if type_id(item.path) in ids)
        areas = Crosswalk(session.menu.areas, self.context.municipalities()).of_year(_YEAR)
        periods = tuple(p for p in session.menu.periods if p.kind == entry.kind and p.start.year == _YEAR)
        answer = session.ask(Query(types, (areas[_HOME],), periods, entry.rates))
        found: pl.DataFrame = self.source.parse([answer], self.context).tables["observation"]
        return found


def _opens(sol: _Sol) -> tuple[Any, Any]:
    return True, bool(sol.yearly.menu.types)


def _missing(menu: Menu, paths: dict[str, str]) -> list[str]:
    listed = {item.path for item in menu.types}
    return sorted(name for path, name in paths.items() if path not in listed)


def _types(sol: _Sol) -> tuple[Any, Any]:
    return [], _missing(sol.yearly.menu, {path: row["short_sv"] for path, row in standard_types().items()})


def _municipalities(sol: _Sol) -> tuple[Any, Any]:
    known = dict(sol.context.municipalities())
    areas = Crosswalk(sol.yearly.menu.areas, list(known.items()))
    return [], sorted(known[code] for code in known.keys() - areas.of_year(_YEAR).keys())


def _unknown(sol: _Sol) -> tuple[Any, Any]:
    names = reference.MunicipalityNames(sol.context.municipalities())
    areas = [area.name for area in sol.yearly.menu.areas if area.name.endswith(" kommun")]
    return [], [name for name in areas if code_of(name, names) is None]


def _total(sol: _Sol) -> tuple[Any, Any]:
    return _TOTAL, sol.of_the_year.filter(indicator_id="SOL_TOTALT")["count"][0]


def _too_many(sol: _Sol) -> tuple[Any, Any]:
    menu = sol.yearly.menu
    wide = MAX_CELLS // (2 * 10) + 1
    query = Query(menu.types[:10], menu.areas[:wide], tuple(menu.periods[:4]), rates=True)
    said = sol.asker.ask(sol.yearly.request(query)) if sol.asker else None
    return True, said is not None and not said.content.startswith(b"Region;")


def _monthly_types(sol: _Sol) -> tuple[Any, Any]:
    rows = [row for row in standard_types().values() if row["month_id"]]
    return [], _missing(sol.monthly.menu, {row["month_path"] or row["path"]: row["short_sv"] for row in rows})


def _quarters_listed(sol: _Sol) -> tuple[Any, Any]:
    starts = {period.start for period in sol.monthly.menu.periods if period.kind == "quarter"}
    wanted = {date(year, month, 1) for year in range(2015, _YEAR + 1) for month in (1, 4, 7, 10)}
    return [], sorted(f"{day:%Y-%m}" for day in wanted - starts)


def _quarters(sol: _Sol) -> tuple[Any, Any]:
    return _QUARTERS, sol.home(sol.monthly, QUARTERLY, ["totalt"]).sort("period_start")["count"].to_list()


def _months(sol: _Sol) -> tuple[Any, Any]:
    year: dict[str, int | None] = dict(sol.of_the_year.select("indicator_id", "count").iter_rows())
    months = sol.home(sol.monthly, MONTHLY, _TWINS).group_by("indicator_id").agg(pl.col("count").sum())
    off = [
        f"{key}: {count} mot {year[key]}"
        for key, count in months.sort("indicator_id").iter_rows()
        if abs(count - (year[key] or 0)) > max(_MOST_OFF, _MOST_SHARE * (year[key] or 0))
    ]
    return [], off
