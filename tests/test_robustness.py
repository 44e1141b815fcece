"""Other groups, years and methods; and every municipality as home."""

from __future__ import annotations

import pytest

from lagesbild import benchmark, everyone, robustness
from lagesbild.groups import groups
from lagesbild.panel import Panel
from lagesbild.statistics.comparison import Verdict

TOTAL = "N07540"


def compared(panel: Panel, home: str = "1861") -> list[benchmark.Comparison]:
    found = benchmark.compare(panel.warehouse, home, None, [TOTAL], panel=panel)
    return list(found.comparisons)


def test_the_verdicts_over_all_groups_are_counted(panel: Panel) -> None:
    found = robustness.count(compared(panel))
    assert found is not None
    assert found.of == 8
    assert found.by_verdict == {
        Verdict.HIGHER: 2, Verdict.LOWER: 0, Verdict.LEVEL: 0, Verdict.UNDECIDED: 6,
    }  # fmt: skip
    assert found.verdict is Verdict.UNDECIDED
    assert robustness.count([]) is None


def test_the_years_before_were_ordinary(panel: Panel) -> None:
    found = robustness.by_year(panel, "1861", groups(panel.kinds.values(), "1861"), TOTAL, 2025)
    assert list(found) == [2025, 2024, 2023, 2022, 2021]
    assert found[2025]["skr"] is Verdict.HIGHER
    assert set(found[2023].values()) == {Verdict.LEVEL}


def test_a_year_judged_alone_is_judged_the_same_in_the_panel_of_years(panel: Panel) -> None:
    alone = benchmark.compare(panel.warehouse, "1861", None, [TOTAL], 2023, panel)
    years = robustness.by_year(panel, "1861", groups(panel.kinds.values(), "1861"), TOTAL, 2025)
    assert {c.group.key: c.verdict for c in alone.comparisons} == years[2023]


def test_other_methods_say_what_they_say(panel: Panel) -> None:
    first = compared(panel)[0]
    found = {method.name: method.verdict for method in robustness.methods(panel, "1861", first)}
    assert list(found) == [
        "Vår regel",
        "Bara slumpen",
        "SHMI",
        "CQC",
        "Förväntat antal",
        "Tre år tillsammans",
    ]
    assert found["Vår regel"] is first.verdict
    assert found["Bara slumpen"] is Verdict.HIGHER
    assert found["Förväntat antal"] is Verdict.HIGHER
    assert found["Tre år tillsammans"] is Verdict.LEVEL


def test_a_survey_has_no_methods_for_counts(panel: Panel) -> None:
    result = benchmark.compare(panel.warehouse, "2083", panel=panel)
    surveys = [c for c in result.comparisons if c.facts.kind == "survey"]
    assert surveys
    assert all(robustness.methods(panel, "2083", c) == [] for c in surveys)


@pytest.mark.parametrize("home", ["1861", "0180", "2506", "0980", "1440"])
def test_everybody_at_once_is_judged_as_one_by_one(home: str, panel: Panel) -> None:
    found = everyone.judgements(panel, 2024)
    one = benchmark.compare(panel.warehouse, home, year=2024, panel=panel)
    assert one.comparisons
    for comparison in one.comparisons:
        assert found[comparison.indicator_id, comparison.group.key][home] == comparison.assessed.judgement


def test_few_of_the_real_municipalities_stand_out_and_most_do_not(panel: Panel) -> None:
    for key, judged in everyone.judgements(panel, 2025).items():
        if key[0] != TOTAL:
            continue
        verdicts = [judgement.verdict for judgement in judged.values()]
        assert 0 < sum(v in {Verdict.HIGHER, Verdict.LOWER} for v in verdicts) <= 0.07 * len(verdicts)
        assert verdicts.count(Verdict.LEVEL) > len(verdicts) / 2
