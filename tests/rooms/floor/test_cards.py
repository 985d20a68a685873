"""The script cards that come with the program: whole, of every kind; and how an office changes its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from journal import Actor, Draft, Event, sealed
from journal.refusals import BadChoice, DomainError, Missing, NotAllowed, TooLong, TooMany
from law.catalogue import catalogue
from rooms import commands as c
from rooms.floor import ScriptCard, cards
from rooms.floor.cards import Dispute, article_named, changes, checked, decide_card, kind_of, kind_of_note, kinds, ours
from rooms.floor.rules import NO_TEXTS, catalogue_leaf, fill_command, no_cases
from rooms.floor.state import SECTIONS
from rooms.session import Session
from tests.rooms.scene import CONSUMER, MEDIATOR, START, scheduled

LIN = Actor("officer", "u4", "林主任", "administrator", "o1")
FOOD = ours()["food"]


def test_there_is_a_card_for_each_kind_of_dispute() -> None:
    asked = {"goods", "food", "repair", "cars", "housing", "travel", "training", "prepaid", "online", "price"}
    assert set(kinds()) == set(ours()) == asked | {"advertising", "injury", "service"}


@pytest.mark.parametrize("kind", ours())
def test_each_is_whole_in_both_languages(kind: str) -> None:
    card = ours()[kind]
    assert checked(card) == card
    for name in SECTIONS:
        lines = getattr(card, name)
        assert len(lines) >= 3
        for line in lines:
            assert re.search("[一-鿿]", line["zh"])
            assert not re.search("[一-鿿]", line["en"])
            assert len(line["en"]) > 10
    assert "{consumer}" in card.invite["zh"]
    assert "{consumer}" in card.invite["en"]
    assert len(card.law) >= 5  # every article named in the file is in the catalogue


def test_every_article_of_the_file_is_there() -> None:
    for kind, row in cards._table().items():
        assert [article["id"] for article in ours()[kind].law] == row["law"]
        assert set(row["law"]) <= catalogue().keys()


@pytest.mark.parametrize("kind", [kind for kind in ours() if kind not in ("prepaid", "training")])
def test_nobody_is_asked_how_much_is_left_of_a_broken_kettle(kind: str) -> None:
    card = ours()[kind]
    said = " ".join(line["zh"] for name in SECTIONS for line in getattr(card, name)) + card.invite["zh"]
    assert "还剩" not in said
    assert "余额" not in said


@pytest.mark.parametrize(
    ("dispute", "kind"),
    [
        (Dispute("quality", "F52", goods=True, text="电热水壶烧不开水，修了两次"), "goods"),
        (Dispute("quality", "", text="水壶坏了"), "goods"),
        (Dispute("contract", "R89", text="健身房办卡后关门"), "prepaid"),
        (Dispute("safety", "H62", text="火锅里吃出虫子"), "food"),
        (Dispute("safety", "H62", ("injury",), text="吃完住院"), "injury"),
        (Dispute("quality", "F52", text="新车变速箱异响"), "cars"),
        (Dispute("contract", "E50", text="半包一直不完工"), "housing"),
        (Dispute("contract", "P83", text="报班后校区搬走"), "training"),
        (Dispute("contract", "H61", text="订的房到店没有"), "travel"),
        (Dispute("after_sale", "O81", text="电视修完还是不亮"), "repair"),
        (Dispute("quality", "F52", platform="某平台", goods=True), "online"),
        (Dispute("price", "H62"), "price"),
        (Dispute("publicity", "F52"), "advertising"),
        (Dispute("contract", "O80", text="保洁没来"), "service"),
        (Dispute(), "service"),
    ],
)
def test_a_complaint_is_of_one_kind(dispute: Dispute, kind: str) -> None:
    assert kind_of(dispute) == kind


def test_a_note_of_experience_stands_beside_the_card_of_its_kind() -> None:
    assert kind_of_note("safety-H62") == "food"
    assert kind_of_note("price") == "price"
    assert kind_of_note("contract-P83") == "training"


def test_an_article_is_named_as_it_is_cited() -> None:
    in_english = catalogue()["consumer-24"].citation("en")
    for named in ("consumer-24", "《消费者权益保护法》第二十四条", " 消费者权益保护法 第二十四条 ", in_english):
        assert article_named(named) == "consumer-24"
    with pytest.raises(BadChoice):
        article_named("《没有的法》第一条")


def line(zh: str, en: str = "") -> dict[str, str]:
    return {"zh": zh, "en": en}


@pytest.mark.parametrize(
    ("card", "refusal", "field"),
    [
        (replace(FOOD, facts=[]), Missing, "facts_zh"),
        (replace(FOOD, invite=line("")), Missing, "invite_zh"),
        (replace(FOOD, facts=[line("事")] * 9), TooMany, "facts_zh"),
        (replace(FOOD, facts=[line("事" * 81)]), TooLong, "facts_zh"),
        (replace(FOOD, settle=[line("事", "x" * 201)]), TooLong, "settle_en"),
        (replace(FOOD, settle=[line("一", "one"), line("二")]), BadChoice, "settle_en"),
        (replace(FOOD, settle=[line("一", "one"), line("", "two")]), BadChoice, "settle_en"),
        (replace(FOOD, law=[{"id": "x", "zh": "", "en": ""}] * 13), TooMany, "law"),
        (replace(FOOD, kind="x"), BadChoice, "kind"),
    ],
)
def test_what_no_card_can_be_is_refused_with_its_place(
    card: ScriptCard, refusal: type[DomainError], field: str
) -> None:
    with pytest.raises(refusal) as no:
        checked(card)
    assert no.value.params["field"] == field


def note(entries: list[Event], card: ScriptCard | None, seen: int, role: str = "administrator") -> list[Event]:
    event = decide_card(card, "food", seen, changes(entries), role)
    if event is None:
        return entries
    last = entries[-1].hash if entries else ""
    return [*entries, *sealed("office/o1/cards", len(entries), last, [Draft(*event, START, LIN)])]


def test_an_office_has_its_own_card_until_ours_is_put_back() -> None:
    own = replace(FOOD, facts=[line("先看小票")])
    entries = note([], own, 0)
    assert cards.standing(changes(entries))["food"] == replace(own, edition=1)
    assert cards.standing(changes(entries))["goods"] == ours()["goods"]
    assert note(entries, own, 1) == entries  # nothing changed
    entries = note(entries, None, 1)
    assert cards.standing(changes(entries))["food"] == FOOD
    assert note(entries, None, 2) == entries
    entries = note(entries, own, 2)
    assert cards.standing(changes(entries))["food"].edition == 3
    assert [(one.edition, one.card is None, one.by) for one in changes(entries)] == [
        (1, False, "林主任"),
        (2, True, "林主任"),
        (3, False, "林主任"),
    ]


def test_nobody_writes_over_what_they_have_not_seen_and_a_mediator_writes_none() -> None:
    entries = note([], replace(FOOD, facts=[line("先看小票")]), 0)
    with pytest.raises(cards.CardMoved):
        note(entries, replace(FOOD, facts=[line("先问病情")]), 0)
    with pytest.raises(NotAllowed):
        note(entries, None, 1, "mediator")


# ------------------------------------------------------------ clauses to begin with


@pytest.mark.parametrize("kind", ours())
def test_each_kind_has_clauses_to_begin_with_and_one_that_ends_the_dispute(kind: str) -> None:
    clauses = ours()[kind].clauses
    assert 3 <= len(clauses) <= cards.MOST_CLAUSES
    assert clauses[-1]["text"]
    for one in clauses:
        assert re.search("[一-鿿]", one["zh"])
        assert not re.search("[一-鿿]", one["en"])
        assert set(re.findall(r"\{(\w+)\}", one.get("action", "") + one.get("text", ""))) <= {
            "goods",
            "consumer",
            "business",
        }
    assert any(one.get("amount") == "asked" for one in clauses)


def test_an_office_writes_clauses_of_its_own() -> None:
    promise = {
        "zh": "退菜金",
        "en": "",
        "who": "business",
        "action": "退还餐费",
        "amount": "asked",
        "due": "3",
        "how": "",
    }
    words = {"zh": "道歉", "en": "", "text": "商家当面致歉。"}
    entries = note([], replace(FOOD, clauses=[promise, words]), 0)
    assert cards.standing(changes(entries))["food"].clauses == [promise, words]


@pytest.mark.parametrize(
    ("clause", "refusal"),
    [
        ({"zh": "", "text": "没有标题"}, Missing),
        ({"zh": "空的", "who": "business", "action": ""}, Missing),
        ({"zh": "太长" * 20, "text": "甲"}, TooLong),
        ({"zh": "太长", "text": "甲" * 301}, TooLong),
        ({"zh": "谁", "who": "mediator", "action": "退款"}, BadChoice),
        ({"zh": "何时", "who": "business", "action": "退款", "due": "next year"}, BadChoice),
        ({"zh": "多少", "who": "business", "action": "退款", "amount": "much"}, BadChoice),
    ],
)
def test_a_clause_that_cannot_be_one_is_refused_by_its_row(clause: dict[str, str], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as refused:
        checked(replace(FOOD, clauses=[clause]))
    assert refused.value.params["field"] == "clause1"


def test_too_many_clauses_are_refused() -> None:
    with pytest.raises(TooMany):
        checked(replace(FOOD, clauses=[{"zh": "一", "text": "甲"}] * 9))


def test_a_card_changed_before_there_were_clauses_brings_ours() -> None:
    (entry,) = note([], replace(FOOD, facts=[line("先看小票")]), 0)
    del entry.data["card"]["clauses"]
    assert cards.standing(changes([entry]))["food"].clauses == FOOD.clauses


async def test_a_card_is_looked_for_when_the_mediator_comes_and_not_with_each_party() -> None:
    asked: list[str] = []

    async def cards_of(session: Session, kind: str) -> ScriptCard:
        asked.append(session.id)
        return FOOD

    async def filled(actor: Actor) -> c.Command:
        session = scheduled().state
        return await fill_command(c.Arrive(), session, actor, catalogue_leaf, no_cases, cards_of, NO_TEXTS)

    assert await filled(CONSUMER) == c.Arrive()
    assert asked == []
    assert await filled(MEDIATOR) == c.Arrive(FOOD)
