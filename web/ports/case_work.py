"""A case's texts as pages show them side by side, and what is decided there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from casebook.deidentifying.hints import Hint
from casebook.spans import Span
from web.ports.casebook import CasePage
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Side:
    """A piece of a text: as it was, as it will be; `span` when somebody has to say something about it."""

    was: str
    put: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class WorkText:
    field: str
    text: str
    sides: Sequence[Side]
    pending: int


@dataclass(frozen=True, slots=True)
class Workbench:
    """The texts of a case side by side, and what may still give somebody away."""

    page: CasePage
    texts: Sequence[WorkText]
    hints: Sequence[Hint]
    pending: int


class CaseWork(Protocol):
    """Refused: not_found for another office's."""

    async def workbench(self, officer: Officer, case: str) -> Workbench: ...

    async def write(self, officer: Officer, case: str, texts: Mapping[str, str]) -> None: ...

    async def decide(self, officer: Officer, case: str, field: str, span: str, verdict: str, put: str) -> None: ...

    async def decide_rest(self, officer: Officer, case: str, field: str, verdict: str) -> int:
        """Of one text, what was looked at and is still open; how many."""
        ...

    async def decide_kind(self, officer: Officer, case: str, kind: str, verdict: str) -> int:
        """Of all texts, what is of this kind and still open; how many."""
        ...

    async def take_back(self, officer: Officer, case: str, since: int) -> int:
        """What this officer decided after this version of the stream is as it was; how many places."""
        ...

    async def mark(self, officer: Officer, case: str, words: str, put: str) -> int:
        """Hide these words wherever they stand; how many places. Refused: bad_span when they stand nowhere."""
        ...

    async def unmark(self, officer: Officer, case: str, field: str, span: str) -> None: ...

    async def approve(self, officer: Officer, case: str, anyway: bool) -> None: ...


CASE_WORK: web.AppKey[CaseWork] = web.AppKey("case_work", CaseWork)
