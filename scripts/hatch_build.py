"""Put into a wheel what is no module of the package, where `config.ROOT` finds it in an installation.

A hook and not a table of pyproject.toml: an editable installation, which has the checkout, would get copies too.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_INCLUDED = (".streamlit/config.toml", "dashboard.py", "data", "docs/metod", "pages")


class Installed(BuildHookInterface):  # type: ignore[type-arg] # hatchling's own is generic for its plugins
    """Adds the pages, their entry, the shipped figures and what the pages show."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to a wheel that somebody installs; ``version`` is ``editable`` for the developer's own."""
        if version == "standard":
            build_data["force_include"].update({name: f"lagesbild/installed/{name}" for name in _INCLUDED})
