"""Complaints as the office's pages ask for them: lists, procedure, notices, files, duplicates; their stores. Here is
what tables have of one complaint, as pure functions of its history: its rows, its clocks, and the words it is found by.

A history is folded once for all of them. Loads no library of databases or pages: processes that read an import's
rows make these too (`server.imports.encoding`).

A token is letters and digits only, so that every engine's index takes it as one; marks, which filters ask for, begin
with `zz`. Chinese text is segmented by jieba's dictionary; names, which no dictionary knows, are kept as every two
neighbouring characters. Change what `filed_complaint` gives and the index must be made anew
(`server.db.projections.rebuild`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from complaints.channels.platforms import sender_clocks
from complaints.complaint import deadlines, open_clocks, running_among
from complaints.duplicates import brand_key, code_mark, phone_mark
from complaints.events import ComplaintEvent, ComplaintRegistered, from_event, written_each
from complaints.insight.respondents import ConductNoted, Mark, marks, note_conduct
from complaints.notices.rules import undelivered, untold
from complaints.record import PartyRecord
from complaints.record.changes import TRANSFERRED
from complaints.record.rules import MERGED, merged_numbers
from complaints.state import Complaint
from complaints.statistics.facts import Fact, FollowedComplaint, fact, follow_complaint
from journal import Event
from law import Day, Deadline, WorkingCalendar, dictionary, weekend
from law.deadlines import DAY
from server.db import compact

MOST_ASKED = 12  # words of one question
# No word of such text is written differently in the index.
_ORDINARY = re.compile(r"[\x00-@\[-\x7f\u00a5\u2010-\u206f\u3000-\u9fff\uff01-\uff20\uff3b-\uff65]*")
_COMMON = re.compile(r"[㐀-鿿]{2,}")
_ONE_WORD = re.compile(r"[A-Za-z1-9][A-Za-z0-9]*")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_RUN = re.compile(r"[^\W_]+")
_CHINESE = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]+|[^㐀-鿿\U00020000-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class Token:
    """`prefix`: any token that begins so."""

    text: str
    prefix: bool = False


Wanted = Sequence[Sequence[Token]]
"""All of these, of each any one."""


@lru_cache(maxsize=1024)
def mark(kind: str, value: str) -> str:
    """The token of a filter's value; `value` may hold any characters."""
    return f"zz{kind}{value.encode().hex()}"


def number_tokens(number: str) -> Sequence[str]:
    """The tokens of a complaint's own number, which come last: it may be given when the others are known."""
    head, bracket, serial = number.rpartition("〕")  # the same of all of a year
    return [*_parts(head), *_parted(serial)] if bracket else _parts(number)


def _once(number: str) -> Sequence[str]:
    """Of a number that one complaint has; remembering them pushes out what comes again."""
    return [number.lower()] if _ONE_WORD.fullmatch(number) else list(_parted(number))


def _tokens_of(record: ComplaintRegistered) -> list[str]:
    """The tokens of all but its own number, some more than once."""
    names = (
        record.consumer.title,
        record.business.organisation,
        record.business.name,
        *(person.name for person in record.joint),
        record.object.brand,
        record.object.shop,
    )
    text = (
        record.title,
        "" if record.request is record.facts else record.request,  # often told as the facts
        record.facts,
        record.industry,
        record.problem,
        record.object.name,
        *record.keywords,
        *names,
    )
    told = [*_words(" ".join(filter(None, text)))]
    for some in (*map(_pairs, filter(None, names)), *[_once(source.number) for source in record.sources]):
        told += some
    return told


def wanted(question: str) -> Wanted:
    """What a person typed. One character, and the beginning of a number, stand for all that begins so."""
    asked: list[Sequence[Token]] = []
    for run in _RUN.findall(question.lower()):
        for part in _CHINESE.findall(run):
            if not _chinese(part):
                asked.append((Token(_plain(part), prefix=True),))
                continue
            for word in dictionary.cut(part):
                asked.extend(_asked(word))
    return asked[:MOST_ASKED]


def fts_query(wanted: Wanted) -> str:
    """As SQLite's FTS5 takes it."""

    def one(token: Token) -> str:
        return f'"{token.text}"{"*" if token.prefix else ""}'

    return " AND ".join(f"({' OR '.join(map(one, either))})" for either in wanted)


