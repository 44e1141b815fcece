"""What we take for granted of Kolada."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from pipelines.probe.check import Assumption
from pipelines.sources.kolada import MOST_IDS, PAGE, pinned

if TYPE_CHECKING:
    from pipelines.probe.asking import Asker
    from pipelines.sources.kolada import Pinned

_YEAR, _HOME, _TOTAL, _RATE = 2024, "1861", "N07540", 11_467.61
_CODES = tuple(reference.municipality_names())


def checks() -> list[Assumption]:
    """Return the assumptions, in the order they are asked."""
    return [
        Assumption("kommunerna finns under /municipality och är de 290 vi känner", _municipalities),
        Assumption("grupperna finns under /municipality_groups och varje medlem har member_id", _groups),
        Assumption("katalogen finns under /kpi och delas i sidor om 5 000", _catalogue),
        Assumption(
            f"en fråga får ha {MOST_IDS} kommuner", lambda asker: (200, _data(asker, MOST_IDS).status)
        ),
        Assumption(
            f"en fråga med {MOST_IDS + 1} kommuner avvisas",
            lambda asker: (422, _data(asker, MOST_IDS + 1).status),
        ),
        Assumption(
            "ett värde har fälten kpi, municipality, period och values med gender, status och value", _fields
        ),
        Assumption(f"Hallsbergs värde av {_TOTAL} {_YEAR} är det vi känner", _known_value),
        *(Assumption(f"{pin.kpi} är {pin.spoken}", _is_pinned(pin)) for pin in pinned() if pin.kpi),
    ]


def _values(asker: Asker, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asker.get(f"{path}{'&' if '?' in path else '?'}per_page={PAGE}").json()[
        "values"
    ]
    return found


def _municipalities(asker: Asker) -> tuple[Any, Any]:
    listed = {item["id"] for item in _values(asker, "/municipality") if item["type"] == "K"}
    return [], sorted(listed ^ set(_CODES))


def _groups(asker: Asker) -> tuple[Any, Any]:
    members = [member for group in _values(asker, "/municipality_groups") for member in group["members"]]
    return True, bool(members) and all("member_id" in member for member in members)


def _catalogue(asker: Asker) -> tuple[Any, Any]:
    first = asker.get(f"/kpi?per_page={PAGE}").json()
    return (PAGE, True), (len(first["values"]), bool(first["next_url"]))


def _entries(asker: Asker) -> dict[str, dict[str, Any]]:
    pages = [asker.get(f"/kpi?per_page={PAGE}").json()]
    if pages[0].get("next_url"):
        pages.append(asker.get(f"/kpi?per_page={PAGE}&page=2").json())
    return {entry["id"]: entry for page in pages for entry in page["values"]}


def _is_pinned(pin: Pinned) -> Any:
    def look(asker: Asker) -> tuple[Any, Any]:
        entry = _entries(asker).get(pin.kpi)
        if entry is None:
            return pin.spoken, "finns inte i katalogen"
        return pin.spoken, pin.spoken if pin.fits(entry) else entry.get("title")

    return look


def _data(asker: Asker, municipalities: int) -> Any:
    return asker.get(f"/data/kpi/{_TOTAL}/municipality/{','.join(_CODES[:municipalities])}/year/{_YEAR}")


def _home(asker: Asker) -> dict[str, Any]:
    (row,) = _values(asker, f"/data/kpi/{_TOTAL}/municipality/{_HOME}/year/{_YEAR}")
    return row


def _fields(asker: Asker) -> tuple[Any, Any]:
    row = _home(asker)
    wanted = {"kpi", "municipality", "period", "values"}, {"gender", "status", "value"}
    return wanted, (wanted[0] & row.keys(), wanted[1] & row["values"][0].keys())


def _known_value(asker: Asker) -> tuple[Any, Any]:
    return _RATE, round(_home(asker)["values"][0]["value"], 2)
