"""Rows of a file on their way to the journal: read, checked, sealed, with what their complaints' tables will have of
them.

What a row becomes depends on nothing but the row and the batch, so pieces of a file can be made beside each other
(`server.imports.encoders`). Numbers, duplicates and everything else that depends on order are the importer's. An
`Outcome` is what became of one row; of a refused one the row itself is kept.
"""

from __future__ import annotations

import ctypes
import gc
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import time_ns
from typing import Any, Final, NamedTuple, cast, overload

from complaints.channels import ChannelError, Problem
from complaints.channels.cells import Cell, empty, text
from complaints.channels.mapping import ChannelMapping, Header, from_plain
from complaints.channels.reading import ChannelRow, Numbered, ReadingContext, RowReader
from complaints.complaint import local_day
from complaints.events import ComplaintRegistered, Unnumbered, registered_data, unnumbered
from complaints.leads import STREAM as LEADS
from complaints.record.identifiers import Sealer
from complaints.record.rules import check_registration
from complaints.service import ComplaintService
from journal.refusals import DomainError
from law import OrderRule, WorkingCalendar
from server.complaints import ComplaintRows, complaint_rows, follow, written_records
from server.confinement import ROWS_HEAD


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row. `problems`: [{"code", "column", "params"}], of one that was taken what is to be looked
    at. `complaint`: its id; of a report or a
    consultation its stream."""

    row: int
    outcome: str
    complaint: str = ""
    number: str = ""
    problems: list[dict[str, Any]] | None = None
    cells_sealed: str | None = None

    @property
    def filed(self) -> str:
        """The complaint's id, "" of none: what else it became stays behind its wall."""
        return "" if "/" in self.complaint else self.complaint

    @property
    def lead(self) -> str:
        """The id of the report it became, "" of none."""
        kind, _, id_ = self.complaint.partition("/")
        return id_ if kind == LEADS else ""


ROW: Final = "import row"  # the purpose refused rows are sealed for
_FIELDS: Final = {"consumer_phone": "consumer_phone", "id_number": "consumer_id_number", "title": "facts"}


def refused(
    row: int, number: str, cells: Sequence[Cell], header: Header, problems: Sequence[Problem], seal: Sealer
) -> RowOutcome:
    """Keep its reasons, and its cells, sealed until somebody mends them. `number`: what its channel calls it."""
    kept = {name: _kept(cell) for name, cell in zip(header.names, cells, strict=False) if name and not empty(cell)}
    sealed = seal.seal(json.dumps(kept, ensure_ascii=False), ROW)
    return RowOutcome(row, "refused", "", number[:80], [plain(one) for one in problems], sealed)


def plain(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "column": problem.column, "params": dict(problem.params)}


def problem_of(no: DomainError, header: Header) -> Problem:
    field = str(no.params.get("field", ""))
    params = {name: value for name, value in no.params.items() if name != "field"}
    code = "changed" if no.code == "wrong_state" else no.code
    return Problem(code, header.name_of(_FIELDS.get(field, field)) if field else "", params)


def _kept(cell: Cell) -> str:
    try:
        return text(cell)
    except ChannelError:
        return str(cell)[:20_000].encode(errors="replace").decode()  # half a character cannot be kept


_KINDS: Final[dict[str, Callable[[str], Cell]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=float(seconds)),
}


class RowFrame(Sequence[Numbered]):
    """Rows as the child told them. They are read each time somebody asks for one, and go on to other processes as they
    came: of nearly all rows whoever writes them needs to know no more than how many there are."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame
        self._count, self.last = ROWS_HEAD.unpack_from(frame)

    def __len__(self) -> int:
        return int(self._count)

    def __iter__(self) -> Iterator[Numbered]:
        yield from json.loads(self._frame[ROWS_HEAD.size :], object_hook=_cell)

    @overload
    def __getitem__(self, at: int) -> Numbered: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Numbered]: ...
    def __getitem__(self, at: int | slice) -> Numbered | Sequence[Numbered]:
        return list(self)[at]

    def __reduce__(self) -> tuple[type[RowFrame], tuple[bytes]]:
        return RowFrame, (self._frame,)


def _cell(told: dict[str, str]) -> Cell:
    ((kind, value),) = told.items()
    return _KINDS[kind](value)


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What every piece of a batch has in common; goes to each process. `days`: the office's. `seal` opens the
    installation's."""

    mapping: dict[str, Any]
    header: Header
    place: ReadingContext
    days: tuple[str, WorkingCalendar]
    at: datetime  # of registration
    seal: Callable[[], Sealer]
    order_rule: OrderRule = OrderRule.RECEIPT


