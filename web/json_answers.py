"""Answers in JSON: UTF-8 as it is, no spaces, as everything that goes to browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from rooms.codec import encode_json


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers, dumps=encode_json)
