"""The answer as it stands in the page itself, before any script has run: for slow lines, and where scripts are off.

Streamlit's page is empty until some megabytes of scripts have come. The answer is some hundred words: it comes with
the page, and the script takes it away when the page itself shows it.

What works it out takes a second to import and half a second to work. So that whoever opens the page as it starts need
not wait for that, the home municipality's answer is kept from one start to the next.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import duckdb
from markupsafe import Markup

from lagesbild import ExplainedError
from lagesbild.data.warehouse.shown import SHOWN
from lagesbild.files.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from lagesbild.config import Settings

#: With any of these in the address the answer is another than the one that is worked out here, or none.
_OTHERWISE = frozenset({"vikter", "egen", "diagram", "embed"})
_FOLDER = "first-words"


def first_words(settings: Settings, home: str, query: str) -> Markup:
    """Return the answer that an address of the first page asks for; nothing where it is not known at once.

    Parameters
    ----------
    home
        Code of the municipality where the address names none.
    query
        Of the address.
    """
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    if _OTHERWISE & asked.keys():
        return Markup()
    municipality = asked.get("kommun", home)
    measure, group = asked.get("nyckeltal", ""), asked.get("grupp", "")
    try:
        vintage = SHOWN.vintage(settings.warehouse_folder)
        if (municipality, measure, group) == (home, "", ""):
            return KEPT.words(settings.derived_folder, vintage, home)
        return _worked_out(vintage, municipality, measure, group)
    except (ExplainedError, duckdb.Error):  # the page itself comes all the same, and says what is wrong
        return Markup()


def _worked_out(vintage: Path, home: str, measure: str = "", group: str = "") -> Markup:
    from lagesbild.web import answer_html  # noqa: PLC0415 - a second to import

    return answer_html.answer(str(vintage), home, measure, group)


class Kept:
    """The home municipality's answers, by vintage: of the process before, until this one has worked out its own.

    An answer that was kept by other code than ours is so shown for some seconds after a start, and no longer.
    """

    def __init__(self) -> None:
        self._ours: set[tuple[Path, str]] = set()
        self._lock = threading.Lock()

    def words(self, folder: Path, vintage: Path, home: str) -> Markup:
        """Return the answer; errors as of the warehouse, and of nothing else.

        Parameters
        ----------
        folder
            `Settings.derived_folder`.
        vintage
            The file.
        home
            Code of the municipality.
        """
        if (vintage, home) not in self._ours:
            with suppress(OSError, UnicodeDecodeError):
                return Markup(self._file(folder, vintage, home).read_text("utf-8"))  # noqa: S704 - we wrote it
        return self.work_out(folder, vintage, home)

    def work_out(self, folder: Path, vintage: Path, home: str) -> Markup:
        """Work out the answer, and keep it in place of those of other vintages; a full disk is no error."""
        found = _worked_out(vintage, home)
        with self._lock:
            new = (vintage, home) not in self._ours
            self._ours.add((vintage, home))
        if new:
            with suppress(OSError):
                file = self._file(folder, vintage, home)
                write_whole(file, found.encode())
                for other in set(file.parent.glob(f"*-{home}.html")) - {file}:
                    other.unlink(missing_ok=True)
        return found

    def _file(self, folder: Path, vintage: Path, home: str) -> Path:
        return folder / _FOLDER / f"{vintage.stem}-{home}.html"


#: Those of this process.
KEPT = Kept()
