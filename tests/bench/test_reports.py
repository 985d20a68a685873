"""Every benchmark says what was declared: machine, figures that end in their unit, targets. Times are not tested."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import server
from server.cli import app
from tests.tools.bench import evidence, fanout, forward, join, journal, pages
from tests.tools.bench.media import traffic
from tests.tools.figures import Figures, quantile

UNITS = ("_s", "_ms", "_kb", "_per_s", "_ratio", "_p50", "_p95", "_level")


def check(report: dict[str, Any]) -> None:
    assert json.loads(json.dumps(report)) == report
    assert {"python", "system", "processor", "cores", "load_before", "load_after"} <= report["machine"].keys()
    assert report["figures"]
    assert all(isinstance(value, (int, float)) and value > 0 for value in report["figures"].values())
    assert report["targets"]
    for target in report["targets"].values():
        assert target.keys() == {"figure", "bound", "holds"}
        assert target["figure"] in report["figures"].values()


def test_a_target_holds_on_its_bound_and_not_beyond() -> None:
    figures = Figures()
    figures.values = {"wait_s": 1.0, "rate_per_s": 10.0}
    figures.at_most("wait_s", 1.0)
    figures.at_least("rate_per_s", 10.0)
    assert all(target["holds"] for target in figures.json()["targets"].values())
    figures.at_most("wait_s", 0.99)
    figures.at_least("rate_per_s", 10.1)
    assert not any(target["holds"] for target in figures.json()["targets"].values())


def test_a_quantile_is_a_value_that_was_measured() -> None:
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile(list(range(1, 101)), 0.95) == 95
    assert quantile([7], 0.95) == 7


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal's report in seconds."""
    monkeypatch.setattr(journal, "APPENDS_QUICK", 16)
    monkeypatch.setattr(journal, "LONG", 100)
    monkeypatch.setattr(journal, "PROCESSES", 2)
    monkeypatch.setattr(journal, "TALKING_QUICK", 8)
    monkeypatch.setattr(journal, "RATE", 40.0)
    monkeypatch.setattr(journal, "SECONDS_QUICK", 1.0)
    monkeypatch.setattr(journal, "TURNS_QUICK", 1)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.usefixtures("few")
def test_the_command_prints_the_journals_report_and_its_exit_code_is_the_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = CliRunner().invoke(app, ["bench", "journal", "--quick", "--json"])
    report = json.loads(ended.stdout)
    check(report)
    assert report["machine"]["filesystem"]
    assert report["figures"]["sqlite_synchronous_level"] == 2
    assert report["figures"]["postgres_log_holds_ratio"] == 1.0
    assert all(name.endswith(UNITS) for name in report["figures"])
    assert ended.exit_code == (0 if all(target["holds"] for target in report["targets"].values()) else 1)
    left = {path.name for path in tmp_path.iterdir()} - {".lockfile"}  # of who starts PostgreSQL
    assert left == set()


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.usefixtures("few")
def test_a_target_missed_is_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "FULL", 3)
    assert CliRunner().invoke(app, ["bench", "journal", "--quick"]).exit_code == 1


def test_what_cannot_be_measured_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    ended = CliRunner().invoke(app, ["bench", "journal", "--quick"])
    assert ended.exit_code == 2
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("yuntiao: journal could not be measured")


@pytest.mark.long
@pytest.mark.media
def test_forwards_report_names_every_way_and_counts_only_real_forwarding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "ROOMS", {3: 1})
    monkeypatch.setattr(forward, "FILLED_QUICK", 0.5)
    monkeypatch.setattr(forward, "STARTED", 0.5)
    monkeypatch.setattr(forward, "MEASURED_QUICK", 0.5)
    monkeypatch.setattr(forward, "LEAST_OFFERED", 0.01)
    report = forward.measure(quick=True)
    check(report)
    figures = report["figures"]
    for way in ("relayed", "bare_room3", "objects_room3", "room3"):
        assert figures[f"us_per_forwarded_packet_{way}"] > 0
    for other in ("bare", "objects", "relayed"):
        assert f"to_{other}_ratio_room3_at_most" in report["targets"]
    # 200 packets a second of each person to each other one, as far as this machine keeps up.
    assert 0 < figures["packets_per_s_room3"] <= 3 * 2 * traffic.PACKETS_PER_SECOND * 1.5
    assert figures["to_relayed_ratio_room3"] < 0.5 < figures["to_bare_ratio_room3"]


@pytest.mark.long
@pytest.mark.media
def test_fanouts_report_says_how_many_rooms_and_what_a_seat_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "FIRST", {3: 1})
    monkeypatch.setattr(fanout, "TRIES_QUICK", 4)
    monkeypatch.setattr(fanout, "STEP_QUICK", 1.0)
    monkeypatch.setattr(fanout, "_attempt", lambda size, rooms, quick, folder: room_for(rooms, most=3))
    figures = fanout.measure(quick=True)["figures"]
    assert figures["rooms_of_3"] == 3
    assert figures["limited_by_clients_rooms_of_3"] == 0
    assert figures["forwarded_packets_per_s_rooms_of_3"] == 3 * 6 * traffic.PACKETS_PER_SECOND
    assert figures["core_share_per_room_of_3"] == pytest.approx(0.1)
    assert figures["seat_kb_in_rooms_of_3"] == pytest.approx(2000)
    assert figures["memory_straight_line_r2_rooms_of_3"] == pytest.approx(1)


