"""Signing refuses other people's codes, two at once and steps out of order, and loses nothing by it."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from pathlib import Path

import pytest

import rooms
from journal import refusals
from journal.refusals import Refused
from rooms import commands as c
from rooms.views import Handwriting
from tests.server.app.office import FIRST, IP
from tests.server.signing.sittings import (
    ATTACK,
    INK,
    Room,
    agreed,
    room as room,  # a fixture
    text_in,
)


async def test_a_code_opens_one_seat_and_one_text_and_once(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer, business = await room.guest("consumer"), await room.guest("business")
    for who in (consumer, business):
        await room.ask(c.ReadThrough(text), who)
        await room.ask(c.AgreeElectronicForm(text, "electronic-1"), who)
    code = await room.code(consumer, text)
    with pytest.raises(Refused, match="code_expired"):  # the other seat's
        await room.signing.sign(business, text, code, "陈立", None, IP)
    clause = (await room.state()).draft.clauses[1]
    await room.ask(c.PutClause(clause.id, clause.edition, "换了一句。"))
    await agreed(room)
    other = await room.signing.offer(room.world.zhou, room.session)
    assert other != text
    await room.ask(c.ReadThrough(other), consumer)
    await room.ask(c.AgreeElectronicForm(other, "electronic-1"), consumer)
    with pytest.raises(rooms.OtherText):  # the text before
        await room.signing.sign(consumer, text, code, "丁小禾", None, IP)
    with pytest.raises(Refused, match="code_expired"):  # another text's code
        await room.signing.sign(consumer, other, code, "丁小禾", None, IP)
    fresh = await room.code(consumer, other)
    await room.signing.sign(consumer, other, fresh, "丁小禾", None, IP)
    await room.ask(c.WithdrawSignature(other), consumer)
    with pytest.raises(Refused, match="code_expired"):  # played again
        await room.signing.sign(consumer, other, fresh, "丁小禾", None, IP)
    assert not (await room.current()).hands


async def test_a_code_to_join_does_not_sign(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer = await room.guest("consumer")
    await room.ask(c.ReadThrough(text), consumer)
    await room.ask(c.AgreeElectronicForm(text, "electronic-1"), consumer)
    link = await room.world.links.issue(room.world.zhou, room.session, room.seats["consumer"], send=False)
    device = await room.world.links.begin(link.url.rpartition("/j/")[2])
    joining = await room.world.code_for(device)
    with pytest.raises(Refused, match="code_expired"):
        await room.signing.sign(consumer, text, joining, "丁小禾", None, IP)


@pytest.mark.parametrize(
    ("drawn", "problem"),
    [
        (Handwriting(400, 240, [[[1, 1, 0]] * 5_000]), "much"),
        (Handwriting(400, 240, [[[1, 1, 0], [399, 1, 0]]] * 81), "much"),
        (Handwriting(400, 240, [[[1, 1, 0], [401, 1, 0]]]), "outside"),
        (Handwriting(400, 240, [[[-1, 1, 0], [399, 1, 0]]]), "outside"),
        (Handwriting(400, 240, [[[1, 1, 0], [2, 2, 0]]]), "little"),
        (Handwriting(400, 240, []), "little"),
        (Handwriting(4, 240, [[[1, 1, 0]]]), "size"),
    ],
)
async def test_what_is_no_handwriting_is_refused_before_the_code_is_looked_at(
    room: Room, drawn: Handwriting, problem: str
) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer = await room.guest("consumer")
    await room.ask(c.ReadThrough(text), consumer)
    await room.ask(c.AgreeElectronicForm(text, "electronic-1"), consumer)
    code = await room.code(consumer, text)
    with pytest.raises(rooms.BadInk) as no:
        await room.signing.sign(consumer, text, code, "丁小禾", drawn, IP)
    assert no.value.params == {"problem": problem}
    await room.signing.sign(consumer, text, code, "丁小禾", None, IP)


async def test_nobody_but_its_own_mediator_offers_signs_for_the_office_or_seals(room: Room) -> None:
    text = await room.signed()
    colleague = dataclasses.replace(room.world.zhou, id="u-other")
    for officer, code in ((room.world.other, "not_found"), (colleague, "not_allowed")):
        for doing in (
            room.signing.offer(officer, room.session),
            room.signing.sign_as_mediator(officer, room.session, text, "周敏", None),
            room.signing.seal(officer, room.session, text),
        ):
            with pytest.raises(Refused, match=code):
                await doing
    assert not (await room.state()).documents


async def test_two_taps_on_the_seal_make_one_document(room: Room) -> None:
    text = await room.signed()
    await asyncio.gather(*(room.signing.seal(room.world.zhou, room.session, text) for _ in range(3)))
    assert len((await room.state()).documents) == 1


async def test_two_taps_on_sign_keep_one_handwriting(room: Room, tmp_path: Path) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    await room.signs("consumer")
    consumer = await room.guest("consumer")
    await asyncio.gather(*(room.signing.sign(consumer, text, "", "丁小禾", INK, IP) for _ in range(3)))
    assert len(list((tmp_path / "documents" / room.session / "hands").iterdir())) == 1


async def test_of_an_edit_and_a_seal_at_once_one_wins(room: Room) -> None:
    text = await room.signed()
    clause = (await room.state()).draft.clauses[1]
    results = await asyncio.gather(
        room.signing.seal(room.world.zhou, room.session, text),
        room.ask(c.PutClause(clause.id, clause.edition, "最后一刻改的。")),
        return_exceptions=True,
    )
    state = await room.state()
    refused = [result for result in results if result is not None]
    assert len(refused) == 1
    if state.sealed:
        assert state.draft.clauses[1].text == clause.text
        assert "最后一刻" not in text_in(await room.pdf())
    else:
        assert not state.documents
        assert isinstance(refused[0], rooms.NotSigning | rooms.OtherText | rooms.OutOfOrder)


async def test_nothing_is_sealed_out_of_order(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    await room.signs("consumer")
    with pytest.raises(rooms.OutOfOrder):
        await room.signing.seal(room.world.zhou, room.session, text)
    with pytest.raises(rooms.OutOfOrder):
        await room.signing.sign_as_mediator(room.world.zhou, room.session, text, "周敏", None)
    with pytest.raises(refusals.WrongState):
        await room.signing.file(room.world.zhou, room.session)


async def test_without_a_seal_of_the_office_it_says_so_and_nothing_is_lost(room: Room) -> None:
    text = await room.signed()
    for path in (room.seals._folder / FIRST.id).iterdir():
        path.unlink()
    with pytest.raises(Refused, match="no_seal"):
        await room.signing.seal(room.world.zhou, room.session, text)
    await asyncio.to_thread(room.seals.create, FIRST.id, FIRST.name)
    await room.signing.seal(room.world.zhou, room.session, text)
    assert (await room.state()).sealed


async def test_what_anybody_wrote_stands_in_the_pdf_as_text(room: Room) -> None:
    clause = (await room.state()).draft.clauses[1]
    await room.ask(c.PutClause(clause.id, clause.edition, ATTACK))
    await room.ask(c.PutFact(text=ATTACK + "事实"))
    for role in ("consumer", "business"):
        await room.ask(c.AnswerFact("f1", 1, True), await room.guest(role))
    await agreed(room)
    said = text_in(await room.sealed())
    wanted = re.sub(r"\s", "", ATTACK)
    assert said.count(wanted) == 2  # clause and fact; nobody asked for the reading copy in English
