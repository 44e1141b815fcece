"""The files that an installation is run by: each names what there is, and gives as little away as it can."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from lagesbild.cli.main import COMMANDS
from lagesbild.config import ROOT

DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
SCRIPTS = sorted(DEPLOY.glob("*.sh"))
NGINX = sorted((DEPLOY / "nginx").glob("*.conf"))
HERE = "/opt/lagesbild/"


def unit(file: Path) -> dict[str, list[str]]:
    """Return what a unit says: the values of each key."""
    found = defaultdict(list)
    for line in file.read_text("utf-8").splitlines():
        if "=" in line and line[0] not in "#;[":
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("file", SERVICES, ids=names(SERVICES))
def test_a_service_starts_something_that_there_is_as_a_user_of_its_own(file: Path) -> None:
    said = unit(file)
    assert said["User"] == ["lagesbild"]
    for started in (*said["ExecStart"], *said["ExecStartPost"]):
        program, *arguments = started.split()
        if program.endswith("/.venv/bin/lagesbild"):
            assert arguments[0] in COMMANDS
        else:
            script = ROOT / program.removeprefix(HERE)
            assert script in SCRIPTS
            assert script.stat().st_mode & 0o111
    (page,) = said["Documentation"]
    assert (ROOT / page.removeprefix(f"file://{HERE}")).is_file()


@pytest.mark.parametrize("file", SERVICES, ids=names(SERVICES))
def test_a_service_may_write_in_its_own_folder_alone_and_gain_nothing(file: Path) -> None:
    said = unit(file)
    for key in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"):
        assert said[key] == ["yes"], key
    assert said["ProtectSystem"] == ["strict"]
    assert said["StateDirectory"] == ["lagesbild"]
    assert said["CapabilityBoundingSet"] == [""]
    assert said["SystemCallFilter"][0] == "@system-service"
    assert said["MemoryMax"]
    assert said["RestrictAddressFamilies"]
    assert set(said["ReadWritePaths"]) <= {"-/var/backups/lagesbild"}


@pytest.mark.parametrize("file", SERVICES, ids=names(SERVICES))
def test_systemd_itself_finds_little_that_is_exposed(file: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze finns inte här")
    asked = ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", str(file)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if "Unknown" in done.stderr or "unrecognized" in done.stderr:
        pytest.skip("systemd-analyze är för gammal för --offline")
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-300:]


def test_whatever_fails_is_told_but_the_telling_itself() -> None:
    for file in SERVICES:
        told = unit(file)["OnFailure"]
        assert told == ([] if "larm" in file.name else ["lagesbild-larm@%n.service"]), file.name


@pytest.mark.parametrize("file", TIMERS, ids=names(TIMERS))
def test_a_timer_has_its_service_and_makes_up_for_what_was_missed(file: Path) -> None:
    assert file.with_suffix(".service") in SERVICES
    assert unit(file)["Persistent"] == ["true"]
    assert unit(file)["OnCalendar"][0].endswith("Europe/Stockholm")


@pytest.mark.parametrize("file", SCRIPTS, ids=names(SCRIPTS))
def test_a_script_is_sound_and_stops_at_the_first_error(file: Path) -> None:
    text = file.read_text("utf-8")
    shell = "bash" if "bash" in text.splitlines()[0] else "sh"
    subprocess.run([shell, "-n", str(file)], check=True)
    assert re.search(r"^set -eu", text, flags=re.MULTILINE)


@pytest.mark.parametrize("file", NGINX, ids=names(NGINX))
def test_what_nginx_reads_is_whole_and_includes_what_there_is(file: Path) -> None:
    text = re.sub(r"#.*", "", file.read_text("utf-8"))
    outside = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|\(\?\S*|\$\{\w+\}", "", text)
    assert outside.count("{") == outside.count("}")
    for included in re.findall(rf"include {HERE}(\S+);", text):
        assert (ROOT / included).is_file()


@pytest.mark.parametrize("name", ["lagesbild.conf", "undermapp.conf"])
def test_measures_and_what_is_for_watching_are_closed_to_the_outside(name: str) -> None:
    text = (DEPLOY / "nginx" / name).read_text("utf-8")
    (closed,) = re.findall(r"location ~ (\S+) \{\s+include \S+/stangt\.conf;", text)
    folder = "/lagesbild" if name == "undermapp.conf" else ""
    for path in ("_stcore/metrics", "_stcore/agent/mcp", "_stcore/script-health-check", "redo"):
        assert re.search(closed, f"{folder}/{path}"), path
    for path in ("", "halsa", "_stcore/stream", "_stcore/health", "metod", "redogorelse"):
        assert not re.search(closed, f"{folder}/{path}"), path


def test_the_log_of_nginx_has_no_whole_addresses_questions_or_secrets() -> None:
    text = (DEPLOY / "nginx" / "gemensamt.conf").read_text("utf-8")
    written = re.findall(r"\$\w+", text[text.index("log_format") :])
    assert set(written) == {
        "$time_iso8601",
        "$lagesbild_nat",
        "$request_method",
        "$lagesbild_vad",
        "$status",
        "$body_bytes_sent",
        "$request_time",
        "$upstream_cache_status",
    }


def test_nginx_itself_takes_the_files(tmp_path: Path) -> None:
    """Where nginx is not installed, `deploy/try.sh` tries it, and docs/drift.md has what was measured."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if nginx is None:
        pytest.skip("nginx finns inte här")
    if shutil.which("openssl") is None:
        pytest.skip("openssl finns inte här")
    made = subprocess.run(
        [str(DEPLOY / "try.sh"), "--bara-filer", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr


def test_the_container_runs_without_root_and_is_asked_how_it_is() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    steps = re.findall(r"^([A-Z]+) ", text, flags=re.MULTILINE)
    assert steps[0] == "FROM"
    assert {"USER", "HEALTHCHECK", "VOLUME", "CMD"} <= set(steps)
    assert steps.index("USER") < steps.index("CMD")
    assert re.search(r"^USER [1-9]\d+$", text, flags=re.MULTILINE)
    assert "/redo" in text


def test_one_more_process_is_the_same_service_at_another_port(tmp_path: Path) -> None:
    script = DEPLOY / "en-till.sh"
    made = subprocess.run([str(script), "8502"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "lagesbild-2.service").write_text(made, "utf-8")
    one, more = unit(DEPLOY / "systemd" / "lagesbild.service"), unit(tmp_path / "lagesbild-2.service")
    assert {key for key in more if more[key] != one[key]} == {"Description", "After", "Environment"}
    assert set(more["Environment"]) - set(one["Environment"]) == {"LAGESBILD_PORT=8502"}
    assert "# server 127.0.0.1:8502;" in (DEPLOY / "nginx" / "gemensamt.conf").read_text("utf-8")
    assert subprocess.run([str(script), "x; id"], capture_output=True, check=False).returncode == 2
