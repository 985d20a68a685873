"""The words a mediation session is described in (roles, phases, consents, outcomes, seats), and how a command is
declared: who may ask it, by what name a client sends it, within which limits.

Values are stored in the journal and sent to browsers, so they never change their spelling.

`command` stands above each command's class, whose fields are the message's body: name, schema and permission side by
side. From these declarations `signaling.transport` makes what a client may send, `rooms.session` who may, and
`tests.tools.wire` the types of the browser and the tables of docs/wire.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field

from rooms import EXACTLY, Moment, Money, MoneyOrNothing, Text


class Role(StrEnum):
    """What somebody is in the room for; drawn as one character 调 消 商 代 律 译 助 观 督."""

    MEDIATOR = "mediator"
    CONSUMER = "consumer"
    BUSINESS = "business"
    REPRESENTATIVE = "representative"  # a second person of one side
    LAWYER = "lawyer"
    INTERPRETER = "interpreter"
    COMPANION = "companion"
    OBSERVER = "observer"
    SUPERVISOR = "supervisor"  # oversees the office and looks on by themselves, announced to everybody


WATCHING = frozenset({Role.OBSERVER, Role.SUPERVISOR})
"""Who only watches: has neither microphone nor camera in the room, and belongs to no private talk."""


class Side(StrEnum):
    CONSUMER = "consumer"
    BUSINESS = "business"


class Phase(StrEnum):
    """In procedural order; the mediator may also go back."""

    OPENING = "opening"
    CONSUMER_STATEMENT = "consumer_statement"
    BUSINESS_STATEMENT = "business_statement"
    DISCUSSION = "discussion"
    PROPOSAL = "proposal"
    CLOSING = "closing"


class Status(StrEnum):
    """Of a session: scheduled → live ⇄ recess → closed; or scheduled → cancelled."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    RECESS = "recess"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SeatStatus(StrEnum):
    """Of a seat.

    invited → waiting → present ⇄ reconnecting; present → left | removed; waiting → invited (sent back);
    invited → refused (declined to take part).
    """

    INVITED = "invited"
    WAITING = "waiting"
    PRESENT = "present"
    RECONNECTING = "reconnecting"
    LEFT = "left"
    REMOVED = "removed"
    REFUSED = "refused"


class Consent(StrEnum):
    PARTICIPATE = "participate"
    RECORD = "record"
    TRANSCRIBE = "transcribe"  # what they say is written along by a machine of the office


class Opening(StrEnum):
    """What the opening phase must have covered."""

    IDENTITY = "identity"
    RIGHTS = "rights"
    RECUSAL = "recusal"
    SHAM = "sham"


class OutcomeKind(StrEnum):
    SETTLED = "settled"
    NOT_SETTLED = "not_settled"
    ENDED = "ended"  # on a ground of the complaint's order
    ADJOURNED = "adjourned"


class Background(StrEnum):
    """What somebody's browser puts behind them in their picture."""

    NONE = "none"
    BLURRED = "blurred"
    OFFICE = "office"  # a drawn one


class Performance(StrEnum):
    ON_THE_SPOT = "on_the_spot"
    LATER = "later"


class Capacity(StrEnum):
    """In what capacity somebody acts for a side."""

    SELF = "self"  # the party in person
    LEGAL_REPRESENTATIVE = "legal_representative"  # of a company, as registered
    HEAD = "head"  # of a shop or branch, as registered
    GUARDIAN = "guardian"  # of a party who cannot act alone
    AGENT = "agent"  # under a written authorisation


class Age(StrEnum):
    """What somebody's age means for what they may decide; "" where it was never asked."""

    ADULT = "adult"  # 18 or older
    MINOR = "minor"  # 14 to 17
    CHILD = "child"  # under 14


MINORS = frozenset({Age.MINOR, Age.CHILD})
"""Who acts through a guardian (Civil Code Arts 17-20, 23)."""


class FloorChannel(StrEnum):
    """What somebody listens to where there is an interpreter."""

    FLOOR = "floor"
    INTERPRETER = "interpreter"
    BOTH = "both"  # the floor softer while the interpreter speaks


class GapRule(StrEnum):
    """What of two figures is revealed, agreed to before either is entered."""

    WHETHER = "whether"  # they meet, and nothing else
    MIDPOINT = "midpoint"  # and if they do, the middle between them


class ExhibitKind(StrEnum):
    PICTURES = "pictures"  # one page or several: photos, screenshots
    DOCUMENT = "document"
    FILM = "film"


