"""Who may do what in which office, and who oversees which, in the bureau's hands. Implements `AccessDesk`; sole writer
of `bureau/access`.

Withholding and overseeing less are done at once, by one; what reveals waits for a second person. `withheld` is what
every sign-in, socket and token is told, from memory: there is one web process, and it alone changes cells. Who
oversees which office is in the stream too and may also be changed at the command line.

What is withheld is kept, nothing else: a role has what its routes declare (`most`) without what is withheld from it
in its office, so no sequence of changes grants anything. `decide(command, state, most)` gives the events of a
change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, get_args

import structlog

from journal import Actor, Draft, Event, Journal, append_decided, append_next
from journal.refusals import Refused
from offices import (
    EDITABLE,
    AccessChange,
    AccessTable,
    Office,
    Officer,
    OfficerRole,
    Overseer,
    charge_of,
    require_role,
)
from offices.oversight import ApprovalWish
from server.db.engine import Holder
from server.identity.officers import officer_from
from server.identity.store import IdentityStore
from server.oversight import Approval
from server.oversight.service import ApprovalService

STREAM: Final = "bureau/access"
LONGEST: Final = 500  # characters of a reason

Most = Mapping[OfficerRole, frozenset[str]]


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """`whose`: the role. `before` and `after`: whether it may."""

    office: str
    whose: str
    permission: str
    before: bool
    after: bool
    reason: str


@dataclass(frozen=True, slots=True)
class OverseenChanged:
    """Ids of offices besides the supervisor's own, `office`, in order."""

    office: str
    supervisor: str
    name: str
    before: Sequence[str]
    after: Sequence[str]
    reason: str


AccessEvent = AccessChanged | OverseenChanged


@dataclass(frozen=True, slots=True)
class PermissionMatrix:
    withheld: frozenset[tuple[str, str, str]] = field(default_factory=frozenset)

    def of(self, office: str, role: str) -> frozenset[str]:
        """What is withheld from a role in an office."""
        return frozenset(what for where, whose, what in self.withheld if (where, whose) == (office, role))

    def allowed(self, office: str, role: OfficerRole, most: Most) -> frozenset[str]:
        return most.get(role, frozenset()) - self.of(office, role)


