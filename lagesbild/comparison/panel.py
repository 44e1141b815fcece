"""All municipalities at once: what every comparison of a page, a command or a check is computed from."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl

from lagesbild.comparison.characteristics import profile
from lagesbild.comparison.grid import Grid
from lagesbild.comparison.groups import NEAREST_KEY, GroupKind, kinds
from lagesbild.data import indicators, reference
from lagesbild.data.warehouse import queries
from lagesbild.statistics import rule
from lagesbild.statistics.overdispersion import Dispersion, Dispersions, estimate, estimate_each
from lagesbild.statistics.standing import PER, Measure, Peers, Standing, standings

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from lagesbild.comparison.characteristics import Profile
    from lagesbild.data.reference import SeriesBreak
    from lagesbild.data.warehouse import Warehouse

    Floats = NDArray[np.float64]

T = TypeVar("T")
#: So many facts and assessments are kept: all measures and groups of a dozen municipalities.
_MOST_KEPT = 10_000
#: From the width of a 95 % interval to a standard error.
MARGIN_TO_ERROR = 2 * 1.959964


class _Values(dict[str, pl.DataFrame]):
    """Yearly values by indicator; those not read at the start are read when asked for."""

    def __init__(self, warehouse: Warehouse, at_once: Sequence[str]) -> None:
        super().__init__(queries.yearly_of(warehouse, at_once))
        self._warehouse = warehouse

    def __missing__(self, key: str) -> pl.DataFrame:
        self[key] = queries.yearly(self._warehouse, key)
        return self[key]


class Panel:
    """The values of every indicator that can be compared, and everybody's groups.

    Parameters
    ----------
    warehouse
        The vintage that everything is read from.
    weights, own
        As for `groups.kinds`.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        weights: Mapping[str, float] | None = None,
        own: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.warehouse = warehouse
        #: The weights and lists that somebody has chosen: panels with other ones have other groups. Empty: everybody's.
        self.chosen = (
            tuple(sorted((weights or {}).items())),
            tuple((code, tuple(codes)) for code, codes in sorted((own or {}).items())),
        )
        self.names: dict[str, str] = dict(
            queries.municipalities(warehouse).select("code", "name").iter_rows()
        )
        self.codes = tuple(self.names)
        self.place = {code: n for n, code in enumerate(self.codes)}
        self.kinds: dict[str, GroupKind] = kinds(warehouse, weights, own)
        self.indicators = indicators.of_warehouse(warehouse)
        #: The measures that are compared side by side; the rest of BRÅ's tree only when it is asked for.
        self.standard = tuple(key for key, one in self.indicators.items() if one.is_standard)
        self.values = _Values(warehouse, self.standard)
        self._grids: dict[str, Grid] = {}
        self._kept: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
        self._keeping = Lock()
        # Answers that are stored hold for everybody's groups; with other weights the nearest are others.
        # And for all years that are stored: who looks at fewer works them out.
        whole = warehouse.horizon is None or warehouse.horizon == queries.horizon(warehouse.whole)
        self._worked_out = whole and warehouse.meta("verdicts") == str(rule.VERSION)
        self._not_stored = {NEAREST_KEY} if weights else set()
        self._placed = lru_cache(maxsize=20_000)(self._place_one)
        self._peers: dict[str, Peers] = {}
        self._measures: dict[tuple[str, int, int], Measure] = {}
        self._counts: dict[tuple[str, int], tuple[Floats, Floats, Floats]] = {}
        self._dispersions: dict[str, tuple[Dispersion, Dispersions]] = {}

    @cached_property
    def profile(self) -> Profile:
        """The characteristics of all municipalities."""
        return profile(self.warehouse)

    def peers(self, key: str) -> Peers:
        """Return whom everybody is compared with in a kind of group."""
        if key not in self._peers:
            self._peers[key] = Peers.of(self.codes, self.kinds[key].members_of)
        return self._peers[key]

    def grid(self, indicator: str) -> Grid:
        """Return an indicator's values as arrays, the municipalities in the order of ``codes``."""
        if indicator not in self._grids:
            self._grids[indicator] = Grid.of(self.values[indicator], self.codes)
        return self._grids[indicator]

    def kept(self, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
        """Return what was made for ``key`` before, or make it: what a page asks for, its charts ask for again."""
        with self._keeping:  # readers share a panel; two may make the same, none may see it half kept
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
        made = make()
        with self._keeping:
            self._kept[key] = made
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    def counts(self, indicator: str, year: int) -> tuple[Floats, Floats, Floats]:
        """Return counts, mean populations and values of a year, each of shape (municipalities,), nan where unknown."""
        if (indicator, year) not in self._counts:
            grid = self.grid(indicator)
            counts, people, values = (grid.row(name, year) for name in ("count", "persons", "rate"))
            self._counts[indicator, year] = counts, people, values
        return self._counts[indicator, year]

    def cases(self, indicator: str, year: int) -> Floats:
        """Return counts of a year, worked out from rate and population where they are not stored."""
        counts, people, values = self.counts(indicator, year)
        return np.where(np.isfinite(counts), counts, values * people / PER)

    def dispersion(self, indicator: str, home: str | None = None) -> Dispersion:
        """Return how much an indicator's yearly counts usually move, ``home`` left out."""
        everybody, each = self.dispersions(indicator)
        return each[self.place[home]] if home in self.place else everybody

    def dispersions(self, indicator: str) -> tuple[Dispersion, Dispersions]:
        """Return the dispersion of an indicator, and with each municipality left out in the order of ``codes``."""
        if indicator not in self._dispersions and indicator in self._stored_dispersions:
            self._dispersions[indicator] = self._stored_dispersions[indicator]
        if indicator not in self._dispersions:
            grid = self.grid(indicator)
            counted = np.isfinite(grid.count[:, : grid.n]).any(axis=1)
            known = [grid.years[n] for n in np.flatnonzero(counted)]
            reported = not self.indicators[indicator].is_survey
            years = range(known[0], known[-1] + 1) if reported and len(known) > 1 else range(0)
            if years:
                counts, people, _ = (
                    np.array(part) for part in zip(*(self.counts(indicator, y) for y in years), strict=True)
                )
                broken = {item.date.year for item in self.breaks(indicator)}
                comparable = np.array([year not in broken for year in years[1:]])
                found = estimate(counts, people, comparable), estimate_each(counts, people, comparable)
            else:
                each = np.ones(len(self.codes))
                assumed = Dispersion()
                found = (
                    assumed,
                    Dispersions(assumed.phi * each, assumed.tau2 * each, np.zeros(each.size, dtype=np.int64)),
                )
            self._dispersions[indicator] = found
        return self._dispersions[indicator]

    def common_change(self, indicator: str, first: int, last: int, home: str) -> float:
        """Return the median municipality's ratio of rates between two years, ``home`` left out; 1 where unknown."""
        (before, people_before, _), (after, people_after, _) = (
            self.counts(indicator, y) for y in (first, last)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (after / people_after) / (before / people_before)
        ratio = np.delete(ratio, self.place[home]) if home in self.place else ratio
        ratio = ratio[np.isfinite(ratio)]
        middle = float(np.median(ratio)) if ratio.size else 1.0
        return middle if middle > 0 else 1.0

    def measure(self, indicator: str, year: int, years: int = 1) -> Measure:
        """Return an indicator over all municipalities in a year, or in ``years`` years up to it together."""
        key = (indicator, year, years)
        if key not in self._measures:
            survey = self.indicators[indicator].is_survey
            self._measures[key] = self._survey(indicator, year) if survey else self._reported(*key)
        return self._measures[key]

    def standings(
        self, indicator: str, year: int, key: str, homes: Sequence[str], years: int = 1
    ) -> list[Standing | None]:
        """Place municipalities (by code) against their own groups of a kind; see `statistics.standing`."""
        if len(homes) == 1:
            return [self._placed(indicator, year, key, homes[0], years)]
        return self._place(indicator, year, key, homes, years)

    def _place(
        self, indicator: str, year: int, key: str, homes: Sequence[str], years: int
    ) -> list[Standing | None]:
        spread_from = self.kinds[key].spread_from
        return standings(
            self.measure(indicator, year, years),
            self.peers(key),
            [self.place[home] for home in homes],
            self.peers(spread_from) if spread_from else None,
        )

    def _place_one(self, indicator: str, year: int, key: str, home: str, years: int) -> Standing | None:
        if years == 1 and self.stores(key):
            stored = self.kept(("standings", home), lambda: self._stored_standings(home))
            if (indicator, year, key) in stored:
                return stored[indicator, year, key]
        return self._place(indicator, year, key, [home], years)[0]

    def levels(self, indicator: str, home: str) -> dict[int, dict[str, rule.Level]]:
        """Return the stored levels of a municipality by year and kind of group; empty where none are stored."""
        if not self._worked_out:
            return {}
        found: dict[int, dict[str, rule.Level]] = {}
        for year, kind, level in queries.stored_levels(self.warehouse, indicator, home).iter_rows():
            if kind in self.kinds and self.stores(kind):
                found.setdefault(year, {})[kind] = rule.Level(level)
        return found

    def stores(self, kind: str) -> bool:
        """Whether everybody's answers against a kind of group are stored in the vintage."""
        return self._worked_out and kind not in self._not_stored and self.kinds[kind].counted

    def _stored_standings(self, home: str) -> dict[tuple[str, int, str], Standing | None]:
        rows = queries.placed(self.warehouse, home)
        return {
            (row["indicator_id"], row["year"], row["group_key"]): _standing(row)
            for row in rows.iter_rows(named=True)
        }

    @cached_property
    def _stored_dispersions(self) -> dict[str, tuple[Dispersion, Dispersions]]:
        if not self._worked_out:
            return {}
        found = {}
        rows = queries.dispersions(self.warehouse).partition_by("indicator_id", as_dict=True)
        for (indicator,), part in rows.items():
            known = {row["code"]: row for row in part.iter_rows(named=True)}
            if "0000" in known and all(code in known for code in self.codes):
                all_of, each = known["0000"], [known[code] for code in self.codes]
                found[str(indicator)] = (
                    Dispersion(all_of["phi"], all_of["tau2"], all_of["pairs"]),
                    Dispersions(
                        *(np.array([row[name] for row in each]) for name in ("phi", "tau2", "pairs"))
                    ),
                )
        return found

    def years(self, indicator: str, home: str) -> list[int]:
        """Return the years a municipality has a value for, in order."""
        return self.grid(indicator).known(home)

    def breaks(self, indicator: str) -> tuple[SeriesBreak, ...]:
        """Return the known breaks in an indicator's series."""
        one = self.indicators[indicator]
        return reference.breaks_of(one.source_id, f"{one.source_key} {one.title}")

    def _reported(self, indicator: str, year: int, years: int) -> Measure:
        parts = [self.counts(indicator, each) for each in range(year - years + 1, year + 1)]
        if years == 1:
            counts, people, values = parts[0]
            return Measure(values, np.where(np.isfinite(counts), people, np.nan))
        counts, people = (np.sum([part[n] for part in parts], axis=0) for n in (0, 1))
        return Measure(counts / people * PER, people)

    def _survey(self, indicator: str, year: int) -> Measure:
        grid = self.grid(indicator)
        errors = (grid.row("upper", year) - grid.row("lower", year)) / MARGIN_TO_ERROR
        return Measure(grid.row("rate", year), errors, survey=True)


def _standing(row: dict[str, Any]) -> Standing | None:
    """Return the standing that a row of the table holds; None where none can be worked out."""
    if row["p_value"] is None:
        return None
    return Standing(**{name: row[column] for name, column in queries.STANDING.items()})
