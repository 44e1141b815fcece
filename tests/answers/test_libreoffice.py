"""What LibreOffice is given and what is left of it: nothing, however it ends. The programs here are stand-ins."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
import pytest

from lagesbild.answers import document
from lagesbild.answers.document import DocumentError, to_pdf

Program = Callable[[str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Let a shell script take LibreOffice's place; like the real ``soffice`` it is only a starter."""

    def put(script: str) -> None:
        file = tmp_path / "soffice"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setattr(shutil, "which", lambda _: str(file))

    return put


def alive(pid_file: Path) -> bool:
    pid = int(pid_file.read_text())
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone(pid_file: Path) -> bool:
    """Whether the child is gone, or going: it has been sent a signal that cannot be refused."""
    try:
        psutil.Process(int(pid_file.read_text())).wait(10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return not alive(pid_file)


def test_one_that_hangs_is_ended_with_all_that_it_started(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "_SECONDS", 1.0)
    program(f"sleep 600 & echo $! > '{tmp_path}/child'; wait")
    with pytest.raises(DocumentError, match="blev inte klar med PDF:en på 1 sekunder och har avslutats"):
        to_pdf(b"word")
    assert gone(tmp_path / "child")


def test_one_that_fails_says_why_and_leaves_nothing_running(program: Program, tmp_path: Path) -> None:
    program(f"sleep 600 & echo $! > '{tmp_path}/child'; echo Warning: x; echo no profile >&2; exit 77")
    with pytest.raises(DocumentError, match=r"slutade med kod 77\. Det sade: no profile\.$"):
        to_pdf(b"word")
    assert gone(tmp_path / "child")


def test_one_that_says_it_went_well_but_made_nothing_is_told(program: Program, tmp_path: Path) -> None:
    program(f"sleep 600 & echo $! > '{tmp_path}/child'; echo Error: source file could not be loaded")
    with pytest.raises(DocumentError, match=r"gjorde ingen PDF av svaret\. Det sade: Error: source"):
        to_pdf(b"word")
    assert gone(tmp_path / "child")


def test_one_that_cannot_be_started_is_told(program: Program, tmp_path: Path) -> None:
    program("")
    (tmp_path / "soffice").write_bytes(b"\x7fELF no program")
    with pytest.raises(DocumentError, match="kunde inte startas"):
        to_pdf(b"word")


@pytest.mark.parametrize("folder", ["work b", "a#b", "50% å"])
def test_folders_of_any_name_are_quoted_in_the_address_of_the_profile(
    folder: str, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / folder
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    program(f'printf "%s\\n" "$@" > "{tmp_path}/asked"; shift 5; printf pdf > "$2/svar.pdf"')
    assert to_pdf(b"word") == b"pdf"
    profile = next(
        line.removeprefix("-env:UserInstallation=")
        for line in (tmp_path / "asked").read_text().splitlines()
        if line.startswith("-env:")
    )
    parts = urlsplit(profile)
    assert (parts.scheme, parts.query, parts.fragment) == ("file", "", "")
    assert unquote(parts.path).startswith(f"{place.resolve()}/")


def test_the_real_one_makes_a_pdf_in_a_folder_with_a_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    from docx import Document

    assert shutil.which("soffice"), "LibreOffice is missing; make test installs it"
    (tmp_path / "work b#").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "work b#"))
    book, raw = Document(), io.BytesIO()
    book.add_paragraph("Prov")
    book.save(raw)
    before = {
        process.pid for process in psutil.process_iter(["name"]) if process.info["name"] == "soffice.bin"
    }
    assert to_pdf(raw.getvalue()).startswith(b"%PDF")
    own = {process.pid for process in psutil.Process().children(recursive=True)} - before
    assert not [pid for pid in own if psutil.Process(pid).name() == "soffice.bin"]
