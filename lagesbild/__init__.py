"""Lägesbild: crime statistics for Swedish municipalities; only the command that serves pages knows Streamlit."""

from importlib.metadata import version

__version__ = version("lagesbild")


class ExplainedError(RuntimeError):
    """Something went wrong that is not a fault of the program; the message is one Swedish line."""
