"""One session as the journal would hold it: points of a matchmaking site, settled, with one broken connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal import SYSTEM, Actor, Draft, Event, sealed
from rooms import events as e
from rooms.events import event_draft
from rooms.vocabulary import Consent, Opening, Outcome, OutcomeKind, Phase, Role, Seat, Side, Term

START = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)  # 10:00 in the office
SESSION = "s1"
MEDIATOR = Seat("seat-m", Role.MEDIATOR, "周敏")
CONSUMER = Seat("seat-c", Role.CONSUMER, "丁小禾", city="黄冈", phone="138****5076")
BUSINESS = Seat("seat-b", Role.BUSINESS, "陈立", organisation="知遇桥公司", city="武汉", phone="139****2210")

OFFICER = Actor("officer", "u1", "周敏", "mediator", "o1")
DING = Actor("party", "seat-c", "丁小禾", "consumer", "o1")
CHEN = Actor("party", "seat-b", "陈立", "business", "o1")

OUTCOME = Outcome(
    OutcomeKind.SETTLED,
    terms=(
        Term(Side.BUSINESS, "退款", Decimal("2000.00"), START + timedelta(days=7), "原路退回"),
        Term(Side.CONSUMER, "不再就此事投诉"),
    ),
    loss_recovered=Decimal("2000.00"),
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def piece(seat: str, start: float, end: float) -> e.SegmentSealed:
    """A file of somebody's recording; minutes."""
    path = f"{SESSION}/{seat}/{at(start):%Y%m%dT%H%M%S}000Z-camera.webm"
    return e.SegmentSealed(seat, path, "cd" * 32, 2_000_000, at(start), at(end), 640, 360)


SEATS = ("seat-m", "seat-c", "seat-b")
EVERYBODY = {seat: tuple(other for other in SEATS if other != seat) for seat in SEATS}


def told() -> list[Draft]:
    """Every step of the story in order; nobody is recorded until all are there."""
    steps: list[tuple[float, e.SessionEvent, Actor]] = [
        (
            -60,
            e.SessionScheduled(
                "c1", "东高一投〔2026〕0917号", "o1", 1, "婚恋积分退款", START, (MEDIATOR, CONSUMER, BUSINESS), "u1"
            ),
            OFFICER,
        ),
        (-59, e.LinkIssued("seat-c", "l1", at(1440)), OFFICER),
        (-59, e.LinkIssued("seat-b", "l2", at(1440)), OFFICER),
        (-13, e.LinkOpened("seat-b", "l2"), CHEN),
        (-12, e.ConsentGiven("seat-b", Consent.PARTICIPATE, "2026-01"), CHEN),
        (-12, e.ConsentGiven("seat-b", Consent.RECORD, "2026-01"), CHEN),
        (-9, e.LinkOpened("seat-c", "l1"), DING),
        (-8, e.ConsentGiven("seat-c", Consent.PARTICIPATE, "2026-01"), DING),
        (-7, e.ConsentGiven("seat-c", Consent.RECORD, "2026-01"), DING),
        (-6, e.IdentityConfirmed("seat-c", "code"), DING),
        (-2, e.Arrived("seat-c"), DING),
        (-1, e.Arrived("seat-b"), CHEN),
        (0, e.Arrived("seat-m"), OFFICER),
        (0, e.Admitted("seat-m"), OFFICER),
        *((0, e.CameraSet(seat, True), SYSTEM) for seat in SEATS),
        (0, e.SessionOpened(), OFFICER),
        (0, e.PhaseEntered(Phase.OPENING), OFFICER),
        (0, e.Routed({}, {}, ()), SYSTEM),
        (0.5, e.Admitted("seat-c"), OFFICER),
        (1, e.Admitted("seat-b"), OFFICER),
        (1, e.Routed(EVERYBODY, EVERYBODY, SEATS), SYSTEM),
        (1, e.RecordingStarted("seat-m"), SYSTEM),
        (1, e.RecordingStarted("seat-c"), SYSTEM),
        (1, e.RecordingStarted("seat-b"), SYSTEM),
        (1.5, e.OpeningCovered(Opening.IDENTITY), OFFICER),
        (6, e.PhaseEntered(Phase.CONSUMER_STATEMENT), OFFICER),
        (7, e.SpeakingStarted("seat-c"), SYSTEM),
        (12, e.SpeakingStopped("seat-c"), SYSTEM),
        (13.2, e.Disconnected("seat-c", "socket"), SYSTEM),
        (13.5, e.Reconnected("seat-c"), DING),
        (15, e.PhaseEntered(Phase.BUSINESS_STATEMENT), OFFICER),
        (16, e.SpeakingStarted("seat-b"), SYSTEM),
        (20, e.SpeakingStopped("seat-b"), SYSTEM),
        (22, e.PhaseEntered(Phase.DISCUSSION), OFFICER),
        (23, e.RecessStarted(), OFFICER),
        (23, e.RecordingStopped("seat-c", "recess"), SYSTEM),
        (23, e.RecordingStopped("seat-b", "recess"), SYSTEM),
        (23, e.RecordingStopped("seat-m", "recess"), SYSTEM),
        (23, e.Routed({}, {}, ()), SYSTEM),
        (28, e.RecessEnded(), OFFICER),
        (28, e.Routed(EVERYBODY, EVERYBODY, SEATS), SYSTEM),
        (28, e.RecordingStarted("seat-c"), SYSTEM),
        (28, e.RecordingStarted("seat-b"), SYSTEM),
        (28, e.RecordingStarted("seat-m"), SYSTEM),
        (31, e.PhaseEntered(Phase.PROPOSAL), OFFICER),
        (38, e.PhaseEntered(Phase.CLOSING), OFFICER),
        (39, e.OutcomeProposed(OUTCOME), OFFICER),
        (40, e.OutcomeSeen("seat-c"), DING),
        (40, e.OutcomeSeen("seat-b"), CHEN),
        (41, e.SessionClosed(OUTCOME), OFFICER),
        *((41, e.RecordingStopped(seat, "closed"), SYSTEM) for seat in SEATS),
        (41, e.Routed({}, {}, ()), SYSTEM),
        (41, piece("seat-m", 1, 23), SYSTEM),
        (41, piece("seat-m", 28, 41), SYSTEM),
        (41, piece("seat-c", 1, 13.1), SYSTEM),
        (41, piece("seat-c", 13.6, 23), SYSTEM),
        (41, piece("seat-c", 28, 41), SYSTEM),
        (41, piece("seat-b", 1, 23), SYSTEM),
        (41, piece("seat-b", 28, 41), SYSTEM),
        (42, e.RecordingComposed("s1/session.mp4", "ab" * 32, 3_000_000, 2_400_000, at(1)), SYSTEM),
    ]
    return [event_draft(fact, at(minutes), actor) for minutes, fact, actor in steps]


def events(drafts: Sequence[Draft] | None = None) -> list[Event]:
    return sealed(f"session/{SESSION}", 0, "", told() if drafts is None else drafts)
