"""From a row to a filing, or to every reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from complaints.channels import cells, dates
from complaints.channels.cells import Cell
from complaints.channels.errors import BadCell, Problem
from complaints.channels.header import Header
from complaints.channels.mapping import FIELDS, Mapping
from complaints.record import ObjectRecord, SourceNumber
from complaints.service import Filing, Person

UNNAMED: Final = "未留姓名"
"""Of a consumer whose name the channel passes on in no column: the record needs one."""

_SUMS = ("合计", "总计", "小计", "共计")
_TITLE, _SOON = 40, timedelta(days=1)
_LONGEST: Final = {
    "title": 120, "request": 2_000, "number": 80, "consumer_name": 60, "business_name": 120, "business_contact": 60,
    "industry": 60, "problem": 200, "consumer_city": 60, "business_city": 60, "consumer_address": 200,
    "business_address": 200, "industry_code": 8, "division": 12, "jurisdiction": 60,
}  # fmt: skip
_REST: Final = 200  # characters of any other text
_REMEMBERED: Final = 500
_NOTHING: Final[dict[str, Any]] = dict.fromkeys(FIELDS)
_SENTENCE = re.compile(r"[。！？!?；;\n]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when: what a row does not say itself."""

    office: str
    prefix: str
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """`filing` is None when there are problems. `number`: what the channel calls it, "" for nothing."""

    row: int
    number: str
    filing: Filing | None
    problems: tuple[Problem, ...] = ()


