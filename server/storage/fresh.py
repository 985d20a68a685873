"""Complaints that were just registered, in bulk: the rows every table has of them, straight from the record.

The reference is what the journal and the projectors do event by event (`SqlJournal.begin`); a test holds both equal for
any record. Everything but a complaint's number, the order in the log and the place in the list is made here, without a
database and in any process; `write` gives these and inserts tuples. SQLite only.
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

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import State
from complaints.duplicates.keys import brand_key, code_mark, phone_mark
from complaints.events import ComplaintRegistered, plain
from complaints.insight.marks import marks
from complaints.record import ObjectRecord, PartyRecord
from complaints.state import stream
from complaints.statistics import particulars
from complaints.statistics.industries import section
from journal import Actor
from journal.events import Beginnings, canonical, fresh_salt
from law import Deadline, WorkingCalendar, accept_by, order_named
from server.storage import sums, tree
from server.storage.complaint_index import place_of
from server.storage.engine import compact
from server.storage.rows import clock_row
from server.storage.tables import complaint_facts, complaints, events, import_rows, respondent_marks, source_numbers
from server.storage.words import mark, serial, tokens_but_serial

_TYPE: Final = ComplaintRegistered.__name__
_LATER: Final = ("number", "place")  # of `complaints`: given when it is written
_COLUMNS: Final = tuple(column.name for column in complaints.columns if column.name not in _LATER)
_FACTS: Final = tuple(column.name for column in complaint_facts.columns)
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
        self._prefix, self._zone, self._calendar, self._at = prefix, ZoneInfo(zone), calendar, _utc(at)
        self._day = at.astimezone(self._zone).date().isoformat()

    def fresh(self, row: int, id: str, record: ComplaintRegistered) -> Fresh:
        """`record` without its number."""
        day, received = record.received.astimezone(self._zone).date(), _utc(record.received)
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
        known = {
            "id": id,
            "office": record.office,
            "channel": record.channel,
            "problem": record.problem_class,
            "industry": section(code),
            "counted": 1,
            "amount": fen or 0,
            "recovered": 0,
            "received": day.isoformat(),
            "accept_due": due.isoformat(),
            "changed": self._at,
            "division": record.division[:6],
            "street": particulars.street(record.business.address),
            "industry_code": particulars.industry(code),
            "platform": particulars.platform(record.object.platform),
            "respondent": particulars.respondent(record),
            "age_band": particulars.age_band(record.consumer),
            "travel": 0,
            "entered": self._day,
            "dropped_as": "",
        }
        return tuple([known.get(name) for name in _FACTS])


# ---------------------------------------------------------------- writing


class Given(NamedTuple):
    """One and the number it gets: 917 of 东高一投〔2026〕0917号."""

    fresh: Fresh
    serial: int
    number: str


async def write(connection: AsyncConnection, new: Sequence[Given], batch: str, at: datetime, actor: Actor) -> None:
    """In a transaction in which nobody else appends. sqlite3.IntegrityError: a number at its source is another's."""
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    log, sealing, moment = await tree.head(connection), Beginnings(_TYPE, at, actor), _utc(at)
    who = (actor.kind, actor.id, actor.name, actor.role, actor.office)
    appended, hashes = [], []
    for leaf, (one, _, number) in enumerate(new, log.size):
        name, salt, data = stream(one.id), fresh_salt(), f"{one.before}{canonical(number)}{one.after}"
        content, hash = sealing.sealed(name, data, salt)
        hashes.append(hash)
        appended.append((leaf, name, 1, "complaint", _TYPE, moment, *who, data, salt, content, hash))
    await raw.executemany(_insert(events), appended)
    await tree.grow(connection, log, hashes)
    places = await _free(raw, [one.fresh.place for one in new])
    rows = [(*one.fresh.complaint, one.number, place) for one, place in zip(new, places, strict=True)]
    await raw.executemany(_INSERT_COMPLAINT, rows)
    await raw.executemany(_insert(complaint_facts), [one.fresh.fact for one in new])
    await raw.executemany(_insert(respondent_marks), [mark for one in new for mark in one.fresh.marks])
    await sums.begun(connection, [one.fresh.id for one in new])
    sources = [(one.complaint[1], *source, one.id) for one, _, _ in new for source in one.sources]
    await raw.executemany(_insert(source_numbers), sources)
    words = [(place, _worded(one)) for one, place in zip(new, places, strict=True)]
    await raw.executemany("INSERT INTO complaint_words (rowid, words) VALUES (?, ?)", words)
    noted = [
        (batch, one.row, "taken", one.id, one.sources[0][1] if one.sources else "", "null", None) for one, _, _ in new
    ]
    await raw.executemany(_insert(import_rows), noted)


def _worded(one: Given) -> str:
    fresh = one.fresh
    return " ".join([fresh.words, *[word for word in serial(f"{one.serial:04d}") if word not in fresh.digits]])


async def _free(raw: Any, wished: Sequence[int]) -> list[int]:
    """As `complaint_rows` gives places: as wished, or the next one that is free."""
    taken: set[int] = set()
    standing = await _standing(raw, wished)
    given = []
    for place in wished:
        while place in taken or place in standing:
            place += 1
            if place not in taken and place not in standing:
                standing |= await _standing(raw, [place])
        taken.add(place)
        given.append(place)
    return given


async def _standing(raw: Any, places: Sequence[int]) -> set[int]:
    asked = "SELECT place FROM complaints WHERE place IN (SELECT value FROM json_each(?))"
    async with raw.execute(asked, (canonical(list(places)),)) as found:
        return {place for (place,) in await found.fetchall()}


@lru_cache(maxsize=8)
def _insert(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" * len(table.columns))})'  # noqa: S608 - our own names


_INSERT_COMPLAINT: Final = (
    f"INSERT INTO complaints ({', '.join((*_COLUMNS, *_LATER))}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join('?' * (len(_COLUMNS) + len(_LATER)))})"
)

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


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)
