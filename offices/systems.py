"""Other systems that speak to this one: tokens, senders, hooks, and messages that are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from journal import Actor
from offices.people import Officer, OfficerRole

Scope = Literal["complaints:read", "complaints:write", "mediations:write", "statistics:read", "screen"]


SCOPES: Final[tuple[Scope, ...]] = ("complaints:read", "complaints:write", "statistics:read")
"""What a system may be given."""


SCREEN: Final[Scope] = "screen"
"""What a big screen's token is given, and nothing beside it: the interface knows no endpoint of this scope."""


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


@dataclass(frozen=True, slots=True)
class Hook:
    id: str
    name: str
    url: str
    created: datetime
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`state`: "failed", tried again by itself, or "dead", given up."""

    id: str
    hook: str  # its name
    event: str
    number: str
    state: str
    created: datetime
    tries: int
    error: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What may be shown of one: never a secret. `both_until`: when the secret before its renewal stops being good."""

    id: str
    name: str
    channel: str
    created: datetime
    both_until: datetime | None
    used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came. `key`: its idempotency key, already of a sensible shape."""

    sender: str
    timestamp: str
    signature: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class IntakeAnswer:
    """`body`: what became of each row. `repeated`: an earlier request with this key was answered so."""

    body: dict[str, Any]
    repeated: bool


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    to: str  # masked
    text: str  # one-time codes and link secrets are only shown by the demo's outbox page
    state: Literal["queued", "sent", "failed", "dead"]
    created: datetime
    tries: int
    error: str = ""
