"""Which packets of an incoming stream have not come, when each is asked for again, and when it is given up.

What is asked for comes on the line that has lost it. Where the line is too narrow rather than bad, asking makes it
worse: therefore no more is asked for than a share of what arrives, and not for what would come too late.
"""

from __future__ import annotations

MOST_MISSING = 256  # more at once is an outage, which a key frame ends sooner
MOST_TRIES = 10
PATIENCE = 1.25  # round trips between two askings
LEAST_WAIT, MOST_WAIT = 0.04, 1.0  # seconds between two askings
USEFUL_FOR = {"audio": 1.0, "video": 2.5}  # seconds after it was noticed
SHARE = 0.5  # of the packets that came: enough for three lost in ten
MOST_SAVED = 64  # packets that may be asked for at once


class RoundTrip:
    """Smoothed seconds between asking for a packet and its coming.

    It begins on the slow side: a second asking before the first could be answered would spoil the measurement.
    """

    __slots__ = ("measured", "seconds")

    START, LEAST, MOST = 0.25, 0.005, 2.0
    WEIGHT = 0.125  # of the newest sample (RFC 6298 2)

    def __init__(self) -> None:
        self.seconds = self.START
        self.measured = False

    def sample(self, seconds: float) -> None:
        seconds = min(self.MOST, max(self.LEAST, seconds))
        if self.measured:
            self.seconds += self.WEIGHT * (seconds - self.seconds)
        else:
            self.seconds, self.measured = seconds, True


class _Asked:
    __slots__ = ("first", "last", "noticed", "tries")

    def __init__(self) -> None:
        self.tries = 0
        self.noticed: float | None = None
        self.first = self.last = 0.0


class Missing:
    """Sequence numbers of one stream. Times are seconds of any steady clock."""

    __slots__ = ("_asked", "_received", "_round_trip", "_saved", "_useful_for", "given_up")

    def __init__(self, round_trip: RoundTrip, kind: str) -> None:
        self.given_up = 0  # how many, ever
        self._useful_for = USEFUL_FOR[kind]
        self._saved = float(MOST_SAVED)
        self._received = 0
        self._asked: dict[int, _Asked] = {}  # oldest first
        self._round_trip = round_trip

    def __bool__(self) -> bool:
        return bool(self._asked)

    def __len__(self) -> int:
        return len(self._asked)

    def note(self, first: int, count: int) -> None:
        """`count` numbers from `first` on were skipped."""
        for number in range(first, first + count):
            self._asked[number & 0xFFFF] = _Asked()
        while len(self._asked) > MOST_MISSING:
            del self._asked[next(iter(self._asked))]
            self.given_up += 1

    def found(self, seq: int, now: float) -> bool:
        """It has come; whether it had been asked for."""
        asked = self._asked.pop(seq, None)
        if asked is None or not asked.tries:
            return False
        # Which asking was answered shows only after a single one (Karn) or when the last is too recent to be it.
        if asked.tries == 1 or now - asked.last < self._round_trip.seconds / 2:
            self._round_trip.sample(now - asked.first)
        return True

    def forget(self, seq: int) -> None:
        """It was restored from elsewhere."""
        self._asked.pop(seq, None)

    def due(self, now: float, received: int) -> list[int]:
        """What to ask for now, ascending as plain numbers: aiortc's packing cannot take a list that wraps.

        `received` packets have come so far. Where not all can be asked for, it is the newest.
        """
        self._saved = min(MOST_SAVED, self._saved + SHARE * (received - self._received))
        self._received = received
        wait = min(MOST_WAIT, max(LEAST_WAIT, self._round_trip.seconds * PATIENCE))
        due = []
        for seq, asked in reversed(list(self._asked.items())):
            if asked.tries and now - asked.last < wait:
                continue
            if asked.noticed is None:
                asked.noticed = now
            if asked.tries >= MOST_TRIES or now - asked.noticed > self._useful_for:
                del self._asked[seq]
                self.given_up += 1
                continue
            if self._saved < 1:
                continue
            self._saved -= 1
            if not asked.tries:
                asked.first = now
            asked.tries, asked.last = asked.tries + 1, now
            due.append(seq)
        return sorted(due)

    def clear(self) -> None:
        self._asked.clear()
