"""What is flagged for a municipality, what lies behind it, and how often it is flagged in vain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.hotspots import alarms, hindsight
from lagesbild.hotspots.cube import step_name
from lagesbild.hotspots.exports import titles_of
from lagesbild.hotspots.flags import BUDGET, NOTICES, Flag
from lagesbild.hotspots.watching import WatchMethod
from lagesbild.hotspots.words import (
    DECISIONS,
    METHODS,
    STATUSES,
    county_text,
    flag_text,
    since_text,
    told_together,
    unusual_text,
)
from lagesbild.signals.store import LocalDataError, Signal
from lagesbild.swedish import inside, joined, long_date, number, spelled
from pages.parts import coordinator, markup, stored, who

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.reported import Judged
    from lagesbild.signals.store import Decision

_MONTHS = 12
#: So many series' quiet years are played out at once; more take seconds, and wait until they are asked for.
_FEW = 3
_MEASURE = "Mät hur ofta det larmar i onödan (några sekunder)"
#: Municipalities, and months of them, that are kept.
_WATCHED = 64
_UNSPENT = "Så många blir det inte här: det som slumpen ger oftare än var tjugonde gång flaggas aldrig. "


def every_judged(warehouse: Warehouse) -> list[Judged]:
    """Return all municipalities' series, judged once a vintage."""
    return warehouse.worked_out("every judged", alarms.every_judged)


def _watch(
    warehouse: Warehouse,
    home: str,
    until: date | None,
    signals: tuple[Signal, ...],
    today: date,
    notices: bool,
) -> alarms.Watch:
    def found(whole: Warehouse) -> alarms.Watch:
        watched = alarms.watch_of(
            whole, home, until, signals, today, notices=notices, everything=every_judged(whole)
        )
        _ = watched.looks  # worked out once for all readers
        return watched

    return warehouse.worked_out("watch", found, (home, until, signals, today, notices), _WATCHED)


@dataclass(frozen=True, kw_only=True)
class MunicipalityWatch:
    """All that is watched for a municipality up to a month (``now``: all there is), and what is flagged."""

    warehouse: Warehouse
    home: str
    names: Mapping[str, str]
    watch: alarms.Watch
    overview: alarms.Overview
    titles: Mapping[str, str]
    decided: Mapping[str, Sequence[Decision]]
    now: bool

    def show_flags(self) -> None:
        """Show what is flagged, told together where it rises together."""
        shown = self.overview.flags if coordinator.logged_in() else self.overview.public()
        calling = [flag for flag in shown if alarms.is_open(flag, self.decided.get(flag.id, ()))]
        rest = [flag for flag in shown if flag not in calling]
        told = _finding(len(alarms.together_in(calling)), self.reach)
        markup.section(
            told if self.overview.watches else f"{self.names[self.home]} kan inte bevakas", "flaggor"
        )
        markup.below_heading(self._watched_text())
        self._told(calling, "Det som är flaggat")
        if rest and not calling:
            markup.paragraph(told_together(alarms.together_in(rest)[0], self.names, self.titles))
        if rest:
            with st.expander(f"Över eller avfärdat det senaste året: {number(len(rest))}", key="flags_over"):
                self._told(rest, "Det som är över eller avfärdat")
        if shown:
            with st.expander("Siffrorna bakom flaggorna", key="flag_numbers"):
                self._numbers(shown)

    @property
    def reach(self) -> str:
        """How far the reported crimes reach, in Swedish."""
        total = self.watch.total
        if total is None:
            return ""
        return step_name(total.crimes.steps[-1], total.crimes.per_year)

    def _watched_text(self) -> str:
        watches = self.overview.watches
        own = (WatchMethod.REPORTED, self.home) in watches
        near = [
            self.names[code]
            for method, code in watches
            if method is WatchMethod.REPORTED and code != self.home
        ]
        types = sum(one.crimes.per_year == _MONTHS for one in self.watch.reported)
        parts = [f"anmälda brott {inside(self.names[self.home])}"] if own else []
        parts += [f"{number(types)} brottstyper per månad"] if types else []
        parts += [f"grannarna {joined(sorted(near))}"] if near else []
        methods = {method for method, _ in watches}
        parts += ["grannkommuner som ökar tillsammans"] if WatchMethod.TOGETHER in methods else []
        parts += ["polisens notiser"] if methods & NOTICES else []
        parts += ["lokala signaler"] if WatchMethod.SIGNALS in methods and coordinator.logged_in() else []
        if not parts:
            return "Inget kan bevakas: det saknas anmälda brott per kvartal för kommunen."
        budget = f"{budget_text(self.overview.budget)} om året"
        return (
            f"Bevakas: {joined(parts)}. Varje kommun jämförs med sin vanliga andel av rikets brott. Gränserna är satta efter "
            f"hur många falska larm som är godtagbara: {budget}. {'' if self.overview.spent else _UNSPENT}"
        ).strip()

    def _told(self, flags: Sequence[Flag], caption: str) -> None:
        if not flags:
            return
        rows: list[tuple[str, ...]] = []
        for group in alarms.together_in(flags):
            if len(group) > 1:
                rows.append((told_together(group, self.names, self.titles), "", "", "", ""))
            rows += [self._row(flag) for flag in group]
        heads = [("Vad och var", ""), ("Hur ovanligt", ""), ("Sedan", "w"), ("Läge", "w"), ("Beslut", "")]
        markup.table(heads, rows, caption)

    def _row(self, flag: Flag) -> tuple[str, ...]:
        decided = self.decided.get(flag.id, ())
        told = DECISIONS[decided[0].decision] if decided else "–"
        why = f"{long_date(decided[0].decided_at.date())}" if decided else ""
        if decided and coordinator.logged_in():
            why = f"{decided[0].reason} {why}"
        if alarms.comes_back(flag, decided):
            told = f"{told}, men har vuxit sedan dess"
        said = [METHODS[flag.method], county_text(self.watch.against_county(flag))]
        said += ["Preliminära siffror" if flag.preliminary else "", f"Flagga {flag.id}"]
        return (
            markup.with_why(
                flag_text(flag, self.names, self.titles),
                ". ".join(one for one in said if one),
            ),
            unusual_text(flag),
            since_text(flag).removeprefix("sedan "),
            STATUSES[flag.status],
            markup.with_why(told, why) if why else told,
        )

    def _numbers(self, flags: Sequence[Flag]) -> None:
        heads = [
            ("Flagga", ""),
            ("Från och med", "w"),
            ("Var", ""),
            ("Antal", "n"),
            ("Väntat", "n"),
            ("p", "n"),
        ]
        rows = [
            (
                flag.id,
                f"{when:%Y-%m-%d}",
                ", ".join(self.names.get(place, place) for place in finding.places),
                number(finding.observed),
                number(finding.expected, 1),
                number(finding.p_value, 3),
            )
            for flag in flags
            for when, finding in reversed(flag.seen)
        ]
        markup.table(heads, rows, "Varje gång flaggorna setts")

    def show_worth(self) -> None:
        """Show how often it is flagged in vain, and what came of such flags in hindsight."""
        markup.section("Hur mycket är en flagga värd?", "varde")
        level = self.overview.levels[WatchMethod.REPORTED]
        told = _worth(self.warehouse.vintage, round(level, 3), self.overview.budget, _watch=self.watch)
        if told:
            markup.paragraph(told)
        if self.watch.notices is not None:
            told = coordinator.notices_worth(self.warehouse, self.home, self.overview.budget)
            markup.paragraph(f"Larm på polisens notiser är påslagna. {told}")
        folder = stored.settings().derived_folder
        kept = alarms.is_measured(self.watch, self.warehouse.vintage, folder)
        if not kept and len(self.watch.reported) > _FEW and not st.button(_MEASURE, key="measure"):
            return
        with st.spinner("Spelar upp tio lugna år ..."):
            rate, low, high = alarms.measured(self.watch, self.warehouse.vintage, folder)[
                self.overview.budget
            ]
        markup.paragraph(
            f"Falska larm: på tio simulerade lugna år, där inget annat än slump händer, blev det {number(rate, 1)} flaggor om "
            f"året (felmarginal: {number(low, 1)} till {number(high, 1)}). Godtagbart är satt till "
            f"{budget_text(self.overview.budget)}."
        )

    def show_coordinator(self) -> None:
        """Show the coordinator's part, behind the password."""
        coordinator.guarded(self.warehouse, self.home, self.overview, self.names, self.titles)


