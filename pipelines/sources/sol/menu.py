"""The selection page of a SOL menu: crime types, areas and periods, as JavaScript arrays.

Ids differ from page to page and from year to year; only names and paths last. Everything is read
anew from the page of the session that asks.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from lagesbild.swedish import SHORT_MONTHS

ENCODING = "iso-8859-1"
MONTHS = tuple(name.capitalize() for name in SHORT_MONTHS)
_ENTRY = re.compile(r"(array\w+)\[(\d+)\]\s*=\s*\"((?:[^\"\\]|\\.)*)\"")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))")
_SPACES = re.compile(r"[\s\u00a0]+")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_QUARTER = re.compile(r"(?:kvartal|kv\.?)\s*([1-4])|([1-4])[:a]*\s*(?:kvartal|kv)", re.IGNORECASE)
#: Only where the parenthesis says nothing else: "(15 år och äldre t.o.m. 2006)" limits no type.
_FROM = re.compile(r"\(fr\.? ?o\.? ?m\.? ?(\d{4})(?:-\d\d)?\)", re.IGNORECASE)
_UNTIL = re.compile(r"\(t\.? ?o\.? ?m\.? ?(\d{4})(?:-\d\d)?\)", re.IGNORECASE)


class MenuError(ValueError):
    """A selection page is not what it should be; the message is Swedish and names array and entry."""


@dataclass(frozen=True, kw_only=True)
class SolCrimeType:
    """A crime type that can be chosen.

    ``path`` (names from the root, separated by a comma and a space) is its identity, ``label`` what
    results call it, ``level`` how many of its ancestors can be chosen. ``id`` is of this page only.
    """

    id: str
    label: str
    path: str
    parent: str | None
    level: int
    valid_from: int | None = None
    valid_to: int | None = None


@dataclass(frozen=True)
class Area:
    """An area that can be chosen, and the area it lies in."""

    id: str
    name: str
    parent: str


@dataclass(frozen=True, kw_only=True)
class SolPeriod:
    """A year, quarter or month that can be chosen; ``labels`` are the texts of its result columns År and Period."""

    id: str
    start: date
    kind: str
    preliminary: bool
    labels: tuple[str, str]


@dataclass(frozen=True)
class Menu:
    """Everything a menu lets one choose."""

    types: tuple[SolCrimeType, ...]
    areas: tuple[Area, ...]
    periods: tuple[SolPeriod, ...]


def tidy(text: str) -> str:
    """Return a name without entities, doubled spaces, or spaces before commas."""
    return _SPACES.sub(" ", html.unescape(text)).replace(" ,", ",").strip()


def read_menu(page: str) -> Menu:
    """Read a selection page.

    Raises
    ------
    MenuError
        If an array is missing, or an entry has too few fields or an unknown kind.
    """
    arrays: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for name, place, text in _ENTRY.findall(page):
        arrays[name][int(place)] = _unescaped(text).split("*")
    if not arrays["arrayNivatva"]:
        raise MenuError("sidan har ingen lista arrayNivatva; den är ingen urvalssida, eller har bytt form")
    return Menu(
        _types(_entries(arrays, "arrayNivatva", 4)),
        _areas(arrays),
        _periods(_entries(arrays, "arrayPeriod", 5)),
    )


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else str(match[3])

    return _ESCAPE.sub(plain, text)


def _entries(arrays: dict[str, dict[int, list[str]]], name: str, fields: int) -> list[list[str]]:
    entries = [fields_of for _, fields_of in sorted(arrays[name].items())]
    for place, entry in enumerate(entries):
        if len(entry) < fields or not entry[0].strip():
            raise MenuError(
                f"{name}[{place}] har {len(entry)} fält, väntade {fields}: {'*'.join(entry)[:80]!r}"
            )
    if not entries:
        raise MenuError(f"sidan har ingen lista {name}")
    return entries


def _types(entries: list[list[str]]) -> tuple[SolCrimeType, ...]:
    """Return each crime type once: a group stands both by itself and among its parent's members."""
    found = {tidy(entry[3]): (entry[0].strip(), _label(entry[1])) for entry in entries}
    paths = set(found)
    return tuple(_type(path, crime_id, label, paths) for path, (crime_id, label) in found.items())


