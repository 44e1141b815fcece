"""Reads sentences as a reader would and holds them against the numbers; for invented states and for all municipalities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from lagesbild.answers.numbers import not_in_figures
from lagesbild.comparison import pair_words, robustness, words
from lagesbild.comparison.benchmark import UNUSUAL, Change, Comparison, Facts, Value
from lagesbild.comparison.first import MOST_WORDS, first_screen
from lagesbild.comparison.groups import COUNTRY
from lagesbild.comparison.pairs import Apart, Beside, Pair
from lagesbild.data.indicators import Indicator
from lagesbild.figures.promised import _facts
from lagesbild.figures.yearly import _comparison_facts
from lagesbild.hotspots.flags import Flag, FlagStatus
from lagesbild.hotspots.words import flag_text, since_text, told_together, unusual_text
from lagesbild.signals.promises import Every
from lagesbild.statistics.periods import Moved
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.statistics.series import Marker
from lagesbild.swedish import inside
from lagesbild.trends import promise_words
from lagesbild.trends.contribution import Contribution
from lagesbild.trends.followed import Followed, Status, status_in_figures

_DIRTY = re.compile(
    r"  |\bNone\b|\bnan\b|\binf\b|\d\.\d|[{}]|\.\.| ,| \.|[+−]0 |\(\)"
    r"|(?<![\d,\u00a0 ])0 procent|(?<![\d,\u00a0])0 (?:fler|färre)|(?<![\d\u00a0])1 kommuner"
)
#: Words that the page adds: what two sentences are about, how old the figures are; and what drove an unusual change.
_REST_OF_THE_SCREEN, _DRIVEN = 7 + 9, 9
_SIDES = {Level.HIGHER: "ligger högre än", Level.LOWER: "ligger lägre än", Level.LEVEL: "ligger i nivå med"}


def plain(text: str) -> str:
    """Return a text with plain spaces."""
    return text.replace("\u00a0", " ")


def lix(text: str) -> float:
    """Return how hard a text is to read (Björnsson 1968): words a sentence and per cent of words over six letters.

    Under 30 is very easy, 30 to 40 easy, over 50 hard. A colon ends a sentence, too, as in the original.
    """
    found = re.findall(r"[^\W\d_]+|\d+", text)
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", text)))
    return len(found) / sentences + 100 * sum(len(word) > 6 for word in found) / len(found)


_PLURALS = (
    "kommuner|notiser|signaler|flaggor|grupper|jämförelser|rutor|månader|veckor|dagar|platser|rader|löften|frågor|händelser|"
    "personer|åtgärder"
)
#: What no careful editor would let through; each with what it is called.
_UNTIDY = {
    "a plural after one": rf"(?<![\d,.–−+])(?<![\d,.–−+] )1 (?:{_PLURALS})\b",
    "a number alone of one": r"\b[01] av 1\b",
    "a span of one year": r"\b((?:19|20)\d\d)–\1\b",
    "a space before a stop": r"\w [.,;:!](?:\s|$)",
    "two spaces": r"\S  \S",
    "two stops": r"(?<!”)[.,;:]{2}(?!”)|[.!?],",
    "a decimal point": r"\d\.\d{1,2}(?![\d.])",
    "a word twice": r"\b([a-zåäö]{2,}) \1\b(?!-)",
    "a word that is not used": r"\b(?:leder till att vänta|blickar|händelsenotis\w*|frys(?:t|tes|ts|as)|[Gg]ruppen är den för|"
    r"andelen för|simulerade versioner|[Mm]åttets?|av en slump ungefär|antalet fall)\b",
    "nought told as a number": r"(?:^|[.:] )0 (?:vägar|signaler|notiser|åtgärder|löften)\b",
    "a word of two meanings": r"\bkänt läge\b",
    "a number as an English chart writes it": r"\b\d+k\b",
    "an English word": r"\b(?:the|and|with|None|nan|null|True|False)\b",
}


def tidy(text: str) -> None:
    """Demand of any visible text what a careful editor would see at once."""
    for what, pattern in _UNTIDY.items():
        found = re.search(pattern, plain(text))
        assert not found, f"{what}: …{plain(text)[max(0, found.start() - 60) : found.end() + 40]}…"


def clean(text: str) -> None:
    """Demand a text without traces of missing numbers, that begins and ends as a sentence."""
    assert not _DIRTY.search(text), text
    tidy(text)
    assert text[0].isupper() or text[0].isdigit() or text[0] in "+−”", text


def read(found: Comparison, name: str) -> None:
    """Read all that is said of one comparison."""
    headline, sure = plain(words.headline(found, name)), plain(words.certainty(found, name))
    answer, why = plain(words.answer(found, name)), plain(words.explain_level(found))
    assert len(headline.split()) <= 34, headline
    assert headline.endswith("."), headline
    assert name in answer
    assert name in headline
    written = plain(words.finding(found, name))
    for text in (headline, sure, answer, written):
        clean(text)
    assert len(set(re.split(r"[.:] ", written))) == len(re.split(r"[.:] ", written)), written
    _change(found, written.replace("Ö", "ö").replace("M", "m"))
    _answer(found, answer, headline)
    _distance(found, sure, why)
    _change(found, headline)
    _place(found, sure)
    _rarity(found, answer, sure, why)


def _answer(found: Comparison, answer: str, headline: str) -> None:
    rate, median, level = found.home.rate, found.assessed.spread.median, found.level
    for one, side in _SIDES.items():
        assert (side in headline) == (level is one), headline
    assert answer.startswith("Nej") == (level is Level.LEVEL)
    assert answer.startswith("Ja") == found.stands_out
    if level is Level.HIGHER:
        assert rate >= 1.1 * median
        assert "högre" in answer
        assert "lägre" not in answer
    if level is Level.LOWER:
        assert rate * 1.1 <= median
        assert "lägre" in answer
        assert "högre" not in answer
    if answer.startswith("Ja"):
        assert found.assessed.standing is not None
        assert found.assessed.standing.p_value <= UNUSUAL
        assert ("uppåt" in answer) == (level is Level.HIGHER)
    if "eller högre än" in headline:
        assert rate >= median
    if "eller lägre än" in headline:
        assert rate < median


def _distance(found: Comparison, sure: str, why: str) -> None:
    rate, median = found.home.rate, found.assessed.spread.median
    told = re.search(r"Nivån är ([\d ]+) procent (högre|lägre) än", sure)
    if told:
        assert (told[2] == "högre") == (rate > median)
        assert abs(int(told[1].replace(" ", "")) - abs(100 * (rate / median - 1))) <= 0.5 + 1e-9
    more = re.search(r"ungefär ([\d ]+) (fler|färre) brott på ett år", sure)
    if more:
        assert (more[2] == "fler") == (rate > median)
        assert found.more_than_group is not None
        assert abs(int(more[1].replace(" ", "")) - abs(found.more_than_group)) <= 0.5
    signed = re.match(r"([+−])([\d ]+) procent", why)
    if signed:
        assert (signed[1] == "+") == (rate > median), why


def _change(found: Comparison, headline: str) -> None:
    change = found.facts.change
    moved = re.search(r"(ökningen|minskningen) på ett år är (inte )?ovanlig", headline)
    assert (moved is not None) == (change is not None and change.word is not ChangeWord.NONE)
    if moved and change:
        assert (moved[1] == "ökningen") == (change.difference > 0)
        assert (moved[2] is None) == change.unusual


def _place(found: Comparison, sure: str) -> None:
    facts = found.facts
    place = re.search(r"på plats (\d+) ", sure)
    if place:
        assert int(place[1]) == facts.rank
    if re.search(r"den högsta|den lägsta", sure):
        assert facts.rank in {1, facts.ranked}
    if "bland" in sure and facts.ranked < 290:
        assert f"bland de {facts.ranked} kommuner som har uppgifter" in sure


def _rarity(found: Comparison, answer: str, sure: str, why: str) -> None:
    standing = found.assessed.standing
    if standing is None:
        assert "ovanligt" not in answer
        return
    told = re.search(r"ungefär 1 av (\d+) kommuner", sure)
    if told:
        assert int(told[1]) == int(1 / standing.p_value + 0.5)
    assert ("och det är ovanligt" in sure) == found.assessed.unusual or found.home.interval is None
    if found.level in {Level.HIGHER, Level.LOWER}:
        assert ("inte ovanligt långt" in answer) == (not found.assessed.unusual)
        assert ("inte ovanligt långt" in why) == (not found.assessed.unusual)


def together(found: Comparison, name: str) -> None:
    """Read one comparison against what is said of the same measure elsewhere on the page."""
    facts = found.facts
    if found.group.key == COUNTRY and found.level in {Level.HIGHER, Level.LOWER}:
        assert (facts.rank <= facts.ranked / 2) == (found.level is Level.HIGHER)
    title = plain(words.group_finding(found, name))
    clean(title)
    if "högst" in title:
        assert found.level is not Level.LOWER
    if "lägst" in title:
        assert found.level is not Level.HIGHER
    _size(found, plain(words.funnel_finding(found, name)))
    said = " ".join((words.certainty(found, name), words.change_text(facts)))
    said = re.sub(r"\([+−].*?procent\)", "", said)
    stated = SimpleNamespace(
        table=SimpleNamespace(rows=[[facts.home.rate]], columns=[]), facts=_comparison_facts(found)
    )
    missing = not_in_figures(said, [stated])  # type: ignore[list-item]
    assert not missing, (missing, said)


def _size(found: Comparison, title: str) -> None:
    """Read the title of the chart by size: unusual just where the answer says so, and on that side."""
    clean(title)
    standing = found.assessed.standing
    assert (standing is None) == ("går inte att placera" in title)
    if standing is not None:
        assert (
            bool(re.search("ovanligt (hög|låg)", title)) and "inte ovanligt" not in title
        ) == found.assessed.unusual
        assert not re.search(r"\bhög\b", title) or standing.ratio > 1, title
        assert not re.search(r"\blåg\b", title) or standing.ratio <= 1, title


def changes(facts: Facts) -> None:
    """Read what is said of the changes of a measure."""
    for text, change in (
        (plain(words.change_text(facts)), facts.change),
        (plain(words.five_years_text(facts)), facts.five_years),
    ):
        if not text:
            continue
        clean(text)
        told = re.search(r"([\d ]+) brott (fler|färre)", text)
        assert (told is not None) == (change is not None and change.difference != 0), text
        if told and change:
            assert int(told[1].replace(" ", "")) == abs(change.difference)
            assert (told[2] == "fler") == (change.difference > 0)
            unusual = "ovanlig" in text or "Det är mer än siffran" in text
            assert unusual == change.unusual, text


def trend(
    title: str, told: str, values: Sequence[Value], marker: Marker | None, moved: Change | None
) -> None:
    """Read a trend's title beside its direction."""
    clean(plain(title))
    risen, fallen = "har stigit" in title, "har sjunkit" in title
    assert risen <= (values[-1].rate > values[0].rate)
    assert fallen <= (values[-1].rate < values[0].rate)
    if moved is not None:
        assert (risen or fallen) <= moved.unusual, title
    if marker is not None:
        clean(plain(told))
        if values[-1].year - values[0].year == 4:  # the same years
            assert not (risen and "sjunker" in told)
            assert not (fallen and "stiger" in told)
        assert ("Ändringen är inte jämn" in told) <= (risen or fallen)


