"""What a source allows: how often, how much, and how long to wait for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a source allows, and what we put up with from it.

    Intervals in seconds, sizes in bytes. ``permanent_404`` does not ask again for `GONE_FOR` after a 404.
    """

    min_interval: float = 0.5
    max_per_hour: int | None = None
    max_per_day: int | None = None
    permanent_404: bool = False
    connect_timeout: float = 10
    read_timeout: float = 30
    total_timeout: float = 120
    max_bytes: int = 20_000_000
    max_run_bytes: int = 500_000_000
    attempts: int = 3
    backoff: float = 2
    longest_wait: float = 120
