"""Whose link or sign-in has ended is shown so at once: nobody waits ten minutes for somebody who cannot come back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from server.app.rehearsal.person import seat_of
from tests.server.access.mediation import PROMISED, Held, Scene, scene
from tests.web.client import AiohttpClient
from web.http import cookies

pytestmark = pytest.mark.media

Change = Callable[[Scene, Held], Awaitable[object]]


def away(held: Held, seat: str) -> str:
    """As what one's page shows somebody: their status, and why they are away."""
    shown: dict[str, Any] = next(one for one in held.person.view["seats"] if one["id"] == seat)
    return f"{shown['status']}: {shown.get('away_cause', '')}"


async def withdraw(it: Scene, held: Held) -> None:
    await it.parts.links.revoke(it.zhou, it.session, held.seat, "发错了人")


async def replace(it: Scene, held: Held) -> None:
    await it.parts.links.issue(it.zhou, it.session, held.seat, send=False)


async def sign_out(it: Scene, held: Held) -> None:
    await it.parts.officers.sign_out(held.browser.cookies[cookies.OFFICER])


async def shown(one: Held, seat: str, what: str, within: float = PROMISED) -> None:
    await one.person.until(lambda view: away(one, seat) == what, what, within)


@pytest.mark.parametrize(("change", "cause"), [(withdraw, "link_revoked"), (replace, "link_replaced")])
async def test_the_mediator_is_shown_at_once_that_a_link_was_withdrawn_and_the_others_that_it_has_ended(
    tmp_path: Path, aiohttp_client: AiohttpClient, change: Change, cause: str
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        mediator, business = await it.mediator(), await it.party("business")
        consumer = await it.party("consumer")
        await it.everybody_receives("mediator", "business", "consumer")
        await change(it, consumer)
        await asyncio.gather(
            shown(mediator, "consumer", f"reconnecting: {cause}"),
            shown(business, "consumer", "reconnecting: ended"),
        )
        if cause == "link_replaced":  # and by the new link they come back to their seat
            await it.party("consumer")
            await shown(mediator, "consumer", "present: ", 30)


async def test_a_link_that_is_withdrawn_while_somebody_is_away_is_shown_so_too(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        mediator, consumer = await it.mediator(), await it.party("consumer", media=False)
        await consumer.person.hang_up()
        await shown(mediator, "consumer", "reconnecting: connection", 10)
        await withdraw(it, consumer)
        await shown(mediator, "consumer", "reconnecting: link_revoked")


async def test_a_mediator_who_signs_out_is_not_said_to_be_reconnecting(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        mediator, consumer = await it.mediator(), await it.party("consumer", media=False)
        await sign_out(it, mediator)
        await shown(consumer, mediator.seat, "reconnecting: ended")
        seat = (await it.parts.rooms.state(it.session)).seats[mediator.seat]
        assert seat.away_cause == "signed_out"
        assert seat_of(consumer.person.view, "mediator")["away_since"]
