"""Invented reports with something planted that points at a person, and ordinary ones without: for tests and benchmark.

The sentences are ours; the planted numbers are drawn with fixed seeds and belong to nobody by intent.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lagesbild.config import ROOT
from lagesbild.data import reference
from lagesbild.signals import names
from lagesbild.signals.screening import Finding, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

REAL_NOTICES = ROOT.parent / "shared" / "data" / "polisen" / "events.parquet"


@dataclass(frozen=True)
class Planted:
    """A text, and where in it stands what should be found."""

    spelling: str
    text: str
    start: int
    end: int


_BEFORE = (
    "Ungdomar samlas vid centrum efter klockan 21. ",
    "Det har varit bråk vid stationen tre kvällar i rad, ",
    "Skadegörelse på skolan 2026-11-03 22:15. ",
    "Anmält till kommunen (KS 2018-00412), ",
    "Vi har sett narkotika säljas på Storgatan 12 ",
    "Gäller rum 123, ",
    "",
)
_AFTER = (
    " enligt en granne.",
    ", och det pågår ännu.",
    ".",
    " Polisen har diarienummer 5000-K123456-26.",
    " (se bild)",
    "",
)
_TOLD = {
    Finding.PERSONAL_NUMBER: (
        "han har personnummer ",
        "",
        "den skyldige är ",
        "pnr: ",
        "mannen (",
        "identifierad som ",
    ),
    Finding.PHONE: ("ring mig på ", "", "tel ", "kontakt: ", "hen nås på ", "numret är ", "mobil "),
    Finding.REGISTRATION: (
        "bilen har regnr ",
        "en vit Volvo, ",
        "fordonet ",
        "reg. ",
        "en epa med skylten ",
        "bil ",
    ),
}
_BARE_REGISTRATION = ("", "de kom i ", "jag skrev upp ", "samma som i går: ")


def _check_digit(nine: str) -> int:
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(nine))
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def _person(rng: random.Random, *, wrong: bool = False) -> tuple[str, str]:
    """Return the century and date, and the last four: a coordination number every tenth time."""
    born = date(1930, 1, 1) + timedelta(days=rng.randrange(31_000))
    day = born.day + (60 if rng.random() < 0.1 else 0)
    birth = f"{born:%Y%m}{day:02}"
    serial = f"{rng.randrange(1, 1000):03}"
    check = _check_digit(birth[2:] + serial)
    return birth, f"{serial}{(check + rng.randrange(1, 10)) % 10 if wrong else check}"


def _personal(form: str, *, wrong: bool = False) -> Callable[[random.Random], str]:
    """Write a number in a form: ``C`` century, ``Y`` year, ``M`` month, ``D`` day, ``N`` the last four."""

    def write(rng: random.Random) -> str:
        birth, last = _person(rng, wrong=wrong)
        parts = {"C": birth[:2], "Y": birth[2:4], "M": birth[4:6], "D": birth[6:], "N": last}
        return "".join(parts.get(sign, sign) for sign in form)

    return write


def _full_width(rng: random.Random) -> str:
    return _personal("CYMD-N")(rng).translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})


PERSONAL_NUMBERS: Mapping[str, Callable[[random.Random], str]] = {
    **{
        form: _personal(form)
        for form in (
            "YMD-N", "CYMD-N", "YMDN", "CYMDN", "YMD N", "CYMD N", "YMD+N", "YMD–N", "CYMD – N", "C YMD - N", "C YMD-N",
            "C-Y-M-D-N".replace("C-", "C"), "CY M D N", "CY-M-D N", "CY.M.D-N", "CY/M/D-N", "Y-M-D-N", "Y M D N", "YMD - N",
            "YMD\u00a0N", "YMD\u2011N", "YM\u00adD-N",
        )
    },
    "fullbredd": _full_width,
    **{f"{form} fel kontrollsiffra": _personal(form, wrong=True) for form in ("YMD-N", "CYMDN", "CYMD-N", "YMD–N", "CY-M-D-N")},
}  # fmt: skip


def _digits(rng: random.Random, count: int) -> str:
    return str(rng.randrange(1, 10)) + "".join(str(rng.randrange(10)) for _ in range(count - 1))


def _grouped(form: str) -> Callable[[random.Random], str]:
    """Write a number in a form where ``x`` is a figure and ``X`` the first one, which is no nought."""

    def write(rng: random.Random) -> str:
        return "".join(
            str(rng.randrange(10)) if sign == "x" else str(rng.randrange(1, 10)) if sign == "X" else sign
            for sign in form.replace("7m", f"7{rng.choice('02369')}")
        )

    return write


PHONES: Mapping[str, Callable[[random.Random], str]] = {
    form: _grouped(form)
    for form in (
        "07m-Xxx xx xx", "07mXxxxxxx", "07m Xxx xx xx", "07m-Xxxxxxx", "07mX-xx xx xx", "07mX-xxxxxx", "07m.Xxx.xx.xx", "07m/Xxx xx xx",
        "07m-Xx xx xxx", "07m Xx xx xx x", "(07m) Xxx xx xx", "07m - Xxx xx xx", "07m–Xxx xx xx", "+467mXxxxxxx", "+46 7m Xxx xx xx",
        "+46 7m-Xxx xx xx", "+46 (0)7m Xxx xx xx", "+46(0)7m-Xxx xx xx", "+46-7m-Xxx xx xx", "00467mXxxxxxx", "0046 7m Xxx xx xx",
        "0046-7m-Xxxxxxx", "0582-61 xx xx", "0582-61xxxx", "0582 61 xx xx", "058261xxxx", "0582/61 xx xx", "08-Xxx xxx xx", "08-Xxxxxxx",
        "08 Xxx xx xx", "08Xxxxxxxx", "019-Xx xx xx", "019-Xxx xx xx", "031-Xx xx xx", "+46 8 Xxx xxx xx", "+46 582 61 xx xx",
        "0551-Xx xx x".replace("Xx xx x", "5xx xx"), "010-2xx xx xx", "467mXxxxxxx", "+47 4xx xx xxx",
    )
}  # fmt: skip
LOCAL_PHONES: Mapping[str, Callable[[random.Random], str]] = {
    form: _grouped(form) for form in ("61 xx xx", "61xxxx", "61 xxx", "61-xx xx")
}

_LETTERS = "ABCDEFGHJKLMNOPRSTUWXYZ"
_LAST = _LETTERS.replace("O", "")


def _plate(form: str) -> Callable[[random.Random], str]:
    """Write a plate: ``L`` a letter, ``9`` a figure, ``Z`` the letter of the newer form."""

    def write(rng: random.Random) -> str:
        chosen = {
            "L": lambda: rng.choice(_LETTERS),
            "9": lambda: str(rng.randrange(10)),
            "Z": lambda: rng.choice(_LAST),
        }
        written = "".join(chosen[sign.upper()]() if sign.upper() in chosen else sign for sign in form)
        return written.lower() if form.islower() else written

    return write


PLATES: Mapping[str, Callable[[random.Random], str]] = {
    form: _plate(form)
    for form in ("LLL999", "LLL 999", "LLL-999", "LLL–999", "LLL99Z", "LLL 99Z", "LLL-99Z", "lll999", "lll 999", "lll-999", "lll99z",
                 "lll 99z", "LLL\u00a0999")
}  # fmt: skip
#: What stands out as a plate without a word for it.
BARE_PLATES = {form: write for form, write in PLATES.items() if form[:4] not in {"lll ", "lll-"}}


def planted(
    kind: Finding, spellings: Mapping[str, Callable[[random.Random], str]], count: int, seed: int,
    *, told: tuple[str, ...] | None = None,
) -> Iterator[Planted]:  # fmt: skip
    """Yield texts in which one number of a kind stands, the spellings in turn."""
    rng = random.Random(seed)
    order = list(spellings)
    for n in range(count):
        spelling = order[n % len(order)]
        before = rng.choice(_BEFORE) + rng.choice(_TOLD[kind] if told is None else told)
        number = spellings[spelling](rng)
        yield Planted(spelling, before + number + rng.choice(_AFTER), len(before), len(before) + len(number))


def bare_plates(count: int, seed: int) -> Iterator[Planted]:
    """Yield plates that nothing before them tells of."""
    yield from planted(Finding.REGISTRATION, BARE_PLATES, count, seed, told=_BARE_REGISTRATION)


@cache
def places() -> frozenset[str]:
    """Return the names of places that a municipality passes as no persons."""
    rows = [row["name"] for row in reference.read_csv("municipalities.csv")]
    localities = [row["locality"] for row in reference.read_csv("localities.csv")]
    districts = [
        variant for row in reference.read_csv("districts.csv") for variant in row["variants"].split("|")
    ]
    return frozenset(
        (*rows, *localities, *districts, *(name.split()[0] for name in reference.counties().values()))
    )


#: Police notices that give the press a number: it is one, and none of them is a false alarm.
_PRESS = r"01056|010-56|0706-38|presstelefon|pressnum"


def real_notices() -> list[str]:
    """Return the different summaries of the real notices, without those that give the press a number; or none."""
    if not Path(REAL_NOTICES).is_file():
        return []
    summaries = pl.read_parquet(REAL_NOTICES, columns=["summary"])["summary"].unique().sort()
    return summaries.filter(~summaries.str.contains(_PRESS)).to_list()


_ORDINARY = (
    "Bråk utanför {place} klockan {clock}, polisen kom efter {small} minuter.",
    "Klotter på väg {small3} mot {town}, {metres} meter från rondellen.",
    "Den {day} {month} {year} krossades {small} rutor på skolan, kostnad {price} kronor.",
    "Buss {small3} mot {town} stod stilla {date} {clock}.",
    "Dnr {year}/{small3}, ärende KS {year}-00{small3}, polisens K-nummer 5000-K{six}-26.",
    "Position {east}, {north} enligt kartan (SWEREF 99 TM).",
    "N={north} E={east}, bild {small3}.",
    "Beställning {ten} levererades {date}, faktura {six}-{small3}.",
    "RUM {small3} OCH SAL {small3} HAR UTSATTS FÖR INBROTT, MAX {small3} KRONOR SAKNAS.",
    "Ring 112 vid brott som pågår, annars 114 14 eller 1177.",
    "Öppet 08.00-16.30, måndag till fredag, kväll 1800-2100.",
    "Riksväg 50 och E20 stängda {date} kl {clock4}.",
    "Bilar kör i {small3} km/h på väg {small3}, max 50.",
    "Temperaturen var {small} grader och {price} kr i böter delades ut i {town}.",
    "En lägenhet på {small} rum i {town} har använts för droghandel.",
    "Mätning {date} {clock4}: {small3} fordon, {small} av dem i över 70.",
    "Hus {small}B, ingång C, Storgatan {small} i {town}.",
    "Linje {small3}, vagn {four}, mellan {clock} och {clock}.",
    "Sektion {small3} av avtal {year}-{small3}, paragraf {small}.",
    "Koordinater 59.{four}, 15.{four} vid badplatsen.",
    "Det är {small3} personer på {town}s torg, {price} kvadratmeter.",
    "Org.nr 212000-{four} har fått {small} klagomål.",
    "Bankgiro {small3}-{four}, OCR {ten}.",
    "Under vecka {small} {year} kom {small3} klagomål, mot {small3} året före.",
    "Perioden {date}–{date}: {small} händelser.",
)  # fmt: skip


def ordinary(count: int, seed: int) -> Iterator[str]:
    """Yield reports that point at nobody, full of numbers: times, dates, cases, coordinates, prices, roads."""
    rng = random.Random(seed)
    towns = sorted(places())
    months = ("januari", "mars", "maj", "juli", "oktober", "november")
    for _ in range(count):
        day = date(2023, 1, 1) + timedelta(days=rng.randrange(1400))
        yield rng.choice(_ORDINARY).format(
            place=rng.choice(("Ica", "skolan", "stationen", "biblioteket", "Pressbyrån")),
            town=rng.choice(towns), month=rng.choice(months), year=day.year, date=day.isoformat(), day=day.day,
            clock=f"{rng.randrange(24):02}:{rng.randrange(60):02}", clock4=f"{rng.randrange(24):02}{rng.randrange(60):02}",
            small=rng.randrange(2, 60), small3=rng.randrange(100, 1000), four=_digits(rng, 4), six=_digits(rng, 6), ten=_digits(rng, 10),
            price=f"{rng.randrange(1, 90)} {rng.randrange(1000):03}", metres=rng.randrange(1, 40) * 50,
            north=rng.randrange(6_400_000, 6_700_000), east=rng.randrange(450_000, 600_000),
        )  # fmt: skip


_OF_SOMEBODY = (
    "Jag såg {name} sälja narkotika vid stationen.", "Det är {name} som bråkar varje kväll.", "{name} har slagit sönder en ruta.",
    "En kille som heter {name} samlar de andra.", "Prata med {name} om det som hänt.", "Enligt {name} var de fem.",
    "Hemma hos {name} är det fest varje helg.", "Rektor {name} har anmält klottret.", "Vid torget stod {name} och skrek.",
    "Bråk mellan {name} och vakten.", "Bilen är {genitive}, den står på skolgården.", "Polisen tog {name} i går.",
)  # fmt: skip


def with_names(count: int, seed: int, *, surname: bool, given: bool = True) -> Iterator[Planted]:
    """Yield texts with a person's name drawn from the reference list, all names alike often."""
    rng = random.Random(seed)
    firsts, lasts = sorted(names.known().given), sorted(names.known().surnames)
    for _ in range(count):
        parts = [rng.choice(firsts)] * given + [rng.choice(lasts)] * surname
        name = " ".join("-".join(piece.capitalize() for piece in part.split("-")) for part in parts)
        before, _, after = rng.choice(_OF_SOMEBODY).replace("{genitive}", "{name}s").partition("{name}")
        yield Planted("namn", before + name + after, len(before), len(before) + len(name))


def share_found(kind: Finding, texts: Iterable[Planted]) -> float:
    """Return the share of texts in which what was planted is found whole, and as what it is."""
    shares = found_by_spelling(kind, texts)
    return sum(found for found, _ in shares.values()) / sum(count for _, count in shares.values())


def found_by_spelling(kind: Finding, texts: Iterable[Planted]) -> dict[str, tuple[int, int]]:
    """Return for each spelling how many were found whole and as what they are, and how many there were."""
    counts: dict[str, tuple[int, int]] = {}
    for one in texts:
        right = any(
            found.kind is kind and found.start <= one.start and found.end >= one.end
            for found in screen(one.text, allowed=places())
        )
        before, count = counts.get(one.spelling, (0, 0))
        counts[one.spelling] = before + right, count + 1
    return counts
