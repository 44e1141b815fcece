"""What the program runs on: listed as it is locked, free to use, and asked about honestly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import audit
from scripts import make_dependencies as made

LOCKED = made.locked(made.LOCK.read_text("utf-8"))
PAGE = made.PAGE.read_text("utf-8")


def test_the_lock_is_read_whole() -> None:
    lines = [line for line in made.LOCK.read_text("utf-8").splitlines() if "==" in line and line[0].isalnum()]
    assert len(LOCKED) == len(lines) > 50


def test_every_library_of_the_lock_is_listed_with_its_version() -> None:
    for one in LOCKED:
        assert f"| {one.name} | {one.version} |" in PAGE, f"{one.name}: kör make dependencies"
    assert made.written(PAGE).keys() == {(one.name, one.version) for one in LOCKED}, "kör make dependencies"


@pytest.mark.parametrize("one", LOCKED, ids=lambda one: f"{one.name}-{one.version}")
def test_every_licence_is_known_and_lets_a_municipality_use_and_pass_on_the_program(one: made.Locked) -> None:
    told = made.written(PAGE)[one.name, one.version]
    assert made.FREE.search(told), f"{one.name}: {told!r}"
    installed = made.licence(one.name, one.version)
    assert installed in {told, ""}


def test_of_two_versions_of_a_library_each_has_its_own_licence() -> None:
    one = LOCKED[0]
    assert made.licence(one.name, one.version)
    assert made.licence(one.name, "0.0.0") == ""


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    content = json.loads(made.SBOM.read_text("utf-8"))
    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.6")
    assert {(one["name"], one["version"]) for one in content["components"]} == {
        (one.name, one.version) for one in LOCKED
    }


def test_a_licence_that_forbids_is_not_taken_for_one_that_lets() -> None:
    for told in ("GPL-3.0-only", "AGPL-3.0", "SSPL-1.0", "Proprietary", "", "BUSL-1.1"):
        assert not made.FREE.search(told), told


def test_advisories_that_cannot_be_reached_are_no_all_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "idna==3.10 --hash=sha256:946d195a0d259cbba61165e88e65941f16e9b36ea6ddb97f00452bae8b1287d3\n"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert audit.main(lock) == audit.NOT_ASKED
    assert "Inget är prövat" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("dependency", "code"),
    [
        ({"vulns": []}, audit.NONE_KNOWN),
        ({"vulns": [{"id": "PYSEC-1", "fix_versions": ["3.11"]}]}, audit.SOME_KNOWN),
        ({"skip_reason": "not found"}, audit.NOT_ASKED),
    ],
)
def test_what_was_answered_decides(
    dependency: dict[str, object], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.dumps({"dependencies": [{"name": "idna", "version": "3.10", **dependency}]})

    class Asked:
        stdout, stderr = answer, ""

    monkeypatch.setattr(subprocess, "run", lambda *told, **options: Asked)
    assert audit.main() == code


def test_a_registry_that_hangs_is_given_up_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(audit, "AT_MOST", 0.2)
    assert audit.main() == audit.NOT_ASKED
    assert "svarade inte" in capsys.readouterr().err
