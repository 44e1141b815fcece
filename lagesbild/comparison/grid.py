"""An indicator's yearly values as arrays: years by areas, so that no page filters tables again and again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.statistics.standing import PER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One indicator: ``years`` in order without gaps, the first ``n`` columns the municipalities, then other areas.

    Each array has the shape (years, areas), nan (None in ``basis``) where there is no value. ``rate`` is in the
    indicator's unit, ``exposure`` persons; ``place`` gives an area's column.
    """

    years: range
    place: Mapping[str, int]
    n: int
    count: Floats
    basis: NDArray[np.object_]
    rate: Floats
    lower: Floats
    upper: Floats
    exposure: Floats

    @classmethod
    def of(cls, rows: pl.DataFrame, codes: Sequence[str]) -> Grid:
        """Place rows as `queries.yearly` returns them; those without a rate hold no value."""
        rows = rows.filter(pl.col("rate").is_not_null())
        others = sorted(set(rows["code"]) - set(codes))
        place = {code: column for column, code in enumerate([*codes, *others])}
        first, last = (int(rows["year"].min()), int(rows["year"].max())) if rows.height else (0, -1)  # type: ignore[arg-type]
        years = range(first, last + 1)
        at = (
            rows["year"].to_numpy() - first,
            rows["code"].replace_strict(place, return_dtype=pl.Int64).to_numpy(),
        )
        shape = len(years), len(place)

        def numbers(name: str) -> Floats:
            array = np.full(shape, np.nan)
            array[at] = rows[name].cast(pl.Float64).to_numpy()
            return array

        basis = np.full(shape, None, dtype=object)
        basis[at] = rows["count_basis"].to_numpy()
        return cls(
            years=years,
            place=place,
            n=len(codes),
            count=numbers("count"),
            basis=basis,
            rate=numbers("rate"),
            lower=numbers("lower"),
            upper=numbers("upper"),
            exposure=numbers("exposure"),
        )

    @cached_property
    def persons(self) -> Floats:
        """The persons behind each rate, shape (years, areas), nan where not known.

        As stored; else the rate's own denominator, also where the count is approximate.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            implied = np.where((self.rate > 0) & (self.count > 0), self.count * PER / self.rate, np.nan)
        return np.where(self.exposure > 0, self.exposure, implied)

    def row(self, name: str, year: int) -> Floats:
        """Return a column of a year over the municipalities, shape (n,), all nan for a year outside."""
        if year not in self.years:
            return np.full(self.n, np.nan)
        found: Floats = getattr(self, name)[year - self.years[0], : self.n]
        return found

    def known(self, code: str, name: str = "rate") -> list[int]:
        """Return the years an area has a value of ``name`` for, in order."""
        if code not in self.place:
            return []
        column = getattr(self, name)[:, self.place[code]]
        return [self.years[n] for n in np.flatnonzero(np.isfinite(column))]
