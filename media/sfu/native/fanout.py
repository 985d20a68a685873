"""The fan-out in C, with the interface and the effects of `media.sfu.fanout.FanOut`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pylibsrtp._binding import ffi as srtp_ffi, lib as srtp

from media.sfu.description import ABS_SEND_TIME_ID
from media.sfu.fanout import FanOut
from media.sfu.native.library import FORWARDING
from media.sfu.srtp import PacketBuffer, address_of

if TYPE_CHECKING:
    from media.sfu.endpoint import Endpoint
    from media.sfu.native.wayin import WayIn
    from media.sfu.sink import Sink


class Native:
    """The loaded library: makes a stream's fan-out, as the class `FanOut` itself does, and an endpoint's way in."""

    def __init__(self, path: Path) -> None:
        self.ffi, self.lib = FORWARDING.load(path)
        self.protect, self.unprotect = (
            self.ffi.cast("void *", address_of(srtp_ffi.addressof(srtp, name)))
            for name in ("srtp_protect", "srtp_unprotect")
        )
        self.uncleared = self.ffi.new_allocator(should_clear_after_alloc=False)

    def __call__(self, endpoint: Endpoint, extended: bool, clock: Callable[[], float] = time.time) -> FanOut:
        return NativeFanOut(self, endpoint, extended, clock)

    def way_in(self, endpoint: Endpoint) -> WayIn:
        # Only who is given a library needs it, and it knows all the rest.
        from media.sfu.native.wayin import WayIn

        return WayIn(self, endpoint)


class NativeFanOut(FanOut):
    """A list of sinks met for the second time is written down for C; one made for a single packet is not worth it.

    `table` has what was `written`; `lane` is whose packets C sends by it on its own.
    """

    def __init__(self, native: Native, endpoint: Endpoint, extended: bool, clock: Callable[[], float]) -> None:
        super().__init__(endpoint, extended, clock)
        self._native = native
        self._call, self._protect = native.lib.yuntiao_fan_out, native.protect
        self._met: Sequence[Sink] | None = None
        self.written: Sequence[Sink] | None = None
        self.table: Any = native.ffi.NULL
        self.lane: Any = None
        self.extension = ABS_SEND_TIME_ID << 28 | 2 << 24 if extended else 0
        self._count = 0
        self._kept: list[Any] = []  # what the ways point to, and the sinks, whose keys must live as long

    def send(
        self, sinks: Sequence[Sink], packet: PacketBuffer, start: int, first: int, marker: int, seq: int, timestamp: int
    ) -> None:
        if sinks is not self.written:
            if sinks is not self._met:
                self._met = sinks
                super().send(sinks, packet, start, first, marker, seq, timestamp)
                return
            self._write_down(sinks)
        if self._extended:
            word, first = self._sent_at(), 0x90 | first & 0x20
        else:
            word, first = 0, 0x80 | first & 0x20
        failed = self._call(
            self._protect, self.table, self._count, packet.ptr + start, packet.size - start, word, first, marker, seq,
            timestamp,
        )  # fmt: skip
        if failed:
            drops = self._endpoint.drops
            drops.update({cause: n for cause, n in (("protect", failed & 0xFFFF), ("send", failed >> 16)) if n})
        self._endpoint.sent += self._count

    def _write_down(self, sinks: Sequence[Sink]) -> None:
        ffi = self._native.ffi
        if self.lane is not None:
            self.lane.armed = 0  # it points to what is about to go
        ways = []
        self._kept = []
        for sink in sinks:
            way = ffi.new("struct way *")
            target = ffi.from_buffer("struct target *", sink.peer.target)
            way.context = ffi.cast("void *", address_of(sink.srtp))
            way.target = target
            way.ssrc = sink.ssrc
            way.timestamp = sink.ts_offset & 0xFFFFFFFF
            way.sequence = sink.seq_offset & 0xFFFF
            way.payload_type = sink.payload_type
            if sink.shift is not None:
                way.shifted, way.picture, way.tl0 = 1, sink.shift.id & 0x7FFF, sink.shift.tl0 & 0xFF
            ways.append(way)
            self._kept += (way, target, sink)
        self.table, self._count = ffi.new("struct way *[]", ways), len(ways)
        self.written, self._met = sinks, None
