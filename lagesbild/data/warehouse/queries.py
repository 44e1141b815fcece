"""What pages and the benchmark read from the warehouse, as frames and small records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.data.warehouse.access import Horizon

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import polars as pl

    from lagesbild.data.warehouse.access import Warehouse

#: The warehouse's names of what `Standing` holds.
STANDING = {
    "reference": "reference",
    "members": "members",
    "between": "between_sd",
    "learnt_from": "learnt_from",
    "ratio": "ratio",
    "z": "distance_z",
    "p_value": "p_value",
    "lower": "usual_lower",
    "upper": "usual_upper",
    "far_lower": "far_lower",
    "far_upper": "far_upper",
    "outlying": "outlying",
}
#: The measures that a reader meets first: all crimes, those that do not follow the police's effort, then the groups.
FIRST_MEASURES = (
    "N07540",
    "SOL_UTAN_POLISENS",
    "SOL_PERSON",
    "N07403",
    "SOL_STOLD",
    "SOL_INBROTT",
    "SOL_SKADEGORELSE",
    "SOL_NARKOTIKA_VAPEN",
)
OVERALL_THEME = "övergripande"
SOCIOECONOMIC_THEME = "socioekonomi"
#: The mean population of a year: that of its first and last day, where both are known. Columns code, year, people.
MEAN_POPULATION = """(
    SELECT this.code, this.year, (this.population + before.population) / 2 AS people
      FROM population AS this
      JOIN population AS before ON before.code = this.code AND before.year = this.year - 1 AND before.kind = 'year_end'
     WHERE this.kind = 'year_end'
)"""
#: When the notices that came with the program end; those collected later begin after it.
_SHIPPED_THROUGH = """coalesce((SELECT try_cast(nullif(value, '') AS TIMESTAMPTZ) FROM meta
    WHERE key = 'notices_shipped_through'), TIMESTAMPTZ '1970-01-01 00:00:00+00')"""
#: The notices collected since then, each event once, by Swedish time.
_COLLECTED = f"""(
    SELECT CAST(timezone('Europe/Stockholm', occurred_at) AS DATE) AS day,
           CAST(hour(timezone('Europe/Stockholm', occurred_at)) AS INTEGER) AS hour,
           code, county_code, kind, category, locality, type, url
      FROM police_event WHERE same_as IS NULL AND published_at > {_SHIPPED_THROUGH}
)"""


@dataclass(frozen=True)
class Provenance:
    """Where an indicator's figures came from: source, when fetched (the newest) and documents.

    ``shipped``: the newest came with the program; ``fetched_on`` is then the day they were compiled.
    """

    source_id: str
    fetched_on: date
    shipped: bool
    fetch_ids: tuple[str, ...]


def municipalities(warehouse: Warehouse) -> pl.DataFrame:
    """Return code, name, county_code and county of all municipalities, in order of name."""
    frame = warehouse.frame("SELECT code, name, county_code, county FROM municipality")
    order = sorted(frame["name"].to_list(), key=_swedish_order)
    return frame.sort(frame["name"].replace_strict({name: n for n, name in enumerate(order)}))


def municipality_names(warehouse: Warehouse) -> dict[str, str]:
    """Return the names of all municipalities by code, in order of name."""
    rows = warehouse.rows("SELECT code, name FROM municipality")
    return dict(sorted(rows, key=lambda row: _swedish_order(row[1])))


def _swedish_order(name: str) -> str:
    return name.casefold().translate(str.maketrans("åäö", "{|}"))


def indicators(warehouse: Warehouse) -> pl.DataFrame:
    """Return all indicators: the broadest first, then Kolada's, crime types in the order of their tree."""
    return warehouse.frame(
        """
        SELECT indicator.* FROM indicator LEFT JOIN crime_type USING (id)
         ORDER BY coalesce(nullif(list_position(?, indicator.id), 0), 99), source_id <> 'kolada', category <> 'brott', place, id
        """,
        [list(FIRST_MEASURES)],
    )


def indicators_of(warehouse: Warehouse, code: str) -> list[str]:
    """Return the ids of the indicators that a municipality has yearly values of."""
    rows = warehouse.frame(
        "SELECT DISTINCT indicator_id FROM observation WHERE code = ? AND period_kind = 'year' AND rate IS NOT NULL",
        [code],
    )
    return rows["indicator_id"].to_list()


def crime_types(warehouse: Warehouse) -> pl.DataFrame:
    """Return BRÅ's tree of crime types, in its own order."""
    return warehouse.frame("SELECT * FROM crime_type ORDER BY place, id")


