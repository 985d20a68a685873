"""Officers: founding the office, signing in, second factor, accounts. Implements `web.ports.Identity`.

A session lasts 12 hours at most and ends after 2 hours unused; its token is new at every sign-in and only its
digest is kept.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp

from server.identity.passwords import Passwords, weak
from server.identity.sealing import Seal
from server.identity.throttle import Throttle
from server.identity.tokens import digest, fresh_token
from server.storage.errors import Taken
from server.storage.identity_store import IdentityStore, User
from web.ports import SIGNED_IN_IDLE, Office, Officer, OfficerRole, Refused

LASTS = timedelta(hours=12)
IDLE = SIGNED_IN_IDLE
TOUCH_EVERY = timedelta(minutes=1)
WRONG_MOST = 10  # passwords tried before an account rests
REST = timedelta(minutes=15)
_STEP = 30  # seconds; RFC 6238
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
_TOTP = "totp"  # the purpose second factors are sealed for
_ISSUER = "云调"


class Officers:
    def __init__(
        self, store: IdentityStore, seal: Seal, now: Callable[[], datetime], passwords: Passwords | None = None
    ) -> None:
        self._store = store
        self._seal = seal
        self._now = now
        self._passwords = passwords or Passwords()
        self._by_login = Throttle(20, timedelta(minutes=15), "too_many_tries")
        self._by_address = Throttle(60, timedelta(minutes=15), "too_many_tries")

    async def empty(self) -> bool:
        return not await self._store.has_administrator()

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        user = await self._account(login, name, "administrator", office.id, password)
        if not await self._store.found(office, user):
            raise Refused("not_empty")
        return _officer(user, office)

    # ------------------------------------------------------------ signing in

    async def sign_in(self, login: str, password: str, totp: str, ip: str) -> str:
        login = _normal(login)
        self._by_address.pass_(ip)
        self._by_login.pass_(login)
        user = await self._store.user_by_login(login)
        if user is None:
            await self._passwords.waste(password)
            raise Refused("bad_login", 403)
        await self._check_password(user, password, "bad_login")
        if user.totp_sealed:
            if not totp.strip():
                raise Refused("totp_needed", 403)
            step = self._matching_step(user.totp_sealed, totp)
            if step is None or not await self._store.use_totp_step(user.id, step):
                raise Refused("bad_login", 403)
        await self._store.clear_failures(user.id)
        if self._passwords.outdated(user.password_hash):
            await self._store.set_password(user.id, await self._passwords.hash(password))
        token, now = fresh_token(), self._now()
        await self._store.forget_expired(now)
        await self._store.add_session(digest(token), user.id, now, now + LASTS)
        return token

    async def officer(self, token: str) -> Officer | None:
        if not token:
            return None
        now = self._now()
        signed = await self._store.signed_in(digest(token), now)
        if signed is None:
            return None
        if now - signed.seen >= IDLE:
            await self._store.end_session(digest(token))
            return None
        if now - signed.seen >= TOUCH_EVERY:
            await self._store.touch_session(digest(token), now)
        return _officer(signed.user, signed.office)

    async def sign_out(self, token: str) -> None:
        if token:
            await self._store.end_session(digest(token))

    # ------------------------------------------------------------ accounts

    async def officers(self, by: Officer) -> list[Officer]:
        _administers(by)
        return [_officer(user, by.office) for user in await self._store.users_of(by.office.id)]

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer:
        _administers(by)
        user = await self._account(login, name, role, by.office.id, password)
        try:
            await self._store.add_user(user)
        except Taken:
            raise Refused("login_taken") from None
        return _officer(user, by.office)

    async def change_password(self, officer: Officer, old: str, new: str) -> None:
        """Ends every session of the officer, this one too: whoever else knows the old password is out."""
        user = await self._user(officer)
        await self._check_password(user, old, "bad_password")
        if weak(new, user.login):
            raise Refused("weak_password")
        await self._store.set_password(user.id, await self._passwords.hash(new))
        await self._store.clear_failures(user.id)
        await self._store.end_sessions_of(user.id)

    # ------------------------------------------------------------ second factor

    async def begin_totp(self, officer: Officer) -> str:
        secret = pyotp.random_base32()
        await self._store.begin_totp(officer.id, self._seal.seal(secret, _TOTP))
        return pyotp.TOTP(secret).provisioning_uri(name=officer.login, issuer_name=_ISSUER)

    async def confirm_totp(self, officer: Officer, code: str) -> None:
        user = await self._user(officer)
        self._by_login.pass_(f"totp {user.id}")
        step = self._matching_step(user.totp_pending_sealed, code) if user.totp_pending_sealed else None
        if step is None or not await self._store.confirm_totp(user.id, step):
            raise Refused("bad_code")

    async def drop_totp(self, officer: Officer, password: str) -> None:
        user = await self._user(officer)
        await self._check_password(user, password, "bad_password")
        await self._store.clear_failures(user.id)
        await self._store.drop_totp(user.id)

    # ------------------------------------------------------------ steps of the above

    async def _check_password(self, user: User, password: str, code: str) -> None:
        """The try is counted before the password is looked at, so parallel guesses cannot outrun the count."""
        if not await self._store.take_guess(user.id, self._now(), WRONG_MOST, REST):
            raise Refused("too_many_tries", 429, seconds=int(REST.total_seconds()))
        if not await self._passwords.holds(password, user.password_hash):
            raise Refused(code, 403)

    def _matching_step(self, sealed: str, code: str) -> int | None:
        """The time step a code belongs to: this one, or a neighbour for clocks that differ."""
        totp = pyotp.TOTP(self._seal.open(sealed, _TOTP), interval=_STEP)
        now = int(self._now().timestamp()) // _STEP
        digits = re.sub(r"\s", "", code)
        matching = [
            step for step in (now, now - 1, now + 1) if pyotp.utils.strings_equal(totp.at(step * _STEP), digits)
        ]
        return matching[0] if matching else None

    async def _account(self, login: str, name: str, role: OfficerRole, office: str, password: str) -> User:
        login = _normal(login)
        if not _LOGIN.fullmatch(login):
            raise Refused("bad_login_name", 400)
        if not name.strip():
            raise Refused("missing", 400, field="name")
        if weak(password, login):
            raise Refused("weak_password", 400)
        hashed = await self._passwords.hash(password)
        return User(uuid.uuid4().hex, login, name.strip(), role, office, hashed, self._now())

    async def _user(self, officer: Officer) -> User:
        user = await self._store.user(officer.id)
        if user is None:
            raise Refused("sign_in_needed", 401)
        return user


def _administers(officer: Officer) -> None:
    if officer.role != "administrator":
        raise Refused("not_allowed", 403)


def _normal(login: str) -> str:
    return login.strip().casefold()


def _officer(user: User, office: Office) -> Officer:
    return Officer(user.id, user.login, user.name, user.role, office, bool(user.totp_sealed), user.language)
