"""Issue topics the offices add under the law catalogue's: one stream, `topics/shared`, read by every office.

A topic that is withdrawn is offered no more; cases that have it keep it, and its trail stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from casebook.errors import BadChoice, Busy, Missing, NotAllowed, TooLong, TooMany
from casebook.events import draft, typed
from journal import Actor, Conflict, Draft, Event, Journal, append_decided
from law.catalogue import topics

STREAM = "topics/shared"
ID = re.compile(r"own-[0-9a-f]{8}")
MOST = 200
LONGEST, LONGEST_REASON = 24, 200


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
KINDS: Mapping[str, type[TopicEvent]] = {kind.__name__: kind for kind in (TopicAdded, TopicWithdrawn, TopicRestored)}


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


def fold(entries: Iterable[Event]) -> dict[str, OwnTopic]:
    """By id, in the order they were added."""
    found: dict[str, OwnTopic] = {}
    for entry in entries:
        if entry.erased or (kind := KINDS.get(entry.type)) is None:
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


def decide(event: TopicEvent, known: Mapping[str, OwnTopic], actor: Actor) -> Sequence[TopicEvent]:
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
    for name, text, most in (("zh", zh, LONGEST), ("en", en, 2 * LONGEST)):
        if len(text) > most:
            raise TooLong(field=name, most=most)
    if zh in {one.zh for one in topics().values()} | {one.zh for one in known.values()}:
        raise BadChoice(field="zh")
    if len(known) >= MOST:
        raise TooMany(most=MOST)
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
        return fold(await self._journal.read(STREAM))

    async def submit(self, event: TopicEvent, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            return [draft(each, self._now(), actor) for each in decide(event, fold(entries), actor)]

        try:
            await append_decided(self._journal, STREAM, decided)
        except Conflict:
            raise Busy from None
