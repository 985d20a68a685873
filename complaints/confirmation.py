"""Judicial confirmation of a mediation agreement (司法确认): the period for it, what the application needs, and the
court's ruling.

Both sides apply together within thirty days of the agreement's taking effect, to a basic people's court (Civil
Procedure Law Arts 205 and 206; People's Mediation Law Art 33). The office applies for nobody: it makes the papers
ready, and keeps what the court decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from complaints import BadDay, Missing, TooLong, WrongState
from law import WorkingCalendar

PERIOD: Final = timedelta(days=30)
LONGEST: Final = {"court": 120, "number": 80, "note": 500, "reason": 500}


@dataclass(frozen=True, slots=True)
class ConfirmationPrepared:
    """The papers for the court were handed out: application, agreement and evidence of `session`. `sha256`: of the
    archive. `evidence`: an evidence package is in it."""

    session: str
    court: str
    sha256: str
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class RulingNoted:
    """What `court` ruled on the `session`'s agreement on `day`, under its `number`. `attachment`: the ruling itself
    among the complaint's files. A ruling noted again takes the place of the one before."""

    session: str
    court: str
    number: str
    day: date
    upheld: bool
    attachment: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RulingTakenBack:
    """It was noted by mistake."""

    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrepareConfirmation:
    prepared: ConfirmationPrepared


@dataclass(frozen=True, slots=True)
class NoteRuling:
    noted: RulingNoted


@dataclass(frozen=True, slots=True)
class TakeBackRuling:
    session: str
    reason: str


ConfirmationCommand = PrepareConfirmation | NoteRuling | TakeBackRuling
ConfirmationEvent = ConfirmationPrepared | RulingNoted | RulingTakenBack
Rulings = Mapping[str, RulingNoted]
"""By session."""


def decide_confirmation(
    command: ConfirmationCommand, known: Rulings, sessions: Sequence[str], state: str, today: date
) -> Sequence[ConfirmationEvent]:
    """WrongState of a session that is none of its own, Missing, TooLong, BadDay. Noted the same once more it changes
    nothing. That the session has an agreement is for the caller to know."""
    session = command.session if isinstance(command, TakeBackRuling) else _of(command).session
    if session not in sessions:
        raise WrongState(state=state)
    match command:
        case PrepareConfirmation(prepared):
            _short("court", prepared.court)
            return [prepared]
        case NoteRuling(noted):
            for name in ("court", "number", "attachment"):
                if not getattr(noted, name).strip():
                    raise Missing(field=name)
            for name in ("court", "number", "note"):
                _short(name, getattr(noted, name))
            if noted.day > today:
                raise BadDay(field="day")
            return [] if known.get(session) == noted else [noted]
        case TakeBackRuling(reason=reason):
            if not reason.strip():
                raise Missing(field="reason")
            _short("reason", reason)
            if session not in known:
                raise WrongState(state=state)
            return [RulingTakenBack(session, reason.strip())]


def _of(command: PrepareConfirmation | NoteRuling) -> ConfirmationPrepared | RulingNoted:
    return command.prepared if isinstance(command, PrepareConfirmation) else command.noted


def rulings_after(known: Rulings, event: ConfirmationEvent) -> Rulings:
    match event:
        case RulingNoted(session=session):
            return {**known, session: event}
        case RulingTakenBack(session=session):
            return {of: ruling for of, ruling in known.items() if of != session}
        case ConfirmationPrepared():
            return known


def apply_by(effective: date, calendar: WorkingCalendar) -> date:
    """The last day: the day it takes effect is not counted, and a period that would end on a day of rest ends on the
    first working day after it (Civil Procedure Law Art 85)."""
    day = effective + PERIOD
    while not calendar.worked(day):
        day += timedelta(days=1)
    return day


def _short(name: str, text: str) -> None:
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])


# ---------------------------------------------------------------- as the page has it


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """Of a session's agreement under seal. `effective`: when it took effect; `by`: the last day to apply; `missing`:
    what the papers do not have (`MISSING`). `evidence`: an evidence package is ready to go with them."""

    session: str
    number: str  # of the agreement
    effective: date
    by: date
    left: int  # days; negative once it is over
    missing: Sequence[str] = ()
    evidence: bool = False
    prepared: Sequence[tuple[datetime, str, str]] = ()  # when, who, which court
    ruling: RulingNoted | None = None
    ruling_name: str = ""  # of its file


MISSING: Final = ("identity", "birth", "head", "address", "evidence", "over")
"""What an office need not have of the applicants and they write in by hand; no evidence package; the period is over."""
