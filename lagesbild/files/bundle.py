"""One file that holds many, with the checksum of each: for backup. What is damaged, or none of ours, is not opened."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path, PurePosixPath

#: Says what is in it, and is written last: a file without it is half a backup.
_CONTENTS = "innehall.json"
_KIND = "lagesbild-kopia"
_MOST_FILES, _LARGEST_LIST = 200_000, 100_000_000
_PIECE = 1 << 20


class BundleError(ExplainedError):
    """A backup that cannot be written or read."""


def write(target: Path, files: Mapping[str, Path], about: Mapping[str, str]) -> int:
    """Write files under their names; the whole replaces ``target`` when it is complete and on the disk.

    Returns
    -------
    int
        Bytes of the written file.

    Raises
    ------
    BundleError
        If it cannot be written; what there was then stays.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
                sums = {name: _added(book, name, file) for name, file in files.items()}
                listed = {"kind": _KIND, **about, "files": sums}
                book.writestr(_CONTENTS, json.dumps(listed, ensure_ascii=False, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(target)
        return target.stat().st_size
    except OSError as error:
        raise BundleError(f"Kopian {target} kunde inte skrivas ({error.strerror or error}).") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _added(book: zipfile.ZipFile, name: str, file: Path) -> str:
    total = hashlib.sha256()
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED if file.suffix == ".zip" else zipfile.ZIP_DEFLATED
    with file.open("rb") as read, book.open(info, "w", force_zip64=True) as written:
        while piece := read.read(_PIECE):
            total.update(piece)
            written.write(piece)
    return total.hexdigest()


class Bundle:
    """An opened backup whose every file has been checked. ``about`` is what was said of it."""

    def __init__(self, book: zipfile.ZipFile, about: Mapping[str, Any]) -> None:
        self._book, self.about = book, about
        self.names = tuple(sorted(about["files"]))

    def take_out(self, name: str, target: Path) -> None:
        """Write one of the files; it replaces ``target`` when it is whole."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_name(f".{target.name}.part")
        try:
            descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            with self._book.open(name) as read, os.fdopen(descriptor, "wb") as written:
                shutil.copyfileobj(read, written, _PIECE)
                written.flush()
                os.fsync(written.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def same(self, name: str, file: Path) -> bool:
        """Tell whether a file has the very content that the backup has."""
        with file.open("rb") as read:
            return hashlib.file_digest(read, "sha256").hexdigest() == str(self.about["files"][name])


@contextmanager
def opened(source: Path, folders: Collection[str]) -> Iterator[Bundle]:
    """Open a backup after checking all of it.

    Parameters
    ----------
    folders
        The files and folders that may be in it, by the first part of their names.

    Raises
    ------
    BundleError
        If it is damaged, half written, none of ours, or names what it may not.
    """
    try:
        with zipfile.ZipFile(source) as book:
            about = _contents(source, book)
            for name, wanted in about["files"].items():
                _check_name(source, name, folders)
                with book.open(name) as read:
                    if hashlib.file_digest(read, "sha256").hexdigest() != wanted:  # type: ignore[arg-type]
                        raise _damaged(source)
            yield Bundle(book, about)
    except (zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise _damaged(source) from error
    except OSError as error:
        raise BundleError(f"Kopian {source} går inte att läsa ({error.strerror or error}).") from error


def _contents(source: Path, book: zipfile.ZipFile) -> dict[str, Any]:
    listed = book.getinfo(_CONTENTS)
    if listed.file_size > _LARGEST_LIST:
        raise _damaged(source)
    try:
        about: Any = json.loads(book.read(_CONTENTS))
    except ValueError as error:
        raise _damaged(source) from error
    names = sorted(one.filename for one in book.infolist() if one.filename != _CONTENTS)
    sound = isinstance(about, dict) and about.get("kind") == _KIND and isinstance(about.get("files"), dict)
    if not sound or len(names) > _MOST_FILES or names != sorted(about["files"]):
        raise _damaged(source)
    found: dict[str, Any] = about
    return found


def _check_name(source: Path, name: str, folders: Collection[str]) -> None:
    parts = name.split("/")
    if parts[0] not in folders or any(one in {"", ".", ".."} or "\\" in one for one in parts):
        raise _damaged(source)


def _damaged(source: Path) -> BundleError:
    return BundleError(f"{source} är ingen hel säkerhetskopia av Lägesbild. Inget är ändrat.")


def is_bundle(file: Path | PurePosixPath) -> bool:
    """Tell by its name whether a backup is of everything, or of the local data alone."""
    return file.suffix.lower() == ".zip"
