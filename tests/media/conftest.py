"""What tests of single packets share. They run in Python, and in C where that can be
built."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from media.sfu.native import FORWARDING, NativeForwarder
from media.sfu.udp_mux import FanOut, UdpMux
from tests.media.bench import Bench

if TYPE_CHECKING:
    from media.sfu.udp_mux import MakeFanOut

UNLIMITED = 10**10  # bit/s: a test sends hours of media in a moment


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FORWARDING.build(tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="session", params=["python", pytest.param("native", marks=pytest.mark.native)])
def make(request: pytest.FixtureRequest) -> MakeFanOut:
    return NativeForwarder(request.getfixturevalue("built")) if request.param == "native" else FanOut


@pytest.fixture(scope="session")
def native(make: MakeFanOut) -> NativeForwarder | None:
    """What a mux is given: nothing, or the library in C."""
    return make if isinstance(make, NativeForwarder) else None


@pytest.fixture
async def bench(native: NativeForwarder | None) -> AsyncIterator[Bench]:
    mux = await UdpMux.bind("127.0.0.1", 0, UNLIMITED, native)
    made = Bench(mux)
    yield made
    assert not mux.drops["handler"], "a handler failed"
    made.close()
    mux.close()
    await asyncio.sleep(0)
