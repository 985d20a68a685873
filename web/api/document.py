"""The OpenAPI 3.1 document, made from the models that also check what comes in; and who may call the interface, how
often.

`POST /api/intake/{channel}` takes complaints another system sends as they come, in a request it has signed: one JSON
object or a list of them, read by the channel's mapping like rows of an export.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache, wraps
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from complaints import CHANNELS
from complaints.channels.documents import MOST_ROWS
from complaints.channels.mapping import IMPORTED
from complaints.statistics.figures import GROUPS
from journal.refusals import Refused, Throttle
from offices.systems import Scope, SignedRequest, System
from web.api.models import (
    ComplaintDetail,
    ComplaintIn,
    ComplaintsOut,
    Error,
    IntakeReport,
    MediationIn,
    Recorded,
    Registered,
    StatisticsOut,
)
from web.http.responses import json_response
from web.http.security import Access, Handler, counted_as
from web.i18n import COMPLAINT_STATES
from web.office.administration import INTAKE, SYSTEMS

log = structlog.get_logger(__name__)

KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")


MOST: Final = 600
WINDOW: Final = 60.0  # seconds
_KEYS: Final = 10_000  # of systems remembered; a window is over long before


class Rates:
    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._throttle = Throttle(most, timedelta(seconds=WINDOW), "too_many_requests", clock, _KEYS, anew=True)

    def take(self, system: str) -> dict[str, str]:
        """Count one more request; the headers that say what is left. Refused(429): too_many_requests."""
        left = self._throttle.pass_(system)
        return {
            "RateLimit-Limit": str(self._most),
            "RateLimit-Remaining": str(left.tries),
            "RateLimit-Reset": str(left.seconds),
        }


RATES: web.AppKey[Rates] = web.AppKey("rates", Rates)


MOST_UNKNOWN, UNKNOWN_WITHIN = 60, timedelta(minutes=10)  # tokens of one address, behind which many programs may be
UNKNOWN: web.AppKey[Throttle] = web.AppKey("unknown tokens", Throttle)
SYSTEM: web.RequestKey[System] = web.RequestKey("system", System)
LONGEST: Final = 200  # characters of a token


def endpoint(scope: Scope) -> Callable[[Handler], Handler]:
    """For systems with this scope. The handler asks `system_of(request)`."""

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def answered(request: web.Request) -> web.StreamResponse:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            token = token.strip()
            system = await _shown_by(request, token) if kind.lower() == "bearer" and token else None
            if system is None:
                raise Refused("bad_token", 401)
            if scope not in system.scopes:
                raise Refused("no_scope", 403, scope=scope)
            request[SYSTEM] = system
            left = request.app[RATES].take(system.token)
            response = await handler(request)
            response.headers.update(left)
            response.headers["Cache-Control"] = "no-store"
            return response

        answered.access = Access("system", self_checked=True)  # type: ignore[attr-defined]
        answered.scope = scope  # type: ignore[attr-defined]
        return answered

    return guard


async def _shown_by(request: web.Request, token: str) -> System | None:
    """Whose token it is. An address that showed too many that nobody has is asked for no more: Refused(429)."""
    address = counted_as(request)
    request.app[UNKNOWN].check(address)
    system = await request.app[SYSTEMS].system(token) if len(token) <= LONGEST else None
    if system is None and not request.app[UNKNOWN].pass_(address).tries:
        log.warning("an address shows tokens that nobody has", address=address, tries=MOST_UNKNOWN)
    return system


def system_of(request: web.Request) -> System:
    return request[SYSTEM]


MOST_BYTES: Final = 1 << 20
SENDER: Final = "X-Yuntiao-Sender"
TIMESTAMP: Final = "X-Yuntiao-Timestamp"
SIGNATURE: Final = "X-Yuntiao-Signature"
REPEATED: Final = "Idempotency-Repeated"
_SIGNED: Final = len("sha256=") + 64


async def take(request: web.Request) -> web.StreamResponse:
    """What became of each row; an earlier request with the same key is answered as it was then."""
    channel, sender = request.match_info["channel"], request.headers.get(SENDER, "")
    timestamp, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
    if channel not in IMPORTED:
        raise Refused("not_found", 404)
    if len(signature) != _SIGNED:
        raise Refused("bad_signature", 401)
    await request.app[INTAKE].known(sender, channel, timestamp)  # nobody else's body is read
    left = request.app[RATES].take(sender)
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Refused("bad_request", 400, field="Idempotency-Key")
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused("too_large", 413)
    body = await request.clone(client_max_size=MOST_BYTES).read()
    answer = await request.app[INTAKE].take(channel, SignedRequest(sender, timestamp, signature, key, body))
    headers = {"Cache-Control": "no-store", **left, **({REPEATED: "true"} if answer.repeated else {})}
    return json_response(answer.body, headers=headers)


take.access = Access("sender", self_checked=True)  # type: ignore[attr-defined]


def register(app: web.Application) -> None:
    app.router.add_post("/api/intake/{channel}", take)


VERSION: Final = "1.0.0"
_TEXT: Final = {"type": "string"}
_KEY: Final = {"type": "string", "pattern": f"^{KEY.pattern}$".replace(r"\x21-\x7e", "!-~")}
_REF: Final = "#/components/schemas/{model}"
_MODELS: Final[tuple[type[BaseModel], ...]] = (
    ComplaintIn, Registered, MediationIn, Recorded, ComplaintsOut, ComplaintDetail, StatisticsOut, IntakeReport, Error,
)  # fmt: skip
_ERRORS: Final = {
    400: "The request lacks something it needs, or has in it what is no text.",
    401: "The token or signature is missing, unknown, revoked (token_revoked), over (token_over) or too old.",
    403: "The token has not the scope.",
    404: "There is no such thing, or it is another office's.",
    409: "The key was used for another body, or the signed body under another key; or the state does not allow it.",
    413: "The body is larger than 256 KiB (complaints of a channel: 1 MiB).",
    422: "A field cannot be taken; params.field names it.",
    429: "Too many requests in this minute, or unknown tokens from this address; Retry-After says when to go on.",
    500: "Something went wrong here; params.reference is in our log.",
    503: "Somebody else kept changing it; send it again.",
}


@cache
def openapi() -> dict[str, Any]:
    _, schemas = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yuntiao",
            "version": VERSION,
            "description": "Complaints and figures of one office, whose administrator issues a system's token; "
            "an officer's own token opens what they see themselves.",
        },
        "security": [{"token": []}],
        "paths": {
            "/api/v1/complaints": {
                "get": _operation(
                    "listComplaints", "Complaints, newest receipt first", "complaints:read", ComplaintsOut, (422,),
                    [
                        _query("page", {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1}),
                        _query("before", {"type": "integer", "minimum": 1, "maximum": 2**62}),
                        _query("search", {"type": "string", "maxLength": 80}),
                        _query("state", {"type": "string", "enum": sorted(COMPLAINT_STATES)}),
                        _query("channel", {"type": "string", "enum": list(CHANNELS)}),
                        _query("since", {"type": "string", "format": "date"}),
                        _query("until", {"type": "string", "format": "date"}),
                    ],
                ),
                "post": _registration(),
            },
            "/api/v1/complaints/{complaint}": {
                "get": _operation(
                    "getComplaint", "One complaint", "complaints:read", ComplaintDetail, (404,),
                    [{"name": "complaint", "in": "path", "required": True, "schema": {"type": "string"}}],
                )
            },
            "/api/v1/complaints/{complaint}/mediations": {"post": _mediation()},
            "/api/v1/statistics": {
                "get": _operation(
                    "getStatistics", "Figures by the one standard", "statistics:read", StatisticsOut, (422,),
                    [
                        _query("from", {"type": "string", "format": "date"}),
                        _query("to", {"type": "string", "format": "date"}),
                        _query("by", {"type": "string", "enum": list(GROUPS)}),
                    ],
                )
            },
            "/api/intake/{channel}": {"post": _intake()},
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "signature": {"type": "apiKey", "in": "header", "name": SIGNATURE},
            },
        },
    }  # fmt: skip


def _registration() -> dict[str, Any]:
    made = _operation(
        "registerComplaint", "Register a complaint, once for each key", "complaints:write", Registered,
        (400, 409, 413, 422, 503),
        [
            {
                "name": "Idempotency-Key", "in": "header", "required": True,
                "schema": _KEY,
            }
        ],
    )  # fmt: skip
    made["requestBody"] = {"required": True, "content": _content(ComplaintIn)}
    made["responses"]["201"] = {"description": "Registered now.", "content": _content(Registered)}
    made["responses"]["200"]["description"] = "Registered by an earlier request with this key."
    return made


def _mediation() -> dict[str, Any]:
    made = _operation(
        "recordMediation", "Record a mediation without a room, once for each key", "mediations:write", Recorded,
        (400, 404, 409, 413, 422, 503),
        [
            {"name": "complaint", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": _KEY},
        ],
    )  # fmt: skip
    made["description"] += (
        " With a mediator’s own token only: who mediated records it. One that they arranged before and that is not "
        "recorded yet is recorded as itself, else a session is made."
    )
    made["requestBody"] = {"required": True, "content": _content(MediationIn)}
    made["responses"]["201"] = {"description": "Recorded now.", "content": _content(Recorded)}
    made["responses"]["200"]["description"] = "Recorded by an earlier request with this key."
    return made


def _intake() -> dict[str, Any]:
    """Signed instead of authorised by a token, so what it needs is said here and not by a scope."""

    def header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": "header", "required": True, "schema": schema}

    made = _operation("takeComplaints", "Complaints as a channel has them, taken once for each key", "", IntakeReport,
        (400, 404, 409, 413, 422, 503),
        [
            {"name": "channel", "in": "path", "required": True, "schema": {"type": "string", "enum": list(IMPORTED)}},
            header(SENDER, {"type": "string", "pattern": "^[0-9a-f]{32}$"}),
            header(TIMESTAMP, {"type": "string", "pattern": "^[0-9]{1,12}$"}),
            header("Idempotency-Key", _KEY),
        ],
    )  # fmt: skip
    made["security"] = [{"signature": []}]
    made["description"] = (
        f"`{SIGNATURE}` is `sha256=` and the hex HMAC-SHA256, under the sender's secret, of `{TIMESTAMP}` "
        "(Unix seconds), a full stop and the body's bytes; it counts for five minutes. Members are named as the "
        "channel's mapping names its columns; what lies deeper is named with a dot."
    )
    rows = {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": MOST_ROWS}
    made["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": {"oneOf": [{"type": "object"}, rows]}}},
    }
    made["responses"]["200"]["headers"] = {
        REPEATED: {"description": "`true` when an earlier request with this key was answered so.", "schema": _TEXT}
    }
    del made["responses"]["403"]
    return made


def _operation(
    id: str,
    summary: str,
    scope: str,
    answer: type[BaseModel],
    errors: tuple[int, ...],
    parameters: list[dict[str, Any]],
) -> dict[str, Any]:
    refused = {str(status): {"description": _ERRORS[status], "content": _content(Error)} for status in errors}
    always = {
        str(status): {"description": _ERRORS[status], "content": _content(Error)}
        for status in (400, 401, 403, 429, 500)
    }
    return {
        "operationId": id,
        "summary": summary,
        "description": f"Needs the scope `{scope}`.",
        "parameters": parameters,
        "responses": {"200": {"description": "As asked.", "content": _content(answer)}, **refused, **always},
    }


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}
