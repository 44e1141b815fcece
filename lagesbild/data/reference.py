"""The hand-kept reference tables in ``data/reference``: sources, counties, names, police types."""

from __future__ import annotations

import csv
import json
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from lagesbild.config import REFERENCE_FOLDER, SettingsError
from lagesbild.swedish import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COUNTRY_CODE = "0000"
UNKNOWN_CATEGORY = "okand"
#: Categories of police notices that are of traffic, crimes or not.
TRAFFIC = ("trafikbrott", "trafikolycka")


@dataclass(frozen=True)
class SeriesBreak:
    """A date at which figures before and after are not fully comparable, and why (Swedish).

    ``only`` is part of the path or title of the indicators it concerns; empty for all of the source's.
    """

    date: date
    text: str
    only: str = ""


def breaks_of(source_id: str, named: str) -> tuple[SeriesBreak, ...]:
    """Return the known breaks in a series of a source, by what it is called: its path or key and its title."""
    return tuple(item for item in sources()[source_id].breaks if item.only.lower() in named.lower())


@dataclass(frozen=True, kw_only=True)
class SourceInfo:
    """What a reader must know of a source; texts are Swedish and shown as they stand.

    ``ingested``: false where the figures only come with the program.
    """

    id: str
    title: str
    publisher: str
    licence: str
    attribution: str
    page: str
    base_url: str
    refresh_hours: int
    what: str
    limits: str
    breaks: tuple[SeriesBreak, ...]
    processed_attribution: str | None = None
    ingested: bool = True


@cache
def sources() -> Mapping[str, SourceInfo]:
    """Return every source by id, in the order of ``sources.toml``."""
    raw = read_toml("sources.toml")
    return {
        source_id: SourceInfo(
            id=source_id,
            breaks=tuple(
                SeriesBreak(date.fromisoformat(item["date"]), item["text"], item.get("only", ""))
                for item in entry.pop("breaks")
            ),
            **entry,
        )
        for source_id, entry in raw.items()
    }


def ingested_sources() -> list[str]:
    """Return the ids of the sources that ``lagesbild ingest`` reads."""
    return [source_id for source_id, info in sources().items() if info.ingested]


def check_sources(asked: Iterable[str], where: str = "") -> None:
    """Raise `SettingsError` for an id that is no source that ``lagesbild ingest`` reads, with the nearest one.

    Parameters
    ----------
    where
        Where the ids stand, such as ``--base-url``; begins the message.
    """
    known = ingested_sources()
    unknown = sorted(set(asked) - set(known))
    if unknown:
        told = f"{where}: okänd källa" if where else "okänd källa"
        meant = did_you_mean(unknown[0], known)
        raise SettingsError(f"{told}: {', '.join(unknown)}.{meant} Källorna är {', '.join(known)}.")


@cache
def counties() -> Mapping[str, str]:
    """Return county names by two-digit county code."""
    return {row["code"]: row["name"] for row in read_csv("counties.csv")}


@dataclass(frozen=True)
class Geography:
    """A municipality on the map: km2, functional analysis region, and codes of those it borders on."""

    area: float
    labour_market: str
    neighbours: tuple[str, ...]


@cache
def geography() -> Mapping[str, Geography]:
    """Return where the municipalities lie, by code."""
    return {
        row["code"]: Geography(float(row["area_km2"]), row["labour_market"], tuple(row["neighbours"].split()))
        for row in read_csv("geography.csv")
    }


@dataclass(frozen=True)
class Outline:
    """A municipality's outline, simplified: centre and rings of (longitude, latitude)."""

    centre: tuple[float, float]
    rings: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def limits(self) -> tuple[float, float, float, float]:
        """West, south, east, north (degrees)."""
        across, up = zip(*(point for ring in self.rings for point in ring), strict=True)
        return min(across), min(up), max(across), max(up)


@cache
def outlines() -> Mapping[str, Outline]:
    """Return the municipalities' outlines by code."""
    raw = json.loads((REFERENCE_FOLDER / "outlines.json").read_text("utf-8"))
    return {
        code: Outline(
            tuple(entry["centre"]), tuple(tuple((x, y) for x, y in ring) for ring in entry["rings"])
        )
        for code, entry in raw.items()
    }


@cache
def police_types() -> Mapping[str, tuple[str, str]]:
    """Return ``type -> (category, kind)``; kind is ``event``, ``information`` or ``summary``."""
    return {row["type"]: (row["category"], row["kind"]) for row in read_csv("police_types.csv")}


@cache
def crime_notices() -> frozenset[str]:
    """Return the categories of notices that are of crimes, those of traffic apart."""
    return frozenset(
        row["category"]
        for row in read_csv("police_categories.csv")
        if row["is_crime"] == "ja" and row["category"] not in TRAFFIC
    )


