"""BRÅ's interactive database SOL: every reported crime type by year, some by month, the total by quarter.

There is no API. A session chooses a menu, posts a selection, runs it and fetches the result as text;
one menu a session. What is asked for is planned so that few questions are asked, and none twice.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import frame_of, row_of
from pipelines.contract import (
    Batch,
    Request,
    SessionLostError,
    Source,
    UnreachableError,
    ends_early,
    require_rows,
)
from pipelines.loading import KEYS, LoadCount, upsert
from pipelines.policy import Policy
from pipelines.sources.sol.areas import AreaError, Crosswalk, code_of, looks_like_one
from pipelines.sources.sol.dbfil import DbfilError, read_dbfil
from pipelines.sources.sol.menu import (
    ENCODING,
    MONTHS,
    Menu,
    MenuError,
    SolCrimeType,
    labels_above,
    period_of,
    read_menu,
)
from pipelines.sources.sol.plan import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import duckdb

    from pipelines.contract import Document, RunContext
    from pipelines.sources.sol.menu import SolPeriod
    from pipelines.sources.sol.plan import Query

PREFIX = "SOL_"
#: A session that is lost so many times in a row will not be won.
_ATTEMPTS = 4
#: The newest final years are asked for again in every run: they may have been corrected.
_RECHECKED_YEARS = 2
#: With fewer of the standard crime types than this share in the menu, the tree has been rebuilt.
_FEWEST_FOUND = 0.7
#: Years are final from this month on; a month is at most so many months old before it is late.
_FINAL_IN, _LATEST_MONTHS = 4, 2
#: So many rows are written at once: a whole year of the whole tree has 330 000.
_AT_ONCE = 50_000
#: Types that only the monthly menu has stand after the tree.
_AFTER = 100_000
_LOST = "obefintlig menyrad"
_MESSAGE = re.compile(r"Felmeddelande:\s*(?:<[^>]+>\s*)*([^<]+)")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is taken from a menu of SOL: which kind of period, since which year, with rates or not.

    ``keys`` are the standard types to ask for; empty for all that we take from the menu.
    """

    menu_id: int
    kind: str
    rates: bool
    since: int = 0
    keys: frozenset[str] = frozenset()


YEARLY = Entry(menu_id=101, kind="year", rates=True)
#: Rates of single months are not asked for: they would double the number of questions. Before 2015 the
#: municipality of a crime is badly known, and nothing that looks at months looks so far back.
MONTHLY = Entry(menu_id=90, kind="month", rates=False, since=2015)
#: The total by quarter is published per municipality since 2014.
QUARTERLY = Entry(menu_id=90, kind="quarter", rates=False, since=2014, keys=frozenset({"totalt"}))
#: One session holds one menu.
_MENUS = ((YEARLY,), (MONTHLY, QUARTERLY))


