"""Signing in: tries, known browsers, codes for a lost phone, where officers are sent messages, and passwords: which are
good enough (ASVS 5.0, chapter 6.2), and argon2id hashes of them.

Hashing runs in threads, few at a time: each costs 64 MiB, and a crowd at the sign-in page must not cost the room its
loop or the machine its memory.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from complaints import BadPhone
from complaints.record.identifiers import masked_phone, normal_phone, textable
from journal.numbers import narrow
from journal.refusals import Refused
from offices import Officer, OpenSession, SignIn, may
from server.identity import Seal
from server.identity.account_store import OfficerPhoneStore
from server.identity.sign_in_store import Open, SignInStore
from server.identity.store import IdentityStore

CODES: Final = 10
KNOWN_FOR: Final = timedelta(days=90)
KEPT: Final = timedelta(days=400)  # Cybersecurity Law Art 21 asks for six months
SHOWN: Final = 50
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
_HALF: Final = 5  # characters; ten of 31 are 49 bits (ASVS 6.5.4 asks for 20)
_CODE = re.compile(rf"[{_LETTERS}]{{{2 * _HALF}}}")
_BROWSER, _RECOVERY, _GUESSED = "browser", "recovery code", "guessed login"  # purposes


@dataclass(frozen=True, slots=True)
class SignInOrigin:
    """Who tries: address, what the browser says of itself, and its keyed digest, "" when it kept no cookie."""

    ip: str
    agent: str = ""
    browser: str = ""


class SignIns:
    """What is open in an officer's name and what was tried, codes for a lost phone, and browsers that are no strangers.

    Whoever guesses passwords makes an account rest, and could keep its officer out for good. So a browser the account
    was used in is counted apart: a random cookie tells it, of which a keyed digest is kept (the device cookies of
    OWASP's cheat sheet on authentication).
    """

    def __init__(self, store: IdentityStore, seal: Seal, now: Callable[[], datetime]) -> None:
        self.store = SignInStore(store.database, store.accounts)
        self._sessions, self._seal, self._now = store, seal, now

    # ------------------------------------------------------------ tries

    def browser(self, cookie: str) -> str:
        return self._seal.hash(cookie, _BROWSER) if cookie else ""

    async def knows(self, user: str, caller: SignInOrigin) -> bool:
        return bool(caller.browser) and await self.store.knows(user, caller.browser, self._now() - KNOWN_FOR)

    async def take_guess(self, login: str, most: int, rest: timedelta) -> bool:
        """`login`: what was typed, or an account somebody is signed in to already; see `SignInStore.take_guess`."""
        return await self.store.take_guess(self._seal.hash(login, _GUESSED), self._now(), most, rest)

    async def take_guess_from(self, user: str, browser: str, most: int, rest: timedelta) -> bool:
        return await self.store.take_guess_from(user, browser, self._now(), most, rest)

    async def clear_guesses(self, login: str) -> None:
        await self.store.clear_guesses(self._seal.hash(login, _GUESSED))

    async def note(self, user: str, caller: SignInOrigin, result: str, token_hash: str = "") -> None:
        await self.store.note(user, self._now(), caller.ip, caller.agent, caller.browser, result, token_hash)

    async def came_in(self, user: str, caller: SignInOrigin, result: str, token_hash: str) -> None:
        if caller.browser:
            await self.store.know(user, caller.browser, self._now())
        await self.note(user, caller, result, token_hash)
        await self.store.forget(self._now() - KEPT)

    async def history(self, user: str) -> Sequence[SignIn]:
        return [
            SignIn(one.at, one.ip, one.agent, one.result, not one.browser)
            for one in await self.store.history(user, SHOWN)
        ]

    # ------------------------------------------------------------ sessions

    async def sessions(self, user: str, this: str, idle: timedelta) -> Sequence[OpenSession]:
        return [
            OpenSession(
                _id(one),
                one.created,
                one.seen,
                one.tried.ip if one.tried else "",
                one.tried.agent if one.tried else "",
                one.token_hash == this,
            )
            for one in await self.store.open(user, self._now(), idle)
        ]

    async def end(self, user: str, session: str, idle: timedelta) -> bool:
        """False when the officer has no such session."""
        for one in await self.store.open(user, self._now(), idle):
            if _id(one) == session:
                await self._sessions.end_session(one.token_hash)
                return True
        return False

    # ------------------------------------------------------------ codes for a lost phone

    async def give_codes(self, user: str) -> Sequence[str]:
        """Fresh ones, told this once; earlier ones open nothing any more."""
        codes = ["".join(secrets.choice(_LETTERS) for _ in range(2 * _HALF)) for _ in range(CODES)]
        await self.store.give_codes(user, [self._hash(user, code) for code in codes], self._now())
        return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]

    def looks_like_a_code(self, typed: str) -> bool:
        return bool(_CODE.fullmatch(_bare(typed)))

    async def use_code(self, user: str, typed: str) -> bool:
        return await self.store.use_code(user, self._hash(user, _bare(typed)))

    def _hash(self, user: str, code: str) -> str:
        return self._seal.hash(f"{user} {code}", _RECOVERY)


def _bare(typed: str) -> str:
    return re.sub(r"[\s-]", "", narrow(typed).casefold())


def _id(one: Open) -> str:
    """Names a session on a page; the digest of its token stays here."""
    return one.tried.id if one.tried else one.token_hash[:16]


PURPOSE: Final = "officer phone"
PAGE: Final = "/performance"  # what messages about promises speak of


@dataclass(frozen=True, slots=True)
class OfficerContact:
    """Somebody a message is for; `phone` is "" where they gave no number."""

    name: str
    phone: str


class OfficerPhoneService:
    """Where an officer is sent messages of the office's own: a number they gave themselves, sealed at rest.

    Implements `OfficerPhoneService`. Whom a message of a promise goes to is decided here as well: nobody
    whose account lets them in nowhere, nor from whose role the page it speaks of is withheld.

    `standing`: the officer of an account, unless they are let in nowhere (`Officers.standing`).
    """

    def __init__(
        self, store: OfficerPhoneStore, seal: Seal, standing: Callable[[str], Awaitable[Officer | None]]
    ) -> None:
        self._store, self._seal, self._standing = store, seal, standing

    async def own(self, officer: Officer) -> str:
        return masked_phone(await self._full(officer.id))

    async def asks(self, officer: Officer) -> bool:
        return not await self._store.answered(officer.id)

    async def decline(self, officer: Officer) -> None:
        await self._store.decline(officer.id)

    async def give(self, officer: Officer, phone: str) -> None:
        if phone:
            try:
                phone = normal_phone(phone)
            except BadPhone:
                raise Refused("bad_phone", 422, field="phone") from None
            if not textable(phone):
                raise Refused("bad_phone", 422, field="phone")
        await self._store.put(officer.id, self._seal.seal(phone, PURPOSE) if phone else "")

    async def overseers(self, office: str) -> Sequence[OfficerContact]:
        """Whose a promise of this office is to look at, once it is escalated."""
        found = [await self.officer(one) for one in await self._store.overseeing(office)]
        return [one for one in found if one is not None]

    async def officer(self, account: str) -> OfficerContact | None:
        officer = await self._standing(account)
        if officer is None or not may(officer, PAGE):
            return None
        return OfficerContact(officer.name, await self._full(officer.id))

    async def _full(self, account: str) -> str:
        sealed = await self._store.sealed(account)
        return self._seal.open(sealed, PURPOSE) if sealed else ""


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


def _made_up(hasher: PasswordHasher) -> str:
    """Written as its hashes are, of nothing: to compute one would take a tenth of a second of each start."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${costs}${salt}${digest}"


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106's second recommended option
        self._turn = asyncio.Semaphore(_AT_ONCE)
        # Nobody has this one: a check against it takes as long as against another, and fails.
        self.nobody: Final = _made_up(self._hasher)

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