def police_categories() -> Mapping[str, str]:
    """Return the Swedish titles of the notice categories by category id."""
    return {row["category"]: row["title"] for row in read_csv("police_categories.csv")}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place a notice may name: a locality, district or road of ``code``, or one over the border.

    Attributes
    ----------
    inside
        ``ja``, ``nej`` (over the border) or ``väg``.
    kind
        ``ort`` or, for districts of the three largest cities, ``stadsdel``.
    exact
        The name must stand just as it is written, capitals and all; else case does not matter.
    ordinary
        The name is also a word, as Vara and Vi are. Where such a word begins a sentence it is no place, unless it
        stands by itself ("Vara, inbrott").
    """

    code: str
    locality: str
    variants: tuple[str, ...]
    inside: str
    kind: str = "ort"
    exact: bool = False
    ordinary: bool = False

    def named_in(self, text: str) -> bool:
        """Tell whether ``text`` names the place, on word boundaries."""
        sought = text if self.exact else text.casefold()
        for variant in self.variants:  # noqa: SIM110 - a generator takes twice the time, over all places and notices
            if variant in sought and self._stands_in(sought, variant):
                return True
        return False

    def _stands_in(self, text: str, variant: str) -> bool:
        found = _pattern(variant, exact=self.exact).finditer(text)
        return any(not self.ordinary or _is_a_name(text, match.start(), match.end()) for match in found)


@cache
def _pattern(variant: str, *, exact: bool) -> re.Pattern[str]:
    """Return a variant on word boundaries; there are more of them than `re` itself remembers."""
    after = r"(?!\w|\s+kommun)" if exact else r"(?!\w)"  # "Mora kommun" is not the locality
    return re.compile(rf"(?<!\w){re.escape(variant)}{after}")


def _is_a_name(text: str, start: int, end: int) -> bool:
    """Tell whether a capitalised word is a name: not the first of a sentence, or standing by itself."""
    before, after = text[:start].rstrip(' "”»–-'), text[end:].lstrip()
    return not (not before or before[-1] in ".!?:\n") or not after or after[0] in ",."


@cache
def gazetteer() -> Mapping[str, tuple[Place, ...]]:
    """Return the places by the municipality whose notices they are sought in.

    The hand-kept places come first, then districts, then localities by name, last the locality that has the
    municipality's own name. Names of other municipalities and of counties are no places.
    """
    places: dict[str, list[Place]] = {}
    for row in read_csv("gazetteer.csv"):
        place = Place(
            code=row["code"],
            locality=row["locality"],
            variants=tuple(row["variants"].split("|")),
            inside=row["inside"],
        )
        places.setdefault(place.code, []).append(place)
    for row in read_csv("districts.csv"):
        variants = tuple(row["variants"].split("|"))
        district = Place(
            code=row["code"],
            locality=row["district"],
            variants=variants,
            inside="ja",
            kind="stadsdel",
            exact=True,
        )
        places.setdefault(district.code, []).append(district)
    ordinary = {row["word"] for row in read_csv("ordinary_words.csv")}
    for name, code in _localities():
        found = places.setdefault(code, [])
        known = {variant.casefold() for place in found for variant in (*place.variants, place.locality)}
        if not {name.casefold(), f"{name} (tätort)".casefold()} & known:
            found.append(
                Place(
                    code=code,
                    locality=name,
                    variants=(name,),
                    inside="ja",
                    exact=True,
                    ordinary=name in ordinary,
                )
            )
    return {code: tuple(found) for code, found in places.items()}


def _localities() -> list[tuple[str, str]]:
    """Return (name, municipality) of the localities that a notice can be trusted to mean.

    A municipality's own name means the locality only where that is its largest; it comes last.
    """
    names = municipality_names()
    taken = set(names.values()) | set(counties().values())
    largest: dict[str, tuple[int, str]] = {}
    rows = read_csv("localities.csv")
    for row in rows:
        size = (int(row["population"] or 0), row["locality"])
        largest[row["code"]] = max(size, largest.get(row["code"], (0, "")))
    found = [(row["locality"], row["code"]) for row in rows if row["locality"] not in taken]
    own = [(name, code) for code, name in names.items() if largest.get(code, (0, ""))[1] == name]
    return sorted(found) + sorted(own)


@dataclass(frozen=True)
class Locality:
    """A locality: where its middle is (degrees), and how many live there; 0 where that is not known."""

    name: str
    latitude: float
    longitude: float
    population: int


@cache
def localities() -> Mapping[str, tuple[Locality, ...]]:
    """Return the localities by municipality that it is known of where they are, the largest first."""
    found: dict[str, list[Locality]] = {}
    for row in (row for row in read_csv("localities.csv") if row["lat"]):
        one = Locality(row["locality"], float(row["lat"]), float(row["lon"]), int(row["population"] or 0))
        found.setdefault(row["code"], []).append(one)
    return {code: tuple(sorted(of, key=lambda one: -one.population)) for code, of in found.items()}


def middles(code: str) -> list[tuple[str, float, float]]:
    """Return (name, latitude, longitude) of a municipality's localities, the largest first."""
    return [(one.name, one.latitude, one.longitude) for one in localities().get(code, ())]


