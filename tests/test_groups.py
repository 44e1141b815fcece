"""Who is compared: official groups, geography, our own distance, an own list; and what describes them."""

from __future__ import annotations

import numpy as np
import pytest

from lagesbild.comparison import benchmark, characteristics, groups
from lagesbild.comparison.benchmark import Reason
from lagesbild.comparison.characteristics import ChoiceError, Weights
from lagesbild.comparison.panel import Panel
from lagesbild.config import REFERENCE_FOLDER
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse
from tests import world


def of(panel: Panel, home: str) -> dict[str, groups.Group]:
    return {group.key: group for group in groups.groups(panel.kinds.values(), home)}


def test_hallsberg_has_every_kind_of_group(panel: Panel) -> None:
    found = of(panel, "1861")
    assert list(found) == [
        "kolada",
        "kolada_socioekonomi",
        "skr",
        "nearest",
        "neighbours",
        "labour_market",
        "county",
        "country",
    ]
    assert found["kolada"].label == "Liknande kommuner enligt Kolada 2025"
    assert found["skr"].label == "SKR-gruppen Pendlingskommun nära större stad"
    assert found["county"].label == "Örebro län"
    assert {panel.names[c] for c in found["neighbours"].members} == {
        "Finspång",
        "Motala",
        "Lekeberg",
        "Laxå",
        "Örebro",
        "Kumla",
        "Askersund",
    }
    assert found["labour_market"].label == "Arbetsmarknadsregionen Örebro"
    assert len(found["nearest"].members) == groups.NEAREST
    assert all(group.why.endswith(".") and "{}" not in group.label + group.why for group in found.values())


def test_nobody_is_in_their_own_group_and_every_member_is_a_municipality(panel: Panel) -> None:
    for home in panel.codes:
        for group in groups.groups(panel.kinds.values(), home):
            assert home not in group.members
            assert set(group.members) <= set(panel.codes)
            assert len(set(group.members)) == len(group.members)


def test_an_island_has_no_neighbours_and_the_rest_is_still_answered(panel: Panel) -> None:
    found = of(panel, "0980")
    assert "neighbours" not in found
    assert "county" not in found
    assert "kolada" in found


def test_neighbours_are_each_others() -> None:
    places = reference.geography()
    assert len(places) == 290
    for code, place in places.items():
        for other in place.neighbours:
            assert code in places[other].neighbours


def test_the_geography_is_what_the_maps_say() -> None:
    maps = pytest.importorskip("scripts.make_geography")
    assert (REFERENCE_FOLDER / "geography.csv").read_text("utf-8") == maps.table()


def test_the_official_group_of_an_older_year_stands_beside_the_newest(real: Warehouse) -> None:
    names = {"01": "A", "02": "B", "03": "C", "04": "D", "05": "E"}
    with world.known({f"{code}01": name for code, name in names.items()}) as connection:
        for year, members in ((2024, ("0201", "0301")), (2025, ("0401", "0501"))):
            for member in members:
                connection.execute(
                    "INSERT INTO comparison_group VALUES (?, 'kolada', 'övergripande', 'x', ?, '0101', ?, 'f')",
                    [f"G{year}", year, member],
                )
        connection.execute(
            "INSERT INTO comparison_group VALUES ('G3', 'kolada', 'övergripande', 'x', 2024, '0201', '0301', 'f')"
        )
        found = groups.kinds(Warehouse.being_built(connection))
    home = {group.key: group for group in groups.groups(found.values(), "0101")}
    assert (home["kolada"].label, home["kolada"].members) == (
        "Liknande kommuner enligt Kolada 2025",
        ("0401", "0501"),
    )
    assert home["kolada_2024"].members == ("0201", "0301")
    assert not home["kolada_2024"].counted
    other = {group.key: group for group in groups.groups(found.values(), "0201")}
    assert other["kolada"].label == "Liknande kommuner enligt Kolada 2024"
    assert "nearest" not in home  # nothing describes them


