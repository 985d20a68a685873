"""Deciding and telling in one press: accepting, not accepting, ending; the notice and the message are shown first.

Who cannot be reached by a message is told otherwise, which is noted in the same press, or later from the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from complaints.commands import Accept, Command, Refuse
from complaints.notice_views import Foreseen, NoticeWish
from complaints.notices.notice import ADDRESSED, BUSINESS, CONSUMER, NoticeKind
from complaints.notices.telling import NoteTold
from complaints.procedure.messages import EndMediation
from journal.numbers import is_number
from law.grounds import Ground, ending_grounds, refusal_grounds
from offices.refusal import Refused
from rooms.views import ComplaintPage
from web import i18n
from web.clock import now
from web.complaints.services import COMPLAINTS, NOTICES, PROCEDURE
from web.i18n import N_
from web.office import notice_words, telling, words
from web.office.complaints import record_page
from web.office.forms import Form
from web.office.pages import officer_in, posted, show
from web.rendering import go
from web.security import officer_page
from web.services import READS

MESSAGE, OTHERWISE, LATER = "message", "otherwise", "later"
WHOM: Final = N_("Choose who was told.")


@dataclass(frozen=True, slots=True)
class Decision:
    """One that the parties must be told of. `grounds`: those it must rest on one of, none for acceptance."""

    kind: NoticeKind
    title: str
    why: str
    press: str
    grounds: Callable[[str], Sequence[Ground]] | None
    states: tuple[str, ...]


DECISIONS: Final[Mapping[str, Decision]] = {
    "accept": Decision(
        NoticeKind.ACCEPTANCE,
        N_("Accept, and tell the complainant"),
        N_("Accepting and telling are both due within seven working days of receipt; the clock stops on both."),
        N_("Accept"),
        None,
        ("registered",),
    ),
    "refuse": Decision(
        NoticeKind.REFUSAL,
        N_("Do not accept, and tell the complainant"),
        N_("The complainant is told the ground, the reason and the other ways that are open."),
        N_("Do not accept"),
        refusal_grounds,
        ("registered",),
    ),
    "end": Decision(
        NoticeKind.TERMINATION,
        N_("Terminate the mediation, and tell both sides"),
        N_("Both sides are to be told within seven working days of the decision."),
        N_("Terminate the mediation"),
        ending_grounds,
        ("accepted", "mediating"),
    ),
}


@officer_page("mediator")
async def form(request: web.Request) -> web.StreamResponse:
    page, decision = await _asked(request)
    filled = Form({"tell": MESSAGE, **telling.defaults(now(request), officer_in(request))})
    return await _page(request, page, decision, filled, await _foreseen(request, page, decision, filled, looking=True))


@officer_page("mediator")
async def decide(request: web.Request) -> web.StreamResponse:
    """With `look` only the notice and the messages are shown; without, it is decided and told."""
    page, decision = await _asked(request)
    given, officer = await posted(request), officer_in(request)
    looking = "look" in given.values
    if decision.grounds is not None:
        known = tuple(str(one.number) for one in decision.grounds(page.order))
        given.choice("ground", known)
        given.text("note", longest=500)
    how = given.values.setdefault("tell", MESSAGE)
    told: NoteTold | None = None
    if not looking and how == OTHERWISE:
        told = telling.read(given, officer, decision.kind, ADDRESSED[decision.kind])
    if given.good and not looking:
        await _decided(request, page, decision, given)
        if how == MESSAGE:
            await request.app[NOTICES].issue(officer, page.row.id, NoticeWish(decision.kind))
        elif told is not None:
            try:
                await request.app[COMPLAINTS].told(officer, page.row.id, told)
            except Refused as no:
                if no.code not in telling.SAID:
                    raise
                return go(f"/complaints/{page.row.id}?ask=told")  # it is decided; the entry is made once more
        return go(f"/complaints/{page.row.id}")
    for name, value in telling.defaults(now(request), officer).items():
        given.values.setdefault(name, value)
    foreseen = await _foreseen(request, page, decision, given, looking)
    return await _page(request, page, decision, given, foreseen, 200 if given.good else 422)


@officer_page("mediator")
async def tell(request: web.Request) -> web.StreamResponse:
    """An officer's entry of how and when somebody was told of what was decided before."""
    officer, complaint, given = officer_in(request), request.match_info["complaint"], await posted(request)
    page = await request.app[READS].complaint(officer, complaint)
    whom = tuple(who for who in (CONSUMER, BUSINESS) if given.values.get(f"whom_{who}") == "yes")
    if len(page.telling.untold) == 1:
        whom = tuple(page.telling.untold)
    if not whom:
        given.errors["whom"] = WHOM
    told = telling.read(given, officer, page.telling.what, whom)
    if given.good and told is not None:
        try:
            await request.app[COMPLAINTS].told(officer, complaint, told)
        except Refused as no:
            if no.code not in telling.SAID:
                raise
            given.errors[str(no.params.get("field", "note"))] = telling.SAID[no.code]
        else:
            return go(f"/complaints/{complaint}")
    return record_page(request, page, given, 422, ask="told")


async def _asked(request: web.Request) -> tuple[ComplaintPage, Decision]:
    decision = DECISIONS.get(request.match_info["decision"])
    if decision is None:
        raise Refused("not_found", 404)
    page = await request.app[READS].complaint(officer_in(request), request.match_info["complaint"])
    if page.row.state not in decision.states:
        raise Refused("wrong_state", 409)
    return page, decision


def _command(decision: Decision, given: Form) -> Command | None:
    """None while its ground is not chosen."""
    ground, note = given.values.get("ground", ""), given.values.get("note", "").strip()
    match decision.kind:
        case NoticeKind.ACCEPTANCE:
            return Accept()
        case _ if not is_number(ground):
            return None
        case NoticeKind.REFUSAL:
            return Refuse(int(ground), note)
        case _:
            return EndMediation(int(ground), note)


async def _decided(request: web.Request, page: ComplaintPage, decision: Decision, given: Form) -> None:
    officer, complaint = officer_in(request), page.row.id
    match _command(decision, given):
        case Accept():
            await request.app[COMPLAINTS].accept(officer, complaint)
        case Refuse(ground=ground, note=note):
            await request.app[COMPLAINTS].refuse(officer, complaint, ground, note)
        case EndMediation() as command:
            await request.app[PROCEDURE].ask(officer, complaint, command)


async def _foreseen(
    request: web.Request, page: ComplaintPage, decision: Decision, given: Form, looking: bool
) -> Foreseen | None:
    command = _command(decision, given)
    if command is None or (not given.good and not looking):
        return None
    return await request.app[NOTICES].foreseen(officer_in(request), page.row.id, command, NoticeWish(decision.kind))


async def _page(
    request: web.Request,
    page: ComplaintPage,
    decision: Decision,
    given: Form,
    foreseen: Foreseen | None,
    status: int = 200,
) -> web.Response:
    language = i18n.language(request)
    if foreseen is not None and not foreseen.reachable and given.values.get("tell") == MESSAGE:
        given.values["tell"] = OTHERWISE
    return show(
        request,
        "office/decide.html",
        "complaints",
        status,
        page=page,
        name=request.match_info["decision"],
        decision=decision,
        grounds=[(one.number, one.gist(language)) for one in decision.grounds(page.order)] if decision.grounds else (),
        form=given,
        foreseen=foreseen,
        ways=telling.ways(language),
        words=words,
        notice_words=notice_words,
    )
