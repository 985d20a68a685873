"""A transcript is asked for once a session's film is made, noted, read, corrected by its mediator, and erased."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from casebook import Paragraph
from journal import SYSTEM
from journal.refusals import Refused, WrongState
from recordings import KeyDestroyed
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.speech import RATE, ModelIdentity, Samples
from recordings.speech.models import install
from recordings.transcripts import Line, Transcript, to_json
from rooms.commands import Arrive, Close, CorrectTranscript, NoteRecording, OrderErasure, ProposeOutcome
from rooms.record.rules import Retention
from rooms.vocabulary import Outcome, OutcomeKind
from server.casebook.word import paragraphs
from server.complaints.store import SqlReads
from server.retention.erasure import Erasures
from server.rooms.recording_jobs import TranscribeJob, transcript_order
from server.rooms.store import SqlRecords
from server.rooms.transcript_store import TranscriptIndex
from server.rooms.transcripts import TranscriptService, hot_words
from server.serving.jobs import JobResults
from server.serving.jobs.store import JobQueue
from tests import ROOT
from tests.machine import spoken
from tests.recordings.speech.spoken import corpus, error_rate
from tests.recordings.transcripts.track import keep, silence, tone
from tests.server.app.office import World
from tests.server.serving.jobs.work import deal, end

MODEL = ModelIdentity("whisper", "whisper-base", "ab" * 32)


class Place:
    """A closed session with its mediator's track, and the service."""

    def __init__(self, world: World, data: Path, session: str, model: Path) -> None:
        self.world, self.session, self.data, self.model = world, session, data, model
        self.shelf = EncryptedFileStore(data / "recordings", case_keys(data))
        self.queue = JobQueue(world.database)
        self.index = TranscriptIndex(world.database)
        self.service = self.made()

    def made(self) -> TranscriptService:
        world = self.world
        reads = SqlReads(world.database, world.rooms, self.data, world.clock.now)
        return TranscriptService(
            self.shelf, world.journal, world.rooms, world.complaints, reads, self.queue, self.model, self.index
        )

    def some_model(self) -> None:
        """Which no engine of ours reads."""
        self.model.mkdir()

    async def job(self) -> None:
        await self.queue.enqueue("transcribe", of=self.session, session=self.session)  # if it is not there
        assert await deal(self.queue, "transcribe", TranscribeJob(self.shelf, self.model))

    async def finish(self, *texts: str) -> None:
        """What the job does."""
        now = self.world.clock.now()
        lines = tuple(
            Line(str(n), "mediator", now, now + timedelta(seconds=2), text) for n, text in enumerate(texts, 1)
        )
        content = to_json(Transcript(self.session, MODEL, now, lines))
        path = f"{self.session}/transcript.sealed"
        stored = await asyncio.to_thread(self.shelf.put, self.session, path, io.BytesIO(content))
        await self.queue.enqueue("transcribe", of=self.session, session=self.session)
        await end(
            self.queue, "transcribe", self.session, path=path, sha256=stored.sha256, size=stored.size,
            lines=len(lines), kind=MODEL.kind, model=MODEL.name, digest=MODEL.digest,
            stored_sha256=stored.stored_sha256, stored_size=stored.stored_size,
        )  # fmt: skip

    async def noted(self) -> None:
        """The journal has how it ended."""
        results = JobResults(self.queue)
        results.notes = {"transcribe": self.service.note}
        await results.look()
        assert await self.queue.of("transcribe", self.session) is None

    async def told(self, kind: str) -> list[dict[str, object]]:
        events = await self.world.journal.read(f"session/{self.session}")
        return [dict(event.data) for event in events if event.type == kind]

    async def found(self, words: str) -> dict[str, list[str]]:
        hits = await self.service.search(self.world.zhou, words)
        assert hits.after == ""
        return {hit.row.id: [line.text for line in hit.lines] for hit in hits.hits}

    async def erase(self) -> None:
        world = self.world

        async def rule() -> Retention:
            return Retention(2)

        supervisor = replace(world.zhou.actor, id="u-lin", role="supervisor")
        await world.rooms.submit(self.session, OrderErasure("当事人要求"), supervisor)
        await Erasures(
            self.shelf, world.journal, world.rooms, SqlRecords(world.database), rule, world.clock.now,
            [self.service.forget],
        ).look()  # fmt: skip

    async def stage(self) -> str:
        return (await self.service.state(self.session)).state


