"""A room in a media worker: who is in it, who receives whom, what must be offered to whom.

Everything here runs on the worker's loop and returns at once; only `close` waits, for the recordings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

from aiortc.rtcdtlstransport import RTCCertificate

from media.engine import (
    BadDescription,
    Connection,
    Matrix,
    MediaEvent,
    NotAdmitted,
    Offer,
    Quality,
    Source,
    Speaking,
)
from media.sfu import description
from media.sfu.description import KIND, Line, Local, Remote
from media.sfu.endpoint import Endpoint
from media.sfu.leg import Leg
from media.sfu.participant import Participant
from media.sfu.publisher import Publisher
from media.sfu.subscriber import Key, Subscriber
from media.sfu.taping import Tapings
from media.tap import Taps

log = logging.getLogger(__name__)

MAX_PARTICIPANTS = 16
WIRE_INTERVAL = 0.5  # layers are chosen again
QUALITY_INTERVAL = 2.0
DRAIN_WITHIN = 20.0
NOBODY: frozenset[str] = frozenset()


class Room:
    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        certificate: RTCCertificate,
        addresses: Sequence[str],
        taps: Taps,
        emit: Callable[[MediaEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self.name = name
        self.participants: dict[str, Participant] = {}
        self._endpoint = endpoint
        self._certificate = certificate
        self._addresses = addresses
        self._taps = taps
        self._emit = emit
        self._clock = clock
        self._matrix = Matrix({}, {}, NOBODY)
        self._audible: frozenset[str] = NOBODY
        self._shown_since: dict[tuple[str, str], float] = {}  # (who sees, whom): nothing from before may be shown
        self._tapings = Tapings(name, taps, emit)
        self._tasks: set[asyncio.Task[object]] = set()
        self._wired_at = self._judged_at = clock()

    # ------------------------------------------------------------ what the engine asks

    def admit(self, name: str) -> None:
        """A fresh negotiation: a participant who was here before loses their old connections."""
        old = self.participants.get(name)
        if old is None and len(self.participants) >= MAX_PARTICIPANTS:
            raise NotAdmitted("the room is full")
        if old is not None:
            self._drop(old)
        self.participants[name] = Participant(name, self._clock())
        self._update()

    def publish(self, name: str, sdp: str, sources: Mapping[str, Source]) -> str:
        participant = self._participant(name)
        remote = description.parse(sdp)
        lines = carried(remote, sources)
        publisher = participant.publisher
        if publisher is None or publisher.identity != remote.identity or publisher.peer.closed:
            if publisher is not None:
                self._stop(publisher)
            publisher = Publisher(self._endpoint, self._certificate, self._wire, self._clock)
            publisher.identity = remote.identity
            publisher.on_hang_up = lambda: participant.hang_up(self._clock())
            participant.publisher = publisher
            self._spawn(self._start(publisher, remote))
        elif publisher.ufrag != remote.ufrag:
            publisher.peer.restart()
        publisher.ufrag = remote.ufrag
        publisher.peer.consent.client = remote.ice
        publisher.expect(lines)
        text = description.answer(remote, {mid: source for mid, (source, _) in lines.items()}, self._local(publisher))
        self._update()
        return text

    def answer(self, name: str, sdp: str) -> None:
        participant = self._participant(name)
        subscriber = participant.subscriber
        if subscriber is None or not subscriber.was_offered:
            raise BadDescription("nothing was offered")
        remote = description.parse(sdp, subscriber.most_lines)
        if remote.setup != "active":
            raise BadDescription("an answer must start DTLS")
        subscriber.peer.consent.client = remote.ice
        if not subscriber.started:
            subscriber.started = True
            self._spawn(self._start(subscriber, remote))
        subscriber.answered(remote)
        self._update()
        self._prepare(participant, subscriber)

    def restart(self, name: str) -> None:
        participant = self._participant(name)
        subscriber = participant.subscriber
        if subscriber is not None and subscriber.slots:
            subscriber.peer.restart()
            self._offer(participant, subscriber)

    def look(self, name: str, at: str) -> None:
        self._participant(name).large = at

    def route(self, matrix: Matrix) -> None:
        now, before = self._clock(), self._shown_since
        self._shown_since = {pair: before.get(pair, now) for pair in _pairs(matrix.sees)}
        self._matrix = matrix
        self._audible = frozenset(h for hearer, heard in matrix.hears.items() for h in heard if h != hearer)
        self._update()

    def remove(self, name: str) -> None:
        participant = self.participants.pop(name, None)
        if participant is not None:
            self._tapings.end(name, "left")
            self._hush(participant)
            self._drop(participant)
            self._update()

    async def close(self, cause: str) -> None:
        """End everything; returns when the recordings are finished."""
        self._tapings.end_all(cause)
        for participant in self.participants.values():
            self._drop(participant)
        self.participants.clear()
        try:
            await asyncio.wait_for(self._taps.drain(self.name), DRAIN_WITHIN)
        except TimeoutError:
            log.error("Recordings of a room did not finish in %s s", DRAIN_WITHIN)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def tick(self, now: float) -> None:
        """Every 50 ms."""
        for participant in list(self.participants.values()):
            if participant.publisher is not None:
                participant.publisher.tick(now)
            self._listen(participant, now)
            before = participant.state
            state = participant.watch(now)
            if state != before and state != "new":
                if state == "failed":
                    self._tapings.end(participant.name, "disconnected")
                self._emit(Connection(self.name, participant.name, state))
        if now - self._wired_at >= WIRE_INTERVAL:
            self._wire()
            self._renegotiate()
        if now - self._judged_at >= QUALITY_INTERVAL:
            self._judged_at = now
            self._judge()

    # ------------------------------------------------------------ routing

    def _routed(self, to: str, key: Key) -> bool:
        owner, source = key
        mapping = self._matrix.hears if source == "mic" else self._matrix.sees
        return owner != to and owner in mapping.get(to, NOBODY)

    def _update(self) -> None:
        """Bring forwarding, then offers, in line with who is here and who may receive whom."""
        for participant in self.participants.values():
            published = [
                (other.name, source)
                for other in self.participants.values()
                if other.publisher is not None and other is not participant
                for source in other.publisher.sources
            ]
            subscriber = participant.subscriber
            # Once met, an m-line stays while its source is published: muting must not cost a negotiation.
            known = {slot.key for slot in subscriber.slots if slot.stream.active} if subscriber is not None else set()
            wanted = {key for key in published if key in known or self._routed(participant.name, key)}
            if subscriber is None and wanted:
                subscriber = Subscriber(self._endpoint, self._certificate, self._clock)
                participant.subscriber = subscriber
            if subscriber is not None:
                subscriber.want(wanted)
        self._wire()
        self._renegotiate()

    def _wire(self) -> None:
        """Give each sink and each tap the stream it should take now, or none."""
        now = self._wired_at = self._clock()
        for participant in self.participants.values():
            subscriber = participant.subscriber
            if subscriber is None or not subscriber.ready:
                continue
            high = subscriber.downlink.high
            for slot in subscriber.slots:
                owner = self.participants.get(slot.key[0])
                if not slot.agreed or not self._routed(participant.name, slot.key) or owner is None:
                    if slot.sink is not None:
                        slot.sink.stop()
                    continue
                stream = owner.publisher.best(slot.key[1], now, high) if owner.publisher is not None else None
                if stream is not None:
                    since = self._shown_since.get((participant.name, owner.name), float("inf"))
                    subscriber.sink(slot).follow(stream, since)
        self._tapings.update(
            self._matrix.recorded,
            {p.name: p.publisher for p in self.participants.values() if self._recordable(p) and p.publisher},
            self._audible,
            now,
        )

    @staticmethod
    def _recordable(participant: Participant) -> bool:
        return participant.publisher is not None and participant.publisher.ready and participant.state != "failed"

    def _prepare(self, participant: Participant, subscriber: Subscriber) -> None:
        """While the handshake is under way, have ready the key frames it will then begin with."""
        if subscriber.ready:
            return
        for slot in subscriber.slots:
            owner = self.participants.get(slot.key[0])
            if owner is None or owner.publisher is None or not slot.agreed or slot.stream.kind != "video":
                continue
            stream = owner.publisher.best(slot.key[1], self._clock(), subscriber.downlink.high)
            if stream is not None and self._routed(participant.name, slot.key):
                stream.request_key_frame()

    def _renegotiate(self) -> None:
        now = self._clock()
        for participant in self.participants.values():
            subscriber = participant.subscriber
            if subscriber is not None and subscriber.stale and subscriber.may_offer(now):
                self._offer(participant, subscriber)

    def _offer(self, participant: Participant, subscriber: Subscriber) -> None:
        sdp, tracks = subscriber.offer(self._local(subscriber), self._clock())
        self._emit(Offer(self.name, participant.name, sdp, tracks))

    # ------------------------------------------------------------ watching

    def _listen(self, participant: Participant, now: float) -> None:
        publisher = participant.publisher
        if publisher is None:
            return
        if participant.name not in self._audible:
            self._hush(participant)
            return
        before = publisher.voice.speaking
        if publisher.voice.decide(now) != before:
            self._emit(Speaking(self.name, participant.name, not before))

    def _hush(self, participant: Participant) -> None:
        """Whom nobody can hear does not speak."""
        if participant.publisher is not None:
            if participant.publisher.voice.speaking:
                self._emit(Speaking(self.name, participant.name, False))
            participant.publisher.voice.reset()

    def _judge(self) -> None:
        now = self._clock()
        for participant in self.participants.values():
            subscriber = participant.subscriber
            if subscriber is not None and subscriber.ready:
                followed = [slot.sink.stream for slot in subscriber.slots if slot.sink and slot.sink.stream]
                tops = [s.publisher.layers(s.name)[:1] for s in followed]
                needed = sum(top.bitrate for layer in tops for top in layer)
                subscriber.downlink.judge(subscriber.estimate, needed, subscriber.report()[0], now)
            quality = participant.quality()
            if participant.state != "new" and quality != participant.level:
                participant.level = quality
                self._emit(Quality(self.name, participant.name, quality))

    # ------------------------------------------------------------ connections

    def _participant(self, name: str) -> Participant:
        try:
            return self.participants[name]
        except KeyError:
            raise NotAdmitted(f"not admitted to {self.name}") from None

    def _local(self, leg: Leg) -> Local:
        return Local(self._addresses, self._endpoint.port, leg.peer.credentials, leg.fingerprints)

    async def _start(self, leg: Leg, remote: Remote) -> None:
        if await leg.start(remote.fingerprints):
            self._wire()

    def _drop(self, participant: Participant) -> None:
        self._hush(participant)
        for leg in participant.legs:
            self._stop(leg)

    def _stop(self, leg: Leg) -> None:
        """Media ends now; the goodbye may take a moment."""
        leg.detach()
        self._spawn(leg.stop())

    def _spawn(self, coroutine: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A connection of room %s failed", self.name, exc_info=error)


def _pairs(routes: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    return ((to, owner) for to, owners in routes.items() for owner in owners)


def carried(remote: Remote, sources: Mapping[str, Source]) -> dict[str, tuple[Source, Line]]:
    """The offer's m-lines that send something the client named; BadDescription when the two do not fit."""
    lines = {line.mid: line for line in remote.lines}
    result: dict[str, tuple[Source, Line]] = {}
    for mid, source in sources.items():
        if source not in KIND:
            raise BadDescription("unknown source")
        line = lines.get(mid)
        if line is None or line.kind != KIND[source]:
            raise BadDescription(f"no {source} at that mid")
        if source in (other for other, _ in result.values()):
            raise BadDescription(f"{source} named twice")
        if line.sends:
            result[mid] = (source, line)
    return result
