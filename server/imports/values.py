"""What clerks settle once for a whole import: what unknown values mean, and which business a text is about.

What a value means holds for the office: later imports of any channel know it (`office/<office>/values`, event
`ValueMapped`), and the complaints of the batch it was met in are corrected, each in its own stream.

A business is suggested where the channel names none, of what happened alone: as the subject people write what the
channel files it under. A person says which it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from complaints.channels import UnnamedImport
from complaints.channels.mapping import checked
from complaints.channels.reading import NO_FACTS, source_changes, with_meaning
from complaints.commands import Command
from complaints.complaint import fold
from complaints.record import UnknownValue
from complaints.record.changes import Amend, TakeUpdate
from complaints.service import ComplaintService
from complaints.state import Complaint, filled, short, stream
from journal import Actor, Draft, Event, append_next
from journal.refusals import DomainError
from server.db.journal import SqlJournal
from server.imports.encoding import RowOutcome
from server.imports.store import IntakeStore, NotedValue

LONGEST: Final = 4_000  # characters that are looked at
MOST: Final = 5
_LABEL: Final = re.compile(
    r"(?:(?:涉事|被投诉|被举报|投诉)(?:商家|商户|单位|企业|店铺|公司|方|人)|商家名称|店铺名称|企业名称|店名)"
    r"[:：][ \t]*([^\s，。；,;、:：]{2,40})"
)

_BESIDE: Final = ("隔壁", "旁边", "旁", "对面", "附近", "楼上", "楼下", "门口")  # it only says where


def suggested_businesses(facts: str) -> tuple[str, ...]:
    """Names that stand in the text, what it names expressly and most often first; few, and perhaps none."""
    from casebook.deidentifying import plain
    from casebook.deidentifying.businesses import organisations  # cuts words, which is slow to load

    if facts.startswith(NO_FACTS):
        return ()
    text = plain(facts[:LONGEST])
    found: Counter[str] = Counter({name.strip(): 100 - n for n, name in enumerate(_LABEL.findall(text))})
    for one in organisations(text, ()):
        beside = text.startswith(_BESIDE, one.end)
        found[text[one.start : one.end].strip()] += 0 if beside else 1
    names = [name for name, _ in found.most_common() if len(name) >= 3]
    return tuple(name for name in names if not any(name != other and name in other for other in names))[:MOST]


AT_ONCE: Final = 500  # complaints that are corrected between two commits
MAPPED: Final = "按导入用词对照更正"
NAMED: Final = "按投诉正文确认被投诉人"


class BatchValues:
    def __init__(
        self, complaints: ComplaintService, journal: SqlJournal, store: IntakeStore, now: Callable[[], datetime]
    ) -> None:
        self._complaints, self._journal, self._store, self._now = complaints, journal, store, now
        self._values = store.values

    async def known(self, office: str) -> Mapping[tuple[str, str], str]:
        """(field, word) -> what this office says it means."""
        told = await self._journal.read(_stream(office))
        return {(one.data["field"], one.data["said"]): one.data["value"] for one in told}

    async def noted(self, batch: str) -> Sequence[NotedValue]:
        return await self._values.noted(batch)

    async def learn(self, office: str, field: str, said: str, value: str, actor: Actor) -> None:
        """For good; the last word counts. BadChoice."""
        draft = Draft("ValueMapped", {"field": field, "said": said, "value": checked(field, value)}, self._now(), actor)
        await append_next(self._journal, _stream(office), draft)

    async def apply(self, batch: str, field: str, said: str, value: str, actor: Actor) -> int:
        """To the complaints of a batch that came with it; how many were corrected. Begun again it does what is left."""
        command = _meaning(batch, field, said, value)
        corrected = after = 0
        while rows := await self._store.complaints_of(batch, after, AT_ONCE):
            after = rows[-1].row
            wanted = [stream(row.complaint) for row in rows if _says(row, field, said)]
            corrected += await self._each(wanted, command, actor)
        await self._values.mapped(batch, field, said, value)
        return corrected

    async def unnamed(self, batch: str, size: int) -> Sequence[UnnamedImport]:
        """Of its complaints those whose business nobody has named, with names their texts hold."""
        rows = await self._values.unnamed(batch, size)
        return [
            UnnamedImport(row.complaint, row.number, row.title, row.facts, suggested_businesses(row.facts))
            for row in rows
        ]

    async def name(self, names: Mapping[str, str], actor: Actor) -> int:
        """Complaint -> its business, as somebody confirmed it; how many were named. Missing, TooLong."""
        for name in names.values():
            filled("business_name", name)
            short("whom", name)

        def named(complaint: Complaint) -> Command | None:
            if not complaint.unnamed:
                return None
            record = complaint.record
            business = replace(record.business, organisation=names[by_number[record.number]].strip())
            return Amend(replace(record, business=business), len(complaint.amendments), NAMED)

        by_number: dict[str, str] = {}
        for complaint in names:
            by_number[(await self._complaints.state(complaint)).record.number] = complaint
        return await self._each([stream(one) for one in names], named, actor)

    async def _each(self, streams: Sequence[str], command: Callable[[Complaint], Command | None], actor: Actor) -> int:
        def decided(entries: list[Event]) -> list[Draft]:
            complaint = fold(entries)
            asked = None if complaint is None else command(complaint)
            if asked is None:
                return []
            try:
                return self._complaints.decided(entries, asked, actor)
            except DomainError:  # it is another office's now, or rests in another complaint
                return []

        if not streams:
            return 0
        return sum(bool(some) for some in await self._journal.append_each(streams, decided))


def _meaning(batch: str, field: str, said: str, value: str) -> Callable[[Complaint], Command | None]:
    def command(complaint: Complaint) -> Command | None:
        if UnknownValue(field, said) not in complaint.record.unknown:
            return None
        record = with_meaning(complaint.record, field, said, value)
        if field == "status":
            return TakeUpdate(batch, source_changes(record))
        return Amend(record, len(complaint.amendments), MAPPED)

    return command


def _says(row: RowOutcome, field: str, said: str) -> bool:
    return any(_of(one) == (field, said) for one in row.problems or ())


def _of(note: dict[str, Any]) -> tuple[str, str]:
    return note["column"], note["params"].get("value", "")


def _stream(office: str) -> str:
    return f"office/{office}/values"
