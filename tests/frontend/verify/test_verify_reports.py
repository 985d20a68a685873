"""What the page's verifier says in words; that it judges as the command does is in `tests/recordings/evidence`."""

from __future__ import annotations

from pathlib import Path

from tests.frontend.tale import Tale
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import by_page, judged_bytes


def test_an_unharmed_package_holds_and_without_a_key_only_that_is_open(tmp_path: Path) -> None:
    story = Story()
    with_key = judged_bytes(story.bytes(), tmp_path, story.log.key.public).page
    without = judged_bytes(story.bytes(), tmp_path).page
    other = {check["code"]: check["status"] for check in with_key["checks"] if check["status"] not in ("ok", "beyond")}
    assert other == {"timestamp": "none", "witness": "none"}
    assert with_key["verdict"] == "holds"
    assert without["verdict"] == "open"
    assert [check["code"] for check in without["checks"] if check["status"] == "open"] == ["wrong_key"]


def test_the_page_is_built_with_the_texts_that_people_agree_to(tmp_path: Path) -> None:
    tale, path = Tale(), tmp_path / "package.zip"
    path.write_bytes(tale.bytes())
    [report] = by_page([(path, tale.log.key.public)])
    assert report["verdict"] == "holds", report


def test_an_erased_entry_is_accounted_for_by_the_entry_that_says_so(tmp_path: Path) -> None:
    story = Story()
    said = next(line.version for line in story.log.streams[story.stream] if line.type == "Said")
    story.log.erase(story.stream, [said], story._at)
    report = judged_bytes(story.bytes(), tmp_path, story.log.key.public).page
    assert report["verdict"] == "holds"
    assert "Entries whose content was erased: 1, all accounted for." in str(report)


def test_what_the_bureau_no_longer_has_leaves_the_verdict_open_and_is_named(tmp_path: Path) -> None:
    story = Story()
    del story.pieces["s1/c/2026-0-camera.webm"]
    report = judged_bytes(story.bytes(), tmp_path, story.log.key.public).page
    assert report["verdict"] == "open"
    [check] = [check for check in report["checks"] if check["status"] == "open"]
    assert check["code"] == "segment_unlisted"
    assert check["details"] == ["No longer there at the bureau: media/c/2026-0-camera.webm"]
