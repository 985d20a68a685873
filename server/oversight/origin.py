"""Who made an account what it is: the newest event of `officer/<id>` by which somebody else held it in hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from journal import Event

HELD: Final = frozenset({"OfficerAdded", "RoleChanged", "AccountOpened", "PasswordSet", "SecondStepDropped"})


def stream(officer: str) -> str:
    return f"officer/{officer}"


def origin(entries: Iterable[Event]) -> tuple[datetime | None, str]:
    """When, and the account that did it; (None, "") where nothing says."""
    newest = None
    for entry in entries:
        if entry.type in HELD:
            newest = entry
    return (newest.at, newest.actor.id) if newest else (None, "")
