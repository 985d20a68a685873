"""What somebody can be told no with: the errors of the records by one base, and `Refused`, by which a service says no.

DomainError            code               params
├── NotAllowed         not_allowed                  (not this role's to ask)
├── WrongState         wrong_state        state, or a session's status
├── UnknownSession     unknown_session    session
├── Missing            missing            field
├── TooLong            too_long           field, most
├── TooMany            too_many           most
├── BadChoice          bad_choice         field     (a value outside the lists)
├── SamePerson         same_person                  (who wrote or asked for it does not approve it)
├── GuardianNeeded     guardian_needed              (of a child under 14 nothing is processed before a guardian agreed)
├── Suspended          suspended                    (a request for recusal of the mediator is not decided)
└── Busy               busy                         (somebody else kept changing it; ask again)

What only one kind of record refuses is in `complaints`, `casebook.commands`, `rooms.errors` and with what
raises it. `web.refusals` has the sentences. What nobody is told (a broken stream, a damaged file, a worker that is
gone) is no DomainError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class DomainError(Exception):
    """Base of every refusal. `code` is stable and has a sentence in every language; `params` fill its blanks."""

    code: str = "refused"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code + "".join(f" {name}={value}" for name, value in params.items()))
        self.params: dict[str, Any] = params


class NotAllowed(DomainError):
    code = "not_allowed"


class WrongState(DomainError):
    code = "wrong_state"


class UnknownSession(DomainError):
    code = "unknown_session"


class Missing(DomainError):
    code = "missing"


class TooLong(DomainError):
    code = "too_long"


class TooMany(DomainError):
    code = "too_many"


class BadChoice(DomainError):
    code = "bad_choice"


class SamePerson(DomainError):
    code = "same_person"


class GuardianNeeded(DomainError):
    """PIPL Art 31: of a child under 14 nothing is processed before a guardian has agreed."""

    code = "guardian_needed"


class Suspended(DomainError):
    code = "suspended"


class Busy(DomainError):
    code = "busy"


class Refused(DomainError):
    """A service said no, with a status of HTTP. `params` may have any names: a room's `status` is one."""

    def __init__(self, code: str, status: int = 409, /, **params: Any) -> None:
        self.code, self.status = code, status
        super().__init__(**params)


_STATUS = {
    "not_found": 404,
    Busy.code: 503,
    NotAllowed.code: 403,
    "unchanged": 409,
    "wrong_state": 409,
    "not_owner": 409,
    "same_person": 409,
    "small_cells": 409,
    "suspended": 409,
    "notice_standing": 409,
    "untold": 409,
    "business_unnamed": 409,
    "file_held": 409,
}


@contextmanager
def refusal_of() -> Iterator[None]:
    """What a complaint refuses becomes Refused."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, _STATUS.get(no.code, 400), **no.params) from None


@contextmanager
def room_refusal() -> Iterator[None]:
    """What a session refuses becomes Refused."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, 409, **no.params) from None
