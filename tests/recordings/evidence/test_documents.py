"""Sealed documents in a package: the very file that went out, and a changed, dropped or foreign one is found."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from recordings.evidence import part, stream
from rooms import events as e
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import judged

AGREEMENT = b"%PDF-1.7 agreed, signed, sealed"
SEALED = e.DocumentSealed(
    "d1",
    "record",
    "东高一调〔2026〕0001号",
    hashlib.sha256(AGREEMENT).hexdigest(),
    len(AGREEMENT),
    "ab" * 32,
    "B-B",
)
OFFICER = ("officer", "u1", "陈立", "mediator", "o1")
WHERE = "documents/d1.pdf"


def story() -> Story:
    made = Story(before_recording=[(SEALED, OFFICER)])
    made.pieces["s1/documents/d1"] = AGREEMENT
    return made


def test_the_document_lies_in_the_package_and_the_package_says_what_it_is(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    both = judged(path, made.log.key.public)
    assert (both.verdict, both.page["verdict"]) == ("holds", "holds"), both.here.amiss
    with zipfile.ZipFile(path) as package:
        assert package.read(WHERE) == AGREEMENT
        sheet = json.loads(package.read("sheets/authenticity.json"))
    assert sheet["edition"] == 6
    assert {"kind": "document", "path": WHERE} in sheet["items"]
    assert "document" in sheet["kinds"]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("flip", {"item_changed", "segment_hash"}),
        ("drop", {"item_missing"}),
        ("add", {"item_extra", "segment_unlisted"}),
    ],
)
def test_a_changed_dropped_or_foreign_document_is_found_by_both_verifiers(
    tmp_path: Path, change: str, wanted: set[str]
) -> None:
    made, path = story(), tmp_path / f"{change}.zip"
    with zipfile.ZipFile(BytesIO(made.bytes())) as package:
        entries = [(name, package.read(name)) for name in package.namelist()]
    at = next(n for n, (name, _) in enumerate(entries) if name == WHERE)
    match change:
        case "flip":
            entries[at] = (WHERE, bytes([AGREEMENT[0] ^ 1]) + AGREEMENT[1:])
        case "drop":
            del entries[at]
        case "add":
            entries.insert(at + 1, ("documents/d2.pdf", AGREEMENT))
    path.write_bytes(b"".join(stream([part(name, content) for name, content in entries])))
    assert wanted <= set(judged(path, made.log.key.public).codes)


def test_a_document_that_is_gone_is_named_as_absent(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "short.zip"
    del made.pieces["s1/documents/d1"]
    path.write_bytes(made.bytes())
    report = judged(path, made.log.key.public).here
    (check,) = [one for one in report.checks if one.code == "segment_unlisted"]
    assert (report.verdict, check.details) == ("open", (f"{WHERE}: missing",))
