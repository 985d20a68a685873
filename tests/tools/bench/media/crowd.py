"""Real rooms for a benchmark, everybody in them connected, seen and heard, and recorded to disk."""

from __future__ import annotations

import time

from media.engine import MediaEvent, Offer, RouteMatrix
from media.sfu import sdp
from media.sfu.bandwidth import DownlinkBandwidth
from media.sfu.room import ForwardingRoom
from media.sfu.sdp import LocalDescription, SentTrack
from media.sfu.stun import IceCredentials
from recordings.files.keys import case_keys
from recordings.recorder import Recorder
from tests.tools.bench.media.floor import Floor, ssrcs_of
from tests.tools.bench.media.traffic import LEVEL_ID


def recorded(floor: Floor, size: int, rooms: int) -> None:
    """So many rooms of `size`, one seat's camera and microphone of each on their way into a file."""
    _rooms(floor, size, rooms, 1)


def all_recorded(floor: Floor, size: int, rooms: int) -> None:
    """The same with everybody recorded."""
    _rooms(floor, size, rooms, size)


def unrecorded(floor: Floor, size: int, rooms: int) -> None:
    """The same with nobody recorded."""
    _rooms(floor, size, rooms, 0)


def record(floor: Floor, everybody: bool) -> None:
    """From now on, or nobody any more."""
    for room in floor.rooms:
        _route(room, frozenset(room.participants) if everybody else frozenset())


def _rooms(floor: Floor, size: int, rooms: int, written: int) -> None:
    recorder = Recorder(floor.folder / "recordings", 0, case_keys(floor.folder), writer=floor.writer)
    floor.closing.append(recorder.stop)
    for n in range(rooms):
        _add_room(floor, recorder, n, size, written)


def _add_room(floor: Floor, recorder: Recorder, number: int, size: int, written: int) -> None:
    offers: list[Offer] = []

    def emit(event: MediaEvent) -> None:
        if isinstance(event, Offer):
            offers.append(event)

    room = ForwardingRoom(
        f"room-{number}", floor.mux, floor.certificate, ["127.0.0.1"], recorder, emit, time.monotonic
    )  # fmt: skip
    names = [f"seat-{n}" for n in range(size)]
    ssrcs = {name: ssrcs_of(number * size + at) for at, name in enumerate(names)}
    for name in names:
        room.admit(name)
        room.publish(name, publishing(floor, ssrcs[name]), {"0": "mic", "1": "camera"})
    _route(room, frozenset(names[:written]))
    while offers:  # an answer may bring the next offer
        offer = offers.pop(0)
        room.answer(offer.participant, receiving(offer.sdp))
    for name in names:
        participant = room.participants[name]
        assert participant.publisher is not None
        assert participant.subscriber is not None
        # These clients' networks are good, and known to be: finding that out is not what is measured.
        participant.subscriber.estimator.bandwidth.estimate = DownlinkBandwidth.MAX
        floor.connect(participant.publisher, participant.subscriber, ssrcs[name])
    floor.rooms.append(room)


def _route(room: ForwardingRoom, written: frozenset[str]) -> None:
    """Everybody sees and hears everybody else."""
    everybody = frozenset(room.participants)
    routes = {name: everybody - {name} for name in everybody}
    room.route(RouteMatrix(routes, routes, written))


def publishing(floor: Floor, ssrcs: tuple[int, int]) -> str:
    """A client's offer of a microphone and a camera."""
    local = LocalDescription([], 9, IceCredentials(), floor.certificate.getFingerprints())
    streams = [
        SentTrack("audio", "s", "mic", ssrcs[1]),
        SentTrack("video", "s", "camera", ssrcs[0], ssrcs[0] + (1 << 20)),
    ]
    level = f"a=extmap:{LEVEL_ID} {sdp.LEVEL_URI}\r\na=rtpmap:"
    return sdp.offer(streams, local, 1).replace("a=rtpmap:", level, 1).replace("a=ice-lite\r\n", "")


def receiving(offer: str) -> str:
    """A client's answer that takes everything offered."""
    return (
        offer.replace("a=ice-lite\r\n", "")
        .replace("a=sendonly", "a=recvonly")
        .replace("a=setup:actpass", "a=setup:active")
    )
