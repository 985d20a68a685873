"""A business's written answer as the complaint's page shows it: names, and the day that is offered to answer by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from complaints.notices.answers import ASKED_IN
from law import WorkingCalendar
from rooms.views import ComplaintPage
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, today

DAYS: Final = 5  # working days that are offered
NAMES: Final[Mapping[str, str]] = {"yes": N_("willing"), "no": N_("not willing"), "unsure": N_("not decided")}


def shown(request: web.Request, page: ComplaintPage, form: Form) -> dict[str, Any]:
    """For the complaint's page; offers a day."""
    officer = officer_in(request)
    mine = officer.role == "mediator" and page.record.office == officer.office.id
    free = page.row.state in ASKED_IN and not any(one.waited for one in page.answers)
    if mine and free and "due" not in form.values:
        day, left, calendar = today(request), DAYS, WorkingCalendar()
        while left:
            day += timedelta(days=1)
            left -= calendar.worked(day)
        form.values["due"] = day.isoformat()
    return {"answer_names": NAMES, "answerable": mine and free}
