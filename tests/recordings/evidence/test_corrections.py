"""An edition that nobody knows is no altered text, and an entry that says what is not so is explained by another."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from recordings.evidence.verdict import Check
from rooms import events as e
from rooms.vocabulary import Consent
from server.evidence.exports import texts
from tests.recordings.evidence.target import opened, resigned, zipped
from tests.recordings.evidence.told import SUPERVISOR, VERSION, Story
from tests.recordings.evidence.verifiers import Judged, judged_bytes
from web import evidence

INVENTED: Final = "2099-01-01.3"
PARTY: Final = ("party", "c", "c", "", "")


def story_with(edition: str, corrected: bool) -> tuple[Story, int]:
    """A session whose journal has a consent to that edition, and the number of its entry."""
    story = Story(before_recording=[(e.ConsentGiven("c", Consent.RECORD, edition), PARTY)])
    (entry,) = [
        line.version
        for line in story.log.streams[story.stream]
        if line.type == "ConsentGiven" and line.data["text"] == edition
    ][-1:]
    if corrected:
        right = f"出示的是版次{VERSION}的文本"
        story.say(
            e.EntryCorrected(entry, f"版次{edition}从未公布", right, "程序日志与当日部署记录", "罗建国"), SUPERVISOR
        )
    return story, entry


def judged(story: Story, content: bytes, folder: Path) -> tuple[Judged, Check, dict[str, Any]]:
    both = judged_bytes(content, folder, story.log.key.public)
    (here,) = [check for check in both.here.checks if check.code == "consent_text"]
    (there,) = [check for check in both.page["checks"] if check["code"] == "consent_text"]
    return both, here, there | {"verdict": both.page["verdict"]}


def test_a_consent_to_an_edition_nobody_knows_leaves_a_package_open_and_does_not_fail_it(tmp_path: Path) -> None:
    story, _ = story_with(INVENTED, corrected=False)
    report, here, there = judged(story, story.bytes(), tmp_path)
    assert report.codes == []
    assert (report.verdict, here.status, there["status"], there["verdict"]) == ("open", "open", "open", "open")
    path = f"texts/{INVENTED}/recording.zh.txt"
    assert here.details[0] == f"{path}: an edition that is not known, and not there"
    assert "does not know that edition" in there["details"][0]
    assert path in there["details"][0]


def test_a_correcting_entry_explains_it_and_the_package_holds(tmp_path: Path) -> None:
    story, entry = story_with(INVENTED, corrected=True)
    report, here, there = judged(story, story.bytes(), tmp_path)
    number = story.log.streams[story.stream][-1].version
    assert (report.verdict, here.status, there["status"], there["verdict"]) == ("holds", "ok", "ok", "holds")
    assert here.details == (f"entry {entry}: explained by correction {number}",)
    assert f"Entry {entry}: explained by correction {number}" in there["details"]


@pytest.mark.parametrize("change", ["missing", "altered"])
def test_a_known_text_that_is_missing_or_altered_fails_whatever_a_correction_says(tmp_path: Path, change: str) -> None:
    """Or whoever signs could explain away a text that can be judged."""
    story, _ = story_with(VERSION, corrected=True)
    entries = opened(story.bytes())
    name = f"texts/{VERSION}/recording.zh.txt"
    bent = {key: value for key, value in entries.items() if key != name}
    if change == "altered":
        bent = {**entries, name: entries[name] + b"!"}
    report, here, there = judged(story, zipped(resigned(bent, story.log.key)), tmp_path)
    assert "consent_text" in report.codes
    assert (here.status, there["status"]) == ("failed", "failed")


def test_the_pages_of_a_package_show_the_entry_as_explained_and_link_to_no_text_that_is_not_there() -> None:
    story, entry = story_with(INVENTED, corrected=True)
    record = story.record()
    assert texts(record.session).keys().isdisjoint({f"texts/{INVENTED}/recording.zh.txt"})
    number = record.session[-1].version
    made = evidence.record(record, (), "Asia/Shanghai", None)
    for name, words in (
        ("index.en.html", f"explained by correction {number}"),
        ("index.zh.html", f"第{number}条更正已作说明"),
    ):
        page = made[name].decode()
        assert page.count(words) == 2  # at the answer, and in the journal
        assert f'href="texts/{INVENTED}' not in page
        assert f'id="e{entry}"' in page
    assert "出示的是版次" in made["index.en.html"].decode()
