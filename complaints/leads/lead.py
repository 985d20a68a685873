"""What a lead is at a moment: a fold of its stream."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from complaints.attachments import AttachmentAdded, AttachmentRemoved, AttachmentTaken
from complaints.clocks import local_day
from complaints.errors import UnknownAttachment, UnknownComplaint
from complaints.events import typed
from complaints.leads.events import (
    KINDS,
    MEDIATION,
    ActionNoted,
    InformantRevealed,
    InformantTold,
    LeadAssigned,
    LeadDecided,
    LeadEvent,
    LeadFileArchived,
    LeadHeld,
    LeadHoldLifted,
    LeadNoteTakenBack,
    LeadOpened,
    LeadWithdrawn,
    RecordAttached,
    RecordDetached,
    VerificationExtended,
)
from journal import Event
from law import Deadline, WorkingCalendar, order_named, verify_by

STREAM = "lead"


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
    hold: str = ""
    archived: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        if self.withdrawn:
            return "withdrawn"
        return "decided" if self.outcome else "open"

    @property
    def reported(self) -> bool:
        """Somebody reported it: a person's name is behind the wall."""
        return bool(self.opened.informant)

    @property
    def standing_actions(self) -> tuple[tuple[int, ActionNoted], ...]:
        return tuple((n, one) for n, one in enumerate(self.actions, 1) if n not in self.undone_actions)

    @property
    def standing_told(self) -> tuple[tuple[int, InformantTold], ...]:
        return tuple((n, one) for n, one in enumerate(self.told, 1) if n not in self.undone_told)

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
        found, elsewhere = self.opened, self.opened.origin != MEDIATION
        return verify_by(local_day(found.found, zone), order_named(found.order), calendar, elsewhere, self.extended)


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
        case LeadDecided(outcome=outcome, note=note):
            return replace(lead, outcome=outcome, outcome_note=note, decided_at=at)
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
            assert_never(event)


def _taken_back(lead: Lead, event: LeadNoteTakenBack) -> Lead:
    match event.what:
        case "decision":
            return replace(lead, outcome="", outcome_note="", decided_at=None)
        case "withdrawal":
            return replace(lead, withdrawn=False)
        case "action":
            return replace(lead, undone_actions=lead.undone_actions | {event.ordinal})
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
