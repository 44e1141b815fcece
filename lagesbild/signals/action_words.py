"""What actions, guards and cameras are called, and every sentence about them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lagesbild.signals.actions import WEEK, ActionKind, Status
from lagesbild.signals.cameras import STRETCH as SIX_HOURS
from lagesbild.signals.evaluation import MOST_CHANGE, Basis, Stage
from lagesbild.signals.guards import DAYS, FEWEST, HOURS, Need
from lagesbild.statistics.effect import HALVED, Seen
from lagesbild.statistics.suppression import LEAST
from lagesbild.swedish import joined, long_date, number, spelled, weekday

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.signals.actions import Action
    from lagesbild.signals.cameras import Problem
    from lagesbild.signals.evaluation import Effect, Evaluation, Preview
    from lagesbild.signals.guards import Load, Shift, Stretch
    from lagesbild.statistics.effect import Counts, Smallest

KINDS = {
    ActionKind.OPERATION: "Insats",
    ActionKind.GUARDS: "Väktare",
    ActionKind.CAMERAS: "Kameror",
    ActionKind.LIGHTING: "Belysning",
    ActionKind.BUILDING: "Åtgärd på platsen",
    ActionKind.MEETING: "Samverkan",
    ActionKind.OTHER: "Annat",
}
STATUSES = {
    Status.GOING_ON: "Pågår",
    Status.PLANNED: "Planerad",
    Status.DONE: "Avslutad",
    Status.CANCELLED: "Inställd",
}
_VERDICTS = {
    Seen.FEWER: "Färre än väntat, mer än slumpen ger.",
    Seen.MORE: "Fler än väntat, mer än slumpen ger.",
    Seen.NOT_SEEN: "Ingen säker skillnad.",
    Seen.TOO_SMALL: "För litet för att synas: även en halvering hade drunknat i slumpen.",
}
_EQUAL = "lika många"
WHY_NOT_PROOF = (
    "Siffran visar vad som hände, inte varför. Något annat kan ha ändrats på platsen under samma tid."
)
PLANNED_LATE = "Planen skrevs efter starten. Då väger siffran lättare."
GUARDS_REPORT = (
    "Väktare ser och rapporterar mer när de är på plats. Därför räknas deras egna signaler för sig."
)


def verdict(found: Evaluation) -> str:
    """Say in a few words what is known of an action's effect."""
    if found.stage is Stage.NOT_STARTED:
        return "Har inte startat."
    if found.stage is Stage.NO_BEFORE:
        return "Går inte att följa upp: uppgifter saknas för tiden före."
    if found.verdict is None:
        return f"För tidigt att säga. Tiden efter är slut {long_date(found.action.after[1])}."
    return _VERDICTS[found.verdict]


def effect_text(found: Evaluation) -> str:
    """Say what was counted before and after, beside the control, and what the difference is."""
    if found.place is None or found.control is None or found.effect is None:
        return ""
    what = "anmälda brott" if found.action.measure else "signaler"
    as_long = found.weeks_before == found.weeks_after
    return (
        f"Före: {_so_many(found.place.before, what)} på {_weeks(found.weeks_before)}. "
        f"Efter: {number(found.place.after)}{'' if as_long else f' på {_weeks(found.weeks_after)}'}. "
        f"{_control_text(found.action.control, found.place, found.control, found.effect)} "
        f"Skillnad: {difference_text(found.effect)}."
    )


def difference_text(found: Effect) -> str:
    """Write a difference with its limits: ``15 färre än väntat (mellan 29 färre och 1 färre)``."""
    limits, what = found.difference.interval, "före" if found.basis is Basis.ALONE else "väntat"
    more = _signed(found.difference.estimate)
    return (
        f"{more} {'som' if more == _EQUAL else 'än'} {what} "
        f"(mellan {_signed(limits.lower)} och {_signed(limits.upper)})"
    )


def cautions(found: Evaluation) -> list[str]:
    """Return what a reader must know beside the figures, the weightiest first."""
    told = []
    reporters = found.reporters
    if reporters is not None and reporters.shaky:
        told.append(
            f"Jämförelsen är skakig: {number(reporters.before)} personer rapporterade före och "
            f"{number(reporters.after)} efter, på platsen {number(reporters.place_before)} och "
            f"{number(reporters.place_after)}. Mer än {number(100 * MOST_CHANGE)} procents ändring kan i sig ge fler "
            "eller färre signaler."
        )
    if found.per_reporter is not None:
        told.append(f"Om lika många hade rapporterat före som efter: {difference_text(found.per_reporter)}.")
    elif found.effect is not None and not found.action.measure:
        told.append("Vilka som rapporterat är till stor del okänt. Har fler rapporterat syns det inte här.")
    if found.effect is not None and not found.action.planned_in_advance:
        told.append(PLANNED_LATE)
    if found.dispersion > 1.05 and found.effect is not None:
        told.append(
            f"Antalet svänger {number(found.dispersion, 1)} gånger mer än slumpen. Det är inräknat i gränserna."
        )
    if found.effect is not None:
        told.append(WHY_NOT_PROOF)
    return told


