"""Topics the offices add under the law's: who may, what is refused, and that what is withdrawn keeps its trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from casebook.collections import (
    TOPIC_STREAM,
    OwnTopic,
    TopicAdded,
    TopicEvent,
    TopicRestored,
    TopicWithdrawn,
    decide_topic,
    fold_topics,
    with_parents,
)
from casebook.events import draft
from journal import Actor, Draft, sealed
from journal.refusals import BadChoice, Missing, NotAllowed, TooLong
from law.catalogue import topics

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
BOARD = Actor("officer", "lin", "林督", "supervisor", "one")
MEDIATOR = Actor("officer", "zhou", "周明", "mediator", "one")
TRANSFER = TopicAdded("own-00000001", "prepaid", "门店转让", "Shop handed over")


class Shared:
    """The one stream, driven as the service does it."""

    def __init__(self) -> None:
        self._told: list[Draft] = []

    @property
    def now(self) -> dict[str, OwnTopic]:
        return fold_topics(sealed(TOPIC_STREAM, 0, "", self._told))

    def ask(self, event: TopicEvent, by: Actor = BOARD) -> Sequence[TopicEvent]:
        led_to = decide_topic(event, self.now, by)
        self._told += [draft(each, NOW, by) for each in led_to]
        return led_to


def test_a_supervisor_adds_a_topic_and_withdraws_it_and_its_trail_says_who_and_why() -> None:
    shared = Shared()
    shared.ask(TRANSFER)
    shared.ask(TopicWithdrawn(TRANSFER.topic, "并入停业"))
    shared.ask(TopicRestored(TRANSFER.topic))
    (topic,) = shared.now.values()
    assert (topic.name("zh"), topic.name("en"), topic.under) == ("门店转让", "Shop handed over", "prepaid")
    assert [(step.kind, step.by, step.reason) for step in topic.trail] == [
        ("TopicAdded", "林督", ""),
        ("TopicWithdrawn", "林督", "并入停业"),
        ("TopicRestored", "林督", ""),
    ]
    assert not topic.withdrawn
    assert shared.ask(TRANSFER) == [], "it is there already"


def test_only_a_supervisor_changes_them() -> None:
    for event in (TRANSFER, TopicWithdrawn(TRANSFER.topic, "x"), TopicRestored(TRANSFER.topic)):
        with pytest.raises(NotAllowed):
            Shared().ask(event, MEDIATOR)


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (TopicAdded("prepaid", "prepaid", "新", ""), BadChoice),
        (TopicAdded("own-00000002", "own-00000001", "新", ""), BadChoice),
        (TopicAdded("own-00000002", "prepaid", " ", ""), Missing),
        (TopicAdded("own-00000002", "prepaid", "长" * 25, ""), TooLong),
        (TopicAdded("own-00000002", "prepaid", "门店转让", ""), BadChoice),
        (TopicAdded("own-00000002", "prepaid", topics()["prepaid"].zh, ""), BadChoice),
        (TopicWithdrawn("own-00000001", " "), Missing),
        (TopicWithdrawn("own-99999999", "没有"), BadChoice),
    ],
)
def test_what_is_no_topic_is_refused(event: TopicEvent, fault: type[Exception]) -> None:
    shared = Shared()
    shared.ask(TRANSFER)
    with pytest.raises(fault):
        shared.ask(event)


def test_a_case_of_an_own_topic_is_of_the_laws_topic_above_it_too() -> None:
    shared = Shared()
    shared.ask(TRANSFER)
    assert with_parents(("food", TRANSFER.topic), shared.now) == ("food", "prepaid", TRANSFER.topic)
