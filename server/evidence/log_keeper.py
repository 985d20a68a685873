"""Who signs the log: the key in `<data>/keys/log.key`, or a device; which keys have signed so far, and where copies of
what was signed are kept.

The file is made at the first start, its owner's alone: one line in the form of Go's note package,
`PRIVATE+KEY+<name>+<key id>+<base64(0x01 ‖ seed)>`. The name is `yuntiao/<installation id>`, the id eight random
bytes: it tells installations apart and stays when a key is replaced.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import os
import secrets
import shlex
import subprocess
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from pydantic_settings import BaseSettings, SettingsConfigDict

from journal import SYSTEM, Actor, Draft, Event, Journal, NoteBroken, append_decided, append_once
from journal.merkle import Growth
from journal.notes import (
    ED25519,
    Attested,
    Checkpoint,
    Ed25519Signer,
    LogState,
    Signer,
    checkpoint_body,
    checkpoint_of,
    key_id,
    opened,
    public_key,
    public_key_of,
    signed,
    split,
    verifies,
)
from recordings.files import write_once
from rooms.session import Session
from server.evidence.log_store import OPEN, AttestationStore, LogStore, StoredCheckpoint
from server.identity import read_secret
from server.serving.jobs import Bell

_KEY_PREFIX = "PRIVATE+KEY+"
_SEED = 32  # bytes


def key_path(data: Path) -> Path:
    return data / "keys" / "log.key"


def installation_signer(data: Path) -> Ed25519Signer:
    """Made when there is none yet. ValueError, fit for the person at the terminal, when it cannot be used."""
    path = key_path(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_once(path, key_text(f"yuntiao/{secrets.token_hex(8)}", os.urandom(_SEED)).encode())
    return existing_signer(data)


def existing_signer(data: Path) -> Ed25519Signer:
    """As `installation_signer`, but nothing is made."""
    text = read_secret(key_path(data))
    name, _, rest = text.removeprefix(_KEY_PREFIX).partition("+")
    known, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        if not text.startswith(_KEY_PREFIX) or raw[:1] != ED25519:
            raise ValueError
        signer = Ed25519Signer(name, raw[1:])
    except ValueError:
        raise ValueError(f"{key_path(data)} holds no signing key") from None
    if key_id(name, signer.public).hex() != known:
        raise ValueError(f"{key_path(data)} is damaged: its key has another id")
    return signer


def key_text(name: str, seed: bytes) -> str:
    """What is in the file of a key."""
    known = key_id(name, Ed25519Signer(name, seed).public).hex()
    return f"{_KEY_PREFIX}{name}+{known}+{base64.b64encode(ED25519 + seed).decode()}\n"


STREAM = "log/keys"
ADOPTED = "LogKeyAdopted"
"""Data: {"key": the public key as it is published}."""


class OtherKey(Exception):
    """The key in the file is not the one the journal knows."""


class KnownKeys:
    """Which keys have signed for this log: the journal says so itself, in the stream `log/keys`.

    So a key put in the place of ours is noticed, and a key that followed another is one that somebody adopted.
    """

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def expect(self, signer: Signer) -> None:
        """OtherKey if it is not the newest known one. The first key of all is adopted as it comes."""
        await append_once(self._journal, STREAM, self._adopting(signer, SYSTEM))
        if (known := adopted(await self._journal.read(STREAM))[-1]) != (signer.name, signer.public):
            raise OtherKey(f"the journal knows {public_key(*known)}, not {public_key(signer.name, signer.public)}")

    async def adopt(self, signer: Signer, by: Actor) -> bool:
        """From now on this one; False when it is already."""

        def decided(events: list[Event]) -> list[Draft]:
            known = events and adopted(events)[-1] == (signer.name, signer.public)
            return [] if known else [self._adopting(signer, by)]

        return bool(await append_decided(self._journal, STREAM, decided))

    def _adopting(self, signer: Signer, by: Actor) -> Draft:
        return Draft(ADOPTED, {"key": public_key(signer.name, signer.public)}, self._now(), by)


def adopted(events: list[Event]) -> list[tuple[str, bytes]]:
    """Names and public keys, oldest first. NoteBroken when what is there is no key."""
    return [public_key_of(event.data["key"]) for event in events if event.type == ADOPTED]


SECONDS: Final = 15.0
_SIGNER_PREFIX: Final = "yuntiao/"
_MOST: Final = 4096  # characters of an answer


class SignerSettings(BaseSettings):
    """The job process and the command line read it by themselves, so it comes from the variable only."""

    model_config = SettingsConfigDict(env_prefix="YUNTIAO_", extra="ignore", frozen=True)

    signer_command: str = ""  # "": the key in the data folder signs


def configured_signer(data: Path) -> Signer:
    """A file's key is made when there is none yet. ValueError, fit for the person at the terminal, when it fails."""
    command = SignerSettings().signer_command
    return CommandSigner(command) if command else installation_signer(data)