class BraSol(Source):
    """Reads crime types by municipality: yearly since 1996, monthly where published."""

    id: ClassVar[str] = "bra_sol"
    #: Queries of 10 000 cells take their time.
    policy: ClassVar[Policy] = Policy(
        min_interval=0.5, read_timeout=180, total_timeout=400, max_run_bytes=4_000_000_000
    )
    accumulates: ClassVar[bool] = True

    def discover(self, context: RunContext) -> list[Request]:
        """Return the questions for the menus; the rest depends on their answers (`fetch`)."""
        return [self.menu_request(context, entries[0]) for entries in _MENUS]

    def menu_request(self, context: RunContext, entry: Entry) -> Request:
        """Return the question that opens a session with a menu."""
        start = Request(url=f"{context.base_url}/start?menykatalogid=1", part="start")
        return Request(
            url=f"{context.base_url}/anmalda/urval/urval?menyid={entry.menu_id}",
            part="menu",
            tags={"kind": entry.kind},
            before=(start,),
            asked_anew=True,
        )

    def inspect(self, request: Request, content: bytes) -> None:
        """Tell error pages from answers; the text of the page's own message is passed on."""
        page = content[:20_000].decode(ENCODING)
        if _LOST in page:
            raise SessionLostError(self.id, "sessionen är förlorad (en obefintlig menyrad)")
        if "Fel/Error" in page or "Felmeddelande:" in page:
            told = _MESSAGE.search(page)
            text = html.unescape(told[1]).strip() if told else "utan text"
            raise self.error(f"SOL svarade med ett fel: {text}")
        if request.part == "menu" and "arrayNivatva" not in content.decode(ENCODING):
            raise self.error("urvalssidan har inga brottstyper att välja; sidan har bytt form eller är nere")
        if request.part == "figures" and not page.startswith("Region;"):
            raise self.error(f"svarade inte med en databasfil: {' '.join(page.split())[:80]!r}")

    def by_hand(self, name: str, content: bytes, context: RunContext) -> Request | None:
        """Return what a result saved as Databasfil answers; types whose name others share cannot be told from it."""
        if not name.casefold().endswith((".txt", ".csv")):
            return None
        paths = _paths_by_label(context)
        try:
            rows = read_dbfil(content, paths)
            asked = _Asked.of_rows(rows, paths, reference.MunicipalityNames(context.municipalities()))
        except DbfilError as error:
            raise self.error(str(error)) from None
        return Request(
            url=f"file:manual/{self.id}/{name}", part="figures", tags=asked.as_tags(), identity=name
        )

    def fetch(
        self,
        context: RunContext,
        ask: Callable[[Request], Document],
        progress: Callable[[int, int], None],
    ) -> list[Document]:
        """Open each menu, plan, and ask for what is not stored, the newest periods first."""
        documents: list[Document] = []
        for entries in _MENUS:
            session = Session(self, context, ask, entries[0])
            asked = [query for entry in entries for query in self._plan(session.menu, entry, context)]
            documents.append(session.page)
            progress(len(documents), len(documents) + len(asked))
            for number, query in enumerate(asked, 1):
                documents.append(session.ask(query))
                progress(len(documents), len(documents) + len(asked) - number)
        return documents

    def _plan(self, menu: Menu, entry: Entry, context: RunContext) -> list[Query]:
        wanted = chosen_types(menu, all_types=context.settings.all_crime_types)
        if entry is YEARLY and len(wanted) < _FEWEST_FOUND * len(standard_types()):
            raise self.error(
                f"bara {len(wanted)} av {len(standard_types())} brottstyper finns i trädet; det har fått en ny indelning"
            )
        if entry.keys:
            ids = {PREFIX + key.upper() for key in entry.keys}
            wanted = [item for item in wanted if type_id(item.path) in ids]
        try:
            crosswalk = Crosswalk(menu.areas, context.municipalities())
            groups = _to_ask(wanted, _periods_of(menu, entry, context), entry, context, crosswalk)
        except AreaError as error:
            raise self.error(f"meny {entry.menu_id}: {error}") from None
        queries = [
            query
            for (types, areas), periods in groups.items()
            for query in plan(types, areas, periods, rates=entry.rates)
        ]
        return sorted(queries, key=lambda query: query.periods[0].start, reverse=True)

    def read_menu(self, document: Document) -> Menu:
        """Read a selection page, or raise `SourceError`."""
        try:
            return read_menu(document.content.decode(ENCODING))
        except MenuError as error:
            raise self.error(f"{document.request.url}: {error}") from None

    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Return the crime tree, the indicators and their observations."""
        batch = Batch()
        municipalities = context.municipalities()
        names = reference.MunicipalityNames(municipalities)
        stored_tree = _stored_tree(context)
        trees: dict[str, dict[str, Any]] = {}
        indicators: dict[str, dict[str, Any]] = {}
        frames: list[pl.DataFrame] = []
        for document in documents:
            if document.request.part == "menu":
                found = self.read_menu(document)
                _add_tree(trees, found, document)
                batch.remarks += _missing_types(found, document)
                batch.remarks += _strange_areas(found, document, municipalities)
                batch.remarks += _late(found, document)
                batch.rows_by_document[document.fetch_id] = len(found.types)
            elif document.request.part == "figures":
                frame = self._figures(document, names)
                batch.rows_by_document[document.fetch_id] = frame.height
                frames.append(frame)
                indicators |= {row["id"]: row for row in _indicators(document, stored_tree | trees)}
        if trees:
            tree = _beside_stored(trees, stored_tree)
            batch.tables["crime_type"] = pl.DataFrame(list(tree.values()), infer_schema_length=None)
        if frames:
            batch.tables["indicator"] = pl.DataFrame(list(indicators.values()))
            batch.tables["observation"] = pl.concat(frames)
        return batch

    def _figures(self, document: Document, names: reference.MunicipalityNames) -> pl.DataFrame:
        try:
            asked = _Asked.of(document)
            rows = read_dbfil(document.content, asked.labels())
            if document.request.url.startswith("file:"):
                rows = rows.filter(
                    pl.col("Region").is_in(
                        [r for r in rows["Region"].unique() if code_of(r, names) in asked.codes]
                    )
                )
            return _observations(rows, asked, names, document.fetch_id)
        except DbfilError as error:
            first = document.request.tags.get("periods", "")[:40]
            raise self.error(f"databasfil ({first} …): {error}") from None

    def validate(self, batch: Batch, context: RunContext) -> None:
        """Refuse a tree that has lost a tenth of its types, and figures that are mostly withheld."""
        if context.stored is None:
            return
        tree = batch.tables.get("crime_type")
        if tree is not None:
            stored = row_of(context.stored, "SELECT count(*) FROM crime_type")
            require_rows(self, int(stored[0]) if stored else 0, tree.height, "brottstyper")
        figures = batch.tables.get("observation")
        if figures is None:
            return
        context.stored.register("answered", figures.filter(pl.col("count").is_null()).to_arrow())
        lost = row_of(
            context.stored,
            f"SELECT count(*) FROM answered JOIN observation USING ({', '.join(KEYS['observation'])}) WHERE observation.count IS NOT NULL",
        )
        context.stored.unregister("answered")
        if lost and lost[0] > 0.1 * figures.height:
            raise self.error(f"{lost[0]} lagrade värden saknas i svaret; inget ändras förrän det är utrett")

    def load(self, batch: Batch, connection: duckdb.DuckDBPyConnection) -> LoadCount:
        """Write the frames; several answers to the same question are written in the order they came."""
        count = LoadCount()
        for table, frame in batch.tables.items():
            for part in _rounds(frame, KEYS[table]):
                for piece in part.iter_slices(_AT_ONCE):
                    count += upsert(connection, table, piece)
        return count


def _rounds(frame: pl.DataFrame, keys: Sequence[str]) -> list[pl.DataFrame]:
    """Return the rows in parts without repeated keys, in the order they came."""
    if not frame.select(keys).is_duplicated().any():
        return [frame]
    numbered = frame.with_columns(_round=pl.int_range(pl.len()).over(keys))
    return [part.drop("_round") for part in numbered.partition_by("_round", maintain_order=True)]


class Session:
    """A session with one menu open; opened anew when the server has forgotten it."""

    def __init__(
        self, source: BraSol, context: RunContext, ask: Callable[[Request], Document], entry: Entry
    ) -> None:
        self._source, self._context, self._ask, self._entry = source, context, ask, entry
        self._open()

    def _open(self) -> None:
        request = self._source.menu_request(self._context, self._entry)
        for _ in range(_ATTEMPTS):
            try:
                self.page = self._ask(request)
                break
            except SessionLostError:
                continue
        else:
            raise UnreachableError(self._source.id, "SOL öppnar ingen session; försök igen senare")
        self.menu = self._source.read_menu(self.page)

    def ask(self, query: Query) -> Document:
        """Return the answer to a query, opening the session again as often as is reasonable."""
        for _ in range(_ATTEMPTS):
            try:
                return self._ask(self.request(query))
            except SessionLostError:
                self._open()
        raise UnreachableError(self._source.id, "SOL tappar sessionen gång på gång; försök igen senare")

    def request(self, query: Query) -> Request:
        """Return a query as the three steps that SOL wants, with the ids of this session's page."""
        base, ids = f"{self._context.base_url}/anmalda", _Ids(self.menu)
        form = {
            "brottstyp_id_string": "*".join(ids.types[t.path] for t in query.types),
            "region_id_string": "*".join(ids.areas[a.name, a.parent] for a in query.areas),
            "period_id_string": "*".join(ids.periods[p.start, p.kind] for p in query.periods),
            "fordelning_id_string": "",
            "antal": "1",
            "antal_100k": "1" if query.rates else "0",
        }
        tags = _Asked.by(query, self._context).as_tags()
        return Request(
            url=f"{base}/resultat/dbfil",
            part="figures",
            form={},
            tags=tags,
            identity=json.dumps(tags, sort_keys=True, ensure_ascii=False),
            before=(
                Request(url=f"{base}/urval/vantapopup", part="selection", form=form),
                Request(url=f"{base}/urval/sok", part="run"),
            ),
        )


