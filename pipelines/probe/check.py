"""An assumption about a source, and what came of asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pipelines.contract import SourceError

if TYPE_CHECKING:
    from pipelines.probe.asking import Asker

#: Looks at a source and returns what was expected and what was found.
Look = Callable[["Asker"], tuple[Any, Any]]
_MOST_SHOWN = 160


class State(StrEnum):
    """Whether an assumption holds."""

    HOLDS = "stämmer"
    DIFFERS = "skiljer sig"
    UNASKED = "kunde inte frågas"


@dataclass(frozen=True)
class Assumption:
    """One assumption that a pipeline makes, in Swedish, and how to look whether it holds."""

    text: str
    look: Look


@dataclass(frozen=True, kw_only=True)
class AssumptionResult:
    """What came of a check; ``expected`` and ``got`` are empty where it holds."""

    source_id: str
    text: str
    state: State
    expected: str = ""
    got: str = ""

    @property
    def line(self) -> str:
        """The finding as one line."""
        if self.state is State.HOLDS:
            return f"{self.source_id}: {self.state}: {self.text}"
        if self.state is State.UNASKED:
            return f"{self.source_id}: {self.state}: {self.text} ({self.got})"
        return f"{self.source_id}: {self.state}: {self.text} (väntade {self.expected}, fick {self.got})"


def find(check: Assumption, asker: Asker) -> AssumptionResult:
    """Look whether an assumption holds; an answer of another form is a difference, never a crash."""
    try:
        expected, got = check.look(asker)
    except SourceError as error:
        # Without the host: a mirror, or the answers played back, give the same line.
        why = str(error).removeprefix(f"{asker.source_id}: ").replace(asker.base_url, "")
        why = " ".join(why.split())[:_MOST_SHOWN]
        refused = not type(error).__name__.startswith("Unreachable")
        state = State.DIFFERS if refused else State.UNASKED
        return AssumptionResult(
            source_id=asker.source_id, text=check.text, state=state, expected="ett läsbart svar", got=why
        )
    except (AttributeError, IndexError, KeyError, LookupError, TypeError, ValueError) as error:
        odd = f"svar av annan form ({type(error).__name__})"
        return AssumptionResult(
            source_id=asker.source_id,
            text=check.text,
            state=State.DIFFERS,
            expected="den form vi läser",
            got=odd,
        )
    if expected == got:
        return AssumptionResult(source_id=asker.source_id, text=check.text, state=State.HOLDS)
    return AssumptionResult(
        source_id=asker.source_id,
        text=check.text,
        state=State.DIFFERS,
        expected=_shown(expected),
        got=_shown(got),
    )


def _shown(value: Any) -> str:
    text = "inget" if value in (None, [], (), set()) else str(value)
    return " ".join(text.split())[:_MOST_SHOWN]
