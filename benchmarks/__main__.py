"""``make bench``: speed and memory as figures and ratios. Nothing here asserts a time."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import (
    calibration,
    crime_types,
    dashboard,
    full_fetch,
    hotspots,
    load,
    notices,
    outbreaks,
    pictures,
    scale,
    screening,
)


def main() -> int:
    """Run every benchmark and print its lines."""
    print(f"{platform.platform()}, {os.cpu_count()} kärnor, Python {platform.python_version()}")
    for part in (
        notices,
        crime_types,
        hotspots,
        outbreaks,
        screening,
        pictures,
        dashboard,
        load,
        scale,
        full_fetch,
        calibration,
    ):
        for line in part.lines():
            print(line)
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
