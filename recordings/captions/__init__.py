"""Live captions: what microphones send becomes sentences, in processes that give way and are waited for by nobody.

`worker` takes sound, cuts it into sentences and has them heard by `recordings.speech`. Here: the web process's
handle of it, and how media workers hand sound over, in datagrams of one socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from media import PacketRun
from media.engine import CAPTIONS_LATE, CaptionsFault, Heard, MediaEvent

log = logging.getLogger(__name__)

LARGEST: Final = 16 * 1024
"""Bytes of a datagram; a helping of 0.2 s of one microphone has about 1 KB."""
MOST_WAITING: Final = 256
"""Datagrams that a media worker holds back while nobody takes them: some seconds of a room. The oldest go."""
_HEAD = struct.Struct("=HH")  # bytes of the room's and the participant's name, which follow
_PACKET = struct.Struct("=dIHH")  # arrival, timestamp, sequence number, bytes of the payload, which follow


def datagrams(room: str, participant: str, runs: Iterable[PacketRun]) -> Iterator[bytes]:
    head = _head(room, participant)
    parts, size = [head], len(head)
    for run in runs:
        packet = _PACKET.pack(run.at, run.timestamp, run.sequence, len(run.payload)) + run.payload
        if size + len(packet) > LARGEST and len(parts) > 1:
            yield b"".join(parts)
            parts, size = [head], len(head)
        if size + len(packet) <= LARGEST:
            parts.append(packet)
            size += len(packet)
    if len(parts) > 1:
        yield b"".join(parts)


def _head(room: str, participant: str) -> bytes:
    names = room.encode(), participant.encode()
    return _HEAD.pack(*map(len, names)) + b"".join(names)


def packets_of(datagram: bytes) -> tuple[str, str, list[PacketRun]]:
    """Room, participant and packets. ValueError for what is no datagram of ours."""
    try:
        room, participant = _HEAD.unpack_from(datagram)
        place = _HEAD.size + room + participant
        if place > len(datagram):
            raise ValueError("cut off")
        names = datagram[_HEAD.size : place].decode()
        runs: list[PacketRun] = []
        while place < len(datagram):
            at, timestamp, sequence, size = _PACKET.unpack_from(datagram, place)
            place += _PACKET.size + size
            if place > len(datagram):
                raise ValueError("cut off")
            runs.append(PacketRun(sequence, timestamp, False, datagram[place - size : place], at, 1))
    except struct.error as fault:
        raise ValueError(str(fault)) from None
    named = names.encode()
    return named[:room].decode(), named[room:].decode(), runs


class CaptionsSink:
    """A media worker's end. What is not taken waits a little, the oldest gives way, and the loop waits for nothing."""

    def __init__(self, sound: socket.socket) -> None:
        sound.setblocking(False)
        self._sound = sound
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self.taken = 0  # packets

    def take(self, room: str, participant: str, runs: Iterable[PacketRun]) -> None:
        try:
            copied = list(runs)
            self.taken += len(copied)
            self._waiting.extend(datagrams(room, participant, copied))
            while self._waiting:
                self._sound.send(self._waiting[0])
                self._waiting.popleft()
        except OSError:
            return  # full, or nobody is there: the next helping tries again
        except Exception:
            log.exception("Sound for captions was lost")
            self._waiting.clear()

    def forget(self, room: str, participant: str) -> None:
        head = _head(room, participant)
        self._waiting = deque((one for one in self._waiting if not one.startswith(head)), MOST_WAITING)


IDLE: Final = 120.0  # seconds without anybody to follow, after which its memory is given back
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 20.0  # seconds before a process that died gets a successor
GONE: Final = "speech_gone"
RECEIVE_BUFFER: Final = 1 << 20

Emit = Callable[[MediaEvent], None]


@dataclass(frozen=True, slots=True)
class Followed:
    """`since`: participant -> time.time() when they began to be followed."""

    since: Mapping[str, float]
    hot: Sequence[str]
    emit: Emit


