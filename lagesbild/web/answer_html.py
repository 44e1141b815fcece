"""The answer of the first page as plain HTML: what is read before any script has run, and what the page says too."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from lagesbild.charts.strip import strip
from lagesbild.comparison import benchmark, robustness
from lagesbild.comparison.first import FirstScreen, first_screen, shown_first
from lagesbild.comparison.panel import Panel
from lagesbild.data.crimes import Tree
from lagesbild.data.warehouse import Warehouse
from lagesbild.trends import words as trend_words

_HTML = Markup(
    "<main id='lb-first-words' lang='sv'><style>{style}</style><h1>Sticker {name} ut?</h1>"
    "<h2>{symbol} {answer}</h2>{below}{facts}{picture}<p role='status'>Fler diagram hämtas ...</p></main>"
)
#: While it stands there, what is being drawn below is neither seen nor heard: nothing is said twice.
_STYLE = Markup(
    "#lb-first-words~#root{visibility:hidden}#lb-first-words{position:fixed;inset:0;overflow:auto;z-index:9;background:#fff;color:#1f2328;"
    "font:17px/1.5 'Source Sans 3','Source Sans',Arial,sans-serif;padding:2.5rem max(1rem,calc(50% - 24rem))}"
    "#lb-first-words h1{font-size:1.9rem;margin:0 0 .6rem}#lb-first-words h2{font-size:1.5rem;line-height:1.25;margin:0 0 .6rem}"
    "#lb-first-words dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.8rem 1.2rem}"
    "#lb-first-words dd{margin:0;font-size:1.3rem;font-weight:650}#lb-first-words .lb-note{display:block;font-size:.95rem;font-weight:400}"
    "#lb-first-words figure{margin:1.2rem 0}#lb-first-words svg{display:block;width:100%;height:auto;max-width:44rem}"
)


def facts_html(screen: FirstScreen) -> Markup:
    """Return the three facts, what changed and how sure it is, as they stand on the page."""
    facts = Markup().join(
        Markup("<div><dt>{}</dt><dd>{}{}</dd></div>").format(
            one.head,
            one.value,
            Markup("<span class='lb-note'>{}</span>").format(one.note) if one.note else "",
        )
        for one in screen.facts
    )
    told = (("Mot året innan", screen.change), ("Så säkert är det", screen.sure))
    below = Markup().join(Markup("<p><b>{}:</b> {}</p>").format(head, text) for head, text in told if text)
    return Markup("<dl class='lb-facts'>{}</dl>{}").format(facts, below)


@lru_cache(maxsize=2)
def _panel(file: str) -> tuple[Panel, Tree]:
    warehouse = Warehouse(Path(file))
    return Panel(warehouse), Tree.of(warehouse)


@lru_cache(maxsize=1024)
def answer(file: str, home: str, measure: str = "", group: str = "") -> Markup:
    """Return what is read first of a municipality; empty for one that there is none of, or that has no figures.

    Parameters
    ----------
    file
        Of the vintage.
    measure, group
        Those that the page shows where they are unknown or empty.
    """
    panel, tree = _panel(file)
    if home not in panel.names:
        return Markup()
    known = [key for key in panel.standard if key not in tree.types and panel.years(key, home)]
    indicator = measure if measure in panel.indicators else next(iter(known), "")
    same = list(benchmark.of_measure(panel, home, indicator)) if indicator else []
    if not same:
        return Markup()
    main = shown_first(same, group)
    screen = first_screen(
        main,
        panel.names[home],
        benchmark.without_police(panel, home, main),
        robustness.count(same),
        trend_words.driven_text(panel, tree, home, main),
    )
    return _HTML.format(
        style=_STYLE,
        name=panel.names[home],
        symbol=screen.symbol,
        answer=screen.answer,
        below=Markup("<p>{}</p>").format(screen.below) if screen.below else "",
        facts=facts_html(screen),
        picture=strip(main, panel.names[home]),
    )
