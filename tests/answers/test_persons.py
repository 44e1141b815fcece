"""A person is found, given out and erased over every store, not only where signals are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from lagesbild.answers import drafts, persons
from lagesbild.answers.spec import Spec
from lagesbild.config import Settings
from lagesbild.news.entries import NewsFile
from lagesbild.signals import privacy
from lagesbild.signals.database import COMMAND_LINE, LocalFile
from tests.news.written import WHEN, entry

WHO = "Sixten Provsson"


def filled(home: Path) -> tuple[Settings, LocalFile]:
    settings = Settings(home=home)
    local = LocalFile(settings.local_file)
    local.create("1861", "action", {"what": f"Ring {WHO}"}, COMMAND_LINE)
    answer = Spec(kommun="1861", titel="Svar", undertecknare=WHO)
    kept, removed = drafts.new_id(), drafts.new_id()
    seen = drafts.save(settings.drafts_folder, kept, answer).draft.spec
    drafts.save(settings.drafts_folder, kept, replace(seen, undertecknare="Någon"), seen, removed="ställaren")
    drafts.save(settings.drafts_folder, removed, answer)
    drafts.remove(settings.drafts_folder, removed)
    news = NewsFile.of(settings)
    news.add([entry("Nytt", "1861")], {})
    with news.to_mail("1861", "sixten.provsson@kommun.se", WHEN - timedelta(days=1)):
        pass
    return settings, local


def test_a_name_is_found_in_drafts_their_earlier_wordings_removed_ones_and_among_recipients(
    tmp_path: Path,
) -> None:
    settings, local = filled(tmp_path)
    found = persons.find(settings, local, WHO)
    assert {trace.what for trace in found} == {
        "åtgärd, löfte, möte eller dokument",
        "tidigare version",
        "utkast till svar",
    }
    assert len([trace for trace in found if trace.table == "drafts"]) == 2
    (mailed,) = persons.find(settings, local, "sixten.provsson@kommun.se")
    assert mailed.what == "mottagare av nyhetsbrev"
    given = json.loads(privacy.exported([*found, mailed]))
    assert len(given) == len(found) + 1


def test_what_is_erased_is_nowhere_in_the_home(tmp_path: Path) -> None:
    settings, local = filled(tmp_path)
    texts = len(persons.find(settings, local, WHO))
    assert persons.erase(settings, local, WHO, COMMAND_LINE) == texts
    assert persons.erase(settings, local, "sixten.provsson@kommun.se", COMMAND_LINE) == 1
    assert persons.find(settings, local, WHO) == []
    assert NewsFile.of(settings).mailed_to() == []
    left = [draft.spec.undertecknare for draft in drafts.removed_drafts(settings.drafts_folder)]
    assert left == [privacy.ERASED]
    for file in (tmp_path / "drafts").rglob("*.json"):
        assert WHO not in file.read_text("utf-8")
    assert local.logged()[0].detail == "1 texter"
