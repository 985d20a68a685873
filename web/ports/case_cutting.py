"""A compendium that was sent in, before drafts are made of it: where each case begins, and which are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from aiohttp import web

from web.ports.people import Officer

Act = Literal["join", "split", "leave", "take"]
"""`join`: to the case before; `split`: begin one at this paragraph; `leave`: no draft of it; `take`: one after all."""


@dataclass(frozen=True, slots=True)
class WaitingCut:
    id: str
    name: str
    by: str
    at: datetime
    cases: int


@dataclass(frozen=True, slots=True)
class CutLine:
    """A paragraph: its place, and the first words of it."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class CutCase:
    """`at`: where it begins. `parts`: fields it has texts for; `whole`: enough of them for a case. `lines`: after its
    first, `more` of them not shown."""

    at: int
    title: str
    length: int
    parts: Sequence[str]
    whole: bool
    left_out: bool
    lines: Sequence[CutLine]
    more: int


@dataclass(frozen=True, slots=True)
class CutPage:
    """`before`: paragraphs in front of the first case, that belong to none. `version` for the next change."""

    id: str
    name: str
    by: str
    at: datetime
    version: int
    cases: Sequence[CutCase]
    before: Sequence[CutLine]
    before_more: int

    @property
    def wanted(self) -> int:
        return sum(one.whole and not one.left_out for one in self.cases)


class CaseCutting(Protocol):
    """Of the officer's own office. Refused: not_found; case_file as `CaseFiles.take_in`."""

    async def begin(self, officer: Officer, name: str, content: bytes) -> str:
        """Keep a Word file; its id. Refused: too_many while many wait."""
        ...

    async def waiting(self, officer: Officer) -> Sequence[WaitingCut]: ...

    async def look(self, officer: Officer, cut: str, all_of: int = -1) -> CutPage:
        """`all_of`: the place of the case whose lines are all wanted; -2 those before the first."""
        ...

    async def change(self, officer: Officer, cut: str, act: Act, at: int, seen: int) -> None:
        """Refused: bad_choice; case_cut_changed when somebody changed it meanwhile."""
        ...

    async def make(self, officer: Officer, cut: str, seen: int) -> Sequence[str]:
        """Drafts of all that is wanted; asked again after a fall it goes on where it was. Refused: case_cut_changed."""
        ...

    async def drop(self, officer: Officer, cut: str) -> None: ...


CASE_CUTTING: web.AppKey[CaseCutting] = web.AppKey("case_cutting", CaseCutting)
