"""The agreement over real sockets: an edit and an answer at the same moment, and what people type as it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rooms import commands as c
from rooms.agreement import outcome
from rooms.vocabulary import Capacity
from tests.rooms.house import X
from tests.rooms.scene import BU, CO, M
from tests.signaling.conftest import Line

TRICKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    "${7*7}#{7*7}",
    "{% for x in () %}",
    "'; DROP TABLE events; --",
    "\u202egnp.exe",
    "javascript:alert(1)",
)


async def seated(line: Line) -> dict[str, Any]:
    clients = {seat: await line.enter(seat) for seat in (M, CO, BU)}
    await line.house.ask(c.RecordAuthority(BU, Capacity.HEAD))
    return clients


@pytest.mark.parametrize("round", range(6))
async def test_of_an_edit_and_an_answer_at_the_same_moment_one_wins_and_the_other_is_told(
    line: Line, round: int
) -> None:
    clients = await seated(line)
    assert await clients[M].ask("put_clause", {"text": "第一稿。"}) == {"ok": {}}
    edit = ("put_clause", {"clause": "c1", "edition": 1, "text": "第二稿。"})
    yes = ("answer_clause", {"clause": "c1", "edition": 1, "agrees": True})
    asked = [(M, edit), (CO, yes), (BU, yes)]
    if round % 2:
        asked.reverse()
    answers = await asyncio.gather(*(clients[seat].ask(*message) for seat, message in asked))
    told = {seat: answer for (seat, _), answer in zip(asked, answers, strict=True)}
    assert told[M] == {"ok": {}}
    state = await line.house.rooms.state(X)
    (clause,) = state.draft.clauses
    assert (clause.edition, clause.text) == (2, "第二稿。")
    assert not outcome.agreed(state), "nobody has agreed to what stands there now"
    for seat in (CO, BU):
        if told[seat] == {"ok": {}}:  # it came first: the edit took it away, and says so
            assert seat in clause.voided
        else:
            assert told[seat] == {"error": {"code": "outdated", "params": {"edition": 2}}}


async def test_two_windows_of_the_mediator_do_not_overwrite_each_other(line: Line) -> None:
    clients = await seated(line)
    await clients[M].ask("put_clause", {"text": "第一稿。"})
    edits = [
        clients[M].ask("put_clause", {"clause": "c1", "edition": 1, "text": f"由{who}改。"}) for who in ("甲", "乙")
    ]
    answers = await asyncio.gather(*edits)
    assert sorted("ok" in answer for answer in answers) == [False, True]


@pytest.mark.parametrize("trick", TRICKS)
async def test_whatever_is_typed_into_any_field_comes_back_as_text(line: Line, trick: str) -> None:
    clients = await seated(line)
    fields = {"text": trick, "plain": trick, "gloss": trick, "heading": trick[:40]}
    assert await clients[M].ask("put_clause", fields) == {"ok": {}}
    assert await clients[M].ask("put_fact", {"text": trick}) == {"ok": {}}
    assert await clients[M].ask("put_claim", {"side": "consumer", "text": trick}) == {"ok": {}}
    objection = {"clause": "c1", "edition": 1, "agrees": False, "reason": trick, "told": True}
    assert await clients[CO].ask("answer_clause", objection) == {"ok": {}}
    authority = {"seat": BU, "capacity": "agent", "special": True, "basis": trick}
    assert await clients[M].ask("record_authority", authority) == {"ok": {}}
    assert await clients[M].ask("set_door", {"locked": True}) == {"ok": {}}
    draft = (await clients[BU].sees("DoorLocked"))["view"]["draft"]
    kept = trick.replace("\u202e", "")
    (clause,) = draft["clauses"]
    assert [clause[name] for name in ("text", "plain", "gloss", "heading")] == [kept, kept, kept, kept[:40]]
    assert clause["sides"]["consumer"]["reason"] == kept
    assert draft["facts"][0]["text"] == draft["claims"]["consumer"] == kept
    assert draft["authorities"][BU]["basis"] == kept


async def test_a_promise_can_be_seen_as_a_clause_before_anybody_else_sees_it(line: Line) -> None:
    clients = await seated(line)
    term = {"who": "business", "action": "退款", "amount": "2000.00", "performance": "on_the_spot"}
    answer = await clients[M].ask("preview_clause", {"term": term})
    assert "贰仟元整" in answer["ok"]["text"]
    assert (await line.house.rooms.state(X)).draft.clauses == ()
    assert (await clients[M].ask("preview_clause", {"term": {**term, "amount": "-1"}}))["error"][
        "code"
    ] == "bad_outcome"
    assert (await clients[CO].ask("preview_clause", {"term": term}))["error"]["code"] == "not_allowed"
