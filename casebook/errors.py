"""What a case refuses, and why.

CaseError            code             params
├── UnknownCase      not_found
├── NotAllowed       not_allowed                   (not this role's to ask)
├── WrongState       wrong_state      state
├── Missing          missing          field
├── TooLong          too_long         field, most
├── BadChoice        bad_choice       field        (a value outside the lists)
├── BadSpan          bad_span                      (no such place in the text, or it overlaps another)
├── Undecided        case_undecided   count        (places that nobody has looked at yet)
├── OtherText        case_other_text  field        (the text is not the one that was looked at)
├── Residue          case_residue     field, what  (the approved text would still name somebody)
├── SamePerson       case_same_person              (who approved a case does not publish it as well)
├── Unchecked        case_unchecked   items        (of the quality checklist)
├── TooMany          too_many         most
├── InvitationOver   link_expired
└── Busy             busy                          (somebody else kept changing it; ask again)
"""

from __future__ import annotations

from typing import Any


class CaseError(Exception):
    """Base of every refusal. `code` is stable and has a sentence in every language; `params` fill its blanks."""

    code = "case"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code + "".join(f" {name}={value}" for name, value in params.items()))
        self.params: dict[str, Any] = params


class UnknownCase(CaseError):
    """Also said of another office's case that is not published."""

    code = "not_found"


class NotAllowed(CaseError):
    code = "not_allowed"


class WrongState(CaseError):
    code = "wrong_state"


class Missing(CaseError):
    code = "missing"


class TooLong(CaseError):
    code = "too_long"


class BadChoice(CaseError):
    code = "bad_choice"


class BadSpan(CaseError):
    code = "bad_span"


class Undecided(CaseError):
    code = "case_undecided"


class OtherText(CaseError):
    code = "case_other_text"


class Residue(CaseError):
    code = "case_residue"


class SamePerson(CaseError):
    code = "case_same_person"


class Unchecked(CaseError):
    code = "case_unchecked"


class TooMany(CaseError):
    code = "too_many"


class InvitationOver(CaseError):
    code = "link_expired"


class Busy(CaseError):
    code = "busy"
