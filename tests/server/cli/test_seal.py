"""`yuntiao seal`: an office's seal is made, shown, given to readers and tried, or it is said why not."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app


def yuntiao(*arguments: str, data: Path, after: Sequence[str] = (), **environment: str) -> Result:
    """The command in this process: starting one takes longer than all it does. `after`: what follows a `--`."""
    words = [*arguments, "--data", str(data), *(["--", *after] if after else [])]
    return CliRunner().invoke(app, words, env=environment)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seals")
    made = yuntiao(
        "offices", "add", "yi", "--name", "东湖高新区市场监管一所", "--short", "一所", "--phone", "027-00000001",
        "--prefix", "东高一投", "--administrator", "adm", data=folder,
    )  # fmt: skip
    assert made.exit_code == 0, made.stderr
    return folder


def test_a_seal_is_made_with_honest_words_shown_given_out_and_tried(data: Path, tmp_path: Path) -> None:
    without = yuntiao("seal", "show", "--office", "yi", data=data)
    assert (without.exit_code, "no seal yet" in without.stderr) == (1, True)
    made = yuntiao("seal", "create", "--office", "yi", data=data)
    assert made.exit_code == 0, made.stderr
    assert "No licensed provider" in made.stdout
    shown = json.loads(yuntiao("seal", "show", "--office", "yi", "--json", data=data).stdout)
    assert (shown["office"], shown["number"], shown["assurance"]) == ("yi", 1, "own")
    given = yuntiao("seal", "certificate", "--office", "yi", "--out", str(tmp_path / "ca.pem"), data=data)
    assert "2 certificates" in given.stdout
    tried = yuntiao("seal", "try", "--office", "yi", "--out", str(tmp_path / "x.pdf"), "--json", data=data)
    assert json.loads(tried.stdout)["level"] == "B-B"
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_an_sm2_seal_and_a_platform_are_chosen_and_shown(data: Path, tmp_path: Path) -> None:
    made = yuntiao("seal", "create", "--office", "yi", "--algorithm", "sm2", "--replace", data=data)
    assert "SM2" in made.stdout, made.stderr
    program = [sys.executable, "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read() + b'%')"]
    chosen = yuntiao("seal", "platform", "--office", "yi", "--name", "某某省统一电子印章平台", data=data, after=program)
    assert chosen.exit_code == 0, chosen.stderr
    assert "某某省统一电子印章平台" in yuntiao("seal", "show", "--office", "yi", data=data).stdout
    tried = yuntiao("seal", "try", "--office", "yi", "--out", str(tmp_path / "x.pdf"), data=data)
    assert "sealed by 某某省统一电子印章平台" in tried.stdout, tried.stderr
    assert yuntiao("seal", "platform", "--office", "yi", "--remove", data=data).exit_code == 0
    assert "SM2" in yuntiao("seal", "show", "--office", "yi", data=data).stdout


def test_keys_may_lie_outside_the_data_folder(data: Path, tmp_path: Path) -> None:
    elsewhere = {"YUNTIAO_SEAL_KEYS": str(tmp_path / "elsewhere")}
    assert yuntiao("seal", "create", "--office", "yi", data=data, **elsewhere).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "elsewhere").rglob("*.key")) == ["0001.key", "authority.key"]


def test_what_cannot_be_done_is_said_in_one_line(data: Path, tmp_path: Path) -> None:
    (tmp_path / "none.p12").write_bytes(b"nothing")
    (tmp_path / "word").write_text("word")
    (tmp_path / "word").chmod(0o600)
    wrong = yuntiao(
        "seal", "import", str(tmp_path / "none.p12"), "--office", "yi", "--password-file", str(tmp_path / "word"),
        "--replace", data=data,
    )  # fmt: skip
    unknown = yuntiao("seal", "show", "--office", "nowhere", data=data)
    for answer in (wrong, unknown):
        assert answer.exit_code == 1
        assert answer.stderr.startswith("yuntiao: ")
        assert answer.stderr.count("\n") == 1
