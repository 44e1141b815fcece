"""What the screening of texts finds and what it takes for a person by mistake; texts a second."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING
from unittest.mock import patch

from lagesbild.signals import names
from lagesbild.signals.screening import TITLES, Finding, screen
from lagesbild.swedish import number
from tests.signals import planted

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNT = 2_000


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    for kind, spellings in (
        (Finding.PERSONAL_NUMBER, planted.PERSONAL_NUMBERS),
        (Finding.PHONE, planted.PHONES),
        (Finding.REGISTRATION, planted.PLATES),
    ):
        share = planted.share_found(kind, planted.planted(kind, spellings, _COUNT, 1))
        yield f"Granskning av text, {TITLES[kind].lower()}: {number(100 * share, 1)} % av {number(_COUNT)} hittade"
    for title, given, surname in (
        ("förnamn och efternamn", True, True),
        ("förnamn", True, False),
        ("efternamn", False, True),
    ):
        listed = _recall(given=given, surname=surname)
        half = _half()
        with patch.object(names, "known", return_value=half):
            unlisted = _recall_of_unlisted(given=given, surname=surname)
        yield (
            f"Granskning av text, {title}: {number(100 * listed, 1)} % hittade av namn i listan, "
            f"{number(100 * unlisted, 1)} % av namn utanför den"
        )
    for title, texts in (
        ("verkliga notiser", planted.real_notices()),
        ("påhittade rapporter", list(planted.ordinary(10_000, 3))),
    ):
        if texts:
            yield _false_alarms(title, texts)
    longer = [" ".join(list(planted.ordinary(3, seed)))[:200] for seed in range(10_000)]
    started = time.perf_counter()
    for text in longer:
        screen(text, allowed=planted.places())
    yield f"Granskning av text: 10 000 texter om 200 tecken på {number(time.perf_counter() - started, 1)} s"


def _recall(*, given: bool, surname: bool) -> float:
    return planted.share_found(Finding.NAME, planted.with_names(_COUNT, 5, given=given, surname=surname))


def _half() -> names.Known:
    """Return a list that lacks every other name, as if it had been shorter."""
    rng = random.Random(7)
    whole = names.known()
    return names.Known(
        given=frozenset(name for name in sorted(whole.given) if rng.random() < 0.5),
        surnames=frozenset(name for name in sorted(whole.surnames) if rng.random() < 0.5),
        ordinary=whole.ordinary,
    )


def _recall_of_unlisted(*, given: bool, surname: bool) -> float:
    """Return the share found of names that the list in force lacks; the texts are drawn from the whole list."""
    lacking = names.known()
    with patch.object(names, "known", _WHOLE):
        texts = list(planted.with_names(4 * _COUNT, 5, given=given, surname=surname))
    wholly = lacking.given | lacking.surnames
    unlisted = [one for one in texts if not set(one.text[one.start : one.end].casefold().split()) & wholly]
    return planted.share_found(Finding.NAME, unlisted)


_WHOLE = names.known


def _false_alarms(title: str, texts: list[str]) -> str:
    certain = named = 0
    for text in texts:
        found = screen(text, allowed=planted.places())
        certain += any(one.certain for one in found)
        named += any(not one.certain for one in found)
    return (
        f"Granskning av text, {number(len(texts))} {title}: säkra slag i {number(100 * certain / len(texts), 2)} %, "
        f"namn i {number(100 * named / len(texts), 2)} %"
    )


if __name__ == "__main__":
    for line in lines():
        print(line)
