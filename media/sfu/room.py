"""A room in a media worker: who is in it, who receives whom, what must be offered to whom.

Everything here runs on the worker's loop and returns at once; only `close` waits, for the recordings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence

from aiortc.rtcdtlstransport import RTCCertificate

from media.engine import (
    BadDescription,
    Connection,
    Matrix,
    MediaEvent,
    NotAdmitted,
    Offer,
    Quality,
    Sending,
    Source,
)
from media.sfu import description
from media.sfu.bandwidth import NO_CAPS, Caps
from media.sfu.description import KIND, Line, Local, Remote
from media.sfu.endpoint import Endpoint
from media.sfu.hearing import Hearing
from media.sfu.leg import Leg
from media.sfu.participant import Participant
from media.sfu.publisher import Publisher
from media.sfu.subscriber import Subscriber
from media.sfu.taping import Tapings
from media.sfu.wiring import Wiring
from media.tap import Taps, turn

log = logging.getLogger(__name__)

WATCH_INTERVAL = 0.08  # every other tick
WIRE_INTERVAL = 0.5  # layers are chosen again
QUALITY_INTERVAL = 2.0
ALLOT_INTERVAL = 1.0  # bandwidth is measured and shared out again
DRAIN_WITHIN = 20.0


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
        caps: Caps = NO_CAPS,
    ) -> None:
        self.name = name
        self.participants: dict[str, Participant] = {}
        self._endpoint = endpoint
        self._certificate = certificate
        self._addresses = addresses
        self._taps = taps
        self._emit = emit
        self._clock = clock
        self._tapings = Tapings(name, taps, emit)
        self._wiring = Wiring(name, self._tapings, emit, caps)
        self._hearing = Hearing(name, emit)
        self._tasks: set[asyncio.Task[object]] = set()
        self._wired_at = self._allotted_at = self._judged_at = self._watched_at = clock()
        self._turn = turn(self._wired_at)

    # ------------------------------------------------------------ what the engine asks

    def admit(self, name: str) -> None:
        """A fresh negotiation: a participant who was here before loses their old connections."""
        old = self.participants.get(name)
        if old is None and len(self.participants) >= self._wiring.caps.participants:
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
        publisher.peer.know(*remote.ice)
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
        subscriber.peer.know(*remote.ice)
        if not subscriber.started:
            subscriber.started = True
            self._spawn(self._start(subscriber, remote))
        subscriber.answered(remote)
        self._update()
        self._wiring.prepare(participant, self.participants, self._clock())

    def restart(self, name: str) -> None:
        participant = self._participant(name)
        subscriber = participant.subscriber
        if subscriber is not None and subscriber.slots:
            subscriber.peer.restart()
            self._offer(participant, subscriber)

    def look(self, name: str, at: str) -> None:
        """Whom their page shows large; "" is nobody, and so is whoever is not here."""
        self._participant(name).large = at

    def share_with(self, rooms: int) -> None:
        """How many rooms, this one among them, share what their worker may send and receive."""
        self._wiring.rooms = rooms

    def route(self, matrix: Matrix) -> None:
        self._wiring.route(matrix, self._clock())
        self._update()

    def remove(self, name: str) -> None:
        participant = self.participants.pop(name, None)
        if participant is not None:
            self._tapings.end(name, "left")
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
        if turn(now) != self._turn:
            self._turn = turn(now)
            self._tapings.hand_over()
        if now - self._watched_at >= WATCH_INTERVAL:
            self._watched_at = now
            self._watch(now)
        if now - self._allotted_at >= ALLOT_INTERVAL:
            self._allotted_at = now
            self._wiring.speaker = self._hearing.speaker
            self._wiring.judge(self.participants, now)
            self._wire()
        if now - self._wired_at >= WIRE_INTERVAL:
            self._wire()
            self._renegotiate()
        if now - self._judged_at >= QUALITY_INTERVAL:
            self._judged_at = now
            self._judge()

    # ------------------------------------------------------------ routing

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
            wanted = {key for key in published if key in known or self._wiring.routed(participant.name, key)}
            if subscriber is None and wanted:
                subscriber = Subscriber(self._endpoint, self._certificate, self._clock)
                participant.subscriber = subscriber
            if subscriber is not None:
                subscriber.want(wanted)
        self._wire()
        self._renegotiate()

    def _wire(self) -> None:
        self._wired_at = self._clock()
        self._wiring.wire(self.participants, self._wired_at)

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

    def _watch(self, now: float) -> None:
        """Who is there and who speaks: ten times a second is enough."""
        for participant in list(self.participants.values()):
            before = participant.state
            state = participant.watch(now)
            if participant.returned_at == now:
                self._forgive(now)
            if state != before and state != "new":
                if state == "failed":
                    self._tapings.end(participant.name, "disconnected")
                self._emit(Connection(self.name, participant.name, state))
            if (sending := participant.sending) != participant.sending_told:
                participant.sending_told = sending
                self._emit(Sending(self.name, participant.name, sending))
        self._hearing.listen(self.participants.values(), self._wiring.audible, now)

    def _forgive(self, now: float) -> None:
        """Somebody is back: what is missing of them is missing on everybody's line, and is no fault of any."""
        for participant in self.participants.values():
            if participant.subscriber is not None:
                participant.subscriber.came_back(now)

    def _judge(self) -> None:
        for participant in self.participants.values():
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
        self._hearing.hush(participant)
        self._wiring.forget(participant)
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
