"""From a row to a filing, or to every reason why not."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

from complaints.channels import cells
from complaints.channels.cells import Cell, Read
from complaints.channels.errors import BadCell, Problem
from complaints.channels.mapping import FIELDS, ChannelMapping, Header, Values
from complaints.record.record import ObjectRecord, PartyTyped, SourceNumber
from complaints.service import Filing
from journal.numbers import is_sample, narrow
from law.grounds import MATTERS

Numbered = tuple[int, Sequence[Cell]]
"""A row and its number in the file."""

UNNAMED: Final = "未留姓名"
"""Of a consumer whose name the channel passes on in no column: the record needs one."""

REPORT: Final = "report"
_APART: Final = frozenset({REPORT, *MATTERS})  # kinds of rows that are no complaints (Order 121 Arts 9, 44)
_NOBODY: Final = ("匿名", "匿名举报", "匿名举报人", "无", UNNAMED)
_SUMS = ("合计", "总计", "小计", "共计")
_TITLE, _SOON = 40, timedelta(days=1)
_LONGEST: Final = {
    "title": 120, "request": 2_000, "number": 80, "consumer_name": 60, "business_name": 120, "business_contact": 60,
    "industry": 60, "problem": 200, "consumer_city": 60, "business_city": 60, "consumer_address": 200,
    "business_address": 200, "industry_code": 8, "division": 12, "jurisdiction": 60,
}  # fmt: skip
_REST: Final = 200  # characters of any other text
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
    calls it, "" for nothing."""

    row: int
    number: str
    filing: Filing | None
    problems: tuple[Problem, ...] = ()
    apart: OtherSubmission | None = None


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
        table = _table([row for _, row in rows], self._width)
        for field, (index, read) in self._plan.items():
            said[field], found = read(table[index])
            for place, no in found.items():
                faults.setdefault(place, []).append(Problem(no.code, self._header.names[index], no.params))
        for field, value in self._defaults.items():
            said[field] = [value if one is None else one for one in said[field]]
        for place, problem in self._missing(said, table):
            faults.setdefault(place, []).append(problem)
        values = map(Values._make, zip(*said.values(), strict=True))
        return [
            self._row(number, one, row, faults.get(place, ()))
            for place, ((number, row), one) in enumerate(zip(rows, values, strict=True))
        ]

    def _row(self, number: int, values: Values, row: Sequence[Cell], problems: Sequence[Problem]) -> ChannelRow:
        source = narrow(values.number or "")
        if problems:
            return ChannelRow(number, source, None, tuple(problems))
        try:
            if values.kind in _APART:
                return ChannelRow(number, source, None, apart=self._apart(values, row))
            return ChannelRow(number, source, self._filing(values, row))
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
        """Needed fields, and those a file promises in its header, whose cell says nothing."""
        apart = [kind in _APART for kind in said["kind"]]
        for field in ("facts", "business_name", "received", "consumer_phone", "consumer_name"):
            index = self._header.columns.get(field)
            if index is None and field not in ("facts", "business_name"):
                continue
            for place, value in enumerate(said[field]):
                if apart[place] and not (
                    field == "facts" or (field == "business_name" and said["kind"][place] == REPORT)
                ):
                    continue  # nobody has to give a name to report something, or to ask
                if value is None and (index is None or cells.empty(table[index][place])):
                    yield place, Problem("missing", self._header.name_of(field))

    def _apart(self, said: Values, row: Sequence[Cell]) -> OtherSubmission:
        facts, phones = said.facts or "", (*(said.consumer_phone or ()), *(said.consumer_other_phone or ()))
        person = (said.consumer_name or "").strip()
        return OtherSubmission(
            kind=said.kind or "",
            channel=said.channel or self._mapping.channel,
            mode=said.mode or "",
            received=self._received(said),
            title=said.title or _headline(facts),
            content=self._with_kept(facts, row),
            about=said.business_name or "",
            place=said.business_address or "",
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

    def _filing(self, said: Values, row: Sequence[Cell]) -> Filing:
        place, channel, facts = self._place, said.channel or self._mapping.channel, said.facts or ""
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
            title=said.title or _headline(facts),
            request=(said.request or facts)[: _LONGEST["request"]],
            facts=self._with_kept(facts, row),
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
        )

    def _with_kept(self, facts: str, row: Sequence[Cell]) -> str:
        """Columns without a field of their own are not lost."""
        kept = [index for index in self._header.kept if index < len(row) and not cells.empty(row[index])]
        if not kept:
            return facts
        lines = [f"{self._header.names[index]}：{cells.text(row[index])}" for index in kept]
        whole = "\n".join([facts, "", *lines])
        if len(whole) > cells.LONGEST:
            raise BadCell("too_long", most=cells.LONGEST, column=self._header.name_of("facts"))
        return whole


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
        kind=said.object_kind or "goods",
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
