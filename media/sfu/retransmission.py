"""Lost packets: which to ask a publisher for (NACK, RFC 4585), reading what it sends again (RTX, RFC 4588), and how
much to send again to a subscriber."""

from __future__ import annotations

import struct

from media.sfu.rtp import HEADER, PADDING_BIT, PacketBuffer, payload_end

MAX_MISSING = 256  # more is an outage, which a key frame ends sooner
MAX_NACKS = 10  # per packet
RTTS_BETWEEN_NACKS = 1.25  # round trips between two NACKs for a packet
MIN_NACK_INTERVAL, MAX_NACK_INTERVAL = 0.04, 1.0  # seconds between two NACKs for a packet
USEFUL_FOR = {"audio": 1.0, "video": 2.5}  # seconds after the loss was noticed
NACK_SHARE = 0.5  # packets asked for per packet received: enough for a loss of 30 %
MAX_NACK_BURST = 64  # packets asked for at once


class RttEstimator:
    """The smoothed round trip in seconds, from NACKs and the retransmissions that answer them.

    It starts high, because a second NACK before the first could be answered would spoil the measurement.
    """

    __slots__ = ("measured", "seconds")

    START, MIN, MAX = 0.25, 0.005, 2.0
    WEIGHT = 0.125  # of the newest sample (RFC 6298 2)

    def __init__(self) -> None:
        self.seconds = self.START
        self.measured = False

    def sample(self, seconds: float) -> None:
        seconds = min(self.MAX, max(self.MIN, seconds))
        if self.measured:
            self.seconds += self.WEIGHT * (seconds - self.seconds)
        else:
            self.seconds, self.measured = seconds, True


class _MissingPacket:
    __slots__ = ("first_nack_at", "last_nack_at", "nacks", "noticed_at")

    def __init__(self) -> None:
        self.nacks = 0
        self.noticed_at: float | None = None
        self.first_nack_at = self.last_nack_at = 0.0


class NackTracker:
    """The missing packets of one UpTrack: when to ask for each, and when to give up. Times are seconds of any clock.

    Retransmissions come on the same line that lost the packets. If that line is too narrow rather than bad, asking
    makes it worse: so no more is asked for than a share of what arrives, and nothing that would come too late.
    """

    __slots__ = ("_missing", "_received", "_rtt", "_tokens", "_useful_for", "given_up")

    def __init__(self, rtt: RttEstimator, kind: str) -> None:
        self.given_up = 0  # packets in all
        self._useful_for = USEFUL_FOR[kind]
        self._tokens = float(MAX_NACK_BURST)
        self._received = 0
        self._missing: dict[int, _MissingPacket] = {}  # oldest first
        self._rtt = rtt

    def __bool__(self) -> bool:
        return bool(self._missing)

    def __len__(self) -> int:
        return len(self._missing)

    def add_gap(self, first: int, count: int) -> None:
        """Note that `count` sequence numbers from `first` on were skipped."""
        for number in range(first, first + count):
            self._missing[number & 0xFFFF] = _MissingPacket()
        while len(self._missing) > MAX_MISSING:
            del self._missing[next(iter(self._missing))]
            self.given_up += 1

    def on_received(self, seq: int, now: float) -> bool:
        """Note that a packet has arrived. True if it had been asked for."""
        packet = self._missing.pop(seq, None)
        if packet is None or not packet.nacks:
            return False
        # Which NACK was answered is known only if there was one (Karn), or the last is too recent to be the cause.
        if packet.nacks == 1 or now - packet.last_nack_at < self._rtt.seconds / 2:
            self._rtt.sample(now - packet.first_nack_at)
        return True

    def discard(self, seq: int) -> None:
        """Forget a packet that was restored otherwise."""
        self._missing.pop(seq, None)

    def due(self, now: float, received: int) -> list[int]:
        """Return the packets to ask for now, ascending as plain numbers: aiortc cannot pack a list that wraps.

        `received` is the number of packets so far. If not all may be asked for, the newest are.
        """
        self._tokens = min(MAX_NACK_BURST, self._tokens + NACK_SHARE * (received - self._received))
        self._received = received
        wait = min(MAX_NACK_INTERVAL, max(MIN_NACK_INTERVAL, self._rtt.seconds * RTTS_BETWEEN_NACKS))
        due = []
        for seq, packet in reversed(list(self._missing.items())):
            if packet.nacks and now - packet.last_nack_at < wait:
                continue
            if packet.noticed_at is None:
                packet.noticed_at = now
            if packet.nacks >= MAX_NACKS or now - packet.noticed_at > self._useful_for:
                del self._missing[seq]
                self.given_up += 1
                continue
            if self._tokens < 1:
                continue
            self._tokens -= 1
            if not packet.nacks:
                packet.first_nack_at = now
            packet.nacks, packet.last_nack_at = packet.nacks + 1, now
            due.append(seq)
        return sorted(due)

    def clear(self) -> None:
        self._missing.clear()


RTX_OSN = struct.Struct("!H")  # original sequence number, in front of the original payload (RFC 4588 4)


def restore_original(packet: PacketBuffer, body: int, size: int, payload_type: int, ssrc: int) -> bool:
    """Turn a decrypted retransmission into the original packet, in place.

    False for an empty one: senders probe the network with them.
    """
    mem = packet.mem
    first, marker_type, _, timestamp, _ = HEADER.unpack_from(mem)
    end = payload_end(mem, body, size) if first & PADDING_BIT else size
    if body + RTX_OSN.size >= end:
        return False
    (seq,) = RTX_OSN.unpack_from(mem, body)
    HEADER.pack_into(mem, 0, first, marker_type & 0x80 | payload_type, seq, timestamp, ssrc)
    packet.size, packet.body, packet.seq = size, body + RTX_OSN.size, seq
    return True


# Of a worker's time, what repair may take, and how many seconds of it may be saved up. What comes in order goes first:
# without a bound a worker that was held up answers what it is asked for while it loses what comes, and so on for good.
REPAIR_SHARE, REPAIR_SAVED = 0.1, 0.02

RESEND_SHARE = 0.5  # of what was sent; a quarter is enough for a loss of 20 % that also hits retransmissions
RESEND_START = 32_000  # bytes
RESEND_MAX = 150_000  # bytes saved up: a second of lively video


class ResendBudget:
    """How many bytes may be sent again to a subscriber: a share of what was sent.

    A subscriber that lies about losses cannot make the server send more than half as much again.
    """

    __slots__ = ("_left", "_seen", "refused")

    def __init__(self) -> None:
        self.refused = 0
        self._left = float(RESEND_START)
        self._seen = 0

    def earn(self, total_octets: int) -> None:
        """Add to the budget. `total_octets`: everything sent to the subscriber so far."""
        self._left = min(RESEND_MAX, self._left + RESEND_SHARE * max(0, total_octets - self._seen))
        self._seen = total_octets

    def spend(self, octets: int) -> bool:
        if octets > self._left:
            self.refused += 1
            return False
        self._left -= octets
        return True
