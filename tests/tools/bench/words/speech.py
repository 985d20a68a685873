"""What an engine hears of recorded speech, and what that costs: character errors, processor, memory, loading. How late
captions are with 1, 2 and 4 rooms in each of which somebody speaks, and what they cost a loop beside them.

The recordings are those of `tests.machine.spoken`, or an office's own (`--corpus DIR`: wav files of 16 kHz, one
channel, 16 bits, each with a txt of the same name, or one words.tsv). The model is `--speech-model`'s, else the one
that ./run speech brought. One thread; the first recording is heard once before anything is counted.

Then a closed session of three people who take turns with these recordings is put into words as the job does, by the
process that comes last: `transcript_s_per_s` are seconds of waiting for a second of the session, on a busy machine
more than its processor time, `transcript_cpu_s_per_s`, since all else goes first.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import resource
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from media import PacketRun
from media.engine import CaptionsFault, Heard, MediaEvent
from recordings.captions import CaptionsProcess, CaptionsSink
from recordings.captions.worker import PAUSE
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import RATE, Samples, SpeechProcess, Transcriber
from recordings.speech.models import install, open_model
from recordings.transcripts import hearing_plan
from recordings.transcripts.hearing import Hearing
from server.serving.settings import Settings
from tests.machine import SPOKEN, spoken
from tests.recordings.captions.sound import CLOCK, STEP, packets, silence
from tests.recordings.keyring import Keyring
from tests.recordings.speech.spoken import Spoken, corpus as read_corpus, error_rate
from tests.recordings.transcripts.test_planning import BOTH, life
from tests.recordings.transcripts.track import keep, silence as quiet
from tests.tools.figures import Figures

QUICK = 12  # recordings
ROOMS = (1, 2, 4)
SPOKEN_S, SPOKEN_QUICK_S = 40.0, 12.0  # seconds of each room
BETWEEN = 1.5  # seconds of silence between two recordings
SETTLES = 20.0  # seconds that the last captions may take
TICK = 0.01


def measure(quick: bool, corpus: Path | None = None) -> dict[str, Any]:
    folder = corpus or spoken()
    if folder is None:
        raise ValueError(f"there are no recordings: --corpus DIR, or {SPOKEN}=DIR")
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as made:
        model, spent = _opened(Path(made))
        figures.values["load_cpu_s"] = round(spent, 2)
        recordings = read_corpus(folder)[: QUICK if quick else None]
        model.transcribe(recordings[0].samples)
        wrong, misses, cpu = 0.0, [], 0.0
        for one in recordings:
            began = time.process_time()
            heard = "".join(sentence.text for sentence in model.transcribe(one.samples))
            cpu += time.process_time() - began
            rate = error_rate(one.words, heard)
            wrong += rate * len(one.words)
            if rate:
                misses.append({"name": one.name, "said": one.words, "heard": heard, "errors": round(rate, 3)})
        seconds = sum(one.seconds for one in recordings)
        del model
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        asyncio.run(_captions(figures, Settings().speech_model or Path(made) / "model", recordings, quick))
        began = _processor()
        length, spent = asyncio.run(_session(Path(made), recordings, 2 if quick else 10))
        heard_cpu = _processor() - began
    figures.values["session_s"] = round(length, 1)
    figures.values["transcript_s_per_s"] = round(spent / length, 3)
    figures.values["transcript_cpu_s_per_s"] = round(heard_cpu / length, 3)
    figures.values["recordings_count"] = len(recordings)
    figures.values["speech_s"] = round(seconds, 1)
    figures.values["character_error_share"] = round(wrong / sum(len(one.words) for one in recordings), 4)
    figures.values["cpu_s_per_s"] = round(cpu / seconds, 3)
    figures.values["memory_mb"] = round(memory)
    if corpus is None:
        figures.at_most("character_error_share", 0.15)  # of three recordings with names nobody has told it
    figures.at_most("cpu_s_per_s", 0.25)
    figures.at_most("memory_mb", 1024)
    figures.at_most("captions_1_room_delay_p95_s", 2.5)
    figures.at_most("transcript_s_per_s", 0.5)
    return figures.json() | {"misses": misses}


def _processor() -> float:
    """Of this process and those that have ended, as the one that hears has."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


