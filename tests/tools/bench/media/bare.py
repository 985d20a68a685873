"""The least a forwarder can do: decrypt, copy, new header, encrypt, send. No cache, no feedback, no numbering."""

from __future__ import annotations

import time
from collections.abc import Iterable

from aiortc.rtcdtlstransport import RTCCertificate

from media.sfu.participant import Subscriber
from media.sfu.publisher import Publisher
from media.sfu.rtp import HEADER, SRTP_LENGTH, PacketBuffer, protect, unprotect
from media.sfu.udp_mux import UdpMux
from tests.tools.bench.media.floor import Floor, ssrcs_of


class BarePublisher(Publisher):
    def __init__(self, mux: UdpMux, certificate: RTCCertificate) -> None:
        super().__init__(mux, certificate, lambda: None, time.monotonic)
        self.downtracks: list[tuple[Subscriber, dict[int, int]]] = []
        self._in, self._out = PacketBuffer(), PacketBuffer()

    def _on_rtp(self, data: bytes) -> None:
        mem, size = self._in.mem, len(data)
        mem[:size] = data
        SRTP_LENGTH[0] = size
        if unprotect(self._srtp_in, self._in.ptr, SRTP_LENGTH):
            return
        size = SRTP_LENGTH[0]
        out, ptr = self._out.mem, self._out.ptr
        first, kind, seq, timestamp, ssrc = HEADER.unpack_from(mem)
        for subscriber, ssrcs in self.downtracks:
            out[:size] = mem[:size]
            HEADER.pack_into(out, 0, first, kind, seq, timestamp, ssrcs[ssrc])
            SRTP_LENGTH[0] = size
            if protect(subscriber.srtp_out, ptr, SRTP_LENGTH):
                continue
            peer = subscriber.peer
            try:
                peer.sendto(out[: SRTP_LENGTH[0]], peer.remote)
            except OSError:
                continue
            self.mux.sent += 1


def bare(floor: Floor, size: int, rooms: int) -> None:
    for n in range(rooms):
        publishers = [BarePublisher(floor.mux, floor.certificate) for _ in range(size)]
        subscribers = [Subscriber(floor.mux, floor.certificate, time.monotonic) for _ in range(size)]
        for at, (publisher, subscriber) in enumerate(zip(publishers, subscribers, strict=True)):
            ssrcs = ssrcs_of(n * size + at)
            floor.connect(publisher, subscriber, ssrcs)
            publisher.downtracks = [(other, _renamed(ssrcs)) for other in subscribers if other is not subscriber]


def _renamed(ssrcs: Iterable[int]) -> dict[int, int]:
    return {ssrc: ssrc + (1 << 24) for ssrc in ssrcs}
