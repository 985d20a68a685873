"""Attacks by a party who is rightly in the room: floods of lines, commands that are not theirs, facts made up."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
import socketio

from tests.tools.bench.attack.outcome import Outcome, Target

NAMESPACE: Final = "/room"
LINE: Final = 1_900  # characters of a long one
ANSWER = 5.0  # seconds
PACE: Final = 0.04  # seconds between messages: what comes faster is refused unread
MOST_TOLD: Final = 16 * 1024  # bytes

ODD: Final[Sequence[Any]] = (
    None, "", "consumer", "x" * 64, "x" * 9_000, "\x00", "\ud83d\ude00" * 30, "１２",
    "../..", "0" * 64, -1, 0, 1, 2**70,
    1e308, True, [], {}, [[]] * 50, {"a": {"b": {"c": []}}}, "2024-02-30T25:61:00Z", "9999999999999999.99",
)  # fmt: skip
FIELDS: Final = (
    "seat", "text", "to", "caucus", "kind", "number", "amount", "clause", "edition", "agrees", "reason", "told", "fact",
    "side", "capacity", "outcome", "sdp", "sources", "exhibit", "page", "on", "raised", "item", "done", "note",
    "notice",
)  # fmt: skip
MEDIATORS: Final = (
    "admit", "send_back", "remove", "cover_opening", "enter_phase", "start_recess", "end_recess", "set_door",
    "ask_unmute",
    "start_caucus", "end_caucus", "show_slip", "open_gap", "drop_gap", "propose_outcome", "take_back_outcome", "close",
    "put_clause", "remove_clause", "move_clause", "ask_confirmation", "explain_clause", "put_fact", "remove_fact",
    "put_claim", "preview_clause", "record_authority", "call_off_signing", "propose_agreed", "show_law", "put_law_away",
    "show_typical", "put_typical_away", "take_card", "check_item", "let_show", "ask_exhibit",
)  # fmt: skip
OWN: Final = (
    "mute", "unmute", "set_hand", "set_camera", "give_consent", "answer_clause", "query_clause", "answer_fact",
    "write_slip", "mark_slip", "withdraw_slip", "agree_gap", "enter_figure", "choose_channel", "see_outcome",
    "object_outcome",
    "read_through", "consent_handwriting", "refuse_signing", "withdraw_signature", "assist", "end_assistance",
    "show_exhibit", "turn_page", "mark_exhibit", "accept_exhibit", "dispute_exhibit", "media_look", "media_answer",
    "media_publish", "report_quality", "view", "connect", "disconnect", "message", "", "a" * 3_000,
)  # fmt: skip
FORGED: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    ("give_consent", {"kind": "record", "text": "a-text-that-never-was"}),
    ("consent_handwriting", {"text": "0" * 64, "notice": "a-notice-that-never-was"}),
    ("read_through", {"text": "0" * 64}),
    ("answer_clause", {"clause": "c1", "edition": 99, "agrees": True, "reason": "", "told": False}),
)
"""What a client says of what was shown, and never was."""

_numbers = itertools.count()


class _Socket:
    """The hostile party's own connection. `largest`: bytes of the largest message that tells of the session."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.largest = 0
        self._socket = socketio.AsyncClient(reconnection=False, http_session=http)
        self._socket.on("*", self._anything, namespace=NAMESPACE)

    async def _anything(self, name: str, body: Any = None) -> None:
        if name != "media_offer":
            size = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
            self.largest = max(self.largest, size)

    async def open(self, target: Target) -> None:
        await self._socket.connect(
            target.url, headers={"Cookie": target.party, "Origin": target.url}, namespaces=[NAMESPACE],
            transports=["websocket"], wait_timeout=ANSWER,
        )  # fmt: skip

    async def close(self) -> None:
        await self._socket.disconnect()

    @property
    def open_still(self) -> bool:
        return bool(self._socket.connected) and NAMESPACE in self._socket.namespaces

    async def ask(self, name: str, body: Any) -> str:
        """The code of the answer, `ok`, or that none came."""
        try:
            answer = await self._socket.call(name, body, namespace=NAMESPACE, timeout=ANSWER)
        except (socketio.exceptions.SocketIOError, TimeoutError):
            return "no answer"
        if not isinstance(answer, dict):
            return "no answer"
        return str(answer["error"]["code"]) if "error" in answer else "ok"


async def lines(target: Target) -> Outcome:
    """Long lines in the chat, by two at once. Who has come in says one at least."""
    outcome, ends = Outcome(), time.monotonic() + target.seconds

    async def say(socket: _Socket) -> None:
        over = False
        while not over and socket.open_still:
            text = f"{next(_numbers)}-{time.time_ns()} " + "调" * LINE
            answer = await socket.ask("say", {"text": text, "to": "", "caucus": 0})
            outcome.sent += 1
            outcome.answers[answer] += 1
            await asyncio.sleep(PACE)
            if answer == "ok":
                outcome.acknowledged.append(text.partition(" ")[0])
            over = time.monotonic() > ends

    async with aiohttp.ClientSession() as http:
        while time.monotonic() < ends:
            socket = await _connected(http, target, outcome)
            if socket is None:
                continue
            await asyncio.gather(*(say(socket) for _ in range(2)))
            await socket.close()
            if socket.largest > MOST_TOLD:
                outcome.served.append(f"a message of {socket.largest} bytes")
    return outcome


async def odd(target: Target) -> Outcome:
    """Every message with odd bodies, those of the mediator, lifecycle names, and facts that are made up."""
    outcome, ends = Outcome(), time.monotonic() + target.seconds
    chance = random.Random(target.seconds)

    async def one(socket: _Socket) -> None:
        kind = chance.random()
        if kind < 0.2:
            name, body = chance.choice(FORGED)
        else:
            name = chance.choice(MEDIATORS if kind < 0.5 else OWN)
            body = {field: chance.choice(ODD) for field in chance.sample(FIELDS, chance.randrange(6))}
            if kind > 0.9:
                body = chance.choice(ODD)
        answer = await socket.ask(name, body)
        outcome.sent += 1
        outcome.answers[answer] += 1
        if chance.random() < 0.9:  # else as fast as it is answered
            await asyncio.sleep(PACE)
        if answer == "ok" and (name in MEDIATORS or kind < 0.2 or name in ("connect", "disconnect")):
            outcome.served.append(f"{name} {str(body)[:200]} was done for a party")
        elif answer == "no answer" and socket.open_still:
            outcome.served.append(f"{name!r} was not answered")

    async with aiohttp.ClientSession() as http:
        while time.monotonic() < ends:
            socket = await _connected(http, target, outcome)
            while socket is not None and time.monotonic() < ends and socket.open_still:
                await one(socket)
            if socket is not None:
                await socket.close()
    return outcome


async def _connected(http: aiohttp.ClientSession, target: Target, outcome: Outcome) -> _Socket | None:
    socket = _Socket(http)
    try:
        await socket.open(target)
    except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, TimeoutError) as fault:
        outcome.answers[f"not connected: {type(fault).__name__}"] += 1
        await asyncio.sleep(0.5)
        return None
    return socket
