"""What the forms of reports and of consultations have in common: how it came in, and what it says."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints import vocabulary
from complaints.state import LONGEST
from journal.numbers import narrow
from web import i18n, words as office_words
from web.complaints.entry import received
from web.field_form import Form
from web.leads import report_words
from web.staff_pages import show


def defaults(at: datetime, zone: str) -> dict[str, str]:
    local = at.astimezone(ZoneInfo(zone))
    day, clock = local.date().isoformat(), f"{local:%H:%M}"
    return {"channel": "window", "mode": "visit", "received_day": day, "received_time": clock}


def came_in(form: Form, zone: str, day: date) -> dict[str, Any]:
    """Fields of `NewReport` and of `NewConsultation`."""
    return {
        "key": form.text("key", needed=True, longest=64),
        "channel": form.choice("channel", office_words.CHANNELS),
        "mode": form.choice("mode", tuple(vocabulary.MODES)),
        "received": received(form, zone, day),
        "title": form.text("title", needed=True, longest=LONGEST["title"]),
        "content": form.text("content", needed=True, longest=LONGEST["facts"]),
        "phone": form.phone("phone"),
        "source": narrow(form.text("source", longest=60)),
    }


def form_page(
    request: web.Request, template: str, section: str, form: Form, status: int = 200, **more: Any
) -> web.Response:
    form.values.setdefault("key", secrets.token_hex(16))
    modes = report_words.named(vocabulary.MODES, i18n.language(request))
    return show(request, template, section, status, form=form, channels=office_words.CHANNELS, modes=modes, **more)
