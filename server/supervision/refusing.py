"""Refusals of supervision in the words pages know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rooms.supervision.rule import SupervisionError
from web.ports import Refused

_STATUS: Final[Mapping[str, int]] = {"not_allowed": 403, "wrong_state": 409, "unanswered": 409, "nothing_to_undo": 409}


@contextmanager
def said() -> Iterator[None]:
    try:
        yield
    except SupervisionError as no:
        raise Refused(no.code, _STATUS.get(no.code, 422), **no.details) from None
