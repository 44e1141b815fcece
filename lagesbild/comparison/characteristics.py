"""What describes a municipality: size, density, ages, education, unemployment.

Used to find comparable municipalities and to expect a number of crimes. Which they are, their weight
and why they matter stands in ``data/reference/characteristics.csv``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse

    Floats = NDArray[np.float64]

#: A characteristic known for a smaller share of the municipalities is not used.
_ENOUGH = 0.95
_GROWTH_YEARS = 10
#: From here on a count is shown without decimals.
_LARGE = 100
#: No characteristic weighs more; 0 is not counted.
HEAVIEST = 3


@dataclass(frozen=True, kw_only=True)
class Characteristic:
    """One characteristic: Swedish label and reason, scale of comparison, default weight, in the model or not.

    ``covariates`` are the stored names it may be read from, the preferred first.
    """

    key: str
    label: str
    unit: str
    log: bool
    weight: float
    in_model: bool
    covariates: tuple[str, ...]
    why: str

    def told(self, value: float) -> str:
        """Return a value with its unit where the label does not say it; a large count without decimals."""
        if not np.isfinite(value):
            return "–"
        text = number(value, 0 if self.unit == "antal" and value >= _LARGE else 1)
        return f"{text}\u00a0%" if self.unit == "procent" and " per 100 " not in self.label else text


class ChoiceError(ValueError):
    """Weights or a list of municipalities that cannot be used; the message is one Swedish line."""


@dataclass(frozen=True)
class Weights:
    """Weights of characteristics that somebody has chosen, by key; the others have their default ones.

    Written ``unga:2,tathet:0`` in addresses, in what a chart is drawn from, and on the command line.
    """

    chosen: Mapping[str, float]

    @classmethod
    def parse(cls, text: str) -> Weights:
        """Read weights, each from 0 to `HEAVIEST` with at most one decimal.

        Raises
        ------
        ChoiceError
            For a characteristic that does not exist, or a weight that is none.
        """
        keys = [item.key for item in known()]
        chosen = {}
        for part in filter(None, text.split(",")):
            key, _, value = part.partition(":")
            if key not in keys:
                # An address is anybody's text: only what could be a characteristic is repeated.
                told = f" ”{key}”" if re.fullmatch(r"\w{1,20}", key) else " med det namnet"
                raise ChoiceError(f"Det finns ingen egenskap{told} att väga. Välj bland {', '.join(keys)}.")
            if not re.fullmatch(r"[0-9](\.[0-9])?", value) or float(value) > HEAVIEST:
                raise ChoiceError(f"Vikten för {key} måste vara ett tal från 0 till {HEAVIEST}.")
            chosen[key] = float(value)
        return cls(chosen)

    @property
    def text(self) -> str:
        """The weights that differ from the default ones, as `parse` reads them."""
        default = {item.key: item.weight for item in known()}
        return ",".join(f"{key}:{value:g}" for key, value in self.chosen.items() if value != default[key])


@dataclass(frozen=True)
class Profile:
    """The characteristics of all municipalities: ``values`` has shape (municipalities, characteristics).

    ``years`` says which year each characteristic is from. Values are as shown; `scaled` is what is
    compared.
    """

    codes: tuple[str, ...]
    characteristics: tuple[Characteristic, ...]
    years: tuple[int, ...]
    values: Floats

    @property
    def scaled(self) -> Floats:
        """The values on the scale they are compared on (logarithms of sizes)."""
        log = np.array([item.log for item in self.characteristics], dtype=bool)
        return np.where(log, np.log(np.where(log, np.maximum(self.values, 1e-9), 1.0)), self.values)

    def weights(self, chosen: Mapping[str, float] | None = None) -> Floats:
        """Return the weights by characteristic, the default ones where none is chosen."""
        chosen = chosen or {}
        return np.array([chosen.get(item.key, item.weight) for item in self.characteristics], dtype=float)

    def for_model(self) -> tuple[tuple[str, ...], Floats]:
        """Return the labels and scaled values of the characteristics that the model uses."""
        used = [n for n, item in enumerate(self.characteristics) if item.in_model]
        return tuple(self.characteristics[n].label for n in used), self.scaled[:, used]


@cache
def known() -> tuple[Characteristic, ...]:
    """Return the characteristics of the reference table."""
    return tuple(
        Characteristic(
            key=row["key"],
            label=row["label"],
            unit=row["unit"],
            log=row["scale"] == "log",
            weight=float(row["weight"]),
            in_model=row["model"] == "ja",
            covariates=tuple(row["covariates"].split()),
            why=row["why"],
        )
        for row in reference.read_csv("characteristics.csv")
    )


def profile(warehouse: Warehouse) -> Profile:
    """Return the newest known characteristics of all municipalities; those too incomplete are left out."""
    codes = tuple(queries.municipalities(warehouse)["code"])
    stored = queries.covariates(warehouse)
    people = queries.populations(warehouse)
    found: list[tuple[Characteristic, int, Floats]] = []
    for item in known():
        candidates = [_computed(item.key, people)] if not item.covariates else []
        for name in item.covariates:
            candidates += list(stored.get(name, []))
        for year, values in candidates:
            column = np.array([values.get(code, np.nan) for code in codes], dtype=float)
            if np.isfinite(column).mean() >= _ENOUGH:
                found.append((item, year, column))
                break
    table = np.column_stack([column for *_, column in found]) if found else np.zeros((len(codes), 0))
    return Profile(codes, tuple(item for item, *_ in found), tuple(year for _, year, _ in found), table)


def _computed(key: str, people: Mapping[int, Mapping[str, float]]) -> tuple[int, Mapping[str, float]]:
    if not people:
        return 0, {}
    last = max(people)
    if key == "tathet":
        return _density(last, people[last])
    if key != "forandring":
        return last, people[last]
    first = min((year for year in people if last - _GROWTH_YEARS <= year < last), default=last)
    if first == last:
        return last, {}
    both = people[last].keys() & people[first].keys()
    years = last - first
    return last, {c: 100 * ((people[last][c] / people[first][c]) ** (1 / years) - 1) for c in both}


def _density(year: int, people: Mapping[str, float]) -> tuple[int, Mapping[str, float]]:
    areas = {code: place.area for code, place in reference.geography().items()}
    return year, {code: n / areas[code] for code, n in people.items() if code in areas}
