"""Municipalities beside each other: who is chosen (it stands in the address), the evidence, and whether they are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from lagesbild.comparison import pair_words, pairs, words
from lagesbild.data.municipality import surely_meant
from lagesbild.data.warehouse.queries import FIRST_MEASURES
from lagesbild.swedish import number
from pages.parts import choices, markup
from pages.parts.municipality_box import municipality_box, take_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.pairs import Beside, Pair
    from lagesbild.comparison.panel import Panel
    from lagesbild.data.crimes import Tree

WITH = "med"
_BOXES_IN_A_ROW = 3
_TOLD = "pairs_told"


def address(page: str, **chosen: str) -> str:
    """Return a page's address with choices; ``./`` is the first page."""
    return f"{page}?{urlencode({name: value for name, value in chosen.items() if value})}"


def linked(text: str, href: str) -> Markup:
    """Return a link for a table's cell."""
    return Markup("<a href='{}' target='_self'>{}</a>").format(href, text)


def choose_others(panel: Panel, home: str) -> list[str]:
    """Let the reader choose whom the home is put beside, one to five; ``?med=1881,Örebro``."""
    others = _asked(panel, home)
    told = st.session_state.pop(_TOLD, "")
    if told:
        st.warning(told)
    columns = st.columns(_BOXES_IN_A_ROW)
    for n, code in enumerate(others):
        with columns[n % _BOXES_IN_A_ROW]:
            _one_box(panel.names, home, others, n, code)
    _more_or_fewer(panel, home, others)
    choices.set_choice(WITH, ",".join(others))
    return others


def _asked(panel: Panel, home: str) -> list[str]:
    """Return the others that the address names; what is no municipality is told, and the one most alike is the default."""
    parts = [part.strip() for part in st.query_params.get(WITH, "").split(",") if part.strip()]
    codes = [surely_meant(part, panel.names) for part in parts]
    if None in codes:
        st.warning("En av kommunerna i adressen finns inte, och visas inte. Välj en kommun i listan.")
    known = [code for code in dict.fromkeys(codes) if code is not None and code != home]
    if len(known) >= pairs.MOST:
        st.warning(f"Högst {pairs.MOST} kommuner visas samtidigt. De första visas.")
    default = pairs.most_alike(panel, home)
    return known[: pairs.MOST - 1] or ([default] if default else [])


def _one_box(names: Mapping[str, str], home: str, others: Sequence[str], n: int, code: str) -> None:
    label = "Jämför med" if len(others) == 1 else f"Jämför med, {n + 1}"
    key = f"pairs_with_{n}"
    chosen = municipality_box(label, names, code, key)
    if chosen == code:
        return
    if chosen == home or chosen in others:
        st.session_state[_TOLD] = f"{names[chosen]} är redan med. Välj en annan kommun."
        take_back(key)
    else:
        choices.set_choice(WITH, ",".join(chosen if m == n else one for m, one in enumerate(others)))
    st.rerun()


def _more_or_fewer(panel: Panel, home: str, others: Sequence[str]) -> None:
    with st.container(horizontal=True):
        free = next((code for code in _suggested(panel, home) if code not in {home, *others}), None)
        if len(others) < pairs.MOST - 1 and free and st.button("Lägg till en kommun", key="pairs_more"):
            choices.set_choice(WITH, ",".join([*others, free]))
            st.rerun()
        if len(others) > 1 and st.button(f"Ta bort {panel.names[others[-1]]}", key="pairs_fewer"):
            choices.set_choice(WITH, ",".join(others[:-1]))
            st.rerun()


def _suggested(panel: Panel, home: str) -> list[str]:
    """Return whom a reader may want to add: neighbours first, then the ones most alike, then anybody."""
    kinds = [panel.kinds[key] for key in ("neighbours", "nearest") if key in panel.kinds]
    return [*(code for kind in kinds for code in kind.members_of.get(home, ())), *panel.codes]


def neighbours(panel: Panel, home: str, indicator: str) -> None:
    """Show a line of links that put the home beside each of its neighbours."""
    kind = panel.kinds.get("neighbours")
    members = [code for code in kind.members_of.get(home, ()) if code != home] if kind else []
    if members:
        links = Markup(", ").join(
            linked(panel.names[code], address("jamfor", kommun=home, med=code, nyckeltal=indicator))
            for code in members
        )
        markup.below_heading(Markup("Grannkommuner: {}").format(links))


def first_pages(names: Mapping[str, str], codes: Sequence[str], indicator: str) -> None:
    """Show links to the first page of each municipality."""
    links = Markup(" ").join(
        linked(f"Sticker {names[code]} ut?", address("./", kommun=code, nyckeltal=indicator))
        for code in codes
    )
    markup.paragraph(Markup("Mer om var och en mot sin egen grupp: {}").format(links))


def measures(panel: Panel, tree: Tree, home: str, others: Sequence[str], chosen: str) -> int:
    """Show a table of the first measures and the chosen one, a column a municipality; returns how many tests it holds."""
    usual = [key for key in FIRST_MEASURES if key in panel.indicators] or panel.standard
    keys = dict.fromkeys([*usual, chosen])
    found = [one for key in keys if (one := pairs.beside(panel, home, others, key)) is not None]
    heads = [("Nyckeltal", ""), ("År", "n"), *((panel.names[code], "n") for code in (home, *others))]
    rows = [
        (
            markup.with_why(
                panel.indicators[one.indicator].short + ("*" if tree.by_police(one.indicator) else ""),
                words.unit_text(panel.indicators[one.indicator].unit),
            ),
            str(one.year),
            *(_cell(panel, one, code) for code in (home, *others)),
        )
        for one in found
    ]
    if not rows:
        markup.below_heading("Kommunerna har inga nyckeltal gemensamt.")
        return 0
    markup.table(heads, rows, "Nyckeltalen sida vid sida")
    if any("*" in row[0] for row in rows):
        markup.note("* Upptäcks mest genom polisens eget arbete.")
    return sum(len(one.pairs) for one in found)


def _cell(panel: Panel, one: Beside, code: str) -> str:
    if code in one.without:
        return "uppgift saknas"
    value = number(one.values[code].rate, words.decimals(panel.indicators[one.indicator].unit))
    return value if code == one.home else _judged(value, one.pairs[code], panel.names[one.home])


def _judged(value: str, pair: Pair, home: str) -> Markup:
    return markup.with_why(value, pair_words.verdict(pair, home))


def alike(panel: Panel, home: str, others: Sequence[str]) -> None:
    """Say whether the municipalities are comparable, and show their characteristics side by side."""
    for other in others:
        told = pair_words.likeness(
            pairs.shared(panel, home, other),
            pairs.unlike(panel, home, other),
            panel.names[home],
            panel.names[other],
        )
        markup.paragraph(told)
    profile = panel.profile
    if not profile.characteristics:
        return
    at = {code: n for n, code in enumerate(profile.codes)}
    heads = [("Egenskap", ""), ("År", "n"), *((panel.names[code], "n") for code in (home, *others))]
    rows = [
        (
            item.label,
            str(year),
            *(item.told(profile.values[at[code], n]) for code in (home, *others)),
        )
        for n, (item, year) in enumerate(zip(profile.characteristics, profile.years, strict=True))
    ]
    markup.table(heads, rows, "Kommunernas egenskaper sida vid sida")
