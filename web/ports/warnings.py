"""Warnings to consumers: what supervisors write and approve, and what anybody may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from complaints.insight.warnings import Warning, WarningCommand
from journal import Event
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class WarningDraft:
    """`edition` 0: nobody has written yet, and the text is the template's."""

    title: str
    body: str
    edition: int
    by: str = ""
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class WarningPage:
    """`warning` None: nothing was written into the journal yet; `kept`: a draft that was left before there was one."""

    warning: Warning | None
    history: Sequence[Event]
    kept: WarningDraft | None = None


@dataclass(frozen=True, slots=True)
class PublicWarning:
    """As it went out. `withdrawn`: why it stands no more; then it has no text."""

    id: str
    title: str
    body: str
    language: str
    office: str  # its name
    published: datetime
    digest: str
    withdrawn: str = ""
    withdrawn_at: datetime | None = None


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

    async def printed(self, warning: PublicWarning) -> bytes:
        """As PDF/A: the same warning gives the same bytes."""
        ...


WARNINGS: web.AppKey[Warnings] = web.AppKey("warnings", Warnings)
