"""The answers of all municipalities at once, worked out when a vintage is published so that pages only read rows.

The same rule as `benchmark.assess`: a row a measure, municipality, kind of group and year. Rarity is worked out for
the newest year, levels for five.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from lagesbild.data.warehouse import queries
from lagesbild.data.warehouse.queries import STANDING
from lagesbild.statistics import rule
from lagesbild.statistics.rule import Level
from lagesbild.statistics.standing import PER, standings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lagesbild.comparison.panel import Panel

    Floats = NDArray[np.float64]

#: So many years back from a measure's newest are judged.
YEARS = 5
#: A year that fewer municipalities have is none that everybody is judged in.
_FEWEST = 10


def levels(panel: Panel, key: str, kind: str, year: int) -> dict[str, Level]:
    """Judge every municipality against its own group of a kind, on an indicator and year.

    Returns
    -------
    dict
        By municipality code; those without a value, or whose group has none, are left out.
    """
    words, shown = _levels(panel, key, kind, year)
    return {code: Level(words[n]) for n, code in enumerate(panel.codes) if shown[n]}


def _levels(panel: Panel, key: str, kind: str, year: int) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the levels in the order of the panel's codes, and who has one; both of shape (municipalities,)."""
    measure, members = panel.measure(key, year), panel.peers(kind).members
    padded = np.where(members >= 0, measure.values[members], np.nan)
    shown = np.isfinite(measure.values) & np.isfinite(padded).any(axis=1)
    if measure.survey:
        errors = np.where(np.isfinite(padded), measure.sizes[members], np.nan)
        return rule.share_levels(measure.values, measure.sizes, _median(padded), errors).verdict, shown
    counts, people, _ = panel.counts(key, year)
    cases = np.where(np.isfinite(padded), panel.cases(key, year)[members], np.nan)
    return rule.levels(
        counts, _median(padded) * people / PER, cases, panel.dispersions(key)[1]
    ).verdict, shown


def _median(padded: Floats) -> Floats:
    """Return the median of each row, nan where it has no value."""
    found = np.full(padded.shape[0], np.nan)
    some = np.isfinite(padded).any(axis=1)
    found[some] = np.nanmedian(padded[some], axis=1)
    return found


def newest(panel: Panel, kind: str) -> pl.DataFrame:
    """Return everybody's answers of each measure's newest year against a kind of group: as `queries.placed_of_kind`.

    Read where they are stored, worked out otherwise.
    """
    if panel.stores(kind):
        return queries.placed_of_kind(panel.warehouse, kind)

    def made() -> pl.DataFrame:
        frames = [
            _of_year(panel, key, kind, years[-1], newest=True)
            for key in panel.standard
            if (years := _years(panel, key))
        ]
        columns = ("indicator_id", "code", "year", "level", "ratio", "p_value")
        return pl.concat([frame.select(columns) for frame in frames if frame.height], how="vertical_relaxed")

    return panel.kept(("newest", kind), made)


def newest_of(panel: Panel, key: str, kind: str) -> pl.DataFrame:
    """Return everybody's answers of a measure's newest year, standard or not, as `newest` does; empty without values."""
    if key in panel.standard and panel.stores(kind):
        return newest(panel, kind).filter(pl.col("indicator_id") == key)
    years = _years(panel, key)
    if not years:
        return pl.DataFrame()
    return panel.kept(("newest_of", key, kind), lambda: _of_year(panel, key, kind, years[-1], newest=True))


def dispersions(panel: Panel) -> pl.DataFrame:
    """Return every reported measure's dispersion, with each municipality left out (its code) and with none ('0000')."""
    frames = []
    for key in _judged(panel):
        everybody, each = panel.dispersions(key)
        for codes, found in ((["0000"], asdict(everybody)), (list(panel.codes), asdict(each))):
            frames.append(
                pl.DataFrame(
                    {"indicator_id": [key] * len(codes), "code": codes}
                    | {name: np.atleast_1d(part) for name, part in found.items()}
                )
            )
    return pl.concat(frames) if frames else pl.DataFrame()


def _judged(panel: Panel) -> list[str]:
    return [key for key in panel.standard if not panel.indicators[key].is_survey]


def of_all(panel: Panel) -> Iterator[pl.DataFrame]:
    """Yield the rows of each measure: all municipalities, kinds of group that are counted up, and years.

    Columns are those of the table ``verdict``.
    """
    kinds = [key for key, kind in panel.kinds.items() if kind.counted]
    for key in panel.standard:  # what two threads would otherwise make at the same time
        if panel.grid(key).years:
            panel.dispersions(key)
    for kind in kinds:
        panel.peers(kind)
    with ThreadPoolExecutor(2) as pool:
        yield from (
            rows
            for rows in pool.map(lambda key: _of_measure(panel, key, kinds), panel.standard)
            if rows.height
        )


def _of_measure(panel: Panel, key: str, kinds: list[str]) -> pl.DataFrame:
    years = _years(panel, key)
    frames = [_of_year(panel, key, kind, year, newest=year == years[-1]) for year in years for kind in kinds]
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()


def _years(panel: Panel, key: str) -> list[int]:
    """Return the latest years in which a measure is known for more than a few municipalities."""
    grid = panel.grid(key)
    return [year for year in grid.years if np.isfinite(grid.row("rate", year)).sum() >= _FEWEST][-YEARS:]


def _of_year(panel: Panel, key: str, kind: str, year: int, *, newest: bool) -> pl.DataFrame:
    words, shown = _levels(panel, key, kind, year)
    at = np.flatnonzero(shown)
    columns: dict[str, Any] = {
        "indicator_id": [key] * at.size,
        "code": [panel.codes[n] for n in at],
        "group_key": [kind] * at.size,
        "year": [year] * at.size,
        "level": [str(word) for word in words[at]],
        "placed": [newest] * at.size,
    }
    if newest:
        spread_from = panel.kinds[kind].spread_from
        found = standings_of(
            panel.measure(key, year), panel.peers(kind), at, panel.peers(spread_from) if spread_from else None
        )
        for name, column in STANDING.items():
            values = getattr(found, name)
            columns[column] = pl.Series(values).set(pl.Series(~found.known), None)
    return pl.DataFrame(columns)
