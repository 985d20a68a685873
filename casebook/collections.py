"""What offices keep beside cases: collections of them, notes of experience, prefaces of a year's book, topics of their
own.

A collection (`collection/<id>`) is shared by all offices; notes and prefaces are kept edition by edition. Topics
stand under the law catalogue's in one stream, `topics/shared`: one that is withdrawn is offered no more, cases that
have it keep it, and its trail stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from casebook import LONGEST_TOPIC
from casebook.commands import UnknownCase
from casebook.events import draft, typed
from journal import Actor, Draft, Event, Journal, append_decided
from journal.refusals import BadChoice, DomainError, Missing, NotAllowed, TooLong, TooMany
from law.catalogue import topics

STREAM = "collection"
MOST = 500
_OFFICERS = frozenset({"mediator", "supervisor"})


@dataclass(frozen=True, slots=True)
class CollectionBegun:
    title: str
    office: str


@dataclass(frozen=True, slots=True)
class CaseCollected:
    case: str


@dataclass(frozen=True, slots=True)
class CaseUncollected:
    case: str


CollectionEvent = CollectionBegun | CaseCollected | CaseUncollected
KINDS: dict[str, type[CollectionEvent]] = {
    kind.__name__: kind for kind in (CollectionBegun, CaseCollected, CaseUncollected)
}


@dataclass(frozen=True, slots=True)
class Collection:
    title: str
    office: str
    cases: tuple[str, ...] = ()


def stream(id: str) -> str:
    return f"{STREAM}/{id}"


def fold(entries: Iterable[Event]) -> Collection | None:
    collection: Collection | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            collection = evolve(collection, typed(kind, entry.data))
    return collection


def evolve(collection: Collection | None, event: CollectionEvent) -> Collection:
    if isinstance(event, CollectionBegun):
        return Collection(event.title, event.office)
    if collection is None:
        raise UnknownCase
    match event:
        case CaseCollected(case=case):
            return replace(collection, cases=(*collection.cases, case))
        case CaseUncollected(case=case):
            return replace(collection, cases=tuple(one for one in collection.cases if one != case))
        case _:
            assert_never(event)


def decide(event: CollectionEvent, collection: Collection | None, actor: Actor) -> Sequence[CollectionEvent]:
    """Its own office begins and fills it; everybody reads it."""
    if actor.kind != "officer" or actor.role not in _OFFICERS:
        raise NotAllowed
    if isinstance(event, CollectionBegun):
        title = event.title.strip()
        if not title:
            raise Missing(field="title")
        if len(title) > 60:
            raise TooLong(field="title", most=60)
        return [CollectionBegun(title, actor.office)] if collection is None else []
    if collection is None:
        raise UnknownCase
    if collection.office != actor.office:
        raise NotAllowed
    within = event.case in collection.cases
    if isinstance(event, CaseCollected):
        if len(collection.cases) >= MOST:
            raise TooMany(most=MOST)
        return [] if within else [event]
    return [event] if within else []


class CollectionService:
    """The one writer of collections."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, id: str, event: CollectionEvent, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            return [draft(each, self._now(), actor) for each in decide(event, fold(entries), actor)]

        await append_decided(self._journal, stream(id), decided)


NOTE_STREAM = "note"
LONGEST = 6_000
CLASS = re.compile(r"[a-z_]{3,20}(-[A-T]([0-9]{2})?)?")


class NoteChanged(DomainError):
    """Somebody else wrote meanwhile; params: edition, the present one."""

    code = "case_note_changed"


@dataclass(frozen=True, slots=True)
class NoteWritten:
    edition: int
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class NoteEdition:
    number: int
    text: str
    why: str
    at: datetime
    by: str


def note_stream(of: str) -> str:
    """BadChoice for what is no class."""
    if not CLASS.fullmatch(of):
        raise BadChoice(field="problem")
    return f"{NOTE_STREAM}/{of}"


def editions(entries: Iterable[Event]) -> list[NoteEdition]:
    """Oldest first."""
    found = []
    for entry in entries:
        if not entry.erased and entry.type == NoteWritten.__name__:
            event: NoteWritten = typed(NoteWritten, entry.data)
            found.append(NoteEdition(event.edition, event.text, event.why, entry.at, entry.actor.name))
    return found


def decide_note(text: str, why: str, seen: int, written: Sequence[NoteEdition], actor: Actor) -> Sequence[NoteWritten]:
    """`seen`: the edition the writer had before them, 0 for none."""
    if actor.kind != "officer" or actor.role not in _OFFICERS:
        raise NotAllowed
    text, why = text.strip(), why.strip()
    if not text:
        raise Missing(field="text")
    if len(text) > LONGEST:
        raise TooLong(field="text", most=LONGEST)
    if len(why) > 200:
        raise TooLong(field="why", most=200)
    last = written[-1].number if written else 0
    if seen != last:
        raise NoteChanged(edition=last)
    return [] if written and written[-1].text == text else [NoteWritten(last + 1, text, why)]


