"""A room in a media worker: its participants, who receives whom, and what must be offered to whom.

Everything runs on the worker's event loop and returns at once. Only `close` waits, for the recordings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence

from aiortc.rtcdtlstransport import RTCCertificate

from media import SoundSink, TapFactory, flush_tick
from media.engine import (
    BadDescription,
    Connection,
    MediaEvent,
    NotAdmitted,
    Offer,
    PublisherState,
    Quality,
    RouteMatrix,
    Source,
)
from media.sfu import sdp
from media.sfu.bandwidth import NO_CAPS, Caps, Key
from media.sfu.egress import SOUND_INTERVAL, EgressManager
from media.sfu.participant import Participant, Subscriber
from media.sfu.publisher import Publisher
from media.sfu.sdp import KIND, LocalDescription, MediaSection, RemoteDescription
from media.sfu.speakers import ActiveSpeakerDetector, EchoDetector
from media.sfu.subscriptions import SubscriptionManager
from media.sfu.transport import PeerTransport
from media.sfu.udp_mux import UdpMux

log = logging.getLogger(__name__)

WATCH_INTERVAL = 0.08  # seconds: every other tick
CONNECT_INTERVAL = 0.5  # seconds between two choices of layers
QUALITY_INTERVAL = 2.0  # seconds
ALLOCATE_INTERVAL = 1.0  # seconds between two allocations of bandwidth
DRAIN_WITHIN = 20.0  # seconds for recordings to be finished


class ForwardingRoom:
    """A room: answers the engine's requests about it, and tells events by `emit`."""

    def __init__(
        self,
        name: str,
        mux: UdpMux,
        certificate: RTCCertificate,
        addresses: Sequence[str],
        taps: TapFactory,
        emit: Callable[[MediaEvent], None],
        clock: Callable[[], float],
        caps: Caps = NO_CAPS,
        sound: SoundSink | None = None,
    ) -> None:
        self.name = name
        self.participants: dict[str, Participant] = {}
        self._mux = mux
        self._certificate = certificate
        self._addresses = addresses
        self._taps = taps
        self._emit = emit
        self._clock = clock
        self._egress = EgressManager(name, taps, emit, sound)
        self._subscriptions = SubscriptionManager(name, self._egress, emit, caps)
        self._speakers = ActiveSpeakerDetector(name, emit)
        self._echoes = EchoDetector(name, emit)
        self._tasks: set[asyncio.Task[object]] = set()
        self._connected_at = self._allocated_at = self._quality_told_at = self._watched_at = clock()
        self._flushed_tick, self._sound_at = flush_tick(self._connected_at), self._connected_at

    # ------------------------------------------------------------ requests of the engine

    def admit(self, name: str) -> None:
        """Let a participant negotiate anew, dropping their old connections. Raises NotAdmitted if the room is full."""
        old = self.participants.get(name)
        if old is None and len(self.participants) >= self._subscriptions.caps.participants:
            raise NotAdmitted("the room is full")
        if old is not None:
            self._disconnect(old)
        self.participants[name] = Participant(name, self._clock())
        self._update()

    def publish(self, name: str, offer: str, sources: Mapping[str, Source]) -> str:
        """Return the answer to a participant's offer. Raises BadDescription, NotAdmitted."""
        participant = self._participant(name)
        remote = sdp.parse(offer)
        sections = match_sources(remote, sources)
        publisher = participant.publisher
        if publisher is None or publisher.identity != remote.identity or publisher.peer.closed:
            if publisher is not None:
                self._stop_transport(publisher)
            publisher = Publisher(self._mux, self._certificate, self._connect, self._clock)
            publisher.negotiate_role(remote.setup)
            publisher.identity = remote.identity
            publisher.on_closed = lambda: participant.on_transport_closed(self._clock())
            participant.publisher = publisher
            self._spawn(self._start(participant, publisher, remote))
        else:
            publisher.negotiate_role(remote.setup)
            if publisher.ufrag != remote.ufrag:
                publisher.peer.restart()
        publisher.ufrag = remote.ufrag
        publisher.peer.set_remote_credentials(*remote.ice)
        publisher.apply_offer(sections)
        accepted = {mid: source for mid, (source, _) in sections.items()}
        text = sdp.answer(remote, accepted, self._local(publisher), publisher.setup)
        self._update()
        return text

    def answer(self, name: str, answer: str) -> None:
        """Take a participant's answer to our last offer. Raises BadDescription, NotAdmitted."""
        participant = self._participant(name)
        subscriber = participant.subscriber
        if subscriber is None or not subscriber.was_offered:
            raise BadDescription("not_offered")
        remote = sdp.parse(answer, subscriber.max_sections, answer=True)
        subscriber.negotiate_role(remote.setup)
        subscriber.peer.set_remote_credentials(*remote.ice)
        if not subscriber.started:
            subscriber.started = True
            self._spawn(self._start(participant, subscriber, remote))
        subscriber.apply_answer(remote)
        now = self._clock()
        self._subscriptions.connect_subscriber(participant, self.participants, now)
        if subscriber.stale:
            self._offer(participant, subscriber)
        self._subscriptions.request_key_frames(participant, self.participants, now)

    def restart(self, name: str) -> None:
        """Offer again with new ICE credentials. Raises NotAdmitted."""
        participant = self._participant(name)
        subscriber = participant.subscriber
        if subscriber is not None and subscriber.transceivers:
            subscriber.peer.restart()
            self._offer(participant, subscriber)

    def pin(self, name: str, pinned: str) -> None:
        """Set whom a participant's page shows large; "" and anybody who is not here are nobody."""
        self._participant(name).pinned = pinned

    def share_with(self, rooms: int) -> None:
        """Set how many rooms, including this one, share the worker's bandwidth."""
        self._subscriptions.rooms = rooms

    def route(self, matrix: RouteMatrix) -> None:
        """Set who receives whom. Nothing is sent against it once this returns."""
        self._subscriptions.route(matrix, self._clock())
        self._update()

    def remove(self, name: str) -> None:
        """End a participant's connections and recording, if they are here."""
        participant = self.participants.pop(name, None)
        if participant is not None:
            self._egress.end(name, "left")
            self._disconnect(participant)
            self._update()

    async def close(self, cause: str) -> None:
        """End all connections and recordings. Returns when the recordings are finished."""
        self._egress.end_all(cause)
        for participant in self.participants.values():
            self._disconnect(participant)
        self.participants.clear()
        try:
            await asyncio.wait_for(self._taps.drain(self.name), DRAIN_WITHIN)
        except TimeoutError:
            log.error("Recordings of a room did not finish in %s s", DRAIN_WITHIN)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def tick(self, now: float) -> None:
        """Do what is due. Called every 50 ms."""
        for participant in list(self.participants.values()):
            if participant.publisher is not None:
                participant.publisher.tick(now)
        if flush_tick(now) != self._flushed_tick:
            self._flushed_tick = flush_tick(now)
            self._egress.flush()
        if now - self._sound_at >= SOUND_INTERVAL:
            self._sound_at = now
            self._egress.flush_sound()
        if now - self._watched_at >= WATCH_INTERVAL:
            self._watched_at = now
            self._watch(now)
        if self._subscriptions.measure(self.participants, now):
            self._connect()
        if now - self._allocated_at >= ALLOCATE_INTERVAL:
            self._allocated_at = now
            self._subscriptions.speaker = self._speakers.speaker
            self._subscriptions.reallocate(self.participants, now)
            self._connect()
        if now - self._connected_at >= CONNECT_INTERVAL:
            self._connect()
            self._renegotiate()
        if now - self._quality_told_at >= QUALITY_INTERVAL:
            self._quality_told_at = now
            self._tell_quality()

    # ------------------------------------------------------------ routing

    def _update(self) -> None:
        """Adjust forwarding, then offers, to who is here and who may receive whom."""
        published: list[Key] = [
            (participant.name, source)
            for participant in self.participants.values()
            if participant.publisher is not None
            for source in participant.publisher.sources
        ]
        for participant in self.participants.values():
            subscriber = participant.subscriber
            # A transceiver stays as long as its source is published: muting must not cost a negotiation.
            known = (
                {transceiver.key for transceiver in subscriber.transceivers if transceiver.track.active}
                if subscriber is not None
                else set()
            )
            wanted = {
                key
                for key in published
                if key[0] != participant.name and (key in known or self._subscriptions.is_routed(participant.name, key))
            }
            if subscriber is None and wanted:
                subscriber = Subscriber(self._mux, self._certificate, self._clock)
                participant.subscriber = subscriber
            if subscriber is not None:
                subscriber.set_tracks(wanted)
        self._connect()
        self._renegotiate()

    def _connect(self) -> None:
        self._connected_at = self._clock()
        self._subscriptions.connect(self.participants, self._connected_at)

    def _renegotiate(self) -> None:
        now = self._clock()
        for participant in self.participants.values():
            subscriber = participant.subscriber
            if subscriber is not None and subscriber.stale and subscriber.may_offer(now):
                self._offer(participant, subscriber)

    def _offer(self, participant: Participant, subscriber: Subscriber) -> None:
        text, tracks = subscriber.offer(self._local(subscriber), self._clock())
        self._emit(Offer(self.name, participant.name, text, tracks))

    # ------------------------------------------------------------ states

    def _watch(self, now: float) -> None:
        """Tell who is there and who speaks."""
        for participant in list(self.participants.values()):
            before = participant.state
            state = participant.update_state(now)
            if participant.returned_at == now:
                self._ignore_loss(now)
            if state != before and state != "new":
                if state == "failed":
                    self._egress.end(participant.name, "disconnected")
                self._emit(Connection(self.name, participant.name, state))
            if (sending := participant.sending) != participant.sending_told:
                participant.sending_told = sending
                self._emit(PublisherState(self.name, participant.name, sending))
        voices = {p.name: p.publisher.voice for p in self.participants.values() if p.publisher is not None}
        self._speakers.update(voices.items(), self._subscriptions.audible, now)
        self._echoes.update(voices, lambda who, whom: self._subscriptions.is_routed(who, (whom, "mic")), now)

    def _ignore_loss(self, now: float) -> None:
        """Ignore loss for a while: a participant returned, and everybody misses what they did not send."""
        for participant in self.participants.values():
            if participant.subscriber is not None:
                participant.subscriber.on_outage_end(now)

    def _tell_quality(self) -> None:
        for participant in self.participants.values():
            quality = participant.quality()
            if participant.state != "new" and quality != participant.quality_told:
                participant.quality_told = quality
                self._emit(Quality(self.name, participant.name, quality))

    # ------------------------------------------------------------ connections

    def _participant(self, name: str) -> Participant:
        try:
            return self.participants[name]
        except KeyError:
            raise NotAdmitted(f"not admitted to {self.name}") from None

    def _local(self, transport: PeerTransport) -> LocalDescription:
        return LocalDescription(self._addresses, self._mux.port, transport.peer.credentials, transport.fingerprints)

    async def _start(self, participant: Participant, transport: PeerTransport, remote: RemoteDescription) -> None:
        if await transport.start(remote.fingerprints) and self.participants.get(participant.name) is participant:
            self._subscriptions.connect_subscriber(participant, self.participants, self._clock())
            self._subscriptions.connect_recorder(self.participants, self._clock())

    def _disconnect(self, participant: Participant) -> None:
        publisher = participant.publisher
        self._speakers.silence(participant.name, publisher.voice if publisher is not None else None)
        self._subscriptions.remove(participant)
        for transport in participant.transports:
            self._stop_transport(transport)

    def _stop_transport(self, transport: PeerTransport) -> None:
        """Stop media now, and close the transport in the background."""
        transport.detach()
        self._spawn(transport.stop())

    def _spawn(self, coroutine: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A connection of room %s failed", self.name, exc_info=error)


def match_sources(remote: RemoteDescription, sources: Mapping[str, Source]) -> dict[str, tuple[Source, MediaSection]]:
    """Return the offer's sections that send a source the client named, by mid. Raises BadDescription if they differ."""
    sections = {section.mid: section for section in remote.sections}
    result: dict[str, tuple[Source, MediaSection]] = {}
    for mid, source in sources.items():
        if source not in KIND:
            raise BadDescription("source", f"a=mid:{mid}")
        section = sections.get(mid)
        if section is None or section.kind != KIND[source] or source in (other for other, _ in result.values()):
            raise BadDescription("source", f"a=mid:{mid}")
        if section.sends:
            result[mid] = (source, section)
    return result