@cache
def municipality_names() -> Mapping[str, str]:
    """Return the municipalities' names by code, as SCB's map has them; what is shown comes from Kolada."""
    return {row["code"]: row["name"] for row in read_csv("municipalities.csv")}


def places_named(text: str, code: str | None = None) -> list[Place]:
    """Return the places that a text names, of one municipality or, with ``code`` None, of all.

    Much quicker than asking every place in turn: only those whose first word is in the text are tried.
    """
    tried = [place for word in dict.fromkeys(_words(text)) for place in _by_first_word().get(word, ())]
    found = {place: None for place in tried if code in {None, place.code} and place.named_in(text)}
    order = gazetteer().get(code, ()) if code else found
    return [place for place in order if place in found]


@cache
def _by_first_word() -> Mapping[str, tuple[Place, ...]]:
    """Return all places by the first word, in lower case, of each of their variants."""
    places: dict[str, list[Place]] = {}
    for place in (place for found in gazetteer().values() for place in found):
        for word in dict.fromkeys(_words(variant)[0] for variant in place.variants):
            places.setdefault(word, []).append(place)
    return {word: tuple(found) for word, found in places.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def full_name(code: str, name: str) -> str:
    """Return what a municipality calls itself: ``Hallsbergs kommun``, ``Kumla kommun``, ``Malmö stad``, ``Region Gotland``.

    By the rule of Swedish place names: no genitive s after a vowel, nor after s, x and z. Those that follow another
    rule, or are no ``kommun``, stand in ``municipality_own_names.csv``.
    """
    return _own_names().get(code) or (
        f"{name} kommun" if name[-1].lower() in "aeiouyåäösxz" else f"{name}s kommun"
    )


@cache
def _own_names() -> Mapping[str, str]:
    return {row["code"]: row["name"] for row in read_csv("municipality_own_names.csv")}


@cache
def composites() -> Mapping[str, dict[str, str]]:
    """Return the measures that are put together of others, by id: rows of ``composite_measures.csv``."""
    return {row["id"]: row for row in read_csv("composite_measures.csv")}


@lru_cache(maxsize=4096)  # a source calls the same few hundred places by name in every answer
def normalise_name(name: str) -> str:
    """Fold case, dash variants, white space and split accents: ``Upplands-bro`` equals ``Upplands–Bro``."""
    return re.sub(r"[\s\-‐‑–—_\u00a0]+", " ", unicodedata.normalize("NFC", name)).strip().casefold()


class MunicipalityNames:
    """Finds the code of a municipality from any spelling the sources use.

    Parameters
    ----------
    municipalities
        Pairs of (code, name). Spellings that no rule finds are read from ``municipality_aliases.csv``.
    """

    def __init__(self, municipalities: Iterable[tuple[str, str]]) -> None:
        self._codes = {normalise_name(name): code for code, name in municipalities}
        known = set(self._codes.values())
        for alias, code in _aliases().items():
            if code in known:
                self._codes.setdefault(alias, code)

    def code(self, name: str) -> str | None:
        """Return the code for ``Ale``, ``Ale kommun``, ``Arjeplogs kommun``, ``Malmö stad``; else None."""
        plain = normalise_name(name)
        stem = re.sub(r"^(region|kommunen) | (kommun|stad|region)$", "", plain)
        candidates = (plain, stem, stem.removesuffix("s"))
        return next((self._codes[c] for c in candidates if c in self._codes), None)


@cache
def _aliases() -> Mapping[str, str]:
    """Return codes by normalised spellings that the rules of `MunicipalityNames` do not find."""
    return {normalise_name(row["alias"]): row["code"] for row in read_csv("municipality_aliases.csv")}


def read_csv(name: str) -> list[dict[str, str]]:
    """Return the rows of a reference table as dictionaries of text."""
    with (REFERENCE_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_toml(name: str) -> dict[str, Any]:
    """Return a reference file in TOML."""
    return tomllib.loads((REFERENCE_FOLDER / name).read_text(encoding="utf-8"))
