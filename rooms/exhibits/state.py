"""The exhibits of a session: what was offered, what of it lies on the table now, who says what to it, who may see it.

A fold of `rooms.exhibits`; whether something may happen is decided in `rooms.exhibits.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from rooms import events as e
from rooms.events import Original, Picture
from rooms.vocabulary import ExhibitKind, MarkShape, Purpose, Side

if TYPE_CHECKING:
    from rooms.events import SessionEntry


@dataclass(frozen=True, slots=True)
class ExhibitAnswer:
    """What one side says to it; `version` is the entry's, so that its second in the recording is found."""

    accepted: bool
    seat: str
    reason: str
    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`n` counts from 1 in the session. `shown`: whether it ever lay on the table."""

    id: str
    n: int
    kind: ExhibitKind
    seat: str
    side: Side | None
    originals: tuple[Original, ...]
    pages: tuple[Picture, ...]
    private: bool
    purpose: Purpose
    term: int
    attachment: str
    at: datetime
    version: int
    title: str = ""
    film: Picture | None = None
    unreadable: str = ""
    withdrawn: bool = False
    shown: bool = False
    answers: Mapping[Side, ExhibitAnswer] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return bool(self.film if self.kind is ExhibitKind.FILM else self.pages)

    @property
    def paths(self) -> tuple[str, ...]:
        """Of all its files, below the recordings."""
        shown = (*self.pages, *([self.film] if self.film else []))
        return (*(original.path for original in self.originals), *(picture.path for picture in shown))


@dataclass(frozen=True, slots=True)
class ExhibitMark:
    n: int
    page: int
    shape: MarkShape
    points: tuple[tuple[int, int], ...]
    seat: str


@dataclass(frozen=True, slots=True)
class Showing:
    """What lies on the table: of everybody (`talk` 0), or of a private talk. `seat` turned the last page."""

    exhibit: str
    page: int
    seat: str
    since: datetime
    talk: int = 0
    side: Side | None = None
    marks: tuple[ExhibitMark, ...] = ()
    marked: int = 0  # marks ever made on it while it lay there


@dataclass(frozen=True, slots=True)
class ExhibitsState:
    """`items` in the order they were offered, `standing` those of them that were not withdrawn; `floor`: the seat that
    may show beside the mediator."""

    items: Mapping[str, Exhibit] = field(default_factory=dict)
    standing: tuple[Exhibit, ...] = ()
    showing: Showing | None = None
    floor: str = ""


def exhibits_after(exhibits: ExhibitsState, event: e.ExhibitEvent, entry: SessionEntry) -> ExhibitsState:
    """Never refuses; what it says of an exhibit whose own entry was erased changes nothing."""
    if isinstance(event, e.ExhibitOffered | e.ExhibitConfided):
        return _with(exhibits, _offered(exhibits, event, entry))
    if isinstance(event, e.ExhibitFloorGiven):
        return replace(exhibits, floor=event.seat)
    if isinstance(event, e.ExhibitAsked):
        return exhibits
    one = exhibits.items.get(event.exhibit)
    if one is None:
        return exhibits
    showing = exhibits.showing
    match event:
        case e.ExhibitTitled(title=title):
            return _with(exhibits, replace(one, title=title))
        case e.ExhibitPrepared(pages=pages, film=film):
            return _with(exhibits, replace(one, pages=pages, film=film, unreadable=""))
        case e.ExhibitUnreadable(cause=cause):
            return _with(exhibits, replace(one, unreadable=cause))
        case e.ExhibitWithdrawn():
            return _with(exhibits, replace(one, withdrawn=True))
        case e.ExhibitReleased():
            return _with(exhibits, replace(one, private=False))
        case e.ExhibitAccepted() | e.ExhibitDisputed():
            reason = event.reason if isinstance(event, e.ExhibitDisputed) else ""
            said = ExhibitAnswer(isinstance(event, e.ExhibitAccepted), event.seat, reason, entry.at, entry.version)
            return _with(exhibits, replace(one, answers={**one.answers, event.side: said}))
        case e.ExhibitAnswerTakenBack(side=side):
            left = {other: said for other, said in one.answers.items() if other is not side}
            return _with(exhibits, replace(one, answers=left))
        case e.ExhibitShown(seat=seat, page=page, talk=talk, side=side):
            showing = Showing(one.id, page, seat, entry.at, talk, side)
            return replace(_with(exhibits, replace(one, shown=True)), showing=showing)
        case e.ExhibitPutAway():
            return replace(exhibits, showing=None)
        case e.ExhibitPageTurned(page=page, seat=seat) if showing is not None:
            return replace(exhibits, showing=replace(showing, page=page, seat=seat))
        case e.ExhibitMarked() if showing is not None:
            mark = ExhibitMark(event.n, event.page, event.shape, event.points, event.seat)
            return replace(exhibits, showing=replace(showing, marks=(*showing.marks, mark), marked=event.n))
        case e.ExhibitUnmarked(n=n) if showing is not None:
            left_over = tuple(mark for mark in showing.marks if n and mark.n != n)
            return replace(exhibits, showing=replace(showing, marks=left_over))
        case e.ExhibitPageTurned() | e.ExhibitMarked() | e.ExhibitUnmarked():
            return exhibits
        case _:
            assert_never(event)


def _offered(exhibits: ExhibitsState, event: e.ExhibitOffered | e.ExhibitConfided, entry: SessionEntry) -> Exhibit:
    before = exhibits.items.get(event.exhibit)
    if before is not None:  # released
        return replace(before, private=False)
    private = isinstance(event, e.ExhibitConfided)
    return Exhibit(
        event.exhibit,
        len(exhibits.items) + 1,
        event.kind,
        event.seat,
        event.side,
        event.originals,
        event.pages,
        private,
        event.purpose,
        event.term,
        event.attachment,
        entry.at,
        entry.version,
        event.title if isinstance(event, e.ExhibitConfided) else "",
    )


def _with(exhibits: ExhibitsState, exhibit: Exhibit) -> ExhibitsState:
    items = {**exhibits.items, exhibit.id: exhibit}
    return replace(exhibits, items=items, standing=tuple(one for one in items.values() if not one.withdrawn))
