"""Exhibits: offered, shown, marked and answered in a session.

Here are their commands and events. `server.rooms.exhibits` has checked, sealed and made ready what is offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from rooms import Coordinate, Id, OptionalId, Page, Text
from rooms.vocabulary import MEDIATOR, SHARING, SYSTEM, ExhibitKind, MarkShape, Purpose, Side, command


@command(SHARING, in_room=True)
@dataclass(frozen=True, slots=True)
class OfferExhibit:
    exhibit: str
    title: str
    kind: ExhibitKind
    originals: tuple[Original, ...]
    pages: tuple[Picture, ...] = ()
    private: bool = False
    purpose: Purpose = Purpose.EVIDENCE
    term: int = 0
    attachment: str = ""


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteExhibit:
    """What became of a film."""

    fact: ExhibitPrepared | ExhibitUnreadable


@command(SHARING, "withdraw_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class WithdrawExhibit:
    """By whoever offered it, before it was shown or answered."""

    exhibit: Id


@command(SHARING, "release_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class ReleaseExhibit:
    """To everybody, by whoever offered it for the mediator alone."""

    exhibit: Id


@command(SHARING, "show_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class ShowExhibit:
    """By the mediator, and the seat they let."""

    exhibit: Id
    page: Page = 1


@command(SHARING, "put_away_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class PutAwayExhibit:
    """Likewise."""


@command(SHARING, "turn_page", in_room=True)
@dataclass(frozen=True, slots=True)
class TurnPage:
    """Likewise."""

    page: Page


@command(SHARING, "mark_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class MarkExhibit:
    """On the page that is shown; `points` as in rooms.events.ExhibitMarked. By who may show it; a box or an arrow
    has 2 points."""

    shape: MarkShape
    points: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(min_length=2, max_length=120)]


@command(SHARING, "unmark_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class UnmarkExhibit:
    """Likewise; 0: all of them."""

    n: Annotated[int, Field(ge=0, le=1_000_000)] = 0


@command(MEDIATOR, "let_show", in_room=True)
@dataclass(frozen=True, slots=True)
class LetShow:
    """Whom the mediator lets show exhibits beside themselves, "" for nobody."""

    seat: OptionalId = ""


@command(MEDIATOR, "ask_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class AskExhibit:
    """Asks a seat for an exhibit."""

    seat: Id
    purpose: Purpose = Purpose.EVIDENCE


@command(SHARING - MEDIATOR, "accept_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class AcceptExhibit:
    """By the other side: its principal, representative or lawyer."""

    exhibit: Id


@command(SHARING - MEDIATOR, "dispute_exhibit", in_room=True)
@dataclass(frozen=True, slots=True)
class DisputeExhibit:
    """Likewise."""

    exhibit: Id
    reason: Text = ""


@command(SHARING - MEDIATOR, "take_back_answer", in_room=True)
@dataclass(frozen=True, slots=True)
class TakeBackAnswer:
    """Likewise."""

    exhibit: Id


ExhibitCommand = (
    OfferExhibit
    | NoteExhibit
    | WithdrawExhibit
    | ReleaseExhibit
    | ShowExhibit
    | PutAwayExhibit
    | TurnPage
    | MarkExhibit
    | UnmarkExhibit
    | LetShow
    | AskExhibit
    | AcceptExhibit
    | DisputeExhibit
    | TakeBackAnswer
)


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was sent, which nobody is shown. `path` of its sealed copy, below the recordings.

    `form`: "jpeg", "png", "webp", "heic", "pdf", "mp4", "webm" or "mov", by its content. Hash and size are the file's,
    `stored_…` the sealed copy's.
    """

    path: str
    form: str
    sha256: str
    size: int
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown instead of an original: a page (JPEG), or a film (MP4, `ms` long). Width and height in pixels."""

    path: str
    width: int
    height: int
    sha256: str
    size: int
    stored_sha256: str = ""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class ExhibitOffered:
    """For everybody, by `seat`; `side` is None for the mediator's. A film has no pages before `ExhibitPrepared`.

    `term`: number of the promise that a proof of performance is about, 0 when it does not say. `attachment`: of the
    complaint's record, when it came from there.
    """

    exhibit: str
    seat: str
    side: Side | None
    kind: ExhibitKind
    originals: tuple[Original, ...]
    pages: tuple[Picture, ...] = ()
    purpose: Purpose = Purpose.EVIDENCE
    term: int = 0
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitConfided:
    """For the own side and the mediator, until it is released: then it is offered to everybody. In no export."""

    exhibit: str
    title: str
    seat: str
    side: Side | None
    kind: ExhibitKind
    originals: tuple[Original, ...]
    pages: tuple[Picture, ...] = ()
    purpose: Purpose = Purpose.EVIDENCE
    term: int = 0
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitTitled:
    """What whoever offered it calls it; apart from it, because it is erased with what people wrote."""

    exhibit: str
    title: str


@dataclass(frozen=True, slots=True)
class ExhibitPrepared:
    """A film can be shown: its first picture, and itself."""

    exhibit: str
    pages: tuple[Picture, ...]
    film: Picture | None = None


@dataclass(frozen=True, slots=True)
class ExhibitUnreadable:
    """It could not be made ready to be shown; the original is kept."""

    exhibit: str
    cause: str


@dataclass(frozen=True, slots=True)
class ExhibitWithdrawn:
    """Before anybody was shown it: its files go, its hash stays."""

    exhibit: str


@dataclass(frozen=True, slots=True)
class ExhibitReleased:
    """Whoever confided it lets everybody see it; it is offered along with this."""

    exhibit: str


@dataclass(frozen=True, slots=True)
class ExhibitShown:
    """To everybody, or to those of a private talk: its number and side. What was shown before is put away by it."""

    exhibit: str
    seat: str
    page: int = 1
    talk: int = 0
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class ExhibitPutAway:
    exhibit: str
    talk: int = 0
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class ExhibitPageTurned:
    exhibit: str
    page: int
    seat: str


@dataclass(frozen=True, slots=True)
class ExhibitMarked:
    """`points`: x and y in ten thousandths of the page's width and height. Gone from the screen when it is put away."""

    exhibit: str
    page: int
    n: int
    shape: MarkShape
    points: tuple[tuple[int, int], ...]
    seat: str


