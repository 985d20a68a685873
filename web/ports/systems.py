"""Other systems that speak to this one: what each may do, for which office, and how it is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from journal import Actor
from web.ports.complaints import NewComplaint
from web.ports.people import Officer

Scope = Literal["complaints:read", "complaints:write", "statistics:read"]
SCOPES: Final[tuple[Scope, ...]] = ("complaints:read", "complaints:write", "statistics:read")


@dataclass(frozen=True, slots=True)
class System(Officer):
    """Reads and registers as its office's mediators do; the journal names the system, not a person."""

    scopes: frozenset[str] = frozenset()

    @property
    def actor(self) -> Actor:
        return Actor("system", self.id, self.name, "", self.office.id)


@dataclass(frozen=True, slots=True)
class SystemToken:
    """What may be shown of a token: never the token."""

    id: str
    name: str
    scopes: Sequence[str]
    created: datetime
    used: datetime | None
    revoked: datetime | None


class Systems(Protocol):
    async def issue(self, by: Officer, name: str, scopes: Sequence[str]) -> str:
        """A new token for the administrator's office, told this once; its digest is kept. Refused: missing."""
        ...

    async def tokens(self, by: Officer) -> list[SystemToken]:
        """Of the administrator's office, the newest first."""
        ...

    async def revoke(self, by: Officer, token: str) -> None:
        """From now on it opens nothing. Refused(404): not_found."""
        ...

    async def system(self, token: str) -> System | None:
        """Who speaks with this token; None for one that is unknown or revoked."""
        ...

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        """The complaint's id, and whether it was made just now. `digest`: of the request's body.

        The same key registers once, however often it is sent. Refused(409): key_reused, when the body is another one;
        otherwise as `Complaints.register`.
        """
        ...