def ts_query(wanted: Wanted, but: Sequence[Token]) -> str:
    """As PostgreSQL takes it; with none of `but`."""

    def one(token: Token) -> str:
        return f"'{token.text}'{':*' if token.prefix else ''}"

    def written(either: Sequence[Token], further: str = "") -> str:
        return f"({' | '.join([*map(one, either), *([further] if further else [])])})"

    every: list[str] = []
    left = list(wanted)
    while left:
        # What several ask for is said once: (A | b) & (A | c) is A | (b & c). Of that PostgreSQL guesses how many there
        # are by the word A, of the other by a product, a hundred times too few; and then it reads all there are.
        shared = [token for token in left[0] if sum(token in either for either in left) > 1]
        same = [either for either in left if shared and shared[0] in either]
        rests = [[token for token in either if token != shared[0]] for either in same]
        if len(same) > 1 and all(rests):
            every.append(written([shared[0]], " & ".join(map(written, rests))))
            left = [either for either in left if either not in same]
        else:
            every.append(written(left.pop(0)))
    return " & ".join([*every, *(f"!{one(token)}" for token in but)])


def _asked(word: str) -> Iterable[Sequence[Token]]:
    if len(word) == 1:
        return ((Token(_plain(word), prefix=True),),)
    # A long word is found whole, or, in a name, by all its pairs.
    pairs = [pair for pair in _pairs(word) if len(pair) > 1 and pair != _plain(word)]
    return [(Token(_plain(word)), Token(pair)) for pair in pairs] or ((Token(_plain(word)),),)


def _words(text: str) -> Sequence[str]:
    words = [word for word in dictionary.cut_for_search(text) if len(word) > 1 and word.isalnum()]
    return words if _ORDINARY.fullmatch(text) else [_plain(word.lower()) for word in words]


@lru_cache(maxsize=4096)
def _pairs(name: str) -> Sequence[str]:
    return _twos(name) if _COMMON.fullmatch(name) else list(_paired(name))


def _paired(name: str) -> Iterable[str]:
    for run in _RUN.findall(name.lower()):
        for part in _CHINESE.findall(run):
            if not _chinese(part) or len(part) == 1:
                yield _plain(part)
            else:
                yield from map(_plain, _twos(part))


def _twos(part: str) -> list[str]:
    """The last one alone too, so that every character begins a token."""
    return [part[at : at + 2] for at in range(len(part))]


@lru_cache(maxsize=4096)
def _parts(number: str) -> Sequence[str]:
    return list(_parted(number))


def _parted(number: str) -> Iterable[str]:
    """东高一投〔2026〕0917号 is found by 东高一投, 2026, 0917 and 917."""
    for run in _RUN.findall(number.lower()):
        for part in _CHINESE.findall(run):
            if _chinese(part):
                yield _plain(part)
                yield from _pairs(part)
            else:
                yield _plain(part)
                if part.lstrip("0") != part and part.lstrip("0"):
                    yield part.lstrip("0")


def _chinese(part: str) -> bool:
    return part[0] >= "㐀"


def _plain(token: str) -> str:
    """Rare characters by their code: the tables of SQLite's tokenizer end where they begin."""
    if token.isascii() or not _RARE.search(token):
        return token
    return "".join(char if char <= "\uffff" else f"u{ord(char):x}" for char in token)


