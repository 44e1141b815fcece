"""Drafts: nothing that is typed is lost, two may write at once, and what is taken away can be put back."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from lagesbild.answers import drafts
from lagesbild.answers.drafts import DraftError
from lagesbild.answers.spec import Question, Spec, Wanted

GROUP = Wanted(diagram="group", parameters={"indicator": "N07540"})
TREND = Wanted(diagram="trend", parameters={"indicator": "N07403"}, in_answer=True)
CITED = Wanted(id="LB-1861-7QK4M2")


def written() -> Spec:
    return Spec(
        kommun="1861",
        titel="Provsvar",
        fragor=(Question("Ett?", "", (GROUP,), key="a"), Question("Två?", "Svar två.", key="b")),
    )


def with_question(spec: Spec, n: int, **changed: object) -> Spec:
    questions = list(spec.fragor)
    questions[n] = replace(questions[n], **changed)  # type: ignore[arg-type]
    return replace(spec, fragor=tuple(questions))


def test_a_draft_comes_back_as_it_was_readable_only_by_its_owner(tmp_path: Path) -> None:
    spec = with_question(written(), 1, diagram=(TREND, CITED), own="Egna ord.")
    draft = drafts.save(tmp_path / "d", drafts.new_id(), spec).draft
    assert drafts.opened(tmp_path / "d", draft.id) == draft
    assert draft.spec == spec
    assert draft.name == "Provsvar"
    assert replace(draft, spec=replace(spec, namn="Tryggheten")).name == "Tryggheten"
    (file,) = (tmp_path / "d").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_question_without_a_key_is_given_one(tmp_path: Path) -> None:
    spec = Spec(kommun="1861", fragor=(Question("Ett?"), Question("Ett?")))
    kept = drafts.save(tmp_path, drafts.new_id(), spec).draft.spec
    assert len({question.key for question in kept.fragor}) == 2


@pytest.mark.parametrize("wrong", ["", "../../x", "abc", "A" * 24, "0" * 23])
def test_an_id_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(DraftError, match="länk är inte giltig"):
        drafts.opened(tmp_path, wrong)


def test_two_who_write_at_once_both_keep_what_they_wrote(tmp_path: Path) -> None:
    name = drafts.new_id()
    seen = drafts.save(tmp_path, name, written()).draft.spec
    drafts.save(tmp_path, name, with_question(seen, 1, svar="Svar två, längre."), seen)
    mine = replace(with_question(seen, 0, own="Mitt."), titel="Ny rubrik")
    saved = drafts.save(tmp_path, name, mine, seen)
    assert saved.draft.spec.titel == "Ny rubrik"
    assert [q.own for q in saved.draft.spec.fragor] == ["Mitt.", ""]
    assert saved.draft.spec.fragor[1].svar == "Svar två, längre."
    assert saved.theirs == ("svaret i fråga 2",)
    assert saved.both == ()
    assert saved.draft.version == 3


def test_a_text_that_two_have_changed_stands_in_both_wordings(tmp_path: Path) -> None:
    name = drafts.new_id()
    seen = drafts.save(tmp_path, name, written()).draft.spec
    drafts.save(tmp_path, name, with_question(seen, 1, svar="Andras ord."), seen)
    saved = drafts.save(tmp_path, name, with_question(seen, 1, svar="Mina ord."), seen)
    assert saved.draft.spec.fragor[1].svar == "Andras ord.\nMina ord."
    assert saved.both == ("svaret i fråga 2",)


def test_charts_and_questions_of_both_are_kept(tmp_path: Path) -> None:
    name = drafts.new_id()
    seen = drafts.save(tmp_path, name, written()).draft.spec
    theirs = with_question(seen, 0, diagram=(GROUP, TREND))
    drafts.save(tmp_path, name, replace(theirs, fragor=(*theirs.fragor, Question("Tre?", key="c"))), seen)
    mine = with_question(seen, 0, diagram=(CITED,))
    saved = drafts.save(
        tmp_path, name, replace(mine, fragor=(Question("Noll?", key="z"), *mine.fragor)), seen
    )
    assert [q.fraga for q in saved.draft.spec.fragor] == ["Noll?", "Ett?", "Två?", "Tre?"]
    assert saved.draft.spec.fragor[1].diagram == (CITED, TREND)  # without what was taken away


def test_a_question_that_one_removes_and_another_writes_in_stays(tmp_path: Path) -> None:
    name = drafts.new_id()
    seen = drafts.save(tmp_path, name, written()).draft.spec
    drafts.save(tmp_path, name, with_question(seen, 1, svar="Mycket mer."), seen)
    saved = drafts.save(tmp_path, name, replace(seen, fragor=seen.fragor[:1]), seen, "fråga 2")
    assert [q.svar for q in saved.draft.spec.fragor] == ["", "Mycket mer."]


def test_what_was_taken_away_is_put_back_and_what_was_written_since_stays(tmp_path: Path) -> None:
    name = drafts.new_id()
    seen = drafts.save(tmp_path, name, written()).draft.spec
    shorter = drafts.save(tmp_path, name, replace(seen, fragor=seen.fragor[1:]), seen, "fråga 1").draft
    assert shorter.removed == ("fråga 1",)
    later = drafts.save(tmp_path, name, with_question(shorter.spec, 0, svar="Senare."), shorter.spec).draft
    back = drafts.put_back(tmp_path, name)
    assert [(q.fraga, q.svar) for q in back.spec.fragor] == [("Ett?", ""), ("Två?", "Senare.")]
    assert back.spec.fragor[0].diagram == (GROUP,)
    assert later.removed == ("fråga 1",)
    assert back.removed == ()
    with pytest.raises(DraftError, match="inget att ångra"):
        drafts.put_back(tmp_path, name)


def test_a_removed_draft_can_be_put_back_for_a_month(tmp_path: Path) -> None:
    name = drafts.new_id()
    drafts.save(tmp_path, name, written())
    drafts.remove(tmp_path, name)
    drafts.remove(tmp_path, name)  # again: nothing there
    assert drafts.drafts(tmp_path) == []
    with pytest.raises(DraftError, match="finns inte"):
        drafts.opened(tmp_path, name)
    assert [draft.id for draft in drafts.removed_drafts(tmp_path)] == [name]
    drafts.restore(tmp_path, name)
    assert [draft.id for draft in drafts.drafts(tmp_path)] == [name]
    drafts.remove(tmp_path, name)
    old = tmp_path / "borttagna" / f"{name}.json"
    os.utime(old, (0, 0))
    assert drafts.removed_drafts(tmp_path) == []
    assert not old.exists()


def test_a_damaged_file_is_told_left_out_of_the_list_and_left_alone(tmp_path: Path) -> None:
    name = drafts.new_id()
    (tmp_path / f"{name}.json").write_text("{", "utf-8")
    assert drafts.drafts(tmp_path) == []
    with pytest.raises(DraftError, match="skadad"):
        drafts.opened(tmp_path, name)
    with pytest.raises(DraftError, match="skadad"):
        drafts.save(tmp_path, name, written())
    assert (tmp_path / f"{name}.json").read_text("utf-8") == "{"


def test_a_draft_of_an_older_version_is_read(tmp_path: Path) -> None:
    raw = (
        '{"saved_at": "2026-11-25T10:00:00+00:00", "spec": {"kommun": "1861", "fragor": [{"fraga": "Ett?"}]}}'
    )
    (tmp_path / "0123456789ab.json").write_text(raw, "utf-8")
    draft = drafts.opened(tmp_path, "0123456789ab")
    assert draft.spec.fragor[0].fraga == "Ett?"
    saved = drafts.save(tmp_path, draft.id, replace(draft.spec, titel="Ny"), draft.spec).draft
    assert [q.fraga for q in saved.spec.fragor] == ["Ett?"]
    assert saved.version == 2


def test_where_there_are_many_the_longest_untouched_is_laid_aside_and_comes_back_by_its_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 2)
    names = [drafts.new_id() for _ in range(3)]
    for n, name in enumerate(names):
        drafts.save(tmp_path, name, written())
        os.utime(tmp_path / f"{name}.json", (1_000 + n, 1_000 + n))
    assert {draft.id for draft in drafts.drafts(tmp_path)} == set(names[1:])
    assert drafts.opened(tmp_path, names[0]).spec.fragor
    assert {draft.id for draft in drafts.drafts(tmp_path)} == {names[0], names[2]}


def test_what_somebody_logged_in_has_saved_is_never_laid_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
    own = drafts.new_id()
    first = drafts.save(tmp_path, own, written(), lasting=True).draft
    drafts.save(
        tmp_path, own, with_question(first.spec, 0, svar="mer"), first.spec
    )  # by its link, not logged in
    with pytest.raises(DraftError, match="redan 1 utkast"):
        drafts.save(tmp_path, drafts.new_id(), written())
    assert drafts.opened(tmp_path, own).spec.fragor[0].svar == "mer"


def test_what_is_laid_aside_has_an_end_and_a_draft_has_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
    monkeypatch.setattr(drafts, "_MOST_ASIDE", 1)
    first = drafts.new_id()
    drafts.save(tmp_path, first, written())
    for _ in range(3):
        drafts.save(tmp_path, drafts.new_id(), written())
    with pytest.raises(DraftError, match="finns inte"):
        drafts.opened(tmp_path, first)
    with pytest.raises(DraftError, match="för långt: högst 60 000 tecken"):
        drafts.save(tmp_path, drafts.new_id(), with_question(written(), 0, svar="x" * 60_000))
    many = Spec(kommun="1861", fragor=tuple(Question(f"{n}?") for n in range(31)))
    with pytest.raises(DraftError, match="högst 30 frågor"):
        drafts.save(tmp_path, drafts.new_id(), many)
    monkeypatch.setattr(drafts, "LARGEST", 3_000)
    with pytest.raises(DraftError, match="för stort"):
        drafts.save(tmp_path, drafts.new_id(), with_question(written(), 0, svar="x" * 4_000))


def _write_in(folder: Path, name: str, n: int) -> None:
    seen = drafts.opened(folder, name).spec
    for turn in range(20):
        spec = with_question(seen, n, svar=f"{n}: {turn}")
        seen = drafts.save(folder, name, spec, seen).draft.spec


def test_two_processes_that_write_in_the_same_draft_lose_nothing(tmp_path: Path) -> None:
    name = drafts.new_id()
    drafts.save(tmp_path, name, written())
    context = get_context("fork")
    both = [context.Process(target=_write_in, args=(tmp_path, name, n)) for n in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    draft = drafts.opened(tmp_path, name)
    assert [q.svar for q in draft.spec.fragor] == ["0: 19", "1: 19"]
    assert draft.version == 41
