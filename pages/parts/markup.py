"""The HTML of the pages: text is escaped unless it is `Markup`, so that a forgotten escape cannot show anybody's tags."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence


def apply_style() -> None:
    """Add the style sheet."""
    css = Path(__file__).with_name("style.css").read_text("utf-8")
    st.html(f"<style>{css}</style>")


def demonstration() -> None:
    """Say on every page that what is local is invented."""
    st.warning("Demonstration: signaler, åtgärder och personer är påhittade. Brottsstatistiken är riktig.")


def sidebar() -> None:
    """Show what this is."""
    with st.sidebar:
        st.markdown(
            "**Lägesbild**  \nAnmälda brott i svenska kommuner, jämförda på ett sätt som går att granska."
        )


def note(text: str) -> None:
    """Show a source or a remark in small print; nothing where there is nothing to say."""
    _line("<p class='lb-source'>{}</p>", text)


def loud_note(text: str) -> None:
    """Show what must not be overlooked among the small print."""
    _line("<p class='lb-source'><strong>{}</strong></p>", text)


def below_heading(text: str) -> None:
    """Show what a heading needs said, or why something is not shown."""
    _line("<p class='lb-sub'>{}</p>", text)


def paragraph(text: str) -> None:
    """Show running text."""
    _line("<p>{}</p>", text)


def _line(html: str, text: str) -> None:
    if text:
        st.html(Markup(html).format(text))  # noqa: S704 - the texts of this module


def link(text: str, page: str) -> None:
    """Show a link to a page of ours, by its address: it works from whatever page this is."""
    st.html(Markup("<p><a href='{}' target='_self'>{}</a></p>").format(page, text))


def picture_text(text: str) -> None:
    """Say in words what a picture shows, for those who listen."""
    _line("<p class='lb-alt'>{}</p>", text)


def answer(short: str, *below: str, symbol: str = "", count: str = "") -> None:
    """Show an answer to be seen first: in a few words, then in sentences, then how often it holds."""
    st.html(
        Markup("<div class='lb-answer' role='status'><div class='lb-short'>{}{}</div>{}{}</div>").format(
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
        (heading, class) or (heading, class, explanation): class ``n`` for numbers; the explanation
        shows when the pointer rests on the heading.
    rows
        Cells; text is escaped, `Markup` stands as it is.
    caption
        What the table shows, for screen readers.
    """
    head = Markup().join(
        Markup("<th scope='col' class='{}' title='{}'>{}</th>").format(kind, " ".join(told), text)
        for text, kind, *told in heads
    )
    body = Markup().join(
        Markup("<tr>{}</tr>").format(
            Markup().join(
                Markup("<td class='{}' data-label='{}'><span>{}</span></td>").format(kind, text, cell)
                for (text, kind, *_), cell in zip(heads, row, strict=True)
            )
        )
        for row in rows
    )
    st.html(
        Markup(
            "<table class='lb' aria-label='{}'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        ).format(caption, head, body)
    )


def grid(
    heads: Sequence[str], rows: Sequence[Sequence[str]], shades: Sequence[Sequence[float]], caption: str
) -> None:
    """Show a small table of numbers that stays a table on a phone, too; ``shades`` (0 to 1) after each row's heading."""
    cell = Markup("<td style='padding:.2rem;text-align:right;background:rgba(181,71,47,{:.2f})'>{}</td>")
    head = Markup().join(
        Markup("<th scope='col' style='padding:.2rem;text-align:right'>{}</th>").format(text)
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
            "<table aria-label='{}' style='width:100%;font-size:.85rem;border-collapse:collapse;font-variant-numeric:tabular-nums'>"
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        ).format(caption, head, body)
    )
