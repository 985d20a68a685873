"""The way out of every forwarded packet: a new header, a copy of the payload, encryption in place, sendto.

No object, queue or task per packet: each sink's numbers are added in one buffer, which is sent before the next sink's.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from media.sfu.srtp import LENGTH, PacketBuffer, protect

if TYPE_CHECKING:
    from media.sfu.endpoint import Endpoint
    from media.sfu.sink import Sink

HEADER = struct.Struct("!BBHII")
EXTENSION_SIZE = 8  # of the abs-send-time block that every video packet carries behind its header


def fan_out(
    endpoint: Endpoint,
    out: PacketBuffer,
    sinks: Sequence[Sink],
    tail: bytes | memoryview,
    first: int,
    marker: int,
    seq: int,
    timestamp: int,
) -> None:
    """Send what follows the RTP header (`tail`) to every sink under the sink's own numbers."""
    mem, ptr, end = out.mem, out.ptr, 12 + len(tail)
    for sink in sinks:
        HEADER.pack_into(
            mem, 0, first, marker | sink.payload_type, (seq + sink.seq_offset) & 0xFFFF,
            (timestamp + sink.ts_offset) & 0xFFFFFFFF, sink.ssrc,
        )  # fmt: skip
        mem[12:end] = tail
        if sink.shift is not None:
            sink.shift.apply(mem, 12 + EXTENSION_SIZE, end)
        LENGTH[0] = end
        if protect(sink.srtp, ptr, LENGTH):
            endpoint.drops["protect"] += 1
            continue
        try:
            # A sink starts after the handshake, so its peer has an address.
            sink.peer.sendto(mem[: LENGTH[0]], sink.peer.remote)  # type: ignore[arg-type]
        except OSError:
            endpoint.drops["send"] += 1
    endpoint.sent += len(sinks)
