"""Keep Streamlit from making its look for charts when it is imported: all of plotly, a quarter of a start.

Our charts have a look of their own (``theme=None``); plotly is imported with what draws them. To be imported before
Streamlit.
"""

from __future__ import annotations

import sys
from types import ModuleType


class _NoTheme(ModuleType):
    """Stands where Streamlit looks for its theme."""

    @staticmethod
    def configure_streamlit_plotly_theme() -> None:
        """Do nothing."""


_NAME = "streamlit.elements.lib.streamlit_plotly_theme"
sys.modules.setdefault(_NAME, _NoTheme(_NAME))
