"""What pages ask about access, accounts, second persons, acts, and how long files are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from aiohttp import web

from complaints.views import PrintedPaper
from offices.access import AccessTable
from offices.oversight import (
    ActFilter,
    ActHint as HintRow,
    ActList,
    ActRow,
    AppraisalRow,
    ApprovalRow,
    ApprovalWish as Wish,
    Colleague,
    DueFile,
    RetentionEffect as Effect,
    RetentionTable,
)
from offices.people import Officer, OfficerRole
from rooms.record.retention import Retention


class AccessDesk(Protocol):
    """For administrators; who is not of a unit that receives for the bureau sees their own office and changes nothing.

    What reveals takes a second person: those return the id of its request, and "" when nothing waits. `token`: of the
    session that asks. Refused: not_allowed (403), not_found (404), missing (field
    "reason"), beyond_limits, waits_already, busy.
    """

    async def table(self, by: Officer) -> AccessTable: ...

    async def set(
        self, by: Officer, token: str, office: str, role: OfficerRole, allowed: Collection[str], reason: str
    ) -> str:
        """Of the permissions that can be edited these and no others; withheld at once, given back by two."""
        ...

    async def oversee(self, by: Officer, token: str, supervisor: str, offices: Collection[str], reason: str) -> str: ...

    async def undo(self, by: Officer, token: str, number: int, reason: str) -> str:
        """What stood before one change; one that was changed again since is refused: changed_since."""
        ...


class Approvals(Protocol):
    """`token`: of the session that asks, by which its browser is known."""

    async def listing(self, officer: Officer) -> Sequence[ApprovalRow]:
        """Of the offices they oversee; a mediator's own. What is open first."""
        ...

    async def one(self, officer: Officer, approval: str) -> ApprovalRow:
        """Refused(404)."""
        ...

    async def ask(self, officer: Officer, token: str, wish: Wish) -> str:
        """Its id; of one that waits already, that one's. Refused: not_allowed, missing."""
        ...

    async def approve(self, officer: Officer, token: str, approval: str) -> None:
        """And carries it out. Refused: same_person (why), approval_over, approval_settled, not_allowed."""
        ...

    async def decline(self, officer: Officer, approval: str, reason: str) -> None: ...

    async def take_back(self, officer: Officer, approval: str) -> None: ...


class Accounts(Protocol):
    """For the administrator of an office. Each returns the id of the request when it takes a second person, "" when it
    is done. Refused: not_found, own_account, last_administrator."""

    async def colleagues(self, by: Officer) -> Sequence[Colleague]: ...

    async def add(self, by: Officer, token: str, login: str, name: str, role: OfficerRole, password: str) -> str:
        """Refused as `Identity.add_officer`."""
        ...

    async def change_role(self, by: Officer, token: str, officer: str, role: OfficerRole, reason: str) -> str: ...

    async def close(self, by: Officer, officer: str, reason: str) -> None: ...

    async def open(self, by: Officer, token: str, officer: str, reason: str) -> str: ...

    async def set_password(self, by: Officer, officer: str, password: str) -> None:
        """One that is only good for choosing another. Refused: weak_password."""
        ...

    async def drop_second_step(self, by: Officer, token: str, officer: str, reason: str) -> str: ...


class Acts(Protocol):
    async def acts(self, officer: Officer, wanted: ActFilter) -> ActList: ...

    async def hints(self, officer: Officer, since: date, until: date) -> Sequence[HintRow]: ...

    async def export(self, officer: Officer, wanted: ActFilter) -> Sequence[ActRow]:
        """As many as a workbook holds; that they were exported is an act too."""
        ...

    async def offices(self) -> Mapping[str, str]:
        """Short names by id."""
        ...


class RetentionDesk(Protocol):
    """Of the whole installation. Supervisors and administrators look; the administrator of a unit that receives for the
    bureau changes, or of the only office there is. Refused: not_allowed (403)."""

    async def rule(self) -> Retention:
        """In force now."""
        ...

    async def table(self, by: Officer) -> RetentionTable: ...

    async def foresee(self, by: Officer, years: Mapping[str, int]) -> Sequence[Effect]:
        """What would come of these years of these kinds. Refused: beyond_limits."""
        ...

    async def change(self, by: Officer, token: str, number: int, years: Mapping[str, int], reason: str) -> str:
        """More years count at once; for fewer a second person is asked, whose request's id is returned. `number`: of
        the rule that this was chosen from. Refused: missing (field "reason"), beyond_limits, changed_since,
        waits_already, busy."""
        ...


class Appraisals(Protocol):
    """Of the reader's own office."""

    async def due(self, by: Officer) -> Sequence[DueFile]:
        """The longest over first, at most 200."""
        ...

    async def lists(self, by: Officer) -> Sequence[AppraisalRow]:
        """Newest first."""
        ...

    async def one(self, by: Officer, list_: str) -> AppraisalRow:
        """Refused(404)."""
        ...

    async def propose(self, by: Officer, token: str, decisions: Mapping[str, str], reason: str) -> str:
        """`decisions`: case -> "destroy" | "keep". Asks a second person; the list's id. Refused: missing (field
        "reason", "files"), changed_since (one of them is not due any more), busy."""
        ...

    async def certificate(self, by: Officer, list_: str) -> PrintedPaper:
        """Of what was carried out. Refused(404)."""
        ...


ACCESS: web.AppKey[AccessDesk] = web.AppKey("access", AccessDesk)


APPROVALS: web.AppKey[Approvals] = web.AppKey("approvals", Approvals)


ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)


ACTS: web.AppKey[Acts] = web.AppKey("acts", Acts)


RETENTION: web.AppKey[RetentionDesk] = web.AppKey("retention", RetentionDesk)


APPRAISALS: web.AppKey[Appraisals] = web.AppKey("appraisals", Appraisals)