def drivers(found: Contribution, title: str) -> None:
    """Read what drove a change beside its parts."""
    clean(plain(title))
    assert sum(part.difference for part in found.parts) == found.whole.difference
    told = re.search(r"(Ökningen|Minskningen) med ([\d ]+) brott", plain(title), re.IGNORECASE)
    assert (told is None) == (found.whole.difference == 0)
    if told:
        assert (told[1].lower() == "ökningen") == (found.whole.difference > 0)
        assert int(told[2].replace(" ", "")) == abs(found.whole.difference)
    for sign, count in re.findall(r"\(([+−])([\d ]+)\)", plain(title)):
        value = int(count.replace(" ", "")) * (1 if sign == "+" else -1)
        assert value in {part.difference for part in found.parts if part.certain}
        assert (value > 0) == (found.whole.difference > 0)


def flagged(group: Sequence[Flag], names: Mapping[str, str]) -> None:
    """Read what is said of flags that rise together beside their figures."""
    together = plain(told_together(group, names, {}))
    clean(together)
    assert together.endswith("."), together
    over = all(flag.status is FlagStatus.OVER for flag in group)
    assert ("Det är över" in together) == over, together
    assert (" var fler " in together) == over
    assert (" är fler " in together) == (not over)
    for flag in group:
        when, finding = flag.most
        told = plain(flag_text(flag, names))
        clean(told)
        counts = re.search(r": ([\d ]+) anmälda brott .*?, ([\d ]+(?:,\d)?) väntade$", told)
        assert counts, told
        assert int(counts[1].replace(" ", "")) == finding.observed
        assert abs(float(counts[2].replace(" ", "").replace(",", ".")) - finding.expected) <= 0.5
        assert finding.observed > finding.expected, told
        assert str(when.year) in told
        assert all(names[place] in told for place in finding.places)
        assert f"{flag.since.year}" in plain(since_text(flag))
        clean(plain(unusual_text(flag)).capitalize())


