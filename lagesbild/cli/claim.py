"""``lagesbild claim``: how a statement is read, and what the figures say of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lagesbild.answers import claims, statement
from lagesbild.cli import terminal
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext

if TYPE_CHECKING:
    import argparse

    from lagesbild.answers.claims import Checked
    from lagesbild.answers.statement import Reading
    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("text", metavar="TEXT", help="påståendet, inom citattecken")
    add_municipality(parser, "den kommun som vi och här betyder")
    parser.add_argument("--format", choices=("json", "text"), default="text")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = municipality_of(warehouse, settings, options)
        context = ChartContext.of(warehouse, {"home": home})
        read = statement.read(options.text, home, context.names, datetime.now(UTC).year)
        checked, why = None, read.why
        if read.statement is not None:
            try:
                checked = claims.check(context, read.statement, read.typed)
            except ChartError as error:
                why = str(error)
        told = _told(context, read, checked, why)
    if options.format == "json":
        terminal.show(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "json")
    else:
        terminal.show(_text(read, checked, why), "text")
    return OK


def _told(context: ChartContext, read: Reading, checked: Checked | None, why: str) -> dict[str, Any]:
    reading = None
    if read.statement is not None:
        made = read.statement
        reading = {
            "municipality": made.home,
            "measure": checked.indicator if checked else made.measure,
            "relation": made.relation.value,
            "other": made.other or (made.area.value if made.area else None),
            "years": list(dict.fromkeys(claims.years_of(context, made, checked.indicator)))
            if checked
            else [],
            "negated": made.negated,
            "percent": made.percent,
            "times": made.times,
            "rank": made.rank,
            "sentence": checked.wording if checked else None,
        }
    return {
        "typed": read.typed,
        "reading": reading,
        "not_understood": list(read.unknown),
        "verdict": checked.outcome.value if checked else None,
        "sentence": checked.sentence if checked else why,
        "views": [asdict(view) for view in checked.views] if checked else [],
    }


def _text(read: Reading, checked: Checked | None, why: str) -> str:
    lines = [f"Skrivet: {read.typed}"]
    if read.unknown:
        lines.append(f"Förstår inte: {', '.join(read.unknown)}")
    if checked is None:
        return "\n".join([*lines, why]) + "\n"
    lines += [f"Läst som: {checked.wording}.", f"{checked.outcome.value}. {checked.said}"]
    lines += [f"  {view.name}: {view.outcome.value.lower()}. {view.why}" for view in checked.views]
    return "\n".join([*lines, checked.fair, checked.limits]) + "\n"
