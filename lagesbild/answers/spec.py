"""What an answer is made from: the questions, the written answers, and the charts, as TOML or a saved draft."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: More than any interpellation has; a guard against a pasted book.
MOST_QUESTIONS, LONGEST_TEXT = 30, 20_000
_DATES = ("datum", "inkom")
_TEXTS = (
    "namn",
    "titel",
    "diarienummer",
    "fragestallare",
    "till",
    "fran",
    "undertecknare",
    "ort",
    "arende",
    "inledning",
    "avslutning",
    *_DATES,
)


_PLACE, _IN_ANSWER, _IN_APPENDIX = "plats", "svaret", "bilagan"


class SpecError(ExplainedError):
    """A specification that cannot be used; the message names the field."""


@dataclass(frozen=True)
class Wanted:
    """A chart of an answer: a frozen figure's id, or a chart of the register with its parameters.

    ``in_answer``: it stands under its answer, else in the appendix.
    """

    id: str = ""
    diagram: str = ""
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    in_answer: bool = False


@dataclass(frozen=True)
class Question:
    """One question, what is answered (empty: what its charts say), and the charts it rests on.

    ``own``: the author's words after what the charts say. ``key`` tells it from the others while it is being edited.
    """

    fraga: str
    svar: str = ""
    diagram: tuple[Wanted, ...] = ()
    own: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """An answer before it is a document; texts are Swedish and the municipality's own.

    ``namn`` is what the draft is called among drafts; ``inkom`` and ``datum`` days (ISO); ``arende`` a short account
    of the interpellation; ``fran`` the office that answers, ``undertecknare`` who signs, and ``ort`` where.
    """

    kommun: str
    namn: str = ""
    titel: str = "Svar på interpellation"
    diarienummer: str = ""
    fragestallare: str = ""
    inkom: str = ""
    till: str = "Kommunfullmäktige"
    fran: str = "Kommunstyrelsens ordförande"
    undertecknare: str = ""
    ort: str = ""
    datum: str = ""
    arende: str = ""
    inledning: str = ""
    avslutning: str = ""
    fragor: tuple[Question, ...] = ()


def file_name(spec: Spec) -> str:
    """Return what a document of the answer is called, after the matter and without its ending."""
    words = f"{spec.titel} {spec.diarienummer}".lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return "-".join(re.findall(r"[a-z0-9]+", words))[:80].rstrip("-") or "svar"


def read_toml(file: Path, home: str) -> Spec:
    """Read a specification.

    Raises
    ------
    SpecError
        For a file that cannot be read, an unknown field or a value of the wrong kind.
    """
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SpecError(f"{file}: kan inte läsas ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{file}: är ingen TOML-fil i UTF-8: {error}.") from error
    return from_mapping(raw, home)


def from_mapping(raw: Mapping[str, Any], home: str) -> Spec:
    """Return a specification from parsed TOML or a draft; ``home`` where it names no municipality."""
    _known(raw, {"kommun", "fragor", *_TEXTS}, "svaret")
    texts = {name: _text(raw[name], name) for name in _TEXTS if name in raw}
    for name in _DATES:
        _check_date(texts.get(name, ""), name)
    questions = raw.get("fragor", [])
    if not isinstance(questions, list) or len(questions) > MOST_QUESTIONS:
        raise SpecError(f"fragor: skriv [[fragor]] för varje fråga, högst {MOST_QUESTIONS}.")
    home = _text(raw.get("kommun", home), "kommun")
    return Spec(
        kommun=home, fragor=tuple(_question(one, n) for n, one in enumerate(questions, start=1)), **texts
    )


def to_mapping(spec: Spec) -> dict[str, Any]:
    """Return a specification as plain data, for a saved draft."""
    return asdict(spec) | {
        "fragor": [
            {
                "fraga": q.fraga,
                "svar": q.svar,
                "eget": q.own,
                "nyckel": q.key,
                "diagram": [_as_mapping(wanted) for wanted in q.diagram],
            }
            for q in spec.fragor
        ]
    }


def _as_mapping(wanted: Wanted) -> dict[str, Any]:
    place = {_PLACE: _IN_ANSWER} if wanted.in_answer else {}
    return ({"id": wanted.id} if wanted.id else {"diagram": wanted.diagram, **wanted.parameters}) | place


def _check_date(text: str, name: str) -> None:
    try:
        if text:
            date.fromisoformat(text)
    except ValueError:
        raise SpecError(f"{name}: {text!r} är inget datum. Skriv som 2026-11-24.") from None


def _question(raw: Any, n: int) -> Question:
    where = f"fråga {n}"
    if not isinstance(raw, dict):
        raise SpecError(f"{where}: skriv [[fragor]] och raderna fraga, svar och diagram.")
    _known(raw, {"fraga", "svar", "eget", "nyckel", "diagram"}, where)
    # While it is being written a question may be empty for a moment; then it has a key.
    if not str(raw.get("fraga", "")).strip() and not raw.get("nyckel"):
        raise SpecError(f"{where}: fraga saknas.")
    charts = raw.get("diagram", [])
    if not isinstance(charts, list):
        raise SpecError(f"{where}: skriv [[fragor.diagram]] för varje diagram.")
    return Question(
        _text(raw.get("fraga", ""), f"{where}, fraga"),
        _text(raw.get("svar", ""), f"{where}, svar"),
        tuple(_wanted(one, f"{where}, diagram {m}") for m, one in enumerate(charts, start=1)),
        _text(raw.get("eget", ""), f"{where}, eget"),
        _text(raw.get("nyckel", ""), f"{where}, nyckel"),
    )


def _wanted(raw: Any, where: str) -> Wanted:
    if not isinstance(raw, dict) or not {"id", "diagram"} & set(raw):
        raise SpecError(f"{where}: ange id, eller diagram och dess uppgifter.")
    place = raw.get(_PLACE, _IN_APPENDIX)
    if place not in {_IN_ANSWER, _IN_APPENDIX}:
        raise SpecError(f"{where}, {_PLACE}: ska vara {_IN_ANSWER} eller {_IN_APPENDIX}.")
    parameters = {key: value for key, value in raw.items() if key not in {"id", "diagram", _PLACE}}
    if "id" in raw:
        if parameters or "diagram" in raw:
            raise SpecError(f"{where}: ett citerat diagram har bara id och {_PLACE}.")
        return Wanted(id=_text(raw["id"], f"{where}, id"), in_answer=place == _IN_ANSWER)
    for key, value in parameters.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise SpecError(f"{where}, {key}: ska vara text eller ett heltal.")
    return Wanted(
        diagram=_text(raw["diagram"], f"{where}, diagram"),
        parameters=parameters,
        in_answer=place == _IN_ANSWER,
    )


def _known(raw: Mapping[str, Any], names: set[str], where: str) -> None:
    unknown = sorted(set(raw) - names)
    if unknown:
        raise SpecError(f"{where}: okänt fält {', '.join(unknown)}. Välj bland {', '.join(sorted(names))}.")


def _text(value: Any, where: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise SpecError(f"{where}: ska vara text inom citattecken.")
    if len(value) > LONGEST_TEXT:
        raise SpecError(f"{where}: är längre än {LONGEST_TEXT} tecken.")
    # Word files hold no control characters.
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", value)


def split_questions(text: str) -> list[str]:
    """Return the questions in a pasted text: one a numbered or bulleted item, a paragraph, or else a line."""
    text = text.strip()
    marked = re.compile(r"(?m)^\s*(?:\d{1,2}[.)]|[-•*–])\s+")
    if marked.search(text):
        parts = marked.split(text)
        parts = parts if marked.match(text) else parts[1:]
    else:
        parts = re.split(r"\n\s*\n", text) if re.search(r"\n\s*\n", text) else text.splitlines()
    return [" ".join(part.split()) for part in parts if part.strip()][:MOST_QUESTIONS]
