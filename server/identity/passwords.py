"""Passwords: which are good enough, and argon2id hashes of them.

Hashing runs in threads, few at a time: each costs 64 MiB, and a crowd at the sign-in page must not cost the room
its loop or the machine its memory.
"""

from __future__ import annotations

import asyncio
import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256  # bytes are hashed, but nobody types more
_AT_ONCE = 2
_FEWEST_DIFFERENT = 5
# What passwords on everybody's list are put together from; what is left without it must still be something.
_FIRST_GUESSES = re.compile(
    r"password|passw0rd|p@ssw0rd|mima|admin|root|welcome|letmein|iloveyou|woaini|yuntiao|12315|qwert[yuiop]*|"
    r"asdf[ghjkl]*|zxcv[bnm]*|abcd[efgh]*|0?1234[567890]*|987654[321]*|(.)\1{2,}|(?:19|20)\d\d"
)
_LEFT_LEAST = 6


def weak(password: str, login: str) -> bool:
    """Too short, too long, too uniform, made of the login or of what everybody tries first."""
    plain = password.casefold()
    return (
        not SHORTEST <= len(password) <= LONGEST
        or len(set(password)) < _FEWEST_DIFFERENT
        or login.casefold() in plain
        or len(_FIRST_GUESSES.sub("", plain)) < _LEFT_LEAST
    )


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106's second recommended option
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobody = ""

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def holds(self, password: str, hashed: str) -> bool:
        async with self._turn:
            return await asyncio.to_thread(self._verify, password, hashed)

    async def waste(self, password: str) -> None:
        """As long as a real check: an unknown login must not be told by the clock."""
        if not self._nobody:
            self._nobody = await self.hash("nobody has this password")
        await self.holds(password, self._nobody)

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
