"""Second persons, accounts and acts in memory: the rules are the real ones where they are pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from journal.refusals import Refused
from offices import Officer, OfficerRole
from offices.oversight import ActFilter, ActHint, ActList, ActRow, ApprovalRow, ApprovalWish, Colleague
from rooms.commands import LiftHold, OrderErasure
from tests.web.fakes.accounts.officers import FakeIdentity
from tests.web.fakes.people import EAST_LAKE, NOW
from tests.web.fakes.records.sessions import FakeSessions


class FakeApprovals:
    """`does` what a yes leads to, by kind."""

    def __init__(self, sessions: FakeSessions, now: Callable[[], datetime]) -> None:
        self.asked: dict[str, tuple[ApprovalWish, Officer]] = {}
        self.rows: dict[str, ApprovalRow] = {}
        self._now = now

        async def erase(wish: ApprovalWish, by: Officer) -> None:
            await sessions.submit(wish.subject, OrderErasure(wish.reason), by.actor)

        async def lift(wish: ApprovalWish, by: Officer) -> None:
            await sessions.submit(wish.subject, LiftHold(wish.reason), by.actor)

        self.does: dict[str, Callable[[ApprovalWish, Officer], Awaitable[None]]] = {"erase": erase, "lift": lift}

    def _seen(self, officer: Officer, approval: str) -> ApprovalRow:
        _wish, by = self.asked.get(approval, (None, None))
        if by is None or by.office != officer.office or (officer.role == "mediator" and by.id != officer.id):
            raise Refused("not_found", 404)
        row, mine = self.rows[approval], by.id == officer.id
        return replace(row, mine=mine, second=row.state == "open" and not mine and officer.role != "mediator")

    async def listing(self, officer: Officer) -> Sequence[ApprovalRow]:
        found = []
        for approval in self.rows:
            try:
                found.append(self._seen(officer, approval))
            except Refused:
                continue
        return found

    async def one(self, officer: Officer, approval: str) -> ApprovalRow:
        return self._seen(officer, approval)

    async def ask(self, officer: Officer, token: str, wish: ApprovalWish) -> str:
        approval, now = f"a{len(self.rows) + 1}", self._now()
        self.asked[approval] = wish, officer
        self.rows[approval] = ApprovalRow(
            approval, wish.kind, wish.label, wish.reason, wish.details, "open", officer.name, now,
            now + timedelta(hours=72), "", None, "", mine=True, second=False,
        )  # fmt: skip
        return approval

    async def approve(self, officer: Officer, token: str, approval: str) -> None:
        self._seen(officer, approval)
        wish, by = self.asked[approval]
        if by.id == officer.id:
            raise Refused("same_person", 409, why="account")
        if (do := self.does.get(wish.kind)) is not None:
            await do(wish, by)
        self._decided(approval, officer, "done")

    async def decline(self, officer: Officer, approval: str, reason: str) -> None:
        self._seen(officer, approval)
        self._decided(approval, officer, "declined", reason)

    async def take_back(self, officer: Officer, approval: str) -> None:
        self._seen(officer, approval)
        self._decided(approval, officer, "taken back")

    def _decided(self, approval: str, by: Officer, state: str, why: str = "") -> None:
        decided = {"state": state, "decider": by.name, "decided": self._now(), "why": why}
        self.rows[approval] = replace(self.rows[approval], **decided)  # type: ignore[arg-type]


class FakeAccounts:
    def __init__(self, identity: FakeIdentity) -> None:
        self._identity = identity
        self.closed: dict[str, datetime] = {}

    async def colleagues(self, by: Officer) -> Sequence[Colleague]:
        found = await self._identity.officers(by)
        return [Colleague(one, self.closed.get(one.id), False, NOW, "") for one in found]

    async def add(self, by: Officer, token: str, login: str, name: str, role: OfficerRole, password: str) -> str:
        await self._identity.add_officer(by, login, name, role, password)
        return ""

    def _other(self, by: Officer, officer: str) -> Officer:
        for account in self._identity.accounts.values():
            if account.officer.id == officer and account.officer.office == by.office:
                if officer == by.id:
                    raise Refused("own_account", 403)
                return account.officer
        raise Refused("not_found", 404)

    async def change_role(self, by: Officer, token: str, officer: str, role: OfficerRole, reason: str) -> str:
        one = self._other(by, officer)
        self._identity.accounts[one.login].officer = replace(one, role=role)
        return ""

    async def close(self, by: Officer, officer: str, reason: str) -> None:
        self.closed[self._other(by, officer).id] = NOW

    async def open(self, by: Officer, token: str, officer: str, reason: str) -> str:
        self.closed.pop(self._other(by, officer).id, None)
        return ""

    async def set_password(self, by: Officer, officer: str, password: str) -> None:
        self._other(by, officer)
        if len(password) < 10:
            raise Refused("weak_password")

    async def drop_second_step(self, by: Officer, token: str, officer: str, reason: str) -> str:
        self._other(by, officer)
        return ""


class FakeActs:
    def __init__(self) -> None:
        self.rows = [
            ActRow(NOW, "unmasked", "phone", "周敏", "mediator", EAST_LAKE.id, EAST_LAKE.id, "complaint", "c0",
                   "东高一投〔2026〕0917号", "=cmd|' /C calc'!A0"),
            ActRow(NOW, "viewed", "recording", "外督", "supervisor", "o2", EAST_LAKE.id, "session", "m1",
                   "东高一投〔2026〕0917号", "<script>alert(1)</script>"),
        ]  # fmt: skip
        self.asked: list[ActFilter] = []

    async def acts(self, officer: Officer, wanted: ActFilter) -> ActList:
        self.asked.append(wanted)
        return ActList(self.rows, len(self.rows), 50, [("u-zhou", "周敏")])

    async def hints(self, officer: Officer, since: date, until: date) -> Sequence[ActHint]:
        return [ActHint("off_hours", "u-zhou", "周敏", NOW.date(), 4, 0)]

    async def export(self, officer: Officer, wanted: ActFilter) -> Sequence[ActRow]:
        return self.rows

    async def offices(self) -> Mapping[str, str]:
        return {EAST_LAKE.id: EAST_LAKE.short, "o2": "二所"}
