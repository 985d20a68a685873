"""Pages of those who watch, and of what needs two.

Here is what pages ask about access, officers' accounts, second persons, acts, and how long files are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from aiohttp import web

from complaints.views import PrintedPaper
from journal import Actor
from offices import (
    AccessTable,
    Office,
    Officer,
    OfficerRole,
    OpenSession,
    SignIn,
    SignOnButton,
    SignOnOfAccount,
    Unfinished,
)
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
    LookLimits,
    LookLimitsChange,
    RetentionEffect as Effect,
    RetentionTable,
)
from rooms.record.rules import Retention
from rooms.signing import Ink
from rooms.views import SavedSignature


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


class LookLimitsDesk(Protocol):
    """How many full numbers an office's mediators may look at in a day."""

    async def of(self, office: str) -> LookLimits: ...

    async def changes(self, office: str) -> Sequence[LookLimitsChange]:
        """Oldest first."""
        ...

    async def set(self, officer: Officer, wanted: LookLimits) -> None:
        """Of the administrator's own office. Refused: not_allowed, beyond_limits (field, least, most), busy."""
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


LOOK_LIMITS: web.AppKey[LookLimitsDesk] = web.AppKey("look_limits", LookLimitsDesk)
APPROVALS: web.AppKey[Approvals] = web.AppKey("approvals", Approvals)


ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)


ACTS: web.AppKey[Acts] = web.AppKey("acts", Acts)


RETENTION: web.AppKey[RetentionDesk] = web.AppKey("retention", RetentionDesk)


APPRAISALS: web.AppKey[Appraisals] = web.AppKey("appraisals", Appraisals)


class OfficerPhones(Protocol):
    """Where officers are sent messages of the office's own, if they want any."""

    async def own(self, officer: Officer) -> str:
        """Masked; "" for none."""
        ...

    async def asks(self, officer: Officer) -> bool:
        """Whether they never said: neither gave a number, nor took one back, nor declined."""
        ...

    async def decline(self, officer: Officer) -> None:
        """They do without, and are not asked again. A number given meanwhile stays."""
        ...

    async def give(self, officer: Officer, phone: str) -> None:
        """In place of the one before; "" for none. Refused: bad_phone (field phone), also of one that takes no text."""
        ...


class Identity(Protocol):
    """Officers: passwords, second factor, sessions. Secrets are hashed at rest."""

    async def empty(self) -> bool:
        """No administrator exists yet."""
        ...

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        """Create the first office and administrator. Refused: not_empty, weak_password."""
        ...

    async def sign_in(self, login: str, password: str, totp: str, ip: str, agent: str = "", browser: str = "") -> str:
        """A new session token (to go into a cookie). `totp`: six digits or a code for a lost phone; `browser`: the
        random value of its cookie, `agent` what it says of itself.

        Refused: bad_login (one answer for every reason), totp_needed, use_sign_on, too_many_tries.
        """
        ...

    async def officer(self, token: str) -> Officer | None:
        """None also while something is owed."""
        ...

    async def unfinished(self, token: str) -> Unfinished | None:
        """None when nothing is owed, or nobody is signed in."""
        ...

    async def prove(self, token: str, code: str, ip: str, agent: str = "", browser: str = "") -> str:
        """The six digits owed after a provider's word; a new token. Refused: bad_code, too_many_tries."""
        ...

    async def has_password(self, officer: Officer) -> bool:
        """One kept here. Who has none signs in by a provider."""
        ...

    async def own_password(self, token: str, new: str) -> str:
        """In place of the one somebody else chose; a new token. Refused: weak_password."""
        ...

    async def enrol(self, token: str, code: str) -> tuple[str, Sequence[str]]:
        """Two-step verification comes into force: a new token, and codes for a lost phone. Refused: bad_code."""
        ...

    async def sign_out(self, token: str) -> None: ...

    async def officers(self, by: Officer) -> list[Officer]:
        """Of the administrator's office."""
        ...

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer: ...

    async def begin_totp(self, officer: Officer) -> str:
        """A fresh otpauth:// address, not yet in force."""
        ...

    async def pending_totp(self, officer: Officer) -> str:
        """As `begin_totp`, but the address begun before, when there is one."""
        ...

    async def confirm_totp(self, officer: Officer, code: str, token: str) -> Sequence[str]:
        """Codes for a lost phone, each good once, told this once. The officer's other sessions end.

        Refused: bad_code.
        """
        ...

    async def drop_totp(self, officer: Officer, password: str, token: str) -> None:
        """The officer's other sessions end. Refused(403): two_steps_kept, by the officer's role."""
        ...

    def second_step_kept(self, officer: Officer) -> bool:
        """Whether the officer's role does without it never."""
        ...

    async def check_password(self, officer: Officer, password: str) -> None:
        """Of who has none: whether they came in by their provider within five minutes. Refused: bad_password (403),
        sign_on_anew (403), too_many_tries (429)."""
        ...

    async def recovery_left(self, officer: Officer) -> int: ...

    async def renew_recovery(self, officer: Officer, password: str) -> Sequence[str]:
        """Earlier codes open nothing any more. Refused: bad_password, not_allowed without two-step verification."""
        ...

    async def sessions(self, officer: Officer, token: str) -> Sequence[OpenSession]:
        """Everything open in the officer's name, the last used first."""
        ...

    async def end_session(self, officer: Officer, session: str) -> None:
        """Refused(404): not_found."""
        ...

    async def end_others(self, officer: Officer, token: str) -> None: ...

    async def history(self, officer: Officer) -> Sequence[SignIn]:
        """Newest first."""
        ...

    async def change_password(self, officer: Officer, old: str, new: str) -> None: ...


