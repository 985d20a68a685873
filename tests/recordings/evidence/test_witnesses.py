"""Countersignatures in a package: checked by the key that the auditor has, and a wrong one named."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from journal.notes import Signer
from recordings.evidence.package import Witness
from recordings.evidence.verdict import Check
from server.cli import app
from tests.recordings.evidence.log import signer
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import Judged, judged, vkey

WITNESS, OTHER = signer("w1", 5), signer("w1", 6)


def cosigned(text: str, key: Signer, seconds: int = 1_790_000_000) -> str:
    said = key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
    key_id = hashlib.sha256(key.name.encode() + b"\n\x04" + key.public).digest()[:4]
    return f"\u2014 {key.name} {base64.b64encode(key_id + seconds.to_bytes(8, 'big') + said).decode()}"


def package(
    tmp_path: Path, by: Signer | None = WITNESS, key: bytes = b"", story: Story | None = None
) -> tuple[Path, bytes]:
    story, path = story or Story(), tmp_path / "package.zip"
    record = story.record()
    text = record.logged.checkpoint.decode().rpartition("\n\n")[0] + "\n"
    lines = [Witness(by.name, key, cosigned(text, by))] if by else []
    told = replace(record, logged=replace(record.logged, witnesses=lines))
    path.write_bytes(story.bytes(package=story.package(told)))
    return path, story.log.key.public


def both(path: Path, key: bytes, *expected: Signer) -> Judged:
    return judged(path, key, witnesses=[(one.name, one.public) for one in expected])


def check(path: Path, key: bytes, *expected: Signer) -> Check:
    (found,) = [one for one in both(path, key, *expected).here.checks if one.code == "witness"]
    return found


def test_a_witness_whose_key_is_given_holds_where_without_it_it_stays_open(tmp_path: Path) -> None:
    for beside in (b"", WITNESS.public):
        path, key = package(tmp_path, key=beside)
        assert check(path, key).status == "open"
        assert check(path, key, WITNESS).status == "ok"


def test_a_wrong_missing_or_otherwise_named_witness_is_told(tmp_path: Path) -> None:
    path, key = package(tmp_path)
    assert check(path, key, OTHER) == Check("witness", "failed", (WITNESS.name,))
    path, key = package(tmp_path, by=None)
    assert check(path, key, WITNESS) == Check("witness", "failed", (f"{WITNESS.name}: did not sign it",))
    path, key = package(tmp_path, by=OTHER, key=OTHER.public)
    assert check(path, key).status == "open"  # the key beside it is whatever the bureau put there
    assert check(path, key, WITNESS) == Check("witness", "failed", (WITNESS.name,))
    path, key = package(tmp_path, key=OTHER.public)
    assert check(path, key, WITNESS).details == (f"{WITNESS.name}: the package names another key",)


def test_the_command_takes_the_witnesss_key_as_it_publishes_it(tmp_path: Path) -> None:
    path, key = package(tmp_path)
    published = tmp_path / "witness.pub"
    for given, status in ((vkey(WITNESS.name, WITNESS.public), "ok"), (vkey(OTHER.name, OTHER.public), "failed")):
        published.write_text(given + "\n")
        for way in (given, str(published)):
            words = ["verify", str(path), "--key", base64.b64encode(key).decode(), "--witness-key", way, "--json"]
            told = json.loads(CliRunner().invoke(app, words).stdout)
            assert [one["status"] for one in told["checks"] if one["code"] == "witness"] == [status]
    answer = CliRunner().invoke(app, ["verify", str(path), "--witness-key", "nonsense"])
    assert (answer.exit_code, answer.stderr.count("\n")) == (2, 1)


def test_the_page_comes_to_the_same_by_the_same_keys(tmp_path: Path) -> None:
    cases = [(None, b""), (WITNESS, b""), (WITNESS, WITNESS.public), (OTHER, OTHER.public), (WITNESS, OTHER.public)]
    for by, beside in cases:
        path, key = package(tmp_path, by, beside)
        for given in ([], [WITNESS], [OTHER], [WITNESS, signer("w2", 7)]):
            told = both(path, key, *given)
            here, there = told.status("witness")
            assert here == there, (by, beside, given)
            (mine,) = [one.details for one in told.here.checks if one.code == "witness"]
            (theirs,) = [one["details"] for one in told.page["checks"] if one["code"] == "witness"]
            assert len(theirs) >= len(mine), (theirs, mine)
