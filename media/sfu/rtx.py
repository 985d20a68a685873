"""Retransmissions of their own SSRC (RFC 4588): the original packet is restored in the buffer it came in."""

from __future__ import annotations

import struct

from media.sfu.fanout import HEADER
from media.sfu.srtp import PacketBuffer

ORIGINAL = struct.Struct("!H")  # OSN: the original sequence number, before the original payload


def restore(packet: PacketBuffer, body: int, size: int, payload_type: int, ssrc: int) -> bool:
    """Turn the decrypted retransmission into the packet it repeats; false for mere padding.

    A sender probes the network with retransmissions that hold nothing.
    """
    mem = packet.mem
    first, marker_type, _, timestamp, _ = HEADER.unpack_from(mem)
    padding = mem[size - 1] if first & 0x20 else 0
    if body + ORIGINAL.size >= size - padding:
        return False
    (seq,) = ORIGINAL.unpack_from(mem, body)
    HEADER.pack_into(mem, 0, first, marker_type & 0x80 | payload_type, seq, timestamp, ssrc)
    packet.size, packet.body, packet.seq = size, body + ORIGINAL.size, seq
    return True
