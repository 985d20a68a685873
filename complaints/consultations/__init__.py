"""What comes as a complaint or report and is neither: consultations and matters of other bodies (Order 121 Arts 2, 44).

Owns the stream `consultation/<id>`: registered, answered (told the answer, or where to turn) and closed. It has no
statutory clock and is in no figure of complaints; `law.matters` says what kinds there are. `consultation` is the
machine, `service` its one writer.
"""

from __future__ import annotations

from complaints.consultations.consultation import (
    HOW,
    KINDS,
    RIGHTS,
    STATES,
    STREAM,
    TAKEN_BACK,
    AnswerConsultation,
    CloseConsultation,
    Consultation,
    ConsultationAnswered,
    ConsultationClosed,
    ConsultationCommand,
    ConsultationEvent,
    ConsultationRegistered,
    ConsultationTakenBack,
    PersonRevealed,
    RegisterConsultation,
    RevealPerson,
    TakeBackConsultation,
    UndoConsultation,
    decide,
    evolve,
    fold,
    stream,
)
from complaints.consultations.service import ConsultationService

__all__ = [
    "HOW",
    "KINDS",
    "RIGHTS",
    "STATES",
    "STREAM",
    "TAKEN_BACK",
    "AnswerConsultation",
    "CloseConsultation",
    "Consultation",
    "ConsultationAnswered",
    "ConsultationClosed",
    "ConsultationCommand",
    "ConsultationEvent",
    "ConsultationRegistered",
    "ConsultationService",
    "ConsultationTakenBack",
    "PersonRevealed",
    "RegisterConsultation",
    "RevealPerson",
    "TakeBackConsultation",
    "UndoConsultation",
    "decide",
    "evolve",
    "fold",
    "stream",
]
