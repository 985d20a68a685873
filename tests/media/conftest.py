"""What tests of single packets share. They run over both ways through: in Python, and in C where that can be
built."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from media.sfu.endpoint import Endpoint
from media.sfu.fanout import FanOut
from media.sfu.native.fanout import Native
from media.sfu.native.library import FORWARDING
from tests.media.bench import Bench

if TYPE_CHECKING:
    from media.sfu.fanout import MakeFanOut

UNLIMITED = 10**10  # bit/s: a test sends hours of media in a moment


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FORWARDING.build(tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="session", params=["python", pytest.param("native", marks=pytest.mark.native)])
def make(request: pytest.FixtureRequest) -> MakeFanOut:
    return Native(request.getfixturevalue("built")) if request.param == "native" else FanOut


@pytest.fixture(scope="session")
def native(make: MakeFanOut) -> Native | None:
    """What an endpoint is given: nothing, or what is compiled."""
    return make if isinstance(make, Native) else None


@pytest.fixture
async def bench(native: Native | None) -> AsyncIterator[Bench]:
    endpoint = await Endpoint.bind("127.0.0.1", 0, UNLIMITED, native)
    made = Bench(endpoint)
    yield made
    assert not endpoint.drops["handler"], "a handler failed"
    made.close()
    endpoint.close()
    await asyncio.sleep(0)
