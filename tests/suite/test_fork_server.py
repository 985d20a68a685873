"""A program that is forked does as one that starts from nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from server import serving
from server.app.rehearsal.command import Launch, free_port, launched
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


EITHER = pytest.mark.parametrize("python", [fork_server.PYTHON, fork_server.executable()], ids=["real", "forked"])


@contextlib.contextmanager
def waiting_jobs(data: Path, python: str) -> Iterator[subprocess.Popen[bytes]]:
    """A job process that runs, and waits for another one's lock."""
    words = [python, "-m", "server.serving.jobs", "--data", str(data), "--until-stdin-closes", "--mail-drop", str(data)]
    with (
        serving.alone_with_mail(data, Event()),
        subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        assert process.stderr is not None
        assert any(b"Another job process" in line for line in iter(process.stderr.readline, b""))
        yield process


@EITHER
def test_a_job_process_ends_when_it_is_told_and_with_its_standard_input(tmp_path: Path, python: str) -> None:
    with waiting_jobs(tmp_path, python) as process:
        process.terminate()
        assert process.wait() == 0
    with waiting_jobs(tmp_path, python) as process:
        process.communicate()
        assert process.returncode == 0


@EITHER
def test_nothing_is_left_of_a_job_process_that_is_killed(tmp_path: Path, python: str) -> None:
    with waiting_jobs(tmp_path, python) as process:
        process.kill()
        assert process.communicate()[1] == b""  # until nobody has its standard error any more
        assert process.returncode == -signal.SIGKILL


def test_any_other_program_is_started_as_ever() -> None:
    words = [fork_server.executable(), "-c", "import sys; print(sys.executable)"]
    assert subprocess.check_output(words, text=True).strip() == fork_server.PYTHON
