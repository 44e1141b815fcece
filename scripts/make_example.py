"""Answers questions after the interpellation of 2018 with the shipped figures: ``docs/exempel``, as Word, PDF and cited charts."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from lagesbild.answers.compose import composed
from lagesbild.answers.document import to_docx, to_pdf
from lagesbild.answers.spec import read_toml
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import archive_of
from lagesbild.figures.render import RENDERER
from pipelines.publish import single_writer
from pipelines.run import prepare

FOLDER = ROOT / "docs" / "exempel"


def main() -> None:
    """Write the example."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        with single_writer(settings):
            prepare(settings)
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            answer = composed(
                read_toml(FOLDER / "interpellation-2018.toml", "1861"), archive_of(settings), warehouse
            )
        RENDERER.close()
        word = to_docx(answer)
        (FOLDER / "interpellation-2018.docx").write_bytes(word)
        (FOLDER / "interpellation-2018.pdf").write_bytes(to_pdf(word))
        shutil.rmtree(FOLDER / "citations", ignore_errors=True)
        (FOLDER / "citations").mkdir()
        for figure in answer.figures:
            shutil.copy(settings.citations_folder / f"{figure.id}.zip", FOLDER / "citations")


if __name__ == "__main__":
    main()
