"""Who receives which track: the routes in force, the layers that fit, and what publishers are told to send.

Owns the routes of a room. Nothing from before a route was opened is sent on it: a key frame kept for newcomers may be
from a conversation that they had no part in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from media.engine import MediaEvent, PicturesPaused, RouteMatrix, Source
from media.sfu.bandwidth import AUDIO_BITRATE, MIN_CAMERA, MIN_SCREEN, NO_CAPS, Attention, Caps, Key, Layer, VideoDemand
from media.sfu.egress import EgressManager
from media.sfu.participant import Participant, Subscriber, Transceiver
from media.sfu.uptrack import UpTrack

VIDEO_SOURCES: tuple[Source, ...] = ("screen", "camera")
DEFAULT_HIGH, DEFAULT_LOW, DEFAULT_SCREEN = 650_000, 140_000, 800_000  # bit/s, until measured
RATE_DECAY = 0.9  # per second: how fast the peak bit rate of a layer is forgotten
LOW_LAYER_CEILING = 250_000  # bit/s for a publisher whose large layer nobody receives: audio and the small one
MIN_FOR_CATCH_UP = 500_000  # bit/s: with less, past frames are not sent at once
HIGH_LAYER_UNUSED_AFTER = 10.0  # seconds before the sender of a large layer that nobody receives is told

Participants = Mapping[str, Participant]


class SubscriptionManager:
    """The routes of a room, and the bandwidth that its subscribers share."""

    def __init__(
        self, name: str, egress: EgressManager, emit: Callable[[MediaEvent], None], caps: Caps = NO_CAPS
    ) -> None:
        self.audible: frozenset[str] = frozenset()  # participants whom somebody may hear
        self.speaker = ""
        self.caps = caps
        self.rooms = 1  # that share the worker's caps
        self._name = name
        self._egress = egress
        self._emit = emit
        # What may be sent (to, from, True for audio) and who is recorded, and since when.
        self._routes: dict[tuple[str, str, bool], float] = {}
        self._receivers: frozenset[str] = frozenset()
        self._recorded: dict[str, float] = {}
        self._captioned: frozenset[str] = frozenset()
        self._rates: dict[tuple[str, Source, int], int] = {}
        self._allocated_at = float("-inf")

    def route(self, matrix: RouteMatrix, now: float) -> None:
        """Replace the routes. Call `connect` right after it."""
        self._routes = {
            (to, whom, audio): self._routes.get((to, whom, audio), now)
            for audio, mapping in ((True, matrix.hears), (False, matrix.sees))
            for to, received in mapping.items()
            for whom in received
            if whom != to
        }
        self._receivers = frozenset(to for to, _, _ in self._routes)
        self._recorded = {who: self._recorded.get(who, now) for who in matrix.recorded}
        self._captioned = matrix.captioned
        self.audible = frozenset(whom for _, whom, audio in self._routes if audio)

    def is_routed(self, to: str, key: Key) -> bool:
        """True if `to` may receive this source."""
        return (to, key[0], key[1] == "mic") in self._routes

    # ------------------------------------------------------------ forwarding

    def connect(self, people: Participants, now: float) -> None:
        """Give each DownTrack and each recorder tap the track it should follow now, or none."""
        for participant in people.values():
            self.connect_subscriber(participant, people, now)
        self.connect_recorder(people, now)

    def connect_subscriber(self, participant: Participant, people: Participants, now: float) -> None:
        """Do it for what one participant receives, where nothing else has changed."""
        subscriber = participant.subscriber
        if subscriber is not None and subscriber.ready:
            if participant.name not in self._receivers:
                subscriber.probe.stop(now)
            for transceiver in subscriber.transceivers:
                if transceiver.accepted or transceiver.downtrack is not None:
                    self._connect_transceiver(participant.name, subscriber, transceiver, people, now)

    def connect_recorder(self, people: Participants, now: float) -> None:
        """Do it for recorder taps."""
        self._egress.update(
            self._recorded.keys(),
            self._captioned,
            {p.name: p.publisher for p in people.values() if p.recordable and p.publisher is not None},
            self.audible,
            now,
        )

    def _connect_transceiver(
        self, to: str, subscriber: Subscriber, transceiver: Transceiver, people: Participants, now: float
    ) -> None:
        name, source = transceiver.key
        owner = people.get(name)
        since = self._routes.get((to, name, source == "mic"))
        layer = Layer.HIGH if source == "mic" else subscriber.estimator.layer(transceiver.key)
        if since is None or owner is None or not transceiver.accepted or layer is Layer.NONE:
            if transceiver.downtrack is not None:
                transceiver.downtrack.stop()
        elif owner.publisher is not None:
            track = owner.publisher.best_layer(source, now, layer is Layer.HIGH)
            if track is not None:
                # All frames since the last key frame at once would be too much for a weak connection.
                weak = subscriber.estimator.bandwidth.estimate < MIN_FOR_CATCH_UP
                subscriber.downtrack(transceiver).subscribe(track, float("inf") if weak else since)

    def request_key_frames(self, participant: Participant, people: Participants, now: float) -> None:
        """Request the key frames that are needed when the handshake is done."""
        subscriber = participant.subscriber
        if subscriber is None or subscriber.ready:
            return
        for transceiver in subscriber.transceivers:
            owner = people.get(transceiver.key[0])
            if (
                transceiver.accepted
                and transceiver.track.kind == "video"
                and owner is not None
                and owner.publisher is not None
            ):
                track = owner.publisher.best_layer(transceiver.key[1], now, high=False)
                if track is not None and self.is_routed(participant.name, transceiver.key):
                    track.request_key_frame()

    def remove(self, participant: Participant) -> None:
        """Tell the end of video pauses: the participant's connections are gone."""
        directions: tuple[tuple[Literal["to", "from"], bool], ...] = (
            ("to", participant.subscriber is not None and participant.subscriber.estimator.paused),
            ("from", participant.send_pause.paused),
        )
        for direction, paused in directions:
            if paused:
                self._emit(PicturesPaused(self._name, participant.name, direction, False))

    def measure(self, people: Participants, now: float) -> bool:
        """Measure connections, and allocate anew where that has ended. True if `connect` is to be called then.

        Called every 50 ms.
        """
        found = begun = False
        for participant in people.values():
            subscriber = participant.subscriber
            if subscriber is None or not subscriber.ready or participant.name not in self._receivers:
                continue
            estimator, probe = subscriber.estimator, subscriber.probe
            if probe.measured is not None:
                estimator.bandwidth.on_measured(probe.measured.bits, probe.measured.short)
                probe.measured, found = None, True
                demands, attention, cap = self._demands(participant, subscriber, people, now)
                estimator.allocate(subscriber.audio_bitrate, demands, now, attention, cap)
            # One after the other, because several may be behind one line, and trains cost us time too.
            if not begun and probe.due(now) and estimator.quiet:
                if not probe.tested:  # what is wanted need not wait for the next allocation
                    demands, _, cap = self._demands(participant, subscriber, people, now)
                    estimator.want(subscriber.audio_bitrate, demands, cap)
                subscriber.measure(estimator.wanted)
                begun = probe.under_way
        return found

    # ------------------------------------------------------------ every second

    def reallocate(self, people: Participants, now: float) -> None:
        """Measure bit rates, allocate layers anew and tell publishers. Call `connect` after it."""
        seconds, self._allocated_at = now - self._allocated_at, now
        self._measure_rates(people)
        for participant in people.values():
            subscriber = participant.subscriber
            if subscriber is not None and subscriber.ready:
                self._allocate(participant, subscriber, people, seconds, now)
        for participant in people.values():
            self._set_ceiling(participant, people, now)

    def _measure_rates(self, people: Participants) -> None:
        self._rates = {
            (name, track.source, track.layer): max(
                int(track.bitrate * 1.15), int(RATE_DECAY * self._rates.get((name, track.source, track.layer), 0))
            )
            for name, participant in people.items()
            if participant.publisher is not None
            for track in participant.publisher.tracks.values()
        }

    def _allocate(
        self, participant: Participant, subscriber: Subscriber, people: Participants, seconds: float, now: float
    ) -> None:
        sent, audio = subscriber.measure_bitrate(seconds)
        demands, attention, cap = self._demands(participant, subscriber, people, now)
        reception, was = subscriber.estimator, subscriber.estimator.paused
        before = reception.bandwidth.estimate
        reception.update(sent, audio, demands, now, attention, cap)
        if reception.bandwidth.estimate < before:
            subscriber.probe.rest(now)
        if reception.paused is not was:
            self._emit(PicturesPaused(self._name, participant.name, "to", reception.paused))

    def _demands(
        self, participant: Participant, subscriber: Subscriber, people: Participants, now: float
    ) -> tuple[list[VideoDemand], Attention, int]:
        """Return what may be sent to a participant, whom they attend to, and their cap."""
        demands = []
        for transceiver in subscriber.transceivers:
            owner = people.get(transceiver.key[0])
            if (
                transceiver.key[1] != "mic"
                and transceiver.accepted
                and self.is_routed(participant.name, transceiver.key)
                and owner is not None
            ):
                demands += self._demand(owner, transceiver.key, now)
        return demands, Attention(participant.pinned, self.speaker), self.caps.share(len(people), self.rooms)

    def _demand(self, owner: Participant, key: Key, now: float) -> list[VideoDemand]:
        """Return the demand for one source in a list; empty while none of its layers arrives."""
        layers = owner.publisher.layers(key[1]) if owner.publisher is not None else []
        arriving = {track.layer: track for track in layers if track.alive(now)}
        if not arriving:
            return []
        usual = DEFAULT_SCREEN if key[1] == "screen" else DEFAULT_HIGH
        high = self._rate(owner.name, arriving.get(0)) or usual
        if not layers[0].simulcast:
            return [VideoDemand(key, high)]
        # A layer that does not arrive may be one that nobody could receive so far.
        low = self._rate(owner.name, arriving.get(1)) or DEFAULT_LOW
        return [VideoDemand(key, max(high, low), low)]

    def _rate(self, name: str, track: UpTrack | None) -> int:
        return self._rates.get((name, track.source, track.layer), 0) if track is not None else 0

    # ------------------------------------------------------------ towards publishers

    def _set_ceiling(self, participant: Participant, people: Participants, now: float) -> None:
        """Set what a publisher may send: what somebody receives, and only audio if its network carries no more."""
        publisher = participant.publisher
        if publisher is None or not publisher.ready:
            return
        uplink, first = publisher.uplink, participant.send_pause
        sends_pictures = any(s.kind == "video" and s.alive(now) for s in publisher.tracks.values())
        was = first.paused
        if sends_pictures or was:
            first.update(uplink.estimate, 0, now)
        if first.paused is not was:
            self._emit(PicturesPaused(self._name, participant.name, "from", first.paused))
        cap = self.caps.share(len(people), self.rooms)
        ceilings = [cap] if cap else []
        if first.paused:
            ceilings.append(AUDIO_BITRATE)
        else:
            ceilings += self._useful_ceilings(participant, people, now)
        uplink.ceiling = max(AUDIO_BITRATE, min(ceilings)) if ceilings else 0

    def _useful_ceilings(self, participant: Participant, people: Participants, now: float) -> list[int]:
        """Return a ceiling in a list, or none: the recorder takes the best of everything, as does everybody who can."""
        layers = [
            (source, subscriber, subscriber.estimator.layers[key])
            for source in VIDEO_SOURCES
            for key in [(participant.name, source)]
            for other in people.values()
            if (subscriber := other.subscriber) is not None and key in subscriber.estimator.layers
        ]
        large = any(source == "camera" and layer is Layer.HIGH for source, _, layer in layers)
        if large or participant.name in self._recorded:
            participant.high_layer_wanted_at = now
        squeezed = [
            AUDIO_BITRATE + max(MIN_SCREEN if source == "screen" else MIN_CAMERA, share)
            for source, subscriber, layer in layers
            if layer is Layer.HIGH and self._is_elastic(participant, source)
            for share in [self._share_for(subscriber, source)]
            if share < (self._rates.get((participant.name, source, 0)) or DEFAULT_SCREEN)
        ]
        if squeezed:  # the sender lowers the bit rate for those who could not see it otherwise
            return [min(squeezed)]
        shared = any(source == "screen" and layer is not Layer.NONE for source, _, layer in layers)
        if shared or now - participant.high_layer_wanted_at < HIGH_LAYER_UNUSED_AFTER:
            return []
        return [LOW_LAYER_CEILING]

    @staticmethod
    def _is_elastic(participant: Participant, source: Source) -> bool:
        layers = participant.publisher.layers(source) if participant.publisher is not None else []
        return source == "screen" or not any(track.simulcast for track in layers)

    @staticmethod
    def _share_for(subscriber: Subscriber, source: Source) -> int:
        """Return a subscriber's bit/s for this source: a screen gets all that is not audio's, cameras share it."""
        left = subscriber.estimator.bandwidth.estimate - max(subscriber.audio_bitrate, AUDIO_BITRATE // 2)
        shown = sum(layer is not Layer.NONE for layer in subscriber.estimator.layers.values())
        return left if source == "screen" else left // max(1, shown)
