"""What stands out in a list of many measures, or of everybody: corrected for all that the list shows, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from lagesbild.comparison import outliers, words
from lagesbild.comparison.outliers import CountryCell
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.statistics.rule import Level
from tests.reading import clean, plain
from tests.traces import traces


def titles(panel: Panel) -> dict[str, str]:
    return {key: one.short for key, one in panel.indicators.items()}


def test_hallsbergs_drug_crimes_stand_out_among_its_measures_and_in_the_country(panel: Panel) -> None:
    own = outliers.of_home(panel, "kolada", "1861")
    assert [answer.indicator_id for answer in own if answer.stands_out] == ["SOL_NARKOTIKA_VAPEN"]
    assert len(own) == 8
    country = outliers.of_country(panel, "kolada")
    assert len(country) == 8 * 290
    out = [answer for answer in country if answer.stands_out]
    assert ("1861", "SOL_NARKOTIKA_VAPEN") in {(answer.code, answer.indicator_id) for answer in out}
    assert 1 <= len(out) <= 30


def test_the_correction_is_over_what_the_list_shows(panel: Panel) -> None:
    for answers in (outliers.of_home(panel, "kolada", "1861"), outliers.of_country(panel, "skr")):
        tested = [answer for answer in answers if answer.p_value is not None]
        wanted = false_discovery_control([answer.p_value for answer in tested])
        assert [answer.q_value for answer in tested] == pytest.approx(wanted)


def test_measures_that_few_municipalities_have_are_not_in_the_countrys_list(panel: Panel) -> None:
    """The safety survey of one county."""
    assert {a.indicator_id for a in outliers.of_home(panel, "kolada", "2083")} > {
        a.indicator_id for a in outliers.of_country(panel, "kolada")
    }


def test_what_is_stored_and_what_is_worked_out_give_the_same_list(
    worked_out: Warehouse, panel: Panel
) -> None:
    stored, made = (outliers.of_country(one, "county") for one in (Panel(worked_out), panel))
    assert [(a.code, a.level, a.stands_out) for a in stored] == [
        (a.code, a.level, a.stands_out) for a in made
    ]
    assert [a.q_value for a in stored] == pytest.approx([a.q_value for a in made])


def test_where_nobody_differs_hardly_anything_stands_out() -> None:
    """At most one list in twenty has anything, when all that is looked for is chance."""
    rng = np.random.default_rng(1861)
    found = [
        bool((false_discovery_control(rng.uniform(size=2_320)) <= outliers.FALSE_SHARE).any())
        for _ in range(1_000)
    ]
    assert np.mean(found) <= 0.07


def answer(
    key: str, level: Level, q: float | None, ratio: float | None = 2.0, code: str = "1861"
) -> CountryCell:
    return CountryCell(indicator_id=key, code=code, year=2025, level=level, ratio=ratio, p_value=q, q_value=q)


def test_a_level_that_is_not_certain_never_stands_out() -> None:
    assert answer("A", Level.HIGHER, 0.04).stands_out
    assert not answer("A", Level.UNDECIDED, 0.001).stands_out
    assert not answer("A", Level.LEVEL, 0.001).stands_out
    assert not answer("A", Level.LOWER, 0.06).stands_out
    assert not answer("A", Level.HIGHER, None).stands_out


def test_the_sentences_name_what_stands_out() -> None:
    names = {"A": "Stöld och rån", "B": "Skadegörelsebrott"}
    out = [answer("A", Level.HIGHER, 0.01, 7.55), answer("B", Level.LOWER, 0.02, 0.4)]
    none = [answer("A", Level.LEVEL, 0.9)]
    assert plain(words.home_finding(out, "Hallsberg", names)) == (
        "Två av Hallsbergs 2 nyckeltal sticker ut: stöld och rån (7,6 gånger gruppens median) och skadegörelsebrott "
        "(0,4 gånger gruppens median)."
    )
    assert words.home_finding(none, "Hallsberg", names) == "Hallsbergs enda nyckeltal här sticker inte ut."
    assert words.home_finding([], "Hallsberg", names) == "Det finns inget att jämföra för Hallsberg."
    assert words.everybody_finding(out, "1861", "Hallsberg", names) == (
        "2 av 2 rutor sticker ut, Hallsbergs bland dem: stöld och rån och skadegörelsebrott"
    )
    assert words.everybody_finding(none, "1861", "Hallsberg", names).endswith("Hallsbergs inte bland dem")


@pytest.mark.parametrize(
    ("p", "told"),
    [
        (0.95, "nästan alla"),
        (0.42, "ungefär 4 av 10"),
        (0.125, "ungefär 1 av 8"),
        (0.0001, "färre än 1 av 500"),
        (None, "går inte att säga"),
    ],
)
def test_how_many_lie_as_far_is_told_in_a_few_words(p: float | None, told: str) -> None:
    assert plain(words.share_text(p)) == told


def test_everybodys_sentences_are_clean(panel: Panel) -> None:
    for home in panel.codes:
        text = words.home_finding(outliers.of_home(panel, "kolada", home), panel.names[home], titles(panel))
        clean(plain(text))
        assert text.endswith(".")


def test_the_chart_shows_every_cell_and_points_at_the_municipality(panel: Panel) -> None:
    chart = build(ChartContext(panel.warehouse, panel), "stands-out", {"home": "1861"})
    assert len(chart.table.rows) == 2_320
    shades = traces(chart.figure)[0]
    assert np.array(shades.z).shape == (8, 290)
    assert any("Hallsberg" in (note.text or "") for note in chart.figure.layout.annotations)
    marks = sum(len(part.x) for part in traces(chart.figure)[1:])
    assert marks == sum(row[-1] == "ja" for row in chart.table.rows)


def test_a_group_that_not_everybody_has_is_told(panel: Panel) -> None:
    context = ChartContext(panel.warehouse, Panel(panel.warehouse, own={"1861": ("1860", "1881", "1882")}))
    with pytest.raises(ChartError, match="finns inte för alla kommuner"):
        build(context, "stands-out", {"home": "1861", "group": "egen"})
    with pytest.raises(ChartError, match="Okänd jämförelsegrupp"):
        build(context, "stands-out", {"home": "1861", "group": "nej"})
