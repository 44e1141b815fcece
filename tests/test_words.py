"""What is said follows from the numbers, in every case the rule knows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from lagesbild.comparison import words
from lagesbild.comparison.benchmark import (
    AgainstGroup,
    Assessed,
    Change,
    Comparison,
    Facts,
    Judgement,
    Modelled,
    Official,
    Reason,
    Value,
    _reason,
    change_of,
)
from lagesbild.comparison.groups import Group
from lagesbild.comparison.robustness import Count
from lagesbild.data.indicators import Indicator, IndicatorKind, Unit
from lagesbild.statistics.comparison import group_spread
from lagesbild.statistics.expected import Expected, Model
from lagesbild.statistics.intervals import Interval
from lagesbild.statistics.overdispersion import Dispersion, rate_interval_overdispersed
from lagesbild.statistics.rule import ChangeWord, Level, level
from lagesbild.statistics.series import Direction, Marker, mann_kendall
from lagesbild.statistics.standing import Standing
from lagesbild.trends import words as trend_words
from tests import reading
from tests.reading import plain

PEOPLE = 16_000.0
TOTAL = Indicator(
    id="N07540",
    short="Anmälda brott totalt",
    title="Anmälda brott totalt",
    kind=IndicatorKind.REPORTED,
    unit=Unit.PER_100K,
    category="brott",
    source_id="kolada",
    source_key="N07540",
)
USUAL = Dispersion(7.7, 0.04**2, 1_740)


def comparison(
    count: int | None = 1_600,
    before: int | None = 1_590,
    members: tuple[float, ...] = (8_000, 9_000, 10_000, 11_000),
    rank: int = 100,
    ranked: int = 290,
    group: str = "kolada",
    p: float = 0.5,
    people: float = PEOPLE,
) -> Comparison:
    """A municipality with so many crimes, beside members with these rates; ``p``: how rare the distance is."""
    rate = 1e5 * (1_600 if count is None else count) / people
    limits = None if count is None else rate_interval_overdispersed(count, people, USUAL)
    spread = group_spread(list(members))
    home = Value(
        year=2025,
        rate=rate,
        count=count,
        count_basis="recovered" if count is not None else None,
        exposure=people,
        interval=limits,
    )
    change = None
    if before is not None and count is not None:
        change = change_of(
            Value(year=2024, rate=0.0, count=before, count_basis="recovered", exposure=people, interval=None),
            home,
            1.0,
            USUAL,
        )
    facts = Facts(
        indicator=TOTAL,
        home=home,
        values=(home,),
        rank=rank,
        ranked=ranked,
        country=None,
        pooled=None,
        smoothed=None,
        change=change,
    )
    standing = None
    reason = (
        Reason.TOO_FEW_MEMBERS
        if len(members) < 3
        else Reason.NO_INTERVAL
        if count is None
        else Reason.NO_LEVEL
    )
    judgement = Judgement(level=Level.UNDECIDED, reason=reason)
    if len(members) >= 3 and count is not None and spread.median > 0:
        cases = [rate * people / 1e5 for rate in members]
        found = level(count, spread.median * people / 1e5, cases, USUAL)
        reason = _reason(found.verdict, found.z)
        judgement = Judgement(
            level=found.verdict, reason=reason, ratio=found.ratio, z=found.z, detectable=found.detectable
        )
    if spread.median > 0 and len(members) >= 3 and count is not None:
        standing = Standing(
            reference=spread.median,
            members=len(members),
            between=0.1,
            learnt_from=289,
            ratio=rate / spread.median,
            z=1.0,
            p_value=p,
            lower=spread.median * 0.6,
            upper=spread.median * 1.5,
            far_lower=spread.median * 0.5,
            far_upper=spread.median * 1.8,
            outlying=1.6,
        )
    assessed = Assessed({str(n): r for n, r in enumerate(members)}, spread, standing, judgement)
    return Comparison(
        facts, Group(key=group, label="Gruppen", why="", members=("1",), source_id="kolada"), assessed
    )


@pytest.mark.parametrize(
    ("count", "p", "answer"),
    [
        (2_400, 0.01, "Ja, Provby sticker ut uppåt: högre än liknande kommuner, och ovanligt långt från dem"),
        (800, 0.01, "Ja, Provby sticker ut nedåt: lägre än liknande kommuner, och ovanligt långt från dem"),
        (1_520, 0.5, "Nej, Provby ligger i nivå med liknande kommuner"),
        (1_520, 0.01, "Nej, Provby ligger i nivå med liknande kommuner"),
        (2_400, 0.12, "Provby ligger högre än liknande kommuner, men inte ovanligt långt från dem"),
        (900, 0.12, "Provby ligger lägre än liknande kommuner, men inte ovanligt långt från dem"),
        (None, 0.5, "Uppgifterna räcker inte för att jämföra Provby med liknande kommuner"),
    ],
)
def test_the_answer_is_the_level_and_how_rare_the_distance_is(
    count: int | None, p: float, answer: str
) -> None:
    assert words.answer(comparison(count, p=p), "Provby") == answer


@pytest.mark.parametrize(("count", "side"), [(14, "högre"), (7, "lägre")])
def test_when_it_is_unsure_both_possible_answers_are_told(count: int, side: str) -> None:
    found = comparison(count, before=None, members=(50, 60, 70, 80))
    told = f"kan ligga i nivå med eller {side} än liknande kommuner"
    assert words.answer(found, "Provby") == f"Osäkert: Provby {told}"
    assert told in words.headline(found, "Provby")
    assert re.search(r"måste vara \d,\d gånger gruppens", words.certainty(found, "Provby"))


@pytest.mark.parametrize(
    ("rank", "told"),
    [
        (1, "den högsta nivån"),
        (2, "den näst högsta"),
        (8, "den åttonde högsta"),
        (11, "den 11:e högsta"),
        (290, "den lägsta"),
        (289, "den näst lägsta"),
        (281, "den tionde lägsta"),
    ],
)
def test_the_rank_is_told_from_the_nearer_end(rank: int, told: str) -> None:
    assert told in words.place_text(comparison(rank=rank).facts, "Provby")


@pytest.mark.parametrize(
    ("before", "count", "told"),
    [
        (1_855, 2_900, "högre än liknande kommuner, och ökningen på ett år är ovanlig."),
        (4_000, 2_400, "högre än liknande kommuner, men minskningen på ett år är ovanlig."),
        (500, 900, "lägre än liknande kommuner, men ökningen på ett år är ovanlig."),
        (900, 1_520, "i nivå med liknande kommuner, men ökningen på ett år är ovanlig."),
        (1_500, 1_520, "i nivå med liknande kommuner, och ökningen på ett år är inte ovanlig."),
        (1_520, 1_520, "i nivå med liknande kommuner."),
    ],
)
def test_the_headline_joins_level_and_change(before: int, count: int, told: str) -> None:
    said = words.headline(comparison(count, before), "Provby")
    assert said.startswith("Anmälda brott 2025: Provby ligger ")
    assert said.endswith(told)


def test_the_total_is_told_together_with_the_total_without_what_the_police_find() -> None:
    said = words.headline(comparison(2_400), "Provby", comparison(1_520))
    assert said.endswith(
        "Utan narkotika- och vapenbrott, som mest upptäcks av polisen, ligger kommunen i nivå."
    )


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ("kolada", "högre än liknande kommuner"),
        ("county", "högre än länets andra kommuner"),
        ("country", "högre än landets andra kommuner"),
        ("skr", "högre än de andra kommunerna i samma SKR-grupp"),
        ("neighbours", "högre än grannkommunerna"),
        ("nearest", "högre än de kommuner som liknar den mest"),
        ("kolada_2024", "högre än kommunerna i gruppen Gruppen"),
    ],
)
def test_every_kind_of_group_fits_the_sentence(group: str, told: str) -> None:
    assert told in words.headline(comparison(2_400, group=group), "Provby")


def test_in_the_middle_the_place_is_a_number() -> None:
    assert (
        "låg Provby på plats 100 bland Sveriges 290 kommuner i anmälda brott (1 är högst)"
        in words.place_text(comparison(rank=100).facts, "Provby")
    )


def test_how_sure_it_is_stands_in_plain_words() -> None:
    text = plain(words.certainty(comparison(1_824, p=0.119), "Provby"))
    assert "Nivån är 20 procent högre än gruppens median, ungefär 304 fler brott på ett år." in text
    assert "Så långt från sin grupp ligger ungefär 1 av 8 kommuner. Det är inte ovanligt." in text
    assert "felmarginalen är mellan" in text
    assert "går inte att beräkna" in words.certainty(comparison(None), "Provby")


@pytest.mark.parametrize(
    ("p", "told"),
    [
        (1.0, "Nästan alla kommuner ligger minst så långt från sin grupp."),
        (0.34, "Så stora avstånd är vanliga: ungefär 3 av 10 kommuner"),
        (0.1, "ungefär 1 av 10 kommuner. Det är inte ovanligt."),
        (0.03, "ungefär 1 av 33 kommuner, och det är ovanligt."),
        (0.0005, "färre än 1 av 500 kommuner, och det är ovanligt."),
    ],
)
def test_how_rare_is_told_as_so_many_municipalities(p: float, told: str) -> None:
    assert told in words.rarity(comparison(2_000, p=p))


@pytest.mark.parametrize(
    ("before", "count", "told"),
    [
        (1_000, 1_505, "505 brott fler än året innan (+51 procent). Det är en ovanlig ökning."),
        (1_505, 1_000, "505 brott färre än året innan (−34 procent). Det är en ovanlig minskning."),
        (
            1_600,
            1_750,
            "150 brott fler än året innan (+9 procent). Det är mer än ren slump, men så mycket brukar siffran ändra sig.",
        ),
        (1_600, 1_590, "10 brott färre än året innan (−1 procent). Det kan vara en slump."),
        (1_600, 1_600, "Lika många brott som året innan."),
        (None, 1_600, "Förändringen mot året innan kan inte prövas."),
    ],
)
def test_the_change_is_described(before: int | None, count: int, told: str) -> None:
    assert plain(words.change_text(comparison(count, before).facts)) == told


def test_whether_it_has_gone_on_is_told_by_the_same_quarters() -> None:
    counts = {2024: (390, 531, 480, 454), 2025: (642, 629, 555, 534), 2026: (394, 476)}
    quarters = {
        date(year, 3 * n + 1, 1): (count, year == 2026)
        for year, some in counts.items()
        for n, count in enumerate(some)
    }
    assert plain(trend_words.quarters_text(quarters)) == (
        "Första halvåret 2026 (preliminärt) anmäldes 870 brott, mot 1 271 samma tid 2025 och 921 samma tid 2024."
    )
    del quarters[date(2024, 4, 1)]
    assert trend_words.quarters_text(quarters) == ""
    assert trend_words.quarters_text({}) == ""


def test_the_long_view_tells_whether_it_is_a_record() -> None:
    def years(*rates: float) -> list[Value]:
        return [
            Value(year=2018 + n, rate=rate, count=None, count_basis=None, exposure=None, interval=None)
            for n, rate in enumerate(rates)
        ]

    assert trend_words.long_view_text(years(1, 2, 3, 4, 5, 6, 7, 8)) == "Nivån 2025 är den högsta sedan 2018."
    assert plain(trend_words.long_view_text(years(9, 2, 3, 4, 5, 6, 7, 8))) == (
        "Det är ingen rekordnivå: den var 9 år 2018 per 100 000 invånare."
    )
    assert trend_words.long_view_text(years(9, 9, 9, 9, 9, 6, 7, 8)).startswith("Fem av åren sedan 2018")
    assert trend_words.long_view_text(years(1, 2)) == ""


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ((8_000, 9_000, 9_500), "Provby ligger högst bland de fyra kommunerna"),
        ((12_000, 13_000, 14_000), "Provby ligger lägst bland de fyra kommunerna"),
        ((8_000, 9_000, 14_000), "Provby ligger över två och under en av de tre jämförda kommunerna"),
    ],
)
def test_a_charts_title_states_the_finding(members: tuple[float, ...], told: str) -> None:
    assert words.group_finding(comparison(members=members), "Provby") == told


def test_the_trends_title_states_the_finding() -> None:
    facts = comparison().facts
    values = [
        Value(
            year=year,
            rate=rate,
            count=None,
            count_basis=None,
            exposure=None,
            interval=Interval(rate - 900, rate + 900),
        )
        for year, rate in ((2019, 8_309.0), (2025, 14_657.0))
    ]
    title = plain(trend_words.trend_finding(values, "Hallsberg", facts, None))
    assert title == "Hallsbergs nivå har stigit från 8 309 år 2019 till 14 657 år 2025"
    unsure = [replace(value, interval=Interval(value.rate - 5_000, value.rate + 5_000)) for value in values]
    neutral = "Hallsbergs nivå var 8 309 år 2019 och 14 657 år 2025"
    assert plain(trend_words.trend_finding(unsure, "Hallsberg", facts, None)) == neutral
    assert trend_words.trend_finding(values[:1], "Hallsberg", facts, None) == "Hallsbergs nivå"
    level = [replace(value, rate=5.0) for value in values]
    assert "är densamma" in trend_words.trend_finding(level, "Hallsberg", facts, None)


@pytest.mark.parametrize(
    ("word", "z", "title"),
    [
        (ChangeWord.UNUSUAL_INCREASE, 3.1, "har stigit från 8 309 år 2019 till 14 657 år 2025"),
        (ChangeWord.ORDINARY, 1.4, "var 8 309 år 2019 och 14 657 år 2025"),
        (ChangeWord.CHANCE, 0.4, "var 8 309 år 2019 och 14 657 år 2025"),
    ],
)
def test_where_counts_are_known_the_trends_title_rests_on_the_tested_change(
    word: ChangeWord, z: float, title: str
) -> None:
    values = [
        Value(
            year=2019, rate=8_309.0, count=1_330, count_basis="recovered", exposure=16_007.0, interval=None
        ),
        Value(
            year=2025, rate=14_657.0, count=2_360, count_basis="recovered", exposure=16_102.0, interval=None
        ),
    ]
    moved = Change(word=word, z=z, before=1_330, after=2_360, ratio=1.76, p_chance=None)
    found = plain(trend_words.trend_finding(values, "Hallsberg", comparison().facts, moved))
    assert found == f"Hallsbergs nivå {title}"
    told = trend_words.marker_text(Marker(Direction.NONE, 3.0), 2021, 2025, values, moved)
    assert told.startswith("Ändringen är inte jämn") == (word is ChangeWord.UNUSUAL_INCREASE)


@pytest.mark.parametrize(
    ("before", "after", "word", "told"),
    [
        (
            1_892,
            2_360,
            ChangeWord.UNUSUAL_INCREASE,
            "Sedan 2020 är det 468 brott fler (+25 procent). Det är mer än siffran brukar variera från år till år, även när landets "
            "förändring räknas bort.",
        ),
        (
            2_400,
            2_360,
            ChangeWord.CHANCE,
            "Sedan 2020 är det 40 brott färre (−2 procent). Det är inte mer än siffran brukar variera från år till år, när landets "
            "förändring räknas bort.",
        ),
        (2_361, 2_360, ChangeWord.CHANCE, "Sedan 2020 är det 1 brott färre. Det är inte mer än"),
        (0, 3, ChangeWord.CHANCE, "Sedan 2020 är det 3 brott fler. Det är inte mer än"),
        (2_360, 2_360, ChangeWord.NONE, "Sedan 2020 är antalet oförändrat."),
    ],
)
def test_the_change_over_five_years_is_told(before: int, after: int, word: ChangeWord, told: str) -> None:
    facts = comparison().facts
    facts = replace(
        facts,
        home=replace(facts.home, year=2025),
        five_years=Change(word=word, z=1.0, before=before, after=after, ratio=1.1, p_chance=None),
    )
    assert plain(words.five_years_text(facts)).startswith(told)
    assert words.five_years_text(replace(facts, five_years=None)) == ""


def test_every_reason_is_explained() -> None:
    found = comparison()
    for reason in Reason:
        judgement = replace(found.assessed.judgement, reason=reason)
        told = replace(found, assessed=replace(found.assessed, judgement=judgement))
        assert len(words.explain_level(told)) > 15
        assert words.headline(told, "Provby").endswith(".")


@pytest.mark.parametrize(
    ("p", "told"),
    [
        (0.001, "mycket ovanligt hög"),
        (0.03, "ovanligt hög"),
        (0.06, "hög, men inte ovanligt hög"),
        (0.5, "vanlig"),
    ],
)
def test_how_unusual_is_told_in_plain_words(p: float, told: str) -> None:
    assert words.funnel_finding(comparison(2_000, p=p), "Provby") == f"Provbys nivå är {told}"


def test_the_comparisons_are_counted_in_words() -> None:
    tally = dict.fromkeys(Level, 0) | {Level.HIGHER: 4, Level.LEVEL: 1}
    assert words.count_text(Count(Level.HIGHER, 5, tally)) == "Högre i 4 av 5 jämförelser, i nivå i 1."


MODEL = Model(
    names=("Andel 0–19 år",), ratios=((1.1, 1.0, 1.2),), n=289, dispersion=0.03, pearson=1.0, outside=0.05
)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1_600, "ungefär 600 fler. Det är fler än vad som är vanligt för en sådan kommun."),
        (1_100, "ungefär 100 fler. Det är inom det vanliga för en sådan kommun."),
        (500, "ungefär 500 färre. Det är färre än vad som är vanligt för en sådan kommun."),
        (1_000, "lika många. Det är inom det vanliga för en sådan kommun."),
    ],
)
def test_what_is_expected_is_told(count: int, told: str) -> None:
    expected = Expected(expected=1_000.0, lower=700.0, upper=1_300.0, ratio=count / 1_000, model=MODEL)
    facts = replace(comparison(count).facts, modelled=lambda: Modelled(expected))
    text = plain(words.expected_text(facts, "Provby"))
    assert "(andel 0–19 år) väntas ha ungefär 1 000 brott på ett år, vanligen mellan 700 och 1 300." in text
    assert text.endswith(told)
    assert words.expected_text(comparison().facts, "Provby") == ""


def test_koladas_own_model_is_shown_with_agreement_or_disagreement() -> None:
    same = words.official_text(Official("U00489", 2025, 2, 2))
    assert "färre än väntat. Vår modell säger detsamma." in same
    assert "Vår modell säger fler än väntat." in words.official_text(Official("U00489", 2025, 1, 0))
    assert "Vår modell" not in words.official_text(Official("U00489", 2025, 0, None))


def test_the_trend_against_the_group_is_told() -> None:
    rising = AgainstGroup(2019, 2025, mann_kendall([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]))
    text = trend_words.against_group_text(rising)
    assert "har nivån ökat 2019–2025, med ungefär 10,0 procent" in text
    flat = AgainstGroup(2019, 2025, mann_kendall([1.0, 1.2, 1.0, 1.2, 1.0, 1.2, 1.0]))
    assert "inte säkert åt något håll" in trend_words.against_group_text(flat)


def test_no_sentence_disagrees_with_its_figure_in_a_thousand_random_states() -> None:
    rng = np.random.default_rng(1861)
    seen: set[Reason] = set()
    for _ in range(1_000):
        found = _random_state(rng)
        seen.add(found.assessed.judgement.reason)
        reading.read(found, "Provby")
    assert seen >= set(Reason)


def _random_state(rng: np.random.Generator) -> Comparison:
    people = float(rng.choice([3_000, 16_000, 150_000, 5_000_000]))
    level = float(10 ** rng.uniform(1.0, 4.0))
    members = tuple(level * rng.lognormal(0, 0.2, int(rng.choice([2, 3, 7, 40]))))
    if rng.random() < 0.03:
        members = tuple(0.0 for _ in members)
    ratio = rng.lognormal(0, 0.4) if rng.random() < 0.7 else rng.normal(1, 0.05)
    count = int(rng.poisson(max(0.0, level * ratio * people / 1e5)))
    missing = rng.random() < 0.05
    ranked = int(rng.choice([15, 290]))
    return comparison(
        None if missing else count,
        None if rng.random() < 0.2 else int(rng.poisson(count + 1)),
        members,
        int(rng.integers(1, ranked + 1)),
        ranked,
        str(rng.choice([*words.OTHERS, "kolada_2024"])),
        float(rng.uniform()),
        people,
    )


def test_the_direction_of_five_years_is_told() -> None:
    assert "går nivån inte säkert åt något håll" in trend_words.marker_text(
        Marker(Direction.NONE, 3.0), 2021, 2025
    )
    assert "2021–2025 stiger nivån" in trend_words.marker_text(Marker(Direction.UP, 30.0), 2021, 2025)
    assert "2021–2025 sjunker nivån" in trend_words.marker_text(Marker(Direction.DOWN, 30.0), 2021, 2025)
