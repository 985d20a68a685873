"""The pages of a package told again by whoever checks it: those in the package are only its maker's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recordings.evidence import Absent, lines
from recordings.evidence.package import packed, put_together
from server.app import PACKAGE_PAGES
from server.cli import app
from server.evidence.exports import texts
from server.evidence.verifying import CannotTell, write_retold
from tests.recordings.evidence.log import Log
from tests.recordings.evidence.papers import story
from tests.recordings.evidence.target import opened, resigned, zipped
from tests.recordings.evidence.test_editions import newer
from tests.recordings.evidence.told import export_by, heard
from web.evidence import record as pages_of

ZONE = "Asia/Shanghai"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """With the pages and texts that the program makes, and a piece the bureau no longer has."""
    log = Log()
    told = story("s1", "k1", log, 2)
    del told.pieces["s1/c/2026-0-camera.webm"]
    record = heard(told, ("c", 3.0, "我要退款"))
    record = replace(record, session=lines.withheld(record.session))
    record = replace(record, texts=texts(record.session))

    def pages(absent: Sequence[Absent]) -> Mapping[str, bytes]:
        return pages_of(record, absent, ZONE, b"<!doctype html>verifier")

    path = tmp_path / "package.zip"
    made = put_together(record, pages, log.key, told.opened)
    path.write_bytes(b"".join(packed(made, export_by("赵监督"), log.key, told.opened)))
    return path


def test_pages_told_again_from_the_journals_are_those_in_the_package(package: Path, tmp_path: Path) -> None:
    again = write_retold(package, ZONE, tmp_path / "again", PACKAGE_PAGES)
    assert again == {"index.en.html": True, "index.html": True, "index.zh.html": True}
    page = (tmp_path / "again" / "index.zh.html").read_bytes()
    assert page == opened(package.read_bytes())["index.zh.html"]
    assert "我要退款".encode() in page


def test_a_page_that_the_signer_rewrote_is_not_what_is_told_again(package: Path, tmp_path: Path) -> None:
    entries = opened(package.read_bytes())
    lie = "<!doctype html>消费者撤回了投诉".encode()
    package.write_bytes(zipped(resigned({**entries, "index.zh.html": lie}, Log().key)))
    answer = CliRunner().invoke(app, ["verify", str(package), "--pages", str(tmp_path / "again")])
    assert answer.exit_code == 3
    said = answer.stdout.splitlines()
    assert said[-2] == "index.html: as in the package."
    assert said[-1].startswith("index.zh.html: otherwise than in the package")
    assert (tmp_path / "again" / "index.zh.html").read_bytes() == entries["index.zh.html"]


def test_of_a_package_that_does_not_hold_no_page_is_told(package: Path, tmp_path: Path) -> None:
    package.write_bytes(package.read_bytes()[:-1])
    answer = CliRunner().invoke(app, ["verify", str(package), "--pages", str(tmp_path / "again")])
    assert (answer.exit_code, answer.stdout.splitlines()[-1]) == (
        1,
        "No page was told again: the package does not hold.",
    )
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("zone", ["Nowhere/None", "../etc", "/etc/hostname", ""])
def test_a_time_zone_that_is_none_is_said_in_a_sentence(package: Path, tmp_path: Path, zone: str) -> None:
    answer = CliRunner().invoke(app, ["verify", str(package), "--pages", str(tmp_path / "again"), "--zone", zone])
    assert answer.exit_code == 2
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "again").exists()


def test_an_entry_of_a_newer_program_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="cannot read"):
        write_retold(newer(tmp_path), ZONE, tmp_path / "again", PACKAGE_PAGES)
    assert not (tmp_path / "again").exists()
