"""A typical case on the table: which one the room looks at. Parties see none before the mediator shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from rooms import commands as c, events as e
from rooms.codec import Happened, plain
from rooms.errors import BadValue
from rooms.events import SessionEvent
from rooms.moments import moment

if TYPE_CHECKING:
    from rooms.session import Session


@dataclass(frozen=True, slots=True)
class ShownCase:
    """What lies on the table, since when."""

    leaf: e.TypicalLeaf
    at: datetime


async def none_at_hand(_session: Session, _case: str) -> e.TypicalLeaf | None:
    """Where there is no casebook."""
    return None


def decided(command: c.TypicalCommand, shown: ShownCase | None) -> list[SessionEvent]:
    match command:
        case c.ShowTypical(leaf=None):
            raise BadValue(field="case")
        case c.ShowTypical(leaf=found):
            assert found is not None
            return [] if shown is not None and shown.leaf == found else [e.TypicalShown(found)]
        case c.PutTypicalAway():
            return [] if shown is None else [e.TypicalPutAway()]
        case _:
            assert_never(command)


def after(event: e.TypicalEvent, entry: Happened) -> ShownCase | None:
    match event:
        case e.TypicalShown(leaf=found):
            return ShownCase(found, entry.at)
        case e.TypicalPutAway():
            return None
        case _:
            assert_never(event)


def view(shown: ShownCase | None) -> dict[str, Any] | None:
    return None if shown is None else {**plain(shown.leaf), "at": moment(shown.at)}
