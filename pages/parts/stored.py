"""What every page reads: the settings, the current vintage, and the municipalities in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from lagesbild.config import Settings, SettingsError, load_settings, settings_stamp
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse, WarehouseError
from lagesbild.data.warehouse.shown import SHOWN


def settings() -> Settings:
    """Return the settings, or stop the page with what is wrong in them."""
    try:
        return _settings(settings_stamp())
    except SettingsError as error:
        st.error(str(error))
        st.stop()


@lru_cache(maxsize=4)
def _settings(stamp: tuple[object, ...]) -> Settings:
    """Read the settings anew where the file or a variable has changed."""
    del stamp  # only a key
    return load_settings()


def public_address() -> str:
    """Return where readers reach the dashboard, as set or else as this reader does."""
    return settings().public_address or (st.context.url or "").split("?")[0].rsplit("/", 1)[0]


def warehouse() -> Warehouse:
    """Return the current vintage, opened once; stop the page if there is none."""
    try:
        return opened(SHOWN.vintage(settings().warehouse_folder))
    except WarehouseError as error:
        st.error(str(error))
        st.stop()


def opened(vintage: Path) -> Warehouse:
    """Return a vintage, opened once for all readers."""
    return _open(file=str(vintage))


# The one that is shown, and the one that was before or will be next.
@st.cache_resource(max_entries=2, show_spinner=False, on_release=Warehouse.let_go)
def _open(*, file: str) -> Warehouse:
    return Warehouse(Path(file))


def names(warehouse: Warehouse) -> dict[str, str]:
    """Return the names of all municipalities by code, in Swedish alphabetical order."""
    return dict(municipality.names_of(warehouse))


def default_municipality(warehouse: Warehouse) -> str:
    """Return the code of the settings' municipality, or stop the page if there is none such."""
    try:
        return municipality.code_of(settings().home_municipality, names(warehouse))
    except municipality.UnknownMunicipalityError as error:
        st.error(f"Inställningen home_municipality: {error}")
        st.stop()
