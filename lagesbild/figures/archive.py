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
import zipfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError, __version__
from lagesbild.figures import ids, public, sheets
from lagesbild.figures.model import Column, Fact, Table
from lagesbild.figures.picture import Stamp
from lagesbild.figures.public import PublicRoom
from lagesbild.figures.render import RENDERER, NoBrowserError, Renderer
from lagesbild.files.whole import write_whole
from lagesbild.swedish import long_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
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
_CONTENT, _MANIFEST, _FIGURE, _LEDGER = "content.json", "manifest.json", "figure.json", "ledger.csv"
#: A frozen figure and its parts together are never larger than this, whatever its file claims.
_LARGEST, _LARGEST_UNFOLDED = 20_000_000, 50_000_000
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
    public
        What figures of readers who are not logged in may take; None for who may freeze without limit.
    """

    def __init__(
        self, folder: Path, renderer: Renderer, public_address: str = "", public: PublicRoom | None = None
    ) -> None:
        self._folder, self._renderer, self._address = folder, renderer, public_address
        self._public = public

    def freeze(self, chart: Chart) -> Frozen:
        """Store a chart for ever; the same chart on the same day is stored once.

        Raises
        ------
        ArchiveError
            If the folder cannot be written, or the public's room or pace does not admit one more.
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
                    self._admit()
                    if self._store(figure_id, chart, content, turn, now) and self._public:
                        self._public.mark_unused(self._file(figure_id))
                    return self.open(figure_id)
                known = self.open(figure_id)
                without = bool(known.remark) and self._renderer.available()  # it can have pictures now
                if _canonical(known.content) == content and not without:
                    if self._public is None:
                        self.keep(figure_id)
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
            raw = _read(self._file(figure_id), figure_id)
        except FileNotFoundError:
            raise _missing(figure_id, removed=public.is_removed(self._file(figure_id))) from None
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
                found = _contents(file, file.stat().st_mtime_ns)
            except OSError:
                continue
            if found is not None:
                yield Listed(file.stem, *found, withdrawn.get(file.stem, ""))

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
            write_whole(self._folder / _WITHDRAWN, json.dumps(marks, ensure_ascii=False, indent=1).encode())
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

    def keep(self, figure_id: str) -> None:
        """Keep a figure for ever: somebody has used it. Does nothing where it is kept already, or is not here."""
        try:
            public.mark_used(self._file(figure_id))
        except OSError as error:
            raise ArchiveError(f"{figure_id} kunde inte sparas: {error.strerror or error}.") from error

    def _admit(self) -> None:
        room = self._public
        if room is None:
            return
        if not room.admit():
            raise ArchiveError("Du har citerat många diagram på kort tid. Försök igen om en stund.")
        if not room.make_room():
            raise ArchiveError(
                "Utrymmet för citerade diagram är fullt. Kontakta kommunen, eller hämta bara talen."
            )

    def _store(self, figure_id: str, chart: Chart, content: bytes, turn: int, now: datetime) -> bool:
        """Write a figure's file; False where somebody else has, meanwhile."""
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
        if not write_whole(self._file(figure_id), raw, over=False):
            return False
        with (self._folder / _LEDGER).open("a", encoding="utf-8", newline="") as ledger:
            csv.writer(ledger).writerow([figure_id, hashlib.sha256(raw).hexdigest(), now.isoformat()])
        return True

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


@lru_cache(maxsize=20_000)
def _contents(file: Path, _changed: int) -> tuple[str, str, datetime] | None:
    """Return the title, chart and time of a figure; None if it cannot be read. Once for each file and its change."""
    try:
        with zipfile.ZipFile(file) as book:
            if not _sound(book):
                return None
            content, manifest = json.loads(book.read(_CONTENT)), json.loads(book.read(_MANIFEST))
        return content["title"], content["chart"], datetime.fromisoformat(manifest["frozen_at"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


def _missing(figure_id: str, *, removed: bool) -> ArchiveError:
    if removed:
        return ArchiveError(f"{figure_id} är borttaget: ingen hade öppnat det, och utrymmet behövdes.")
    return ArchiveError(
        f"{figure_id} finns inte i det här arkivet. Numret är rätt bildat: diagrammet kan ha citerats i en annan installation."
    )


def _read(file: Path, figure_id: str) -> bytes:
    if file.stat().st_size > _LARGEST:
        raise _tampered(figure_id, "filen är orimligt stor")
    return file.read_bytes()


def _sound(book: zipfile.ZipFile) -> bool:
    """Tell whether a figure's file unfolds to what one of ours may be; nothing is unfolded to tell."""
    return sum(item.file_size for item in book.infolist()) <= _LARGEST_UNFOLDED


def _opened(figure_id: str, raw: bytes, *, listed: bool) -> Frozen:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            if not _sound(book):
                raise _tampered(figure_id, "innehållet är orimligt stort")
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
    except TamperedError:
        raise
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, NotImplementedError, RuntimeError) as error:
        raise _tampered(figure_id, "filen är skadad") from error


def _table(raw: Mapping[str, Any]) -> Table:
    columns = tuple(Column(**column) for column in raw["columns"])
    return Table(columns, tuple(tuple(row) for row in raw["rows"]), int(raw["keys"]))


def _tampered(figure_id: str, why: str) -> TamperedError:
    return TamperedError(
        f"{figure_id} är ändrat sedan det sparades ({why}) och visas därför inte. Hämta filen ur en säkerhetskopia."
    )


def archive_of(settings: Settings, admit: Callable[[], bool] | None = None) -> FigureArchive:
    """Return an installation's archive; ``admit`` counts what a reader who is not logged in freezes."""
    room = admit and PublicRoom(
        folder=settings.citations_folder,
        most_unused=settings.public_figures_mb * 1_000_000,
        most=settings.all_figures_mb * 1_000_000,
        admit=admit,
    )
    return FigureArchive(settings.citations_folder, RENDERER, settings.public_address, room or None)