_SO_MANY = {
    word: n for n, word in enumerate(["noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio"])
}
_VERDICTS = {"högre": Level.HIGHER, "lägre": Level.LOWER, "i nivå": Level.LEVEL}


def comparisons(text: str, found: Sequence[Comparison]) -> None:
    """Read what all comparisons say together, word for word, and hold it against each of them."""
    counted = [one for one in found if one.group.counted and one.assessed.standing is not None]
    if not text:
        assert len(counted) < 2
        return
    clean(text)
    have = {level: sum(one.level is level for one in counted) for level in Level}
    first, _, rest = text.partition(". ")
    first = first.rstrip(".")
    if first.startswith("I ingen av "):
        assert have[Level.UNDECIDED] == len(counted) == _SO_MANY[first.split()[3]]
    elif " i alla " in first:
        word, _, of = first.removeprefix("Kommunen ligger ").partition(" i alla ")
        assert have[_VERDICTS[word]] == len(counted) == _SO_MANY[of.split()[0]]
    else:
        assert _SO_MANY[first.split()[1]] == len(counted)
        said = dict.fromkeys(Level, 0)
        for word, level in _VERDICTS.items():
            times = re.search(rf"{word} i (\w+)", first)
            said[level] = _SO_MANY[times[1]] if times else 0
        unsure = re.search(r"; i (\w+) går det inte att avgöra", first)
        said[Level.UNDECIDED] = _SO_MANY[unsure[1]] if unsure else 0
        assert said == have, text
    if rest:
        where = rest.split()[1]
        far = sum(one.stands_out for one in counted)
        assert far == (0 if where == "ingen" else len(counted) if where == "alla" else _SO_MANY[where]), text
    else:
        assert not have[Level.HIGHER] + have[Level.LOWER], text


