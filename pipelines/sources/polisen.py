"""polisen.se: police notices (händelsenotiser).

A notice's own text is never stored in the warehouse. The raw answers in the archive keep it until
30 days after publication; then `redact` leaves only the place names that the gazetteer knows, and a
hash by which the same event under another id is still known.

The feed holds only the last days, so that there are days nobody collected: which ones were is told by
the answers themselves (`_coverage`) and kept as ``notice_day``.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard
from urllib.parse import quote
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import frame_of, row_of
from lagesbild.swedish import MONTHS
from pipelines.contract import Batch, Document, Request, RunContext, Source, SourceError
from pipelines.http import decode
from pipelines.loading import LoadCount, upsert
from pipelines.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


TEXT_KEPT = timedelta(days=30)
PAGE_SIZE = 500
_BACKFILL_DAYS = 28
_LONGEST_DELAY_DAYS = 60
_FIRST_NOTICE = datetime(2000, 1, 1, tzinfo=UTC)
#: So many unreadable notices in an answer, and at least so large a share of it, and the field has changed form.
_MOST_BAD, _MOST_BAD_SHARE = 3, 0.2
#: A feed silent for longer than this is not being kept up, and tells nothing of the days of the silence.
_LONGEST_SILENCE = timedelta(days=28)
#: The share of notices with a municipality, of 77 974; half of it is far below, a tenth next to nothing.
_USUAL_SHARE, _LOW_SHARE, _NEXT_TO_NOTHING = 0.71, 0.35, 0.07
#: Fewer notices than this say nothing about shares.
_FEWEST_FOR_SHARE = 50
#: A clock time this little after publication is a clock that is wrong; a later one is of the day before.
_CLOCK_SLIP = timedelta(hours=1)
_ZONE = ZoneInfo("Europe/Stockholm")
_HALF_SIGN = re.compile("[\ud800-\udfff]")
_TEXT_FIELDS = ("datetime", "name", "summary", "url", "type")
_MOMENT = re.compile(
    r"\s*(\d{4}-\d{2}-\d{2})(?:T|\s+)(\d{1,2})(:\d{2}:\d{2}(?:\.\d+)?)\s*(Z|[+-]\d{2}:?\d{2})\s*"
)
_MONTHS = {name: f"{number:02d}" for number, name in enumerate(MONTHS, 1)}
_COLUMNS = (
    "id",
    "occurred_at",
    "published_at",
    "type",
    "category",
    "kind",
    "code",
    "county_code",
    "locality",
    "precision",
    "url",
    "versions",
    "content_hash",
    "event_hash",
    "text_expires_on",
    "fetch_id",
)


class Polisen(Source):
    """Reads the feed of the newest notices, and fills gaps day by day."""

    id: ClassVar[str] = "polisen"
    #: The site's rules for open data: a call every ten seconds, 60 an hour, 1 440 a day.
    policy: ClassVar[Policy] = Policy(
        min_interval=10, max_per_hour=60, max_per_day=1440, permanent_404=True, max_bytes=5_000_000
    )
    accumulates: ClassVar[bool] = True
    #: 60 answers an hour are allowed, and each is of days that are over: a long way back takes days.
    resumes_within: ClassVar[timedelta] = timedelta(days=7)

    def discover(self, context: RunContext) -> list[Request]:
        """Ask for the newest 500; with ``since``, also for each month from then on."""
        requests = [Request(url=endpoint(context.base_url), part="newest", asked_anew=True)]
        if context.since:
            requests += _periods(context, _months(context.since, context.now.date()), "month")
        return requests

    def may_be_gone(self, request: Request) -> bool:
        """Tell whether a 404 may be remembered: of a day or month, never of the feed itself."""
        return request.part != "newest"

    def follow(self, document: Document, context: RunContext) -> list[Request]:
        """Split a period that came back full; fill the gap back to what is stored."""
        notices, fault = self._notices(document)
        part = document.request.part
        if fault:
            return []
        if part == "month" and len(notices) >= PAGE_SIZE:
            first = date.fromisoformat(document.request.tags["period"] + "-01")
            return _periods(context, _days(first, min(_month_end(first), context.now.date())), "day")
        if part == "day" and len(notices) >= PAGE_SIZE:
            hours = [f"{document.request.tags['period']} {hour:02d}" for hour in range(24)]
            return _periods(context, hours, "hour")
        if part == "newest" and not context.since:
            return self._gap(notices, document, context)
        return []

    def _gap(self, notices: Sequence[Any], document: Document, context: RunContext) -> list[Request]:
        """Return questions for the days between the newest stored notice and the oldest given."""
        if len(notices) < PAGE_SIZE or context.stored is None:
            return []
        sound, _ = self._sound(notices, document, context)
        oldest = min(published for _, published in sound)
        try:
            stored = frame_of(context.stored, "SELECT max(published_at) AS newest FROM police_event")
            days = frame_of(context.stored, "SELECT day FROM notice_day WHERE collected")["day"].to_list()
        except duckdb.Error:  # an empty warehouse has no tables yet
            stored, days = pl.DataFrame({"newest": [None]}), []
        newest_stored = stored["newest"][0] or datetime.min.replace(tzinfo=UTC)
        if newest_stored < oldest:
            first = max(newest_stored, context.now - timedelta(days=_BACKFILL_DAYS)).date()
            return _periods(context, _days(first, oldest.date()), "day")
        # No notice is missed, but the day on which the feed begins is whole in neither of the answers.
        begins = oldest.astimezone(_ZONE).date()
        seam = begins not in days and begins - timedelta(days=1) in days
        return _periods(context, [begins.isoformat()], "day") if seam else []

    def _notices(self, document: Document) -> tuple[list[Any], str]:
        """Return the notices of an answer, and why there are none where a period's answer cannot be read.

        Raises
        ------
        SourceError
            If it is the feed of the newest that cannot be read.
        """
        try:
            return self._listed(document), ""
        except SourceError as error:
            if document.request.part == "newest":
                raise
            return [], str(error).removeprefix(f"{self.id}: ")

    def _listed(self, document: Document) -> list[Any]:
        if not document.content.strip():
            raise self.error(f"tomt svar (0 byte eller 404) från {document.request.url}")
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

    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Return one row a notice (the newest version of each) and one a day, from all documents in order.

        A notice that cannot be read is left out, counted and named; so is a day that gave no answer.
        """
        batch = Batch()
        frames, answers = [], []
        faults: list[str] = []
        for document in documents:
            notices, unread = self._notices(document)
            sound, bad = self._sound(notices, document, context)
            faults += bad
            batch.rows_by_document[document.fetch_id] = len(sound)
            answers.append(_Answer(document, len(notices), [published for _, published in sound], unread))
            if sound:
                frames.append(_raw_frame(sound, document))
        batch.remarks += _unread(answers) + _left_out(faults)
        if days := _coverage(answers):
            batch.tables["notice_day"] = pl.DataFrame(
                days,
                schema={
                    "day": pl.Date,
                    "collected": pl.Boolean,
                    "asked_at": pl.Datetime("us", "UTC"),
                    "fetch_id": pl.String,
                },
                orient="row",
            )
        if frames:
            events, from_url = _derived(pl.concat(frames), context)
            batch.tables["police_event"] = events
            batch.remarks += _remarks(events) + _without_place(events, from_url, context)
        return batch

    def _sound(
        self, notices: Sequence[Any], document: Document, context: RunContext
    ) -> tuple[list[tuple[dict[str, Any], datetime]], list[str]]:
        """Return the notices that can be read, each with when it was published, and what is wrong with the others.

        Raises
        ------
        SourceError
            If more than a fifth of them (and more than three), or all, cannot be read.
        """
        sound, bad = [], []
        for row, notice in enumerate(notices, 1):
            fault = fault_of(notice, context.now)
            if fault:
                number = notice.get("id") if isinstance(notice, dict) else None
                bad.append(f"notis {row} (id {number}) i {document.request.url}: {fault}")
            else:
                sound.append((notice, _published(notice)))
        if bad and (not sound or len(bad) > max(_MOST_BAD, _MOST_BAD_SHARE * len(notices))):
            raise self.error(
                f"{bad[0]}; {len(bad)} av {len(notices)} notiser går inte att läsa: fältet har ändrat form"
            )
        return sound, bad

    def validate(self, batch: Batch, context: RunContext) -> None:
        """Refuse notices that name almost no place: the location field has then changed again."""
        events = batch.tables.get("police_event")
        if events is None or events.is_empty() or not context.municipalities():
            return
        placeless = events.filter(pl.col("precision") == "none").height
        if placeless > max(5, 0.1 * events.height):
            raise self.error(
                f"{placeless} av {events.height} notiser saknar plats; fälten name och location har ändrats"
            )
        share = _share(events)
        if events.height >= _FEWEST_FOR_SHARE and share < _NEXT_TO_NOTHING:
            raise self.error(
                f"bara {100 * share:.0f} procent av {events.height} notiser har en kommun mot vanliga {100 * _USUAL_SHARE:.0f}; "
                "kommunen står inte längre sist i fältet name"
            )

    def load(self, batch: Batch, connection: duckdb.DuckDBPyConnection) -> LoadCount:
        """Insert new notices, replace edited ones and count their versions."""
        if "notice_day" in batch.tables:
            _load_days(batch.tables["notice_day"], connection)
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
        _mark_repeated(connection)
        new, changed, total = row or (0, 0, 0)
        return LoadCount(new, changed, total - new - changed)


