"""A checked statement as one page: HTML that prints as a tagged PDF in Swedish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

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
_PAGE = Markup(
    """<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>{checked.wording}</title>
<style>{style}</style></head>
<body><p class="small">Prövat påstående</p>{typed}<h1>”{checked.wording}”: {lowered}</h1>
<h2>Vad siffrorna säger</h2><p>{checked.said}</p><h2>Hur säkert det är</h2><p>{checked.certainty}</p>
<h2>Alla jämförelser</h2><table><thead><tr>
<th scope="col">Jämförelse</th><th scope="col">Påståendet</th><th scope="col">Varför</th></tr></thead>
<tbody>{rows}</tbody></table>
<h2>Så skulle en rubrik kunna lyda</h2><p>{checked.press}</p><h2>Så låter det rättvist</h2><p>{checked.fair}</p>
<div class="figures">{drawn}</div>
<p class="small">{checked.limits} {sources} Lägesbild, diagram {ids}. Prövat {when}.</p></body></html>"""
)


def html(checked: Checked, figures: Sequence[Frozen], pictures: Sequence[str]) -> str:
    """Return the page.

    Parameters
    ----------
    figures
        The frozen charts the answer rests on.
    pictures
        Each one's picture as a ``data:`` address, empty where it has none.
    """
    rows = Markup().join(
        Markup("<tr><td>{}</td><td><b>{}</b></td><td>{}</td></tr>").format(
            view.name, view.outcome.value, view.why
        )
        for view in checked.views
    )
    drawn = Markup().join(
        Markup("<figure><img src='{}' alt='{}'><figcaption class='small'>{}</figcaption></figure>").format(
            picture, figure.content["alt"], figure.id
        )
        for figure, picture in zip(figures, pictures, strict=True)
        if picture
    )
    return _PAGE.format(
        checked=checked,
        style=Markup(_STYLE),  # noqa: S704 - written here
        lowered=checked.outcome.value.lower(),
        typed=Markup("<p>Skrivet: ”{}”. Läst så här:</p>").format(checked.typed) if checked.typed else "",
        rows=rows,
        drawn=drawn,
        sources=" ".join(dict.fromkeys(figure.source_line for figure in figures)),
        ids=", ".join(figure.id for figure in figures),
        when=f"{figures[0].frozen_at:%Y-%m-%d}" if figures else "",
    )
