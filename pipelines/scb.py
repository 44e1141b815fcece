"""SCB (PxWebApi v2): population by municipality and year, and localities (tätorter).

Tables are found by title, since ids change. pxwebpy is not used: it brings its own HTTP session,
past the rate limit and the archive (docs/decisions/0003).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import polars as pl

from lagesbild import reference
from lagesbild.warehouse import row_of
from pipelines.contract import Batch, Context, Document, Request, Source, require_rows
from pipelines.http import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_CELLS = 150_000


@dataclass(frozen=True)
class _Dataset:
    """A json-stat2 dataset: labels by code for each dimension, and values in row-major order."""

    label: str
    dimensions: dict[str, dict[str, str]]
    values: list[Any]

    def cells(self) -> Iterator[tuple[dict[str, str], Any]]:
        """Yield the code of each dimension with the value."""
        names = list(self.dimensions)
        for codes, value in zip(product(*self.dimensions.values()), self.values, strict=True):
            yield dict(zip(names, codes, strict=True)), value


class Scb(Source):
    """Reads the two tables named in ``scb_tables.toml``."""

    id: ClassVar[str] = "scb"

    def discover(self, context: Context) -> list[Request]:
        """Search for each table by its title."""
        return [
            Request(
                f"{context.base_url}/tables?lang=sv&query={quote(table['query'])}",
                "search",
                tags={"name": name},
            )
            for name, table in reference.read_toml("scb_tables.toml").items()
        ]

    def follow(self, document: Document, context: Context) -> list[Request]:
        """Go from the search to the table's metadata, and from there to its values."""
        name = document.request.tags["name"]
        wanted = reference.read_toml("scb_tables.toml")[name]
        if document.request.part == "search":
            table = self._found(self._json(document), wanted)
            url = f"{context.base_url}/tables/{quote(table)}"
            return [Request(f"{url}/metadata?lang=sv", "metadata", tags={"name": name, "table": table})]
        if document.request.part == "metadata":
            return self._selections(self._dataset(document), wanted, document, context)
        return []

    def _json(self, document: Document) -> dict[str, Any]:
        try:
            payload = json.loads(decode(self.id, document, "JSON"))
        except json.JSONDecodeError as error:
            raise self.error(f"{_what(document)}: svaret är inte hel JSON (tecken {error.pos})") from error
        if not isinstance(payload, dict):
            raise self.error(f"{_what(document)}: väntade ett objekt, fick {type(payload).__name__}")
        return payload

    def _found(self, payload: dict[str, Any], wanted: dict[str, Any]) -> str:
        tables = payload.get("tables")
        if not isinstance(tables, list):
            raise self.error("sökning: fältet tables saknas")
        fitting = [
            str(table.get("id"))
            for table in tables
            if re.search(wanted["title_pattern"], str(table.get("label", "")), re.IGNORECASE)
        ]
        if not fitting:
            raise self.error(f"hittar ingen tabell med titeln {wanted['query']!r}")
        return wanted["id"] if wanted["id"] in fitting else fitting[0]

    def _selections(
        self, metadata: _Dataset, wanted: dict[str, Any], document: Document, context: Context
    ) -> list[Request]:
        region = self._dimension(metadata, wanted["region"])
        years = [
            code
            for code in metadata.dimensions["Tid"]
            if code.isdigit() and int(code) >= wanted["first_year"]
        ]
        contents = [
            code
            for code, label in metadata.dimensions["ContentsCode"].items()
            if re.search(wanted["contents_pattern"], label, re.IGNORECASE)
        ]
        codes = [code for code in metadata.dimensions[region] if re.match(r"\d{4}(T[BC]\d+)?$", code)]
        if not years or not contents or not codes:
            raise self.error(f"{_what(document)}: tabellen saknar väntade år, innehåll eller områden")
        at_once = max(1, _MOST_CELLS // len(codes))
        url = f"{context.base_url}/tables/{quote(document.request.tags['table'])}/data?lang=sv&outputFormat=json-stat2"
        return [
            Request(
                url,
                "values",
                body={
                    "selection": [
                        {"variableCode": region, "valueCodes": codes},
                        {"variableCode": "ContentsCode", "valueCodes": contents[:1]},
                        {"variableCode": "Tid", "valueCodes": years[start : start + at_once]},
                    ]
                },
                tags={**document.request.tags, "region": region},
            )
            for start in range(0, len(years), at_once)
        ]

    def _dimension(self, dataset: _Dataset, pattern: str) -> str:
        found = next((name for name in dataset.dimensions if re.search(pattern, name, re.IGNORECASE)), None)
        missing = [name for name in ("Tid", "ContentsCode") if name not in dataset.dimensions]
        if found is None or missing:
            raise self.error(
                f"tabellen {dataset.label!r} saknar variabeln {missing[0] if missing else 'Region'}"
            )
        return found

    def _dataset(self, document: Document) -> _Dataset:
        payload = self._json(document)
        try:
            dimensions = {name: _category(payload["dimension"][name]["category"]) for name in payload["id"]}
            size = 1
            for name, expected in zip(payload["id"], payload["size"], strict=True):
                if len(dimensions[name]) != expected:
                    raise self.error(
                        f"{_what(document)}: variabeln {name} har {len(dimensions[name])} värden, väntade {expected}"
                    )
                size *= expected
            values = payload.get("value", [])
            if isinstance(values, dict):
                values = [values.get(str(index)) for index in range(size)]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self.error(f"{_what(document)}: svaret är inte json-stat2 (fält {error})") from error
        if document.request.part == "values" and len(values) != size:
            raise self.error(f"{_what(document)}: {len(values)} värden, väntade {size}")
        return _Dataset(str(payload.get("label", "")), dimensions, values)

    def parse(self, documents: Iterable[Document], context: Context) -> Batch:
        """Return ``population`` (year ends) and ``locality``."""
        del context
        population: list[dict[str, Any]] = []
        localities: list[dict[str, Any]] = []
        batch = Batch()
        for document in documents:
            if document.request.part != "values":
                continue
            dataset = self._dataset(document)
            batch.rows_by_document[document.fetch_id] = len(dataset.values)
            region = document.request.tags["region"]
            for codes, value in dataset.cells():
                number = self._count(value, codes, document)
                row = {"year": int(codes["Tid"]), "fetch_id": document.fetch_id}
                if document.request.tags["name"] == "population":
                    if number is not None:
                        population.append({"code": codes[region], **row, "population": float(number)})
                else:
                    label = dataset.dimensions[region][codes[region]]
                    name = re.sub(r"^\d{4}T[BC]\d+\s*", "", label)
                    localities.append({"locality_code": codes[region], **row, "name": name,
                                       "municipality_code": codes[region][:4], "population": number})  # fmt: skip
        people = pl.DataFrame(population, schema={"code": pl.String, "year": pl.Int32, "fetch_id": pl.String,
                                                  "population": pl.Float64})  # fmt: skip
        batch.tables["population"] = people.with_columns(kind=pl.lit("year_end"), basis=pl.lit("published"))
        batch.tables["locality"] = pl.DataFrame(
            localities,
            schema={"locality_code": pl.String, "year": pl.Int32, "fetch_id": pl.String, "name": pl.String,
                    "municipality_code": pl.String, "population": pl.Int64},
        )  # fmt: skip
        return batch

    def _count(self, value: Any, codes: dict[str, str], document: Document) -> int | None:  # noqa: ANN401
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != int(value):
            raise self.error(f"{_what(document)}: värdet för {codes} är inget antal: {value!r}")
        return int(value)

    def validate(self, batch: Batch, context: Context) -> None:
        """Refuse an answer without all municipalities or with populations that cannot be."""
        people = batch.tables["population"]
        if people.is_empty():
            raise self.error("folkmängd: svaret är tomt")
        if people.select("code", "year").is_duplicated().any() or (people["population"] <= 0).any():
            raise self.error("folkmängd: en kommun har flera värden eller noll invånare ett år")
        latest = people.filter(pl.col("year") == people["year"].max())
        if latest.height != 290:
            raise self.error(f"folkmängd {latest['year'][0]}: {latest.height} kommuner, väntade 290")
        total = float(latest["population"].sum())
        if not 8e6 < total < 15e6:
            raise self.error(f"folkmängd {latest['year'][0]}: summan är {total:.0f}, orimligt för Sverige")
        if context.municipalities() and context.stored is not None:
            row = row_of(context.stored, "SELECT count(*) FROM population WHERE kind = 'year_end'")
            require_rows(self, int(row[0]) if row else 0, people.height, "folkmängdsvärden")


def _category(category: dict[str, Any]) -> dict[str, str]:
    """Return labels by code, in the order of the index."""
    index = category["index"]
    order = index if isinstance(index, list) else sorted(index, key=index.__getitem__)
    labels = category.get("label", {})
    return {str(code): str(labels.get(code, code)) for code in order}


def _what(document: Document) -> str:
    return f"{document.request.tags.get('name', '')} ({document.request.part})"
