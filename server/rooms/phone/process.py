"""The web process's handle of the phone process: starts it, starts it again, and passes on what it says.

It begins only where a trunk is configured, and ends when its standard input closes, however we end.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

from server.rooms.phone import PhoneTrunk

log = logging.getLogger(__name__)

LARGEST: Final = 1 << 20
PAUSES: Final = (0.1, 0.5, 2.0, 5.0, 15.0)  # seconds until it is started again
STOPS_WITHIN: Final = 5.0

Said = dict[str, Any]


def installed() -> bool:
    """Whether the SIP stack is there: `pip install yuntiao[phone]`."""
    return importlib.util.find_spec("baresip") is not None


class PhoneProcess:
    """`on_said` hears every line, and `{"said": "died"}` when the process is gone and its calls with it."""

    def __init__(self, trunk: PhoneTrunk, media_address: str, log_format: str = "text") -> None:
        self._trunk, self._media_address, self._log_format = trunk, media_address, log_format
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.on_said: Callable[[Said], None] = lambda said: None
        self.registered = False
        self.fault = "not started"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._keep(), name="phone")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def do(self, what: str, call: str, **more: Any) -> bool:
        """Whether there is a process to do it."""
        if self._process is None or self._process.returncode is not None or self._process.stdin is None:
            return False
        self._process.stdin.write(json.dumps({"do": what, "call": call, **more}).encode() + b"\n")
        return True

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._run()
            except (OSError, ValueError) as fault:  # the password's file, the trunk's name, no memory
                self.fault = str(fault)
                log.error("the phone does not start: %s", fault)
            lived = asyncio.get_running_loop().time() - began
            failures = 0 if lived > 60 else failures + 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        settings = await loop.run_in_executor(None, self._trunk.worker_settings, self._media_address)
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.rooms.phone.worker", "--log-format", self._log_format,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LARGEST,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            async for line in process.stdout:
                self._take(json.loads(line))
            log.error("the phone process ended (%s)", await process.wait())
        finally:
            await self._end(process)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._process, self.registered, self.fault = None, False, "the phone process ended"
        assert process.stdin is not None
        process.stdin.close()  # it hangs up, and goes
        try:
            await asyncio.wait_for(process.wait(), STOPS_WITHIN)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        finally:
            self.on_said({"said": "died"})

    def _take(self, said: Said) -> None:
        if said["said"] == "registered":
            self.registered, self.fault = bool(said["on"]), str(said["why"])
            if not self.registered:
                log.warning("the trunk refuses us: %s", self.fault)
        self.on_said(said)
