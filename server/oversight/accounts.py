"""An office's accounts in its administrator's hands and as an organisation's directory (SCIM) has them, and who did
what.

What a directory's program asks is done by an administrator's commands. It has the accounts of its token's office and of
those whose administrators' charge they are. It makes, changes and closes mediators' and inspectors'. Of supervisors'
and administrators', who can be a second person, it changes the shown name and closes them: what they are and who holds
them, people say. What a person closed it does not open. Implements `web.api.scim.Accounts`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from journal import Actor, Draft, Event, Journal, append_next
from journal.refusals import Refused
from law import WorkingCalendar
from offices import Office, Officer, OfficerRole, charge_of, require_role
from offices.oversight import ActFilter, ActHint, ActList, ActRow, ApprovalWish, Colleague
from offices.systems import SCIM, AccountWish, ProvisionedAccount, System
from server.connections.sign_on import SUBJECT_MOST, name_from, office_named
from server.db.engine import NameInUse
from server.identity.account_store import closings
from server.identity.officers import LOGIN, Officers, normal_login
from server.identity.sign_on import SignOnService
from server.identity.store import IdentityStore, User
from server.oversight import SECONDS, Approval
from server.oversight.act_store import MOST, ActStore, hints
from server.oversight.service import ApprovalService, account_stream

NOTHING_MORE: Final[Mapping[str, bool]] = {}


class AccountsService:
    """Each change is in `officer/<id>`. Implements `AccountsService`.

    Nobody makes a second person alone: a role that can be one, or such an account's second step, takes somebody else's
    yes. Only the first such colleague of an office is made by the only one there is, and the journal says so.
    """

    def __init__(
        self,
        store: IdentityStore,
        officers: Officers,
        journal: Journal,
        approvals: ApprovalService,
        now: Callable[[], datetime],
        drop_signature: Callable[[str, Actor], Awaitable[None]],
    ) -> None:
        self._store, self._officers, self._journal = store, officers, journal
        self._drop_signature = drop_signature
        self._approvals, self._now = approvals, now
        self._sign_ins = officers.sign_ins.store
        approvals.does |= {"appoint": self._appoint, "restart": self._restart}

    async def colleagues(self, by: Officer) -> Sequence[Colleague]:
        require_role(by, "administrator")
        people = await self._officers.officers(by)
        ids = [one.id for one in people]
        limits, last = await self._sign_ins.limits_of(ids), await self._sign_ins.last_in(ids)
        found = []
        for one in people:
            limit = limits.get(one.id)
            waits = await self._approvals.waiting("appoint", one.id) or await self._approvals.waiting("restart", one.id)
            found.append(
                Colleague(
                    one, limit.closed if limit else None, bool(limit and limit.temporary), last.get(one.id), waits
                )
            )
        return found

    async def add(self, by: Officer, token: str, login: str, name: str, role: OfficerRole, password: str) -> str:
        alone = role in SECONDS and await self._is_only_second(by)
        made = await self._officers.add_officer(by, login, name, role, password)
        if role not in SECONDS or alone:
            await self._note(made.id, by.actor, "OfficerAdded", {"role": role, "alone": alone})
            return ""
        await self._sign_ins.close(made.id, self._now())
        await self._note(made.id, by.actor, "OfficerAdded", {"role": role, "alone": False})
        return await self._asked(by, token, made, role, "")

    async def change_role(self, by: Officer, token: str, officer: str, role: OfficerRole, reason: str) -> str:
        user = await self._other(by, officer)
        if user.role == role:
            return ""
        if {role, user.role} & set(SECONDS) and not await self._is_only_second(by):
            return await self._asked(by, token, user, role, reason)
        await self._keep_one(user)
        await self._set_role(user, role, by.actor, {"reason": reason})
        return ""

    async def provision(self, by: Officer, login: str, name: str, role: OfficerRole, id: str = "") -> Officer:
        """As `add`, without a password, of a role that is no second person. Refused(403): not_allowed (field roles)."""
        if role in SECONDS:
            raise Refused("not_allowed", 403, field="roles")
        made = await self._officers.add_officer(by, login, name, role, None, id)
        await self._note(made.id, by.actor, "OfficerAdded", {"role": role, "alone": False})
        return made

    async def rename(self, by: Officer, officer: str, login: str, name: str) -> None:
        """Refused as `check_name`."""
        user = await self._other(by, officer)
        login, name = normal_login(login), name.strip()
        await self.check_name(user, login, name)
        if (login, name) == (user.login, user.name):
            return
        before = {"login": user.login, "name": user.name}
        await self._note(
            user.id, by.actor, "OfficerRenamed", {"before": before, "after": {"login": login, "name": name}}
        )
        try:
            await self._store.rename(user.id, login, name)
        except NameInUse:  # since it was looked at
            raise Refused("login_taken") from None

    async def check_name(self, user: User, login: str, name: str) -> None:
        """Whether they can be called so from now on. Refused: missing (field name), bad_login_name, login_taken."""
        if not name:
            raise Refused("missing", 400, field="name")
        if login == user.login:
            return
        if not LOGIN.fullmatch(login):
            raise Refused("bad_login_name", 400)
        if await self._store.user_by_login(login) is not None:
            raise Refused("login_taken")

    async def close(self, by: Officer, officer: str, reason: str, more: Mapping[str, bool] = NOTHING_MORE) -> None:
        """`more`: what the entry says besides."""
        user = await self._other(by, officer)
        await self._keep_one(user)
        await self._note(user.id, by.actor, "AccountClosed", {"reason": reason, **more})
        await self._sign_ins.close(user.id, self._now())
        await self._drop_signature(user.id, by.actor)  # nobody places it any more

    async def open(self, by: Officer, token: str, officer: str, reason: str) -> str:
        user = await self._other(by, officer)
        if user.role in SECONDS and not await self._is_only_second(by):
            return await self._asked(by, token, user, user.role, reason)
        await self._note(user.id, by.actor, "AccountOpened", {"reason": reason})
        await self._sign_ins.close(user.id, None)
        return ""

    async def set_password(self, by: Officer, officer: str, password: str) -> None:
        user = await self._other(by, officer)
        await self._officers.give_password(by, user, password)
        await self._note(user.id, by.actor, "PasswordSet", {})

    async def drop_second_step(self, by: Officer, token: str, officer: str, reason: str) -> str:
        user = await self._other(by, officer)
        if user.role in SECONDS:
            wish = ApprovalWish("restart", user.id, f"{user.name} · {user.login}", reason)
            return await self._approvals.ask(by, token, wish)
        await self._drop(user, by.actor)
        return ""

    # ------------------------------------------------------------ what a second person said yes to

    async def _appoint(self, approval: Approval) -> None:
        user = await self._known(approval)
        role = approval.asked.details.get("role", "")
        if role not in get_args(OfficerRole):
            raise Refused("bad_choice", 400)
        if role != "administrator":
            await self._keep_one(user)
        if user.role != role:
            await self._set_role(user, role, approval.by, {"approved_by": _second(approval)})
        if (await self._sign_ins.limits(user.id)).closed is not None:
            await self._note(user.id, approval.by, "AccountOpened", {"approved_by": _second(approval)})
            await self._sign_ins.close(user.id, None)

    async def _restart(self, approval: Approval) -> None:
        await self._drop(await self._known(approval), approval.by, _second(approval))

    async def _known(self, approval: Approval) -> User:
        user = await self._store.user(approval.asked.subject)
        if user is None or user.office != approval.asked.office:
            raise Refused("not_found", 404)
        return user

    # ------------------------------------------------------------ steps of the above

    async def _drop(self, user: User, by: Actor, second: str = "") -> None:
        await self._note(user.id, by, "SecondStepDropped", {"approved_by": second} if second else {})
        await self._store.drop_totp(user.id)
        await self._sign_ins.give_codes(user.id, [], self._now())
        await self._sign_ins.forget_browsers(user.id)
        await self._store.end_sessions_of(user.id)

    async def _set_role(self, user: User, role: OfficerRole | str, by: Actor, more: Mapping[str, str]) -> None:
        await self._note(user.id, by, "RoleChanged", {"from": user.role, "to": role, **more})
        await self._store.set_role(user.id, role)

    async def _asked(self, by: Officer, token: str, user: User | Officer, role: str, reason: str) -> str:
        label = f"{user.name} · {user.login}"
        wish = ApprovalWish("appoint", user.id, label, reason or label, {"role": role})
        return await self._approvals.ask(by, token, wish)

    async def _other(self, by: Officer, officer: str) -> User:
        require_role(by, "administrator")
        user = await self._store.user(officer)
        if user is None or user.office != by.office.id:
            raise Refused("not_found", 404)
        if user.id == by.id:
            raise Refused("own_account", 403)
        return user

    async def _is_only_second(self, by: Officer) -> bool:
        """Closed accounts count: or closing the others' would make one the only one."""
        return not [one for one in await self._store.users_of(by.office.id) if one.role in SECONDS and one.id != by.id]

    async def _keep_one(self, user: User) -> None:
        if user.role != "administrator":
            return
        others = [one for one in await self._store.users_of(user.office) if one.id != user.id]
        limits = await self._sign_ins.limits_of([one.id for one in others])
        if not [
            one
            for one in others
            if one.role == "administrator" and (one.id not in limits or limits[one.id].closed is None)
        ]:
            raise Refused("last_administrator")

    async def _note(self, officer: str, by: Actor, what: str, data: Mapping[str, Any]) -> None:
        kept = {key: value for key, value in data.items() if value != ""}
        await append_next(self._journal, account_stream(officer), Draft(what, kept, self._now(), by))


