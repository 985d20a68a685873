"""What a writing request carries: its key, and a body that its model takes; and the answer."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from offices.refusal import Refused
from web.api.guard import KEY
from web.security import BODY_LIMIT

Asked = TypeVar("Asked", bound=BaseModel)


async def keyed(request: web.Request, model: type[Asked]) -> tuple[str, bytes, Asked]:
    """`Idempotency-Key`, the body's bytes and what they say. Refused: bad_request (400 the key; 422, `field`),
    too_large."""
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Refused("bad_request", 400, field="Idempotency-Key")
    if (request.content_length or 0) > BODY_LIMIT:
        raise Refused("too_large", 413)
    body = await request.read()
    try:
        return key, body, model.model_validate_json(body)
    except ValidationError as fault:
        place = ".".join(str(part) for part in fault.errors()[0]["loc"])
        raise Refused("bad_request", 422, field=place or "body") from None


def answered(answer: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        text=answer.model_dump_json(), status=status, content_type="application/json", headers=headers or {}
    )