@st.cache_data(max_entries=16, show_spinner=False)
def _worth(vintage: str, level: float, budget: float, *, _watch: alarms.Watch) -> str:
    del vintage, level  # only a key: the budget of another municipality gives another level
    found = hindsight.of_reported(_watch, budget)
    return hindsight.told_reported(found) if found else ""


def budget_text(budget: float) -> str:
    """Write a budget with decimals only where it has them."""
    return number(budget, 1 if budget % 1 else 0)


def _finding(still: int, reach: str) -> str:
    """Say how many are flagged, and up to which quarter: the figures may have ended long ago."""
    told = "Inget är flaggat"
    if still:
        told = "En sak är flaggad" if still == 1 else f"{spelled(still).capitalize()} saker är flaggade"
    return f"{told} i siffrorna till och med {reach}" if reach else told


def _of_coordinator(home: str, today: date) -> tuple[float, tuple[Signal, ...], bool]:
    """Return the coordinator's budget, signals and whether notices are watched; the usual if the local file is damaged."""
    store = who.store()
    try:
        return (
            alarms.budget_of(store, home),
            tuple(store.signals(home, today)),
            alarms.notices_watched(store, home),
        )
    except LocalDataError as error:
        st.warning(str(error))
        return BUDGET, (), False


def _decided(home: str) -> dict[str, list[Decision]]:
    try:
        return who.store().decisions(home)
    except LocalDataError:
        return {}  # told where the coordinator logs in


def watch(warehouse: Warehouse, home: str, until: date | None, names: Mapping[str, str]) -> MunicipalityWatch:
    """Go through everything watched for a municipality, up to a month (None: all there is)."""
    today = who.today()
    budget, signals, notices = _of_coordinator(home, today)
    found = _watch(warehouse, home, until, signals, today, notices)
    return MunicipalityWatch(
        warehouse=warehouse,
        home=home,
        names=names,
        watch=found,
        overview=alarms.Overview.of(found, budget),
        titles=titles_of(warehouse),
        decided=_decided(home),
        now=until is None,
    )
