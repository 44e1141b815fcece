"""Metod: every figure explained, for a politician first and a statistician below."""

import streamlit as st

from lagesbild.config import REPOSITORY
from lagesbild.swedish import number
from lagesbild.warehouse import Warehouse, queries
from pages import common


def _recovery(store: Warehouse) -> str:
    frame = queries.count_bases(store)
    found = dict(zip(frame["count_basis"], frame["values"], strict=True))
    return (
        f"I det här datalagret är {number(found.get('recovered', 0))} antal återskapade exakt och "
        f"{number(found.get('approximate', 0))} ungefärliga."
    )


def _page() -> None:
    store = common.warehouse()
    st.markdown(
        (REPOSITORY / "docs" / "metod.md").read_text("utf-8").replace("{{återskapade}}", _recovery(store))
    )


_page()