def moved_text(found: Evaluation) -> str:
    """Say whether the problem may have moved to the near area."""
    if found.moved is None or found.together is None or found.near is None:
        return ""
    limits = found.moved.difference.interval
    if limits.lower > 0:
        answer = "Det är fler än väntat. Problemet kan ha flyttat."
    elif limits.upper < 0:
        answer = "Också där är det färre än väntat."
    else:
        answer = "Att problemet flyttat dit syns inte, men det kan inte uteslutas."
    return (
        f"Intill, i {found.action.near}: {number(found.near.before)} före och {number(found.near.after)} efter. "
        f"{answer} Platsen och området intill tillsammans: {difference_text(found.together)}."
    )


def smallest_text(smallest: Smallest) -> str:
    """Say what the smallest drop is that would be seen."""
    if not math.isfinite(smallest.count):
        return "Det fanns inga före: då kan ingen minskning synas."
    return _share_text(smallest.share)


def _share_text(share: float) -> str:
    """Say of the smallest drop, as a share of what is expected, whether it would be seen."""
    if share > 1:
        return "För litet för att synas: inte ens om allt försvann hade det skilt sig säkert från slumpen."
    if share > HALVED:
        return (
            "För litet för att synas: även en halvering hade drunknat i slumpen. "
            f"Minskningen måste vara minst {number(100 * share)} procent."
        )
    return f"En minskning med {number(100 * share)} procent eller mer syns i fyra fall av fem. En mindre syns sällan."


def preview_text(found: Preview, action: Action) -> str:
    """Say before an action is kept what can be seen of it."""
    what = "anmälda brott" if action.measure else "signaler"
    return (
        f"De {number(found.weeks)} senaste veckorna: {_so_many(found.place, what)} på platsen och "
        f"{number(found.control)} i {action.control}. {smallest_text(found.smallest)}"
    )


def dates_text(action: Action) -> str:
    """Write when an action starts and ends."""
    if action.ends is None:
        return f"Från {long_date(action.starts)}"
    return f"{long_date(action.starts)}–{long_date(action.ends)}"


def followed_up_text(action: Action, measure: str = "") -> str:
    """Say how an action is followed up: what is counted, beside what, until when, and the smallest effect that shows.

    Parameters
    ----------
    measure
        What the measure of reported crime is called, where the action is judged by one.
    """
    smallest = (
        "Vilken effekt som kan synas är inte uträknad."
        if action.smallest_share is None
        else _share_text(action.smallest_share)
    )
    near = f" Om problemet flyttar ses i {action.near}." if action.near else ""
    return f"{_judged_by(action, measure)}{near} {smallest}"


def public_effect_text(found: Evaluation) -> str:
    """Say what is known of an action's effect where anybody may read it: without counts of signals where one is small."""
    said = [verdict(found)]
    if found.place is not None and found.control is not None and found.effect is not None:
        counts = (found.place.before, found.place.after, found.control.before, found.control.after)
        small = not found.action.measure and min(counts) < LEAST
        said.append("Antalen är för små för att visas." if small else effect_text(found))
        if not found.action.planned_in_advance:
            said.append(PLANNED_LATE)
        said.append(WHY_NOT_PROOF)
    return " ".join(said)


# --- guards ---


def shift_text(shift: Shift) -> str:
    """Write a shift: ``Hallsberg: fredag och lördag kl. 20–02``."""
    days = joined([weekday(day) for day in sorted(shift.weekdays)])
    return f"{shift.place or 'Hela kommunen'}: {days} kl. {_clock(shift.from_hour, shift.to_hour)}"


def load_text(load: Load) -> str:
    """Say how many signals come while guards are there, and how many would at the rate of other hours."""
    if not load.total:
        return "Inga signaler med känt klockslag på platserna under tiden."
    if load.times is None:
        return "Det finns inga timmar både med och utan väktare att jämföra."
    hours = load.guarded_hours + load.open_hours
    share = load.share
    return (
        f"Väktare är på plats {_percent(load.guarded_hours / hours)} av timmarna. Då kommer {number(load.inside)} av "
        f"{_so_many(load.total, 'signaler')}, alltså {_percent(load.inside / load.total)} "
        f"(mellan {_percent(share.lower)} och {_percent(share.upper)}). "
        f"Hade de kommit jämnt hade det varit {number(load.expected_inside, 1 if load.expected_inside < 10 else 0)}."
    )


