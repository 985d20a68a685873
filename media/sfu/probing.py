"""Measuring a subscriber's line: what it loses, and what it carries, by trains of padding and how much later a check
behind them is answered.

A train is sent at once behind one connectivity check and in front of another (RFC 8445 7.3), which every ICE agent
answers as it comes. The line lets the train through at the rate it has, so the second answer comes later by the time
the train took. It is as long as TRAIN at the rate in question: a line that carries less is not filled for much longer.

Padding is RTP without a payload on a stream of retransmissions (RFC 4588), with numbers of its own: receivers drop it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

from aiortc.rtp import RtcpReceiverInfo

TRAIN = 0.04  # seconds that a train takes on a line that carries just the rate in question
FIRST_RATE = 500_000  # bit/s asked about first: 2.5 kB, a quarter of a second on a line of 80 kbit/s
FIRST_STEP, STEP = 4, 2  # how much more is asked about after each success, in the first measurement and later
MAX_TRAIN = 50_000  # bytes
SLICE, SLICE_INTERVAL = 8_000, 0.002  # bytes sent at once, and seconds until the next: 32 Mbit/s
MAX_SENDING = 0.1  # seconds: if sending a train took longer, it was we who were late
MAX_LATE = 0.02  # seconds by which the check in front may be answered late: else somebody is busy, or the line is
ANSWER_WITHIN = 1.0  # seconds later than the quickest answer
# Of a rate, in the first measurement and later, because an answer may be late for a busy client; and seconds between.
FIRST_TRIES, TRIES, TRY_INTERVAL = 3, 2, 0.1
MAX_SPOILED = 8  # trains in a row that say nothing about the line
LOOK_INTERVAL = 0.2  # seconds until it is looked again if more is wanted
KEPT = 8  # round trips; the shortest is that of an empty line
MARGIN = 0.85  # of what was measured, if that was less than asked about
LEAST_FOUND = 200_000  # bit/s: below, loss and the client's own estimate say more
MIN_REST, MAX_REST = 2.0, 60.0  # seconds after a failure, doubled each time


class PaddedLine(ABC):
    """The connection that is measured (`media.sfu.participant.Subscriber`)."""

    @abstractmethod
    def send_padding(self, octets: int) -> int:
        """Send about so many bytes of padding, and return how many; 0: none can be sent."""

    @abstractmethod
    def send_check(self) -> bytes:
        """Send a check, and return its transaction; empty: none can be sent."""

    @abstractmethod
    def send_train_later(self, seconds: float) -> None:
        """Call `LineProbe.send_train` so much later."""

    @property
    @abstractmethod
    def time(self) -> float:
        """Seconds of a steady clock."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measurement found: `bits` a second. `short`: less than it asked about."""

    bits: int
    short: bool