async def _session(made: Path, recordings: Sequence[Spoken], minutes: int) -> tuple[float, float]:
    """Its length and how long its transcript took, in seconds. Who speaks last of three is followed by the first."""
    files, at, number = EncryptedFileStore(made / "recordings", Keyring()), 1.0, 0
    said: dict[str, list[Samples]] = {seat: [] for seat in "mcb"}
    while at < minutes * 60:
        one, seat = recordings[number % len(recordings)], "mcb"[number % 3]
        begun = sum(map(len, said[seat])) / RATE
        said[seat] += [quiet(at - begun), one.samples]
        at, number = at + one.seconds + 0.5, number + 1
    facts = [(599.0, keep(files, seat, 0.0, np.concatenate(parts))) for seat, parts in said.items()]
    plan = hearing_plan(life(*BOTH, *facts))
    assert plan is not None
    speech = SpeechProcess(Settings().speech_model or made / "model")
    try:
        model, began = await speech.model(), time.perf_counter()
        await Hearing(plan, files, speech, model).make("s1/transcript.sealed", lambda _: None)
        return at, time.perf_counter() - began
    finally:
        await speech.close()


def _opened(made: Path) -> tuple[Transcriber, float]:
    named = Settings().speech_model
    folder = named or made / "model"
    if named is None:
        install(None, folder)
    began = time.process_time()
    return open_model(folder), time.process_time() - began


# ------------------------------------------------------------ captions


async def _captions(figures: Figures, model: Path, recordings: Sequence[Spoken], quick: bool) -> None:
    """From the end of the last word, as the cutter noticed it, to the message. This loop hands the sound over, as a
    media worker's does: how late its ticks are with captions and without."""
    sent = [_packets(one) for one in recordings]
    span = SPOKEN_QUICK_S if quick else SPOKEN_S
    async with _ticking() as late:
        await asyncio.sleep(span)
    figures.values["loop_lag_p99_ms_without"] = round(1000 * _share(late, 0.99), 1)
    for rooms in ROOMS:
        process, delays = CaptionsProcess(model), list[float]()
        ready = asyncio.Event()

        def take(event: MediaEvent, delays: list[float] = delays, ready: asyncio.Event = ready) -> None:
            if isinstance(event, Heard):
                delays.append(time.time() - event.ended.timestamp() + PAUSE)
            elif isinstance(event, CaptionsFault) and not event.code:
                ready.set()

        with socket.socket(fileno=os.dup(process.sound_fd)) as end:
            sink = CaptionsSink(end)
            for room in range(rooms):
                process.follow(f"r{room}", {"s"}, (), take)
            await asyncio.wait_for(ready.wait(), 120)
            async with _ticking() as late:
                await asyncio.gather(*(_speaks(sink, f"r{room}", sent, span, room) for room in range(rooms)))
                expected = len(delays)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SETTLES):
                        while len(delays) <= expected:  # noqa: ASYNC110 - another process answers
                            await asyncio.sleep(0.1)
        await process.stop()
        name = f"captions_{rooms}_room{'s' * (rooms > 1)}"
        figures.values[f"{name}_count"] = len(delays)
        if delays:
            figures.values[f"{name}_delay_p50_s"] = round(_share(delays, 0.5), 2)
            figures.values[f"{name}_delay_p95_s"] = round(_share(delays, 0.95), 2)
        figures.values[f"{name}_loop_lag_p99_ms"] = round(1000 * _share(late, 0.99), 1)


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _packets(one: Spoken) -> list[bytes]:
    sound = np.repeat((one.samples * 32767).astype(np.int16), CLOCK // RATE)
    return [run.payload for run in packets(sound, silence(BETWEEN))]


async def _speaks(sink: CaptionsSink, room: str, sent: Sequence[list[bytes]], seconds: float, first: int) -> None:
    """In real time, a helping each 0.2 s."""
    began, sequence, waiting = time.time(), 0, list[PacketRun]()
    for n in itertools.count(first):
        for payload in sent[n % len(sent)]:
            at = began + sequence * 0.02
            waiting.append(PacketRun(sequence & 0xFFFF, sequence * STEP, False, payload, at, 1))
            sequence += 1
            if len(waiting) == 10:
                await asyncio.sleep(max(0.0, at - time.time()))
                sink.take(room, "s", waiting)
                waiting = []
        if time.time() - began > seconds:
            return


@contextlib.asynccontextmanager
async def _ticking() -> AsyncIterator[list[float]]:
    late: list[float] = []

    async def tick() -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + TICK, loop.time())
            await asyncio.sleep(due - loop.time())
            late.append(loop.time() - due)

    task = asyncio.create_task(tick())
    yield late
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
