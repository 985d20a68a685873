"""The way into the room and out of it: seats, links, consents, the waiting room, guardians, supervisors who look on.

Here are its commands and events; those of seats are in `rooms.joining.seat_messages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rooms import Id, Text
from rooms.floor import ScriptCard
from rooms.vocabulary import EVERYBODY, MEDIATOR, OFFICE, OVERSEER, PARTIES, SYSTEM, Consent, Role, command


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """On the way in. `text` is the edition that the server showed with the question, `handler` whom it named."""

    kind: Consent
    given: bool
    text: str
    handler: str = ""


@command(EVERYBODY, "withdraw_consent")
@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Of recording and of captions: stops within a second. Of taking part: the seat leaves. The mediator's own only of
    captions."""

    kind: Consent


@command(EVERYBODY, "give_consent", filled=frozenset({"text"}))
@dataclass(frozen=True, slots=True)
class GiveConsent:
    """In the room, after an earlier no to recording or captions. `text` is filled in by the room: the edition that it
    shows."""

    kind: Consent
    text: str = ""


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class AskOtherTime:
    """`starts`: a free time that they chose of those shown to them, None for one in words only."""

    wish: str
    starts: datetime | None = None


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class NoteCodeSent:
    pass


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class ConfirmIdentity:
    """`real_name`: the connection that has to say yes as well, "" where the office demands none."""

    method: str
    real_name: str = ""


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class NoteRealName:
    """What a connection said of name and identity number, which stand nowhere; asked only by the server."""

    service: str
    result: str


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class StateAge:
    """Of a minor with the guardian's name and who they are to them; `consents`: the guardian agreed to the notice whose
    version is `text`."""

    age: str
    guardian: str = ""
    relation: str = ""
    consents: bool = False
    text: str = ""


@command(OFFICE)
@dataclass(frozen=True, slots=True)
class ConfirmByVoice:
    """By an officer who speaks with the person; asked only by the server, which gives the seat to their device."""

    seat: str
    recognised: str


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class MoveSeat:
    """To another browser, the one with this id; asked only by the server, once it has the seat. `way`: how it was shown
    to be theirs."""

    device: str
    way: str


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class AskHelp:
    why: str


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class ChooseName:
    name: str


@command(EVERYBODY)
@dataclass(frozen=True, slots=True)
class CheckDevice:
    """`arrives`: and enters the waiting room, unless its door is locked."""

    mode: str
    findings: tuple[str, ...] = ()
    arrives: bool = False


@command(EVERYBODY, "arrive", filled=frozenset({"card"}))
@dataclass(frozen=True, slots=True)
class Arrive:
    """Enter the waiting room; for the mediator: enter the room, which opens a scheduled session. `card` is filled in
    by the room, from the office's cards for this kind of dispute, while the session has none."""

    card: ScriptCard | None = None


@command(MEDIATOR, "admit", in_room=True)
@dataclass(frozen=True, slots=True)
class Admit:
    seat: Id


@command(MEDIATOR, "admit_all", in_room=True)
@dataclass(frozen=True, slots=True)
class AdmitAll:
    """Whoever waits and may come in, longest first. Who has not answered both consents, a minor without a guardian here
    and a proxy whose term is over go on waiting."""


@command(MEDIATOR, "send_back", in_room=True)
@dataclass(frozen=True, slots=True)
class SendBack:
    seat: Id


@command(EVERYBODY | {Role.SUPERVISOR}, "leave")
@dataclass(frozen=True, slots=True)
class Leave:
    pass


@command(MEDIATOR, "remove", in_room=True)
@dataclass(frozen=True, slots=True)
class Remove:
    seat: Id
    reason: Text


@command(OVERSEER)
@dataclass(frozen=True, slots=True)
class Observe:
    """By a supervisor, of an office they oversee (checked where it is asked). `seat`: a fresh id for a first coming;
    `officer` their account, which must be the asker's."""

    seat: str
    officer: str
    name: str
    organisation: str
    reason: str


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteConnection:
    """`cause` of being away: as `rooms.events.Disconnected`; "absent": away for so long that the seat is left."""

    seat: str
    connected: bool
    cause: str = "socket"


