"""A lead: the report part of a mixed submission, or a sign of an offence found in mediation, on its way to a decision.

Owns the stream `lead/<id>`, which is walled off from the complaint: the complaint's file names only the lead's id,
and who reported what stands here alone (Order 121 Art 37). It is verified within 15 working days, once as many again
with approval (Art 27; a report: Art 35), whatever becomes of the mediation.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import assert_never, get_args

from complaints.clocks import local_day
from complaints.errors import BadChoice, Busy, NotAllowed, UnknownComplaint, WrongState
from complaints.events import plain, typed
from complaints.rights import INSPECTOR, MEDIATOR, SUPERVISOR, standing
from complaints.state import filled, short
from journal import Actor, Conflict, Draft, Event, Journal
from law import Deadline, WorkingCalendar, order_named, verify_by

STREAM = "lead"
REPORT, MEDIATION = "report", "mediation"
OUTCOMES = ("case", "no_case", "moved")  # a case is opened; none; handed to whom it concerns


@dataclass(frozen=True, slots=True)
class LeadOpened:
    """`found`: when the report was received, or the sign found. `informant` is "" when nobody reported it."""

    office: str
    complaint: str
    number: str  # the complaint's
    origin: str
    found: datetime
    order: str
    title: str
    content: str
    about: str  # whom it is about
    informant: str = ""
    phone: str = ""  # sealed
    phone_masked: str = ""


@dataclass(frozen=True, slots=True)
class VerificationExtended:
    reason: str


@dataclass(frozen=True, slots=True)
class LeadDecided:
    outcome: str
    note: str = ""


LeadEvent = LeadOpened | VerificationExtended | LeadDecided
KINDS: Mapping[str, type[LeadEvent]] = {kind.__name__: kind for kind in get_args(LeadEvent)}


@dataclass(frozen=True, slots=True)
class OpenLead:
    lead: LeadOpened


@dataclass(frozen=True, slots=True)
class ExtendVerification:
    reason: str


@dataclass(frozen=True, slots=True)
class DecideLead:
    outcome: str
    note: str = ""


LeadCommand = OpenLead | ExtendVerification | DecideLead
RIGHTS: Mapping[type[LeadCommand], frozenset[str]] = {
    OpenLead: frozenset({MEDIATOR}),
    ExtendVerification: frozenset({SUPERVISOR}),  # the bureau's approval
    DecideLead: frozenset({INSPECTOR}),
}


@dataclass(frozen=True, slots=True)
class Lead:
    opened: LeadOpened
    extended: bool = False
    outcome: str = ""  # "" while it is being verified

    @property
    def state(self) -> str:
        return "decided" if self.outcome else "open"

    def deadline(self, zone: str, calendar: WorkingCalendar) -> Deadline:
        found = self.opened
        return verify_by(
            local_day(found.found, zone), order_named(found.order), calendar, found.origin == REPORT, self.extended
        )


def evolve(lead: Lead | None, event: LeadEvent) -> Lead:
    if isinstance(event, LeadOpened):
        return Lead(event)
    if lead is None:
        raise UnknownComplaint
    match event:
        case VerificationExtended():
            return Lead(lead.opened, True, lead.outcome)
        case LeadDecided(outcome=outcome):
            return Lead(lead.opened, lead.extended, outcome)
        case _:
            assert_never(event)


def decide(command: LeadCommand, lead: Lead | None, actor: Actor) -> Sequence[LeadEvent]:
    """ComplaintError says why not. Empty: already so."""
    if standing(actor) not in RIGHTS[type(command)]:
        raise NotAllowed
    if isinstance(command, OpenLead):
        filled("title", command.lead.title)
        short("title", command.lead.title)
        filled("facts", command.lead.content)
        short("facts", command.lead.content)
        if command.lead.origin not in (REPORT, MEDIATION):
            raise BadChoice(field="origin")
        return [] if lead is not None else [command.lead]
    if lead is None:
        raise UnknownComplaint
    if lead.outcome:
        raise WrongState(state=lead.state)
    match command:
        case ExtendVerification(reason):
            filled("reason", reason)
            short("reason", reason)
            if lead.extended:  # once only
                raise WrongState(state=lead.state)
            return [VerificationExtended(reason.strip())]
        case DecideLead(outcome, note):
            short("note", note)
            if outcome not in OUTCOMES:
                raise BadChoice(field="outcome")
            return [LeadDecided(outcome, note.strip())]
        case _:
            assert_never(command)


def fold(entries: Iterable[Event]) -> Lead | None:
    lead: Lead | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            lead = evolve(lead, typed(kind, entry.data))
    return lead


def stream(lead: str) -> str:
    return f"{STREAM}/{lead}"


def of_report(complaint: str) -> str:
    """The id of a complaint's report part: asked twice, it is the same one."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"complaint/{complaint}/report").hex


class LeadService:
    """The one writer of lead streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def state(self, lead: str) -> Lead:
        folded = fold(await self._journal.read(stream(lead)))
        if folded is None:
            raise UnknownComplaint
        return folded

    async def submit(self, lead: str, command: LeadCommand, actor: Actor) -> None:
        for _ in range(2):
            entries = await self._journal.read(stream(lead))
            at = self._now()
            drafts = [
                Draft(type(event).__name__, {f.name: plain(getattr(event, f.name)) for f in fields(event)}, at, actor)
                for event in decide(command, fold(entries), actor)
            ]
            try:
                if drafts:
                    await self._journal.append(stream(lead), len(entries), drafts)
            except Conflict:
                continue
            return
        raise Busy
