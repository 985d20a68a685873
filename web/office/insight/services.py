"""What pages ask about hot spots, respondents, bulletins, warnings and publicity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from aiohttp import web

from casebook.views import CaseRow
from complaints.insight.bulletin import Bulletin, Kind
from complaints.insight.publicity import PublicityEvent, PublicityKind
from complaints.insight.spots import SpotCommand
from complaints.insight.views import (
    BulletinPaper as Paper,
    FocusPage,
    IssuedBulletin,
    PublicityPage,
    PublicityRecord,
    PublicityRow,
    PublicPublicity,
    PublicWarning,
    RespondentPage,
    RespondentRecords,
    RespondentRow,
    SpotPage,
    WarningPage,
)
from complaints.insight.warnings import AdviceWritten, OwnAdvice, WarningCommand
from complaints.leads import SpotAtHand
from complaints.statistics.figures import Period
from complaints.views import KnownContact
from journal import Actor
from offices import Officer


class Focus(Protocol):
    """By supervisors, of the offices they see, and read by mediators of their own: a hot spot of others does not exist.
    What was done about one is told to supervisors only. Refused(404): not_found."""

    async def page(self, officer: Officer) -> FocusPage: ...

    async def spot(self, officer: Officer, spot: str) -> SpotPage: ...

    async def ask(self, officer: Officer, spot: str, command: SpotCommand) -> None:
        """Refused: wrong_state, bad_choice, missing, too_long, not_allowed."""
        ...

    async def at_hand(self, officer: Officer, spot: str) -> SpotAtHand:
        """For a lead. Refused: not_found, also when nothing is counted of it any more."""
        ...


class Respondents(Protocol):
    """Scoped to the offices an officer sees. Refused(404): not_found, also where they see no complaint of it."""

    async def listed(self, officer: Officer, period: Period, text: str = "") -> Sequence[RespondentRow]:
        """Those with the most complaints received in the period first, 50 at most; `text`: in their name."""
        ...

    async def profile(self, officer: Officer, respondent: str, period: Period, today: date) -> RespondentPage: ...

    async def contacts(self, officer: Officer, complaint: str) -> Sequence[KnownContact]:
        """How the business of a complaint was reached in others of the officer's office; three at most."""
        ...

    async def records(
        self, officer: Officer, respondent: str, period: Period, today: date, part: str, page: int
    ) -> RespondentRecords:
        """A page of the complaints behind a number of the profile, the newest first. `part`: of `Profile.parts`."""
        ...

    async def join(self, officer: Officer, respondent: str, other: str) -> str:
        """Count two as one; the key both are found under. Refused(409): wrong_state, nothing suggests it any more."""
        ...

    async def keep_apart(self, officer: Officer, respondent: str, other: str) -> None:
        """They are two: it is not suggested again."""
        ...

    async def part(self, officer: Officer, respondent: str, member: str, reason: str) -> None:
        """Take a join back. Refused(409): wrong_state, it counts as another."""
        ...


