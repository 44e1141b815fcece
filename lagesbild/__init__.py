"""Lägesbild: crime statistics for Swedish municipalities, free of Streamlit and of HTTP."""

from importlib.metadata import version

__version__ = version("lagesbild")
