"""Officers who sign in with a password in plain sight."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from complaints.record.identifiers import masked_phone, textable
from journal import Actor
from journal.refusals import Refused
from offices import (
    Office,
    Officer,
    OfficerRole,
    OpenSession,
    SignIn,
    SignOnButton,
    SignOnOfAccount,
    Unfinished,
)
from rooms.signing import Ink
from rooms.views import SavedSignature
from tests.web.fakes.people import CODE, NOW
from web.office.oversight import Identity, OfficerPhones, Signatures, SignOn


@dataclass
class Account:
    officer: Officer
    password: str


class FakeIdentity(Identity):
    def __init__(self, *accounts: Account) -> None:
        self.accounts = {account.officer.login: account for account in accounts}
        self.tokens: dict[str, str] = {}  # token -> login
        self.pending: set[str] = set()
        self.owed: dict[str, list[str]] = {}  # login -> "password", "second_step"
        self.asked_from: list[str] = []  # addresses of tries to sign in

    def token(self, login: str) -> str:
        """Signed in without the page."""
        token = secrets.token_urlsafe(16)
        self.tokens[token] = login
        return token

    async def empty(self) -> bool:
        return not any(account.officer.role == "administrator" for account in self.accounts.values())

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        if not await self.empty():
            raise Refused("not_empty")
        return self._added(office, login, name, "administrator", password)

    async def sign_in(self, login: str, password: str, totp: str, ip: str, agent: str = "", browser: str = "") -> str:
        self.asked_from.append(ip)
        account = self.accounts.get(login)
        if account is None or account.password != password:
            raise Refused("bad_login", 401)
        if account.officer.totp and not totp:
            raise Refused("totp_needed", 401)
        if account.officer.totp and totp != CODE:
            raise Refused("bad_login", 401)
        return self.token(login)

    async def officer(self, token: str) -> Officer | None:
        login = self.tokens.get(token)
        return self.accounts[login].officer if login and not self.owed.get(login) else None

    async def unfinished(self, token: str) -> Unfinished | None:
        login = self.tokens.get(token, "")
        owed = self.owed.get(login)
        if not owed:
            return None
        return Unfinished(self.accounts[login].officer, "password" in owed, "second_step" in owed, "code" in owed)

    async def prove(self, token: str, code: str, ip: str, agent: str = "", browser: str = "") -> str:
        login = self.tokens[token]
        if code != CODE:
            raise Refused("bad_code")
        self.owed[login].remove("code")
        del self.tokens[token]
        return self.token(login)

    async def has_password(self, officer: Officer) -> bool:
        return bool(self.accounts[officer.login].password)

    async def own_password(self, token: str, new: str) -> str:
        login = self.tokens.pop(token)
        if len(new) < 10:
            self.tokens[token] = login
            raise Refused("weak_password")
        self.owed[login].remove("password")
        return self.token(login)

    async def enrol(self, token: str, code: str) -> tuple[str, Sequence[str]]:
        login = self.tokens[token]
        codes = await self.confirm_totp(self.accounts[login].officer, code, token)
        self.owed[login].remove("second_step")
        del self.tokens[token]
        return self.token(login), codes

    async def sign_out(self, token: str) -> None:
        self.tokens.pop(token, None)

    async def officers(self, by: Officer) -> list[Officer]:
        return [a.officer for a in self.accounts.values() if a.officer.office.id == by.office.id]

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer:
        if login in self.accounts:
            raise Refused("login_taken")
        return self._added(by.office, login, name, role, password)

    def _added(self, office: Office, login: str, name: str, role: OfficerRole, password: str) -> Officer:
        if not (login.isascii() and login.isalnum()):
            raise Refused("bad_login_name")
        if len(password) < 10:
            raise Refused("weak_password")
        officer = Officer(f"u-{login}", login, name, role, office, totp=False)
        self.accounts[login] = Account(officer, password)
        return officer

    async def begin_totp(self, officer: Officer) -> str:
        self.pending.add(officer.login)
        return f"otpauth://totp/Yuntiao:{officer.login}?secret=JBSWY3DPEHPK3PXP"

    async def pending_totp(self, officer: Officer) -> str:
        return await self.begin_totp(officer)

    async def confirm_totp(self, officer: Officer, code: str, token: str) -> Sequence[str]:
        if code != CODE or officer.login not in self.pending:
            raise Refused("bad_code")
        self._changed(officer, totp=True)
        return ["abcde-fghjk"]

    def second_step_kept(self, officer: Officer) -> bool:
        return officer.role in ("supervisor", "administrator")

    async def recovery_left(self, officer: Officer) -> int:
        return 1 if officer.totp else 0

    async def renew_recovery(self, officer: Officer, password: str) -> Sequence[str]:
        if self.accounts[officer.login].password != password:
            raise Refused("bad_password")
        return ["mnpqr-stuvw"]

    async def sessions(self, officer: Officer, token: str) -> Sequence[OpenSession]:
        mine = [one for one, login in self.tokens.items() if login == officer.login]
        return [OpenSession(one[:8], NOW, NOW, "192.0.2.7", "Firefox Windows", one == token) for one in mine]

    async def end_session(self, officer: Officer, session: str) -> None:
        known = [one for one, login in self.tokens.items() if login == officer.login and one[:8] == session]
        if not known:
            raise Refused("not_found", 404)
        del self.tokens[known[0]]

    async def end_others(self, officer: Officer, token: str) -> None:
        self.tokens = {one: login for one, login in self.tokens.items() if login != officer.login or one == token}

    async def check_password(self, officer: Officer, password: str) -> None:
        if not self.accounts[officer.login].password:
            raise Refused("sign_on_anew", 403)
        if self.accounts[officer.login].password != password:
            raise Refused("bad_password", 403)

    async def history(self, officer: Officer) -> Sequence[SignIn]:
        return [SignIn(NOW, "192.0.2.7", "<script>alert(1)</script>", "bad_password", nameless=True)]

    async def drop_totp(self, officer: Officer, password: str, token: str) -> None:
        if self.accounts[officer.login].password != password:
            raise Refused("bad_login")
        self._changed(officer, totp=False)

    def _changed(self, officer: Officer, totp: bool) -> None:
        account = self.accounts[officer.login]
        account.officer = replace(account.officer, totp=totp)

    async def change_password(self, officer: Officer, old: str, new: str) -> None:
        account = self.accounts[officer.login]
        if account.password != old:
            raise Refused("bad_login")
        if len(new) < 10:
            raise Refused("weak_password")
        account.password = new


class FakePhones(OfficerPhones):
    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    async def asks(self, officer: Officer) -> bool:
        return officer.id not in self.given

    async def decline(self, officer: Officer) -> None:
        self.given.setdefault(officer.id, "")

    async def own(self, officer: Officer) -> str:
        return masked_phone(self.given.get(officer.id, ""))

    async def give(self, officer: Officer, phone: str) -> None:
        if phone and not textable(phone):
            raise Refused("bad_phone", 422, field="phone")
        self.given[officer.id] = phone


class FakeSignatures(Signatures):
    def __init__(self) -> None:
        self.kept: dict[str, tuple[Ink, str]] = {}

    async def of(self, officer: str) -> SavedSignature | None:
        return SavedSignature(NOW, None, locked=False) if officer in self.kept else None

    async def save(self, officer: Officer, drawn: Ink, code: str) -> None:
        if len(code) < 6:
            raise Refused("weak_code", 422)
        self.kept[officer.id] = (drawn, code)

    async def remove(self, officer: str, by: Actor) -> None:
        self.kept.pop(officer, None)


class FakeSignOn(SignOn):
    """Providers as they are put in; whoever comes back with the code of somebody's sign-in name is them."""

    def __init__(self, identity: FakeIdentity) -> None:
        self._identity = identity
        self.known: list[SignOnButton] = []
        self.refuses = ""
        self.ended: list[str] = []
        self.links: dict[str, list[SignOnOfAccount]] = {}

    def buttons(self) -> Sequence[SignOnButton]:
        return self.known

    async def begin(self, name: str, next_: str, ip: str) -> tuple[str, str]:
        self._may(name)
        return "https://login.example/authorize?state=s1", f"kept-{next_}"

    async def finish(
        self, name: str, kept: str, query: Mapping[str, str], ip: str, agent: str = "", browser: str = ""
    ) -> tuple[str, str]:
        self._may(name)
        if not kept:
            raise Refused("sign_on_again", 403)
        return self._identity.token(query["code"]), kept.removeprefix("kept-")

    async def with_password(
        self, name: str, login: str, password: str, ip: str, agent: str = "", browser: str = ""
    ) -> str:
        self._may(name)
        account = self._identity.accounts.get(login)
        if account is None or account.password != password:
            raise Refused("bad_login", 403)
        return self._identity.token(login)

    async def signed_out(self, name: str, token: str, ip: str) -> int:
        self._may(name)
        if token != "signed":
            raise Refused("sign_on_unsound", 400)
        self.ended.append(name)
        return 1

    async def of(self, by: Officer, officers: Sequence[str]) -> Mapping[str, Sequence[SignOnOfAccount]]:
        return {id_: several for id_, several in self.links.items() if several}

    async def link(self, by: Officer, officer: str, name: str, subject: str) -> None:
        if any(one.subject == subject for several in self.links.values() for one in several):
            raise Refused("sign_on_taken", 409)
        label = next(one.label for one in self.known if one.name == name)
        made = SignOnOfAccount(name, label, "https://login.example", subject, False, NOW)
        self.links.setdefault(officer, []).append(made)

    async def unlink(self, by: Officer, officer: str, issuer: str, subject: str) -> None:
        self.links[officer] = [one for one in self.links.get(officer, []) if one.subject != subject]

    def _may(self, name: str) -> None:
        if self.refuses:
            raise Refused(self.refuses, 503 if self.refuses == "sign_on_away" else 403)
        if all(one.name != name for one in self.known):
            raise Refused("not_found", 404)
