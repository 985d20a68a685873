"""`yuntiao offices`: a bureau is put together from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from server.cli import app

RUN = CliRunner()


def run(data: Path, *words: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["offices", *words, "--data", str(data)])
    return result.exit_code, result.output


def test_offices_are_added_and_made_to_dispatch(tmp_path: Path) -> None:
    new = (
        "add",
        "intake",
        "--name",
        "投诉举报中心",
        "--short",
        "中心",
        "--phone",
        "027-00001200",
        "--prefix",
        "东高投",
    )
    code, said = run(tmp_path, *new, "--administrator", "admin-zx")
    assert code == 0
    assert "admin-zx signs in with" in said
    assert run(tmp_path, *new, "--administrator", "admin-zx")[0] == 1  # the sign-in name is taken
    assert run(tmp_path, "intake", "intake")[0] == 0
    assert run(tmp_path, "intake", "nowhere")[0] == 1
    (office,) = json.loads(run(tmp_path, "list", "--json")[1])
    assert (office["id"], office["intake"]) == ("intake", True)
    assert run(tmp_path, "oversee", "nobody", "intake")[0] == 1
