"""The parts of Metod: what there is, for whom, and their texts, as kept in docs/metod."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from lagesbild.config import ROOT

#: The page, and its parameter in the address: ``/metod?del=jamforelse``.
PAGE, PARAMETER = "metod", "del"
_FOLDER = ROOT / "docs" / "metod"
_INNER = re.compile(rf"\[([^\]]+)\]\(({PAGE}\?{PARAMETER}=[\w-]+|ordlista(?:#[\w-]+)?)\)")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of Metod: its name in the address, its heading, what it is about, and whether it is for statisticians."""

    key: str
    title: str
    about: str
    statistical: bool

    @property
    def address(self) -> str:
        """Where it is shown, from any page."""
        return f"{PAGE}?{PARAMETER}={self.key}"

    @property
    def text(self) -> str:
        """Its Markdown as kept, with placeholders."""
        return (_FOLDER / f"{self.key}.md").read_text("utf-8")


@cache
def contents() -> dict[str, tuple[Part, ...]]:
    """Return the parts in order, by the heading that they stand under in the contents."""
    kept = tomllib.loads((_FOLDER / "innehall.toml").read_text("utf-8"))
    return {
        group["rubrik"]: tuple(
            Part(
                key=row["del"],
                title=row["rubrik"],
                about=row["om"],
                statistical=group.get("statistik", False),
            )
            for row in group["delar"]
        )
        for group in kept["grupp"]
    }


@cache
def parts() -> dict[str, Part]:
    """Return the parts in the order of the contents, by their name in the address."""
    return {part.key: part for group in contents().values() for part in group}


def with_links(text: str) -> str:
    """Return Markdown whose links to our own pages open in the same tab; Streamlit would open another."""
    return _INNER.sub(r"<a href='\2' target='_self'>\1</a>", text)
