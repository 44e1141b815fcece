"""The contract every source keeps: discover, fetch (with follow), parse, validate, load."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from lagesbild import ExplainedError
from pipelines.loading import LoadCount, upsert
from pipelines.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    import duckdb
    import polars as pl

    from lagesbild.config import Settings


class SourceError(ExplainedError):
    """A source could not be read; the message is one Swedish line naming source, row and field."""

    def __init__(self, source_id: str, text: str) -> None:
        super().__init__(f"{source_id}: {' '.join(text.split())}")
        self.source_id = source_id


class GoneError(SourceError):
    """The source says that what was asked for does not exist (404), now or not long ago."""


class SessionLostError(SourceError):
    """The source has forgotten the session that the question belongs to; a new one must be opened."""


class UnreachableError(SourceError):
    """The source did not answer; what was already fetched is kept and used when it does."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One question to a source.

    ``part`` says what the answer holds (each source names its own parts); ``tags`` carry what the
    parser needs to know of the question. ``body`` makes it a POST with JSON, ``form`` one with form
    fields. Sources with sessions: ``before`` are the steps that lead to this question, asked just
    before it and not kept; ``identity`` says in lasting words what is asked, where address and body
    do not; ``asked_anew`` asks again even if an unfinished run has an answer.
    """

    url: str
    part: str
    body: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    before: tuple[Request, ...] = ()
    identity: str | None = None
    asked_anew: bool = False

    @property
    def key(self) -> str:
        """Identity of the question: the same question has the same key in every run."""
        text = self.identity or json.dumps([self.url, self.body], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> str:
        """Serialise for the index of the archive, without the steps before."""
        kept = {"url": self.url, "part": self.part, "body": self.body, "tags": dict(self.tags)}
        return json.dumps(kept | ({"identity": self.identity} if self.identity else {}))

    @classmethod
    def from_json(cls, text: str) -> Request:
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, kw_only=True)
class Document:
    """An answer as it came: bytes, when, and the id that every row made from it carries."""

    request: Request
    fetch_id: str
    fetched_at: datetime
    sha256: str
    content: bytes


@dataclass
class Batch:
    """What a source's documents say: frames by table name, and remarks for the log (Swedish)."""

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    rows_by_document: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows over all tables."""
        return sum(frame.height for frame in self.tables.values())


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What a source may know of the run: settings, what is stored, and how far back to ask."""

    settings: Settings
    base_url: str
    now: datetime
    since: date | None = None
    stored: duckdb.DuckDBPyConnection | None = None

    def municipalities(self) -> list[tuple[str, str]]:
        """Return (code, name) of the stored municipalities."""
        if self.stored is None:
            return []
        return self.stored.execute("SELECT code, name FROM municipality ORDER BY code").fetchall()


class Source(ABC):
    """One source of figures. A new source is a new module with one subclass, in `registry`."""

    id: ClassVar[str]
    #: True where every answer adds to the last ones (a feed); False where a run is a whole picture.
    accumulates: ClassVar[bool] = False
    #: True where a whole run may hold less than what is stored, as a page that links only the newest year;
    #: a rebuild then needs every run that went well, not only the last whole one.
    partial: ClassVar[bool] = False
    #: What the source allows; one that publishes no limits is asked twice a second at most.
    policy: ClassVar[Policy] = Policy()
    #: A run that was cut off goes on with the answers it had, if they are no older than this.
    resumes_within: ClassVar[timedelta] = timedelta(hours=12)

    @abstractmethod
    def discover(self, context: RunContext) -> list[Request]:
        """Return the first questions to ask."""

    def follow(self, document: Document, context: RunContext) -> list[Request]:  # noqa: ARG002
        """Return further questions that an answer gives rise to (next page, found links)."""
        return []

    def inspect(self, request: Request, content: bytes) -> None:  # noqa: B027 - most sources have no such pages
        """Raise `SourceError` where an answer is no answer, such as an error page; it is not archived."""

    def may_be_gone(self, request: Request) -> bool:  # noqa: ARG002
        """Tell whether a 404 is an answer to this question: remembered, and kept as an empty document."""
        return False

    def by_hand(self, name: str, content: bytes, context: RunContext) -> Request | None:  # noqa: ARG002
        """Return the question that a file somebody has fetched answers (see `by_hand`); None for no question.

        Raises
        ------
        SourceError
            If the file is not what its name says.
        """
        return None

    def fetch(
        self,
        context: RunContext,
        ask: Callable[[Request], Document],
        progress: Callable[[int, int], None],
    ) -> list[Document]:
        """Ask all questions through ``ask``; ``progress`` gets (answered, known so far)."""
        return self.ask_all(self.discover(context), context, ask, progress)

    def ask_all(
        self,
        requests: Iterable[Request],
        context: RunContext,
        ask: Callable[[Request], Document],
        progress: Callable[[int, int], None],
        before: int = 0,
    ) -> list[Document]:
        """Ask questions and those that follow from their answers; ``before`` were answered already."""
        questions = {request.key: request for request in requests}
        documents: list[Document] = []
        while len(documents) < len(questions):
            document = ask(list(questions.values())[len(documents)])
            documents.append(document)
            for request in self.follow(document, context):
                questions.setdefault(request.key, request)
            progress(before + len(documents), before + len(questions))
        return documents

    @abstractmethod
    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Turn documents into frames; a pure function of its input.

        Raises
        ------
        SourceError
            Naming the row and field that is not as the format says.
        """

    @abstractmethod
    def validate(self, batch: Batch, context: RunContext) -> None:
        """Raise `SourceError` where the frames cannot be a true and whole answer."""

    def load(self, batch: Batch, connection: duckdb.DuckDBPyConnection) -> LoadCount:
        """Write the frames into the warehouse being built (default: insert or update by key)."""
        count = LoadCount()
        for table, frame in batch.tables.items():
            count += upsert(connection, table, frame)
        return count

    def error(self, text: str) -> SourceError:
        """Return an error of this source."""
        return SourceError(self.id, text)


def ends_early(what: str, newest: int, now: datetime, month: int) -> list[str]:
    """Say that a source ends earlier than it could.

    Parameters
    ----------
    what
        What ends, in Swedish, as the subject of the sentence.
    newest
        The last year that it has.
    month
        The month from which the year before is published.
    """
    possible = now.year - (1 if now.month >= month else 2)
    if newest >= possible:
        return []
    years = [str(year) for year in range(newest + 1, possible + 1)]
    lacking = " och ".join(years) if len(years) < 3 else f"{years[0]}–{years[-1]}"
    return [f"{what} finns bara till {newest}; {lacking} saknas hos källan"]


def require_rows(source: Source, stored: int, fetched: int, what: str) -> None:
    """Refuse an answer with far fewer rows than are stored (a tenth may fall away, not more)."""
    if fetched < 0.9 * stored:
        raise source.error(
            f"svaret har {fetched} {what} men {stored} är lagrade; inget ändras förrän det är utrett"
        )
