"""What the office's handlers share: the frame of a page, the time, and a service's no shown where it belongs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from offices.people import Officer
from offices.refusal import Refused
from web.http.field_form import Form, now
from web.http.security import known_officer, officer_of
from web.rendering import render

PAGE_SIZE: Final = 50


def day_of(officer: Officer, at: datetime) -> date:
    """By the calendar of the officer's office."""
    return at.astimezone(ZoneInfo(officer.office.zone)).date()


def today(request: web.Request) -> date:
    """Of whoever has signed in."""
    return day_of(officer_of(request), now(request))


def show(request: web.Request, template: str, section: str, status: int = 200, **context: Any) -> web.Response:
    """`section` is the tab that is open; "" for none."""
    day = None if known_officer(request) is None else today(request)  # nobody has signed in where one signs in
    return render(request, template, status, section=section, this_day=day, **context)


async def posted(request: web.Request) -> Form:
    return Form.of(await request.post())


def number(request: web.Request, name: str, otherwise: int = 1, most: int = 100_000) -> int:
    """A whole number from the query; anything else is `otherwise`."""
    text = request.query.get(name, "")
    return min(most, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


def own_office(officer: Officer, office: str) -> None:
    """A session or complaint of another office does not exist (ASVS 8.2.2)."""
    if officer.office.id != office:
        raise Refused("not_found", 404)


def officer_in(request: web.Request) -> Officer:
    return officer_of(request)
