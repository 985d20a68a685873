"""Two keys of one business: what they may share, and who counts them as one. The stream `respondent/<key>`.

    apart ──join──► joined ──part──► apart
      └──keep apart (no longer suggested; join stays possible)

Nothing is rewritten: facts keep the key they were told by, and whoever reads them looks up with which other it counts
(`server.insight.join_store`). Taken back, figures are what they were.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple, assert_never, get_args

from complaints.appending import append
from complaints.duplicates.keys import core
from complaints.errors import BadChoice, Missing, NotAllowed, TooLong, WrongState
from complaints.events import typed
from complaints.record.record import PartyRecord
from complaints.rights import MEDIATOR, SUPERVISOR, SYSTEM, office_standing
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
class JoinRespondents:
    head: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartRespondents:
    """`head`: of which it was read that it counts as that."""

    head: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeepRespondentsApart:
    head: str


JoiningCommand = JoinRespondents | PartRespondents | KeepRespondentsApart


@dataclass(frozen=True, slots=True)
class RespondentJoin:
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


def decide(command: JoiningCommand, now: RespondentJoin, actor: Actor) -> Sequence[JoiningEvent]:
    """DomainError says why not. Empty: already so."""
    if office_standing(actor) not in (
        MEDIATOR,
        SUPERVISOR,
        *((SYSTEM,) if isinstance(command, JoinRespondents) else ()),
    ):
        raise NotAllowed
    match command:
        case JoinRespondents(head, why):
            if not head or not alike(why) or not set(why) <= {*KINDS, TITLE}:
                raise BadChoice(field="head")
            if office_standing(actor) == SYSTEM and head in now.apart:
                raise WrongState(state="apart")  # what a person said stays said
            if now.head == head:
                return []
            if now.head:
                raise WrongState(state="joined")
            return [RespondentJoined(head, tuple(kind for kind in (*KINDS, TITLE) if kind in why))]
        case PartRespondents(head, reason):
            if not reason.strip():
                raise Missing(field="reason")
            if len(reason) > LONGEST:
                raise TooLong(field="reason", most=LONGEST)
            if not now.head or now.head != head:
                raise WrongState(state="apart")
            return [RespondentParted(head, reason.strip())]
        case KeepRespondentsApart(head):
            if not head:
                raise BadChoice(field="head")
            if now.head == head:
                raise WrongState(state="joined")
            return [] if head in now.apart else [RespondentKeptApart(head)]
        case _:
            assert_never(command)


def evolve(now: RespondentJoin, event: JoiningEvent, at: datetime, by: str) -> RespondentJoin:
    match event:
        case RespondentJoined(head, why):
            return RespondentJoin(head, why, at, by, now.apart - {head})
        case RespondentParted(head):
            # Who takes it back has said so: it is not suggested again.
            return RespondentJoin(apart=now.apart | {head})
        case RespondentKeptApart(head):
            return replace(now, apart=now.apart | {head})
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> RespondentJoin:
    now = RespondentJoin()
    for entry in entries:
        if not entry.erased and (kind := EVENTS.get(entry.type)) is not None:
            now = evolve(now, typed(kind, entry.data), entry.at, entry.actor.name)
    return now


def stream(member: str) -> str:
    return f"{STREAM}/{member}"


class RespondentJoinService:
    """The one writer of `respondent/…`."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, member: str, command: JoiningCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(member), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )


# ------------------------------------------------------------ marks


PHONE, ADDRESS, NAME = "phone", "address", "name"
KINDS: Final = (PHONE, ADDRESS, NAME)
SHORTEST_ADDRESS: Final = 5  # characters of an address behind its divisions
_DIGITS: Final = 15  # hex digits of a mark: fits a signed 64-bit column
_MARK_NOISE: Final = re.compile(r"[\W_]+")
_HAN: Final = "[\u3400-\u9fff]"
_ABOVE: Final = re.compile(
    rf"^{_HAN}{{1,8}}?(?:特别行政区|自治区|自治州|自治县|地区|林区|新区|省|市|区|县|盟|旗)(?={_HAN}{{2}})"
)


class Mark(NamedTuple):
    """What two businesses may share: a phone, an address, a name. A digest only, to look others up by."""

    kind: str
    mark: int


def marks(business: PartyRecord, division: str) -> tuple[Mark, ...]:
    """In the order of `KINDS`; none for what is not known.

    The phone's is made of the keyed digest the record holds, so a stolen table gives no number. An address stands in
    the record as it is; its digest is only shorter. The name's only of one that has a credit code: without one the name
    is what the respondent is told by anyway. A credit code needs none: it is the respondent's key itself.
    """
    found = []
    if business.phone_key:
        found.append(Mark(PHONE, _mark(PHONE, business.phone_key)))
    place = written_address(business.address)
    if place:
        found.append(Mark(ADDRESS, _mark(ADDRESS, place, division)))
    name = core(business.title)
    if business.code_key and name:
        found.append(Mark(NAME, name_mark(name, division)))
    return tuple(found)


def name_mark(name: str, division: str) -> int:
    """`name`: its core (`complaints.duplicates.keys.core`)."""
    return _mark(NAME, name, division)


def written_address(address: str) -> str:
    """In one spelling, without the divisions it begins with; "" for one that names no door."""
    plain = unicodedata.normalize("NFKC", address)
    plain = (plain if plain.isalnum() else _MARK_NOISE.sub("", plain)).casefold()
    for _ in range(3):
        above = _ABOVE.match(plain)
        if above is None:
            break
        plain = plain[above.end() :]
    return plain if len(plain) >= SHORTEST_ADDRESS and any(char.isdigit() for char in plain) else ""


def _mark(*parts: str) -> int:
    return int(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS], 16)
