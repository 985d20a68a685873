"""The record of a mediation under way accuses nobody; what is not sealed yet is being written."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from journal import SYSTEM
from recordings.views import RecordingState
from rooms import events as e
from rooms.events import event_draft
from tests.web.client import Answer, Browser
from tests.web.fakes import World
from tests.web.office.audit import story
from tests.web.office.audit.records import (
    lin as lin,  # a fixture
    of_this_office,
    page_data,
    world as world,  # a fixture
)
from web.http import cookies

ACCUSING = {
    "en": ("the journal does not say why", "For 0", 'class="bad"', "Nothing was recorded", "Nothing of"),
    "zh": ("日志没有说明原因", 'class="bad"', "没有录像", "什么都没有录下"),
}
WRITTEN = {"en": ("being written", "Being written"), "zh": ("正在写入", "正在写入")}


def shown(page: Answer) -> str:
    """Without the catalogue that the player brings along."""
    return re.sub(r'<script type="application/json".*?</script>', "", page.text, flags=re.S)


def until(world: World, minute: float, *more: e.SessionEvent) -> None:
    """The journal as it was so many minutes after the beginning, with these as its last entries."""
    drafts = [one for one in story.told() if one.at <= story.at(minute)]
    drafts += [event_draft(event, story.at(minute), SYSTEM) for event in more]
    world.sessions.streams["s1"] = of_this_office(drafts)
    world.reads.recordings["s1"], world.clock.now = RecordingState("none", 0.0, None), story.at(minute)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_while_it_goes_on_what_is_not_sealed_yet_is_being_written(
    lin: Browser, world: World, language: str
) -> None:
    until(world, 4, story.piece("seat-c", 1, 1.75))
    lin.cookies[cookies.LANGUAGE] = language
    text = shown(await lin.get("/audit/s1"))
    assert not [words for words in ACCUSING[language] if words in text]
    assert all(words in text for words in WRITTEN[language])
    assert 'class="c-writing"' in text, "drawn, and not as missing"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_player_of_a_mediation_under_way_says_what_it_cannot_play_yet(
    lin: Browser, world: World, language: str
) -> None:
    until(world, 4, story.piece("seat-c", 1, 1.75), story.piece("seat-m", 1, 3.5))
    lin.cookies[cookies.LANGUAGE] = language
    strands = {one["who"]: one for one in page_data(await lin.get("/audit/s1"))["player"]["strands"]}
    assert [hole[4] for hole in strands["seat-c"]["holes"]] == [True, True]
    assert {hole[3] for hole in strands["seat-c"]["holes"]} == {WRITTEN[language][0]}
    assert strands["seat-b"]["pieces"] == []
    text = shown(await lin.get("/audit/s1?who=seat-b"))
    assert not [words for words in ACCUSING[language] if words in text]


async def test_right_after_the_end_the_last_pieces_are_being_written_and_not_missing(
    lin: Browser, world: World
) -> None:
    until(world, 41)
    history = world.sessions.streams["s1"]
    kept = [event for event in history if event.type not in ("SegmentSealed", "RecordingComposed")]
    world.sessions.streams["s1"] = [replace(event, version=n) for n, event in enumerate(kept, 1)]
    text = shown(await lin.get("/audit/s1"))
    assert "The last pieces of the recording are still being written." in text
    assert "the journal does not say why" not in text


async def test_once_it_is_composed_what_is_missing_for_no_reason_is_said_again(lin: Browser, world: World) -> None:
    """The excuse ends with the last piece."""
    drafts = [one for one in story.told() if one.type != "SegmentSealed"]
    composed = e.RecordingComposed("s1/composed.mp4", "ab" * 32, 1000, 1000, story.at(1))
    world.sessions.streams["s1"] = of_this_office([*drafts, event_draft(composed, drafts[-1].at, SYSTEM)])
    text = shown(await lin.get("/audit/s1"))
    assert "the journal does not say why" in text
    assert "eing written" not in text
