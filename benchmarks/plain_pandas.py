"""The same job on notices as plain pandas does it: what the pipeline is measured against."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from lagesbild.data import reference
from pipelines.sources.polisen import _MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable


def run(answers: Iterable[bytes], municipalities: list[tuple[str, str]]) -> int:
    """Parse answers of the API and store the notices in DuckDB; return how many were stored."""
    frame = pd.concat([pd.json_normalize(json.loads(answer)) for answer in answers if answer != b"[]"])
    frame = frame.drop_duplicates("id", keep="last")
    padded = frame["datetime"].str.replace(r" (\d):", r" 0\1:", regex=True)
    frame["published_at"] = pd.to_datetime(padded, format="%Y-%m-%d %H:%M:%S %z", utc=True)
    frame["occurred_at"] = [
        _occurred(name, published)
        for name, published in zip(frame["name"], frame["published_at"], strict=True)
    ]
    names = reference.MunicipalityNames(municipalities)
    frame["place"] = frame["name"].str.rsplit(",", n=1).str[-1].str.strip()
    frame["code"] = frame["place"].map(names.code).fillna(frame["location.name"].map(names.code))
    counties = {reference.normalise_name(name): code for code, name in reference.counties().items()}
    in_county = frame["location.name"].map(lambda name: counties.get(reference.normalise_name(name)))
    frame["county_code"] = frame["code"].str[:2].fillna(in_county)
    types = reference.police_types()
    found = frame["type"].str.strip().map(lambda name: types.get(name, (reference.UNKNOWN_CATEGORY, "event")))
    frame["category"], frame["kind"] = found.str[0], found.str[1]
    places = reference.gazetteer()
    frame["locality"] = [
        next((place.locality for place in places.get(code, ()) if place.named_in(summary)), None)
        for code, summary in zip(frame["code"], frame["summary"], strict=True)
    ]
    kept = frame[
        [
            "id",
            "occurred_at",
            "published_at",
            "type",
            "category",
            "kind",
            "code",
            "county_code",
            "locality",
            "url",
        ]
    ]
    with duckdb.connect() as connection:
        connection.register("kept", kept)
        connection.execute("CREATE TABLE police_event AS SELECT * FROM kept")
        return int(connection.execute("SELECT count(*) FROM police_event").fetchall()[0][0])


def _occurred(name: str, published: Any) -> Any:
    """Read ``14 januari 08.05, ...`` in the year that lies nearest to publication."""
    words = name.replace(",", " ").split()
    try:
        month = _MONTHS[words[1].lower()]
        clock = words[2].replace(".", ":")
        tries = [
            pd.Timestamp(f"{year}-{month}-{words[0].zfill(2)} {clock}", tz="Europe/Stockholm").tz_convert(
                "UTC"
            )
            for year in (published.year, published.year - 1)
        ]
    except (KeyError, IndexError, ValueError):
        return published
    nearest = min(tries, key=lambda moment: abs(published - moment))
    return nearest if abs(published - nearest) <= timedelta(days=60) else published
