"""The floor: phases, recesses, the door, the word, the chat; what the mediator shows or checks off: articles of law,
typical cases, the script card.

Here are its commands and events.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms import Edition, Id, OptionalId, Text
from rooms.vocabulary import EVERYBODY, MEDIATOR, PARTIES, SENDING, SHARING, SYSTEM, Background, Opening, Phase, command


@command(MEDIATOR, "cover_opening", in_room=True)
@dataclass(frozen=True, slots=True)
class CoverOpening:
    item: Opening
    done: bool = True


@command(MEDIATOR, "enter_phase", in_room=True)
@dataclass(frozen=True, slots=True)
class EnterPhase:
    phase: Phase


@command(MEDIATOR | SYSTEM, "start_recess", in_room=True)  # a request for recusal interrupts
@dataclass(frozen=True, slots=True)
class StartRecess:
    pass


@command(MEDIATOR, "end_recess", in_room=True)
@dataclass(frozen=True, slots=True)
class EndRecess:
    pass


@command(MEDIATOR, "set_door", in_room=True)
@dataclass(frozen=True, slots=True)
class SetDoor:
    """Nobody new comes in while it is locked."""

    locked: bool


@command(EVERYBODY, "mute", in_room=True)
@dataclass(frozen=True, slots=True)
class Mute:
    """One's own seat, or any for the mediator."""

    seat: Id  # own seat, or any seat for the mediator


@command(EVERYBODY, "unmute", in_room=True)
@dataclass(frozen=True, slots=True)
class Unmute:
    """Only oneself: nobody opens another's microphone."""


@command(MEDIATOR, "ask_unmute", in_room=True)
@dataclass(frozen=True, slots=True)
class AskUnmute:
    """Nobody opens another's microphone: they are asked."""

    seat: Id


@command(PARTIES, "set_hand", in_room=True)
@dataclass(frozen=True, slots=True)
class SetHand:
    raised: bool


@command(SENDING, "set_camera", in_room=True)
@dataclass(frozen=True, slots=True)
class SetCamera:
    on: bool


@command(SENDING, "set_background", in_room=True)
@dataclass(frozen=True, slots=True)
class SetBackground:
    """What one's picture shows as its background from now on: whoever looks later must know that it was changed."""

    background: Background


@command(SHARING, "set_screen", in_room=True)
@dataclass(frozen=True, slots=True)
class SetScreen:
    on: bool


@command(EVERYBODY, "say", in_room=True)
@dataclass(frozen=True, slots=True)
class Say:
    """To everybody (`to` "") one names the private talk one believes to be in, 0 for none: what was meant for few
    never reaches all because a talk ended on the way. Parties write to everybody or to the mediator; in a private
    talk "" means its members, and whoever waits writes to the mediator. At most 20 lines and 4,000 characters at
    once, as many come back within a minute (`wrote_too_much`); 1,000 lines and 100,000 characters a seat in a
    session (`chat_full`)."""

    text: Text
    to: OptionalId = ""
    caucus: Edition = 0


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteSpeaking:
    seat: str
    speaking: bool


