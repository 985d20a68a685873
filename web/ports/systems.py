"""Other systems that speak to this one: what each may do, for which office, and how it is recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, Protocol

from journal import Actor
from web.ports.complaints import NewComplaint
from web.ports.people import Officer, OfficerRole

Scope = Literal["complaints:read", "complaints:write", "mediations:write", "statistics:read"]
SCOPES: Final[tuple[Scope, ...]] = ("complaints:read", "complaints:write", "statistics:read")
"""What a system may be given."""

LASTS_MOST: Final = timedelta(days=366)  # from the day it is issued to the last
OWN_SCOPES: Final[Mapping[OfficerRole, tuple[Scope, ...]]] = {
    "mediator": (*SCOPES, "mediations:write"),  # in their own name: a record is made by who mediated
    "supervisor": ("complaints:read", "statistics:read"),
}
"""What officers can give a token of their own; roles that are not here have none."""


@dataclass(frozen=True, slots=True)
class System(Officer):
    """Reads and registers as its office's mediators do, without what is withheld from those; the journal names the
    system, not a person. With a token of an officer's own (`own`) it is that officer, with their role, their offices
    and what is withheld. `token`: its id."""

    scopes: frozenset[str] = frozenset()
    token: str = ""
    own: bool = False

    @property
    def actor(self) -> Actor:
        if self.own:
            return Actor("officer", self.id, self.name, self.role, self.office.id)
        return Actor("system", self.id, self.name, "", self.office.id)


@dataclass(frozen=True, slots=True)
class SystemToken:
    """What may be shown of a token: never the token. `holder`: the name of the officer whose own it is, "" for a
    system's. `expires`: None of a revoked one from before there were last days; of others from then `given` says that
    they were given theirs afterwards."""

    id: str
    name: str
    scopes: Sequence[str]
    created: datetime
    used: datetime | None
    revoked: datetime | None
    holder: str = ""
    expires: datetime | None = None
    given: bool = False

    @property
    def last(self) -> datetime | None:
        """A moment of the last day on which it is good."""
        return self.expires and self.expires - timedelta(seconds=1)


class Systems(Protocol):
    async def issue(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        """A new token for the administrator's office, told this once; its digest is kept. `last`: the day until whose
        end it is good, today to a year from now. Refused: missing (field name, scopes), bad_day."""
        ...

    async def issue_own(self, by: Officer, name: str, scopes: Sequence[str], last: date) -> str:
        """As `issue`, of the officer's own, with scopes among `OWN_SCOPES` of their role that are not withheld."""
        ...

    async def own(self, by: Officer) -> list[SystemToken]:
        """The officer's own, the newest first."""
        ...

    async def revoke_own(self, by: Officer, token: str) -> None:
        """Refused(404): not_found."""
        ...

    async def tokens(self, by: Officer) -> list[SystemToken]:
        """Of the administrator's office, the newest first."""
        ...

    async def revoke(self, by: Officer, token: str) -> None:
        """From now on it opens nothing. Refused(404): not_found."""
        ...

    async def system(self, token: str) -> System | None:
        """Who speaks with this token; None for one that is unknown, or whose officer is let in nowhere. Refused(401):
        token_revoked, token_over."""
        ...

    async def register(self, system: System, new: NewComplaint, key: str, digest: str) -> tuple[str, bool]:
        """The complaint's id, and whether it was made just now. `digest`: of the request's body.

        The same key registers once, however often it is sent. Refused(409): key_reused, when the body is another one;
        otherwise as `Complaints.register`.
        """
        ...
