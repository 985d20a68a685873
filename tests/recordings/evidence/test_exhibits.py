"""Exhibits in a package: originals under their hashes, what was withdrawn or confided not; a flipped byte is found."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest

from recordings.evidence import part, stream
from rooms import events as e
from rooms.vocabulary import ExhibitKind, Side
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import judged

PHOTO, PAPER, SECRET = b"\xff\xd8\xffphoto" * 50, b"%PDF-1.4 withdrawn", b"\xff\xd8\xffconfided"
CONSUMER = ("party", "c", "张女士", "", "")
BUSINESS = ("party", "b", "周经理", "", "")


def original(exhibit: str, form: str, content: bytes) -> tuple[e.Original, ...]:
    path = f"s1/exhibits/{exhibit}/original-1"
    return (e.Original(path, form, hashlib.sha256(content).hexdigest(), len(content)),)


TOLD: Sequence[tuple[e.SessionEvent, Sequence[str]]] = (
    (e.ExhibitOffered("xa", "c", Side.CONSUMER, ExhibitKind.PICTURES, original("xa", "jpeg", PHOTO)), CONSUMER),
    (e.ExhibitTitled("xa", "付款截图<script>"), CONSUMER),
    (e.ExhibitOffered("xb", "c", Side.CONSUMER, ExhibitKind.DOCUMENT, original("xb", "pdf", PAPER)), CONSUMER),
    (e.ExhibitTitled("xb", "合同"), CONSUMER),
    (e.ExhibitWithdrawn("xb"), CONSUMER),
    (
        e.ExhibitConfided("xc", "底牌", "b", Side.BUSINESS, ExhibitKind.PICTURES, original("xc", "jpeg", SECRET)),
        BUSINESS,
    ),
    (e.ExhibitShown("xa", "m"), ("officer", "u1", "陈立", "mediator", "o1")),
    (e.ExhibitDisputed("xa", "b", Side.BUSINESS, "不是我们的账号"), BUSINESS),
    (e.ExhibitPutAway("xa"), ("officer", "u1", "陈立", "mediator", "o1")),
)


def story() -> Story:
    made = Story(before_recording=TOLD)
    made.pieces["s1/exhibits/xa/original-1"] = PHOTO
    return made


def test_the_package_holds_the_originals_that_stand_and_says_what_became_of_each(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    both = judged(path, made.log.key.public)
    assert (both.verdict, both.page["verdict"]) == ("holds", "holds"), both.here.amiss
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name.startswith("exhibits/")]
        assert names == ["exhibits/xa/1.jpeg"]
        assert package.read("exhibits/xa/1.jpeg") == PHOTO
        (first, second) = json.loads(package.read("sheets/exhibits.json"))["exhibits"]
        whole = b"".join(package.read(name) for name in package.namelist())
    assert [step["step"] for step in first["steps"]] == ["shown", "disputed", "put_away"]
    assert (second["files"], [step["step"] for step in second["steps"]]) == ([], ["withdrawn"])
    assert "底牌".encode() not in whole


@pytest.mark.parametrize("change", ["flip", "drop", "add"])
def test_a_changed_dropped_or_added_original_is_found_by_both_verifiers(tmp_path: Path, change: str) -> None:
    made, path = story(), tmp_path / f"{change}.zip"
    with zipfile.ZipFile(BytesIO(made.bytes())) as package:
        entries = [(name, package.read(name)) for name in package.namelist()]
    if change == "flip":
        entries = [
            (name, bytes([content[0] ^ 1]) + content[1:] if name.startswith("exhibits/") else content)
            for name, content in entries
        ]
    elif change == "drop":
        entries = [(name, content) for name, content in entries if not name.startswith("exhibits/")]
    else:
        at = next(n for n, (name, _) in enumerate(entries) if name.startswith("exhibits/"))
        entries.insert(at + 1, ("exhibits/xb/1.pdf", PAPER))
    path.write_bytes(b"".join(stream([part(name, content) for name, content in entries])))
    wanted = {
        "flip": {"item_changed", "segment_hash"},
        "drop": {"item_missing"},
        "add": {"item_extra", "segment_unlisted"},
    }
    assert wanted[change] <= set(judged(path, made.log.key.public).codes)


def test_an_original_that_is_gone_is_named_as_absent_with_its_cause(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "short.zip"
    del made.pieces["s1/exhibits/xa/original-1"]
    path.write_bytes(made.bytes())
    report = judged(path, made.log.key.public).here
    assert report.verdict == "open"
    (check,) = [one for one in report.checks if one.code == "segment_unlisted"]
    assert check.details == ("exhibits/xa/1.jpeg: missing",)