#: What would say why something happened.
_WHY = re.compile(r"tack vare|på grund av|berodde|ledde till|effekt|därför|lyckades|misslyckades|hjälpte")
_PERIOD = re.compile(
    r"^(?:År (\d{4})(?:–(\d{4}))?|(?:(Första|Andra|Tredje|Fjärde) kvartalet (\d{4}).*?)) (?:\(preliminärt\) )?anmäldes ([\d ]+) brott, "
    r"(?:([\d ]+(?:,\d)?) procent (färre|fler) än|lika många som) (?:samma tid )?i snitt de (två|tre) åren före "
    r"\(([\d ]+(?:,\d)?) med kommunens folkmängd\)\. Felmarginalen är från (.+?) till (.+?)\.$"
)


def promise(
    found: Followed, measure: Indicator, name: str, own: Sequence[float], usual: float, group: float | None
) -> Status:
    """Read all that is said of a promise's measure, and hold it against figures that were counted by themselves.

    Parameters
    ----------
    own
        The counts of the period's steps.
    usual
        What the years before lead one to expect of them.
    group
        The group's median ratio; None where it has none.
    """
    status = status_in_figures(found)
    title = plain(promise_words.title(measure, name, status))
    said = [plain(text) for text in promise_words.finding(found, measure)]
    assert title.startswith(f"{measure.short} {inside(name)}: "), title
    for text in (title, *said):
        clean(text)
        assert not _WHY.search(text), text
    during = found.during
    assert during is not None
    assert status in {Status.FEWER, Status.MORE, Status.NO_CERTAIN}
    told = _PERIOD.match(said[0])
    assert told, said[0]
    first = told[1] or told[4]
    assert int(first) == during.first.year
    assert _said_number(told[5]) == sum(own)
    assert abs(_said_number(told[9]) - usual) <= 0.5, (said[0], usual)
    change = 100 * (sum(own) / usual - 1)
    if told[6]:
        assert abs(_said_number(told[6]) - abs(change)) <= 0.5, (said[0], change)
        assert (told[7] == "fler") == (change > 0), said[0]
    else:
        assert abs(change) < 0.06, said[0]
    low, high = _said_change(told[10]), _said_change(told[11])
    assert low <= change + 0.5
    assert change - 0.5 <= high
    _promise_verdict(status, title, said, (low, high), change)
    _promise_group(found, said, group)
    _promise_after(found, said)
    stands = SimpleNamespace(table=SimpleNamespace(rows=[], columns=[]), facts=tuple(_facts(found)))
    assert not not_in_figures(" ".join(said), [stands]), said  # type: ignore[list-item]
    return status


