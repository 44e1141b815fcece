"""What is said follows from the numbers, in every case the rule knows."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from lagesbild import sentences
from lagesbild.benchmark import AgainstGroup, Assessed, Comparison, Facts, Official, Value, detectable
from lagesbild.groups import Group
from lagesbild.robustness import Count
from lagesbild.statistics.change import count_change
from lagesbild.statistics.comparison import Reason, Verdict, group_spread, judge
from lagesbild.statistics.expected import Expected, Model
from lagesbild.statistics.intervals import rate_interval
from lagesbild.statistics.series import Direction, Marker, mann_kendall
from lagesbild.statistics.standing import Standing

PEOPLE = 16_000.0


def comparison(
    count: int | None = 1_600, before: int | None = 1_590, members: tuple[float, ...] = (8_000, 9_000, 10_000, 11_000),
    rank: int = 100, ranked: int = 290, group: str = "kolada", p: float | None = None, between: float = 0.1,
    people: float = PEOPLE, indicators: int = 1,
) -> Comparison:  # fmt: skip
    """A municipality with so many crimes, beside members with these rates; ``p`` as given or by the spread."""
    rate = 1e5 * (1_600 if count is None else count) / people
    limits = None if count is None else rate_interval(count, people)
    spread = group_spread(list(members))
    home = Value(2025, rate, count, "recovered" if count is not None else None, people, limits)
    change = None
    if before is not None and count is not None:
        change = count_change(before, count, people, people)
    facts = Facts(
        "N07540", "Anmälda brott totalt", "Anmälda brott totalt", "per_100k", "reported", home, (home,), rank, ranked,
        change, None, None, None, None, None,
    )  # fmt: skip
    standing, q_value = None, None
    if spread.median > 0 and len(members) >= 3 and count is not None:
        expected = spread.median * people / 1e5
        z = (math.sqrt(rate / spread.median) - 1) / math.sqrt(0.25 / expected + between**2)
        p = float(2 * ndtr(-abs(z))) if p is None else p
        standing = Standing(spread.median, len(members), between, 289, rate / spread.median, z, p,
                            spread.median * 0.6, spread.median * 1.5, spread.median * 0.5, spread.median * 1.8, 1.6)  # fmt: skip
        q_value = min(1.0, p * indicators)
    smallest = detectable(home, spread.median, "reported") if count is not None else None
    judgement = judge(
        standing, q_value, members=len(members), certain=limits is not None, detectable=smallest
    )
    assessed = Assessed(
        {str(n): r for n, r in enumerate(members)}, spread, standing, q_value, smallest, judgement
    )
    return Comparison(facts, Group(group, "Gruppen", "", ("1",), "kolada"), assessed)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("count", "answer"),
    [
        (2_400, "Ja, Provby sticker ut uppåt"),
        (800, "Ja, Provby sticker ut nedåt"),
        (1_520, "Nej, Provby sticker inte ut"),
        (2_050, "Provby ligger högt, men det går inte att avgöra om kommunen sticker ut"),
        (1_100, "Provby ligger lågt, men det går inte att avgöra om kommunen sticker ut"),
        (None, "Det går inte att avgöra om Provby sticker ut"),
    ],
)
def test_the_answer_follows_the_verdict(count: int | None, answer: str) -> None:
    assert sentences.answer(comparison(count), "Provby") == answer


def test_far_above_is_said_only_when_the_whole_interval_is() -> None:
    assert "långt över sin officiella jämförelsegrupp" in sentences.headline(comparison(2_400), "Provby")
    near = comparison(1_900, members=(9_500, 10_000, 10_200, 10_400), between=0.01)
    assert ", över sin officiella jämförelsegrupp" in sentences.headline(near, "Provby")


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
        ("kolada", "över sin officiella jämförelsegrupp"),
        ("county", "över länets andra kommuner"),
        ("country", "över landets andra kommuner"),
        ("skr", "över de andra kommunerna i samma SKR-grupp"),
        ("neighbours", "över sina grannkommuner"),
        ("nearest", "över de kommuner som liknar den mest"),
        ("kolada_2024", "över Gruppen"),
    ],
)
def test_every_kind_of_group_fits_the_sentence(group: str, words: str) -> None:
    found = comparison(1_900, members=(9_500, 10_000, 10_200, 10_400), group=group, between=0.01)
    assert words in sentences.headline(found, "Provby")


def test_in_the_middle_the_place_is_a_number() -> None:
    assert (
        "låg Provby på plats 100 bland Sveriges 290 kommuner i anmälda brott (1 är högst)"
        in sentences.headline(comparison(rank=100), "Provby")
    )


def test_a_change_against_the_verdict_is_in_spite_of() -> None:
    assert "trots en ökning med 400 brott" in sentences.headline(comparison(900, before=500), "Provby")


def test_too_few_cases_is_about_the_municipality_s_group() -> None:
    said = sentences.headline(
        comparison(12, before=None, members=(40, 50, 60), people=16_000, p=0.4), "Provby"
    )
    assert "men fallen är för få för en säker jämförelse med dess officiella jämförelsegrupp" in said
    few = comparison(12, before=None, members=(40, 50, 60), group="neighbours", p=0.4)
    assert "med dess grannkommuner" in sentences.headline(few, "Provby")


def test_how_sure_it_is_stands_in_plain_words() -> None:
    text = plain(sentences.certainty(comparison(1_824, p=0.119, indicators=2), "Provby"))
    assert (
        "Nivån är 20 procent högre än gruppens median, ungefär 304 fler brott på ett år än med den." in text
    )
    assert (
        "Så långt från sin grupp ligger ungefär 1 av 8 kommuner, så skillnaden är inte säkert ovanlig."
        in text
    )
    assert "med 95 procents säkerhet ligger Provbys nivå mellan" in text
    assert "går inte att beräkna" in sentences.certainty(comparison(None), "Provby")


@pytest.mark.parametrize(
    ("p", "indicators", "words"),
    [
        (1.0, 1, "ungefär 10 av 10 kommuner"),
        (0.34, 1, "Så stora skillnader är vanliga: ungefär 3 av 10 kommuner"),
        (0.1, 1, "ungefär 1 av 10 kommuner, så skillnaden är inte säkert ovanlig"),
        (0.03, 1, "ungefär 1 av 33 kommuner."),
        (0.03, 3, "ungefär 1 av 33 kommuner, men när flera nyckeltal jämförs"),
        (0.0005, 1, "färre än 1 av 500 kommuner."),
    ],
)
def test_how_rare_is_told_as_so_many_municipalities(p: float, indicators: int, words: str) -> None:
    assert words in sentences.rarity(comparison(2_000, p=p, indicators=indicators))


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
    assert plain(sentences.change_text(comparison(count, before).facts)) == words


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
    found = comparison()
    for reason in Reason:
        judgement = replace(found.assessed.judgement, reason=reason)
        told = replace(found, assessed=replace(found.assessed, judgement=judgement))
        assert len(sentences.explain_verdict(told)) > 20
        assert sentences.headline(told, "Provby").endswith(".")


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.001, "mycket ovanligt hög"), (0.03, "ovanligt hög"), (0.06, "hög, men inom det vanliga spannet"), (0.5, "vanlig")],
)  # fmt: skip
def test_how_unusual_is_told_in_plain_words(p: float, words: str) -> None:
    assert sentences.funnel_finding(comparison(2_000, p=p), "Provby") == f"Provbys nivå är {words}"


def test_the_comparisons_are_counted_in_words() -> None:
    tally = dict.fromkeys(Verdict, 0) | {Verdict.HIGHER: 4, Verdict.LEVEL: 1}
    assert sentences.count_text(Count(Verdict.HIGHER, 5, tally)) == "Högre i 4 av 5 jämförelser, i nivå i 1."


MODEL = Model(("Andel 0–19 år",), ((1.1, 1.0, 1.2),), 289, 0.03, 1.0, 0.05)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1_600, "ungefär 600 fler. Det är fler än vad som är vanligt."),
        (1_100, "ungefär 100 fler. Det är inom det vanliga."),
        (500, "ungefär 500 färre. Det är färre än vad som är vanligt."),
        (1_000, "lika många. Det är inom det vanliga."),
    ],
)
def test_what_is_expected_is_told(count: int, words: str) -> None:
    expected = Expected(1_000.0, 700.0, 1_300.0, count / 1_000, MODEL)
    facts = replace(comparison(count).facts, expected=expected)
    text = plain(sentences.expected_text(facts, "Provby"))
    assert "(andel 0–19 år) väntas ungefär 1 000 fall på ett år, vanligen mellan 700 och 1 300." in text
    assert text.endswith(words)
    assert sentences.expected_text(comparison().facts, "Provby") == ""


def test_koladas_own_model_is_shown_with_agreement_or_disagreement() -> None:
    same = sentences.official_text(Official("U00489", 2025, 2, 2))
    assert "färre än väntat. Vår modell säger detsamma." in same
    assert "Vår modell säger fler än väntat." in sentences.official_text(Official("U00489", 2025, 1, 0))
    assert "Vår modell" not in sentences.official_text(Official("U00489", 2025, 0, None))


def test_the_trend_against_the_group_is_told() -> None:
    rising = AgainstGroup(2019, 2025, mann_kendall([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]))
    text = sentences.against_group_text(rising)
    assert "har nivån ökat 2019–2025, med ungefär 10,0 procent" in text
    flat = AgainstGroup(2019, 2025, mann_kendall([1.0, 1.2, 1.0, 1.2, 1.0, 1.2, 1.0]))
    assert "inte säkert åt något håll" in sentences.against_group_text(flat)


def test_no_sentence_disagrees_with_its_figure_in_a_thousand_random_states() -> None:
    chance = np.random.default_rng(1861)
    seen: set[Reason] = set()
    for _ in range(1_000):
        found = _random_state(chance)
        seen.add(found.assessed.judgement.reason)
        _check(found)
    assert seen >= set(Reason) - {Reason.NO_SPREAD}


def _random_state(chance: np.random.Generator) -> Comparison:
    people = float(chance.choice([3_000, 16_000, 150_000]))
    level = float(10 ** chance.uniform(1.0, 4.0))
    members = tuple(level * chance.lognormal(0, 0.2, int(chance.choice([2, 3, 7, 40]))))
    between = float(chance.choice([0.0001, 0.05, 0.12]))
    ratio = chance.lognormal(0, 0.4) if chance.random() < 0.7 else chance.normal(1, 0.05)
    count = int(chance.poisson(max(0.0, level * ratio * people / 1e5)))
    missing = chance.random() < 0.05
    ranked = int(chance.choice([15, 290]))
    return comparison(
        None if missing else count, None if chance.random() < 0.2 else int(chance.poisson(count + 1)), members,
        int(chance.integers(1, ranked + 1)), ranked, str(chance.choice([*sentences.GROUP_IN_SENTENCE, "kolada_2024"])),
        None, between, people, int(chance.choice([1, 2, 20])),
    )  # fmt: skip


def _check(found: Comparison) -> None:
    """Read the sentences as a reader would, and hold them against the numbers."""
    headline, sure = plain(sentences.headline(found, "Provby")), plain(sentences.certainty(found, "Provby"))
    assert len(headline.split()) <= 45, headline
    assert headline.endswith(".")
    assert not re.search(r"  |\bNone\b|\bnan\b|\binf\b|\d\.\d", headline + sure), headline + sure
    _check_answer(found, sentences.answer(found, "Provby"), headline)
    _check_place(found, headline)
    _check_distance(found, sure)
    _check_change(found, headline)


def _check_answer(found: Comparison, answer: str, headline: str) -> None:
    rate, median = found.home.rate, found.assessed.spread.median
    if "uppåt" in answer or "ligger högt" in answer:
        assert rate > median
        assert "över" in headline
    if "nedåt" in answer or "ligger lågt" in answer:
        assert rate < median
        assert "under" in headline
    if answer.startswith("Ja"):
        assert found.assessed.q_value is not None
        assert found.assessed.q_value <= 0.05
    if answer.startswith("Nej"):
        assert found.assessed.standing is not None
        assert "för få" not in headline
        assert found.assessed.detectable is not None
        assert found.assessed.detectable <= 2 or found.assessed.judgement.reason is Reason.SMALL_DIFFERENCE


def _check_place(found: Comparison, headline: str) -> None:
    median = found.assessed.spread.median
    if "långt över" in headline:
        assert found.home.interval is not None
        assert found.home.interval.lower >= 1.25 * median
    if "långt under" in headline:
        assert found.home.interval is not None
        assert found.home.interval.upper * 1.25 <= median
    place = re.search(r"på plats (\d+)", headline)
    if place:
        assert int(place[1]) == found.facts.rank


def _check_distance(found: Comparison, sure: str) -> None:
    rate, median = found.home.rate, found.assessed.spread.median
    told = re.search(r"Nivån är ([\d ]+) procent (högre|lägre) än", sure)
    if told:
        assert (told[2] == "högre") == (rate > median)
        assert int(told[1].replace(" ", "")) == abs(round(100 * (rate / median - 1)))
    more = re.search(r"ungefär ([\d ]+) (fler|färre) brott på ett år", sure)
    if more:
        assert (more[2] == "fler") == (rate > median)
        assert found.more_than_group is not None
        assert abs(int(more[1].replace(" ", "")) - abs(found.more_than_group)) <= 0.5
    if "Så stora skillnader är vanliga" in sure:
        assert found.assessed.standing is not None
        assert found.assessed.standing.p_value >= 0.2
        assert found.verdict not in {Verdict.HIGHER, Verdict.LOWER}


def _check_change(found: Comparison, headline: str) -> None:
    change = found.facts.change
    moved = re.search(r"en (ökning|minskning) med ([\d ]+) brott", headline)
    assert (moved is not None) == (change is not None and change.difference != 0 and change.p_value < 0.05)
    if moved and change:
        assert (moved[1] == "ökning") == (change.difference > 0)
        assert int(moved[2].replace(" ", "")) == abs(change.difference)


def test_the_direction_of_five_years_is_told() -> None:
    assert "går nivån inte säkert åt något håll" in sentences.marker_text(
        Marker(Direction.NONE, 3.0), 2021, 2025
    )
    assert "2021–2025 stiger nivån" in sentences.marker_text(Marker(Direction.UP, 30.0), 2021, 2025)
    assert "2021–2025 sjunker nivån" in sentences.marker_text(Marker(Direction.DOWN, 30.0), 2021, 2025)
