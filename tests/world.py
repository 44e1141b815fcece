"""An invented Sweden: 290 municipalities that do not exist, served by stand-ins of every source."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import numpy as np
import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import create_schema
from tests.sources import dalarna, scb_server
from tests.sources.bra_server import BraRoutes
from tests.sources.kolada_server import KoladaRoutes
from tests.sources.polisen_server import PolisenRoutes
from tests.sources.scb_server import ScbRoutes, Table, population_tables
from tests.sources.server import Answer, StandIn
from tests.sources.sol_server import SolRoutes

YEARS = (2021, 2022, 2023, 2024, 2025)
HOME = "1801"
FEW_BOOKS = 15
_MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
HTML = b"<!DOCTYPE html><html><body>Tillf\xc3\xa4lligt fel</body></html>"


@cache
def municipalities() -> dict[str, str]:
    """Names by code; the counties are the real ones, the municipalities are not."""
    counties = list(reference.counties())
    codes = sorted(f"{counties[n % len(counties)]}{n // len(counties) + 1:02d}" for n in range(290))
    letters = "abdefghijklmnoprtuvy"
    return {code: f"Prov{letters[n // 20]}{letters[n % 20]}by" for n, code in enumerate(codes)}


@cache
def people() -> dict[tuple[str, int], int]:
    """Year-end populations, 290 x six years."""
    rng = random.Random(7)
    found = {}
    for code in municipalities():
        size = 6_000 if code == "0101" else int(10 ** rng.uniform(3.9, 5.1))
        for year in range(2020, 2026):
            found[code, year] = size
            size = int(size * rng.uniform(0.99, 1.02))
    return found


@cache
def crimes(kpi: str, per_person: float) -> dict[tuple[str, int], int]:
    """Counts of a crime by area and year; the home municipality rises in the last year."""
    rng = np.random.default_rng(sum(map(ord, kpi)))
    found = {}
    for code in municipalities():
        level = per_person * rng.lognormal(0, 0.25)
        for year in YEARS:
            risen = 2.2 if code == HOME and year == YEARS[-1] and kpi == "N07540" else 1.0
            found[code, year] = int(rng.poisson(level * risen * mean(code, year)))
    return found


def mean(code: str, year: int) -> float:
    """Mean population of a year."""
    return (people()[code, year - 1] + people()[code, year]) / 2


def rate(count: int, population: float) -> float:
    """The rate as Kolada gives it: single precision, five decimals."""
    return round(float(np.float32(1e5 * count / population)), 5)


@cache
def rates(kpi: str, per_person: float) -> tuple[tuple[str, int, float, str], ...]:
    """Rates of a crime as Kolada gives them, by area and year."""
    return tuple((c, y, rate(n, mean(c, y)), "") for (c, y), n in crimes(kpi, per_person).items())


def kolada() -> KoladaRoutes:
    names = municipalities()
    codes = list(names)
    values: dict[str, list[tuple[str, int, float | None, str]]] = {}
    for kpi, per_person in (("N07540", 0.1), ("N07403", 0.009), ("N07537", 0.0002)):
        values[kpi] = [*rates(kpi, per_person), ("0000", YEARS[-1], 11_000.5, "")]
    values["N07537"][0] = (codes[0], YEARS[0], None, "Private")
    values["N07609"] = [(c, y, 20.0 + n % 9, "") for n, c in enumerate(codes) for y in YEARS]
    values["N07657"] = [(c, y, 4.0, "") for c in codes for y in YEARS]
    listed = {row["id"]: row for row in reference.read_csv("kolada_indicators.csv")}
    catalogue = [
        {
            "id": kpi,
            "title": listed[kpi]["title"] if kpi in listed else "Osäkerhetstal - Otrygghet",
            "description": "Påhittad.",
        }
        for kpi in values
    ]
    groups = [
        {
            "id": f"G{n}",
            "title": f"Liknande kommuner, övergripande, {names[code]}, 2025",
            "members": [{"member_id": codes[(n + step) % 290], "member_title": ""} for step in range(1, 8)],
        }
        for n, code in enumerate(codes)
    ] + [
        {
            "id": f"S{n}",
            "title": row["kolada_title"],
            "members": [{"member_id": code, "member_title": ""} for code in codes[n::9]],
        }
        for n, row in enumerate(reference.read_csv("skr_groups.csv"))
    ]
    areas = [{"id": code, "title": name, "type": "K"} for code, name in names.items()]
    return KoladaRoutes(
        municipalities=[*areas, {"id": "0000", "title": "Riket", "type": "L"}],
        groups=groups,
        catalogue=catalogue,
        values=values,
    )


def scb() -> ScbRoutes:
    values: dict[tuple[str, str], float | str] = {
        (code, str(year)): n for (code, year), n in people().items()
    }
    places = {f"{HOME}TB10{n}": f"Provtorp {n}" for n in range(3)}
    localities = Table(
        id="TAB4060",
        label="Folkmängd per tätort. År 2024-2025",
        contents={"A": "Folkmängd"},
        areas=places,
        years=["2024", "2025"],
        values={(place, year): 1200 for place in places for year in ("2024", "2025")},
    )
    return ScbRoutes([*population_tables(municipalities(), values), localities])


#: Where under a stand-in's address the service lies, as in the real one's.
_BASES = {"scb": scb_server.BASE}


def base_url(source_id: str, server: StandIn) -> str:
    """The address to ask a stand-in of a source at."""
    return server.url + _BASES.get(source_id, "")


@contextmanager
def known(names: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that knows these municipalities (names by code) and nothing else."""
    with duckdb.connect() as connection:
        create_schema(connection)
        connection.execute(
            "INSERT INTO municipality SELECT code, name, left(code, 2), 'Provlän', 'f' "
            "FROM (SELECT unnest(?::VARCHAR[]) AS code, unnest(?::VARCHAR[]) AS name)",
            [list(names), list(names.values())],
        )
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[list[Any]]) -> None:
    """Write rows into some columns of a table, all at once: one by one they take a third of a millisecond each."""
    connection.register("rows_to_insert", pl.DataFrame(rows, columns.split(", "), orient="row").to_arrow())
    connection.execute(f"INSERT INTO {table} ({columns}) SELECT * FROM rows_to_insert")
    connection.unregister("rows_to_insert")


