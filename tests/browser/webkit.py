"""Safari's engine as Debian has it (WebKitGTK's MiniBrowser), driven by W3C WebDriver: as much of it as our tests need.

Debian builds it without WebRTC, and under automation it tells nobody what goes to its console. So pages come through a
proxy of ours, which puts one script in front of theirs: it notes whatever goes wrong, and lends an empty
`RTCPeerConnection` where a test wants the page to go on to camera and microphone, which are made up.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

SECONDS: Final = 20
ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver 12.2
ARGUMENTS: Final = (
    "--automation",
    "--enable-media-stream=true",
    "--enable-mock-capture-devices=true",
    "--javascript-can-open-windows-automatically=true",
)
OWN: Final = "/webkit-test.js"
NOTED: Final = """
window.troubles = [];
const note = (what) => window.troubles.push(String(what));
const what = ({ localName, src, href }) => `${localName} ${src ?? href} did not come`;
addEventListener("error", (event) => note(event.message ?? what(event.target)), true);
addEventListener("unhandledrejection", (event) => note(event.reason));
addEventListener("securitypolicyviolation", (event) => note(`${event.violatedDirective} ${event.blockedURI}`));
const error = console.error;
console.error = (...words) => { note(words.join(" ")); error(...words); };
"""
LENT: Final = """
window.RTCPeerConnection ??= class extends EventTarget {
  addTransceiver() {}
  createDataChannel() { return new EventTarget(); }
  createOffer() { return new Promise(() => {}); }
  close() {}
};
"""


class WebKitFault(Exception):
    """The driver refused a command, or the page's script threw."""


class WebKit:
    """One window. `evaluate` as in Playwright: an expression, promises awaited, the value as JSON has it."""

    def __init__(self, http: aiohttp.ClientSession, session: str) -> None:
        self._http, self._session = http, session
        self.troubles: list[str] = []

    async def goto(self, url: str) -> None:
        await self._note()
        await self._ask("POST", "/url", {"url": url})

    async def evaluate(self, expression: str) -> Any:
        script = f"""const told = arguments[0];
          (async () => JSON.stringify((await ({expression})) ?? null))()
            .then((value) => told([true, value]), (fault) => told([false, String(fault)]));"""
        fine, value = await self._ask("POST", "/execute/async", {"script": script, "args": []})
        if not fine:
            raise WebKitFault(value)
        return json.loads(value)

    async def until(self, expression: str) -> Any:
        """Until it is true, or an element; also while one page follows another."""
        there = f"((found) => found instanceof Element || found)({expression})"
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    with contextlib.suppress(WebKitFault):
                        if found := await self.evaluate(there):
                            return found
                    await asyncio.sleep(0.05)
        except TimeoutError:
            words = await self.evaluate("location.pathname + ' ' + document.body.innerText.slice(0, 1500)")
            raise AssertionError(f"never: {expression}\n{words}\n{await self._troubles()}") from None

    async def says(self, selector: str, words: str = "") -> None:
        """Until one of these that is shown has the words, or any."""
        shown = f"[...document.querySelectorAll({json.dumps(selector)})].filter((e) => e.getClientRects().length)"
        await self.until(f"{shown}.some((e) => e.innerText.trim() && e.innerText.includes({json.dumps(words)}))")

    async def click(self, selector: str) -> None:
        """As somebody does: scrolled into view, and what lies there has it."""
        await self._note()
        await self._ask("POST", f"/element/{await self._element(selector)}/click", {})

    async def fill(self, selector: str, text: str) -> None:
        await self._ask("POST", f"/element/{await self._element(selector)}/value", {"text": text})

    async def draw(self, selector: str, points: Sequence[tuple[int, int]]) -> None:
        """With the button held down, from point to point; (0, 0) is the middle of the element."""
        element = {ELEMENT: await self._element(selector)}
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        moves = [{"type": "pointerMove", "duration": 40, "origin": element, "x": x, "y": y} for x, y in points]
        press, lift = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
        hand = {"type": "pointer", "id": "hand", "actions": [moves[0], press, *moves[1:], lift]}
        await self._ask("POST", "/actions", {"actions": [hand]})

    async def become(self, width: int, height: int = 844) -> None:
        await self._ask("POST", "/window/rect", {"x": 0, "y": 0, "width": width, "height": height})
        await self.until(f"innerWidth === {width}")
        await self.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    async def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(await self._ask("GET", "/screenshot"))

    async def take_cookies(self, cookies: str) -> None:
        """Of the page's own host, as `name=value; name=value`; somebody else's go."""
        await self._ask("DELETE", "/cookie")
        for pair in filter(None, cookies.split("; ")):
            name, _, value = pair.partition("=")
            await self._ask("POST", "/cookie", {"cookie": {"name": name, "value": value, "path": "/"}})

    async def went_wrong(self) -> list[str]:
        """What was noted on all pages since it was asked last."""
        await self._note()
        found, self.troubles = self.troubles, []
        return found

    async def narrow(self) -> None:
        """Go on in a window without bars, which may be as narrow as a phone: one with bars may not."""
        before = await self._ask("GET", "/window/handles")
        await self.evaluate("void open('about:blank', '', 'popup,width=390,height=844')")
        async with asyncio.timeout(SECONDS):
            while len(now := await self._ask("GET", "/window/handles")) == len(before):
                await self.evaluate("new Promise((next) => setTimeout(next, 50))")
        await self._ask("POST", "/window", {"handle": next(one for one in now if one not in before)})

    async def _note(self) -> None:
        self.troubles += await self._troubles()

    async def _troubles(self) -> list[str]:
        with contextlib.suppress(WebKitFault):
            return list(await self.evaluate("(window.troubles ?? []).splice(0)"))
        return []

    async def _element(self, selector: str) -> str:
        await self.until(f"document.querySelector({json.dumps(selector)})?.getClientRects().length")
        found = await self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return await ask(self._http, method, f"/session/{self._session}{path}", body)


