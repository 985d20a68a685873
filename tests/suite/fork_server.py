"""The program's process, forked from one that has loaded all of the program already.

Loading it takes two seconds of processor time, whichever office it then serves: a worker's tests start it dozens of
times. What is forked is the program as its command runs it, with arguments, surroundings, log and process group of its
own. That it starts from nothing is what `tests/server/serving/test_serving.py` and the rehearsal hold.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests import ROOT


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
    """As `server.rehearsal.command.launched`."""
    reader, writer = await asyncio.open_unix_connection(await asyncio.to_thread(_server))
    asked = {"arguments": arguments, "environment": environment, "log": str(log), "folder": str(Path.cwd())}
    writer.write(json.dumps(asked).encode() + b"\n")
    return Forked(int(await reader.readline()), reader, writer)


@functools.cache
def _server() -> str:
    """Where it listens: one for this process, which it does not outlive."""
    folder = tempfile.TemporaryDirectory(prefix="yuntiao-fork-")
    atexit.register(folder.cleanup)
    path = f"{folder.name}/s"
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline(), "the program cannot be loaded"
    atexit.register(process.wait)
    atexit.register(process.communicate)
    return path


# ---------------------------------------------------------------- in the process that forks


def _asked(path: str) -> dict[str, Any]:
    """Returns in every process that is forked, with what it shall run; the first one ends with its standard input."""
    running: dict[int, socket.socket] = {}
    heard, written = socket.socketpair()
    written.setblocking(False)
    signal.set_wakeup_fd(written.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as selector:
        listening.bind(path)
        listening.listen()
        for source in (sys.stdin, listening, heard):
            selector.register(source, selectors.EVENT_READ)
        print("ready", flush=True)  # noqa: T201 - heard by `_server`
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if heard in ready:
                heard.recv(4096)
                _tell(running)
            if listening in ready:
                client, _ = listening.accept()
                asked: dict[str, Any] = json.loads(client.makefile().readline())
                if pid := os.fork():
                    running[pid] = client
                    continue
                os.setsid()
                client.sendall(b"%d\n" % os.getpid())
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for own in (client, heard, written, *running.values()):
                    own.close()
                return asked
            if sys.stdin in ready:
                os._exit(0)


def _tell(running: dict[int, socket.socket]) -> None:
    """Who has ended, and how."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as client, contextlib.suppress(OSError):  # whoever asked may be gone
            client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _run(asked: dict[str, Any]) -> int:
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(3, 64)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["server", *asked["arguments"]]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    from server.cli.serving import loading

    with loading():
        import server.serving.process  # noqa: F401 - what it shall run
        from server.__main__ import main
    code = _run(_asked(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