def _second(approval: Approval) -> str:
    return approval.second.id if approval.second else ""


USUAL: Final = timedelta(days=60)  # of which is known what is usual


class ActService:
    """Who did what, and what of it is worth a second look. Implements `Acts`."""

    def __init__(
        self,
        rows: ActStore,
        store: IdentityStore,
        journal: Journal,
        calendar: Callable[[str], Awaitable[WorkingCalendar]],
        now: Callable[[], datetime],
    ) -> None:
        self._rows, self._store, self._journal, self._calendar, self._now = rows, store, journal, calendar, now

    async def acts(self, officer: Officer, wanted: ActFilter) -> ActList:
        return await self._rows.acts(officer, wanted)

    async def hints(self, officer: Officer, since: date, until: date) -> Sequence[ActHint]:
        zone = ZoneInfo(officer.office.zone)
        first = datetime.combine(since, time(), zone) - USUAL
        last = datetime.combine(until + timedelta(days=1), time(), zone)
        found = await self._rows.between(officer, first, last)
        calendar = await self._calendar(officer.office.id)
        told = hints(found, officer.office.zone, calendar.worked, since, until)
        names = dict((await self._rows.acts(officer, ActFilter(), 1)).people)
        return [
            ActHint(one.code, one.actor, names.get(one.actor, one.actor), one.day, one.number, one.usual)
            for one in told
        ]

    async def export(self, officer: Officer, wanted: ActFilter) -> Sequence[ActRow]:
        found = await self._rows.acts(officer, wanted, MOST)
        draft = Draft(
            "ActsExported",
            {"kind": "acts", "rows": len(found.rows), "actor": wanted.actor, "act": wanted.act},
            self._now(),
            officer.actor,
        )
        await append_next(self._journal, f"oversight/{officer.office.id}", draft)
        return found.rows

    async def offices(self) -> Mapping[str, str]:
        return {office.id: office.short for office in await self._store.offices()}


