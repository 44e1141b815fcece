"""What is new in a vintage: held against what was known of the one before, entry by entry.

What was known is kept as short texts by name: the newest period of each measure, the verdict of each municipality and
measure, the state of each flag, the breaks, and the last correction. The first time there is nothing to hold it
against, and everything is only noted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from lagesbild.comparison import benchmark, verdicts
from lagesbild.comparison.panel import Panel
from lagesbild.data import consistency, indicators, municipality, reference
from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.hotspots import alarms
from lagesbild.hotspots.exports import titles_of
from lagesbild.hotspots.flags import BUDGET, FlagStatus
from lagesbild.news import words
from lagesbild.news.entries import Entry, Kind, id_of
from lagesbild.statistics import rule
from lagesbild.statistics.rule import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.flags import Flag

VINTAGE = "vintage"
#: What so many municipalities have is told to all; what fewer have, to those.
_MOST_OF_THEM = 200
_OUT = {Level.HIGHER, Level.LOWER}
_NO_CORRECTION = ""
Known = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class News:
    """New entries, oldest first, and what is known now."""

    entries: tuple[Entry, ...]
    known: Known


def news_of(warehouse: Warehouse, known: Mapping[str, str], at: datetime) -> News:
    """Return what a vintage has that was not known.

    Parameters
    ----------
    known
        What was returned the time before; empty the first time, and then there are no entries.
    at
        The moment that new entries get.
    """
    if known.get(VINTAGE) == warehouse.vintage:
        return News(entries=(), known=dict(known))
    entries: list[Entry] = []
    after: Known = {VINTAGE: warehouse.vintage}
    looks: dict[Kind, Callable[[Warehouse, Known, datetime], tuple[list[Entry], Known]]] = {
        Kind.FIGURES: _figures,
        Kind.BREAK: _breaks,
        Kind.REVISION: _revisions,
        Kind.VERDICT: _verdicts,
        Kind.FLAG: _flags,
    }
    for kind, look in looks.items():
        before = {name.partition(":")[2]: text for name, text in known.items() if name.startswith(f"{kind}:")}
        came, noted = look(warehouse, before, at)
        entries += came if before else []  # the first time all is new, and nothing is news
        after |= {f"{kind}:{name}": text for name, text in noted.items()}
    return News(entries=tuple(entries), known=after)


def _audience(codes: Iterable[str]) -> tuple[str, ...]:
    """Return whom something concerns; none where it is most of them."""
    found = tuple(sorted(set(codes)))
    return () if len(found) >= _MOST_OF_THEM else found


# --- figures ---


def _figures(warehouse: Warehouse, before: Known, at: datetime) -> tuple[list[Entry], Known]:
    """Tell the newest period of each measure, those of one source and period together."""
    measures = indicators.of_warehouse(warehouse)
    rows = warehouse.frame(
        """
        WITH newest AS (
            SELECT indicator_id, period_kind, max(period_start) AS period_start FROM observation
             WHERE status IN ('final', 'preliminary') AND code NOT LIKE '00%' GROUP BY indicator_id, period_kind
        )
        SELECT indicator_id, period_kind, period_start, list(DISTINCT code) AS codes
          FROM observation JOIN newest USING (indicator_id, period_kind, period_start)
         WHERE status IN ('final', 'preliminary') AND code NOT LIKE '00%'
         GROUP BY indicator_id, period_kind, period_start
        """
    )
    now: Known = {}
    came: defaultdict[tuple[str, str, date], list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for key, kind, start, codes in rows.iter_rows():
        measure = measures.get(key)
        if measure is None or not (measure.is_standard or key == SOL_TOTAL):
            continue
        name = f"{key}:{kind}"
        now[name] = start.isoformat()
        if now[name] > before.get(name, ""):
            came[measure.source_id, kind, start].append((key, tuple(codes)))
    entries = []
    for (source_id, kind, start), of_measures in came.items():
        info = reference.sources()[source_id]
        shown = [one for key, one in measures.items() if key in dict(of_measures)]
        codes = {code for _, own in of_measures for code in own}
        entries.append(
            Entry(
                id=id_of(Kind.FIGURES, source_id, kind, start.isoformat(), *sorted(dict(of_measures))),
                at=at,
                kind=Kind.FIGURES,
                title=words.figures_title(shown, start, kind, info.title),
                text=words.figures_text(shown, len(codes), info.attribution),
                page="datakallor",
                codes=_audience(codes),
            )
        )
    return entries, now


# --- breaks and revisions ---


def _breaks(warehouse: Warehouse, before: Known, at: datetime) -> tuple[list[Entry], Known]:
    """Tell the breaks that have come to be known in the series of sources."""
    del warehouse
    now: Known = {}
    entries = []
    for info in reference.sources().values():
        for item in info.breaks:
            name = f"{info.id}:{item.date.isoformat()}:{item.only}"
            now[name] = item.text
            if name not in before:
                entries.append(
                    Entry(
                        id=id_of(Kind.BREAK, name),
                        at=at,
                        kind=Kind.BREAK,
                        title=words.break_title(info.title, item.date),
                        text=item.text,
                        page="datakallor",
                    )
                )
    return entries, now


def _revisions(warehouse: Warehouse, before: Known, at: datetime) -> tuple[list[Entry], Known]:
    """Tell which final figures have been corrected since the last correction that was told."""
    last = before.get("last", _NO_CORRECTION)
    rows = consistency.corrections(warehouse).sort("replaced_on")
    groups: defaultdict[tuple[str, date, str, date], list[str]] = defaultdict(list)
    for row in rows.iter_rows(named=True):
        if row["replaced_on"].isoformat() > last and not row["code"].startswith("00"):
            groups[row["what"], row["period_start"], row["period_kind"], row["replaced_on"]].append(
                row["code"]
            )
    entries = [
        Entry(
            id=id_of(Kind.REVISION, what, start.isoformat(), kind, day.isoformat()),
            at=at,
            kind=Kind.REVISION,
            title=words.revision_title(what, words.period(start, kind)),
            text=words.revision_text(len(codes), len(set(codes)), day),
            page="datakallor",
            codes=_audience(codes),
        )
        for (what, start, kind, day), codes in groups.items()
    ]
    newest = max((day.isoformat() for day in rows["replaced_on"]), default=_NO_CORRECTION)
    return entries, {"last": max(newest, last)}


# --- verdicts ---


def _verdicts(warehouse: Warehouse, before: Known, at: datetime) -> tuple[list[Entry], Known]:
    """Tell what verdicts became, each municipality against its first group.

    The total's with every new year; other measures' only where they are others than before. What was not worked
    out with the vintage is left as it was known, until it is.
    """
    if warehouse.meta("verdicts") != str(rule.VERSION):
        return [], before
    panel = Panel(warehouse)
    now = _newest(panel)
    entries = []
    for name, value in now.items() if before else ():
        code, key = name.split(":")
        was = _read(before[name]) if name in before else None
        became = _read(value)
        new_year = was is None or became[0] > was[0]
        if value == before.get(name) or not (
            (new_year and panel.indicators[key].is_total) or _other(was, became)
        ):
            continue
        entry = _verdict(panel, code, key, was, at, warehouse.vintage)
        entries += [entry] if entry else []
    return entries, now


_Verdict = tuple[int, Level, bool]


def _other(was: _Verdict | None, became: _Verdict) -> bool:
    return was is not None and was[1:] != became[1:]


def _read(text: str) -> _Verdict:
    year, level, out = text.split("|")
    return int(year), Level(level), out == "out"


def _newest(panel: Panel) -> Known:
    """Return every municipality's newest verdict on each measure, against the first group that can tell."""
    found: Known = {}
    for kind in (key for key, one in panel.kinds.items() if one.counted):
        for row in verdicts.newest(panel, kind).iter_rows(named=True):
            level = Level(row["level"])
            far = row["p_value"] is not None and row["p_value"] <= benchmark.UNUSUAL
            out = "out" if level in _OUT and far else "in"
            found.setdefault(f"{row['code']}:{row['indicator_id']}", f"{row['year']}|{level}|{out}")
    return found


