"""Judicial confirmation of a mediation agreement (司法确认): the period for it, what the application needs, and the
court's ruling.

Both sides apply together within thirty days of the agreement's taking effect, to a basic people's court (Civil
Procedure Law Arts 205 and 206; People's Mediation Law Art 33). The office applies for nobody: it makes the papers
ready, and keeps what the court decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from complaints import BadDay, Missing, TooLong, WrongState

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
    command: ConfirmationCommand, known: Rulings, sessions: Sequence[str], held: int, state: str, today: date
) -> Sequence[ConfirmationEvent]:
    """WrongState where there is nothing to confirm, Missing, TooLong, BadDay. Noted the same once more it changes
    nothing. `held`: sessions that took place."""
    session = command.session if isinstance(command, TakeBackRuling) else _of(command).session
    if session not in sessions or not held:
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


def apply_by(effective: date) -> date:
    """The last day: the day it takes effect is not counted (Civil Procedure Law Art 85)."""
    return effective + PERIOD


def _short(name: str, text: str) -> None:
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])
