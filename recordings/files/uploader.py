"""Takes files of the data folder to their home (`recordings.files.remote_files`), and clears what is there from here.

One per installation's web process, in threads of its own. What waits is told by the disk alone: notes in the queue,
recordings in the folders of live rooms, and whatever the survey at the start finds that the store has not. So nothing
is forgotten, whoever died; and that something is here no more is never a reason to remove it there.

A recording goes while it is written: what has been in its file since the look before, every twenty seconds. Of what was
written just now some blocks may be there and not others.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from recordings import AlreadyThere, BlobError, Damaged, NotThere, StoreRefuses, StoreUnreachable
from recordings.files import PART, parse_name
from recordings.files.encrypted_file import HEADER, LENGTH, MAGIC_BYTES, begins_sealed, read_length
from recordings.files.object_store import sha256_of
from recordings.files.remote_files import (
    PLACES,
    Piece,
    RemoteFiles,
    Standing,
    goes,
    is_recording,
    read_standing,
    write_standing,
)

log = logging.getLogger(__name__)

PIECE_SECONDS: Final = 20.0  # between two pieces of a recording that goes on
PIECE_BYTES: Final = 5 << 20  # of the largest: one request
LOOK_SECONDS: Final = 2.0
SURVEY_SECONDS: Final = 3600.0
EVICT_SECONDS: Final = 60.0
LINGER_SECONDS: Final = 600.0  # a room that has closed is looked after for so long
AT_ONCE: Final = 16  # files on their way
NOTES_AT_ONCE: Final = 1000  # of the queue, in one look
PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds while the store is away; the last one goes on for ever
LAST_SECONDS: Final = 3.0  # for what is under way when it is stopped
FAILED_SECONDS: Final = 600.0  # before a file the store would not take is tried again
_FULL: Final = 0.9  # of the cache's share, which is left of it


@dataclass
class _Track:
    """A recording on its way. `sent`: bytes of it in the store, None: to be asked, -1: all; `seen`: of whole records in
    its file; `known`: the same at the look before."""

    name: str
    since: float = field(default_factory=time.time)  # the oldest of what is not sent is no older
    sent: int | None = None
    seen: int = 0
    known: int = 0
    size: int = 0
    sent_at: float = field(default_factory=time.monotonic)


class Uploader:
    """`live` names rooms that record. `share`: bytes this disk keeps of what is in the store; `low` says that it needs
    room before that. Unless it `surveys`, this disk is nobody's home: what is here and not there was left by a process
    that died, or is erased there, and goes."""

    def __init__(
        self,
        remote: RemoteFiles,
        live: Callable[[], Collection[str]],
        share: int,
        low: Callable[[], bool] = lambda: False,
        piece_seconds: float = PIECE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
        surveys: bool = True,
    ) -> None:
        self._remote, self._live, self._share, self._low, self._surveys = remote, live, share, low, surveys
        self._piece_seconds, self._look_seconds = piece_seconds, look_seconds
        self._tracks: dict[str, _Track] = {}
        self._seats: dict[Path, int] = {}  # folders of live rooms, and when they last changed
        self._watched: dict[str, float] = {}  # sessions, and when they were last live
        self._there: set[str] = set()  # recordings of watched sessions that are in the store
        self._failed: dict[str, float] = {}
        self._busy: dict[str, Future[None]] = {}
        self._wake, self._stopping = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(AT_ONCE, "uploads")
        self._away, self._resume_at, self._error = 0, 0.0, ""
        self._surveyed = self._evicted = float("-inf")
        self.standing = read_standing(remote.data)  # as it was left, until the first look
        self.cached = 0  # bytes that lie here
        self.uploaded = 0  # files and pieces, since the start

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        self._thread.start()

    def stop(self, within: float = 10.0) -> None:
        """What is here and not there goes after the next start; what has just been finished is given a moment."""
        until = time.monotonic() + within
        while self._thread is not None and self._thread.is_alive() and time.monotonic() < until:
            if not self.standing.waiting or self._error:
                break
            self._wake.set()
            time.sleep(min(0.1, self._look_seconds))
        self._stopping = self._remote.ends = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(self._busy.values(), LAST_SECONDS)  # a store that says nothing is not waited for

    def wait(self) -> None:
        """Wait until what is under way is done."""
        wait(self._busy.values())

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.look()
            except Exception:
                log.exception("uploading, trying again")
            self._wake.wait(self._look_seconds)
            self._wake.clear()

    def look(self) -> None:
        """One look at everything; what is found goes in other threads."""
        now = time.monotonic()
        self._watch(now)
        waiting = list(self._remote.waiting())
        due = [track for track in list(self._tracks.values()) if self._is_due(track, now)]
        if now >= self._resume_at:
            self._dispatch(waiting[:NOTES_AT_ONCE], due, now)
        self._count(waiting, now)

    # ------------------------------------------------------------ what there is to do

    def _watch(self, now: float) -> None:
        """Recordings of live rooms. A folder that has not changed has no new ones."""
        for session in self._live():
            self._watched[session] = now
        for session, last in list(self._watched.items()):
            folder = self._remote.data / "recordings" / session
            if now - last > LINGER_SECONDS:
                del self._watched[session]
                self._there = {name for name in self._there.copy() if not name.startswith(f"recordings/{session}/")}
                self._seats = {seat: at for seat, at in self._seats.items() if seat.parent != folder}
                continue
            for seat in _folders(folder):
                with contextlib.suppress(OSError):
                    changed = seat.stat().st_mtime_ns
                    if self._seats.get(seat) != changed:
                        self._seats[seat] = changed
                        self._find(seat)

    def _find(self, seat: Path) -> None:
        for entry in os.scandir(seat):
            if parse_name(entry.name) is not None:
                name = self._remote.name(Path(entry.path)).removesuffix(PART)
                if name not in self._tracks and name not in self._there:
                    self._tracks[name] = _Track(name)

    def _dispatch(self, waiting: Collection[tuple[str, str, Path]], due: Collection[_Track], now: float) -> None:
        """The longest behind first; of recordings what has come until they have their turn."""
        self._busy = {name: future for name, future in self._busy.items() if not future.done()}
        if self._surveys and now - self._surveyed >= SURVEY_SECONDS:
            self._begin("survey", self._survey)
        for track in sorted(due, key=lambda track: track.since):
            if now >= self._failed.get(track.name, 0.0):
                self._begin(track.name, partial(self._send_track, track))
        for verb, name, note in waiting:
            if verb == "gone":
                if not any(busy == name or busy.startswith(f"{name}/") for busy in self._busy):
                    self._begin(name, partial(self._remove, name, note))
            elif now >= self._failed.get(name, 0.0):
                self._begin(name, partial(self._put, name, note, verb == "new"))
        if now - self._evicted >= EVICT_SECONDS and "evict" not in self._busy:
            self._evicted = now
            self._begin("evict", self._evict)

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        """Unless it is under way."""
        if name in self._busy:
            return

        def careful() -> None:
            if self._stopping or time.monotonic() < self._resume_at:
                return  # the store has turned out to be away meanwhile
            try:
                work()
            except (StoreUnreachable, StoreRefuses) as fault:
                if not self._stopping:
                    self._rest(fault)
            except AlreadyThere:
                log.error("The store has something else under the name of %s: it stays here", name)
                self._failed[name] = time.monotonic() + FAILED_SECONDS
            except (BlobError, Damaged, OSError) as fault:
                log.warning("%s is not uploaded, trying again: %s", name, fault)
                self._failed[name] = time.monotonic() + 10 * self._look_seconds
            except Exception:
                log.exception("uploading %s", name)
                self._failed[name] = time.monotonic() + FAILED_SECONDS
            else:
                self._failed.pop(name, None)

        self._busy[name] = self._pool.submit(careful)

    def _rest(self, fault: BlobError) -> None:
        """The store is away: whatever waits, waits."""
        if not self._error:
            log.warning("The store of files: %s; what is written waits on this disk", fault)
        self._error = fault.code
        if time.monotonic() >= self._resume_at:
            self._resume_at = time.monotonic() + PAUSES[min(self._away, len(PAUSES) - 1)]
            self._away += 1

    def _answered(self) -> None:
        self._away, self._error = 0, ""

    def _count(self, waiting: Collection[tuple[str, str, Path]], now: float) -> None:
        size, wall, cases = 0, time.time(), Counter[str]()
        since = wall
        for verb, name, note in waiting:
            with contextlib.suppress(OSError):
                size += (self._remote.data / name).stat().st_size if verb != "gone" else 0
                since = min(since, note.stat().st_mtime)
            cases[_case(name)] += 1
        for track in list(self._tracks.values()):
            if track.sent is None or track.size > track.sent:
                size += track.size - (track.sent or 0)
                since = min(since, track.since)
                cases[_case(track.name)] += 1
        failed = sum(at > now for at in list(self._failed.values()))
        standing = Standing(cases.total(), size, since if cases else 0.0, failed, self._error, dict(cases))
        if replace(standing, waiting_bytes=0, since=0.0) != replace(self.standing, waiting_bytes=0, since=0.0):
            with contextlib.suppress(OSError):  # a full disk: whoever asks is told what was
                write_standing(self._remote.data, standing)
        self.standing = standing

    # ------------------------------------------------------------ the steps, in threads of the pool

    def _put(self, name: str, note: Path, new: bool) -> None:
        """What is `new` takes the place of what was put under its name before: the same, sealed once more. What merely
        lies here does not: it may be this disk that has changed it."""
        file, store, seen = self._remote.data / name, self._remote.store, _number(note)
        if not seen:  # done by an earlier look
            return
        if is_recording(name):
            if name not in self._there:
                self._tracks.setdefault(name, _Track(name))
        elif file.is_file():
            digest = sha256_of(file)
            try:
                store.put(name, file, digest)
            except AlreadyThere:
                if not new:
                    raise
                store.delete(name)
                store.put(name, file, digest)
            self.uploaded += 1
            self._answered()
        if _number(note) == seen:  # else it was written again meanwhile
            note.unlink(missing_ok=True)

    def _remove(self, name: str, note: Path) -> None:
        if (self._remote.data / name).is_file():  # the same came again
            note.unlink(missing_ok=True)
            return
        for one in list(self._remote.store.names(name)) or [name]:
            self._remote.store.delete(one)
        self._answered()
        note.unlink(missing_ok=True)

    def _send_track(self, track: _Track) -> None:
        """All that may go of a recording now: up to where it was whole at the look before, or to its end."""
        try:
            with self._opened(track) as file:
                finished, until = not _is_part(file.fileno()), track.known
                if finished:
                    track.size = until = os.fstat(file.fileno()).st_size
                if track.sent is None or track.sent > until:  # what could be saved may be less than what went
                    track.sent = self._agreed(track.name, file.fileno())
                while 0 <= track.sent < until or (finished and track.sent == until):
                    self._remote.check()
                    size = min(PIECE_BYTES, until - track.sent)
                    piece = Piece(track.sent, size, finished and track.sent + size == until)
                    self._send_piece(f"{track.name}/{piece.name}", os.pread(file.fileno(), size, track.sent))
                    track.sent = -1 if piece.last else piece.end
        except FileNotFoundError:
            return
        except AlreadyThere as fault:
            track.sent = None
            raise Damaged(f"a piece of {track.name} was there and is another") from fault
        except BaseException:
            track.sent = None  # whether it has arrived is asked again
            raise
        track.since, track.sent_at = time.time(), time.monotonic()
        if track.sent < 0:
            if _case(track.name) in self._watched:
                self._there.add(track.name)
            self._tracks.pop(track.name, None)

    def _is_due(self, track: _Track, now: float) -> bool:
        """Look at its file; whether something of it is to go. One that is here no more is forgotten, not removed."""
        try:
            with self._opened(track) as file:
                if not _is_part(file.fileno()):
                    return True
                if track.name not in self._busy:
                    track.known, track.seen = track.seen, max(track.seen, _whole(file.fileno(), track.seen))
                    track.size = max(track.size, track.seen)
        except FileNotFoundError:
            self._tracks.pop(track.name, None)
            return False
        except OSError:
            return False
        if track.sent is None:
            return True
        return track.known > track.sent and now - track.sent_at >= self._piece_seconds

    def _opened(self, track: _Track) -> BinaryIO:
        final = self._remote.data / track.name
        for path in (final, final.with_name(final.name + PART), final):  # it may be finished between two of them
            with contextlib.suppress(FileNotFoundError):
                return path.open("rb")
        raise FileNotFoundError(track.name)

    def _send_piece(self, name: str, content: bytes) -> None:
        memory = os.memfd_create("piece")  # a file for who wants one, and no second writing to the disk
        try:
            os.write(memory, content)
            self._remote.store.put(name, Path(f"/proc/self/fd/{memory}"), hashlib.sha256(content).hexdigest())
        finally:
            os.close(memory)
        self.uploaded += 1
        self._answered()

    def _agreed(self, name: str, file: int) -> int:
        """Bytes of a recording that are in the store and the same here; -1: all of it. Pieces that differ go: after a
        power cut a file may end earlier, or be what could be saved of it."""
        finished = not _is_part(file)
        pieces, size = self._remote.pieces(name), os.fstat(file).st_size
        same = all(piece.end <= size and self._same(name, piece, file) for piece in pieces)
        whole = bool(pieces) and pieces[-1].last
        if same and whole and finished and pieces[-1].end == size:
            return -1
        if not same or whole:
            for one in list(self._remote.store.names(name)):
                self._remote.store.delete(one)
            return 0
        return pieces[-1].end if pieces else 0

    def _same(self, name: str, piece: Piece, file: int) -> bool:
        known = self._remote.store.stat(f"{name}/{piece.name}").sha256
        return hashlib.sha256(os.pread(file, piece.size, piece.start)).hexdigest() == known

    def _survey(self) -> None:
        """Whatever lies here and not there gets into the queue: of a process that died, of before there was a store."""
        for case in self._cases():
            self._remote.check()
            here = [name for name in self._names(case) if goes(name.removesuffix(PART))]
            if not here:
                continue
            there = set(self._remote.store.names(self._remote.name(case)))
            ended = {name.rpartition("/")[0] for name in there if name.endswith(".end")}
            for name in here:
                whole = name.removesuffix(PART)
                if is_recording(whole):
                    if whole not in ended:
                        self._tracks.setdefault(whole, _Track(whole))
                elif name == whole and name not in there:
                    self._remote.note("put", name)
        self._surveyed = time.monotonic()

    def _cases(self) -> Iterator[Path]:
        for place in PLACES:
            yield from _folders(self._remote.data / place)

    def _names(self, case: Path) -> Iterator[str]:
        for folder, _, files in os.walk(case):
            for file in files:
                yield self._remote.name(Path(folder)) + f"/{file}"

    # ------------------------------------------------------------ the cache

    def _evict(self) -> None:
        """What was longest not used goes first, and only what the store has been asked for."""
        known, used, size = [], set(self._watched), 0
        queued = {name for _, name, _ in self._remote.waiting()} | set(self._tracks)
        for case in self._cases():
            for name in self._names(case):
                with contextlib.suppress(OSError):
                    found = (self._remote.data / name).stat()
                    size += found.st_size
                    if goes(name) and name not in queued and not (case.name in used and is_recording(name)):
                        known.append((max(found.st_atime, found.st_mtime), name, found.st_size))
        keep = self._share if size > self._share else -1 if self._low() else size
        if size > keep:
            for _, name, length in sorted(known):
                self._remote.check()
                if size <= self._share * _FULL and not self._low():
                    break
                if self._clear(name):
                    size -= length
        self.cached = size

    def _clear(self, name: str) -> bool:
        """Remove a local copy, if the store has the same."""
        file = self._remote.data / name
        with contextlib.suppress(NotThere, FileNotFoundError), file.open("rb") as opened:
            if is_recording(name):
                same = self._agreed_whole(name, opened.fileno())
            else:
                same = self._remote.store.stat(name).sha256 == sha256_of(file)
            if same:
                before = file.parent.stat()
                file.unlink()
                # When something came to a case, or went, is asked of its folder; this is neither.
                os.utime(file.parent, ns=(before.st_atime_ns, before.st_mtime_ns))
                return True
        self._there.discard(name)
        if not self._surveys:
            file.unlink(missing_ok=True)
            return True
        self._remote.note("put", name)
        return False

    def _agreed_whole(self, name: str, file: int) -> bool:
        pieces = self._remote.pieces(name)
        if not pieces or not pieces[-1].last or pieces[-1].end != os.fstat(file).st_size:
            return False
        return all(self._same(name, piece, file) for piece in pieces)


def _number(note: Path) -> int:
    """Another for each time it is written; 0 when it is not there."""
    try:
        return note.stat().st_ino
    except FileNotFoundError:
        return 0


def _case(name: str) -> str:
    return name.split("/")[1]


def _folders(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []


def _is_part(file: int) -> bool:
    return Path(f"/proc/self/fd/{file}").readlink().name.removesuffix(" (deleted)").endswith(PART)


def _whole(file: int, start: int) -> int:
    """Up to where a file that is being written has whole records, by their lengths. What was set ahead is zeros."""
    size, at = os.fstat(file).st_size, start
    if not at:
        if size < HEADER or not begins_sealed(os.pread(file, MAGIC_BYTES, 0)):
            return 0
        at = HEADER
    while at + LENGTH <= size:
        try:
            end = at + LENGTH + read_length(os.pread(file, LENGTH, at))
        except Damaged:
            break
        if end > size:
            break
        at = end
    return at