# A complaint's place: its position in the order of receipt, newest last, which lists and the word index share.
_SECOND = 1 << 20  # places within one second of receipt
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(complaint: str, received: datetime) -> int:
    """Where it stands when nothing stands there yet; the first place after it otherwise."""
    within = int.from_bytes(hashlib.blake2s(complaint.encode(), digest_size=3).digest()) % (_SECOND // 2)
    return first_place(received) + within


def first_place(received: datetime) -> int:
    """The least place of this moment."""
    return max(0, int((received - _FIRST).total_seconds())) * _SECOND


def place_span(time: timedelta) -> int:
    """Places from one moment to another."""
    return int(time.total_seconds()) * _SECOND


Row = dict[str, Any]


class RecordRows(NamedTuple):
    """What tables have of a complaint's record alone. `words`: some more than once, without marks and its own number;
    `marks`: of its respondent."""

    row: Row
    words: Sequence[str]
    marks: tuple[Mark, ...]


Written = tuple[str, str, Sequence[str]]
"""Of a record what is made of many at once: consumer and business, as the journal has them, and `RecordRows.words`."""


def written_records(records: Sequence[ComplaintRegistered]) -> list[Written]:
    """One after the other they are cut into words in half the time: the dictionary stays at hand."""
    consumers, businesses = (written_each([getattr(one, name) for one in records]) for name in ("consumer", "business"))
    return list(zip(consumers, businesses, [_tokens_of(one) for one in records], strict=True))


class RowedRecord:
    """A record with its rows, which are made once: most of what happens to a complaint leaves its record as it was."""

    def __init__(self, record: ComplaintRegistered, written: Written | None = None) -> None:
        self.record, self._written = record, written

    @cached_property
    def rows(self) -> RecordRows:
        record = self.record
        consumer, business, words = self._written or written_records([record])[0]
        row = {
            "office": record.office,
            "number": record.number,
            "channel": record.channel,
            "received": record.received,
            "title": record.title,
            "request": record.request,
            "facts": record.facts,
            "amount": record.amount,
            "industry": record.industry,
            "problem": record.problem,
            "law_order": record.order,
            "consumer": consumer,
            "business": business,
            "consumer_title": record.consumer.title,
            "business_title": record.business.title,
            "problem_class": record.problem_class,
            "industry_code": record.industry_code,
            "division": record.division,
            "phone_mark": phone_mark(record),
            "code_mark": code_mark(record),
            "brand": brand_key(record.business.title),
        }
        return RecordRows(row, words, marks(record.business, record.division))


@dataclass(frozen=True, slots=True)
class ComplaintHistory:
    """`followed`: its state, and when it entered those that are counted. `conduct`: how its business behaved."""

    followed: FollowedComplaint
    conduct: ConductNoted
    rowed: RowedRecord

    @property
    def complaint(self) -> Complaint:
        return self.followed.complaint


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One entry of the journal, its typed event, and the complaint on either side of it."""

    entry: Event
    event: ComplaintEvent
    before: Complaint | None
    after: Complaint


def follow(
    before: ComplaintHistory | None, event: ComplaintEvent, at: datetime, written: Written | None = None
) -> ComplaintHistory:
    """After one more event. UnknownComplaint where the first is no registration. `written`: of its record."""
    followed = follow_complaint(before.followed if before else None, event, at)
    noted = note_conduct(before.conduct if before else ConductNoted(), event, at, followed.complaint)
    record = followed.complaint.record
    rowed = before.rowed if before is not None and before.rowed.record is record else RowedRecord(record, written)
    return ComplaintHistory(followed, noted, rowed)


def follow_all(
    history: ComplaintHistory | None, entries: Iterable[Event]
) -> tuple[ComplaintHistory | None, Sequence[HistoryStep]]:
    """After these entries, those erased left out; and each step."""
    steps = []
    for entry in entries:
        if not entry.erased:
            before, event = history, from_event(entry)
            history = follow(before, event, entry.at)
            steps.append(HistoryStep(entry, event, before.complaint if before else None, history.complaint))
    return history, steps


NATIONAL: Final = WorkingCalendar()
PARTY_FIELDS: Final = tuple(field.name for field in fields(PartyRecord))
_FACT_FIELDS: Final = tuple(field.name for field in fields(Fact))
_read_fact: Final = attrgetter(*_FACT_FIELDS)


class Filed(NamedTuple):
    """A complaint at a moment as the list has it, but for its place. `words`: each once, with a space between."""

    row: Row
    words: str


class ComplaintRows(NamedTuple):
    """`fact`: of `complaint_facts`. `marks`: of its respondent. `clocks`: those that run beside the one in the row,
    None where there never was any."""

    filed: Filed
    fact: Row
    marks: tuple[Mark, ...]
    clocks: Sequence[Deadline] | None = None

    def numbered(self, number: str) -> ComplaintRows:
        """Of one that was made without its number, what is made with it."""
        row, words = self.filed
        there = f" {words} "
        new = [word for word in dict.fromkeys(number_tokens(number)) if f" {word} " not in there]
        return self._replace(filed=Filed({**row, "number": number}, " ".join((words, *new))))


def complaint_rows(
    id: str, history: ComplaintHistory, zone: str, calendar: WorkingCalendar = NATIONAL
) -> ComplaintRows:
    """`zone`, `calendar`: of its office."""
    complaint = history.complaint
    counted = fact(id, history.followed, zone)
    return ComplaintRows(
        filed_complaint(id, complaint, zone, calendar, history.rowed),
        dict(zip(_FACT_FIELDS, _read_fact(counted), strict=True)),
        history.rowed.rows.marks,
        clocks_beside(complaint, zone, calendar),
    )


def clocks_beside(complaint: Complaint, zone: str, calendar: WorkingCalendar) -> Sequence[Deadline] | None:
    """Of a dispute about competence and of what its sender asks; None where there never was either: most complaints
    cost nothing here."""
    record, prior = complaint.record, complaint.exchanged.prior
    asked = record.sign_due or record.feedback_due or record.channel_due or record.settle_due
    if not (asked or prior or complaint.disputes):
        return None
    disputed = [one for one in open_clocks(complaint, zone, calendar) if one.code == "competence"]
    return [*disputed, *sender_clocks(complaint, zone, calendar)]


def filed_complaint(
    complaint: str, state: Complaint, zone: str, calendar: WorkingCalendar = NATIONAL, rowed: RowedRecord | None = None
) -> Filed:
    """`rowed`: its record, where somebody has it with its rows."""
    told = (RowedRecord(state.record) if rowed is None else rowed).rows
    clocks = deadlines(state, zone, calendar)
    current = running_among(state, clocks)
    row = told.row | {
        "id": complaint,
        "state": MERGED if state.merged is not None else TRANSFERRED if state.transfers.rests else state.state.value,
        "deadlines": f"[{','.join(map(written_clock, clocks))}]",
        # What stands still is due on no day yet.
        "running": current.code if current and not current.standing else "",
        "next_due": current.due if current and not current.standing else None,
        "loss_recovered": state.loss_recovered,
        "promises_due": state.promises_due,
        "telling": "failed" if undelivered(state) else "owed" if untold(state) else "",
    }
    code = row["industry_code"]
    words = [
        mark("office", row["office"]),
        mark("channel", row["channel"]),
        mark("state", row["state"]),
        mark("problem", row["problem_class"]),
        *((mark("industry", code[:1]), mark("industry", code[:3])) if code else ()),
        *told.words,
    ]
    for number in merged_numbers(state):
        words += _parts(number)
    return Filed(row, " ".join(dict.fromkeys([*words, *number_tokens(row["number"])])))


# A statutory clock as columns keep it. Of its days only those are written that do not follow from the one before.
def clock_row(clock: Deadline) -> Row:
    """`days`: each the one after the day before, the first is `start`. A number: the how-manieth that counts; 0: one of
    a weekend, which does not; [zh, en]: why another does not. Any other day stands there whole."""
    row: Row = {
        "code": clock.code,
        "due": clock.due.isoformat(),
        "start": clock.start.isoformat(),
        "article_zh": clock.article_zh,
        "article_en": clock.article_en,
        "days": list(_short_days(clock.days, clock.start)),
    }
    for name in ("estimated", "standing", "left"):
        if getattr(clock, name):
            row[name] = getattr(clock, name)
    return row


_written: dict[int, tuple[Deadline, str]] = {}
_CLOCKS_REMEMBERED = 1024


def written_clock(clock: Deadline) -> str:
    """The row as JSON. Complaints of one day have one and the same clock (`law.accept_by`), of an import some thousands
    each: what was written of it is known by its identity, since its days would have to be compared otherwise."""
    known = _written.get(id(clock))
    if known is None:
        if len(_written) >= _CLOCKS_REMEMBERED:
            _written.clear()
        # With the clock itself, which keeps its identity from being another's.
        known = _written[id(clock)] = clock, compact(clock_row(clock))
    return known[1]


def days_of(row: Mapping[str, Any]) -> list[Day]:
    """The days of a clock's row."""
    return list(_whole_days(row["days"], date.fromisoformat(row["start"])))


def _short_days(days: Sequence[Day], start: date) -> Iterator[Any]:
    expected = start
    for day in days:
        short = _day_words(day)
        yield short if day.date == expected else _spelled_day(day)
        expected = day.date + DAY


def _day_words(day: Day) -> Any:
    if day.number:
        return day.number if day.zh == day.en == str(day.number) else _spelled_day(day)
    rest = weekend(day.date)
    return 0 if rest is not None and (rest.zh, rest.en) == (day.zh, day.en) else [day.zh, day.en]


def _spelled_day(day: Day) -> Row:
    return {"date": day.date.isoformat(), "number": day.number, "zh": day.zh, "en": day.en}


def _whole_days(days: Iterable[Any], start: date) -> Iterator[Day]:
    at = start
    for day in days:
        match day:
            case {"date": day_of, "number": number, "zh": zh, "en": en}:  # every day of a row from before 2026-11-27
                at = date.fromisoformat(day_of)
                yield Day(at, number, zh, en)
            case [zh, en]:
                yield Day(at, 0, zh, en)
            case 0:
                rest = weekend(at)
                assert rest is not None, f"{at} is not of a weekend"
                yield Day(at, 0, rest.zh, rest.en)
            case number:
                yield Day(at, number, str(number), str(number))
        at += DAY
