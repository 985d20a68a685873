"""What pages ask about hot spots, respondents, bulletins and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from aiohttp import web

from complaints.insight.bulletin import Bulletin, BulletinPaper as Paper, IssuedBulletin, Kind
from complaints.insight.spots import SpotCommand
from complaints.insight.views import (
    FocusPage,
    PublicWarning,
    RespondentPage,
    RespondentRecords,
    RespondentRow,
    SpotPage,
    WarningPage,
)
from complaints.insight.warnings import WarningCommand
from complaints.leads.views import SpotAtHand
from complaints.statistics.figures import Period
from complaints.views import KnownContact
from offices.people import Officer


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

    async def printed(self, paper: Paper) -> bytes:
        """As PDF/A with bookmarks; the same paper gives the same bytes."""
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


FOCUS: web.AppKey[Focus] = web.AppKey("focus", Focus)


ISSUED: web.AppKey[IssuedBulletins] = web.AppKey("issued_bulletins", IssuedBulletins)


WARNINGS: web.AppKey[Warnings] = web.AppKey("warnings", Warnings)


RESPONDENTS: web.AppKey[Respondents] = web.AppKey("respondents", Respondents)


BULLETINS: web.AppKey[Bulletins] = web.AppKey("bulletins", Bulletins)
