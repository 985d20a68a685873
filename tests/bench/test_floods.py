"""The short forms of `bench flood`, `bench soak` and `bench fuzz`: what must hold on any machine holds."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.tools.bench import flood, soak
from tests.tools.bench.soak import rise


@pytest.mark.long
@pytest.mark.media
def test_a_flood_of_each_kind_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "ROOMS", 2)
    monkeypatch.setattr(flood, "COUNT_QUICK", 2000)
    monkeypatch.setattr(flood, "FULL", 100)
    monkeypatch.setattr(flood, "BEFORE", 1.5)
    report = flood.measure(quick=True)
    figures = report["figures"]
    assert figures["counted_of_each_kind_count"] >= 2000
    assert figures["state_changes_count"] == 0
    assert figures["guests_cut_off_count"] == 0
    assert figures["loop_lag_ms_p99"] > 0
    assert {f"us_per_datagram_{kind}" for kind in flood.COUNTED} < figures.keys()
    assert report["targets"].keys() > {"loop_lag_ms_p99_at_most", "worker_growth_mib_at_most"}


@pytest.mark.long
@pytest.mark.media
def test_rooms_that_open_and_close_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "LIVE", 2)
    monkeypatch.setattr(soak, "LIFE", 0.3)
    report = soak.measure(quick=True, minutes=0.1)
    figures = report["figures"]
    assert figures["rooms_count"] >= 3
    assert figures["segments_count"] >= 3 * figures["rooms_count"]
    for name in ("descriptors", *soak.COUNTS):
        assert figures[f"leaked_{name}_count"] == 0, name
    assert "mib_per_h_and_live_room" in figures
    assert "mib_per_h_and_live_room_at_most" not in report["targets"], "seconds say nothing about hours"


def test_a_slope_is_that_of_the_best_line() -> None:
    assert rise([(0, 5.0), (1, 7.0), (2, 9.0)]) == (2.0, 2)
    assert rise([(0, 1.0), (1, 0.0), (2, 0.0), (3, 1.0)]) == (0.0, 3)
    assert rise([(7, 1.0)]) == (0.0, 0.0)


def test_an_option_that_is_not_the_benchmarks_is_refused() -> None:
    ended = CliRunner().invoke(app, ["bench", "flood", "--minutes", "3"])
    assert ended.exit_code == 2
    assert "flood has no --minutes" in ended.stderr


def test_so_many_inputs_are_damaged_and_none_does_harm() -> None:
    ended = CliRunner().invoke(app, ["bench", "fuzz", "--inputs", "1000", "--json"])
    report = json.loads(ended.stdout)
    assert report["figures"]["descriptions_count"] == 1000
    assert report["figures"]["packets_count"] == 10_000
    assert report["targets"]["findings_count_at_most"]["holds"]
    assert ended.exit_code == (0 if all(target["holds"] for target in report["targets"].values()) else 1)