class NoteService:
    """The one writer of texts kept by editions; `named` gives the stream: notes, or prefaces of the year's book."""

    def __init__(
        self, journal: Journal, now: Callable[[], datetime], named: Callable[[str], str] = note_stream
    ) -> None:
        self._journal, self._now, self._stream = journal, now, named

    async def editions(self, of: str) -> list[NoteEdition]:
        return editions(await self._journal.read(self._stream(of)))

    async def write(self, of: str, text: str, why: str, seen: int, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            events = decide_note(text, why, seen, editions(entries), actor)
            return [draft(event, self._now(), actor) for event in events]

        await append_decided(self._journal, self._stream(of), decided)


PREFACE_STREAM = "preface"
_OF = re.compile(r"20[0-9][0-9](-[A-Za-z0-9_\-]{1,64})?")


def is_preface(year: int, office: str | None) -> str:
    """What a preface is of; None: of the book of all offices."""
    return f"{year}" if office is None else f"{year}-{office}"


def preface_stream(of: str) -> str:
    """BadChoice for what is no book."""
    if not _OF.fullmatch(of):
        raise BadChoice(field="year")
    return f"{PREFACE_STREAM}/{of}"


def check_preface(actor: Actor, office: str | None) -> None:
    """NotAllowed. An office writes its own; a supervisor also the one of all offices."""
    if actor.role != "supervisor" if office is None else actor.office != office:
        raise NotAllowed


TOPIC_STREAM = "topics/shared"
ID = re.compile(r"own-[0-9a-f]{8}")
MOST_TOPICS = 200
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class TopicAdded:
    """`under`: a topic of the law catalogue, which every case with this one gets as well."""

    topic: str
    under: str
    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class TopicWithdrawn:
    topic: str
    reason: str


@dataclass(frozen=True, slots=True)
class TopicRestored:
    topic: str
    reason: str = ""


TopicEvent = TopicAdded | TopicWithdrawn | TopicRestored
TOPIC_KINDS: Mapping[str, type[TopicEvent]] = {
    kind.__name__: kind for kind in (TopicAdded, TopicWithdrawn, TopicRestored)
}


@dataclass(frozen=True, slots=True)
class TopicStep:
    """Who did what of a topic, and why."""

    kind: str
    at: datetime
    by: str
    office: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """`withdrawn`: why it is offered no more, "" while it is. `trail` oldest first."""

    id: str
    under: str
    zh: str
    en: str
    withdrawn: str = ""
    trail: tuple[TopicStep, ...] = ()

    def name(self, language: str) -> str:
        return self.en if language.startswith("en") and self.en else self.zh


def fold_topics(entries: Iterable[Event]) -> dict[str, OwnTopic]:
    """By id, in the order they were added."""
    found: dict[str, OwnTopic] = {}
    for entry in entries:
        if entry.erased or (kind := TOPIC_KINDS.get(entry.type)) is None:
            continue
        event: TopicEvent = typed(kind, entry.data)
        step = TopicStep(entry.type, entry.at, entry.actor.name, entry.actor.office, getattr(event, "reason", ""))
        match event:
            case TopicAdded(topic=id, under=under, zh=zh, en=en):
                found[id] = OwnTopic(id, under, zh, en, trail=(step,))
            case TopicWithdrawn(topic=id, reason=reason):
                found[id] = replace(found[id], withdrawn=reason, trail=(*found[id].trail, step))
            case TopicRestored(topic=id):
                found[id] = replace(found[id], withdrawn="", trail=(*found[id].trail, step))
            case _:
                assert_never(event)
    return found


def decide_topic(event: TopicEvent, known: Mapping[str, OwnTopic], actor: Actor) -> Sequence[TopicEvent]:
    """Supervisors add and withdraw; what is so already leads to nothing. DomainError."""
    if actor.kind != "officer" or actor.role != "supervisor":
        raise NotAllowed
    if isinstance(event, TopicAdded):
        return _added(event, known)
    if event.topic not in known:
        raise BadChoice(field="topic")
    reason = event.reason.strip()
    if len(reason) > LONGEST_REASON:
        raise TooLong(field="reason", most=LONGEST_REASON)
    if isinstance(event, TopicWithdrawn):
        if not reason:
            raise Missing(field="reason")
        return [] if known[event.topic].withdrawn else [TopicWithdrawn(event.topic, reason)]
    return [TopicRestored(event.topic, reason)] if known[event.topic].withdrawn else []


def _added(event: TopicAdded, known: Mapping[str, OwnTopic]) -> Sequence[TopicEvent]:
    zh, en = event.zh.strip(), event.en.strip()
    if event.topic in known:
        return []
    if not ID.fullmatch(event.topic):
        raise BadChoice(field="topic")
    if event.under not in topics():
        raise BadChoice(field="under")
    if not zh:
        raise Missing(field="zh")
    for name, text, most in (("zh", zh, LONGEST_TOPIC), ("en", en, 2 * LONGEST_TOPIC)):
        if len(text) > most:
            raise TooLong(field=name, most=most)
    if zh in {one.zh for one in topics().values()} | {one.zh for one in known.values()}:
        raise BadChoice(field="zh")
    if len(known) >= MOST_TOPICS:
        raise TooMany(most=MOST_TOPICS)
    return [TopicAdded(event.topic, event.under, zh, en)]


def with_parents(tags: Iterable[str], own: Mapping[str, OwnTopic]) -> tuple[str, ...]:
    """A case of an own topic is of the law's topic above it, too: chapters and searches go by that."""
    found: dict[str, None] = {}
    for tag in tags:
        if tag in own:
            found.setdefault(own[tag].under)
        found.setdefault(tag)
    return tuple(found)


class TopicService:
    """The one writer of own topics."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def all(self) -> dict[str, OwnTopic]:
        return fold_topics(await self._journal.read(TOPIC_STREAM))

    async def submit(self, event: TopicEvent, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            return [draft(each, self._now(), actor) for each in decide_topic(event, fold_topics(entries), actor)]

        await append_decided(self._journal, TOPIC_STREAM, decided)
