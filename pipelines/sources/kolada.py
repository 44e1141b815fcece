"""Kolada (api.kolada.se/v3): key figures, similar municipalities and characteristics.

Ids are pinned in ``data/reference`` and the title is the check: a key figure whose id has another title
than expected may measure something else (U07417 held three-year means per 1 000 until 2024), so it is not
read. Our own id (`indicator.id`) stays; `source_key` is the id Kolada uses today.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import frame_of
from pipelines.contract import Batch, Document, Request, RunContext, Source, SourceError, ends_early
from pipelines.http import decode
from pipelines.loading import LoadCount, retire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import duckdb

FIRST_YEAR = 2015
#: Kolada answers 422 to more ids than this in one part of the address, and gives at most this many rows a page.
MOST_IDS, PAGE = 25, 5_000
_BACKBONE = ("N07540", "N07403")
_FEWEST_MUNICIPALITIES = 280
#: BRÅ has the final figures of a year at the end of March, Kolada some weeks later.
_PUBLISHED_IN = 6
_SIMILAR = re.compile(r"^Liknande kommuner,? (?P<theme>.+?), (?P<home>[^,]+), (?P<year>\d{4})$")
_WITHHELD = {"missing": "missing", "private": "suppressed"}
_MOST_PAGES = 60
_NAME = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)*")
_MOST_PER_100K = 100_000
_INDICATOR = dict.fromkeys(
    (
        "id",
        "source_id",
        "source_key",
        "title_sv",
        "short_sv",
        "category",
        "kind",
        "unit",
        "direction",
        "definition_sv",
        "fetch_id",
    ),
    pl.String,
)
_LEAST_CHANGE = 0.5
#: Of the values stored for a key figure and year, this share may be gone.
_MOST_LOST = 0.1
#: With a larger share of faulty rows than this the answer has another form.
_MOST_FAULTY = 0.01


@dataclass(frozen=True)
class _Wanted:
    """A key figure we read: a column of ``indicator`` values, a margin or a characteristic."""

    name: str
    role: str


class Kolada(Source):
    """Reads the municipalities, the groups and the catalogue, then the key figures for all municipalities."""

    id: ClassVar[str] = "kolada"
    partial: ClassVar[bool] = True

    def discover(self, context: RunContext) -> list[Request]:
        """Ask for municipalities, groups and the whole catalogue; the key figures follow (`fetch`)."""
        listings = {"municipalities": "municipality", "groups": "municipality_groups", "catalogue": "kpi"}
        return [
            Request(url=f"{context.base_url}/{path}?per_page={PAGE}", part=part)
            for part, path in listings.items()
        ]

    def follow(self, document: Document, context: RunContext) -> list[Request]:
        """Ask for the next page."""
        del context
        payload, request = self._payload(document), document.request
        if not payload.get("next_url"):
            return []
        page = int(request.tags.get("page", "1")) + 1
        if page > _MOST_PAGES:
            raise self.error(f"{request.part}: fler än {_MOST_PAGES} sidor")
        url = self._next_url(payload, request)
        return [Request(url=url, part=request.part, tags={**request.tags, "page": str(page)})]

    def fetch(
        self,
        context: RunContext,
        ask: Callable[[Request], Document],
        progress: Callable[[int, int], None],
    ) -> list[Document]:
        """Read what there is, then ask for the values of what we read."""
        listings = super().fetch(context, ask, progress)
        parts = self._parts(listings)
        areas = [
            reference.COUNTRY_CODE,
            *sorted(str(i.get("id")) for i in parts.items("municipalities") if i.get("type") == "K"),
        ]
        found, _ = _read_as(parts.catalogue())
        questions = _value_requests(sorted(found), areas, context)
        return listings + self.ask_all(questions, context, ask, progress, before=len(listings))

    def _next_url(self, payload: dict[str, Any], request: Request) -> str:
        """Return the next page's address on the host we asked (a stand-in may name another)."""
        query = str(payload["next_url"]).partition("?")[2]
        if not query:
            raise self.error(f"fältet next_url har oväntad form: {payload['next_url']!r}")
        return f"{request.url.partition('?')[0]}?{query}"

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

    def _parts(self, documents: Iterable[Document]) -> _Parts:
        return _Parts([(document, self._payload(document)["values"]) for document in documents])

    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Return municipalities, groups, indicators, observations and covariates."""
        parts = self._parts(documents)
        batch = Batch(rows_by_document={document.fetch_id: len(rows) for document, rows in parts.pages})
        known = self._municipalities(parts, dict(context.municipalities()), batch.remarks)
        names = {row["code"]: row["name"] for row in known}
        batch.tables["municipality"] = pl.DataFrame(known)
        batch.tables["comparison_group"] = self._groups(parts, names, context)
        catalogue = parts.catalogue()
        found, told = _read_as(catalogue)
        values = self._values(parts, found, set(names) | {reference.COUNTRY_CODE}, batch.remarks)
        indicators = self._indicators(values, catalogue)
        observations = _observations(values)
        refused = self._refused(observations, indicators, context)
        batch.tables["indicator"] = indicators.filter(~pl.col("id").is_in(list(refused)))
        batch.tables["observation"] = observations.filter(~pl.col("indicator_id").is_in(list(refused)))
        batch.tables["covariate"] = _covariates(values)
        batch.remarks += told + [f"{name} läses inte: {why}" for name, why in refused.items()]
        batch.remarks += _ended(observations, context)
        final = observations.filter(indicator_id=_BACKBONE[0], status="final")
        if final.height:
            newest = max(day.year for day in final["period_start"])
            batch.remarks += ends_early("anmälda brott totalt", newest, context.now, _PUBLISHED_IN)
        return batch

    def _municipalities(
        self, parts: _Parts, stored: Mapping[str, str], remarks: list[str]
    ) -> list[dict[str, str]]:
        """Return the municipalities we know; new ones wait until somebody has placed them on the map."""
        rows: dict[str, dict[str, str]] = {}
        faults: list[str] = []
        for document, number, item in parts.rows("municipalities"):
            if item.get("type") not in {"K", None}:
                continue
            try:
                row = self._municipality(item, number)
            except SourceError as error:
                faults.append(str(error))
                continue
            if row["code"] in rows:
                raise self.error(f"municipality rad {number}: fältet id {row['code']} finns flera gånger")
            rows[row["code"]] = {**row, "fetch_id": document.fetch_id}
        self._tolerate(faults, len(rows), remarks)
        for code in sorted(rows.keys() - stored.keys() if stored else ()):
            remarks.append(f"ny kommun {rows[code]['name']} ({code}) visas inte förrän programmet känner den")
            del rows[code]
        remarks += [
            f"{stored[code]} ({code}) finns inte längre i Kolada; lagrade värden står kvar"
            for code in sorted(stored.keys() - rows.keys())
        ]
        remarks += [
            f"{stored[code]} ({code}) heter {row['name']} i Kolada"
            for code, row in rows.items()
            if stored.get(code, row["name"]) != row["name"]
        ]
        return list(rows.values())

    def _municipality(self, item: dict[str, Any], number: int) -> dict[str, str]:
        code, name, _ = (self._text(item, field, "municipality", number) for field in ("id", "title", "type"))
        if not _NAME.fullmatch(name):
            raise self.error(f"municipality rad {number}: fältet title är inget ortnamn: {name[:60]!r}")
        county = reference.counties().get(code[:2])
        if not re.fullmatch(r"\d{4}", code) or county is None:
            raise self.error(f"municipality rad {number}: fältet id är ingen kommunkod: {code!r}")
        return {"code": code, "name": name, "county_code": code[:2], "county": county}

    def _tolerate(self, faults: Sequence[str], sound: int, remarks: list[str]) -> None:
        """Leave out a few faulty rows and say so; with more of them the answer has another form."""
        if not faults:
            return
        if len(faults) > _MOST_FAULTY * (sound + len(faults)):
            raise SourceError(self.id, faults[0].removeprefix(f"{self.id}: "))
        first = faults[0].removeprefix(f"{self.id}: ")
        remarks.append(f"{len(faults)} felaktiga rader utelämnade, den första: {first}")

    def _text(self, item: dict[str, Any], field: str, part: str, row: int) -> str:
        value = item.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{part} rad {row}: fältet {field} saknas")
        return value.strip()

    def _groups(self, parts: _Parts, names: dict[str, str], context: RunContext) -> pl.DataFrame:
        """Return the similar-municipality groups and SKR's groups, one row a member."""
        known = reference.MunicipalityNames([*context.municipalities(), *names.items()])
        skr = {row["kolada_title"]: row for row in reference.read_csv("skr_groups.csv")}
        rows: list[dict[str, Any]] = []
        head: dict[str, Any]
        for document, number, group in parts.rows("groups"):
            title = self._text(group, "title", "municipality_groups", number)
            similar = _SIMILAR.match(title)
            home = known.code(similar["home"]) if similar else None
            if title in skr:
                head = {
                    "group_id": f"skr:{skr[title]['code']}",
                    "kind": "skr",
                    "theme": "SKR",
                    "title": skr[title]["title"],
                    "year": None,
                    "home_code": None,
                }
            elif similar and home:
                head = {
                    "group_id": self._text(group, "id", "municipality_groups", number),
                    "kind": "kolada",
                    "theme": similar["theme"],
                    "title": title,
                    "year": int(similar["year"]),
                    "home_code": home,
                }
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
            raise self.error(f"municipality_groups rad {number}: fältet members saknas")
        codes = [m.get("member_id", m.get("id")) if isinstance(m, dict) else None for m in members]
        if not all(isinstance(code, str) for code in codes):
            raise self.error(f"municipality_groups rad {number}: en medlem saknar member_id")
        return list(dict.fromkeys(str(code) for code in codes))

    def _values(
        self, parts: _Parts, found: Mapping[str, _Wanted], areas: set[str], remarks: list[str]
    ) -> pl.DataFrame:
        """Return one row a key figure, area and year: role, name, code, year, value, status."""
        rows, faults = [], []
        for document, number, item in parts.rows("values"):
            tags = document.request.tags
            kpi, code = item.get("kpi"), item.get("municipality")
            place = f"data {kpi} rad {number}"
            if kpi not in tags.get("kpis", tags.get("kpi", "")).split(","):
                raise self.error(f"data rad {number}: fältet kpi är {kpi!r}, det har vi inte frågat om")
            wanted = found.get(str(kpi))
            if wanted is None or code not in areas:  # regions and groups stand among the areas
                continue
            try:
                year = self._year(item, document, place)
                value, status = self._total(item, place)
            except SourceError as error:
                faults.append(str(error))
                continue
            rows.append((wanted.role, wanted.name, kpi, code, year, value, status, document.fetch_id))
        self._tolerate(faults, len(rows), remarks)
        frame = pl.DataFrame(
            rows,
            schema={
                "role": pl.String,
                "name": pl.String,
                "kpi": pl.String,
                "code": pl.String,
                "year": pl.Int32,
                "value": pl.Float64,
                "status": pl.String,
                "fetch_id": pl.String,
            },
            orient="row",
        )
        twice = frame.filter(frame.select("name", "role", "code", "year").is_duplicated())
        if twice.height:
            row = twice.row(0, named=True)
            raise self.error(f"data {row['kpi']}: kommun {row['code']} år {row['year']} finns flera gånger")
        return frame

    def _year(self, item: dict[str, Any], document: Document, place: str) -> int:
        year, asked = item.get("period"), document.request.tags.get("years")
        sound = isinstance(year, int) and 1970 <= year <= document.fetched_at.year
        if not sound or (asked is not None and str(year) not in asked.split(",")):
            raise self.error(f"{place}: fältet period är inget år som frågats efter: {year!r}")
        return int(str(year))

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
                {
                    "id": name,
                    "source_id": self.id,
                    "source_key": kpi,
                    "title_sv": str(entry.get("title", wanted["title"])),
                    "short_sv": wanted["short"],
                    "category": wanted["category"],
                    "kind": wanted["kind"],
                    "unit": wanted["unit"],
                    "direction": wanted["direction"],
                    "definition_sv": str(entry.get("description") or ""),
                    "fetch_id": fetch_id,
                }
            )
        return pl.DataFrame(rows, schema=_INDICATOR)

    def load(self, batch: Batch, connection: duckdb.DuckDBPyConnection) -> LoadCount:
        """Insert or update; a municipality that has left a group is no longer a member of it.

        A key figure with a new definition is another series: what the answer no longer gives of it leaves
        the table and is kept among the revisions, so that the two are never drawn as one line.
        """
        connection.register("groups_now", batch.tables["comparison_group"].to_arrow())
        connection.execute(
            """
            DELETE FROM comparison_group
             WHERE group_id IN (SELECT group_id FROM groups_now)
               AND (group_id, member_code) NOT IN (SELECT group_id, member_code FROM groups_now)
            """
        )
        connection.unregister("groups_now")
        redefined = _redefined(batch.tables["indicator"], connection)
        if redefined:
            retire(connection, redefined, batch.tables["observation"])
        return super().load(batch, connection)

    def validate(self, batch: Batch, context: RunContext) -> None:
        """Refuse an answer without nearly all municipalities, the backbone or the groups."""
        del context
        self._check_municipalities(batch.tables["municipality"])
        groups = batch.tables["comparison_group"]
        homes = groups["home_code"].n_unique() if groups.height else 0
        if homes < _FEWEST_MUNICIPALITIES:
            raise self.error(f"municipality_groups: bara {homes} kommuner har en grupp av liknande kommuner")
        observations = batch.tables["observation"]
        for name in _BACKBONE:
            got = observations.filter((pl.col("indicator_id") == name) & (pl.col("status") == "final"))
            latest = (
                got.filter(pl.col("period_start") == got["period_start"].max()).height if got.height else 0
            )
            if latest < _FEWEST_MUNICIPALITIES:
                raise self.error(
                    f"nyckeltal {name}: bara {latest} kommuner har värde för senaste året"
                    + "".join(f"; {told}" for told in batch.remarks if told.startswith(name))
                )

    def _check_municipalities(self, frame: pl.DataFrame) -> None:
        names = frame["name"].n_unique() if frame.height else 0
        if frame.height < _FEWEST_MUNICIPALITIES or names != frame.height:
            raise self.error(f"municipality: {frame.height} kommuner med {names} olika title, väntade 290")

    def _refused(
        self, observations: pl.DataFrame, indicators: pl.DataFrame, context: RunContext
    ) -> dict[str, str]:
        """Return why a key figure's values cannot be true or cannot stand beside the stored ones, by id."""
        refused = _impossible(observations)
        if context.stored is None:
            return refused
        if context.since is not None:
            partly = "definitionen är ändrad; hela serien måste hämtas, utan --since"
            refused = dict.fromkeys(_redefined(indicators, context.stored), partly) | refused
        return _far_from_stored(observations, context) | refused


