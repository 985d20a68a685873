"""A complaint goes to another bureau: whole installations, each with its own database, log and key, over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.cells.service import complaint_here
from tests.server.cells import CITY, OTHER, Cell, complaint, installations


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Cell, Cell]]:
    async with installations(tmp_path, CITY, OTHER) as (city, other):
        yield city, other


async def test_a_complaint_goes_to_another_bureau_and_its_receipt_comes_back(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    to, _ = await city.knows(other), await other.knows(city)
    sent = await city.parts.desk.register(city.mediator, complaint())
    await city.cells.send(city.mediator, sent, to, "被投诉人住所地在黄冈")
    await city.told()
    state = await city.state(sent)
    away = state.transfers.away
    assert away is not None
    assert away.acknowledged is not None
    there = await other.state(complaint_here((await city.cells.own()).id, away.sent.transfer))
    assert (there.record.number, there.record.consumer.phone_masked) == (away.acknowledged.number, "138 **** 5076")
