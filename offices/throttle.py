"""How often somebody may ask: of requests. What runs in a loop is limited by `media.sfu.control.TokenBucket`."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from journal.refusals import Refused

MOST_KEYS = 20_000
LONGEST_KEY = 100  # characters; what somebody types may be longer, and is no other key for it


@dataclass(frozen=True, slots=True)
class TriesLeft:
    """`seconds` until the oldest try no longer counts, rounded up."""

    tries: int
    seconds: int


class Throttle:
    """How often somebody may try: windows in memory, per login, address, link or system.

    The counts that decide security (tries of a code, guesses at an account) are in the database, as are the quotas of
    the public window; these keep the crowd away from them. Forgotten at a restart, and of more keys than can be kept
    the longest unseen first.

    At most `most` tries of a key `within` a time; one more is refused with `code` and the seconds to wait. Each try
    stops to count by itself, or, `anew`, all of them with the first.
    """

    def __init__(
        self,
        most: int,
        within: timedelta,
        code: str,
        clock: Callable[[], float] = time.monotonic,
        keys: int = MOST_KEYS,
        *,
        anew: bool = False,
    ) -> None:
        self._most, self._within, self._code = most, within.total_seconds(), code
        self._clock, self._keys, self._anew = clock, keys, anew
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()  # the key tried last at the end

    def __len__(self) -> int:
        return len(self._tries)

    def pass_(self, key: str) -> TriesLeft:
        """Count one more try. Refused(429)."""
        now, key = self._clock(), key[:LONGEST_KEY]
        self._forget(now - self._within)
        tries = self._tries.setdefault(key, deque(maxlen=self._most))
        while tries and tries[0] <= now - self._within:
            if self._anew:
                tries.clear()
            else:
                tries.popleft()
        seconds = max(1, math.ceil((tries[0] if tries else now) + self._within - now))
        if len(tries) == self._most:
            raise Refused(self._code, 429, seconds=seconds)
        tries.append(now)
        self._tries.move_to_end(key)
        if len(self._tries) > self._keys:
            self._tries.popitem(last=False)
        return TriesLeft(self._most - len(tries), seconds)

    def _forget(self, before: float) -> None:
        """Keys whose last try is out of the window; they stand at the front."""
        while self._tries and next(iter(self._tries.values()))[-1] <= before:
            self._tries.popitem(last=False)