# ------------------------------------------------------------ provisioning


REASON: Final = "SCIM"


class ProvisioningService:
    def __init__(
        self, store: IdentityStore, officers: Officers, sign_on: SignOnService, accounts: AccountsService
    ) -> None:
        self._store, self._sign_ins = store, officers.sign_ins.store
        self._sign_on, self._accounts = sign_on, accounts

    # ------------------------------------------------------------ what there is

    async def all(self, system: System) -> Sequence[ProvisionedAccount]:
        reach = await self._reach(system)
        return await self._shown(await self._store.users_in(reach), reach)

    async def named(self, system: System, login: str) -> Sequence[ProvisionedAccount]:
        return await self._among(system, [await self._store.user_by_login(normal_login(login))])

    async def known_as(self, system: System, external: str) -> Sequence[ProvisionedAccount]:
        return await self._among(
            system, [await self._store.user(one) for one in await self._sign_on.known_as(external)]
        )

    async def one(self, system: System, account: str) -> ProvisionedAccount:
        found = await self._among(system, [await self._store.user(account)])
        if not found:
            raise Refused("not_found", 404)
        return found[0]

    async def _among(self, system: System, users: Collection[User | None]) -> Sequence[ProvisionedAccount]:
        reach = await self._reach(system)
        return await self._shown([one for one in users if one is not None and one.office in reach], reach)

    async def _shown(self, users: Sequence[User], reach: Mapping[str, Office]) -> Sequence[ProvisionedAccount]:
        """Without those that the directory's program deleted."""
        ids = [one.id for one in users]
        limits = await self._sign_ins.limits_of(ids)
        closed = {one for one in ids if one in limits and limits[one].closed is not None}
        ends = await closings(self._store.database, closed)
        externals = await self._sign_on.externals(ids)
        return [
            ProvisionedAccount(
                one.id, one.login, one.name, one.role, reach[one.office].short, one.id not in closed,
                externals.get(one.id, ""), one.created,
            )
            for one in users
            if one.id not in closed or not _gone(ends.get(one.id))
        ]  # fmt: skip

    # ------------------------------------------------------------ what is asked

    async def add(self, system: System, wish: AccountWish) -> ProvisionedAccount:
        """Whoever the program deleted comes back. Refused: missing (field name), bad_login_name (400), bad_choice (400,
        field office), not_allowed (403, field roles), login_taken, sign_on_taken (409)."""
        if wish.role in SECONDS:
            raise Refused("not_allowed", 403, field="roles")
        reach, external = await self._reach(system), _external(wish)
        office = _office(wish, reach) or system.office
        by = _administrator(system, office)
        login, name = normal_login(wish.login or ""), name_from(wish.name or "")
        for known in await self._sign_on.known_as(external) if external else ():
            former = await self._store.user(known)
            if former is None or former.office not in reach:
                raise Refused("sign_on_taken", 409)
            await self._check_gone(former)
            return await self._bring_back(system, former, replace(wish, login=login, name=name), reach, office)
        made = await self._accounts.provision(
            by, login, name, wish.role or "mediator", self._sign_on.account_of(external) if external else ""
        )
        if external:
            await self._sign_on.tie(made.id, external, by.actor)
        if wish.active is False:
            await self._accounts.close(by, made.id, REASON)
        return await self.one(system, made.id)

    async def change(self, system: System, account: str, wish: AccountWish) -> ProvisionedAccount:
        """All of it or nothing. Refused: not_found, as `add`; not_allowed (403, field roles, office, userName,
        externalId, active), last_administrator."""
        now = await self.one(system, account)
        reach, external = await self._reach(system), _external(wish)
        user = await self._store.user(account)
        assert user is not None
        office, role = _office(wish, reach) or reach[user.office], wish.role or user.role
        login = user.login if wish.login is None else normal_login(wish.login)
        name = user.name if wish.name is None else name_from(wish.name)
        known = await self._sign_on.known_as(external) if external else ()
        ties = bool(external and self._sign_on.account_of(external)) and account not in known
        _check_theirs(user, office, role, login, ties)
        if ties and (now.external or known):
            raise Refused("sign_on_taken", 409)
        opens = wish.active is True and not now.active
        if opens and (user.role in SECONDS or not await self._closed_by_a_system(account)):
            raise Refused("not_allowed", 403, field="active")
        by = _administrator(system, reach[user.office])
        await self._accounts.check_name(user, login, name)
        if wish.active is False and (now.active or await self._may_open_by_itself(account)):
            await self._accounts.close(by, account, REASON)  # the last that may be refused
        await self._accounts.rename(by, account, login, name)
        await self._sign_on.move(user, role, office.id, by.actor, {})
        if ties:
            await self._sign_on.tie(account, external, by.actor)
        if opens:
            await self._accounts.open(_administrator(system, office), "", account, REASON)
        return await self.one(system, account)

    async def remove(self, system: System, account: str) -> None:
        """It is closed, and the program sees it no more; its person's acts stay theirs. Refused: not_found,
        last_administrator."""
        now, user = await self.one(system, account), await self._store.user(account)
        assert user is not None
        by = _administrator(system, (await self._reach(system))[user.office])
        held = not now.active and not await self._closed_by_a_system(account)
        await self._accounts.close(by, account, REASON, {"gone": True, **({"held": True} if held else {})})

    # ------------------------------------------------------------ steps of the above

    async def _reach(self, system: System) -> Mapping[str, Office]:
        """By id, the offices whose accounts it has."""
        offices = await self._store.offices()
        charge = charge_of(_administrator(system, system.office), offices) | {system.office.id}
        return {one.id: one for one in offices if one.id in charge}

    async def _closed_by_a_system(self, account: str) -> bool:
        end = (await closings(self._store.database, [account])).get(account)
        return end is not None and end.actor.kind == "system"

    async def _may_open_by_itself(self, account: str) -> bool:
        """What a rule of sign-on closed opens again by one, unless it is closed for another reason too."""
        end = (await closings(self._store.database, [account])).get(account)
        return end is not None and "provider" in end.data

    async def _check_gone(self, user: User) -> None:
        """Refused(409): sign_on_taken (field active where a person has to say it), of whom the program did not delete,
        or whom it may not open."""
        end = (await closings(self._store.database, [user.id])).get(user.id)
        if (await self._sign_ins.limits(user.id)).closed is None or end is None or not _gone(end):
            raise Refused("sign_on_taken", 409)
        if user.role in SECONDS or end.data.get("held"):
            raise Refused("sign_on_taken", 409, field="active")

    async def _bring_back(
        self, system: System, user: User, wish: AccountWish, reach: Mapping[str, Office], office: Office
    ) -> ProvisionedAccount:
        """Whom the program deleted, as a new account would be, all of it or nothing: closed and unseen until then."""
        was = _administrator(system, reach[user.office])
        await self._accounts.rename(was, user.id, wish.login or "", wish.name or "")
        by = _administrator(system, office)
        await self._sign_on.move(user, wish.role or "mediator", office.id, by.actor, {})
        if wish.active is False:
            await self._accounts.close(by, user.id, REASON)  # and seen
        else:
            await self._accounts.open(by, "", user.id, REASON)
        return await self.one(system, user.id)


