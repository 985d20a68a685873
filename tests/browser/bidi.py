"""A headless Firefox with a made-up camera and microphone, driven over WebDriver BiDi: as much of it as our tests need.

The protocol is JSON over a WebSocket that Firefox opens itself (https://w3c.github.io/webdriver-bidi/).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.machine import firefox

START_SECONDS = 60
END_SECONDS = 20
ANSWER_SECONDS = 30
PREFERENCES: Final[Mapping[str, bool | int | str]] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,  # allowed
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.server": "",
    "app.update.auto": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


class BidiFault(Exception):
    """Firefox refused a command, or the page's script threw."""


class Firefox:
    """One page. `evaluate` as in Playwright: an expression, promises awaited, the value as JSON has it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, ids: Iterator[int], page: str = "") -> None:
        self._socket, self._ids, self._page = socket, ids, page

    async def begin(self) -> None:
        await self._ask("session.new", {"capabilities": {}})
        tree = await self._ask("browsingContext.getTree", {})
        self._page = tree["contexts"][0]["context"]

    async def another(self) -> Firefox:
        """A second page in the same window. Use one after the other."""
        made = await self._ask("browsingContext.create", {"type": "tab", "background": True})
        return Firefox(self._socket, self._ids, made["context"])

    async def goto(self, url: str) -> None:
        await self._ask("browsingContext.navigate", {"context": self._page, "url": url, "wait": "complete"})

    async def evaluate(self, expression: str) -> Any:
        found = await self._ask(
            "script.callFunction",
            {
                "functionDeclaration": f"async () => JSON.stringify((await ({expression})) ?? null)",
                "target": {"context": self._page},
                "awaitPromise": True,
            },
        )
        if found["type"] != "success":
            raise BidiFault(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    async def _ask(self, method: str, params: dict[str, Any]) -> Any:
        """One command at a time: whatever else comes meanwhile is an event nobody subscribed to."""
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == number:
                    break
        if answer["type"] == "error":
            raise BidiFault(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]


@contextlib.asynccontextmanager
async def launched(folder: Path, preferences: Mapping[str, bool | int | str] | None = None) -> AsyncIterator[Firefox]:
    """A Firefox of its own, with its profile in `folder`, as long as the context lasts. `preferences`: more of them."""
    _prepare(folder, {**PREFERENCES, **(preferences or {})})
    process = await asyncio.create_subprocess_exec(
        str(firefox()), "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        address = await asyncio.wait_for(_listening(process.stderr), START_SECONDS)
        reader = asyncio.create_task(_drain(process.stderr))
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{address}/session", max_msg_size=0) as socket:
            page = Firefox(socket, itertools.count(1))
            await page.begin()
            yield page
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
    await reader


def _prepare(profile: Path, preferences: Mapping[str, bool | int | str]) -> None:
    profile.mkdir(parents=True, exist_ok=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines))


async def _listening(said: asyncio.StreamReader) -> str:
    async for line in said:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line.decode(errors="replace")):
            return found[1]
    raise BidiFault("Firefox ended before it listened")


async def _drain(said: asyncio.StreamReader) -> None:
    """A full pipe would stop it."""
    async for _ in said:
        pass
