"""Other groups, years and methods; and every municipality as home."""

from __future__ import annotations

import pytest

from lagesbild.comparison import benchmark, robustness, verdicts
from lagesbild.comparison.groups import groups
from lagesbild.comparison.panel import Panel
from lagesbild.statistics.rule import Level

TOTAL = "N07540"


def compared(panel: Panel, home: str = "1861") -> list[benchmark.Comparison]:
    found = benchmark.compare(panel.warehouse, home, None, [TOTAL], panel=panel)
    return list(found.comparisons)


def test_the_verdicts_over_all_groups_are_counted(panel: Panel) -> None:
    found = robustness.count(compared(panel))
    assert found is not None
    assert found.of == 8
    assert found.by_level == {
        Level.HIGHER: 8,
        Level.LOWER: 0,
        Level.LEVEL: 0,
        Level.UNDECIDED: 0,
    }
    assert found.level is Level.HIGHER
    assert robustness.count([]) is None


def test_the_years_before_were_ordinary(panel: Panel) -> None:
    found = robustness.by_year(panel, "1861", groups(panel.kinds.values(), "1861"), TOTAL, 2025)
    assert list(found) == [2025, 2024, 2023, 2022, 2021]
    assert found[2025]["skr"] is Level.HIGHER
    assert found[2023]["kolada"] is Level.LEVEL


def test_a_year_judged_alone_is_judged_the_same_in_the_panel_of_years(panel: Panel) -> None:
    alone = benchmark.compare(panel.warehouse, "1861", None, [TOTAL], 2023, panel)
    years = robustness.by_year(panel, "1861", groups(panel.kinds.values(), "1861"), TOTAL, 2025)
    assert {c.group.key: c.level for c in alone.comparisons} == years[2023]


def test_other_methods_say_what_they_say(panel: Panel) -> None:
    first = compared(panel)[0]
    found = {method.name: method.level for method in robustness.methods(panel, "1861", first)}
    assert list(found) == [
        "Vår regel",
        "Bara slumpen",
        "SHMI",
        "CQC",
        "Väntat antal",
        "Tre år tillsammans",
    ]
    assert found["Vår regel"] is first.level
    assert found["Bara slumpen"] is Level.HIGHER
    assert found["Väntat antal"] is Level.HIGHER
    assert found["Tre år tillsammans"] is Level.HIGHER


def test_a_survey_has_no_methods_for_counts(panel: Panel) -> None:
    result = benchmark.compare(panel.warehouse, "2083", panel=panel)
    surveys = [c for c in result.comparisons if c.facts.indicator.is_survey]
    assert surveys
    assert all(robustness.methods(panel, "2083", c) == [] for c in surveys)


@pytest.mark.parametrize("home", ["1861", "0180", "2506", "0980", "1440", "2083"])
def test_everybody_at_once_is_judged_as_one_by_one(home: str, panel: Panel) -> None:
    one = benchmark.compare(panel.warehouse, home, year=2024, panel=panel)
    assert one.comparisons
    for comparison in one.comparisons:
        levels = verdicts.levels(panel, comparison.indicator_id, comparison.group.key, 2024)
        assert levels[home] is comparison.level, (comparison.facts.short, comparison.group.key)


@pytest.mark.parametrize(
    ("indicator", "counted"), [(TOTAL, (57, 58, 162, 13)), ("N07403", (39, 42, 103, 106))]
)
def test_of_the_real_municipalities_so_many_are_higher_lower_level_and_undecided(
    indicator: str, counted: tuple[int, ...], panel: Panel
) -> None:
    """The counts of ``methods/verdict.md`` (another program's), within three."""
    levels = list(verdicts.levels(panel, indicator, "kolada", 2025).values())
    found = [levels.count(level) for level in (Level.HIGHER, Level.LOWER, Level.LEVEL, Level.UNDECIDED)]
    assert sum(found) == 290
    assert all(abs(ours - theirs) <= 3 for ours, theirs in zip(found, counted, strict=True)), found


def test_of_the_highest_everyone_certainly_a_tenth_above_the_group_is_higher(panel: Panel) -> None:
    for indicator in (TOTAL, "N07403"):
        found = [
            benchmark.compare(panel.warehouse, home, ["kolada"], [indicator], panel=panel).comparisons[0]
            for home in panel.codes
        ]
        for comparison in sorted(found, key=lambda c: c.facts.rank)[:10]:
            limits, median = comparison.home.interval, comparison.assessed.spread.median
            assert limits is not None
            if limits.lower >= 1.1 * median:
                assert comparison.level is Level.HIGHER


def test_no_verdict_depends_on_what_else_is_stored(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Panel(panel.warehouse)
    monkeypatch.setattr(alone, "standard", (TOTAL,))
    for home in panel.codes[::40]:
        with_all = [
            c
            for c in benchmark.compare(panel.warehouse, home, panel=panel).comparisons
            if c.indicator_id == TOTAL
        ]
        assert [c.assessed for c in with_all] == [
            c.assessed for c in benchmark.compare(panel.warehouse, home, panel=alone).comparisons
        ]
