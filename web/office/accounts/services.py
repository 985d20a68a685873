"""What pages ask about officers' accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from offices.people import Office, Officer, OfficerRole, OpenSession, SignIn, Unfinished


class OfficerPhones(Protocol):
    """Where officers are sent messages of the office's own, if they want any."""

    async def own(self, officer: Officer) -> str:
        """Masked; "" for none."""
        ...

    async def asks(self, officer: Officer) -> bool:
        """Whether they never said: neither gave a number, nor took one back, nor declined."""
        ...

    async def decline(self, officer: Officer) -> None:
        """They do without, and are not asked again. A number given meanwhile stays."""
        ...

    async def give(self, officer: Officer, phone: str) -> None:
        """In place of the one before; "" for none. Refused: bad_phone (field phone), also of one that takes no text."""
        ...


class Identity(Protocol):
    """Officers: passwords, second factor, sessions. Secrets are hashed at rest."""

    async def empty(self) -> bool:
        """No administrator exists yet."""
        ...

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        """Create the first office and administrator. Refused: not_empty, weak_password."""
        ...

    async def sign_in(self, login: str, password: str, totp: str, ip: str, agent: str = "", browser: str = "") -> str:
        """A new session token (to go into a cookie). `totp`: six digits or a code for a lost phone; `browser`: the
        random value of its cookie, `agent` what it says of itself.

        Refused: bad_login (one answer for every reason), totp_needed, too_many_tries.
        """
        ...

    async def officer(self, token: str) -> Officer | None:
        """None also while something is owed."""
        ...

    async def unfinished(self, token: str) -> Unfinished | None:
        """None when nothing is owed, or nobody is signed in."""
        ...

    async def own_password(self, token: str, new: str) -> str:
        """In place of the one somebody else chose; a new token. Refused: weak_password."""
        ...

    async def enrol(self, token: str, code: str) -> tuple[str, Sequence[str]]:
        """The second step comes into force: a new token, and codes for a lost phone. Refused: bad_code."""
        ...

    async def sign_out(self, token: str) -> None: ...

    async def officers(self, by: Officer) -> list[Officer]:
        """Of the administrator's office."""
        ...

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer: ...

    async def begin_totp(self, officer: Officer) -> str:
        """A fresh otpauth:// address, not yet in force."""
        ...

    async def pending_totp(self, officer: Officer) -> str:
        """As `begin_totp`, but the address begun before, when there is one."""
        ...

    async def confirm_totp(self, officer: Officer, code: str, token: str) -> Sequence[str]:
        """Codes for a lost phone, each good once, told this once. The officer's other sessions end.

        Refused: bad_code.
        """
        ...

    async def drop_totp(self, officer: Officer, password: str, token: str) -> None:
        """The officer's other sessions end. Refused(403): two_steps_kept, by the officer's role."""
        ...

    def second_step_kept(self, officer: Officer) -> bool:
        """Whether the officer's role does without it never."""
        ...

    async def recovery_left(self, officer: Officer) -> int: ...

    async def renew_recovery(self, officer: Officer, password: str) -> Sequence[str]:
        """Earlier codes open nothing any more. Refused: bad_password, not_allowed without a second step."""
        ...

    async def sessions(self, officer: Officer, token: str) -> Sequence[OpenSession]:
        """Everything open in the officer's name, the last used first."""
        ...

    async def end_session(self, officer: Officer, session: str) -> None:
        """Refused(404): not_found."""
        ...

    async def end_others(self, officer: Officer, token: str) -> None: ...

    async def history(self, officer: Officer) -> Sequence[SignIn]:
        """Newest first."""
        ...

    async def change_password(self, officer: Officer, old: str, new: str) -> None: ...


IDENTITY: web.AppKey[Identity] = web.AppKey("identity", Identity)


OFFICER_PHONES: web.AppKey[OfficerPhones] = web.AppKey("officer_phones", OfficerPhones)


SETUP_SECRET: web.AppKey[str] = web.AppKey("setup_secret", str)
"""Printed at start while there is no administrator; whoever types it at /setup becomes the first one."""
