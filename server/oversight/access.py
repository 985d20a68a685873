"""Who may do what in which office, and who oversees which: the entries of `bureau/access`.

What is withheld is kept, nothing else: a role has what its routes declare (`most`) without what is withheld from it in
its office, so no sequence of changes grants anything. `decide(command, state, most)` gives the events of a change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from journal import Actor, Conflict, Draft, Event, Journal
from offices.people import OfficerRole
from offices.permissions import EDITABLE
from offices.refusal import Refused
from server.identity.store import IdentityStore

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
class Matrix:
    withheld: frozenset[tuple[str, str, str]] = field(default_factory=frozenset)

    def of(self, office: str, role: str) -> frozenset[str]:
        """What is withheld from a role in an office."""
        return frozenset(what for where, whose, what in self.withheld if (where, whose) == (office, role))

    def allowed(self, office: str, role: OfficerRole, most: Most) -> frozenset[str]:
        return most.get(role, frozenset()) - self.of(office, role)


def change(
    matrix: Matrix, most: Most, office: str, role: OfficerRole, permissions: Collection[str], after: bool, reason: str
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


def evolve(matrix: Matrix, event: AccessEvent) -> Matrix:
    if isinstance(event, OverseenChanged):
        return matrix  # the table of who oversees whom is another
    cell = {(event.office, event.whose, event.permission)}
    return replace(matrix, withheld=matrix.withheld - cell if event.after else matrix.withheld | cell)


def from_event(event: Event) -> AccessEvent:
    kind: Any = {"AccessChanged": AccessChanged, "OverseenChanged": OverseenChanged}[event.type]
    made: AccessEvent = kind(**event.data)
    return made


def fold(entries: Iterable[Event]) -> Matrix:
    matrix = Matrix()
    for entry in entries:
        if not entry.erased:
            matrix = evolve(matrix, from_event(entry))
    return matrix


TRIES: Final = 3  # others append to the stream too, and none of that matters here


class OverseenOffices:
    """Which offices a supervisor oversees besides their own, and who changed that, in `bureau/access`.

    Asked by the page, once a second person agreed where that is needed (`server.oversight.access_desk`), and by the
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
        for _ in range(TRIES):
            try:
                await self._journal.append(STREAM, len(await self._journal.read(STREAM)), [draft])
            except Conflict:
                continue
            return
        raise Refused("busy", 503)
