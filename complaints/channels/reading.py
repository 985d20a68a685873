"""From a row to a filing, or to every reason why not; and to a record, what a value means once somebody has said so."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

import complaints
from complaints.channels import BadCell, Problem, cells
from complaints.channels.cells import Cell, Read
from complaints.channels.mapping import FIELDS, LONGEST_VALUE, ChannelMapping, Header, Values, concluded, object_kind
from complaints.events import plain
from complaints.record import (
    ComplaintRegistered,
    EarlierHandling,
    ObjectRecord,
    PartyTyped,
    SourceNumber,
    UnknownValue,
)
from complaints.service import Filing
from journal.numbers import is_sample, narrow
from law.grounds import MATTERS

Numbered = tuple[int, Sequence[Cell]]
"""A row and its number in the file."""

UNNAMED: Final = "未留姓名"
"""Of a consumer whose name the channel does not pass on: the record needs one."""
NO_FACTS: Final = "（来源未提供事实经过）"
"""Of a row that says nothing of what happened: it is taken, and marked (`no_facts`)."""

REPORT: Final = "report"
_APART: Final = frozenset({REPORT, *MATTERS})  # kinds of rows that are no complaints (Order 121 Arts 9, 44)
_NOBODY: Final = ("匿名", "匿名举报", "匿名举报人", "无", UNNAMED)
_SAYING: Final = ("title", "request", "business_name", "problem", "object_name", "problem_class")
_SUMS = ("合计", "总计", "小计", "共计")
_TITLE, _SOON = 40, timedelta(days=1)
_LONGEST: Final = {
    "title": 120, "request": 2_000, "number": 80, "consumer_name": 60, "business_name": 120, "business_contact": 60,
    "industry": 60, "problem": 200, "consumer_city": 60, "business_city": 60, "consumer_address": 200,
    "business_address": 200, "industry_code": 8, "division": 12, "jurisdiction": 60, "result": 2_000,
}  # fmt: skip
_REST: Final = 200  # characters of any other text
_LENIENT: Final = frozenset({"accepted", "finished", "recovered"})  # what is no day or amount is kept as text
_AT_ONCE: Final = 250  # rows
_SENTENCE = re.compile(r"[。！？!?；;\n]")


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """Where and when: what a row does not say itself."""

    office: str
    prefix: str
    zone: str
    now: datetime


class OtherSubmission(NamedTuple):
    """What a row says that is no complaint. `kind`: "report", or one of `law.grounds.MATTERS`; `about`: a business."""

    kind: str
    channel: str
    mode: str
    received: datetime
    title: str
    content: str
    about: str
    place: str
    credit_code: str
    person: str  # "" when nobody is named
    phone: str
    source: str


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """`filing` and `apart` are None when there are problems, and one of them otherwise. `number`: what the channel
    calls it, "" for nothing. `notes`: what is to be looked at in a row that is taken all the same."""

    row: int
    number: str
    filing: Filing | None
    problems: tuple[Problem, ...] = ()
    apart: OtherSubmission | None = None
    notes: tuple[Problem, ...] = ()


class RowReader:
    """Reads the rows below one header."""

    def __init__(self, mapping: ChannelMapping, header: Header, place: ReadingContext) -> None:
        self._mapping, self._header, self._place = mapping, header, place
        self._plan = {field: (header.columns[field], self._how(field)) for field in FIELDS if field in header.columns}
        self._width = 1 + max(header.columns.values(), default=-1)
        self._defaults = {
            field: (value,) if FIELDS[field] in ("choices", "words") else value
            for field, value in mapping.defaults.items()
        }

    def rows(self, rows: Iterable[Numbered]) -> Iterator[ChannelRow]:
        """Numbered rows below the header; empty ones and sums are left out."""
        source = iter(rows)
        while some := list(itertools.islice(source, _AT_ONCE)):
            yield from self.read([(number, row) for number, row in some if not self.blank(row)])

    def blank(self, row: Sequence[Cell]) -> bool:
        """Or a sum."""
        begins = row[0] if row else None
        if isinstance(begins, str) and len(begins) > cells.LONGEST_NOTHING and begins.isascii() and begins.isalnum():
            return False  # with its number, as nearly all do
        filled = (cell for cell in row if not cells.empty(cell))
        first = next(filled, None)
        if first is None or not isinstance(first, str) or not first.strip().startswith(_SUMS):
            return first is None
        return 1 + sum(1 for _ in filled) < len(self._plan) // 2

    def read(self, rows: Sequence[Numbered]) -> list[ChannelRow]:
        """Each of them, in their order."""
        said = dict.fromkeys(FIELDS, cast(Sequence[Any], (None,) * len(rows)))
        faults: dict[int, list[Problem]] = {}
        unknown: dict[int, list[UnknownValue]] = {}
        table = _table([row for _, row in rows], self._width)
        for field, (index, read) in self._plan.items():
            said[field], found = read(table[index])
            if not found:
                continue
            column = said[field] = list(said[field])
            for place, no in found.items():
                if no.code == "bad_choice" or field in _LENIENT:
                    column[place], words = self._unknown(field, table[index][place])
                    unknown.setdefault(place, []).extend(UnknownValue(field, word[:LONGEST_VALUE]) for word in words)
                else:
                    faults.setdefault(place, []).append(Problem(no.code, self._header.names[index], no.params))
        self._named_problems(said, table)
        for field, value in self._defaults.items():
            said[field] = [value if one is None else one for one in said[field]]
        for place, problem in self._missing(said, table):
            faults.setdefault(place, []).append(problem)
        values = map(Values._make, zip(*said.values(), strict=True))
        return [
            self._row(number, one, row, faults.get(place, ()), tuple(unknown.get(place, ())))
            for place, ((number, row), one) in enumerate(zip(rows, values, strict=True))
        ]

    def _unknown(self, field: str, cell: Cell) -> tuple[Any, Sequence[str]]:
        """What a cell stands for that says something nobody knows, and the words that nobody knows."""
        plain = _shown(cell)
        match FIELDS[field]:
            case "choices":
                known = self._mapping.values.get(field, {})
                parts = cells.parts(plain)
                values = [known.get(part.lower(), "other" if field == "requests" else "") for part in parts]
                found = tuple(dict.fromkeys(value for value in values if value))
                return found, [part for part in parts if part.lower() not in known]
            case "flag":
                return (True if field == "secret" else None), [plain]  # rather kept back than told
            case _:
                return _INSTEAD.get(field), [plain]

    def _named_problems(self, said: dict[str, Sequence[Any]], table: Sequence[Sequence[Cell]]) -> None:
        """A class of another vocabulary says more than ours: its word stays where the file has no other."""
        if "problem_class" not in self._plan:
            return
        column, problems = table[self._plan["problem_class"][0]], said["problem"]
        words = [_finer(cell) if isinstance(cell, str) else None for cell in column]
        said["problem"] = [word if one is None else one for one, word in zip(problems, words, strict=True)]

    def _row(
        self,
        number: int,
        values: Values,
        row: Sequence[Cell],
        problems: Sequence[Problem],
        unknown: tuple[UnknownValue, ...],
    ) -> ChannelRow:
        source = narrow(values.number or "")
        if problems:
            return ChannelRow(number, source, None, tuple(problems))
        try:
            if values.kind in _APART:
                return ChannelRow(number, source, None, apart=self._apart(values, row, unknown))
            filing = self._filing(values, row, unknown)
            return ChannelRow(number, source, filing, notes=_notes(filing))
        except BadCell as no:
            return ChannelRow(number, source, None, (Problem(no.code, no.params.pop("column", ""), no.params),))

    def _how(self, field: str) -> Read:
        among, zone = self._mapping.values.get(field, {}), self._place.zone
        match FIELDS[field]:
            case "moment":
                return cells.each_cell(lambda cell: cells.moment(_dated(cell), zone))
            case "day":
                return cells.repeated_cells(lambda cell: cells.day(_dated(cell), zone))
            case "clock":
                return cells.each_cell(cells.clock)
            case "phones":
                return cells.each_cell(cells.phones)
            case "identity":
                return cells.each_cell(cells.identity)
            case "amount":
                return cells.repeated_cells(cells.amount)
            case "flag":
                return cells.repeated_cells(cells.flag)
            case "choice" | "kind":
                return cells.repeated_cells(lambda cell: cells.choice(cell, among))
            case "choices":
                return cells.repeated_cells(lambda cell: cells.choices(cell, among))
            case "words":
                return cells.repeated_cells(
                    lambda cell: tuple(word for word in re.split(r"[、，,;；|\s]+", cells.text(cell)) if word)[:20]
                )
            case _:
                return cells.text_cells(_LONGEST.get(field, cells.LONGEST if field == "facts" else _REST))

    def _missing(
        self, said: Mapping[str, Sequence[Any]], table: Sequence[Sequence[Cell]]
    ) -> Iterator[tuple[int, Problem]]:
        """The day of receipt, where the file has one: periods are counted from it. What is no complaint needs to say
        something, a report of whom as well; a complaint is taken as it is, if it says anything of what it is about."""
        apart = [kind in _APART for kind in said["kind"]]
        for field in ("received", "facts", "business_name"):
            index = self._header.columns.get(field)
            if index is None and field != "facts":
                continue
            for place, value in enumerate(said[field]):
                if value is not None:
                    continue
                if apart[place]:
                    needs = field == "facts" or said["kind"][place] == REPORT
                else:
                    needs = field == "received" or (field == "facts" and not any(said[one][place] for one in _SAYING))
                if needs and (index is None or cells.empty(table[index][place])):
                    yield place, Problem("missing", self._header.name_of(field))

    def _apart(self, said: Values, row: Sequence[Cell], unknown: Sequence[UnknownValue]) -> OtherSubmission:
        facts, phones = said.facts or "", (*(said.consumer_phone or ()), *(said.consumer_other_phone or ()))
        person = (said.consumer_name or "").strip()
        return OtherSubmission(
            kind=said.kind or "",
            channel=said.channel or self._mapping.channel,
            mode=said.mode or "",
            received=self._received(said),
            title=said.title or _headline(facts),
            content="\n".join([self._with_kept(facts, row, unknown), *map(self._line, unknown)]),
            about=said.business_name or "",
            place=said.place or said.business_address or "",
            credit_code=said.credit_code or "",
            person="" if person in _NOBODY else person,
            phone=phones[0] if phones else "",
            source=narrow(said.number) if said.number else "",
        )

    def _received(self, said: Values) -> datetime:
        place = self._place
        if said.number and is_sample(said.number) and not is_sample(place.prefix):
            raise BadCell("sample", column=self._header.name_of("number"))
        received = said.received or place.now
        if said.received_time is not None:
            zone = ZoneInfo(place.zone)
            received = datetime.combine(received.astimezone(zone).date(), said.received_time, zone)
            received = received.astimezone(place.now.tzinfo)
        if received > place.now + _SOON:
            raise BadCell("future_date", column=self._header.name_of("received"))
        return received

    def _filing(self, said: Values, row: Sequence[Cell], unknown: tuple[UnknownValue, ...]) -> Filing:
        place, channel, facts = self._place, said.channel or self._mapping.channel, said.facts or NO_FACTS
        received = self._received(said)
        phones = (*(said.consumer_phone or ()), *(said.consumer_other_phone or ()))
        business_phones = said.business_phone or ()
        identity = said.consumer_id_number or ""
        id_kind = said.consumer_id_kind or ("resident" if len(identity) == 18 else "other" if identity else "")
        return Filing(
            office=place.office,
            prefix=place.prefix,
            zone=place.zone,
            channel=channel,
            received=received,
            title=said.title or _headline(said.facts or said.object_name or said.problem or facts),
            request=(said.request or said.facts or said.title or facts)[: _LONGEST["request"]],
            facts=self._with_kept(facts, row, unknown),
            amount=said.amount,
            consumer=PartyTyped(
                name=said.consumer_name or UNNAMED,
                phone=phones[0] if phones else "",
                city=said.consumer_city or "",
                address=said.consumer_address or "",
                sex=said.consumer_sex or "",
                age_band=said.consumer_age_band or "",
                id_kind=id_kind,
                id_number=identity,
                other_phone=phones[1] if len(phones) > 1 else "",
                email=said.consumer_email or "",
            ),
            business=PartyTyped(
                name=said.business_contact or "",
                phone=business_phones[0] if business_phones else "",
                city=said.business_city or "",
                address=said.business_address or "",
                organisation=said.business_name or "",
                credit_code=said.credit_code or "",
                other_phone=business_phones[1] if len(business_phones) > 1 else "",
            ),
            industry=said.industry or "",
            problem=said.problem or "",
            mode=said.mode or "",
            sources=(SourceNumber(channel, narrow(said.number)),) if said.number else (),
            object=_object(said),
            requests=said.requests or (),
            problem_class=said.problem_class or "",
            industry_code=said.industry_code or "",
            division=said.division or "",
            jurisdiction=said.jurisdiction or "",
            urgency=said.urgency or (),
            secret=bool(said.secret),
            wants_reply=True if said.wants_reply is None else said.wants_reply,
            keywords=said.keywords or (),
            also_reports=said.kind == "both",
            place=said.place or "",
            channel_due=said.channel_due or "",
            publicity=said.publicity or "",
            sign_due=said.sign_due or "",
            feedback_due=said.feedback_due or "",
            settle_due=said.settle_due or "",
            unknown=unknown,
            earlier=self._earlier(said, row),
        )

    def _earlier(self, said: Values, row: Sequence[Cell]) -> EarlierHandling | None:
        """None where nothing is said but that it is still to be begun. A day of acceptance alone begins nothing: some
        call receipt so."""
        state = said.status or ("closed" if said.finished else "received")
        if state == "received" and not (said.accepted or said.result or said.recovered):
            return None
        for field, day in (("accepted", said.accepted), ("finished", said.finished)):
            if day is not None and day > self._place.now + _SOON:
                raise BadCell("future_date", column=self._header.name_of(field))
        return EarlierHandling(
            concluded(state, said.result or ""),
            self._word("status", row)[:LONGEST_VALUE],
            said.accepted,
            said.finished,
            said.result or "",
            said.recovered,
        )

    def _with_kept(self, facts: str, row: Sequence[Cell], unknown: Sequence[UnknownValue]) -> str:
        """Columns without a field of their own are not lost; nor what has one and is too long for it."""
        columns = (*self._header.kept, *self._long(row, unknown)) if unknown else self._header.kept
        kept = [index for index in columns if index < len(row) and not cells.empty(row[index])]
        if not kept:
            return facts
        lines = [f"{self._header.names[index]}：{cells.text(row[index])}" for index in kept]
        whole = "\n".join([facts, "", *lines])
        if len(whole) > cells.LONGEST:
            raise BadCell("too_long", most=cells.LONGEST, column=self._header.name_of("facts"))
        return whole

    def _word(self, field: str, row: Sequence[Cell]) -> str:
        """As the file has it."""
        index = self._header.columns.get(field)
        return "" if index is None or index >= len(row) or cells.empty(row[index]) else cells.text(row[index])

    def _line(self, unknown: UnknownValue) -> str:
        return f"{self._header.name_of(unknown.field)}：{unknown.said}"

    def _long(self, row: Sequence[Cell], unknown: Sequence[UnknownValue]) -> Sequence[int]:
        """Columns whose words are longer than what is kept of an unknown one."""
        columns = [self._plan[one.field][0] for one in unknown]
        return [index for index in dict.fromkeys(columns) if len(str(row[index])) > LONGEST_VALUE]


def _notes(filing: Filing) -> tuple[Problem, ...]:
    """What is to be looked at in a complaint that is taken."""
    if not filing.unknown and filing.business.organisation and filing.facts[:1] != NO_FACTS[0]:
        return ()
    found = [Problem("unknown_value", one.field, {"value": one.said}) for one in filing.unknown]
    if not (filing.business.organisation or filing.business.name):
        found.append(Problem("unnamed"))
    if filing.facts.startswith(NO_FACTS):
        found.append(Problem("no_facts"))
    return tuple(found)


_INSTEAD: Final = {"problem_class": "other", "consumer_id_kind": "other"}


def _shown(cell: Cell) -> str:
    """Of a cell that is at fault."""
    try:
        return cells.text(cell)
    except BadCell:
        return str(cell).encode(errors="replace").decode()


@lru_cache(maxsize=2_048)
def _finer(cell: str) -> str | None:
    """A word that is none of ours: 市场调节价, which is a matter of price."""
    word = cell.strip()
    ours = any(word in (*names, value) for value, names in complaints.PROBLEMS.items())
    return None if ours or cells.empty(cell) or len(word) > _LONGEST["problem"] or not word.isprintable() else word


def _table(rows: Sequence[Sequence[Cell]], width: int) -> Sequence[Sequence[Cell]]:
    """Its columns; what a row lacks is nothing."""
    if not rows:
        return [()] * width
    if min(map(len, rows)) < width:
        rows = [(*row, *itertools.repeat(None, width - len(row))) for row in rows]
    return list(zip(*rows, strict=False))


def _dated(cell: Cell) -> object:
    """A date that a spreadsheet keeps as a number stays one; of text what is unseen goes."""
    if isinstance(cell, str) and not (cell.isascii() and cell[0].isdigit() and cell.isprintable()):
        return cells.text(cell)
    return cell


def _headline(facts: str) -> str:
    first = _SENTENCE.split(facts, maxsplit=1)[0].strip() or facts.strip()
    return first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"


def _object(said: Values) -> ObjectRecord:
    return ObjectRecord(
        kind=said.object_kind or object_kind(said.object_category or "") or "goods",
        category=said.object_category or "",
        name=said.object_name or "",
        brand=said.object_brand or "",
        model=said.object_model or "",
        quantity=said.object_quantity or "",
        paid=said.object_paid,
        bought=said.object_bought,
        order_number=said.object_order_number or "",
        platform=said.object_platform or "",
        shop=said.object_shop or "",
    )


def with_meaning(record: ComplaintRegistered, field: str, said: str, value: str) -> ComplaintRegistered:
    """With what somebody says it means, where nobody has put anything else there meanwhile."""
    left = tuple(one for one in record.unknown if one != UnknownValue(field, said))
    record = replace(record, unknown=left)
    match field:
        case "requests":
            others = any(one.field == field for one in left)
            known = tuple(one for one in record.requests if one != "other" or others)
            return replace(record, requests=tuple(dict.fromkeys((*known, value))))
        case "urgency":
            return replace(record, urgency=tuple(dict.fromkeys((*record.urgency, value))))
        case "problem_class":
            return replace(record, problem_class=value) if record.problem_class in ("", "other") else record
        case "consumer_sex" | "consumer_age_band" | "consumer_id_kind":
            part = field.removeprefix("consumer_")
            before = getattr(record.consumer, part)
            if before not in ("", "other"):
                return record
            return replace(record, consumer=_with(record.consumer, part, value))
        case "object_kind":
            return replace(record, object=replace(record.object, kind=value))
        case "mode":
            return replace(record, mode=value)
        case "kind":
            return replace(record, also_reports=record.also_reports or value == "both")
        case "status":
            earlier = record.earlier or EarlierHandling("received")
            return replace(record, earlier=replace(earlier, state=concluded(value, earlier.result), said=said))
        case _:
            return record


def source_changes(record: ComplaintRegistered) -> dict[str, Any]:
    """What a complaint's channel says of its handling, as an update of it tells (`SourceUpdated`)."""
    return {"earlier": plain(record.earlier), "unknown": plain(record.unknown)}


def _with(whole: Any, name: str, value: str) -> Any:
    return replace(whole, **{name: value})
