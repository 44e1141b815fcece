"""What is flagged for a municipality, what lies behind it, and how often it is flagged in vain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.hotspots import alarms
from lagesbild.hotspots.alone import alone, stand_in_text
from lagesbild.hotspots.exports import titles_of
from lagesbild.hotspots.flags import BUDGET, Flag, FlagStatus
from lagesbild.hotspots.surveillance import monthly
from lagesbild.hotspots.watching import SCAN_WEEKS, Look, Watched, WatchMethod
from lagesbild.hotspots.words import METHODS, STATUSES, flag_text, since_text, unusual_text
from lagesbild.signals.store import LocalDataError, Signal
from lagesbild.swedish import genitive, long_date, month_and_year, number, spelled
from pages.parts import coordinator, markup, stored

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.signals.store import Decision


_ALSO = (
    (WatchMethod.CRIMES, "Brås månadssiffror"),
    (WatchMethod.COUNTY, "länet i rum och tid"),
    (WatchMethod.LOCAL, "orterna vecka för vecka"),
)


_UNSPENT = "Så många blir det inte här: redan det som slumpen ger var fjärde gång flaggas. "


@st.cache_resource(max_entries=16, show_spinner="Går igenom det senaste året ...")
def _looks(
    vintage: str,
    home: str,
    until: date | None,
    signals: tuple[Signal, ...],
    today: date,
    _warehouse: Warehouse,
) -> tuple[Watched, list[Look]] | None:
    del vintage  # only a key
    watched = alarms.watched_with(_warehouse, signals, home, until, today)
    return (watched, watched.history()) if watched else None


def _flags(
    found: alarms.Overview, watched: Watched, home: str, names: dict[str, str], titles: dict[str, str]
) -> None:
    shown = found.flags if coordinator.logged_in() else found.public()
    decided = _decided(home)
    status = {flag.id: alarms.status_of(flag, decided.get(flag.id, ())) for flag in shown}
    still = [flag for flag in shown if status[flag.id] is not FlagStatus.CLOSED]
    over = [flag for flag in shown if status[flag.id] is FlagStatus.CLOSED]
    finding = _flag_finding(len(still), month_and_year(watched.months[-1]))
    st.subheader(finding if found.watches else f"{names[home]} kan inte bevakas")
    markup.below_heading(
        f"{_watched_text(found.watches, watched, home, names)} "
        f"Gränserna är satta efter hur många falska larm som är godtagbara: {budget_text(found.budget)} om året. "
        f"{'' if found.spent else _UNSPENT}Hur ovanligt något är räknas för varje serie för sig."
    )
    if still:
        _flag_table(still, status, names, titles, "Öppna flaggor")
    if over:
        with st.expander(f"Avslutade det senaste året: {number(len(over))}", key="flags_over"):
            _flag_table(over, status, names, titles, "Avslutade flaggor")
    if shown:
        with st.expander("Siffrorna bakom flaggorna", key="flag_numbers"):
            _flag_numbers(shown, names)


def _watched_text(
    watches: Collection[tuple[WatchMethod, str]], watched: Watched, home: str, names: dict[str, str]
) -> str:
    """Say what can be flagged at all, and why the municipality's own series may not be among it."""
    own = (WatchMethod.SERIES, home) in watches
    near = sorted(names[code] for method, code in watches if method is WatchMethod.SERIES and code != home)
    methods = {method for method, _ in watches}
    parts = [f"{names[home]} och dess grannar i länet" if own and near else names[home] if own else ""]
    parts += [f"grannarna {', '.join(near)}" if near and not own else ""]
    parts += [text for method, text in _ALSO if method in methods]
    listed = [part for part in parts if part]
    told = f"Bevakas: {', '.join(listed)}." if listed else "Underlaget räcker inte."
    if WatchMethod.COUNTY in methods and watched.too_large():
        large = names[watched.too_large()[0]]
        told += f" När alla händelser räknas ihop söks anhopningar i länet utan {large}, som har mer än hälften av dem."
    if own:
        return f"{told} {stand_in_text(names[home])}" if home in alone(names) else told
    why = "färre än en notis i månaden, eller inget övrigt län att jämföra med"
    if monthly(len(watched.months) - 1) is None:
        why = f"det behövs mer än två år utan luckor, och det finns {number(len(watched.months))} månader"
    return f"{told} {genitive(names[home])} egen serie bevakas inte: {why}."


def budget_text(budget: float) -> str:
    """Write a budget with decimals only where it has them."""
    return number(budget, 1 if budget % 1 else 0)


def _flag_finding(still: int, last: str) -> str:
    """Say how many are flagged, and up to which month: what is collected may have ended long ago."""
    told = "Inget är flaggat"
    if still:
        told = "En sak är flaggad" if still == 1 else f"{spelled(still).capitalize()} saker är flaggade"
    return f"{told}, till och med {last}"


def _decided(home: str) -> dict[str, list[Decision]]:
    try:
        return coordinator.local_store().decisions(home)
    except LocalDataError:
        return {}  # told where the coordinator logs in


