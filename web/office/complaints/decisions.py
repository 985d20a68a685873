"""Deciding on a complaint, and the notices of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

from complaints.commands import Accept, Command, Refuse
from complaints.notices import ADDRESSED, BUSINESS, CONSUMER, NoticeKind
from complaints.notices.messages import NoteTold
from complaints.procedure import EndMediation
from complaints.views import Foreseen, NoticeWish, PrintedPaper
from journal.numbers import is_number
from journal.refusals import Refused
from law.grounds import Ground, ending_grounds, refusal_grounds
from rooms.views import ComplaintPage
from web import READS, i18n
from web.http.forms import NEEDED, TOO_LONG, Form, now
from web.http.security import officer_page
from web.i18n import N_
from web.office.complaints import COMPLAINTS, NOTICES, PROCEDURE, pages
from web.office.complaints.pages import record_page
from web.rendering import go, officer_in, posted, show

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
async def decision_form(request: web.Request) -> web.StreamResponse:
    page, decision = await _asked_decision(request)
    filled = Form(
        {
            "tell": MESSAGE,
            "from": request.query.get("from", ""),
            **pages.telling_defaults(now(request), officer_in(request)),
        }
    )
    return await _page(request, page, decision, filled, await _foreseen(request, page, decision, filled, looking=True))


@officer_page("mediator")
async def decide_complaint(request: web.Request) -> web.StreamResponse:
    """With `look` only the notice and the messages are shown; without, it is decided and told."""
    page, decision = await _asked_decision(request)
    given, officer = await posted(request), officer_in(request)
    looking = "look" in given.values
    if decision.grounds is not None:
        known = tuple(str(one.number) for one in decision.grounds(page.order))
        given.choice("ground", known)
        given.text("note", longest=500)
    how = given.values.setdefault("tell", MESSAGE)
    told: NoteTold | None = None
    if not looking and how == OTHERWISE:
        told = pages.read_telling(given, officer, decision.kind, ADDRESSED[decision.kind])
    if given.good and not looking:
        await _decided(request, page, decision, given)
        if how == MESSAGE:
            await request.app[NOTICES].issue(officer, page.row.id, NoticeWish(decision.kind))
        elif told is not None:
            try:
                await request.app[COMPLAINTS].told(officer, page.row.id, told)
            except Refused as no:
                if no.code not in pages.SAID:
                    raise
                return go(f"/complaints/{page.row.id}?ask=told")  # it is decided; the entry is made once more
        return go("/queue" if given.values.get("from") == "queue" else f"/complaints/{page.row.id}")
    for name, value in pages.telling_defaults(now(request), officer).items():
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
    told = pages.read_telling(given, officer, page.telling.what, whom)
    if given.good and told is not None:
        try:
            await request.app[COMPLAINTS].told(officer, complaint, told)
        except Refused as no:
            if no.code not in pages.SAID:
                raise
            given.errors[str(no.params.get("field", "note"))] = pages.SAID[no.code]
        else:
            return go(f"/complaints/{complaint}")
    return record_page(request, page, given, 422, ask="told")


async def _asked_decision(request: web.Request) -> tuple[ComplaintPage, Decision]:
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
        "complaints/decide.html",
        "complaints",
        status,
        page=page,
        name=request.match_info["decision"],
        decision=decision,
        grounds=[(one.number, one.gist(language)) for one in decision.grounds(page.order)] if decision.grounds else (),
        form=given,
        foreseen=foreseen,
        ways=pages.telling_ways(language),
        words=i18n,
        notice_words=i18n,
    )


NEEDS_REASON: Final = N_("Say what was wrong with it; those who got it are told this sentence.")
_SAID: Final = {"missing": NEEDED, "too_long": TOO_LONG}


@officer_page("mediator")
async def notice_form(request: web.Request) -> web.StreamResponse:
    """What can be added before it is issued; a kind whose occasion has not come is Refused(409)."""
    page, kind = await _asked_notice(request)
    return _form_page(request, page, kind, Form({"from": request.query.get("from", "")}))


@officer_page("mediator")
async def issue_notice(request: web.Request) -> web.StreamResponse:
    """With one press from the complaint's page, or from the form."""
    page, kind = await _asked_notice(request)
    given = await posted(request)
    wish = _wish(kind, given)
    if given.good:
        try:
            await request.app[NOTICES].issue(officer_in(request), page.row.id, wish)
        except Refused as no:
            if no.code not in _SAID:
                raise
            given.errors[str(no.params.get("field", "note"))] = _SAID[no.code]
        else:
            return go("/queue" if given.values.get("from") == "queue" else f"/complaints/{page.row.id}#notices")
    return _form_page(request, page, kind, given, 422)


