"""What points at a person by its form: personal identity, telephone, registration and flat numbers, e-mail addresses.

Every pattern is bounded, so that no text makes it slow; what a form allows but the number's own rules do not
(the date, the check digit, the numbering plan) is left to libraries.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import phonenumbers
from personnummer import personnummer
from phonenumbers import PhoneNumberType

if TYPE_CHECKING:
    from collections.abc import Iterator

Span = tuple[int, int]

_NUMBER = re.compile(
    r"(?<![\w])(?<!\d[-./,:])"
    r"(?:(?P<century>19|20)[ -]?)?(?P<year>\d\d)(?P<s2>[ ./-]?)(?P<month>[01]\d)(?P<s3>[ ./-]?)(?P<day>[0-36-9]\d)"
    r"(?P<sign> ?[-+/.]? ?)(?P<last>\d{3} ?\d)(?![\w])(?![-./:,]\d)"
)
_NEAR_NUMBER = re.compile(
    r"person(?:nummer|nr)|\bpnr\b|\bp-?nr\b|samordnings|född|\bid(?:-?nr|entitet)", re.IGNORECASE
)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
#: Nothing that is reported happened before: until then a date and four figures are a person, later also a time.
_REPORTS_SINCE = 2015


def personal_numbers(text: str) -> Iterator[Span]:
    """Yield personal identity and coordination numbers, of ten or twelve digits, however they are divided.

    A wrong check digit is let through where the form says what it is: twelve digits, or a divided ten.
    """
    at = 0
    while match := _NUMBER.search(text, at):
        right = _is_personal(match, text)
        if right:
            yield match.span()
        # "Storgatan 12 19850101-1234": where a number does not begin, the next may begin within it
        at = match.end() if right else match.start() + 1


def _is_personal(match: re.Match[str], text: str) -> bool:
    part = match.groupdict(default="")
    last = part["last"].replace(" ", "")
    sign = "+" if "+" in part["sign"] else "-"
    number = f"{part['century']}{part['year']}{part['month']}{part['day']}{sign}{last}"
    if not any(personnummer.valid(f"{number[:-1]}{check}") for check in "0123456789"):
        return False
    if _NEAR_NUMBER.search(text, max(0, match.start() - 40), match.start()):
        return True
    may_be_a_time = _may_be_a_time(part, last)
    if personnummer.valid(number):
        return not (may_be_a_time and part["s2"])
    if may_be_a_time:
        return False
    return bool(part["century"]) or (bool(part["sign"]) and not _is_mobile(match[0]))


def _may_be_a_time(part: dict[str, str], last: str) -> bool:
    """Tell whether ``2026-11-03 2215`` or ``261103-2215`` is when something happened."""
    year = int(f"{part['century'] or 20}{part['year']}")
    return _REPORTS_SINCE <= year <= datetime.now(UTC).year and _CLOCK.fullmatch(last) is not None


def _is_mobile(text: str) -> bool:
    return text.startswith("07") and _number(text) is not None


_PHONE = re.compile(
    r"(?<![\w+])(?<!\d[-./:,])"
    r"(?:(?:\+|00 ?)[1-9]\d|\(?0[1-9])(?:[ ./()-]{0,3}\d){4,12}(?!\w)(?![-./:]\d)"
)
_GROUP_END = re.compile(r"(?<=\d)(?!\d)")
_BARE_ABROAD = re.compile(r"(?<![\w+])46[ -]?7[02369]\d?[ -]?\d{2,3}[ -]?\d{2,3}[ -]?\d{2,3}(?!\w)")
_AFTER_WORD = re.compile(
    r"(?<!\w)(?:tel|tfn|telefon(?:en|nummer|nr)?|tel(?:nr|\.?nummer)|mobil(?:en|nummer|nr)?|mob|ring(?:er|a)?|sms|sms:a|nås|swish)"
    r"[.:]{0,2} ?(?:(?:mig|oss|honom|henne|hen|dem|gärna|på|till|nr|nummer|är|via)[.:]? ?){0,4}"
    r"(?P<number>[1-9](?:[ ./-]{0,2}\d){4,9})(?!\w)(?![-./:,]\d)",
    re.IGNORECASE,
)
#: Numbers that anybody may ring and that are no person's.
_PUBLIC = re.compile(r"112|1177|11[3-8]\d{2,4}|116\d{3}|90\d{3}")
_NOBODYS = {
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOICEMAIL,
}
#: Opening hours and dates that the numbering plan would take for subscribers in Stockholm.
_HOURS = re.compile(r"[012]\d[. ]?[0-5]\d ?- ?[012]\d[. ]?[0-5]\d")
_DATE = re.compile(r"\d\d([-./ ])\d\d\1?(?:19|20)\d\d|\d\d([-./ ])\d\d\2\d\d")


def phones(text: str) -> Iterator[Span]:
    """Yield telephone numbers: Swedish with area code, foreign with ``+``, and local ones after a word for it."""
    at = 0
    while match := _PHONE.search(text, at):
        end = _subscriber_end(text, match)
        if end is not None:
            yield match.start(), end
        at = end or match.start() + 1
    for match in _BARE_ABROAD.finditer(text):
        if _number(f"+{match[0]}") is not None:
            yield match.span()
    for match in _AFTER_WORD.finditer(text):
        digits = re.sub(r"\D", "", match["number"])
        if not _PUBLIC.fullmatch(digits):
            yield match.span("number")


def _subscriber_end(text: str, match: re.Match[str]) -> int | None:
    """Return where a number ends: what follows it may be another, so whole groups are taken away from the end."""
    after_number = text[max(0, match.start() - 2) : match.start()].strip().isdigit()
    ends = sorted(
        {found.end() for found in _GROUP_END.finditer(text, match.start(), match.end())}, reverse=True
    )
    for end in ends:
        written = text[match.start() : end]
        if _HOURS.fullmatch(written) or _DATE.fullmatch(written):
            return None
        number = _number(written)
        if number is not None:
            # "2026 08 12 22 15": a part of a longer row of figures is a number only if it is a whole one
            return None if after_number and len(re.sub(r"\D", "", written)) < 9 else end
    return None


@lru_cache(maxsize=4096)
def _number(written: str) -> phonenumbers.PhoneNumber | None:
    """Return a number that there may be and that may be a person's, or None."""
    if written.lstrip("(")[:2] != "00" and "+" not in written and not _swedish(written):
        return None
    try:
        number = phonenumbers.parse(written, "SE")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 46:  # other countries' plans change without our hearing of it
        return number if phonenumbers.is_possible_number(number) else None
    valid = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) not in _NOBODYS
    return number if valid else None


