"""What is said follows from the numbers, in every case the rule knows."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from lagesbild import sentences
from lagesbild.benchmark import Comparison, Value
from lagesbild.funnel import Funnel
from lagesbild.statistics.change import count_change
from lagesbild.statistics.comparison import group_spread, judge
from lagesbild.statistics.funnel import Overdispersion, Scale
from lagesbild.statistics.intervals import rate_interval
from lagesbild.statistics.series import Direction, Marker
from lagesbild.warehouse.queries import Group

PEOPLE = 16_000.0


def comparison(
    count: int | None = 1_600, before: int | None = 1_590, members: tuple[float, ...] = (8_000, 9_000, 10_000, 11_000),
    rank: int = 100, ranked: int = 290, group: str = "kolada",
) -> Comparison:  # fmt: skip
    """A municipality of 16 000 people with so many crimes, beside members with these rates."""
    rate = 1e5 * (1_600 if count is None else count) / PEOPLE
    limits = None if count is None else rate_interval(count, PEOPLE)
    spread = group_spread(list(members))
    home = Value(2025, rate, count, "recovered" if count is not None else None, PEOPLE, limits)
    change = None
    if before is not None and count is not None:
        change = count_change(before, count, PEOPLE, PEOPLE)
    return Comparison(
        "N07540", "Anmälda brott totalt", "Anmälda brott totalt", "per_100k", "reported",
        Group(group, "Gruppen", "", ("1",), "kolada"), home, {str(n): r for n, r in enumerate(members)}, spread, rank,
        ranked, None, judge(rate, limits, spread, None), change, None,
    )  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("count", "answer"),
    [
        (2_400, "Ja, Provby sticker ut uppåt"),
        (800, "Ja, Provby sticker ut nedåt"),
        (1_520, "Nej, Provby sticker inte ut"),
        (1_700, "Det går inte att avgöra om Provby sticker ut"),
        (None, "Det går inte att avgöra om Provby sticker ut"),
    ],
)
def test_the_answer_follows_the_verdict(count: int | None, answer: str) -> None:
    assert sentences.answer(comparison(count), "Provby") == answer


def test_far_above_is_said_only_when_the_whole_interval_is() -> None:
    assert "långt över sin officiella jämförelsegrupp" in sentences.headline(comparison(2_400), "Provby")
    near = comparison(1_900, members=(9_500, 10_000, 10_200, 10_400))
    assert "över alla i sin officiella jämförelsegrupp" in sentences.headline(near, "Provby")


@pytest.mark.parametrize(
    ("rank", "words"),
    [(1, "den högsta nivån"), (2, "den näst högsta"), (8, "den åttonde högsta"), (11, "den 11:e högsta"),
     (290, "den lägsta"), (289, "den näst lägsta"), (281, "den tionde lägsta")],
)  # fmt: skip
def test_the_rank_is_told_from_the_nearer_end(rank: int, words: str) -> None:
    assert words in sentences.headline(comparison(rank=rank), "Provby")


def test_a_change_is_told_only_when_it_is_more_than_chance() -> None:
    rise = sentences.headline(comparison(2_360, before=1_855), "Provby")
    assert rise.endswith("efter en ökning med 505 brott på ett år.")
    assert "ökning" not in sentences.headline(comparison(1_600, before=1_590), "Provby")
    assert "en minskning med 500 brott" in sentences.headline(comparison(1_500, before=2_000), "Provby")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("kolada", "över alla i sin officiella jämförelsegrupp"),
        ("county", "över alla länets andra kommuner"),
        ("country", "över alla landets andra kommuner"),
        ("skr", "över alla de andra kommunerna i samma SKR-grupp"),
    ],
)
def test_every_kind_of_group_fits_the_sentence(group: str, words: str) -> None:
    found = comparison(1_900, members=(9_500, 10_000, 10_200, 10_400), group=group)
    assert words in sentences.headline(found, "Provby")


def test_in_the_middle_the_place_is_a_number() -> None:
    assert (
        "låg Provby på plats 100 bland Sveriges 290 kommuner i anmälda brott (1 är högst)"
        in sentences.headline(comparison(rank=100), "Provby")
    )


def test_a_change_against_the_verdict_is_in_spite_of() -> None:
    assert "trots en ökning med 400 brott" in sentences.headline(comparison(1_000, before=600), "Provby")


def test_what_chance_may_explain_is_about_the_municipality_s_group_not_chance_s() -> None:
    said = sentences.headline(comparison(1_700), "Provby")
    assert "men slumpen kan förklara avståndet till dess officiella jämförelsegrupp" in said


def test_how_sure_it_is_stands_in_plain_words() -> None:
    text = plain(sentences.certainty(comparison(1_600), "Provby"))
    assert "Med 95 procents säkerhet ligger Provbys nivå mellan 9 516 och 10 502" in text
    assert "De fyra jämförda kommunerna ligger mellan 8 000 och 11 000" in text
    assert "går inte att beräkna" in sentences.certainty(comparison(None), "Provby")


@pytest.mark.parametrize(
    ("before", "count", "words"),
    [
        (1_000, 1_505, "505 brott fler än året innan (+51 procent). Så stor skillnad är knappast en slump."),
        (1_600, 1_590, "10 brott färre än året innan (−1 procent). Så stor skillnad kan vara en slump."),
        (1_600, 1_600, "Lika många fall som året innan."),
        (None, 1_600, "Förändringen mot året innan kan inte prövas."),
    ],
)
def test_the_change_is_described(before: int | None, count: int, words: str) -> None:
    assert plain(sentences.change_text(comparison(count, before))) == words


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ((8_000, 9_000, 9_500), "Provby ligger högst bland de fyra kommunerna"),
        ((12_000, 13_000, 14_000), "Provby ligger lägst bland de fyra kommunerna"),
        ((8_000, 9_000, 14_000), "Provby ligger över två och under ett av de tre jämförda"),
    ],
)
def test_a_charts_title_states_the_finding(members: tuple[float, ...], words: str) -> None:
    assert sentences.group_finding(comparison(members=members), "Provby") == words


def test_the_trends_title_states_the_finding() -> None:
    values = [Value(year, rate, None, None, None, None) for year, rate in ((2019, 8_309.0), (2025, 14_657.0))]
    title = plain(sentences.trend_finding(values, "Hallsberg", "per_100k"))
    assert title == "Hallsbergs nivå har stigit från 8 309 år 2019 till 14 657 år 2025"
    assert sentences.trend_finding(values[:1], "Hallsberg", "per_100k") == "Hallsbergs nivå"
    level = [replace(value, rate=5.0) for value in values]
    assert "är densamma" in sentences.trend_finding(level, "Hallsberg", "per_100k")


def test_every_reason_is_explained() -> None:
    for count in (2_400, 1_900, 1_700, 1_520, 1_300, 800, None):
        assert len(sentences.explain_verdict(comparison(count))) > 20


@pytest.mark.parametrize(
    ("ratio", "p", "words"),
    [
        (2.0, 0.001, "mycket ovanligt hög"),
        (1.6, 0.03, "ovanligt hög"),
        (1.5, 0.06, "hög, men inom det vanliga spannet"),
        (1.1, 0.5, "vanlig"),
        (0.6, 0.01, "ovanligt låg"),
    ],
)
def test_how_unusual_is_told_in_plain_words(ratio: float, p: float, words: str) -> None:
    frame = pl.DataFrame({"code": ["1"], "population": [PEOPLE], "rate": [9_000 * ratio]})
    funnel = Funnel(2025, "1", 9_000.0, Overdispersion(2, 0.01, 289, Scale.ROOT), frame, p)
    assert sentences.funnel_finding(funnel, "Provby") == f"Bland alla kommuner är Provbys nivå {words}"
    assert f"{ratio:.2f}".replace(".", ",") in sentences.funnel_text(funnel)


def test_the_direction_of_five_years_is_told() -> None:
    assert "går nivån inte säkert åt något håll" in sentences.marker_text(
        Marker(Direction.NONE, 3.0), 2021, 2025
    )
    assert "2021–2025 stiger nivån" in sentences.marker_text(Marker(Direction.UP, 30.0), 2021, 2025)
    assert "2021–2025 sjunker nivån" in sentences.marker_text(Marker(Direction.DOWN, 30.0), 2021, 2025)