@dataclass(frozen=True, slots=True)
class _Administrator(System):
    """A system, as the commands of an office's page for administrators take it; `of`: the office of its token."""

    of: str = ""

    @property
    def actor(self) -> Actor:
        return Actor("system", self.id, self.name, SCIM, self.of)


def _administrator(system: System, office: Office) -> Officer:
    of = system.office.id
    return _Administrator(system.id, "", system.name, "administrator", office, False, token=system.token, of=of)


def _check_theirs(user: User, office: Office, role: str, login: str, ties: bool) -> None:
    """Refused(403) what two people, or a person, have to say."""
    if role != user.role and {role, user.role} & set(SECONDS):
        raise Refused("not_allowed", 403, field="roles")
    asked = {"office": office.id != user.office, "userName": login != user.login, "externalId": ties}
    if user.role in SECONDS and any(asked.values()):
        raise Refused("not_allowed", 403, field=next(field for field, is_asked in asked.items() if is_asked))


def _office(wish: AccountWish, reach: Mapping[str, Office]) -> Office | None:
    if not wish.office:
        return None
    found = office_named(wish.office, reach.values())
    if found is None:
        raise Refused("bad_choice", 400, field="office")
    return found


def _external(wish: AccountWish) -> str:
    external = (wish.external or "").strip()
    if len(external) > SUBJECT_MOST or not external.isprintable():
        raise Refused("bad_choice", 400, field="externalId")
    return external


def _gone(end: Event | None) -> bool:
    return end is not None and bool(end.data.get("gone"))
