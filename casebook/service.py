"""The one writer of case streams: reads, decides, appends, and tries once more when overtaken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from casebook.case import stream
from casebook.codec import draft
from casebook.commands import CaseCommand
from casebook.decisions import decide
from casebook.errors import Busy, UnknownCase
from casebook.file import CaseFile, fold
from journal import Actor, Conflict, Draft, Event, Journal, append_decided


class CaseService:
    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def state(self, case: str) -> CaseFile:
        """UnknownCase when there is none."""
        file = fold(await self._journal.read(stream(case)))
        if file is None:
            raise UnknownCase
        return file

    async def history(self, case: str) -> list[Event]:
        return await self._journal.read(stream(case))

    async def submit(self, case: str, command: CaseCommand, actor: Actor) -> Sequence[Event]:
        """The events it led to, durable. CaseError says why not."""

        def decided(entries: list[Event]) -> list[Draft]:
            at = self._now()
            return [draft(event, at, actor) for event in decide(command, fold(entries), actor, at)]

        try:
            return await append_decided(self._journal, stream(case), decided)
        except Conflict:
            raise Busy from None
