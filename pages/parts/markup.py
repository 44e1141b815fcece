"""The HTML of the pages: text is escaped unless it is `Markup`, so that a forgotten escape cannot show anybody's tags."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st
from markupsafe import Markup, escape

from pages.parts import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

#: From so many columns on a table needs a wide page.
_MANY = 7
#: Letters from which on a cell does not fit beside its name on a phone, and is read from the left below it.
_SENTENCE = 28


def apply_style() -> None:
    """Add the style sheet."""
    css = Path(__file__).with_name("style.css").read_text("utf-8")
    st.html(f"<style>{css}{terms.style()}</style>")


def demonstration() -> None:
    """Say on every page that what is local is invented."""
    st.warning("Demonstration: signaler, åtgärder och personer är påhittade. Brottsstatistiken är riktig.")


def page_title(name: str, municipality: str = "") -> None:
    """Say what the page is called in the browser's tab: ``Trender, Kumla – Lägesbild``.

    `lagesbild.web.shell.TITLES` says the same before the page is drawn.
    """
    called = f"{name}, {municipality}" if municipality else name
    st.set_page_config(page_title=f"{called} – Lägesbild")


def section(title: str, anchor: str, level: int = 2) -> None:
    """Show the heading of a section: level 2 right below the page's title, 3 inside a section.

    ``anchor`` ends the address of the heading: short, and the same whatever the title finds.
    """
    (st.header if level == 2 else st.subheader)(title, anchor=anchor)


def anchor_of(name: str) -> str:
    """Return the end of an address for a heading: ``Karta över mönster`` is ``karta-over-monster``."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def footer(sender: str) -> None:
    """Show at the end of every page who answers for it, how it can be read, and what it keeps."""
    st.html(
        Markup(
            "<footer class='lb-footer'><span>Lägesbild</span>{0}<span>{1}</span>{0}"
            "<a href='tillganglighet' target='_self'>Tillgänglighet</a>{0}"
            "<a href='tillganglighet#kakor' target='_self'>Om kakor</a></footer>"
        ).format(Markup("<span aria-hidden='true'>·</span>"), sender or "avsändare inte angiven")
    )


def folded(label: str, key: str) -> ExpanderContainer:
    """Return what a reader may open; ``.open`` tells whether to fill it.

    What most readers never open is worked out and sent to the one who does: it was a fifth of what pages took.
    """
    return st.expander(label, key=key, on_change="rerun")


def note(text: str) -> None:
    """Show a source or a remark in small print; nothing where there is nothing to say."""
    _line("<p class='lb-source'>{}</p>", text)


def status(text: str) -> None:
    """Show how something goes that the reader waits for; it is read out when it changes."""
    _line("<p class='lb-source' role='status'>{}</p>", text)


def loud_note(text: str) -> None:
    """Show what must not be overlooked among the small print."""
    _line("<p class='lb-source'><strong>{}</strong></p>", text)


def below_heading(text: str) -> None:
    """Show what a heading needs said, or why something is not shown."""
    _line("<p class='lb-sub'>{}</p>", text)


def press(text: str) -> None:
    """Say what can be pressed in what follows; nothing on paper."""
    _line("<p class='lb-sub lb-press'>{}</p>", text)


def paragraph(text: str) -> None:
    """Show running text."""
    _line("<p>{}</p>", text)


def _line(html: str, text: str) -> None:
    if text:
        st.html(Markup(html).format(terms.explained(text)))  # noqa: S704 - the texts of this module


def link(text: str, page: str) -> None:
    """Show a link to a page of ours, by its address: it works from whatever page this is."""
    st.html(Markup("<p><a href='{}' target='_self'>{}</a></p>").format(page, text))


def chart_text(text: str, key: str) -> None:
    """Say in words what the chart with that key shows; our script makes it the name of the chart."""
    st.html(Markup("<p class='lb-alt' data-lb-chart='{}'>{}</p>").format(key, text))


def picture(png: bytes, text: str, key: str, width: int | Literal["stretch"] = "stretch") -> None:
    """Show a picture that says in words what it shows."""
    st.html(Markup("<p class='lb-alt' data-lb-picture='{}'>{}</p>").format(key, text))
    with st.container(key=key):
        st.image(png, width=width)


