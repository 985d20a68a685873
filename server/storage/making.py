"""What the tables will have of a complaint that is just being registered, made from its record alone: no database, and
no library of one, so that processes which do nothing else stay small.

The reference is what the journal and the projectors do event by event (`SqlJournal.begin`); a test holds both equal for
any record. A complaint's number, the order in the log and the place in the list are given by `server.storage.fresh`.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from complaints.duplicates.keys import brand_key, code_mark, phone_mark
from complaints.events import ComplaintRegistered, plain
from complaints.insight.marks import marks
from complaints.record import ObjectRecord, PartyRecord
from complaints.state import State
from complaints.statistics import particulars
from complaints.statistics.industries import section
from journal.events import canonical
from law import Deadline, WorkingCalendar, accept_by, order_named
from server.storage.clocks import clock_row
from server.storage.compact import compact
from server.storage.places import place_of
from server.storage.words import mark, tokens_but_serial

COMPLAINT: Final = (
    "id", "office", "state", "channel", "received", "title", "request", "facts", "amount", "industry", "problem",
    "law_order", "consumer", "business", "consumer_title", "business_title", "deadlines", "running", "next_due",
    "loss_recovered", "promises_due", "problem_class", "industry_code", "division", "phone_mark", "code_mark", "brand",
)  # fmt: skip
"""The columns of `complaints` that `Fresh.complaint` has, in its order."""

FACT: Final = (
    "id", "office", "channel", "problem", "industry", "counted", "amount", "recovered", "received", "accept_due",
    "changed", "division", "street", "industry_code", "platform", "respondent", "age_band", "travel", "entered",
    "dropped_as",
)  # fmt: skip
"""The columns of `complaint_facts` that `Fresh.fact` has; nothing is known yet for the others."""

MARK: Final = ("mark", "kind", "complaint")
"""The columns that each of `Fresh.marks` has."""

_PARTY: Final = tuple(sorted(PartyRecord.__dataclass_fields__))
_PARTY_KEYS: Final = tuple(f'"{name}":' for name in _PARTY)
_party: Final = attrgetter(*_PARTY)
# The canonical form sorts its keys. What comes before, between and after the two parties and the number:
_FIRST: Final = ("also_reports", "amount")
_REST: Final = tuple(
    sorted(set(ComplaintRegistered.__dataclass_fields__) - {*_FIRST, "business", "channel", "consumer"})
)
_rest: Final = attrgetter(*_REST)
_NO_NUMBER: Final = '"number":"",'
_OBJECT: Final = tuple(ObjectRecord.__dataclass_fields__)
_object: Final = attrgetter(*_OBJECT)


class Fresh(NamedTuple):
    """`before` and `after`: its data in canonical form, around the number. `complaint`: values of `complaints` without
    number and place. `words` without those of the serial; `digits` are those of them that a serial may repeat."""

    row: int  # of its batch
    id: str
    year: int
    sources: tuple[tuple[str, str], ...]  # channel, number
    before: str
    after: str
    complaint: tuple[Any, ...]
    place: int  # where it would stand
    words: str
    digits: tuple[str, ...]
    fact: tuple[Any, ...]
    marks: tuple[tuple[int, str, str], ...]  # of `respondent_marks`

    def data(self) -> dict[str, Any]:
        """As the journal has it, without its number."""
        found: dict[str, Any] = json.loads(f'{self.before}""{self.after}')
        return found


class Making:
    """Makes them for one office at one time. `calendar`: the office's."""

    def __init__(self, prefix: str, zone: str, calendar: WorkingCalendar, at: datetime) -> None:
        self._prefix, self._zone, self._calendar, self._at = prefix, ZoneInfo(zone), calendar, moment(at)
        self._day = at.astimezone(self._zone).date().isoformat()

    def fresh(self, row: int, id: str, record: ComplaintRegistered) -> Fresh:
        """`record` without its number."""
        day, received = record.received.astimezone(self._zone).date(), moment(record.received)
        clock, stored = _accept(day, record.order, self._calendar)
        due = clock.due if self._calendar == _NATIONAL else _accept(day, record.order, _NATIONAL)[0].due
        consumer, business = _written(record.consumer), _written(record.business)
        amount = None if record.amount is None else f"{record.amount:.2f}"
        rest = _rest_of(record, received)
        first = f'{{"also_reports":{"true" if record.also_reports else "false"},"amount":{canonical(amount)},'
        parties = f'"business":{business},"channel":{canonical(record.channel)},"consumer":{consumer},'
        before, number, after = canonical(rest).partition(_NO_NUMBER)
        assert number, "it has a number already"
        code, fen = record.industry_code, _fen(record.amount)
        words = tokens_but_serial(record, _year(self._prefix, day.year), _marks(record))
        running = "" if clock.standing else clock.code
        return Fresh(
            row,
            id,
            day.year,
            tuple([(source.channel, source.number) for source in record.sources]),
            f'{first}{parties}{before[1:]}"number":',
            f",{after}",
            (
                id, record.office, State.REGISTERED.value, record.channel, received, record.title, record.request,
                record.facts, fen, record.industry, record.problem, record.order, consumer, business,
                record.consumer.title, record.business.title, stored, running,
                clock.due.isoformat() if running else None, 0, None, record.problem_class, code, record.division,
                phone_mark(record), code_mark(record), brand_key(record.business.title),
            ),
            place_of(id, record.received),
            " ".join(words),
            tuple([word for word in words if word.isdigit()]),
            self._fact(id, record, day, due, fen),
            tuple([(one.mark, one.kind, id) for one in marks(record.business, record.division)]),
        )  # fmt: skip

    def _fact(self, id: str, record: ComplaintRegistered, day: date, due: date, fen: int | None) -> tuple[Any, ...]:
        code = record.industry_code
        return (
            id, record.office, record.channel, record.problem_class, section(code), 1, fen or 0, 0, day.isoformat(),
            due.isoformat(), self._at, record.division[:6], particulars.street(record.business.address),
            particulars.industry(code), particulars.platform(record.object.platform), particulars.respondent(record),
            particulars.age_band(record.consumer), 0, self._day, "",
        )  # fmt: skip


# ---------------------------------------------------------------- values as SQLite has them

_NATIONAL: Final = WorkingCalendar()


def _written(party: PartyRecord) -> str:
    """In canonical form: nothing but text, in the order of `_PARTY`."""
    return "{" + ",".join(map(operator.add, _PARTY_KEYS, map(encode_basestring, _party(party)))) + "}"


def _rest_of(record: ComplaintRegistered, received: str) -> dict[str, Any]:
    """As `complaints.events.plain`: most of it is text already, and a tuple of texts is a list to JSON."""
    rest = dict(zip(_REST, _rest(record), strict=True))
    rest["received"] = f"{received[:10]}T{received[11:]}Z"
    rest["object"] = thing = dict(zip(_OBJECT, _object(record.object), strict=True))
    for name in ("paid", "bought"):
        thing[name] = plain(thing[name])
    rest["sources"] = [{"channel": source.channel, "number": source.number} for source in record.sources]
    for name in ("joint", "proxy"):
        rest[name] = rest[name] and plain(rest[name])
    return rest


@lru_cache(maxsize=4096)
def _accept(day: date, order: str, calendar: WorkingCalendar) -> tuple[Deadline, str]:
    """The one clock of a complaint received that day, and as its row keeps it."""
    clock = accept_by(day, order_named(order), calendar)
    return clock, compact([clock_row(clock)])


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
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)
