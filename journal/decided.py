"""Appending what is decided on a stream's history, decided anew when somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from journal.errors import Conflict
from journal.events import Draft, Event, Journal


async def append_decided(
    journal: Journal, stream: str, decide: Callable[[list[Event]], Sequence[Draft]], tries: int = 2
) -> Sequence[Event]:
    """The events, durable; none when nothing was decided. Conflict after so many tries, and what `decide` raises."""
    while True:
        entries = await journal.read(stream)
        drafts = decide(entries)
        try:
            return await journal.append(stream, len(entries), drafts) if drafts else []
        except Conflict:
            tries -= 1
            if tries <= 0:
                raise
