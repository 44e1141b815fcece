"""The archive of frozen figures: one file each, never redrawn, checked every time it is opened.

A file is a ZIP named by the figure's id: what the figure says (``content.json``, from which the id is computed), the
plot, the numbers as CSV and XLSX, the pictures as they were drawn, and ``manifest.json`` with every part's SHA-256.
``ledger.csv`` beside them lists the files' own SHA-256. Nothing here depends on the warehouse or the program's version.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
import time
import zipfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError, __version__
from lagesbild.figures import ids, sheets
from lagesbild.figures.model import Column, Fact, Table
from lagesbild.figures.picture import Stamp
from lagesbild.figures.render import RENDERER, NoBrowserError, Renderer
from lagesbild.swedish import long_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lagesbild.config import Settings
    from lagesbild.figures.model import Chart

#: What can be fetched of a frozen figure, and what it is called inside the file.
FORMATS = {
    "png": "picture.png",
    "svg": "picture.svg",
    "pdf": "picture.pdf",
    "csv": "values.csv",
    "xlsx": "values.xlsx",
}
#: How many figures readers who are not logged in may freeze an hour, all together.
MOST_AN_HOUR = 120
_CONTENT, _MANIFEST, _FIGURE, _LEDGER = "content.json", "manifest.json", "figure.json", "ledger.csv"
#: A part of a frozen figure is never larger than this, whatever its file claims.
_LARGEST = 50_000_000
_TURNS = 50
_WITHDRAWN, _LONGEST_REASON = "withdrawn.json", 300


class ArchiveError(ExplainedError):
    """A figure that is not in the archive, or cannot be put there."""


class TamperedError(ArchiveError):
    """A frozen figure's file is damaged or changed since it was frozen."""


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A frozen figure. ``listed``: its file is the one this installation froze; else it was put here by somebody.

    ``withdrawn``: why it is no longer to be used; empty while it is.
    """

    id: str
    content: Mapping[str, Any]
    files: Mapping[str, bytes]
    frozen_at: datetime
    code_version: str
    listed: bool
    remark: str
    withdrawn: str = ""

    @property
    def chart(self) -> str:
        """Which chart of the register it is."""
        return str(self.content["chart"])

    @property
    def title(self) -> str:
        """The figure's title."""
        return str(self.content["title"])

    @property
    def about(self) -> str:
        """What it measures: the first sentence of its explanation, without the full stop."""
        return str(self.content["subtitle"]).split(". ", maxsplit=1)[0].rstrip(".")

    @property
    def pinned(self) -> dict[str, str | int]:
        """The parameters with the period held."""
        return dict(self.content["pinned"])

    @cached_property
    def table(self) -> Table:
        """The rows behind it."""
        return _table(self.content["table"])

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The other numbers of its text."""
        return tuple(Fact(**fact) for fact in self.content["facts"])

    @property
    def source_line(self) -> str:
        """The source line as it was."""
        return str(self.content["source_line"])

    def file(self, form: str) -> bytes:
        """Return a picture or sheet byte for byte as it was frozen, or raise `ArchiveError`."""
        name = FORMATS.get(form)
        if name is None:
            raise ArchiveError(f"Formatet {form} finns inte. Välj bland {', '.join(FORMATS)}.")
        if name not in self.files:
            raise ArchiveError(f"{self.id} sparades utan bilder: {self.remark} CSV och XLSX finns.")
        return self.files[name]


@dataclass(frozen=True)
class Listed:
    """A line of the archive's contents."""

    id: str
    title: str
    chart: str
    frozen_at: datetime
    withdrawn: str = ""


