"""What can be asked about exhibits. What is offered was checked, sealed and made ready by `server.exhibits` before."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.events.exhibits import ExhibitPrepared, ExhibitUnreadable, Original, Picture
from rooms.vocabulary import ExhibitKind, MarkShape, Purpose


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


@dataclass(frozen=True, slots=True)
class NoteExhibit:
    """What became of a film."""

    fact: ExhibitPrepared | ExhibitUnreadable


@dataclass(frozen=True, slots=True)
class WithdrawExhibit:
    exhibit: str


@dataclass(frozen=True, slots=True)
class ReleaseExhibit:
    exhibit: str


@dataclass(frozen=True, slots=True)
class ShowExhibit:
    exhibit: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class PutAwayExhibit:
    pass


@dataclass(frozen=True, slots=True)
class TurnPage:
    page: int


@dataclass(frozen=True, slots=True)
class MarkExhibit:
    """On the page that is shown; `points` as in rooms.events.ExhibitMarked."""

    shape: MarkShape
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class UnmarkExhibit:
    n: int = 0


@dataclass(frozen=True, slots=True)
class LetShow:
    seat: str


@dataclass(frozen=True, slots=True)
class AskExhibit:
    seat: str
    purpose: Purpose = Purpose.EVIDENCE


@dataclass(frozen=True, slots=True)
class AcceptExhibit:
    exhibit: str


@dataclass(frozen=True, slots=True)
class DisputeExhibit:
    exhibit: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TakeBackAnswer:
    exhibit: str


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
