"""How often one address may do what costs."""

import pytest

from lagesbild.web.pace import Pace, network_of


def test_each_key_has_its_own_pace() -> None:
    pace = Pace(2, 3600)
    assert [pace.take("a"), pace.take("a"), pace.take("a")] == [True, True, False]
    assert pace.take("b")


def test_two_paces_of_the_same_size_count_apart() -> None:
    first, second = Pace(1, 60), Pace(1, 60)
    assert first.take("a")
    assert second.take("a")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (None, "okänd"),
        ("", "okänd"),
        ("' OR 1=1", "okänd"),
    ],
)
def test_an_address_draws_on_the_budget_of_its_network(address: str | None, network: str) -> None:
    assert network_of(address) == network
