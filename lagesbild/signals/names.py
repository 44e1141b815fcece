"""Names of persons in a text: a guess from lists and from what stands around, without any model.

A word is read with its neighbours: a run of capitalised words is taken together, so that "Gustav Adolfs torg" is
a place and "Anna von Essen" one person. Why not a model: docs/decisions/0022-screening.md.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lagesbild.config import REFERENCE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, kw_only=True)
class Known:
    """Given names and surnames, casefolded; ``ordinary`` ones are Swedish words or places too."""

    given: frozenset[str]
    surnames: frozenset[str]
    ordinary: frozenset[str]


@cache
def known() -> Known:
    """Return the names of ``data/reference/person_names.csv``."""
    with (REFERENCE_FOLDER / "person_names.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row["name"].casefold(), row["part"], row["ordinary"] == "ja") for row in csv.DictReader(file)
        ]
    return Known(
        given=frozenset(name for name, part, _ in rows if part == "given"),
        surnames=frozenset(name for name, part, _ in rows if part == "surname"),
        ordinary=frozenset(name for name, _, ordinary in rows if ordinary),
    )


_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_])){0,60}")
#: Somebody's account: @kalle99.
_HANDLE = re.compile(r"(?<![\w@.])@\w[\w.]{1,30}\w")
#: What may stand between the words of one name.
_WITHIN = frozenset((" ", "  ", ". "))
#: No name has more words; a text of capitals alone is read in pieces.
_LONGEST = 8
_PARTICLES = frozenset("von af de la del da di van der den al el bin ibn abu ben".split())
_TITLES = frozenset(
    """
    herr fru fröken frk hr rektor rektorn läraren lärarinnan chefen enhetschefen handläggaren socialsekreteraren kuratorn vaktmästaren
    väktaren ordningsvakten ordningsvakterna fritidsledaren grannen hyresgästen ägaren butiksägaren handlaren föreståndaren
    kommunalrådet ordföranden doktor doktorn sjuksköterskan konstapel kommissarie inspektör polisinspektör advokat advokaten prästen
    pojken flickan killen tjejen kvinnan mannen eleven ynglingen gubben tanten
    brodern brorsan brorsonen bror syster systern syrran sonen son dottern dotter pappan pappa mamman mamma farfar mormor morfar farmor
    kusinen kusin kompisen kamraten vännen flickvännen pojkvännen sambon exmaken makan maken hustrun farbror moster faster morbror
    """.split()
)
_CALLED = re.compile(
    r"(?:\b(?:som |han |hon |hen |person(?:en)? |man(?:nen)? |kille?n? |tjej(?:en)? )?"
    r"(?:het(?:er|te)|kalla[rdst]{1,3} (?:sig|för)|kallas|(?<!så )kallad|"
    r"vid namn|med namnet|namnet är|går under namnet|alias|signaturen)|\bnamn:) (?:för )?[\"'”»]?$",
    re.IGNORECASE,
)
#: Words that make what is before them a place or a firm: Gustav Adolfs torg, Anders Bil AB.
_PLACE_WORDS = frozenset(
    """
    gata gatan gatu väg vägen stig stigen gränd gränden torg torget plats platsen plan planen park parken allé allén led leden
    backe backen bro bron kaj kajen hamn hamnen skola skolan kyrka kyrkan hall hallen kulle kullen gård gården område området
    hus huset station stationen centrum hem hemmet bad badet strand stranden dal dalen vall vallen arena mack macken förskola
    gymnasium gymnasiet församling kommun län stad socken sjukhus sjukhuset rondell rondellen korset tunneln slinga slingan
    bageri frisör salong livs kiosk pizzeria restaurang krog bar bil bygg maskin ab hb minne kvarn udde ö vik berg sjö sjön viken
    skog skogen mosse mossen höjd hage hagen brygga bryggan trädgård trädgården port grill café kafé sten källa källan
    """.split()
)
#: What somebody has: Annas bil.
_BELONGINGS = frozenset("bil hem hemmet hus huset gård bar bygg".split())
_PLACE_TAIL = re.compile(
    r"(?:gatan|gata|vägen|väg|stigen|stig|gränden?|torget|torg|platsen|parken|skolan|kyrkan|gården|gymnasiet|stationen|hallen|leden|bron|"
    r"backen|chaussén|centrum|hemmet|området|garaget|badet|macken|köping|stad|sjön|viken|skogen|åsen|länet|landet|bygden|loppet|festivalen)s?$"
)
#: Capitalised and no person: organisations, makes, media, feasts.
_ORGANISATIONS = frozenset(
    """
    polisen kommunen ica coop willys lidl hemköp netto systembolaget apoteket postnord circle preem okq8 shell ingo mcdonalds burger
    king sibylla pressbyrån espresso house resecentrum sj trafikverket socialtjänsten region regionen länsstyrelsen skolverket
    försäkringskassan arbetsförmedlingen folktandvården biltema jula rusta dollarstore ikea hm elgiganten hornbach byggmax
    facebook instagram snapchat tiktok swish google youtube telegram signal flashback volvo saab audi bmw toyota ford tesla golf passat
    mercedes opel skoda kia nissan mazda porsche jaguar lamborghini gud jesus allah jul påsk midsommar valborg lucia luciatåg halloween
    svenska kyrkan röda korset stadsmissionen securitas avarn nokas rapid sos alarm räddningstjänsten ambulansen åklagaren tingsrätten
    måndag tisdag onsdag torsdag fredag lördag söndag januari februari mars april maj juni juli augusti september oktober november
    december sverige danmark norge finland tyskland polen syrien irak iran afghanistan somalia ukraina ryssland europa stockholm göteborg
    malmö örebro västerås uppsala linköping
    """.split()
)
_BEFORE_PLACE = frozenset(
    "i vid på mot genom längs utanför kring runt centrala norra södra östra västra norr söder öster väster om".split()
)
#: What stands before a place that has a person's name or a surname: Övre Bäck, Sankt Jörgens kapell.
_OF_PLACES = _BEFORE_PLACE | frozenset(
    "övre nedre nya gamla stora lilla yttre inre sankt sankta sant st trafikplats".split()
)
#: After these a capitalised word is somebody, listed or not, if it is no place: "jag såg Xhemal".
_MEETING = frozenset(
    """
    såg sett ser träffade träffat mötte mött känner kände är var hos enligt hette heter ringde ringt frågade frågat hotade hotat hotar
    slog slagit slår misshandlade tog tagit misstänker misstänkte anklagar kallar kallas säger sa sade berättar berättade åt stod hjälpte
    """.split()
)
_SAINTS = frozenset("sankt sankta sant st t".split())
_INSIDE = frozenset("i inne inom centrala".split())
#: Karl XI:s väg.
_ROMAN = re.compile(r"[IVXl]{1,5}")
_SURE_END = re.compile(
    r".{2,}(?:sson|qvist|kvist|quist|ović|ovic|evic|ević|dotter|shvili|enko|ovski|owski|iewicz|poulos)"
)
_SURNAME_END = re.compile(
    r".{2,}(?:son|sen|berg|ström|lund|gren|dahl|stedt|blad|blom|man|mark|fors|löf|höök|hielm|hjelm|sköld|crantz|krantz|ell|ius|"
    r"ander|én|ic|ić|ski|ska|wicz|nen|zadeh|pour|oğlu|oglu|yan|ian|ov|ova|ev|eva|idis|akis)"
)


@dataclass(frozen=True)
class _Token:
    text: str
    folded: str
    start: int
    end: int
    capital: bool
    #: Nothing but a sentence's beginning makes it capital.
    first: bool


def find(text: str, allowed: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield where names stand, those of accounts first; ``allowed`` are casefolded names of places and the like."""
    for handle in _HANDLE.finditer(text):
        yield handle.span()
    tokens = _tokens(text)
    at = 0
    while at < len(tokens):
        end = _run_end(text, tokens, at)
        yield from _named(text, tokens, at, end, allowed)
        at = end


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    before = 0
    for match in _WORD.finditer(text):
        word = match[0]
        between = text[before : match.start()]
        first = not found or (
            any(sign in between for sign in ".!?:\n•") and not _after_initial(found[-1], between)
        )
        found.append(_Token(word, word.casefold(), match.start(), match.end(), word[0].isupper(), first))
        before = match.end()
    return found


