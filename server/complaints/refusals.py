"""Refusals of complaints and rooms in the words pages know: one place for every desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from complaints.errors import Busy, ComplaintError, NotAllowed, Unchanged, UnknownComplaint
from offices.refusal import Refused
from rooms.errors import RoomError

_STATUS = {
    UnknownComplaint.code: 404,
    Busy.code: 503,
    NotAllowed.code: 403,
    Unchanged.code: 409,
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
    try:
        yield
    except ComplaintError as no:
        raise Refused(no.code, _STATUS.get(no.code, 400), **no.params) from None
    except RoomError as no:
        raise Refused(no.code, 409, **no.params) from None
