"""Passwords: which are good enough, and argon2id hashes of them.

Hashing runs in threads, few at a time: each costs 64 MiB, and a crowd at the sign-in page must not cost the room
its loop or the machine its memory.
"""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 256  # bytes are hashed, but nobody types more
_AT_ONCE = 2
_FEWEST_DIFFERENT = 5


def weak(password: str, login: str) -> bool:
    """Too short, too long, too uniform, or made of the login."""
    return (
        not SHORTEST <= len(password) <= LONGEST
        or len(set(password)) < _FEWEST_DIFFERENT
        or login.casefold() in password.casefold()
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
