"""A mux on a clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media.sfu.ice import IcePeer
from media.sfu.udp_mux import UdpMux

MEDIA = b"\x80" + bytes(1199)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["127.0.0.1", "::1"])
async def mux(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[UdpMux]:
    bound = await UdpMux.bind(request.param, 0)
    bound.clock = clock
    yield bound
    assert not bound.drops["handler"]
    bound.close()
    assert not bound.pending_checks, "what was asked is forgotten with whom it was asked of"


def media(peer: IcePeer, count: int = 50) -> None:
    """What a conversation would send them meanwhile."""
    for _ in range(count):
        peer.send(MEDIA)