class _Ids:
    """The ids of one page by what lasts: paths, names and periods."""

    def __init__(self, menu: Menu) -> None:
        self.types = {item.path: item.id for item in menu.types}
        self.areas = {(item.name, item.parent): item.id for item in menu.areas}
        self.periods = {(item.start, item.kind): item.id for item in menu.periods}


@dataclass(frozen=True)
class _Asked:
    """What a result file answers, as kept with it: enough to read it without the menu."""

    types: tuple[tuple[str, str], ...]
    codes: tuple[str, ...]
    periods: tuple[tuple[str, str, date, str, bool], ...]

    @classmethod
    def by(cls, query: Query, context: RunContext) -> _Asked:
        names = reference.MunicipalityNames(context.municipalities())
        return cls(
            tuple((t.label, t.path) for t in query.types),
            tuple(code_of(area.name, names) or "" for area in query.areas),
            tuple((*p.labels, p.start, p.kind, p.preliminary) for p in query.periods),
        )

    @classmethod
    def of_rows(
        cls, rows: pl.DataFrame, paths: Mapping[str, str], names: reference.MunicipalityNames
    ) -> _Asked:
        """Read from a result itself what it answers; ancestors are echoed without figures."""
        figures = rows.filter(pl.col("count").is_not_null() & pl.col("Brott").is_in(list(paths)))
        labels = figures["Brott"].unique(maintain_order=True).to_list()
        codes = {code_of(region, names) for region in figures["Region"].unique()} - {None}
        if not labels or not codes:
            raise DbfilError("filen har inga brottstyper och kommuner som vi känner")
        periods = [
            _period_asked(*pair)
            for pair in figures.select("År", "Period").unique(maintain_order=True).iter_rows()
        ]
        return cls(
            tuple((label, paths[label]) for label in labels), tuple(sorted(map(str, codes))), tuple(periods)
        )

    def as_tags(self) -> dict[str, str]:
        periods = [
            [year, period, start.isoformat(), kind, early]
            for year, period, start, kind, early in self.periods
        ]
        return {
            "kind": self.periods[0][3],
            "types": json.dumps([list(pair) for pair in self.types], ensure_ascii=False),
            "codes": " ".join(self.codes),
            "periods": json.dumps(periods, ensure_ascii=False),
        }

    @classmethod
    def of(cls, document: Document) -> _Asked:
        tags = document.request.tags
        return cls(
            tuple((label, path) for label, path in json.loads(tags["types"])),
            tuple(tags["codes"].split()),
            tuple((y, p, date.fromisoformat(s), k, bool(f)) for y, p, s, k, f in json.loads(tags["periods"])),
        )

    def labels(self) -> set[str]:
        """Return the names that the file may hold: of the types asked for and of what lies above them."""
        return {label for label, _ in self.types} | {
            name for _, path in self.types for name in labels_above(path)
        }


