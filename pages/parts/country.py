"""The list of all municipalities: sorted, searched and turned page by page on the server; every choice in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from lagesbild.comparison import words
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.swedish import interval, number, plain
from pages.parts import choices, long_table, markup
from pages.parts.pairs import address, linked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lagesbild.comparison.everyone import Everyone, One
    from lagesbild.data.indicators import Indicator

#: Letters that are searched for at most.
_LONGEST = 40
SORTED, SOUGHT, PAGE = "sortera", "sok", "sida"
#: Level and how it is sorted: what stands out first.
_LEVELS = {Level.HIGHER: 0, Level.LOWER: 1, Level.LEVEL: 2, Level.UNDECIDED: 3}

#: By what is written in the address: what a reader chooses, and the key; None comes last.
ORDERS: Mapping[str, tuple[str, Callable[[One], float | None]]] = {
    "varde": ("Värde, högst först", lambda one: -one.value.rate if one.value else None),
    "varde_lagst": ("Värde, lägst först", lambda one: one.value.rate if one.value else None),
    "namn": ("Namn", lambda _: 0.0),
    "lan": ("Län", lambda one: float(one.code[:2])),
    "kvot": (
        "Gånger gruppens median, högst först",
        lambda one: -one.ratio if one.ratio is not None else None,
    ),
    "kvot_lagst": ("Gånger gruppens median, lägst först", lambda one: one.ratio),
    "niva": ("Bedömning, högre först", lambda one: _LEVELS[one.level] if one.level is not None else None),
    "ovanligt": ("Ovanligast först", lambda one: one.p_value),
    "forandring": ("Förändring, störst ökning först", lambda one: _share_changed(one, -1)),
    "forandring_minskning": ("Förändring, störst minskning först", lambda one: _share_changed(one, 1)),
}


def _share_changed(one: One, sign: int) -> float | None:
    change = one.change
    return sign * change.difference / change.before if change is not None and change.before else None


def in_order(ones: Sequence[One], order: str) -> list[One]:
    """Return municipalities in an order of `ORDERS`; those without what it goes by last, equals as they stood."""
    key = ORDERS[order][1]
    with_key = [(key(one), n, one) for n, one in enumerate(ones)]
    known = sorted(
        ((value, n, one) for value, n, one in with_key if value is not None), key=lambda row: row[:2]
    )
    return [one for *_, one in known] + [one for value, _, one in with_key if value is None]


def sought(ones: Sequence[One], text: str) -> list[One]:
    """Return those whose name or county has what is searched for, also without its letters' marks, or whose code begins so."""
    wanted = plain(" ".join(text.split()))
    return [
        one
        for one in ones
        if wanted in plain(one.name)
        or wanted in plain(one.county)
        or (wanted and one.code.startswith(wanted))
    ]


def show(found: Everyone, measure: Indicator, group: str, home: str) -> list[One]:
    """Show the list with its choices; returns all that it holds, in order."""
    order, text = _choices()
    ones = in_order(sought(found.ones, text), order)
    if not ones:
        st.info("Ingen kommun och inget län stämmer med det du skrev. Skriv färre bokstäver.")
        return ones
    shown = long_table.turned(ones, PAGE, f"{order} {text} {found.indicator} {found.kind}")
    _table(shown, found, measure, group, home)
    return ones


def _choices() -> tuple[str, str]:
    left, right = st.columns(2)
    with left:
        order = choices.choose("Sortera efter", {key: told for key, (told, _) in ORDERS.items()}, SORTED)
    with right:
        text = choices.typed("Sök kommun eller län", SOUGHT, max_chars=_LONGEST)
    return order, text


def _table(shown: Sequence[One], found: Everyone, measure: Indicator, group: str, home: str) -> None:
    heads = [
        ("Kommun", ""),
        ("Län", ""),
        (f"Värde, {words.unit_text(measure.unit)}", "n", "Med 95 procents felmarginal"),
        ("Plats", "n", "Bland alla kommuner, 1 är högst"),
        ("Gånger medianen", "n", "Värdet delat med den egna gruppens mittersta kommun"),
        ("Bedömning", "", "Mot kommunens egen grupp"),
        ("Så långt ligger", "w", "Så stor andel av kommunerna ligger minst så långt från sin egen grupp"),
        ("Brott mot året innan", "n", "Antal brott fler eller färre, och om det är ovanligt"),
    ]
    rows = [_row(one, found, measure, group, home) for one in shown]
    markup.table(heads, rows, f"{measure.short} {found.year} i alla kommuner")


def _row(one: One, found: Everyone, measure: Indicator, group: str, home: str) -> tuple[str, ...]:
    href = address("./", kommun=one.code, nyckeltal=measure.id, grupp=group)
    name = linked(one.name, href)
    name = Markup("<b>{}</b>").format(name) if one.code == home else name
    value = one.value
    if value is None:
        return (name, one.county, "uppgift saknas", "–", "–", "–", "–", "–")
    places = words.decimals(measure.unit)
    limits = value.interval
    margin = interval(limits.lower, limits.upper, places) if limits else "okänd felmarginal"
    return (
        name,
        one.county,
        markup.with_why(number(value.rate, places), margin),
        f"{one.rank} av {found.ranked}",
        number(one.ratio, 2) if one.ratio is not None else "–",
        _level(one),
        words.share_text(one.p_value),
        _change(one),
    )


def _level(one: One) -> str:
    if one.level is None:
        return "gruppen saknar värden"
    text = markup.verdict(
        f"{words.SYMBOLS[one.level]} {words.LEVELS[one.level]}", up=one.level is Level.HIGHER
    )
    return markup.with_why(text, "sticker ut") if one.stands_out else text


#: In a few words, for cells.
_CHANGES = {
    ChangeWord.UNUSUAL_INCREASE: "ovanlig ökning",
    ChangeWord.UNUSUAL_DECREASE: "ovanlig minskning",
    ChangeWord.ORDINARY: "inte ovanligt",
    ChangeWord.CHANCE: "kan vara en slump",
    ChangeWord.NONE: "oförändrat",
}


def _change(one: One) -> str:
    if one.change is None:
        return "kan inte prövas"
    return markup.with_why(number(one.change.difference, sign=True), _CHANGES[one.change.word])