@dataclass(frozen=True, slots=True)
class ExhibitUnmarked:
    """`n` 0: all marks."""

    exhibit: str
    n: int
    seat: str


@dataclass(frozen=True, slots=True)
class ExhibitFloorGiven:
    """This seat may show, beside the mediator; "" takes it back."""

    seat: str


@dataclass(frozen=True, slots=True)
class ExhibitAsked:
    """The mediator asks this seat for an exhibit."""

    seat: str
    purpose: Purpose = Purpose.EVIDENCE


@dataclass(frozen=True, slots=True)
class ExhibitAccepted:
    """By the other side. Of a proof of performance: what it shows has been received."""

    exhibit: str
    seat: str
    side: Side


@dataclass(frozen=True, slots=True)
class ExhibitDisputed:
    """With a reason it follows one without, and is erased with the record; older entries are both in one."""

    exhibit: str
    seat: str
    side: Side
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitAnswerTakenBack:
    exhibit: str
    seat: str
    side: Side


ExhibitEvent = (
    ExhibitOffered
    | ExhibitConfided
    | ExhibitTitled
    | ExhibitPrepared
    | ExhibitUnreadable
    | ExhibitWithdrawn
    | ExhibitReleased
    | ExhibitShown
    | ExhibitPutAway
    | ExhibitPageTurned
    | ExhibitMarked
    | ExhibitUnmarked
    | ExhibitFloorGiven
    | ExhibitAsked
    | ExhibitAccepted
    | ExhibitDisputed
    | ExhibitAnswerTakenBack
)
