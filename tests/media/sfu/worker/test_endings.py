"""Who has left holds no memory: connections go when the last who knows them lets go, not when the collector comes."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections import Counter
from collections.abc import Iterator

import pytest

from media.sfu.native import NativeForwarder
from tests.media.stage import InProcess, stage

pytestmark = pytest.mark.media


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
async def test_whoever_leaves_takes_their_connections_keys_and_streams_along(native: NativeForwarder | None) -> None:
    async with stage(InProcess(native=native)) as one:
        assert isinstance(one.engine, InProcess)
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        for peer, other in ((ann, "bob"), (bob, "ann")):
            await peer.until(lambda peer=peer, other=other: peer.of(other, "camera").frames >= 3)  # type: ignore[misc]
        room = one.engine.room
        kept: list[tuple[str, weakref.ref[object]]] = []
        for transport in [
            transport for participant in room.participants.values() for transport in participant.transports
        ]:
            assert transport._dtls is not None
            assert transport._dtls._ssl is not None
            held = [
                transport,
                transport.peer,
                transport._dtls,
                transport._dtls._ssl,
                *getattr(transport, "tracks", {}).values(),
            ]
            kept += [(type(each).__name__, weakref.ref(each)) for each in held]
        del transport, held
        assert Counter(kind for kind, _ in kept) == {
            "Publisher": 2, "Subscriber": 2, "IcePeer": 4, "RTCDtlsTransport": 4, "UpTrack": 4,
            "Connection": 4,
        }  # fmt: skip
        for name in ("ann", "bob"):
            await one.engine.remove("r", name)
        await asyncio.wait(room._tasks)  # their goodbyes
        await asyncio.sleep(0)
        assert [kind for kind, ref in kept if ref() is not None] == []
