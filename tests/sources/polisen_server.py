"""A stand-in of polisen.se/api/events: newest 500, DateTime filter, 403 without a named User-Agent, 429 when hurried.

Modelled on the police's published rules for open data, and real notices. Not confirmed: the text of the refusals.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PIECE = 500
#: Seconds that must pass between two calls.
APART = 10
Answer = tuple[int, dict[str, str], bytes]


class PolisenRoutes:
    """Serves notices (dictionaries in the API's form), newest first, in pieces of 500.

    With a ``clock`` (seconds) calls less than ten seconds apart are refused; without one, as for our own pipelines
    on this machine, they are not.
    """

    def __init__(self, notices: list[dict[str, Any]], clock: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._last: float | None = None
        self._notices = sorted(notices, key=_sort_key)
        self._keys = [_sort_key(notice) for notice in self._notices]

    def refusal(self, headers: Mapping[str, str]) -> Answer | None:
        """Return the answer to one who breaks the rules, None to others."""
        agent = headers.get("User-Agent", "")
        if not agent or agent.startswith(("python", "Python", "curl")):
            return 403, {}, b""
        if self._clock is not None:
            now, last = self._clock(), self._last
            self._last = now
            if last is not None and now - last < APART:
                return 429, {}, b""
        return None

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        if method != "GET" or path != "/api/events" or body is not None:
            return 404, {}, b""
        period = query.get("DateTime", "")
        if not re.fullmatch(r"(\d{4}(-\d{2}(-\d{2}( \d{2})?)?)?)?", period):
            return 400, {}, b"Bad Request"
        chosen = self._notices[bisect_left(self._keys, period) : bisect_left(self._keys, period + "~")]
        newest = chosen[::-1][:PIECE]
        return (
            200,
            {"Content-Type": "application/json"},
            json.dumps(newest, ensure_ascii=False).encode(),
        )


def _sort_key(notice: dict[str, Any]) -> str:
    day, clock, _ = notice["datetime"].split(" ")
    return f"{day} {clock.rjust(8, '0')}"


def notices_from_shared(file: Path) -> list[dict[str, Any]]:
    """Return the real notices of ``shared/data/polisen/events.parquet`` in the API's form."""
    columns = ("id", "datetime", "name", "summary", "url", "type", "location_name", "location_gps")
    return [
        {
            "id": row[0],
            "datetime": row[1],
            "name": row[2],
            "summary": row[3],
            "url": row[4],
            "type": row[5],
            "location": {"name": row[6], "gps": row[7]},
        }
        for row in pl.read_parquet(file, columns=list(columns)).select(columns).iter_rows()
    ]