def _type(path: str, crime_id: str, label: str, paths: set[str]) -> SolCrimeType:
    above = _ancestors(path, paths)
    first, last = _FROM.search(label), _UNTIL.search(label)
    return SolCrimeType(
        id=crime_id,
        label=label,
        path=path,
        parent=above[-1] if above else None,
        level=len(above),
        valid_from=int(first[1]) if first else None,
        valid_to=int(last[1]) if last else None,
    )


def _label(text: str) -> str:
    return tidy(text).removesuffix(" totalt")


def _ancestors(path: str, paths: set[str]) -> list[str]:
    """Return the paths above, outermost first; names may hold commas too, so only known paths count."""
    cuts = [match.start() for match in re.finditer(", ", path)]
    return [path[:cut] for cut in cuts if path[:cut] in paths]


def labels_above(path: str) -> list[str]:
    """Return every name that results may show for a path's ancestors; names may hold commas."""
    parts = path.split(", ")[:-1]
    return [", ".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)]


def _areas(arrays: dict[str, dict[int, list[str]]]) -> tuple[Area, ...]:
    if arrays["arrayRegionNivaTva"]:
        outer = {
            entry[0].strip(): tidy(entry[1])
            for entry in arrays["arrayRegionNivaEtt"].values()
            if len(entry) > 1
        }
        entries = _entries(arrays, "arrayRegionNivaTva", 4)
        return tuple(
            {
                e[0]: Area(e[0].strip(), tidy(e[1]), outer.get(e[2].strip(), tidy(e[2]))) for e in entries
            }.values()
        )
    return tuple(Area(e[0].strip(), tidy(e[1]), "") for e in _entries(arrays, "arrayRegionNivaEtt", 2))


def _periods(entries: list[list[str]]) -> tuple[SolPeriod, ...]:
    """Return years (kinds -1 and 0), quarters (1) and months (2)."""
    found = []
    for place, entry in enumerate(entries):
        period_id, name, _, full, kind = (tidy(field) for field in entry[:5])
        try:
            found.append(period_of(period_id, name, full, kind))
        except MenuError as error:
            raise MenuError(f"arrayPeriod[{place}] {error}") from None
    return tuple(found)


def period_of(period_id: str, name: str, full: str, kind: str) -> SolPeriod:
    """Return a period by its name, its full name with the year, and SOL's kind of period.

    Raises
    ------
    MenuError
        If it has no year or is of another kind.
    """
    year_text = _YEAR.search(full) or _YEAR.search(name)
    if year_text is None:
        raise MenuError(f"har inget årtal: {name!r}")
    year, preliminary = int(year_text[0]), "prel" in f"{name} {full}".lower()
    year_label = f"{year} prel." if preliminary else str(year)
    if kind == "-1":
        return SolPeriod(
            id=period_id, start=date(year, 1, 1), kind="year", preliminary=preliminary, labels=("År", name)
        )
    if kind == "0":
        return SolPeriod(
            id=period_id,
            start=date(year, 1, 1),
            kind="whole_year",
            preliminary=preliminary,
            labels=(year_label, name),
        )
    if kind == "1" and (quarter := _QUARTER.search(name)):
        month = 3 * int(quarter[1] or quarter[2]) - 2
        return SolPeriod(
            id=period_id,
            start=date(year, month, 1),
            kind="quarter",
            preliminary=preliminary,
            labels=(year_label, name),
        )
    if kind == "2" and name[:3].capitalize() in MONTHS:
        month = MONTHS.index(name[:3].capitalize()) + 1
        return SolPeriod(
            id=period_id,
            start=date(year, month, 1),
            kind="month",
            preliminary=preliminary,
            labels=(year_label, name),
        )
    raise MenuError(f"har okänd sort {kind!r}: {name!r}")
