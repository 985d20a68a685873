"""Signing on by a provider's word: attempts, and what they make of accounts. Implements `SignOn`.

Somebody is known by issuer and subject together, never by a name or an e-mail address. Whose account that is, is
decided once: a rule makes one, an administrator links one, or a rule that says so links the one of that sign-in name.
Rules are asked at each sign-in again, so what a provider takes away is gone then; an account closed here stays closed
whatever a provider says.

An attempt lies sealed in a cookie of the browser that began it, with the provider it was begun at: another browser's
answer, another provider's, a second one or one after ten minutes is none. Nonce and PKCE's secret are made from its
state by a key that never leaves this machine.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from journal import Actor, Draft, append_next
from journal.refusals import Refused, Throttle
from offices import Officer, OfficerRole, SignOnButton, SignOnOfAccount, require_role
from offices.systems import ConnectionKind
from server.connections import Connection, ConnectionFault, Connections
from server.connections.sign_on import (
    CLAIMS,
    SUBJECT_MOST,
    AnySection,
    Attempt,
    BadReturn,
    Directory,
    DirectorySection,
    Person,
    Place,
    ProviderAway,
    ProviderFault,
    ProviderRefused,
    Redirecting,
    name_from,
    named,
    office_named,
    place_of,
    provider_of,
    text_of,
)
from server.db.engine import NameInUse
from server.db.journal import SqlJournal
from server.identity import Seal, SealBroken, digest, fresh_token
from server.identity.officers import LOGIN, REST, WRONG_MOST, Officers, normal_login
from server.identity.sign_in_store import SignInStore, SignOnLink, SignOnStore
from server.identity.sign_ins import KNOWN_FOR, SignInOrigin
from server.identity.store import IdentityStore, User, Voucher

KIND: Final[ConnectionKind] = "sign_on"
LASTS: Final = timedelta(minutes=10)  # an attempt
NEXT_MOST: Final = 300  # characters of where it leads afterwards
_ATTEMPT, _NONCE, _VERIFIER = "sign-on attempt", "sign-on nonce", "sign-on verifier"  # purposes

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Provider:
    name: str
    section: AnySection
    adapter: Redirecting | Directory

    @property
    def actor(self) -> Actor:
        """In whose name the journal says what its word changed."""
        return Actor("system", f"sign_on/{self.name}", self.section.label, KIND)

    def subject(self, typed: str) -> str:
        """As its links have it: Active Directory's tools write a GUID in braces and in capitals."""
        return typed.strip().strip("{}").casefold() if isinstance(self.section, DirectorySection) else typed.strip()


