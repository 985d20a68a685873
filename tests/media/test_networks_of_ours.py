"""The networks tests put between a browser and the server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from tests.media.relay import Relay
from tests.tools.bench.media.network import Condition, Network


@pytest.fixture(params=["network", "relay"])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Network | Relay]:
    if request.param == "relay":
        relay = Relay()
        yield relay
        relay.close()
    else:
        network = Network(Condition(), Condition(), random.Random(1))
        yield network
        await network.close()


async def test_an_offer_and_an_answer_that_come_at_once_lead_through_one_port(line: Network | Relay) -> None:
    """Two connections of a page are described at the same time; answers to the other port would go nowhere."""

    async def led() -> int:
        await line.lead_to(9)
        return line.port

    one, other = await asyncio.gather(led(), led())
    assert one == other == line.port
