"""What the tables will have of a complaint that is just being registered, made from its record alone: no database, and
no library of one, so that processes which do nothing else stay small.

The reference is what the journal and the projectors do event by event (`SqlJournal.begin`); a test holds both equal for
any record. A complaint's number, the order in the log and the place in the list are given by
`server.imports.bulk_store`.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import compress
from json.encoder import encode_basestring as _text
from operator import attrgetter
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from complaints.duplicates.keys import brand_key, code_mark, phone_mark
from complaints.events import ComplaintRegistered, plain
from complaints.insight.same_business import marks
from complaints.record.record import ObjectRecord, PartyRecord, SourceNumber
from complaints.state import State
from complaints.statistics import particulars
from complaints.statistics.particulars import section
from journal.events import canonical
from law import WorkingCalendar, accept_by, order_named
from server.complaints.words import mark, place_of, tokens_but_serial
from server.db.clock_rows import clock_row
from server.db.compact import compact

COMPLAINT: Final = (
    "id", "office", "channel", "received", "title", "request", "facts", "amount", "industry", "problem",
    "law_order", "consumer", "business", "consumer_title", "business_title", "deadlines", "running", "next_due",
    "problem_class", "industry_code", "division", "phone_mark", "code_mark", "brand",
)  # fmt: skip
"""The columns of `complaints` that `Fresh.complaint` has, in its order."""

UTF8: Final = frozenset({"request", "facts", "consumer", "business", "data"})
"""Columns whose values are made as UTF-8."""

COMPLAINT_ALWAYS: Final[Mapping[str, Any]] = {
    "state": State.REGISTERED.value,
    "loss_recovered": 0,
    "promises_due": None,
    "telling": "",
}
"""What all complaints that were just registered have in common; number and place are given later."""

FACT: Final = (
    "id", "office", "channel", "problem", "industry", "amount", "received", "accept_due", "changed", "division",
    "street", "industry_code", "platform", "respondent", "age_band", "entered",
)  # fmt: skip
"""The columns of `complaint_facts` that `Fresh.fact` has; nothing is known yet for the others."""

FACT_ALWAYS: Final[Mapping[str, Any]] = {"counted": 1, "recovered": 0, "travel": 0, "dropped_as": "", "mode": ""}

MARK: Final = ("mark", "kind", "complaint")
"""The columns that each of `Fresh.marks` has."""

_PARTY: Final = tuple(sorted(PartyRecord.__dataclass_fields__))
_PARTY_KEYS: Final = tuple(f'"{name}":' for name in _PARTY)
_party: Final = attrgetter(*_PARTY)
_OBJECT: Final = tuple(sorted(ObjectRecord.__dataclass_fields__))
_OBJECT_KEYS: Final = tuple(f'"{name}":' for name in _OBJECT)
_object: Final = attrgetter(*_OBJECT)
_BOOL: Final = ("false", "true")


class FreshComplaint(NamedTuple):
    """What is longer than a word is UTF-8 already: it goes to another process, is hashed and goes into the database as
    that. `before` and `after`: its data in canonical form, around the number. `complaint`: values of `complaints`
    without number and place. `words` without those of the serial."""

    row: int  # of its batch
    id: str
    year: int
    sources: tuple[tuple[str, str], ...]  # channel, number
    before: bytes
    after: bytes
    complaint: tuple[Any, ...]
    place: int  # where it would stand
    words: bytes
    fact: tuple[Any, ...]
    marks: tuple[tuple[int, str, str], ...]  # of `respondent_marks`

    def canonical(self, number: str) -> bytes:
        """Its data as the journal hashes it."""
        return b"".join((self.before, _text(number).encode(), self.after))

    def data(self) -> dict[str, Any]:
        """As the journal has it, without its number."""
        found: dict[str, Any] = json.loads(self.canonical(""))
        return found


class _Clock(NamedTuple):
    """The one clock of a complaint received that day, as its rows keep it."""

    stored: str
    running: str
    due: str | None
    fact_due: str


class ComplaintRowBuilder:
    """Makes them for one office at one time. `calendar`: the office's."""

    def __init__(self, prefix: str, zone: str, calendar: WorkingCalendar, at: datetime) -> None:
        self._prefix, self._zone, self._calendar, self._at = prefix, ZoneInfo(zone), calendar, moment(at)
        self._day = at.astimezone(self._zone).date().isoformat()
        self._clock = lru_cache(4_096)(self._count)

    def fresh(self, row: int, id: str, record: ComplaintRegistered) -> FreshComplaint:
        """`record` without its number."""
        day, received = record.received.astimezone(self._zone).date(), moment(record.received)
        clock = self._clock(day, record.order)
        consumer, business = _written(record.consumer), _written(record.business)
        code, fen = record.industry_code, _fen(record.amount)
        before, after = _around_number(record, consumer, business, received)
        facts = record.facts.encode()
        request = facts if record.request is record.facts else record.request.encode()
        words = tokens_but_serial(record, _year(self._prefix, day.year), _marks(record))
        return FreshComplaint(
            row,
            id,
            day.year,
            tuple([(source.channel, source.number) for source in record.sources]),
            before.encode(),
            after.encode(),
            (
                id, record.office, record.channel, received, record.title, request,
                facts, fen, record.industry, record.problem, record.order, consumer.encode(), business.encode(),
                record.consumer.title, record.business.title, clock.stored, clock.running,
                clock.due, record.problem_class, code, record.division,
                phone_mark(record), code_mark(record), brand_key(record.business.title),
            ),
            place_of(id, record.received),
            " ".join(words).encode(),
            self._fact(id, record, day.isoformat(), clock.fact_due, fen),
            tuple([(one.mark, one.kind, id) for one in marks(record.business, record.division)]),
        )  # fmt: skip

    def _count(self, day: date, order: str) -> _Clock:
        clock = accept_by(day, order_named(order), self._calendar)
        national = accept_by(day, order_named(order), WorkingCalendar())  # which facts go by
        running = "" if clock.standing else clock.code
        due = clock.due.isoformat() if running else None
        return _Clock(compact([clock_row(clock)]), running, due, national.due.isoformat())

    def _fact(self, id: str, record: ComplaintRegistered, day: str, due: str, fen: int | None) -> tuple[Any, ...]:
        code = record.industry_code
        return (
            id, record.office, record.channel, record.problem_class, section(code), fen or 0, day,
            due, self._at, record.division[:6], particulars.street(record.business.address),
            particulars.industry(code), particulars.platform(record.object.platform), particulars.respondent(record),
            particulars.age_band(record.consumer), self._day,
        )  # fmt: skip


