"""What runs when the suite is asked for: pure tests, long ones by turns, any order, nothing left out unsaid."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import ROOT, machine
from tests.suite import pure
from tests.suite.schedule import WORKERS, chosen, heavy, takes_heavy
from tests.suite.selection import LONG_SECONDS, SECONDS, SHARES, WALKS, resting, share_of, varied, walks_of

LONG = "tests/bench/test_attack.py"
HEAVIES = [
    "tests/bench/test_reports.py::test_a_quantile_is_a_value_that_was_measured",
    "tests/bench/test_floods.py::test_a_slope_is_that_of_the_best_line",
    "tests/recordings/test_disk_trouble.py::test_names_that_are_no_folder_are_refused",
    "tests/media/test_conversation.py::test_an_answer_to_nothing_and_a_stranger_are_refused",
    "tests/media/sfu/connections/test_addresses.py::test_every_address_has_the_same_port",
]
"""A moment each, in files that also hold tests with media."""


def write(folder: Path) -> None:
    (folder / "x").write_text("x")


def start(_: Path) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def connect(_: Path) -> None:
    with socket.socket() as one:
        one.connect(("127.0.0.1", 9))


def listen(_: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))


def keep(_: Path) -> None:
    sqlite3.connect(":memory:").close()


@pytest.mark.parametrize("act", [write, start, connect, listen, keep])
def test_a_pure_test_that_reaches_outside_fails(tmp_path: Path, act: Callable[[Path], None]) -> None:
    with pure.watched(), pytest.raises(PermissionError, match="a pure test does not do this"):
        act(tmp_path)


def test_a_pure_test_may_read_what_belongs_to_the_program_and_run_a_loop() -> None:
    async def nothing() -> None: ...

    with pure.watched():
        assert (ROOT / "pyproject.toml").read_text()
        asyncio.run(nothing())


def test_pure_is_what_the_lint_contract_keeps_free_of_frameworks() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [core] = [one["source_modules"] for one in contracts if one["name"] == "The core knows no framework"]
    assert set(pure.FOLDERS) == set(core)


def test_every_long_file_has_its_day_and_only_one_in_so_many() -> None:
    files = [f"tests/test_{n}.py" for n in range(21)]
    for first in (0, 738_000):
        days = [share_of(files, first + day) for day in range(SHARES)]
        assert sorted(file for day in days for file in day) == sorted(files)


def test_every_day_has_about_as_much_work() -> None:
    days = [sum(LONG_SECONDS[file] for file in share_of(LONG_SECONDS, day)) for day in range(SHARES)]
    assert max(days) - min(days) <= min(LONG_SECONDS.values())


def test_what_long_tests_take_is_said_of_every_file_that_has_some() -> None:
    marked = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if "mark.long" in path.read_text("utf-8")
    }
    assert set(LONG_SECONDS) == marked


def test_every_walk_has_its_day_and_every_day_about_as_much_work() -> None:
    days = [walks_of(738_000 + day) for day in range(SHARES)]
    assert sorted(file for day in days for file in day) == sorted(WALKS)
    work = [sum(WALKS[file] for file in day) for day in days]
    assert max(work) - min(work) <= min(WALKS.values())
    assert [file for file in WALKS if not (ROOT / file).exists()] == []


@dataclass(eq=False)
class Case:
    nodeid: str
    callspec: SimpleNamespace
    get_closest_marker: Callable[[str], object]


def case(test: str, **given: object) -> Any:
    marks = {"long": test.endswith("long")}
    return Case(f"tests/test_x.py::{test}[{given}]", SimpleNamespace(params=given), marks.get)


def test_of_a_tests_variations_one_runs_a_day_and_each_in_its_turn() -> None:
    pages = [case("test_page", width=width, language=language) for width in (390, 1280) for language in ("zh", "en")]
    rows = [case("test_rows", database_url=engine) for engine in ("sqlite", "postgres")]
    chance = [case("test_chance", seed=seed) for seed in (1, 2)]
    every = [*pages, *rows, *chance]
    days = [[one for one in every if one not in varied(every, day)] for day in (0, 1)]
    assert [one for one in every if one not in days[0] and one not in days[1]] == []
    for day in days:
        assert [one for one in day if one in chance] == chance
        assert len({one.callspec.params["language"] for one in day if one in pages}) == 1
        assert sorted(one.callspec.params["width"] for one in day if one in pages) == [390, 1280]
        assert sum(one in rows for one in day) == 1
    assert varied(rows[:1], 0) == varied(rows[:1], 1) == [], "what cannot run here takes no turn"


def test_a_long_tests_variations_take_turns_on_the_days_that_are_its_own() -> None:
    long = [case("test_long", language=language) for language in ("zh", "en")]
    days = [[one for one in long if one not in resting(long, day)] for day in range(2 * SHARES)]
    own = [day for day in days if day]
    assert [len(day) for day in own] == [1, 1]
    assert own[0] != own[1]


def test_a_file_is_heavy_when_a_test_in_it_has_a_browser_or_media() -> None:
    assert heavy("tests/browser/room/test_room.py")
    assert heavy(LONG)
    assert not heavy("tests/rooms/test_machine.py")


def test_the_longest_file_comes_first_heavy_ones_for_one_worker_and_light_ones_for_the_rest() -> None:
    room, story, bombs, short = (
        f"tests/{name}.py"
        for name in (
            "browser/room/test_ease",
            "browser/test_story",
            "server/confinement/test_bombs",
            "rooms/test_machine",
        )
    )
    assert chosen([short, room, bombs, story], heavies=True) == story
    assert chosen([short, room, bombs, story], heavies=False) == bombs
    assert chosen([room, story], heavies=False) == story
    assert chosen([short, bombs], heavies=True) == bombs
    assert [worker for worker in ("gw0", "gw1", "gw2") if takes_heavy(worker)] == ["gw0"]
    assert [file for file in SECONDS if not (ROOT / file).exists()] == []


@pytest.fixture(scope="module")
def said() -> str:
    """What pytest says of one long test and several heavy ones, with as many workers as the whole suite has."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", "-n", str(WORKERS), "--dist", "loadfile"]
    chosen = ["--share", "1", LONG, *HEAVIES]  # of one long file, day 0 is its day
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run([*command, *chosen], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return ran.stdout


WHERE = """
import os, tempfile, pytest
class Asked:
    def pytest_sessionfinish(self):
        self.lies = tempfile.gettempdir()
asked = Asked()
pytest.main(["-q", "--collect-only", "tests/law/test_notices.py"], plugins=[asked])
print(asked.lies, os.path.exists(asked.lies))
"""


def where(**environment: str) -> list[str]:
    """Where a run of its own kept its files, and whether that place is still there."""
    inherited = {name: value for name, value in os.environ.items() if name != "TMPDIR" and "PYTEST" not in name}
    told = subprocess.run(
        [sys.executable, "-c", WHERE],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()[-1].split()


@pytest.mark.long
def test_a_runs_files_lie_in_memory_where_there_is_room_and_go_with_it(tmp_path: Path) -> None:
    assert where(TMPDIR=str(tmp_path)) == [str(tmp_path), "True"], "whoever names a place has it"
    if (memory := machine.memory()) is not None:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        left = memory / f"yuntiao-{dead.pid}-killed"
        left.mkdir(exist_ok=True)
        lay, there = where()
        assert Path(lay).parent == memory
        assert there == "False"
        assert not left.exists(), "a run that was killed leaves it to the next"


@pytest.mark.long
def test_where_all_files_are_heavy_as_many_workers_stay_as_there_are_cores(said: str) -> None:
    assert all(heavy(test.partition("::")[0]) for test in HEAVIES)
    assert f"{len(HEAVIES)} passed" in said
    assert "INTERNALERROR" not in said  # as when tests are left and nobody to run them


@pytest.mark.long
def test_long_tests_whose_day_it_is_not_are_named_in_the_last_line(said: str) -> None:
    assert "Left out: 1 long tests (not their day: ./run test --all)" in said
    assert "skipped" not in said


def test_in_ci_a_missing_tool_fails_the_whole_suite_before_it_begins() -> None:
    command = [sys.executable, "-m", "tests"]
    bare = {**os.environ, "CI": "true", "YUNTIAO_TEST_VERAPDF": "/nowhere"}
    ended = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert "verapdf: fetch a validator of PDF/A" in ended.stderr
    assert ended.stdout == ""
