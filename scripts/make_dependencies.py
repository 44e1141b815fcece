"""``make dependencies``: what the program runs on, with versions and licences: docs/beroenden.md and docs/sbom.json.

The list is the lock's; licences are what the installed packages say of themselves. docs/sbom.json is CycloneDX 1.6,
made by cyclonedx-py from the same lock, without a date or number of its own, so that it changes when the lock does.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK, PAGE, SBOM = ROOT / "requirements.lock", ROOT / "docs" / "beroenden.md", ROOT / "docs" / "sbom.json"
#: Licences that let a municipality use, change and pass on the program; anything else is looked at by somebody first.
FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla Public|Unlicense|0BSD|zlib|HPND|CC0|LGPL|EUPL"
    r"|Public Domain|CNRI|BlueOak|Artistic",
    re.IGNORECASE,
)
_LONG = (
    ("Apache License", "Apache-2.0"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Redistribution and use in source and binary forms", "BSD"),
)
_HEAD = """# Beroenden

Det här är de bibliotek som Lägesbild kör på, med de versioner som är låsta i `requirements.lock` (med kontrollsummor).
Listan görs av `make dependencies` och prövas mot låset vid varje `make test`. Samma lista i CycloneDX finns i
[sbom.json](sbom.json). Licensen är vad paketet säger om sig självt. Ingen av dem hindrar en kommun från att använda,
ändra eller lämna vidare programmet; Lägesbild har EUPL-1.2.

`make audit` frågar efter kända brister i just de här versionerna. Det slutar med 0 om ingen är känd, 1 om någon är det
och 3 om det inte gick att fråga. Det behöver internet, och körs därför inte av `make test`.

Därtill används Debians egna paket: Python, chromium (bilder), LibreOffice Writer (PDF) och nginx. De får sina rättelser
av Debian.

| Bibliotek | Version | Licens | Bara på |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Locked:
    """A line of the lock: the package, its version, and where it is needed alone (empty: everywhere)."""

    name: str
    version: str
    where: str


def locked(text: str) -> list[Locked]:
    """Return what a lock holds, in its order."""
    found = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]*))?", text, flags=re.MULTILINE
    )
    return [Locked(name, version, where.strip()) for name, version, where in found]


def licence(name: str, version: str) -> str:
    """Return the licence of a package; empty where just that version is not installed here, or says none."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if told["Version"] != version:
        return ""
    if "License-Expression" in told:
        return str(told["License-Expression"])
    classes = [
        one.rsplit(" :: ", 1)[-1] for one in told.get_all("Classifier", []) if one.startswith("License ::")
    ]
    named = [one for one in classes if one != "OSI Approved"]
    free = " ".join(str(told["License"]).split()) if "License" in told else ""
    if named:
        return " / ".join(dict.fromkeys(named))
    for words, short in _LONG:
        if words in free:
            return short
    return free if len(free) <= 60 else free[:57] + "..."


def page(packages: list[Locked], known: dict[tuple[str, str], str]) -> str:
    """Return docs/beroenden.md. ``known``: licences of packages that are not installed on this machine (`written`)."""
    rows = []
    for one in packages:
        told = licence(one.name, one.version) or known.get((one.name, one.version), "")
        rows.append(f"| {one.name} | {one.version} | {told} | {f'`{one.where}`' if one.where else ''} |")
    return _HEAD + "\n".join(rows) + "\n"


def written(text: str) -> dict[tuple[str, str], str]:
    """Return the licences that docs/beroenden.md has, by package and version."""
    found = re.findall(r"^\| (\S+) \| (\d\S*) \| ([^|]*?) \|", text, flags=re.MULTILINE)
    return {(name, version): told for name, version, told in found}


def sbom() -> str:
    """Return the lock as CycloneDX, the same for the same lock."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(LOCK), "--output-reproducible"]
    made = subprocess.run(
        [*command, "--sv", "1.6", "--of", "JSON"], capture_output=True, text=True, check=True
    )
    content = json.loads(made.stdout)
    for one in content["components"]:
        one.pop("description", None)
        one.pop("externalReferences", None)  # where each file is fetched, and its checksum: the lock has them
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write both."""
    known = written(PAGE.read_text("utf-8")) if PAGE.exists() else {}
    PAGE.write_text(page(locked(LOCK.read_text("utf-8")), known), "utf-8")
    SBOM.write_text(sbom(), "utf-8")


if __name__ == "__main__":
    main()
