"""Appending to the small streams beside a complaint's: leads, consultations, hot spots, warnings, joined names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from complaints.errors import Busy
from complaints.events import drafted
from journal import Actor, Conflict, Draft, Event, Journal, append_decided


async def append(
    journal: Journal,
    stream: str,
    now: Callable[[], datetime],
    actor: Actor,
    decide: Callable[[list[Event]], Sequence[Any]],
) -> None:
    """What is decided of the stream's entries, each a dataclass of plain values; decided anew when somebody was faster.

    Raises what `decide` does, and Busy.
    """

    def drafts(entries: list[Event]) -> list[Draft]:
        at = now()
        return [drafted(event, at, actor) for event in decide(entries)]

    try:
        await append_decided(journal, stream, drafts)
    except Conflict:
        raise Busy from None
