"""Write the exports of six municipalities on the shipped figures, to see what a change of walls changed.

``python -m scripts.golden FOLDER`` before and after, then ``diff -r``. ``python -m scripts.golden --keep`` keeps their
checksums in ``tests/golden.json`` when a difference is meant; say in the commit which, and why.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from lagesbild.comparison import benchmark, exports
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures import sheets
from lagesbild.figures.catalogue import all_definitions, build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from pipelines.publish import single_writer
from pipelines.run import prepare

#: The home, the largest, one with much crime, one of the smallest, a county of one, and the home's large neighbour.
MUNICIPALITIES = ("1861", "0180", "1280", "2425", "0980", "1880")
KEPT = ROOT / "tests" / "golden.json"
_LONG = re.compile(r"-?\d+[.,]\d{6,}(?:e[-+]?\d+)?")
#: What says when and of which vintage, not what the figures are.
_CHANGING = {"datalager", "vintage", "code_version"}


def golden(warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    """Give every export by its file name: comparisons as JSON and CSV, and the table and texts of every chart."""
    panel = Panel(warehouse)
    for home in MUNICIPALITIES:
        found = benchmark.compare(warehouse, home, panel=panel)
        content = json.loads(exports.to_json(found, panel))
        kept = {key: value for key, value in content.items() if key not in _CHANGING}
        yield f"{home}-benchmark.json", json.dumps(kept, ensure_ascii=False, indent=1)
        rows = list(csv.DictReader(io.StringIO(exports.to_csv(found).removeprefix("\ufeff")), delimiter=";"))
        yield (
            f"{home}-benchmark.csv",
            "\n".join(";".join(value for key, value in row.items() if key not in _CHANGING) for row in rows),
        )
        for entry in all_definitions():
            asked: dict[str, str | int] = {"home": home}
            if any(parameter.name == "indicator" for parameter in entry.parameters):
                asked["indicator"] = "N07540"
            try:
                chart = build(ChartContext(warehouse, panel), entry.id, asked)
            except ChartError as error:
                yield f"{home}-{entry.id}.txt", str(error)
                continue
            said = [chart.title, chart.subtitle, *chart.said, chart.alt, chart.method, chart.limits]
            yield (
                f"{home}-{entry.id}.txt",
                "\n".join([*said, sheets.to_csv(chart, "inte citerat").decode("utf-8")]),
            )


def checksums(warehouse: Warehouse) -> dict[str, str]:
    """Return the SHA-256 of every export, shortened, by its file name; of six digits of each number.

    The last digits of a floating-point sum differ from one processor to another.
    """
    return {
        name: sha256(_LONG.sub(_six_digits, text).encode()).hexdigest()[:16]
        for name, text in golden(warehouse)
    }


def _six_digits(found: re.Match[str]) -> str:
    return f"{float(found[0].replace(',', '.')):.6g}"


def main(target: str) -> None:
    """Write the exports into a folder, or keep their checksums."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        with single_writer(settings):
            prepare(settings)
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            if target == "--keep":
                KEPT.write_text(json.dumps(checksums(warehouse), indent=1) + "\n", "utf-8")
                return
            folder = Path(target)
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in golden(warehouse):
                (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
