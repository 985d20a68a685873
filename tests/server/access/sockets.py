"""Clients of the real application's sockets, as officers and devices, and a body for every message there is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import socketio
from pydantic import BaseModel

from signaling.namespace import NAMESPACE, QUESTIONS
from signaling.transport import COMMANDS
from tests.web.client import Browser

MESSAGES: Final[Mapping[str, type[BaseModel]]] = {
    **{name: message.body for name, message in COMMANDS.items()},
    **{name: asked.body for name, asked in QUESTIONS.items()},
}
"""Everything that can be said over a socket, and the form of its body."""

_NAMED: Final[Mapping[str, Any]] = {
    "text": "0" * 64,
    "sdp": "v=0",
    "sources": {},
    "amount": "1.00",
    "points": [[1, 2], [3, 4]],
}
_PLAIN: Final[Mapping[Any, Any]] = {
    str: "consumer",
    int: 100,
    bool: True,
    float: 0.5,
    datetime: datetime.now(UTC).isoformat(),
}


def body_of(form: type[BaseModel]) -> dict[str, Any]:
    """Something of the right form: every field that must be there."""
    made = {}
    for name, field in form.model_fields.items():
        if field.is_required():
            made[name] = _NAMED[name] if name in _NAMED else _value(field.annotation)
    return made


def _value(kind: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Annotated, Union, UnionType):
        return _value(get_args(kind)[0])
    if origin is Literal:
        return get_args(kind)[0]
    if origin in (list, tuple):
        return []
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return body_of(kind)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return {one.name: _value(hints[one.name]) for one in fields(kind) if one.default is MISSING}
    return _PLAIN[kind]


class Socket:
    """`refused`: the code it was turned away with, "" while it is connected."""

    def __init__(self) -> None:
        self._client = socketio.AsyncClient(reconnection=False)
        self.views: list[dict[str, Any]] = []
        self.refused = ""
        self.cut = asyncio.Event()  # set once the server has ended it
        self.lines: list[dict[str, Any]] = []
        self._client.on("view", self._view, namespace=NAMESPACE)
        self._client.on("line", self._line, namespace=NAMESPACE)
        self._client.on("disconnect", self._ended, namespace=NAMESPACE)
        self._client.on("connect_error", self._no, namespace=NAMESPACE)

    async def _view(self, body: dict[str, Any]) -> None:
        self.views.append(body)

    async def _line(self, body: dict[str, Any]) -> None:
        self.lines.append(body)

    async def _ended(self, *_: Any) -> None:
        self.cut.set()

    async def _no(self, data: Any) -> None:
        self.refused = data["data"]["code"]

    async def ask(self, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = await self._client.call(name, dict(body or {}), namespace=NAMESPACE, timeout=20)
        return answer

    async def close(self) -> None:
        await self._client.disconnect()

    @classmethod
    async def open(cls, person: Browser, session: str = "") -> Socket:
        """With a browser's cookies, to the application that it looks at."""
        made = cls()
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        try:
            await made._client.connect(
                str(person.client.make_url("/")),
                headers={"Cookie": cookie},
                auth={"session": session} if session else {},
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=20,
            )
        except socketio.exceptions.ConnectionError as no:
            made.refused = made.refused or str(no)
        return made


def code_of(answer: Mapping[str, Any]) -> str:
    return str(answer["error"]["code"]) if "error" in answer else "ok"