async def closed(world: World, data: Path, sound: Samples | None = None) -> str:
    session = await world.session()
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    opened = (await world.rooms.state(session)).opened
    assert opened is not None
    world.move(seconds=600)
    shelf = EncryptedFileStore(data / "recordings", case_keys(data))
    samples = tone(3) if sound is None else sound
    sealed = await asyncio.to_thread(keep, shelf, "mediator", 10.0, samples, (), session, opened)
    await world.rooms.submit(session, NoteRecording(sealed), SYSTEM)
    for command in (ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)), Close()):
        await world.rooms.submit(session, command, world.zhou.actor)
    return session


@pytest.fixture
async def place(world: World, tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(world, tmp_path, await closed(world, tmp_path), tmp_path / "speech-model")
    yield made
    await made.service.stop()


async def test_a_transcript_is_asked_for_once_the_film_is_made_where_there_is_a_model(place: Place) -> None:
    await place.service.filmed(place.session)
    assert await place.stage() == "no_model"
    with pytest.raises(Refused, match="no_speech_model"):
        await place.service.ask(place.session)
    assert await place.queue.waiting() == []

    place.some_model()
    assert await place.stage() == "unasked"
    for _ in range(2):
        await place.service.filmed(place.session)
    assert await place.queue.waiting() == [("transcribe", {"session": place.session})]
    assert await place.stage() == "queued"
    sealed = (place.shelf.folder / transcript_order(place.session)).read_bytes()
    assert "知遇桥".encode() not in sealed


async def test_names_of_the_case_are_what_an_engine_is_told_to_expect(place: Place) -> None:
    state = await place.world.rooms.state(place.session)
    words = hot_words(state, await place.world.complaints.state(state.complaint))
    assert {"丁小禾", "陈立", "武汉知遇桥信息技术有限公司", "消费者权益保护法"} <= set(words)


async def test_a_session_under_way_has_no_transcript(place: Place) -> None:
    session = await place.world.session()
    place.some_model()
    with pytest.raises(Refused, match="not_closed"):
        await place.service.ask(session)
    assert (await place.service.state(session)).state == "none"


async def test_what_was_heard_is_noted_once_and_whoever_takes_it_along_stands_in_the_journal(place: Place) -> None:
    place.some_model()
    await place.service.filmed(place.session)
    assert await place.service.of(place.session) is None
    await place.finish("我们开始调解", "请说明情况")
    await place.noted()
    (made,) = await place.told("TranscriptMade")
    assert (made["lines"], made["model"], made["digest"]) == (2, MODEL.name, MODEL.digest)
    assert await place.stage() == "ready"

    found = await place.service.of(place.session)
    assert found is not None
    assert [line.text for line in found.lines] == ["我们开始调解", "请说明情况"]
    assert await place.service.shown(place.world.zhou, place.session) == found
    told = [Paragraph("转写稿", 1), Paragraph("我们开始调解")]
    assert await place.service.take(place.world.zhou, place.session, "vtt", told) == "转写稿\n我们开始调解".encode()
    word = await place.service.take(place.world.zhou, place.session, "docx", told)
    assert [(one.text, one.level) for one in paragraphs(word)] == [("转写稿", 1), ("我们开始调解", 0)]
    assert [one["kind"] for one in await place.told("Exported")] == ["transcript"] * 2
    for attempt in (place.service.shown(place.world.other, place.session),
                    place.service.take(place.world.other, place.session, "vtt", [])):  # fmt: skip
        with pytest.raises(Refused, match="not_found"):
            await attempt
    await place.service.filmed(place.session)  # a further film does not make another one
    assert await place.queue.waiting() == []


async def test_the_mediator_corrects_a_line_and_takes_it_back_and_what_was_heard_stays(place: Place) -> None:
    await place.finish("退我三千圆", "好的")
    await place.noted()
    zhou, session = place.world.zhou, place.session
    await place.service.correct(zhou, session, "1", "退我3000元")
    await place.service.correct(zhou, session, "1", "退我3000元")  # a second tap
    found = await place.service.of(session)
    assert found is not None
    assert [found.text(line) for line in found.lines] == ["退我3000元", "好的"]
    assert found.lines[0].text == "退我三千圆"
    assert await place.told("TranscriptCorrected") == [{"line": "1", "text": "退我3000元"}]

    await place.service.correct(zhou, session, "1", "退我三千圆")
    found = await place.service.of(session)
    assert found is not None
    assert found.corrected == {}
    with pytest.raises(Refused, match="not_found"):
        await place.service.correct(zhou, session, "9", "没有这一行")
    with pytest.raises(Refused, match="not_found"):
        await place.service.correct(place.world.other, session, "2", "别人的")


async def test_a_colleague_who_may_read_it_corrects_nothing(place: Place) -> None:
    await place.finish("好的")
    await place.noted()
    supervisor = replace(place.world.zhou, id="u-luo", name="罗建国", role="supervisor")
    await place.service.shown(supervisor, place.session)
    with pytest.raises(Refused, match="not_yours"):
        await place.service.correct(supervisor, place.session, "1", "改掉")


async def test_a_file_that_is_not_what_the_journal_says_is_not_shown(place: Place) -> None:
    await place.finish("好的")
    await place.noted()
    path = f"{place.session}/transcript.sealed"
    other = Transcript(place.session, MODEL, place.world.clock.now(), ())
    await asyncio.to_thread(place.shelf.put, place.session, path, io.BytesIO(to_json(other)))
    assert await place.service.of(place.session) is None


async def test_a_model_that_cannot_be_used_is_said_and_tried_again_when_asked(place: Place) -> None:
    place.some_model()
    await place.service.filmed(place.session)
    await place.job()
    await place.noted()
    assert [one["cause"] for one in await place.told("TranscriptFailed")] == ["model_unusable"]
    state = await place.service.state(place.session)
    assert (state.state, state.error) == ("failed", "model_unusable")
    await place.service.ask(place.session)
    assert await place.stage() == "failed"
    await place.service.ask(place.session, again=True)
    assert await place.stage() == "queued"


async def test_a_transcript_goes_with_its_recording(place: Place) -> None:
    await place.finish("好的")
    await place.noted()
    await place.service.correct(place.world.zhou, place.session, "1", "好，可以")

    world = place.world
    await place.erase()
    assert await place.service.of(place.session) is None
    assert await place.stage() == "erased"
    assert not (place.shelf.folder / place.session).exists()
    with pytest.raises(KeyDestroyed):
        place.shelf.keys.key(place.session)
    assert "好，可以" not in json.dumps(await place.told("TranscriptCorrected"), ensure_ascii=False)
    with pytest.raises(WrongState):
        await world.rooms.submit(place.session, CorrectTranscript("1", "再改"), world.zhou.actor)
    with pytest.raises(Refused, match="erased"):
        await place.service.ask(place.session, again=True)
    await place.job()  # a job that comes too late leaves nothing behind
    assert not (place.shelf.folder / place.session).exists()


async def test_words_are_found_across_an_offices_sessions_as_they_are_read_and_in_no_other_office(
    place: Place, tmp_path: Path
) -> None:
    await place.finish("退我三千圆", "ABC牌冰箱", "三千圆不行")
    await place.noted()
    zhou, world = place.world.zhou, place.world
    other = Place(world, tmp_path, await closed(world, tmp_path), place.model)
    await other.finish("三千圆")
    await other.noted()
    await place.service.correct(zhou, place.session, "1", "退我3000元")

    async def found(words: str) -> dict[str, list[str]]:
        return await place.found(words)

    assert await found("三千圆") == {other.session: ["三千圆"], place.session: ["三千圆不行"]}
    assert await found("3000") == {place.session: ["退我3000元"]}
    assert await found("abc牌") == await found("C牌") == {place.session: ["ABC牌冰箱"]}
    assert await found("元") == {place.session: ["退我3000元"]}
    assert await found("  ") == await found("没有说过") == {}
    assert not (await place.service.search(world.other, "三千圆")).hits
    place.shelf.keys.destroy(other.session, "")
    assert await found("三千圆") == {place.session: ["三千圆不行"]}


async def test_of_transcripts_only_those_are_opened_that_may_have_the_words(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, opened = place.world, list[str]()
    other = Place(world, tmp_path, await closed(world, tmp_path), place.model)
    for one, said in ((place, "定金不退"), (other, "订单取消了")):
        await one.finish(said)
        await one.noted()
    really = EncryptedFileStore.open

    def counted(shelf: EncryptedFileStore, case: str, path: str) -> BinaryIO:
        opened.append(case)
        return really(shelf, case, path)

    monkeypatch.setattr(EncryptedFileStore, "open", counted)
    assert await place.found("定金") == {place.session: ["定金不退"]}
    assert opened == [place.session]


async def test_the_index_is_made_at_the_start_and_until_then_transcripts_are_read(place: Place) -> None:
    await place.finish("定金不退")
    await place.noted()
    await place.index.remove(place.session)  # as before there was one
    assert await place.found("定金") == {}
    await place.index.expect([place.session])
    assert (await place.service.search(place.world.zhou, "定金")).unindexed == 1
    assert await place.found("定金") == {place.session: ["定金不退"]}

    await place.index.remove(place.session)
    again = place.made()
    await again.index_all()
    hits = await again.search(place.world.zhou, "定金")
    assert (len(hits.hits), hits.unindexed, await place.index.waiting()) == (1, 0, [])


async def test_nothing_that_was_said_is_in_the_database_and_after_erasing_nothing_at_all(
    place: Place, tmp_path: Path
) -> None:
    await place.finish("定金不退", "订单取消了")
    await place.noted()
    (row,) = await place.index.page(place.world.zhou)
    assert row.sealed
    file = Path(str(place.world.database.url.database))

    def on_disk() -> bytes:
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))

    assert row.sealed in on_disk()
    for said in ("定金", "取消"):
        assert said.encode() not in on_disk()
    await place.erase()
    assert row.session.encode() in on_disk()
    assert row.sealed not in on_disk()
    assert row.sealed[-64:] not in on_disk()
    assert not await place.index.page(place.world.zhou)
    await place.service.index_all()
    assert not await place.index.page(place.world.zhou)


