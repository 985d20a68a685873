"""Which participants of a room are being recorded, and how their streams reach their taps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from functools import partial

from media.engine import MediaEvent, RecordingAlarm, Source
from media.sfu.feed import Feed
from media.sfu.publisher import Publisher
from media.tap import Tap, Taps

log = logging.getLogger(__name__)

RECORDED: tuple[Source, ...] = ("mic", "camera", "screen")


class Taping:
    """One participant's open tap."""

    def __init__(self, publisher: Publisher, tap: Tap, on_failure: Callable[[], None]) -> None:
        self.publisher = publisher
        self._tap = tap
        self._feeds = [Feed(tap, source, on_failure) for source in RECORDED]

    def wire(self, audible: bool, now: float) -> None:
        """Take the best layer of everything; sound only of whom somebody may hear.

        Who was muted (by themselves or the mediator) must not be found speaking in the record.
        """
        for feed in self._feeds:
            stream = self.publisher.best(feed.name, now)
            if stream is None or (feed.name == "mic" and not audible):
                feed.stop()
            else:
                feed.follow(stream)

    def hand_over(self, everything: bool) -> None:
        for feed in self._feeds:
            feed.hand_over(everything)

    def close(self, cause: str) -> None:
        for feed in self._feeds:
            feed.stop()
        self._tap.close(cause)


class Tapings:
    """All open taps of a room."""

    def __init__(self, room: str, taps: Taps, emit: Callable[[MediaEvent], None]) -> None:
        self._room = room
        self._taps = taps
        self._emit = emit
        self._open: dict[str, Taping] = {}
        self._broken: set[str] = set()

    def update(self, recorded: Set[str], publishers: dict[str, Publisher], audible: Set[str], now: float) -> None:
        """Open and close taps until exactly `recorded` participants with a connected publisher have one."""
        for participant in [p for p in self._open if p not in recorded]:
            self.end(participant, "consent")
        self._broken &= recorded
        for participant, taping in list(self._open.items()):
            if publishers.get(participant) is not taping.publisher:
                self.end(participant, "disconnected")
        for participant in recorded - self._open.keys() - self._broken:
            publisher = publishers.get(participant)
            if publisher is not None:
                self._begin(participant, publisher)
        for participant, taping in self._open.items():
            taping.wire(participant in audible, now)

    def hand_over(self, everything: bool = False) -> None:
        """In each turn: what has collected; `everything`: pictures that have only begun, too."""
        for taping in list(self._open.values()):  # one that fails ends
            taping.hand_over(everything)

    def end(self, participant: str, cause: str) -> None:
        taping = self._open.pop(participant, None)
        if taping is not None:
            try:
                taping.close(cause)
            except Exception:
                log.exception("A recording tap failed while closing")

    def end_all(self, cause: str) -> None:
        for participant in list(self._open):
            self.end(participant, cause)

    def _begin(self, participant: str, publisher: Publisher) -> None:
        def request_key_frame(source: Source) -> None:
            for stream in publisher.layers(source):
                if stream.feed is not None:
                    stream.request_key_frame()

        try:
            tap = self._taps.open(self._room, participant, self._emit, request_key_frame)
        except Exception:
            log.exception("A recording tap could not be opened")
            self._fail(participant)
        else:
            self._open[participant] = Taping(publisher, tap, partial(self._fail, participant))

    def _fail(self, participant: str) -> None:
        self._broken.add(participant)
        self.end(participant, "io")
        self._emit(RecordingAlarm(self._room, "io", participant))
