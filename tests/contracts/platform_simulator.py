"""A platform that complaints come from, as a server of its own: it speaks the wire format, in the words of its mapping,
and can be down, slow, lying, replaying, wrong about the time or the secret.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from complaints.channels.platforms import Platform
from server.complaints import exchange as wire
from server.connections import SIGNATURE, TIMESTAMP, genuine, signature

SECRET = "a secret both know"


class PlatformSimulator:
    """`told`: what it took, by number and sequence; `came`: every row that came, repetitions too. `mode`: how it
    answers from now on."""

    def __init__(self, platform: Platform, secret: str = SECRET) -> None:
        self.platform, self.secret = platform, secret
        self.told: dict[tuple[str, int], dict[str, Any]] = {}
        self.came: list[dict[str, Any]] = []
        self.stages: dict[str, str] = {}  # what it says of complaints when it is asked to count
        self.mode, self.skew = "", timedelta(0)
        self.release = asyncio.Event()  # lets a slow answer go
        self._last: tuple[bytes, dict[str, str]] | None = None
        self.forged = 0  # requests whose signature it did not know

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/exchange", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.mode == "down":
            return web.Response(status=503)
        if self.mode == "moved":
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
        if self.mode == "not found":
            return web.Response(status=404, text="nothing here")
        if not genuine([self.secret], request.headers[TIMESTAMP], body, request.headers[SIGNATURE]):
            self.forged += 1
            return web.Response(status=401)
        asked = wire.read(body)
        if self.mode == "replaying" and self._last is not None:
            answer, headers = self._last
            return web.Response(body=answer, headers=headers)
        answer = self._answer(asked, body)
        headers = self._signed(answer)
        self._last = answer, headers
        if self.mode == "slow":
            await self.release.wait()
        if self.mode == "garbage":
            answer = b"<html>busy</html>"
            headers = self._signed(answer)
        if self.mode == "unsigned":
            headers = {}
        return web.Response(body=answer, headers=headers)

    def _answer(self, asked: wire.Document, body: bytes) -> bytes:
        head = wire.head(datetime.now(UTC), body)
        match asked:
            case wire.Hello():
                return wire.text_of(wire.Welcome(**head, name="平台")).encode()
            case wire.CountsRequest(first=first, last=last):
                number, stage = (self.platform.columns("count", one)[0] for one in ("number", "stage"))
                rows: tuple[dict[str, Any], ...] = tuple(
                    {number: key, stage: word} for key, word in self.stages.items()
                )
                return wire.text_of(wire.Counts(**head, first=first, last=last, rows=rows)).encode()
            case wire.Progress(rows=rows):
                if self.mode == "refusing all":
                    return wire.text_of(wire.Refusal(**head, code="closed", text="接口已停用")).encode()
                self.came += [dict(row) for row in rows]
                if self.mode == "later":
                    return wire.text_of(wire.Noted(**head)).encode()
                return wire.text_of(wire.Receipts(**head, rows=tuple(self.receipt(dict(row)) for row in rows))).encode()
            case _:
                return wire.text_of(wire.Refusal(**head, code="unknown")).encode()

    def receipt(self, row: dict[str, Any]) -> dict[str, Any]:
        """The same for the same statement, however often it comes."""
        number = str(row[self.platform.columns("progress", "number")[0]])
        sequence = int(row[self.platform.columns("progress", "sequence")[0]])
        before = self.told.setdefault((number, sequence), row)
        assert before == row, "the same statement is never said differently"
        said: dict[str, Any] = {"number": number, "sequence": sequence, "receipt": f"H{number[-4:]}{sequence}"}
        accepted: Any = self.mode != "refusing"
        if self.mode == "lying":
            said["number"] = "somebody else’s"
        if self.mode == "refusing":
            del self.told[number, sequence]
            said["why"] = "缺少反馈内容"
        words = self.platform.words["accepted"]
        said["accepted"] = accepted if self.platform.codes else words["yes" if accepted else "no"][0]
        return {self.platform.columns("receipt", field)[0]: value for field, value in said.items()}

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int((datetime.now(UTC) + self.skew).timestamp()))
        secret = "another" if self.mode == "forging" else self.secret
        return {TIMESTAMP: timestamp, SIGNATURE: signature(secret.encode(), timestamp, body)}

    # ------------------------------------------------------------ what it asks itself

    def request(self, document: wire.Document) -> tuple[bytes, dict[str, str]]:
        """A body and the headers that sign it."""
        body = wire.text_of(document).encode()
        return body, self._signed(body)

    async def ask(self, http: aiohttp.ClientSession, url: str, document: wire.Document) -> wire.Document:
        """What the installation answers, its signature checked."""
        body, headers = self.request(document)
        async with http.post(url, data=body, headers=headers) as answer:
            text = await answer.read()
            assert genuine([self.secret], answer.headers[TIMESTAMP], text, answer.headers[SIGNATURE]), (
                answer.status,
                text,
            )
            return wire.read(text)


def complaint_row(platform: Platform, number: str, **changes: str) -> dict[str, Any]:
    """As this platform names things."""
    said = {
        "number": number, "received": "2026-06-23 09:30:00", "facts": "购买3,000积分，要求退款被拒。", "name": "丁小禾",
        "phone": "13800005076", "business": "武汉知遇桥信息技术有限公司", "finish": "", "sign": "", "settle": "",
    } | changes  # fmt: skip
    told = "接收时间 诉求内容 投诉人 投诉人电话 企业名称 办结时限 签收时限 先行和解期限"
    by_phone = "来电时间 诉求内容 来电人 来电号码 企业名称 办理时限 签收时限 先行和解期限"
    ours = "received facts consumer_name consumer_phone business_name finish_due sign_due settle_due"
    columns = {"12315": f"登记编号 {told}", "12345": f"工单编号 {by_phone}", "yuntiao": f"number {ours}"}
    members = columns[platform.platform].split()
    return {member: value for member, value in zip(members, said.values(), strict=True) if value}


def plain(document: wire.Document) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(wire.text_of(document))
    return found
