"""Signs the log, and keeps copies of what was signed outside the database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from journal.ed25519 import verifies
from journal.errors import NoteBroken
from journal.notes import Checkpoint, Signer, checkpoint_body, checkpoint_of, opened, signed, split
from rooms.session import Session
from server.evidence.log_keys import KnownKeys, OtherKey
from server.evidence.log_store import LogStore, StoredCheckpoint

log = structlog.get_logger(__name__)

_TAIL = 64 * 1024  # bytes: many notes


class Copies:
    """`<data>/log/checkpoints.jsonl`, a JSON object a line, only added to.

    Whoever can change the database, or puts back an old copy of it, does not thereby change this file. Blocks; every
    line is on disk before `add` returns.
    """

    def __init__(self, data: Path) -> None:
        self.path = data / "log" / "checkpoints.jsonl"

    def add(self, size: int, note: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            line = json.dumps({"size": size, "note": note}, ensure_ascii=False).encode() + b"\n"
            # A kill in the middle of a line leaves half of one: it is ended, not continued.
            file.write(line if self._ended(file.tell()) else b"\n" + line)
            file.flush()
            os.fsync(file.fileno())

    def _ended(self, length: int) -> bool:
        if length == 0:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def newest(self) -> tuple[int, str] | None:
        """The last line that is whole, without reading the others."""
        try:
            with self.path.open("rb") as file:
                length = file.seek(0, os.SEEK_END)
                file.seek(max(0, length - _TAIL))
                found = _entries(file.read())
        except FileNotFoundError:
            return None
        return found[-1] if found else None

    def read(self) -> list[tuple[int, str]]:
        """Sizes and notes in the order they were written; half a line is left out."""
        try:
            return _entries(self.path.read_bytes())
        except FileNotFoundError:
            return []


def _entries(text: bytes) -> list[tuple[int, str]]:
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            found.append((int(entry["size"]), str(entry["note"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


_AGAIN_AFTER = timedelta(seconds=30)  # when one could not be made

FAULTS = ("key", "other_key", "contradiction", "making")
"""The key cannot be used; it is not the one the journal knows; the log contradicts a checkpoint; anything else."""


class CheckpointKeeper:
    """Signs the log: at every session's close and, when it grew, every so many minutes.

    Owns what is signed and whether it may be: a log that contradicts an earlier checkpoint of ours is never signed
    again, because that would testify to both. No fault here stops anything else; each is logged, counted and shown.

    `signer` is asked for at every checkpoint and may raise ValueError: a key can be put right while we run.

    `ask`: (kind, place) of who is to attest each. `on_made` is called after one was made.
    """

    def __init__(
        self,
        store: LogStore,
        keys: KnownKeys,
        signer: Callable[[], Signer],
        data: Path,
        every: timedelta,
        now: Callable[[], datetime],
        ask: Collection[tuple[str, str]] = (),
    ) -> None:
        self._store, self._keys, self._signer = store, keys, signer
        self._every, self._now, self._ask = every, now, ask
        self._copies = Copies(data)
        self._news = asyncio.Event()
        self._making = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.on_made: list[Callable[[], None]] = []
        self.fault = ""  # one of FAULTS, until a checkpoint could be made again
        self.newest: StoredCheckpoint | None = None  # as last seen

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="checkpoints")

    async def stop(self) -> None:
        """What was appended since the last checkpoint is signed before we go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await self._tried()

    async def closed(self, _session: str, _state: Session) -> None:
        """For `rooms.live.registry.Rooms.on_closed`."""
        self._news.set()

    async def _run(self) -> None:
        while True:
            self._news.clear()
            made = await self._tried()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((self._every if made else _AGAIN_AFTER).total_seconds()):
                    await self._news.wait()

    async def _tried(self) -> bool:
        try:
            await self.make()
        except Contradiction as fault:
            self._faulty("contradiction", str(fault))
        except OtherKey as fault:
            self._faulty("other_key", str(fault))
        except ValueError as fault:
            self._faulty("key", str(fault))
        except Exception as fault:  # the disk may be full, the database locked: later, then
            self._faulty("making", f"{type(fault).__name__}: {fault}")
        else:
            self.fault = ""
        return not self.fault

    def _faulty(self, code: str, why: str) -> None:
        self.fault = code
        log.error("the log is not signed", fault=code, why=why)

    async def make(self) -> StoredCheckpoint | None:
        """Sign the log as it is now; None when nothing was appended since the last time.

        Contradiction, OtherKey; ValueError when there is no key to be used.
        """
        async with self._making:
            signer = await asyncio.to_thread(self._signer)
            await self._keys.expect(signer)
            size, root = await self._store.head()
            self.newest = newest = await self._store.newest()
            await self._agrees(newest, size, signer)
            if size == 0 or (newest is not None and newest.size == size):
                return None
            made = self._now()
            body = checkpoint_body(Checkpoint(signer.name, size, root, made))
            checkpoint = StoredCheckpoint(size, made, await asyncio.to_thread(signed, body, signer))
            await self._store.put(checkpoint, self._ask)
            self.newest = checkpoint
            await asyncio.to_thread(self._copies.add, size, checkpoint.note)
        for told in self.on_made:
            told()
        return checkpoint

    async def _agrees(self, newest: StoredCheckpoint | None, size: int, signer: Signer) -> None:
        """Neither the newest checkpoint in the database nor that of the copies may say otherwise."""
        copied = await asyncio.to_thread(self._copies.newest)
        notes = [newest.note] if newest else []
        notes += [copied[1]] if copied else []
        for note in dict.fromkeys(notes):
            checkpoint = _checkpoint(note, signer)
            if checkpoint.size > size:
                raise Contradiction(f"{checkpoint.size} events were signed, {size} are left")
            if await self._root(checkpoint.size) != checkpoint.root:
                raise Contradiction(f"the {checkpoint.size} events that were signed are not those there are now")
        # A kill between the two leaves a checkpoint without its copy.
        for missing in await self._store.since(copied[0] if copied else 0):
            await asyncio.to_thread(self._copies.add, missing.size, missing.note)

    async def _root(self, size: int) -> bytes:
        try:
            return await self._store.root(size)
        except LookupError as fault:
            raise Contradiction(f"of the {size} events that were signed some are missing") from fault


class Contradiction(Exception):
    """The log is not the one that was signed before."""


def _checkpoint(note: str, signer: Signer) -> Checkpoint:
    """Whichever key signed it: after a change of keys the log still has to be the same."""
    try:
        return checkpoint_of(opened(note, signer.name, signer.public, verifies))
    except NoteBroken as fault:
        if not fault.other_key:
            raise Contradiction(f"an earlier checkpoint is not what was signed: {fault}") from fault
    try:
        return checkpoint_of(split(note)[0])
    except NoteBroken as fault:
        raise Contradiction(f"an earlier checkpoint is not what was signed: {fault}") from fault
