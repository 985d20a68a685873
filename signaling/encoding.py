"""How messages become JSON on the wire: UTF-8 as it is, no spaces; what a room has encoded goes through unchanged."""

from __future__ import annotations

from typing import Any

from engineio import json  # the standard module, but that it refuses numbers of any length

from rooms.wire_json import encoded


class Encoded(str):
    """JSON text, the body of an event."""

    __slots__ = ()


class WireJson:
    """What python-socketio and engine.io take for the `json` module."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        match value:
            case [str() as name, Encoded() as body]:
                return f"[{encoded(name)},{body}]"
            case _:
                return encoded(value)
