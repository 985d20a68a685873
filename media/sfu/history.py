"""The latest packets of an incoming stream, by sequence number, and where its latest key frame begins among them."""

from __future__ import annotations

from media.sfu.srtp import PacketBuffer

FRESH_FOR = 1.5  # seconds after which a newcomer is better off with a new key frame
MOST_REPLAYED = 96  # packets, about 100 kB at once: what a key frame and a second of pictures take


class History:
    """`slots` is written by the stream itself: a packet's place is its sequence number modulo their count."""

    __slots__ = ("key_at", "key_seq", "slots")

    def __init__(self, size: int) -> None:
        self.slots: list[PacketBuffer | None] = [None] * size
        self.key_seq = -1  # of the first packet of the latest key frame; -1: none yet
        self.key_at = float("-inf")  # when it came

    def get(self, seq: int) -> PacketBuffer | None:
        packet = self.slots[seq & (len(self.slots) - 1)]
        return packet if packet is not None and packet.seq == seq else None

    def since_key_frame(self, highest: int, earliest: float, now: float) -> list[PacketBuffer]:
        """The latest key frame and all that followed, or nothing if that is old, long, incomplete or of a time
        before `earliest`."""
        count = ((highest - self.key_seq) & 0xFFFF) + 1
        if self.key_at < max(earliest, now - FRESH_FOR) or count > MOST_REPLAYED:
            return []
        packets = [self.get((self.key_seq + n) & 0xFFFF) for n in range(count)]
        return [packet for packet in packets if packet is not None] if all(packets) else []
