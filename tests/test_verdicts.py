"""Everybody's answers, worked out when a vintage is published: the same as one by one, and never older than the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from lagesbild.comparison import benchmark, robustness, verdicts
from lagesbild.comparison.groups import groups
from lagesbild.comparison.panel import Panel
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.statistics import rule
from lagesbild.statistics.overdispersion import Dispersion
from lagesbild.statistics.rule import Level
from pipelines import work_out
from pipelines.policy import Policy
from pipelines.publish import next_vintage, single_writer
from pipelines.run import ingest, prepare
from pipelines.work_out import work_out_if_needed
from tests.conftest import Silent


def live(warehouse: Warehouse, **given: object) -> Panel:
    """A panel that works everything out for itself."""
    panel = Panel(warehouse, **given)  # type: ignore[arg-type]
    panel._worked_out = False
    return panel


@pytest.mark.parametrize("home", ["1861", "0180", "2506", "0980", "1440", "2425", "2081"])
def test_an_answer_that_is_read_is_the_one_that_is_worked_out(home: str, worked_out: Warehouse) -> None:
    read, made = Panel(worked_out), live(worked_out)
    for ours, theirs in zip(
        benchmark.compare(worked_out, home, panel=read, models=()).comparisons,
        benchmark.compare(worked_out, home, panel=made, models=()).comparisons,
        strict=True,
    ):
        assert ours.level is theirs.level
        assert ours.facts == theirs.facts
        assert ours.assessed.judgement == theirs.assessed.judgement
        one, other = ours.assessed.standing, theirs.assessed.standing
        assert (one is None) == (other is None)
        if one and other:
            assert asdict(one) == pytest.approx(asdict(other), rel=1e-9)


def test_pages_ask_for_no_standing_that_is_stored(
    worked_out: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = Panel(worked_out)
    monkeypatch.setattr(panel, "_place", lambda *_: pytest.fail("worked out again"))
    assert len(benchmark.compare(worked_out, "1861", panel=panel, models=()).comparisons) > 50


def test_every_level_of_five_years_is_stored_as_the_rule_gives_it(worked_out: Warehouse) -> None:
    rows = worked_out.frame("SELECT * FROM verdict WHERE group_key = 'kolada' AND indicator_id = 'N07540'")
    assert sorted(rows["year"].unique()) == [2021, 2022, 2023, 2024, 2025]
    panel = live(worked_out)
    for year in (2021, 2025):
        stored = dict(rows.filter(year=year).select("code", "level").iter_rows())
        assert {code: Level(word) for code, word in stored.items()} == verdicts.levels(
            panel, "N07540", "kolada", year
        )
    assert rows.filter(~rows["placed"])["p_value"].null_count() == rows.filter(~rows["placed"]).height


def test_the_years_before_are_read_as_they_are_judged(worked_out: Warehouse) -> None:
    read, made = Panel(worked_out), live(worked_out)
    for home in ("1861", "0980", "2425"):
        for key in ("N07540", "SOL_STOLD"):
            both = [
                robustness.by_year(panel, home, groups(panel.kinds.values(), home), key, 2025)
                for panel in (read, made)
            ]
            assert both[0] == both[1]
            assert len(both[0]) == 5


def test_with_other_weights_the_nearest_are_placed_anew(worked_out: Warehouse) -> None:
    weights = {"tathet": 0.0, "folkmangd": 3.0}
    read, made = Panel(worked_out, weights), live(worked_out, weights=weights)
    found = [
        benchmark.compare(worked_out, "1861", ["nearest"], ["N07540"], panel=panel, models=()).comparisons[0]
        for panel in (read, made)
    ]
    assert found[0].assessed == found[1].assessed
    assert found[0].assessed.members != dict.fromkeys(
        next(g for g in groups(Panel(worked_out).kinds.values(), "1861") if g.key == "nearest").members
    )


def test_a_median_of_nothing_decides_nothing() -> None:
    """Nothing in the group and something here is no manifold difference."""
    found = rule.levels([30.0], [0.0], np.zeros((1, 5)), Dispersion(3.0, 0.01, 10))
    assert found.verdict.tolist() == [Level.UNDECIDED]
    assert not np.isfinite(found.z).any()


def test_a_load_forgets_the_answers_and_the_end_of_the_ingest_works_them_out(
    quick: Policy, served: Callable[..., Settings]
) -> None:
    settings = served()
    with single_writer(settings):
        prepare(settings)
    assert answers(settings) == 0
    ingest(settings, Silent(), ["kolada", "scb"])
    first = answers(settings)
    assert first > 1_000
    ingest(settings, Silent(), ["polisen"])  # on which no answer rests
    assert answers(settings) == first
    with single_writer(settings), next_vintage(settings) as connection:
        work_out.forget(connection)
    assert answers(settings) == 0
    ingest(settings, Silent(), ["kolada"])
    assert answers(settings) == first


def answers(settings: Settings) -> int:
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        panel = Panel(warehouse)
        counted = int(warehouse.frame("SELECT count(*) AS n FROM verdict")["n"][0])
        assert bool(counted) == (warehouse.meta("verdicts") == str(rule.VERSION))
        assert bool(counted) == (queries.dispersions(warehouse).height > 0)
        assert panel.codes
    return counted


def test_another_version_of_the_rule_works_them_out_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with single_writer(settings):
        prepare(settings)
        work_out_if_needed(settings)
        before = Warehouse.current(settings.warehouse_folder).vintage
        work_out_if_needed(settings)
        assert Warehouse.current(settings.warehouse_folder).vintage == before
        monkeypatch.setattr(rule, "VERSION", rule.VERSION + 1)
        work_out_if_needed(settings)
    assert Warehouse.current(settings.warehouse_folder).vintage != before
    assert answers(settings) > 0


def test_what_was_loaded_stands_when_the_answers_cannot_be_worked_out(
    quick: Policy, served: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = served()

    def broken(_connection: object) -> int:
        raise ZeroDivisionError("prov")

    monkeypatch.setattr(work_out, "work_out", broken)
    (outcome,) = ingest(settings, Silent(), ["kolada"])
    assert outcome.outcome == "ok", outcome.message
    assert answers(settings) == 0
