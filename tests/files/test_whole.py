"""Files that are there whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from lagesbild.files.whole import LEFT_BEHIND, write_whole


def test_a_file_is_replaced_in_one_step_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.json"
    assert write_whole(file, b"first")
    assert write_whole(file, b"second")
    assert file.read_bytes() == b"second"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_what_is_there_can_be_left(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "a", b"first", over=False)
    assert not write_whole(tmp_path / "a", b"second", over=False)
    assert (tmp_path / "a").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole(tmp_path / "a", b"first")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a", b"second")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"first")]


def test_what_a_killed_writer_left_behind_goes_but_not_what_is_being_written(tmp_path: Path) -> None:
    old, new = tmp_path / "x.part", tmp_path / "y.part"
    for part in (old, new):
        part.write_bytes(b"half")
    then = old.stat().st_mtime - LEFT_BEHIND - 1
    os.utime(old, (then, then))
    write_whole(tmp_path / "a", b"whole")
    assert {one.name for one in tmp_path.iterdir()} == {"a", "y.part"}