@cache
def standard_types() -> dict[str, dict[str, str]]:
    """Return the standard crime types by their path in the yearly menu: rows of ``crime_types.csv``."""
    return {row["path"]: row for row in reference.read_csv("crime_types.csv")}


@cache
def _monthly_names() -> dict[str, str]:
    """Return paths of the yearly menu by the other path that the monthly menu has for the same crime."""
    rows = reference.read_csv("crime_types.csv")
    return {row["month_path"]: row["path"] for row in rows if row["month_path"]}


def type_id(path: str) -> str:
    """Return the lasting id of a crime type, the same for its path in the yearly and in the monthly menu."""
    path = _monthly_names().get(path, path)
    known = standard_types().get(path)
    return PREFIX + (known["key"].upper() if known else hashlib.sha256(path.encode()).hexdigest()[:10])


def chosen_types(menu: Menu, *, all_types: bool) -> list[SolCrimeType]:
    """Return the types of a menu to ask for.

    All of them; or else the standard ones, and of the few that are published by month also all.
    """
    if all_types or len(menu.types) <= len(standard_types()):
        return list(menu.types)
    return [item for item in menu.types if item.path in standard_types()]


def _periods_of(menu: Menu, entry: Entry, context: RunContext) -> list[SolPeriod]:
    whole = context.settings.all_crime_types
    periods = [
        period
        for period in menu.periods
        if period.kind == entry.kind and (whole or period.start.year >= entry.since)
    ]
    return [period for period in periods if context.since is None or period.start >= context.since]


