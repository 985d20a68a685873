"""Everything that can be wrong with something asked of supervision. Each has a stable code.

SupervisionError
├── NotYours      this kind of person may not ask it, or it is another's
├── WrongStep     not at this stage
├── BadRule       a number of the rule that cannot be
├── Unexplained   the reason or text is missing, or too long
├── BadAnswer     no such item, answer, severity, finding
├── NoEvidence    a finding points at nothing
├── Unanswered    something is still open: it cannot be handed on or closed
└── NothingToUndo
"""

from __future__ import annotations

from typing import Any, ClassVar


class SupervisionError(Exception):
    code: ClassVar[str] = "supervision"

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details


class NotYours(SupervisionError):
    code = "not_allowed"


class WrongStep(SupervisionError):
    code = "wrong_state"


class BadRule(SupervisionError):
    code = "bad_rule"


class Unexplained(SupervisionError):
    code = "missing"


class BadAnswer(SupervisionError):
    code = "bad_choice"


class NoEvidence(SupervisionError):
    code = "no_evidence"


class Unanswered(SupervisionError):
    code = "unanswered"


class NothingToUndo(SupervisionError):
    code = "nothing_to_undo"
