"""What a case refuses, and why.

DomainError          code             params
├── UnknownCase      not_found
├── NotAllowed       not_allowed                   (not this role's to ask)
├── WrongState       wrong_state      state
├── Missing          missing          field
├── TooLong          too_long         field, most
├── BadChoice        bad_choice       field        (a value outside the lists)
├── BadSpan          bad_span                      (no such place in the text, or it overlaps another)
├── Undecided        case_undecided   count        (places that nobody has looked at yet)
├── TextChanged      case_other_text  field        (the text is not the one that was looked at)
├── Residue          case_residue     field, what  (the approved text would still name somebody)
├── OwnApproval      case_same_person              (who approved a case does not publish it as well)
├── Unchecked        case_unchecked   items        (of the quality checklist)
├── TooMany          too_many         most
├── InvitationOver   link_expired
└── Busy             busy                          (somebody else kept changing it; ask again)
"""

from __future__ import annotations

from journal.refusals import (
    BadChoice as BadChoice,
    Busy as Busy,
    DomainError as DomainError,
    Missing as Missing,
    NotAllowed as NotAllowed,
    TooLong as TooLong,
    TooMany as TooMany,
    WrongState as WrongState,
)


class UnknownCase(DomainError):
    """Also said of another office's case that is not published."""

    code = "not_found"


class BadSpan(DomainError):
    code = "bad_span"


class Undecided(DomainError):
    code = "case_undecided"


class TextChanged(DomainError):
    code = "case_other_text"


class Residue(DomainError):
    code = "case_residue"


class OwnApproval(DomainError):
    code = "case_same_person"


class Unchecked(DomainError):
    code = "case_unchecked"


class InvitationOver(DomainError):
    code = "link_expired"