# ------------------------------------------------------------ with a real engine


@pytest.fixture(scope="module")
def real_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speech") / "model"
    install(None, folder)
    return folder


@pytest.mark.speech
@pytest.mark.long
async def test_a_job_that_was_killed_goes_on_where_it_was(world: World, tmp_path: Path, real_model: Path) -> None:
    folder = spoken()
    assert folder is not None
    said, *others = corpus(folder)
    much = [part for one in others * 6 for part in (one.samples, silence(1))]
    sound = np.concatenate([said.samples, silence(260 - said.seconds), said.samples, silence(2), *much])
    session = await closed(world, tmp_path, sound)
    place = Place(world, tmp_path, session, real_model)
    await place.service.filmed(session)

    async def process() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.serving.jobs", "--data", str(tmp_path), "--until-stdin-closes",
            cwd=ROOT, stdin=asyncio.subprocess.PIPE,
            env={**os.environ, "YUNTIAO_SPEECH_MODEL": str(real_model)},
        )  # fmt: skip

    async def until(pieces: int, stage: str = "") -> None:
        async with asyncio.timeout(120):
            while True:
                state = await place.queue.of("transcribe", session)
                done = len(list((place.shelf.folder / session).glob(".transcribing-*/*.piece")))
                if state is not None and (state.state == stage or (not stage and done >= pieces)):
                    return
                await asyncio.sleep(0.02)

    first = await process()
    await until(1)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    (kept,) = (place.shelf.folder / session).glob(".transcribing-*/*.piece")
    before = kept.stat().st_mtime_ns
    second = await process()
    await until(2, "ready")
    second.terminate()
    await second.wait()
    assert not list((place.shelf.folder / session).glob(".transcribing-*"))
    assert not (place.shelf.folder / transcript_order(session)).exists()
    (made,) = (place.shelf.folder / session).glob("transcript-*.sealed")
    assert before < made.stat().st_mtime_ns
    await place.noted()
    found = await place.service.of(session)
    assert found is not None
    opened = (await world.rooms.state(session)).opened
    assert opened is not None
    voiced = np.flatnonzero(np.abs(said.samples) > 0.05)[0] / RATE
    for line, at in zip(found.lines, (10.0, 270.0), strict=False):
        assert error_rate(said.words, line.text) < 0.35
        assert (line.begins - opened).total_seconds() == pytest.approx(at + voiced, abs=0.3)