def _after_initial(token: _Token, between: str) -> bool:
    return len(token.text) == 1 and token.capital and between == ". "


def _run_end(text: str, tokens: Sequence[_Token], start: int) -> int:
    """Return the index after the capitalised words (and particles between them) that begin at ``start``."""
    end = start + 1
    if not tokens[start].capital:
        return end
    while (
        end < min(len(tokens), start + _LONGEST) and text[tokens[end - 1].end : tokens[end].start] in _WITHIN
    ):
        name = tokens[end].capital and not tokens[end].first
        particle = tokens[end].folded in _PARTICLES and end + 1 < len(tokens) and tokens[end + 1].capital
        if not name and not particle:
            break
        end += 1
    return end


def _named(
    text: str, tokens: Sequence[_Token], start: int, end: int, allowed: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Yield the names within a run."""
    run = tokens[start:end]
    if not run[0].capital:
        if _in_small_letters(text, tokens, start, allowed):
            yield run[0].start, tokens[start + 1].end
        elif _is_called(text, run[0]) and _is_given(run[0].folded, allowed):
            yield run[0].start, run[0].end
        return
    following = (
        tokens[end].folded if end < len(tokens) and text[run[-1].end : tokens[end].start] == " " else ""
    )
    if following in _PLACE_WORDS - _BELONGINGS or _is_place(" ".join(token.folded for token in run), allowed):
        return
    before = tokens[start - 1].folded if start and not run[0].first else ""
    yield from _in_run(text, run, before, allowed)


def _in_run(
    text: str, run: Sequence[_Token], before: str, allowed: frozenset[str]
) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(run):
        length = _person(text, run[at:], before if at == 0 else run[at - 1].folded, allowed)
        if length:
            yield run[at].start, run[at + length - 1].end
        at += max(1, length)


def _person(text: str, run: Sequence[_Token], before: str, allowed: frozenset[str]) -> int:
    """Return how many words from the first on are one person's name; 0 for none."""
    head = run[0]
    titled = before in _TITLES
    known_anyway = _is_whole_name(run) or (titled and _stem(head.folded) in known().surnames)
    rest = _surname_length(run[1:], allowed)
    if rest is None or (_is_no_person(head.folded, allowed) and not known_anyway):
        return 0  # Gustav Adolfs torg
    if (titled or _is_called(text, head)) and not head.text.isupper():
        return 1 + rest
    if before in _SAINTS:
        return 0
    if _is_given(head.folded, allowed) or _is_whole_name(run):
        return 1 + rest if rest or not _is_doubtful(head, before) else 0
    is_initial = len(head.text) == 1 and head.folded not in "iåö"
    if is_initial and rest and _is_surname(run[rest].folded):
        return 1 + rest
    return _by_surname(run, before, rest, allowed)


def _is_whole_name(run: Sequence[_Token]) -> bool:
    """Tell whether both names are listed: then it is a person, though one of them is a place (``Mark Lundin``)."""
    return len(run) > 1 and run[0].folded in known().given and _stem(run[1].folded) in known().surnames


def _is_doubtful(head: _Token, before: str) -> bool:
    """Tell whether a given name alone is more likely a word or a place: ``Björn i skogen``, ``i Fredrika``."""
    if head.folded in known().ordinary and (head.first or head.text.isupper() or before in _BEFORE_PLACE):
        return True
    return before in _INSIDE and head.folded in known().given


def _by_surname(run: Sequence[_Token], before: str, rest: int, allowed: frozenset[str]) -> int:
    """Judge a word that is no given name: by itself if it is a surname, or as a first name before one."""
    head = run[0]
    if head.folded in _OF_PLACES or (head.text.isupper() and len(head.text) > 1):
        return 0
    if rest and not head.first and _may_be_surname(run[1].folded, allowed) and before not in _BEFORE_PLACE:
        return 1 + rest
    stem = _stem(head.folded)
    if _SURE_END.fullmatch(stem):
        return 1 + rest
    listed = stem in known().surnames and stem not in known().ordinary
    if listed and before not in _OF_PLACES:
        return 1 + rest
    met = before in _MEETING and not head.first and head.text.isalpha() and len(head.text) > 2
    return 1 + rest if met and before not in _OF_PLACES else 0


def _surname_length(run: Sequence[_Token], allowed: frozenset[str]) -> int | None:
    """Return how many of the words go on with a name; None if they make it a street or an institution."""
    length = 0
    for index, token in enumerate(run):
        if _is_street(token.folded) or (index == 0 and _ROMAN.fullmatch(token.text)):
            return None
        if _is_no_person(token.folded, allowed) and not (
            index == 0 and _stem(token.folded) in known().surnames
        ):
            break
        length += 1
    while length and run[length - 1].folded in _PARTICLES:
        length -= 1
    return length


def _is_street(word: str) -> bool:
    """Tell whether a word is or ends in a kind of place, and is no surname (``Lindberg`` ends in ``berg``)."""
    return (word in _PLACE_WORDS or bool(_PLACE_TAIL.search(word))) and word not in known().surnames


def _is_no_person(word: str, allowed: frozenset[str]) -> bool:
    return (
        _is_place(word, allowed)
        or _stem(word) in _ORGANISATIONS
        or word in _ORGANISATIONS
        or _is_street(word)
    )


def _is_place(words: str, allowed: frozenset[str]) -> bool:
    return words in allowed or (words[-1:] == "s" and words[:-1] in allowed)


def _is_given(word: str, allowed: frozenset[str]) -> bool:
    if _is_place(word, allowed):
        return False
    given = known().given
    return (
        word in given
        or _stem(word) in given
        or ("-" in word and all(part in given for part in word.split("-")))
    )


def _is_surname(word: str) -> bool:
    stem = _stem(word)
    return (
        word in known().surnames
        or stem in known().surnames
        or _SURE_END.fullmatch(stem) is not None
        or _SURNAME_END.fullmatch(stem) is not None
    )


def _may_be_surname(word: str, allowed: frozenset[str]) -> bool:
    return _is_surname(word) and not _is_place(word, allowed)


def _stem(word: str) -> str:
    """Return a word without the genitive's s: ``annas``, but ``lars`` and ``hans`` stay."""
    if word.endswith("s") and len(word) > 3 and word not in known().given and word not in known().surnames:
        return word[:-1]
    return word


def _is_called(text: str, token: _Token) -> bool:
    return _CALLED.search(text, max(0, token.start - 40), token.start) is not None


def _in_small_letters(text: str, tokens: Sequence[_Token], at: int, allowed: frozenset[str]) -> bool:
    """Tell whether ``anna karlsson`` stands here: a given name and a surname that are nothing else."""
    if at + 1 >= len(tokens) or text[tokens[at].end : tokens[at + 1].start] != " " or tokens[at + 1].capital:
        return False
    given, surname = tokens[at].folded, tokens[at + 1].folded
    ordinary = known().ordinary
    listed = _stem(surname) in known().surnames and surname not in ordinary
    return (
        given in known().given
        and (given not in ordinary or _SURE_END.fullmatch(_stem(surname)) is not None)
        and (listed or _SURE_END.fullmatch(_stem(surname)) is not None)
        and not _is_place(given, allowed)
    )
