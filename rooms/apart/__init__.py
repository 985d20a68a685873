"""Asynchronous mediation (错时调解): a session in which each side acts in its own time, without meeting.

Here are its commands and events: stretches, visits, offers, messages to the seats. What else is said, shown, answered
and signed in it are the commands and events that a room has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rooms.vocabulary import CONFERRING, MEDIATOR, PARTIES, SYSTEM, Side, command


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class GoApart:
    """From now on nobody has to be there at one time. `until`: when the mediator decides what becomes of it;
    `links_until`: links that stand are good until then at least."""

    until: datetime
    links_until: datetime


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class MoveEnd:
    """To another end date, before or after the one that was set."""

    until: datetime
    links_until: datetime


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class CallMeeting:
    """Everybody is to come into the room at `starts`; None calls it off."""

    starts: datetime | None


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class OpenRoom:
    """From now on only who is in the room acts."""


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class NoteVisit:
    """Asked by the server, once it has checked who it is."""


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class ReadRights:
    """What a mediator says at the opening of a room was read."""


@command(CONFERRING | MEDIATOR)
@dataclass(frozen=True, slots=True)
class Confide:
    """A private note: of a side to the mediator, or of the mediator to `side`."""

    text: str
    side: Side | None = None


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class PutOffer:
    """Ask one side, or both (None), whether they accept. `slip`: the message slip that is passed on by it, 0 for
    words of the mediator's own."""

    text: str
    amount: Decimal | None = None
    to: Side | None = None
    slip: int = 0


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class TakeBackOffer:
    number: int


@command(CONFERRING)
@dataclass(frozen=True, slots=True)
class AnswerOffer:
    """`text`, `amount`: what they would do instead, which the mediator may pass on."""

    number: int
    accepts: bool
    text: str = ""
    amount: Decimal | None = None


@command(MEDIATOR | SYSTEM)
@dataclass(frozen=True, slots=True)
class SendWord:
    """A message to a seat, of which `message` is the id in the outbox. `kind`: rooms.apart.rules.WORDS."""

    seat: str
    kind: str
    message: str


ApartCommand = (
    GoApart
    | MoveEnd
    | CallMeeting
    | OpenRoom
    | NoteVisit
    | ReadRights
    | Confide
    | PutOffer
    | TakeBackOffer
    | AnswerOffer
    | SendWord
)


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class ApartBegun:
    """The mediation goes on without meeting; who was in the room has left it."""

    until: datetime
    links_until: datetime


@dataclass(frozen=True, slots=True)
class EndMoved:
    until: datetime
    links_until: datetime


@dataclass(frozen=True, slots=True)
class MeetingCalled:
    """None: the one that was called is called off."""

    starts: datetime | None


@dataclass(frozen=True, slots=True)
class RoomOpened:
    """The mediation goes on in the room: only who is in it acts."""


@dataclass(frozen=True, slots=True)
class Visited:
    """Somebody showed who they are, by a code, and read and acted after that."""

    seat: str


@dataclass(frozen=True, slots=True)
class RightsRead:
    seat: str


@dataclass(frozen=True, slots=True)
class OfferPut:
    """`to`: the sides that are asked."""

    number: int
    text: str
    amount: Decimal | None
    to: tuple[Side, ...]
    slip: int = 0


@dataclass(frozen=True, slots=True)
class OfferTakenBack:
    number: int


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """`slip`: of who would do something else, 0 for none."""

    number: int
    side: Side
    seat: str
    accepts: bool
    slip: int = 0


@dataclass(frozen=True, slots=True)
class WordSent:
    seat: str
    kind: str
    message: str


ApartEvent = (
    ApartBegun
    | EndMoved
    | MeetingCalled
    | RoomOpened
    | Visited
    | RightsRead
    | OfferPut
    | OfferTakenBack
    | OfferAnswered
    | WordSent
)
