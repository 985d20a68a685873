"""The log's key in a PKCS#11 device: SoftHSM, a token in software, set up with the commands of docs/evidence.md."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from journal.notes import Signer, public_key
from server.cli import app
from server.evidence import log_keeper
from server.evidence.exports import texts
from server.evidence.log_keeper import CheckpointKeeper, CommandSigner, KnownKeys, key_path
from tests import ROOT
from tests.contracts.signer_contract import SignerContract
from tests.recordings.evidence.log import Log
from tests.recordings.evidence.told import Story
from tests.server.evidence.house import House

pytestmark = pytest.mark.pkcs11

INSTALLATION: Final = "0011223344556677"
SCRIPT: Final = ROOT / "docs" / "operations" / "signer-pkcs11.sh"


def told_to_type() -> str:
    """What docs/evidence.md has an administrator type, from the token to the settings."""
    (block,) = re.findall(
        r"```sh\n(softhsm2-util .*?)```", (ROOT / "docs" / "evidence.md").read_text("utf-8"), re.DOTALL
    )
    return str(block)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token of its own in a folder of its own."""
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    monkeypatch.chdir(tmp_path)
    typed = told_to_type().replace("<installation>", INSTALLATION).replace("/etc/yuntiao/", f"{tmp_path}/")
    typed = typed.replace("docs/operations/signer-pkcs11.sh", str(SCRIPT))
    done = subprocess.run(["sh", "-euc", f"{typed}\nenv"], capture_output=True, text=True, check=True)
    for name, value in re.findall(r"^(YUNTIAO_SIGNER_\w+)=(.*)$", done.stdout, re.MULTILINE):
        monkeypatch.setenv(name, value)
    return log_keeper.SignerSettings().signer_command


class TestADevice(SignerContract):
    LONG = 4  # times 256 bytes: as much as pkcs11-tool gives to a device at once

    @pytest.fixture
    def signer(self, command: str, tmp_path: Path) -> Signer:
        return log_keeper.configured_signer(tmp_path)


async def test_a_checkpoint_that_the_device_signed_holds_and_no_key_lies_in_the_folder(
    house: House, command: str
) -> None:
    keeper = CheckpointKeeper(
        house.store, KnownKeys(house.journal, house.now), lambda: log_keeper.configured_signer(house.data), house.data,
        timedelta(minutes=10), house.now,
    )  # fmt: skip
    await house.note("session/a")
    made = await keeper.make()
    assert made is not None
    assert f"yuntiao/{INSTALLATION}" in made.note
    assert not key_path(house.data).exists()
    report = await house.check()
    assert report.holds, report.findings


def test_a_package_that_the_device_signed_holds_by_its_key_and_by_no_other(command: str, tmp_path: Path) -> None:
    device, log, package = CommandSigner(command), Log(INSTALLATION), tmp_path / "package.zip"
    other, log.key = log.key, device
    story = Story(log=log)
    record = story.record()
    package.write_bytes(story.bytes(package=story.package(replace(record, texts=texts(record.session)))))
    for key, code in ((device.public, 0), (other.public, 1)):
        told = CliRunner().invoke(app, ["verify", str(package), "--key", public_key(device.name, key)])
        assert told.exit_code == code, told.output


def test_a_wrong_pin_and_a_device_pulled_out_are_told_in_a_sentence(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = CommandSigner(command)
    (tmp_path / "pin").write_text("not it")
    with pytest.raises(ValueError, match=r"the device did not sign: .*(CKR_PIN_INCORRECT|Aborting)"):
        signer.sign(b"message")
    monkeypatch.setenv("YUNTIAO_SIGNER_TOKEN", "another")
    with pytest.raises(ValueError, match="the device did not name its key"):
        CommandSigner(command)


def test_more_than_the_tool_hands_over_at_once_is_refused_in_a_sentence(command: str) -> None:
    with pytest.raises(ValueError, match="at most 1024 bytes"):
        CommandSigner(command).sign(bytes(1025))
