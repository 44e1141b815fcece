"""What a typed statement says, word for word: every word has a place in the reading, or nothing is judged.

The words stand in ``data/reference/claim_words.csv``, the measures in ``claim_measures.csv``. Each word becomes a
letter, and a grammar (Lark, Earley) says in what order letters make a statement. What is not in the lists, what
the figures cannot answer, and what lacks a part is said; it is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from lark import Lark, Token, Tree, UnexpectedInput

from lagesbild.data import reference

if TYPE_CHECKING:
    from collections.abc import Mapping


#: A longer text is no statement.
LONGEST = 300


class Relation(StrEnum):
    """What a statement says of its measure."""

    STANDS_OUT = "stands-out"
    RISEN = "risen"
    FALLEN = "fallen"
    UNCHANGED = "unchanged"
    MORE = "more"
    FEWER = "fewer"
    HIGHEST = "highest"
    LOWEST = "lowest"
    RANK = "rank"


class Area(StrEnum):
    """With what a municipality is compared when not with another."""

    COUNTRY = "riket"
    COUNTY = "länet"
    SIMILAR = "liknande"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement as it is read.

    ``measure`` is a name in ``claim_measures.csv``; ``other`` the code of another municipality, ``area`` what else it
    is compared with or ranked in; ``by_number`` that numbers are meant and not numbers per inhabitant. ``first`` and
    ``last`` are years (``last`` alone: that year, against the year before where it is a change). ``percent`` and
    ``times`` say how much, ``at_least`` that it may be more. ``vague`` are words of size that no figure has.
    """

    relation: Relation
    home: str
    measure: str
    negated: bool = False
    other: str = ""
    area: Area | None = None
    by_number: bool = False
    first: int | None = None
    last: int | None = None
    percent: float | None = None
    times: float | None = None
    at_least: bool = False
    rank: int | None = None
    vague: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of reading: a statement, or what was not understood and why (Swedish)."""

    typed: str
    statement: Statement | None = None
    unknown: tuple[str, ...] = ()
    why: str = ""


#: Each class of words as a letter. Filler words and the vague ones take no part in the grammar.
_LETTERS = {
    "measure": "M",
    "home": "H",
    "municipality": "P",
    "country": "C",
    "county": "L",
    "group": "G",
    "mean": "m",
    "meanof": "A",
    "up": "U",
    "down": "D",
    "same": "S",
    "uptimes": "u",
    "downtimes": "d",
    "more": "X",
    "fewer": "x",
    "most": "Y",
    "least": "y",
    "than": "T",
    "as": "t",
    "somany": "s",
    "earlier": "E",
    "not": "N",
    "standout": "O",
    "notout": "o",
    "stick": "K",
    "out": "k",
    "since": "I",
    "from": "F",
    "to": "f",
    "between": "B",
    "and": "b",
    "under": "V",
    "in": "i",
    "with": "w",
    "atleast": "l",
    "percent": "p",
    "times": "g",
    "gånger": "q",
    "rank": "R",
    "become": "e",
    "percap": "c",
    "lastyear": "J",
    "recent": "r",
    "years": "j",
    "compared": "z",
    "year": "a",
    "number": "n",
}
_GRAMMAR = r"""
start: part+
?part: place | measure | change | more | most | rank | standout | size | time | "N" -> negation | "c" -> per_head | "e" -> become
measure: "M"
place: "i"? entity
?entity: "P" -> municipality | "H" -> home | "C" -> country | "L" -> county | similar | "A" -> mean_of
similar: "G" | "m" | "m" "i"? "C" -> country | "m" "i"? "L" -> county
change: "U" -> up | "D" -> down | "S" -> same | "l"? "u" -> up_times | "l"? "d" -> down_times
more: side measure? "c"? place? "N"? "T" place -> beside
    | side measure? "T" "E" -> before
    | side measure? -> bare
    | "l"? factor "s" measure? "t" place -> as_many
    | side measure? "z" place -> beside
