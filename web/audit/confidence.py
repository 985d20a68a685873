"""What leaves the program about a session leaves without what was said in confidence, as an evidence package does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from journal import Actor, Event
from journal.events import stamp
from recordings.evidence.lines import Line, withheld


def outward(events: Sequence[Event]) -> list[Event]:
    """Of what was confided or offered in vain only type, time and hashes; the chain still holds."""
    told = withheld([_line(event) for event in events])
    return [event if line.salt == event.salt else _without(event) for event, line in zip(events, told, strict=True)]


def _without(event: Event) -> Event:
    return replace(event, data={}, actor=Actor(event.actor.kind, "", ""), salt="")


def _line(event: Event) -> Line:
    actor = (event.actor.kind, event.actor.id, event.actor.name, event.actor.role, event.actor.office)
    data, at = dict(event.data), stamp(event.at)
    return Line(event.stream, event.version, event.type, data, at, actor, event.salt, event.content, event.hash, leaf=0)
