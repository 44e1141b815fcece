"""``make audit``: known vulnerabilities in what the program runs on, by the lock. Needs the registry's advisories.

Ends with 0 where none is known, 1 where some are, and 3 where the advisories could not be asked: nothing is known
then, which is not the same as none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
NONE_KNOWN, SOME_KNOWN, NOT_ASKED = 0, 1, 3
#: Seconds: a registry that hangs is one that does not answer.
AT_MOST = 120


def main(lock: Path = LOCK) -> int:
    """Ask, tell, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip"]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    try:
        asked = subprocess.run(
            [*command, *options], capture_output=True, text=True, check=False, timeout=AT_MOST
        )
    except subprocess.TimeoutExpired:
        return _not_asked(f"Registret svarade inte på {AT_MOST} sekunder.")
    try:
        found = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _not_asked(asked.stderr.strip().splitlines()[-1] if asked.stderr.strip() else "")
    skipped = [one for one in found if one.get("skip_reason")]
    bad = [(one, known) for one in found for known in one.get("vulns", [])]
    for one, known in bad:
        fixed = ", ".join(known["fix_versions"]) or "ingen version än"
        print(f"{one['name']} {one['version']}: {known['id']}, rättat i {fixed}")
    if skipped:
        print(
            f"Kunde inte prövas, registret lämnar inga uppgifter om dem: {', '.join(one['name'] for one in skipped)}"
        )
    print(f"{len(found) - len(skipped)} bibliotek prövade, {len(bad)} kända brister.")
    if bad:
        return SOME_KNOWN
    return NOT_ASKED if skipped else NONE_KNOWN


def _not_asked(why: str) -> int:
    sys.stderr.write(
        f"Kända brister kunde inte hämtas (ingen internetanslutning?). Inget är prövat.\n{why}\n"
    )
    return NOT_ASKED


if __name__ == "__main__":
    sys.exit(main())