side: "X" -> higher | "x" -> fewer
factor: "g" | "n" "q"
most: "Y" measure? -> highest
    | "y" measure? -> lowest
rank: "i"? "R" "n"
standout: "O" | "o" -> not_out | "K" "N"? place? "k" -> sticks
size: "w"? "l"? "n" "p"
time: "I" "a" -> since
    | "F"? "a" "f" "a" -> span
    | "B" "a" "b" "a" -> span
    | ("V" | "i")? "a" -> one_year
    | "i"? "J" -> last_year
    | "V"? "i"? "r" "n"? "j" -> recent
"""
#: Says nothing before a statement; after one it names a cause.
_IN_DIALOGUE = "i dialog med polisen"
#: Names of municipalities that are Swedish words, too.
_WORDS_TOO = frozenset(
    {"ale", "berg", "eda", "habo", "hylte", "kil", "lund", "mark", "mora", "nora", "sala", "vara", "boden"}
)
_YEARS_KNOWN = range(1975, 2100)
_SPELLED = {
    word: n
    for n, word in enumerate(
        ["noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv"]
    )
}
#: Why the figures cannot answer, by the reason in the word list.
WHY = {
    "trygghet": "Anmälda brott säger inte hur trygga människor känner sig, och det finns inga siffror om det för kommunen.",
    "fara": "Ordet har inget mått. Pröva i stället något som räknas: ”{home} har fler brott än …” eller ”våldsbrotten har ökat”.",
    "skjutningar": "Det finns inga siffror per kommun om skjutningar och sprängningar.",
    "gäng": "Det finns inga siffror per kommun om brott som begås av gäng.",
    "bilbränder": "Det finns inga siffror per kommun om bränder.",
    "poliser": "Det finns inga siffror om hur många poliser och väktare det är.",
    "orsak": "Siffrorna visar om brotten ändrats, inte varför. Pröva i stället: ”brotten har minskat”.",
    "utsatthet": "Anmälda brott säger inte hur många personer som utsatts.",
    "personer": "Anmälda brott per kommun säger inget om vilka som begått dem eller utsatts.",
    "future": "Det gäller framtiden, och den har inga siffror.",
    "thisyear": "Året är inte slut. Pröva det senaste hela året.",
}


def read(text: str, home: str, names: Mapping[str, str], year: int) -> Reading:
    """Read a statement.

    Parameters
    ----------
    home
        The code of the municipality that ``vi`` and ``här`` mean.
    names
        Names of the municipalities by code.
    year
        The year it is: ``i fjol`` is the one before.
    """
    typed = " ".join(text.split())
    hindrance = _hindrance(typed)
    if hindrance:
        return Reading(typed=typed[:LONGEST], why=hindrance)
    words = _tagged(typed, names)
    unknown = tuple(word.text for word in words if word.kind == "")
    blocked = [word for word in words if word.kind in {"nofigures", "future", "thisyear"}]
    if not words:
        return Reading(typed=typed, why="Skriv ett påstående.")
    if blocked:
        reason = blocked[0].value or blocked[0].kind
        return Reading(
            typed=typed,
            unknown=tuple(word.text for word in blocked),
            why=WHY[reason].format(home=names.get(home, "Kommunen")),
        )
    if unknown:
        return Reading(typed=typed, unknown=unknown, why="Inget prövas förrän alla ord förstås.")
    return _together(typed, words, home, year)


def _together(typed: str, words: list[_Word], home: str, year: int) -> Reading:
    """Read what known words say together."""
    kept = [word for word in words if word.kind in _LETTERS]
    vague = tuple(word.text for word in words if word.kind == "vague")
    try:
        tree = _parsed("".join(_LETTERS[word.kind] for word in kept))
    except UnexpectedInput:
        return Reading(typed=typed, why=_incomplete(kept))
    try:
        return Reading(typed=typed, statement=_Parts(tree, kept, home, year).statement(vague))
    except _UnclearError as error:
        return Reading(typed=typed, why=str(error))


def _hindrance(typed: str) -> str:
    """Say why a text is not read at all; empty where it is."""
    lowered = typed.lower()
    if len(typed) > LONGEST:
        return f"Påståendet är för långt: högst {LONGEST} tecken."
    if re.search(r"[<>=≤≥±]|(?<![\w\d])[-−]\d", typed):
        return "Skriv storleken med ord: ”minst 10 procent”, ”har minskat”."
    if re.search(r",\s*(?:så\s+)?(?:inte|ej|icke)\b", lowered):
        return "Det ser ut som flera påståenden. Pröva ett i taget."
    if re.search(r"\bän\b.*\b(?:hade|har|var|är)\b", lowered):
        return "Två olika tider. Pröva en i taget."
    if re.match(r"var\s(?!femte|tredje|fjärde|tionde|sjätte)", lowered):
        return "Det är en fråga om var. Pröva ett påstående om en kommun."
    return ""


@dataclass(frozen=True)
class _Word:
    text: str
    kind: str
    value: str = ""


class _UnclearError(ValueError):
    """The words are known, but not what they say together; the message is in Swedish."""


def _incomplete(kept: list[_Word]) -> str:
    kinds = {word.kind for word in kept}
    if "than" in kinds:
        return "Förstår orden men inte vad som jämförs med vad."
    if "and" in kinds:
        return "Det ser ut som flera påståenden. Pröva ett i taget."
    return "Förstår orden men inte vad de säger tillsammans. Pröva till exempel: ”våldsbrotten har ökat”."


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="earley", lexer="dynamic", propagate_positions=True, keep_all_tokens=True)


@lru_cache(maxsize=4_096)
def _parsed(letters: str) -> Tree[Token]:
    """Return the parts of words of these kinds; a text says the same kind of thing again and again."""
    return _parser().parse(letters)


@cache
def _lexicon() -> dict[tuple[str, ...], tuple[str, str]]:
    return {
        tuple(row["form"].split()): (row["class"], row["value"])
        for row in reference.read_csv("claim_words.csv")
    }


@cache
def measures() -> dict[str, dict[str, str]]:
    """Return the measures that can be named, by name: ``keys`` of indicators in order of choice, ``told`` in Swedish."""
    return {row["name"]: row for row in reference.read_csv("claim_measures.csv")}


def measures_named(text: str, names: Mapping[str, str]) -> list[str]:
    """Return the measures that a text names, in order: names in ``claim_measures.csv``."""
    return [word.value for word in _tagged(text, names) if word.kind == "measure"]


def _tagged(typed: str, names: Mapping[str, str]) -> list[_Word]:
    """Split a statement into the longest known words; names of municipalities, years and numbers among them."""
    plain = re.sub(r"(?<=\d)\s*[-–]\s*(?=\d)", " till ", typed)
    plain = re.sub(r"(?<=\d),(?=\d)", "§", plain)
    raw = re.findall(r"[\w§:-]+|%", plain.replace("\u00a0", " "), re.UNICODE)
    tokens = [token.strip("-:") for token in raw if token.strip("-:")]
    lowered = [token.lower() for token in tokens]
    places = _places(names)
    longest = max(map(len, [*_lexicon(), *places]))
    found, at = [], 0
    while at < len(tokens):
        for length in range(min(longest, len(tokens) - at), 0, -1):
            words = tuple(lowered[at : at + length])
            text = " ".join(tokens[at : at + length])
            # A name that is a word of its own, as Mark or Vara, is a place only with a capital.
            if words in places and not (text.islower() and text in _ordinary()):
                found.append(_Word(text, "municipality", places[words]))
                break
            if words in _lexicon():
                found += _known(text, *_lexicon()[words])
                break
            if length == 1:
                found.append(_number(text))
        at += length
    told = [
        _Word(word.text, "") if n and word.text.lower() == _IN_DIALOGUE else word
        for n, word in enumerate(found)
    ]
    return _in_context(told)


def _known(text: str, kind: str, value: str) -> list[_Word]:
    return [_Word(text, kind, value)]


def _number(text: str) -> _Word:
    figure = text.replace("§", ".")
    if text.lower() in _SPELLED:
        return _Word(text, "number", str(_SPELLED[text.lower()]))
    if re.fullmatch(r"\d+(\.\d+)?", figure):
        year = figure.isdigit() and int(figure) in _YEARS_KNOWN
        return _Word(text, "year" if year else "number", figure)
    return _Word(text, "")


def _in_context(words: list[_Word]) -> list[_Word]:
    """Settle words with two meanings: ``minst`` before a number is at least, alone it is the fewest."""
    return [_settled(word, words[n + 1].kind if n + 1 < len(words) else "") for n, word in enumerate(words)]


def _settled(word: _Word, after: str) -> _Word:
    if word.kind == "atleast" and after not in {"number", "times", "uptimes", "downtimes"}:
        return _Word(word.text, "least" if word.text.lower() == "minst" else "")
    if word.kind == "under" and word.text.lower() == "år" and after != "year":
        return _Word(word.text, "years")
    return word


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(row["word"].lower() for row in reference.read_csv("ordinary_words.csv")) | _WORDS_TOO


def _places(names: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    found = {}
    for code, name in names.items():
        words = tuple(name.lower().split())
        found[words] = code
        found[tuple(reference.full_name(code, name).lower().split())] = code
        if not name.endswith(("s", "x", "z")):
            found[(*words[:-1], words[-1] + "s")] = code
    return found


class _Parts:
    """The parts of a parsed statement, gathered; each may be there once."""

    def __init__(self, tree: Tree[Token], words: list[_Word], home: str, year: int) -> None:
        self.words, self.home, self.year = words, home, year
        self.parts = [child for child in tree.children if isinstance(child, Tree)]

    def word(self, tree: Tree[Token], letter: str) -> _Word:
        """Return the word behind a letter of a part."""
        return self.words_of(tree, letter)[0]

    def words_of(self, tree: Tree[Token], *letters: str) -> list[_Word]:
        """Return the words behind some letters of a part, in order."""
        return [
            self.words[token.start_pos or 0]
            for token in tree.scan_values(lambda value: isinstance(value, Token))
            if str(token) in letters
        ]

    def statement(self, vague: tuple[str, ...]) -> Statement:
        """Put the parts together, or say what is missing or said twice."""
        relations = [part for part in self.parts if part.data in _RELATIONS]
        if len(relations) != 1:
            raise _UnclearError(
                "Det sägs inte vad som gäller: ökat, minskat, fler än, högst, sticker ut?"
                if not relations
                else "Det ser ut som flera påståenden. Pröva ett i taget."
            )
        (relation,) = relations
        negations = sum(part.data == "negation" for part in self.parts) + self._inside(relation)
        if negations > 1:
            raise _UnclearError("Två nekande ord: det är oklart vad som menas.")
        made = _RELATIONS[relation.data](self, relation)
        if negations and vague:
            raise _UnclearError(f"”{' '.join(vague)}” har inget mått, och då går det inte att säga emot.")
        become = any(part.data == "become" for part in self.parts)
        if relation.data == "bare":
            if not become:
                side = self.words_of(relation, "X", "x")[0].text
                raise _UnclearError(f"”{side}” än vad? Skriv vad det jämförs med.")
            made["relation"] = Relation.RISEN if made["relation"] is Relation.MORE else Relation.FALLEN
        self._places(relation, made)
        self._times(made)
        self._sizes(made)
        if negations and made.get("at_least"):
            raise _UnclearError("Förstår inte vad som förnekas: ändringen, eller hur stor den är?")
        self._numbers(made)
        return Statement(
            home=made.pop("home", self.home),
            measure=self._measure(),
            negated=bool(negations),
            vague=vague,
            **made,
        )

    def _numbers(self, made: dict[str, Any]) -> None:
        """See whether numbers are meant, and that what needs a measure, or one year, has it."""
        relation = made["relation"]
        changed = relation in {Relation.RISEN, Relation.FALLEN, Relation.UNCHANGED}
        if any("antal" in word.text.lower() for word in self.words) and not changed:
            if relation is Relation.STANDS_OUT or made.get("area") is Area.SIMILAR or "times" in made:
                raise _UnclearError(
                    "Antal går bara att jämföra med en annan kommun eller bland länets eller landets."
                )
            made["by_number"] = True
        named = any(word.kind == "measure" for word in self.words)
        if not named and relation not in {Relation.STANDS_OUT, Relation.RANK}:
            raise _UnclearError("Vilka brott gäller det? Skriv till exempel brotten, våldet eller inbrotten.")
        if not changed and made.get("first") is not None:
            raise _UnclearError("Nivåer prövas ett år i taget. Skriv ett år, eller inget.")

    def _inside(self, relation: Tree[Token]) -> int:
        return len(self.words_of(relation, "N")) + (relation.data == "not_out")

    def _measure(self) -> str:
        named = [word.value for word in self.words if word.kind == "measure"]
        if len(set(named)) > 1:
            raise _UnclearError("Två slags brott på en gång. Pröva ett i taget.")
        return named[0] if named else "total"

    def _places(self, relation: Tree[Token], made: dict[str, Any]) -> None:
        """Find the subject among the places that are not what it is compared with."""
        outside = self._outside(relation, made)
        codes = [code for part in outside if (code := self._code(part))]
        areas = [area for part in outside if (area := self._area(part))]
        if len(set(codes)) > 1:
            raise _UnclearError("Två kommuner, och det är oklart vilken det gäller.")
        if codes:
            made["home"] = codes[0]
        if areas:
            if made["relation"] not in {Relation.HIGHEST, Relation.LOWEST, Relation.RANK}:
                if len(set(areas)) == 1 and made.get("area") is Area.SIMILAR and areas[0] is not Area.SIMILAR:
                    made["area"] = areas[0]  # "än snittet i länet"
                    return
                raise _UnclearError("Bara kommuner kan prövas, inte län eller hela landet.")
            made["area"] = areas[0]
        if made["relation"] in {Relation.HIGHEST, Relation.LOWEST, Relation.RANK}:
            made.setdefault("area", Area.COUNTRY)
        if made.get("other") and made["other"] == made.get("home", self.home):
            raise _UnclearError("Samma kommun på båda sidor.")

    def _outside(self, relation: Tree[Token], made: dict[str, Any]) -> list[Tree[Token]]:
        """Note what it is compared with, and return the other places."""
        outside = [part for part in self.parts if part.data == "place"]
        within = [part for part in relation.children if isinstance(part, Tree) and part.data == "place"]
        if relation.data not in {"beside", "as_many"}:
            return outside + within
        against = within[-1]
        self._against(against, made)
        after = [part for part in outside if self._start(part) > self._start(against)]
        if made.get("area") is Area.SIMILAR and any(self._code(part) for part in after):
            raise _UnclearError("Snittet i en kommun är kommunens egen nivå. Skriv ”än i Kumla”.")
        return outside + within[:-1]

    def _start(self, place: Tree[Token]) -> int:
        return min(
            token.start_pos or 0 for token in place.scan_values(lambda value: isinstance(value, Token))
        )

    def _against(self, place: Tree[Token], made: dict[str, Any]) -> None:
        code, area = self._code(place), self._area(place)
        if code:
            made["other"] = code
        elif area:
            made["area"] = area

    def _code(self, place: Tree[Token]) -> str:
        named = self.words_of(place, "P", "H")
        return (named[0].value or self.home) if named else ""

    def _area(self, place: Tree[Token]) -> Area | None:
        letters = {str(token) for token in place.scan_values(lambda value: isinstance(value, Token))}
        if "A" in letters:
            return Area.COUNTRY if self.word(place, "A").value == "country" else Area.COUNTY
        if "C" in letters:
            return Area.COUNTRY
        if "L" in letters:
            return Area.COUNTY
        return Area.SIMILAR if letters & {"G", "m"} else None

    def _times(self, made: dict[str, Any]) -> None:
        times = [
            part for part in self.parts if part.data in {"since", "span", "one_year", "last_year", "recent"}
        ]
        if not times:
            return
        if len(times) > 1:
            raise _UnclearError("Två olika tider. Pröva en i taget.")
        (time,) = times
        years = [int(word.value) for word in self.words_of(time, "a")]
        if time.data == "since":
            made["first"] = years[0]
        elif time.data == "span":
            if years[0] >= years[1]:
                raise _UnclearError("Åren står i fel ordning.")
            made["first"], made["last"] = years
        elif time.data == "one_year":
            made["last"] = years[0]
        elif time.data == "last_year":
            made["last"] = self.year - 1
        else:
            many = self.words_of(time, "n")
            if not many:
                raise _UnclearError("Hur många år? Skriv till exempel: de senaste fem åren.")
            made["first"] = self.year - 1 - _whole(many[0].value)
        if any(
            isinstance(value, int) and value >= self.year for value in (made.get("first"), made.get("last"))
        ):
            raise _UnclearError("Året är inte slut, eller har inte varit. Pröva det senaste hela året.")

    def _sizes(self, made: dict[str, Any]) -> None:
        sizes = [part for part in self.parts if part.data == "size"]
        if not sizes:
            return
        if len(sizes) > 1 or made.get("times") is not None:
            raise _UnclearError("Två olika storlekar. Pröva en i taget.")
        if made["relation"] not in {Relation.RISEN, Relation.FALLEN, Relation.MORE, Relation.FEWER}:
            raise _UnclearError("Förstår inte vad procenten gäller.")
        made["percent"] = float(self.word(sizes[0], "n").value)
        made["at_least"] = bool(self.words_of(sizes[0], "l"))


_Made = Callable[["_Parts", "Tree[Token]"], "dict[str, Any]"]


def _plain(relation: Relation) -> _Made:
    def made(parts: _Parts, tree: Tree[Token]) -> dict[str, Any]:
        del parts, tree
        return {"relation": relation}

    return made


def _factor(relation: Relation, letter: str) -> _Made:
    def made(parts: _Parts, tree: Tree[Token]) -> dict[str, Any]:
        return {"relation": relation, "times": float(parts.word(tree, letter).value)}

    return made


def _sided(parts: _Parts, tree: Tree[Token]) -> dict[str, Any]:
    return {"relation": Relation.MORE if parts.words_of(tree, "X") else Relation.FEWER}


def _before(parts: _Parts, tree: Tree[Token]) -> dict[str, Any]:
    return {"relation": Relation.RISEN if parts.words_of(tree, "X") else Relation.FALLEN}


def _as_many(parts: _Parts, tree: Tree[Token]) -> dict[str, Any]:
    named = parts.words_of(tree, "g") or parts.words_of(tree, "n")
    times = float(named[0].value)
    if times == 1 or (times < 1 and parts.words_of(tree, "l")):
        raise _UnclearError("Förstår inte hur många gånger som menas.")
    return {"relation": Relation.MORE if times > 1 else Relation.FEWER, "times": times}


def _whole(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise _UnclearError(f"{text.replace('.', ',')} är inget helt tal.")
    return int(text)


def _ranked(parts: _Parts, tree: Tree[Token]) -> dict[str, Any]:
    return {"relation": Relation.RANK, "rank": _whole(parts.word(tree, "n").value)}


_RELATIONS: dict[str, _Made] = {
    "up": _plain(Relation.RISEN),
    "down": _plain(Relation.FALLEN),
    "same": _plain(Relation.UNCHANGED),
    "up_times": _factor(Relation.RISEN, "u"),
    "down_times": _factor(Relation.FALLEN, "d"),
    "beside": _sided,
    "before": _before,
    "bare": _sided,
    "as_many": _as_many,
    "highest": _plain(Relation.HIGHEST),
    "lowest": _plain(Relation.LOWEST),
    "rank": _ranked,
    "standout": _plain(Relation.STANDS_OUT),
    "not_out": _plain(Relation.STANDS_OUT),
    "sticks": _plain(Relation.STANDS_OUT),
}