def configured_existing_signer(data: Path) -> Signer:
    """As `configured_signer`, but nothing is made."""
    command = SignerSettings().signer_command
    return CommandSigner(command) if command else existing_signer(data)


class CommandSigner(Signer):
    """A device behind a command of the administrator's, which never gives the key away.

    `YUNTIAO_SIGNER_COMMAND` is started for each request without a shell, gets one line on standard input and answers
    with one on standard output, within 15 seconds:

        key             → key <name>+<key id>+<base64(0x01 ‖ public key)>, as the key is published; the name is
                          yuntiao/<installation>
        sign <base64>   → signature <base64 of 64 bytes>: Ed25519 over what the base64 says
        anything        → error <a sentence>

    Asks for the key when it is made; ValueError then and at each signature. Blocks.
    """

    def __init__(self, command: str, seconds: float = SECONDS) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as fault:
            raise ValueError(f"YUNTIAO_SIGNER_COMMAND cannot be read: {fault}") from None
        if not self._words:
            raise ValueError("YUNTIAO_SIGNER_COMMAND names no program")
        self._seconds = seconds
        try:
            self._name, self._public = public_key_of(self._asked("key", "key"))
        except NoteBroken:
            raise ValueError(f"{self._words[0]} names no public key of the form name+id+base64") from None
        if not self._name.startswith(_SIGNER_PREFIX):
            raise ValueError(
                f"the key of {self._words[0]} is called {self._name}, and not {_SIGNER_PREFIX}<installation>"
            )

    @property
    def name(self) -> str:
        return self._name

    @property
    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        told = self._asked(f"sign {base64.b64encode(message).decode()}", "signature")
        try:
            signature = base64.b64decode(told, validate=True)
        except binascii.Error:
            signature = b""
        if not verifies(self._public, signature, message):
            raise ValueError(f"what {self._words[0]} signed does not hold by the key it names")
        return signature

    def _asked(self, line: str, wanted: str) -> str:
        """What stands behind the wanted word in its answer."""
        program = self._words[0]
        try:
            run = subprocess.run(
                self._words, input=f"{line}\n", capture_output=True, text=True, timeout=self._seconds, check=False
            )
        except (OSError, UnicodeDecodeError) as fault:
            raise ValueError(f"{program} cannot be asked to sign: {fault}") from None
        except subprocess.TimeoutExpired:
            raise ValueError(f"{program} did not answer within {self._seconds:g} seconds") from None
        word, _, rest = run.stdout[:_MOST].strip().partition(" ")
        if word == "error":
            raise ValueError(f"{program}: {rest[:200]}")
        if word != wanted or run.returncode or len(run.stdout.splitlines()) != 1:
            asked = line.partition(" ")[0]
            raise ValueError(f"{program} did not answer {asked!r} with one line of {wanted!r} (exit {run.returncode})")
        return rest


