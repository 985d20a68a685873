"""Commands and events of the procedure besides accepting and mediating: testing and recusal, ending outside a session,
delegation, competence, the choice of order, dispatch between offices, supervision, leads that go their own way.

What each does is in `complaints.procedure.rules`; which article allows it in `complaints.procedure.transitions`; who
may ask it in `complaints.commands`. Two topics have their commands, events and rules here:

After a settlement, promises kept, waiting, late or broken, and call-backs (Order 121 Art 26; Order 20 Art 22).

Appointments: a mediation moved to another time, and reminded of the day and the hour before. The session says when it
begins (`rooms.joining.invitations`); the complaint follows, and keeps who was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from complaints import BadChoice
from complaints.notices import Addressee

# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class BeginTesting:
    """`chosen`: "agreed" by both, or "designated" by the office, which Order 20 does not know. `payer`: who bears the
    costs as both agreed: "consumer" | "business" | "both", "" while it is not agreed (Order 121 Art 22)."""

    body: str
    chosen: str = "agreed"
    note: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class EndTesting:
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestRecusal:
    """`by`: "consumer" | "business" | "mediator" (who steps back by themselves); `whom`: the mediator's user id."""

    by: str
    whom: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecideRecusal:
    granted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class EndMediation:
    """Outside a session, on a ground of the order that applies."""

    ground: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class DelegateMediation:
    """`agreed`: who of "consumer" and "business" consented."""

    to: str
    agreed: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class EndDelegation:
    reason: str


@dataclass(frozen=True, slots=True)
class RaiseCompetence:
    """`other`: the office it is disputed with, by name: it may be another bureau's."""

    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class SettleCompetence:
    """`how`: "agreed" | "designated" (by the common superior); `ours`: this office handles it."""

    how: str
    ours: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChooseOrder:
    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """From the intake unit to the office `to`. `within`: of the same bureau, which has received it already."""

    to: str
    note: str = ""
    within: bool = False


@dataclass(frozen=True, slots=True)
class ReturnToIntake:
    reason: str


@dataclass(frozen=True, slots=True)
class Supervise:
    """The bureau asks for something to be done."""

    note: str


@dataclass(frozen=True, slots=True)
class SplitReport:
    """The report part of a mixed submission became the lead with this id."""

    lead: str


@dataclass(frozen=True, slots=True)
class NoteLead:
    """A sign of an offence found in mediation became the lead with this id."""

    lead: str


@dataclass(frozen=True, slots=True)
class Assign:
    """`to`: user id of the mediator of the office who is to handle it from now on; `name`: theirs, for the file."""

    to: str
    name: str


ProcedureCommand = (
    BeginTesting
    | EndTesting
    | RequestRecusal
    | DecideRecusal
    | EndMediation
    | DelegateMediation
    | EndDelegation
    | RaiseCompetence
    | SettleCompetence
    | ChooseOrder
    | Dispatch
    | ReturnToIntake
    | Supervise
    | SplitReport
    | NoteLead
    | Assign
)

# ---------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class TestingBegun:
    body: str
    chosen: str
    note: str = ""
    payer: str = ""  # "" also of what was begun before it was asked


@dataclass(frozen=True, slots=True)
class TestingEnded:
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecusalRequested:
    by: str
    whom: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecusalDecided:
    whom: str
    granted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class MediationEnded:
    ground: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class MediationDelegated:
    to: str
    agreed: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class DelegationEnded:
    reason: str


@dataclass(frozen=True, slots=True)
class CompetenceDisputed:
    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompetenceSettled:
    how: str
    ours: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class OrderChosen:
    order: str
    before: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dispatched:
    """`intake` sent it to `to`: office ids. `within`: of the same bureau, so no period begins anew."""

    intake: str
    to: str
    note: str = ""
    within: bool = False


@dataclass(frozen=True, slots=True)
class ReturnedToIntake:
    by: str
    intake: str
    reason: str


@dataclass(frozen=True, slots=True)
class Supervised:
    note: str


@dataclass(frozen=True, slots=True)
class ReportSplit:
    lead: str


@dataclass(frozen=True, slots=True)
class LeadNoted:
    lead: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """A colleague handles it from now on (`complaints.complaint.handlers`)."""

    to: str
    name: str


ProcedureEvent = (
    TestingBegun
    | TestingEnded
    | RecusalRequested
    | RecusalDecided
    | MediationEnded
    | MediationDelegated
    | DelegationEnded
    | CompetenceDisputed
    | CompetenceSettled
    | OrderChosen
    | Dispatched
    | ReturnedToIntake
    | Supervised
    | ReportSplit
    | LeadNoted
    | Assigned
)

WHOM: Final = ("consumer", "business")
SATISFIED: Final = ("yes", "partly", "no")


