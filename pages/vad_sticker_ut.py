"""Vad sticker ut? All measures of a municipality at once, and the whole country in one look."""

import streamlit as st
from markupsafe import Markup

from lagesbild.comparison import outliers, words
from lagesbild.comparison.groups import groups
from lagesbild.comparison.outliers import CountryCell
from lagesbild.statistics.rule import Level
from lagesbild.swedish import inside, number
from pages.parts import choices, figure, markup, stored
from pages.parts.trend import tree_of

#: More names than this in a row are counted instead.
_MOST_NAMED = 12


def _own(answers: list[CountryCell], titles: dict[str, str], marks: dict[str, str]) -> None:
    heads = [
        ("Nyckeltal", ""),
        ("År", "n"),
        ("Gånger gruppens median", "n"),
        ("Nivå", ""),
        ("Så långt ligger", "", "Så stor andel av kommunerna ligger minst så långt från sin egen grupp"),
        ("Sticker ut", ""),
    ]
    rows = [
        (
            titles[a.indicator_id] + marks.get(a.indicator_id, ""),
            str(a.year),
            number(a.ratio, 2) if a.ratio is not None else "–",
            f"{words.SYMBOLS[a.level]} {words.LEVELS[a.level]}",
            words.share_text(a.p_value),
            Markup("<b>ja</b>") if a.stands_out else "nej",
        )
        for a in sorted(answers, key=lambda a: (not a.stands_out, a.p_value if a.p_value is not None else 2))
    ]
    markup.table(heads, rows, "Kommunens nyckeltal, det ovanligaste först")


def _by_measure(answers: list[CountryCell], names: dict[str, str], titles: dict[str, str]) -> None:
    rows = []
    for key in dict.fromkeys(a.indicator_id for a in answers):
        out = [a for a in answers if a.indicator_id == key and a.stands_out]
        sides = [[a for a in out if a.level is level] for level in (Level.HIGHER, Level.LOWER)]
        rows.append((titles[key], *(_named(side, names) for side in sides)))
    markup.table(
        [("Nyckeltal", ""), ("Sticker ut uppåt", "w"), ("Sticker ut nedåt", "w")],
        rows,
        "Kommuner som sticker ut",
    )


def _named(side: list[CountryCell], names: dict[str, str]) -> str:
    """Name municipalities, the rarest first; of many only so many, and how many more there are."""
    ordered = sorted(side, key=lambda a: a.p_value or 0.0)
    shown = ", ".join(names[a.code] for a in ordered[:_MOST_NAMED])
    more = len(ordered) - _MOST_NAMED
    return f"{shown} och {more} till" if more > 0 else shown or "ingen"


def _page() -> None:
    warehouse = stored.warehouse()
    title = st.empty()
    picks = st.columns([2, 3])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    names, panel = stored.names(warehouse), choices.panel(warehouse, home)
    title.title(f"Vad sticker ut {inside(names[home])}?")
    markup.page_title(f"Vad sticker ut {inside(names[home])}?")
    available = groups(panel.kinds.values(), home)
    if not available:
        st.info("Det finns ännu inga grupper att jämföra med.")
        return
    with picks[1]:
        kind = choices.choose_group(available)
    titles = {key: one.short for key, one in panel.indicators.items()}
    tree = tree_of(warehouse)
    own = outliers.of_home(panel, kind, home)
    markup.answer(words.home_finding(own, names[home], titles))
    if own:
        starred = {one.indicator_id: "*" for one in own if tree.by_police(one.indicator_id)}
        _own(own, titles, starred)
        markup.note(
            f"Att leta bland många nyckeltal ger alltid något som ser ovanligt ut. Kraven är därför högre här än "
            f"för ett nyckeltal i taget: av det som sticker ut väntas högst 1 av 20 göra det av en slump. Räknat på de {number(len(own))} "
            f"nyckeltalen i listan.{' * Upptäcks mest genom polisens eget arbete.' if starred else ''}"
        )
    if (
        figure.show(
            figure.context(warehouse, panel), "stands-out", "stands_out", {"home": home, "group": kind}
        )
        is None
    ):
        st.info("Den valda gruppen finns inte för alla kommuner. Välj en annan grupp för att se hela landet.")
        return
    markup.section("Kommuner som sticker ut", "kommuner")
    _by_measure(outliers.of_country(panel, kind), names, titles)
    markup.note(
        "Varje kommun är jämförd med sin egen grupp av samma slag. Kravet gäller alla rutor i diagrammet "
        "tillsammans, så en kommun kan sticka ut i sin egen lista men inte här."
    )


_page()
