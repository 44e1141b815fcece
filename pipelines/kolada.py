"""Kolada (api.kolada.se/v3): key figures, similar municipalities and characteristics.

Key figures are found by title, since ids come and go, and stored with their definition. Our own id
(`indicator.id`) stays; `source_key` is the id Kolada uses today.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import polars as pl

from lagesbild import reference
from lagesbild.warehouse import frame_of
from pipelines.contract import Batch, Context, Document, LoadCount, Request, Source, require_rows
from pipelines.http import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

FIRST_YEAR = 2015
_BACKBONE = ("N07540", "N07403")
_SEARCHES = ("Anmäl", "NTU - ", "Medborgarundersökningen - ", "Osäkerhetstal - ", "Invånare", "Avvikelse från modellberäknat",
             "Nettoinkomst", "Medianinkomst", "Arbetslös", "Utrikes födda", "Befolkningstäthet", "Tätortsgrad")  # fmt: skip
_SIMILAR = re.compile(r"^Liknande kommuner,? (?P<theme>.+?), (?P<home>[^,]+), (?P<year>\d{4})$")
_WITHHELD = {"missing": "missing", "private": "suppressed"}
_MOST_PAGES = 60
_NAME = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)*")
_MOST_PER_100K = 100_000
_LEAST_CHANGE = 0.5


@dataclass(frozen=True)
class _Wanted:
    """A key figure we read: a column of ``indicator`` values, a margin or a characteristic."""

    name: str
    role: str
    row: dict[str, str]


class Kolada(Source):
    """Reads the municipalities, the groups, then each key figure for all municipalities."""

    id: ClassVar[str] = "kolada"

    def discover(self, context: Context) -> list[Request]:
        """Ask for municipalities and groups; the catalogue and the key figures follow."""
        base = context.base_url
        return [
            Request(f"{base}/municipality", "municipalities"),
            Request(f"{base}/municipality-groups", "groups"),
        ]

    def follow(self, document: Document, context: Context) -> list[Request]:
        """Ask for the next page; after the catalogue, for the values of each key figure found."""
        payload = self._payload(document)
        request = document.request
        tags = dict(request.tags)
        if request.part == "municipalities":  # every page adds its municipalities; the last one knows all
            found = [str(item.get("id")) for item in payload["values"] if item.get("type") == "K"]
            tags["areas"] = ",".join([tags.get("areas", reference.COUNTRY_CODE), *found])
        more: list[Request] = []
        if payload.get("next_url"):
            page = int(request.tags.get("page", "1")) + 1
            if page > _MOST_PAGES:
                raise self.error(f"{request.part}: fler än {_MOST_PAGES} sidor")
            more.append(
                Request(
                    self._next_url(payload, request),
                    request.part,
                    tags={**tags, "page": str(page)},
                )
            )
        elif request.part == "municipalities":
            more += [
                Request(
                    f"{context.base_url}/kpi?title={quote(text)}", "catalogue", tags={"areas": tags["areas"]}
                )
                for text in _SEARCHES
            ]
        if request.part == "catalogue":
            more += self._value_requests(payload, request.tags["areas"], context)
        return more

    def _next_url(self, payload: dict[str, Any], request: Request) -> str:
        """Return the next page's address on the host we asked (a stand-in may name another)."""
        query = str(payload["next_url"]).partition("?")[2]
        if not query:
            raise self.error(f"fältet next_url har oväntad form: {payload['next_url']!r}")
        return f"{request.url.partition('?')[0]}?{query}"

    def _value_requests(self, payload: dict[str, Any], areas: str, context: Context) -> list[Request]:
        first = context.since.year if context.since else FIRST_YEAR
        years = ",".join(str(year) for year in range(first, context.now.year + 1))
        wanted = [(kpi, _wanted(kpi)) for kpi in payload["values"]]
        return [
            Request(
                f"{context.base_url}/data/kpi/{quote(str(kpi['id']))}/municipality/{areas}/year/{years}",
                "values",
                tags={"kpi": str(kpi["id"]), "name": found.name, "role": found.role},
            )
            for kpi, found in wanted
            if found
        ]

    def _payload(self, document: Document) -> dict[str, Any]:
        part = f"{document.request.part} ({document.request.url[:100]})"
        try:
            payload = json.loads(decode(self.id, document, "JSON"))
        except json.JSONDecodeError as error:
            raise self.error(f"{part}: svaret är inte hel JSON (tecken {error.pos})") from error
        if not isinstance(payload, dict) or not isinstance(payload.get("values"), list):
            raise self.error(f"{part}: fältet values saknas eller är ingen lista")
        if not all(isinstance(value, dict) for value in payload["values"]):
            raise self.error(f"{part}: fältet values har rader som inte är objekt")
        return payload

    def parse(self, documents: Iterable[Document], context: Context) -> Batch:
        """Return municipalities, groups, indicators, observations and covariates."""
        del context
        parts: dict[str, list[tuple[Document, dict[str, Any]]]] = {}
        batch = Batch()
        for document in documents:
            payload = self._payload(document)
            batch.rows_by_document[document.fetch_id] = len(payload["values"])
            parts.setdefault(document.request.part, []).append((document, payload))
        names = self._municipalities(parts.get("municipalities", []))
        municipality_codes = {row["code"]: row["name"] for row in names}
        batch.tables["municipality"] = pl.DataFrame(names)
        batch.tables["comparison_group"] = self._groups(parts.get("groups", []), municipality_codes)
        catalogue = {str(kpi["id"]): kpi for _, page in parts.get("catalogue", []) for kpi in page["values"]}
        values = self._values(parts.get("values", []), set(municipality_codes) | {reference.COUNTRY_CODE})
        batch.tables["indicator"] = self._indicators(values, catalogue)
        batch.tables["observation"] = _observations(values)
        batch.tables["covariate"] = _covariates(values)
        batch.remarks += _missing_remarks(values)
        return batch

    def _municipalities(self, pages: list[tuple[Document, dict[str, Any]]]) -> list[dict[str, str]]:
        rows = []
        for document, page in pages:
            for number, item in enumerate(page["values"], 1):
                code, name, kind = (
                    self._text(item, field, "municipality", number) for field in ("id", "title", "type")
                )
                if kind != "K":
                    continue
                if not _NAME.fullmatch(name):
                    raise self.error(
                        f"municipality rad {number}: fältet title är inget ortnamn: {name[:60]!r}"
                    )
                county = reference.counties().get(code[:2])
                if not re.fullmatch(r"\d{4}", code) or county is None:
                    raise self.error(f"municipality rad {number}: fältet id är ingen kommunkod: {code!r}")
                rows.append({"code": code, "name": name, "county_code": code[:2], "county": county,
                             "fetch_id": document.fetch_id})  # fmt: skip
        return rows

    def _text(self, item: dict[str, Any], field: str, part: str, row: int) -> str:
        value = item.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{part} rad {row}: fältet {field} saknas")
        return value.strip()

    def _groups(self, pages: list[tuple[Document, dict[str, Any]]], names: dict[str, str]) -> pl.DataFrame:
        """Return the similar-municipality groups and SKR's groups, one row a member."""
        codes = {reference.normalise_name(name): code for code, name in names.items()}
        skr = {row["kolada_title"]: row for row in reference.read_csv("skr_groups.csv")}
        rows: list[dict[str, Any]] = []
        head: dict[str, Any]
        for document, page in pages:
            for number, group in enumerate(page["values"], 1):
                title = self._text(group, "title", "municipality-groups", number)
                similar = _SIMILAR.match(title)
                if title in skr:
                    head = {"group_id": f"skr:{skr[title]['code']}", "kind": "skr", "theme": "SKR",
                            "title": skr[title]["title"], "year": None, "home_code": None}  # fmt: skip
                elif similar and reference.normalise_name(similar["home"]) in codes:
                    head = {"group_id": self._text(group, "id", "municipality-groups", number), "kind": "kolada",
                            "theme": similar["theme"], "title": title, "year": int(similar["year"]),
                            "home_code": codes[reference.normalise_name(similar["home"])]}  # fmt: skip
                else:
                    continue
                rows += [
                    {**head, "member_code": code, "fetch_id": document.fetch_id}
                    for code in self._members(group, number)
                    if code in names
                ]
        return pl.DataFrame(rows, schema_overrides={"year": pl.Int32, "home_code": pl.String})

    def _members(self, group: dict[str, Any], number: int) -> list[str]:
        members = group.get("members")
        if not isinstance(members, list):
            raise self.error(f"municipality-groups rad {number}: fältet members saknas")
        codes = [m.get("member_id", m.get("id")) if isinstance(m, dict) else None for m in members]
        if not all(isinstance(code, str) for code in codes):
            raise self.error(f"municipality-groups rad {number}: en medlem saknar member_id")
        return list(dict.fromkeys(str(code) for code in codes))

    def _values(self, pages: list[tuple[Document, dict[str, Any]]], areas: set[str]) -> pl.DataFrame:
        """Return one row a key figure, area and year: role, name, code, year, value, status."""
        rows = []
        for document, page in pages:
            tags = document.request.tags
            for number, item in enumerate(page["values"], 1):
                place = f"data {tags['kpi']} rad {number}"
                if item.get("kpi") != tags["kpi"]:
                    raise self.error(f"{place}: fältet kpi är {item.get('kpi')!r}")
                code = item.get("municipality")
                if code not in areas:
                    continue
                year = item.get("period")
                if not isinstance(year, int) or not FIRST_YEAR <= year <= document.fetched_at.year:
                    raise self.error(f"{place}: fältet period är inget år som frågats efter: {year!r}")
                value, status = self._total(item, place)
                rows.append(
                    (
                        tags["role"],
                        tags["name"],
                        tags["kpi"],
                        code,
                        year,
                        value,
                        status,
                        document.fetch_id,
                    )
                )
        frame = pl.DataFrame(
            rows,
            schema={"role": pl.String, "name": pl.String, "kpi": pl.String, "code": pl.String, "year": pl.Int32,
                    "value": pl.Float64, "status": pl.String, "fetch_id": pl.String},
            orient="row",
        )  # fmt: skip
        # Several key figures may fit the pattern of one characteristic: the first one found is read.
        first = frame.group_by("name", "role").agg(kpi=pl.col("kpi").first())
        frame = frame.join(first, on=["name", "role", "kpi"], how="semi")
        twice = frame.filter(frame.select("name", "role", "code", "year").is_duplicated())
        if twice.height:
            row = twice.row(0, named=True)
            raise self.error(f"data {row['kpi']}: kommun {row['code']} år {row['year']} finns flera gånger")
        return frame

    def _total(self, item: dict[str, Any], place: str) -> tuple[float | None, str]:
        """Return the value for both sexes together, or the reason it is not there."""
        values = item.get("values")
        if not isinstance(values, list):
            raise self.error(f"{place}: fältet values saknas")
        totals = [v for v in values if isinstance(v, dict) and v.get("gender") == "T"]
        if len(totals) > 1:
            raise self.error(f"{place}: fältet values har {len(totals)} rader för båda könen")
        total = totals[0] if totals else None
        if total is None or total.get("isdeleted"):
            return None, "missing"
        status = str(total.get("status") or "").strip()
        if status:
            return None, _WITHHELD.get(status.casefold(), "suppressed")
        value = total.get("value")
        if value is None:
            return None, "missing"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e12:
            raise self.error(f"{place}: fältet value är inget tal: {value!r}")
        return float(value), "final"

    def _indicators(self, values: pl.DataFrame, catalogue: dict[str, dict[str, Any]]) -> pl.DataFrame:
        rows = []
        listed = {row["id"]: row for row in reference.read_csv("kolada_indicators.csv")}
        found = values.filter(pl.col("role") == "indicator").unique("name", keep="first", maintain_order=True)
        for name, kpi, fetch_id in found.select("name", "kpi", "fetch_id").iter_rows():
            entry, wanted = catalogue.get(kpi, {}), listed[name]
            rows.append(
                {"id": name, "source_id": self.id, "source_key": kpi, "title_sv": str(entry.get("title", wanted["title"])),
                 "short_sv": wanted["short"], "category": wanted["category"], "kind": wanted["kind"],
                 "unit": wanted["unit"], "direction": wanted["direction"],
                 "definition_sv": str(entry.get("description") or ""), "fetch_id": fetch_id}
            )  # fmt: skip
        return pl.DataFrame(rows)

    def load(self, batch: Batch, connection: duckdb.DuckDBPyConnection) -> LoadCount:
        """Insert or update; a municipality that has left a group is no longer a member of it."""
        connection.register("groups_now", batch.tables["comparison_group"].to_arrow())
        connection.execute(
            """
            DELETE FROM comparison_group
             WHERE group_id IN (SELECT group_id FROM groups_now)
               AND (group_id, member_code) NOT IN (SELECT group_id, member_code FROM groups_now)
            """
        )
        connection.unregister("groups_now")
        return super().load(batch, connection)

    def validate(self, batch: Batch, context: Context) -> None:
        """Refuse an answer without all municipalities, the backbone or the groups."""
        self._check_municipalities(batch.tables["municipality"], context)
        groups = batch.tables["comparison_group"]
        homes = groups["home_code"].n_unique() if groups.height else 0
        if homes < 280:
            raise self.error(f"municipality-groups: bara {homes} kommuner har en grupp av liknande kommuner")
        observations = batch.tables["observation"]
        for name in _BACKBONE:
            got = observations.filter((pl.col("indicator_id") == name) & (pl.col("status") == "final"))
            latest = (
                got.filter(pl.col("period_start") == got["period_start"].max()).height if got.height else 0
            )
            if latest < 280:
                raise self.error(f"nyckeltal {name}: bara {latest} kommuner har värde för senaste året")
        self._check_values(observations)
        self._check_against_stored(observations, context)

    def _check_municipalities(self, frame: pl.DataFrame, context: Context) -> None:
        for field, column in (("id", "code"), ("title", "name")):
            different = frame[column].n_unique() if frame.height else 0
            if frame.height != 290 or different != 290:
                raise self.error(
                    f"municipality: {frame.height} kommuner med {different} olika {field}, väntade 290"
                )
        stored = {code for code, _ in context.municipalities()}
        if stored:
            changed = sorted(stored ^ set(frame["code"]))
            if changed:
                raise self.error(f"municipality: kommunkoderna är inte de lagrade ({', '.join(changed[:5])})")

    def _check_values(self, observations: pl.DataFrame) -> None:
        """Refuse values that no municipality can have."""
        units = {row["id"]: row["unit"] for row in reference.read_csv("kolada_indicators.csv")}
        most = {"percent": 100.0, "per_100k": float(_MOST_PER_100K)}
        limit = pl.col("indicator_id").replace_strict(
            {name: most[unit] for name, unit in units.items() if unit in most},
            default=None,
            return_dtype=pl.Float64,
        )
        for told, odd in (
            ("har negativt värde", pl.col("rate") < 0),
            ("har orimligt högt värde", pl.col("rate") > limit),
            ("ligger utanför sin felmarginal, värde", ~pl.col("rate").is_between("lower", "upper")),
        ):
            found = observations.filter(odd)
            if found.height:
                row = found.row(0, named=True)
                place = f"nyckeltal {row['indicator_id']}: kommun {row['code']} år {row['period_start'].year}"
                raise self.error(f"{place} {told} {row['rate']}")

    def _check_against_stored(self, observations: pl.DataFrame, context: Context) -> None:
        """Refuse an answer that loses many values of a key figure, or moves nearly all of them far."""
        if context.stored is None or not context.municipalities():
            return
        stored = frame_of(
            context.stored,
            """
            SELECT indicator_id, code, period_start, rate AS stored FROM observation
             WHERE status = 'final' AND period_kind = 'year' AND period_start >= ?
            """,
            [date(context.since.year if context.since else FIRST_YEAR, 1, 1)],
        )
        keys = ["indicator_id", "code", "period_start"]
        asked = observations.filter(pl.col("status") == "final")
        for (name,), before in stored.group_by("indicator_id"):
            now = asked.filter(indicator_id=name)
            if observations.filter(indicator_id=name).is_empty():
                continue  # no longer in the catalogue: what is stored stays, and a remark tells
            require_rows(self, before.height, now.height, f"värden för {name}")
            ratio = (
                now.join(before, on=keys)
                .filter(pl.col("stored") > 0)
                .select(pl.col("rate") / pl.col("stored"))
            )
            middle = ratio.to_series().median()
            if middle is not None and not _LEAST_CHANGE <= float(str(middle)) <= 1 / _LEAST_CHANGE:
                raise self.error(f"nyckeltal {name}: värdena är {float(str(middle)):.3g} gånger de lagrade")