def change(
    matrix: PermissionMatrix,
    most: Most,
    office: str,
    role: OfficerRole,
    permissions: Collection[str],
    after: bool,
    reason: str,
) -> Sequence[AccessChanged]:
    """Withhold these, or give them back; those that stand so already are left.

    Refused: beyond_limits (not of that role ever, or fixed), missing (no reason).
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST:
        raise Refused("missing", 422, field="reason")
    if set(permissions) - (most.get(role, frozenset()) & EDITABLE):
        raise Refused("beyond_limits", 409, field="reason")
    withheld = matrix.of(office, role)
    turned = [one for one in sorted(set(permissions)) if (one in withheld) == after]
    return [AccessChanged(office, role, one, not after, after, reason) for one in turned]


def evolve(matrix: PermissionMatrix, event: AccessEvent) -> PermissionMatrix:
    if isinstance(event, OverseenChanged):
        return matrix  # the table of who oversees whom is another
    cell = {(event.office, event.whose, event.permission)}
    return replace(matrix, withheld=matrix.withheld - cell if event.after else matrix.withheld | cell)


def from_event(event: Event) -> AccessEvent:
    kind: Any = {"AccessChanged": AccessChanged, "OverseenChanged": OverseenChanged}[event.type]
    made: AccessEvent = kind(**event.data)
    return made


def fold(entries: Iterable[Event]) -> PermissionMatrix:
    matrix = PermissionMatrix()
    for entry in entries:
        if not entry.erased:
            matrix = evolve(matrix, from_event(entry))
    return matrix


class OverseenOffices:
    """Which offices a supervisor oversees besides their own, and who changed that, in `bureau/access`.

    Asked by the page, once a second person agreed where that is needed (`server.oversight.access`), and by the
    command line, which also works while the server runs: an entry here is no part of what the server remembers of that
    stream.
    """

    def __init__(self, store: IdentityStore, journal: Journal, now: Callable[[], datetime]) -> None:
        self._store, self._journal, self._now = store, journal, now

    async def before(self, supervisor: str, offices: Collection[str]) -> tuple[frozenset[str], str]:
        """What they oversee, and their own office. Refused: nobody of that kind, or no such office."""
        user = await self._store.user(supervisor)
        known = {one.id for one in await self._store.offices()}
        if user is None or user.role != "supervisor" or not set(offices) <= known - {user.office}:
            raise Refused("not_found", 404)
        return await self._store.overseen(supervisor), user.office

    async def set(self, by: Actor, supervisor: str, after: Collection[str], reason: str) -> bool:
        """Whether anything changed. The entry first: whoever reads the table finds in the journal why."""
        if not 0 < len(reason.strip()) <= LONGEST:
            raise Refused("missing", 422, field="reason")
        before, home = await self.before(supervisor, after)
        if before == frozenset(after):
            return False
        user = await self._store.user(supervisor)
        name = user.name if user else ""
        event = OverseenChanged(home, supervisor, name, sorted(before), sorted(after), reason.strip())
        await self._append(Draft(type(event).__name__, asdict(event), self._now(), by))
        await self._store.oversee(supervisor, sorted(after))
        return True

    async def _append(self, draft: Draft) -> None:
        await append_next(self._journal, STREAM, draft)


log = structlog.get_logger(__name__)


class AccessService:
    """`most`: what each role may ever have, set once the routes are known."""

    def __init__(
        self, store: IdentityStore, journal: Journal, approvals: ApprovalService, now: Callable[[], datetime]
    ) -> None:
        self._store, self._journal, self._approvals, self._now = store, journal, approvals, now
        self._overseeing = OverseenOffices(store, journal, now)
        self.most: Most = {}
        self._matrix: PermissionMatrix | None = None
        self._turn = asyncio.Lock()
        approvals.does |= {"access": self._give_back, "oversee": self._oversee_more}

    async def withheld(self, office: str, role: str) -> frozenset[str]:
        if self._matrix is None:
            self._matrix = fold(await self._journal.read(STREAM))
        return self._matrix.of(office, role)

    async def table(self, by: Officer) -> AccessTable:
        require_role(by, "administrator")
        entries = await self._journal.read(STREAM)
        known = await self._store.offices()
        charge = charge_of(by, known)
        offices = [one for one in known if one.id in charge or one.id == by.office.id]
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
        return AccessTable(offices, withheld, waits, overseers, changes, charge)

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
        await self._in_charge(by)
        before, home = await self._overseeing.before(supervisor, offices)
        beyond = before - charge_of(by, await self._store.offices())  # stay as they are
        wanted = frozenset(offices) | beyond
        await self._in_charge(by, home, *(before ^ wanted))
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
        await self._in_charge(by)
        found = [one for one in await self._journal.read(STREAM) if one.version == number and not one.erased]
        if not found:
            raise Refused("not_found", 404)
        data = found[0].data
        await self._in_charge(by, data["office"])
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
        def decided(entries: list[Event]) -> list[Draft]:
            events = change(fold(entries), self.most, office, role, cells, after, reason)
            return [Draft(type(event).__name__, asdict(event), self._now(), by) for event in events]

        async with self._turn:
            if await append_decided(self._journal, STREAM, decided):
                self._matrix = None  # read anew by whoever asks next
        await self._tell()

    async def _set_overseen(self, by: Actor, supervisor: str, after: Collection[str], reason: str) -> None:
        async with self._turn:
            changed = await self._overseeing.set(by, supervisor, after, reason)
        if changed:
            await self._tell()

    async def _tell(self) -> None:
        """Anybody's may have changed. Not in the transaction of the change, whose entry is the journal's to write."""
        async with self._store.database.write() as connection:
            await self._store.database.credentials.changed(connection, Holder())

    async def _ask(self, by: Officer, token: str, wish: ApprovalWish) -> str:
        if await self._approvals.waiting(wish.kind, wish.subject):
            raise Refused("waits_already", 409)
        return await self._approvals.ask(by, token, wish)

    async def _office(self, by: Officer, office: str) -> Office:
        await self._in_charge(by, office)
        known = await self._store.office(office)
        if known is None:
            raise Refused("not_found", 404)
        return known

    async def _in_charge(self, by: Officer, *offices: str) -> None:
        """Refused(403): not_allowed. Of an office that is not there, who looks after all is told that instead."""
        known = await self._store.offices()
        charge = charge_of(by, known)
        if not charge or not set(offices) & {one.id for one in known} <= charge:
            raise Refused("not_allowed", 403)


def _cell(office: str, role: str) -> str:
    return f"{office}/{role}"


def _shown(entry: Event) -> AccessChange:
    return AccessChange(
        entry.version, entry.at, entry.actor.name, entry.type, entry.data, str(entry.data.get("reason", ""))
    )
