"""From the cockpit: that whoever holds the telephone is the person, where no code comes."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from offices.refusal import Refused
from rooms.texts import MOST_LINE
from web.join.services import LINKS
from web.security import officer_of, officer_page
from web.services import READS


class Vouching(BaseModel):
    """`number`: as the person read it from their device."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, StringConstraints(max_length=16)]
    recognised: Annotated[str, StringConstraints(max_length=MOST_LINE)]


@officer_page("mediator")
async def vouch(request: web.Request) -> web.StreamResponse:
    officer, seat = officer_of(request), request.match_info["seat"]
    row = await request.app[READS].session(officer, request.match_info["session"])
    try:
        given = Vouching.model_validate_json(await request.text())
    except ValidationError:
        raise Refused("bad_request", 422) from None
    await request.app[LINKS].vouch(officer, row.id, seat, given.number, given.recognised)
    return web.json_response({}, headers={"Cache-Control": "no-store"})


def register(app: web.Application) -> None:
    app.router.add_post("/api/sessions/{session}/seats/{seat}/voice", vouch)