def need_text(load: Load) -> str:
    """Answer whether more guards are needed, as far as signals can."""
    if load.need is Need.TOO_FEW:
        return (
            f"Behövs fler väktare? Det går inte att säga. Bara {_so_many(load.total, 'signaler')} har känt klockslag, "
            f"och minst {number(FEWEST)} behövs."
        )
    if load.need is Need.ELSEWHERE:
        where = joined([_stretch(one) for one in load.stretches if one.unusual])
        return (
            f"Behövs fler väktare? Signalerna talar för andra timmar. Det gäller {where}. Där kommer fler än vad slumpen ger, och "
            "minst lika många i timmen som när väktare är på plats. Pröva först att flytta timmar dit."
        )
    if load.need is Need.WELL_PLACED:
        return (
            "Behövs fler väktare? Signalerna visar inte det. Väktarna är redan på plats när flest signaler kommer, och "
            f"inga andra timmar sticker ut. {_open_text(load)}"
        )
    return (
        "Behövs fler väktare? Signalerna visar inte det. De kommer ungefär lika ofta med som utan väktare, "
        f"och inga timmar sticker ut. {_open_text(load)}"
    )


def stretches_text(load: Load) -> str:
    """Name the unguarded hours with most signals, and say whether they are more than chance."""
    if not load.stretches:
        return "Inga signaler kom helt utanför väktarnas timmar."
    told = "; ".join(
        f"{_stretch(one)}: {number(one.count)} (mellan {number(one.interval.lower, 1)} och "
        f"{number(one.interval.upper, 1)})"
        for one in load.stretches
    )
    unusual = any(one.unusual for one in load.stretches)
    after = (
        "Minst en är mer än slumpen ger."
        if unusual
        else "Med så många timmar att välja på är någon alltid högst. Slumpen räcker som förklaring."
    )
    return f"Flest signaler utan väktare: {told}. {after}"


def guards_own_text(load: Load) -> str:
    """Tell what guards reported themselves, apart."""
    own = load.own_inside + load.own_outside
    told = (
        f"Väktarna har själva rapporterat {_so_many(own, 'signaler')}. De är inte med i siffrorna ovan."
        if own
        else "Inga signaler är märkta som väktarnas egna."
    )
    return f"{told} {GUARDS_REPORT}"


# --- cameras ---


def permit_text(
    action: Action,
    problem: Problem,
    tried: Sequence[tuple[Action, str]],
    municipality: str,
) -> str:
    """Write the facts that a decision on camera surveillance asks for, with what is missing named.

    Parameters
    ----------
    tried
        Other actions at the place, with what is known of their effect.
    """
    parts = [
        f"Underlag om kamerabevakning: {action.place}, {municipality}",
        "Uppgifterna är signaler som rapporterats till kommunen. De är inte anmälda brott. Vilka krav som gäller "
        "prövar kommunens jurist och dataskyddsombud.",
        f"1. Syfte\n{action.purpose}",
        f"2. Problemets omfattning\n{_extent(problem)}",
        f"3. När\n{_when(problem)}",
        f"4. Var på platsen\n{_where(problem)}",
        f"5. Vad som prövats\n{_tried(tried)}",
        f"6. Bevakningens tider och omfattning\n{_span(action)}",
        f"7. Uppföljning\n{_follow_up(action)}",
        "8. Avvägning mot integriteten\nHär saknas: vilka som vistas på platsen, vad kamerorna ser, vilka som får se "
        "bilderna, hur länge de sparas och hur det skyltas. Skriv det.",
    ]
    return "\n\n".join(parts)


def _extent(problem: Problem) -> str:
    span = f"{long_date(problem.since)}–{long_date(problem.until)}"
    if not problem.total:
        return f"Här saknas: inga signaler om detta har rapporterats på platsen {span}."
    kinds = joined([f"{kind} {number(count)}" for kind, count in problem.kinds])
    told = f"{_so_many(problem.total, 'signaler').capitalize()} {span}: {kinds}."
    told += (
        f" Av {number(problem.with_severity)} med känt allvar är {number(problem.serious)} allvarliga eller akuta."
        if problem.with_severity
        else " Här saknas: hur allvarliga de är."
    )
    if problem.earliest is not None and (problem.earliest - problem.since).days > WEEK:
        told += f" Kommunens första signal är från {long_date(problem.earliest)}; före den saknas uppgifter."
    return f"{told} Här saknas: anmälda brott på platsen. Fråga polisen."


