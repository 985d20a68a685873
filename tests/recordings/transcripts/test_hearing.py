"""Sound at its time, cut where nobody speaks; lines that stand at the second they were said."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from recordings import CompositionError
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.speech import RATE, Samples, Sentence, SpeechProcess, Word
from recordings.speech.models import install
from recordings.transcripts import HearingPlan, Transcript, from_json, hearing_plan
from recordings.transcripts.hearing import Hearing, lines_of, quiet_moment, sound_between
from rooms import events as e
from rooms.events import SegmentSealed
from rooms.vocabulary import Consent
from tests.machine import spoken
from tests.recordings.history import OPENED, told
from tests.recordings.keyring import Keyring
from tests.recordings.speech.spoken import corpus, error_rate
from tests.recordings.transcripts.test_planning import BOTH, Fact, life
from tests.recordings.transcripts.track import keep, silence, tone, webm


@pytest.fixture
def files(tmp_path: Path) -> EncryptedFileStore:
    return EncryptedFileStore(tmp_path / "recordings", Keyring())


def planned(*segments: SegmentSealed, facts: tuple[Fact, ...] = tuple(BOTH)) -> HearingPlan:
    plan = hearing_plan(life(*facts, *((599.0, one) for one in segments)))
    assert plan is not None
    return plan


def heard(plan: HearingPlan, files: EncryptedFileStore, begins: float, ends: float) -> list[tuple[float, float]]:
    """When there is sound, to 50 ms."""
    (track,) = plan.tracks
    sound = sound_between(track.clips, lambda path: files.open("s1", path), begins, ends, track.spans)
    assert len(sound) == round((ends - begins) * RATE)
    step = RATE // 20
    loud = np.abs(sound[: len(sound) // step * step].astype(np.int32)).reshape(-1, step).max(axis=1) > 1000
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
    return [(begins + a / 20, begins + b / 20) for a, b in edges.reshape(-1, 2)]


def test_sound_stands_at_its_time_whatever_was_lost_before_it(files: EncryptedFileStore) -> None:
    whole = np.concatenate([tone(2), silence(3), tone(1), silence(2), tone(2)])
    plan = planned(
        keep(files, "m", 10, whole, lost=[(2.5, 4.5), (8.5, 9.2)]),
        keep(files, "m", 20.7, tone(1)),  # after a reconnection
        keep(files, "m", 21.7, tone(1)),  # and without a seam
        facts=(),
    )
    found = heard(plan, files, 0, 15)
    wanted = [(0, 2), (5, 6), (8, 8.5), (9.2, 10), (10.7, 12.7)]
    assert found == [pytest.approx(one, abs=0.1) for one in wanted]
    assert heard(plan, files, 5.5, 8.2) == [pytest.approx(one, abs=0.1) for one in [(5.5, 6), (8, 8.2)]]


def test_what_may_not_be_put_into_words_reaches_no_engine(files: EncryptedFileStore) -> None:
    plan = planned(keep(files, "c", 10, tone(20)), facts=(*BOTH, (17.0, e.ConsentWithdrawn("c", Consent.RECORD))))
    assert heard(plan, files, 0, 20) == [pytest.approx((0, 7), abs=0.1)]


def test_a_file_that_breaks_off_gives_what_is_whole_and_one_that_is_none_is_silent(files: EncryptedFileStore) -> None:
    made = keep(files, "m", 10, tone(10))
    torn, nothing = webm(tone(10))[:-4000], b"no file of ours"
    for name, content in (("torn", torn), ("nothing", nothing)):
        files.put("s1", f"s1/m/{name}.webm", BytesIO(content))
    parts = [
        replace(made, path=f"s1/m/{name}.webm", sha256=hashlib.sha256(content).hexdigest())
        for name, content in (("torn", torn), ("nothing", nothing))
    ]
    [(start, end)] = heard(planned(parts[0], facts=()), files, 0, 10)
    assert start == pytest.approx(0, abs=0.1)
    assert 5 < end < 10
    assert heard(planned(parts[1], facts=()), files, 0, 10) == []


def test_an_edge_falls_into_the_nearest_quiet_moment_seen_from_either_side() -> None:
    sound = np.concatenate([tone(97.2), silence(0.6), tone(9), silence(0.6), tone(20)])
    whole = np.asarray(sound * 32767, np.int16)
    found = quiet_moment(whole[: 110 * RATE], 0.0, 100.0)
    assert found == pytest.approx(97.5, abs=0.15)
    assert quiet_moment(whole[90 * RATE :], 90.0, 100.0) == found
    assert quiet_moment(np.zeros(110 * RATE, np.int16), 0.0, 100.0) == pytest.approx(100.0, abs=0.05)


def test_a_sentence_with_a_long_pause_in_it_is_two_lines() -> None:
    words = (Word(1.0, 1.4, "我要"), Word(1.4, 2.0, "退款"), Word(5.0, 5.5, "三千"), Word(5.5, 6.0, "元"))
    found = lines_of([Sentence(1.0, 6.0, "我要退款3000元", 0.9, words)], 100.0)
    assert [(one[0], one[1], one[2]) for one in found] == [(101.0, 102.0, "我要退款"), (105.0, 106.0, "3000元")]
    assert found[1][4] == [[0.0, 0.5, "三千"], [0.5, 1.0, "元"]]
    assert len(lines_of([Sentence(1.0, 6.0, "我要退款", 0.9)], 0.0)) == 1


# ------------------------------------------------------------ with a real engine


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speech") / "model"
    install(None, folder)
    return folder


def said() -> dict[int, tuple[Samples, str]]:
    folder = spoken()
    assert folder is not None
    return {number: (one.samples, one.words) for number, one in enumerate(corpus(folder), 1)}


async def made(plan: HearingPlan, files: EncryptedFileStore, model: Path, piece: float = 240.0) -> Transcript:
    speech = SpeechProcess(model)
    try:
        known = await speech.model()
        done = await Hearing(plan, files, speech, known, piece).make("s1/transcript.sealed", lambda _: None)
    finally:
        await speech.close()
    with files.open("s1", done.path) as file:
        transcript = from_json(file.read())
    assert len(transcript.lines) == done.lines
    assert transcript.model == known
    return transcript


@pytest.mark.speech
async def test_lines_stand_within_a_third_of_a_second_of_when_they_were_said(
    files: EncryptedFileStore, model: Path
) -> None:
    one, two, three = (said()[number] for number in (1, 2, 3))
    first = np.concatenate([silence(3), one[0], silence(6), two[0]])
    begins_two = 3 + len(one[0]) / RATE + 6
    lost = (3 + len(one[0]) / RATE + 1.0, 3 + len(one[0]) / RATE + 4.5)
    plan = planned(
        keep(files, "c", 10, first, lost=[lost]),
        keep(files, "c", 61.4, np.concatenate([silence(2.2), three[0]])),  # after a pause of the connection
        keep(files, "b", 12, np.concatenate([silence(1.5), two[0]])),  # who speaks at the same time
    )
    lines = (await made(plan, files, model)).lines
    spoke = {seat: [line for line in lines if line.seat == seat] for seat in "cb"}
    assert [line.id for line in lines] == [str(n) for n in range(1, len(lines) + 1)]
    for seat, second, (samples, words) in (
        ("c", 13.0, one), ("c", 10 + begins_two, two), ("c", 61.4 + 2.2, three), ("b", 13.5, two)
    ):  # fmt: skip
        voiced = np.flatnonzero(np.abs(samples) > 0.05) / RATE
        ends = second + voiced[-1]
        mine = [
            line for line in spoke[seat]
            if second - 1 < (line.begins - OPENED).total_seconds() < ends
        ]  # fmt: skip
        assert error_rate(words, "".join(line.text for line in mine)) < 0.5, words
        assert (mine[0].begins - OPENED).total_seconds() == pytest.approx(second + voiced[0], abs=0.3), words
        assert (mine[-1].ends - OPENED).total_seconds() == pytest.approx(ends, abs=0.3), words


@pytest.mark.speech
async def test_no_word_is_lost_or_said_twice_where_a_track_is_cut(files: EncryptedFileStore, model: Path) -> None:
    whole = [said()[number] for number in (1, 3, 2, 1, 2, 3)]
    sound = np.concatenate([part for samples, _ in whole for part in (samples, silence(1.2))])
    plan = planned(keep(files, "m", 10, sound), facts=())
    for piece in (240.0, 22.0):
        lines = (await made(plan, files, model, piece)).lines
        heard_ = "".join(line.text for line in lines)
        assert error_rate("".join(words for _, words in whole), heard_) < 0.3, heard_
        assert all(one.ends <= other.begins for one, other in pairwise(lines))


@pytest.mark.speech
async def test_silence_and_music_are_no_lines(files: EncryptedFileStore, model: Path) -> None:
    chord = (tone(6, 262) + tone(6, 330) + tone(6, 392)) / 3
    plan = planned(keep(files, "m", 0, silence(8)), keep(files, "m", 30, np.concatenate([chord] * 3)), facts=())
    assert (await made(plan, files, model)).lines == ()


@pytest.mark.speech
async def test_a_file_that_is_not_what_was_recorded_is_not_put_into_words(
    files: EncryptedFileStore, model: Path
) -> None:
    kept = keep(files, "m", 0, tone(5))
    files.put("s1", kept.path, BytesIO(b"something else"))
    with pytest.raises(CompositionError, match="source_changed"):
        await made(planned(kept, facts=()), files, model)


@pytest.mark.speech
async def test_of_twelve_hours_what_was_said_stands_at_its_time(files: EncryptedFileStore, model: Path) -> None:
    """Nothing was recorded in between, which takes no time."""
    (first, words), (last, others) = said()[1], said()[2]
    end = 12 * 3600.0 - 30
    scheduled, *_, closed = (entry.event for entry in life())
    kept = [(end + 20, keep(files, "c", second, sound)) for second, sound in ((10, first), (end, last))]
    plan = hearing_plan(told([(-60.0, scheduled), *BOTH, (0.0, e.SessionOpened()), *kept, (end + 30, closed)]))
    assert plan is not None
    lines = (await made(plan, files, model)).lines
    assert error_rate(words + others, "".join(line.text for line in lines)) < 0.4
    assert (lines[-1].ends - OPENED).total_seconds() == pytest.approx(end + len(last) / RATE, abs=1)
