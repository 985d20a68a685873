"""What was said on the telephone when somebody agreed, in a package: held to the journal by both verifiers."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from recordings.evidence import part, stream
from rooms import events as e
from rooms.vocabulary import Consent
from tests.recordings.evidence.log import WHEN
from tests.recordings.evidence.told import VERSION, Story
from tests.recordings.evidence.verifiers import judged
from web import evidence as pages

SAID = b"what was said"
STORED = "s1/c/20261125T081000000Z-consent.webm"
PLACE = "spoken/c/20261125T081000000Z-consent.webm"
CONSUMER = ("party", "c", "c", "", "")
SPOKEN = e.ConsentSpoken(
    "c", "t1", Consent.TRANSCRIBE, STORED, hashlib.sha256(SAID).hexdigest(), len(SAID), WHEN - timedelta(seconds=7),
    WHEN, 1240,
)  # fmt: skip
ANSWER = (
    e.ConsentGiven("c", Consent.TRANSCRIBE, ""),
    e.ConsentKeyed("c", "t1", Consent.TRANSCRIBE, "1"),
)


def story(spoken: e.ConsentSpoken = SPOKEN) -> Story:
    made = Story(before_recording=[(one, CONSUMER) for one in (*ANSWER, spoken)])
    made.pieces[STORED] = SAID
    return made


def test_it_lies_in_the_package_with_whose_it_is_and_until_when(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    both = judged(path, made.log.key.public)
    assert (both.verdict, both.page["verdict"]) == ("holds", "holds"), both.here.amiss
    with zipfile.ZipFile(path) as package:
        assert package.read(PLACE) == SAID
        sheet = json.loads(package.read("sheets/authenticity.json"))
    [row] = [one for one in sheet["items"] if one["path"] == PLACE]
    assert (row["kind"], row["seat"], row["until"]) == ("spoken", "c", "2026-11-25T09:41:00.000000Z")
    assert "no sound is kept" in sheet["kinds"]["spoken"]["completeness"]["en"]


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
    at = next(n for n, (name, _) in enumerate(entries) if name == PLACE)
    match change:
        case "flip":
            entries[at] = (PLACE, b"what was said?")
        case "drop":
            del entries[at]
        case "add":
            entries.insert(at + 1, ("spoken/c/another.webm", SAID))
    path.write_bytes(b"".join(stream([part(name, content) for name, content in entries])))
    assert wanted <= set(judged(path, made.log.key.public).codes)


def test_the_page_lists_it_beside_the_people_and_says_when_nothing_was_heard() -> None:
    page = pages.record(story().record(), (), "Asia/Shanghai", None)["index.en.html"].decode()
    section = page[page.index('id="people"') : page.index('id="missing"')]
    assert f'href="{PLACE}"' in section
    assert "1.2 s" in section
    silent = story(replace(SPOKEN, audible_ms=0))
    chinese = pages.record(silent.record(), (), "Asia/Shanghai", None)["index.zh.html"].decode()
    assert 'data-label="有声音">无<' in chinese
    assert PLACE not in pages.masked(silent.record(), "Asia/Shanghai")["index.zh.html"].decode()
    assert VERSION in page


def test_the_page_says_how_somebody_on_the_telephone_showed_who_they_are() -> None:
    made = Story(before_recording=[(e.IdentityConfirmed("c", method), CONSUMER) for method in ("call", "dial_in")])
    page = pages.record(made.record(), (), "Asia/Shanghai", None)["index.en.html"].decode()
    assert "by answering the call to the number on file" in page
    assert "by the code to dial in with" in page