def answer(short: str, *below: str, symbol: str = "", count: str = "") -> None:
    """Show an answer to be seen first: in a few words, then in sentences, then how often it holds."""
    st.html(
        Markup("<div class='lb-answer' role='status'><h2 class='lb-short'>{}{}</h2>{}{}</div>").format(
            Markup("<span class='lb-symbol' aria-hidden='true'>{}</span>").format(symbol) if symbol else "",
            short,
            Markup().join(Markup("<p>{}</p>").format(text) for text in below),
            Markup("<p class='lb-count'>{}</p>").format(count) if count else "",
        )
    )


def with_why(text: str, why: str) -> Markup:
    """Return a table's cell with an explanation below its text."""
    return Markup("{}<span class='lb-why'>{}</span>").format(text, why)


def verdict(text: str, *, up: bool = False) -> Markup:
    """Return a verdict in a table's cell; ``up`` for what is higher."""
    return Markup("<span class='lb-verdict {}'>{}</span>").format("up" if up else "", text)


def table(heads: Sequence[tuple[str, ...]], rows: Sequence[Sequence[str]], caption: str) -> None:
    """Show a table that becomes a list of cards on a phone.

    Parameters
    ----------
    heads
        (heading, class) or (heading, class, explanation): class ``n`` for numbers; explanations can be unfolded
        below the table, by pointer, finger and keyboard alike.
    rows
        Cells; text is escaped, `Markup` stands as it is. The first of a row says what the row is about.
    caption
        What the table shows, for screen readers.
    """
    head = Markup().join(
        Markup("<th scope='col' class='{}'>{}</th>").format(kind, text) for text, kind, *_ in heads
    )
    body = Markup().join(_row(heads, row) for row in rows)
    st.html(
        Markup(
            "<div class='lb-scroll'><table class='lb{}'><caption class='lb-hidden'>{}</caption>"
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}"
        ).format(" wide" if len(heads) >= _MANY else "", caption, head, body, _explained(heads, caption))
    )


def _row(heads: Sequence[tuple[str, ...]], row: Sequence[str]) -> Markup:
    # Put together as text: thousands of cells a page, and `Markup.format` takes three times as long.
    cells = [
        f"<td class='{escape(_kind(kind, text))}' data-label='{escape(label)}'><span>{escape(text)}</span></td>"
        for (label, kind, *_), text in zip(heads[1:], row[1:], strict=True)
    ]
    named = f"<th scope='row' class='{escape(heads[0][1])}'><span>{escape(row[0])}</span></th>"
    return Markup(f"<tr>{named}{''.join(cells)}</tr>")  # noqa: S704 - each part is escaped above


def _kind(kind: str, text: str) -> str:
    """Return the class of a cell: what is long is told from values and names."""
    return kind or ("long" if len(Markup(text).striptags()) >= _SENTENCE else "")  # noqa: S704 - it is only counted


def _explained(heads: Sequence[tuple[str, ...]], caption: str) -> Markup:
    """Return what the headings mean, to be unfolded; nothing where they need no explanation."""
    told = [(text, more[0]) for text, _, *more in heads if more and more[0]]
    if not told:
        return Markup()
    item = Markup("<dt>{}</dt><dd>{}</dd>")
    return Markup(
        "<details class='lb-explained'><summary>Vad kolumnerna betyder<span class='lb-hidden'>: {}</span></summary>"
        "<dl>{}</dl></details>"
    ).format(caption, Markup().join(item.format(*one) for one in told))


def grid(
    heads: Sequence[str], rows: Sequence[Sequence[str]], shades: Sequence[Sequence[float]], caption: str
) -> None:
    """Show a small table of numbers that stays a table on a phone, too; ``shades`` (0 to 1) after each row's heading."""
    cell = Markup("<td style='padding:.2rem;text-align:right;background:rgba(181,71,47,{:.2f})'>{}</td>")
    head = Markup().join(
        Markup("<th scope='col' style='padding:.2rem;text-align:right'>{}</th>").format(text)
        if text
        else Markup("<td></td>")  # a heading has words
        for text in heads
    )
    body = Markup().join(
        Markup(
            "<tr><th scope='row' style='padding:.2rem;text-align:left;white-space:nowrap'>{}</th>{}</tr>"
        ).format(
            row[0],
            Markup().join(
                cell.format(0.4 * (shade[n] if n < len(shade) else 0.0), text)
                for n, text in enumerate(row[1:])
            ),
        )
        for row, shade in zip(rows, shades, strict=True)
    )
    st.html(
        Markup(
            "<table style='width:100%;font-size:.85rem;border-collapse:collapse;font-variant-numeric:tabular-nums'>"
            "<caption class='lb-hidden'>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        ).format(caption, head, body)
    )
