"""A recorder for tests: keeps counts instead of files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from media import Tap, TapFactory
from media.engine import MediaEvent, Recording, Segment, Source


class CountingTap(Tap):
    def __init__(self, room: str, participant: str, emit: Callable[[MediaEvent], None]) -> None:
        self.room = room
        self.participant = participant
        self.emit = emit
        self.packets: dict[Source, list[int]] = {}
        self.octets = 0
        self.reports: list[Source] = []
        self.restarts: list[Source] = []
        self.closed = ""
        self.started = datetime.now(UTC)

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        assert not self.closed, "a packet after close"
        if not self.packets:
            self.emit(Recording(self.room, self.participant, True))
        self.packets.setdefault(source, []).extend(n & 0xFFFF for n in range(sequence, sequence + count))
        self.octets += len(payload)

    def restart(self, source: Source) -> None:
        self.restarts.append(source)

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        self.reports.append(source)

    def close(self, cause: str) -> None:
        assert not self.closed, "closed twice"
        self.closed = cause
        if self.packets:
            self.emit(Recording(self.room, self.participant, False, cause))


class CountingTaps(TapFactory):
    """Segments are told while draining, as a writer thread's would be."""

    def __init__(self) -> None:
        self.opened: list[CountingTap] = []
        self.key_frames: dict[str, Callable[[Source], None]] = {}
        self._told: set[CountingTap] = set()

    def open(
        self,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
    ) -> Tap:
        tap = CountingTap(room, participant, emit)
        self.opened.append(tap)
        self.key_frames[participant] = request_key_frame
        return tap

    def flushed(self) -> None:
        """There is nothing to write down."""

    async def drain(self, room: str) -> None:
        for tap in self.opened:
            if tap.room == room and tap.closed and tap not in self._told:
                self._told.add(tap)
                digest = hashlib.sha256(tap.participant.encode()).hexdigest()
                ended = datetime.now(UTC)
                name = f"{room}/{tap.participant}.webm"
                tap.emit(Segment(room, tap.participant, name, digest, tap.octets, tap.started, ended, 320, 240))
