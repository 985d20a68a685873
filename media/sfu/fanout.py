"""The way out of every forwarded packet: a new header, a copy of the payload, encryption in place, sendto.

No object, queue or task per packet: each sink's numbers are added in one buffer, which is sent before the next sink's.
`media.sfu.native.fanout` is the same in C; which of them a worker uses is its endpoint's `fan_out`.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from media.sfu.description import ABS_SEND_TIME_ID
from media.sfu.srtp import LENGTH, PacketBuffer, protect

if TYPE_CHECKING:
    from media.sfu.endpoint import Endpoint
    from media.sfu.peer import Peer
    from media.sfu.sink import Sink
    from media.sfu.vp8 import Shift

    MakeFanOut = Callable[[Endpoint, bool], "FanOut"]

HEADER = struct.Struct("!BBHII")
EXTENSION = struct.Struct("!HHI")  # one-byte profile, one word: abs-send-time


class FanOut:
    """Of one incoming stream. `extended`: its packets go out with the time they are sent, as pictures do."""

    def __init__(self, endpoint: Endpoint, extended: bool, clock: Callable[[], float] = time.time) -> None:
        self._endpoint = endpoint
        self._extended = extended
        self._clock = clock
        self._out = endpoint.out
        self._known: Sequence[Sink] = ()
        self._held: tuple[Sink, ...] = ()  # alive as long as their keys are used here, whatever becomes of the list
        self._ways: list[tuple[int, int, int, int, Shift | None, Any, Peer]] = []  # of the known sinks, in one place

    def send(
        self, sinks: Sequence[Sink], packet: PacketBuffer, start: int, first: int, marker: int, seq: int, timestamp: int
    ) -> None:
        """Send the packet's bytes from `start` on to every sink, under the sink's own numbers.

        `first` has the padding bit, `marker` what is added to the payload type. Whoever keeps a list of sinks puts a
        new one in its place when anything about its sinks changes: an implementation may remember what a list held.
        """
        if sinks is not self._known:
            self._known, self._held = sinks, tuple(sinks)
            self._ways = [(s.payload_type, s.seq_offset, s.ts_offset, s.ssrc, s.shift, s.srtp, s.peer) for s in sinks]
        out = self._out
        mem, ptr, views = out.mem, out.ptr, out.views
        payload = packet.mem[start : packet.size]
        if self._extended:
            # Encryption leaves it as it is (RFC 3711 3.1), so once is enough for all sinks.
            EXTENSION.pack_into(mem, 12, 0xBEDE, 1, self._sent_at())
            head, first = 20, 0x90 | first & 0x20
        else:
            head, first = 12, 0x80 | first & 0x20
        end = head + packet.size - start
        for payload_type, seq_offset, ts_offset, ssrc, shift, srtp, peer in self._ways:
            HEADER.pack_into(
                mem, 0, first, marker | payload_type, (seq + seq_offset) & 0xFFFF,
                (timestamp + ts_offset) & 0xFFFFFFFF, ssrc,
            )  # fmt: skip
            mem[head:end] = payload
            if shift is not None:
                shift.apply(mem, head, end)
            LENGTH[0] = end
            if protect(srtp, ptr, LENGTH):
                self._endpoint.drops["protect"] += 1
                continue
            try:
                # A sink starts after the handshake, so its peer had an address: one lost since sends to `nowhere`.
                peer.sendto(views[LENGTH[0]], peer.remote)
            except OSError:
                self._endpoint.drops["send"] += 1
        self._endpoint.sent += len(sinks)

    def _sent_at(self) -> int:
        """The extension's word: id, length, and seconds as 6.18 fixed point."""
        return ABS_SEND_TIME_ID << 28 | 2 << 24 | int(self._clock() * 262_144) & 0xFFFFFF
