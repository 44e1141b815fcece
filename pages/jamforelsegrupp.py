"""Jämförelsegrupp: who is compared, and why; one's own weights and list."""

import numpy as np
import streamlit as st
from markupsafe import Markup

from lagesbild.comparison.groups import CUSTOM, FEWEST_OWN, NEAREST_KEY, Group, groups
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.statistics.likeness import standardised
from lagesbild.swedish import number
from pages.parts import choices, markup, stored

#: The weights to choose among.
_WEIGHTS = tuple(step / 2 for step in range(7))
#: Larger groups are told by their middle half instead of one by one.
_MOST_LISTED = 40


def _side_by_side(panel: Panel, group: Group, home: str) -> None:
    """Show the characteristics of the home and of each member, and how far each member is."""
    profile, names = panel.profile, panel.names
    row_of = {code: n for n, code in enumerate(profile.codes)}
    points = np.nan_to_num(standardised(profile.scaled)) * np.sqrt(profile.weights(choices.weights().chosen))
    distance = {
        code: float(np.linalg.norm(points[row_of[code]] - points[row_of[home]])) for code in group.members
    }
    heads = [("Kommun", ""), ("Avstånd", "n", "Hur olik kommunen är enligt vårt eget avstånd; 0 är likadan")]
    heads += [
        (item.label, "n", f"{item.why} År {year}.")
        for item, year in zip(profile.characteristics, profile.years, strict=True)
    ]

    def row(code: str, told: str) -> tuple[str, ...]:
        values = profile.values[row_of[code]]
        cells = [item.told(value) for item, value in zip(profile.characteristics, values, strict=True)]
        name = Markup("<b>{}</b>").format(names[code]) if code == home else names[code]
        return (name, told, *cells)

    nearest = sorted(group.members, key=distance.__getitem__)
    rows = [row(home, "–")] + [row(code, number(distance[code], 1)) for code in nearest[:_MOST_LISTED]]
    markup.table(heads, rows, "Egenskaper sida vid sida")
    if len(nearest) > _MOST_LISTED:
        markup.note(f"De {_MOST_LISTED} som mest liknar kommunen, av {number(len(nearest))} i gruppen.")


def _explain_distance(panel: Panel) -> None:
    used = [
        f"{item.label.lower()} ({year})"
        for item, year in zip(panel.profile.characteristics, panel.profile.years, strict=True)
    ]
    markup.note(
        "Avståndet: varje egenskap räknas i standardavvikelser från kommunernas medel, så att ett "
        "steg betyder lika mycket för alla. Skillnaderna kvadreras, vägs och läggs ihop, och roten ur summan är "
        f"avståndet. Egenskaper: {', '.join(used)}. Folkmängd och täthet jämförs i gånger, inte i antal."
    )


def _weight_text(weight: float) -> str:
    """Write a weight with decimal comma: a plain slider would show a decimal point."""
    return number(weight, 1 if weight % 1 else 0)


def _choose_weights(panel: Panel) -> None:
    with st.expander("Ändra vad som ska vara lika", key="weights"):
        st.markdown(
            "0 betyder att egenskapen inte räknas, 3 att den väger tyngst. Valet står i sidans adress."
        )
        current = panel.profile.weights(choices.weights().chosen)
        columns = st.columns(2)
        chosen = {
            item.key: columns[n % 2].select_slider(
                item.label,
                sorted({*_WEIGHTS, float(current[n])}),
                float(current[n]),
                format_func=_weight_text,
                help=item.why,
                key=f"weight_{item.key}",
            )
            for n, item in enumerate(panel.profile.characteristics)
        }
        if not any(chosen.values()):
            st.warning("Minst en egenskap måste räknas. Standardvikterna används.")
            chosen = {}
        before = choices.weights()
        choices.set_weights(chosen)
        if choices.weights() != before:
            st.rerun()


def _choose_own(warehouse: Warehouse, home: str) -> None:
    names = stored.names(warehouse)
    with st.expander("Gör en egen lista", key="own", expanded=False):
        asked = list(choices.own_list(warehouse, home))
        chosen = st.multiselect(
            "Kommuner",
            [c for c in names if c != home],
            asked,
            format_func=names.__getitem__,
            placeholder="Välj kommuner",
            key=f"own_{home}",
        )
        if 0 < len(chosen) < FEWEST_OWN:
            st.warning(f"Välj minst {FEWEST_OWN} kommuner; med färre finns ingen mitt att jämföra med.")
        if chosen != asked and (not chosen or len(chosen) >= FEWEST_OWN):
            choices.set_own_list(chosen)
            st.rerun()


def _page() -> None:
    warehouse = stored.warehouse()
    st.title("Jämförelsegrupp")
    st.markdown(
        "En jämförelse är bara så bra som gruppen. Här står vilka kommuner som jämförs, varför, och hur lika de är."
    )
    picks = st.columns([2, 3])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    markup.page_title("Jämförelsegrupp", stored.names(warehouse)[home])
    panel = choices.panel(warehouse, home)
    available = groups(panel.kinds.values(), home)
    if not available:
        st.info("Det finns ännu inga grupper. Den som sköter programmet behöver hämta uppgifterna.")
        return
    with picks[1]:
        key = choices.choose_group(available)
    group = next(group for group in available if group.key == key)
    markup.section(f"{group.label}: {number(len(group.members))} kommuner", "gruppen")
    st.markdown(group.why)
    if panel.profile.characteristics:
        _side_by_side(panel, group, home)
        _explain_distance(panel)
        _choose_weights(panel)
    _choose_own(warehouse, home)
    if key not in {NEAREST_KEY, CUSTOM}:
        markup.note(
            "Vikterna ändrar bara gruppen ”Närmast enligt vårt eget avstånd” och avstånden i tabellen."
        )
    markup.section("Alla grupper som jämförs", "alla-grupper")
    rows = [(g.label, number(len(g.members)), g.why) for g in available]
    markup.table([("Grupp", ""), ("Kommuner", "n"), ("Varför", "")], rows, "Alla grupper")
    markup.note(
        "Källor: Kolada (RKA) för de officiella grupperna och SKR:s indelning; SCB och Tillväxtverket "
        "för gränser, yta och arbetsmarknadsregioner; SCB och Arbetsförmedlingen för egenskaperna."
    )


_page()
