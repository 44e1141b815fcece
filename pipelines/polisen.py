"""polisen.se: police notices (händelsenotiser).

A notice's own text is never stored in the warehouse. The raw answers in the archive keep it until
30 days after publication; then `redact` leaves only the place names that the gazetteer knows.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import duckdb
import polars as pl

from lagesbild import reference
from lagesbild.warehouse import frame_of, row_of
from pipelines.contract import Batch, Context, Document, LoadCount, Request, Source
from pipelines.http import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


TEXT_KEPT = timedelta(days=30)
PAGE_SIZE = 500
_BACKFILL_DAYS = 28
_LONGEST_DELAY_DAYS = 60
_FIRST_NOTICE = datetime(2000, 1, 1, tzinfo=UTC)
_ZONE = "Europe/Stockholm"
_TEXT_FIELDS = ("datetime", "name", "summary", "url", "type")
_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        [
            "januari",
            "februari",
            "mars",
            "april",
            "maj",
            "juni",
            "juli",
            "augusti",
            "september",
            "oktober",
            "november",
            "december",
        ],
        1,
    )
}
_COLUMNS = (
    "id", "occurred_at", "published_at", "type", "category", "kind", "code", "county_code", "locality",
    "precision", "url", "versions", "content_hash", "text_expires_on", "fetch_id",
)  # fmt: skip


class Polisen(Source):
    """Reads the feed of the newest notices, and fills gaps day by day."""

    id: ClassVar[str] = "polisen"
    accumulates: ClassVar[bool] = True
    resumes: ClassVar[bool] = False

    def discover(self, context: Context) -> list[Request]:
        """Ask for the newest 500; with ``since``, also for each month from then on."""
        requests = [Request(_endpoint(context.base_url), "newest")]
        if context.since:
            requests += _periods(context, _months(context.since, context.now.date()), "month")
        return requests

    def follow(self, document: Document, context: Context) -> list[Request]:
        """Split a period that came back full; fill the gap back to what is stored."""
        notices = self._notices(document)
        part = document.request.part
        if part == "month" and len(notices) >= PAGE_SIZE:
            first = date.fromisoformat(document.request.tags["period"] + "-01")
            return _periods(context, _days(first, min(_month_end(first), context.now.date())), "day")
        if part == "day" and len(notices) >= PAGE_SIZE:
            hours = [f"{document.request.tags['period']} {hour:02d}" for hour in range(24)]
            return _periods(context, hours, "hour")
        if part == "newest" and not context.since:
            return self._gap(notices, document, context)
        return []

    def _gap(self, notices: Sequence[dict[str, Any]], document: Document, context: Context) -> list[Request]:
        """Return questions for the days between the newest stored notice and the oldest given."""
        if len(notices) < PAGE_SIZE or context.stored is None:
            return []
        self._raw_frame(list(notices), document)  # names the faulty field before we read on
        oldest = min(_published(notice) for notice in notices)
        try:
            found = frame_of(context.stored, "SELECT max(published_at) AS newest FROM police_event")[
                "newest"
            ][0]
        except duckdb.Error:  # an empty warehouse has no tables yet
            found = None
        newest_stored = found or datetime.min.replace(tzinfo=UTC)
        if newest_stored >= oldest:
            return []
        first = max(newest_stored, context.now - timedelta(days=_BACKFILL_DAYS)).date()
        return _periods(context, _days(first, oldest.date()), "day")

    def _notices(self, document: Document) -> list[dict[str, Any]]:
        if not document.content.strip():
            raise self.error(f"tomt svar (0 byte) från {document.request.url}")
        try:
            notices = json.loads(decode(self.id, document, "JSON"))
        except json.JSONDecodeError as error:
            raise self.error(
                f"svaret är inte hel JSON (tecken {error.pos}): {document.request.url}"
            ) from error
        except RecursionError:
            raise self.error(f"svaret är JSON i för många led: {document.request.url}") from None
        if not isinstance(notices, list):
            raise self.error(f"väntade en lista av notiser, fick {type(notices).__name__}")
        if not notices and document.request.part == "newest":
            raise self.error("listan med de senaste notiserna är tom")
        if len(notices) > 4 * PAGE_SIZE:
            raise self.error(f"svaret har {len(notices)} notiser, väntade högst {PAGE_SIZE}")
        return notices

    def parse(self, documents: Iterable[Document], context: Context) -> Batch:
        """Return one row a notice (the newest version of each), from all documents in order."""
        batch = Batch()
        frames = []
        for document in documents:
            notices = self._notices(document)
            batch.rows_by_document[document.fetch_id] = len(notices)
            if notices:
                frames.append(self._raw_frame(notices, document))
        if frames:
            events = _derived(pl.concat(frames), context, self)
            batch.tables["police_event"] = events
            batch.remarks += _remarks(events)
        return batch

    def _raw_frame(self, notices: list[dict[str, Any]], document: Document) -> pl.DataFrame:
        """Return a frame of the notices' fields, each checked for presence and kind."""
        try:
            columns: dict[str, Any] = {
                "id": pl.Series([notice["id"] for notice in notices], dtype=pl.Int64, strict=True),
                **{
                    name: pl.Series([notice[name] for notice in notices], dtype=pl.String, strict=True)
                    for name in _TEXT_FIELDS
                },
                "location": pl.Series([notice["location"]["name"] for notice in notices], dtype=pl.String),
            }
            frame = pl.DataFrame(columns).with_columns(fetch_id=pl.lit(document.fetch_id))
        except (KeyError, TypeError, pl.exceptions.PolarsError, OverflowError):
            raise self._first_fault(notices, document) from None
        if frame.null_count().sum_horizontal()[0]:
            raise self._first_fault(notices, document)
        return frame

    def _first_fault(self, notices: list[Any], document: Document) -> Exception:
        for row, notice in enumerate(notices, 1):
            field = _faulty_field(notice)
            if field:
                return self.error(
                    f"notis {row} i {document.request.url}: fältet {field} saknas eller är av fel slag"
                )
        return self.error(f"notiserna i {document.request.url} har oväntade fält")

    def validate(self, batch: Batch, context: Context) -> None:
        """Refuse notices that name almost no place: the location field has then changed again."""
        events = batch.tables.get("police_event")
        if events is None or events.is_empty() or not context.municipalities():
            return
        placeless = events.filter(pl.col("precision") == "none").height
        if placeless > max(5, 0.1 * events.height):
            raise self.error(
                f"{placeless} av {events.height} notiser saknar plats; fälten name och location har ändrats"
            )

    def load(self, batch: Batch, connection: duckdb.DuckDBPyConnection) -> LoadCount:
        """Insert new notices, replace edited ones and count their versions."""
        events = batch.tables.get("police_event")
        if events is None:
            return LoadCount()
        connection.register("incoming", events.to_arrow())
        # A derived column may change without an edit (gazetteer, categories): no new version then.
        row = row_of(
            connection,
            """
            SELECT count(*) FILTER (old.id IS NULL),
                   count(*) FILTER (old.content_hash <> incoming.content_hash), count(*)
              FROM incoming LEFT JOIN police_event AS old USING (id)
            """,
        )
        columns = ", ".join(_COLUMNS)
        updates = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS if column != "id")
        connection.execute(
            f"""
            INSERT INTO police_event ({columns})
            SELECT incoming.* EXCLUDE (first_hash) REPLACE (
                       incoming.versions + coalesce(old.versions, 0)
                       - coalesce(CAST(old.content_hash = incoming.first_hash AS INTEGER), 0) AS versions)
              FROM incoming LEFT JOIN police_event AS old USING (id)
            ON CONFLICT (id) DO UPDATE SET {updates}
            """
        )
        connection.unregister("incoming")
        new, changed, total = row or (0, 0, 0)
        return LoadCount(new, changed, total - new - changed)


