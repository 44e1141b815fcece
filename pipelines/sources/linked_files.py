"""Files that a page links to: the page may have moved, and one file that is gone stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.contract import Source, SourceError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.contract import Document, Request, RunContext

#: More files than this without an answer means that the source is down, not that files are missing.
_MOST_UNREACHABLE = 3


class LinkedFiles(Source):
    """A source whose page links to files: the page may have moved, and one file that is gone stops no other."""

    def fetch(
        self,
        context: RunContext,
        ask: Callable[[Request], Document],
        progress: Callable[[int, int], None],
    ) -> list[Document]:
        """Ask for the page where it is, and the files it links to."""
        page, requests = first_page(
            self, self.discover(context), ask, lambda document: self.follow(document, context)
        )
        return [page, *fetch_files(requests, ask, progress)]


def first_page(
    source: Source,
    pages: Sequence[Request],
    ask: Callable[[Request], Document],
    find: Callable[[Document], Sequence[Request]],
) -> tuple[Document, list[Request]]:
    """Ask for the pages in turn and return the first one that links to files, with the questions for them.

    Parameters
    ----------
    source
        Whose errors to raise.
    pages
        Addresses where the page is, or has been.
    ask
        Asks one question.
    find
        Gives the questions for the files that a page links to; raises `SourceError` for none.

    Raises
    ------
    UnreachableError
        If no address answers at all.
    SourceError
        If no page links to any file; one line that says why of each address.
    """
    refused: list[SourceError] = []
    for page in pages:
        try:
            document = ask(page)
            return document, list(find(document))
        except SourceError as error:
            refused.append(error)
    told = "; ".join(dict.fromkeys(reason(error) for error in refused))
    if all(isinstance(error, UnreachableError) for error in refused):
        raise UnreachableError(source.id, told)
    raise source.error(told)


def fetch_files(
    requests: Sequence[Request],
    ask: Callable[[Request], Document],
    progress: Callable[[int, int], None],
) -> list[Document]:
    """Return the files that could be fetched; whoever parses them names those that are missing.

    Raises
    ------
    UnreachableError
        If the source has stopped answering; what was fetched is kept for the next run.
    SourceError
        If not one file could be fetched.
    """
    documents: list[Document] = []
    refused: list[SourceError] = []
    for number, request in enumerate(requests, 1):
        try:
            documents.append(ask(request))
        except UnreachableError as error:
            refused.append(error)
            if sum(isinstance(other, UnreachableError) for other in refused) > _MOST_UNREACHABLE:
                raise
        except SourceError as error:
            refused.append(error)
        progress(number + 1, len(requests) + 1)
    if not documents and refused:
        raise refused[0]
    return documents


def reason(error: SourceError) -> str:
    """Return what an error says, without the name of the source, to stand in a remark."""
    return str(error).removeprefix(f"{error.source_id}: ")
