"""A session's journal, told with the segments of a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from media.engine import Segment
from rooms import events as e
from rooms.events import SessionEntry
from rooms.vocabulary import Outcome, OutcomeKind, Phase, Role, Seat, Side

OPENED = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)

SEATS = (
    Seat("m", Role.MEDIATOR, "陈立"),
    Seat("c", Role.CONSUMER, "张女士", Side.CONSUMER),
    Seat("b", Role.BUSINESS, "良缘{网}客服\\N", Side.BUSINESS),
)


def at(seconds: float) -> datetime:
    return OPENED + timedelta(seconds=seconds)


def sealed(seat: str, segment: Segment) -> e.SegmentSealed:
    return e.SegmentSealed(
        seat, segment.path, segment.sha256, segment.size, segment.started, segment.ended,
        segment.width, segment.height, segment.source,
    )  # fmt: skip


def told(events: Iterable[tuple[float, e.SessionEvent]]) -> list[SessionEntry]:
    return [SessionEntry("s1", version, event, at(seconds)) for version, (seconds, event) in enumerate(events, 1)]


def session(segments: Iterable[e.SegmentSealed], seats: tuple[Seat, ...] = SEATS) -> list[SessionEntry]:
    scheduled = e.SessionScheduled("c1", "东高一投〔2026〕7号", "o1", 1, "退款", OPENED, seats, "u1")
    others = [(-3.0, e.Admitted(seat.id)) for seat in seats if seat.role is not Role.MEDIATOR]
    return told(
        [
            (-60.0, scheduled),
            (-5.0, e.SessionOpened()),
            (-5.0, e.PhaseEntered(Phase.OPENING)),
            *others,
            (1.0, e.PhaseEntered(Phase.CONSUMER_STATEMENT)),
            (1.6, e.RecessStarted()),
            (2.0, e.RecessEnded()),
            (60.0, e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED))),
            *((60.0, segment) for segment in segments),
        ]
    )