def _swedish(written: str) -> bool:
    """Tell whether the figures after the nought fit the Swedish plan: a fiftieth of the time that reading them takes."""
    return _plan().fullmatch(re.sub(r"\D", "", written)[1:]) is not None


@cache
def _plan() -> re.Pattern[str]:
    plan = phonenumbers.PhoneMetadata.metadata_for_region("SE")
    if plan is None or plan.general_desc is None:
        raise LookupError("phonenumbers has no plan for Sweden")
    return re.compile(plan.general_desc.national_number_pattern or "")


_AT = r"(?: ?[\[({<] ?(?:at|@|snabel-?a) ?[\])}>] ?| snabel[- ]?a | ?@ ?)"
_DOT = r"(?:\.| ?[\[({<] ?(?:dot|punkt|\.) ?[\])}>] ?| (?:punkt|dot) )"
_WORD = r"[\w+%'-]{1,64}"
_EMAIL = re.compile(
    # a plain address, also without the domain's end; or one written out, which needs it
    r"(?<![\w.+%'-])(?:[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}"
    rf"|{_WORD}(?:{_DOT}{_WORD}){{0,3}}{_AT}{_WORD}(?:{_DOT}{_WORD}){{1,3}})",
    re.IGNORECASE,
)
_MAY_BE_EMAIL = re.compile(r"@|snabel|\bat\b", re.IGNORECASE)


def emails(text: str) -> Iterator[Span]:
    """Yield e-mail addresses, also written out: ``anna snabel-a kommun punkt se``, ``anna (at) kommun.se``."""
    if _MAY_BE_EMAIL.search(text):
        for match in _EMAIL.finditer(text):
            yield match.start(), match.start() + len(match[0].rstrip(".-'"))