def notice(number: int, moment: datetime, kind: str, place: str, **changed: Any) -> dict[str, Any]:
    """A notice in the API's form: hours before ten without leading zero."""
    clock = f"{moment.hour}:{moment:%M:%S}"
    event = moment - timedelta(minutes=35)
    title = f"{event.day:02d} {_MONTHS[event.month - 1]} {event:%H.%M}, {kind}, {place}"
    fields = {
        "id": number,
        "datetime": f"{moment:%Y-%m-%d} {clock} +01:00",
        "name": title,
        "summary": "Påhittad händelse.",
        "url": f"/aktuellt/handelser/{number}/",
        "type": kind,
        "location": {"name": "Örebro län", "gps": "59.2,15.2"},
    }
    return {**fields, **changed}


def notices(count: int = 600) -> list[dict[str, Any]]:
    return [{**one, "location": {**one["location"]}} for one in _notices(count)]


@cache
def _notices(count: int) -> list[dict[str, Any]]:
    rng = random.Random(3)
    places = list(municipalities().values())
    start = datetime(2026, 1, 10, 8, 0, tzinfo=UTC)
    kinds = ("Stöld", "Trafikolycka, personskada", "Sammanfattning natt", "Rån, försök", "Övrigt")
    return [
        notice(
            700_000 + n,
            start + timedelta(minutes=17 * n),
            kinds[n % 5],
            "Örebro län" if n % 5 == 2 else rng.choice(places),
        )
        for n in range(count)
    ]


@cache
def bra_csv(year: int) -> bytes:
    """A yearly file; Brå's rates have three significant digits."""
    rows = ["Kommun;Antal;Per 100 000 inv."]
    for (code, when), count in crimes("N07540", 0.1).items():
        if when == year:
            rows.append(
                f"{municipalities()[code]};{count};{float(f'{1e5 * count / mean(code, year):.3g}'):.0f}"
            )
    return b"\xef\xbb\xbf" + "\r\n".join(rows).encode() + b"\r\n"


@cache
def _template(sheets: int) -> bytes:
    """A workbook with all indicators of one year (or the first few), whose names stand in capitals."""
    figures: dalarna.Figures = {}
    areas = {"KOMMUN": 1, "LÄN": 300, dalarna.COUNTRY: 3000}
    for n, row in enumerate(reference.read_csv("bra_indicators.csv")[:sheets]):
        units: dict[str, float] = {"Antal": n + 3, "Antal per 100 000 inv": 2 * n + 6}
        if row["kind"] == "respondents":
            units = {dalarna.RESPONDENTS: 118}
        elif row["kind"] == "survey":
            units = {
                "Andel (%) i befolkningen (16–84 år).": 7,
                dalarna.LIMITS[0]: 5.25,
                dalarna.LIMITS[1]: 10,
            }
        figures[row["title"]] = {
            (area, "2024", unit): str(value * (1 if row["kind"] == "survey" else times))
            for area, times in areas.items()
            for unit, value in units.items()
        }
    return dalarna.workbook(figures, "KOMMUN", "LÄN")


