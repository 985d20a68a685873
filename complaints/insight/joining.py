"""One business that complaints know by two keys: with its credit code, and by name only. A person counts them as one,
or the program where nothing speaks against it; a person may take it back. The stream `respondent/<key>`, of the key
without a code.

    apart ──join──► joined ──part──► apart
      └──keep apart (no longer suggested; join stays possible)

Nothing is rewritten: facts keep the key they were told by, and whoever reads them looks up with which other it counts
(`server.storage.joins`). Taken back, figures are what they were.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never, get_args

from complaints.appending import append
from complaints.errors import BadChoice, Missing, NotAllowed, TooLong, WrongState
from complaints.events import typed
from complaints.insight.marks import ADDRESS, KINDS, NAME, PHONE
from complaints.rights import MEDIATOR, SUPERVISOR, SYSTEM, standing
from journal import Actor, Event, Journal

STREAM: Final = "respondent"
LONGEST: Final = 500
TITLE: Final = "title"
"""Beside `marks.KINDS`: the whole registered name, which its registry gives to no second firm."""
_FORMS: Final = ("公司", "合作社", "合伙企业", "事务所")
_SHORTEST: Final = 5  # characters of a registered name, its form among them
_NOISE: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class RespondentJoined:
    """Counts as `head` from now on, also of days before. `why`: what both had, of `marks.KINDS` and `TITLE`."""

    head: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RespondentParted:
    """Taken back."""

    head: str
    reason: str


@dataclass(frozen=True, slots=True)
class RespondentKeptApart:
    """Somebody looked at both: they are two."""

    head: str


JoiningEvent = RespondentJoined | RespondentParted | RespondentKeptApart
EVENTS: Mapping[str, type[JoiningEvent]] = {kind.__name__: kind for kind in get_args(JoiningEvent)}


@dataclass(frozen=True, slots=True)
class Join:
    head: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """`head`: of which it was read that it counts as that."""

    head: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeepApart:
    head: str


JoiningCommand = Join | Part | KeepApart


@dataclass(frozen=True, slots=True)
class Joining:
    """`head`: what it counts as, "" for itself; `by`: a name. `apart`: what somebody said it is not."""

    head: str = ""
    why: tuple[str, ...] = ()
    at: datetime | None = None
    by: str = ""
    apart: frozenset[str] = frozenset()


def alike(reasons: Collection[str]) -> bool:
    """Whether what two keys share makes them one business, perhaps: the name and something else."""
    return NAME in reasons and bool({PHONE, ADDRESS, TITLE} & set(reasons))


def registered(title: str) -> str:
    """A firm's name as its registry has it, in one spelling; "" of what names no legal form."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", title)).casefold()
    return plain if plain.endswith(_FORMS) and len(plain) > _SHORTEST else ""


def decide(command: JoiningCommand, now: Joining, actor: Actor) -> Sequence[JoiningEvent]:
    """ComplaintError says why not. Empty: already so."""
    if standing(actor) not in (MEDIATOR, SUPERVISOR, *((SYSTEM,) if isinstance(command, Join) else ())):
        raise NotAllowed
    match command:
        case Join(head, why):
            if not head or not alike(why) or not set(why) <= {*KINDS, TITLE}:
                raise BadChoice(field="head")
            if standing(actor) == SYSTEM and head in now.apart:
                raise WrongState(state="apart")  # what a person said stays said
            if now.head == head:
                return []
            if now.head:
                raise WrongState(state="joined")
            return [RespondentJoined(head, tuple(kind for kind in (*KINDS, TITLE) if kind in why))]
        case Part(head, reason):
            if not reason.strip():
                raise Missing(field="reason")
            if len(reason) > LONGEST:
                raise TooLong(field="reason", most=LONGEST)
            if not now.head or now.head != head:
                raise WrongState(state="apart")
            return [RespondentParted(head, reason.strip())]
        case KeepApart(head):
            if not head:
                raise BadChoice(field="head")
            if now.head == head:
                raise WrongState(state="joined")
            return [] if head in now.apart else [RespondentKeptApart(head)]
        case _:
            assert_never(command)


def evolve(now: Joining, event: JoiningEvent, at: datetime, by: str) -> Joining:
    match event:
        case RespondentJoined(head, why):
            return Joining(head, why, at, by, now.apart - {head})
        case RespondentParted(head):
            # Who takes it back has said so: it is not suggested again.
            return Joining(apart=now.apart | {head})
        case RespondentKeptApart(head):
            return replace(now, apart=now.apart | {head})
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> Joining:
    now = Joining()
    for entry in entries:
        if not entry.erased and (kind := EVENTS.get(entry.type)) is not None:
            now = evolve(now, typed(kind, entry.data), entry.at, entry.actor.name)
    return now


def stream(member: str) -> str:
    return f"{STREAM}/{member}"


class JoiningService:
    """The one writer of `respondent/…`."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, member: str, command: JoiningCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(member), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )
