from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.rooms.house import House, house


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house() as built:
        yield built
