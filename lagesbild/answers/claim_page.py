"""A checked statement as one page: HTML that prints as a tagged PDF in Swedish."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lagesbild.charts.theme import FONT, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.answers.claims import Checked
    from lagesbild.figures.archive import Frozen

_STYLE = f"""
@page {{ size: A4; margin: 16mm 17mm; }}
body {{ font: 10.5pt/1.4 {FONT}; color: {INK}; margin: 0; }}
h1 {{ font-size: 18pt; line-height: 1.2; margin: 0 0 2mm; }} h2 {{ font-size: 11.5pt; margin: 4mm 0 1mm; }}
p {{ margin: 0 0 1.5mm; }} .small {{ color: {MUTED}; font-size: 8.5pt; }}
table {{ border-collapse: collapse; width: 100%; font-size: 9pt; }} th, td {{ text-align: left; vertical-align: top;
padding: 0.8mm 3mm 0.8mm 0; border-bottom: 0.2mm solid #D9D5CD; }} .figures {{ display: flex; gap: 5mm; }} figure {{ margin: 0; flex: 1; }}
figure img {{ width: 100%; max-height: 82mm; object-fit: contain; object-position: left top; }}
"""


def html(checked: Checked, figures: Sequence[Frozen], pictures: Sequence[str]) -> str:
    """Return the page.

    Parameters
    ----------
    figures
        The frozen charts the answer rests on.
    pictures
        Each one's picture as a ``data:`` address, empty where it has none.
    """
    rows = "".join(
        f"<tr><td>{escape(view.name)}</td><td><b>{view.outcome.value}</b></td><td>{escape(view.why)}</td></tr>"
        for view in checked.views
    )
    drawn = "".join(
        f"<figure><img src='{picture}' alt='{escape(str(figure.content['alt']), quote=True)}'>"
        f"<figcaption class='small'>{figure.id}</figcaption></figure>"
        for figure, picture in zip(figures, pictures, strict=True)
        if picture
    )
    sources = " ".join(dict.fromkeys(figure.source_line for figure in figures))
    ids = ", ".join(figure.id for figure in figures)
    when = f"{figures[0].frozen_at:%Y-%m-%d}" if figures else ""
    return f"""<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>{escape(checked.wording)}</title>
<style>{_STYLE}</style></head>
<body><p class="small">Prövat påstående</p><h1>”{escape(checked.wording)}”: {checked.outcome.value.lower()}</h1>
<h2>Vad siffrorna säger</h2><p>{escape(checked.said)}</p><h2>Hur säkert det är</h2><p>{escape(checked.certainty)}</p>
<h2>Alla jämförelser</h2><table><thead><tr>
<th scope="col">Jämförelse</th><th scope="col">Påståendet</th><th scope="col">Varför</th></tr></thead>
<tbody>{rows}</tbody></table>
<h2>Så skulle en rubrik kunna lyda</h2><p>{escape(checked.press)}</p><h2>Så låter det rättvist</h2><p>{escape(checked.fair)}</p>
<div class="figures">{drawn}</div>
<p class="small">{escape(checked.limits)} {escape(sources)} Lägesbild, diagram {ids}. Prövat {when}.</p></body></html>"""