class _Parts:
    """The answers by part, each row with its document and number."""

    def __init__(self, pages: list[tuple[Document, list[dict[str, Any]]]]) -> None:
        self.pages = pages

    def rows(self, part: str) -> Iterator[tuple[Document, int, dict[str, Any]]]:
        for document, page in self.pages:
            if document.request.part == part:
                for number, row in enumerate(page, 1):
                    yield document, number, row

    def items(self, part: str) -> Iterator[dict[str, Any]]:
        return (row for _, _, row in self.rows(part))

    def catalogue(self) -> dict[str, dict[str, Any]]:
        return {str(kpi.get("id")): kpi for kpi in self.items("catalogue")}


def _pieces(items: Sequence[str], most: int) -> list[Sequence[str]]:
    return [items[start : start + most] for start in range(0, len(items), most)]


def _value_requests(kpis: Sequence[str], areas: Sequence[str], context: RunContext) -> Iterator[Request]:
    """Give as few questions as the limits on ids and rows allow."""
    first = context.since.year if context.since else FIRST_YEAR
    years = [str(year) for year in range(first, context.now.year + 1)]
    together = max(1, min(MOST_IDS, PAGE // (MOST_IDS * min(len(years), MOST_IDS))))
    for some, where, when in product(
        _pieces(kpis, together), _pieces(areas, MOST_IDS), _pieces(years, MOST_IDS)
    ):
        url = f"{context.base_url}/data/kpi/{','.join(some)}/municipality/{','.join(where)}/year/{','.join(when)}"
        tags = {"kpis": ",".join(some), "years": ",".join(when)}
        yield Request(url=f"{url}?per_page={PAGE}", part="values", tags=tags)


def _impossible(observations: pl.DataFrame) -> dict[str, str]:
    """Return the key figures with a value that no municipality can have, and which."""
    units = {row["id"]: row["unit"] for row in reference.read_csv("kolada_indicators.csv")}
    most = {"percent": 100.0, "per_100k": float(_MOST_PER_100K)}
    limit = pl.col("indicator_id").replace_strict(
        {name: most[unit] for name, unit in units.items() if unit in most},
        default=None,
        return_dtype=pl.Float64,
    )
    found: dict[str, str] = {}
    for told, odd in (
        ("har negativt värde", pl.col("rate") < 0),
        ("har orimligt högt värde", pl.col("rate") > limit),
        ("ligger utanför sin felmarginal, värde", ~pl.col("rate").is_between("lower", "upper")),
    ):
        for row in observations.filter(odd).unique("indicator_id", keep="first").iter_rows(named=True):
            place = f"kommun {row['code']} år {row['period_start'].year}"
            found.setdefault(row["indicator_id"], f"{place} {told} {row['rate']}")
    return found


def _stored_values(context: RunContext) -> pl.DataFrame:
    """Return the stored final values of the years asked for: indicator_id, code, period_start, stored."""
    if context.stored is None or not context.municipalities():
        return pl.DataFrame(
            schema={
                "indicator_id": pl.String,
                "code": pl.String,
                "period_start": pl.Date,
                "stored": pl.Float64,
            }
        )
    return frame_of(
        context.stored,
        """
        SELECT indicator_id, code, period_start, rate AS stored
          FROM observation JOIN indicator ON indicator.id = indicator_id
         WHERE source_id = 'kolada' AND status = 'final' AND period_kind = 'year' AND period_start >= ?
        """,
        [date(context.since.year if context.since else FIRST_YEAR, 1, 1)],
    )


def _far_from_stored(observations: pl.DataFrame, context: RunContext) -> dict[str, str]:
    """Return the key figures that have lost many values of a year they give, or moved nearly all far."""
    refused: dict[str, str] = {}
    asked = observations.filter(pl.col("status") == "final")
    for (name,), before in _stored_values(context).group_by("indicator_id"):
        now = asked.filter(indicator_id=str(name))
        both = now.join(before, on=["indicator_id", "code", "period_start"], how="inner")
        ratio = both.filter(pl.col("stored") > 0).select(pl.col("rate") / pl.col("stored")).to_series()
        middle = float(str(ratio.median())) if ratio.len() else 1.0
        if not _LEAST_CHANGE <= middle <= 1 / _LEAST_CHANGE:
            refused[str(name)] = f"värdena är {middle:.3g} gånger de lagrade"
            continue
        answered = set(observations.filter(indicator_id=str(name))["period_start"])
        for (start,), rows in before.group_by("period_start"):
            given = both.filter(period_start=start).height
            if start in answered and given < (1 - _MOST_LOST) * rows.height:
                year = getattr(start, "year", start)
                refused[str(name)] = f"år {year} har {given} värden i svaret men {rows.height} är lagrade"
    return refused


def _ended(observations: pl.DataFrame, context: RunContext) -> list[str]:
    """Say which whole years of stored key figures the answer does not have; they stay as they are."""
    given = observations.select("indicator_id", "period_start").unique()
    gone = _stored_values(context).join(given, on=["indicator_id", "period_start"], how="anti")
    gone = gone.filter(pl.col("indicator_id").is_in(given["indicator_id"].unique().to_list()))
    return [
        f"{name}: {', '.join(sorted({str(day.year) for day in rows['period_start']}))} finns inte i svaret; "
        "lagrade värden står kvar"
        for (name,), rows in gone.group_by("indicator_id")
    ]


def _redefined(indicators: pl.DataFrame, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the ids of stored key figures whose title or definition now says something else."""
    rows = connection.execute("SELECT id, title_sv, definition_sv FROM indicator WHERE source_id = 'kolada'")
    stored = {key: (_fold(title), _fold(text)) for key, title, text in rows.fetchall()}
    now = {
        key: (_fold(title), _fold(text))
        for key, title, text in (indicators.select("id", "title_sv", "definition_sv").iter_rows())
    }
    return sorted(key for key, meaning in now.items() if key in stored and stored[key] != meaning)


def _fold(text: str) -> str:
    """Return a text without what editors change and readers do not see: case, spaces, punctuation."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


@dataclass(frozen=True)
class Pinned:
    """What we read: the id Kolada gave it, what the title must say, and what it is to us."""

    kpi: str
    title: re.Pattern[str]
    wanted: _Wanted
    spoken: str

    def fits(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether a catalogue entry has the title that the key figure must have."""
        return bool(self.title.match(_fold(str(entry.get("title", "")))))


@cache
def pinned() -> tuple[Pinned, ...]:
    """Return all key figures we read."""
    found = []
    for row in reference.read_csv("kolada_indicators.csv"):
        exact = re.compile(re.escape(_fold(row["title"])) + "$")
        found.append(Pinned(row["id"], exact, _Wanted(row["id"], "indicator"), row["title"]))
        if row["margin_id"]:
            margin = re.compile("osäkerhetstal ")
            found.append(
                Pinned(
                    row["margin_id"], margin, _Wanted(row["id"], "margin"), f"felmarginalen till {row['id']}"
                )
            )
    for row in reference.read_csv("kolada_covariates.csv"):
        pattern = re.compile(row["title_pattern"])
        found.append(Pinned(row["id"], pattern, _Wanted(row["name"], "covariate"), row["title"]))
    return tuple(found)


def _read_as(catalogue: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, _Wanted], list[str]]:
    """Return what we read of a catalogue, by Kolada's id, and what must be said of the rest.

    An id whose title has become another is not read: it may count something else.
    """
    read: dict[str, _Wanted] = {}
    told: list[str] = []
    gone: list[str] = []
    for pin in pinned():
        entry = catalogue.get(pin.kpi)
        if entry is not None and pin.fits(entry):
            read[pin.kpi] = pin.wanted
        elif entry is not None:
            told.append(
                f"{pin.kpi} heter nu {str(entry.get('title'))[:90]!r}, väntade {pin.spoken!r}; läses inte förrän det är prövat"
            )
        elif pin.wanted.role == "margin":
            gone.append(pin.kpi)
        else:
            others = sorted(kpi for kpi, other in catalogue.items() if pin.fits(other))
            if len(others) == 1:
                read[others[0]] = pin.wanted
                told += [f"{pin.wanted.name} har id {others[0]} i Kolada"] if pin.kpi else []
            elif others:
                told.append(
                    f"{pin.wanted.name}: flera nyckeltal passar ({', '.join(others[:4])}); inget läses"
                )
            else:
                gone.append(pin.wanted.name)
    return read, told + ([f"finns inte i Kolada nu: {', '.join(sorted(gone))}"] if gone else [])


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
