"""One worker process as the web process holds it: started, asked, listened to, and replaced when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Any

from media.engine import MediaError, MediaEvent
from media.sfu.control import Channel, ChannelBroken, Message, decode_error, decode_event

log = logging.getLogger(__name__)

START_WITHIN = 20.0
ANSWER_WITHIN = 10.0
CLOSE_WITHIN = 30.0  # recordings are finished first
SILENT_FOR = 6.0  # seconds without a sign of life: hung
STOP_WITHIN = 30.0
MAX_REQUESTS = 512


class WorkerGone(MediaError):
    """The worker died while it was being asked."""

    code = "worker_gone"


class WorkerProcess:
    """A started worker. `lost` is called once, at once, when it has died without being stopped."""

    def __init__(
        self, command: Sequence[str], on_event: Callable[[MediaEvent], None], on_lost: Callable[[], None]
    ) -> None:
        self.port = 0
        self.trial = ("", "")  # ufrag and password
        self.load: Message = {}
        self.alive = False
        self._command = command
        self._on_event = on_event
        self._on_lost = on_lost
        self._process: asyncio.subprocess.Process
        self._channel: Channel
        self._requests: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._stopping = False
        self._heard_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self) -> None:
        """Start the process and wait until its socket is open; MediaError when it does not come up."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with theirs:
                fd = theirs.fileno()
                self._process = await asyncio.create_subprocess_exec(
                    *self._command, "--control-fd", str(fd), pass_fds=[fd], stdin=asyncio.subprocess.DEVNULL
                )
            ours.setblocking(False)
            self._channel = await Channel.over(ours)
        except BaseException:
            ours.close()
            raise
        try:
            ready = await asyncio.wait_for(self._channel.receive(), START_WITHIN)
            if ready is None or "ready" not in ready:
                raise MediaError("a media worker did not start")
        except (TimeoutError, ChannelBroken, MediaError) as error:
            await self._end()
            raise MediaError("a media worker did not start") from error
        self.port = int(ready["ready"])
        self.trial = (str(ready["trial"][0]), str(ready["trial"][1]))
        self.alive = True
        self._heard_at = asyncio.get_running_loop().time()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]

    async def call(self, op: str, **body: Any) -> Any:
        """Ask the worker. MediaError as it answers; WorkerGone when it dies or does not answer."""
        if not self.alive or len(self._requests) >= MAX_REQUESTS:
            raise WorkerGone("the media worker is not there")
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._requests[number] = future
        try:
            self._channel.send({"id": number, "op": op, **body})
            return await asyncio.wait_for(future, CLOSE_WITHIN if op == "close_room" else ANSWER_WITHIN)
        except ChannelBroken as error:
            self._kill()
            raise WorkerGone("the media worker does not read") from error
        except TimeoutError as error:
            self._kill()
            raise WorkerGone("the media worker does not answer") from error
        finally:
            self._requests.pop(number, None)

    async def stop(self) -> None:
        """Let it finish its recordings and end."""
        self._stopping = True
        self._fail_requests()
        await self._end()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _end(self) -> None:
        self.alive = False
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_WITHIN)
        except TimeoutError:
            self._kill()
            await self._process.wait()
        if self._tasks:
            # Its last events are still in the socket.
            listening, watching = self._tasks
            await asyncio.wait({listening}, timeout=ANSWER_WITHIN)
            listening.cancel()
            watching.cancel()
        await self._channel.close()

    def _kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _listen(self) -> None:
        """Read until the channel ends: the first sign of a worker's death."""
        try:
            while (message := await self._channel.receive()) is not None:
                self._heard_at = asyncio.get_running_loop().time()
                self._take(message)
        except ChannelBroken:
            log.exception("A media worker does not speak our protocol")
        self._kill()
        await self._process.wait()
        if not self._stopping:
            self._tasks[1].cancel()
            await self._channel.close()
            self._lose()

    def _take(self, message: Message) -> None:
        if "event" in message:
            try:
                event = decode_event(message)
            except (KeyError, TypeError, ValueError) as error:
                raise ChannelBroken("unreadable event") from error
            self._on_event(event)
        elif "load" in message:
            self.load = message["load"]
        else:
            future = self._requests.get(message.get("id", 0))
            if future is not None and not future.done():
                if "error" in message:
                    future.set_exception(decode_error(message))
                else:
                    future.set_result(message.get("ok"))

    async def _watch(self) -> None:
        """A worker that hangs (or was stopped by a signal) is as dead as a killed one."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            if loop.time() - self._heard_at > SILENT_FOR:
                log.error("A media worker gives no sign of life; killing it")
                self._kill()
                return

    def _lose(self) -> None:
        self.alive = False
        self._fail_requests()
        self._on_lost()

    def _fail_requests(self) -> None:
        for future in self._requests.values():
            if not future.done():
                future.set_exception(WorkerGone("the media worker is gone"))
