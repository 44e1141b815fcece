"""The parts of SOL: plans that cover each cell once, menus, areas, and result files with their traps."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.sol.areas import AreaError, Crosswalk, Span
from pipelines.sources.sol.dbfil import DbfilError, read_dbfil
from pipelines.sources.sol.menu import Area, MenuError, SolCrimeType, SolPeriod, labels_above, read_menu
from pipelines.sources.sol.plan import plan, separate

HEAD = "Region;Brott;År;Period;Antal;/100 000 inv\r\n"


def crime(path: str, label: str | None = None) -> SolCrimeType:
    return SolCrimeType(id="1", label=label or path.rsplit(", ", 1)[-1], path=path, parent=None, level=0)


def years(first: int, last: int) -> list[SolPeriod]:
    return [
        SolPeriod(id=str(y), start=date(y, 1, 1), kind="year", preliminary=False, labels=("År", str(y)))
        for y in range(first, last + 1)
    ]


def areas(number: int) -> list[Area]:
    return [Area(str(n), f"Prov {n}", "") for n in range(number)]


@pytest.mark.parametrize(
    ("types", "places", "first", "rates"),
    [
        (45, 291, 1996, True),
        (44, 291, 1996, True),
        (1149, 291, 2025, True),
        (336, 291, 1996, True),
        (7, 291, 1996, False),
        (5, 291, 1996, True),
        (1, 291, 1996, True),
        (46, 291, 2024, True),
    ],
)
def test_the_queries_are_within_five_percent_of_the_fewest_possible(
    types: int, places: int, first: int, rates: bool
) -> None:
    queries = plan(
        [crime(f"Brott {n}") for n in range(types)], areas(places), years(first, 2025), rates=rates
    )
    fewest = math.ceil(sum(query.cells for query in queries) / 10_000)
    assert len(queries) <= 1.05 * fewest


@given(st.integers(1, 60), st.integers(1, 300), st.integers(1, 30), st.booleans(), st.integers(2, 12_000))
@settings(deadline=None, max_examples=60)
def test_every_cell_is_asked_for_exactly_once(
    types: int, places: int, periods: int, rates: bool, room: int
) -> None:
    queries = plan(
        [crime(f"Brott {n}") for n in range(types)],
        areas(places),
        years(2026 - periods, 2025),
        rates=rates,
        max_cells=room,
    )
    assert all(query.cells <= room for query in queries)
    asked = Counter((t.path, p.start) for q in queries for t in q.types for p in q.periods for _ in q.areas)
    assert asked == Counter(
        {(f"Brott {t}", date(y, 1, 1)): places for t in range(types) for y in range(2026 - periods, 2026)}
    )


def test_the_newest_periods_are_asked_for_first() -> None:
    queries = plan([crime(f"Brott {n}") for n in range(45)], areas(291), years(1996, 2025), rates=True)
    newest = [max(period.start for period in query.periods) for query in queries]
    assert newest == sorted(newest, reverse=True)
    assert min(period.start.year for period in queries[0].periods) >= 2023


def test_types_that_results_would_confuse_are_kept_apart() -> None:
    one, other = crime("A, Internationell anknytning"), crime("B, Internationell anknytning")
    under = crime("B, Internationell anknytning, Okänd")  # the result repeats "Internationell anknytning"
    parent = crime("A")
    groups = separate([one, other, under, parent])
    of = {item.path: n for n, group in enumerate(groups) for item in group}
    assert of[one.path] != of[other.path]
    assert of[one.path] != of[under.path]
    assert of[other.path] == of[under.path]  # its own ancestor is no stranger
    assert of[parent.path] == of[one.path]


def test_names_with_commas_count_as_every_name_they_may_be() -> None:
    assert set(labels_above("A, B, C, D")) == {"A", "B", "C", "A, B", "B, C", "A, B, C"}


def page(**arrays: list[str]) -> str:
    return "".join(
        f'{name}[{n}]="{text}";\r\n' for name, texts in arrays.items() for n, text in enumerate(texts)
    )


WHOLE = {
    "arrayNivaett": ["5*Brott", "7*Stöld (1, 2 §)"],
    "arrayNivatva": [
        "5*Brott totalt*5*Brott",
        "7*\\xA0\\xA0Stöld (1, 2 §)*5*Brott, Stöld (1, 2 §)",
        "7*Stöld (1, 2 §) totalt*7*Brott, Stöld (1, 2 §)",
        "9*\u00a0\u00a0Av cykel, (t.o.m. 2018)*7*Brott, Stöld (1, 2 §) , Av cykel, (t.o.m. 2018)",
    ],
    "arrayRegionNivaEtt": ["1*Provlän"],
    "arrayRegionNivaTva": ["30*\u00a0Provby kommun*1*Provby kommun, Provlän"],
    "arrayPeriod": ["2*2025*2*2025*-1"],
}


def test_a_menu_gives_each_type_once_with_its_place_in_the_tree() -> None:
    menu = read_menu(page(**WHOLE))
    assert [(t.label, t.parent, t.level) for t in menu.types] == [
        ("Brott", None, 0),
        ("Stöld (1, 2 §)", "Brott", 1),
        ("Av cykel, (t.o.m. 2018)", "Brott, Stöld (1, 2 §)", 2),
    ]
    assert menu.types[2].valid_to == 2018
    assert menu.areas == (Area("30", "Provby kommun", "Provlän"),)
    assert menu.periods == (
        SolPeriod(id="2", start=date(2025, 1, 1), kind="year", preliminary=False, labels=("År", "2025")),
    )


def test_months_quarters_and_preliminary_years_are_told_apart() -> None:
    texts = [
        "1*Hela året*9*2026 prel. Hela året*0",
        "2*Kvartal 2*9*2026 prel. Kvartal 2*1",
        "3*\u00a0Maj*9*2026 prel. Maj*2",
        "4*Dec*8*2025 Dec*2",
    ]
    found = read_menu(page(**WHOLE | {"arrayPeriod": texts})).periods
    assert [(p.start, p.kind, p.preliminary) for p in found] == [
        (date(2026, 1, 1), "whole_year", True),
        (date(2026, 4, 1), "quarter", True),
        (date(2026, 5, 1), "month", True),
        (date(2025, 12, 1), "month", False),
    ]
    assert found[2].labels == ("2026 prel.", "Maj")


@pytest.mark.parametrize(
    ("name", "texts", "told"),
    [
        ("arrayNivatva", [], "ingen lista arrayNivatva"),
        ("arrayNivatva", ["5*Brott"], r"arrayNivatva\[0\] har 2 fält"),
        ("arrayPeriod", ["2*2025*2*2025*7"], "okänd sort"),
        ("arrayPeriod", ["2*Mars*2*Mars*2"], "inget årtal"),
        ("arrayPeriod", [], "ingen lista arrayPeriod"),
        ("arrayRegionNivaTva", ["30*Provby"], r"arrayRegionNivaTva\[0\] har 2 fält"),
    ],
)
def test_a_menu_of_another_form_is_refused(name: str, texts: list[str], told: str) -> None:
    with pytest.raises(MenuError, match=told):
        read_menu(page(**WHOLE | {name: texts}))


PEOPLE = [("0101", "Provby"), ("0102", "Provås"), ("0103", "Provö"), ("0104", "Nyprov")]
PLACES = [
    Area("1", "Hela landet", ""),
    Area("2", "Provby kommun", "Norrprovs län"),
    Area("3", "Provby kommun", "Söderprovs län"),
    Area("4", "Provås kommun", "Norrprovs län"),
    Area("5", "Region Provö", "Norrprovs län"),
    Area("6", "Nyprovs kommun", "X"),
    Area("7", "Provby norra stadsdel (Prv)", "X"),
    Area("8", "Gammelprov (upphörde 2003-01-01)", "X"),
]
MOVED = [
    Span("0101", "Söderprov", 2007, 9999),
    Span("0101", "Norrprov", 0, 2006),
    Span("0104", "", 2003, 9999),
]


def test_areas_become_municipalities_once_a_year_whatever_they_are_called() -> None:
    crosswalk = Crosswalk(PLACES, PEOPLE, MOVED)
    early, late = crosswalk.of_year(2002), crosswalk.of_year(2010)
    assert {code: area.id for code, area in early.items()} == {
        "0000": "1",
        "0101": "2",
        "0102": "4",
        "0103": "5",
    }
    assert {code: area.id for code, area in late.items()} == {
        "0000": "1",
        "0101": "3",
        "0102": "4",
        "0103": "5",
        "0104": "6",
    }


def test_an_area_that_stands_twice_or_not_at_all_is_told() -> None:
    with pytest.raises(AreaError, match="finns 2 gånger"):
        Crosswalk(PLACES, PEOPLE, []).of_year(2010)
    with pytest.raises(AreaError, match=r"1 kommuner finns inte bland områdena, t\.ex\. Provås"):
        Crosswalk([area for area in PLACES if area.id != "4"], PEOPLE, MOVED)


def test_the_real_exceptions_are_known() -> None:
    people = [("0331", "Heby"), ("0330", "Knivsta"), ("0140", "Nykvarn"), ("0980", "Gotland")]
    places = [
        Area("8556", "Heby kommun", "Uppsala län"),
        Area("8608", "Heby kommun", "Västmanlands län"),
        Area("1", "Knivsta kommun", "Uppsala län"),
        Area("2", "Nykvarns kommun", "Stockholms län"),
        Area("3", "Region Gotland", "Gotlands län"),
    ]
    found = Crosswalk(places, people)
    assert {code: a.id for code, a in found.of_year(1998).items()} == {"0331": "8608", "0980": "3"}
    assert {code: a.id for code, a in found.of_year(2006).items()} == {
        "0331": "8608",
        "0330": "1",
        "0140": "2",
        "0980": "3",
    }
    assert found.of_year(2007)["0331"].id == "8556"


def read(*rows: str, head: str = HEAD) -> list[tuple[object, ...]]:
    return read_dbfil((head + "".join(f"{row}\r\n" for row in rows)).encode("iso-8859-1")).rows()


def test_a_result_is_read_with_all_its_ways_of_writing() -> None:
    assert read(
        "Provås kommun;Stöld (1, 2 §);År;2025;1 234;2,5;",
        "Provås kommun;Stöld&nbsp;av cykel;År;2025;1\u00a0234\u00a0567;12;",
        'Hela landet;"Citerat" brott;2026 prel.;\u00a0Aug;..;..;',
        "A;B;År;2024;-;-;",
    ) == [
        ("Provås kommun", "Stöld (1, 2 §)", "År", "2025", 1234, 2.5, None),
        ("Provås kommun", "Stöld av cykel", "År", "2025", 1_234_567, 12.0, None),
        ("Hela landet", '"Citerat" brott', "2026 prel.", "Aug", None, None, "suppressed"),
        ("A", "B", "År", "2024", None, None, "missing"),
    ]
    assert read("A;B;År;2025;7;", head="Region;Brott;År;Period;Antal\r\n") == [
        ("A", "B", "År", "2025", 7, None, None)
    ]
    assert read() == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A;B;År;2025;1;2", "rad 2: 5 semikolon, väntade 6"),
        ("A;B;År;2025;1;2;3;", "rad 2: 7 semikolon, väntade 6"),
        ("A;B;År;2025;x;2;", "rad 2: fältet Antal är inget tal: 'x'"),
        ("A;B;År;2025;-5;2;", "fältet Antal är inget tal"),
        ("A;B;År;2025;1.5;2;", "fältet Antal är inget tal"),
        ("A;B;År;2025;1;nan;", "fältet /100 000 inv är inget tal"),
        ("A;;År;2025;1;2;", "ett fält är tomt"),
    ],
)
def test_a_damaged_row_is_told_by_number_and_field(row: str, told: str) -> None:
    with pytest.raises(DbfilError, match=told):
        read(row)


def test_another_header_is_refused() -> None:
    with pytest.raises(DbfilError, match="rubrikraden"):
        read(head="Kommun;Antal\r\n")