class Purpose(StrEnum):
    """What an exhibit is to show."""

    EVIDENCE = "evidence"
    PERFORMANCE = "performance"  # that a promise has been kept


class MarkShape(StrEnum):
    """Drawn on a page that is shown: a pen's line, or what two corners stand for."""

    PEN = "pen"
    BOX = "box"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the room. `name` is what others see; `phone` is masked, never the full number. `age`: as registered
    (Age, or ""); `guardian`: of a seat that is a guardian's, who they are to the minor; "" of every other.
    `until`: of a proxy named in the complaint, when their authorisation is over."""

    id: str
    role: Role
    name: str
    side: Side | None = None
    organisation: str = ""
    city: str = ""
    phone: str = ""
    age: str = ""
    guardian: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One promise of a settlement. `amount` in yuan with two decimals, None when no money is owed."""

    __pydantic_config__ = EXACTLY

    who: Side
    action: Text
    amount: Money | None = None
    due: Moment | None = None
    how: Text = ""
    performance: Performance = Performance.LATER


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended. `ground`, only for ENDED: its number in Order 121 Art 23, or in Order 20 Art 21."""

    __pydantic_config__ = EXACTLY

    kind: OutcomeKind
    terms: Annotated[tuple[Term, ...], Field(max_length=50)] = ()
    loss_recovered: MoneyOrNothing = Decimal("0.00")
    ground: int | None = None
    adjourned_to: Moment | None = None
    note: Text = ""


# ------------------------------------------------------------ declarations


Kind = TypeVar("Kind", bound=type[Any])


class OutsideRole(StrEnum):
    """Those who ask without sitting in the room."""

    OFFICE = "office"  # a mediator or administrator of the session's office
    KEEPER = "keeper"  # a supervisor, scoped likewise, or an administrator of the session's office
    OFFICER = "officer"  # any officer; what they may look at is scoped where they look
    SUPERVISOR = "overseer"  # scoped likewise; spelled otherwise than the role of one who looks on
    SYSTEM = "system"


Standing = Role | OutsideRole

ANYBODY: Final[frozenset[Standing]] = frozenset(Role)
EVERYBODY: Final[frozenset[Standing]] = ANYBODY - {Role.SUPERVISOR}
"""Who takes part. A supervisor who looks on may come, read captions and go, and nothing else."""
MEDIATOR: Final[frozenset[Standing]] = frozenset({Role.MEDIATOR})
PARTIES: Final = EVERYBODY - MEDIATOR
SENDING: Final = frozenset(Role) - WATCHING
"""Who has a microphone and a camera in the room."""
CONFERRING: Final[frozenset[Standing]] = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE, Role.LAWYER})
"""Who speaks for a side, and answers for it: a party, or who acts for them under an authority that the mediator has
recorded."""
SHARING: Final = CONFERRING | MEDIATOR
PRINCIPALS: Final = {Role.CONSUMER: Side.CONSUMER, Role.BUSINESS: Side.BUSINESS}
"""The parties themselves, each of its side."""
ACTING: Final = frozenset({Role.REPRESENTATIVE, Role.LAWYER})
"""Who acts for one of them."""
ASSISTED: Final[frozenset[Standing]] = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE})
"""Beside whom a helper may sit."""
OFFICE: Final[frozenset[Standing]] = frozenset({OutsideRole.OFFICE})
KEEPER: Final[frozenset[Standing]] = frozenset({OutsideRole.KEEPER})
OFFICER: Final[frozenset[Standing]] = frozenset({OutsideRole.OFFICER})
OVERSEER: Final[frozenset[Standing]] = frozenset({OutsideRole.SUPERVISOR})
SYSTEM: Final[frozenset[Standing]] = frozenset({OutsideRole.SYSTEM})


# ------------------------------------------------------------ the declaration


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name`: what a client calls it, "" where none may ask it. `filled`: fields that the room fills in, which no
    client may send. `required`: fields that a client must send, though they have a default."""

    by: frozenset[Standing]
    name: str
    in_room: bool
    filled: frozenset[str]
    required: frozenset[str]


DECLARED: Final[dict[type[Any], Declaration]] = {}


def command(
    by: frozenset[Standing],
    name: str = "",
    *,
    in_room: bool = False,
    filled: frozenset[str] = frozenset(),
    required: frozenset[str] = frozenset(),
) -> Callable[[Kind], Kind]:
    """Declare a command: asked `by` these; `in_room`, only by somebody who is in the room."""

    def declare(kind: Kind) -> Kind:
        DECLARED[kind] = Declaration(by, name, in_room, filled, required)
        return kind

    return declare
