"""Which municipality somebody means: a code, with or without its leading zero, or a name."""

from __future__ import annotations

from contextlib import suppress
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lagesbild.config import SettingsError
from lagesbild.data.reference import MunicipalityNames
from lagesbild.data.warehouse import queries
from lagesbild.swedish import nearest, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.data.warehouse import Warehouse


class UnknownMunicipalityError(SettingsError):
    """No municipality has that code or name; the message says which is nearest."""


def names_of(warehouse: Warehouse) -> dict[str, str]:
    """Return the names of all municipalities by code, in Swedish alphabetical order; not to be changed."""
    return warehouse.worked_out("names", queries.municipality_names)


def code_of(text: str, names: Mapping[str, str]) -> str:
    """Return the code of the municipality that ``text`` means.

    Parameters
    ----------
    text
        ``0180``, ``180``, ``Stockholm``, ``upplands-bro`` or ``Hallsbergs kommun``.
    names
        Names by code.

    Raises
    ------
    UnknownMunicipalityError
        If there is none; a name that is only alike is told, never taken.
    """
    asked = " ".join(text.split())
    if asked.isascii() and asked.isdigit():
        code = asked.zfill(4)
        if code in names:
            return code
        near = nearest(code, names)
        raise UnknownMunicipalityError(f"Det finns ingen kommun med koden {asked}.{_meant(near, names)}")
    found = MunicipalityNames(names.items()).code(asked)
    if found is not None:
        return found
    by_name = {name: code for code, name in names.items()}
    near = nearest(asked, by_name)
    code_near = by_name[near] if near else None
    raise UnknownMunicipalityError(f"Det finns ingen kommun som heter {asked}.{_meant(code_near, names)}")


def meant(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the codes of the municipalities that somebody who searches may mean; none where nothing is near.

    The first of these that finds any: a code or name, also with its letters' marks left out (``malmo``); the beginning
    of a name (``ore``); a name that is misspelt (``hallsbrg``). More than one where it cannot be told which.
    """
    sure = surely_meant(text, names)
    if sure is not None:
        return (sure,)
    sought = plain(" ".join(text.split()))
    if len(sought) < _FEWEST_LETTERS or sought.isdigit():
        return ()
    plainly = {code: plain(name) for code, name in names.items()}
    marked = " ".join(text.casefold().split())
    with_marks = (code for code, name in names.items() if name.casefold().startswith(marked))
    exact = tuple(with_marks) if marked != sought else ()
    begin = exact or tuple(code for code, name in plainly.items() if name.startswith(sought))
    return begin or _misspelt(sought.removesuffix(" kommun").removesuffix(" stad"), plainly)


def surely_meant(text: str, names: Mapping[str, str]) -> str | None:
    """Return the code of the municipality that a code or whole name means, also without its letters' marks; else None."""
    with suppress(UnknownMunicipalityError):
        return code_of(text, names)
    plainly = ((code, plain(name)) for code, name in names.items())
    return MunicipalityNames(plainly).code(plain(text))


#: Fewer letters than this are no beginning of a name.
_FEWEST_LETTERS = 2
#: How alike a misspelt name must be, and how much more than the next for it to be the one.
_ALIKE, _CLEARLY = 0.75, 0.04


def _misspelt(sought: str, names: Mapping[str, str]) -> tuple[str, ...]:
    likeness = {code: SequenceMatcher(None, name, sought).ratio() for code, name in names.items()}
    best = max(likeness.values(), default=0.0)
    if best < _ALIKE:
        return ()
    near = [code for code, value in likeness.items() if value > best - _CLEARLY]
    return tuple(sorted(near, key=lambda code: -likeness[code]))


def _meant(code: str | None, names: Mapping[str, str]) -> str:
    return f" Menade du {names[code]} ({code})?" if code else ""


def codes_of(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the codes of municipalities set apart by commas, each once; raises as `code_of` does."""
    return list(dict.fromkeys(code_of(one, names) for one in text.split(",") if one.strip()))


def in_parameters(parameters: Mapping[str, str | int], names: Mapping[str, str]) -> dict[str, str | int]:
    """Return a chart's parameters with its municipality and own list as codes; raises as `code_of` does."""
    found = dict(parameters)
    if found.get("home"):
        found["home"] = code_of(str(found["home"]), names)
    if found.get("own"):
        found["own"] = ",".join(codes_of(str(found["own"]), names))
    return found
