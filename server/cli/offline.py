"""What `yuntiao log`, `restored`, `archive` and `notice preview` do in a data folder whose server may be running.

Looking changes nothing. `restored`, after a backup was put back, says what is missing against what was signed; `accept`
is for when there is no newer backup: it puts the checkpoints of what is lost aside, which are kept, and has the journal
say who lost what, so that the log can be signed again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from complaints.views import NoticeWish, PrintedPaper
from journal import SYSTEM, Draft, Event, NoteBroken, stamp
from journal.merkle import Judgement, Verdict, growth_of, judge
from journal.notes import Checkpoint, checkpoint_of, opened, public_key, public_key_of, verifies
from journal.refusals import Refused
from recordings import VaultError
from recordings.composing import replace_file as written
from recordings.files import archive
from recordings.files.keys import Keys
from recordings.files.remote_files import RemoteFiles, read_standing
from server import serving
from server.app.wiring import assemble
from server.complaints.message_store import complaint_called
from server.db.engine import Database, UnreadableDatabase
from server.db.journal import SqlJournal
from server.db.remaking import LogReading, reading
from server.evidence import log_keeper
from server.evidence.attesting import roots_in
from server.evidence.log_check import Key, LogReport, check
from server.evidence.log_keeper import CheckpointCopies, KnownKeys
from server.identity.key_store import configured_keys
from server.retention.appraisal import DESTROYED
from server.retention.archive import REQUEST, tally
from server.retention.erasure import LEADS, PUBLICITY
from server.serving import installation_absent
from server.serving.settings import Settings

STREAM: Final = "log/restored"
ACCEPTED: Final = "RestoreAccepted"
"""Data: {"entries": how many there were left, "missing": how many are lost, "newest": note of the newest checkpoint,
"reason": …}."""

FIRST: Final = 5  # files named
_LOST: Final = frozenset({"truncated", "checkpoint_missing"})  # what a restore explains
_PLACES: Final = ("recordings", "documents", "attachments")
_MEDIA: Final = frozenset({"SegmentSealed", "ConsentSpoken", "RecordingComposed", "TranscriptMade"})


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
    reading: LogReading,
    data: Path,
    cases: Keys,
    against: Sequence[tuple[str, str]] = (),
    key: Key | None = None,
    away: RemoteFiles | None = None,
) -> Restored:
    """`against`: where they are from, and notes that somebody kept; `away`: the home of files, which is asked for what
    is not here. Reads the whole log twice. StoreUnreachable, StoreRefuses."""
    report = await check(reading, data, against, key)
    known = log_keeper.adopted(await reading.stream(log_keeper.STREAM)) if key is None else [key]
    notes = [("in the database", one.note) for one in await reading.checkpoints()]
    notes += [("among the copies", note) for _, note in CheckpointCopies(data).read()]
    newest = _newest([*notes, *against], known)
    told = await told_files(reading)
    last, named = told.last, told.files
    there = {
        path: one.case
        for path, one in named.items()
        if (data / path).is_file() or (away is not None and away.has(away.data / path))
    }
    return Restored(
        report.events,
        last,
        newest,
        max(0, newest.checkpoint.size - report.events) if newest else 0,
        sorted(named.keys() - there.keys()),
        sorted({case for case in there.values() if cases.state(case) == "none"}),
        _unexplained(report),
    )


async def accept_loss(data: Path, journal: SqlJournal, found: Restored, reason: str) -> Path:
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
    with serving.locked(data, ValueError("a server is running on this folder: stop it first")):
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


@dataclass(frozen=True, slots=True)
class NamedFile:
    """`case`: whose key opens it. `sha256` of what it holds; "" where the entry says none."""

    case: str
    sha256: str


@dataclass
class ToldFiles:
    """`last`: when the newest entry was written. `files` that have to be there, by path in the data folder; `archived`:
    how many lie elsewhere. `erased`: cases whose key is to be gone for good."""

    last: datetime | None = None
    files: dict[str, NamedFile] = field(default_factory=dict)
    archived: int = 0
    erased: set[str] = field(default_factory=set)


async def told_files(reading: LogReading) -> ToldFiles:
    """What the journal says of files."""
    told = ToldFiles()
    async for _, event in reading.events():
        told.last = event.at if told.last is None else max(told.last, event.at)
        if not event.erased:
            _take(told, event)
    return told


def _take(told: ToldFiles, event: Event) -> None:
    kind, _, id_ = event.stream.partition("/")
    data, named = event.data, told.files
    if event.type == "RecordErased":
        told.files = {path: one for path, one in named.items() if one.case != id_}
        told.erased.add(id_)
    elif event.type == DESTROYED and kind == "appraisal":
        if data["kind"] != PUBLICITY:  # whose files are sealed with no key of their own
            told.erased.add(f"lead-{data['case']}" if data["kind"] == LEADS else data["case"])
    elif event.type in _MEDIA:
        named[f"recordings/{data['path']}"] = NamedFile(id_, data.get("sha256", ""))
    elif event.type in ("ExhibitOffered", "ExhibitConfided"):
        named.update((f"recordings/{one['path']}", NamedFile(id_, one["sha256"])) for one in data["originals"])
    elif event.type == "ExhibitWithdrawn":
        gone = f"recordings/{id_}/exhibits/{data['exhibit']}/"
        told.files = {path: one for path, one in named.items() if not path.startswith(gone)}
    elif event.type == "DocumentSealed":
        named[f"documents/{id_}/documents/{data['document']}"] = NamedFile(id_, data.get("sha256", ""))
    elif event.type == "AttachmentAdded":
        case = f"lead-{id_}" if kind == "lead" else id_
        named[_attached(kind, id_, data["attachment"])] = NamedFile(case, data.get("sha256", ""))
    elif event.type == "AttachmentRemoved":
        named.pop(_attached(kind, id_, data["attachment"]), None)
    elif event.type == "Archived":
        gone_there = [named.pop(f"{place}/{data['path']}", None) for place in _PLACES]
        told.archived += sum(one is not None for one in gone_there)


def _attached(kind: str, id_: str, attachment: str) -> str:
    return f"{'lead-files' if kind == 'lead' else 'attachments'}/{id_}/{attachment}"


_MOST: Final = 1 << 20  # bytes of a checkpoint, or of a proof


class CannotCheck(Exception):
    """One line for the person at the terminal."""


async def run_check(
    settings: Settings, against: Sequence[Path], key: str, progress: Callable[[int], None] = lambda _: None
) -> LogReport:
    kept, expected = _given(against, key)
    try:
        roots = roots_in(settings.tsa_roots) if settings.tsa_roots else []
    except (OSError, ValueError) as fault:
        raise CannotCheck(str(fault)) from None
    database = _existing(settings)
    try:
        async with reading(database) as snapshot:
            return await check(snapshot, settings.data, kept, expected, roots, progress)
    except UnreadableDatabase as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()


async def run_restored(settings: Settings, against: Sequence[Path], key: str, accept: str) -> tuple[Restored, str]:
    """What is missing, and what was done about it ("" when nothing was asked)."""
    kept, expected = _given(against, key)
    database = _existing(settings)
    try:
        cases = configured_keys(settings.data, settings.master_key)
        async with reading(database) as snapshot:
            away = settings.remote_files(settings.data)
            found = await look(snapshot, settings.data, cases, kept, expected, away)
        if not accept:
            return found, ""
        aside = await accept_loss(settings.data, SqlJournal(database), found, accept)
        return found, f"accepted and noted in the journal; the checkpoints of before are in {aside}"
    except (UnreadableDatabase, VaultError, ValueError) as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()


def given_checkpoints(against: Sequence[Path]) -> list[tuple[str, str]]:
    """Where each is from, and what it says. CannotCheck."""
    return _given(against, "")[0]


def _given(against: Sequence[Path], key: str) -> tuple[list[tuple[str, str]], tuple[str, bytes] | None]:
    try:
        return [(str(path), _read(path)) for path in against], public_key_of(key) if key else None
    except (OSError, ValueError, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None


async def adopt(settings: Settings) -> str:
    """What to tell the person who asked."""
    try:
        signer = log_keeper.configured_existing_signer(settings.data)
    except ValueError as fault:
        raise CannotCheck(str(fault)) from None
    database = _existing(settings)
    try:
        async with reading(database):
            pass  # it is there
        adopted = await KnownKeys(SqlJournal(database), lambda: datetime.now(UTC)).adopt(signer, SYSTEM)
    except (UnreadableDatabase, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()
    told = public_key(signer.name, signer.public)
    return f"adopted: {told}" if adopted else f"is the one that signs already: {told}"


def _existing(settings: Settings) -> Database:
    """Connecting to SQLite would make an empty file where there is none."""
    if sentence := installation_absent(settings):
        raise CannotCheck(sentence)
    return Database(settings.database)


SENTENCES: Final[dict[Verdict, str]] = {
    "grew": "nothing before was changed, removed or put in; {more} entries came after",
    "same": "it is the same state",
    "other_log": "FOUND other_log: the kept state is another installation's",
    "shrank": "FOUND shrank: the log has fewer entries than it had",
    "rewritten": "FOUND rewritten: what was in the log then is not what is in it now",
}


def run(kept: Path, proof: Path, key: str) -> Judgement:
    """Say whether the log a bureau shows today continues the state of it that somebody kept (`yuntiao log grew`).

    Needs two files and the published key, no data folder and no network. `key` as it was published. CannotCheck, also
    where a signature does not hold: then nothing is known.
    """
    try:
        name, public = public_key_of(key)
        return judge(_read(kept), growth_of(_read(proof)), name, public, verifies)
    except (OSError, ValueError, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None


def lines(found: Judgement) -> list[str]:
    return [
        f"then {found.old.size} entries, signed {found.old.made.isoformat()}",
        f"now {found.new.size} entries, signed {found.new.made.isoformat()}",
        SENTENCES[found.verdict].format(more=found.new.size - found.old.size),
    ]


def as_json(found: Judgement) -> dict[str, Any]:
    return {
        "holds": found.holds,
        "verdict": found.verdict,
        "origin": found.new.origin,
        "then": {"entries": found.old.size, "signed": found.old.made.isoformat()},
        "now": {"entries": found.new.size, "signed": found.new.made.isoformat()},
    }


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise ValueError(f"{path} is too large")
    return data.decode()


_POLL_SECONDS = 0.2


def status(data: Path, store: str) -> dict[str, Any]:
    """As `--json` prints it. `cases` are those that are under way or have failures."""
    recordings = data / "recordings"
    cases = [
        {
            "session": session,
            "state": move.state,
            "store": move.store,
            "files": len(move.items),
            "there": sum(item.step != "here" for item in move.items),
            "error": move.error,
            "tries": move.tries,
            "failed": {item.path: item.error for item in move.failed},
        }
        for session, move in archive.all_moves(recordings)
        if move.state != "done" or move.failed
    ]
    return {"store": store, **asdict(tally(recordings)), "asked": (data / REQUEST).exists(), "cases": cases}


def files_status(data: Path, store: str) -> dict[str, Any]:
    """As `--json` prints it; what the server that runs here saw last."""
    found = read_standing(data)
    behind = round(time.time() - found.since) if found.since else 0
    return {"store": store, **asdict(found), "behind_seconds": behind}


def settled(found: dict[str, Any]) -> bool:
    """Nothing moves any more: all is done, or waits for the store."""
    return not found["asked"] and all(case["state"] == "done" or case["error"] for case in found["cases"])


def ask(data: Path) -> None:
    """Tell the server of this folder; ValueError when there is none."""
    if serving.is_locked(data):
        (data / REQUEST).touch()
        return
    raise ValueError(f"no yuntiao serves {data}: it archives when one does")


def wait(data: Path, store: str, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Until nothing moves any more; `tell` is called with every change."""
    told: dict[str, Any] = {}
    while True:
        found = status(data, store)
        if found != told:
            tell(found)
            told = found
        if settled(found):
            return found
        time.sleep(_POLL_SECONDS)


class NoDraft(Exception):
    """Says why, fit for the person at the terminal."""


async def draft(settings: Settings, complaint: str, wish: NoticeWish) -> PrintedPaper:
    """`complaint`: an id or a number. NoDraft."""
    if sentence := installation_absent(settings):
        raise NoDraft(sentence)
    parts = assemble(settings)
    try:
        async with parts.database.read() as connection:
            found = await complaint_called(connection, complaint)
        if found is None:
            raise NoDraft(f"there is no complaint {complaint}")
        id, office = found
        where = await parts.store.office(office)
        if where is None:
            raise NoDraft(f"the office of {complaint} is not in the database")
        try:
            return await parts.notices.draft(where, where.name, id, wish)
        except Refused as no:
            raise NoDraft(_WHY.get(no.code, no.code) + "".join(f" ({value})" for value in no.params.values())) from None
    finally:
        await parts.database.close()


_WHY = {
    "wrong_state": "the occasion for this document has not come: complaint",
    "missing": "something is missing:",
    "too_long": "a text is too long:",
    "unprintable": "it cannot be printed; see the log",
}
