"""Who receives which stream right now: the matrix in force, the layers that fit, and what publishers are told of it.

Owns the routes of a room. Nothing flows from before a route was opened: a picture kept for newcomers may be one of a
conversation they had no part in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from media.engine import Matrix, MediaEvent, PicturesPaused, Source
from media.sfu.allocation import CAMERA_LEAST, SCREEN_LEAST, Attention, Key, Level, Want
from media.sfu.bandwidth import NO_CAPS, SOUND, Caps
from media.sfu.participant import Participant
from media.sfu.source import IncomingStream
from media.sfu.subscriber import Slot, Subscriber
from media.sfu.taping import Tapings

PICTURES: tuple[Source, ...] = ("screen", "camera")
USUAL_HIGH, USUAL_LOW, USUAL_SCREEN = 650_000, 140_000, 800_000  # bit/s, before it is known
FADING = 0.9  # a second: how soon a stream is taken to cost less than it did at its liveliest
LOW_ALONE = 250_000  # told to a publisher of whom nobody can take the large layer: sound and the small one
CATCHING_UP = 500_000  # bit/s
RELEASE_AFTER = 10.0  # seconds without anybody for the large layer before its sender is told

Participants = Mapping[str, Participant]


class Wiring:
    def __init__(self, name: str, tapings: Tapings, emit: Callable[[MediaEvent], None], caps: Caps = NO_CAPS) -> None:
        self.audible: frozenset[str] = frozenset()  # whom somebody may hear
        self.speaker = ""
        self.caps = caps
        self.rooms = 1  # that share the caps of the worker
        self._name = name
        self._tapings = tapings
        self._emit = emit
        # What may flow, and since when: (to, from, whether sound), and who is recorded.
        self._open: dict[tuple[str, str, bool], float] = {}
        self._recorded: dict[str, float] = {}
        self._rates: dict[tuple[str, Source, int], int] = {}
        self._judged_at = float("-inf")

    def route(self, matrix: Matrix, now: float) -> None:
        """`wire` is to follow at once."""
        self._open = {
            (to, whom, sound): self._open.get((to, whom, sound), now)
            for sound, mapping in ((True, matrix.hears), (False, matrix.sees))
            for to, received in mapping.items()
            for whom in received
            if whom != to
        }
        self._recorded = {who: self._recorded.get(who, now) for who in matrix.recorded}
        self.audible = frozenset(whom for _, whom, sound in self._open if sound)

    def routed(self, to: str, key: Key) -> bool:
        return (to, key[0], key[1] == "mic") in self._open

    # ------------------------------------------------------------ now

    def wire(self, people: Participants, now: float) -> None:
        """Give each sink and each tap the stream it should take now, or none."""
        for participant in people.values():
            subscriber = participant.subscriber
            if subscriber is not None and subscriber.ready:
                for slot in subscriber.slots:
                    self._connect(participant.name, subscriber, slot, people, now)
        self._tapings.update(
            self._recorded.keys(),
            {p.name: p.publisher for p in people.values() if p.recordable and p.publisher is not None},
            self.audible,
            now,
        )

    def _connect(self, to: str, subscriber: Subscriber, slot: Slot, people: Participants, now: float) -> None:
        name, source = slot.key
        owner = people.get(name)
        since = self._open.get((to, name, source == "mic"))
        level = Level.HIGH if source == "mic" else subscriber.reception.level(slot.key)
        if since is None or owner is None or not slot.agreed or level is Level.NONE:
            if slot.sink is not None:
                slot.sink.stop()
        elif owner.publisher is not None:
            stream = owner.publisher.best(source, now, level is Level.HIGH)
            if stream is not None:
                # All pictures since the last key frame at once would be too much for a weak connection.
                weak = subscriber.reception.downlink.estimate < CATCHING_UP
                subscriber.sink(slot).follow(stream, float("inf") if weak else since)

    def prepare(self, participant: Participant, people: Participants, now: float) -> None:
        """While a handshake is under way, have ready the key frames that are then begun with."""
        subscriber = participant.subscriber
        if subscriber is None or subscriber.ready:
            return
        for slot in subscriber.slots:
            owner = people.get(slot.key[0])
            if slot.agreed and slot.stream.kind == "video" and owner is not None and owner.publisher is not None:
                stream = owner.publisher.best(slot.key[1], now, high=False)
                if stream is not None and self.routed(participant.name, slot.key):
                    stream.request_key_frame()

    def forget(self, participant: Participant) -> None:
        """Their connections end: what rested on these rests no more."""
        ways: tuple[tuple[Literal["to", "from"], bool], ...] = (
            ("to", participant.subscriber is not None and participant.subscriber.reception.paused),
            ("from", participant.leaving.paused),
        )
        for way, paused in ways:
            if paused:
                self._emit(PicturesPaused(self._name, participant.name, way, False))

    # ------------------------------------------------------------ every second

    def judge(self, people: Participants, now: float) -> None:
        """Measure, allot anew, tell publishers; `wire` is to follow."""
        seconds, self._judged_at = now - self._judged_at, now
        self._measure(people)
        for participant in people.values():
            subscriber = participant.subscriber
            if subscriber is not None and subscriber.ready:
                self._allot(participant, subscriber, people, seconds, now)
        for participant in people.values():
            self._demand(participant, people, now)

    def _measure(self, people: Participants) -> None:
        self._rates = {
            (name, stream.name, stream.rank): max(
                int(stream.bitrate * 1.15), int(FADING * self._rates.get((name, stream.name, stream.rank), 0))
            )
            for name, participant in people.items()
            if participant.publisher is not None
            for stream in participant.publisher.streams.values()
        }

    def _allot(
        self, participant: Participant, subscriber: Subscriber, people: Participants, seconds: float, now: float
    ) -> None:
        sent, sound = subscriber.measure(seconds)
        wants = []
        for slot in subscriber.slots:
            owner = people.get(slot.key[0])
            if slot.key[1] != "mic" and slot.agreed and self.routed(participant.name, slot.key) and owner is not None:
                wants += self._want(owner, slot.key, now)
        reception, was = subscriber.reception, subscriber.reception.paused
        attention = Attention(participant.large, self.speaker)
        cap = self.caps.share(len(people), self.rooms)
        reception.judge(sent, sound, wants, now, attention, cap)
        if reception.paused is not was:
            self._emit(PicturesPaused(self._name, participant.name, "to", reception.paused))

    def _want(self, owner: Participant, key: Key, now: float) -> list[Want]:
        """At most one: none while nothing of it arrives."""
        layers = owner.publisher.layers(key[1]) if owner.publisher is not None else []
        arriving = {stream.rank: stream for stream in layers if stream.alive(now)}
        if not arriving:
            return []
        usual = USUAL_SCREEN if key[1] == "screen" else USUAL_HIGH
        high = self._rate(owner.name, arriving.get(0)) or usual
        if not layers[0].layered:
            return [Want(key, high)]
        # A layer that does not arrive may be one that nobody could take so far.
        low = self._rate(owner.name, arriving.get(1)) or USUAL_LOW
        return [Want(key, max(high, low), low)]

    def _rate(self, name: str, stream: IncomingStream | None) -> int:
        return self._rates.get((name, stream.name, stream.rank), 0) if stream is not None else 0

    # ------------------------------------------------------------ towards publishers

    def _demand(self, participant: Participant, people: Participants, now: float) -> None:
        """What a publisher may send: as much as somebody takes, and only sound when its network carries no more."""
        publisher = participant.publisher
        if publisher is None or not publisher.ready:
            return
        uplink, first = publisher.uplink, participant.leaving
        sends_pictures = any(s.kind == "video" and s.alive(now) for s in publisher.streams.values())
        was = first.paused
        if sends_pictures or was:
            first.judge(uplink.estimate, 0, now)
        if first.paused is not was:
            self._emit(PicturesPaused(self._name, participant.name, "from", first.paused))
        cap = self.caps.share(len(people), self.rooms)
        ceilings = [cap] if cap else []
        if first.paused:
            ceilings.append(SOUND)
        else:
            ceilings += self._useful(participant, people, now)
        uplink.ceiling = max(SOUND, min(ceilings)) if ceilings else 0

    def _useful(self, participant: Participant, people: Participants, now: float) -> list[int]:
        """A ceiling, or none: the recorder takes the best of everything, and so does whoever can."""
        levels = [
            (source, subscriber, subscriber.reception.levels[key])
            for source in PICTURES
            for key in [(participant.name, source)]
            for other in people.values()
            if (subscriber := other.subscriber) is not None and key in subscriber.reception.levels
        ]
        large = any(source == "camera" and level is Level.HIGH for source, _, level in levels)
        if large or participant.name in self._recorded:
            participant.wanted_large_at = now
        squeezed = [
            SOUND + max(SCREEN_LEAST if source == "screen" else CAMERA_LEAST, share)
            for source, subscriber, level in levels
            if level is Level.HIGH and self._elastic(participant, source)
            for share in [self._share(subscriber, source)]
            if share < (self._rates.get((participant.name, source, 0)) or USUAL_SCREEN)
        ]
        if squeezed:  # its sender makes it cheaper for who could not see it otherwise
            return [min(squeezed)]
        shared = any(source == "screen" and level is not Level.NONE for source, _, level in levels)
        if shared or now - participant.wanted_large_at < RELEASE_AFTER:
            return []
        return [LOW_ALONE]

    @staticmethod
    def _elastic(participant: Participant, source: Source) -> bool:
        layers = participant.publisher.layers(source) if participant.publisher is not None else []
        return source == "screen" or not any(stream.layered for stream in layers)

    @staticmethod
    def _share(subscriber: Subscriber, source: Source) -> int:
        """bit/s that a subscriber has for this picture: a screen has all that is not sound, cameras share it."""
        left = subscriber.reception.downlink.estimate - max(subscriber.sound, SOUND // 2)
        shown = sum(level is not Level.NONE for level in subscriber.reception.levels.values())
        return left if source == "screen" else left // max(1, shown)