def _load_days(days: pl.DataFrame, connection: duckdb.DuckDBPyConnection) -> None:
    """Keep which days were asked for; a day once collected stays so whatever a later answer lacks."""
    kept = frame_of(connection, "SELECT day FROM notice_day WHERE collected")["day"]
    upsert(connection, "notice_day", days.filter(pl.col("collected") | ~pl.col("day").is_in(kept.to_list())))


def _mark_repeated(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark notices of the same event (title, summary, place and day) as those of the first id.

    The day has a year, which the title has not: "01 januari 08.00, Sammanfattning natt" comes every year.
    """
    connection.execute("UPDATE police_event SET same_as = NULL WHERE same_as IS NOT NULL")
    connection.execute(
        """
        WITH dated AS (
            SELECT id, event_hash, CAST(timezone('Europe/Stockholm', occurred_at) AS DATE) AS day FROM police_event
        ), repeated AS (
            SELECT id, min(id) OVER (PARTITION BY event_hash, day) AS first FROM dated
        )
        UPDATE police_event SET same_as = repeated.first FROM repeated
         WHERE police_event.id = repeated.id AND repeated.first <> repeated.id
        """
    )


def fault_of(notice: Any, now: datetime) -> str:
    """Say what is wrong with a notice, in Swedish; empty where it can be read."""
    field = _faulty_field(notice)
    if field:
        return f"fältet {field} saknas eller är av fel slag"
    try:
        published = _published(notice)
    except ValueError:
        return f"fältet datetime har oväntad form: {notice['datetime'][:40]!r}"
    if not _FIRST_NOTICE <= published <= now + timedelta(days=1):
        return f"fältet datetime är en omöjlig tid: {notice['datetime'][:40]!r}"
    return ""


def _faulty_field(notice: Any) -> str | None:
    if not isinstance(notice, dict):
        return "(hela notisen)"
    number = notice.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) >= 1 << 63:
        return "id"
    text = next((name for name in _TEXT_FIELDS if not _is_text(notice.get(name))), None)
    if text:
        return text
    location = notice.get("location")
    if not isinstance(location, dict) or not _is_text(location.get("name")):
        return "location.name"
    return None


def _is_text(value: Any) -> TypeGuard[str]:
    """Tell whether a value is text that can be stored: JSON allows half characters, which cannot."""
    return isinstance(value, str) and not _HALF_SIGN.search(value)


def _raw_frame(notices: Sequence[tuple[dict[str, Any], datetime]], document: Document) -> pl.DataFrame:
    """Return a frame of sound notices' fields, and when each was published."""
    return pl.DataFrame(
        {
            "id": pl.Series([notice["id"] for notice, _ in notices], dtype=pl.Int64),
            **{
                name: pl.Series([notice[name] for notice, _ in notices], dtype=pl.String)
                for name in _TEXT_FIELDS
            },
            "location": pl.Series([notice["location"]["name"] for notice, _ in notices], dtype=pl.String),
            "summary_hash": pl.Series([_summary_hash(notice) for notice, _ in notices], dtype=pl.String),
            "published_at": pl.Series(
                [published for _, published in notices], dtype=pl.Datetime("us", "UTC")
            ),
        }
    ).with_columns(fetch_id=pl.lit(document.fetch_id))


def _summary_hash(notice: dict[str, Any]) -> str:
    """Return the hash of a summary; of one whose text has expired, that of the text it had."""
    kept = notice.get("summary_hash")
    return kept if notice.get("redacted") and _is_text(kept) else _hash(notice["summary"])


def _hash(text: str) -> str:
    """Return a hash of text; polars' own differs between its versions, and this is stored."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class _Answer:
    """What an answer says of its period: how many notices, when the readable ones were published, and why none is."""

    document: Document
    notices: int
    published: list[datetime]
    unread: str

    @property
    def days(self) -> list[date]:
        """The days (Swedish time) asked for; of the feed none in particular."""
        period = self.document.request.tags.get("period", "")
        part = self.document.request.part
        if part == "month":
            first = date.fromisoformat(f"{period}-01")
            return _each_day(first, _month_end(first))
        return [date.fromisoformat(period[:10])] if part in {"day", "hour"} else []

    @property
    def asked_on(self) -> date:
        """The day (Swedish time) of the answer."""
        return self.document.fetched_at.astimezone(_ZONE).date()

    @property
    def forgotten(self) -> bool:
        """Whether a day or month that has begun came back without a single notice."""
        part = self.document.request.part
        return part in {"day", "month"} and not self.notices and self.days[0] < self.asked_on

    def whole_days(self) -> list[date]:
        """Return the days whose notices this answer holds all of; an hour's are put together by `_coverage`."""
        if self.document.request.part == "newest":
            return self._of_feed()
        if self.document.request.part == "hour" or self.notices >= PAGE_SIZE or not self.published:
            return []
        first = min(self.published).astimezone(_ZONE).date()
        # A month may reach further back than the service remembers: the day it begins on may be cut off.
        begins = self.days[0] if first <= self.days[0] else first + timedelta(days=1)
        return [day for day in self.days if begins <= day < self.asked_on]

    def _of_feed(self) -> list[date]:
        """Return the whole days between the oldest notice of the feed and the moment of asking."""
        moments = sorted({*self.published}, reverse=True)
        until = self.document.fetched_at
        if until - moments[0] > _LONGEST_SILENCE:
            until = moments[0]
        oldest = moments[0]
        for moment in moments:
            if oldest - moment > _LONGEST_SILENCE:  # an old notice that has come up again
                break
            oldest = moment
        first = oldest.astimezone(_ZONE).date() + timedelta(days=1)
        return _each_day(first, until.astimezone(_ZONE).date() - timedelta(days=1))


def _coverage(answers: Sequence[_Answer]) -> list[tuple[date, bool, datetime, str]]:
    """Return day, whether its notices are all in the answers, when it was asked for, and the document.

    The feed covers the whole days between its oldest notice and the asking; a period that is over and
    came back with fewer than a full answer is covered, unless it is empty: the whole country is never
    silent for a day, and the service forgets. A day asked hour by hour is covered by all its hours.
    """
    found: dict[date, tuple[date, bool, datetime, str]] = {}
    hours: defaultdict[date, set[str]] = defaultdict(set)
    for answer in answers:
        document = answer.document
        whole = set(answer.whole_days())
        if document.request.part == "hour" and not answer.unread and answer.notices < PAGE_SIZE:
            day = answer.days[0]
            if day < answer.asked_on:
                hours[day].add(document.request.tags["period"])
            whole |= {day} if len(hours[day]) == 24 else set()
        for day in sorted({*answer.days, *whole}):
            if (day in whole or day < answer.asked_on) and not (day in found and found[day][1]):
                found[day] = (day, day in whole, document.fetched_at, document.fetch_id)
    return [found[day] for day in sorted(found)]


def _each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _unread(answers: Sequence[_Answer]) -> list[str]:
    """Name the periods that gave nothing, and say how they are asked for again."""
    silent = [answer for answer in answers if answer.unread or answer.forgotten]
    if not silent:
        return []
    periods = sorted(answer.document.request.tags["period"] for answer in silent)
    why = next((f" ({answer.unread})" for answer in silent if answer.unread), "")
    return [
        f"inga notiser gavs för {_named(periods)}{why}; dagarna räknas som ej insamlade. Fråga igen: "
        f"lagesbild ingest polisen --since {periods[0][:7]}-01"
    ]


def _left_out(faults: Sequence[str]) -> list[str]:
    """Count and name the notices that could not be read."""
    if not faults:
        return []
    return [f"{len(faults)} oläsliga notiser utelämnade: {_named(faults, '; ')}"]


def _named(what: Sequence[str], between: str = ", ", most: int = 5) -> str:
    more = f" och {len(what) - most} till" if len(what) > most else ""
    return between.join(what[:most]) + more


def _share(events: pl.DataFrame) -> float:
    """Return the share of notices with a municipality; 1 of none at all."""
    return 1 - events["code"].null_count() / max(events.height, 1)


def _without_place(events: pl.DataFrame, from_url: int, context: RunContext) -> list[str]:
    """Say when municipalities had to be read from the addresses, or are far fewer than usual."""
    remarks = []
    if from_url:
        remarks.append(
            f"{from_url} av {events.height} notiser fick sin kommun ur adressen: den stod inte sist i fältet name"
        )
    share = _share(events)
    if events.height >= _FEWEST_FOR_SHARE and share < _LOW_SHARE and context.municipalities():
        remarks.append(
            f"bara {100 * share:.0f} procent av {events.height} notiser har en kommun, mot vanliga {100 * _USUAL_SHARE:.0f}"
        )
    return remarks


def endpoint(base_url: str) -> str:
    """Return the address of the feed; ``base_url`` may be it already."""
    return base_url if base_url.endswith("/api/events") else f"{base_url}/api/events"


def _periods(context: RunContext, periods: Iterable[str], part: str) -> list[Request]:
    address, today = endpoint(context.base_url), context.now.astimezone(_ZONE).date().isoformat()
    return [
        Request(
            url=f"{address}?DateTime={quote(period)}",
            part=part,
            tags={"period": period},
            asked_anew=today.startswith(period) or period.startswith(today),
        )
        for period in periods
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
    """Read ``2026-01-14 8:09:54 +01:00`` (no leading zero before ten) or ISO 8601; in UTC.

    Raises
    ------
    ValueError
        If it is neither, or has no zone.
    """
    found = _MOMENT.fullmatch(notice["datetime"])
    if found is None:
        raise ValueError("no moment with a zone")
    day, hour, rest, zone = found.groups()
    return datetime.fromisoformat(f"{day}T{hour:0>2}{rest}{zone}").astimezone(UTC)


def _derived(raw: pl.DataFrame, context: RunContext) -> tuple[pl.DataFrame, int]:
    """Return rows of ``police_event`` from raw notices in the order they were fetched, and how many urls gave the place."""
    text = ["datetime", "name", "summary", "type", "location"]
    frame = raw.with_columns(
        content_hash=_hashes(raw, text), event_hash=_hashes(raw, ["name", "summary_hash", "location"])
    )
    # One row a notice: the newest version, with how many versions came and what the first one was.
    edits = frame.group_by("id", maintain_order=True).agg(
        first_hash=pl.col("content_hash").first(),
        versions=(pl.col("content_hash") != pl.col("content_hash").shift())
        .fill_null(value=True)
        .sum()
        .cast(pl.Int32),
    )
    frame = frame.unique("id", keep="last", maintain_order=True).join(edits, on="id")
    frame = _with_times(frame)
    frame = _with_category(frame)
    frame = _with_place(frame, context.municipalities())
    return frame.select(*_COLUMNS, "first_hash"), int(frame["_from_url"].sum())


def _hashes(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Return a hash of each row's text."""
    texts = frame.select(pl.concat_str(columns, separator="\x1f")).to_series()
    return pl.Series([_hash(text) for text in texts])


def _with_times(frame: pl.DataFrame) -> pl.DataFrame:
    """Add occurred_at, and when the text expires.

    The event's clock time stands first in the title, without a year: of the year of publication
    and the one before, the nearer is taken, so New Year comes out right. Nobody tells of what has not
    happened: a clock time well after publication is of the day before. Without a believable clock time
    the time of publication stands in.
    """
    frame = frame.with_columns(
        _clock=pl.col("name").str.extract_groups(r"^(\d{1,2}) (\p{L}+) (\d{1,2})[.:](\d{2})"),
    ).unnest("_clock")
    groups = [name for name in frame.columns if name in {"1", "2", "3", "4"}]
    local = pl.col("published_at").dt.convert_time_zone(_ZONE.key)
    candidates = [
        pl.format(
            "{}-{}-{} {}:{}",
            local.dt.year() + shift,
            pl.col("2").str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.String),
            *(pl.col(group).str.zfill(2) for group in ("1", "3", "4")),
        )
        .str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us")
        .dt.replace_time_zone(_ZONE.key, ambiguous="earliest", non_existent="null")
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
    occurred = pl.when(occurred - published > _CLOCK_SLIP).then(_day_before(occurred)).otherwise(occurred)
    # A clock time that does not exist (summer time begins) leaves only a year that is far off.
    delay = published - occurred
    believable = (delay >= pl.duration()) & (delay <= pl.duration(days=_LONGEST_DELAY_DAYS))
    return frame.with_columns(
        occurred_at=pl.when(believable).then(occurred).otherwise(published),
        text_expires_on=(local.dt.date() + pl.duration(days=TEXT_KEPT.days)).cast(pl.Date),
    ).drop("_this", "_before", *groups)


def _day_before(moment: pl.Expr) -> pl.Expr:
    """Return the same clock time (Swedish) of the day before."""
    return moment.dt.convert_time_zone(_ZONE.key).dt.offset_by("-1d").dt.convert_time_zone("UTC")


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
    """Add code, county_code, locality, precision and _from_url.

    The title's last part first, then location, then the end of the url. Where the title's last part is a
    county, that county's name without "län" as the location is the county too, not a municipality.
    """
    last_part = pl.col("name").str.split(",").list.last().str.strip_chars()
    frame = frame.with_columns(_last=last_part)
    names = reference.MunicipalityNames(municipalities)
    counties = {reference.normalise_name(name): code for code, name in reference.counties().items()}
    spellings = pl.concat([frame["_last"], frame["location"]]).unique().to_list()
    codes = {name: names.code(name) for name in spellings}
    in_county = {name: counties.get(reference.normalise_name(name)) for name in spellings}
    short = {name: _county_without_lan(name) for name in spellings}

    def lookup(column: str, table: dict[str, str | None]) -> pl.Expr:
        return pl.col(column).replace_strict(table, default=None, return_dtype=pl.String)

    titled, short_of = lookup("_last", in_county), lookup("location", short)
    located = (
        pl.when((titled == short_of).fill_null(value=False)).then(None).otherwise(lookup("location", codes))
    )
    known = pl.coalesce(lookup("_last", codes), located)
    frame = frame.with_columns(
        _known=known, _county=pl.coalesce(titled, lookup("location", in_county), short_of), _titled=titled
    )
    frame = frame.with_columns(_url_code=_from_urls(frame, municipalities))
    code = pl.coalesce("_known", "_url_code")
    frame = frame.with_columns(code=code, _from_url=pl.col("_url_code").is_not_null()).with_columns(
        county_code=pl.coalesce(pl.col("code").str.slice(0, 2), pl.col("_county")),
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


def _county_without_lan(name: str) -> str | None:
    """Return the code of the county that is called so, but for "län": ``Örebro``, ``Stockholm``; None of others."""
    plain = reference.normalise_name(name)
    for code, county in reference.counties().items():
        stem = reference.normalise_name(county).removesuffix(" län")
        if plain in {stem, stem.removesuffix("s")}:
            return code
    return None


def _slug(name: str) -> str:
    """Return a place name as it stands in an url: ``sotenas``, ``ostra-goinge``."""
    folded = reference.normalise_name(name).translate(str.maketrans("åäöéü", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "-", folded)


def _from_urls(frame: pl.DataFrame, municipalities: list[tuple[str, str]]) -> pl.Series:
    """Return the municipality at the end of the url, where neither title nor location has a place below the county.

    In the county that is known, so that Habo is not Håbo; None where more than one fits.
    """
    slugs: defaultdict[str, list[str]] = defaultdict(list)
    for code, name in municipalities:
        slugs[_slug(name)].append(code)
    found: list[str | None] = [None] * frame.height
    lost = frame.with_row_index("_row").filter(pl.col("_known").is_null() & pl.col("_titled").is_null())
    for row, url, county in lost.select("_row", "url", "_county").iter_rows():
        parts = url.rstrip("/").rsplit("/", 1)[-1].split("-")
        ends = ("-".join(parts[n:]) for n in range(1, len(parts)))
        fits = next((slugs[end] for end in ends if end in slugs), [])
        fits = [code for code in fits if county in {None, code[:2]}]
        found[row] = fits[0] if len(fits) == 1 else None
    return pl.Series("_url_code", found, dtype=pl.String)


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


def _redacted(notices: list[Any], content: bytes, now: datetime) -> tuple[bytes, datetime | None]:
    if not isinstance(notices, list):
        raise TypeError("no list of notices")
    left: list[datetime] = []
    changed = False
    for n, notice in enumerate(notices):
        if not isinstance(notice, dict):  # nothing can be known of when its text expires
            notices[n] = {}
            changed = changed or notice != {}
            continue
        expires = _expires(notice)
        if expires is not None and expires > now:
            left.append(expires)
        elif not notice.get("redacted"):
            _redact_summary(notice)
            notice["redacted"] = changed = True
    redacted = json.dumps(notices, ensure_ascii=False).encode() if changed else content
    return redacted, min(left) if left else None


def _redact_summary(notice: dict[str, Any]) -> None:
    text = notice.get("summary")
    if _is_text(text):
        notice["summary_hash"] = _hash(text)
        named = (place.variants[0] for place in reference.places_named(text))
        notice["summary"] = ", ".join(dict.fromkeys(named))
    elif text is not None:  # whatever it was, it may not stay
        notice["summary"] = None


def _expires(notice: dict[str, Any]) -> datetime | None:
    """Return when a notice's text expires; None, that is at once, where its time cannot be read."""
    try:
        return _published(notice) + TEXT_KEPT
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