def test_weights_change_who_is_nearest(real: Warehouse, panel: Panel) -> None:
    only_size = {item.key: 0.0 for item in characteristics.known()} | {"folkmangd": 1.0}
    kind = groups.nearest(real, only_size)
    sizes = dict(zip(panel.profile.codes, panel.profile.values[:, 0], strict=True))
    found = kind.group("1861")
    assert found is not None
    farthest = max(abs(np.log(sizes[c] / sizes["1861"])) for c in found.members)
    closer = [c for c in sizes if c != "1861" and abs(np.log(sizes[c] / sizes["1861"])) < farthest]
    assert set(closer) <= set(found.members)
    assert "folkmängd" in found.why
    assert "utbildning" not in found.why


def test_without_any_weight_there_is_no_nearest_group(real: Warehouse) -> None:
    assert groups.nearest(real, dict.fromkeys([c.key for c in characteristics.known()], 0.0)).members_of == {}


def test_a_list_of_ones_own_is_judged_but_not_counted(real: Warehouse) -> None:
    panel = Panel(real, own={"1861": ["1880", "1881", "1882"]})
    (found,) = benchmark.compare(real, "1861", ["egen"], ["N07540"], panel=panel).comparisons
    assert sorted(found.assessed.members) == ["1880", "1881", "1882"]
    assert found.assessed.standing is not None
    assert not found.group.counted
    country = (
        benchmark.compare(real, "1861", ["country"], ["N07540"], panel=panel).comparisons[0].assessed.standing
    )
    assert country is not None
    assert found.assessed.standing.between == country.between


def test_a_group_of_two_gives_no_answer(real: Warehouse) -> None:
    panel = Panel(real, own={"1861": ["1880", "1881"]})
    (found,) = benchmark.compare(real, "1861", ["egen"], ["N07540"], panel=panel).comparisons
    assert found.assessed.judgement.reason is Reason.TOO_FEW_MEMBERS


def test_the_characteristics_are_those_of_the_sources(panel: Panel) -> None:
    profile = panel.profile
    values = dict(
        zip(
            [c.key for c in profile.characteristics], profile.values[profile.codes.index("1861")], strict=True
        )
    )
    assert list(values) == [c.key for c in characteristics.known()]
    assert values["folkmangd"] == 16_082
    assert values["tathet"] == pytest.approx(16_082 / 630.1)
    assert values["unga"] == pytest.approx(24.22, abs=0.01)
    assert values["arbetslosa"] == pytest.approx(2.88, abs=0.01)
    assert np.isfinite(profile.values).all()


def test_a_characteristic_from_kolada_comes_before_the_shipped_one(tmp_path: object, real: Warehouse) -> None:
    item = next(c for c in characteristics.known() if c.key == "arbetslosa")
    assert item.covariates[0] == "arbetsloshet"
    listed = {row["name"] for row in reference.read_csv("kolada_covariates.csv")}
    shipped = {
        "andel_0_19",
        "andel_75_plus",
        "grundskola_andel",
        "eftergymnasial_andel",
        "arbetslosa_per_100",
    }
    for each in characteristics.known():
        assert set(each.covariates) <= listed | shipped


def test_weights_are_read_as_they_are_written() -> None:
    found = Weights.parse("unga:2,tathet:0.5")
    assert dict(found.chosen) == {"unga": 2.0, "tathet": 0.5}
    assert Weights.parse(found.text) == found
    default = {item.key: item.weight for item in characteristics.known()}
    assert Weights(default).text == ""
    assert not Weights.parse("").chosen


@pytest.mark.parametrize(
    "text", ["unga:9", "unga:-1", "x:1", "unga", "unga:nan", "unga:²", "<b>:1", "unga:1e1", "[a](b):1"]
)
def test_weights_that_are_not_understood_are_refused_and_strange_text_is_not_repeated(text: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        Weights.parse(text)
    assert "](" not in str(caught.value)
    assert "<" not in str(caught.value)


def test_a_list_of_ones_own_is_read_by_code_and_name(panel: Panel) -> None:
    assert groups.own_list("1880, Kumla,1882,1880,1861", panel.names, "1861") == ("1880", "1881", "1882")
    assert groups.own_list(" ", panel.names, "1861") == ()


@pytest.mark.parametrize("text", ["1880,1881", "1880,1881,9999", "1880,1881,[x](http://y)", "1880,1881,1861"])
def test_a_list_that_is_not_understood_is_refused(text: str, panel: Panel) -> None:
    with pytest.raises(ChoiceError) as caught:
        groups.own_list(text, panel.names, "1861")
    assert "](" not in str(caught.value)