JoiningCommand = (
    AnswerConsent
    | WithdrawConsent
    | GiveConsent
    | AskOtherTime
    | NoteCodeSent
    | ConfirmIdentity
    | NoteRealName
    | StateAge
    | ConfirmByVoice
    | MoveSeat
    | AskHelp
    | ChooseName
    | CheckDevice
    | Arrive
    | Admit
    | AdmitAll
    | SendBack
    | Leave
    | Remove
    | Observe
    | NoteConnection
)


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """`handler`: who answers for the data, as the notice named them: name, address, telephone (PIPL Art 17)."""

    seat: str
    kind: Consent
    text: str  # version of the text shown
    handler: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRefused:
    seat: str
    kind: Consent
    text: str
    handler: str = ""


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    seat: str
    kind: Consent


@dataclass(frozen=True, slots=True)
class OtherTimeAsked:
    seat: str
    wish: str
    starts: datetime | None = None  # chosen of the mediator's free times


@dataclass(frozen=True, slots=True)
class CodeSent:
    seat: str


@dataclass(frozen=True, slots=True)
class IdentityConfirmed:
    """`real_name`: the connection that is to be asked before it counts."""

    seat: str
    method: str  # "code" | "officer"
    real_name: str = ""


@dataclass(frozen=True, slots=True)
class RealNameChecked:
    """`result`: "match" | "no_match" | "unavailable", by the connection `service`; "by_eye", by the mediator who let
    them in while it did not answer."""

    seat: str
    service: str
    result: str


@dataclass(frozen=True, slots=True)
class IdentityConfirmedByVoice:
    """An officer let a device take the seat without a code, because they knew who was speaking. `recognised`: how."""

    seat: str
    recognised: str


@dataclass(frozen=True, slots=True)
class SeatMoved:
    """The seat's link went over to another browser, and the one before it is out. `way`: "token" of an address copied
    there | "code" to the number on file | "voice", known by an officer."""

    seat: str
    device: str
    way: str


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """Somebody who holds the link, and has not shown who they are, cannot go on. `why`: "no_code" | "other_number"."""

    seat: str
    why: str


@dataclass(frozen=True, slots=True)
class AgeStated:
    """`age`: a value of rooms.vocabulary.Age."""

    seat: str
    age: str


@dataclass(frozen=True, slots=True)
class GuardianNamed:
    """Of a minor: who their guardian is, and who that is to them. `text`: the version of the notice to which the
    guardian agreed for a child under 14 (PIPL Art 31), "" of an older minor, who agrees themselves."""

    seat: str
    guardian: str
    relation: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class NameChosen:
    seat: str
    name: str


@dataclass(frozen=True, slots=True)
class DeviceChecked:
    seat: str
    mode: str  # "video" | "audio" | "text"
    findings: tuple[str, ...] = ()  # e.g. "camera:denied", "network:3"


@dataclass(frozen=True, slots=True)
class Arrived:
    """Into the waiting room."""

    seat: str


@dataclass(frozen=True, slots=True)
class Admitted:
    seat: str


@dataclass(frozen=True, slots=True)
class SentBack:
    seat: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    seat: str
    # "socket" | "media" | "server"; or what they came in by is no more:
    # "link_revoked" | "link_replaced" | "link_ended" | "signed_out" | "withheld" from who they are now
    cause: str


@dataclass(frozen=True, slots=True)
class Reconnected:
    seat: str


@dataclass(frozen=True, slots=True)
class Left:
    seat: str


@dataclass(frozen=True, slots=True)
class Removed:
    seat: str
    reason: str


@dataclass(frozen=True, slots=True)
class ObservationBegun:
    """A supervisor looks on from now until the seat is left. `officer` is their account."""

    seat: str
    officer: str
    reason: str


JoiningEvent = (
    ConsentGiven
    | ConsentRefused
    | ConsentWithdrawn
    | OtherTimeAsked
    | CodeSent
    | IdentityConfirmed
    | IdentityConfirmedByVoice
    | RealNameChecked
    | SeatMoved
    | AgeStated
    | GuardianNamed
    | HelpAsked
    | NameChosen
    | DeviceChecked
    | Arrived
    | Admitted
    | SentBack
    | Disconnected
    | Reconnected
    | Left
    | Removed
    | ObservationBegun
)
