"""The agreement's clauses beside their record: who agreed to each as it stands, and where in the recording that was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rooms.agreement.state import SIDES, Clause
from rooms.session import Session
from rooms.vocabulary import Side
from web.audit.player import Player


@dataclass(frozen=True, slots=True)
class Said:
    """One side's answer. `seconds` into the recording, None where there is none of that moment."""

    side: Side
    seat: str
    agrees: bool
    at: datetime
    version: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Line:
    clause: Clause
    said: tuple[Said, ...]


def clauses(session: Session, film: Player | None) -> list[Line]:
    return [Line(clause, tuple(_said(session, clause, film))) for clause in session.draft.clauses]


def _said(session: Session, clause: Clause, film: Player | None) -> Iterator[Said]:
    for side in SIDES:
        stance = session.draft.stance(session, clause, side)
        if stance is None:
            continue
        seat, answer = stance
        second = None if film is None else film.second(answer.at)
        inside = second is not None and film is not None and 0 <= second < film.seconds
        yield Said(side, seat, answer.agrees, answer.at, answer.version, second if inside else None)
