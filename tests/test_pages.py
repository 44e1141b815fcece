"""The pages as a reader meets them: run by Streamlit's AppTest on the shipped figures."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings
from lagesbild.data.state import connect
from tests import reading

PAGES = (
    "pages/sticker_vi_ut.py",
    "pages/datakallor.py",
    "pages/metod.py",
    "pages/jamforelsegrupp.py",
    "pages/hotspots.py",
    "pages/trender.py",
    "pages/vad_sticker_ut.py",
    "pages/loften.py",
    "pages/jamfor.py",
    "pages/alla.py",
)


@pytest.fixture(autouse=True)
def _environment(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)


TEXTS = ("title", "header", "subheader", "markdown", "info", "warning", "error")


def opened(page: str = PAGES[0], **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / page), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def text(app: AppTest) -> str:
    parts = [element.proto.body for element in app.get("html")]
    parts += [getattr(element, "value", "") for kind in TEXTS for element in app.get(kind)]
    return re.sub(r"<[^>]+>", " ", read_past("\n".join(map(str, parts)))).replace("\u00a0", " ")


def read_past(html: str) -> str:
    """Leave out what a word means, which is seen when it is pressed, and the button around it."""
    html = re.sub(r"<span popover.*?</span>", "", html)
    html = re.sub(r"<button type='button' class='lb-term'[^>]*>(.*?)</button>", r"\1", html)
    return re.sub(r"<span class='lb-together'>(.*?)</span>", r"\1", html)


def test_the_first_page_tells_a_politician_in_one_screen() -> None:
    said = text(opened())
    assert "Sticker Hallsberg ut?" in said
    assert "Hallsberg ligger högre än liknande kommuner, men inte ovanligt långt från dem" in said
    assert "Utan narkotika- och vapenbrott, som mest upptäcks av polisen, ligger kommunen i nivå." in said
    assert "505 brott fler (+27 procent). Det är en ovanlig ökning. Mest narkotika- och" in said
    assert "Högre i alla åtta jämförelser. Felmarginal 12 722–16 730." in said
    assert "Bara anmälda brott, inte alla." in said


def test_the_years_are_one_tab_away() -> None:
    said = text(opened())
    assert (
        "Första halvåret 2026 (preliminärt) anmäldes 870 brott, mot 1 271 samma tid 2025 och 921 samma tid 2024. "
        "Det är ingen rekordnivå: den var 14 719 år 2012 per 100 000 invånare."
    ) in said
    assert said.count("505 brott fler") == 1  # nothing is said twice


def test_what_stands_out_is_told_with_the_correction_for_how_much_is_looked_at() -> None:
    said = text(opened("pages/vad_sticker_ut.py"))
    assert (
        "Ett av Hallsbergs 8 nyckeltal sticker ut: narkotika- och vapenbrott (7,6 gånger gruppens median)."
        in said
    )
    assert "av det som sticker ut väntas högst 1 av 20 göra det av en slump" in said
    assert "av 2 320 rutor sticker ut, Hallsbergs bland dem" in said
    assert "Kommuner som sticker ut" in said


def test_what_stands_out_in_an_own_list_is_told_without_the_country() -> None:
    said = text(opened("pages/vad_sticker_ut.py", egen="1860,1881,1882", grupp="egen"))
    assert "nyckeltal sticker ut" in said
    assert "Den valda gruppen finns inte för alla kommuner." in said


@pytest.mark.usefixtures("unfolded")
def test_the_values_are_koladas_and_the_counts_behind_them() -> None:
    said = text(opened())
    for value in (
        "10 417",
        "9 833",
        "11 468",
        "14 657",
        "1 692",
        "1 599",
        "1 855",
        "2 360",
        "8 av 290",
        "12 722–16 730",
    ):
        assert value in said, value


def test_source_and_date_stand_under_the_charts() -> None:
    assert re.search(
        r"Egen bearbetning av uppgifter från Kolada och Brå\. Uppgifterna är från en kopia som följer med "
        r"programmet, sammanställd \d+ \w+ 20\d\d\.",
        text(opened()),
    )


@pytest.mark.parametrize(
    ("code", "name"), [("0180", "Stockholm"), ("2506", "Arjeplog"), ("0980", "Gotland"), ("2083", "Hedemora")]
)
def test_any_municipality_can_be_home_by_address(code: str, name: str) -> None:
    assert f"Sticker {name} ut?" in text(opened(kommun=code))


def test_any_municipality_can_be_home_by_control() -> None:
    app = opened()
    kommun = next(box for box in app.selectbox if box.label == "Kommun")
    assert len(kommun.options) == 290
    kommun.select("1881").run()
    assert "Sticker Kumla ut?" in text(app)
    assert app.query_params["kommun"] in ("1881", ["1881"])


def test_any_municipality_can_be_home_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_KOMMUN", "1882")
    assert "Sticker Askersund ut?" in text(opened())


@pytest.mark.parametrize(
    "code",
    [
        "9999",
        "",
        "abc",
        "<script>alert(1)</script>",
        "![x](http://127.0.0.1:9/a.png) [Logga in](http://127.0.0.1:9)",
        "1861; DROP TABLE municipality",
    ],
)
def test_an_unknown_code_in_the_address_gets_a_message_and_the_home_municipality(code: str) -> None:
    said = text(opened(kommun=code))
    assert "127.0.0.1" not in said
    assert "<script" not in said
    assert "Det finns ingen kommun med" in said
    assert "Sticker Hallsberg ut?" in said


def test_every_group_and_indicator_can_be_chosen() -> None:
    app = opened()
    for label in ("Jämför med", "Nyckeltal"):
        box = next(box for box in app.selectbox if box.label == label)
        for option in range(len(box.options)):
            box = next(box for box in app.selectbox if box.label == label)
            box.select_index(option).run()
            assert not app.exception


EVIDENCE = {
    "utveckling": ("Sedan 2020 är det 742 brott fler", "Hallsbergs nivå har stigit från 8 273 år 2019"),
    "driver": ("Hallsbergs anmälda brott: ökningen med 505 brott 2024–2025 är mest narkotika-", "På fem år:"),
    "jamfort": (
        "Kommunen ligger högre i alla åtta jämförelser",
        "Arbetsmarknadsregionen Örebro",
        "Kommunerna är Olofström, Tanum",
        "Hela riket: 13 581",
        "● i nivå",
    ),
    "typer": ("Skadegörelsebrott", "skiljer sig säkert från gruppen på 3 av 8 nyckeltal"),
    "trygghet": ("finns det inga siffror om här", "Nationella trygghetsundersökningen"),
    "sakerhet": (
        "Så långt från sin grupp ligger ungefär 1 av 8 kommuner",
        "ungefär 643 fler brott på ett år",
        "väntas ha ungefär 1 515 brott på ett år",
        "Utjämnat värde 2025",
        "De tre åren 2023–2025 tillsammans",
        "Väntat antal",
        "Hallsbergs nivå är hög, men inte ovanligt hög",
    ),
}


@pytest.mark.usefixtures("unfolded")
@pytest.mark.parametrize("tab", EVIDENCE)
def test_the_evidence_is_all_there_one_tab_a_question(tab: str) -> None:
    app = AppTest.from_file(str(ROOT / PAGES[0]), default_timeout=90)
    app.query_params["flik"] = tab
    app.run()
    assert not app.exception
    said = text(app)
    for words in EVIDENCE[tab]:
        assert words in said, words
    drawn = "lb-inline" in "".join(element.proto.body for element in app.get("html"))
    assert drawn == (tab == "typer")


def test_how_safe_people_feel_is_told_where_it_is_known() -> None:
    said = text(opened(kommun="2080", flik="trygghet"))
    assert "Otrygg ute sent" in said
    assert "Svaren kommer från ett urval av invånarna." in said


def test_a_group_in_the_address_is_chosen() -> None:
    said = text(opened(grupp="skr"))
    assert "Ja, Hallsberg sticker ut uppåt" in said
    assert "Hallsberg ligger högre än liknande kommuner" in text(opened(grupp="finns inte"))


def test_a_list_of_ones_own_in_the_address_is_compared_with() -> None:
    said = text(opened(egen="1880,1881,1882", grupp="egen"))
    assert "kommunerna i den egna listan" in said
    assert "Egen lista" not in text(opened(egen="1880,abc,1861,<script>"))


def test_the_group_page_tells_who_and_why_side_by_side() -> None:
    said = text(opened(PAGES[3]))
    for words in (
        "Hedemora",
        "Arbetslösa per 100 invånare",
        "Avstånd",
        "RKA, som driver Kolada",
        "Grannkommunerna",
        "Avståndet: varje egenskap räknas i standardavvikelser",
    ):
        assert words in said, words


def test_weights_of_ones_own_change_the_nearest_and_stand_in_the_address() -> None:
    app = opened(PAGES[3], grupp="nearest")
    before = text(app)
    for slider in app.select_slider:
        slider.set_value(3.0 if slider.label == "Folkmängd" else 0.0)
    app.run()
    assert not app.exception
    assert text(app) != before
    kept = app.query_params["vikter"]
    assert "folkmangd:3" in (kept if isinstance(kept, str) else kept[0])


def test_no_weight_at_all_is_told_and_the_default_ones_are_used() -> None:
    app = opened(PAGES[3], grupp="nearest")
    for slider in app.select_slider:
        slider.set_value(0.0)
    app.run()
    assert not app.exception
    assert "Minst en egenskap måste räknas" in text(app)


@pytest.mark.parametrize("weights", ["unga:9", "x:1", "unga:²", "<b>:1"])
def test_impossible_weights_in_the_address_are_told_and_not_used(weights: str) -> None:
    app = opened(vikter=weights)
    assert "Hallsberg ligger högre än liknande kommuner" in text(app)
    assert "Vikterna i adressen används inte" in text(app)
    assert "vikter" not in app.query_params


@pytest.mark.parametrize("own", ["1880,9999,1881", "1880,1881", "x(y)"])
def test_an_impossible_list_in_the_address_is_told_and_not_used(own: str) -> None:
    app = opened(egen=own)
    assert "Den egna listan i adressen används inte" in text(app)
    assert "egen" not in app.query_params


def test_too_short_a_list_of_ones_own_is_told() -> None:
    app = opened(PAGES[3])
    app.multiselect[0].set_value(["1880", "1881"]).run()
    assert "Välj minst 3 kommuner" in text(app)
    app.multiselect[0].set_value(["1880", "1881", "1882"]).run()
    assert not app.exception
    assert "Egen lista" in text(app)


@pytest.mark.parametrize("code", ["0980", "2083", "0319", "1407", "2506"])
def test_municipalities_with_few_neighbours_or_many_indicators_have_whole_pages(code: str) -> None:
    for page in (PAGES[0], PAGES[3]):
        assert "None" not in text(opened(page, kommun=code))


def test_the_data_page_tells_freshness_licence_limits_and_breaks() -> None:
    said = text(opened(PAGES[1]))
    for words in (
        "Polisens notiser",
        "Licens:",
        "CC0",
        "Kända avbrott i tidsserien",
        "20 januari 2026",
        "inte hur många brott som begås",
    ):
        assert words in said, words


def test_a_failed_source_is_told_with_the_age_of_what_is_shown(shipped: Settings) -> None:
    with connect(shipped.state_file) as state:
        state.execute(
            "INSERT INTO run (source_id, started_at, finished_at, outcome, message) VALUES "
            "('kolada', '2026-01-02', '2026-01-02T10:00:00+00:00', 'unreachable', 'kolada: går inte att nå')"
        )
    try:
        assert "kunde inte nås 2026-01-02; medföljande uppgifter visas" in text(opened(PAGES[1]))
        assert "Uppgifterna är från" in text(opened())
    finally:
        with connect(shipped.state_file) as state:
            state.execute("DELETE FROM run")


def test_a_damaged_log_of_runs_hides_no_figures(shipped: Settings) -> None:
    kept = shipped.state_file.read_bytes() if shipped.state_file.exists() else None
    shipped.state_file.write_bytes(b"no database" * 500)
    try:
        assert "Körningsloggen" in opened("pages/datakallor.py").warning[0].value
        app = opened()
        assert not app.warning  # no fault of ours is the reader's to read
        assert "Hallsberg ligger högre än liknande kommuner" in text(app)
    finally:
        shipped.state_file.unlink()
        if kept:
            shipped.state_file.write_bytes(kept)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("statistik-forandring", ("E-test", "MOVER")),
        ("kort", ("kan inte avgöras",)),
        ("statistik-uppgifter", ("återskapade exakt", "medelvärdet av två årsskiften")),
        # Every municipality as home in turn, and the models' diagnostics, counted on these very figures.
        (
            "sticker-ut",
            (
                "| Anmälda brott totalt 2025 | Liknande kommuner enligt Kolada | 290 | 59 | 59 | 161 | 11 |",
                "| Våldsbrott 2025 | Länets andra kommuner | 289 |",
            ),
        ),
        ("statistik-vantat", ("Modellerna utan Hallsberg", "| Anmälda brott totalt | 289 | 1,08")),
        ("hotspots", ("312 flaggor",)),
    ],
)
def test_the_method_page_explains_the_rule_and_the_recovered_counts(part: str, told: tuple[str, ...]) -> None:
    said = text(opened(PAGES[2], **{"del": part}))
    for words in told:
        assert words in said, words


@pytest.mark.parametrize("page", [page for page in PAGES if page != "pages/metod.py"])
def test_without_a_warehouse_each_page_says_what_to_do(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    app = AppTest.from_file(str(ROOT / page), default_timeout=30).run()
    assert not app.exception
    assert "lagesbild ingest" in app.error[0].value


def test_a_mistaken_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_PORT", "hej")
    app = AppTest.from_file(str(ROOT / PAGES[0]), default_timeout=30).run()
    assert "heltal" in app.error[0].value


@pytest.mark.usefixtures("unfolded")
@pytest.mark.parametrize("home", ["1861", "0980"])
def test_no_page_shows_what_a_careful_editor_would_see_at_once(home: str) -> None:
    for page in PAGES:
        app = opened(page, kommun=home)
        shown = [element.proto.body for element in app.get("html")]
        shown += [str(getattr(element, "value", "")) for kind in TEXTS for element in app.get(kind)]
        for piece in shown:
            for line in re.split(r"</(?:p|td|th|dt|dd|li|div|h\d|span)>|<br>|\n", piece):
                said = unescape(re.sub(r"<style.*?</style>|<[^>]+>", "", line, flags=re.DOTALL))
                reading.tidy(said.replace("CC BY 4.0", ""))  # the licence's own name


def test_the_snapshot_is_all_that_is_needed(shipped: Settings) -> None:
    assert replace(shipped).warehouse_folder.joinpath("current.duckdb").exists()


def test_a_survey_that_few_have_is_compared_with_a_group_that_gives_an_answer() -> None:
    app = opened(kommun="2085", nyckeltal="NTU_OTRYGG")
    said = text(app)
    assert "För få kommuner i den gruppen har uppgifter. Här är gruppen Grannkommunerna." in said
    assert "Ludvika ligger högre än grannkommunerna" in said
    country = text(opened(kommun="2085", nyckeltal="NTU_OTRYGG", grupp="country"))
    assert "högre än de 14 andra kommuner som har uppgifter" in country
    assert "landets andra" not in country


def test_a_measure_that_the_municipality_lacks_is_told() -> None:
    said = text(opened(nyckeltal="NTU_OTRYGG"))
    assert (
        "Det finns inga uppgifter om otrygg ute sent, Brås indikator i Hallsberg. Här visas anmälda brott totalt."
        in said
    )
