"""A room the way aiortc's examples make one: every stream decoded once (MediaRelay) and encoded again for everybody."""

from __future__ import annotations

import asyncio

from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.contrib.media import MediaRelay
from aiortc.rtcrtpreceiver import RemoteStreamTrack

from tests.tools.bench.media.floor import Floor, ssrcs_of
from tests.tools.bench.media.ortc import Silent, Transport, connect, receives, sends


def relayed(floor: Floor, size: int, rooms: int) -> None:
    transports: list[Transport] = []
    ends: list[RTCRtpReceiver | RTCRtpSender] = []
    starting: list[asyncio.Task[None]] = []
    for n in range(rooms):
        ups = [Transport(floor, Silent(floor.mux, floor.certificate)) for _ in range(size)]
        downs = [Transport(floor, Silent(floor.mux, floor.certificate)) for _ in range(size)]
        for at, up in enumerate(ups):
            ssrcs = ssrcs_of(n * size + at)
            connect(floor, up, downs[at], ssrcs)
            for kind, ssrc in zip(("video", "audio"), ssrcs, strict=True):
                receiver, relay = RTCRtpReceiver(kind, up), MediaRelay()
                receiver._track = RemoteStreamTrack(kind=kind)  # as a peer connection does
                ends.append(receiver)
                starting.append(asyncio.ensure_future(receiver.receive(receives(kind, kind, ssrc))))
                for down in downs:
                    if down is not downs[at]:
                        # What comes while a frame is being encoded is left out, or it would fill the memory.
                        sender = RTCRtpSender(relay.subscribe(receiver.track, buffered=False), down)
                        ends.append(sender)
                        starting.append(asyncio.ensure_future(sender.send(sends(kind, ""))))
        transports += (*ups, *downs)

    async def close() -> None:
        await asyncio.gather(*starting)
        for end in ends:
            await end.stop()
        for transport in transports:
            await transport.end()

    floor.closing.append(close)
