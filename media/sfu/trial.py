"""Trying the way to us before anybody is admitted: checks that are answered and leave nothing behind.

A browser with the trial's credentials learns whether its datagrams reach this port and ours come back. No address
becomes known by it, and an answer is never longer than the check: nothing is gained by asking in another's name.
"""

from __future__ import annotations

from media.sfu import stun
from media.sfu.peer import Address
from media.sfu.stun import Credentials

MOST = 200.0  # answers a second: many phones at once send fewer, and a flood costs no more than that


class Trial:
    """One set of credentials per worker, for as long as it lives."""

    def __init__(self) -> None:
        self.credentials = Credentials()
        self._left = MOST
        self._at = 0.0

    def answer(self, data: bytes, addr: Address, now: float) -> bytes | None:
        """To a check under our ufrag; None when its password is not ours, it is shorter than its answer (no browser's
        is) or there are too many. `now`: seconds."""
        self._left = min(MOST, self._left + (now - self._at) * MOST)
        self._at = now
        if self._left < 1:
            return None
        self._left -= 1
        check = stun.verify(data, self.credentials)
        if check is None:
            return None
        response = stun.response(check, self.credentials, addr)
        return response if len(response) <= len(data) else None
