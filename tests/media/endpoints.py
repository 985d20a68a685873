"""An endpoint on a clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media.sfu.endpoint import Endpoint
from media.sfu.peer import Peer

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
async def endpoint(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Endpoint]:
    bound = await Endpoint.bind(request.param, 0)
    bound.clock = clock
    yield bound
    assert not bound.drops["handler"]
    bound.close()
    assert not bound.asked, "what was asked is forgotten with whom it was asked of"


def media(peer: Peer, count: int = 50) -> None:
    """What a conversation would send them meanwhile."""
    for _ in range(count):
        peer.send(MEDIA)
