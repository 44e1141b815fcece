"""Whatever a user can set, run, draw or open stands in the docs, and what the docs name is there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module

import pytest

from lagesbild import config
from lagesbild.cli.main import COMMANDS
from lagesbild.config import ROOT, Settings
from lagesbild.data import reference
from lagesbild.figures.catalogue import all_definitions

README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = (ROOT / "lagesbild.example.toml").read_text("utf-8")
MENU = (ROOT / "dashboard.py").read_text("utf-8")
PAGES = [
    *re.findall(r"st\.Page\(\s*\"pages/(\w+)\.py\",\s*title=\"([^\"]+)\"", MENU),
    *re.findall(r"_local\(\"(\w+)\", \"([^\"]+)\"", MENU),
    ("logga_in", "Logga in"),
]
PAGES = [page for page in PAGES if page != ("logga_in", "Min inloggning")]
DEVELOPERS = ("CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md")


@pytest.mark.parametrize("setting", [field.name.replace("_folder", "") for field in fields(Settings)])
def test_every_setting_stands_in_the_example(setting: str) -> None:
    assert re.search(rf"^#? ?\[?{setting}\b", EXAMPLE, flags=re.MULTILINE), setting


@pytest.mark.parametrize("variable", [*config._VARIABLES.values(), "LAGESBILD_HOME", "LAGESBILD_SNAPSHOT"])
def test_every_variable_stands_in_the_example(variable: str) -> None:
    assert variable in EXAMPLE


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_with_its_options_stands_in_the_readme(command: str) -> None:
    assert f"lagesbild {command}" in README
    parser = argparse.ArgumentParser()
    import_module(f"lagesbild.cli.{command}").add_options(parser)
    options = set(_options(parser))
    missing = {option for option in options - {"--help"} if not re.search(rf"{option}\b", README)}
    assert not missing


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (option for option in action.option_strings if option[:2] == "--")
        if isinstance(action, argparse._SubParsersAction):
            for part in action.choices.values():
                yield from _options(part)


def test_every_chart_stands_in_the_readme_with_its_question() -> None:
    for entry in all_definitions():
        assert f"| `{entry.id}` | {entry.name} | {entry.question} |" in README


def test_every_page_stands_in_the_menu_and_in_the_readme() -> None:
    assert {name for name, _ in PAGES} == {
        file.stem for file in (ROOT / "pages").glob("*.py") if file.stem != "__init__"
    }
    assert "/d?nr=LB-" in README
    for name, title in PAGES:
        if name == "diagram":  # shown by its address alone
            continue
        assert re.search(rf"\*{re.escape(title)}\*|\*\*{re.escape(title)}\*\*", README), title


def test_every_source_stands_in_the_readme() -> None:
    table = README[README.index("## Varifrån uppgifterna kommer") :]
    for source_id, info in reference.sources().items():
        publisher = re.sub(r".*\((\w+)\)", r"\1", info.publisher)
        assert publisher in table or info.title in table or source_id == "polisen", source_id


@pytest.mark.parametrize("document", DEVELOPERS)
def test_every_file_that_the_developers_pages_name_is_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    named = re.findall(r"`((?:lagesbild|pipelines|pages|tests|scripts|data|docs|benchmarks)/[\w./]*)`", text)
    missing = [name for name in named if "NAME" not in name and not (ROOT / name).exists()]
    assert not missing
    links = re.findall(r"\]\(([\w./]+)\)", text)
    assert not [link for link in links if not (ROOT / document).parent.joinpath(link).exists()]


def test_every_target_of_the_makefile_is_explained_by_make_alone() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE)
    for target in set(targets) - {"help", "linters", "clean"}:
        assert f'@echo "make {target}' in makefile, target
