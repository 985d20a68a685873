"""Collections: cases that belong together for whoever teaches or prepares, shared by all offices: `collection/<id>`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from casebook.errors import Busy, Missing, NotAllowed, TooLong, TooMany, UnknownCase
from casebook.events import draft, typed
from journal import Actor, Conflict, Draft, Event, Journal, append_decided

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

        try:
            await append_decided(self._journal, stream(id), decided)
        except Conflict:
            raise Busy from None
