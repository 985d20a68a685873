"""Kills a process that appends, signs and erases, again and again, and looks for what it had acknowledged.

The child is forked, so that a round costs no start: it appends to three streams at once, makes checkpoints, wipes an
entry now and then, and writes a line for whatever was acknowledged. The parent kills it (SIGKILL) at a random moment.
"""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from journal import SYSTEM, Draft
from journal.notes import Ed25519Signer
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.remaking import reading
from server.evidence.log_check import check
from server.evidence.log_keeper import CheckpointCopies, CheckpointKeeper, KnownKeys, installation_signer
from server.evidence.log_store import LogStore

STREAMS = ("session/a", "session/b", "complaint/c")
EVERYTHING_EVERY = 100  # rounds between two checks of the whole log
ERASING_EVERY = 5  # appends
SIGNED_EVERY = 5  # rounds in which a child lives until it has signed, however slow the machine
LONGEST = 0.12  # seconds a child lives after its first acknowledgement, or after that

Place = tuple[str, int]
"""Stream and version."""


@dataclass(slots=True)
class Toll:
    """What was promised, and what of it did not hold."""

    kills: int = 0
    acknowledged: int = 0
    checkpoints: int = 0
    erasures: int = 0
    lost: int = 0
    duplicated: int = 0
    unverifiable: list[str] = field(default_factory=list)
    ids: dict[str, Place] = field(default_factory=dict, repr=False)
    signed: set[int] = field(default_factory=set, repr=False)
    wiped: set[Place] = field(default_factory=set, repr=False)


def run(folder: Path, kills: int, seed: int = 1) -> Toll:
    """Blocking. There must be no other thread: it forks."""
    chance, toll = random.Random(seed), Toll()
    asyncio.run(_prepared(folder))
    for number in range(1, kills + 1):
        _take(toll, _one_round(folder, number, chance))
        toll.kills = number
        if number % EVERYTHING_EVERY == 0 or number == kills:
            asyncio.run(_inspect(folder, toll))
            if toll.unverifiable:
                break
    return toll


def _database(folder: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{folder / 'kills.db'}")


async def _prepared(folder: Path) -> None:
    installation_signer(folder)
    database = _database(folder)
    await database.migrate()
    await database.close()


def _one_round(folder: Path, number: int, chance: random.Random) -> list[str]:
    """The whole lines a child wrote before it was killed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            asyncio.run(_work(folder, number, writes))
        finally:
            os._exit(1)  # never back into the parent's program
    os.close(writes)
    with os.fdopen(reads, "rb", buffering=0) as pipe:
        text = pipe.read(1)  # it is at work
        while number % SIGNED_EVERY == 0 and b"sign" not in text and (piece := pipe.read(65536)):
            text += piece
        deadline = time.monotonic() + chance.uniform(0, LONGEST)
        while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            piece = pipe.read(65536)
            if not piece:
                break
            text += piece
        os.kill(child, signal.SIGKILL)
        while piece := pipe.read(65536):
            text += piece
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise RuntimeError("the child ended before it was killed")
    return text.decode().split("\n")[:-1]


async def _work(folder: Path, number: int, pipe: int) -> None:
    database = _database(folder)
    journal = SqlJournal(database)
    signer = installation_signer(folder)
    appending = (_append(journal, stream, f"{number}-{stream[-1]}", pipe) for stream in STREAMS)
    await asyncio.gather(*appending, _sign(_keeper(folder, database, journal, signer), pipe))


def _keeper(folder: Path, database: Database, journal: SqlJournal, signer: Ed25519Signer) -> CheckpointKeeper:
    every = timedelta(minutes=10)
    return CheckpointKeeper(LogStore(database), KnownKeys(journal, _now), lambda: signer, folder, every, _now)


async def _append(journal: SqlJournal, stream: str, mark: str, pipe: int) -> None:
    version = await journal.last(stream)
    for count in range(10**9):
        ids = [f"{mark}-{count}-{place}" for place in range(1 + count % 3)]
        await journal.append(stream, version, [Draft("Noted", {"id": one, "text": "退款" * 40}, _now()) for one in ids])
        os.write(pipe, f"append {stream} {version + 1} {' '.join(ids)}\n".encode())
        version += len(ids)
        if count % ERASING_EVERY == ERASING_EVERY - 1:
            victim = version - 1
            await journal.erase(stream, [victim], SYSTEM, _now(), "test")
            version += 1
            os.write(pipe, f"erase {stream} {victim}\n".encode())


async def _sign(keeper: CheckpointKeeper, pipe: int) -> None:
    while True:
        made = await keeper.make()
        if made is not None:
            os.write(pipe, f"sign {made.size}\n".encode())
        await asyncio.sleep(0.01)


def _take(toll: Toll, lines: list[str]) -> None:
    for line in lines:
        word, *rest = line.split(" ")
        if word == "append":
            stream, first, *ids = rest
            toll.ids.update((one, (stream, version)) for version, one in enumerate(ids, int(first)))
        elif word == "erase":
            toll.wiped.add((rest[0], int(rest[1])))
        else:
            toll.signed.add(int(rest[0]))
    toll.acknowledged, toll.checkpoints, toll.erasures = len(toll.ids), len(toll.signed), len(toll.wiped)


async def _inspect(folder: Path, toll: Toll) -> None:
    database = _database(folder)
    try:
        # As at a restart: what a kill left between the database and the copies is put right.
        keeper = _keeper(folder, database, SqlJournal(database), installation_signer(folder))
        await keeper.make()
        async with reading(database) as snapshot:
            seen: dict[Place, str] = {}
            wiped: set[Place] = set()
            async for _leaf, event in snapshot.events():
                if event.erased:
                    wiped.add((event.stream, event.version))
                elif event.type == "Noted":
                    seen[event.stream, event.version] = event.data["id"]
            signed = {one.size for one in await snapshot.checkpoints()} & {
                size for size, _ in CheckpointCopies(folder).read()
            }
            report = await check(snapshot, folder)
    finally:
        await database.close()
    gone = [one for one, place in toll.ids.items() if seen.get(place) != one and place not in wiped]
    toll.lost = len(gone) + len(toll.signed - signed) + len(toll.wiped - wiped)
    toll.duplicated = len(seen) - len(set(seen.values()))
    toll.unverifiable = [f"{finding.code} {finding.where} {finding.detail}" for finding in report.findings]


def _now() -> datetime:
    return datetime.now(UTC)
