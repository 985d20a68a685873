"""A page's own connection to the room with some of its answers held back: a network that is slow at one moment.

Owns the time of what is held; everything else passes as it comes.
"""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, WebSocketRoute


class Wire:
    """The answers to one command wait from `hold` to `let_go`; of a page that has not connected yet."""

    def __init__(self, command: str) -> None:
        self._asked = re.compile(rf"42/room,(\d+)\[\"{command}\"")
        self._holding = False
        self._held: list[tuple[WebSocketRoute, str]] = []
        self._waiting: set[str] = set()
        self._one_came = asyncio.Event()

    def hold(self) -> None:
        self._holding = True

    async def let_go(self) -> None:
        """Once an answer has come that the page is waiting for."""
        await self._one_came.wait()
        self._holding = False
        for route, answer in self._held:
            route.send(answer)
        self._held.clear()

    def connect(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def out(message: str | bytes) -> None:
            if self._holding and isinstance(message, str) and (asked := self._asked.match(message)):
                self._waiting.add(f"43/room,{asked[1]}[")
            server.send(message)

        def back(message: str | bytes) -> None:
            if isinstance(message, str) and any(map(message.startswith, self._waiting)):
                self._held.append((route, message))
                self._one_came.set()
            else:
                route.send(message)

        route.on_message(out)
        server.on_message(back)


async def slowed(page: Page, command: str) -> Wire:
    """Before the page enters the room."""
    wire = Wire(command)
    await page.route_web_socket(re.compile("/socket.io/"), wire.connect)
    return wire
