"""What a lead is at a moment: a fold of its stream."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from complaints import UnknownAttachment, UnknownComplaint
from complaints.complaint import local_day
from complaints.events import typed
from complaints.leads.events import (
    FILED,
    KINDS,
    MEDIATION,
    OF_DECISION,
    REPORT,
    ActionNoted,
    InformantMessaged,
    InformantMessageLost,
    InformantRevealed,
    InformantTold,
    InformantWithdrew,
    JoinedIntoReport,
    JoinTakenBack,
    LeadAssigned,
    LeadCompetenceDisputed,
    LeadCompetenceSettled,
    LeadDecided,
    LeadEvent,
    LeadFileArchived,
    LeadHeld,
    LeadHoldLifted,
    LeadNoteTakenBack,
    LeadOpened,
    LeadReferred,
    LeadTestingBegun,
    LeadTestingEnded,
    LeadWithdrawn,
    RecordAttached,
    RecordDetached,
    ReportEvent,
    ReportJoined,
    ReportSeparated,
    ReportSupplemented,
    VerificationExtended,
)
from complaints.record import AttachmentAdded, AttachmentRemoved, AttachmentTaken
from journal import Event
from law import Deadline, Pause, StatutoryOrder, WorkingCalendar, competence_by, order_named, tell_filing_by, verify_by

STREAM = "lead"


@dataclass(frozen=True, slots=True)
class LeadTesting:
    """`ended` None: it lasts."""

    begun: LeadTestingBegun
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class LeadCompetenceDispute:
    raised: LeadCompetenceDisputed
    settled: LeadCompetenceSettled | None = None


@dataclass(frozen=True, slots=True)
class LeadJoin:
    """`extended`: whether the period was, before this one began it anew."""

    joined: ReportJoined
    extended: bool


@dataclass(frozen=True, slots=True)
class Lead:
    """`actions` and `told` in the order they were noted; the `undone_…` of them are counted from 1 and stand no more.

    `owner` is a user id, "" while nobody has taken it. `hold`: why it is held, "" when it is not. `archived`: of
    files, path to store.
    """

    opened: LeadOpened
    extended: bool = False
    outcome: str = ""  # "" while it is being verified
    outcome_note: str = ""
    decided_at: datetime | None = None
    owner: str = ""
    owner_name: str = ""
    withdrawn: bool = False
    records: tuple[str, ...] = ()
    files: tuple[AttachmentAdded, ...] = ()
    actions: tuple[ActionNoted, ...] = ()
    undone_actions: frozenset[int] = frozenset()
    told: tuple[InformantTold, ...] = ()
    undone_told: frozenset[int] = frozenset()
    messaged: tuple[InformantMessaged, ...] = ()  # but those about a decision that was taken back
    lost: tuple[InformantMessageLost, ...] = ()
    hold: str = ""
    archived: Mapping[str, str] = field(default_factory=dict)
    decision: LeadDecided | None = None
    testing: tuple[LeadTesting, ...] = ()
    disputes: tuple[LeadCompetenceDispute, ...] = ()
    joins: tuple[LeadJoin, ...] = ()  # reports joined to this one
    joined_into: JoinedIntoReport | None = None
    supplements: tuple[ReportSupplemented, ...] = ()
    withdrew: InformantWithdrew | None = None
    referrals: tuple[LeadReferred, ...] = ()
    undone_referrals: frozenset[int] = frozenset()

    @property
    def state(self) -> str:
        """ "open" | "decided" | "joined" | "withdrawn"."""
        if self.withdrawn:
            return "withdrawn"
        if self.joined_into is not None:
            return "joined"
        return "decided" if self.outcome else "open"

    @property
    def report(self) -> bool:
        return self.opened.origin == REPORT

    @property
    def reported(self) -> bool:
        """Somebody reported it whose name or number is behind the wall."""
        return bool(self.opened.informant or self.opened.phone)

    @property
    def real_name(self) -> bool:
        """Reported by name. What was split off a complaint was: a complaint is made by name (Art 10)."""
        record = self.opened.report
        return record.real_name if record is not None else bool(self.report and self.opened.informant)

    @property
    def order(self) -> StatutoryOrder:
        return order_named(self.opened.order)

    @property
    def tested(self) -> LeadTesting | None:
        """The testing that lasts."""
        return self.testing[-1] if self.testing and self.testing[-1].ended is None else None

    @property
    def disputed(self) -> LeadCompetenceDispute | None:
        """The dispute over competence that is not settled."""
        return self.disputes[-1] if self.disputes and self.disputes[-1].settled is None else None

    @property
    def counted_from(self) -> datetime:
        """When the last report was received that the period counts from (Order 121 Art 35)."""
        return max((self.opened.found, *(one.joined.received for one in self.joins if one.joined.how == "facts")))

    @property
    def newest_content(self) -> str:
        """What its source said last."""
        return self.supplements[-1].content if self.supplements else self.opened.content

    @property
    def standing_referrals(self) -> tuple[tuple[int, LeadReferred], ...]:
        return tuple((n, one) for n, one in enumerate(self.referrals, 1) if n not in self.undone_referrals)

    @property
    def owed(self) -> tuple[str, ...]:
        """What a law says the informant is told or given, and nothing says they were."""
        told = {one.what for _, one in self.standing_told}
        return tuple(one for one in (self.decision.owed if self.decision else ()) if one not in told)

    @property
    def standing_actions(self) -> tuple[tuple[int, ActionNoted], ...]:
        return tuple((n, one) for n, one in enumerate(self.actions, 1) if n not in self.undone_actions)

    @property
    def standing_told(self) -> tuple[tuple[int, InformantTold], ...]:
        return tuple((n, one) for n, one in enumerate(self.told, 1) if n not in self.undone_told)

    @property
    def on_their_way(self) -> Sequence[InformantMessaged]:
        """Messages to who reported that nobody has heard of yet."""
        over = {one.message for one in self.told} | {one.message for one in self.lost}
        return tuple(one for one in self.messaged if one.message not in over)

    @property
    def undelivered(self) -> Sequence[InformantMessageLost]:
        """Messages that did not leave, about what they were not told since, nor are being sent once more."""
        known = {one.what for _, one in self.standing_told} | {one.what for one in self.on_their_way}
        newest = {one.what: one for one in self.lost}
        return tuple(one for what, one in newest.items() if what not in known)

    @property
    def acted(self) -> date | None:
        """The first day something was done about it."""
        return min((one.day for _, one in self.standing_actions), default=None)

    def file(self, which: str) -> AttachmentAdded:
        """UnknownAttachment when there is none, or no more."""
        for one in self.files:
            if one.attachment == which:
                return one
        raise UnknownAttachment

    def deadline(self, zone: str, calendar: WorkingCalendar) -> Deadline:
        """What mediation did not find follows the penalty procedure, as a report does."""
        elsewhere = self.opened.origin != MEDIATION
        pauses = [Pause(one.begun.day, one.ended) for one in self.testing]
        start = local_day(self.counted_from, zone)
        return verify_by(start, self.order, calendar, elsewhere, self.extended, pauses)

    def tell_filing(self, zone: str, calendar: WorkingCalendar) -> Deadline | None:
        """By when who reported by name is told whether a case is filed, until that is noted (Order 20 Art 31)."""
        decided = self.decided_at
        if not self.report or not self.real_name or decided is None or self.outcome not in FILED:
            return None
        if any(one.what == "decision" for _, one in self.standing_told):
            return None
        return tell_filing_by(local_day(decided, zone), self.order, calendar)

    def clocks(self, zone: str, calendar: WorkingCalendar) -> Sequence[Deadline]:
        """Those somebody must heed now; one that stands still among them."""
        if self.state == "open":
            found = [self.deadline(zone, calendar)]
            if self.disputed is not None:
                found.append(competence_by(self.disputed.raised.day, self.order, calendar))
            return found
        telling = self.tell_filing(zone, calendar) if self.state == "decided" else None
        return [] if telling is None else [telling]


def evolve(lead: Lead | None, event: LeadEvent, at: datetime | None = None) -> Lead:
    """`at`: of the event, as the journal has it."""
    if isinstance(event, LeadOpened):
        return Lead(event, records=event.records)
    if lead is None:
        raise UnknownComplaint
    match event:
        case VerificationExtended():
            return replace(lead, extended=True)
        case LeadAssigned(owner=owner, name=name):
            return replace(lead, owner=owner, owner_name=name)
        case RecordAttached(complaint=complaint):
            return replace(lead, records=(*lead.records, complaint))
        case RecordDetached(complaint=complaint):
            return replace(lead, records=tuple(one for one in lead.records if one != complaint))
        case ActionNoted():
            return replace(lead, actions=(*lead.actions, event))
        case InformantTold():
            return replace(lead, told=(*lead.told, event))
        case InformantMessaged():
            return replace(lead, messaged=(*lead.messaged, event))
        case InformantMessageLost():
            return replace(lead, lost=(*lead.lost, event))
        case LeadDecided(outcome=outcome, note=note):
            return replace(lead, outcome=outcome, outcome_note=note, decided_at=at, decision=event)
        case LeadWithdrawn():
            return replace(lead, withdrawn=True)
        case LeadNoteTakenBack():
            return _taken_back(lead, event)
        case AttachmentAdded():
            return replace(lead, files=(*lead.files, event))
        case AttachmentRemoved(attachment=which):
            return replace(lead, files=tuple(one for one in lead.files if one.attachment != which))
        case LeadHeld(reason=reason):
            return replace(lead, hold=reason)
        case LeadHoldLifted():
            return replace(lead, hold="")
        case LeadFileArchived(path=path, store=store):
            return replace(lead, archived={**lead.archived, path: store})
        case AttachmentTaken() | InformantRevealed():
            return lead
        case _:
            return _reported(lead, event)


def _reported(lead: Lead, event: ReportEvent) -> Lead:
    match event:
        case LeadTestingBegun():
            return replace(lead, testing=(*lead.testing, LeadTesting(event)))
        case LeadTestingEnded(day=day):
            return replace(lead, testing=(*lead.testing[:-1], replace(lead.testing[-1], ended=day)))
        case LeadCompetenceDisputed():
            return replace(lead, disputes=(*lead.disputes, LeadCompetenceDispute(event)))
        case LeadCompetenceSettled():
            return replace(lead, disputes=(*lead.disputes[:-1], replace(lead.disputes[-1], settled=event)))
        case ReportJoined(how=how):
            joined = replace(lead, joins=(*lead.joins, LeadJoin(event, lead.extended)))
            return replace(joined, extended=False) if how == "facts" else joined  # the period begins anew
        case JoinTakenBack(lead=which):
            gone = next(one for one in lead.joins if one.joined.lead == which)
            left = replace(lead, joins=tuple(one for one in lead.joins if one is not gone))
            return replace(left, extended=lead.extended or gone.extended) if gone.joined.how == "facts" else left
        case JoinedIntoReport():
            return replace(lead, joined_into=event)
        case ReportSeparated():
            return replace(lead, joined_into=None)
        case ReportSupplemented():
            return replace(lead, supplements=(*lead.supplements, event))
        case InformantWithdrew():
            return replace(lead, withdrew=event)
        case LeadReferred():
            return replace(lead, referrals=(*lead.referrals, event))
        case _:
            assert_never(event)


def _taken_back(lead: Lead, event: LeadNoteTakenBack) -> Lead:
    match event.what:
        case "decision":
            # Nobody was told of the next one: what told of this one tells of nothing that stands.
            told = {n for n, one in enumerate(lead.told, 1) if one.what in OF_DECISION}
            return replace(
                lead,
                outcome="",
                outcome_note="",
                decided_at=None,
                decision=None,
                undone_told=lead.undone_told | told,
                messaged=tuple(one for one in lead.messaged if one.what not in OF_DECISION),
                lost=tuple(one for one in lead.lost if one.what not in OF_DECISION),
            )
        case "withdrawal":
            return replace(lead, withdrawn=False)
        case "action":
            return replace(lead, undone_actions=lead.undone_actions | {event.ordinal})
        case "referral":
            return replace(lead, undone_referrals=lead.undone_referrals | {event.ordinal})
        case "withdrew":
            return replace(lead, withdrew=None)
        case "testing":
            return replace(lead, testing=lead.testing[:-1])
        case "dispute":
            return replace(lead, disputes=lead.disputes[:-1])
        case _:
            return replace(lead, undone_told=lead.undone_told | {event.ordinal})


def fold(entries: Iterable[Event]) -> Lead | None:
    lead: Lead | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            lead = evolve(lead, typed(kind, entry.data), entry.at)
    return lead


def stream(lead: str) -> str:
    return f"{STREAM}/{lead}"


def of_report(complaint: str) -> str:
    """The id of a complaint's report part: asked twice, it is the same one."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"complaint/{complaint}/report").hex
