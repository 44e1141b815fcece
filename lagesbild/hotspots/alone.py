"""A county of one municipality, as Gotland is: the country stands in for the county that there is not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray


def alone(codes: Collection[str]) -> frozenset[str]:
    """Return the municipalities that are a county of their own, among many counties'."""
    size = Counter(code[:2] for code in codes)
    return frozenset(code for code in codes if size[code[:2]] == 1) if len(size) > 1 else frozenset()


def with_country(
    expected: NDArray[np.float64], counts: NDArray[np.int64], codes: Sequence[str]
) -> NDArray[np.float64]:
    """Return expected counts where a county of one has its usual share of the rest of the country's instead.

    Parameters
    ----------
    expected, counts
        Shape (months, places), as in `cube.Cube`.

    Returns
    -------
    numpy.ndarray
        Shape (months, places). A county of one would else be expected to have just what it had.
    """
    found = expected.copy()
    for code in alone(codes):
        at = codes.index(code)
        rest = counts.sum(axis=1) - counts[:, at]
        found[:, at] = counts[:, at].sum() * rest / max(int(rest.sum()), 1)
    return found


def stand_in_text(name: str) -> str:
    """Say why a municipality is not compared with its county."""
    return f"Jämfört med riket, eftersom {name} är eget län."