class IssuedBulletins(Protocol):
    """What was issued stays as it was. Officers see what was issued for exactly the offices they see."""

    async def editions(self, officer: Officer, kind: Kind, period: Period) -> Sequence[IssuedBulletin]:
        """Internal and public ones, in the order they were issued."""
        ...

    async def issue(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> None:
        """Refused: not_public, bad_day (the period is not over), unchanged, small_cells (what others published of the
        same period could be subtracted), wrong_state."""
        ...

    async def withdraw(self, officer: Officer, kind: Kind, period: Period, public: bool, reason: str) -> None:
        """The newest edition. Refused: missing, too_long, wrong_state."""
        ...

    async def asked(self, officer: Officer, kind: Kind, period: Period) -> str:
        """What is asked of leaders, on their page of this period."""
        ...

    async def ask_leaders(self, officer: Officer, kind: Kind, period: Period, text: str) -> None:
        """Refused: too_long."""
        ...

    async def choose_case(
        self, officer: Officer, kind: Kind, period: Period, public: bool, how: str, case: str
    ) -> None:
        """The case that the next edition tells: "rule", "none", or "case" with its id. Refused: bad_choice."""
        ...

    async def published(self) -> Sequence[IssuedBulletin]:
        """For anybody: the newest edition of each that stands, the newest first, sixty at most."""
        ...

    async def public(self, kind: Kind, first: date, scope: str) -> IssuedBulletin:
        """For anybody: the newest edition, also one that was withdrawn. Refused(404): not_found."""
        ...

    async def paper(self, issued: IssuedBulletin, language: str) -> Paper:
        """Refused: not_found, unreadable (what was kept is not what was issued)."""
        ...

    async def print(self, issued: IssuedBulletin, language: str) -> bytes:
        """As `paper`."""
        ...


class Bulletins(Protocol):
    """Scoped: what a supervisor oversees, an inspector's own office."""

    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        """Refused: not_found for a period that has not begun, not_public (a week's is never published)."""
        ...

    async def cases(
        self, officer: Officer, bulletin: Bulletin, found: Sequence[str] | None = None
    ) -> Sequence[CaseRow]:
        """Published cases it may tell: of each class that rose the newest, then the newest of all; thirty at most.
        `found`: of these only, in their order."""
        ...

    async def printed(self, paper: Paper) -> bytes:
        """As PDF/A with bookmarks; the same paper gives the same bytes."""
        ...


class Advice(Protocol):
    """What an office advises consumers in bulletins and drafts of warnings."""

    async def own(self, office: str) -> Mapping[str, OwnAdvice]:
        """By problem; what is not in it is the program's."""
        ...

    async def write(self, wanted: AdviceWritten, seen: int, actor: Actor) -> None:
        """Of the actor's office; `seen`: the number before them. Refused: not_allowed, bad_choice, too_long,
        wrong_state (409: somebody else wrote meanwhile)."""
        ...


class Warnings(Protocol):
    """By supervisors who see every office its hot spot was counted in. Refused(404): not_found."""

    async def one(self, officer: Officer, spot: str) -> WarningPage: ...

    async def ask(self, officer: Officer, spot: str, command: WarningCommand) -> None:
        """Refused: wrong_state (409, also when somebody else wrote meanwhile), missing, too_long, same_person,
        not_allowed."""
        ...

    # ------------------------------------------------------------ for anybody

    async def public(self) -> Sequence[PublicWarning]:
        """Those that stand, the newest first, fifty at most."""
        ...

    async def published(self, warning: str) -> PublicWarning:
        """Also one that was withdrawn. Refused(404): not_found, never published."""
        ...


class PublicityDesk(Protocol):
    """By supervisors of the office, who see every office it was counted from. Refused(404): not_found."""

    async def listed(self, officer: Officer) -> Sequence[PublicityRow]: ...

    def may_begin(self, officer: Officer) -> bool: ...

    async def begin(self, officer: Officer, kind: PublicityKind, first: date) -> str:
        """Its id; before the businesses are told, again counts anew. Refused: not_allowed, bad_day, nobody_named,
        publicity_overlaps (office), wrong_state."""
        ...

    async def page(self, officer: Officer, publicity: str) -> PublicityPage: ...

    async def records(self, officer: Officer, publicity: str, entry: str) -> Sequence[PublicityRecord]: ...

    async def correct(
        self,
        officer: Officer,
        publicity: str,
        entry: str,
        name: str,
        out: Mapping[str, str],
        reason: str,
        objection: str = "",
    ) -> None:
        """`out`: complaint -> why it is left out. `objection`: it is upheld by this. Refused: missing, too_long,
        bad_choice (field "least": too few are left), wrong_state."""
        ...

    async def leave_out(
        self, officer: Officer, publicity: str, entry: str, reason: str, objection: str = ""
    ) -> None: ...

    async def ask(self, officer: Officer, publicity: str, event: PublicityEvent) -> None:
        """An answer, a business that is in again, an objection by letter, a withdrawal."""
        ...

    async def open(self, officer: Officer, publicity: str) -> None:
        """Refused: publicity_stale (names), wrong_state."""
        ...

    async def tell(self, officer: Officer, publicity: str, entry: str, phone: str) -> None:
        """Refused: bad_phone."""
        ...

    async def tell_by_hand(self, officer: Officer, publicity: str, entry: str, note: str) -> None: ...

    async def link(self, officer: Officer, publicity: str, entry: str) -> str:
        """The address that was sent, "" when none is good."""
        ...

    async def file(self, officer: Officer, publicity: str, entry: str, attachment: str) -> tuple[str, str, bytes]:
        """Name, kind and content; that it was taken is noted."""
        ...

    async def ask_second(self, officer: Officer, token: str, publicity: str, reason: str) -> str:
        """The request's id. Refused: publicity_not_ready (why), publicity_stale, publicity_overlaps, missing."""
        ...

    # ------------------------------------------------------------ anybody

    async def published(self) -> Sequence[PublicPublicity]:
        """What stands, the newest period first, a hundred at most."""
        ...

    async def public(self, publicity: str) -> PublicPublicity:
        """Also one that was withdrawn. Refused(404): not_found, never published."""
        ...


PUBLICITY: web.AppKey[PublicityDesk] = web.AppKey("publicity", PublicityDesk)


FOCUS: web.AppKey[Focus] = web.AppKey("focus", Focus)


ISSUED: web.AppKey[IssuedBulletins] = web.AppKey("issued_bulletins", IssuedBulletins)


WARNINGS: web.AppKey[Warnings] = web.AppKey("warnings", Warnings)


RESPONDENTS: web.AppKey[Respondents] = web.AppKey("respondents", Respondents)


BULLETINS: web.AppKey[Bulletins] = web.AppKey("bulletins", Bulletins)


ADVICE: web.AppKey[Advice] = web.AppKey("advice", Advice)