log = structlog.get_logger(__name__)

_TAIL = 64 * 1024  # bytes: many notes


class CheckpointCopies:
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
_LOOK_SECONDS = 15.0
CHECKPOINT: Final = "checkpoint"
"""Asked for in the queue of jobs, where another node signs."""

FAULTS = ("key", "other_key", "contradiction", "making")
"""The key cannot be used; it is not the one the journal knows; the log contradicts a checkpoint; anything else."""


class CheckpointKeeper:
    """Signs the log: at every session's close and, when it grew, every so many minutes.

    Of several nodes one does; `make` alone may be called at any, for an export that cannot wait.

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
        bell: Bell | None = None,
    ) -> None:
        self._store, self._keys, self._signer = store, keys, signer
        self._every, self._now, self._ask = every, now, ask
        self._copies, self._news = CheckpointCopies(data), bell or Bell(CHECKPOINT)
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
        await self._news.ring()

    async def run(self) -> None:
        """As `start` to `stop`, where one of several nodes does: until cancelled."""
        await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self.stop()

    async def _run(self) -> None:
        while True:
            made = await self._tried()
            await self._news.heard((self._every if made else _AGAIN_AFTER).total_seconds())

    async def look(self) -> None:
        """What was signed last, also where another node signs; until cancelled."""
        while True:
            with contextlib.suppress(Exception):  # the database is away
                self.newest = await self._store.newest()
            await asyncio.sleep(_LOOK_SECONDS)

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
            self.newest = newest = await self._store.newest()  # first: another node may sign what has come since
            size, root = await self._store.head()
            await self._agrees(newest, size, signer)
            if size == 0 or (newest is not None and newest.size == size):
                return None
            made = self._now()
            body = checkpoint_body(Checkpoint(signer.name, size, root, made))
            checkpoint = StoredCheckpoint(size, made, await asyncio.to_thread(signed, body, signer))
            if not await self._store.put(checkpoint, self._ask):  # another node, whose export could not wait
                self.newest = await self._store.newest()
                return None
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


class PublishedLog:
    """Implements `Log`. The key is the one the journal adopted; that the file holds another is the keeper's
    fault to tell."""

    def __init__(
        self, journal: Journal, store: LogStore, attestations: AttestationStore, keeper: CheckpointKeeper
    ) -> None:
        self._journal, self._store, self._attestations, self._keeper = journal, store, attestations, keeper

    async def state(self) -> LogState:
        newest = await self._store.newest()
        checkpoint = checkpoint_of(split(newest.note)[0]) if newest else None
        attested = [
            Attested(one.kind, _host(one.place), one.size, one.got_at)
            for one in await self._attestations.newest()
            if one.got_at is not None
        ]
        owed = await self._attestations.of(newest.size) if newest else []
        return LogState(
            origin=checkpoint.origin if checkpoint else "",
            key=await self.key(),
            size=checkpoint.size if checkpoint else 0,
            root=base64.b64encode(checkpoint.root).decode() if checkpoint else "",
            made=checkpoint.made if checkpoint else None,
            fault=self._keeper.fault,
            attested=tuple(attested),
            waiting=tuple(dict.fromkeys(_host(one.place) for one in owed if one.state in (*OPEN, "dead"))),
        )

    async def note(self) -> str:
        newest = await self._store.newest()
        if newest is None:
            return ""
        signed = [one.answer or b"" for one in await self._attestations.of(newest.size) if one.kind == "witness"]
        return newest.note + b"".join(signed).decode()

    async def growth(self, old: int) -> str:
        newest = await self._store.newest()
        if newest is None or not 0 < old <= newest.size:
            return ""
        return Growth(old, tuple(await self._store.consistency(old, newest.size)), newest.note).text()

    async def key(self) -> str:
        known = adopted(await self._journal.read(STREAM))
        return public_key(*known[-1]) if known else ""


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