def test_the_clients_limits_are_not_taken_for_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "FIRST", {3: 4})
    late = dataclasses.replace(room_for(4, most=2), sent=0.5)
    monkeypatch.setattr(fanout, "_attempt", lambda size, rooms, quick, folder: late)
    report = fanout.measure(quick=True)
    assert report["figures"]["rooms_of_3"] == 0
    assert report["figures"]["limited_by_clients_rooms_of_3"] == 1
    assert not report["targets"]["rooms_of_3_at_least"]["holds"]


def test_a_core_that_others_use_is_not_taken_for_a_full_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "FIRST", {3: 4})
    tries: list[int] = []

    def attempt(size: int, rooms: int, quick: bool, folder: Path) -> fanout.Seen:
        tries.append(rooms)
        return dataclasses.replace(room_for(rooms, most=0 if len(tries) < 3 else 4), kept_waiting=0.2)

    monkeypatch.setattr(fanout, "_attempt", attempt)
    figures = fanout.measure(quick=True)["figures"]
    assert figures["rooms_of_3"] == 4
    assert figures["limited_by_the_machine_rooms_of_3"] == 1


@pytest.mark.long
@pytest.mark.media
def test_a_number_of_rooms_is_served_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = fanout._attempt(3, 1, True, tmp_path)
    assert seen.rooms == 1
    assert 0 < seen.cores < 1
    assert 0 < seen.idle_kb < seen.busy_kb
    assert seen.delivered > 0.9


def room_for(rooms: int, most: int) -> fanout.Seen:
    """What a server would show that carries `most` rooms of three."""
    return fanout.Seen(
        rooms, 0.1 * rooms, 0.005 if rooms <= most else 0.5, 1, 1, 1, 0.0, 0.0, 0, 300 * rooms, 6000 * rooms
    )


@pytest.mark.long
@pytest.mark.media
@pytest.mark.native
def test_clients_that_ask_for_all_that_is_missing_get_everything_again_after_a_stall(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fanout, "own_core", lambda: None)
    monkeypatch.setattr(fanout, "STALL_TRIALS", 1)
    monkeypatch.setattr(fanout, "STALL_FIRST", 1)
    monkeypatch.setattr(fanout, "MOST_STALLED", 1)
    monkeypatch.setattr(fanout, "STALL_SPANS", 3)
    figures = fanout.serve_through_a_stall({"size": 3, "folder": str(tmp_path / "c"), "stall": "c"})
    assert figures["rooms"] == 1
    assert figures["forwarded_share_last"] > 0.5


def test_a_straight_line_is_found_and_how_straight_it_is() -> None:
    assert fanout.line([(1, 3), (2, 5), (3, 7)]) == pytest.approx((2, 1))
    slope, straight = fanout.line([(1, 3), (2, 9), (3, 7), (4, 30)])
    assert slope > 0
    assert straight < 0.95
    assert fanout.line([(4, 8)]) == (2, 1)


@pytest.mark.long
@pytest.mark.media
def test_the_pages_report_has_its_shape_and_weighs_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "DESK_REQUESTS", 5)
    monkeypatch.setattr(pages, "SECONDS_QUICK", 0.2)
    report = pages.measure(quick=True)
    check(report)
    figures = report["figures"]
    assert figures["join_pages"] >= 5
    assert figures["invitation_kb"] < figures["join_pages_kb"] < figures["to_the_room_kb"]
    assert 10 < figures["room_kb"] < figures["to_the_room_kb"]
    assert figures["of_it_scripts_kb"] > 10


@pytest.mark.long
@pytest.mark.media
def test_the_joins_report_has_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "JOINS_QUICK", 2)
    monkeypatch.setattr(join, "FILLED", {3: 1})
    report = join.measure(quick=True)
    check(report)
    figures = report["figures"]
    assert figures["joins"] == 2
    for wait in ("tap_to_first_audio_s", "tap_to_first_frame_s", "tap_to_everybody_s", "back_after_drop_s"):
        assert 0 < figures[f"median_{wait}"] <= figures[f"p95_{wait}"] < 20
    assert figures["p95_tap_to_first_frame_s"] <= figures["p95_tap_to_everybody_s"]


def test_an_unknown_benchmark_is_refused() -> None:
    ended = CliRunner().invoke(app, ["bench", "nonsense"])
    assert ended.exit_code == 2
    assert "nonsense" in ended.stderr


def test_a_package_of_minutes_is_put_together_and_every_check_of_it_holds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(evidence, "PIECE_BYTES", 50_000)
    monkeypatch.setattr(evidence, "FILM_BYTES", 500_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = evidence.measure(quick=True)
    assert report["figures"]["checks_not_ok_count"] == 0
    assert report["figures"]["entries_count"] > 100


def test_an_installed_package_says_in_a_sentence_that_measuring_needs_the_source_tree(tmp_path: Path) -> None:
    root = Path(server.__file__).parents[1]
    for each in root.iterdir():
        if (each / "__init__.py").is_file() and each.name != "tests":
            (tmp_path / each.name).symlink_to(each)
    command = [sys.executable, "-c", "from server.cli import app; app(['bench', 'journal', '--quick'])"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.strip().endswith("measuring needs the source tree: run it in a checkout of the repository")
