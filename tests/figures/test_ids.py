"""Ids of frozen figures: short, readable, and wrong ones are known as such."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.figures import ids

contents = st.binary(min_size=1, max_size=40)
homes = st.integers(0, 9999).map(lambda n: f"{n:04d}")


def test_an_id_is_read_however_it_is_written_off() -> None:
    for text in ("LB-1861-7QK4M2", " lb-1861-7qk4m2 ", "LB–1861–7QK4M2", "LB-1861- 7QK4M2"):
        assert ids.read(text) == "LB-1861-7QK4M2"


@given(homes, contents)
def test_what_is_made_can_be_read(home: str, content: bytes) -> None:
    made = ids.make(home, content)
    assert ids.read(made) == made
    assert made.startswith(f"LB-{home}-")
    assert not set(made[8:]) & set("01IO")


@given(homes, contents, st.integers(3, 13), st.sampled_from(ids.ALPHABET))
def test_any_one_wrong_character_is_found(home: str, content: bytes, place: int, other: str) -> None:
    made = ids.make(home, content)
    wrong = made[:place] + other + made[place + 1 :]
    if made[place] in {other, "-"}:
        return
    with pytest.raises(ids.IdError):
        ids.read(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hej",
        "LB-1861",
        "LB-18-7QK4M2",
        "LB-1861-7QK4M",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "x" * 500,
    ],
)
def test_what_is_no_id_is_not_repeated_unless_it_is_harmless(text: str) -> None:
    with pytest.raises(ids.IdError) as error:
        ids.read(text)
    assert "<" not in str(error.value)
    assert len(str(error.value)) < 200


def test_another_content_and_another_turn_give_another_id() -> None:
    assert (
        len(
            {
                ids.make("9901", b"a"),
                ids.make("9901", b"b"),
                ids.make("9901", b"a", 1),
                ids.make("9902", b"a"),
            }
        )
        == 4
    )