@dataclass(frozen=True, slots=True)
class TermKept:
    """One promise of a session's settlement was kept. `term` counts its terms from 1."""

    session: str
    term: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class TermKeptTakenBack:
    session: str
    term: int
    reason: str


@dataclass(frozen=True, slots=True)
class CalledBack:
    """`whom` was asked how it went; `satisfied` "" when they were not reached or did not say."""

    whom: str
    reached: bool
    satisfied: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoteTermKept:
    """`last`: nothing else that was promised is still open, so the settlement is performed."""

    session: str
    term: int
    note: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class TakeBackTerm:
    session: str
    term: int
    reason: str


@dataclass(frozen=True, slots=True)
class NoteCallBack:
    """`seen`: how many calls whoever notes it saw noted; the same once more was a second press. None: not known."""

    call: CalledBack
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class TakeBackCall:
    """`ordinal` counts a complaint's call-backs from 1, those taken back too."""

    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallTakenBack:
    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class OfficerCalled:
    """The program called a person on file for an officer and put the two together. `whose`, `what`: as in
    `PhoneRevealed`. `seconds` that they spoke; `cause`: why it ended, rooms.joining.seat_messages.CAUSES."""

    whose: str
    what: str
    reached: bool
    seconds: int
    cause: str


@dataclass(frozen=True, slots=True)
class NoteOfficerCall:
    call: OfficerCalled


AftercareCommand = NoteTermKept | TakeBackTerm | NoteCallBack | TakeBackCall | NoteOfficerCall
AftercareEvent = TermKept | TermKeptTakenBack | CalledBack | CallTakenBack | OfficerCalled


DAY, HOUR = "day", "hour"
BEFORE: Final[Mapping[str, timedelta]] = MappingProxyType({DAY: timedelta(days=1), HOUR: timedelta(hours=1)})
"""How long before its beginning a mediation is reminded of."""


@dataclass(frozen=True, slots=True)
class MediationRescheduled:
    """The session begins at `starts` now. `to`: who was sent a message, by seat."""

    session: str
    starts: datetime
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class MediationReminded:
    """Of the beginning at `starts`; `when`: "day" | "hour" before."""

    session: str
    starts: datetime
    when: str
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class MediationTimeKept:
    """Somebody asked for another time than `starts`, and was told that it stays."""

    session: str
    starts: datetime
    to: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowRescheduled:
    """The session was moved; asked again it changes nothing."""

    rescheduled: MediationRescheduled


@dataclass(frozen=True, slots=True)
class RemindOfMediation:
    reminded: MediationReminded


@dataclass(frozen=True, slots=True)
class TellTimeKept:
    kept: MediationTimeKept


AppointmentCommand = FollowRescheduled | RemindOfMediation | TellTimeKept
AppointmentEvent = MediationRescheduled | MediationReminded | MediationTimeKept


@dataclass(frozen=True, slots=True)
class Appointment:
    """When a session is to begin, since when that is so, and which reminders of it went out."""

    starts: datetime
    since: datetime
    reminded: frozenset[str] = frozenset()


Appointments = Mapping[str, Appointment]
"""By session."""


def decide_appointment(command: AppointmentCommand, known: Appointment | None) -> Sequence[AppointmentEvent]:
    """`known`: of a session that is open; None when it is not, and then nobody waits for it."""
    if known is None:
        return []
    match command:
        case FollowRescheduled(rescheduled=moved):
            return [] if moved.starts == known.starts else [moved]
        case TellTimeKept(kept=one):
            return [one] if one.starts == known.starts and one.to else []
        case RemindOfMediation(reminded=one):
            if one.when not in BEFORE:
                raise BadChoice(field="when")
            return [] if one.starts != known.starts or one.when in known.reminded else [one]


def appointments_after(before: Appointments, event: AppointmentEvent, at: datetime) -> Appointments:
    match event:
        case MediationRescheduled(session=session, starts=starts):
            return {**before, session: Appointment(starts, at)}
        case MediationReminded(session=session, when=when) if session in before:
            known = before[session]
            return {**before, session: replace(known, reminded=known.reminded | {when})}
        case _:
            return before


def next_reminder(starts: datetime, now: datetime) -> datetime:
    """The moment before which no further reminder can be due."""
    return min((moment for ahead in BEFORE.values() if (moment := starts - ahead) > now), default=starts)


def reminder_due(known: Appointment, now: datetime) -> str:
    """The reminder that is due now, "" for none.

    None is sent of a moment that had passed when the time was arranged: whoever was told an hour ago needs no
    reminder. The hour's goes before the day's, which a program that was not running has missed then.
    """
    if now >= known.starts:
        return ""
    for when in (HOUR, DAY):
        moment = known.starts - BEFORE[when]
        if now >= moment:
            return "" if when in known.reminded or known.since > moment else when
    return ""
