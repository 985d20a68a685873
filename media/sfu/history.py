"""The latest packets of an incoming stream, by sequence number, and where its latest key frame begins among them."""

from __future__ import annotations

from media.sfu.srtp import PacketBuffer

FRESH_FOR = 1.5  # seconds after which a newcomer is better off with a new key frame
MOST_REPLAYED = 96  # packets, about 100 kB at once: what a key frame and a second of pictures take


class History:
    """A packet's place is its sequence number modulo their count, which is a power of two."""

    __slots__ = ("_slots", "key_at", "key_seq", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._slots: list[PacketBuffer | None] = [None] * size
        self.key_seq = -1  # of the first packet of the latest key frame; -1: none yet
        self.key_at = float("-inf")  # when it came

    def keep(self, packet: PacketBuffer) -> PacketBuffer:
        """Take a packet in; returns a buffer for another one."""
        slot = packet.seq & (self.size - 1)
        spare = self._slots[slot]
        self._slots[slot] = packet
        return spare if spare is not None else PacketBuffer()

    def get(self, seq: int) -> PacketBuffer | None:
        packet = self._slots[seq & (self.size - 1)]
        return packet if packet is not None and packet.seq == seq else None

    def since_key_frame(self, highest: int, earliest: float, now: float) -> list[PacketBuffer]:
        """The latest key frame and all that followed, or nothing if that is old, long, incomplete or of a time
        before `earliest`."""
        count = ((highest - self.key_seq) & 0xFFFF) + 1
        if self.key_at < max(earliest, now - FRESH_FOR) or count > MOST_REPLAYED:
            return []
        packets = [self.get((self.key_seq + n) & 0xFFFF) for n in range(count)]
        return [packet for packet in packets if packet is not None] if all(packets) else []
