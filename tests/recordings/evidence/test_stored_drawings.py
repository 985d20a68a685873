"""A stored drawing under a paper: the package says that it was placed, by whom and when, and was not drawn then."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.recordings.evidence import papers
from tests.recordings.evidence.target import opened, resigned, zipped
from tests.recordings.evidence.test_editions import with_edition
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import judged


def story() -> Story:
    made = papers.story(signing=papers.STORED)
    made.pieces["s1/hands/hand4"] = papers.HANDS["m"]
    return made


def test_both_verifiers_hold_it_and_the_sheets_say_what_it_is(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    both = judged(path, made.log.key.public)
    assert (both.verdict, both.page["verdict"]) == ("holds", "holds"), both.here.amiss
    with zipfile.ZipFile(path) as package:
        signed = json.loads(package.read("sheets/signatures.json"))["documents"][0]["hands"]
        about = json.loads(package.read("sheets/authenticity.json"))
    (hand,) = [one for one in signed if one["seat"] == "m"]
    assert (hand["how"], hand["name"], hand["confirmed"]["how"]) == ("saved", "陈立", "account")
    assert hand["at"]
    assert hand["file"] == "handwriting/hand4.json"
    assert about["edition"] == 7
    assert "不是当场书写" in about["kinds"]["handwriting"]["environment"]["zh"]
    assert "not drawn then" in about["kinds"]["handwriting"]["environment"]["en"]


@pytest.mark.parametrize("edition", [4, 5, 6])
def test_an_edition_that_calls_every_handwriting_drawn_then_is_a_lie_of_it(tmp_path: Path, edition: int) -> None:
    made, path = story(), tmp_path / "package.zip"
    path.write_bytes(zipped(resigned(with_edition(opened(made.bytes()), "authenticity", edition), made.log.key)))
    assert judged(path, made.log.key.public).status("derived_sheet")[0] == "failed"


def test_a_package_without_one_keeps_its_edition(tmp_path: Path) -> None:
    made, path = papers.story(), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    with zipfile.ZipFile(path) as package:
        assert json.loads(package.read("sheets/authenticity.json"))["edition"] == 6
