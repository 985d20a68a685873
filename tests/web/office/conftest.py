"""The office as its mediator finds it this morning: one mediation, now."""

from __future__ import annotations

import pytest

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World, scheduled
from web.http import cookies


@pytest.fixture
def world() -> World:
    made = World()
    made.sessions.streams.clear()
    made.sessions.append("m1", scheduled("c0", "东高一投〔2026〕0917号", "婚恋积分退款", made.clock.now))
    return made


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("zhou"))
    visitor.cookies[cookies.LANGUAGE] = "en"  # an officer's own language comes before the browser's
    return visitor
