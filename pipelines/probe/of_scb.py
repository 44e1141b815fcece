"""What we take for granted of SCB's PxWebApi."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pipelines.probe.check import Assumption
from pipelines.sources.scb_tables import after_search, plan, search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.contract import Document, RunContext
    from pipelines.probe.asking import Asker

_HOME = "1861"
#: People of the home municipality on 31 December; from 2025 SCB may add a few persons of noise to a cell.
_PEOPLE = {"TAB638": (2023, 16_232, 0), "TAB5557": (2025, 16_082, 15)}
_TOTALS = {
    "TAB638": {"ContentsCode": "BE0101N1"},
    "TAB5557": {"ContentsCode": "000007ME", "Alder": "TotSA", "Civilstand": "SC"},
}


def checks(context: RunContext) -> list[Assumption]:
    """Return the assumptions, in the order they are asked."""
    return [
        Assumption("sökningen hittar folkmängdens tabeller TAB638 och TAB5557", partial(_found, context)),
        Assumption("tabellerna täcker tillsammans varje år från 1995", partial(_years, context)),
        Assumption(
            "varje tabells variabler går att välja eller utelämna som vi gör",
            partial(_readable, context, "population"),
        ),
        *(
            Assumption(
                f"Hallsbergs folkmängd ur {table} är den vi känner, med koderna vi frågar med",
                partial(_people, table),
            )
            for table in _PEOPLE
        ),
        Assumption("tätorterna finns i en tabell vi kan läsa", partial(_readable, context, "localities")),
    ]


def _asked(asker: Asker, part: str) -> list[Document]:
    first = asker.document(search(asker.base_url, part, 1))
    return [first, *(asker.document(r) for r in after_search(first, asker.base_url) if r.part == "metadata")]


def _found(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    del context
    tables = {document.request.tags.get("id") for document in _asked(asker, "population")}
    return [], sorted(set(_PEOPLE) - tables)


def _years(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    found = plan("population", _asked(asker, "population"), context)
    years = {
        int(code)
        for question in found.questions
        for code in _selected(question.body or {}, question.tags["time"])
    }
    return [], sorted(set(range(1995, 2026)) - years)


def _selected(body: Mapping[str, Any], variable: str) -> list[str]:
    return next(item["valueCodes"] for item in body["selection"] if item["variableCode"] == variable)


def _readable(context: RunContext, part: str, asker: Asker) -> tuple[Any, Any]:
    return [], plan(part, _asked(asker, part), context).remarks


def _people(table: str, asker: Asker) -> tuple[Any, Any]:
    year, people, noise = _PEOPLE[table]
    chosen = {"Region": _HOME, **_TOTALS[table], "Tid": str(year)}
    selection = [{"variableCode": name, "valueCodes": [code]} for name, code in chosen.items()]
    said = asker.post(f"/tables/{table}/data?lang=sv&outputFormat=json-stat2", {"selection": selection})
    (got,) = said.json()["value"] if said.status == 200 else (f"felkod {said.status}",)
    near = isinstance(got, (int, float)) and abs(got - people) <= noise
    return people, people if near else got