def _promise_verdict(
    status: Status, title: str, said: Sequence[str], limits: tuple[float, float], change: float
) -> None:
    low, high = limits
    assert ("färre under perioden, mer än slumpen förklarar" in title) == (status is Status.FEWER)
    assert ("fler under perioden, mer än slumpen förklarar" in title) == (status is Status.MORE)
    assert ("ingen säker skillnad" in title) == (status is Status.NO_CERTAIN)
    assert (said[1] == "Det är mer än siffran brukar skilja sig från åren före.") == (
        status is not Status.NO_CERTAIN
    )
    if status is Status.FEWER:
        assert high <= 0
        assert change <= -9
    elif status is Status.MORE:
        assert low >= 0
        assert change >= 9.9
    elif "mindre än en tiondel" in said[1]:
        assert low >= 0 or high <= 0
        assert abs(change) < 10
    else:
        assert low <= 0 <= high, said


def _promise_group(found: Followed, said: Sequence[str], ratio: float | None) -> None:
    texts = [text for text in said if text.startswith("I jämförelsegruppen")]
    assert len(texts) == (ratio is not None)
    if ratio is None:
        return
    assert found.during is not None
    group = found.during.group
    assert group is not None
    assert group.home is not None
    (text,) = texts
    told = re.search(r"\((\d+) kommuner\) var det samtidigt (.+?) \(medianen\)", text)
    assert told, text
    assert int(told[1]) == group.members
    assert abs(_said_change(told[2]) - 100 * (ratio - 1)) <= 0.5, (text, ratio)
    moved = group.home.moved
    assert ("Mot gruppen är skillnaden inte säker" in text) == (moved is Moved.NONE)
    assert ("ot gruppen är det färre" in text) == (moved is Moved.FEWER)
    assert ("ot gruppen är det fler" in text) == (moved is Moved.MORE)
    assert ("Även mot" in text) == (moved is not Moved.NONE and moved is found.during.own.moved)


