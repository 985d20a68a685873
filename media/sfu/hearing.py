"""Who speaks in a room and whose the floor is; whom nobody can hear does not speak."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from media.engine import MediaEvent, Speaking
from media.sfu.participant import Participant
from media.sfu.voice import Floor


class Hearing:
    def __init__(self, room: str, emit: Callable[[MediaEvent], None]) -> None:
        self._room = room
        self._emit = emit
        self._floor = Floor()

    @property
    def speaker(self) -> str:
        """Who speaks, or spoke last; "" before anybody did."""
        return self._floor.speaker

    def listen(self, people: Iterable[Participant], audible: Set[str], now: float) -> None:
        """At least every 100 ms."""
        speaking: dict[str, float] = {}
        for participant in people:
            publisher = participant.publisher
            if publisher is None:
                continue
            if participant.name not in audible:
                self.hush(participant)
                continue
            before = publisher.voice.speaking
            if publisher.voice.decide(now) != before:
                self._emit(Speaking(self._room, participant.name, not before))
            if publisher.voice.speaking:
                speaking[participant.name] = publisher.voice.loudness
        self._floor.decide(speaking, now)

    def hush(self, participant: Participant) -> None:
        self._floor.leave(participant.name)
        if participant.publisher is not None:
            if participant.publisher.voice.speaking:
                self._emit(Speaking(self._room, participant.name, False))
            participant.publisher.voice.reset()
