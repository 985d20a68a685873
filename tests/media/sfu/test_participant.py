"""When a participant counts as connected, silent or gone; and which layer of theirs is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from media.sfu.participant import Participant, Subscriber
from media.sfu.publisher import Publisher
from media.sfu.udp_mux import UdpMux
from media.sfu.uptrack import UpTrack


@pytest.fixture
async def ann() -> AsyncIterator[Participant]:
    mux = await UdpMux.bind("127.0.0.1", 0)
    certificate = RTCCertificate.generateCertificate()
    participant = Participant("ann", 0.0)
    participant.publisher = Publisher(mux, certificate, lambda: None, lambda: 0.0)
    participant.subscriber = Subscriber(mux, certificate, lambda: 0.0)
    yield participant
    mux.close()


def hear(transport: Publisher | Subscriber | None) -> None:
    """A datagram over a connection whose handshake is done."""
    assert transport is not None
    transport.srtp_out = transport.srtp_out or "keys"
    transport.peer.authenticated += 1


class Watching:
    """Looks at somebody every 50 ms."""

    def __init__(self, whom: Participant) -> None:
        self._whom, self._tick = whom, 0

    def until(self, now: float) -> str:
        while (self._tick + 1) * 0.05 <= now:
            self._tick += 1
            self._whom.update_state(self._tick * 0.05)
        return self._whom.update_state(now)


def test_nobody_is_lost_who_never_connected() -> None:
    assert Participant("ann", 0.0).update_state(100.0) == "new"


async def test_one_connection_heard_is_enough(ann: Participant) -> None:
    watching = Watching(ann)
    hear(ann.publisher)
    assert watching.until(1.0) == "connected"
    hear(ann.subscriber)
    assert watching.until(3.0) == "connected"
    assert watching.until(3.8) == "connected"
    assert watching.until(3.96) == "disconnected"
    assert watching.until(16.0) == "disconnected"
    assert watching.until(16.2) == "failed"
    hear(ann.subscriber)
    assert watching.until(16.3) == "connected"


async def test_what_we_did_not_listen_for_is_nobodys_silence(ann: Participant) -> None:
    hear(ann.publisher)
    assert ann.update_state(1.0) == "connected"
    assert ann.update_state(9.0) == "connected", "the loop was held up for eight seconds"
    watching = Watching(ann)
    watching._tick = 180
    assert watching.until(11.4) == "connected"
    assert watching.until(11.8) == "disconnected"


async def test_a_goodbye_is_silence_at_once_unless_something_is_heard(ann: Participant) -> None:
    hear(ann.publisher)
    hear(ann.subscriber)
    assert ann.update_state(1.0) == "connected"
    ann.on_transport_closed(1.1)
    assert ann.update_state(1.15) == "disconnected"
    hear(ann.subscriber)
    assert ann.update_state(1.2) == "connected"


async def test_a_silent_connection_is_a_bad_one(ann: Participant) -> None:
    hear(ann.publisher)
    watching = Watching(ann)
    watching.until(1.0)
    assert ann.quality() == 4
    watching.until(5.0)
    assert ann.quality() == 1


async def test_the_best_layer_that_arrives_is_taken(ann: Participant) -> None:
    publisher = ann.publisher
    assert publisher is not None
    assert publisher.best_layer("camera", 0.0) is None
    high, low = (UpTrack(publisher, "camera", "video", "1", 96, 10 + rank, rank, True, 1, 0) for rank in (0, 1))
    publisher.tracks = {low.ssrc: low, high.ssrc: high}
    for stream in (high, low):
        stream.state.received = 1
        stream.tick(10.0)
    assert publisher.best_layer("camera", 10.5) is high
    assert publisher.best_layer("camera", 10.5, high=False) is low
    low.state.received = 2
    low.tick(11.5)
    assert publisher.best_layer("camera", 11.5) is low, "the sender has switched the high layer off"
