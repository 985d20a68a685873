"""Refusals of complaints and rooms in the words pages know: one place for every desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from journal.refusals import Busy, DomainError, NotAllowed
from offices.refusal import Refused

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
