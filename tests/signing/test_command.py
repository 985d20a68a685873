"""`yuntiao seal`: an office's seal is made, shown, given to readers and tried, or it is said why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def yuntiao(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from server.cli import app; app()", *arguments, "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seals")
    made = yuntiao(
        "offices", "add", "yi", "--name", "东湖高新区市场监管一所", "--short", "一所", "--phone", "027-00000001",
        "--prefix", "东高一投", "--administrator", "adm", data=folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


def test_a_seal_is_made_with_honest_words_shown_given_out_and_tried(data: Path, tmp_path: Path) -> None:
    without = yuntiao("seal", "show", "--office", "yi", data=data)
    assert (without.returncode, "no seal yet" in without.stderr) == (1, True)
    made = yuntiao("seal", "create", "--office", "yi", data=data)
    assert made.returncode == 0, made.stderr
    assert "not issued by a licensed provider" in made.stdout
    shown = json.loads(yuntiao("seal", "show", "--office", "yi", "--json", data=data).stdout)
    assert (shown["office"], shown["number"], shown["self_made"]) == ("yi", 1, True)
    given = yuntiao("seal", "certificate", "--office", "yi", "--out", str(tmp_path / "ca.pem"), data=data)
    assert "2 certificates" in given.stdout
    tried = yuntiao("seal", "try", "--office", "yi", "--out", str(tmp_path / "x.pdf"), "--json", data=data)
    assert json.loads(tried.stdout)["level"] == "B-B"
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_keys_may_lie_outside_the_data_folder(data: Path, tmp_path: Path) -> None:
    elsewhere = {"YUNTIAO_SEAL_KEYS": str(tmp_path / "elsewhere")}
    assert yuntiao("seal", "create", "--office", "yi", data=data, **elsewhere).returncode == 0
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
        assert answer.returncode == 1
        assert answer.stderr.startswith("yuntiao: ")
        assert answer.stderr.count("\n") == 1
