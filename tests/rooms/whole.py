"""A view with all its parts, as a browser puts it together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rooms import view as views
from rooms.chat import Chat
from rooms.parts import parts
from rooms.running_times import ClockTimes
from rooms.session import Session
from rooms.timing import Timing
from rooms.view import Extras
from tests.rooms.scene import Scene

NOTHING = Extras()


def view(session: Session, timing: Timing, seat: str, now: datetime, extras: Extras = NOTHING) -> dict[str, Any]:
    """Everything the person in this seat may know at `now`, but for the lines of the chat."""
    times = ClockTimes(
        timing.session_ms,
        timing.phase_ms,
        timing.phases,
        timing.speaker,
        timing.caucus_ms,
        {id: one.spoke_ms for id, one in timing.seats.items()},
    )
    return {**views.view(session, times, seat, extras), **parts(session, seat, extras)}


def lines(scene: Scene, seat: str) -> list[dict[str, Any]]:
    """The chat as the person in this seat may read it."""
    return Chat(scene.history).after(seat, 0) if views.reads_chat(scene.state, seat) else []