@cache
def workbook(code: str, sheets: int = 99) -> bytes:
    """A municipality's workbook in both real layouts; ``sheets`` for fewer than all."""
    names = {"KOMMUN": municipalities()[code], "LÄN": reference.counties()[code[:2]]}
    return dalarna.renamed(_template(sheets), names)


@cache
def workbooks() -> dict[str, bytes]:
    """One workbook a municipality, by name; made once for all tests."""
    return {name: workbook(code) for code, name in municipalities().items()}


@cache
def some_workbooks() -> dict[str, bytes]:
    """The first workbooks and the home's, by name: enough wherever their number does not matter."""
    names = municipalities()
    chosen = [*dict.fromkeys([*list(names)[: FEW_BOOKS - 1], HOME])]
    return {names[code]: workbook(code) for code in chosen}


def bra(**changed: Any) -> BraRoutes:
    """Brå's site with two yearly files and all workbooks."""
    files: dict[str, Any] = {"csv_files": {year: bra_csv(year) for year in (2024, 2025)}}
    if "books" not in changed:
        files["books"] = workbooks()
    return BraRoutes(**{**files, **changed})


def routes() -> dict[str, Any]:
    """Sound answers of every source; BRÅ's page has `FEW_BOOKS` workbooks."""
    from tests.sol_plain import sol  # it needs this module

    return {
        "kolada": kolada(),
        "scb": scb(),
        "polisen": PolisenRoutes(notices()),
        "bra_open_data": bra(books={}),
        "bra_indicators": bra(books=some_workbooks()),
        "bra_sol": SolRoutes(sol(range(2024, 2026), range(2025, 2026))),
    }


class World:
    """All stand-ins, running; ``urls`` are the base addresses."""

    def __init__(self, changed: dict[str, Any] | None = None) -> None:
        self._routes = {**routes(), **(changed or {})}
        self._stack = ExitStack()
        self.urls: dict[str, str] = {}
        self.servers: dict[str, StandIn] = {}

    def __enter__(self) -> World:
        for source_id, answers in self._routes.items():
            self.servers[source_id] = self._stack.enter_context(StandIn(answers))
            self.urls[source_id] = base_url(source_id, self.servers[source_id])
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()


class Faulty:
    """Sound routes whose answers are changed by ``fault(path, content)``."""

    def __init__(self, sound: Any, fault: Any) -> None:
        self._sound, self._fault = sound, fault

    def __call__(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        status, headers, content = self._sound(method, path, query, body)
        return status, headers, self._fault(path, content)


def empty(path: str, content: bytes) -> bytes:
    """An answer of the right form without anything in it."""
    if content[:1] == b"[":
        return b"[]"
    if content[:1] == b"{":
        payload = json.loads(content)
        return json.dumps(
            {key: [] if isinstance(value, list) else value for key, value in payload.items()}
        ).encode()
    return b""


def tenfold(path: str, content: bytes) -> bytes:
    """The same answer ten times over, in its own form where it has one."""
    if content[:1] == b"[":
        return json.dumps(json.loads(content) * 10).encode()
    if content[:1] == b"{":
        payload = json.loads(content)
        return json.dumps({k: v * 10 if isinstance(v, list) else v for k, v in payload.items()}).encode()
    if path.endswith(".csv"):
        return content + content.split(b"\n", 1)[1] * 9
    return content + b"x" * 6_000_000


def renamed(path: str, content: bytes) -> bytes:
    """The fields have other names."""
    if path.endswith(".xlsx"):
        return dalarna.renamed(_renamed_template(), {"KOMMUN": _name(path)})
    if content[:1] in {b"[", b"{"}:
        return json.dumps(_with_other_names(json.loads(content))).encode()
    for old, new in (
        (b"Kommun;Antal", b"Omr\xc3\xa5de;Siffra"),
        (b"/download/", b"/hamta/"),
        (b"arrayNivatva", b"arrayTyp"),
    ):
        content = content.replace(old, new)
    return content


def _with_other_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name}_2": _with_other_names(each) for name, each in value.items()}
    return [_with_other_names(each) for each in value] if isinstance(value, list) else value


@cache
def _renamed_template() -> bytes:
    values = {
        (area, "2024", unit): "3" for area in ("KOMMUN", dalarna.COUNTRY) for unit in ("Antal", "Stycken")
    }
    return dalarna.renamed(dalarna.workbook({"Bilbrott": values}, "KOMMUN"), {"Antal 2024": "Mängd 2024"})


def _name(path: str) -> str:
    return path.rsplit("/", maxsplit=1)[-1].removesuffix(".xlsx")


FAULTS = {
    "html": lambda path, content: HTML,
    "half": lambda path, content: content[: len(content) // 2],
    "encoding": lambda path, content: content.decode("latin-1").encode("utf-16"),
    "renamed": renamed,
    "empty": empty,
    "tenfold": tenfold,
}
