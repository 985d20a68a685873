"""Other systems that speak to this one: tokens, senders, hooks, and messages that are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, get_args

from journal import Actor
from offices import Officer, OfficerRole

Scope = Literal[
    "complaints:read", "complaints:write", "mediations:write", "statistics:read", "screen", "calendar", "scim"
]  # fmt: skip


SCOPES: Final[tuple[Scope, ...]] = ("complaints:read", "complaints:write", "statistics:read")
"""What a system may be given of complaints and figures, and an officer for a token of their own."""


SCIM: Final[Scope] = "scim"
"""What the program of an organisation's directory is given: to make, change and close accounts."""


SYSTEM_SCOPES: Final[tuple[Scope, ...]] = (*SCOPES, SCIM)
"""What a system may be given."""


SCREEN: Final[Scope] = "screen"
"""What a big screen's token is given, and nothing beside it: the interface knows no endpoint of this scope."""


CALENDAR: Final[Scope] = "calendar"
"""What an officer's own token is given for a program that subscribes to their calendar, and nothing beside it, since it
stands in an address. The interface knows no endpoint of this scope either."""


LASTS_MOST: Final = timedelta(days=366)  # from the day it is issued to the last


OWN_SCOPES: Final[Mapping[OfficerRole, tuple[Scope, ...]]] = {
    "mediator": (*SCOPES, "mediations:write", CALENDAR),  # in their own name: a record is made by who mediated
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
class ProvisionedAccount:
    """An account as a directory's program sees it. `external`: its own id of the person, by which they sign on; ""
    where no provider's people are told so. `office`: its short name."""

    id: str
    login: str
    name: str
    role: OfficerRole
    office: str
    active: bool
    external: str
    created: datetime


@dataclass(frozen=True, slots=True)
class AccountWish:
    """What a directory's program says of an account; what is None it does not say. `office`: as for a rule of
    sign-on."""

    login: str | None = None
    name: str | None = None
    role: OfficerRole | None = None
    office: str | None = None
    active: bool | None = None
    external: str | None = None


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
    provider: str = ""  # the connection that took it
    trouble: str = ""  # why it did not go or did not arrive: `server.outbox.notifiers.Trouble`
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    pieces: int = 0

    @property
    def stands(self) -> str:
        """Its state, and "arrived" of one that the phone has."""
        return "arrived" if self.arrived_at is not None else self.state


@dataclass(frozen=True, slots=True)
class MessageSums:
    """Of a connection and an office. `cost`: thousandths of a yuan."""

    connection: str
    taken: int
    failed: int
    pieces: int
    cost: int


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """What an office registers with a provider, as far as that is done. `state`: "" nothing was entered | "waiting" |
    "approved" | "refused" | "changed" since."""

    name: str
    text: str
    code: str
    parameters: str
    state: str
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class KnownCell:
    """Another installation, as an administrator entered it. `id`: the name of its key, which stays when the key is
    replaced; `name`: its bureau's; `key`: as it publishes it. `office`: ours, which sends to it and takes from it."""

    id: str
    office: str
    name: str
    address: str
    key: str
    relation: CellRelation
    created: datetime
    created_by: str
    revoked_at: datetime | None = None
    pulled_at: datetime | None = None  # when its figures last came
    pull_error: str = ""

    @property
    def fingerprint(self) -> str:
        return key_fingerprint(self.key)

    @property
    def short(self) -> str:
        """As it stands in addresses of pages."""
        return self.id.removeprefix(CELL_PREFIX)


ConnectionKind = Literal["sign_on", "messages", "phone", "seal", "exchange", "identity"]
CONNECTION_KINDS: Final[tuple[ConnectionKind, ...]] = get_args(ConnectionKind)
FaultCode = Literal[
    "unreachable", "slow", "refused", "not_understood", "forged", "clock", "not_ready", "limit", "bad_input"
]
"""Why a connection did not do what it was asked to: `server.connections.ConnectionFault`."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """How a connection fared at its newest uses. `fault` and `told` (of what came back) are the newest failure's."""

    kind: ConnectionKind
    name: str
    where: str
    testable: bool
    wants: str  # what a test asks for: "" | "phone" | "email"
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    fault: FaultCode | Literal[""] = ""
    told: str = ""

    @property
    def failing(self) -> bool:
        return self.failed_at is not None and (self.succeeded_at is None or self.failed_at > self.succeeded_at)

    def after_success(self, at: datetime) -> ConnectionState:
        return replace(self, succeeded_at=at)

    def after_failure(self, at: datetime, fault: FaultCode, told: str) -> ConnectionState:
        return replace(self, failed_at=at, fault=fault, told=told)

    def joined(self, other: ConnectionState) -> ConnectionState:
        """What two know of it: the newest of each."""
        newest = max((one.succeeded_at for one in (self, other) if one.succeeded_at), default=None)
        failed = other if self.failed_at is None or (other.failed_at or self.failed_at) > self.failed_at else self
        return replace(self, succeeded_at=newest, failed_at=failed.failed_at, fault=failed.fault, told=failed.told)


CELL_PREFIX: Final = "yuntiao/"  # of the name of every log's key


@dataclass(frozen=True, slots=True)
class OwnCell:
    """This installation, as others have to enter it."""

    id: str
    key: str

    @property
    def fingerprint(self) -> str:
        return key_fingerprint(self.key)


CellRelation = Literal["peer", "above", "below"]
"""A bureau on one level, the one above (which reads our figures), or one below (whose figures we read)."""
RELATIONS: Final[tuple[CellRelation, ...]] = ("peer", "above", "below")


def key_fingerprint(key: str) -> str:
    """Of a public key as it is published, to be read out over the telephone: half its SHA-256, in groups of four."""
    digest = hashlib.sha256(key.strip().encode()).hexdigest()[:32].upper()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


@dataclass(frozen=True, slots=True)
class UntakenDelivery:
    """Of a transfer or of what became of one: what another installation has not confirmed yet."""

    id: str
    cell: str  # the bureau's name
    complaint: str
    number: str
    what: str  # "transfer", or one of complaints.record.changes.TOLD_BACK
    created: datetime
    tries: int
    error: str


@dataclass(frozen=True, slots=True)
class FiguresEdition:
    """One month of another installation's figures as it signed them; `edition` counts from 1. `counted_to`: the last
    day they hold; `corrects`: it changes days that an earlier edition had counted."""

    cell: str
    month: str
    edition: int
    counted_to: date
    made: datetime
    received: datetime
    standard: str
    digest: str
    corrects: bool = False