@officer_page("mediator")
async def preview_notice(request: web.Request) -> web.StreamResponse:
    """The sheet as it would be, marked as a draft; a form because a long note fits into no address."""
    officer = officer_in(request)
    page = await request.app[READS].complaint(officer, request.match_info["complaint"])
    kind, given = request.match_info["kind"], await posted(request)
    if kind not in (*page.notices.possible, *page.notices.drafts):
        raise _not_now(kind)
    wish = _wish(kind, given)
    if not given.good and kind in i18n.KINDS:
        return _form_page(request, page, kind, given, 422)
    return _pdf(await request.app[NOTICES].preview(officer, page.row.id, wish))


@officer_page("mediator", "supervisor")
async def notice_sheet(request: web.Request) -> web.StreamResponse:
    parts = request.match_info
    return _pdf(await request.app[NOTICES].file(officer_in(request), parts["complaint"], parts["notice"]))


@officer_page("mediator")
async def withdraw_notice(request: web.Request) -> web.StreamResponse:
    officer, parts, given = officer_in(request), request.match_info, await posted(request)
    page = await request.app[READS].complaint(officer, parts["complaint"])
    reason = given.text("reason", longest=500)
    if not reason:
        given.errors["reason"] = NEEDS_REASON
    if not given.good:
        return record_page(request, page, given, 422, ask=f"withdraw-{parts['notice']}")
    await request.app[NOTICES].withdraw(officer, page.row.id, parts["notice"], reason)
    return go(f"/complaints/{page.row.id}#notices")


async def _asked_notice(request: web.Request) -> tuple[ComplaintPage, str]:
    kind = request.match_info["kind"]
    page = await request.app[READS].complaint(officer_in(request), request.match_info["complaint"])
    if kind not in page.notices.possible:
        raise _not_now(kind)
    return page, kind


def _not_now(kind: str) -> Refused:
    known = kind in i18n.KINDS or kind in i18n.DRAFTS
    return Refused("wrong_state", 409) if known else Refused("not_found", 404)


def _wish(kind: str, given: Form) -> NoticeWish:
    """The number it replaces is the one the page showed: of two who press at once the second is told."""
    return NoticeWish(
        kind=kind,
        note=given.text("note"),
        receiver=given.text("receiver", needed=kind == "dispatch", longest=120),
        english=given.values.get("english") == "on",
        replaces=given.values.get("replaces", "")[:64],
    )


def _form_page(request: web.Request, page: ComplaintPage, kind: str, form: Form, status: int = 200) -> web.Response:
    known = next((row for row in page.notices.issued if row.kind == kind and row.state == "standing"), None)
    if known is not None and kind not in page.notices.owed:
        form.values.setdefault("replaces", known.number)
    return show(
        request, "complaints/notice_form.html", "complaints", status, page=page, kind=kind, form=form, words=i18n
    )


def _pdf(printed: PrintedPaper) -> web.Response:
    """Shown in the browser; saved under its own name (RFC 6266)."""
    name = quote(printed.name)
    return web.Response(
        body=printed.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}", "Cache-Control": "private, no-store"},
    )
