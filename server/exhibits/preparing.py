"""How far a film is on its way to being shown: `<session>/exhibits/<exhibit>/preparing.json`, while it is on it.

The web process asks; the job process (`server.jobs.preparing`) makes and says `ready` or `failed`; the web process has
the room note it and removes the file. Everything here blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from recordings import progress
from recordings.durable import safe_id
from rooms.events import ExhibitPrepared, ExhibitUnreadable, Picture

JOB: Final = "prepare_exhibit"
FOLDER: Final = "exhibits"
_FILE: Final = "preparing.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A film to be prepared; `ms` as its file says, 0 when it does not."""

    exhibit: str
    original: str
    form: str
    ms: int
    state: Literal["queued", "ready", "failed"] = "queued"
    tries: int = 0
    cause: str = ""
    pages: tuple[Picture, ...] = ()
    film: Picture | None = None

    @property
    def fact(self) -> ExhibitPrepared | ExhibitUnreadable | None:
        if self.state == "ready":
            return ExhibitPrepared(self.exhibit, self.pages, self.film)
        return ExhibitUnreadable(self.exhibit, self.cause) if self.state == "failed" else None


_WANTED = TypeAdapter(Wanted)


def folder_of(session: str, exhibit: str) -> str:
    """Below the recordings."""
    return f"{safe_id(session)}/{FOLDER}/{safe_id(exhibit)}"


def ask(recordings: Path, session: str, wanted: Wanted) -> None:
    progress.replace_file(_file(recordings, session, wanted.exhibit), _WANTED.dump_json(wanted))


tell = ask


def read(recordings: Path, session: str, exhibit: str) -> Wanted | None:
    """None when nothing is on its way."""
    try:
        return _WANTED.validate_json(_file(recordings, session, exhibit).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def done(recordings: Path, session: str, exhibit: str) -> None:
    _file(recordings, session, exhibit).unlink(missing_ok=True)


def under_way(recordings: Path) -> Iterator[tuple[str, Wanted]]:
    """Of all sessions."""
    for file in sorted(recordings.glob(f"*/{FOLDER}/*/{_FILE}")):
        session, exhibit = file.parts[-4], file.parts[-2]
        if (wanted := read(recordings, session, exhibit)) is not None:
            yield session, wanted


def _file(recordings: Path, session: str, exhibit: str) -> Path:
    return recordings / folder_of(session, exhibit) / _FILE