class FreshComplaint(NamedTuple):
    """A row that may be registered as a complaint, still without its number. `year`: it is numbered in. `registration`:
    the data of its event. `rows`: what its tables will have."""

    row: int  # of its batch
    id: str
    year: int
    sources: tuple[tuple[str, str], ...]  # channel, number
    registration: Unnumbered
    rows: ComplaintRows
    notes: list[dict[str, Any]] | None = None  # what is to be looked at in it

    @property
    def data(self) -> Mapping[str, Any]:
        """Of its event, with no number, in the order of a registration's fields: changes are told in it."""
        return registered_data(self.registration.numbered(""))

    @property
    def source(self) -> tuple[str, str] | None:
        return self.sources[0] if self.sources else None

    @property
    def number(self) -> str:
        """What its channel calls it."""
        return self.sources[0][1] if self.sources else ""


class EncodedRows(NamedTuple):
    """`apart`: rows that are no complaints (`server.imports.encoding`)."""

    refused: list[RowOutcome]
    fresh: list[FreshComplaint]
    apart: list[ChannelRow]


class Encoder:
    def __init__(self, order: BatchOrder) -> None:
        mapping: ChannelMapping = from_plain(order.mapping)
        self._header, self._seal = order.header, order.seal()
        self._reader = RowReader(mapping, order.header, order.place)
        # It is asked for records only.
        self._service = ComplaintService(cast(Any, None), self._seal, lambda: order.at, order.order_rule)
        self._order = order

    def encode(self, piece: Sequence[Numbered]) -> EncodedRows:
        """In the order of the rows; what is blank is in neither."""
        return self.encode_all([(number, cells) for number, cells in piece if not self._reader.blank(cells)])

    def encode_all(self, part: Sequence[Numbered]) -> EncodedRows:
        """Blank rows too, which are refused.

        All are read, then checked, then made: of some hundreds that takes an eighth less than of one or of thousands.
        """
        given = EncodedRows([], [], [])
        taken: list[tuple[ChannelRow, ComplaintRegistered]] = []
        for row, (_, cells) in zip(self._reader.read(part), part, strict=True):
            record = self._recorded(row)
            if row.apart is not None:
                given.apart.append(row)
            elif isinstance(record, ComplaintRegistered):
                taken.append((row, record))
            else:
                given.refused.append(refused(row.row, row.number, cells, self._header, record, self._seal))
        given.fresh.extend(self._fresh(taken))
        return given

    def _fresh(self, taken: Sequence[tuple[ChannelRow, ComplaintRegistered]]) -> Iterator[FreshComplaint]:
        at, records = self._order.at, [record for _, record in taken]
        written = written_records(records)
        parties = {"consumer": [one for one, _, _ in written], "business": [one for _, one, _ in written]}
        for (row, record), id, registration, texts in zip(
            taken, fresh_ids(len(taken)), unnumbered(records, parties), written, strict=True
        ):
            yield FreshComplaint(
                row.row,
                id,
                local_day(record.received, self._order.place.zone).year,
                tuple([(source.channel, source.number) for source in record.sources]),
                registration,
                complaint_rows(id, follow(None, record, at, texts), *self._order.days),
                [plain(one) for one in row.notes] or None,
            )

    def _recorded(self, row: ChannelRow) -> ComplaintRegistered | Sequence[Problem]:
        """Or every reason why not."""
        if row.filing is None:
            return row.problems
        try:
            record = self._service.record(row.filing, complete=False)
            check_registration(record, named=False)
        except DomainError as no:
            return (problem_of(no, self._header),)
        return record


def fresh_ids(count: int) -> list[str]:
    """32 hex digits that begin with the time, like UUID version 7: neighbours on disk are made together."""
    begin, chance = time_ns() // 1_000_000, secrets.token_hex(8 * count)
    return [f"{begin:012x}{n:05x}{chance[16 * n + 1 : 16 * n + 16]}" for n in range(count)]


_ARENA_MAX: Final = -8  # M_ARENA_MAX of <malloc.h>
_THRESHOLDS: Final = (200_000, 20, 100)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage seldom: what is made here are tuples of texts, without circles, and looking for some would be a
    sixth of the work."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def one_arena() -> None:
    """For a process that imports and ends: glibc gives each thread memory of its own, which keeps what its rows once
    took. Elsewhere nothing happens."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def collect_young() -> None:
    """What was left in circles since the last time: SQLAlchemy leaves some behind each statement, with the thousands of
    values it was given, and by themselves they would be looked for once in a million rows."""
    gc.collect(0)
