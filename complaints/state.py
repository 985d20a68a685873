"""What a complaint is at a moment: a fold of its stream. Owns the names of its states; who changes it are
`complaints.decisions` and `complaints.complaint`.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from complaints import BadChoice, BadDay, Missing, Rulings, TooLong
from complaints.exchange import NOTHING_EXCHANGED, Exchanged
from complaints.notices import Notice
from complaints.notices.messages import InvitedAnswer, PartyTold, QuestionsAsked, TellingFailed
from complaints.procedure import Appointments, CalledBack
from complaints.record import AttachmentAdded, ComplaintRegistered, PartyRecord
from complaints.record.changes import NO_TRANSFERS, MergedComplaint, RecordAmended, Transfers
from complaints.triage import TriageConfirmed

STREAM = "complaint"
LONGEST = {
    "title": 120,
    "request": 2_000,
    "facts": 20_000,
    "note": 2_000,
    "represented": 2_000,
    "paper": 500,
    "reason": 500,
    "whom": 120,
    "answer": 5_000,
}


class ComplaintState(StrEnum):
    REGISTERED = "registered"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    MEDIATING = "mediating"
    SETTLED = "settled"
    PERFORMING = "performing"
    ENDED = "ended"
    CLOSED = "closed"
    UNDONE = "undone"  # came by an import that was taken back


UNDER_WAY = frozenset({ComplaintState.ACCEPTED, ComplaintState.MEDIATING})
"""Accepted and not decided yet: the mediation clock runs."""


@dataclass(frozen=True, slots=True)
class TestingPeriod:
    """A time of testing or appraisal by `body`; `ended` None while it lasts."""

    body: str
    begun: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class CompetenceDispute:
    """Over who is competent, with the office called `other`; `settled` None while it lasts."""

    other: str
    raised: datetime
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recusal:
    """Asked for and not decided. `whom`: the mediator's user id."""

    whom: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """A fold of the stream. `contacts`: session -> seat -> sealed phone.

    `record` is what is on file now: its `order` and `office` are those that apply today, not those it began with.
    """

    record: ComplaintRegistered
    state: ComplaintState = ComplaintState.REGISTERED
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    end_told: bool = False  # both sides, that mediation has ended
    end_told_at: datetime | None = None
    told: tuple[PartyTold, ...] = ()  # of what was decided, and not taken back
    untaken: tuple[TellingFailed, ...] = ()  # messages that did not leave
    told_as_noted: frozenset[str] = frozenset()  # kinds of notices of which an old journal only says that it is done
    promises_due: datetime | None = None
    kept_due: datetime | None = None  # of promises noted as kept
    closed_from: ComplaintState | None = None
    loss_recovered: Decimal = Decimal("0.00")
    sessions: tuple[str, ...] = ()  # in the order they were scheduled, cancelled ones too
    open_sessions: frozenset[str] = frozenset()
    held: int = 0  # sessions that took place
    held_online: int = 0  # of them, those where both met in a room of ours
    mode: str = ""  # law.orders: of the one that decided it
    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    appointments: Appointments = field(default_factory=dict)  # when its sessions begin
    testing: tuple[TestingPeriod, ...] = ()  # the last may still last
    recusal: Recusal | None = None
    recused: frozenset[str] = frozenset()  # mediators who may not mediate this one
    delegated: str = ""  # the organisation that mediates in our name
    disputes: tuple[CompetenceDispute, ...] = ()  # the last may still last
    intake: str = ""  # the office that dispatched it, where alone it can be returned to
    assigned: str = ""  # user id of the colleague it was last given to, in the office that has it
    report: str = ""  # the lead its report part became
    leads: tuple[str, ...] = ()  # found in its mediation
    amendments: tuple[RecordAmended, ...] = ()
    triaged: TriageConfirmed | None = None
    notices: tuple[Notice, ...] = ()  # as issued
    merged: MergedComplaint | None = None  # the complaint it went into: nothing happens to it here
    took: tuple[MergedComplaint, ...] = ()  # complaints that went into it
    different: frozenset[str] = frozenset()  # ids of complaints that look alike and are another dispute
    withdrawn: bool = False  # by the complainant
    attachments: tuple[AttachmentAdded, ...] = ()  # those not removed
    kept_terms: frozenset[tuple[str, int]] = frozenset()  # session and number of promises noted as kept one by one
    calls: tuple[CalledBack, ...] = ()
    reminded: frozenset[tuple[str, int, str]] = frozenset()  # session, number of the promise, before or after its day
    refused_at: datetime | None = None
    ended_apart: bool = False  # by a step of the office, not by a session or a withdrawal
    undone_calls: frozenset[int] = frozenset()  # of them, counted from 1
    dispatched_at: datetime | None = None  # the last time
    received_anew: datetime | None = None  # by the bureau it was dispatched to
    answers: tuple[InvitedAnswer, ...] = ()  # of the business, in writing
    asked: tuple[QuestionsAsked, ...] = ()  # what each side was asked afterwards
    wishes: dict[str, datetime] = field(default_factory=dict)  # side -> since when it waits to be called
    agreed: str = ""  # version of the text the complainant agreed to when filing it themselves
    news: bool = False  # the complainant is told by message what happens
    language: str = "zh"  # of those messages
    transfers: Transfers = NO_TRANSFERS  # to another bureau, and from one
    exchanged: Exchanged = NOTHING_EXCHANGED  # with the system it came from
    rulings: Rulings = field(default_factory=dict)  # of courts, on agreements

    @property
    def consumer(self) -> PartyRecord:
        return self.record.consumer

    @property
    def business(self) -> PartyRecord:
        return self.record.business

    @property
    def unnamed(self) -> bool:
        """Nobody has said yet whom it is about: its channel did not."""
        return not self.record.business.title

    @property
    def received_here(self) -> datetime:
        """When the bureau that has it received it, from where Order 121 Art 15 counts: dispatched to another one
        (Art 41) its period begins anew, within one it runs on; returned, it is where it was first received."""
        return self.received_anew or self.record.received

    @property
    def settling_first(self) -> bool:
        """The business is trying to settle it just now, before acceptance: as the office noted, or its sender said."""
        prior = self.exchanged.prior
        tried = prior.ended is None if prior is not None else bool(self.record.settle_due)
        return tried and self.state is ComplaintState.REGISTERED

    @property
    def tested(self) -> TestingPeriod | None:
        """The testing that lasts now."""
        return self.testing[-1] if self.testing and self.testing[-1].ended is None else None

    @property
    def disputed(self) -> CompetenceDispute | None:
        """The dispute over competence that lasts now."""
        return self.disputes[-1] if self.disputes and self.disputes[-1].settled is None else None


def stream(complaint: str) -> str:
    """The name of a complaint's stream."""
    return f"{STREAM}/{complaint}"


def filled(name: str, text: str) -> None:
    """Missing when there is nothing in it."""
    if not text.strip():
        raise Missing(field=name)


def short(name: str, text: str) -> None:
    """TooLong when it is longer than this field may be."""
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])


def said(name: str, text: str, longest: str = "") -> None:
    """Missing, or TooLong by the limit of this field or of `longest`."""
    filled(name, text)
    short(longest or name, text)


def among(name: str, value: str, known: Container[str]) -> None:
    """BadChoice."""
    if value not in known:
        raise BadChoice(field=name)


def past(day: date, today: date) -> None:
    """BadDay when it has not come yet."""
    if day > today:
        raise BadDay(field="day")
