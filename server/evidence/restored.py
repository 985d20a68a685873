"""`yuntiao restored`: after a backup was put back, what is missing against what was signed, and what to do about it.

Looking changes nothing. `accept` is for when there is no newer backup: it puts the checkpoints of what is lost aside,
which are kept, and has the journal say who lost what, so that the log can be signed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from journal import SYSTEM, Draft
from journal.ed25519 import verifies
from journal.events import NoteBroken, stamp
from journal.notes import Checkpoint, checkpoint_of, opened
from recordings.composing.progress import replace_file as written
from recordings.files.keys import Keys
from server.db.journal import SqlJournal
from server.evidence import log_keeper
from server.evidence.log_check import Key, LogReport, check
from server.evidence.log_keeper import CheckpointCopies
from server.evidence.log_reading_store import LogReading
from server.serving import data_folder

STREAM: Final = "log/restored"
ACCEPTED: Final = "RestoreAccepted"
"""Data: {"entries": how many there were left, "missing": how many are lost, "newest": note of the newest checkpoint,
"reason": …}."""

FIRST: Final = 5  # files named
_LOST: Final = frozenset({"truncated", "checkpoint_missing"})  # what a restore explains
_MEDIA: Final = frozenset({"SegmentSealed", "RecordingComposed"})


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest checkpoint that is known, and where it was found."""

    checkpoint: Checkpoint
    note: str
    whose: str


@dataclass
class Restored:
    """`missing` entries; `last`: when the newest one that is left was written; files and keys that are named and not
    there, as paths in the data folder and cases; `wrong`: what no restore explains, as `yuntiao log check` names it."""

    entries: int
    last: datetime | None
    newest: Newest | None
    missing: int
    files: list[str] = field(default_factory=list)
    no_key: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not (self.missing or self.files or self.no_key or self.wrong)

    def lines(self) -> Iterator[str]:
        until = stamp(self.last) if self.last else "never"
        yield f"the database has {self.entries} entries, the last of {until}"
        if self.newest is None:
            yield "no checkpoint is known to compare it with: give one that was kept elsewhere with --against FILE"
        else:
            made = self.newest.checkpoint
            yield f"the newest known checkpoint, {self.newest.whose}, is of {made.size} entries at {stamp(made.made)}"
            yield f"{self.missing} signed entries are missing" if self.missing else "no signed entry is missing"
        yield from self._named(self.files, "files the journal names are missing")
        yield from self._named(self.no_key, "cases have files and no key to open them")
        for finding in self.wrong:
            yield f"FOUND {finding}"
        yield from (f"- {sentence}" for sentence in self.advice())

    def _named(self, of: Sequence[str], what: str) -> Iterator[str]:
        if of:
            more = f" and {len(of) - FIRST} more" if len(of) > FIRST else ""
            yield f"{len(of)} {what}: {', '.join(of[:FIRST])}{more}"

    def advice(self) -> Iterator[str]:
        if self.wrong:
            yield "what is FOUND is not explained by a restore: keep this folder as it is and look for another backup"
        if self.missing:
            yield (
                "look for a newer backup before anybody works here: the log is not signed while entries are missing, "
                "and what is entered now stands where they stood"
            )
            yield (
                "if there is none: `yuntiao restored --accept REASON` with the server stopped; then ask again for what "
                f"happened after {stamp(self.last) if self.last else 'the beginning'}, and tell who holds newer "
                "checkpoints or packages"
            )
        if self.no_key:
            yield "put back keys/cases and the master key of the same day: without a case's key its files stay closed"
        if self.files:
            yield "put back recordings, documents, attachments, lead-files of a backup not older than the database"
        if self.whole:
            yield "nothing is to be done; start the server"

    def json(self) -> dict[str, Any]:
        made = self.newest
        return {
            "whole": self.whole,
            "entries": self.entries,
            "last": stamp(self.last) if self.last else None,
            "newest": made
            and {"entries": made.checkpoint.size, "at": stamp(made.checkpoint.made), "where": made.whose},
            "missing": self.missing,
            "files": self.files,
            "no_key": self.no_key,
            "wrong": self.wrong,
            "advice": list(self.advice()),
        }


