"""The register of every chart: what it is called, which question it answers, and its typed parameters."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from lagesbild.comparison.characteristics import ChoiceError, Weights
from lagesbild.comparison.groups import own_list
from lagesbild.comparison.panel import Panel
from lagesbild.data import municipality
from lagesbild.data.crimes import Tree
from lagesbild.data.warehouse import Horizon
from lagesbild.figures.model import ChartError, Drawn

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse

#: How far a chart looked when it was first drawn: it is drawn again with no more.
HORIZON = "horizon"
#: Parameters of the comparison groups and of what is looked at; every chart takes them.
GROUP_SETTINGS = ("weights", "own", HORIZON)
_Build = TypeVar("_Build", bound=Callable[..., Drawn])


def names_own(parameters: Mapping[str, str | int]) -> bool:
    """Tell whether a chart's parameters name weights or a list that somebody has chosen."""
    return any(parameters.get(name) for name in ("weights", "own"))


class ChartContext:
    """What charts are drawn from: a vintage, and all municipalities with the reader's own weights and list.

    Parameters
    ----------
    panel
        Made from the same vintage; default a new one.
    weights, own
        As they stand in the address: ``unga:2,tathet:0`` and ``1880,1881``.
    """

    def __init__(
        self, warehouse: Warehouse, panel: Panel | None = None, weights: str = "", own: str = ""
    ) -> None:
        self.warehouse = warehouse
        self.panel = panel or Panel(warehouse)
        self.weights, self.own = weights, own

    @classmethod
    def of(cls, warehouse: Warehouse, parameters: Mapping[str, str | int]) -> ChartContext:
        """Return what a chart with these parameters is drawn from."""
        weights, own, horizon = (str(parameters.get(name, "")) for name in GROUP_SETTINGS)
        if horizon:
            try:
                warehouse = warehouse.within(Horizon.read(horizon))
            except ValueError:
                raise ChartError(f"{HORIZON} är fyra år med punkt emellan.") from None
        home = str(parameters.get("home", ""))
        try:
            codes = own_list(own, municipality.names_of(warehouse), home)
            panel = Panel(warehouse, Weights.parse(weights).chosen, {home: codes} if codes else None)
        except ChoiceError as error:
            raise ChartError(str(error)) from error
        return cls(warehouse, panel, weights, own)

    def asked_for(self, parameters: Mapping[str, str | int]) -> ChartContext:
        """Return what a chart with these parameters is drawn from: this, or what the weights or list in them make."""
        return ChartContext.of(self.warehouse, parameters) if names_own(parameters) else self

    @property
    def settings(self) -> dict[str, str]:
        """The reader's own weights and list, those that there are."""
        return {name: text for name, text in (("weights", self.weights), ("own", self.own)) if text}

    @property
    def chosen(self) -> tuple[Hashable, ...]:
        """What tells charts that are drawn from this from everybody's; empty where nothing does."""
        told = (self.weights, self.own, *self.panel.chosen, self.warehouse.horizon)
        return told if any(told) else ()

    @cached_property
    def tree(self) -> Tree:
        """The tree of crime types."""
        return Tree.of(self.warehouse)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the municipalities by code."""
        return self.panel.names

    def name(self, home: str) -> str:
        """Return a municipality's name, or raise `ChartError`."""
        if home not in self.names:
            raise ChartError(f"Det finns ingen kommun med koden {home}.")
        return self.names[home]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a chart: its name, whether it is a whole number, and whether it must be given."""

    name: str
    whole: bool
    needed: bool


@dataclass(frozen=True)
class Definition:
    """An entry of the register; ``reads`` tells how to read it, in two to four plain sentences."""

    id: str
    name: str
    question: str
    build: Callable[..., Drawn]
    reads: str = ""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The typed parameters, read from the function that draws the chart."""
        hints = typing.get_type_hints(self.build)
        return tuple(
            Parameter(name, _is_whole(hints[name]), item.default is inspect.Parameter.empty)
            for name, item in list(inspect.signature(self.build).parameters.items())[1:]
        )


def _is_whole(hint: object) -> bool:
    return hint is int or (isinstance(hint, types.UnionType) and int in typing.get_args(hint))


REGISTER: dict[str, Definition] = {}


def registered(id_: str, name: str, question: str, reads: str = "") -> Callable[[_Build], _Build]:
    """Enter a function that draws a chart in the register.

    ``reads``: what its marks, lines and colours are. It stands here, where whoever changes the drawing sees it.
    """

    def enter(build: _Build) -> _Build:
        REGISTER[id_] = Definition(id_, name, question, build, reads)
        return build

    return enter
