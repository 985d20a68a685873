"""A platform that exchanges complaints with Yuntiao, as small as it can be: run it, point a connection at it, watch.

    pip install aiohttp
    EXCHANGE_SECRET=… python exchange_receiver.py --port 9000 --yuntiao https://yuntiao.example/api/exchange/v1/NAME

It takes what it is told (`progress`) and answers with a receipt, the same for the same statement however often it
comes; says of its complaints where each stands (`counts_request`); and with `--send FILE` hands in the complaints of a
JSON file (a list of rows as docs/exchange.schema.json has them) and shows their receipts. What it knows lies in one
JSON file.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

VERSION = "yuntiao-exchange/1.0"
WINDOW = 300  # seconds that a signature counts for
SECRET = os.environ.get("EXCHANGE_SECRET", "").encode()


def signed(body: bytes) -> dict[str, str]:
    """The headers under which a body goes out."""
    timestamp = str(int(time.time()))
    made = hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Yuntiao-Timestamp": timestamp, "X-Yuntiao-Signature": f"sha256={made}"}


def genuine(headers: Any, body: bytes) -> bool:
    """Whether the other side signed it, within five minutes."""
    timestamp, given = headers.get("X-Yuntiao-Timestamp", ""), headers.get("X-Yuntiao-Signature", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > WINDOW:
        return False
    made = hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={made}".encode(), given.encode())


def document(kind: str, answered: bytes = b"", **more: Any) -> bytes:
    """`answered`: the body of the request that this answers."""
    said = {"version": VERSION, "kind": kind, "at": datetime.now(UTC).isoformat(), **more}
    if answered:
        said["answers"] = hashlib.sha256(answered).hexdigest()
    return json.dumps(said, ensure_ascii=False).encode()


class Shelf:
    """Complaints by number: where each stands, and every statement that came about it, by its sequence."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}

    def take(self, row: dict[str, Any]) -> dict[str, Any]:
        number, sequence = str(row["number"]), str(row["sequence"])
        complaint = self.known.setdefault(number, {"stage": "", "statements": {}})
        before = complaint["statements"].setdefault(sequence, row)
        if before != row:  # never so: a statement is repeated, not changed
            return {"number": number, "sequence": int(sequence), "accepted": False, "why": "differs from before"}
        complaint["stage"] = max(complaint["statements"].items(), key=lambda one: int(one[0]))[1]["stage"]
        self.save()
        receipt = hashlib.sha256(f"{number}/{sequence}".encode()).hexdigest()[:12].upper()
        return {"number": number, "sequence": int(sequence), "accepted": True, "receipt": receipt}

    def save(self) -> None:
        """Whole or not at all: a receipt must stand for something that is kept."""
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(self.known, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(self.file)


def application(shelf: Shelf) -> web.Application:
    async def exchange(request: web.Request) -> web.Response:
        body = await request.read()
        if not genuine(request.headers, body):
            return web.Response(status=401)
        asked = json.loads(body)
        match asked.get("kind"):
            case "hello":
                answer = document("welcome", body, name="example platform")
            case "progress":
                answer = document("receipts", body, rows=[shelf.take(row) for row in asked["rows"]])
            case "counts_request":
                rows = [
                    {"number": number, "stage": one["stage"]} for number, one in shelf.known.items() if one["stage"]
                ]
                answer = document("counts", body, first=asked["first"], last=asked["last"], rows=rows)
            case _:
                answer = document("refusal", body, code="unknown_kind")
        return web.Response(body=answer, headers=signed(answer), content_type="application/json")

    app = web.Application(client_max_size=1 << 20)
    app.router.add_post("/exchange", exchange)
    return app


async def send(address: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Hand complaints in; what Yuntiao answers. Sent again, the same rows get the same receipts."""
    body = document("complaints", rows=rows)
    async with aiohttp.ClientSession() as http, http.post(address, data=body, headers=signed(body)) as answer:
        text = await answer.read()
        if not genuine(answer.headers, text):
            raise SystemExit(f"no signed answer ({answer.status})")
        told: dict[str, Any] = json.loads(text)
        return told


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--port", type=int, default=9000)
    asked.add_argument("--file", type=Path, default=Path("exchange.json"))
    asked.add_argument("--yuntiao", default="", help="address to hand complaints in at")
    asked.add_argument("--send", type=Path, help="JSON file with complaints; then it ends")
    given = asked.parse_args()
    if not SECRET:
        raise SystemExit("EXCHANGE_SECRET is not set")
    if given.send:
        told = asyncio.run(send(given.yuntiao, json.loads(given.send.read_text("utf-8"))))
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        return
    web.run_app(application(Shelf(given.file)), host="127.0.0.1", port=given.port, print=None)


if __name__ == "__main__":
    main()
