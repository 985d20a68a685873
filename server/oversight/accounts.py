"""An office's accounts in its administrator's hands, and who did what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from journal import Actor, Conflict, Draft, Journal
from journal.refusals import Refused
from law import WorkingCalendar
from offices.oversight import ActFilter, ActHint, ActList, ActRow, ApprovalWish, Colleague
from offices.people import Officer, OfficerRole, require_role
from server.db.engine import NameInUse
from server.identity.officers import LOGIN, Officers, normal_login
from server.identity.store import IdentityStore, User
from server.oversight.act_store import MOST, ActStore, hints
from server.oversight.approval import SECONDS, Approval
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
        for last in (False, True):
            entries = await self._journal.read(account_stream(officer))
            try:
                await self._journal.append(account_stream(officer), len(entries), [Draft(what, kept, self._now(), by)])
                return
            except Conflict:
                if last:
                    raise Refused("busy", 503) from None


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
        stream = f"oversight/{officer.office.id}"
        for last in (False, True):
            try:
                await self._journal.append(stream, len(await self._journal.read(stream)), [draft])
                break
            except Conflict:
                if last:
                    raise Refused("busy", 503) from None
        return found.rows

    async def offices(self) -> Mapping[str, str]:
        return {office.id: office.short for office in await self._store.offices()}