def _verdict(
    panel: Panel, code: str, key: str, was: _Verdict | None, at: datetime, vintage: str
) -> Entry | None:
    found = benchmark.single(panel, code, key)
    if found is None:
        return None
    name = panel.names[code]
    return Entry(
        id=id_of(Kind.VERDICT, vintage, code, key),
        at=at,
        kind=Kind.VERDICT,
        title=words.verdict_title(found, name),
        text=words.verdict_text(found, name, was, benchmark.without_police(panel, code, found)),
        page=f"?kommun={code}&nyckeltal={key}&grupp={found.group.key}",
        codes=(code,),
    )


# --- flags ---


def _flags(warehouse: Warehouse, before: Known, at: datetime) -> tuple[list[Entry], Known]:
    """Tell which flags on reported crimes are new, grow or are over, to each municipality on whose page they stand.

    They change only with the reported crimes, and are looked at only then.
    """
    judged = alarms.every_judged(warehouse)
    mark = sha256(b"".join(one.crimes.counts.tobytes() for one in judged)).hexdigest()[:16]
    if before.get("of") == mark:
        return [], before
    flagged: dict[str, Flag] = {}
    seen_by: defaultdict[str, list[str]] = defaultdict(list)
    names = municipality.names_of(warehouse)
    for code in names:
        watch = alarms.watch_of(warehouse, code, everything=judged)
        for flag in alarms.Overview.of(watch, BUDGET).public():
            flagged[flag.id] = flag
            seen_by[flag.id].append(code)
    now = {flag.id: f"{flag.status}|{flag.latest[0].isoformat()}" for flag in flagged.values()}
    titles = titles_of(warehouse)
    entries = [
        Entry(
            id=id_of(Kind.FLAG, flag.id, told.status, flag.latest[0].isoformat()),
            at=at,
            kind=Kind.FLAG,
            title=words.flag_title(told, names, titles),
            text=words.flag_story(told),
            page="hotspots",
            codes=tuple(sorted(seen_by[flag.id])),
        )
        for flag in flagged.values()
        if (told := _worth_telling(flag, before.get(flag.id))) is not None
    ]
    return entries, now | {"of": mark}


def _worth_telling(flag: Flag, before: str | None) -> Flag | None:
    """Return a flag as it is told: one that is new here is new, however long it has run; None for what says nothing new."""
    if before is None:
        return None if flag.status is FlagStatus.OVER else replace(flag, status=FlagStatus.NEW)
    changed = before != f"{flag.status}|{flag.latest[0].isoformat()}"
    return flag if changed and flag.status in {FlagStatus.GROWING, FlagStatus.OVER} else None
