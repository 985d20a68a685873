"""Complaints' events into tables: each complaint is folded once, and every table's writer takes what came of it.

Owns no table: writers do. A row is a pure function of its stream (`server.complaints`), so it can be made anew at
any time; a fold already made is remembered, so that an append costs its own events and not the whole stream again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.state import STREAM, Complaint
from journal import Event
from law import WorkingCalendar
from server.complaints import (
    ComplaintHistory,
    ComplaintRows,
    Filed,
    HistoryStep,
    complaint_rows,
    filed_complaint,
    follow_all,
)
from server.complaints.office_store import calendar_of
from server.db.journal import EventBatch, streams_events
from server.db.rows import Memory

OfficeDays = tuple[str, WorkingCalendar]
"""An office's time zone and calendar."""


@dataclass(frozen=True, slots=True)
class PreparedRows:
    """Rows of complaints that are being registered, made before their events were appended. Good while their office
    counts its days as it did then. `rows`: by stream."""

    office: str
    days: OfficeDays
    rows: Mapping[str, ComplaintRows]


class ComplaintChange:
    """One complaint before and after events were appended to it.

    `after` and `rows` are None of a complaint whose beginning was erased: nobody can say any more what it was.
    """

    days: OfficeDays

    def __init__(
        self,
        appended: Sequence[Event],
        known: ComplaintHistory | None,
        entries: Sequence[Event],
        rows: ComplaintRows | None = None,
    ) -> None:
        """`known`: after all that came before `entries`, which end with what was appended."""
        self.appended, self._known, self._entries, self._prepared = appended, known, entries, rows
        self.id = appended[0].stream.partition("/")[2]
        self._types = frozenset([event.type for event in appended])

    @property
    def types(self) -> frozenset[str]:
        """Of the events that were appended."""
        return self._types

    @property
    def first(self) -> bool:
        """Whether this is the beginning of its stream."""
        return self.appended[0].version == 1

    @property
    def new(self) -> bool:
        """Whether an import is registering it: no table has a row of it yet, and none need be asked."""
        return self._prepared is not None

    @cached_property
    def _told(self) -> tuple[ComplaintHistory | None, ComplaintHistory | None, Sequence[HistoryStep]]:
        if self._known is None and self._entries[0].erased:
            return None, None, ()
        begun = len(self._entries) - len(self.appended)
        before, _ = follow_all(self._known, self._entries[:begun])
        after, steps = follow_all(before, self._entries[begun:])
        return before, after, steps

    @property
    def folded(self) -> bool:
        return "_told" in self.__dict__

    @property
    def before(self) -> Complaint | None:
        if self.first or (before := self._told[0]) is None:
            return None
        return before.complaint

    @property
    def history(self) -> ComplaintHistory | None:
        return self._told[1]

    @property
    def after(self) -> Complaint | None:
        return None if self.history is None else self.history.complaint

    @property
    def filed_before(self) -> Filed | None:
        """As the list has it, without what was appended."""
        before = None if self.first else self._told[0]
        return None if before is None else filed_complaint(self.id, before.complaint, *self.days, before.rowed)

    @property
    def steps(self) -> Sequence[HistoryStep]:
        """What was appended, one by one, what was erased left out."""
        return self._told[2]

    @cached_property
    def rows(self) -> ComplaintRows | None:
        if self._prepared is not None or self.history is None:
            return self._prepared
        return complaint_rows(self.id, self.history, *self.days)


class ComplaintWriter(Protocol):
    """Writes what changes mean for its tables."""

    @property
    def types(self) -> Set[str] | None:
        """Of the events that may mean something for them; None: whatever happens to a complaint."""
        return None

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        """In the transaction that appends the events; each change is of another complaint, and has one of `types`."""
        ...


class ComplaintProjection:
    """Projects `complaint/…`. `announcing`: the writers of what others are told, after those of tables."""

    kind = STREAM

    def __init__(self, tables: Sequence[ComplaintWriter], announcing: Sequence[ComplaintWriter] = ()) -> None:
        """In the order in which they need each other's rows."""
        self._tables, self._announcing = tables, announcing
        self._memory: Memory[ComplaintHistory] = Memory()

    async def project(self, connection: AsyncConnection, batch: EventBatch) -> None:
        changes = await self._changes(connection, batch)
        for writer in (*self._tables, *(self._announcing if batch.announced else ())):
            mine = changes if writer.types is None else [one for one in changes if one.types & writer.types]
            if mine:
                await writer.write(connection, mine)
        for change in changes:
            if change.folded and change.history is not None:
                self._memory.keep(change.appended[-1], change.history)

    async def _changes(self, connection: AsyncConnection, batch: EventBatch) -> Sequence[ComplaintChange]:
        known = {appended[0].stream: self._memory.before(appended[0]) for appended in batch.streams}
        unread = [
            some[0].stream for some in batch.streams if some[0].version > 1 and known[some[0].stream] is None
        ]  # fmt: skip
        entries = await streams_events(connection, unread)
        days: dict[str, OfficeDays] = {}
        prepared = await self._prepared(connection, batch, days)
        changes = []
        for appended in batch.streams:
            stream = appended[0].stream
            change = ComplaintChange(appended, known[stream], entries.get(stream, appended), prepared.get(stream))
            if stream in prepared:
                change.days = days[batch.prepared.office]
            elif change.after is not None:
                change.days = await _days(connection, change.after.record.office, days)
            changes.append(change)
        return changes

    async def _prepared(
        self, connection: AsyncConnection, batch: EventBatch, days: dict[str, OfficeDays]
    ) -> Mapping[str, ComplaintRows]:
        made = batch.prepared
        if not isinstance(made, PreparedRows) or await _days(connection, made.office, days) != made.days:
            return {}
        return made.rows


async def _days(connection: AsyncConnection, office: str, known: dict[str, OfficeDays]) -> OfficeDays:
    if office not in known:
        known[office] = await calendar_of(connection, office)
    return known[office]
