"""Whom a municipality is compared with: official groups, geography, our own distance, an own list.

A kind of group gives every municipality its own group. That is what tells how far municipalities
usually lie from their groups (`statistics.standing`). Nobody is a member of their own group.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lagesbild.comparison.characteristics import ChoiceError, profile
from lagesbild.data import municipality, reference
from lagesbild.data.warehouse import queries
from lagesbild.statistics.likeness import most_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lagesbild.data.warehouse import Warehouse

#: How many municipalities our own distance picks.
NEAREST = 10
#: A list of one's own has at least this many, or there is nothing to take the middle of.
FEWEST_OWN = 3
COUNTRY, CUSTOM, NEAREST_KEY = "country", "egen", "nearest"
_THEMES = {
    "kolada": (
        queries.OVERALL_THEME,
        "Liknande kommuner enligt Kolada",
        "befolkningsstorlek och en rad andra förhållanden",
    ),
    "kolada_socioekonomi": (
        queries.SOCIOECONOMIC_THEME,
        "Socioekonomiskt liknande enligt Kolada",
        "befolkningens socioekonomi",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """Municipalities to compare with: never the home municipality itself.

    ``key`` is stable between years; ``label`` and ``why`` are Swedish; ``source_id`` says who made
    the group, None for those we make. ``counted``: stands among the comparisons that are counted up.
    """

    key: str
    label: str
    why: str
    members: tuple[str, ...]
    source_id: str | None
    counted: bool = True


@dataclass(frozen=True, kw_only=True)
class GroupKind:
    """A kind of group: the members by home municipality, and what differs in the label.

    ``spread_from`` names the kind that tells how far municipalities usually lie from such a group,
    where only one municipality has it.
    """

    key: str
    label: str
    why: str
    members_of: Mapping[str, Sequence[str]]
    source_id: str | None = None
    counted: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    spread_from: str | None = None

    def group(self, home: str) -> Group | None:
        """Return the group of a municipality, None if it has none."""
        members = tuple(code for code in self.members_of.get(home, ()) if code != home)
        if not members:
            return None
        label, why = (text.replace("{}", self.names.get(home, "")) for text in (self.label, self.why))
        return Group(
            key=self.key,
            label=label.strip(),
            why=why,
            members=members,
            source_id=self.source_id,
            counted=self.counted,
        )


def kinds(
    warehouse: Warehouse,
    weights: Mapping[str, float] | None = None,
    own: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, GroupKind]:
    """Return every kind of group by key, in the order they are shown.

    Parameters
    ----------
    weights
        Weights of characteristics for the nearest municipalities; see `characteristics.known`.
    own
        A list of one's own by home municipality.
    """
    municipalities = queries.municipalities(warehouse)
    codes = municipalities["code"].to_list()
    county = dict(municipalities.select("code", "county").iter_rows())
    places = {code: place for code, place in reference.geography().items() if code in county}
    skr = queries.skr_groups(warehouse)
    found = [
        *(kind for key in _THEMES for kind in _similar(warehouse, key)),
        GroupKind(
            key="skr",
            label="SKR-gruppen {}",
            why="Sveriges Kommuner och Regioner (SKR) delar in kommunerna efter tätortsstorlek, närhet till större "
            "städer och pendling. Här är alla andra kommuner i samma grupp.",
            members_of={code: members for code, (_, members) in skr.items()},
            source_id="kolada",
            names={code: title for code, (title, _) in skr.items()},
        ),
        nearest(warehouse, weights),
        GroupKind(
            key="neighbours",
            label="Grannkommunerna",
            why="Kommunerna som gränsar till kommunen, alltså grannar och inte nödvändigtvis lika.",
            members_of={code: [c for c in place.neighbours if c in places] for code, place in places.items()},
        ),
        GroupKind(
            key="labour_market",
            label="Arbetsmarknadsregionen {}",
            why="Kommunerna i samma funktionella analysregion (Tillväxtverket 2015): där kan man bo och arbeta utan "
            "alltför tidsödande resor.",
            members_of=_same({code: place.labour_market for code, place in places.items()}),
            names={code: place.labour_market for code, place in places.items()},
        ),
        GroupKind(
            key="county",
            label="{}",
            why="De andra kommunerna i {}, alltså grannar och inte nödvändigtvis lika.",
            members_of=_same(county),
            source_id="kolada",
            names=county,
        ),
        GroupKind(
            key=COUNTRY,
            label="Alla andra kommuner",
            why="Landets övriga kommuner, stora som små.",
            members_of=dict.fromkeys(codes, codes),
            source_id="kolada",
        ),
    ]
    if own:
        why = "En egen lista. Hur mycket kommuner brukar skilja sig från en sådan mäts mot alla kommuner."
        found.append(
            GroupKind(
                key=CUSTOM, label="Egen lista", why=why, members_of=own, counted=False, spread_from=COUNTRY
            )
        )
    return {kind.key: kind for kind in found if kind.members_of}


def own_list(text: str, names: Mapping[str, str], home: str) -> tuple[str, ...]:
    """Read a list of one's own, ``1880,Kumla,1882``, as codes without the home's; an empty text is no list.

    Raises
    ------
    ChoiceError
        For what is no municipality, and for fewer than `FEWEST_OWN` of them.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        return ()
    if not all(re.fullmatch(r"[\w .:-]{1,40}", part) for part in parts):
        raise ChoiceError("listan innehåller annat än kommuner.")  # anybody's text, not repeated
    try:
        codes = municipality.codes_of(",".join(parts), names)
    except municipality.UnknownMunicipalityError as error:
        raise ChoiceError(str(error)) from error
    found = tuple(code for code in codes if code != home)
    if len(found) < FEWEST_OWN:
        raise ChoiceError(f"ange minst {FEWEST_OWN} kommuner utom kommunen själv, åtskilda av komma.")
    return found


