"""One ingest: ask each source, load what is sound into the next vintage, tell how it went."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import duckdb
import polars as pl

from lagesbild import ExplainedError
from lagesbild.data import log, reference
from lagesbild.data.state import Ended, connect, held_open, latest_runs, now
from lagesbild.data.warehouse import row_of
from pipelines import by_hand, snapshot
from pipelines.archive import RawArchive
from pipelines.contract import Batch, Document, GoneError, RunContext, Source, SourceError, UnreachableError
from pipelines.derive import derive
from pipelines.http import Client
from pipelines.loading import LoadCount, upsert
from pipelines.publish import Unchanged, next_vintage, opened_usable, restore, single_writer, usable_vintage
from pipelines.registry import SOURCES
from pipelines.sources import polisen
from pipelines.work_out import BEHIND_ANSWERS, forget, work_out_if_needed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from lagesbild.config import Settings
    from pipelines.contract import Request


_LOG = logging.getLogger(__name__)
#: A larger share of contradicted area-years than this means that figures have been mixed up.
_MOST_CONTRADICTED = 0.2


@dataclass(frozen=True, kw_only=True)
class SourceOutcome:
    """How one source went, in a Swedish line, and what was loaded."""

    source_id: str
    outcome: Ended
    message: str
    fetched: int = 0
    count: LoadCount = field(default_factory=LoadCount)
    last_success_at: datetime | None = None


class Reporter(Protocol):
    """Shows progress to whoever runs the ingest."""

    def started(self, source_id: str) -> None:
        """Tell that a source is about to be asked."""

    def progressed(self, source_id: str, done: int, known: int) -> None:
        """Tell that ``done`` of ``known`` questions are answered."""

    def finished(self, outcome: SourceOutcome) -> None:
        """Tell that a source is done with."""


def ingest(
    settings: Settings,
    reporter: Reporter,
    chosen: Iterable[str] = (),
    since: date | None = None,
    only_stale: bool = False,
) -> list[SourceOutcome]:
    """Ingest the chosen sources (default all) and return how each went.

    Raises
    ------
    BusyError
        If another ingest is running.
    SourceError
        If the shipped snapshot is damaged and there is no warehouse.
    """
    with single_writer(settings), held_open(settings.state_file):
        prepare(settings)
        RawArchive(settings).expire_texts(polisen.Polisen.id, now(), polisen.redact)
        outcomes = [
            _one(settings, SOURCES[source_id], reporter, since, only_stale)
            for source_id in SOURCES
            if source_id in (set(chosen) or set(SOURCES))
        ]
        _work_out(settings)
        _tell(settings)
        return outcomes


def _work_out(settings: Settings) -> None:
    """Work out everybody's answers; if that fails, what was loaded stands and pages work them out themselves."""
    try:
        work_out_if_needed(settings)
    except ExplainedError as error:
        _LOG.warning("Kommunernas bedömningar räknades inte ut i förväg: %s", error)
    except Exception as error:
        log.unexpected("bedömningar", error)


def _tell(settings: Settings) -> None:
    try:
        from pipelines.tell import tell  # noqa: PLC0415 - what judges, which the first start need not import

        tell(settings)
    except Exception as error:  # as when the program was exchanged meanwhile: what was loaded stands
        log.unexpected("nyheter", error)


def prepare(settings: Settings) -> None:
    """Make sure there is a warehouse of our schema: an older vintage, else the snapshot and the archive.

    The caller holds `single_writer`. Does nothing when the current vintage is usable.

    Raises
    ------
    LockedError, DeniedError
        If the current vintage cannot be looked at now; ``current`` stays as it is.
    """
    if usable_vintage(settings) is not None or restore(settings):
        return
    with next_vintage(settings) as connection:
        snapshot.load(connection, settings.snapshot_folder)
        for source in SOURCES.values():
            # What the archive cannot give is asked for again in the ingest that follows.
            for documents in _rebuild_documents(settings, source):
                with suppress(SourceError):
                    _load(settings, source, documents, connection)
        # DuckDB takes many times as long to change what the same transaction has brought; nobody sees the file until it
        # is whole.
        connection.execute("COMMIT")
        connection.execute("BEGIN")
        derive(connection)


def _rebuild_documents(settings: Settings, source: Source) -> list[list[Document]]:
    archive = RawArchive(settings)
    if source.accumulates:
        return [archive.of_source(source.id)]
    return archive.of_good_runs(source.id, every=source.partial)


