"""A mediation of twelve seconds that was held and recorded, told to an office that opens the next moment.

Real files, written by the recorder's own hand: a consumer in red whose connection breaks from 4 to 7 and who comes back
in green, a mediator throughout, a business that did not agree to be recorded.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from journal import SYSTEM, Actor
from media.engine import MediaEvent, Segment
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.recorder import ParticipantRecorder
from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript, to_json
from rooms import events as e
from rooms.events import event_draft, session_entry, stream
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Phase, Role
from server.app.rehearsal.command import Venue
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.serving.jobs.store import JobQueue
from tests.browser.desk import Desk
from tests.recordings.sender import Sender, Sent, feed, in_time
from tests.server.serving.jobs import work

SECONDS = 12.0
BROKEN, BACK = 4.0, 7.0
RED, GREEN, BLUE = (200, 60, 60), (40, 160, 60), (50, 80, 200)
CHAT = "发票我现在就发给您"


@dataclass(frozen=True)
class Hearing:
    session: str
    mediator: str  # seats
    consumer: str
    business: str
    data: Path


async def held(desk: Desk, venue: Venue) -> Hearing:
    """Arrange it at the desk, close the office, let it happen, and open the office again."""
    sitting = await desk.arrange()
    await venue.stop()
    database = Database(f"sqlite+aiosqlite:///{venue.data.resolve() / 'yuntiao.db'}")
    try:
        journal = SqlJournal(database, projectors())
        told = await journal.read(stream(sitting.id))
        scheduled = session_entry(told[0]).event
        assert isinstance(scheduled, e.SessionScheduled)
        seats = {seat.role: seat.id for seat in scheduled.seats}
        hearing = Hearing(sitting.id, seats[Role.MEDIATOR], seats[Role.CONSUMER], seats[Role.BUSINESS], venue.data)
        origin = time.time() + 1
        segments = [
            *await recorded(hearing, hearing.mediator, origin, [(0, SECONDS, BLUE)]),
            *await recorded(hearing, hearing.consumer, origin, [(0, BROKEN, RED), (BACK, SECONDS, GREEN)]),
        ]
        officer = replace(SYSTEM, kind="officer", id=scheduled.mediator, name="周敏", role="mediator")
        drafts = [
            event_draft(fact, datetime.fromtimestamp(origin + at, UTC), actor)
            for at, fact, actor in _story(hearing, segments, officer)
        ]
        await journal.append(stream(sitting.id), told[-1].version, drafts)
        made = await asyncio.to_thread(_heard, hearing, datetime.fromtimestamp(origin, UTC))
        queue = JobQueue(database)
        await queue.enqueue("transcribe", of=hearing.session, session=hearing.session)
        await work.end(queue, "transcribe", hearing.session, **made)
    finally:
        await database.close()
    await venue.start()
    return hearing


def _heard(hearing: Hearing, origin: datetime) -> dict[str, Any]:
    """What a machine made of it, waiting to be noted when the office opens again."""
    said = ((hearing.mediator, 1.0, "我们开始调解"), (hearing.consumer, 3.0, "我要退款"), (hearing.mediator, 9.0, "好"))
    lines = tuple(
        Line(str(n), seat, origin + timedelta(seconds=at), origin + timedelta(seconds=at + 1.5), text)
        for n, (seat, at, text) in enumerate(said, 1)
    )
    model = ModelIdentity("whisper", "whisper-base", "ab" * 32)
    shelf = EncryptedFileStore(hearing.data / "recordings", case_keys(hearing.data))
    path = f"{hearing.session}/transcript.sealed"
    stored = shelf.put(hearing.session, path, io.BytesIO(to_json(Transcript(hearing.session, model, origin, lines))))
    return {
        "path": path, "sha256": stored.sha256, "size": stored.size, "lines": len(lines),
        "kind": model.kind, "model": model.name, "digest": model.digest,
        "stored_sha256": stored.stored_sha256, "stored_size": stored.stored_size,
    }  # fmt: skip


def _story(
    hearing: Hearing, segments: Iterable[e.SegmentSealed], officer: Actor
) -> list[tuple[float, e.SessionEvent, Actor]]:
    m, c, b = hearing.mediator, hearing.consumer, hearing.business
    everybody: dict[str, tuple[str, ...]] = {m: (c, b), c: (m, b), b: (m, c)}
    consents: list[tuple[str, e.SessionEvent]] = [
        (c, e.ConsentGiven(c, Consent.RECORD, "2026-01")),
        (b, e.ConsentRefused(b, Consent.RECORD, "2026-01")),
    ]
    steps: list[tuple[float, e.SessionEvent, str]] = [
        *((-0.4, e.ConsentGiven(seat, Consent.PARTICIPATE, "2026-01"), seat) for seat in (c, b)),
        *((-0.4, answer, seat) for seat, answer in consents),
        *((-0.3, e.Arrived(seat), seat) for seat in (c, b)),
        (-0.2, e.SessionOpened(), m),
        (-0.2, e.PhaseEntered(Phase.OPENING), m),
        (-0.2, e.Arrived(m), m),
        *((-0.2, e.Admitted(seat), m) for seat in (m, c, b)),
        (-0.2, e.Routed(everybody, everybody, (m, c)), ""),
        *((-0.1, e.CameraSet(seat, True), seat) for seat in (m, c, b)),
        (0.5, e.RecordingStarted(m), ""),
        (0.5, e.RecordingStarted(c), ""),
        (1.0, e.SpeakingStarted(c), ""),
        (2.5, e.Said(c, CHAT), c),
        (3.0, e.SpeakingStopped(c), ""),
        (BROKEN + 0.8, e.Disconnected(c, "socket"), ""),
        (BROKEN + 0.8, e.RecordingStopped(c, "disconnected"), ""),
        (5.5, e.PhaseEntered(Phase.DISCUSSION), m),
        (BACK - 0.3, e.Reconnected(c), c),
        (BACK + 0.5, e.RecordingStarted(c), ""),
        (11.0, e.OutcomeProposed(Outcome(OutcomeKind.NOT_SETTLED)), m),
        *((SECONDS, segment, "") for segment in segments),
        (SECONDS + 0.1, e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED), "演示"), m),
        *((SECONDS + 0.1, e.RecordingStopped(seat, "closed"), "") for seat in (m, c)),
        (SECONDS + 0.1, e.Routed({}, {}, ()), ""),
    ]
    people = {"": SYSTEM, m: officer}
    return [(at, fact, people.get(who) or Actor("party", who, "")) for at, fact, who in steps]


async def recorded(
    hearing: Hearing, seat: str, origin: float, parts: Iterable[tuple[float, float, tuple[int, int, int]]]
) -> list[e.SegmentSealed]:
    made: list[MediaEvent] = []
    for start, end, colour in parts:
        sender = Sender(colour, steady=True)
        sent = in_time(sender.picture(start, end - start), sender.sound(start, end - start))
        await _take(hearing, seat, origin, [(packet.captured + 0.03, packet) for packet in sent], end, made)
    return [
        e.SegmentSealed(seat, one.path, one.sha256, one.size, one.started, one.ended, one.width, one.height, one.source)
        for one in made
        if isinstance(one, Segment)
    ]


async def _take(
    hearing: Hearing, seat: str, origin: float, arriving: list[tuple[float, Sent]], end: float, made: list[MediaEvent]
) -> None:
    folder = hearing.data / "recordings"
    keys = case_keys(hearing.data)
    take = ParticipantRecorder(
        folder, hearing.session, seat, made.append, lambda source: None, lambda: None, 60.0, keys
    )
    feed(take, arriving, origin, lambda at: _work(take, at, origin))
    take.close("closed")
    _work(take, end + 0.1, origin)
    await asyncio.sleep(0)  # its events come on the loop


def _work(take: ParticipantRecorder, at: float, origin: float) -> None:
    take.work(100.0 + at, origin + at)
