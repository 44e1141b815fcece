"""SOL's areas and SCB's municipality codes: each municipality once for every year it has existed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.data import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipelines.sources.sol.menu import Area

COUNTRY_NAME = "Hela landet"
_FIRST, _LAST = 0, 9999
#: With fewer municipalities than this the list is not the one of municipalities.
_FEWEST = 0.96
#: Validity stands in the name itself: "Heby kommun (Uppsala län from 2007)", "... (Västmanlands län tom 2006)".
_VALIDITY = re.compile(
    r"\s*\((?P<parent>[^()]*?)\s*(?:(?P<since>fr\.?\s?o\.?\s?m\.?)|(?P<until>t\.?\s?o\.?\s?m\.?))\s*(?P<year>\d{4})\)$",
    re.IGNORECASE,
)


class AreaError(ValueError):
    """A municipality is missing or stands twice; the message is Swedish."""


@dataclass(frozen=True)
class Span:
    """The years in which an area of SOL is a municipality's, inclusive; ``parent`` tells it from its namesake."""

    code: str
    parent: str
    first: int
    last: int


def spans() -> tuple[Span, ...]:
    """Return the hand-kept years of areas that began, ended or moved."""
    return tuple(
        Span(row["code"], row["parent"], int(row["first"] or _FIRST), int(row["last"] or _LAST))
        for row in reference.read_csv("sol_areas.csv")
    )


class Crosswalk:
    """Which areas stand for which municipalities in which years.

    City districts, counties and ceased areas have no municipality's name and are left out.

    Parameters
    ----------
    areas
        As the menu lists them.
    municipalities
        Pairs of (code, name).
    known_spans
        Years of areas that have not always been; default the hand-kept ones.
    """

    def __init__(
        self,
        areas: Iterable[Area],
        municipalities: Sequence[tuple[str, str]],
        known_spans: Sequence[Span] | None = None,
    ) -> None:
        names = reference.MunicipalityNames(municipalities)
        known_spans = spans() if known_spans is None else known_spans
        self._by_code: dict[str, list[tuple[int, int, Area]]] = {}
        for area in areas:
            code = code_of(area.name, names)
            if code is not None:
                first, last = _years(code, area, known_spans)
                self._by_code.setdefault(code, []).append((first, last, area))
        missing = [name for code, name in municipalities if code not in self._by_code]
        if len(municipalities) - len(missing) < _FEWEST * len(municipalities):
            raise AreaError(
                f"{len(missing)} kommuner finns inte bland områdena, t.ex. {', '.join(missing[:3])}"
            )

    def of_year(self, year: int) -> Mapping[str, Area]:
        """Return the areas of a year by municipality code (0000 = the country)."""
        found: dict[str, Area] = {}
        for code, candidates in self._by_code.items():
            valid = [area for first, last, area in candidates if first <= year <= last]
            if len(valid) > 1:
                raise AreaError(f"{valid[0].name} finns {len(valid)} gånger bland områdena år {year}")
            if valid:
                found[code] = valid[0]
        return found


def code_of(name: str, names: reference.MunicipalityNames) -> str | None:
    """Return the code of an area by its name in a menu or a result; None for areas we leave out."""
    return reference.COUNTRY_CODE if name == COUNTRY_NAME else names.code(_VALIDITY.sub("", name))


def looks_like_one(name: str) -> bool:
    """Tell whether an area is called as municipalities are, so that one we do not know can be named."""
    return _VALIDITY.sub("", name).endswith(" kommun")


def _years(code: str, area: Area, known: Sequence[Span]) -> tuple[int, int]:
    told = _VALIDITY.search(area.name)
    if told:
        year = int(told["year"])
        return (year, _LAST) if told["since"] else (_FIRST, year)
    of_code = [span for span in known if span.code == code]
    exact = [span for span in of_code if span.parent and span.parent in area.parent]
    open_ended = [span for span in of_code if not span.parent]
    for span in [*exact, *open_ended]:
        return span.first, span.last
    return _FIRST, _LAST