def _one(
    settings: Settings, source: Source, reporter: Reporter, since: date | None, only_stale: bool
) -> SourceOutcome:
    before = latest_runs(settings.state_file).get(source.id)
    last_good = before.last_success_at if before else None
    if only_stale and last_good and _is_fresh(source.id, last_good):
        outcome = SourceOutcome(
            source_id=source.id, outcome=Ended.FRESH, message="redan aktuell", last_success_at=last_good
        )
        reporter.finished(outcome)
        return outcome
    reporter.started(source.id)
    run_id = _start_run(settings, source.id, since)
    try:
        with _reading(settings) as stored:  # held open, for all who look at it until there is a new one
            outcome = _fetch_and_load(settings, source, stored, reporter, since, run_id)
    except UnreachableError as error:
        outcome = SourceOutcome(
            source_id=source.id, outcome=Ended.UNREACHABLE, message=str(error), last_success_at=last_good
        )
    except SourceError as error:
        outcome = SourceOutcome(
            source_id=source.id, outcome=Ended.FAILED, message=str(error), last_success_at=last_good
        )
    except ExplainedError as error:  # a locked warehouse; the answers are archived and used the next time
        outcome = SourceOutcome(
            source_id=source.id,
            outcome=Ended.FAILED,
            message=f"{source.id}: {error}",
            last_success_at=last_good,
        )
    except Exception as error:
        # It is shown on a page too, to anybody.
        text = f"{source.id}: {log.unexpected(source.id, error)}. {log.whereabouts(public=True)}"
        outcome = SourceOutcome(
            source_id=source.id, outcome=Ended.FAILED, message=text, last_success_at=last_good
        )
    _finish_run(settings, run_id, outcome)
    reporter.finished(outcome)
    return outcome


def _is_fresh(source_id: str, last_good: datetime) -> bool:
    age = now() - last_good
    return timedelta(0) <= age < timedelta(hours=reference.sources()[source_id].refresh_hours)


def _fetch_and_load(
    settings: Settings,
    source: Source,
    stored: duckdb.DuckDBPyConnection,
    reporter: Reporter,
    since: date | None,
    run_id: int,
) -> SourceOutcome:
    archive = RawArchive(settings)
    client = Client(
        source.id,
        archive,
        settings.state_file,
        settings.organisation,
        source.policy,
        inspect=source.inspect,
        may_be_gone=source.may_be_gone,
        ask_gone=since is not None,
    )
    kept = archive.of_unfinished_run(source.id, since, source.resumes_within)

    def ask(request: Request) -> Document:
        _LOG.debug("%s: frågar %s", source.id, request.url)
        document = (not request.asked_anew and kept.get(request.key)) or asked(request)
        _note_documents(settings, run_id, [document])
        return document

    def asked(request: Request) -> Document:
        try:
            return client.ask(request)
        except GoneError:
            if not source.may_be_gone(request):
                raise
            return archive.put(source.id, request, b"", now())

    context = _context(settings, source, since, stored)
    hand = by_hand.read(settings, source, context, archive)
    try:
        documents = source.fetch(
            context, ask, lambda done, known: reporter.progressed(source.id, done, known)
        )
    except SourceError as error:
        if not hand.documents:
            raise
        # Somebody has fetched by hand what we cannot: that is loaded, and why is said.
        hand.remarks.append(f"kunde inte hämtas: {str(error).removeprefix(f'{source.id}: ')}")
        documents = []
    documents = hand.beside(documents)
    _note_documents(settings, run_id, hand.documents)
    fresh = {document.fetch_id for document in documents}
    if source.accumulates:
        documents = archive.of_source(source.id, except_for=_loaded(settings, source))
    result: tuple[Batch, LoadCount] = (Batch(), LoadCount())
    with next_vintage(settings) as connection:
        result = _load(settings, source, documents, connection, since, fresh)
        if result[1].new + result[1].changed == 0 and not _new_documents(connection):
            raise Unchanged
        _check_together(source, derive(connection))
        if BEHIND_ANSWERS & result[0].tables.keys():
            forget(connection)
    batch, count = result
    told = "; ".join([*hand.remarks, *batch.remarks])
    return SourceOutcome(
        source_id=source.id,
        outcome=Ended.OK,
        message=told,
        fetched=batch.rows,
        count=count,
        last_success_at=now(),
    )


def _note_documents(settings: Settings, run_id: int, documents: Iterable[Document]) -> None:
    with connect(settings.state_file) as state:
        state.executemany(
            "INSERT OR IGNORE INTO run_document VALUES (?, ?)", [[run_id, d.fetch_id] for d in documents]
        )