FloorCommand = (
    CoverOpening
    | EnterPhase
    | StartRecess
    | EndRecess
    | SetDoor
    | Mute
    | Unmute
    | AskUnmute
    | SetHand
    | SetCamera
    | SetBackground
    | SetScreen
    | Say
    | NoteSpeaking
)


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The mediator entered: the session is live, in phase opening."""


@dataclass(frozen=True, slots=True)
class OpeningCovered:
    item: Opening
    done: bool = True


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    phase: Phase


@dataclass(frozen=True, slots=True)
class RecessStarted:
    pass


@dataclass(frozen=True, slots=True)
class RecessEnded:
    pass


@dataclass(frozen=True, slots=True)
class DoorLocked:
    pass


@dataclass(frozen=True, slots=True)
class DoorUnlocked:
    pass


@dataclass(frozen=True, slots=True)
class Muted:
    seat: str
    by: str  # seat id: their own, or the mediator's


@dataclass(frozen=True, slots=True)
class Unmuted:
    seat: str


@dataclass(frozen=True, slots=True)
class UnmuteAsked:
    seat: str


@dataclass(frozen=True, slots=True)
class HandRaised:
    seat: str


@dataclass(frozen=True, slots=True)
class HandLowered:
    seat: str


@dataclass(frozen=True, slots=True)
class CameraSet:
    seat: str
    on: bool


@dataclass(frozen=True, slots=True)
class BackgroundSet:
    """`background` is of `rooms.vocabulary.Background`, as the browser said: nobody can check it."""

    seat: str
    background: str


@dataclass(frozen=True, slots=True)
class ScreenShared:
    seat: str


@dataclass(frozen=True, slots=True)
class ScreenStopped:
    seat: str


@dataclass(frozen=True, slots=True)
class SpeakingStarted:
    seat: str


@dataclass(frozen=True, slots=True)
class SpeakingStopped:
    seat: str


@dataclass(frozen=True, slots=True)
class Said:
    """A chat message; `to` is a seat id or "" for everybody."""

    seat: str
    text: str
    to: str = ""


FloorEvent = (
    SessionOpened
    | OpeningCovered
    | PhaseEntered
    | RecessStarted
    | RecessEnded
    | DoorLocked
    | DoorUnlocked
    | Muted
    | Unmuted
    | UnmuteAsked
    | HandRaised
    | HandLowered
    | CameraSet
    | BackgroundSet
    | ScreenShared
    | ScreenStopped
    | SpeakingStarted
    | SpeakingStopped
    | Said
)


@command(MEDIATOR, "show_law", in_room=True, filled=frozenset({"leaf"}))
@dataclass(frozen=True, slots=True)
class ShowLaw:
    """`leaf` is filled in by the room from its library: nobody brings a text of their own."""

    article: Id
    leaf: Leaf | None = None


@command(MEDIATOR, "put_law_away", in_room=True)
@dataclass(frozen=True, slots=True)
class PutLawAway:
    pass


LawCommand = ShowLaw | PutLawAway


# ------------------------------------------------------------ events of the law at hand


@dataclass(frozen=True, slots=True)
class Leaf:
    """An article as it was shown: the record does not change when the catalogue does.

    Mappings are language -> words. `official` is the office's own official wording, "" where it brought none; days are
    ISO. `on` is the day it was looked up for, `standing` what the article was then (law.catalogue.ArticleStanding).
    """

    article: str
    citation: dict[str, str]
    gist: dict[str, str]
    official: str = ""
    since: str = ""
    until: str = ""
    edition: dict[str, str] = field(default_factory=dict)
    on: str = ""
    standing: str = "in_force"


@dataclass(frozen=True, slots=True)
class LawShown:
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class LawPutAway:
    pass


LawEvent = LawShown | LawPutAway


# ------------------------------------------------------------ typical cases


@command(MEDIATOR, "show_typical", in_room=True, filled=frozenset({"leaf"}))
@dataclass(frozen=True, slots=True)
class ShowTypical:
    """`leaf` is filled in by the room from the casebook: nobody brings a text of their own."""

    case: Id
    leaf: TypicalLeaf | None = None


@command(MEDIATOR, "put_typical_away", in_room=True)
@dataclass(frozen=True, slots=True)
class PutTypicalAway:
    pass


TypicalCommand = ShowTypical | PutTypicalAway


@dataclass(frozen=True, slots=True)
class TypicalLeaf:
    """A case as it was shown: the record does not change when the casebook does.

    `title` and each of `articles` are language -> words; `sample`: one that the program brought along.
    """

    case: str
    number: str
    title: dict[str, str]
    facts: str
    outcome: str
    articles: list[dict[str, str]] = field(default_factory=list)
    sample: bool = False


@dataclass(frozen=True, slots=True)
class TypicalShown:
    leaf: TypicalLeaf


@dataclass(frozen=True, slots=True)
class TypicalPutAway:
    pass


TypicalEvent = TypicalShown | TypicalPutAway


# ------------------------------------------------------------ the script card


@dataclass(frozen=True, slots=True)
class ScriptCard:
    """The script card of a kind of dispute, as it is in a session: the record does not change when the office's does.

    Lines are language -> words, English perhaps ""; `invite` is said aloud and has the blanks {consumer} and
    {business}. `law`: articles by "id" and how they are cited. `edition` 0: as it comes with the program.

    `clauses` to begin with: "zh" and "en" their titles; a promise has "who" (a side), "action", "amount" ("" | "asked":
    what the complaint asks for | "open"), "due" ("" on the spot | days | "month": its end) and "how"; other words have
    "text". `action` and `text` may have the blank {goods}, a text {consumer} and {business} too.
    """

    kind: str
    edition: int
    title: dict[str, str]
    invite: dict[str, str]
    facts: list[dict[str, str]] = field(default_factory=list)
    consumer: list[dict[str, str]] = field(default_factory=list)
    business: list[dict[str, str]] = field(default_factory=list)
    settle: list[dict[str, str]] = field(default_factory=list)
    law: list[dict[str, str]] = field(default_factory=list)
    clauses: list[dict[str, str]] = field(default_factory=list)


@command(MEDIATOR, "take_card", in_room=True, filled=frozenset({"card"}))
@dataclass(frozen=True, slots=True)
class TakeCard:
    """The card of another `kind` of dispute (rooms.floor.cards). `card` is filled in by the room from the office's."""

    kind: Id
    card: ScriptCard | None = None


@command(MEDIATOR, "check_item", in_room=True)
@dataclass(frozen=True, slots=True)
class CheckItem:
    """`item` as in rooms.floor.state.ITEMS, or a line of the card: `<kind>.<edition>.<section>.<n>`, n from 1."""

    item: Id
    done: bool = True


ScriptCommand = TakeCard | CheckItem


@dataclass(frozen=True, slots=True)
class CardTaken:
    """The mediator works with this card from here on: that of the complaint's kind, or of the kind they chose."""

    card: ScriptCard


@dataclass(frozen=True, slots=True)
class ItemChecked:
    """`item` as in rooms.floor.state.ITEMS: the mediator's own list. The opening's four duties are
    `OpeningCovered`. `line`: the words of a line of the card, {} of another item."""

    item: str
    done: bool = True
    line: dict[str, str] = field(default_factory=dict)


ScriptEvent = CardTaken | ItemChecked