def _faulty_field(notice: Any) -> str | None:
    if not isinstance(notice, dict):
        return "(hela notisen)"
    if not isinstance(notice.get("id"), int):
        return "id"
    text = next((name for name in _TEXT_FIELDS if not isinstance(notice.get(name), str)), None)
    if text:
        return text
    location = notice.get("location")
    if not isinstance(location, dict) or not isinstance(location.get("name"), str):
        return "location.name"
    return None


def _endpoint(base_url: str) -> str:
    return base_url if base_url.endswith("/api/events") else f"{base_url}/api/events"


def _periods(context: Context, periods: Iterable[str], part: str) -> list[Request]:
    endpoint = _endpoint(context.base_url)
    return [
        Request(f"{endpoint}?DateTime={quote(period)}", part, tags={"period": period}) for period in periods
    ]


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _months(first: date, last: date) -> list[str]:
    months, day = [], last.replace(day=1)
    while day >= first.replace(day=1):
        months.append(day.strftime("%Y-%m"))
        day = (day - timedelta(days=1)).replace(day=1)
    return months


def _days(first: date, last: date) -> list[str]:
    return [(last - timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _published(notice: dict[str, Any]) -> datetime:
    """Read ``2026-01-14 8:09:54 +01:00``; the hour has no leading zero before ten."""
    day, clock, zone = notice["datetime"].split()
    return datetime.fromisoformat(f"{day}T{clock.rjust(8, '0')}{zone}")


def _derived(raw: pl.DataFrame, context: Context, source: Source) -> pl.DataFrame:
    """Return rows of ``police_event`` from raw notices in the order they were fetched."""
    text = ["datetime", "name", "summary", "type", "location"]
    frame = raw.with_columns(content_hash=_hashes(raw, text))
    # One row a notice: the newest version, with how many versions came and what the first one was.
    edits = frame.group_by("id", maintain_order=True).agg(
        first_hash=pl.col("content_hash").first(),
        versions=(pl.col("content_hash") != pl.col("content_hash").shift())
        .fill_null(value=True)
        .sum()
        .cast(pl.Int32),
    )
    frame = frame.unique("id", keep="last", maintain_order=True).join(edits, on="id")
    frame = _with_times(frame, source, context.now)
    frame = _with_category(frame)
    frame = _with_place(frame, context.municipalities())
    return frame.select(*_COLUMNS, "first_hash")


def _hashes(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Return a hash of each row's text; polars' own differs between its versions, and this is stored."""
    texts = frame.select(pl.concat_str(columns, separator="\x1f")).to_series()
    return pl.Series([blake2b(text.encode(), digest_size=8).hexdigest() for text in texts])


def _with_times(frame: pl.DataFrame, source: Source, now: datetime) -> pl.DataFrame:
    """Add published_at and occurred_at.

    The event's clock time stands first in the title, without a year: of the year of publication
    and the one before, the nearer is taken, so New Year comes out right. Without a believable
    clock time the time of publication stands in.
    """
    frame = frame.with_columns(
        published_at=pl.col("datetime")
        .str.replace(r" (\d):", " 0${1}:")
        .str.to_datetime("%Y-%m-%d %H:%M:%S %z", strict=False, time_zone="UTC", time_unit="us"),
        _clock=pl.col("name").str.extract_groups(r"^(\d{1,2}) (\p{L}+) (\d{1,2})[.:](\d{2})"),
    ).unnest("_clock")
    broken = frame.filter(pl.col("published_at").is_null())
    if broken.height:
        bad = broken.row(0, named=True)
        raise source.error(f"notis {bad['id']}: fältet datetime har oväntad form: {bad['datetime']!r}")
    impossible = frame.filter(~pl.col("published_at").is_between(_FIRST_NOTICE, now + timedelta(days=1)))
    if impossible.height:
        bad = impossible.row(0, named=True)
        raise source.error(f"notis {bad['id']}: fältet datetime är en omöjlig tid: {bad['datetime']!r}")
    groups = [name for name in frame.columns if name in {"1", "2", "3", "4"}]
    local = pl.col("published_at").dt.convert_time_zone(_ZONE)
    candidates = [
        pl.format(
            "{}-{}-{} {}:{}",
            local.dt.year() + shift,
            pl.col("2").str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.String),
            *(pl.col(group).str.zfill(2) for group in ("1", "3", "4")),
        )
        .str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us")
        .dt.replace_time_zone(_ZONE, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        for shift in (0, -1)
    ]
    frame = frame.with_columns(_this=candidates[0], _before=candidates[1])
    published = pl.col("published_at")
    last_year_is_nearer = published - pl.col("_before") < pl.col("_this") - published
    occurred = (
        pl.when(last_year_is_nearer.fill_null(value=False) | pl.col("_this").is_null())
        .then(pl.col("_before"))
        .otherwise(pl.col("_this"))
    )
    # A clock time that does not exist (summer time begins) leaves only a year that is far off.
    believable = (published - occurred).abs() <= pl.duration(days=_LONGEST_DELAY_DAYS)
    return frame.with_columns(
        occurred_at=pl.when(believable).then(occurred).otherwise(published),
        text_expires_on=(local.dt.date() + pl.duration(days=TEXT_KEPT.days)).cast(pl.Date),
    ).drop("_this", "_before", *groups)


def _with_category(frame: pl.DataFrame) -> pl.DataFrame:
    types = reference.police_types()
    table = pl.DataFrame(
        [(name, category, kind) for name, (category, kind) in types.items()],
        schema=["type", "category", "kind"],
        orient="row",
    )
    is_summary = pl.col("type").str.starts_with("Sammanfattning")
    return (
        frame.with_columns(pl.col("type").str.strip_chars())
        .join(table, on="type", how="left", maintain_order="left")
        .with_columns(
            category=pl.col("category").fill_null(reference.UNKNOWN_CATEGORY),
            kind=pl.col("kind").fill_null(
                pl.when(is_summary).then(pl.lit("summary")).otherwise(pl.lit("event"))
            ),
        )
    )


def _with_place(frame: pl.DataFrame, municipalities: list[tuple[str, str]]) -> pl.DataFrame:
    """Add code, county_code, locality and precision: the title's last part first, then location."""
    last_part = pl.col("name").str.split(",").list.last().str.strip_chars()
    frame = frame.with_columns(_last=last_part)
    names = reference.MunicipalityNames(municipalities)
    counties = {reference.normalise_name(name): code for code, name in reference.counties().items()}
    spellings = pl.concat([frame["_last"], frame["location"]]).unique().to_list()
    codes = {name: names.code(name) for name in spellings}
    in_county = {name: counties.get(reference.normalise_name(name)) for name in spellings}

    def lookup(column: str, table: dict[str, str | None]) -> pl.Expr:
        return pl.col(column).replace_strict(table, default=None, return_dtype=pl.String)

    code = pl.coalesce(lookup("_last", codes), lookup("location", codes))
    frame = frame.with_columns(code=code).with_columns(
        county_code=pl.coalesce(
            pl.col("code").str.slice(0, 2),
            lookup("_last", in_county),
            lookup("location", in_county),
        ),
        locality=_localities(frame.with_columns(code=code)),
    )
    return frame.with_columns(
        precision=pl.when(pl.col("locality").is_not_null())
        .then(pl.lit("locality"))
        .when(pl.col("code").is_not_null())
        .then(pl.lit("municipality"))
        .when(pl.col("county_code").is_not_null())
        .then(pl.lit("county"))
        .otherwise(pl.lit("none"))
    )


def _localities(frame: pl.DataFrame) -> pl.Series:
    """Return the locality (or, failing that, the road) that a summary names, for known municipalities."""
    gazetteer = reference.gazetteer()
    found: list[str | None] = [None] * frame.height
    home = frame.with_row_index("_row").filter(pl.col("code").is_in(list(gazetteer)))
    for row, code, summary in home.select("_row", "code", "summary").iter_rows():
        found[row] = _locality(gazetteer[code], summary)
    return pl.Series("locality", found, dtype=pl.String)


def _locality(places: tuple[reference.Place, ...], summary: str) -> str | None:
    named = [place for place in places if place.named_in(summary)]
    inside = [place.locality for place in named if place.inside == "ja"]
    # A place over the border beside one inside ("mellan Laxå och Vretstorp") leaves the one inside.
    if inside:
        return inside[0]
    if any(place.inside == "nej" for place in named):
        return None
    return next((place.locality for place in named), None)


def _remarks(events: pl.DataFrame) -> list[str]:
    unknown = Counter(events.filter(pl.col("category") == reference.UNKNOWN_CATEGORY)["type"].to_list())
    if not unknown:
        return []
    listed = ", ".join(f"{name} ({count})" for name, count in unknown.most_common(5))
    return [f"{sum(unknown.values())} notiser av okänd typ, behållna som Okänd typ: {listed}"]


def redact(content: bytes, now: datetime) -> tuple[bytes, datetime | None]:
    """Replace expired summaries of an archived answer by the place names they hold.

    Returns the new content and when the next text expires (None when no text is left). An answer
    that cannot be read cannot be redacted either: it is emptied at once.
    """
    try:
        return _redacted(json.loads(content.decode("utf-8-sig")), content, now)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return b"", None


def _redacted(notices: list[dict[str, Any]], content: bytes, now: datetime) -> tuple[bytes, datetime | None]:
    moments = [_published(notice) + TEXT_KEPT for notice in notices]
    places = [place for found in reference.gazetteer().values() for place in found]
    changed = False
    for notice, expires in zip(notices, moments, strict=True):
        if expires <= now and not notice.get("redacted"):
            named = [place.variants[0] for place in places if place.named_in(notice["summary"])]
            notice["summary"] = ", ".join(named)
            notice["redacted"] = changed = True
    left = [expires for expires in moments if expires > now]
    redacted = json.dumps(notices, ensure_ascii=False).encode() if changed else content
    return redacted, min(left) if left else None
