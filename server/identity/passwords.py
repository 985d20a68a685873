"""Passwords: which are good enough (ASVS 5.0, chapter 6.2), and argon2id hashes of them.

Hashing runs in threads, few at a time: each costs 64 MiB, and a crowd at the sign-in page must not cost the room its
loop or the machine its memory.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Iterable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # ASVS 6.2.1 asks for 8; longer in place of rules of composition, which 6.2.5 forbids
LONGEST = 256  # bytes are hashed, but nobody types more; 6.2.9 asks for 64 at least
_AT_ONCE = 2
_FEWEST_DIFFERENT = 5
_LEFT_LEAST = 6
_RUN = 4  # characters that follow each other on a keyboard, in the alphabet or in counting are one guess
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
         "abcdefghijklmnopqrstuvwxyz", "01234567890", "壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")  # fmt: skip
# What passwords on everybody's list are put together from; what is left without it must still be something.
_FIRST_GUESSES = re.compile(
    r"password|passw0rd|p@ssw0rd|p@ssword|passwort|mima|admin(?:istrator)?|root|welcome|letmein|changeme|secret|"
    r"iloveyou|woaini|woshi|nihao|dragon|monkey|sunshine|princess|football|computer|internet|master|shadow|superman|"
    r"yuntiao|12315|shichang|jianguan|gongshang|tiaojie|beijing|shanghai|wuhan|hubei|china|zhongguo|aini|"
    r"5201314|1314520|[0-9]?520|a?123456\w?|密码|管理员|市场监管|调解|我爱你|你好|中国|"
    r"(.)\1{2,}|(?:19|20)[0-9][0-9]"
)


def weak(password: str, login: str, *known: str) -> bool:
    """Too short, too long, too uniform, or made of what everybody tries first and of the names in `known`."""
    plain = password.casefold()
    names = [part.casefold() for part in (login, login[::-1], *known) if len(part) > 1]
    return (
        not SHORTEST <= len(password) <= LONGEST
        or len(set(plain)) < _FEWEST_DIFFERENT
        or login.casefold() in plain
        or _repeats(plain)
        or len(_FIRST_GUESSES.sub("", _without_runs(_without(plain, names)))) < _LEFT_LEAST
    )


def _without(plain: str, names: Iterable[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        plain = plain.replace(name, "")
    return plain


def _without_runs(plain: str) -> str:
    """With every run along a keyboard's row, the alphabet or the digits, either way, taken out."""
    kept, at = [], 0
    while at < len(plain):
        run = max(_run(plain, at, row) for row in (*_ROWS, *(row[::-1] for row in _ROWS)))
        if run < _RUN:
            kept.append(plain[at])
        at += run if run >= _RUN else 1
    return "".join(kept)


def _run(plain: str, at: int, row: str) -> int:
    start = row.find(plain[at])
    length = 0
    while start >= 0 and plain[at + length : at + length + 1] == row[start + length : start + length + 1] != "":
        length += 1
    return length


def _repeats(plain: str) -> bool:
    """One block over and over: it is as long as the block."""
    block = (plain + plain).find(plain, 1)
    return block < SHORTEST and block < len(plain)


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106's second recommended option
        self._turn = asyncio.Semaphore(_AT_ONCE)
        # Nobody has this one: made here, so that not even the first check against it takes longer than another.
        self.nobody: Final = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def holds(self, password: str, hashed: str) -> bool:
        async with self._turn:
            return await asyncio.to_thread(self._verify, password, hashed)

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
