"""The program's process, and those it starts for jobs, forked from one that has loaded all of the program already.

Loading it takes two seconds of processor time, whichever office it then serves: a worker's tests start it dozens of
times. What is forked is the program as its command runs it, with arguments, surroundings, log and process group of its
own; passwords and templates cost it as little as they do tests (`tests/suite/cheap.py`). That it starts from nothing is
what `tests/server/serving/test_serving.py` and the rehearsal hold.

What the program starts with `sys.executable` goes through `executable`: a Python that asks for a fork where `-m` names
one of `MODULES`, and is the real one otherwise. It stays for as long as what was forked runs, passes signals on, ends
as it ended, and takes it along when it is killed.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import os
import runpy
import select
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jinja2 import Environment

from tests import ROOT
from tests.suite import cheap

PYTHON = sys.executable
PROGRAM = "server.__main__"
"""What `-m` names where the whole program may be forked; `-m server` starts it from nothing."""

MODULES = ("server.serving.jobs", "server.imports.encoders", PROGRAM)
"""What is forked here. Media workers are not: tests stop them by their own id."""


class Forked:
    """A program that runs, with what `asyncio.subprocess.Process` says of one."""

    def __init__(self, pid: int, line: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._writer = writer
        self._ending = asyncio.create_task(self._until_it_ends(line))

    async def wait(self) -> int:
        return await asyncio.shield(self._ending)

    def terminate(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal.SIGTERM)

    async def _until_it_ends(self, line: asyncio.StreamReader) -> int:
        self.returncode = int(await line.readline())
        self._writer.close()
        return self.returncode


async def launched(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Forked:
    """As `server.app.rehearsal.command.launched`."""
    asked = {"module": "server", "arguments": arguments, "environment": environment, "folder": str(Path.cwd())}
    reader, writer = await asyncio.open_unix_connection(sock=_ask(asked, log))
    return Forked(int(await reader.readline()), reader, writer)


def _ask(asked: dict[str, Any], log: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.connect(_address())
    with log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
        socket.send_fds(line, [b"\n"], [nothing.fileno(), out.fileno(), out.fileno()])
    line.sendall(json.dumps(asked).encode() + b"\n")
    return line


def executable() -> str:
    """What `sys.executable` is while tests run: a file that outlives nothing of this process."""
    return str(Path(_address()).with_name("python"))


_PYTHON = """#!/bin/sh
case "$1 $2" in {modules})
    [ ! -e {server} ] || exec {python} -IS {asking} "$@" ;;
esac
exec {python} "$@"
"""
"""A shell starts in a fraction of what a second Python would take beside each child that is none of `MODULES`."""

_ASKING = """
import json, os, signal, socket, sys

line = socket.socket(socket.AF_UNIX)
line.connect(SERVER)
socket.send_fds(line, [b"\\n"], [0, 1, 2])
_, _, module, *arguments = sys.argv
asked = {"module": module, "arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}
line.sendall(json.dumps(asked).encode() + b"\\n")
answers = line.makefile()
forked = int(answers.readline())
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, _: os.kill(forked, number))
os.closerange(0, 3)
ended = int(answers.readline() or -signal.SIGKILL)
if ended < 0:
    signal.signal(-ended, signal.SIG_DFL) if ended != -signal.SIGKILL else None
    os.kill(os.getpid(), -ended)
os._exit(ended)
"""


@functools.cache
def _address() -> str:
    """Where forks are asked for. The process that forks is started by who asks first, and ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="yuntiao-fork-")
    atexit.register(folder.cleanup)
    path, python, asking = (Path(folder.name, name) for name in ("s", "python", "asking.py"))
    asking.write_text(f"SERVER = {str(path)!r}\n{_ASKING}", "utf-8")
    server, program, script = (shlex.quote(str(one)) for one in (path, PYTHON, asking))
    modules = " | ".join(f'"-m {module}"' for module in MODULES)
    python.write_text(_PYTHON.format(modules=modules, server=server, python=program, asking=script), "utf-8")
    python.chmod(0o700)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    threading.Thread(target=_started_when_asked, args=(listening, str(python)), name="fork server", daemon=True).start()
    return str(path)


def _started_when_asked(listening: socket.socket, python: str) -> None:
    select.select([listening], [], [])
    number = listening.fileno()
    process = subprocess.Popen(
        [PYTHON, "-m", __name__, str(number), python], cwd=ROOT, stdin=subprocess.PIPE, pass_fds=[number]
    )
    atexit.register(process.wait)
    atexit.register(process.communicate)


# ---------------------------------------------------------------- in the process that forks


def _asked(listening: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Returns in every process that is forked, with what it shall run and its standard input, output and error.

    The first one ends with its standard input. Who asks and goes takes along what was forked for it.
    """
    running: dict[socket.socket, int] = {}
    heard, written = socket.socketpair()
    written.setblocking(False)
    signal.set_wakeup_fd(written.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with listening, selectors.DefaultSelector() as selector:
        for source in (sys.stdin, listening, heard):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            for client in ready & running.keys():
                assert isinstance(client, socket.socket)
                selector.unregister(client)
                os.kill(running[client], signal.SIGKILL)
            if heard in ready:
                heard.recv(4096)
                _tell(running, selector)
            if listening in ready:
                client, _ = listening.accept()
                _, files, _, _ = socket.recv_fds(client, 1, 3)
                asked: dict[str, Any] = json.loads(client.makefile().readline())
                if pid := os.fork():
                    running[client] = pid
                    selector.register(client, selectors.EVENT_READ)
                    for file in files:
                        os.close(file)
                    continue
                os.setsid()
                client.sendall(b"%d\n" % os.getpid())
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for own in (client, heard, written, *running):
                    own.close()
                return asked, files
            if sys.stdin in ready:
                os._exit(0)


def _tell(running: dict[socket.socket, int], selector: selectors.BaseSelector) -> None:
    """Who has ended, and how."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        [client] = [one for one, forked in running.items() if forked == pid]
        del running[client]
        with contextlib.suppress(KeyError):  # whoever asked had gone
            selector.unregister(client)
        with client, contextlib.suppress(OSError):
            client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _run(asked: dict[str, Any], files: list[int]) -> int:
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, 64)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = [asked["module"], *asked["arguments"]]
    try:
        if asked["module"] in ("server", PROGRAM):
            main()
        else:
            runpy.run_path(_PATHS[asked["module"]], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    from server.cli.serving import loading

    with loading():
        # What they shall run, and what a job loads when it comes.
        import server.evidence.exporting
        import server.imports.encoders
        import server.imports.jobs
        import server.insight.detection
        import server.retention.archive_job
        import server.rooms.recording_jobs
        import server.serving.jobs.__main__
        import server.serving.process
        from casebook.search import entries
        from complaints import triage
        from law import dictionary, search
        from server.__main__ import main
        from server.identity import sign_ins
        from web import i18n

        # What each would read and compile by itself when it is first needed.
        for language in i18n.LANGUAGES:
            i18n.words_of(language, "")
        for name in triage.LISTS:
            triage.word_list(name)
        search.mentions("")
        entries.said("")
        list(dictionary.cut(""))
        if cheap.TEMPLATES in os.environ:  # not where a tool starts a program outside of a test run
            patch.object(Environment, "__init__", cheap.begun()).start()
        patch.object(sign_ins, "PasswordHasher", cheap.hasher).start()
    _PATHS = {
        "server.serving.jobs": server.serving.jobs.__main__.__file__,
        "server.imports.encoders": server.imports.encoders.__file__,
    }
    sys.executable = sys.argv[2]
    code = _run(*_asked(socket.socket(fileno=int(sys.argv[1]))))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
