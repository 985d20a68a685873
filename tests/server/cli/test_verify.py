"""`yuntiao verify` as somebody at a terminal meets it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

from journal.notes import public_key
from recordings.evidence import base64_of
from server.cli import app
from server.evidence.exports import texts
from server.evidence.verifying import Unusable, public_key as read_key
from tests.recordings.evidence.told import Story


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the program's own consent texts."""
    story = Story()
    told = story.record()
    record = replace(told, texts=texts(told.session))
    file = tmp_path_factory.mktemp("package") / "package.zip"
    file.write_bytes(story.bytes(package=story.package(record)))
    return file


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["verify", *arguments])
    return result.exit_code, result.output


def test_all_holds_with_the_published_key(package: Path) -> None:
    key = Story().log.key
    code, said = run(str(package), "--key", public_key(key.name, key.public))
    assert code == 0
    assert said.count("\nok   ") == 19
    assert said.splitlines()[-2] == "The package holds: nothing in it was altered since it was signed."
    assert said.splitlines()[-1].startswith("No time stamp and no witness vouches for it")


def test_a_key_nobody_gave_leaves_it_open_and_the_code_says_so(package: Path) -> None:
    code, said = run(str(package), "--language", "zh")
    assert code == 3
    assert "open wrong_key: 未给出密钥" in said


def test_what_fails_is_named_and_the_code_is_one(package: Path, tmp_path: Path) -> None:
    bent = tmp_path / "bent.zip"
    bent.write_bytes(package.read_bytes()[:-1])
    code, said = run(str(bent), "--json")
    assert code == 1
    report = json.loads(said)
    assert report["verdict"] == "fails"
    assert [check["code"] for check in report["checks"] if check["status"] == "failed"] == ["zip"]


def test_what_cannot_be_read_is_two(package: Path, tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.zip"))[0] == 2
    assert run(str(package), "--key", "nonsense")[0] == 2


@pytest.mark.parametrize("seed", range(40))
def test_a_key_is_read_in_every_form_it_is_published_in(seed: int, tmp_path: Path) -> None:
    """Base64 may hold the character that stands between the parts."""
    key = Ed25519PrivateKey.from_private_bytes(Random(seed).randbytes(32)).public_key()
    raw = key.public_bytes_raw()
    published = public_key("yuntiao/9217097aece082d9", raw)
    (tmp_path / "key").write_text(published + "\n")
    (tmp_path / "pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    for given in (base64_of(raw), published, str(tmp_path / "key"), str(tmp_path / "pem")):
        assert read_key(given) == raw


def test_a_published_key_with_another_id_is_none() -> None:
    published = public_key("yuntiao/a", bytes(32))
    with pytest.raises(Unusable):
        read_key(published.replace("yuntiao/a", "yuntiao/b"))