def _to_ask(
    types: Sequence[SolCrimeType],
    periods: Sequence[SolPeriod],
    entry: Entry,
    context: RunContext,
    crosswalk: Crosswalk,
) -> dict[tuple[tuple[SolCrimeType, ...], tuple[Any, ...]], list[SolPeriod]]:
    """Group the periods by which types and areas must be asked for in them."""
    stored = _stored(context, entry)
    newest = {period.start for period in sorted(periods, key=lambda p: p.start)[-_RECHECKED_YEARS:]}
    groups: defaultdict[tuple[tuple[SolCrimeType, ...], tuple[Any, ...]], list[SolPeriod]] = defaultdict(list)
    for period in periods:
        again = context.since is not None or (entry is YEARLY and period.start in newest)
        final = {key for key, start, preliminary in stored if start == period.start and not preliminary}
        missing = tuple(item for item in types if again or type_id(item.path) not in final)
        if missing:
            areas = tuple(area for _, area in sorted(crosswalk.of_year(period.start.year).items()))
            groups[missing, areas].append(period)
    return groups


def _stored(context: RunContext, entry: Entry) -> list[tuple[str, date, bool]]:
    """Return (type id, period, preliminary) of what has been fetched.

    What came with the program does not count: in some years it is of a few municipalities only.
    """
    if context.stored is None:
        return []
    return context.stored.execute(
        """
        SELECT indicator_id, period_start, bool_or(status = 'preliminary')
          FROM observation JOIN provenance USING (fetch_id)
         WHERE starts_with(indicator_id, ?) AND period_kind = ? AND NOT shipped GROUP BY ALL
        """,
        [PREFIX, entry.kind],
    ).fetchall()


