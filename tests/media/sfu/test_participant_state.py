"""Who speaks, how good a connection is, whose the floor is: pure decisions."""

from __future__ import annotations

from media.engine import quality_level
from media.sfu.speakers import DominantSpeaker, VoiceDetector


def talk(voice: VoiceDetector, start: float, seconds: float, level: int) -> float:
    """Packets of 20 ms at a loudness; returns the time after."""
    for n in range(round(seconds * 50)):
        voice.on_level(level, start + n * 0.02)
    return start + seconds


def test_speech_begins_after_a_fifth_of_a_second() -> None:
    voice = VoiceDetector()
    now = talk(voice, 0.0, 0.18, 25)
    assert not voice.update(now)
    now = talk(voice, now, 0.2, 25)
    assert voice.update(now)


def test_a_cough_is_no_speech() -> None:
    voice = VoiceDetector()
    now = talk(voice, 0.0, 0.1, 10)
    now = talk(voice, now, 1.0, 100)
    assert not voice.update(now)


def test_pauses_between_words_do_not_end_it_but_silence_does() -> None:
    voice = VoiceDetector()
    now = talk(voice, 0.0, 0.5, 25)
    assert voice.update(now)
    now = talk(voice, now, 0.6, 110)
    assert voice.update(now)
    now = talk(voice, now, 0.4, 110)
    assert not voice.update(now)


def test_a_microphone_that_sends_nothing_falls_silent() -> None:
    voice = VoiceDetector()
    now = talk(voice, 0.0, 0.5, 25)
    assert voice.update(now)
    assert not voice.update(now + 0.9)


def test_noise_is_not_speech() -> None:
    voice = VoiceDetector()
    assert not voice.update(talk(voice, 0.0, 5.0, 65))


def test_who_was_muted_begins_anew() -> None:
    voice = VoiceDetector()
    now = talk(voice, 0.0, 0.5, 25)
    voice.update(now)
    voice.reset()
    assert not voice.update(now)


def test_levels_of_quality() -> None:
    assert [quality_level(*at) for at in ((0, 0.05), (0.03, 0.1), (0.0, 0.7), (0.1, 0.1), (0.3, 0.1), (0.0, 2.0))] == [
        4,
        3,
        2,
        2,
        1,
        1,
    ]


def speaks(floor: DominantSpeaker, start: float, seconds: float, **speaking: float) -> float:
    """Asked every 50 ms; returns the time after."""
    for n in range(round(seconds * 20)):
        floor.update(speaking, start + n * 0.05)
    return start + seconds


def test_the_floor_is_the_first_ones_who_speaks_and_stays_theirs_in_a_pause() -> None:
    floor = DominantSpeaker()
    now = speaks(floor, 0.0, 0.1, ann=60.0)
    assert floor.speaker == "ann"
    speaks(floor, now, 30.0)
    assert floor.speaker == "ann"


def test_an_interjection_does_not_take_the_floor_but_an_answer_does() -> None:
    floor = DominantSpeaker()
    now = speaks(floor, 0.0, 1.0, ann=60.0)
    now = speaks(floor, now, 0.6, bob=60.0)
    now = speaks(floor, now, 1.0, ann=60.0)
    assert floor.speaker == "ann"
    speaks(floor, now, 1.0, bob=60.0)
    assert floor.speaker == "bob"


def test_who_is_merely_not_quieter_does_not_take_the_floor_but_who_is_clearly_louder_does() -> None:
    floor = DominantSpeaker()
    now = speaks(floor, 0.0, 1.0, ann=60.0)
    now = speaks(floor, now, 5.0, ann=60.0, bob=65.0)
    assert floor.speaker == "ann"
    speaks(floor, now, 1.0, ann=60.0, bob=75.0)
    assert floor.speaker == "bob"


def test_two_who_answer_at_once_do_not_keep_each_other_from_the_floor() -> None:
    floor = DominantSpeaker()
    now = speaks(floor, 0.0, 1.0, ann=60.0)
    for n in range(20):
        floor.update({"bob": 50.0 + n % 2, "cho": 50.5}, now + n * 0.05)
    assert floor.speaker in ("bob", "cho")


def test_who_leaves_gives_up_the_floor() -> None:
    floor = DominantSpeaker()
    speaks(floor, 0.0, 1.0, ann=60.0)
    floor.remove("ann")
    assert floor.update({}, 1.0) == ""
