"""What happens in a room: sessions and their links, exhibits, the law at hand, private notes, the trial of a way."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from media.turn import CHECK_TTL
from server.assembly.parts import Parts, utc_now
from web.ports import (
    EXHIBITS,
    LAW,
    LINKS,
    PRIVATE_NOTES,
    SESSIONS,
    TRIAL,
)
from web.ports.trial import Trial


def install(app: web.Application, parts: Parts) -> None:
    app[SESSIONS] = parts.rooms
    app[LINKS] = parts.links
    app[EXHIBITS] = parts.exhibits
    app[LAW] = parts.law
    app[PRIVATE_NOTES] = parts.private_notes
    app[TRIAL] = _trial(parts)


def _trial(parts: Parts) -> Trial:
    """For whoever's identity is known; nobody needs to be in a room yet, so the credentials are short."""

    def trial(session: str, seat: str) -> dict[str, Any] | None:
        reach = parts.engine.probe_target()
        if reach is None:
            return None
        relay = None if parts.turn is None else parts.turn.grant(session, seat, utc_now(), CHECK_TTL).body()
        return {**asdict(reach), "relay": relay}

    return trial
