"""Signed texts, handwriting and files of the complaint in a package: as they were, each accounted for, and checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recordings import evidence
from recordings.evidence.authenticity import authenticity
from tests.recordings.evidence.papers import AGREEMENT, HANDS, PAPER, PHOTO, REMOVED, TEXT, VOIDED, sha, story
from tests.recordings.evidence.target import opened, resigned, zipped
from tests.recordings.evidence.told import Story, export_by
from tests.recordings.evidence.verifiers import judged
from web.evidence import record

THERE = {
    "signed/d1.json": TEXT,
    "handwriting/hand2.json": HANDS["c"],
    "handwriting/hand3.json": HANDS["b"],
    "attachments/a1.jpeg": PHOTO,
    "attachments/a2.pdf": PAPER,
    "attachments/a4.jpeg": PHOTO,
}
ZONE = "Asia/Shanghai"


def test_both_verifiers_hold_a_package_with_what_was_signed_and_what_was_attached(tmp_path: Path) -> None:
    made, path = story(), tmp_path / "package.zip"
    path.write_bytes(made.bytes())
    both = judged(path, made.log.key.public)
    assert (both.verdict, both.page["verdict"]) == ("holds", "holds"), both.here.amiss


def test_it_holds_what_was_in_force_and_nothing_that_was_voided_withdrawn_or_removed() -> None:
    package = story().bytes()
    entries = opened(package)
    found = {
        name: content
        for name, content in entries.items()
        if name.split("/")[0] in {"signed", "handwriting", "attachments"}
    }
    assert found == THERE
    assert entries["documents/d1.pdf"] == AGREEMENT
    assert VOIDED not in package
    assert REMOVED not in package


def test_every_file_has_a_row_that_says_whose_it_is_and_when_it_came() -> None:
    entries = opened(story().bytes())
    signatures = json.loads(entries["sheets/signatures.json"])
    (document,) = signatures["documents"]
    assert document["text"] == {"file": "signed/d1.json", "sha256": sha(TEXT)}
    assert [(hand["seat"], hand["how"], hand["file"]) for hand in document["hands"]] == [
        ("c", "drawn", "handwriting/hand2.json"), ("b", "drawn", "handwriting/hand3.json"), ("m", "typed", ""),
    ]  # fmt: skip
    assert document["hands"][0]["confirmed"]["how"] == "code"
    files = json.loads(entries["sheets/attachments.json"])["attachments"]
    assert [(one["by"], one["file"]) for one in files] == [
        ("consumer", "attachments/a1.jpeg"), ("", "attachments/a2.pdf"), ("", ""), ("business", "attachments/a4.jpeg")
    ]  # fmt: skip
    assert files[2]["removed"]["reason"] == "传错了"
    sheet = json.loads(entries["sheets/authenticity.json"])
    rows = {row["path"]: row for row in sheet["items"]}
    assert sheet["edition"] == 6
    assert {rows[path]["kind"] for path in THERE} == {"signed", "handwriting", "attachment"} <= sheet["kinds"].keys()
    assert (rows["handwriting/hand3.json"]["seat"], rows["attachments/a1.jpeg"]["by"]) == ("b", "consumer")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("消费者提交", "签名笔迹", "已删除：传错了")),
        ("en", ("Attached by the consumer", "Handwriting of", "removed: 传错了")),
    ],
)
def test_the_page_to_read_has_a_line_and_a_link_for_each(language: str, words: tuple[str, ...]) -> None:
    page = record(story().record(), (), ZONE, None)[f"index.{language}.html"].decode()
    assert all(f'<a href="{path}">' in page for path in [*THERE, "documents/d1.pdf"])
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize("path", THERE)
@pytest.mark.parametrize("change", ["flip", "drop", "swap"])
def test_a_changed_dropped_or_exchanged_file_is_found_even_when_the_bureau_signs_it_anew(
    tmp_path: Path, change: str, path: str
) -> None:
    made, file = story(), tmp_path / "package.zip"
    entries = opened(made.bytes())
    if change == "drop":
        del entries[path]
    else:
        entries[path] = bytes([entries[path][0] ^ 1]) + entries[path][1:] if change == "flip" else b"another"
    file.write_bytes(zipped(resigned(entries, made.log.key)))
    codes = set(judged(file, made.log.key.public).codes)
    assert ("segment_unlisted" if change == "drop" else "segment_hash") in codes


@pytest.mark.parametrize("path", ["signed/d9.json", "handwriting/hand1.json", "attachments/a3.pdf"])
def test_a_file_that_the_journal_does_not_name_is_found_by_both(tmp_path: Path, path: str) -> None:
    made, file = story(), tmp_path / "package.zip"
    file.write_bytes(zipped(resigned({**opened(made.bytes()), path: b"?"}, made.log.key)))
    assert "segment_unlisted" in judged(file, made.log.key.public).codes


def test_a_file_that_is_gone_is_named_with_its_cause_also_where_its_size_was_never_written_down(tmp_path: Path) -> None:
    made, file = story(), tmp_path / "short.zip"
    del made.pieces["k1/a4.original"], made.pieces["s1/hands/hand2"]
    file.write_bytes(made.bytes())
    report = judged(file, made.log.key.public).here
    (check,) = [one for one in report.checks if one.code == "segment_unlisted"]
    assert report.verdict == "open"
    assert check.details == ("attachments/a4.jpeg: missing", "handwriting/hand2.json: missing")


def test_two_exports_differ_only_in_who_took_them_and_when() -> None:
    made = story()
    first, second = (
        opened(made.bytes(export_by(*by))) for by in (("赵监督",), ("周敏", "2027-01-01T00:00:00.000000Z"))
    )
    assert {name for name in first if first[name] != second[name]} == {"export.html", "export.json", "export.note"}


def test_somebody_who_took_a_file_in_between_does_not_make_it_another_export() -> None:
    made = story()
    before = opened(made.bytes())[evidence.COMPLAINT]
    made.complain("AttachmentTaken", {"attachment": "a1", "original": False})
    assert opened(made.bytes())[evidence.COMPLAINT] == before


def test_a_package_of_the_first_form_still_opens_and_says_what_it_could_not_hold(tmp_path: Path) -> None:
    """An insider who calls a package older than it is to leave files out does not get it to hold."""
    made, plain, files = story(), Story(), []
    for name, one in (("files", made), ("plain", plain)):
        entries = {path: content for path, content in opened(one.bytes()).items() if path not in THERE}
        for sheet in ("signatures", "attachments"):
            entries.pop(f"sheets/{sheet}.json", None)
        told = one.record().decoded
        paths = [path for path in entries if path not in (*evidence.BEFORE, *evidence.AFTER)]
        if name == "files":
            entries["sheets/authenticity.json"] = evidence.canonical(authenticity(told, paths, 1))
        file = tmp_path / f"{name}.zip"
        file.write_bytes(zipped(resigned(entries, one.log.key, format=evidence.FIRST)))
        files.append((file, one.log.key.public))
    both = [judged(*file) for file in files]
    reports = [one.here for one in both]
    assert [(report.verdict, report.format) for report in reports] == [
        ("open", evidence.FIRST),
        ("holds", evidence.FIRST),
    ]
    (check,) = [one for one in reports[0].checks if one.status == "open"]
    assert (check.code, len(check.details)) == ("segment_unlisted", len(THERE))
    assert [one.page["verdict"] for one in both] == ["open", "holds"]