class CaptionsProcess:
    """Implements `media.sfu.engine.Captioning`. The process is there while anybody is followed, and dies with us."""

    def __init__(self, folder: Path, threads: int = 1, idle: float = IDLE) -> None:
        self._folder, self._threads, self._rests_after = folder, threads, idle
        self._sound, self._out = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            self._out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, RECEIVE_BUFFER)
        self._followed: dict[str, Followed] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._fault: str | None = None  # nothing was told yet

    @property
    def sound_fd(self) -> int:
        return self._out.fileno()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def follow(self, room: str, participants: Set[str], hot: Sequence[str], emit: Emit) -> None:
        known = self._followed.get(room)
        if not participants:
            if known is None:
                return
            del self._followed[room]
        elif known is not None and (known.since.keys(), known.hot) == (participants, hot):
            return
        else:
            now, before = time.time(), known.since if known is not None else {}
            since = {one: before.get(one, now) for one in participants}
            self._followed[room] = Followed(since, hot, emit)
        self._order(room)
        loop = asyncio.get_running_loop()
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if not self._followed:
            self._idle = loop.call_later(self._rests_after, self._rest)
            return
        if self._task is None or self._task.done() or self._task.cancelling():  # it rests, or is about to
            self._fault = None
            self._task = loop.create_task(self._keep(), name="captions")
        elif known is None and self._fault:
            emit(CaptionsFault(room, self._fault))

    async def stop(self) -> None:
        self._followed.clear()
        if self._idle is not None:
            self._idle.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._sound.close()
        self._out.close()

    def _rest(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _order(self, room: str) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            return  # it is told everything when it begins
        followed = self._followed.get(room)
        line = {
            "room": room,
            "seats": dict(followed.since) if followed is not None else {},
            "hot": list(followed.hot) if followed is not None else [],
        }
        self._process.stdin.write(json.dumps(line).encode() + b"\n")

    async def _keep(self) -> None:
        """Start it, and again when it dies, while anybody is followed."""
        pause = FIRST_PAUSE
        while self._followed:
            try:
                if await self._once():
                    pause = FIRST_PAUSE
            except OSError:
                log.exception("The process that makes captions does not start")
            if self._followed:
                log.error("The process that makes captions ended; another is started in %s s", pause)
                self._tell(GONE)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _once(self) -> bool:
        """Until it ends. Whether it ever said anything."""
        from recordings.speech import GUARD  # numpy, which a media worker need not load to hand sound over

        fd, said = self._sound.fileno(), False
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(GUARD), str(os.getpid()), sys.executable, "-m", "recordings.captions.worker",
            str(fd), str(self._folder.resolve()), str(self._threads),
            pass_fds=[fd], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        self._process = process
        try:
            for room in self._followed:
                self._order(room)
            while line := await process.stdout.readline():
                said = True
                self._take(json.loads(line))
        except ValueError:
            log.error("The process that makes captions says what is none")
        finally:
            self._process = None
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()
        return said

    def _take(self, line: dict[str, Any]) -> None:
        if "fault" in line:
            self._tell(str(line["fault"]))
            return
        if "missed" in line:
            if missing := self._followed.get(line["missed"]):
                missing.emit(CaptionsFault(line["missed"], CAPTIONS_LATE))
            return
        heard = line["heard"]
        followed = self._followed.get(heard["room"])
        if followed is None or followed.since.get(heard["participant"]) != heard["since"]:
            return  # it was on its way when they were followed no more, though they may be again
        began, ended = (datetime.fromtimestamp(heard[name], UTC) for name in ("began", "ended"))
        followed.emit(Heard(heard["room"], heard["participant"], heard["text"], began, ended))

    def _tell(self, fault: str) -> None:
        if fault == self._fault:
            return
        self._fault = fault
        if fault:
            log.warning("There are no captions just now: %s", fault)
        for room, followed in self._followed.items():
            followed.emit(CaptionsFault(room, fault))