def _period_asked(year: str, period: str) -> tuple[str, str, date, str, bool]:
    """Return a period by the two columns of a result that name it."""
    kind = (
        "-1"
        if year == "År"
        else "2"
        if period[:3].capitalize() in MONTHS
        else "1"
        if period[:2] == "Kv"
        else "0"
    )
    try:
        found = period_of("", period, f"{year} {period}", kind)
    except MenuError as error:
        raise DbfilError(f"fälten År och Period är ingen period: {error}") from None
    return year, period, found.start, found.kind, found.preliminary


def _paths_by_label(context: RunContext) -> dict[str, str]:
    """Return paths of the types we know by what results call them; names that several share are left out."""
    stored = {row["path"]: row["title_sv"] for row in _stored_tree(context).values()}
    known = [*standard_types(), *_monthly_names()]
    for path in known:
        above = max((other for other in known if path.startswith(f"{other}, ")), key=len, default="")
        stored.setdefault(path, path[len(above) + 2 :] if above else path)
    shared = Counter(stored.values())
    return {label: path for path, label in stored.items() if shared[label] == 1}


def _observations(
    rows: pl.DataFrame, asked: _Asked, names: reference.MunicipalityNames, fetch_id: str
) -> pl.DataFrame:
    """Name the rows of a result by our codes; rows that were not asked for fall away."""
    regions = rows["Region"].unique().to_list()
    codes = {region: code_of(region, names) for region in regions}
    unknown = [region for region, code in codes.items() if code is None]
    if unknown:
        raise DbfilError(f"fältet Region är ingen kommun: {unknown[0]!r}")
    ids = {label: type_id(path) for label, path in asked.types}
    periods = pl.DataFrame(
        list(asked.periods),
        schema=["År", "Period", "period_start", "period_kind", "preliminary"],
        orient="row",
    )
    known = rows.filter(pl.col("Brott").is_in(list(ids)))
    dated = known.join(periods, on=["År", "Period"], how="left")
    strange = dated.filter(pl.col("period_start").is_null())
    if strange.height:
        raise DbfilError(f"fälten År och Period är ingen period vi frågat om: {strange.row(0)[2:4]!r}")
    found = dated.select(
        indicator_id=pl.col("Brott").replace_strict(ids, return_dtype=pl.String),
        code=pl.col("Region").replace_strict(codes, return_dtype=pl.String),
        period_start="period_start",
        period_kind="period_kind",
        count="count",
        count_basis=pl.when(pl.col("count").is_not_null()).then(pl.lit("published")),
        rate=pl.when(pl.col("count").is_not_null()).then("rate"),
        status=pl.coalesce(
            "mark", pl.when("preliminary").then(pl.lit("preliminary")).otherwise(pl.lit("final"))
        ),
        fetch_id=pl.lit(fetch_id),
    )
    return _each_once(found, asked)


def _each_once(found: pl.DataFrame, asked: _Asked) -> pl.DataFrame:
    """Check that every figure asked for is there once; an echo without a figure gives way to the figure."""
    key = list(KEYS["observation"])
    ordered = found.sort(pl.col("count").is_null(), maintain_order=True)
    different = ordered.group_by(key).agg(pl.col("count").drop_nulls().n_unique()).filter(pl.col("count") > 1)
    if different.height:
        raise DbfilError(f"två olika värden för samma brott, område och period: {different.row(0)[:3]!r}")
    unique = ordered.unique(key, keep="first", maintain_order=True)
    wanted = len(asked.types) * len(asked.codes) * len(asked.periods)
    if unique.height != wanted or set(unique["code"].unique()) != set(asked.codes):
        raise DbfilError(f"filen har {unique.height} värden, vi frågade om {wanted}")
    return unique


def _add_tree(trees: dict[str, dict[str, Any]], menu: Menu, document: Document) -> None:
    monthly = document.request.tags.get("kind") == "month"
    for place, item in enumerate(menu.types, _AFTER if monthly else 0):
        key = type_id(item.path)
        before = trees.get(key)
        if before is not None and monthly:
            before["monthly"] = True
            continue
        trees[key] = {
            "id": key,
            "parent_id": type_id(item.parent) if item.parent else None,
            "title_sv": item.label,
            "path": item.path,
            "level": item.level,
            "valid_from": item.valid_from,
            "valid_to": item.valid_to,
            "place": place,
            "monthly": monthly or bool(before and before["monthly"]),
            "fetch_id": document.fetch_id,
        }


