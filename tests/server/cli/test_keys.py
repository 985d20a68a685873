"""A new master key: every key of a case stays what it is, and the old master key opens nothing any more."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recordings import BadMaster, Damaged, KeyDestroyed
from recordings.files import keys as key_rotation
from recordings.files.keys import FileKeys, rotate
from server.cli import app

CASES = [f"s{n}" for n in range(5)]


def keys(folder: Path) -> FileKeys:
    return FileKeys(folder / "cases", folder / "master.key")


def turn(folder: Path, **options: Any) -> key_rotation.KeyRotation:
    return rotate(folder / "cases", folder / "master.key", **options)


@pytest.fixture
def made(tmp_path: Path) -> dict[str, bytes]:
    return {case: keys(tmp_path).key(case) for case in CASES}


def opens_nothing(folder: Path, master: bytes, cases: list[str] = CASES) -> None:
    stale = folder / "stale.key"
    stale.write_bytes(master)
    stale.chmod(0o600)
    for case in cases:
        with pytest.raises(Damaged):
            FileKeys(folder / "cases", stale).existing(case)


def test_every_key_stays_and_the_old_master_key_opens_none(tmp_path: Path, made: dict[str, bytes]) -> None:
    running, old = keys(tmp_path), (tmp_path / "master.key").read_bytes()
    assert running.existing("s0") == made["s0"]  # it knows the old one by heart
    (tmp_path / "master.key").chmod(0o640)
    assert turn(tmp_path) == key_rotation.KeyRotation(5, 5, False)
    assert {case: running.existing(case) for case in CASES} == made
    assert {case: keys(tmp_path).existing(case) for case in CASES} == made
    assert (tmp_path / "master.key").read_bytes() != old
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == [
        "master.key",
        *(f"{c}.key" for c in CASES),
    ]
    opens_nothing(tmp_path, old)


def test_a_running_server_makes_keys_under_the_new_one_and_nobody_brings_back_a_destroyed_one(
    tmp_path: Path, made: dict[str, bytes]
) -> None:
    running = keys(tmp_path)
    running.existing("s0")
    running.destroy("s1")
    turn(tmp_path)
    fresh = running.key("new")
    assert keys(tmp_path).existing("new") == fresh
    with pytest.raises(KeyDestroyed):
        keys(tmp_path).existing("s1")
    assert not (tmp_path / "cases" / "s1.key").exists()


def test_cut_off_at_any_step_everything_opens_and_the_next_call_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(BaseException):
        pass

    steps = ("link", "unlink", "replace", "fsync", "chmod", "pwrite")
    for cut_at in range(1, 500):
        folder = tmp_path / str(cut_at)
        folder.mkdir()
        before = {case: keys(folder).key(case) for case in CASES[:2]}
        running, old = keys(folder), (folder / "master.key").read_bytes()
        running.existing("s0")
        left = cut_at

        def counted(name: str) -> Any:
            real = getattr(os, name)

            def step(*arguments: Any, **named: Any) -> Any:
                nonlocal left
                left -= 1
                if left == 0:
                    raise Cut
                return real(*arguments, **named)

            return step

        with monkeypatch.context() as patched:
            for name in steps:
                patched.setattr(os, name, counted(name))
            try:
                turn(folder)
            except Cut:
                pass
            else:
                assert cut_at > 20
                return
        assert {case: running.existing(case) for case in before} == before
        assert {case: keys(folder).existing(case) for case in before} == before
        later = running.key("made-after-the-crash")
        turn(folder)
        assert {case: keys(folder).existing(case) for case in before} == before
        assert keys(folder).existing("made-after-the-crash") == later
        assert not (folder / "master.key.next").exists()
        assert not [file for file in (folder / "cases").iterdir() if file.name.startswith(".")]
        opens_nothing(folder, old, list(before))
    raise AssertionError("it never came to its end")


def test_killed_at_random_moments_it_is_finished_by_the_next_call(tmp_path: Path, made: dict[str, bytes]) -> None:
    chance = random.Random(8)
    for _ in range(8):
        child = os.fork()
        if child == 0:
            try:
                while True:
                    turn(tmp_path)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.001, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert {case: keys(tmp_path).existing(case) for case in CASES} == made
    turn(tmp_path)
    assert {case: keys(tmp_path).existing(case) for case in CASES} == made


def test_keys_made_read_and_destroyed_meanwhile_are_never_lost(tmp_path: Path, made: dict[str, bytes]) -> None:
    ended, faults = threading.Event(), list[Exception]()
    found: dict[str, bytes] = {}

    def live() -> None:
        mine, number = keys(tmp_path), 0
        try:
            while not ended.is_set():
                number += 1
                found[f"n{number}"] = mine.key(f"n{number}")
                assert mine.existing(f"n{number}") == found[f"n{number}"]
                if number % 3 == 0:
                    mine.destroy(f"n{number}")
                    del found[f"n{number}"]
        except Exception as fault:
            faults.append(fault)

    thread = threading.Thread(target=live)
    thread.start()
    for _ in range(5):
        turn(tmp_path)
    ended.set()
    thread.join()
    assert faults == []
    assert {case: keys(tmp_path).existing(case) for case in found} == found
    assert {case: keys(tmp_path).existing(case) for case in CASES} == made
    assert all(not (tmp_path / "cases" / f"{g.stem}.key").exists() for g in (tmp_path / "cases").glob("*.destroyed"))


def test_a_key_that_opens_with_neither_stops_it_and_nothing_is_lost(tmp_path: Path, made: dict[str, bytes]) -> None:
    damaged = tmp_path / "cases" / "s3.key"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Damaged, match="s3"):
        turn(tmp_path)
    assert {case: keys(tmp_path).existing(case) for case in CASES if case != "s3"} == {
        case: key for case, key in made.items() if case != "s3"
    }
    damaged.write_bytes(whole)
    assert turn(tmp_path).resumed is True
    assert {case: keys(tmp_path).existing(case) for case in CASES} == made


def test_two_at_once_are_not_let(tmp_path: Path, made: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    def another(self: object, held: bool = False) -> int:
        with pytest.raises(BadMaster, match="another process"):
            turn(tmp_path)
        return 0

    monkeypatch.setattr(key_rotation._Moving, "all", another)
    turn(tmp_path)


def test_the_command_says_what_was_done_and_keeps_the_old_one_where_it_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = FileKeys(data / "keys" / "cases", data / "keys" / "master.key")
    one = store.key("s1")
    old = (data / "keys" / "master.key").read_bytes()

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["keys", "rotate", "--data", str(data), *arguments])

    kept = tmp_path / "old.key"
    ended = run("--keep", str(kept))
    assert ended.exit_code == 0, ended.output
    assert "1 keys are under the new master key" in ended.output
    assert kept.read_bytes() == old
    assert kept.stat().st_mode & 0o777 == 0o600
    assert store.existing("s1") == one
    assert run("--keep", str(kept)).exit_code == 2  # that is another one's by now
    assert store.existing("s1") == one
    assert "make a new one now" in run().output
    assert CliRunner().invoke(app, ["keys", "rotate", "--data", str(tmp_path / "none")]).exit_code == 2
