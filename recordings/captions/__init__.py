"""Live captions: what microphones send becomes sentences, in processes that come last and are waited for by nobody.

`process` is the web process's handle; `worker` takes sound, cuts it into sentences (`sentences`) and has them heard by
`recordings.speech.process`. Here: how media workers hand sound over, in datagrams of one socket.
"""

from __future__ import annotations

import logging
import socket
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from media.tap import PacketRun

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
