"""Stand-in of bra.se: the pages with links, the yearly files and the indicator workbooks.

Modelled on the real links of the two pages (shared, ``bra_indicators_page`` and ``bra_open_data_page``):
``/download/18.<id>/<time>/<name>``, percent-encoded, in ``<a class="env-link">``. Only addresses that
are known to live exist; all others, `oppna-data.html` among them, answer 404, and a file only exists
under the very address that its page links to. Strict as a static site: only GET, and a query is refused.
Not confirmed: which other pages link the files, whether the page of the workbooks lists all
municipalities or only those searched for, and what bra.se answers to a HEAD or to conditional requests.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from tests.sources.server import Answer

INDICATORS = "/statistik/indikatorer-for-kommuners-lagesbild"
REPORTED = "/statistik/kriminalstatistik/anmalda-brott.html"
REPORTED_TOO = "/statistik/statistik-fran-rattsvasendet/anmalda-brott"
OPEN_DATA = "/statistik/oppna-data.html"


@dataclass
class BraRoutes:
    """Files by name under the addresses that are linked; ``gone`` are linked but answer 404.

    ``pages`` are the addresses at which the page of yearly files exists.
    """

    csv_files: dict[int, bytes] = field(default_factory=dict)
    books: dict[str, bytes] = field(default_factory=dict)
    pages: tuple[str, ...] = (REPORTED, REPORTED_TOO)
    gone: frozenset[str] = frozenset()

    def __call__(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method != "GET" or query or body is not None:
            return 404, {}, b""
        if path in self.pages:
            links = {yearly_link(year): f"Anmälda brott i kommunerna {year} (csv)" for year in self.csv_files}
            return _page(links)
        if path == INDICATORS:
            return _page({book_link(n, name): name for n, name in enumerate(self.books)})
        content = self._files().get(unquote(path))
        return (404, {}, b"") if content is None else (200, {}, content)

    def _files(self) -> dict[str, bytes]:
        files = {unquote(yearly_link(year)): content for year, content in self.csv_files.items()}
        files |= {unquote(book_link(n, name)): book for n, (name, book) in enumerate(self.books.items())}
        return {path: content for path, content in files.items() if path.rsplit("/", 1)[1] not in self.gone}


def yearly_link(year: int) -> str:
    """The address of a yearly file; id and time change with every publication."""
    return f"/download/18.3b6b{year}d24d837/17746255{year}/{quote(f'Anmälda brott kommunerna {year}.csv')}"


def book_link(number: int, name: str) -> str:
    """The address of a municipality's workbook."""
    return f"/download/18.9040d26195b24644{number:04x}/1743687{number:06d}/{quote(name)}.xlsx"


def _page(links: dict[str, str]) -> Answer:
    anchors = "".join(
        f'<a class="env-link" href="{html.escape(link)}">{html.escape(text)}</a>'
        for link, text in links.items()
    )
    text = f'<!DOCTYPE html><html><input name="query" placeholder="Ange sökord">{anchors}</html>'
    return 200, {"Content-Type": "text/html;charset=utf-8"}, text.encode()
