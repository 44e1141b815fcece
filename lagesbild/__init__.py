"""Lägesbild: crime statistics for Swedish municipalities, free of Streamlit and of HTTP."""

from importlib.metadata import version

__version__ = version("lagesbild")


class ExplainedError(RuntimeError):
    """Something went wrong that is not a fault of the program; the message is one Swedish line."""