class LineProbe:
    """Measures one subscriber's line, a train at a time. `measured` is what the last measurement found, to be taken."""

    __slots__ = (
        "_asked", "_base", "_began", "_behind", "_best", "_ended", "_failures", "_in_front", "_late", "_next_at",
        "_octets", "_rate", "_sent", "_spoiled", "_tested", "_tries", "_wanted", "measured",
    )  # fmt: skip

    def __init__(self) -> None:
        self.measured: Measured | None = None
        self._tested = False  # a measurement has ended
        self._rate = 0  # bit/s in question; 0: no train is under way
        self._asked = 0  # bit/s, of the last train
        self._wanted = 0
        self._tries = self._failures = 0
        self._best = 0  # bit/s, of the tries
        self._octets = self._sent = 0  # of the train
        self._began = self._ended = 0.0  # when it was sent
        self._in_front = self._behind = b""  # the transactions of the checks around it
        self._late = 0.0  # seconds, of the answer to the check in front
        self._spoiled = 0  # trains in a row that said nothing
        self._base: deque[float] = deque(maxlen=KEPT)
        self._next_at = float("-inf")

    @property
    def under_way(self) -> bool:
        """True from when a train is sent until it is answered."""
        return self._rate > 0

    @property
    def tested(self) -> bool:
        """True once a measurement has ended, whatever it found."""
        return self._tested

    def due(self, now: float) -> bool:
        """True if `measure` has something to do."""
        if self._rate:
            return now - self._ended > ANSWER_WITHIN + min(self._base, default=0.0)
        return now >= self._next_at

    def measure(self, line: PaddedLine, wanted: int, proven: int, estimate: int) -> None:
        """Find out if the line carries `wanted` bit/s, of which `proven` are known, or give up waiting. Call it if due.

        `estimate`: bit/s that it is taken to carry so far.
        """
        if self._rate:
            self._conclude(line, 0)
        elif self._tries or self._spoiled:
            self._ask(line, self._asked)
        elif wanted > proven:
            self._wanted, self._best = wanted, 0
            self._ask(line, min(wanted, STEP * estimate if self._tested else FIRST_RATE))
        else:
            self._next_at = line.time + LOOK_INTERVAL

    def stop(self, now: float) -> None:
        """Send no more of a train: whoever receives nothing gets no padding either. It says nothing about the line."""
        self._rate = self._tries = self._spoiled = 0
        self._next_at = max(self._next_at, now + LOOK_INTERVAL)

    def rest(self, now: float) -> None:
        """Measure nothing for a while: the line has become worse."""
        self._next_at = now + min(MAX_REST, MIN_REST * 2 ** min(self._failures, 8))
        self._failures += 1

    def on_round_trip(self, line: PaddedLine, transaction: bytes, seconds: float) -> None:
        """Take the answer to a check of ours."""
        shortest = min(self._base, default=seconds)
        if not self._rate or transaction != self._behind:
            self._base.append(seconds)
            if transaction == self._in_front:
                self._late = seconds - shortest
            return
        sending = self._ended - self._began
        if sending > MAX_SENDING or self._late > MAX_LATE:
            self._rate, self._spoiled = 0, self._spoiled + 1
            self._next_at = line.time + TRY_INTERVAL
            if self._spoiled == MAX_SPOILED:
                self._spoiled, self._tested = 0, True
                self.rest(line.time)
            return
        self._spoiled = 0
        self._conclude(line, int(self._octets * 8 / max(0.001, sending + max(0.0, seconds - shortest))))

    def send_train(self, line: PaddedLine) -> None:
        """Send the next slice of the train, and the check behind the last one."""
        if not self._rate or self._behind:
            return
        sent = line.send_padding(min(SLICE, self._octets - self._sent))
        self._sent += sent
        self._ended = line.time
        if sent and self._sent < self._octets:
            line.send_train_later(SLICE_INTERVAL)
        elif sent:
            self._behind = line.send_check()

    def _ask(self, line: PaddedLine, rate: int) -> None:
        self._rate = self._asked = rate
        self._octets, self._sent, self._behind = min(MAX_TRAIN, int(rate * TRAIN / 8)), 0, b""
        self._began = self._ended = line.time
        self._in_front, self._late = line.send_check(), 0.0
        self.send_train(line)

    def _conclude(self, line: PaddedLine, bits: int) -> None:
        """`bits` a second were measured; 0: nothing was."""
        rate, self._rate = self._rate, 0
        self._best = max(self._best, bits)
        if bits >= rate:
            self._tries = self._failures = 0
            if rate < self._wanted:
                self._ask(line, min(self._wanted, rate * (STEP if self._tested else FIRST_STEP)))
                return
            self.measured = Measured(rate, False)
        elif self._tries + 1 < (TRIES if self._tested else FIRST_TRIES):
            self._tries += 1
            self._next_at = line.time + TRY_INTERVAL
            return
        else:
            self._tries = 0
            self.rest(line.time)
            if self._base:  # else the client answers no checks
                self.measured = Measured(min(rate, max(LEAST_FOUND, int(self._best * MARGIN))), True)
        self._tested = True


UPSTREAM_MARGIN = 1.25  # loss up- and downstream is counted at different moments
MAX_SILENCE = 3.0  # seconds without a packet of a track


class LossMeter:
    """Measures the loss of all tracks of a subscriber, from its receiver reports (RFC 3550 6.4.1)."""

    __slots__ = ("_before", "_expected", "_lost")

    def __init__(self) -> None:
        # SSRC -> extended highest sequence number, packets lost, and when the number last advanced
        self._before: dict[int, tuple[int, int, float]] = {}
        self._expected = 0
        self._lost = 0.0

    def reset(self) -> None:
        """Ignore what the next reports say of the time before them."""
        self._before.clear()

    def add(self, report: RtcpReceiverInfo, now: float, upstream: float = 0.0) -> None:
        """Add a report block. `upstream`: the share of the track that never reached us, which the report counts too."""
        highest, lost = report.highest_sequence, report.packets_lost
        before, lost_before, at = self._before.get(report.ssrc, (highest, lost, now))
        expected = (highest - before) & 0xFFFFFFFF
        self._before[report.ssrc] = highest, lost, now if expected else at
        # A loss just before a pause is noticed only after it, and says nothing about now.
        if expected < 1 << 16 and now - at <= MAX_SILENCE:
            self._expected += expected
            # Hence UPSTREAM_MARGIN.
            self._lost += max(0.0, lost - lost_before - UPSTREAM_MARGIN * upstream * expected)

    def take(self) -> float:
        """Return the loss since the last call, 0-1."""
        expected, lost, self._expected, self._lost = self._expected, self._lost, 0, 0.0
        return min(1.0, lost / expected) if expected else 0.0