def _promise_after(found: Followed, said: Sequence[str]) -> None:
    texts = [text for text in said if text.startswith("Lika länge efter")]
    assert len(texts) == (found.after is not None)
    if found.after is None:
        return
    own = found.after.own
    (text,) = texts
    told = re.search(r"anmäldes ([\d ]+) brott, (.+?) (?:än|som) före perioden", text)
    assert told, text
    assert _said_number(told[1]) == own.observed
    assert abs(_said_change(told[2]) - 100 * (own.ratio - 1)) <= 0.5, text
    assert ("ingen säker skillnad" in text) == (own.moved is Moved.NONE)
    assert (found.every is Every.YEAR) == ("(år " in text)


def _said_number(text: str) -> float:
    return float(text.replace(" ", "").replace(",", "."))


def _said_change(text: str) -> float:
    """Return a change in words as per cent."""
    if text == "lika många":
        return 0.0
    told = re.fullmatch(r"([\d ]+(?:,\d)?) procent (färre|fler)", text)
    assert told, text
    return _said_number(told[1]) * (1 if told[2] == "fler" else -1)


def first(found: Comparison, name: str, every: Sequence[Comparison], without: Comparison | None) -> None:
    """Read what is seen first: short enough, nothing twice, and each fact as the figures are."""
    same = [one for one in every if one.indicator_id == found.indicator_id]
    screen = first_screen(found, name, without, robustness.count(same))
    level, against, rare = screen.facts
    text = plain(screen.text)
    clean(text)
    driven = found.facts.change is not None and found.facts.change.unusual
    assert len(re.split(r"[ \n]+", screen.text)) <= MOST_WORDS - _REST_OF_THE_SCREEN - _DRIVEN * driven, text
    ratio = found.assessed.judgement.ratio
    told_rate = float(plain(level.value).replace(" ", "").replace(",", "."))
    assert abs(told_rate - found.home.rate) <= 0.5
    assert f"Plats {found.facts.rank} av {found.facts.ranked} " in level.note
    side = re.search(r"(\d[\d ]*) procent (högre|lägre)", plain(against.value))
    if side and ratio is not None:
        assert (side[2] == "högre") == (ratio > 1)
        assert abs(int(side[1].replace(" ", "")) - 100 * abs(ratio - 1)) <= 0.5 + 1e-9
    assert (rare.value == "Ovanligt") == found.assessed.unusual
    counts = [int(n) for n in re.findall(r" i (\d+)(?: av|[,.])", screen.sure)]
    told = robustness.count(same)
    if told is not None and not re.search("i alla|i någon av", screen.sure):
        assert sum(counts) == told.of, screen.sure
    if re.search("i alla|i någon av", screen.sure):
        assert len({one.level for one in same if one.group.counted and one.assessed.standing}) == 1
    sentences = [one for one in re.split(r"(?<=[.?]) ", text) if len(one.split()) > 2]
    assert len(sentences) == len(set(sentences)), text


#: What the figures do not know.
_DANGER = re.compile(r"farlig|trygg(?!t|a)|säkrare|otrygg(?!het)", re.IGNORECASE)
_SURE = "Skillnaden är större än slumpen brukar ge"


def pair(found: Pair, measure: Indicator, home: str, other: str) -> None:
    """Read what is said of two municipalities, and hold it against their values, margins and test."""
    said, short = (
        plain(pair_words.finding(found, measure, home, other)),
        pair_words.answer(found, measure, home, other),
    )
    clean(said)
    clean(plain(short))
    assert said.endswith("."), said
    for text in (said.replace(measure.short, ""), short.replace(measure.short, "")):
        assert not _DANGER.search(text), text
        assert "0 gånger" not in re.sub(r"\d\d*,?\d*0 gånger", "", text), text
    assert home in said
    assert other in said
    assert str(found.mine.year) in said
    _pair_side(found, said, home, other)
    _pair_values(found, said)
    _pair_certainty(found, said, short)
    _pair_size(found, said)
    assert (" i " + home in said) or "både" in said or "vare sig" in said


def _pair_side(found: Pair, said: str, home: str, other: str) -> None:
    """The first named has what the word says: more where its value is the higher."""
    told = re.search(r"är (fler|färre|högre|lägre)(?: per invånare)? i (.+?) än i (.+?) \d{4}:", said)
    same = "ungefär" in said or "vare sig" in said or "noll i både" in said
    assert (told is None) == same, said
    if told:
        assert (told[2], told[3]) == (home, other)
        assert (told[1] in {"fler", "högre"}) == (found.mine.rate > found.theirs.rate), said
        assert (told[1] in {"högre", "lägre"}) == found.survey