async def look(
    reading: LogReading, data: Path, cases: Keys, against: Sequence[tuple[str, str]] = (), key: Key | None = None
) -> Restored:
    """`against`: where they are from, and notes that somebody kept. Reads the whole log twice."""
    report = await check(reading, data, against, key)
    known = log_keeper.adopted(await reading.stream(log_keeper.STREAM)) if key is None else [key]
    notes = [("in the database", one.note) for one in await reading.checkpoints()]
    notes += [("among the copies", note) for _, note in CheckpointCopies(data).read()]
    newest = _newest([*notes, *against], known)
    last, named = await _told(reading)
    there = {path: case for path, case in named.items() if (data / path).is_file()}
    return Restored(
        report.events,
        last,
        newest,
        max(0, newest.checkpoint.size - report.events) if newest else 0,
        sorted(named.keys() - there.keys()),
        sorted({case for case in there.values() if cases.state(case) == "none"}),
        _unexplained(report),
    )


async def accept(data: Path, journal: SqlJournal, found: Restored, reason: str) -> Path:
    """The file that the checkpoints of what is lost are in. ValueError when there is nothing to accept, something else
    is wrong, or a server is running."""
    if not found.missing or found.newest is None:
        raise ValueError("no signed entry is missing: there is nothing to accept")
    if found.wrong:
        raise ValueError("what is FOUND is not explained by a restore, and is not accepted")
    if not reason.strip():
        raise ValueError("a reason is needed: who restored it, when and why")
    copies, now = CheckpointCopies(data), datetime.now(UTC)
    aside = copies.path.with_name(f"checkpoints.before-{now:%Y%m%dT%H%M%SZ}.jsonl")
    with data_folder.locked(data, ValueError("a server is running on this folder: stop it first")):
        every = copies.read()
        if copies.path.is_file():
            written(aside, copies.path.read_bytes())
        lost = {
            "entries": found.entries,
            "missing": found.missing,
            "newest": found.newest.note,
            "reason": reason.strip(),
        }
        after = await journal.last(STREAM)
        await journal.append(STREAM, after, [Draft(ACCEPTED, lost, now, SYSTEM)])
        kept = [(size, note) for size, note in every if size <= found.entries]
        lines = (json.dumps({"size": size, "note": note}, ensure_ascii=False) + "\n" for size, note in kept)
        if every:
            written(copies.path, "".join(lines).encode())
    return aside


def _newest(notes: Iterable[tuple[str, str]], known: Iterable[Key]) -> Newest | None:
    found: Newest | None = None
    for whose, note in notes:
        for name, public in known:
            try:
                checkpoint = checkpoint_of(opened(note, name, public, verifies))
            except NoteBroken:
                continue
            if found is None or checkpoint.size > found.checkpoint.size:
                found = Newest(checkpoint, note, whose)
    return found


def _unexplained(report: LogReport) -> list[str]:
    return [f"{one.code} {one.where} {one.detail}".rstrip() for one in report.findings if one.code not in _LOST]


async def _told(reading: LogReading) -> tuple[datetime | None, dict[str, str]]:
    """When the last entry was written; files that have to be there, by path in the data folder, and whose key."""
    last: datetime | None = None
    named: dict[str, str] = {}
    async for _, event in reading.events():
        last = event.at if last is None else max(last, event.at)
        kind, _, id_ = event.stream.partition("/")
        data = event.data
        if event.erased:
            continue
        if event.type == "RecordErased":
            named = {path: case for path, case in named.items() if case != id_}
        elif event.type in _MEDIA:
            named[f"recordings/{data['path']}"] = id_
        elif event.type in ("ExhibitOffered", "ExhibitConfided"):
            named.update((f"recordings/{one['path']}", id_) for one in data["originals"])
        elif event.type == "ExhibitWithdrawn":
            gone = f"recordings/{id_}/exhibits/{data['exhibit']}/"
            named = {path: case for path, case in named.items() if not path.startswith(gone)}
        elif event.type == "DocumentSealed":
            named[f"documents/{id_}/documents/{data['document']}"] = id_
        elif event.type == "AttachmentAdded":
            named[_attached(kind, id_, data["attachment"])] = f"lead-{id_}" if kind == "lead" else id_
        elif event.type == "AttachmentRemoved":
            named.pop(_attached(kind, id_, data["attachment"]), None)
        elif event.type == "Archived":
            for place in ("recordings", "documents", "attachments"):
                named.pop(f"{place}/{data['path']}", None)
    return last, named


def _attached(kind: str, id_: str, attachment: str) -> str:
    return f"{'lead-files' if kind == 'lead' else 'attachments'}/{id_}/{attachment}"
