"""The shared kernel: what happened, who did it, when; append-only streams with a hash chain.

Owns the vocabulary every other package speaks: events, their authors, the protocol of the place they are kept in, a
journal in memory, and appending what was decided. Over all streams there is a tree (`journal.merkle`). Standard library
only, but for `journal.notes`.

Owns the canonical form of an event: the bytes its two hashes are taken over. `content` commits to who did it and the
data, under a random salt; `hash` chains `content`, and what is no secret, to the event before. So salt, data and
name can be erased later and everything still verifies: without the salt nobody can try out what the content may have
been.

JournalError
├── Conflict       somebody appended first; reload and decide again
├── StreamBroken   a stream's hash chain does not hold
└── NoteBroken     a signed note or a key is not one, or its signature does not hold
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final, Literal, Protocol
from weakref import WeakSet

from journal.refusals import Busy


class JournalError(Exception):
    """Base of every journal fault; `code` is stable."""

    code = "journal"


class Conflict(JournalError):
    """The stream is no longer at the version the writer expected."""

    code = "conflict"

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual


class NotOurs(JournalError):
    """Another process appends to this stream now."""

    code = "not_ours"

    def __init__(self, stream: str) -> None:
        super().__init__(f"{stream} is another process's to append to")
        self.stream = stream


class StreamBroken(JournalError):
    """An event's hash does not follow from its content and its predecessor."""

    code = "stream_broken"

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"{stream} does not verify at version {version}")
        self.stream, self.version = stream, version


class NoteBroken(JournalError):
    """`other_key`: it may be a good note, but not of the key it was asked about."""

    code = "note_broken"

    def __init__(self, what: str, other_key: bool = False) -> None:
        super().__init__(what)
        self.other_key = other_key


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

ERASED = "ContentErased"
"""Type of the event that accounts for erasures in its own stream. Data: {"versions": [int…], "reason": str}."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event about to be appended: past-tense type, JSON-plain data, UTC time of occurrence."""

    type: str
    data: Json
    at: datetime
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class Event:
    """An appended event. `version` counts from 1 within its stream; `salt` is 32 hex characters.

    `content` and `hash` are lower-case hex SHA-256. Of an erased event salt and the actor's name are "", data is {}.
    """

    stream: str
    version: int
    type: str
    data: Json
    at: datetime
    actor: Actor
    salt: str = field(repr=False)
    content: str = field(repr=False)
    hash: str = field(repr=False)

    @property
    def erased(self) -> bool:
        return not self.salt


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

    async def last(self, stream: str) -> int:
        """The version of its newest event; 0 of an unknown stream."""
        ...

    def follow(self, kinds: Iterable[str]) -> AsyncIterator[Event]:
        """Events appended from now on to streams of these kinds, each once, in order within a stream."""
        ...


class WrittenData(Mapping[str, Any]):
    """Data of which the canonical form is known: it is hashed and kept as `text`, and parsed when somebody reads it.

    `told`: the fields that are read of every one of a million events, which need not be parsed for them.
    """

    def __init__(self, text: str, told: Mapping[str, Any] | None = None) -> None:
        """`text`: in canonical form."""
        self.text, self._told, self._parsed = text, told or {}, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        return self._told[name] if name in self._told else self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        if not self._parsed:
            self._parsed = json.loads(self.text)
        return self._parsed


def stamp(at: datetime) -> str:
    """UTC, ISO 8601, microseconds, `Z`: the one textual form of a time in canonical events."""
    return _stamped(at if at.tzinfo is UTC else at.astimezone(UTC))


@lru_cache(maxsize=256)  # an import asks it of one moment for every complaint
def _stamped(at: datetime) -> str:
    if at.year < 1000:  # strftime does not fill it up, and what was hashed is for good
        return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{at.isoformat(timespec='microseconds')[:26]}Z"


def fresh_salt() -> str:
    return secrets.token_hex(16)


