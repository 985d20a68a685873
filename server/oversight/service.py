"""Second persons at work: asked, answered, carried out; and what an officer may look at without one."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from journal import SYSTEM, Actor, Draft, Event, Journal, append_decided, append_next
from journal.refusals import DomainError, Refused
from offices import Officer, require_role
from offices.oversight import LOOK_BOUNDS, ApprovalRow, ApprovalWish, LookLimits, LookLimitsChange
from server.identity import digest
from server.identity.sign_in_store import SignInStore
from server.identity.sign_ins import KNOWN_FOR
from server.identity.store import IdentityStore
from server.oversight import (
    AccountHolder,
    Approval,
    Ask,
    Command,
    Decline,
    Give,
    NoteDone,
    NoteFailed,
    TakeApprovalBack,
    decide,
    fold,
    may_decide,
    stream,
    to_draft,
)
from server.oversight.act_store import ActStore, ApprovalStore

log = structlog.get_logger(__name__)

ACCOUNT_HELD: Final = frozenset({
    "OfficerAdded", "RoleChanged", "AccountOpened", "PasswordSet", "SecondStepDropped", "SignOnLinked",
})  # fmt: skip


def account_stream(officer: str) -> str:
    return f"officer/{officer}"


def account_origin(entries: Iterable[Event]) -> tuple[datetime | None, str]:
    """Who made an account what it is: the newest entry by which somebody else held it in hand.

    When, and the account that did it; (None, "") where nothing says.
    """
    newest = None
    for entry in entries:
        if entry.type in ACCOUNT_HELD:
            newest = entry
    return (newest.at, newest.actor.id) if newest else (None, "")


_STATUS: Final = {"not_allowed": 403, "missing": 422}
_PROGRAM: Final = AccountHolder("", "", "", "")

CarryOut = Callable[[Approval], Awaitable[None]]


class ApprovalService:
    """Implements `ApprovalService`.

    The yes is in the journal before anything is done; what a crash left undone is done at the next start. Whoever adds
    a kind puts into `does` what carries it out: it may be called twice.
    """

    def __init__(
        self,
        journal: Journal,
        rows: ApprovalStore,
        accounts: IdentityStore,
        sign_ins: SignInStore,
        now: Callable[[], datetime],
    ) -> None:
        self._journal, self._rows, self._accounts, self._sign_ins, self._now = journal, rows, accounts, sign_ins, now
        self.does: dict[str, CarryOut] = {}

    async def listing(self, officer: Officer) -> Sequence[ApprovalRow]:
        found = [(one, await self._state(one)) for one in await self._rows.of(officer)]
        return [self._row(officer, id_, state) for id_, state in found if state is not None]

    async def one(self, officer: Officer, approval: str) -> ApprovalRow:
        return self._row(officer, approval, await self._seen(officer, approval))

    async def ask(self, officer: Officer, token: str, wish: ApprovalWish) -> str:
        waiting = await self._rows.open(wish.kind, wish.subject, self._now())
        if waiting and await self._rows.sees(officer, waiting):
            return waiting
        approval = uuid.uuid4().hex
        person = await self._person(officer.id, await self._browser(token))
        command = Ask(wish.kind, wish.subject, wish.label, wish.reason, wish.details)
        await self._submit(approval, command, person, officer.actor)
        return approval

    async def waiting(self, kind: str, subject: str) -> str:
        return await self._rows.open(kind, subject, self._now())

    async def agreed(self, kind: str, subject: str) -> bool:
        """A second person said yes, and it is not done yet."""
        return await self._rows.agreed(kind, subject)

    async def approve(self, officer: Officer, token: str, approval: str) -> None:
        state = await self._seen(officer, approval)
        person = await self._person(officer.id, await self._browser(token))
        await self._submit(approval, Give(await self._person(state.by.id, "")), person, officer.actor)
        await self._carry_out(approval)

    async def decline(self, officer: Officer, approval: str, reason: str) -> None:
        await self._seen(officer, approval)
        await self._submit(approval, Decline(reason), await self._person(officer.id, ""), officer.actor)

    async def take_back(self, officer: Officer, approval: str) -> None:
        await self._seen(officer, approval)
        await self._submit(approval, TakeApprovalBack(), await self._person(officer.id, ""), officer.actor)

    async def catch_up(self) -> None:
        """What was approved and not done when the program stopped."""
        for approval in await self._rows.to_do():
            try:
                await self._carry_out(approval)
            except Exception:
                log.exception("what was approved could not be done", approval=approval)

    # ------------------------------------------------------------ steps of the above

    async def _carry_out(self, approval: str) -> None:
        state = await self._state(approval)
        if state is None or state.state != "approved":
            return
        try:
            if (do := self.does.get(state.asked.kind)) is not None:
                await do(replace(state, id=approval))
        except (Refused, DomainError) as no:
            log.warning("what was approved cannot be done", approval=approval, code=no.code)
            await self._submit(approval, NoteFailed(no.code), _PROGRAM, SYSTEM)
        else:
            await self._submit(approval, NoteDone(), _PROGRAM, SYSTEM)

    async def _submit(self, approval: str, command: Command, person: AccountHolder, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            try:
                events = decide(command, fold(entries), person, self._now())
            except DomainError as no:
                raise Refused(no.code, _STATUS.get(no.code, 409), **no.params) from None
            return [to_draft(event, self._now(), actor) for event in events]

        await append_decided(self._journal, stream(approval), decided)

    async def _state(self, approval: str) -> Approval | None:
        return fold(await self._journal.read(stream(approval)))

    async def _seen(self, officer: Officer, approval: str) -> Approval:
        state = await self._state(approval) if await self._rows.sees(officer, approval) else None
        if state is None:
            raise Refused("not_found", 404)
        return state

    async def _browser(self, token: str) -> str:
        return await self._sign_ins.browser_of(digest(token)) if token else ""

    async def _person(self, account: str, browser: str) -> AccountHolder:
        user = await self._accounts.user(account)
        if user is None:
            raise Refused("not_found", 404)
        made, made_by = account_origin(await self._journal.read(f"officer/{account}"))
        browsers = await self._sign_ins.browsers_of(account, self._now() - KNOWN_FOR)
        return AccountHolder(user.id, user.name, user.role, user.office, browser, browsers, made, made_by)

    def _row(self, officer: Officer, id_: str, state: Approval) -> ApprovalRow:
        asked, mine = state.asked, state.by.id == officer.id
        over = state.over(self._now())
        return ApprovalRow(
            id=id_,
            kind=asked.kind,
            label=asked.label,
            reason=asked.reason,
            details=asked.details,
            state="over" if over else state.state,
            asker=state.by.name,
            asked=state.at,
            expires=asked.expires,
            decider=state.second.name if state.second else "",
            decided=state.decided,
            why=state.why,
            mine=mine,
            second=state.state == "open" and not over and not mine and may_decide(officer.role, asked.kind),
        )


WITHIN: Final = timedelta(hours=24)
LIMITS_SET: Final = "LookLimitsSet"


def looks_stream(office: str) -> str:
    return f"office/{office}/looks"


class LookLimitService:
    """Sole writer of `office/<id>/looks`: how many full numbers an office's mediators may look at a day."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def of(self, office: str) -> LookLimits:
        changes = await self.changes(office)
        return changes[-1].limits if changes else LookLimits()

    async def changes(self, office: str) -> list[LookLimitsChange]:
        """Oldest first."""
        return [
            LookLimitsChange(entry.at, entry.actor.name, LookLimits(**entry.data["limits"]))
            for entry in await self._journal.read(looks_stream(office))
            if not entry.erased and entry.type == LIMITS_SET
        ]

    async def set(self, officer: Officer, wanted: LookLimits) -> None:
        """For the administrator's own office. Refused: not_allowed; beyond_limits (field, least, most); busy."""
        require_role(officer, "administrator")
        for field, (least, most) in LOOK_BOUNDS.items():
            if not least <= getattr(wanted, field) <= most:
                raise Refused("beyond_limits", 400, field=field, least=least, most=most)
        if await self.of(officer.office.id) != wanted:
            told = Draft(LIMITS_SET, {"limits": asdict(wanted)}, self._now(), officer.actor)
            await append_next(self._journal, looks_stream(officer.office.id), told)


class UnmaskingLimit:
    """Full numbers are looked at one by one and as many a day as the office allows, more for complaints in hand than
    for others; beyond that, and not without end, it takes a second person's yes.

    The acts are counted in the journal's rows; one officer's looks wait for each other, so that many at once are
    counted as many.
    """

    def __init__(
        self, acts: ActStore, approvals: ApprovalStore, limits: LookLimitService, now: Callable[[], datetime]
    ) -> None:
        self._acts, self._approvals, self._limits, self._now = acts, approvals, limits, now
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def one_more(self, officer: Officer, in_hand: bool = False) -> AsyncIterator[None]:
        """Around the look itself. Refused(429): too_many_numbers."""
        async with self._turns[officer.id]:
            since = self._now() - WITHIN
            limits = await self._limits.of(officer.office.id)
            most = limits.in_hand if in_hand else limits.other
            seen = await self._acts.looks(officer.id, in_hand, since)
            if seen >= most and seen >= most + limits.more * await self._approvals.given("unmask", officer.id, since):
                raise Refused("too_many_numbers", 429, most=most)
            yield
