"""What is asked of a room at a node that has not got it goes to the one that has: over HTTP, signed with its secret.

Objects of our own travel with their names, and only those of the packages that speak of rooms are made again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import aiohttp
import structlog
from aiohttp import web

from journal import Actor, Event, Journal
from journal.refusals import Busy, DomainError, Refused
from rooms.commands import Command
from rooms.events import stream
from server.serving.nodes.store import Node

PATH: Final = "/nodes/rooms"
SIGNATURE: Final = "X-Yuntiao-Signature"
MOST_BYTES: Final = 4 << 20
WITHIN: Final = 12.0
"""Seconds for an answer: a room waits for its database longer than that only when nothing works."""
REACHED: Final = 2.0
"""Seconds for its machine to take the connection."""
REMEMBERED: Final = 20_000
"""Numbers of requests: none is carried out twice."""

_OURS: Final = {"complaints", "journal", "law", "media", "offices", "rooms"}

log = structlog.get_logger(__name__)


def pack(value: Any) -> Any:
    """As JSON has it; what JSON has no word for is `{"a tag": …}`."""
    match value:
        case Enum():
            return {"enum": _name_of(type(value)), "value": value.value}
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {"at": value.isoformat()}
        case Decimal():
            return {"number": str(value)}
        case tuple():
            return {"tuple": [pack(item) for item in value]}
        case list():
            return [pack(item) for item in value]
        case frozenset() | set():
            return {"set": [pack(item) for item in value]}
        case Mapping():
            return {"map": [[pack(key), pack(item)] for key, item in value.items()]}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {
                "of": _name_of(type(value)),
                "fields": {field.name: pack(getattr(value, field.name)) for field in fields(value)},
            }
        case _:
            raise TypeError(f"{type(value).__name__} does not travel")


def unpack(value: Any) -> Any:
    """ValueError for what `pack` does not make."""
    match value:
        case list():
            return [unpack(item) for item in value]
        case {"enum": name, "value": given}:
            return _class_of(name, Enum)(given)
        case {"at": text}:
            return datetime.fromisoformat(text)
        case {"number": text}:
            return Decimal(text)
        case {"tuple": items}:
            return tuple(unpack(item) for item in items)
        case {"set": items}:
            return frozenset(unpack(item) for item in items)
        case {"map": items}:
            return {unpack(key): unpack(item) for key, item in items}
        case {"of": name, "fields": given}:
            return _dataclass_of(name)(**{field: unpack(item) for field, item in given.items()})
        case dict():
            raise ValueError("an object without a name")
        case _:
            return value


def pack_fault(fault: DomainError) -> dict[str, Any]:
    return {
        "fault": _name_of(type(fault)),
        "code": fault.code,
        "status": getattr(fault, "status", None),
        "params": pack(fault.params),
    }


def unpack_fault(body: Mapping[str, Any]) -> DomainError:
    kind, params = _class_of(body["fault"], DomainError), unpack(body["params"])
    if issubclass(kind, Refused):
        return Refused(body["code"], body["status"], **params)
    fault: DomainError = kind.__new__(kind)
    DomainError.__init__(fault, **params)
    return fault


def _name_of(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class_of(name: str, base: type) -> Any:
    """A class of a module that is loaded already: nobody has us import anything."""
    module, _, inside = name.partition(":")
    found = getattr(sys.modules.get(module), inside, None) if module.partition(".")[0] in _OURS else None
    if not isinstance(found, type) or not issubclass(found, base):
        raise ValueError(f"{name} does not travel")
    return found


def _dataclass_of(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = _class_of(name, object)
    if not is_dataclass(found):
        raise ValueError(f"{name} does not travel")
    return found


def signed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Forwarder:
    """Asks other nodes. Use between `start()` and `stop()`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN, sock_connect=REACHED))

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def submit(self, node: Node, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """As of the room itself. OtherNode when it has another owner by now, Busy when nobody answers."""
        asked = {"id": uuid.uuid4().hex, "session": session, "command": pack(command), "actor": pack(actor)}
        body = json.dumps(asked, ensure_ascii=False).encode()
        headers = {SIGNATURE: signed(node.secret, body), "Content-Type": "application/json"}
        assert self._http is not None
        try:
            async with self._http.post(f"{node.address}{PATH}", data=body, headers=headers) as answer:
                if answer.status != 200:
                    raise OSError(f"status {answer.status}")
                said = await answer.json()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as no:
            log.warning("the node that has a room does not answer", node=node.name, fault=str(no) or "no answer")
            raise Busy from None
        if "fault" in said:
            raise unpack_fault(said)
        first, last = said["versions"]
        if last < first:
            return []
        return [event for event in await self._journal.read(stream(session), first - 1) if event.version <= last]


Submit = Callable[[str, Command, Actor], Awaitable[Sequence[Event]]]


class ForwardedRequests:
    """Answers other nodes. `secret`: this node's of now. `submit` decides here, or raises OtherNode."""

    def __init__(self, secret: Callable[[], str], submit: Submit) -> None:
        self._secret, self._submit = secret, submit
        self._carried_out: OrderedDict[str, None] = OrderedDict()

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.content.read(MOST_BYTES + 1)
        while len(body) <= MOST_BYTES and not request.content.at_eof():
            body += await request.content.read(MOST_BYTES + 1)
        secret, given = self._secret(), request.headers.get(SIGNATURE, "")
        if not secret or len(body) > MOST_BYTES or not hmac.compare_digest(signed(secret, body), given):
            return web.Response(status=404)  # strangers find nothing here
        asked = json.loads(body)
        if asked["id"] in self._carried_out:
            return web.Response(status=409)
        self._carried_out[asked["id"]] = None
        if len(self._carried_out) > REMEMBERED:
            self._carried_out.popitem(last=False)
        try:
            events = await self._submit(asked["session"], unpack(asked["command"]), unpack(asked["actor"]))
        except DomainError as no:
            return web.json_response(pack_fault(no))
        versions = [event.version for event in events]
        return web.json_response({"versions": [min(versions, default=1), max(versions, default=0)]})