# ---------------------------------------------------------------- values as SQLite has them


def _around_number(record: ComplaintRegistered, consumer: str, business: str, received: str) -> tuple[str, str]:
    """The record in canonical form, before and after its number. `received`: as SQLite has it."""
    facts = _text(record.facts)
    request = facts if record.request is record.facts else _text(record.request)
    return (
        f'{{"also_reports":{_BOOL[record.also_reports]},"amount":{_money(record.amount)},"business":{business},'
        f'"channel":{_text(record.channel)},"consumer":{consumer},"division":{_text(record.division)},'
        f'"facts":{facts},"industry":{_text(record.industry)},'
        f'"industry_code":{_text(record.industry_code)},"joint":{_rare(record.joint)},'
        f'"jurisdiction":{_text(record.jurisdiction)},"keywords":{_texts(record.keywords)},'
        f'"mode":{_text(record.mode)},"number":',
        f',"object":{_thing(record.object)},"office":{_text(record.office)},"order":{_text(record.order)},'
        f'"problem":{_text(record.problem)},"problem_class":{_text(record.problem_class)},'
        f'"proxy":{_rare(record.proxy)},"received":"{received[:10]}T{received[11:]}Z",'
        f'"representatives":{_texts(record.representatives)},"request":{request},'
        f'"requests":{_texts(record.requests)},"secret":{_BOOL[record.secret]},"sources":{_sources(record.sources)},'
        f'"title":{_text(record.title)},"urgency":{_texts(record.urgency)},"wants_reply":{_BOOL[record.wants_reply]}}}',
    )


def _written(party: PartyRecord) -> str:
    """In canonical form: nothing but text, in the order of `_PARTY`."""
    values = _party(party)
    return "{" + ",".join(map(operator.add, compress(_PARTY_KEYS, values), map(_text, filter(None, values)))) + "}"


def _thing(thing: ObjectRecord) -> str:
    if not thing.kind:
        return canonical(plain(thing))  # the only field that is told when it is empty
    values = [value if type(value) is str else value is not None and plain(value) for value in _object(thing)]
    return "{" + ",".join(map(operator.add, compress(_OBJECT_KEYS, values), map(_text, filter(None, values)))) + "}"


def _money(amount: Decimal | None) -> str:
    return "null" if amount is None else f'"{amount:.2f}"'


@lru_cache(maxsize=1024)
def _texts(some: Sequence[str]) -> str:
    return canonical(list(some))


def _sources(sources: Sequence[SourceNumber]) -> str:
    each = [f'{{"channel":{_text(source.channel)},"number":{_text(source.number)}}}' for source in sources]
    return f"[{','.join(each)}]"


def _rare(value: Any) -> str:
    """What few complaints have."""
    return canonical(plain(value)) if value else "[]" if value == () else "null"


@lru_cache(maxsize=256)
def _year(prefix: str, year: int) -> str:
    return f"{prefix}〔{year}〕号"


def _marks(record: ComplaintRegistered) -> Sequence[str]:
    return _marked(record.office, record.channel, record.problem_class, record.industry_code)


@lru_cache(maxsize=65_536)
def _marked(office: str, channel: str, problem: str, code: str) -> Sequence[str]:
    industry = (mark("industry", code[:1]), mark("industry", code[:3])) if code else ()
    state = mark("state", State.REGISTERED.value)
    return (mark("office", office), mark("channel", channel), state, mark("problem", problem), *industry)


def moment(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ", "microseconds")[:26]  # without the zone


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)
