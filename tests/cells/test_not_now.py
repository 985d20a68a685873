"""What goes wrong between two installations for a while is tried again, and leaves a complaint with one of them."""

from __future__ import annotations

import asyncio
import io
from collections import defaultdict
from contextlib import nullcontext
from typing import Any

import pytest
from PIL import Image

from journal.refusals import Busy, Refused
from server import cells as wire
from tests.cells import Cell, complaint
from tests.cells.test_transfers import away, count, document, pair, posted, sent, there

__all__ = ["pair"]


async def test_a_no_that_may_pass_is_no_decline_and_is_asked_again(
    pair: tuple[Cell, Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, other = pair
    filed = await sent(city, other)

    async def busy(*_: Any, **__: Any) -> str:
        raise Busy

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(other.parts.complaints, "register", busy)
        await city.told()
    (waiting,) = await city.cells.untaken(city.administrator)
    assert waiting.error == "answered 503 busy"
    assert (await away(city, filed)).declined is None
    await city.told()
    assert (await away(city, filed)).acknowledged is not None


async def test_an_attachment_that_cannot_be_taken_just_now_is_sent_again(
    pair: tuple[Cell, Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, other = pair
    filed = await city.parts.desk.register(city.mediator, complaint())
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(content, "JPEG")
    await city.parts.attachments.add(city.mediator, filed, "单据.jpg", content.getvalue(), "evidence", "")
    await sent(city, other, filed)

    async def busy(*_: Any, **__: Any) -> str:
        raise Refused("busy", 503)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(other.parts.attachments, "put", busy)
        await city.told()
    (waiting,) = await city.cells.untaken(city.administrator)
    assert waiting.error == "a file was answered with 503"
    await city.told()
    going, (_, taken) = await away(city, filed), await there(city, other, filed)
    assert going.acknowledged is not None
    assert (going.acknowledged.left, len(taken.attachments)) == ((), 1)


async def test_two_nodes_that_are_told_the_same_at_once_take_it_once_and_both_give_its_receipt(
    pair: tuple[Cell, Cell],
) -> None:
    city, other = pair
    filed = await sent(city, other)
    other.cells._turns = defaultdict(nullcontext)  # type: ignore[arg-type]  # each node has only its own
    signed = await city.cells._at.line.signed(await document(city, other, filed))
    answers = await asyncio.gather(*(posted(other, signed) for _ in range(4)))
    assert [(status, answer["kind"]) for status, answer in answers] == [(200, "receipt")] * 4
    assert len({answer["number"] for _, answer in answers}) == 1
    assert await count(other) == 1


async def test_what_they_have_otherwise_than_it_is_told_now_does_not_become_this_bureaus_again(
    pair: tuple[Cell, Cell],
) -> None:
    city, other = pair
    filed = await sent(city, other)
    made = await document(city, other, filed)
    await posted(other, await city.cells._at.line.signed(made))  # and the receipt is lost
    renamed = made.model_copy(update={"bureau": "武汉市市场监督管理局"})
    city.cells._at.deliveries.transfer = lambda *_: renamed  # type: ignore[method-assign]
    await city.told()
    (waiting,) = await city.cells.untaken(city.administrator)
    assert waiting.error == "declined: changed"
    assert (await city.state(filed)).transfers.rests


async def test_one_complaint_that_cannot_be_told_keeps_no_other_waiting(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    first, second = [await sent(city, other) for _ in range(2)]
    broken, made = (await away(city, first)).sent.transfer, city.cells._at.deliveries.transfer

    def transfer(entries: Any, which: str, *more: Any) -> wire.Transfer:
        if which == broken:
            raise ValueError("a fault")
        return made(entries, which, *more)

    city.cells._at.deliveries.transfer = transfer  # type: ignore[method-assign,assignment]
    await city.told()
    assert (await away(city, second)).acknowledged is not None
    (waiting,) = await city.cells.untaken(city.administrator)
    assert (waiting.complaint, waiting.error) == (first, "a fault here (ValueError)")


async def test_a_header_that_is_no_text_is_a_strangers(pair: tuple[Cell, Cell]) -> None:
    _, other = pair
    reader, writer = await asyncio.open_connection("127.0.0.1", other.port)
    head = f"POST {wire.MESSAGES} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n".encode()
    writer.write(head + b"X-Yuntiao-Signature: yuntiao/\xff\xfe AAAA\r\n\r\n")
    assert b" 401 " in await reader.readline()
    writer.close()