def fresh_salts(count: int) -> list[str]:
    """So many, from one question to the system."""
    drawn = secrets.token_hex(16 * count)
    return [drawn[at : at + 32] for at in range(0, len(drawn), 32)]


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, nothing ASCII-escaped, no NaN; numbers as Python writes them."""
    return value.text if type(value) is WrittenData else _encode(value)


def content_hash(salt: str, actor: Actor, data: Json) -> str:
    """What an event commits to beside its place, type and time: `{"actor": […], "data": {…}}` behind the salt."""
    return _sha256(f'{salt}\n{{"actor":{_written_actor(actor)},"data":{canonical(data)}}}')


@lru_cache(maxsize=16)  # who imports is the author of every complaint
def _written_actor(actor: Actor) -> str:
    return canonical([actor.kind, actor.id, actor.name, actor.role, actor.office])


def chain_hash(previous: str, stream: str, version: int, type: str, at: datetime, content: str) -> str:
    """Over the predecessor's hash ("" before the first event) and the event's header in canonical form."""
    return _sha256(
        f'{previous}\n{{"at":"{stamp(at)}","content":{encode_basestring(content)},"stream":{encode_basestring(stream)},'
        f'"type":{encode_basestring(type)},"version":{version}}}'
    )


def sealed(
    stream: str, after: int, previous: str, drafts: Sequence[Draft], salt: Callable[[], str] = fresh_salt
) -> list[Event]:
    """Number, salt and chain drafts behind version `after`, whose event has hash `previous` ("" at the start)."""
    events = []
    for version, draft in enumerate(drafts, after + 1):
        salted = salt()
        content = content_hash(salted, draft.actor, draft.data)
        previous = chain_hash(previous, stream, version, draft.type, draft.at, content)
        events.append(Event(stream, version, draft.type, draft.data, draft.at, draft.actor, salted, content, previous))
    return events


def content_holds(event: Event) -> bool:
    """Whether what is there is what was committed to. Of an erased event nothing may be left."""
    if event.erased:
        return not event.data and not event.actor.name
    return event.content == content_hash(event.salt, event.actor, event.data)


def follows(previous: str, event: Event) -> bool:
    """Whether the event's header is chained to the event with this hash."""
    return event.hash == chain_hash(previous, event.stream, event.version, event.type, event.at, event.content)


def verify(events: Sequence[Event]) -> None:
    """Check a whole stream from its first event; StreamBroken names the first version that does not hold.

    Whether its erasures are accounted for is `unaccounted`'s to say.
    """
    previous = ""
    for number, event in enumerate(events, 1):
        if event.version != number or not content_holds(event) or not follows(previous, event):
            raise StreamBroken(event.stream, event.version)
        previous = event.hash


def unaccounted(events: Iterable[Event]) -> list[int]:
    """Versions of a whole stream whose content is gone without an event that says so."""
    erased: list[int] = []
    accounted: set[int] = set()
    for event in events:
        if event.erased:
            erased.append(event.version)
        elif event.type == ERASED:
            accounted.update(event.data.get("versions", ()))
    return [version for version in erased if version not in accounted]


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


TRIES: Final = 20  # so many may append to one stream at the same moment


async def append_decided(
    journal: Journal, stream: str, decide: Callable[[list[Event]], Sequence[Draft]]
) -> Sequence[Event]:
    """Append what is decided on a stream's history; decide anew when somebody else was quicker.

    The events, durable; none when nothing was decided. Busy when somebody always was, and what `decide` raises.
    """
    for _ in range(TRIES):
        entries = await journal.read(stream)
        drafts = decide(entries)
        with suppress(Conflict):
            return await journal.append(stream, len(entries), drafts) if drafts else []
    raise Busy


async def append_next(journal: Journal, stream: str, *drafts: Draft) -> Sequence[Event]:
    """Append what holds whatever else the stream says. Busy."""
    for _ in range(TRIES):
        with suppress(Conflict):
            return await journal.append(stream, await journal.last(stream), drafts)
    raise Busy


async def append_once(journal: Journal, stream: str, draft: Draft) -> Sequence[Event]:
    """Append it unless the stream has one of its type. Busy."""
    return await append_decided(
        journal, stream, lambda entries: [] if any(one.type == draft.type for one in entries) else [draft]
    )


MOST_UNREAD = 10_000


class _MemoryFollower:
    """Has a bounded shelf; when it is full the follower has lost its place and is told so."""

    def __init__(self, kinds: Iterable[str], most: int) -> None:
        self.kinds = frozenset(kinds)
        self.lost = False
        self.shelf: asyncio.Queue[Event] = asyncio.Queue(most)

    def tell(self, event: Event) -> None:
        if event.stream.partition("/")[0] in self.kinds:
            self.lost = self.lost or self.shelf.full()
            if not self.lost:
                self.shelf.put_nowait(event)

    async def events(self) -> AsyncIterator[Event]:
        while not self.lost:
            yield await self.shelf.get()
        raise LookupError("too slow a follower: read the streams again")


class MemoryJournal(Journal):
    """Lost with the process."""

    def __init__(self, most_unread: int = MOST_UNREAD) -> None:
        self._streams: dict[str, list[Event]] = {}
        self._followers: WeakSet[_MemoryFollower] = WeakSet()
        self._most_unread = most_unread

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        known = self._streams.get(stream, [])
        if len(known) != expected:
            raise Conflict(stream, expected, len(known))
        events = sealed(stream, expected, known[-1].hash if known else "", drafts)
        if events:
            self._streams[stream] = [*known, *events]
        for follower in list(self._followers):
            for event in events:
                follower.tell(event)
        return events

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        return self._streams.get(stream, [])[after:]

    async def last(self, stream: str) -> int:
        return len(self._streams.get(stream, []))

    def follow(self, kinds: Iterable[str]) -> AsyncIterator[Event]:
        # Listening starts now, not at the first step of the iteration: nothing appended in between is missed.
        follower = _MemoryFollower(kinds, self._most_unread)
        self._followers.add(follower)
        return follower.events()
