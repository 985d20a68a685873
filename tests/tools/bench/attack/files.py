"""Attacks by file: what opens into more than can be held (`bombs`), sent wherever the office takes files."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence
from typing import Final

import aiohttp

from server.app.rehearsal import PageFault, Visitor
from tests.tools.bench.attack.bombs import ALL
from tests.tools.bench.attack.outcome import Outcome, Target

LARGEST: Final = 12 << 20  # bytes: making and sending them is not what is measured
EXHIBITS: Final = ("png", "jpeg", "webp", "pdf", "mp4")
ENDINGS: Final = {"table": "xlsx", "compendium": "docx", "exchanged_cases": "json", "upload": "pdf"}
PIECE: Final = 512 * 1024


async def files(target: Target) -> Outcome:
    """Tables, Word files and attachments by an officer who was sent them, exhibits by a party, PDFs by anybody."""
    outcome, ends = Outcome(), time.monotonic() + target.seconds
    chance = random.Random(time.time_ns())
    kept: dict[str, list[bytes]] = {}
    async with (
        Visitor(target.url, headers={"Cookie": target.officer}) as officer,
        Visitor(target.url, headers={"Cookie": target.party}) as party,
        Visitor(target.url) as anybody,
    ):
        while time.monotonic() < ends:
            bomb = chance.choice(ALL)
            if bomb.task not in kept or chance.random() < 0.3:
                content = await asyncio.to_thread(bomb.make)
                if len(content) > LARGEST:
                    continue
                kept.setdefault(bomb.task, []).append(content)
            content = chance.choice(kept[bomb.task])
            try:
                if bomb.task in EXHIBITS:
                    await _exhibit(party, bomb.task, content, outcome)
                    if bomb.task == "pdf":
                        await _filed(
                            anybody, "/verify-document", "verify-document", "a.pdf", content[: 1 << 20], outcome
                        )
                elif bomb.task == "table":
                    await _filed(officer, "/imports", "/imports", "a.xlsx", content, outcome, channel="hotline")
                elif bomb.task in ENDINGS:
                    name = f"a.{ENDINGS[bomb.task]}"
                    await _filed(officer, "/casebook/take-in", "take-in", name, content, outcome)
            except (aiohttp.ClientError, PageFault, OSError, TimeoutError) as fault:
                outcome.answers[type(fault).__name__] += 1
    return outcome


async def _filed(
    visitor: Visitor, path: str, part: str, name: str, content: bytes, outcome: Outcome, **fields: str
) -> None:
    """In a page's form with one file."""
    page = await visitor.get(path)
    status = await visitor.send_file(page, page.form(part, "file"), name, content, **fields)
    outcome.sent += 1
    outcome.answers[f"{part} {status}"] += 1


async def _exhibit(visitor: Visitor, form: str, content: bytes, outcome: Outcome) -> None:
    """As the room's page does: announced, piece by piece, finished."""
    page = await visitor.get("/room")
    token = re.search(r'"csrf":\s*"([0-9a-f]+)"', page.text)
    if token is None:
        outcome.answers["no room"] += 1
        return
    headers = {"X-CSRF-Token": token[1], "Origin": visitor.base, "Sec-Fetch-Site": "same-origin"}
    told = {"title": "x", "files": [{"name": f"a.{form}", "size": len(content)}]}
    outcome.sent += 1
    status, made = await visitor.send_json("/api/room/uploads", told, headers)
    outcome.answers[f"exhibit {status}"] += 1
    if status != 201:
        return
    upload = f"/api/room/uploads/{made['upload']}"
    pieces: Sequence[bytes] = [content[at : at + PIECE] for at in range(0, len(content), PIECE)]
    for number, piece in enumerate(pieces):
        status, _ = await visitor.send_json(f"{upload}/0?at={number * PIECE}", piece, headers)
        if status >= 400:
            break
    status, _ = await visitor.send_json(f"{upload}/finish", None, headers)
    outcome.answers[f"exhibit finished {status}"] += 1