def _missing_types(menu: Menu, document: Document) -> list[str]:
    """Say which types we know that a menu no longer has, by name: their figures stop."""
    monthly = document.request.tags.get("kind") == "month"
    paths = {item.path for item in menu.types}
    known = {(row["month_path"] or path) if monthly else path: row for path, row in standard_types().items()}
    missing = [
        row["short_sv"]
        for path, row in known.items()
        if path not in paths and (row["month_id"] or not monthly)
    ]
    where = "månadernas meny" if monthly else "trädet"
    return [f"{len(missing)} brottstyper finns inte i {where}: {', '.join(missing)}"] if missing else []


def _strange_areas(menu: Menu, document: Document, municipalities: Sequence[tuple[str, str]]) -> list[str]:
    """Say which municipalities a menu lacks, and which areas look like municipalities we do not know."""
    names = reference.MunicipalityNames(municipalities)
    found = {code_of(area.name, names) for area in menu.areas}
    missing = [name for code, name in municipalities if code not in found]
    unknown = [
        area.name for area in menu.areas if looks_like_one(area.name) and code_of(area.name, names) is None
    ]
    told = []
    if missing:
        told.append(
            f"meny för {document.request.tags.get('kind')}: {len(missing)} kommuner saknas, t.ex. {', '.join(missing[:3])}"
        )
    if unknown:
        told.append(f"okända kommuner läses inte: {', '.join(unknown[:3])}")
    return told


def _late(menu: Menu, document: Document) -> list[str]:
    """Say that a menu ends earlier than it could: years are final in March, months come ten days after."""
    kind, now = document.request.tags.get("kind"), document.fetched_at
    starts = [period.start for period in menu.periods if period.kind == kind]
    if not starts:
        return []
    newest = max(starts)
    if kind == "year":
        return ends_early("årets brottstyper", newest.year, now, _FINAL_IN)
    months = 12 * (now.year - newest.year) + now.month - newest.month
    if months <= _LATEST_MONTHS:
        return []
    return [f"månadernas brottstyper finns bara till {newest:%Y-%m}, {months} månader gamla"]


def _stored_tree(context: RunContext) -> dict[str, dict[str, Any]]:
    if context.stored is None:
        return {}
    rows = frame_of(context.stored, "SELECT * FROM crime_type")
    return {row["id"]: row for row in rows.iter_rows(named=True)}


def _beside_stored(
    found: dict[str, dict[str, Any]], stored: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Let the monthly menu by itself add what it alone has; of stored types it only says that they have months."""
    if not stored or any(row["place"] < _AFTER for row in found.values()):
        return found
    return stored | {key: {**stored.get(key, row), "monthly": True} for key, row in found.items()}


def _indicators(document: Document, tree: Mapping[str, dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Return the indicators of a result; what the monthly menu calls otherwise has its name of the yearly tree."""
    for label, asked in _Asked.of(document).types:
        path = _monthly_names().get(asked, asked)
        known = standard_types().get(path)
        yield {
            "id": type_id(path),
            "source_id": BraSol.id,
            "source_key": path,
            "title_sv": label if path == asked else tree.get(type_id(path), {}).get("title_sv", label),
            "short_sv": known["short_sv"] if known else label,
            "category": "brott" if known and not known["twin"] else "brottstyp",
            "kind": "reported",
            "unit": "per_100k",
            "direction": "lower",
            "definition_sv": f"Anmälda brott efter den kommun där brottet begicks. I Brås träd: {path}.",
            "fetch_id": document.fetch_id,
        }