def _check_together(source: Source, tally: dict[str, int]) -> None:
    """Refuse figures that contradict those of other sources: rates that no population can give."""
    if tally["contradicted"] > _MOST_CONTRADICTED * tally["area_years"]:
        raise source.error(
            f"för {tally['contradicted']} av {tally['area_years']} kommunår kan ingen folkmängd ge Koladas värden; "
            "antingen värdena eller folkmängden är fel"
        )


def _reading(settings: Settings) -> duckdb.DuckDBPyConnection:
    return opened_usable(settings) or duckdb.connect()


def _context(
    settings: Settings, source: Source, since: date | None, stored: duckdb.DuckDBPyConnection
) -> RunContext:
    base_url = settings.base_urls.get(source.id, reference.sources()[source.id].base_url)
    return RunContext(
        settings=settings, base_url=base_url.rstrip("/"), now=datetime.now(UTC), since=since, stored=stored
    )


def _load(
    settings: Settings,
    source: Source,
    documents: list[Document],
    connection: duckdb.DuckDBPyConnection,
    since: date | None = None,
    fresh: Collection[str] = (),
) -> tuple[Batch, LoadCount]:
    """Parse, check and load the documents that are not in the warehouse yet.

    A document of this run (``fresh``) that cannot be read stops the load; an older one that was
    refused when it came is passed over again.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE fetch_before AS SELECT fetch_id FROM provenance")
    context = _context(settings, source, since, connection)
    if source.accumulates:
        loaded = _fetch_ids(source, connection)
        documents = [
            document
            for document in documents
            if document.fetch_id not in loaded
            and (document.fetch_id in fresh or _is_readable(source, document, context))
        ]
    if not documents:
        return Batch(), LoadCount()
    batch = source.parse(documents, context)
    source.validate(batch, context)
    upsert(connection, "provenance", fetch_rows(source.id, documents, batch))
    return batch, source.load(batch, connection)


def _loaded(settings: Settings, source: Source) -> set[str]:
    with _reading(settings) as stored:
        return _fetch_ids(source, stored) if usable_vintage(settings) else set()


def _fetch_ids(source: Source, connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("SELECT fetch_id FROM provenance WHERE source_id = ?", [source.id]).fetchall()
    return {fetch_id for (fetch_id,) in rows}


def _is_readable(source: Source, document: Document, context: RunContext) -> bool:
    try:
        source.validate(source.parse([document], context), context)
    except SourceError:
        return False
    return True


def _new_documents(connection: duckdb.DuckDBPyConnection) -> bool:
    row = row_of(
        connection,
        "SELECT count(*) FROM provenance WHERE fetch_id NOT IN (SELECT fetch_id FROM fetch_before)",
    )
    return bool(row and row[0])


def fetch_rows(source_id: str, documents: Iterable[Document], batch: Batch) -> pl.DataFrame:
    """Return the provenance rows of documents, with their public address even when mirrored."""
    info = reference.sources()[source_id]
    unique = {document.fetch_id: document for document in documents}
    return pl.DataFrame(
        {
            "fetch_id": list(unique),
            "source_id": [source_id] * len(unique),
            "url": [document.request.url for document in unique.values()],
            "fetched_at": [document.fetched_at for document in unique.values()],
            "sha256": [document.sha256 for document in unique.values()],
            "bytes": [len(document.content) for document in unique.values()],
            "rows": [batch.rows_by_document.get(fetch_id, 0) for fetch_id in unique],
            "licence": [info.licence] * len(unique),
            "note": [document.request.part for document in unique.values()],
        }
    )


def _start_run(settings: Settings, source_id: str, since: date | None) -> int:
    with connect(settings.state_file) as state:
        cursor = state.execute(
            "INSERT INTO run (source_id, started_at, since) VALUES (?, ?, ?)",
            [source_id, now().isoformat(), since.isoformat() if since else None],
        )
        return int(cursor.lastrowid or 0)


def _finish_run(settings: Settings, run_id: int, outcome: SourceOutcome) -> None:
    with connect(settings.state_file) as state:
        state.execute(
            """
            UPDATE run SET finished_at = ?, outcome = ?, message = ?, fetched_rows = ?,
                           new_rows = ?, changed_rows = ?, skipped_rows = ?
             WHERE run_id = ?
            """,
            [
                now().isoformat(),
                outcome.outcome,
                outcome.message,
                outcome.fetched,
                outcome.count.new,
                outcome.count.changed,
                outcome.count.unchanged,
                run_id,
            ],
        )
