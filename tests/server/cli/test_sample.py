import csv
import json
from pathlib import Path

from typer.testing import CliRunner

from server.cli import app
from server.cli.imports import COLUMNS


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["sample", "complaints", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_rows_with_a_bureaus_headings_and_their_labels(tmp_path: Path) -> None:
    run("50", "--out", str(tmp_path / "c.csv"), "--labels", str(tmp_path / "l.csv"))
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "l.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    assert len(rows) == len(labels) == 50
    assert tuple(rows[0]) == COLUMNS
    assert [row["登记编号"] for row in rows] == [label["number"] for label in labels]


def test_the_same_as_json_a_line_each() -> None:
    lines = run("3", "--format", "json", "--seed", "5").splitlines()
    assert [set(json.loads(line)) for line in lines] == [set(COLUMNS)] * 3
    assert run("3", "--format", "json", "--seed", "5").splitlines() == lines
