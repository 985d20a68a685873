"""Who may do what, in the bureau's hands. Implements `AccessDesk`; sole writer of `bureau/access`.

Withholding and overseeing less are done at once, by one; what reveals waits for a second person. `withheld` is what
every sign-in, socket and token is told, from memory: there is one web process, and it alone changes cells. Who oversees
which office is in the stream too and may also be changed at the command line (`server.oversight.access`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import get_args

import structlog

from journal import Actor, Conflict, Draft, Event, Journal
from offices.access import AccessChange, AccessTable, Overseer
from offices.oversight import ApprovalWish
from offices.people import Office, Officer, OfficerRole
from offices.permissions import EDITABLE
from offices.refusal import Refused
from server.db.credentials import Holder
from server.identity.officers import officer_from
from server.identity.offices import of_the_bureau
from server.identity.roles import require_role
from server.identity.store import IdentityStore
from server.oversight.access import (
    STREAM,
    AccessEvent,
    Matrix,
    Most,
    OverseenOffices,
    change,
    fold,
)
from server.oversight.approval import Approval
from server.oversight.service import Approvals

log = structlog.get_logger(__name__)


class Access:
    """`most`: what each role may ever have, set once the routes are known."""

    def __init__(
        self, store: IdentityStore, journal: Journal, approvals: Approvals, now: Callable[[], datetime]
    ) -> None:
        self._store, self._journal, self._approvals, self._now = store, journal, approvals, now
        self._overseeing = OverseenOffices(store, journal, now)
        self.most: Most = {}
        self._matrix: Matrix | None = None
        self._turn = asyncio.Lock()
        approvals.does |= {"access": self._give_back, "oversee": self._oversee_more}

    async def withheld(self, office: str, role: str) -> frozenset[str]:
        if self._matrix is None:
            self._matrix = fold(await self._journal.read(STREAM))
        return self._matrix.of(office, role)

    async def table(self, by: Officer) -> AccessTable:
        require_role(by, "administrator")
        entries = await self._journal.read(STREAM)
        offices = [one for one in await self._store.offices() if by.office.intake or one.id == by.office.id]
        seen = {one.id for one in offices}
        waits = {
            (one.id, role): found
            for one in offices
            for role in get_args(OfficerRole)
            if (found := await self._approvals.waiting("access", _cell(one.id, role)))
        }
        overseers = [
            Overseer(
                officer_from(user, office),
                await self._store.overseen(user.id),
                await self._approvals.waiting("oversee", user.id),
            )
            for office in offices
            for user in await self._store.users_of(office.id)
            if user.role == "supervisor"
        ]
        changes = [_shown(entry) for entry in reversed(entries) if not entry.erased and entry.data["office"] in seen]
        withheld = frozenset(cell for cell in fold(entries).withheld if cell[0] in seen)
        return AccessTable(offices, withheld, waits, overseers, changes)

    async def set(
        self, by: Officer, token: str, office: str, role: OfficerRole, allowed: Collection[str], reason: str
    ) -> str:
        known = await self._office(by, office)
        could = self.most.get(role, frozenset()) & EDITABLE
        if set(allowed) - could:
            raise Refused("beyond_limits", 409)
        taken = could - set(allowed)
        await self._change(by.actor, office, role, taken, False, reason)
        given = frozenset(allowed) & await self.withheld(office, role)
        if not given:
            return ""
        details = {"office": office, "whose": role, "permissions": ",".join(sorted(given))}
        return await self._ask(by, token, ApprovalWish("access", _cell(office, role), known.short, reason, details))

    async def oversee(self, by: Officer, token: str, supervisor: str, offices: Collection[str], reason: str) -> str:
        of_the_bureau(by)
        before, _ = await self._overseeing.before(supervisor, offices)
        wanted = frozenset(offices)
        await self._set_overseen(by.actor, supervisor, before & wanted, reason)
        if not wanted - before:
            return ""
        user = await self._store.user(supervisor)
        more = sorted(wanted - before)
        names = [one.short for one in await self._store.offices() if one.id in more]
        details = {"offices": ",".join(more), "names": "、".join(names)}
        return await self._ask(
            by, token, ApprovalWish("oversee", supervisor, user.name if user else "", reason, details)
        )

    async def undo(self, by: Officer, token: str, number: int, reason: str) -> str:
        of_the_bureau(by)
        found = [one for one in await self._journal.read(STREAM) if one.version == number and not one.erased]
        if not found:
            raise Refused("not_found", 404)
        data = found[0].data
        if found[0].type == "OverseenChanged":
            if sorted(await self._store.overseen(data["supervisor"])) != sorted(data["after"]):
                raise Refused("changed_since", 409)
            return await self.oversee(by, token, data["supervisor"], data["before"], reason)
        office, role, cell = data["office"], data["whose"], data["permission"]
        withheld = await self.withheld(office, role)
        if (cell in withheld) == data["after"]:
            raise Refused("changed_since", 409)
        allowed = (self.most.get(role, frozenset()) & EDITABLE) - withheld
        return await self.set(by, token, office, role, allowed | {cell} if data["before"] else allowed - {cell}, reason)

    # ------------------------------------------------------------ steps of the above

    async def _give_back(self, approval: Approval) -> None:
        details = approval.asked.details
        role: OfficerRole = details["whose"]  # type: ignore[assignment]  # held by `change`
        given = details["permissions"].split(",")
        await self._change(approval.by, details["office"], role, given, True, approval.asked.reason)

    async def _oversee_more(self, approval: Approval) -> None:
        supervisor, more = approval.asked.subject, approval.asked.details["offices"].split(",")
        before, _ = await self._overseeing.before(supervisor, more)
        await self._set_overseen(approval.by, supervisor, before | set(more), approval.asked.reason)

    async def _change(
        self, by: Actor, office: str, role: OfficerRole, cells: Collection[str], after: bool, reason: str
    ) -> None:
        async with self._turn:
            entries = await self._journal.read(STREAM)
            events = change(fold(entries), self.most, office, role, cells, after, reason)
            await self._append(entries, by, events)
        await self._tell()

    async def _set_overseen(self, by: Actor, supervisor: str, after: Collection[str], reason: str) -> None:
        async with self._turn:
            changed = await self._overseeing.set(by, supervisor, after, reason)
        if changed:
            await self._tell()

    async def _append(self, entries: Sequence[Event], by: Actor, events: Sequence[AccessEvent]) -> None:
        drafts = [Draft(type(event).__name__, asdict(event), self._now(), by) for event in events]
        if not drafts:
            return
        try:
            await self._journal.append(STREAM, len(entries), drafts)
        except Conflict:
            raise Refused("busy", 503) from None
        self._matrix = None  # read anew by whoever asks next

    async def _tell(self) -> None:
        """Anybody's may have changed. Not in the transaction of the change, whose entry is the journal's to write."""
        async with self._store.database.write() as connection:
            await self._store.database.credentials.changed(connection, Holder())

    async def _ask(self, by: Officer, token: str, wish: ApprovalWish) -> str:
        if await self._approvals.waiting(wish.kind, wish.subject):
            raise Refused("waits_already", 409)
        return await self._approvals.ask(by, token, wish)

    async def _office(self, by: Officer, office: str) -> Office:
        of_the_bureau(by)
        known = await self._store.office(office)
        if known is None:
            raise Refused("not_found", 404)
        return known


def _cell(office: str, role: str) -> str:
    return f"{office}/{role}"


def _shown(entry: Event) -> AccessChange:
    return AccessChange(
        entry.version, entry.at, entry.actor.name, entry.type, entry.data, str(entry.data.get("reason", ""))
    )
