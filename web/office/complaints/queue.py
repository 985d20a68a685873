"""One complaint after the other: triage confirmed, accepted and told by one press, and undone for ten seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from complaints import vocabulary
from complaints.commands import Accept
from complaints.notices import NoticeKind
from complaints.views import Foreseen, Lookalikes, NoticeWish
from journal.refusals import Refused
from rooms.views import ComplaintPage
from web import i18n
from web.http.forms import Form, now
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints.desk import DueReason, why
from web.office.complaints.pages import HINTS, MOST_NAMED
from web.office.complaints.services import DUPLICATES, NOTICES, QUEUE
from web.office.complaints.triage import Panel, note_bad_choice, posted_triage, triage_panel
from web.refusals import sentence
from web.rendering import go, officer_in, posted, show, today
from web.services import READS

NAME_BUSINESS: Final = N_("Name the business")
OPEN: Final = N_("Open the complaint")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a complaint is not accepted by one press. `act`, `path`: what is to be done first."""

    text: str
    act: str
    path: str
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """`foreseen` None: accepting it is refused, and a doubt says so."""

    page: ComplaintPage
    why: DueReason | None
    triage: Panel
    alike: Lookalikes
    foreseen: Foreseen | None
    doubts: Sequence[Doubt]


@officer_page("mediator")
async def queue_page(request: web.Request) -> web.StreamResponse:
    return await _page(request, request.query.get("after", "")[:40], request.query.get("at", "")[:64])


@officer_page("mediator")
async def accept(request: web.Request) -> web.StreamResponse:
    """It is held; the next is shown."""
    officer, complaint = officer_in(request), request.match_info["complaint"]
    triage, form = await request.app[READS].triage(officer, complaint), await posted(request)
    after = form.values.get("after", "")[:40]
    answers = await posted_triage(request, triage, form)
    try:
        await request.app[QUEUE].hold(officer, complaint, answers)
    except Refused as no:
        if no.code != "bad_choice":
            raise
        note_bad_choice(form, no)
        return await _page(request, after, complaint, form)
    return go(str(request.app.router["queue"].url_for().with_query({"after": after} if after else {})))


@officer_page("mediator")
async def undo(request: web.Request) -> web.StreamResponse:
    complaint = request.match_info["complaint"]
    await request.app[QUEUE].undo(officer_in(request), complaint)
    return go(str(request.app.router["queue"].url_for().with_query(at=complaint)))


@officer_page("mediator")
async def dismiss(request: web.Request) -> web.StreamResponse:
    await request.app[QUEUE].dismiss(officer_in(request), request.match_info["complaint"])
    return go("/queue")


async def _page(request: web.Request, after: str, at: str, form: Form | None = None) -> web.Response:
    """`form`: triage as it was posted, when something was wrong with it."""
    queue = await request.app[QUEUE].queue(officer_in(request), after, at)
    return show(
        request,
        "complaints/queue.html",
        "queue",
        422 if form else 200,
        queue=queue,
        card=await card_of(request, queue.complaint, form) if queue.complaint else None,
        after=after,
        left=[(act, max(0, round((act.due - now(request)).total_seconds()))) for act in queue.held],
        failures=[(act, sentence(i18n.words_for(request), act.failed, {})) for act in queue.failed],
        hint_texts=HINTS,
        most_named=MOST_NAMED,
        vocabulary=vocabulary,
        words=i18n,
    )


async def card_of(request: web.Request, complaint: str, form: Form | None = None) -> Card:
    officer, language = officer_in(request), i18n.language(request)
    page = await request.app[READS].complaint(officer, complaint)
    alike = await request.app[DUPLICATES].of(officer, complaint)
    foreseen: Foreseen | None = None
    with suppress(Refused):  # a doubt says so, and others can be gone on to
        foreseen = await request.app[NOTICES].foreseen(officer, complaint, Accept(), NoticeWish(NoticeKind.ACCEPTANCE))
    triage = triage_panel(page.triage, language, officer.office.id, form)
    if triage is None:
        raise Refused("not_found", 404)
    deadline = page.row.deadline
    return Card(
        page,
        why(deadline, page.row.received.date(), today(request), language) if deadline else None,
        triage,
        alike,
        foreseen,
        list(_doubts(request, page, triage, alike, foreseen)),
    )


def _doubts(
    request: web.Request, page: ComplaintPage, triage: Panel, alike: Lookalikes, foreseen: Foreseen | None
) -> Iterator[Doubt]:
    def path(name: str, **parts: str) -> str:
        return str(request.app.router[name].url_for(complaint=page.row.id, **parts))

    here, record = path("complaint"), page.record
    if not record.business.title:
        yield Doubt(N_("Its channel did not say which business this is about."), NAME_BUSINESS, here)
    if not record.consumer.title:
        yield Doubt(N_("The complainant is not named."), N_("Correct the record"), path("complaint_amend"))
    elif foreseen is not None and not foreseen.reachable:
        text = N_("No mobile number on file: no message can go there. Tell them otherwise and note it.")
        yield Doubt(
            text, N_("Accept, and tell them another way"), f"{path('complaint_decide', decision='accept')}?from=queue"
        )
    if triage.chosen["also_reports"] and not page.procedure.split:
        yield Doubt(N_("It also reports an offence, to be handled apart"), N_("Look at the report"), here)
    for one in alike.suggested[:1]:
        text = N_("It may be the same dispute as %(number)s.")
        yield Doubt(text, N_("Compare them"), f"{here}#alike-head", {"number": one.row.number})
    if alike.earlier is not None:
        yield Doubt(
            N_("%(office)s seems to have received it first."),
            N_("Compare them"),
            f"{here}#alike-head",
            {"office": alike.earlier.office},
        )
    if triage.elsewhere:
        text = N_("The address seems to lie in the area of %(office)s.")
        yield Doubt(text, OPEN, here, {"office": triage.elsewhere})
    if foreseen is None and record.business.title:
        yield Doubt(N_("It cannot be accepted as it is now."), OPEN, here)
