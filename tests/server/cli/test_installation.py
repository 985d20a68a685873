"""Commands that only look say where there is nothing to look at, in one sentence, and make nothing there."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app

LOOKING = (
    ["offices", "list"],
    ["offices", "intake", "zx"],
    ["offices", "oversee", "lin", "zx"],
    ["offices", "place", "lin", "zx"],
    ["stats"],
    ["focus"],
    ["log", "check"],
    ["archive", "status"],
    ["seal", "show", "--office", "zx"],
    ["seal", "certificate", "--office", "zx", "--out", "seal.pem"],
    ["notice", "preview", "refusal", "--complaint", "1", "--out", "a.pdf"],
    ["casebook", "search", "退款"],
    ["import", "--resume"],
)


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
@pytest.mark.parametrize("empty", [True, False], ids=["an empty folder", "no folder"])
def test_where_there_is_no_installation_a_command_says_so_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], empty: bool
) -> None:
    data = tmp_path / "elsewhere"
    if empty:
        data.mkdir()
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(app, [*words, "--data", str(data)])
    assert answer.exit_code in (1, 2), answer.output
    assert answer.stderr.startswith(f"yuntiao: there is no installation in {data}, and none was made: ")
    assert answer.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == ([data] if empty else [])


def test_the_law_is_searched_in_an_empty_folder_and_nothing_is_made(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["law", "search", "退货", "--data", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert list(tmp_path.iterdir()) == []