class SignOnService:
    def __init__(
        self,
        store: IdentityStore,
        links: SignOnStore,
        officers: Officers,
        journal: SqlJournal,
        seal: Seal,
        now: Callable[[], datetime],
        public_url: str,
        sections: Mapping[str, AnySection],
        health: Connections,
    ) -> None:
        self._store, self._links, self._officers, self._journal = store, links, officers, journal
        self._seal, self._now, self._url, self._health = seal, now, public_url, health
        self._limits: SignInStore = officers.sign_ins.store
        self._providers = {name: _Provider(name, one, provider_of(one, now)) for name, one in sections.items()}
        self._making = asyncio.Lock()
        self._by_address = Throttle(300, timedelta(minutes=15), "too_many_tries")  # a bureau behind one, in the morning
        self._by_channel = Throttle(6000, timedelta(minutes=15), "too_many_tries")  # a provider that ends everything
        officers.by_password, officers.vouched_twice = self.may_use_password, links.vouched_twice
        for name, one in self._providers.items():
            health.add(Connection(KIND, name, one.adapter.host, partial(self._look, one)))

    # ------------------------------------------------------------ what is set

    async def close(self) -> None:
        for one in self._providers.values():
            await one.adapter.close()

    async def _look(self, provider: _Provider, by: Officer, given: str) -> None:
        """Whether it answers, and whether rules name offices that there are. ConnectionFault."""
        try:
            await provider.adapter.look()
        except ValueError as fault:  # its secret cannot be read
            raise ConnectionFault("refused", str(fault)) from None
        offices = await self._store.offices()
        named = {rule.office for rule in provider.section.rules if rule.office}
        if unknown := sorted(name for name in named if office_named(name, offices) is None):
            raise ConnectionFault("not_ready", f"no office here is called {', '.join(unknown)}")

    def buttons(self) -> Sequence[SignOnButton]:
        return [
            SignOnButton(
                one.name,
                one.section.label,
                one.section.label_en or one.section.label,
                isinstance(one.section, DirectorySection),
            )
            for one in self._providers.values()
        ]

    def may_use_password(self, login: str) -> bool:
        """One kept here. Everybody, unless providers say whose alone."""
        lists = [one.section.accounts for one in self._providers.values() if one.section.accounts is not None]
        return not lists or any(login in several for several in lists)

    # ------------------------------------------------------------ signing in

    async def begin(self, name: str, next_: str, ip: str) -> tuple[str, str]:
        """Where the browser goes, and what it has to bring back besides. Refused: not_found, sign_on_away,
        too_many_tries."""
        provider = self._known(name)
        if isinstance(provider.section, DirectorySection):
            raise Refused("not_found", 404)
        self._by_address.pass_(ip)
        state = fresh_token()
        kept = json.dumps([name, state, self._now().timestamp(), next_ if len(next_) <= NEXT_MOST else "/"])
        adapter: Any = provider.adapter
        with self._faults(provider):
            address: str = await adapter.begin(self._attempt(name, state))
        return address, self._seal.seal(kept, _ATTEMPT)

    async def finish(
        self, name: str, kept: str, query: Mapping[str, str], ip: str, agent: str = "", browser: str = ""
    ) -> tuple[str, str]:
        """A token of a session, and where it leads. Refused: sign_on_again, sign_on_away, sign_on_refused,
        sign_on_unsound, sign_on_no_place, sign_on_closed, not_found, too_many_tries."""
        provider = self._known(name)
        if isinstance(provider.section, DirectorySection):
            raise Refused("not_found", 404)
        self._by_address.pass_(ip)
        state, next_ = self._opened(name, kept, query.get("state", ""))
        now = self._now()
        if not await self._links.once(digest(f"{name}\n{state}"), now, now + LASTS):
            raise Refused("sign_on_again", 403)
        adapter: Any = provider.adapter
        with self._faults(provider):
            person: Person = await adapter.finish(self._attempt(name, state), query)
        self._health.succeeded(KIND, name)
        return await self._admit(provider, person, self._caller(ip, agent, browser)), next_

    async def with_password(
        self, name: str, login: str, password: str, ip: str, agent: str = "", browser: str = ""
    ) -> str:
        """By a directory. Refused as `finish`, and bad_login."""
        provider = self._known(name)
        if not isinstance(provider.section, DirectorySection):
            raise Refused("not_found", 404)
        self._by_address.pass_(ip)
        caller = self._caller(ip, agent, browser)
        guesses = f"{KIND} {name} {normal_login(login)}"
        if await self._links.knows(name, caller.browser, self._now() - KNOWN_FOR):
            guesses += f" {caller.browser}"  # a stranger who guesses keeps nobody out of the browser they use
        if not await self._officers.sign_ins.take_guess(guesses, WRONG_MOST, REST):
            raise Refused("too_many_tries", 429, seconds=int(REST.total_seconds()))
        adapter: Any = provider.adapter
        try:
            with self._faults(provider):
                person: Person = await adapter.check(login.strip(), password)
        except Refused as no:
            if no.code == "sign_on_refused":
                raise Refused("bad_login", 403) from None
            raise
        await self._officers.sign_ins.clear_guesses(guesses)
        self._health.succeeded(KIND, name)
        return await self._admit(provider, person, caller)

    async def signed_out(self, name: str, token: str, ip: str) -> int:
        """What ended there ends here, open rooms too; how many sessions. Refused(400): sign_on_unsound."""
        provider = self._known(name)
        self._by_channel.pass_(ip)
        if isinstance(provider.section, DirectorySection):
            raise Refused("not_found", 404)
        adapter: Any = provider.adapter
        try:
            ended = await adapter.signed_out(token)
        except ProviderAway as fault:
            self._health.failed(KIND, name, fault)
            raise Refused("sign_on_away", 503) from None
        except ProviderFault as fault:
            log.warning("a logout token was refused", provider=name, why=str(fault))
            raise Refused("sign_on_unsound", 400) from None
        now = self._now()
        once = digest(f"{ended.issuer}\nlogout\n{ended.id}")
        if not await self._links.once(once, now, now + timedelta(seconds=ended.seconds)):
            raise Refused("sign_on_unsound", 400)
        session = _digest(ended.issuer, "session", ended.session) if ended.session else ""
        subject = _digest(ended.issuer, "subject", ended.subject) if ended.subject else ""
        found = await self._links.sessions(session, subject)
        for one in found:
            await self._store.end_session(one)
        return len(found)

    # ------------------------------------------------------------ whose account it is

    async def _admit(self, provider: _Provider, person: Person, caller: SignInOrigin) -> str:
        link = await self._links.find(person.issuer, person.subject)
        place = place_of(provider.section.rules, person.claims, await self._store.offices())
        if link is None:
            async with self._making:  # two tabs of somebody new are one person
                link = await self._links.find(person.issuer, person.subject)
                link = link or await self._new(provider, person, place, caller)
        user = await self._standing(provider, link, place, caller)
        await self._links.note(link, person.two_steps, None)
        voucher = Voucher(
            provider.name,
            _digest(person.issuer, "subject", person.subject),
            _digest(person.issuer, "session", person.session) if person.session else "",
            person.two_steps,
        )
        said = {"provider": provider.name, "issuer": person.issuer, "two_steps": person.two_steps}
        actor = Actor("officer", user.id, user.name, user.role, user.office)
        await self._note(user.id, actor, "SignedOn", said)
        return await self._officers.admit(user, caller, voucher)

    async def _standing(self, provider: _Provider, link: SignOnLink, place: Place | None, caller: SignInOrigin) -> User:
        """The account as it is from now on. Refused: sign_on_closed, sign_on_no_place."""
        user = await self._store.user(link.user)
        assert user is not None, "a link's account stays"
        closed = (await self._limits.limits(user.id)).closed
        if closed is not None and (link.withdrawn is None or closed != link.withdrawn):
            await self._officers.sign_ins.note(user.id, caller, "closed")
            raise Refused("sign_on_closed", 403)
        if not link.by_rule:
            return user
        if place is None:
            await self._withdraw(provider, link, user, closed is None)
            await self._officers.sign_ins.note(user.id, caller, "closed")
            raise Refused("sign_on_no_place", 403)
        user = await self.move(user, place.role, place.office.id, provider.actor, {"provider": provider.name})
        if closed is not None:  # by what was taken away there, and is given again
            await self._note(user.id, provider.actor, "AccountOpened", {"provider": provider.name})
            await self._limits.close(user.id, None)
        return user

    async def move(self, user: User, role: OfficerRole, office: str, by: Actor, said: Mapping[str, str]) -> User:
        """The account in its role and office, noted with what is `said` where either is another than before."""
        if user.role != role:
            await self._note(user.id, by, "RoleChanged", {"from": user.role, "to": role, **said})
        if user.office != office:
            await self._note(user.id, by, "OfficerMoved", {"before": user.office, "office": office, **said})
        if (user.role, user.office) != (role, office):
            await self._store.set_role(user.id, role, office)
        return replace(user, role=role, office=office)

    async def _withdraw(self, provider: _Provider, link: SignOnLink, user: User, is_open: bool) -> None:
        """No rule gives them a place any more: nobody comes in by this account, by a password kept here neither."""
        if is_open:
            now = self._now()
            await self._note(user.id, provider.actor, "AccountClosed", {"provider": provider.name})
            await self._links.note(link, False, now)
            await self._limits.close(user.id, now)

    async def _new(self, provider: _Provider, person: Person, place: Place | None, caller: SignInOrigin) -> SignOnLink:
        """Refused: sign_on_no_place, sign_on_closed."""
        section = provider.section
        kept = await self._named_here(provider, person)
        if (section.rules and place is None) or (kept is None and place is None):
            await self._officers.sign_ins.note(kept.id if kept else "", caller, "closed")
            raise Refused("sign_on_no_place", 403)
        if kept is not None:
            if (await self._limits.limits(kept.id)).closed is not None:
                await self._officers.sign_ins.note(kept.id, caller, "closed")
                raise Refused("sign_on_closed", 403)
            user, how = kept, "SignOnLinked"
        else:
            assert place is not None
            user, how = await self._made(provider, person, place), "OfficerAdded"
        link = SignOnLink(
            person.issuer, person.subject, user.id, provider.name, bool(section.rules), False, self._now()
        )
        said = {"provider": provider.name, "issuer": person.issuer, "subject": person.subject}
        more = {"role": user.role, "alone": False} if how == "OfficerAdded" else {}
        await self._note(user.id, provider.actor, how, {**said, **more})
        await self._links.link(link)
        return link

    async def _named_here(self, provider: _Provider, person: Person) -> User | None:
        """The account that a rule says is theirs by its name, unless it is somebody's of this provider already."""
        claim = provider.section.links_claim
        login = normal_login(text_of(person.claims, claim)) if claim else ""
        user = await self._store.user_by_login(login) if login else None
        if user is None:
            return None
        links = (await self._links.of([user.id])).get(user.id, ())
        return None if any(one.issuer == person.issuer for one in links) else user

    async def _made(self, provider: _Provider, person: Person, place: Place) -> User:
        """A new account without a password. Its id is made of who it is: never two of one person."""
        id_ = _account_id(person.issuer, person.subject)
        if await self._store.user(id_) is not None:
            raise Refused("sign_on_closed", 403)  # an administrator took the link away
        usual_login, usual_name = CLAIMS[provider.section.preset]
        wanted = _login_from(text_of(person.claims, provider.section.login_claim or usual_login))
        name = name_from(named(person.claims, provider.section.name_claim or usual_name)) or wanted
        logins = [wanted, *(f"{wanted}-{n}" for n in range(2, 6))] if wanted else []
        for login in (*logins, f"{provider.name}-{id_[:8]}"):
            user = User(id_, login, name or login, place.role, place.office.id, "", self._now())
            try:
                await self._store.add_user(user)
            except NameInUse:
                continue  # somebody else's here, who is not them for being called so
            return user
        raise Refused("sign_on_closed", 403)

    # ------------------------------------------------------------ whom a directory's program tells of (SCIM)

    def _told_of(self) -> Sequence[_Provider]:
        """Providers whose people's subjects such a program says."""
        return [one for one in self._providers.values() if one.section.scim]

    def account_of(self, external: str) -> str:
        """The id of the account that signing on would make of them; "" where nobody is told of so."""
        return next((_account_id(one.adapter.issuer, one.subject(external)) for one in self._told_of()), "")

    async def known_as(self, external: str) -> Sequence[str]:
        """Accounts, of which a subject is this one's."""
        found = [await self._links.find(one.adapter.issuer, one.subject(external)) for one in self._told_of()]
        return [link.user for link in found if link is not None]

    async def externals(self, users: Sequence[str]) -> Mapping[str, str]:
        """By account, the subject that such a program says of it."""
        issuers, links = [one.adapter.issuer for one in self._told_of()], await self._links.of(users)
        return {user: link.subject for user, several in links.items() for link in several if link.issuer in issuers[:1]}

    async def tie(self, user: str, external: str, by: Actor) -> None:
        """They sign on with this account from now on. Refused(409): sign_on_taken."""
        mine = {one.issuer for one in (await self._links.of([user])).get(user, ())}
        for one in self._told_of():
            if one.adapter.issuer not in mine:
                await self._tie(one, user, one.subject(external), bool(one.section.rules), by)

    # ------------------------------------------------------------ in an administrator's hands

    async def of(self, by: Officer, officers: Sequence[str]) -> Mapping[str, Sequence[SignOnOfAccount]]:
        require_role(by, "administrator")
        found = await self._links.of(officers)
        return {user: [self._shown(one) for one in several] for user, several in found.items()}

    async def link(self, by: Officer, officer: str, name: str, subject: str) -> None:
        """From the next sign-in on. Refused: not_found, own_account, missing (field subject), sign_on_taken."""
        user, provider = await self._other(by, officer), self._known(name)
        if not 0 < len(subject.strip()) <= SUBJECT_MOST:
            raise Refused("missing", 400, field="subject")
        await self._tie(provider, user.id, provider.subject(subject), False, by.actor)

    async def _tie(self, provider: _Provider, user: str, subject: str, by_rule: bool, by: Actor) -> None:
        issuer = provider.adapter.issuer
        try:
            await self._links.link(SignOnLink(issuer, subject, user, provider.name, by_rule, False, self._now()))
        except NameInUse:
            raise Refused("sign_on_taken", 409) from None
        said = {"provider": provider.name, "issuer": issuer, "subject": subject}
        await self._note(user, by, "SignOnLinked", said)

    async def unlink(self, by: Officer, officer: str, issuer: str, subject: str) -> None:
        """And whoever came in by it is out. Refused: not_found, own_account."""
        user = await self._other(by, officer)
        if not await self._links.unlink(user.id, issuer, subject):
            raise Refused("not_found", 404)
        await self._note(user.id, by.actor, "SignOnUnlinked", {"issuer": issuer, "subject": subject})
        for one in await self._links.sessions(subject=_digest(issuer, "subject", subject)):
            await self._store.end_session(one)

    async def _other(self, by: Officer, officer: str) -> User:
        require_role(by, "administrator")
        user = await self._store.user(officer)
        if user is None or user.office != by.office.id:
            raise Refused("not_found", 404)
        if user.id == by.id:
            raise Refused("own_account", 403)
        return user

    # ------------------------------------------------------------ steps of the above

    def _known(self, name: str) -> _Provider:
        if name not in self._providers:
            raise Refused("not_found", 404)
        return self._providers[name]

    def _shown(self, link: SignOnLink) -> SignOnOfAccount:
        known = self._providers.get(link.provider)
        label = known.section.label if known is not None else link.provider
        return SignOnOfAccount(link.provider, label, link.issuer, link.subject, link.by_rule, link.linked)

    def _attempt(self, name: str, state: str) -> Attempt:
        """Of two providers' attempts nothing is the same."""
        secret = f"{name}\n{state}"
        return Attempt(
            state,
            self._seal.hash(secret, _NONCE),
            self._seal.hash(secret, _VERIFIER),
            f"{self._url}/sign-on/{name}/back",
        )

    def _opened(self, name: str, kept: str, state: str) -> tuple[str, str]:
        """State and where it leads, of this browser's attempt at this provider. Refused: sign_on_again."""
        try:
            at, wanted, since, next_ = json.loads(self._seal.open(kept, _ATTEMPT))
        except (SealBroken, ValueError):
            raise Refused("sign_on_again", 403) from None
        age = self._now().timestamp() - since
        same = hmac.compare_digest(wanted.encode(), state.encode("utf-8", "replace"))
        if at != name or not same or not 0 <= age <= LASTS.total_seconds():
            raise Refused("sign_on_again", 403)
        return wanted, next_

    def _caller(self, ip: str, agent: str, browser: str) -> SignInOrigin:
        return SignInOrigin(ip, agent, self._officers.sign_ins.browser(browser))

    def _faults(self, provider: _Provider) -> _Faults:
        return _Faults(provider.name, self._health)

    async def _note(self, officer: str, by: Actor, what: str, data: Mapping[str, Any]) -> None:
        await append_next(self._journal, f"officer/{officer}", Draft(what, dict(data), self._now(), by))


class _Faults:
    """A provider's faults in words for who signs in, and told to the connections page where they are its own."""

    def __init__(self, name: str, health: Connections) -> None:
        self._name, self._health = name, health

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, ValueError):  # its secret cannot be read
            fault = ProviderAway(str(fault), "refused")
        if not isinstance(fault, ProviderFault):
            return
        log.warning("a sign-on failed", provider=self._name, code=fault.code, told=fault.told)
        if not isinstance(fault, ProviderRefused | BadReturn):
            self._health.failed(KIND, self._name, fault)
        raise Refused(fault.said, 503 if isinstance(fault, ProviderAway) else 403) from None


def _digest(issuer: str, what: str, value: str) -> str:
    return digest(f"{issuer}\n{what}\n{value}")


def _account_id(issuer: str, subject: str) -> str:
    return _digest(issuer, "account", subject)[:32]


def _login_from(claim: str) -> str:
    """As a sign-in name may be; "" where nothing is left of it."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", normal_login(claim).partition("@")[0]).strip("._-")[:56]
    return plain if LOGIN.fullmatch(plain) else ""