IDENTITY: web.AppKey[Identity] = web.AppKey("identity", Identity)


class SignOn(Protocol):
    """Signing in by a provider's word. Refused where it fails: sign_on_away (503), sign_on_refused, sign_on_unsound,
    sign_on_again, sign_on_no_place, sign_on_closed (403), too_many_tries (429)."""

    def buttons(self) -> Sequence[SignOnButton]: ...

    async def begin(self, name: str, next_: str, ip: str) -> tuple[str, str]:
        """Where the browser goes, and what its cookie keeps meanwhile."""
        ...

    async def finish(
        self, name: str, kept: str, query: Mapping[str, str], ip: str, agent: str = "", browser: str = ""
    ) -> tuple[str, str]:
        """A token, and where it leads."""
        ...

    async def with_password(
        self, name: str, login: str, password: str, ip: str, agent: str = "", browser: str = ""
    ) -> str:
        """Refused besides: bad_login."""
        ...

    async def signed_out(self, name: str, token: str, ip: str) -> int:
        """By the back channel; how many sessions ended. Refused(400): sign_on_unsound."""
        ...

    async def of(self, by: Officer, officers: Sequence[str]) -> Mapping[str, Sequence[SignOnOfAccount]]:
        """By account, for its administrator."""
        ...

    async def link(self, by: Officer, officer: str, name: str, subject: str) -> None:
        """Refused: not_found, own_account, missing (field subject), sign_on_taken."""
        ...

    async def unlink(self, by: Officer, officer: str, issuer: str, subject: str) -> None: ...


SIGN_ON: web.AppKey[SignOn] = web.AppKey("sign_on", SignOn)


class Signatures(Protocol):
    """An officer's own drawing, kept under a code: `server.signing.saved_signature_store`."""

    async def of(self, officer: str) -> SavedSignature | None: ...

    async def save(self, officer: Officer, drawn: Ink, code: str) -> None:
        """In place of the one before. Refused: weak_code (422)."""
        ...

    async def remove(self, officer: str, by: Actor) -> None: ...


SIGNATURES: web.AppKey[Signatures] = web.AppKey("signatures", Signatures)
OFFICER_PHONES: web.AppKey[OfficerPhones] = web.AppKey("officer_phones", OfficerPhones)


SETUP_SECRET: web.AppKey[str] = web.AppKey("setup_secret", str)
"""Printed at start while there is no administrator; whoever types it at /setup becomes the first one."""