class Reader:
    """Reads the rows below one header."""

    def __init__(self, mapping: Mapping, header: Header, place: Place) -> None:
        self._mapping, self._header, self._place = mapping, header, place
        self._named = header.columns.keys()
        self._plan = [(field, header.columns[field], self._how(field)) for field in FIELDS if field in header.columns]

    def rows(self, rows: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[Row]:
        """Numbered rows below the header; empty ones and sums are left out."""
        for number, row in rows:
            if not self.blank(row):
                yield self.read(number, row)

    def blank(self, row: Sequence[Cell]) -> bool:
        filled = (cell for cell in row if not cells.empty(cell))
        first = next(filled, None)
        if first is None or not isinstance(first, str) or not first.strip().startswith(_SUMS):
            return first is None
        return 1 + sum(1 for _ in filled) < len(self._plan) // 2

    def read(self, number: int, row: Sequence[Cell]) -> Row:
        got = _NOTHING.copy()
        problems = []
        for field, index, read in self._plan:
            cell = row[index] if index < len(row) else None
            if cells.empty(cell):
                continue
            try:
                got[field] = read(cell)
            except BadCell as no:
                problems.append(Problem(no.code, self._header.names[index], no.params))
        for field, value in self._mapping.defaults.items():
            if got[field] is None:
                got[field] = (value,) if FIELDS[field] in ("choices", "words") else value
        problems.extend(self._missing(got, row))
        source = got["number"] or ""
        if problems:
            return Row(number, source, None, tuple(problems))
        try:
            return Row(number, source, self._filing(got, row))
        except BadCell as no:
            return Row(number, source, None, (Problem(no.code, no.params.pop("column", ""), no.params),))

    def _how(self, field: str) -> Callable[[Cell], Any]:
        among, zone = self._mapping.values.get(field, {}), self._place.zone
        match FIELDS[field]:
            case "moment":
                return lambda cell: dates.moment(_dated(cell), zone)
            case "day":
                return lambda cell: dates.day(_dated(cell), zone)
            case "clock":
                return dates.clock
            case "phones":
                return cells.phones
            case "identity":
                return cells.identity
            case "amount":
                return cells.amount
            case "flag":
                return cells.flag
            case "choice" | "kind":
                return _remembered(lambda cell: cells.choice(cell, among))
            case "choices":
                return _remembered(lambda cell: cells.choices(cell, among))
            case "words":
                return lambda cell: tuple(word for word in re.split(r"[、，,;；|\s]+", cells.text(cell)) if word)[:20]
            case _:
                most = _LONGEST.get(field, cells.LONGEST if field == "facts" else _REST)
                return lambda cell: _short(cells.text(cell), most)

    def _missing(self, got: dict[str, Any], row: Sequence[Cell]) -> Iterator[Problem]:
        """Needed fields, and those a file promises in its header, whose cell says nothing."""
        for field in ("facts", "business_name", "received", "consumer_phone", "consumer_name"):
            index = self._header.columns.get(field)
            told = index is not None and index < len(row) and not cells.empty(row[index])
            needed = field in ("facts", "business_name") or index is not None
            if needed and got[field] is None and not told:
                yield Problem("missing", self._header.name_of(field))
        if got["kind"] == "report":
            yield Problem("report", self._header.name_of("kind"))

    def _filing(self, got: dict[str, Any], row: Sequence[Cell]) -> Filing:
        place, channel = self._place, got["channel"] or self._mapping.channel
        received: datetime = got["received"] or place.now
        if isinstance(got["received_time"], time):
            zone = ZoneInfo(place.zone)
            received = datetime.combine(received.astimezone(zone).date(), got["received_time"], zone)
            received = received.astimezone(place.now.tzinfo)
        if received > place.now + _SOON:
            raise BadCell("future_date", column=self._header.name_of("received"))
        facts: str = got["facts"]
        phones: tuple[str, ...] = (*(got["consumer_phone"] or ()), *(got["consumer_other_phone"] or ()))
        business_phones: tuple[str, ...] = got["business_phone"] or ()
        identity = got["consumer_id_number"] or ""
        id_kind = got["consumer_id_kind"] or ("resident" if len(identity) == 18 else "other" if identity else "")
        request = got["request"] or facts
        return Filing(
            office=place.office,
            prefix=place.prefix,
            zone=place.zone,
            channel=channel,
            received=received,
            title=got["title"] or _headline(facts),
            request=request[: _LONGEST["request"]],
            facts=self._with_kept(facts, row),
            amount=got["amount"],
            consumer=Person(
                name=got["consumer_name"] or UNNAMED,
                phone=phones[0] if phones else "",
                city=got["consumer_city"] or "",
                address=got["consumer_address"] or "",
                sex=got["consumer_sex"] or "",
                age_band=got["consumer_age_band"] or "",
                id_kind=id_kind,
                id_number=identity,
                other_phone=phones[1] if len(phones) > 1 else "",
                email=got["consumer_email"] or "",
            ),
            business=Person(
                name=got["business_contact"] or "",
                phone=business_phones[0] if business_phones else "",
                city=got["business_city"] or "",
                address=got["business_address"] or "",
                organisation=got["business_name"],
                credit_code=got["credit_code"] or "",
                other_phone=business_phones[1] if len(business_phones) > 1 else "",
            ),
            industry=got["industry"] or "",
            problem=got["problem"] or "",
            mode=got["mode"] or "",
            sources=(SourceNumber(channel, got["number"]),) if got["number"] else (),
            object=_object(got),
            requests=got["requests"] or (),
            problem_class=got["problem_class"] or "",
            industry_code=got["industry_code"] or "",
            division=got["division"] or "",
            jurisdiction=got["jurisdiction"] or "",
            urgency=got["urgency"] or (),
            secret=bool(got["secret"]),
            wants_reply=True if got["wants_reply"] is None else got["wants_reply"],
            keywords=got["keywords"] or (),
            also_reports=got["kind"] == "both",
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


def _remembered(read: Callable[[Cell], Any]) -> Callable[[Cell], Any]:
    """Of cells that say one of a few things in every row."""
    known: dict[str, Any] = {}

    def again(cell: Cell) -> Any:
        if not isinstance(cell, str):
            return read(cell)
        found = known.get(cell)
        if found is None:
            found = read(cell)
            if len(known) < _REMEMBERED:
                known[cell] = found
        return found

    return again


def _short(value: str, most: int) -> str:
    if len(value) > most:
        raise BadCell("too_long", most=most)
    return value


def _dated(cell: Cell) -> object:
    """A date that a spreadsheet keeps as a number stays one; of text what is unseen goes."""
    return cells.text(cell) if isinstance(cell, str) else cell


def _headline(facts: str) -> str:
    first = _SENTENCE.split(facts, maxsplit=1)[0].strip() or facts.strip()
    return first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"


def _object(got: dict[str, Any]) -> ObjectRecord:
    paid: Decimal | None = got["object_paid"]
    return ObjectRecord(
        kind=got["object_kind"] or "goods",
        category=got["object_category"] or "",
        name=got["object_name"] or "",
        brand=got["object_brand"] or "",
        model=got["object_model"] or "",
        quantity=got["object_quantity"] or "",
        paid=paid,
        bought=got["object_bought"],
        order_number=got["object_order_number"] or "",
        platform=got["object_platform"] or "",
        shop=got["object_shop"] or "",
    )
