"""The library in C, and the fan-out it does: the same datagrams and counters as `media.sfu.fan_out.FanOut`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pylibsrtp._binding import ffi as srtp_ffi, lib as srtp

from media.sfu.fan_out import FanOut, RtpOutput
from media.sfu.ice import MuxState
from media.sfu.native.library import FORWARDING
from media.sfu.rtp import PacketBuffer, address_of
from media.sfu.sdp import ABS_SEND_TIME_ID
from media.sfu.udp_mux import PacketReceiver, UdpMux


class NativeForwarder:
    """The loaded library, the `NativeForwarding` of every mux of this process."""

    def __init__(self, path: Path) -> None:
        """Load the library at `path`. Raises NativeMissing."""
        self.ffi, self.lib = FORWARDING.load(path)
        self.protect, self.unprotect = (
            self.ffi.cast("void *", address_of(srtp_ffi.addressof(srtp, name)))
            for name in ("srtp_protect", "srtp_unprotect")
        )
        self.uncleared = self.ffi.new_allocator(should_clear_after_alloc=False)

    def __call__(self, mux: MuxState, with_send_time: bool, clock: Callable[[], float] = time.time) -> FanOut:
        return NativeFanOut(self, mux, with_send_time, clock)

    def receiver(self, mux: UdpMux) -> PacketReceiver:
        # Imported here because it builds on this module.
        from media.sfu.native.receiver import NativeReceiver

        return NativeReceiver(self, mux)


class NativeFanOut(FanOut):
    """Writes a table for C when it meets a list of outputs for the second time: one packet alone is not worth it.

    `table` describes the outputs in `written`; `uptrack` is the UpTrack's state in C that uses the table.
    """

    def __init__(
        self, native: NativeForwarder, mux: MuxState, with_send_time: bool, clock: Callable[[], float]
    ) -> None:
        super().__init__(mux, with_send_time, clock)
        self._native = native
        self._call, self._protect = native.lib.yuntiao_fan_out, native.protect
        self._met_once: Sequence[RtpOutput] | None = None
        self.written: Sequence[RtpOutput] | None = None
        self.table: Any = native.ffi.NULL
        self.uptrack: Any = None
        self.extension = ABS_SEND_TIME_ID << 28 | 2 << 24 if with_send_time else 0
        self._count = 0
        self._in_table: list[Any] = []  # what the table points to, kept alive with the outputs and their keys

    def send(
        self,
        outputs: Sequence[RtpOutput],
        packet: PacketBuffer,
        start: int,
        first: int,
        marker: int,
        seq: int,
        timestamp: int,
    ) -> None:
        if outputs is not self.written:
            if outputs is not self._met_once:
                self._met_once = outputs
                super().send(outputs, packet, start, first, marker, seq, timestamp)
                return
            self._write_table(outputs)
        if self._with_send_time:
            word, first = self._send_time(), 0x90 | first & 0x20
        else:
            word, first = 0, 0x80 | first & 0x20
        failed = self._call(
            self._protect, self.table, self._count, packet.ptr + start, packet.size - start, word, first, marker, seq,
            timestamp,
        )  # fmt: skip
        if failed:
            drops = self._mux.drops
            drops.update({cause: n for cause, n in (("protect", failed & 0xFFFF), ("send", failed >> 16)) if n})
        self._mux.sent += self._count

    def _write_table(self, outputs: Sequence[RtpOutput]) -> None:
        ffi = self._native.ffi
        if self.uptrack is not None:
            self.uptrack.armed = 0  # it points to the table that is replaced
        rows = []
        self._in_table = []
        for output in outputs:
            row = ffi.new("struct downtrack *")
            destination = ffi.from_buffer("struct destination *", output.peer.destination)
            row.context = ffi.cast("void *", address_of(output.srtp))
            row.destination = destination
            row.ssrc = output.ssrc
            row.timestamp = output.ts_offset & 0xFFFFFFFF
            row.sequence = output.seq_offset & 0xFFFF
            row.payload_type = output.payload_type
            if output.shift is not None:
                row.shifted, row.picture, row.tl0 = 1, output.shift.picture_id & 0x7FFF, output.shift.tl0 & 0xFF
            rows.append(row)
            self._in_table += (row, destination, output)
        self.table, self._count = ffi.new("struct downtrack *[]", rows), len(rows)
        self.written, self._met_once = outputs, None
