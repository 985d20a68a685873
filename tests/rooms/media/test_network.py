"""Weak networks in the record: pictures that rest for the sound, and quality once it has lasted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from media import engine as m
from media.engine import Measurement
from rooms import commands as c, events as e
from rooms.media.rules import QualityHysteresis
from tests.rooms.house import House, X, drain
from tests.rooms.scene import BU, CO, M, live, system

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_resting_pictures_are_noted_once_and_end_once() -> None:
    scene = live()
    assert system(scene, c.NotePictures(CO, "to", True)) == [e.PicturesPaused(CO, "to")]
    assert system(scene, c.NotePictures(CO, "to", True)) == []
    assert system(scene, c.NotePictures(CO, "from", True)) == [e.PicturesPaused(CO, "from")]
    assert scene.state.seats[CO].paused == ("from", "to")
    assert system(scene, c.NotePictures(CO, "to", False)) == [e.PicturesResumed(CO, "to")]
    assert system(scene, c.NotePictures(CO, "to", False)) == []
    assert scene.state.seats[CO].paused == ("from",)


def test_who_leaves_leaves_it_behind() -> None:
    scene = live()
    system(scene, c.NotePictures(CO, "to", True))
    scene.ask(c.Remove(CO, "捣乱"))
    assert scene.state.seats[CO].paused == ()
    assert system(scene, c.NotePictures(CO, "to", True)) == []


def test_after_a_restart_nothing_rests() -> None:
    scene = live()
    system(scene, c.NotePictures(CO, "to", True))
    assert e.PicturesResumed(CO, "to") in system(scene, c.Resume())


def test_a_quality_is_noted_only_when_it_differs_from_the_last() -> None:
    scene = live()
    assert system(scene, c.NoteQuality(CO, 4)) == []
    assert system(scene, c.NoteQuality(CO, 2)) == [e.QualityChanged(CO, 2)]
    assert system(scene, c.NoteQuality(CO, 2)) == []


def test_a_quality_is_noted_when_it_has_lasted_and_seldom() -> None:
    steadiness, noted = QualityHysteresis(), []
    levels = [4] * 10 + [1] * 4 + [4] * 6 + [2] * 20 + [4] * 10 + [2] * 10 + [3] * 40
    for second, level in enumerate(levels):
        if steadiness.due(level, START + timedelta(seconds=second)):
            noted.append((second, level))
    assert noted == [(28, 2), (68, 3)]


async def test_all_learn_whose_picture_rests_and_the_seat_and_the_mediator_who_sees_nobody(at: House) -> None:
    listeners = {M: await at.open(M), CO: await at.bring(CO), BU: await at.bring(BU)}
    for listener in listeners.values():
        await drain(listener)
    await at.reported(m.PicturesPaused(X, CO, "to", True), m.PicturesPaused(X, CO, "from", True))
    told = {
        seat: [
            happened["data"]["way"]
            for _, body in await drain(listener)
            for happened in body["events"]
            if happened["type"] == "PicturesPaused"
        ]
        for seat, listener in listeners.items()
    }
    assert told == {M: ["to", "from"], CO: ["to", "from"], BU: ["from"]}


async def test_a_new_media_worker_begins_without_pauses(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.reported(m.PicturesPaused(X, CO, "to", True), m.RoomLost(X))
    assert (await at.rooms.state(X)).seats[CO].paused == ()


async def test_a_quality_that_lasts_is_in_the_journal_and_one_that_passes_is_not(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    bad, good, weak = Measurement(loss_up=0.3), Measurement(), Measurement(loss_up=0.1)
    for measured in (bad, good, weak, weak, weak, weak):
        await at.rooms.report_quality(X, CO, measured)
        await at.wait(seconds=4)
    assert [t for t in await at.types() if t == "QualityChanged"] == ["QualityChanged"]
    assert (await at.rooms.state(X)).seats[CO].quality == 2


async def test_how_everybody_fares_can_be_counted(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.bring(BU)
    assert at.rooms.qualities() == {"1": 0, "2": 0, "3": 0, "4": 0}
    await at.reported(m.Quality(X, CO, 1), m.Quality(X, BU, 4), m.Quality(X, M, 4), m.PicturesPaused(X, CO, "to", True))
    assert at.rooms.qualities() == {"1": 1, "2": 0, "3": 0, "4": 2}
    assert at.rooms.resting() == {"from": 0, "to": 1}
