"""Exhibits of a session on their way in: files come piece by piece, and can be gone on with after a broken line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from journal import Actor
from web.ports.people import Officer


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody in a session's room, as their cookie says."""

    session: str
    seat: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that is to come; the name is only looked at for its ending."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become an exhibit; `purpose` "evidence" or "performance"."""

    title: str
    files: Sequence[Announced]
    private: bool = False
    purpose: str = "evidence"
    term: int = 0


@dataclass(frozen=True, slots=True)
class Coming:
    """How far an upload is: bytes of each file that are safe; `piece` is the most that one request may bring."""

    upload: str
    received: Sequence[int]
    piece: int


class Exhibits(Protocol):
    """Refused with `not_in_room`, `not_allowed`, `unknown_upload`, `bad_exhibit` (params: problem), `too_much`,
    `too_many_exhibits`, and what the room's rules say; ReserveReached where a file would touch the disk's reserve."""

    async def begin(self, who: Sitter, wanted: Wanted) -> Coming: ...

    async def state(self, who: Sitter, upload: str) -> Coming: ...

    async def append(self, who: Sitter, upload: str, file: int, at: int, content: bytes) -> Coming:
        """The next bytes of a file, safe when it returns. Refused(409) out_of_step (params: received) when `at` is not
        where the file ends; bytes that are there already change nothing."""
        ...

    async def finish(self, who: Sitter, upload: str) -> str:
        """Looked at, made ready, sealed and offered: the exhibit's id. Asked again it answers the same."""
        ...

    async def cancel(self, who: Sitter, upload: str) -> None: ...

    async def bring(self, who: Sitter, officer: Officer, attachment: str) -> str:
        """An attachment of the session's complaint becomes an exhibit: its id."""
        ...
