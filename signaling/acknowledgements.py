"""How messages are answered: exceptions as acknowledgements, JSON as it goes on the wire.

Beside the codes of rooms.errors and media.engine a client can be told:

code              params
unknown_message             no such message
bad_message       field     the body does not fit it
too_fast                    more messages than a person can send
gone                        this connection was ended (replaced, removed, session over)
internal                    our fault; the log has the rest
"""

from __future__ import annotations

import logging
from typing import Any

from engineio import json  # the standard module, but that it refuses numbers of any length
from pydantic import ValidationError

from journal.refusals import DomainError
from media.engine import MediaError
from rooms.codec import encode_json

log = logging.getLogger(__name__)


class SignalingError(DomainError):
    """A message that gets no further than the namespace."""

    code = "signaling"


class UnknownMessage(SignalingError):
    code = "unknown_message"


class BadMessage(SignalingError):
    code = "bad_message"


class TooFast(SignalingError):
    code = "too_fast"


class Gone(SignalingError):
    code = "gone"


def refuse(fault: Exception) -> dict[str, Any]:
    """What the client is told: `{"error": {"code", "params"}}`."""
    match fault:
        case DomainError():
            return _error(fault.code, fault.params)
        case MediaError():
            return _error(fault.code, {})
        case ValidationError():
            where = fault.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
            return _error(BadMessage.code, {"field": ".".join(str(step) for step in where)})
        case _:
            log.error("a message failed", exc_info=fault)
            return _error("internal", {})


def _error(code: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "params": params}}


# ------------------------------------------------------------ JSON on the wire


class Encoded(str):
    """JSON text, the body of an event."""

    __slots__ = ()


class WireJson:
    """What python-socketio and engine.io take for the `json` module: UTF-8 as it is, no spaces.

    What a room has encoded goes through unchanged.
    """

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        match value:
            case [str() as name, Encoded() as body]:
                return f"[{encode_json(name)},{body}]"
            case _:
                return encode_json(value)
