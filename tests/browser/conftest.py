"""A building for the tests of one module, and the room they share for as long as they succeed; the street for joining.

All joining tests share one street: starting a program and a browser costs more than most of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator

import pytest
import pytest_asyncio

from tests.browser.building import Building, Room, building as built
from tests.browser.joining.street import Street, opened

_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    async with built(tmp_path_factory.mktemp("building")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def room(building: Building, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """Three people in a room. Whatever a test leaves behind when it fails is nobody else's trouble."""
    yield await building.room()
    if request.node.stash.get(_failed, False):
        await building.clear()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def street(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    async with opened(tmp_path_factory.mktemp("street")) as made:
        yield made
