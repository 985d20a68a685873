"""What a person sees when something was refused or broke: one sentence, what to do, whom to ring.

offices.refusal.Refused       a service or guard said no
rooms.errors.DomainError  the session's rules said no
aiohttp's own           no such page, wrong method, too large, a body that is none
anything else           our fault: logged under a reference that the page shows
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from journal.refusals import DomainError
from offices.refusal import Refused
from recordings.files.reserve import ReserveReached
from web import i18n, refusals, security
from web.rendering import render
from web.responses import json_response

log = logging.getLogger(__name__)

_GONE = 499  # nobody reads it; a log may
_HTTP_CODES = {404: "not_found", 405: "not_found", 413: "too_large"}


@web.middleware
async def refusals_as_pages(request: web.Request, handler: security.Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as no:
        return answer(request, no.code, no.status, no.params)
    except ReserveReached:
        return answer(request, "no_space", 507)
    except DomainError as no:
        return answer(request, no.code, 409, no.params)
    except web.HTTPException as http:
        if http.status not in _HTTP_CODES:
            raise
        refused = answer(request, _HTTP_CODES[http.status], http.status)
        if "Allow" in http.headers:  # RFC 9110 section 15.5.6
            refused.headers["Allow"] = http.headers["Allow"]
        return refused
    except web.RequestPayloadError:  # a body that breaks off, or is not packed as it says
        return answer(request, "bad_request", 400)
    except Exception as fault:
        if isinstance(fault, ConnectionResetError) and (request.transport is None or request.transport.is_closing()):
            return web.Response(status=_GONE)  # nobody to answer, and no fault: a player jumped, a tab was closed
        reference = secrets.token_hex(4)
        log.exception("%s %s failed (%s)", request.method, request.path, reference)
        return answer(request, "internal", 500, {"reference": reference})


def answer(request: web.Request, code: str, status: int, params: Mapping[str, Any] | None = None) -> web.Response:
    """JSON for scripts, the error page for people. Works whoever is behind the request."""
    params = params or {}
    if security.is_api(request):
        again = {"Retry-After": str(params["seconds"])} if status == 429 and "seconds" in params else {}
        return json_response({"error": {"code": code, "params": dict(params)}}, status=status, headers=again)
    known = security.known_guest(request) or security.known_officer(request)
    office = {
        "office_name": params.get("office_name") or (known.office.name if known else ""),
        "office_phone": params.get("office_phone") or (known.office.phone if known else ""),
    }
    words = i18n.words_for(request)
    return render(
        request,
        "layout/error.html",
        status,
        code=code,
        reference=params.get("reference", ""),
        sentence=refusals.sentence(words, code, params),
        advice=refusals.advice(words, code, params),
        **office,
    )