def _when(problem: Problem) -> str:
    if not problem.total:
        return "Här saknas: tider."
    days = joined([f"{weekday(day)} {number(count)}" for day, count in problem.weekdays])
    if not problem.with_hour:
        return f"Per veckodag: {days}. Här saknas: klockslag."
    hours = joined(
        [f"kl. {_clock(start, start + SIX_HOURS)} {number(count)}" for start, count in problem.stretches]
    )
    told = f"Per veckodag: {days}. Per tid på dygnet: {hours}."
    unknown = problem.total - problem.with_hour
    return f"{told} Här saknas: klockslag för {number(unknown)}." if unknown else told


def _where(problem: Problem) -> str:
    if not problem.places:
        return "Här saknas: var på platsen. Signalerna anger bara orten."
    told = joined([f"{place} {number(count)}" for place, count in problem.places])
    unnamed = problem.total - sum(count for _, count in problem.places)
    return f"{told}. Utan angiven plats: {number(unnamed)}." if unnamed else f"{told}."


def _tried(tried: Sequence[tuple[Action, str]]) -> str:
    if not tried:
        return "Här saknas: andra åtgärder på platsen. Skriv vad som prövats, och varför det inte räcker."
    return "\n".join(
        f"– {KINDS[one.kind]}: {one.title}, {_lower(dates_text(one))}. {told}"
        + (f" {_ended(one.result)}" if one.result else "")
        for one, told in tried
    )


def _span(action: Action) -> str:
    told = f"{dates_text(action)}."
    if action.ends is None:
        told += " Här saknas: när bevakningen ska sluta eller omprövas."
    return f"{told} Här saknas: vilka timmar kamerorna är på, hur många de är och vad de ser."


def _judged_by(action: Action, measure: str = "") -> str:
    what = (
        f"signaler om {joined([_lower(kind) for kind in action.kinds])}"
        if action.kinds
        else f"anmälda brott{f' ({measure})' if measure else ''}"
    )
    return (
        f"{what[:1].upper()}{what[1:]} räknas {_weeks(action.before_days / WEEK)} före och "
        f"{_weeks(action.after_days / WEEK)} efter, jämfört med {action.control}. Svaret finns efter "
        f"{long_date(action.after[1])}."
    )


def _follow_up(action: Action) -> str:
    told = _judged_by(action)
    if action.near:
        told += f" Om problemet flyttar ses i {action.near}."
    else:
        told += " Här saknas: ett område intill, där det syns om problemet flyttar."
    return told if action.owner else f"{told} Här saknas: vem som är ansvarig."


# --- parts of sentences ---


def _control_text(name: str, place: Counts, control: Counts, effect: Effect) -> str:
    told = f"I {name}, som jämförs: {number(control.before)} och {number(control.after)}."
    if effect.basis is Basis.ALONE:
        return f"{told} Det går inte att jämföra med: antalen är för olika."
    if effect.basis is Basis.IN_PROPORTION:
        told += f" I samma takt hade platsen fått {number(place.after - effect.difference.estimate)}."
    return told


def _signed(value: float) -> str:
    """Write ``15 färre``, ``3 fler`` or ``lika många``."""
    if math.isinf(value):
        return "hur många fler som helst"
    rounded = math.floor(abs(value) + 0.5)
    if not rounded:
        return _EQUAL
    return f"{number(rounded)} {'färre' if value < 0 else 'fler'}"


def _so_many(count: float, what: str) -> str:
    if count == 1:
        return "en signal" if what == "signaler" else "ett anmält brott"
    return f"{number(count)} {what}" if count else f"inga {what}"


def _weeks(weeks: float) -> str:
    whole = round(weeks)
    return "en vecka" if whole == 1 else f"{spelled(whole) if whole < 2 else number(whole)} veckor"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{number(percent, 1 if percent < 10 else 0)} procent"


def _clock(start: int, end: int) -> str:
    return f"{start:02d}–{end % HOURS if end != HOURS else HOURS:02d}"


def _stretch(one: Stretch) -> str:
    return f"{weekday(one.weekday % DAYS)} kl. {_clock(one.from_hour, one.to_hour)}"


def _open_text(load: Load) -> str:
    weeks = max(1, round(((load.until - load.since).days + 1) / WEEK))
    return f"Utan väktare kom {_so_many(load.outside, 'signaler')} på {_weeks(weeks)}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
