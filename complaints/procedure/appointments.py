"""When a complaint's mediations are to begin: moved to another time, and reminded of the day and the hour before.

The session says when it begins (`rooms.joining.invitations`); the complaint follows, and keeps who was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from complaints.errors import BadChoice
from complaints.notices.notice import Addressee

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
class FollowRescheduled:
    """The session was moved; asked again it changes nothing."""

    rescheduled: MediationRescheduled


@dataclass(frozen=True, slots=True)
class RemindOfMediation:
    reminded: MediationReminded


AppointmentCommand = FollowRescheduled | RemindOfMediation
AppointmentEvent = MediationRescheduled | MediationReminded


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
