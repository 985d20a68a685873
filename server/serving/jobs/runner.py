"""Runs jobs: finds the handler, gives it a loop, lets it be tried again, and puts back what a shutdown interrupts."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import huey.consumer

from server.serving.jobs.queue import Jobs, RetryLater

Handler = Callable[..., Awaitable[None]]

log = logging.getLogger(__name__)


class Runner:
    """Called in the consumer's threads; `stop` from any other."""

    def __init__(self, database: Path, handlers: Mapping[str, Handler]) -> None:
        self.jobs = Jobs(database, self._run)
        self._handlers = handlers
        self._lock = threading.Lock()
        self._stopping = False
        self._running: dict[asyncio.Task[None], asyncio.AbstractEventLoop] = {}

    def stop(self) -> None:
        """Cancel what runs; it goes back into the queue."""
        with self._lock:
            self._stopping = True
            for task, loop in self._running.items():
                loop.call_soon_threadsafe(task.cancel)

    def _run(self, name: str, arguments: dict[str, Any]) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            log.error("No handler for the job %s", name)
            return
        try:
            asyncio.run(self._watched(handler, arguments))
        except RetryLater as again:
            self.jobs.put(name, arguments, again.seconds)
        except asyncio.CancelledError:
            self.jobs.put(name, arguments)
            log.info("The job %s was interrupted and waits for the next start", name)
        except Exception:
            # A handler reports what it foresees in its own way; this is a fault of the program.
            log.exception("The job %s failed", name)

    async def _watched(self, handler: Handler, arguments: dict[str, Any]) -> None:
        task = asyncio.current_task()
        assert task is not None
        with self._lock:
            if self._stopping:
                raise asyncio.CancelledError
            self._running[task] = asyncio.get_running_loop()
        try:
            await handler(**arguments)
        finally:
            with self._lock:
                del self._running[task]


class Consumer(huey.consumer.Consumer):  # type: ignore[misc]  # huey has no types
    """The threads that work the queue off, in a process that hears signals itself.

    Huey's, without its handlers of signals.

    They would leave our jobs running, and setting ours again after its start leaves a moment in which a signal is lost:
    threads are at work by then.
    """

    def _set_signal_handlers(self) -> None:
        pass


class Live:
    """Whether rooms are live. The job process hears it from the one that started it: lines with a number of rooms.

    Called in any thread.
    """

    def __init__(self) -> None:
        self._rooms = 0
        self._rest = b""

    def hear(self, data: bytes) -> None:
        """What came on standard input. Anything but a number is passed over."""
        *lines, self._rest = (self._rest + data)[-64:].split(b"\n")
        for line in lines:
            if line.isdigit():
                self._rooms = int(line)

    def __call__(self) -> bool:
        return self._rooms > 0
