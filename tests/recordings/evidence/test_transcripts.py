"""A transcript in a package: what the machine heard, under its own heading, held to the journal by both verifiers."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from recordings.evidence import TRANSCRIPT, part, stream
from rooms import events as e
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import judged

HEARD = b'{"format":"yuntiao-transcript/1","lines":[]}'
OFFICER = ("officer", "u1", "陈立", "mediator", "o1")
MADE = e.TranscriptMade(
    "s1/transcript.sealed", hashlib.sha256(HEARD).hexdigest(), len(HEARD), 2, "whisper", "whisper-base", "ab" * 32
)


def story(*more: e.SessionEvent) -> Story:
    made = Story(before_recording=[(MADE, OFFICER), *((one, OFFICER) for one in more)])
    made.pieces["s1/transcript.sealed"] = HEARD
    return made


def test_it_lies_in_the_package_which_says_that_nobody_confirmed_it(tmp_path: Path) -> None:
    made, path = story(e.TranscriptCorrected("2", "退我3000元")), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    both = judged(path, made.log.key.public)
    assert (both.verdict, both.page["verdict"]) == ("holds", "holds"), both.here.amiss
    with zipfile.ZipFile(path) as package:
        assert package.read(TRANSCRIPT) == HEARD
        sheet = json.loads(package.read("sheets/authenticity.json"))
    assert {"kind": "transcript", "path": TRANSCRIPT} in sheet["items"]
    assert "confirmed by nobody" in sheet["kinds"]["transcript"]["environment"]["en"]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("flip", {"item_changed", "segment_hash"}),
        ("drop", {"item_missing"}),
        ("add", {"item_extra", "segment_unlisted"}),
    ],
)
def test_a_changed_dropped_or_foreign_one_is_found_by_both_verifiers(
    tmp_path: Path, change: str, wanted: set[str]
) -> None:
    made, path = story(), tmp_path / f"{change}.zip"
    with zipfile.ZipFile(BytesIO(made.bytes())) as package:
        entries = [(name, package.read(name)) for name in package.namelist()]
    at = next(n for n, (name, _) in enumerate(entries) if name == TRANSCRIPT)
    match change:
        case "flip":
            entries[at] = (TRANSCRIPT, HEARD.replace(b"lines", b"words"))
        case "drop":
            del entries[at]
        case "add":
            entries.insert(at + 1, ("transcript/zwei.json", HEARD))
    path.write_bytes(b"".join(stream([part(name, content) for name, content in entries])))
    assert wanted <= set(judged(path, made.log.key.public).codes)
