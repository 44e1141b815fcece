"""The log of unexpected errors: where in the code, never what the sources say; it stays small and never stops a run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lagesbild.data import log

SECRET = "En man i 40-årsåldern"


@pytest.fixture(autouse=True)
def _stopped() -> Iterator[None]:
    yield
    log.stop()


def raised() -> BaseException:
    """An error that quotes what it stumbled on, raised while another was handled."""
    found: BaseException = AssertionError("nothing raised")
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError(f"rad 3: {SECRET}") from error
    except RuntimeError as error:
        found = error
    return found


def test_the_whole_chain_is_there_but_no_messages(tmp_path: Path) -> None:
    log.start(tmp_path, verbose=False)
    told = log.unexpected("polisen", raised())
    written = log.file_of(tmp_path).read_text("utf-8")
    line = json.loads(written)
    assert list(line) == ["tid", "niva", "del", "text", "var", "fel", "spar"]
    assert (line["niva"], line["del"], line["var"]) == ("ERROR", "lagesbild", "polisen")
    assert line["fel"] == "builtins.RuntimeError"
    assert "builtins.ValueError" in line["spar"]
    assert "int(SECRET)" in line["spar"]
    assert SECRET not in written + told
    assert told.startswith("oväntat fel (RuntimeError")
    assert str(log.file_of(tmp_path)) in log.whereabouts()
    assert str(tmp_path) not in log.whereabouts(public=True)


def test_the_systems_own_words_on_files_are_kept(tmp_path: Path) -> None:
    assert (
        log.screened(OSError(28, "No space left on device", SECRET))
        == "builtins.OSError: No space left on device"
    )
    try:
        json.loads(f'["{SECRET}')
    except ValueError as error:
        assert SECRET not in log.screened(error)


def test_when_the_last_one_was_is_known_even_after_the_files_took_turns(tmp_path: Path) -> None:
    assert log.last_unexpected(tmp_path) is None
    log.start(tmp_path, verbose=False)
    logging.getLogger("pipelines.run").warning("bara en varning")
    assert log.last_unexpected(tmp_path) is None
    log.unexpected("scb", raised())
    found = log.last_unexpected(tmp_path)
    assert found is not None
    assert timedelta(0) <= datetime.now(UTC) - found < timedelta(minutes=5)
    for _ in range(600):
        logging.getLogger("lagesbild.x").warning("y" * 1000)
    assert log.last_unexpected(tmp_path) == found
    for _ in range(3000):
        logging.getLogger("lagesbild.x").warning("y" * 1000)
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) < 2_100_000


def test_every_line_is_an_object_of_its_own_and_a_cut_one_hides_no_other(tmp_path: Path) -> None:
    log.start(tmp_path, verbose=False)
    log.unexpected("scb", raised())
    found = log.last_unexpected(tmp_path)
    assert found is not None
    logging.getLogger("pipelines.run").warning('rad ett\nrad "två"')
    one, two = (json.loads(line) for line in log.file_of(tmp_path).read_text("utf-8").splitlines())
    assert (one["niva"], two["niva"], two["text"]) == ("ERROR", "WARNING", 'rad ett\nrad "två"')
    assert list(two) == ["tid", "niva", "del", "text"]
    with log.file_of(tmp_path).open("a", encoding="utf-8") as file:
        file.write('[]\n"x"\n{"niva":"ERROR"}\n{"tid": "2026-1')
    assert log.last_unexpected(tmp_path) == found


@pytest.mark.parametrize("verbose", [False, True])
def test_what_is_shown(verbose: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.start(tmp_path, verbose=verbose)
    logging.getLogger("pipelines.run").debug("frågar")
    logging.getLogger("pipelines.run").warning("varning")
    log.unexpected("scb", raised())
    err = capsys.readouterr().err
    assert "lagesbild: varning\n" in err
    assert ("frågar" in err, "in raised" in err) == (verbose, verbose)
    assert "frågar" not in log.file_of(tmp_path).read_text("utf-8")


def test_a_home_that_cannot_be_written_is_no_further_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("not a folder")
    log.start(tmp_path, verbose=False)
    assert log.unexpected("scb", raised()).startswith("oväntat fel")
    assert "kan inte skrivas; kör igen med --verbose" in log.whereabouts()
    assert capsys.readouterr().err == ""
    assert log.last_unexpected(tmp_path) is None