def _fold(title: str) -> str:
    return re.sub(r"[\s\W]+", " ", title).strip().casefold()


def _wanted(kpi: dict[str, Any]) -> _Wanted | None:
    """Tell what a catalogue entry is to us: found by title first, by known id second."""
    title, key = str(kpi.get("title", "")), str(kpi.get("id", ""))
    indicators = reference.read_csv("kolada_indicators.csv")
    for row in indicators:
        if _fold(row["title"]) == _fold(title):
            return _Wanted(row["id"], "indicator", row)
    for row in indicators:
        if key == row["id"] and _fold(title).split()[:2] == _fold(row["title"]).split()[:2]:
            return _Wanted(row["id"], "indicator", row)
        if row["margin_id"] and key == row["margin_id"] and title.startswith("Osäkerhetstal"):
            return _Wanted(row["id"], "margin", row)
    for row in reference.read_csv("kolada_covariates.csv"):
        if re.search(row["title_pattern"], title):
            return _Wanted(row["name"], "covariate", row)
    return None


def _observations(values: pl.DataFrame) -> pl.DataFrame:
    """Return observations; a survey value gets its margin as lower and upper limit."""
    margins = values.filter((pl.col("role") == "margin") & pl.col("value").is_not_null()).select(
        "name", "code", "year", margin="value"
    )
    return (
        values.filter(pl.col("role") == "indicator")
        .join(margins, on=["name", "code", "year"], how="left")
        .select(
            "code",
            "status",
            "fetch_id",
            indicator_id="name",
            period_start=pl.date(pl.col("year"), 1, 1),
            period_kind=pl.lit("year"),
            count=pl.lit(None, pl.Int64),
            count_basis=pl.lit(None, pl.String),
            rate="value",
            lower=pl.col("value") - pl.col("margin"),
            upper=pl.col("value") + pl.col("margin"),
        )
    )


def _covariates(values: pl.DataFrame) -> pl.DataFrame:
    present = values.filter((pl.col("role") == "covariate") & pl.col("value").is_not_null())
    return present.select("code", "year", "name", "value", "fetch_id")


def _missing_remarks(values: pl.DataFrame) -> list[str]:
    listed = {row["id"] for row in reference.read_csv("kolada_indicators.csv")}
    listed |= {row["name"] for row in reference.read_csv("kolada_covariates.csv")}
    missing = sorted(listed - set(values["name"].to_list()))
    return [f"finns inte i Kolada nu: {', '.join(missing)}"] if missing else []
