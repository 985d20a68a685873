"""Signers of the log: a key in a file, and a program that has the key. What is wrong with one is a sentence."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from journal.notes import Signer
from server.evidence import log_keeper
from server.evidence.log_keeper import CheckpointKeeper, CommandSigner, KnownKeys, key_path, key_text
from tests import ROOT
from tests.contracts.signer_contract import SignerContract
from tests.server.evidence.house import House

NAME = "yuntiao/0011223344556677"
SCRIPT = ROOT / "docs" / "operations" / "signer.sh"


class TestAFile(SignerContract):
    @pytest.fixture
    def signer(self, tmp_path: Path) -> Signer:
        key_path(tmp_path).parent.mkdir()
        key_path(tmp_path).write_text(key_text(NAME, bytes(range(32))))
        key_path(tmp_path).chmod(0o600)
        return log_keeper.configured_existing_signer(tmp_path)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The example of the documentation, with a key of openssl's."""
    key = tmp_path / "device.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True, capture_output=True)
    monkeypatch.setenv("YUNTIAO_SIGNER_KEY", str(key))
    monkeypatch.setenv("YUNTIAO_SIGNER_NAME", NAME)
    return f"sh '{SCRIPT}'"


@pytest.mark.openssl
class TestACommand(SignerContract):
    @pytest.fixture
    def signer(self, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signer:
        monkeypatch.setenv("YUNTIAO_SIGNER_COMMAND", command)
        return log_keeper.configured_signer(tmp_path)


@pytest.mark.openssl
async def test_the_log_is_signed_by_the_command_and_no_key_is_made_here(
    house: House, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUNTIAO_SIGNER_COMMAND", command)
    keys = KnownKeys(house.journal, house.now)
    keeper = CheckpointKeeper(
        house.store,
        keys,
        lambda: log_keeper.configured_signer(house.data),
        house.data,
        timedelta(minutes=10),
        house.now,
    )
    await house.note("session/a")
    made = await keeper.make()
    assert made is not None
    assert NAME in made.note
    assert not key_path(house.data).exists()
    report = await house.check()
    assert report.holds, report.findings


async def test_servers_that_start_together_adopt_the_first_key_once(house: House) -> None:
    signer, keys = log_keeper.configured_signer(house.data), KnownKeys(house.journal, house.now)
    await asyncio.gather(*(keys.expect(signer) for _ in range(4)))
    assert [event.type for event in await house.journal.read(log_keeper.STREAM)] == [log_keeper.ADOPTED]


def saying(tmp_path: Path, body: str) -> str:
    """A command that is a program of these lines."""
    script = tmp_path / "signer.py"
    script.write_text(f"import sys\nasked = sys.stdin.readline().split()\n{body}\n")
    return f"'{sys.executable}' '{script}'"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("print('error the device is locked')", "the device is locked"),
        ("print('key nonsense')", "names no public key"),
        ("print('one'); print('two')", "did not answer 'key' with one line of 'key'"),
        ("sys.exit(3)", r"\(exit 3\)"),
        ("print('x' * 100_000)", "did not answer 'key'"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe')", "cannot be asked"),
        ("import time; time.sleep(60)", "did not answer within"),
    ],
)
def test_a_command_that_does_not_keep_to_the_protocol_is_told_in_a_sentence(
    tmp_path: Path, body: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        CommandSigner(saying(tmp_path, body), seconds=2 if "sleep" in body else 15)


@pytest.mark.openssl
def test_a_signature_by_another_key_than_it_names_is_not_taken(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = CommandSigner(command)
    other = tmp_path / "other.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(other)], check=True, capture_output=True)
    monkeypatch.setenv("YUNTIAO_SIGNER_KEY", str(other))
    with pytest.raises(ValueError, match="does not hold by the key it names"):
        signer.sign(b"message")


def test_a_command_that_is_not_there_or_not_one_is_told(tmp_path: Path) -> None:
    for command, why in (("/nowhere/signer", "cannot be asked"), ("'", "cannot be read"), (" ", "names no program")):
        with pytest.raises(ValueError, match=why):
            CommandSigner(command)
