"""A program that is forked does as one that starts from nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from server.rehearsal.command import Launch, free_port, launched
from tests.suite import fork_server


@pytest.mark.parametrize("launch", [launched, fork_server.launched])
async def test_its_end_and_its_words_are_those_of_the_command(tmp_path: Path, launch: Launch) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    program = await launch(["health", "--data", str(tmp_path / "nothing")], dict(os.environ), log)
    assert (await program.wait(), program.returncode) == (1, 1)
    assert log.read_text() == "before\nnot ready\n"


@pytest.mark.parametrize("launch", [launched, fork_server.launched])
async def test_its_surroundings_are_those_it_is_given(tmp_path: Path, launch: Launch) -> None:
    surroundings = {**os.environ, "YUNTIAO_WORKERS": "many"}
    program = await launch(["serve", "--data", str(tmp_path)], surroundings, tmp_path / "log")
    assert await program.wait() == 2
    assert "workers" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("launch", [launched, fork_server.launched])
async def test_its_group_is_its_own_and_can_be_killed(tmp_path: Path, launch: Launch) -> None:
    options = ["--data", str(tmp_path), "--port", str(free_port()), "--media-port", "0"]
    program = await launch(["serve", *options], dict(os.environ), tmp_path / "log")
    assert os.getpgid(program.pid) == program.pid != os.getpgid(0)
    os.killpg(program.pid, signal.SIGKILL)
    assert await program.wait() == -signal.SIGKILL
