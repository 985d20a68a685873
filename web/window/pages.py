"""Following a complaint: the code, how it stands, its notices, and taking it back. Nobody has an account: a visit's
token is in a cookie for an hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from journal.numbers import digits_in
from offices.refusal import Refused
from web import i18n, proxies, words
from web.field_form import Form
from web.i18n import N_
from web.rendering import go, render
from web.responses import pdf_response
from web.security import anyone
from web.window.services import WINDOW
from web.window.visits import LATER, MOBILE, show_visit, token_of, visit_problem, with_token

STATES: Final[Mapping[str, str]] = {
    "registered": N_("The office has your complaint and is deciding whether it can take it up."),
    "accepted": N_("The office has taken up your complaint. It mediates if you and the business both agree."),
    "mediating": N_("A mediation is arranged or under way."),
    "settled": N_("You and the business have settled."),
    "performing": N_("You have settled; what was promised is still to be done."),
    "refused": N_("The office could not take up your complaint. It tells you the ground and the other ways."),
    "ended": N_("The mediation was terminated without a settlement. Arbitration and court stay open to you."),
    "closed": N_("The file is closed."),
}
NEXT: Final[Mapping[str, str]] = {
    "registered": N_("By then the office must tell you whether it takes it up:"),
    "accepted": N_("By then the mediation must be finished:"),
    "mediating": N_("By then the mediation must be finished:"),
    "ended": N_("By then the office must have told both sides:"),
}


@anyone
async def follow_form(request: web.Request) -> web.StreamResponse:
    return render(request, "window/follow.html", form=Form({"number": request.query.get("number", "")[:64]}))


@anyone
async def follow(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    number, phone = form.text("number", needed=True, longest=64), form.phone("phone", needed=True)
    if form.good:
        ip, language = proxies.counted_as(request), i18n.language(request)
        try:
            token = await request.app[WINDOW].follow(number, phone, ip, language)
        except Refused as no:
            if no.code != "bad_phone":
                raise
            form.errors["phone"] = MOBILE
        else:
            return with_token(request, go("/follow/code"), token)
    return render(request, "window/follow.html", 422, form=form)


@anyone
async def code_form(request: web.Request) -> web.StreamResponse:
    return await _code(request)


@anyone
async def code(request: web.Request) -> web.StreamResponse:
    typed = str((await request.post()).get("code", ""))
    digits = digits_in(typed)[:6]
    try:
        token = await request.app[WINDOW].confirm(token_of(request), digits, proxies.counted_as(request))
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    way = request.match_info["way"]
    return with_token(request, go("/follow/photos" if way == "file" else "/follow/state"), token)


@anyone
async def send_again(request: web.Request) -> web.StreamResponse:
    ip, language = proxies.counted_as(request), i18n.language(request)
    try:
        await request.app[WINDOW].send_again(token_of(request), ip, language)
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    return go(f"/{request.match_info['way']}/code")


@anyone
async def state(request: web.Request) -> web.StreamResponse:
    return await _state(request)


@anyone
async def withdraw_form(request: web.Request) -> web.StreamResponse:
    return await _state(request, asking=True)


@anyone
async def withdraw(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    reason = form.text("reason", longest=200)
    if form.values.get("sure") != "yes":
        form.errors["sure"] = N_("Tick this if you want to take the complaint back.")
    if not form.good:
        return await _state(request, asking=True, form=form, status=422)
    await request.app[WINDOW].withdraw(token_of(request), reason)
    return go("/follow/state")


@anyone
async def news(request: web.Request) -> web.StreamResponse:
    wanted = (await request.post()).get("wanted") == "yes"
    await request.app[WINDOW].want_news(token_of(request), wanted, i18n.language(request))
    return go("/follow/state#news")


@anyone
async def notice(request: web.Request) -> web.StreamResponse:
    read = await request.app[WINDOW].notice(token_of(request), request.match_info["notice"])
    return await show_visit(request, "window/notice.html", notice=read)


@anyone
async def notice_file(request: web.Request) -> web.StreamResponse:
    return pdf_response(await request.app[WINDOW].notice_file(token_of(request), request.match_info["notice"]))


async def _code(request: web.Request, refused: Refused | None = None) -> web.StreamResponse:
    visit = await request.app[WINDOW].visit(token_of(request))
    if not visit.phone:  # still being written
        return go("/file/check")
    said = visit_problem(request, refused) if refused is not None else ""
    context = {"visit": visit, "way": request.match_info["way"], "problem": said}
    return render(request, "window/code.html", refused.status if refused else 200, **context)


async def _state(
    request: web.Request, asking: bool = False, form: Form | None = None, status: int = 200
) -> web.Response:
    standing = await request.app[WINDOW].standing(token_of(request), i18n.language(request))
    context: dict[str, Any] = {
        "standing": standing,
        "state": STATES.get(standing.state, STATES["closed"]),
        "next": NEXT.get(standing.state, ""),
        "asking": asking and standing.can_withdraw,
        "form": form or Form(),
        "kinds": words.KINDS,
    }
    return await show_visit(request, "window/state.html", status, **context, office=standing.office)