def nearest(warehouse: Warehouse, weights: Mapping[str, float] | None = None) -> GroupKind:
    """Return the municipalities that are most alike by our own distance."""
    described = profile(warehouse)
    weighed = described.weights(weights)
    members: dict[str, list[str]] = {}
    if described.characteristics and weighed.any() and len(described.codes) > NEAREST:
        places, _ = most_alike(described.scaled, weighed, NEAREST)
        members = {
            code: [described.codes[n] for n in row] for code, row in zip(described.codes, places, strict=True)
        }
    used = [item.label.lower() for item, w in zip(described.characteristics, weighed, strict=True) if w > 0]
    why = (
        f"De {NEAREST} kommuner som mest liknar kommunen enligt vårt eget avstånd, räknat på {', '.join(used)}. Vikterna "
        "går att ändra på sidan Jämförelsegrupp."
    )
    return GroupKind(key=NEAREST_KEY, label="Närmast enligt vårt eget avstånd", why=why, members_of=members)


def _similar(warehouse: Warehouse, key: str) -> list[GroupKind]:
    """Return the official groups of a theme: the newest year under the plain key, then older years."""
    theme, label, basis = _THEMES[key]
    years = queries.similar(warehouse, theme)
    newest: dict[str, tuple[int, tuple[str, ...]]] = {}
    for year in sorted(years):
        newest |= {home: (year, members) for home, members in years[year].items()}
    why = (
        "RKA, som driver Kolada, väljer varje år ut de kommuner som mest liknar kommunen i "
        f"{basis}. Gruppen gäller år {{}}."
    )
    found = [
        GroupKind(
            key=key,
            label=f"{label} {{}}",
            why=why,
            members_of={home: members for home, (_, members) in newest.items()},
            source_id="kolada",
            names={home: str(year) for home, (year, _) in newest.items()},
        )
    ]
    for year in sorted(years, reverse=True):
        older = {home: members for home, members in years[year].items() if newest[home][0] != year}
        names = dict.fromkeys(older, str(year))
        found.append(
            GroupKind(
                key=f"{key}_{year}",
                label=f"{label} {{}}",
                why=why,
                members_of=older,
                source_id="kolada",
                counted=False,
                names=names,
            )
        )
    return found


def _same(value: Mapping[str, str]) -> dict[str, list[str]]:
    """Group municipalities with the same value."""
    together: defaultdict[str, list[str]] = defaultdict(list)
    for code, shared in value.items():
        together[shared].append(code)
    return {code: together[shared] for code, shared in value.items()}


def groups(found: Iterable[GroupKind], home: str) -> list[Group]:
    """Return a municipality's groups, those it lacks left out."""
    return [group for kind in found if (group := kind.group(home)) is not None]
