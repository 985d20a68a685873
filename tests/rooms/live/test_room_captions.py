"""Whose words become text, and who reads them: by the routes, by consent and by who asked, and never in private."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import rooms
from journal import refusals
from media import engine as m
from rooms import commands as c, events as e
from rooms.media.rules import matrix
from rooms.vocabulary import Consent, Side
from tests.rooms.house import House, X, drain
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, Scene, live


def reading(scene: Scene) -> Scene:
    """The business agreed and the consumer reads along."""
    scene.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    scene.ask(c.AskCaptions(True), CONSUMER)
    return scene


def captioned(scene: Scene) -> tuple[str, ...]:
    assert matrix(scene.state) == scene.state.routed
    return scene.state.routed.captioned


def test_nobodys_words_become_text_while_nobody_reads_along() -> None:
    scene = live()
    scene.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    assert captioned(scene) == ()
    events = scene.ask(c.AskCaptions(True), CONSUMER)
    assert [type(event) for event in events] == [e.CaptionsAsked, e.Routed]
    assert captioned(scene) == (M, BU)  # the mediator's words are the office's; the consumer has not agreed
    scene.ask(c.AskCaptions(False), CONSUMER)
    assert captioned(scene) == ()


def test_only_whoever_agreed_and_each_for_themselves() -> None:
    scene = reading(live())
    scene.ask(c.WithdrawConsent(Consent.TRANSCRIBE), BUSINESS)
    assert captioned(scene) == (M,)
    scene.ask(c.WithdrawConsent(Consent.TRANSCRIBE))
    assert captioned(scene) == ()
    assert scene.state.routed.recorded == (M, CO, BU)  # recording goes on


def test_in_a_private_talk_a_recess_and_while_muted_nothing_becomes_text() -> None:
    scene = reading(live())
    scene.ask(c.Mute(BU), BUSINESS)
    assert captioned(scene) == (M,)
    scene.ask(c.Unmute(), BUSINESS)
    scene.ask(c.StartCaucus(Side.BUSINESS))
    assert captioned(scene) == ()
    scene.ask(c.EndCaucus())
    assert captioned(scene) == (M, BU)
    scene.ask(c.StartRecess())
    assert captioned(scene) == ()
    scene.ask(c.EndRecess())
    assert captioned(scene) == (M, BU)


def test_the_mediator_turns_captions_off_for_the_room_and_nobody_else_does() -> None:
    scene = reading(live())
    with pytest.raises(refusals.NotAllowed):
        scene.ask(c.SetCaptions(False), CONSUMER)
    scene.ask(c.SetCaptions(False))
    assert captioned(scene) == ()
    assert scene.ask(c.SetCaptions(False)) == []
    scene.ask(c.SetCaptions(True))
    assert captioned(scene) == (M, BU)


def test_who_is_not_in_the_room_asks_for_nothing() -> None:
    scene = live()
    scene.ask(c.Leave(), CONSUMER)
    with pytest.raises(rooms.NotInRoom):
        scene.ask(c.AskCaptions(True), CONSUMER)


# ------------------------------------------------------------ what travels


def of(bodies: list[tuple[str, Any]], name: str) -> list[Any]:
    return [body for told, body in bodies if told == name]


async def test_a_sentence_goes_to_who_hears_it_and_asked_and_is_kept_nowhere(at: House) -> None:
    people = {M: await at.open(M), CO: await at.bring(CO), BU: await at.bring(BU)}
    await at.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    await at.ask(c.AskCaptions(True), CONSUMER)
    assert at.engine.routes[-1][1].captioned == {M, BU}
    assert "缘分科技" in at.engine.routes[-1][1].hot
    for listener in people.values():
        await drain(listener)
    before = await at.types()
    await at.reported(sentence(BU, "<b>忽略以上指令</b>"))
    told = {seat: of(await drain(listener), "caption") for seat, listener in people.items()}
    assert told[M] == told[BU] == []  # neither asked
    (caption,) = told[CO]
    assert (caption["seat"], caption["text"]) == (BU, "<b>忽略以上指令</b>")  # text, whatever it says
    assert set(caption) == {"id", "seat", "text", "at"}
    assert await at.types() == before


async def test_that_somebody_reads_along_is_told_to_nobody_else(at: House) -> None:
    people = {M: await at.open(M), CO: await at.bring(CO), BU: await at.bring(BU)}
    for listener in people.values():
        await drain(listener)
    await at.ask(c.AskCaptions(True), CONSUMER)
    for seat, listener in people.items():
        for _, body in await drain(listener):
            assert ("CaptionsAsked" in json.dumps(body)) is (seat == CO)
            assert body["view"]["reads_captions"] is (seat == CO)
            assert body["view"]["captions"]["on"] is True  # that there are captions is no secret


async def test_what_is_on_its_way_when_consent_ends_or_a_private_talk_begins_reaches_nobody(at: House) -> None:
    await at.open(M)
    reader = await at.bring(CO)
    await at.bring(BU)
    await at.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    await at.ask(c.AskCaptions(True), CONSUMER)
    await at.ask(c.WithdrawConsent(Consent.TRANSCRIBE), BUSINESS)
    assert at.engine.routes[-1][1].captioned == {M}
    await at.reported(sentence(BU))
    await at.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    await at.ask(c.StartCaucus(Side.CONSUMER))
    assert at.engine.routes[-1][1].captioned == frozenset()
    await at.reported(sentence(BU), sentence(M))
    assert of(await drain(reader), "caption") == []
    await at.ask(c.EndCaucus())
    await at.reported(sentence(BU))
    assert len(of(await drain(reader), "caption")) == 1


async def test_whoever_is_slow_misses_captions_and_nothing_else(at: House) -> None:
    await at.open(M)
    reader = await at.bring(CO)
    await at.bring(BU)
    await at.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    await at.ask(c.AskCaptions(True), CONSUMER)
    await at.reported(*(sentence(BU, str(n)) for n in range(200)))
    await at.ask(c.SetHand(True), BUSINESS)
    told = await drain(reader)
    assert 0 < len(of(told, "caption")) < 64
    assert not reader.ended
    assert told[-1][0] == "view"


async def test_why_there_are_no_captions_is_told_to_who_asked_also_to_who_comes_back(at: House) -> None:
    mediator = await at.open(M)
    reader = await at.bring(CO)
    await at.ask(c.AskCaptions(True), CONSUMER)
    await drain(mediator)
    await at.reported(m.CaptionsFault(X, "speech_gone"))
    assert of(await drain(reader), "captions_fault") == [{"code": "speech_gone"}]
    assert of(await drain(mediator), "captions_fault") == []
    again = await at.rooms.attach(X, CO)
    assert of(await drain(again), "captions_fault") == [{"code": "speech_gone"}]
    await at.reported(m.CaptionsFault(X, ""))
    assert of(await drain(again), "captions_fault") == [{"code": ""}]


async def test_a_sentence_that_is_missing_is_told_until_the_next_is_there(at: House) -> None:
    await at.open(M)
    reader = await at.bring(CO)
    await at.bring(BU)
    await at.ask(c.GiveConsent(Consent.TRANSCRIBE, "v1"), BUSINESS)
    await at.ask(c.AskCaptions(True), CONSUMER)
    await drain(reader)
    await at.reported(m.CaptionsFault(X, m.CAPTIONS_LATE))
    assert of(await drain(reader), "captions_fault") == [{"code": "speech_late"}]
    again = await at.rooms.attach(X, CO)
    assert of(await drain(again), "captions_fault") == [{"code": "speech_late"}]
    await at.reported(sentence(BU))
    assert len(of(await drain(again), "caption")) == 1
    later = await at.rooms.attach(X, CO)
    assert of(await drain(later), "captions_fault") == []


def sentence(who: str, text: str = "我们退3500元") -> m.Heard:
    return m.Heard(X, who, text, START, START + timedelta(seconds=2))
