"""The hand-kept reference tables in ``data/reference``: sources, counties, names, police types."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from lagesbild.config import REFERENCE_FOLDER, SettingsError
from lagesbild.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COUNTRY_CODE = "0000"
UNKNOWN_CATEGORY = "okand"


@dataclass(frozen=True)
class SeriesBreak:
    """A date at which figures before and after are not fully comparable, and why (Swedish).

    ``only`` is part of the path or title of the indicators it concerns; empty for all of the source's.
    """

    date: date
    text: str
    only: str = ""


@dataclass(frozen=True)
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
def police_categories() -> Mapping[str, str]:
    """Return the Swedish titles of the notice categories by category id."""
    return {row["category"]: row["title"] for row in read_csv("police_categories.csv")}


@dataclass(frozen=True)
class Place:
    """A place a notice may name: a locality or road of ``code``, or one over the border."""

    code: str
    locality: str
    variants: tuple[str, ...]
    inside: str

    def named_in(self, text: str) -> bool:
        """Tell whether ``text`` names the place, on word boundaries, without regard to case."""
        return any(re.search(rf"(?<!\w){re.escape(v)}(?!\w)", text.casefold()) for v in self.variants)


@cache
def gazetteer() -> Mapping[str, tuple[Place, ...]]:
    """Return the places of the gazetteer by the municipality whose notices they are sought in."""
    places: dict[str, list[Place]] = {}
    for row in read_csv("gazetteer.csv"):
        place = Place(row["code"], row["locality"], tuple(row["variants"].split("|")), row["inside"])
        places.setdefault(place.code, []).append(place)
    return {code: tuple(found) for code, found in places.items()}


def normalise_name(name: str) -> str:
    """Fold case, dash variants and white space, so that ``Upplands-bro`` equals ``Upplands–Bro``."""
    return re.sub(r"[\s\-‐‑–—_\u00a0]+", " ", name).strip().casefold()


class MunicipalityNames:
    """Finds the code of a municipality from any spelling the sources use.

    Parameters
    ----------
    municipalities
        Pairs of (code, name).
    """

    def __init__(self, municipalities: Iterable[tuple[str, str]]) -> None:
        self._codes = {normalise_name(name): code for code, name in municipalities}

    def code(self, name: str) -> str | None:
        """Return the code for ``Ale``, ``Ale kommun``, ``Arjeplogs kommun``, ``Malmö stad``; else None."""
        plain = normalise_name(name)
        stem = re.sub(r"^(region|kommunen) | (kommun|stad|region)$", "", plain)
        candidates = (plain, stem, stem.removesuffix("s"))
        return next((self._codes[c] for c in candidates if c in self._codes), None)


def read_csv(name: str) -> list[dict[str, str]]:
    """Return the rows of a reference table as dictionaries of text."""
    with (REFERENCE_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_toml(name: str) -> dict[str, Any]:
    """Return a reference file in TOML."""
    return tomllib.loads((REFERENCE_FOLDER / name).read_text(encoding="utf-8"))
