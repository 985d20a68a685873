"""An entry of how and when somebody was told, as pages read it: beside a decision, or later on the record."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from complaints.notices.telling import BY_HAND, MOST_NAME, MOST_NOTE, WAYS, NoteTold
from offices.people import Officer
from web.i18n import N_
from web.office.forms import BAD_CHOICE, NEEDED, TOO_LONG, Form

NOT_YET: Final = N_("A day and time that have passed, and not before the complaint was received.")
SAID: Final = {"missing": NEEDED, "bad_choice": BAD_CHOICE, "bad_day": NOT_YET, "too_long": TOO_LONG}


def defaults(at: datetime, officer: Officer) -> dict[str, str]:
    """By telephone, now, by who is signed in."""
    local = at.astimezone(ZoneInfo(officer.office.zone))
    return {
        "how": "phone",
        "when_day": local.date().isoformat(),
        "when_time": f"{local:%H:%M}",
        "by": officer.name,
    }


def read(given: Form, officer: Officer, what: str, whom: tuple[str, ...]) -> NoteTold | None:
    """None when something is wrong; the form says what."""
    how = given.choice("how", BY_HAND)
    when = given.moment("when", officer.office.zone)
    to = given.text("to", needed=True, longest=MOST_NAME)
    by = given.text("by", longest=MOST_NAME) or officer.name
    note = given.text("told_note", longest=MOST_NOTE)
    if when is None or not given.good:
        return None
    return NoteTold(what, whom, how, when, to, by, note)


def ways(language: str) -> list[tuple[str, str]]:
    """How somebody can have been told, other than by a message of ours."""
    return [(way, WAYS[way][1 if language.startswith("en") else 0]) for way in BY_HAND]
