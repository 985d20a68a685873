"""Retransmissions of their own SSRC (RFC 4588): whose they are, and the original restored in the buffer they fill."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from media.sfu import description
from media.sfu.fanout import HEADER
from media.sfu.header import PADDED, extension, unpadded
from media.sfu.srtp import PacketBuffer

if TYPE_CHECKING:
    from media.sfu.description import Line
    from media.sfu.source import IncomingStream

ORIGINAL = struct.Struct("!H")  # OSN: the original sequence number, before the original payload


def restore(packet: PacketBuffer, body: int, size: int, payload_type: int, ssrc: int) -> bool:
    """Turn the decrypted retransmission into the packet it repeats; false for mere padding.

    A sender probes the network with retransmissions that hold nothing.
    """
    mem = packet.mem
    first, marker_type, _, timestamp, _ = HEADER.unpack_from(mem)
    end = unpadded(mem, body, size) if first & PADDED else size
    if body + ORIGINAL.size >= end:
        return False
    (seq,) = ORIGINAL.unpack_from(mem, body)
    HEADER.pack_into(mem, 0, first, marker_type & 0x80 | payload_type, seq, timestamp, ssrc)
    packet.size, packet.body, packet.seq = size, body + ORIGINAL.size, seq
    return True


class Repetitions:
    """Of one publisher: which stream an SSRC of retransmissions belongs to, once that is known."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, int] = {}  # -> SSRC of what it repeats; bounded like all SSRCs that were met

    def of(
        self,
        mem: memoryview,
        head: int,
        body: int,
        payload_type: int,
        ssrc: int,
        lines: Iterable[Line],
        streams: Mapping[int, IncomingStream],
    ) -> tuple[IncomingStream | None, Line | None]:
        """The stream that a retransmission repeats (RFC 4588; RFC 8852 4.2 with layers), and its m-line.

        No line: it is no retransmission. No stream: one of something that has not come yet.
        """
        possible = [line for line in lines if line.rtx_type and line.rtx_type == payload_type]
        for line in possible:
            stream = streams.get(self._known.get(ssrc, line.repairs.get(ssrc, 0)))
            if stream is None and (stream := _named(mem, head, body, line, streams)) is not None:
                self._known[ssrc] = stream.ssrc
            if stream is not None and stream.mid == line.mid:
                return stream, line
        return None, possible[0] if possible else None


def _named(
    mem: memoryview, head: int, body: int, line: Line, streams: Mapping[int, IncomingStream]
) -> IncomingStream | None:
    """What a retransmission's own header says it repeats: its layer, else the only stream of its m-line."""
    mid = extension(mem, head, body, line.extensions.get(description.MID_URI, 0))
    if mid and mid != line.mid.encode():
        return None
    own = [stream for stream in streams.values() if stream.mid == line.mid]
    if not line.rids:
        return own[0] if len(own) == 1 and not line.repairs else None
    layer = extension(mem, head, body, line.extensions.get(description.REPAIRED_RID_URI, 0))
    names = {rid.encode(): rank for rank, rid in enumerate(line.rids)}
    return next((stream for stream in own if stream.rank == names.get(layer)), None)
