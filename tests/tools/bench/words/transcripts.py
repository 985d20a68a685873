"""Searching the transcripts of one office: how long until words are found that one of them has, none, or all, with the
index of words and, for comparison, without; what it costs to make the index of transcripts that have none.

Each transcript is as long as that of an hour's mediation: 600 lines of some twenty characters of the everyday words of
`dialogues.txt`, shuffled. `read_through_s` is one search of all of them without an index, a part after the other.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from journal import SYSTEM, Draft
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript, to_json
from rooms.commands import Arrive, Close, NoteRecording, ProposeOutcome
from rooms.events import TranscriptMade, stream
from rooms.vocabulary import Outcome, OutcomeKind
from server.complaints.store import SqlReads
from server.rooms.transcript_store import TranscriptIndex
from server.rooms.transcripts import TranscriptService
from server.serving.jobs.store import JobQueue
from tests.recordings.transcripts.dialogues import dialogues
from tests.server.app.office import World, founded, office
from tests.tools.figures import Figures, quantile

TRANSCRIPTS, TRANSCRIPTS_QUICK = 2_000, 200
LINES: Final = 600
ASKED, ASKED_QUICK = 20, 5
MODEL: Final = ModelIdentity("whisper", "whisper-base", "ab" * 32)
RARE: Final = "磁悬浮洗衣机"
RARE_IN: Final = 100
NEVER: Final = "量子纠缠态"


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        asyncio.run(_measure(figures, Path(folder), quick))
    figures.at_most("rare_ms_p95", 1_000)
    figures.at_most("never_ms_p95", 1_000)
    figures.at_most("everywhere_ms_p95", 2_500)
    return figures.json()


async def _measure(figures: Figures, folder: Path, quick: bool) -> None:
    many, asked = (TRANSCRIPTS_QUICK, ASKED_QUICK) if quick else (TRANSCRIPTS, ASKED)
    (folder / "data").mkdir()
    async with office(folder / "data", await founded(folder)) as world:
        shelf = EncryptedFileStore(folder / "data" / "recordings", case_keys(folder / "data"))
        index = TranscriptIndex(world.database)
        service = TranscriptService(
            shelf, world.journal, world.rooms, world.complaints,
            SqlReads(world.database, world.rooms, folder / "data", world.clock.now),
            JobQueue(world.database), folder / "no-model", index,
        )  # fmt: skip
        ids = await _fill(world, shelf, many)
        figures.values["transcripts"], figures.values["lines_each"] = many, LINES
        await index.expect(ids)
        begun, after, parts = time.perf_counter(), "", 0
        while True:
            found = await service.search(world.zhou, RARE, after)
            after, parts = found.after, parts + 1
            if not after:
                break
        figures.values["read_through_s"] = round(time.perf_counter() - begun, 2)
        figures.values["read_through_parts"] = parts
        begun, spent = time.perf_counter(), time.process_time()
        await service.index_all()
        figures.values["index_ms_each"] = round((time.perf_counter() - begun) * 1000 / many, 2)
        figures.values["index_cpu_ms_each"] = round((time.process_time() - spent) * 1000 / many, 2)
        rows = await index.page(world.zhou)
        figures.values["row_bytes"] = round(sum(len(row.sealed) for row in rows) / len(rows))
        for name, words, wanted in (("rare", RARE, 1), ("never", NEVER, 0), ("everywhere", "调解", 20)):
            took = []
            for _ in range(asked):
                begun = time.perf_counter()
                hits = await service.search(world.zhou, words)
                took.append((time.perf_counter() - begun) * 1000)
                if (len(hits.hits), hits.unindexed) != (wanted, 0):
                    raise AssertionError(f"{name}: {len(hits.hits)} found")
            figures.values[f"{name}_ms_p50"] = round(quantile(took, 0.5), 1)
            figures.values[f"{name}_ms_p95"] = round(quantile(took, 0.95), 1)


async def _fill(world: World, shelf: EncryptedFileStore, many: int) -> list[str]:
    """One session as it comes about, and copies of its journal under other names."""
    first = await world.session()
    await world.rooms.submit(first, Arrive(), world.zhou.actor)
    world.move(seconds=3_600)
    for command in (ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)), Close()):
        await world.rooms.submit(first, command, world.zhou.actor)
    told = [event for event in await world.journal.read(stream(first)) if not event.erased]
    chance, ids = random.Random(5), [first]
    said = [line.text for one in dialogues() for line in one.lines]
    for number in range(many):
        session = f"{first}-{number}" if number else first
        if number:
            copied = [
                Draft(
                    event.type, json.loads(json.dumps(dict(event.data)).replace(first, session)), event.at, event.actor
                )
                for event in told
            ]
            await world.journal.append(stream(session), 0, copied)
            ids.append(session)
        made = await asyncio.to_thread(_put, world, shelf, session, chance, said, number)
        await world.rooms.submit(session, NoteRecording(made), SYSTEM)
    return ids


def _put(
    world: World, shelf: EncryptedFileStore, session: str, chance: random.Random, said: list[str], number: int
) -> TranscriptMade:
    now, texts = world.clock.now(), chance.choices(said, k=LINES - 1)
    shuffled = ["".join(chance.sample(text, len(text))) for text in texts]
    every = ["我们现在开始调解", *shuffled[1:], RARE if number == RARE_IN else "好的"]
    lines = tuple(
        Line(str(n), "mediator", now + timedelta(seconds=6 * n), now + timedelta(seconds=6 * n + 5), text)
        for n, text in enumerate(every, 1)
    )
    path = f"{session}/transcript.sealed"
    stored = shelf.put(session, path, io.BytesIO(to_json(Transcript(session, MODEL, now, lines))))
    return TranscriptMade(
        path, stored.sha256, stored.size, len(lines), MODEL.kind, MODEL.name, MODEL.digest, stored.stored_sha256,
        stored.stored_size,
    )  # fmt: skip
