"""How old they are, asked before anything else: a minor comes with a guardian, and for a child the guardian agrees here
first (PIPL Art 31). What was typed stays in the form whatever is still missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from rooms.commands import StateAge
from rooms.texts import MOST_NAME
from rooms.vocabulary import MINORS, Age
from web.i18n import N_, words
from web.join.consents import edition
from web.join.steps import Joining, Step, at
from web.rendering import go, render
from web.security import guest_page
from web.services import SESSIONS, SITE

AGES: Final = (
    (Age.ADULT.value, N_("18 or older")),
    (Age.MINOR.value, N_("14 to 17")),
    (Age.CHILD.value, N_("Under 14")),
)
CHOOSE: Final = N_("Please choose one of the answers")
NAME_IT: Final = N_("Please write this, in at most 40 characters")
AGREE: Final = N_("Without the guardian’s agreement we cannot go on. Ring the office if you have questions.")
FIELDS: Final = ("guardian", "relation")


@guest_page(verified=True)
async def show(request: web.Request) -> web.StreamResponse:
    found = await at(request, Step.AGE)
    seat = found.seat
    typed = {"age": seat.age, "guardian": seat.guardian, "relation": seat.guardian_relation, "consents": ""}
    return _page(request, found, typed, {})


@guest_page(verified=True)
async def answer(request: web.Request) -> web.StreamResponse:
    """Of a minor the guardian's fields come with the answer; the first time they are only shown."""
    found, form, shown = await at(request, Step.AGE), await request.post(), request.app[SITE].consent_version
    known = found.seat.seat.age
    age = known or str(form.get("age", ""))
    typed = {"age": age, **{name: " ".join(str(form.get(name, "")).split()) for name in FIELDS}}
    typed["consents"] = "yes" if form.get("consents") == "yes" and form.get("edition", shown) == shown else ""
    problems: dict[str, str] = {}
    if age not in dict(AGES):
        problems["age"] = CHOOSE
    elif age in MINORS and "guardian" not in form:
        return _page(request, found, typed, {})
    elif age in MINORS:
        problems = {name: NAME_IT for name in FIELDS if not 0 < len(typed[name]) <= MOST_NAME}
        if age == Age.CHILD and not typed["consents"]:
            problems["consents"] = AGREE
    if problems:
        return _page(request, found, typed, problems)
    command = StateAge(age, typed["guardian"], typed["relation"], bool(typed["consents"]), shown)
    await request.app[SESSIONS].submit(found.session.id, command, found.guest.actor)
    return go("/join/notice" if found.refused else "/join")


def _page(
    request: web.Request, found: Joining, typed: Mapping[str, str], problems: Mapping[str, str]
) -> web.StreamResponse:
    text, version = words(request), request.app[SITE].consent_version
    context = {
        "ages": AGES,
        "values": typed,
        "problems": {
            name: text.gettext(problems[name]) if name in problems else "" for name in ("age", "consents", *FIELDS)
        },
        "minor": typed["age"] in MINORS,
        "known": found.seat.seat.age,
        "version": edition(text, version),
        "edition": version,
    }
    return render(request, "join/age.html", 422 if problems else 200, **context)
