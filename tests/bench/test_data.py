"""The benchmarks that make their own data and need no media really run, at a size that takes a moment.

Some are run by hand a few times a year; what they call changes under them meanwhile. Times are not tested.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.tools.bench import bursts, casebook, complaints, insight, supervision, triage
from tests.tools.bench.words import cases, deidentify, law

Sizes = dict[str, object]
TINY: dict[ModuleType, Sizes] = {
    bursts: {"WEEKS_QUICK": 1, "SMALLER_QUICK": 32, "LAST_PLANT": 5},
    casebook: {"CASES_QUICK": 100, "AGAIN": 1, "PRINTED_QUICK": 3},
    cases: {},
    complaints: {"ROWS_QUICK": 300, "LABELLED_QUICK": 300, "ASKED_QUICK": 3},
    deidentify: {"CASES_QUICK": 5},
    insight: {"FACTS_QUICK": 400, "IMPORT": 200},
    law: {"SEARCHES_QUICK": 10},
    supervision: {"ROWS_QUICK": 300, "WEEK_QUICK": 60, "ASKED_QUICK": 1},
    triage: {"GENERATED_QUICK": 40},
}


LONG = (bursts, deidentify, insight, triage)


@pytest.mark.parametrize(
    "measured",
    [pytest.param(module, marks=[pytest.mark.long] if module in LONG else []) for module in TINY],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_a_benchmark_of_data_runs_and_reports_what_it_promises(
    measured: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for size, value in TINY[measured].items():
        monkeypatch.setattr(measured, size, value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    name = measured.__name__.rpartition(".")[2]
    ended = CliRunner().invoke(app, ["bench", name, "--quick", "--json"])
    assert ended.exit_code in (0, 1), ended.stderr  # 2: it could not be measured
    report = json.loads(ended.stdout)
    assert all(isinstance(value, (int, float)) for value in report["figures"].values())
    assert report["targets"]
    for target in report["targets"].values():
        assert target["figure"] in report["figures"].values()
    assert list(tmp_path.iterdir()) == []  # nothing is left behind