async def ask(http: aiohttp.ClientSession, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    async with asyncio.timeout(SECONDS), http.request(method, path, json=body) as answer:
        value = (await answer.json(content_type=None))["value"]
    if answer.status >= 400:
        raise WebKitFault(f"{method} {path}: {value['error']}: {value['message']}")
    return value


@contextlib.asynccontextmanager
async def launched() -> AsyncIterator[WebKit]:
    """A WebKit of its own, in a window as wide as a phone, on a screen that nobody sees."""
    async with contextlib.AsyncExitStack() as stack:
        screen = await _started(stack, "Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
        assert screen.stdout is not None
        display = (await asyncio.wait_for(screen.stdout.readline(), SECONDS)).decode().strip()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # Software only, and no accessibility bus of a desktop that is not there.
        environment = {"DISPLAY": f":{display}", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}
        await _started(stack, "WebKitWebDriver", f"--port={port}", **environment)
        http = await stack.enter_async_context(aiohttp.ClientSession(f"http://127.0.0.1:{port}"))
        async with asyncio.timeout(SECONDS):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    await ask(http, "GET", "/status")
                    break
                await asyncio.sleep(0.05)
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": {"args": [*ARGUMENTS]}}}
        made = await ask(http, "POST", "/session", {"capabilities": wanted})
        stack.push_async_callback(ask, http, "DELETE", f"/session/{made['sessionId']}")
        window = WebKit(http, made["sessionId"])
        await window.narrow()
        yield window


async def _started(stack: contextlib.AsyncExitStack, *command: str, **environment: str) -> asyncio.subprocess.Process:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=quiet, env={**os.environ, **environment}
    )

    async def end() -> None:
        if process.returncode is None:
            process.terminate()
        await process.wait()

    stack.push_async_callback(end)
    return process


@contextlib.asynccontextmanager
async def watched(url: str) -> AsyncIterator[str]:
    """The address of a proxy in front of `url`, whose pages note what goes wrong; `?lent` in it lends WebRTC."""
    async with aiohttp.ClientSession(auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            if request.path == OWN:
                text = NOTED + (LENT if "lent" in request.query else "")
                return web.Response(text=text, content_type="text/javascript")
            to = URL(url).join(URL(request.raw_path, encoded=True))
            headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await _talk(http, request, to, headers)
            lent = "?lent" if request.cookies.get("lent") else ""
            async with http.request(
                request.method, to, headers=headers, data=await request.read(), allow_redirects=False
            ) as answer:
                body, sent = await answer.read(), answer.headers.copy()
                for name in (*HOP, "Content-Encoding"):
                    sent.popall(name, None)
                if answer.content_type == "text/html":
                    body = body.replace(b"<head>", f'<head><script src="{OWN}{lent}"></script>'.encode(), 1)
                return web.Response(status=answer.status, headers=sent, body=body)

        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{rest:.*}", pass_on)
        async with TestServer(app) as server:
            yield str(server.make_url("")).rstrip("/")


HOP: Final = ("connection", "content-length", "keep-alive", "transfer-encoding", "upgrade", "sec-websocket-extensions",
              "sec-websocket-key", "sec-websocket-version")  # fmt: skip
"""Headers between two neighbours, not passed on."""


async def _talk(
    http: aiohttp.ClientSession, request: web.Request, to: URL, headers: dict[str, str]
) -> web.WebSocketResponse:
    ours = web.WebSocketResponse(max_msg_size=0)
    async with http.ws_connect(to, headers=headers, max_msg_size=0) as theirs:
        await ours.prepare(request)

        async def carry(source: Any, sink: Any) -> None:
            async for message in source:
                await (sink.send_str if message.type is aiohttp.WSMsgType.TEXT else sink.send_bytes)(message.data)
            await sink.close()

        await asyncio.gather(carry(ours, theirs), carry(theirs, ours), return_exceptions=True)
    return ours
