"""What is news: only what was not known, said as the pages say it, to those whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lagesbild.comparison import benchmark, words
from lagesbild.comparison.panel import Panel
from lagesbild.config import Settings
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots.flags import FlagStatus
from lagesbild.news import found
from lagesbild.news import words as news_words
from lagesbild.news.entries import Entry, Kind, NewsFile
from lagesbild.news.found import Known, news_of
from pipelines.tell import tell
from tests.reading import clean, plain

AT = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
#: Enough of the country for flags that are new, grow and are over.
SOME = ("1861", "1881", "0780", "0763", "1960", "1442")


@pytest.fixture(scope="module")
def everything(ready: Settings) -> Warehouse:
    return Warehouse.current(ready.warehouse_folder)


@pytest.fixture(scope="module")
def known(everything: Warehouse) -> Known:
    """What is known once the shipped figures have been looked at."""
    names = municipality.names_of(everything)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(municipality, "names_of", lambda _: {code: names[code] for code in SOME})
        first = news_of(everything, {}, AT)
    assert first.entries == ()  # the first time everything is new, and nothing is news
    return first.known


def came(everything: Warehouse, known: Known, otherwise: Known | None = None) -> list[Entry]:
    """Return the news where something else was known; an empty text takes what was known away."""
    before = known | {"vintage": "before"} | (otherwise or {})
    news = news_of(everything, {name: text for name, text in before.items() if text}, AT)
    assert {key: text for key, text in news.known.items() if "flag" not in key} == {
        key: text for key, text in known.items() if "flag" not in key
    }
    for one in news.entries:
        clean(plain(one.title))
        clean(plain(one.text))
        assert one.at == AT
    return list(news.entries)


def test_the_same_vintage_and_the_same_figures_give_no_news(everything: Warehouse, known: Known) -> None:
    assert news_of(everything, known, AT).entries == ()
    assert came(everything, known) == []


def test_new_figures_are_told_by_source_and_period(everything: Warehouse, known: Known) -> None:
    (year, quarter) = came(
        everything, known, {"figures:N07540:year": "2024-01-01", "figures:SOL_TOTALT:quarter": "2026-01-01"}
    )
    assert year.title == "Nya siffror: anmälda brott 2025"
    assert "290 kommuner" in year.text
    assert year.codes == ()
    assert quarter.title == "Nya siffror: anmälda brott andra kvartalet 2026"
    (few,) = came(everything, known, {"figures:NTU_OTRYGG:year": "2024-01-01"})
    assert len(few.codes) == 15  # only Dalarna has them, and only Dalarna is told
    both = came(everything, known, {"figures:SOL_STOLD:year": "", "figures:SOL_INBROTT:year": ""})
    assert [one.text.startswith("Nyckeltalen är Stöld och rån och Inbrottsstöld.") for one in both] == [True]


def test_a_verdict_is_told_with_every_new_year_of_the_total(everything: Warehouse, known: Known) -> None:
    main = benchmark.single(Panel(everything), "1861", "N07540")
    assert main is not None
    now = known["verdict:1861:N07540"].split("|", maxsplit=1)[1]
    (same,) = came(everything, known, {"verdict:1861:N07540": f"2024|{now}"})
    assert same.codes == ("1861",)
    assert same.text.startswith(words.headline(main, "Hallsberg").rstrip("."))
    assert "Bedömningen är densamma som med siffrorna för 2024." in same.text
    (other,) = came(everything, known, {"verdict:1861:N07540": "2024|level|in"})
    assert "Med siffrorna för 2024 var bedömningen i nivå." in other.text
    assert other.page == "?kommun=1861&nyckeltal=N07540&grupp=kolada"


def test_other_measures_are_told_only_where_the_verdict_is_another(
    everything: Warehouse, known: Known
) -> None:
    level, out = known["verdict:1861:N07403"].split("|")[1:]
    assert came(everything, known, {"verdict:1861:N07403": f"2024|{level}|{out}"}) == []
    (one,) = came(everything, known, {"verdict:1861:N07403": "2024|higher|out"})
    assert "Med siffrorna för 2024 var bedömningen högre, och ovanligt långt från gruppen." in one.text
    (two,) = came(everything, known, {"verdict:2403:N07540": "2025|higher|in"})
    assert "Med siffrorna som nu har ändrats var bedömningen högre" in two.text


def test_flags_are_told_when_they_come_grow_and_end(
    everything: Warehouse, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = municipality.names_of(everything)
    monkeypatch.setattr(municipality, "names_of", lambda _: {code: names[code] for code in SOME})
    flags = {name: text for name, text in known.items() if name.startswith("flag:") and name != "flag:of"}
    open_, over = (
        next(name for name, text in flags.items() if text.startswith("over") is wanted)
        for wanted in (False, True)
    )
    changed = {"flag:of": "others", open_: "", over: "new|2020-01-01"}
    told = came(everything, known, changed)
    assert sorted(one.title.split(":")[0] for one in told) == ["En flagga är över", "Ny flagga"]
    assert all(one.codes and set(one.codes) <= set(SOME) for one in told)
    assert came(everything, known) == []  # reported crimes as before: flags are not even looked at


def test_an_old_flag_that_is_met_first_when_it_is_over_is_no_news(everything: Warehouse) -> None:
    class Flag:
        status = FlagStatus.OVER

    assert found._worth_telling(Flag(), None) is None  # type: ignore[arg-type]


def test_a_break_that_has_come_to_be_known_is_told(everything: Warehouse, known: Known) -> None:
    name = next(name for name in known if name.startswith("break:polisen"))
    (one,) = came(everything, known, {name: ""})
    assert one.title.startswith("Avbrott i serien: Polisens notiser, ")
    assert one.kind is Kind.BREAK


def test_sentences_on_corrections_count_right() -> None:
    day = date(2026, 11, 1)
    assert news_words.revision_title("Våldsbrott", "2024") == "Rättade siffror: våldsbrott 2024"
    assert news_words.revision_text(1, 1, day).startswith("Ett värde för en kommun har rättats")
    assert news_words.revision_text(14, 3, day).startswith("14 värden för tre kommuner")


def test_an_ingest_writes_news_once(ready: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("told")
    (home / "warehouse").symlink_to(ready.warehouse_folder)
    settings = replace(ready, home=home)
    news = NewsFile.of(settings)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(municipality, "names_of", lambda _: {"1861": "Hallsberg"})
        assert tell(settings) == 0
        news.add([], news.known() | {"vintage": "before", "figures:N07540:year": "2024-01-01"})
        assert tell(settings) == 1
        (first,) = news.latest("1861", 9)
        news.add([], news.known() | {"vintage": "before", "figures:N07540:year": "2024-01-01"})
        tell(settings)  # the same news again
    assert news.latest("1861", 9) == [first]