#: Three letters that the register does not leave out (I, Q, V, Å, Ä, Ö), and three figures or two and a letter.
_PLATE = re.compile(
    r"(?<![\w])(?<![-/.@:#]\b)(?P<letters>[A-HJ-PR-UW-Za-hj-pr-uw-z]{3})(?P<gap> ?[- ]? ?)"
    r"(?P<rest>\d\d ?[A-HJ-NPR-UW-Za-hj-npr-uw-z]|\d{3}|\d\d ?\d)"
    r"(?![\w])(?![-/:,.]\d)"
)
_PLATE_WORD = re.compile(
    r"(?:reg\.?(?:istrerings)?[- ]?(?:nr|nummer|skylt\w*|plåt\w*)?|nummerplåt\w*|nr-?plåt\w*|skylt\w*|plåt\w*)"
    r"\W{0,3}(?:med |är |var |nr |nummer )?\W{0,3}$",
    re.IGNORECASE,
)
_CAR_WORD = re.compile(
    r"\b(?:\w{0,20}bil(?:en|ar|arna|s|ens)?|bilmärke|reg(?:nr|istrering\w*|skylt\w*)?|reg\.?|\w{0,12}skylt\w*|\w{0,10}plåt\w*|"
    r"fordon\w*|moped\w*|mopp[ei]\w*|mc|motorcykel\w*|epa\w*|a-traktor\w*|släp\w*|suv\w*|kombi\w*|cab|jeep\w*|pickup\w*|"
    r"volvo\w*|saab\w*|bmw|audi\w*|vw|volkswagen|golf\w*|passat\w*|skoda|škoda|toyota\w*|mercedes\w*|merca\w*|ford\w*|opel|peugeot|"
    r"renault|kia|tesla\w*|nissan|mazda\w*|hyundai|fiat|seat|citro[eë]n|honda|mitsubishi|subaru|suzuki|dacia|polestar|porsche\w*)\b",
    re.IGNORECASE,
)
_NEAR = 60
#: Makes and units, never the letters of a plate when figures follow them apart.
_UNITS = frozenset("bmw amg ktm suv sek usd eur dkk nok gbp kwh kmh rpm gps usb".split())
#: Swedish words of three letters that figures may follow.
_WORDS = frozenset(
    """
    all and ann ant apr arm att aug bar bla bra bur bus dag dal dec del dem den det dom eft enl ens epa etc ett fax
    feb fel fem fen fod fre fyr gas ger get gps hal han har hed hen her hos hpl hur hus jag jan jul jun kaj kar kod
    kom kon lag led lgh lss maj man mar max med mej mel men mer met mfl mkr mob mot nar ner not nya och ocr okt ons
    ord par pct per pga pkt pol rad ras rep rum sal sek sen ser sex sju ska skr sol som sos str syd tag tal tar tas
    tel tfn tog tom top tor tpl tre typ upp ute utr
    """.split()
)


def registrations(text: str) -> Iterator[Span]:
    """Yield registration numbers of vehicles (``ABC123``, ``ABC 12D``, ``abc-123``), not personalised ones.

    Capitals that stand together with their figures are one by themselves, unless they are a Swedish word; small
    letters with a gap need a word for a vehicle, a make or a plate near, and a Swedish word needs it right before.
    """
    for match in _PLATE.finditer(text):
        if _is_plate(match, text):
            yield match.span()


def _is_plate(match: re.Match[str], text: str) -> bool:
    letters, apart = match["letters"], bool(match["gap"])
    word = letters.casefold()
    if word in _UNITS and apart:
        return False
    if _PLATE_WORD.search(text, max(0, match.start() - 40), match.start()):
        return True
    if word in _WORDS and not (letters.isupper() and not apart and match["rest"][-1].isalpha()):
        return not apart and _car_near(match, text)
    return (letters.isupper() or not apart) or _car_near(match, text)


def _car_near(match: re.Match[str], text: str) -> bool:
    start, end = max(0, match.start() - _NEAR), match.end() + _NEAR
    return bool(_CAR_WORD.search(text, start, match.start()) or _CAR_WORD.search(text, match.end(), end))


_FLAT_WORD = r"(?:lägenhets?(?:nummer|nr|en)?|lght?(?:nr|nummer)?|lgt)"
_FLAT = re.compile(
    rf"(?<!\w)(?:ingång|uppgång|trappa|port) \w{{1,2}},? (?:lght?|lägenhet)\b(?:[.:]? ?(?:nr\.? ?)?\d{{1,4}}\b)?"
    rf"|(?<!\w){_FLAT_WORD}[.:]{{0,2}}[ -]?(?:nr|nummer|no)?[.:]?[ -]?[#:]? ?"
    r"(?P<number>[A-Z]?\d{1,4} ?[A-Z]?)(?!\w)(?![-./:,]\d)"
    r"(?! ?(?:rum|rok|r ?o ?k|kvm|m2|m²|kvadrat|våning|person|man\b|män|kvinn|tonår|barn|bil|st\b|gång|januari|februari|mars|april|maj|juni"
    r"|juli|augusti|september|oktober|november|december))",
    re.IGNORECASE,
)
_YEAR = re.compile(r"20[1-3]\d")
_FLOOR = re.compile(
    r"(?<!\w)[A-ZÅÄÖ][\wåäöé:'-]{2,40}(?: \w{1,20}){0,2} \d{1,4} ?[A-Za-z]?,? ?"
    r"(?:(?:ingång|uppgång|port) \w{1,2},? ?)?"
    r"(?P<floor>(?:\d{1,2}|[IVX]{1,4}|en|ett|två|tre|fyra|fem|sex|sju|åtta) ?(?:tr|trappor|trappa)(?: upp)?|n\.?b\.?|bv)(?!\w)"
)


def flats(text: str) -> Iterator[Span]:
    """Yield numbers of flats (``lgh 1102``) and floors after a street and number; the street itself may stand."""
    for match in _FLAT.finditer(text):
        if not (match[0].casefold().startswith("lägenhet ") and _YEAR.fullmatch(match["number"] or "")):
            yield match.span()
    for match in _FLOOR.finditer(text):
        yield match.span("floor")