def _pair_values(found: Pair, said: str) -> None:
    told = re.search(r": ([\d ]+(?:,\d)?) mot ([\d ]+(?:,\d)?) (procent|per 100 000)\.", said)
    if told:
        assert abs(_said_number(told[1]) - found.mine.rate) <= 0.5
        assert abs(_said_number(told[2]) - found.theirs.rate) <= 0.5
        assert told[1] != told[2], said
    elif "vare sig" in said or "noll" in said:
        assert found.mine.rate == found.theirs.rate == 0
    else:
        assert "ungefär" in said
        assert abs(found.mine.rate - found.theirs.rate) <= 0.1


def _pair_certainty(found: Pair, said: str, short: str) -> None:
    own, their = found.mine.interval, found.theirs.interval
    assert (_SURE in said) == found.sure, said
    assert ("men liten" in said) == (found.apart is Apart.SMALL)
    assert ("ingen säker skillnad" in short) == (not found.sure and found.apart is not Apart.UNKNOWN)
    if found.sure:
        assert found.p_value is not None
        assert found.p_value <= 0.05
        low, high = sorted((found.mine.rate, found.theirs.rate))
        assert found.survey or (found.apart is Apart.CERTAIN) == (high >= 1.1 * low)
    if own is None or their is None or found.of > 1:
        return
    apart = own.upper < their.lower or their.upper < own.lower
    inside = own.lower <= found.theirs.rate <= own.upper and their.lower <= found.mine.rate <= their.upper
    assert not (apart and "kan vara en slump" in said), said
    assert not (inside and found.sure), said


def _pair_size(found: Pair, said: str) -> None:
    times = re.search(r"Det är ([\d ]+,\d) gånger så många", said)
    percent = re.search(r"Det är ([\d ]+) procent (fler|färre)", said)
    assert not (times and percent)
    if times:
        assert abs(_said_number(times[1]) - found.mine.rate / found.theirs.rate) <= 0.05 + 1e-9
        assert _said_number(times[1]) >= 2
    if percent:
        change = 100 * (found.mine.rate / found.theirs.rate - 1)
        assert abs(_said_number(percent[1]) - abs(change)) <= 0.5 + 1e-9
        assert (percent[2] == "fler") == (change > 0)
        assert 0 < _said_number(percent[1]) <= 100
    if times or percent:
        assert found.sure
        assert not found.survey


def beside(found: Beside, measure: Indicator, names: Mapping[str, str]) -> None:
    """Read what is said of a municipality beside several, and hold it against each of the pairs."""
    said, short = (
        plain(made(found, measure, names)) for made in (pair_words.several, pair_words.short_of_several)
    )
    for text in (said, short):
        clean(text)
        assert not _DANGER.search(text.replace(measure.short, "")), text
    assert said.endswith("."), said
    more, _, rest = said.partition(" men ")
    sides = {True: "", False: ""}
    for part in (more, rest):
        told = re.search(r"(fler|högre|färre|lägre)(?: per invånare)? än i (.+?)(?: \d{4}\.|$)", part)
        if told:
            sides[told[1] in {"fler", "högre"}] = told[2]
    unsure = re.search(r"killnaden mot (.+?) är inte säker", said)
    for code, one in found.pairs.items():
        listed = {side for side, text in sides.items() if names[code] in re.split(r", | och ", text)}
        assert listed == ({one.higher} if one.sure else set()), said
        vague = unsure is not None and names[code] in re.split(r", | och ", unsure[1])
        assert vague == (not one.sure and one.test is not None), said
    sure = sum(one.sure for one in found.pairs.values())
    assert ("ingen säker skillnad" in short) == (sure == 0), short
    assert ("säkert från alla" in short) == (sure == len(found.pairs)), short
