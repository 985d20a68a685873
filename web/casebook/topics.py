"""Issue topics: the law catalogue's, and under them those the offices added, which supervisors add and withdraw."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from casebook.own_topics import LONGEST, LONGEST_REASON
from law.catalogue import topics
from offices.refusal import Refused
from web import i18n
from web.casebook import words
from web.casebook.pages import MAKERS
from web.casebook.services import CASE_SHELVES
from web.i18n import N_
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page

TAKEN: Final = N_("There is a topic of this name already.")
WHAT: Final = N_("Press the button of what you want: add, withdraw or offer again.")


@officer_page(*MAKERS)
async def listed(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("supervisor")
async def change(request: web.Request) -> web.StreamResponse:
    """The form's button says what: add, withdraw, restore."""
    officer, form, shelves = officer_in(request), await posted(request), request.app[CASE_SHELVES]
    do, topic = form.values.get("do", ""), form.values.get("topic", "")[:32]
    try:
        match do:
            case "add":
                under = form.choice("under", tuple(topics()))
                zh, en = form.text("zh", needed=True, longest=LONGEST), form.text("en", longest=2 * LONGEST)
                if form.good:
                    await shelves.add_topic(officer, under, zh, en)
            case "withdraw":
                reason = form.text("reason", needed=True, longest=LONGEST_REASON)
                if form.good:
                    await shelves.withdraw_topic(officer, topic, reason)
            case "restore":
                await shelves.restore_topic(officer, topic, "")
            case _:  # no button of ours
                form.errors["do"] = WHAT
    except Refused as no:
        if no.code != "bad_choice" or no.params.get("field") != "zh":
            raise
        form.errors["zh"] = TAKEN
    return go("/casebook/topics") if form.good else await _page(request, form, 422)


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    language, own = i18n.language(request), await request.app[CASE_SHELVES].topics()
    groups = [
        (topic.name(language), [one for one in own.values() if one.under == id])
        for id, topic in topics().items()
        if any(one.under == id for one in own.values())
    ]
    return show(
        request,
        "casebook/topics.html",
        "casebook",
        status,
        groups=groups,
        form=form,
        law={id: topic.name(language) for id, topic in topics().items()},
        steps=words.TOPIC_STEPS,
    )
