"""When two businesses count as one: what must speak for it, who says so, and that it can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from complaints import BadChoice, Missing, NotAllowed, TooLong, WrongState
from complaints.insight.respondents import (
    TITLE,
    JoiningCommand,
    JoinRespondents,
    KeepRespondentsApart,
    PartRespondents,
    RespondentJoin,
    RespondentJoined,
    RespondentKeptApart,
    RespondentParted,
    alike,
    decide,
    evolve,
    registered,
)
from journal import SYSTEM, Actor

NOW = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
ZHOU = Actor("officer", "zhou", "周敏", "mediator", "o1")
HEAD, OTHER = "a" * 24, "b" * 24
JOIN = JoinRespondents(HEAD, ("name", "phone"))


def told(*commands: JoiningCommand) -> RespondentJoin:
    now = RespondentJoin()
    for command in commands:
        for event in decide(command, now, ZHOU):
            now = evolve(now, event, NOW, ZHOU.name)
    return now


def test_a_name_alone_or_a_phone_alone_suggests_nothing() -> None:
    assert [alike(why) for why in (("name",), ("phone", "address"), ("name", "phone"), ("address", "name"))] == [
        False,
        False,
        True,
        True,
    ]
    with pytest.raises(BadChoice):
        decide(JoinRespondents(HEAD, ("name",)), RespondentJoin(), ZHOU)


def test_joined_it_says_who_did_it_and_why_and_twice_is_once() -> None:
    now = told(JOIN, JOIN)
    assert (now.head, now.why, now.by, now.at) == (HEAD, ("phone", "name"), "周敏", NOW)
    assert decide(JOIN, now, ZHOU) == []
    with pytest.raises(WrongState):
        decide(JoinRespondents(OTHER, ("name", "phone")), now, ZHOU)


def test_parted_with_a_reason_it_is_not_suggested_again_but_may_be_joined_again() -> None:
    now = told(JOIN, PartRespondents(HEAD, " 两家店 "))
    assert (now.head, now.apart) == ("", frozenset({HEAD}))
    assert decide(PartRespondents(HEAD, " 两家店 "), told(JOIN), ZHOU) == [RespondentParted(HEAD, "两家店")]
    assert told(JOIN, PartRespondents(HEAD, "两家店"), JOIN) == replace(told(JOIN), apart=frozenset())


def test_kept_apart_is_said_once_and_not_of_what_is_joined() -> None:
    assert decide(KeepRespondentsApart(HEAD), RespondentJoin(), ZHOU) == [RespondentKeptApart(HEAD)]
    assert decide(KeepRespondentsApart(HEAD), told(KeepRespondentsApart(HEAD)), ZHOU) == []
    with pytest.raises(WrongState):
        decide(KeepRespondentsApart(HEAD), told(JOIN), ZHOU)


def test_a_join_is_parted_with_a_reason_and_only_from_what_it_is_joined_to() -> None:
    for command, refused in (
        (PartRespondents(HEAD, " "), Missing),
        (PartRespondents(HEAD, "因" * 501), TooLong),
        (PartRespondents(OTHER, "两家"), WrongState),
    ):
        with pytest.raises(refused):
            decide(command, told(JOIN), ZHOU)


@pytest.mark.parametrize("role", ["inspector", "administrator"])
def test_only_who_mediates_or_supervises_joins(role: str) -> None:
    with pytest.raises(NotAllowed):
        decide(JOIN, RespondentJoin(), replace(ZHOU, role=role))


def test_what_was_decided_is_read_back_from_its_data() -> None:
    assert decide(JOIN, RespondentJoin(), ZHOU) == [RespondentJoined(HEAD, ("phone", "name"))]


def test_the_program_joins_what_a_whole_registered_name_tells_and_never_what_a_person_parted() -> None:
    why = ("name", TITLE)
    assert decide(JoinRespondents(HEAD, why), RespondentJoin(), SYSTEM) == [RespondentJoined(HEAD, why)]
    assert not alike((TITLE,))
    for command in (PartRespondents(HEAD, "两家"), KeepRespondentsApart(HEAD)):
        with pytest.raises(NotAllowed):
            decide(command, RespondentJoin(), SYSTEM)
    for said in (told(KeepRespondentsApart(HEAD)), told(JOIN, PartRespondents(HEAD, "两家"))):
        with pytest.raises(WrongState):
            decide(JoinRespondents(HEAD, why), said, SYSTEM)
        assert decide(JoinRespondents(HEAD, why), said, ZHOU), "a person may know better"


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("武汉悦动健身服务有限公司", "武汉悦动健身服务有限公司"),
        (" 武汉悦动健身服务有限公司 ", "武汉悦动健身服务有限公司"),
        ("悦动健身", ""),
        ("公司", ""),
        ("", ""),
    ],
)
def test_only_a_name_with_its_legal_form_is_a_registered_one(title: str, found: str) -> None:
    assert registered(title) == found
