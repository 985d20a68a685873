"""A service that compares names with identity numbers, spoken to as `server.connections` does."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.server.connections.seal_service import mac

CLIENT, SECRET, PATH = "bureau-1", "shared-secret-of-the-name-service", "/check"
PEOPLE = {"420106199203150029": "丁小禾", "420106198001010015": "余波"}


class NameSimulator:
    """`way`: "good" | "down" | "503" | "unsigned" | "another answer"."""

    def __init__(self) -> None:
        self.way = "good"
        self.asked: list[dict[str, Any]] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post(PATH, self._check)
        return app

    async def _check(self, request: web.Request) -> web.StreamResponse:
        body, told = await request.read(), request.headers
        at, nonce = told["X-Yuntiao-Time"], told["X-Yuntiao-Nonce"]
        if self.way == "down":
            assert request.transport is not None
            request.transport.abort()
        if self.way.isdigit():
            return web.Response(status=int(self.way))
        if told["X-Yuntiao-Signature"] != mac(SECRET, at.encode(), nonce.encode(), PATH.encode(), body):
            return web.Response(status=401)
        asked = json.loads(body)
        self.asked.append(asked)
        result = "match" if PEOPLE.get(asked.get("idNumber", "")) == asked.get("name") else "mismatch"
        if "ready" in asked:
            result = "ready"
        if self.way == "another answer":
            result = "perhaps"
        answer = json.dumps({"result": result}).encode()
        secret = "another" if self.way == "unsigned" else SECRET
        return web.Response(body=answer, headers={"X-Yuntiao-Signature": mac(secret, nonce.encode(), b"200", answer)})
