"""Every command on terminals that hold no more than Latin-1 or ASCII: readable, and JSON and CSV still whole."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from lagesbild.cli import terminal
from lagesbild.cli.main import main
from lagesbild.config import ROOT, Settings

ASCII, LATIN = {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def said(settings: Settings, encoding: dict[str, str], *arguments: str) -> tuple[int, bytes, bytes]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LAGESBILD_", "PYTHONIO", "LC_", "LANG"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "lagesbild.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=120,
        env={**kept, **encoding, "LAGESBILD_HOME": str(settings.home)},
    )
    return done.returncode, done.stdout, done.stderr


def said_here(settings: Settings, encoding: str, *arguments: str) -> tuple[int, bytes, bytes]:
    """As `said`, in this process: nothing is imported anew."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = io.TextIOWrapper(out, encoding), io.TextIOWrapper(err, encoding)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", streams[0])
        patched.setattr(sys, "stderr", streams[1])
        patched.setenv("LAGESBILD_HOME", str(settings.home))
        try:
            code = main(arguments)
        except SystemExit as ended:  # as --help does
            code = int(ended.code or 0)
        for stream in streams:
            stream.flush()
        return code, out.getvalue(), err.getvalue()


COMMANDS = (
    ["status"],
    ["benchmark"],
    ["benchmark", "--format", "csv"],
    ["benchmark", "--format", "json"],
    ["hotspots", "--format", "csv"],
    ["hotspots"],
    ["backtest", "--kommun", "1861"],
    ["chart"],
    ["--help"],
    ["status", "--format", "json"],
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_ascii_is_enough_for_every_command(arguments: list[str], shipped: Settings) -> None:
    code, out, err = said_here(shipped, "ascii", *arguments)
    assert (code, err) == (0, b"")
    text = out.decode("ascii")
    assert "\\x" not in text
    whole = said_here(shipped, "utf-8", *arguments)[1].decode("utf-8")
    assert text.count("?") == whole.count("?"), "a sign without an equivalent"


def test_in_latin_1_letters_stay_and_only_the_minus_is_replaced(shipped: Settings) -> None:
    code, out, err = said(shipped, LATIN, "benchmark")
    assert (code, err) == (0, b"")
    text = out.decode("latin-1")
    assert "jämför" in text.casefold()
    assert "# Hallsbergs kommun" in text


@pytest.mark.parametrize("encoding", [ASCII, LATIN, C_LOCALE], ids=["ascii", "latin-1", "C"])
def test_json_loses_nothing(encoding: dict[str, str], shipped: Settings) -> None:
    arguments = ("benchmark", "--kommun", "Gävle", "--indicator", "N07540", "--format", "json")
    if encoding is C_LOCALE:
        arguments = (*arguments[:2], "2180", *arguments[3:])
    _, whole, _ = said_here(shipped, "utf-8", *arguments)
    code, out, err = said(shipped, encoding, *arguments)
    assert (code, err) == (0, b"")
    assert json.loads(out.decode(encoding.get("PYTHONIOENCODING", "ascii"))) == json.loads(
        whole.decode("utf-8")
    )


def test_csv_has_the_same_fields(shipped: Settings) -> None:
    _, whole, _ = said_here(shipped, "utf-8", "benchmark", "--format", "csv")
    _, out, _ = said_here(shipped, "ascii", "benchmark", "--format", "csv")
    expected = list(csv.reader(io.StringIO(whole.decode("utf-8"))))
    found = list(csv.reader(io.StringIO(out.decode("ascii"))))
    assert [len(row) for row in found] == [len(row) for row in expected]


def test_errors_are_readable_in_the_c_locale(shipped: Settings) -> None:
    code, _, err = said(shipped, C_LOCALE, "ingest", "kolda")
    assert code == 2
    assert err.startswith(b"lagesbild: okand kalla: kolda. Menade du kolada?")
    code, _, err = said(shipped, C_LOCALE, "flyg")
    assert code == 2
    assert b"valj bland" in err
    code, _, err = said(
        shipped, C_LOCALE, "benchmark", "--kommun", "G\udce4vle"
    )  # a byte that is no text there
    assert code == 2
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("−3–5 … ”å” ≈ 1\u00a0000", "latin-1", '-3-5 ... "å" ~ 1\u00a0000'),
        ("−3–5 … ”åäöÅÄÖé” ≥ 1\u00a0000", "ascii", '-3-5 ... "aaoAAOe" >= 1 000'),
        ("R² × 2 → 漢 \udcff", "ascii", "R2 x 2 -> ? ?"),
        ("åäö − 漢", "utf-8", "åäö − 漢"),
    ],
)
def test_what_an_encoding_cannot_hold_is_replaced_by_what_means_the_same(
    text: str, encoding: str, shown: str
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    terminal.adapt(stream, None, io.StringIO())
    stream.write(text)
    stream.flush()
    assert raw.getvalue() == shown.encode(encoding)


def test_quotation_marks_do_not_end_a_field(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    terminal.adapt(stream)
    monkeypatch.setattr(sys, "stdout", stream)
    rows = [["a ”b”, c", "”d”"], ["e", "f"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    terminal.show(text.getvalue(), "csv")
    stream.flush()
    assert list(csv.reader(io.StringIO(raw.getvalue().decode()))) == [["a 'b', c", "'d'"], ["e", "f"]]
