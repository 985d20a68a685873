"""A transcript that a test puts there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from casebook import Paragraph
from journal.refusals import Refused
from offices import Officer
from recordings.speech import ModelIdentity
from recordings.transcripts import Line, Transcript
from recordings.views import TranscriptHit, TranscriptHits, TranscriptState
from rooms import events as e
from server.casebook.word import document
from tests.web.fakes.people import EAST_LAKE
from tests.web.fakes.records.sessions import FakeSessions
from web.office.audit import Transcripts

MODEL = ModelIdentity("whisper", "whisper-base", "ab" * 32)
MADE = e.TranscriptMade("m1/transcript.sealed", "cd" * 32, 900, 3, MODEL.kind, MODEL.name, MODEL.digest)


class FakeTranscripts(Transcripts):
    def __init__(self, sessions: FakeSessions) -> None:
        self.sessions = sessions
        self.kept = TranscriptState("none")
        self.transcript: Transcript | None = None
        self.asked = 0
        self.hits: list[TranscriptHit] = []
        self.more, self.unindexed = "", 0

    def put(self, session: str, begins: datetime, *said: tuple[str, float, str]) -> None:
        """Seat, seconds since `begins`, text; each takes two seconds."""
        lines = tuple(
            Line(str(n), seat, begins + timedelta(seconds=at), begins + timedelta(seconds=at + 2), text, 0.9)
            for n, (seat, at, text) in enumerate(said, 1)
        )
        self.transcript = Transcript(session, MODEL, begins, lines)
        self.kept = TranscriptState("ready", 1.0, made=MADE)

    async def state(self, session: str) -> TranscriptState:
        return self.kept

    async def ask(self, session: str, again: bool = False) -> None:
        if self.kept.state == "no_model":
            raise Refused("no_speech_model", 409)
        self.asked += 1
        self.kept = TranscriptState("queued")

    async def shown(self, officer: Officer, session: str) -> Transcript:
        if self.transcript is None:
            raise Refused("not_found", 404)
        state = await self.sessions.state(session)
        return self.transcript.with_corrections(state.transcript_corrections)

    async def search(self, officer: Officer, words: str, after: str = "") -> TranscriptHits:
        found = [hit for hit in self.hits if any(words in line.text for line in hit.lines)] if words else []
        return TranscriptHits(found, self.more, self.unindexed)

    async def take(self, officer: Officer, session: str, form: str, told: Sequence[Paragraph]) -> bytes:
        self.sessions.append(session, e.Exported("transcript", "x1", "0" * 64, 9), actor=officer.actor)
        return document(told) if form == "docx" else "\n".join(one.text for one in told).encode()

    async def correct(self, officer: Officer, session: str, line: str, text: str) -> None:
        if officer.office.id != EAST_LAKE.id:
            raise Refused("not_found", 404)
        self.sessions.append(session, MADE)
        self.sessions.append(session, e.TranscriptCorrected(line, text), actor=officer.actor)