class FigureArchive:
    """The frozen figures of an installation.

    Parameters
    ----------
    folder
        Made when the first figure is frozen.
    renderer
        What draws the pictures.
    public_address
        The dashboard's address, for the QR code; empty puts the id alone in it.
    most_an_hour
        How many new figures all together may be frozen in an hour; None for no limit.
    """

    def __init__(
        self, folder: Path, renderer: Renderer, public_address: str = "", most_an_hour: int | None = None
    ) -> None:
        self._folder, self._renderer, self._address = folder, renderer, public_address
        self._most_an_hour = most_an_hour

    def freeze(self, chart: Chart) -> Frozen:
        """Store a chart for ever; the same chart on the same day is stored once.

        Raises
        ------
        ArchiveError
            If the folder cannot be written, or too many have been stored in an hour.
        RenderError
            If chromium is there but fails. Without chromium the figure is stored without pictures.
        """
        now = datetime.now(UTC)
        content = _content(chart, now)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for turn in range(_TURNS):
                figure_id = ids.make(str(chart.parameters["home"]), content, turn)
                if not self._file(figure_id).exists():
                    self._check_pace()
                    self._store(figure_id, chart, content, turn, now)
                    return self.open(figure_id)
                known = self.open(figure_id)
                without = bool(known.remark) and self._renderer.available()  # it can have pictures now
                if _canonical(known.content) == content and not without:
                    return known
        except OSError as error:
            raise ArchiveError(f"Diagrammet kunde inte sparas: {error.strerror or error}.") from error
        raise ArchiveError("Diagrammet kunde inte sparas: inget ledigt nummer.")

    def open(self, text: str) -> Frozen:
        """Return a frozen figure after checking that it is as it was.

        Raises
        ------
        ids.IdError
            For an id that is none, or mistyped.
        TamperedError
            If the file is damaged or changed.
        ArchiveError
            If the archive does not have it.
        """
        figure_id = ids.read(text)
        try:
            raw = self._file(figure_id).read_bytes()
        except FileNotFoundError:
            raise ArchiveError(
                f"{figure_id} finns inte i det här arkivet. Numret är rätt bildat: diagrammet kan ha citerats i en annan installation."
            ) from None
        except OSError as error:
            raise ArchiveError(f"{figure_id} kan inte läsas: {error.strerror or error}.") from error
        known = self._ledger().get(figure_id)
        if known is not None and hashlib.sha256(raw).hexdigest() != known:
            raise _tampered(figure_id, "filen är inte den som sparades")
        found = _opened(figure_id, raw, listed=known is not None)
        return replace(found, withdrawn=self._withdrawn().get(figure_id, ""))

    def listed(self) -> Iterator[Listed]:
        """Return what the archive holds, the newest first; files that cannot be read are left out."""
        if not self._folder.is_dir():
            return
        withdrawn = self._withdrawn()
        files = sorted(self._folder.glob("LB-*.zip"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files:
            try:
                with zipfile.ZipFile(file) as book:
                    content, manifest = json.loads(book.read(_CONTENT)), json.loads(book.read(_MANIFEST))
                yield Listed(
                    file.stem,
                    content["title"],
                    content["chart"],
                    datetime.fromisoformat(manifest["frozen_at"]),
                    withdrawn.get(file.stem, ""),
                )
            except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
                continue

    def withdraw(self, figure_id: str, why: str) -> None:
        """Mark a figure as a mistake, or with no reason take the mark away; the figure itself stays as it was.

        Raises
        ------
        ArchiveError
            If it is not here, or the mark cannot be written.
        """
        found = self.open(figure_id)
        marks = self._withdrawn()
        marks.pop(found.id, None)
        if why.strip():
            marks[found.id] = " ".join(why.split())[:_LONGEST_REASON]
        try:
            handle, part = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(marks, file, ensure_ascii=False, indent=1)
            os.replace(part, self._folder / _WITHDRAWN)  # noqa: PTH105 - a name from mkstemp
        except OSError as error:
            raise ArchiveError(f"Märkningen kunde inte sparas: {error.strerror or error}.") from error

    def _withdrawn(self) -> dict[str, str]:
        try:
            marks = json.loads((self._folder / _WITHDRAWN).read_text("utf-8"))
            return {str(name): str(why) for name, why in marks.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def _file(self, figure_id: str) -> Path:
        return self._folder / f"{figure_id}.zip"

    def _check_pace(self) -> None:
        most = self._most_an_hour
        if most is None:
            return
        since = time.time() - 3600
        if sum(file.stat().st_mtime > since for file in self._folder.glob("LB-*.zip")) >= most:
            raise ArchiveError(
                f"Fler än {most} diagram har citerats den senaste timmen. Försök igen om en stund."
            )

    def _store(self, figure_id: str, chart: Chart, content: bytes, turn: int, now: datetime) -> None:
        address = f"{self._address}/?diagram={figure_id}" if self._address else figure_id
        stamp = Stamp(
            figure_id,
            address,
            f"Lägesbild {figure_id}, citerat {long_date(now.date())}, datalager {chart.vintage}.",
        )
        files = {
            _CONTENT: content,
            _FIGURE: chart.figure.to_json().encode(),
            FORMATS["csv"]: sheets.to_csv(chart, figure_id),
            FORMATS["xlsx"]: sheets.to_xlsx(chart, provenance(chart, figure_id, now)),
        }
        remark = ""
        try:
            drawn = self._renderer.pictures(chart, stamp)
            files |= {FORMATS["svg"]: drawn.svg, FORMATS["png"]: drawn.png, FORMATS["pdf"]: drawn.pdf}
        except NoBrowserError:
            remark = "webbläsaren chromium saknades då."
        manifest = {
            "id": figure_id,
            "turn": turn,
            "frozen_at": now.isoformat(),
            "code_version": __version__,
            "remark": remark,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
        }
        files[_MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        raw = _packed(files)
        handle, part = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.link(part, self._file(figure_id))  # never over another: two who freeze at once get one file
        except FileExistsError:
            return
        finally:
            os.unlink(part)  # noqa: PTH108 - a name from mkstemp
        with (self._folder / _LEDGER).open("a", encoding="utf-8", newline="") as ledger:
            csv.writer(ledger).writerow([figure_id, hashlib.sha256(raw).hexdigest(), now.isoformat()])

    def _ledger(self) -> dict[str, str]:
        try:
            with (self._folder / _LEDGER).open(encoding="utf-8", newline="") as ledger:
                return {row[0]: row[1] for row in csv.reader(ledger) if len(row) == 3}
        except (OSError, UnicodeDecodeError, csv.Error):
            return {}


def provenance(chart: Chart, figure_id: str, now: datetime) -> list[tuple[str, str]]:
    """Return the rows of the sheet that says where the numbers come from."""
    rows = [
        ("Nummer", figure_id),
        ("Titel", chart.title),
        ("Förklaring", chart.subtitle),
        ("Källa", chart.source_line),
        ("Metod", chart.method),
        ("Begränsning", chart.limits),
        ("Citerat", f"{now:%Y-%m-%d %H:%M} UTC"),
        ("Datalager", chart.vintage),
        ("Lägesbild, version", __version__),
        ("Diagram", chart.id),
        ("Uppgifter", ", ".join(f"{key} = {value}" for key, value in chart.pinned.items())),
    ]
    return rows + [
        (source.title, f"{source.line} Licens: {source.licence}. {source.url}") for source in chart.sources
    ]


def _content(chart: Chart, now: datetime) -> bytes:
    """Return what the figure says, from which its id is computed: with the day, not the second."""
    plot = hashlib.sha256(chart.figure.to_json().encode()).hexdigest()
    content = {
        "chart": chart.id,
        "parameters": dict(chart.parameters),
        "pinned": dict(chart.pinned),
        "title": chart.title,
        "subtitle": chart.subtitle,
        "alt": chart.alt,
        "method": chart.method,
        "limits": chart.limits,
        "said": list(chart.said),
        "source_line": chart.source_line,
        "sources": [asdict(source) for source in chart.sources],
        "table": asdict(chart.table),
        "facts": [asdict(fact) for fact in chart.facts],
        "vintage": chart.vintage,
        "code_version": __version__,
        "frozen_on": f"{now:%Y-%m-%d}",
        "figure_sha256": plot,
    }
    return _canonical(content)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _packed(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as book:
        for name in sorted(files):
            kind = zipfile.ZIP_STORED if name.endswith((".png", ".xlsx", ".pdf")) else zipfile.ZIP_DEFLATED
            book.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), files[name], kind)
    return buffer.getvalue()


def _opened(figure_id: str, raw: bytes, *, listed: bool) -> Frozen:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            if any(item.file_size > _LARGEST for item in book.infolist()):
                raise _tampered(figure_id, "en del är orimligt stor")
            files = {name: book.read(name) for name in book.namelist()}
        manifest, content = json.loads(files[_MANIFEST]), json.loads(files[_CONTENT])
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != _MANIFEST}
        home = str(content["parameters"]["home"])
        same = ids.make(home, files[_CONTENT], int(manifest["turn"])) == figure_id
        same &= manifest["frozen_at"][:10] == content["frozen_on"]
        if manifest["files"] != hashes or not same or hashes[_FIGURE] != content["figure_sha256"]:
            raise _tampered(figure_id, "innehållet stämmer inte med numret")
        _table(content["table"])
        return Frozen(
            id=figure_id,
            content=content,
            files=files,
            frozen_at=datetime.fromisoformat(manifest["frozen_at"]),
            code_version=str(manifest["code_version"]),
            listed=listed,
            remark=str(manifest["remark"]),
        )
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, NotImplementedError, RuntimeError) as error:
        raise _tampered(figure_id, "filen är skadad") from error


def _table(raw: Mapping[str, Any]) -> Table:
    columns = tuple(Column(**column) for column in raw["columns"])
    return Table(columns, tuple(tuple(row) for row in raw["rows"]), int(raw["keys"]))


def _tampered(figure_id: str, why: str) -> TamperedError:
    return TamperedError(
        f"{figure_id} är ändrat sedan det sparades ({why}) och visas därför inte. Hämta filen ur en säkerhetskopia."
    )


def archive_of(settings: Settings, most_an_hour: int | None = None) -> FigureArchive:
    """Return an installation's archive; see `FigureArchive`."""
    return FigureArchive(settings.citations_folder, RENDERER, settings.public_address, most_an_hour)
