"""What tests of single packets share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media.sfu.endpoint import Endpoint
from tests.media.bench import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    endpoint = await Endpoint.bind("127.0.0.1", 0)
    made = Bench(endpoint)
    yield made
    made.client.close()
    endpoint.close()
    await asyncio.sleep(0)
