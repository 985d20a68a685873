"""Events, their authors and the protocol of the place they are kept in.

Owns the canonical form of an event: the bytes its hash is taken over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from journal.errors import StreamBroken

Json = Mapping[str, Any]
ActorKind = Literal["officer", "party", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: an officer (id = user id), a party (id = seat id) or the system itself.

    `role` is the officer's or seat's role; `office` the office an officer acts for.
    """

    kind: ActorKind
    id: str
    name: str
    role: str = ""
    office: str = ""


SYSTEM = Actor("system", "system", "云调")


@dataclass(frozen=True, slots=True)
class Draft:
    """An event about to be appended: past-tense type, JSON-plain data, UTC time of occurrence."""

    type: str
    data: Json
    at: datetime
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class Event:
    """An appended event. `version` counts from 1 within its stream; `hash` is lower-case hex SHA-256."""

    stream: str
    version: int
    type: str
    data: Json
    at: datetime
    actor: Actor
    hash: str = field(repr=False)


class Journal(Protocol):
    """Append-only streams of events. `(stream, version)` is unique.

    Stream names are `kind/id`: `session/…`, `complaint/…`, `office/…`, `user/…`.
    """

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        """Append atomically and durably after version `expected` (0: a new stream); Conflict if it moved on."""
        ...

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        """Events of a stream with version > `after`, in order; an unknown stream is empty."""
        ...

    def follow(self, kinds: Iterable[str]) -> AsyncIterator[Event]:
        """Events appended from now on to streams of these kinds, each once, in order within a stream."""
        ...


def stamp(at: datetime) -> str:
    """UTC, ISO 8601, microseconds, `Z`: the one textual form of a time in canonical events."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def chain_hash(previous: str, stream: str, version: int, draft: Draft) -> str:
    """SHA-256 over the predecessor's hash and the event's canonical JSON (sorted keys, no spaces, UTF-8)."""
    actor = draft.actor
    body = {
        "actor": [actor.kind, actor.id, actor.name, actor.role, actor.office],
        "at": stamp(draft.at),
        "data": draft.data,
        "stream": stream,
        "type": draft.type,
        "version": version,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def sealed(stream: str, after: int, previous: str, drafts: Sequence[Draft]) -> list[Event]:
    """Number and chain drafts behind version `after`, whose event has hash `previous` ("" at the start)."""
    events = []
    for version, draft in enumerate(drafts, after + 1):
        previous = chain_hash(previous, stream, version, draft)
        events.append(Event(stream, version, draft.type, draft.data, draft.at, draft.actor, previous))
    return events


def verify(events: Sequence[Event]) -> None:
    """Check a whole stream from its first event; StreamBroken names the first version that does not hold."""
    previous = ""
    for number, event in enumerate(events, 1):
        draft = Draft(event.type, event.data, event.at, event.actor)
        wanted = chain_hash(previous, event.stream, event.version, draft)
        if event.version != number or event.hash != wanted:
            raise StreamBroken(event.stream, event.version)
        previous = event.hash
