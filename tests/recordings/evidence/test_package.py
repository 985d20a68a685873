"""A package is made of a session and holds; it says the same whoever exports it, and when."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from recordings import evidence
from recordings.evidence import Changed
from tests.recordings.evidence.log import WHEN, Log
from tests.recordings.evidence.told import Story, export_by
from tests.recordings.evidence.verifiers import judged_bytes


def test_what_was_packed_holds(tmp_path: Path) -> None:
    story = Story()
    report = judged_bytes(story.bytes(), tmp_path, story.log.key.public).here
    assert [check.code for check in report.checks if check.status != "ok"] == ["timestamp", "witness"]  # there are none
    assert report.verdict == "holds"
    assert (report.session, report.complaint_number) == ("s1", "东高一投〔2026〕7号")
    assert report.exported == {"at": "2026-11-26T01:02:03.000000Z", "by": "赵监督"}


def test_without_a_key_it_is_left_open_that_the_key_has_to_be_compared(tmp_path: Path) -> None:
    report = judged_bytes(Story().bytes(), tmp_path).here
    assert report.verdict == "open"
    assert [check.code for check in report.checks if check.status == "open"] == ["wrong_key"]


def test_any_tool_opens_it() -> None:
    with zipfile.ZipFile(io.BytesIO(Story().bytes())) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert {item["path"] for item in manifest["items"]} < set(archive.namelist())
        assert archive.read("video/composed.mp4") == Story().pieces["s1/composed.mp4"]


def test_two_exports_differ_in_who_and_when_and_in_nothing_else() -> None:
    first, second = (
        _entries(Story().bytes(export_by(name, at)))
        for name, at in (("赵监督", "2026-11-26T01:02:03.000000Z"), ("陈立", "2026-11-27T00:00:00.000000Z"))
    )
    assert list(first) == list(second)
    assert {name for name in first if first[name] != second[name]} == set(evidence.AFTER)


def test_up_to_the_watermark_two_exports_are_the_same_bytes() -> None:
    first, second = Story().bytes(export_by("赵监督")), Story().bytes(export_by("陈立"))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        begins = archive.getinfo(evidence.WATERMARK).header_offset
    assert first[:begins] == second[:begins]
    assert first != second


def test_looks_after_the_last_fact_do_not_change_what_is_packed() -> None:
    story = Story()
    before = [line.hash for line in story.record().session]
    story.log.append("session/s1", "Exported", {"kind": "package"}, WHEN)
    story.log.append("session/s1", "Viewed", {"part": "record"}, WHEN)
    assert [line.hash for line in story.record().session] == before


def test_a_piece_that_is_not_what_the_journal_says_is_left_out_and_named(tmp_path: Path) -> None:
    story = Story()
    lost, bent = "s1/c/2026-0-camera.webm", "s1/b/2026-1-camera.webm"
    del story.pieces[lost]
    story.pieces[bent] = story.pieces[bent][:-1] + b"?"
    package = story.package()
    assert {piece.path: piece.cause for piece in package.manifest.absent} == {
        "media/c/2026-0-camera.webm": "missing",
        "media/b/2026-1-camera.webm": "damaged",
    }
    report = judged_bytes(story.bytes(package=package), tmp_path, story.log.key.public).here
    assert report.verdict == "open"
    assert report.absent == 2
    assert [check.code for check in report.checks if check.status == "open"] == ["segment_unlisted"]


def test_a_piece_that_changes_while_it_is_packed_ends_the_export() -> None:
    story = Story()
    package = story.package()
    path = "s1/m/2026-2-camera.webm"
    story.pieces[path] = bytes(len(story.pieces[path]))
    with pytest.raises(Changed, match=r"media/m/2026-2-camera\.webm"):
        story.bytes(package=package)


def test_erased_entries_are_named_with_their_reason_and_everything_else_still_holds(tmp_path: Path) -> None:
    story = Story()
    said = next(line for line in story.log.streams["session/s1"] if line.type == "Said")
    story.log.erase("session/s1", [said.version], WHEN)
    report = judged_bytes(story.bytes(), tmp_path, story.log.key.public).here
    assert (report.verdict, report.erased) == ("holds", 1)
    [told] = [check.details for check in report.checks if check.code == "erased_unaccounted"]
    assert told == (f"session/s1 {said.version}: Said, request",)


def test_an_erased_entry_that_nothing_accounts_for_is_named(tmp_path: Path) -> None:
    story = Story()
    events = story.log.streams["session/s1"]
    said = next(line for line in events if line.type == "Said")
    actor = (said.actor[0], said.actor[1], "", said.actor[3], said.actor[4])
    events[said.version - 1] = replace(said, salt="", data={}, actor=actor)
    report = judged_bytes(story.bytes(), tmp_path, story.log.key.public).here
    assert report.codes == ["erased_unaccounted"]


def test_a_masked_copy_is_no_package(tmp_path: Path) -> None:
    from recordings.evidence import part, stream

    report = judged_bytes(b"".join(stream([part(evidence.MASKED, b"{}")])), tmp_path).here
    assert report.codes == ["manifest"]


def test_a_log_of_one_entry_proves_it_too(tmp_path: Path) -> None:
    from recordings.evidence.stamps import included
    from tests.recordings.evidence.log import proof, root

    for size in range(1, 40):
        leaves = [bytes([n]) * 32 for n in range(size)]
        for leaf in range(size):
            assert included(leaves[leaf], leaf, size, proof(leaf, leaves), root(leaves))
            assert not included(leaves[leaf], leaf, size, [*proof(leaf, leaves), leaves[0]], root(leaves))
            assert not included(leaves[leaf], (leaf + 1) % (size + 1), size, proof(leaf, leaves), root(leaves))


def test_the_sheets_say_who_could_hear_whom() -> None:
    sheet = json.loads(_entries(Story().bytes())["sheets/routing.json"])
    assert sheet["stretches"][0]["hears"] == {"m": ["c", "b"], "c": ["m", "b"], "b": ["m", "c"]}
    assert sheet["could_hear_ms"]["c"] == {"m": 16_000, "b": 16_000}


def test_every_item_has_its_seven_aspects_in_both_languages() -> None:
    entries = _entries(Story().bytes())
    sheet = json.loads(entries["sheets/authenticity.json"])
    listed = {item["path"] for item in json.loads(entries["manifest.json"])["items"]}
    assert {item["path"] for item in sheet["items"]} == listed
    for item in sheet["items"]:
        aspects = sheet["kinds"][item["kind"]]
        assert len(aspects) == 7
        assert all(text["zh"] and text["en"] for text in aspects.values())


def test_a_log_by_another_key_signs_other_bytes() -> None:
    assert Story(log=Log(seed=2)).bytes() != Story().bytes()


def _entries(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