def _flag_table(
    flags: Sequence[Flag],
    status: dict[str, FlagStatus],
    names: dict[str, str],
    titles: dict[str, str],
    caption: str,
) -> None:
    heads = [("Vad och var", ""), ("Hur ovanligt", ""), ("Sedan", "w"), ("Läge", "w"), ("Hittad i", "")]
    rows = [
        (
            markup.with_why(
                flag_text(flag, names),
                f"{titles.get(flag.key, flag.key)}{', preliminära siffror' if flag.preliminary else ''}. Flagga {flag.id}",
            ),
            unusual_text(flag),
            since_text(flag).removeprefix("sedan "),
            STATUSES[status[flag.id]],
            METHODS[flag.method],
        )
        for flag in flags
    ]
    markup.table(heads, rows, caption)


def _flag_numbers(flags: Sequence[Flag], names: dict[str, str]) -> None:
    heads = [("Flagga", ""), ("Från och med", "w"), ("Var", ""), ("Antal", "n"), ("Väntat", "n"), ("p", "n")]
    rows = [
        (
            flag.id,
            f"{when:%Y-%m-%d}",
            ", ".join(names.get(place, place) for place in finding.places),
            number(finding.observed),
            number(finding.expected, 1),
            number(finding.p_value, 3),
        )
        for flag in flags
        for when, finding in reversed(flag.seen)
    ]
    markup.table(heads, rows, "Varje gång flaggorna setts")


def _inside(watched: Watched, name: str) -> None:
    local = next((one for one in watched.local if one.method is WatchMethod.LOCAL), None)
    st.subheader(f"Orterna i {name}")
    if local is None:
        markup.below_heading("Inga notiser nämner en ort i kommunen, eller så är orternas namn inte inlagda.")
        return
    weeks = min(SCAN_WEEKS, local.last + 1)
    year = local.weeks > local.last - weeks
    each = number(year.sum() / max(weeks, 1) / len(local.localities), 2)
    span = "ett år" if weeks == SCAN_WEEKS else f"{number(weeks)} veckor"
    end = long_date(local.week(local.last) + timedelta(days=6))
    markup.below_heading(
        f"{number(int(year.sum()))} notiser på {span}, till och med {end}, nämner en ort eller väg i kommunen, {each} "
        "per ort och vecka. Notiserna har inget läge utöver namnet, och är för få för att leta klungor på en karta: varje ort jämförs "
        "i stället med sig själv, vecka för vecka."
    )
    rows = []
    for n, locality in enumerate(local.localities):
        here = local.where == n
        rows.append((locality, int((here & (local.weeks > local.last - 4)).sum()), int((here & year).sum())))
    rows.sort(key=lambda row: (-row[1], -row[2], row[0]))
    heads = [("Ort eller väg", ""), ("De fyra sista veckorna", "n"), (span.capitalize(), "n")]
    cells = [(name, number(new), number(whole)) for name, new, whole in rows if whole]
    if cells:
        markup.table(heads, cells, "Notiser per ort")


def _false_alarms(watched: Watched, warehouse: Warehouse, home: str, budget: float) -> None:
    st.subheader("Hur ofta larmar det i onödan?")
    folder = stored.settings().derived_folder
    own = home == stored.default_municipality(warehouse)
    if not own and not alarms.is_measured(watched, warehouse.vintage, folder):
        markup.below_heading(
            "Mäts genom att spela upp tio år där inget annat än slump händer. Det tar upp till en minut."
        )
        if not st.button("Mät nu", key="measure"):
            return
    with st.spinner("Spelar upp tio lugna år ..."):
        rate, low, high = alarms.measured(watched, warehouse.vintage, folder)[budget]
    markup.paragraph(
        f"På tio simulerade lugna år blev det {number(rate, 1)} flaggor om året (95 procents säkerhet: {number(low, 1)} till "
        f"{number(high, 1)}). Budgeten är {budget_text(budget)}. Vad flaggorna hade varit värda i efterhand står "
        "på sidan Metod."
    )


def _of_coordinator(home: str, today: date) -> tuple[float, tuple[Signal, ...]]:
    """Return the coordinator's budget and signals; the usual budget and none if the local file is damaged."""
    store = coordinator.local_store()
    try:
        return alarms.budget_of(store, home), tuple(store.signals(home, today))
    except LocalDataError as error:
        st.warning(str(error))
        return BUDGET, ()


@dataclass(frozen=True, kw_only=True)
class MunicipalityWatch:
    """All that is watched for a municipality up to a month (``now``: all there is), and what is flagged."""

    warehouse: Warehouse
    home: str
    names: dict[str, str]
    watched: Watched
    overview: alarms.Overview
    titles: dict[str, str]
    now: bool

    def show_flags(self) -> None:
        """Show what is flagged."""
        _flags(self.overview, self.watched, self.home, self.names, self.titles)

    def show_rest(self) -> None:
        """Show the localities, the coordinator's part, and how often it is flagged in vain."""
        _inside(self.watched, self.names[self.home])
        coordinator.guarded(self.home, self.overview, self.names, self.titles)
        if self.now:
            _false_alarms(self.watched, self.warehouse, self.home, self.overview.budget)


def watch(
    warehouse: Warehouse, home: str, until: date | None, names: dict[str, str]
) -> MunicipalityWatch | None:
    """Go through everything watched for a municipality, up to a month (None: all there is)."""
    today = coordinator.today()
    budget, signals = _of_coordinator(home, today)
    found = _looks(warehouse.vintage, home, until, signals, today, warehouse)
    if found is None:
        return None
    watched, looks = found
    return MunicipalityWatch(
        warehouse=warehouse,
        home=home,
        names=names,
        watched=watched,
        overview=alarms.Overview.of(looks, budget),
        titles=titles_of(warehouse),
        now=until is None,
    )
