"""How often one address may do what costs: others are never shut out by it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

__all__ = ["Pace", "network_of"]

#: One who has an IPv6 address has the rest of its network, too.
_SAME_READER = 64


@dataclass(frozen=True)
class Pace:
    """At most so many times within so many seconds, for each key by itself; safe to use from many threads.

    Counted in this process, by a window that moves (`limits.strategies.MovingWindowRateLimiter`).
    """

    most: int
    seconds: int
    _counted: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()), repr=False, compare=False
    )

    def take(self, key: str) -> bool:
        """Count one more; False, and nothing counted, where it would be one too many."""
        return self._counted.hit(RateLimitItemPerSecond(self.most, self.seconds), key)


def network_of(address: str | None) -> str:
    """Return whose budget an address draws on: an IPv4 address its own, an IPv6 address its network's (/64).

    What is no address, as where none is known, draws on a budget in common.
    """
    try:
        read = ipaddress.ip_address(address or "")
    except ValueError:
        return "okänd"
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    if mapped is not None:
        return str(mapped)
    if read.version == 4:
        return str(read)
    return str(ipaddress.ip_network((read, _SAME_READER), strict=False))
