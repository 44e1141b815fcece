"""The log of what went wrong unexpectedly: ``<home>/logs/lagesbild.log``, small files that take turns.

No personal data may end up here: the police's notices tell of people, and their texts are erased after a
time, which nobody would do in a log. An exception's own message can quote what it stumbled on (``invalid
literal for int(): 'En man i ...'``), and so can local variables. Of an unexpected error the log therefore
has where (the source or command), the type, and the places in the code with the code's own lines; never the
message, but for the system's own words on files. Every line is one JSON object with ``tid`` (UTC), ``niva``,
``del`` (of the program) and ``text``, and of an unexpected error ``var``, ``fel`` and ``spar``. ``--verbose`` shows the
very same on the terminal, since what is shown there is often kept by cron or journald.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("lagesbild", "pipelines")
#: Where the packages of those names lie.
_PACKAGES = Path(__file__).resolve().parents[2]
_LOGGER = logging.getLogger("lagesbild")
_BYTES, _KEPT = 500_000, 3
#: What an unexpected error tells besides.
_PARTS = ("var", "fel", "spar")


def file_of(home: Path) -> Path:
    """Return where the log of an installation is."""
    return home / "logs" / "lagesbild.log"


class _File(RotatingFileHandler):
    """The log file, made at the first line; a home that cannot be written is no further error."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
        self.failed = False

    def _open(self) -> TextIO:  # type: ignore[override]
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        del record
        self.failed = True


class _Json(logging.Formatter):
    """A line of the file: only what is named here, never an exception's own message."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "tid": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
            "niva": record.levelname,
            "del": record.name,
            "text": record.getMessage(),
        }
        told = {part: getattr(record, part) for part in _PARTS if hasattr(record, part)}
        return json.dumps(line | told, ensure_ascii=False)


class _Told(logging.Formatter):
    """What is shown: the message, and below it the places in the code."""

    def format(self, record: logging.LogRecord) -> str:
        places = f"\n{record.spar}" if hasattr(record, "spar") else ""
        return f"lagesbild: {record.getMessage()}{places}"


class _Shown(logging.StreamHandler[TextIO]):
    """Standard error as it is at the moment, which a test or a caller may have replaced."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        del stream


def start(home: Path, *, verbose: bool) -> None:
    """Write warnings and unexpected errors to the log of ``home``, and warnings on standard error.

    Parameters
    ----------
    verbose
        Show on standard error also what is done, and where in the code an unexpected error arose.
    """
    stop()
    file, shown = _File(file_of(home)), _Shown()
    file.setFormatter(_Json())
    file.setLevel(logging.WARNING)
    shown.setFormatter(_Told())
    # An unexpected error is told in one line by whoever met it; its place in the code only if asked for.
    shown.addFilter(lambda record: verbose or record.levelno < logging.ERROR)
    for name in _NAMES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
        logger.propagate = False
        logger.addHandler(file)
        logger.addHandler(shown)


def stop() -> None:
    """Close the log; nothing more is written to it."""
    for name in _NAMES:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if isinstance(handler, _File | _Shown):
                logger.removeHandler(handler)
                handler.close()
        logger.propagate = True


def unexpected(where: str, error: BaseException) -> str:
    """Write an unexpected error to the log and return what to tell of it, to go before `whereabouts`.

    Parameters
    ----------
    where
        The source or the command.

    Returns
    -------
    str
        ``oväntat fel (KeyError i pipelines/sources/polisen.py, rad 120)``
    """
    told = {"var": where, "fel": _name(error), "spar": screened(error)}
    _LOGGER.error("%s: oväntat fel", where, extra=told)
    return f"oväntat fel ({type(error).__name__}{_place(error)})"


def whereabouts(*, public: bool = False) -> str:
    """Return a Swedish line on where the log is; without the server's own folders where anybody may read it."""
    for handler in _LOGGER.handlers:
        if isinstance(handler, _File) and not handler.failed:
            if public:
                return "Mer står i loggen; lagesbild status säger var den är."
            return f"Mer står i loggen {handler.baseFilename}"
    return "Loggen kan inte skrivas; kör igen med --verbose för att se mer."


def _place(error: BaseException) -> str:
    """Return the last place of our own code that an error passed."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [place for frame in frames if (place := _ours(Path(frame.filename), frame.lineno))]
    return f" i {ours[-1]}" if ours else ""


def _ours(file: Path, line: int | None) -> str:
    """Return a place in our own code, from the package on; empty for anybody else's."""
    if not file.is_relative_to(_PACKAGES):
        return ""
    place = file.relative_to(_PACKAGES)
    return f"{place}, rad {line}" if place.parts[0] in _NAMES else ""


def screened(error: BaseException) -> str:
    """Return the places in the code of an error and of those that led to it, without their messages."""
    return "\n".join(
        f"{''.join(traceback.format_tb(one.__traceback__))}{_kind(one)}" for one in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _kind(error: BaseException) -> str:
    told = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return f"{_name(error)}{told}"


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def last_unexpected(home: Path) -> datetime | None:
    """Return when the latest unexpected error was written, None if there is none or no log can be read."""
    file = file_of(home)
    for one in (file, *(file.with_name(f"{file.name}.{n}") for n in range(1, _KEPT + 1))):
        try:
            lines = one.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in reversed(lines):
            try:
                told = json.loads(line)
                if told["niva"] == "ERROR":
                    return datetime.fromisoformat(told["tid"])
            except (ValueError, TypeError, KeyError):
                continue  # cut off when the disk was full, or somebody else's
    return None
