"""Officers: founding the office, signing in, second step, accounts. Implements `Identity`.

A session lasts 12 hours at most and ends after 2 hours unused; its token is new at every sign-in and only its
digest is kept. A session whose officer still owes a password of their own or a second step opens nothing but the page
where these are made: `officer` does not know it, `unfinished` does.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyotp

from journal.numbers import narrow
from journal.refusals import Refused, Throttle
from offices import SIGNED_IN_IDLE, Office, Officer, OfficerRole, OpenSession, SignIn, Unfinished, require_role
from server.db.engine import NameInUse
from server.identity import Seal, digest, fresh_token
from server.identity.sign_ins import Passwords, SignInOrigin, SignIns, weak
from server.identity.store import IdentityStore, SignedIn, User, Voucher

LASTS = timedelta(hours=12)
IDLE = SIGNED_IN_IDLE
TOUCH_EVERY = timedelta(minutes=1)
WRONG_MOST = 10  # passwords tried before an account rests
REST = timedelta(minutes=15)
FRESH = timedelta(minutes=5)  # for which signing in by a provider stands in for a password that there is not
_STEP = 30  # seconds; RFC 6238
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")
_TOTP = "totp"  # the purpose second factors are sealed for
_ISSUER = "云调"


@dataclass(frozen=True, slots=True)
class Policy:
    """`two_steps`: roles that sign in with nothing less. `own_password`: one that somebody else chose is only good for
    choosing another (ASVS 6.4.1)."""

    two_steps: frozenset[OfficerRole] = frozenset()
    own_password: bool = False


ENFORCED: Final = Policy(frozenset({"supervisor", "administrator"}), own_password=True)


class Officers:
    """Without a policy nothing is owed: tests, and the demo, whose people nobody is."""

    def __init__(
        self,
        store: IdentityStore,
        seal: Seal,
        now: Callable[[], datetime],
        passwords: Passwords | None = None,
        policy: Policy = Policy(),
    ) -> None:
        self._store = store
        self._seal = seal
        self._now = now
        self._passwords = passwords or Passwords()
        self._policy = policy
        self.sign_ins = SignIns(store, seal, now)
        # Set where it is put together.
        self.withheld: Callable[[str, str], Awaitable[frozenset[str]]] = _nothing
        self.by_password: Callable[[str], bool] = lambda login: True  # who may sign in by one kept here
        self.vouched_twice: Callable[[str], Awaitable[bool]] = _never  # whose provider asked for two steps
        self._by_login = Throttle(20, timedelta(minutes=15), "too_many_tries")
        self._taken = Throttle(20, timedelta(hours=1), "too_many_tries")
        self._by_address = Throttle(60, timedelta(minutes=15), "too_many_tries")

    async def empty(self) -> bool:
        return not await self._store.has_administrator()

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        user = await self._account(login, name, "administrator", office.id, password)
        if not await self._store.found(office, user):
            raise Refused("not_empty")
        return officer_from(user, office)

    # ------------------------------------------------------------ signing in

    async def sign_in(self, login: str, password: str, totp: str, ip: str, agent: str = "", browser: str = "") -> str:
        login, caller = normal_login(login), SignInOrigin(ip, agent, self.sign_ins.browser(browser))
        self._by_address.pass_(ip)
        user = await self._store.user_by_login(login)
        # From here to the first refusal the same is read, counted, computed and written, whether or not the login
        # exists and its account is open: nobody learns it by the words, the limits or the clock (ASVS 6.3.8).
        id = user.id if user is not None else ""
        known = await self.sign_ins.knows(id, caller)
        closed = (await self.sign_ins.store.limits(id)).closed is not None
        # A stranger who guesses must not keep an officer out of the browser they always use.
        self._by_login.pass_(f"{login} {caller.browser}" if known else login)
        if known:
            counted = await self.sign_ins.take_guess_from(id, caller.browser, WRONG_MOST, REST)
        else:
            counted = await self.sign_ins.take_guess(f"login {login}", WRONG_MOST, REST)
        if not counted:
            await self.sign_ins.note(id, caller, "resting")
            raise _resting()
        hashed = (user.password_hash if user is not None else "") or self._passwords.nobody
        right = await self._passwords.holds(password, hashed)
        if user is None or closed or not right:
            await self.sign_ins.note(id, caller, "closed" if closed else "bad_password")
            raise Refused("bad_login", 403)
        if not self.by_password(login):
            await self.sign_ins.note(user.id, caller, "not_here")
            raise Refused("use_sign_on", 403)
        result = "in"
        if user.totp_sealed:
            if not totp.strip():
                raise Refused("totp_needed", 403)
            result = await self._second_step(user, totp)
            if not result:
                await self.sign_ins.note(user.id, caller, "bad_code")
                raise Refused("bad_login", 403)
        if not known:  # or whoever guesses would be given ten more with each of the officer's sign-ins
            await self.sign_ins.clear_guesses(f"login {login}")
        if self._passwords.outdated(user.password_hash):
            await self._store.set_password(user.id, await self._passwords.hash(password))
        return await self._let_in(user, caller, result)

    async def admit(self, user: User, caller: SignInOrigin, voucher: Voucher) -> str:
        """By a provider's word, which has been looked at; somebody who has a second step here owes it still."""
        owed = "provider" if voucher.two_steps else "asked" if user.totp_sealed else ""
        return await self._let_in(user, caller, "code_owed" if owed == "asked" else "provider", voucher, owed)

    async def _let_in(
        self, user: User, caller: SignInOrigin, result: str, voucher: Voucher | None = None, owed: str = ""
    ) -> str:
        token, now = fresh_token(), self._now()
        await self._store.forget_expired(now)
        await self._store.add_session(digest(token), user.id, now, now + LASTS, voucher, owed)
        await self.sign_ins.came_in(user.id, caller, result, digest(token))
        return token

    async def prove(self, token: str, code: str, ip: str, agent: str = "", browser: str = "") -> str:
        """The six digits that are owed after a provider's word; another token. Refused: bad_code, too_many_tries."""
        owed = await self.unfinished(token)
        if owed is None or not owed.code:
            raise Refused("sign_in_needed", 401)
        user, caller = await self._user(owed.officer), SignInOrigin(ip, agent, self.sign_ins.browser(browser))
        account = f"account {user.id}"
        if not await self.sign_ins.take_guess(account, WRONG_MOST, REST):
            raise _resting()
        if not await self._second_step(user, code):
            await self.sign_ins.note(user.id, caller, "bad_code")
            raise Refused("bad_code")
        await self.sign_ins.clear_guesses(account)
        await self._store.second_step_done(digest(token))
        fresh = await self._renewed(token)
        await self.sign_ins.note(user.id, caller, "provider", digest(fresh))
        return fresh

    async def _second_step(self, user: User, typed: str) -> str:
        """How it was proved, "" when it was not."""
        if self.sign_ins.looks_like_a_code(typed):
            return "recovery" if await self.sign_ins.use_code(user.id, typed) else ""
        step = self._matching_step(user.totp_sealed, typed)
        return "in" if step is not None and await self._store.use_totp_step(user.id, step) else ""

    async def officer(self, token: str) -> Officer | None:
        return await self.by_session(digest(token)) if token else None

    async def by_session(self, session: str) -> Officer | None:
        """As `officer`, from the digest of the token: for whoever was let in with it and is asked about again."""
        signed = await self._session(session)
        if signed is None or await self._owes(signed.user, signed):
            return None
        withheld = await self.withheld(signed.office.id, signed.user.role)
        return officer_from(signed.user, signed.office, withheld)

    async def standing(self, id: str) -> Officer | None:
        """Somebody who is not signed in, by their account; None when it is closed or something is owed."""
        user = await self._store.user(id)
        office = await self._store.office(user.office) if user else None
        if user is None or office is None or await self._owes(user):
            return None
        if (await self.sign_ins.store.limits(user.id)).closed is not None:
            return None
        return officer_from(user, office, await self.withheld(office.id, user.role))

    async def unfinished(self, token: str) -> Unfinished | None:
        signed = await self._session(digest(token)) if token else None
        owes = await self._owes(signed.user, signed) if signed else ()
        if signed is None or not owes:
            return None
        officer = officer_from(signed.user, signed.office)
        return Unfinished(officer, "password" in owes, "second_step" in owes, "code" in owes)

    async def _owes(self, user: User, signed: SignedIn | None = None) -> Collection[str]:
        owes = []
        if signed is not None and signed.second_step == "asked":
            owes.append("code")
        elif user.role in self._policy.two_steps and not user.totp_sealed:
            vouched = await self.vouched_twice(user.id) if signed is None else signed.second_step == "provider"
            if not vouched:
                owes.append("second_step")
        by_password = signed is None or not signed.provider
        if self._policy.own_password and by_password and (await self.sign_ins.store.limits(user.id)).temporary:
            owes.append("password")
        return owes

    async def _session(self, session: str) -> SignedIn | None:
        now = self._now()
        signed = await self._store.signed_in(session, now)
        if signed is None:
            return None
        if now - signed.seen >= IDLE:
            await self._store.end_session(session)
            return None
        if now - signed.seen >= TOUCH_EVERY:
            await self._store.touch_session(session, now)
        return signed

    async def sign_out(self, token: str) -> None:
        if token:
            await self._store.end_session(digest(token))

    # ------------------------------------------------------------ accounts

    async def officers(self, by: Officer) -> list[Officer]:
        require_role(by, "administrator")
        return [officer_from(user, by.office) for user in await self._store.users_of(by.office.id)]

    async def add_officer(
        self, by: Officer, login: str, name: str, role: OfficerRole, password: str | None, id: str = ""
    ) -> Officer:
        """`password`: None of somebody who signs on elsewhere. `id`: where it is said, nobody else's ever."""
        require_role(by, "administrator")
        user = await self._account(login, name, role, by.office.id, password, id)
        try:
            await self._store.add_user(user)
        except NameInUse:
            self._taken.pass_(by.id)  # the name may be another office's: nobody tries through who works where
            raise Refused("login_taken") from None
        if self._policy.own_password and password is not None:
            await self.sign_ins.store.set_temporary(user.id, True)
        return officer_from(user, by.office)

    async def change_password(self, officer: Officer, old: str, new: str) -> None:
        """Ends every session of the officer, this one too: whoever else knows the old password is out."""
        user = await self._user(officer)
        if not user.password_hash:
            raise Refused("not_allowed", 403)  # an administrator gives the first one
        await self._check_password(user, old)
        await self._replace_password(officer, user, new)
        await self._store.end_sessions_of(user.id)

    async def own_password(self, token: str, new: str) -> str:
        unfinished = await self.unfinished(token)
        if unfinished is None or not unfinished.password:
            raise Refused("sign_in_needed", 401)
        user = await self._user(unfinished.officer)
        if await self._passwords.holds(new, user.password_hash):
            raise Refused("weak_password")  # the one somebody else knows
        await self._replace_password(unfinished.officer, user, new)
        await self.sign_ins.store.set_temporary(user.id, False)
        await self._store.end_sessions_of(user.id, but=digest(token))
        return await self._renewed(token)

    async def give_password(self, by: Officer, user: User, new: str) -> None:
        """Chosen by somebody else, and so only good for choosing one's own. Ends every session of theirs."""
        await self._replace_password(by, user, new)
        await self.sign_ins.store.set_temporary(user.id, True)
        await self.sign_ins.clear_guesses(f"login {user.login}")
        await self._store.end_sessions_of(user.id)

    async def _replace_password(self, officer: Officer, user: User, new: str) -> None:
        if weak(new, user.login, user.name, officer.office.name, officer.office.short, officer.office.number_prefix):
            raise Refused("weak_password")
        await self._store.set_password(user.id, await self._passwords.hash(new))

    async def _renewed(self, token: str) -> str:
        """More is open to it now, so it is another token (ASVS 7.2.4)."""
        fresh = fresh_token()
        await self.sign_ins.store.replace(digest(token), digest(fresh))
        return fresh

    # ------------------------------------------------------------ second step

    async def begin_totp(self, officer: Officer) -> str:
        secret = pyotp.random_base32()
        await self._store.begin_totp(officer.id, self._seal.seal(secret, _TOTP))
        return _address(secret, officer)

    async def pending_totp(self, officer: Officer) -> str:
        """The one begun before, so that reloading a page leaves what was scanned good."""
        pending = (await self._user(officer)).totp_pending_sealed
        return _address(self._seal.open(pending, _TOTP), officer) if pending else await self.begin_totp(officer)

    async def confirm_totp(self, officer: Officer, code: str, token: str) -> Sequence[str]:
        """Ends the officer's other sessions (ASVS 7.4.3), as dropping it does."""
        user = await self._user(officer)
        self._by_login.pass_(f"totp {user.id}")
        step = self._matching_step(user.totp_pending_sealed, code) if user.totp_pending_sealed else None
        if step is None or not await self._store.confirm_totp(user.id, step):
            raise Refused("bad_code")
        await self._store.end_sessions_of(user.id, but=digest(token))
        return await self.sign_ins.give_codes(user.id)

    async def enrol(self, token: str, code: str) -> tuple[str, Sequence[str]]:
        unfinished = await self.unfinished(token)
        if unfinished is None or unfinished.password or not unfinished.second_step:
            raise Refused("sign_in_needed", 401)
        codes = await self.confirm_totp(unfinished.officer, code, token)
        return await self._renewed(token), codes

    async def drop_totp(self, officer: Officer, password: str, token: str) -> None:
        user = await self._user(officer)
        if user.role in self._policy.two_steps:
            raise Refused("two_steps_kept", 403)
        await self._check_password(user, password)
        await self._store.drop_totp(user.id)
        await self._store.end_sessions_of(user.id, but=digest(token))
        await self.sign_ins.store.give_codes(user.id, [], self._now())

    async def check_password(self, officer: Officer, password: str) -> None:
        """Before something that an unattended browser must not do. Refused: bad_password, too_many_tries."""
        await self._check_password(await self._user(officer), password)

    async def has_password(self, officer: Officer) -> bool:
        return bool((await self._user(officer)).password_hash)

    @property
    def passwords(self) -> Passwords:
        return self._passwords

    def second_step_kept(self, officer: Officer) -> bool:
        return officer.role in self._policy.two_steps

    async def recovery_left(self, officer: Officer) -> int:
        return await self.sign_ins.store.codes_left(officer.id)

    async def renew_recovery(self, officer: Officer, password: str) -> Sequence[str]:
        user = await self._user(officer)
        await self._check_password(user, password)
        if not user.totp_sealed:
            raise Refused("not_allowed", 403)
        return await self.sign_ins.give_codes(user.id)

    # ------------------------------------------------------------ what is open, and what was tried

    async def sessions(self, officer: Officer, token: str) -> Sequence[OpenSession]:
        return await self.sign_ins.sessions(officer.id, digest(token) if token else "", IDLE)

    async def end_session(self, officer: Officer, session: str) -> None:
        if not await self.sign_ins.end(officer.id, session, IDLE):
            raise Refused("not_found", 404)

    async def end_others(self, officer: Officer, token: str) -> None:
        await self._store.end_sessions_of(officer.id, but=digest(token))

    async def history(self, officer: Officer) -> Sequence[SignIn]:
        return await self.sign_ins.history(officer.id)

    # ------------------------------------------------------------ steps of the above

    async def _check_password(self, user: User, password: str) -> None:
        """Of somebody signed in, who is not kept from it by what strangers try at the sign-in. The try is counted
        before the password is looked at, so parallel guesses cannot outrun the count."""
        if not user.password_hash:
            # There is none to know: whoever has just come in by their provider was there a moment ago.
            if not await self.sign_ins.store.vouched_since(user.id, self._now() - FRESH):
                raise Refused("sign_on_anew", 403)
            return
        account = f"account {user.id}"
        if not await self.sign_ins.take_guess(account, WRONG_MOST, REST):
            raise _resting()
        if not await self._passwords.holds(password, user.password_hash):
            raise Refused("bad_password", 403)
        await self.sign_ins.clear_guesses(account)

    def _matching_step(self, sealed: str, code: str) -> int | None:
        """The time step a code belongs to: this one, or a neighbour for clocks that differ."""
        totp = pyotp.TOTP(self._seal.open(sealed, _TOTP), interval=_STEP)
        now = int(self._now().timestamp()) // _STEP
        digits = re.sub(r"\s", "", narrow(code))
        matching = [
            step for step in (now, now - 1, now + 1) if pyotp.utils.strings_equal(totp.at(step * _STEP), digits)
        ]
        return matching[0] if matching else None

    async def _account(
        self, login: str, name: str, role: OfficerRole, office: str, password: str | None, id: str = ""
    ) -> User:
        login = normal_login(login)
        if not LOGIN.fullmatch(login):
            raise Refused("bad_login_name", 400)
        if not name.strip():
            raise Refused("missing", 400, field="name")
        if password is not None and weak(password, login, name):
            raise Refused("weak_password", 400)
        hashed = "" if password is None else await self._passwords.hash(password)
        return User(id or uuid.uuid4().hex, login, name.strip(), role, office, hashed, self._now())

    async def _user(self, officer: Officer) -> User:
        user = await self._store.user(officer.id)
        if user is None:
            raise Refused("sign_in_needed", 401)
        return user


async def _nothing(office: str, role: str) -> frozenset[str]:
    return frozenset()


async def _never(user: str) -> bool:
    return False


def _resting() -> Refused:
    return Refused("too_many_tries", 429, seconds=int(REST.total_seconds()))


def _address(secret: str, officer: Officer) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=officer.login, issuer_name=_ISSUER)


def normal_login(login: str) -> str:
    return login.strip().casefold()


def officer_from(user: User, office: Office, withheld: frozenset[str] = frozenset()) -> Officer:
    return Officer(user.id, user.login, user.name, user.role, office, bool(user.totp_sealed), user.language, withheld)