def yearly(warehouse: Warehouse, indicator_id: str) -> pl.DataFrame:
    """Return one row an area and year: code, year, count, count_basis, rate, lower, upper, status, exposure.

    ``exposure`` is the persons behind the rate, null where they are not known.
    """
    return yearly_of(warehouse, [indicator_id])[indicator_id]


def yearly_of(warehouse: Warehouse, indicator_ids: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Return what `yearly` does for several indicators, by id, in one query."""
    frame = warehouse.frame(
        """
        SELECT indicator_id, code, year(period_start)::INTEGER AS year, count, count_basis,
               -- A published rate is rounded: count and exposure give it whole.
               CASE WHEN count_basis = 'published' AND exposure > 0 THEN count * 1e5 / exposure ELSE rate END AS rate,
               lower, upper, status, exposure
          FROM observation
         WHERE list_contains(?, indicator_id) AND period_kind = 'year'
         ORDER BY year, code
        """,
        [list(indicator_ids)],
    )
    if warehouse.horizon is not None:
        frame = frame.filter(frame["year"] <= warehouse.horizon.values)
    parts = frame.partition_by("indicator_id", as_dict=True, include_key=False)
    empty = frame.clear().drop("indicator_id")
    return {wanted: parts.get((wanted,), empty) for wanted in indicator_ids}


def similar(warehouse: Warehouse, theme: str) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return Kolada's similar municipalities of a theme: by year, then home code, the members' codes."""
    rows = warehouse.frame(
        """
        SELECT year, home_code, list(member_code ORDER BY member_code) AS members FROM comparison_group
         WHERE kind = 'kolada' AND theme = ? AND year IS NOT NULL AND member_code <> home_code
         GROUP BY ALL ORDER BY ALL
        """,
        [theme],
    )
    if warehouse.horizon is not None:
        rows = rows.filter(rows["year"] <= warehouse.horizon.groups)
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for year, home, members in rows.iter_rows():
        found.setdefault(year, {})[home] = tuple(members)
    return found


def skr_groups(warehouse: Warehouse) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return SKR's groups by municipality code: title and all the members' codes."""
    rows = warehouse.frame(
        """
        SELECT title, list(member_code ORDER BY member_code) AS members FROM comparison_group
         WHERE kind = 'skr' GROUP BY group_id, title ORDER BY group_id DESC
        """
    )
    return {code: (title, tuple(members)) for title, members in rows.iter_rows() for code in members}


def covariates(warehouse: Warehouse) -> dict[str, list[tuple[int, dict[str, float]]]]:
    """Return stored characteristics by name: (year, value by municipality code), the newest year first."""
    rows = warehouse.frame("SELECT name, year, code, value FROM covariate ORDER BY name, year DESC, code")
    if warehouse.horizon is not None:
        rows = rows.filter(rows["year"] <= warehouse.horizon.characteristics)
    found: dict[str, list[tuple[int, dict[str, float]]]] = {}
    for (name, year), part in rows.group_by(["name", "year"], maintain_order=True):
        values = dict(part.select("code", "value").iter_rows())
        found.setdefault(str(name), []).append((int(str(year)), values))
    return found


def populations(warehouse: Warehouse) -> dict[int, dict[str, float]]:
    """Return the populations of 31 December by year, then municipality code (persons)."""
    rows = warehouse.frame(
        "SELECT year, code, population FROM population WHERE kind = 'year_end' AND code NOT LIKE '00%' ORDER BY ALL"
    )
    if warehouse.horizon is not None:
        rows = rows.filter(rows["year"] <= warehouse.horizon.people)
    found: dict[int, dict[str, float]] = {}
    for year, code, people in rows.iter_rows():
        found.setdefault(year, {})[code] = people
    return found


def horizon(warehouse: Warehouse) -> Horizon:
    """Return how far a vintage reaches, or is looked at."""
    if warehouse.horizon is not None:
        return warehouse.horizon
    rows = warehouse.frame(
        """
        SELECT (SELECT max(year(period_start)) FROM observation WHERE period_kind = 'year') AS vals,
               (SELECT max(year) FROM population WHERE kind = 'year_end') AS people,
               (SELECT max(year) FROM comparison_group WHERE kind = 'kolada') AS groups,
               (SELECT max(year) FROM covariate) AS characteristics
        """
    )
    values, people, groups, characteristics = (int(year or 0) for year in rows.row(0))
    return Horizon(values=values, people=people, groups=groups, characteristics=characteristics)


def provenance(warehouse: Warehouse, indicator_id: str) -> Provenance:
    """Return where the figures of an indicator came from."""
    return provenance_of(warehouse, [indicator_id])[indicator_id]


def provenance_of(warehouse: Warehouse, indicator_ids: Sequence[str]) -> dict[str, Provenance]:
    """Return where the figures of several indicators came from, by id; those without figures are left out."""
    every = warehouse.worked_out("provenance", _every_provenance)
    return {wanted: every[wanted] for wanted in indicator_ids if wanted in every}


def _every_provenance(warehouse: Warehouse) -> dict[str, Provenance]:
    rows = warehouse.frame(
        """
        SELECT indicator_id, fetch_id, source_id, CAST(fetched_at AS DATE) AS fetched_on, shipped, fetched_at
          FROM (SELECT DISTINCT indicator_id, fetch_id FROM observation) JOIN provenance USING (fetch_id)
         ORDER BY indicator_id, fetched_at DESC, fetch_id
        """
    )
    found = {}
    for (indicator_id,), part in rows.partition_by("indicator_id", as_dict=True).items():
        newest = part.row(0, named=True)
        found[str(indicator_id)] = Provenance(
            newest["source_id"], newest["fetched_on"], newest["shipped"], tuple(part["fetch_id"].to_list())
        )
    return found


def _notices(warehouse: Warehouse) -> pl.DataFrame:
    """Return month, county_code, code, kind, category and notices of the whole country, read once a vintage.

    Shipped months, then collected notices: one that was published before the shipped ones end is among those.
    ``code`` is null where only the county is known.
    """
    return warehouse.frame(
        f"""
        SELECT month, county_code, code, kind, category, sum(notices)::BIGINT AS notices FROM (
            SELECT month, county_code, code, kind, category, notices FROM police_month
            UNION ALL
            SELECT CAST(date_trunc('month', day) AS DATE), county_code, code, kind, category, 1 FROM {_COLLECTED}
        ) GROUP BY ALL ORDER BY ALL
        """
    )


def _dated_notices(warehouse: Warehouse, code: str) -> pl.DataFrame:
    """Return code, day, hour, category, locality, type and url of event notices, null where not known; read once a vintage.

    Shipped ones have a day of their own for the home municipality only.
    """
    rows = warehouse.frame(
        f"""
        SELECT code, day, hour, category, locality, type, url FROM (
            SELECT code, day, hour, category, locality, NULL AS type, NULL AS url, kind FROM police_home
            UNION ALL
            SELECT code, day, hour, category, locality, type, url, kind FROM {_COLLECTED}
        ) WHERE kind = 'event' AND code IS NOT NULL ORDER BY ALL
        """
    )
    return rows.filter(rows["code"] == code)


def notices_per_month(warehouse: Warehouse, county_code: str) -> pl.DataFrame:
    """Return month, code, kind, category and notices in a county; ``code`` is null where only the county is known."""
    rows = _notices(warehouse)
    return rows.filter(rows["county_code"] == county_code).drop("county_code")


def unknown_police_types(warehouse: Warehouse) -> pl.DataFrame:
    """Return notice types without a category, with how many notices there are of each."""
    return warehouse.frame(
        "SELECT type, count(*) AS notices FROM police_event WHERE category = 'okand' AND same_as IS NULL GROUP BY ALL ORDER BY 2 DESC"
    )


def notices_by_place(warehouse: Warehouse) -> pl.DataFrame:
    """Return month, code, category and notices: events with a municipality."""
    rows = _notices(warehouse)
    events = rows.filter((rows["kind"] == "event") & rows["code"].is_not_null())
    by = ["month", "code", "category"]
    return events.select(*by, "notices").group_by(by).sum().sort(by)


def notices_of(warehouse: Warehouse, code: str) -> pl.DataFrame:
    """Return day, hour, category, locality, type and url of a municipality's event notices, the newest first.

    ``type`` and ``url`` are null for those that came with the program.
    """
    return _dated_notices(warehouse, code).drop("code").sort("day", "hour", descending=True, nulls_last=True)


def notices_by_clock(
    warehouse: Warehouse, code: str, first: date, last: date, categories: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return weekday (1 Monday to 7), hour and event notices of a municipality, by the notices' own clock times.

    Those of the days from ``first`` to ``last``, both included, of some categories (default all).
    """
    rows = _dated_notices(warehouse, code)
    rows = rows.filter(rows["day"].is_between(first, last))
    if categories is not None:
        rows = rows.filter(rows["category"].is_in(list(categories)))
    rows = rows.with_columns(rows["day"].dt.weekday().alias("weekday"))
    return rows.group_by("weekday", "hour").len("notices").sort("weekday", "hour")


def notices_by_locality(warehouse: Warehouse, code: str) -> pl.DataFrame:
    """Return day and locality of a municipality's event notices that name a locality inside it."""
    rows = _dated_notices(warehouse, code).select("day", "locality")
    return rows.drop_nulls("locality").sort("day", "locality")


def notice_days(warehouse: Warehouse) -> pl.DataFrame:
    """Return day and collected (whether its notices are known to be all here) of the days asked for, in order."""
    return warehouse.frame("SELECT day, collected FROM notice_day ORDER BY day")


def notices_through(warehouse: Warehouse) -> date | None:
    """Return the day of the latest notice, of any municipality; None without notices."""
    rows = warehouse.frame(
        f"""
        SELECT CAST(timezone('Europe/Stockholm', greatest({_SHIPPED_THROUGH}, (SELECT max(published_at) FROM police_event)))
                 AS DATE) AS day
        """
    )
    day: date = rows["day"][0]
    return day if day.year > 1970 else None


def stored_by_month(warehouse: Warehouse) -> list[str]:
    """Return the crime types with figures by month, in the order of BRÅ's tree."""
    rows = warehouse.frame(
        """
        SELECT t.id FROM crime_type AS t
         WHERE EXISTS (FROM observation AS o WHERE o.indicator_id = t.id AND o.period_kind = 'month' AND o.count IS NOT NULL)
         ORDER BY t.place
        """
    )
    return rows["id"].to_list()


def quarterly(warehouse: Warehouse, indicator_id: str, code: str) -> dict[date, tuple[int, bool]]:
    """Return count and whether it is preliminary by quarter (its first day), of a municipality; missing ones are left out."""
    rows = warehouse.frame(
        """
        SELECT period_start, count, status = 'preliminary' FROM observation
         WHERE indicator_id = ? AND code = ? AND period_kind = 'quarter' AND count IS NOT NULL ORDER BY period_start
        """,
        [indicator_id, code],
    )
    return {start: (count, early) for start, count, early in rows.iter_rows()}


def monthly(warehouse: Warehouse, indicator_id: str, kind: str = "month") -> pl.DataFrame:
    """Return code, month, count and status of an indicator in every municipality, in order of month.

    With ``kind`` ``quarter`` the published quarters, each by its first month.
    """
    return warehouse.frame(
        """
        SELECT o.code, period_start AS month, count, status
          FROM observation AS o JOIN municipality USING (code)
         WHERE indicator_id = ? AND period_kind = ? ORDER BY period_start, o.code
        """,
        [indicator_id, kind],
    )


def count_bases(warehouse: Warehouse) -> pl.DataFrame:
    """Return how many values have a published, recovered or approximate count: count_basis, values."""
    return warehouse.frame(
        "SELECT count_basis, count(*) AS values FROM observation WHERE count_basis IS NOT NULL GROUP BY ALL"
    )


def placed(warehouse: Warehouse, home: str) -> pl.DataFrame:
    """Return the worked-out standings of a municipality: indicator_id, group_key, year and the columns of `STANDING`."""
    return warehouse.frame(
        f"SELECT indicator_id, group_key, year, {', '.join(STANDING.values())} FROM verdict WHERE code = ? AND placed",
        [home],
    )


def stored_levels(warehouse: Warehouse, indicator_id: str, home: str) -> pl.DataFrame:
    """Return year, group_key and level of a municipality's worked-out answers on a measure."""
    return warehouse.frame(
        "SELECT year, group_key, level FROM verdict WHERE code = ? AND indicator_id = ?", [home, indicator_id]
    )


def placed_of_kind(warehouse: Warehouse, group_key: str) -> pl.DataFrame:
    """Return everybody's newest worked-out answer against a kind of group.

    Columns indicator_id, code, year, level, ratio and p_value (null where none can be worked out).
    """
    return warehouse.frame(
        "SELECT indicator_id, code, year, level, ratio, p_value FROM verdict WHERE group_key = ? AND placed "
        "ORDER BY indicator_id, code",
        [group_key],
    )


def dispersions(warehouse: Warehouse) -> pl.DataFrame:
    """Return the worked-out dispersions: indicator_id, code (left out; 0000 nobody), phi, tau2 and pairs."""
    return warehouse.frame("SELECT * FROM dispersion")
