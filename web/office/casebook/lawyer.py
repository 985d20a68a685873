"""A lawyer's own page: the invitation, the code, the de-identified case, and the comment."""

from __future__ import annotations

from aiohttp import web

from casebook.case import LONGEST
from casebook.views import LawyerPage
from journal.numbers import digits_in
from offices.refusal import Refused
from web import i18n
from web.http import cookies, proxies
from web.http.field_form import Form
from web.http.security import anyone
from web.office.casebook import words
from web.office.casebook.pages import READ, about, tag_names
from web.office.casebook.services import LAWYERS
from web.rendering import go, render
from web.services import LAW
from web.window.pages import LATER, visit_problem


@anyone
async def invitation(request: web.Request) -> web.StreamResponse:
    secret = request.match_info["secret"]
    page = await request.app[LAWYERS].look(secret)
    return render(request, "casebook/lawyer_invite.html", page=page, office=page.office, secret=secret)


@anyone
async def begin(request: web.Request) -> web.StreamResponse:
    token = await request.app[LAWYERS].begin(request.match_info["secret"])
    response = go("/comment/code")
    cookies.put(request, response, cookies.LAWYER, token)
    return response


@anyone
async def code_form(request: web.Request) -> web.StreamResponse:
    return await _code(request)


@anyone
async def send_code(request: web.Request) -> web.StreamResponse:
    try:
        await request.app[LAWYERS].send_code(_token(request), proxies.counted_as(request), i18n.language(request))
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    return go("/comment/code?sent=1")


@anyone
async def code(request: web.Request) -> web.StreamResponse:
    typed = str((await request.post()).get("code", ""))
    digits = digits_in(typed)[:6]
    try:
        token = await request.app[LAWYERS].check_code(_token(request), digits, proxies.counted_as(request))
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    response = go("/comment")
    cookies.put(request, response, cookies.LAWYER, token)
    return response


@anyone
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@anyone
async def give(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    text = form.text("comment", needed=True, longest=LONGEST["comment"])
    if not form.good:
        return await _page(request, form, 422)
    await request.app[LAWYERS].comment(_token(request), text)
    return go("/comment?sent=1")


async def _code(request: web.Request, refused: Refused | None = None) -> web.StreamResponse:
    page = await request.app[LAWYERS].seen(_token(request))
    if page.verified:
        return go("/comment")
    said = visit_problem(request, refused) if refused is not None else ""
    sent = "sent" in request.query or (refused is not None and refused.code in ("bad_code", "code_expired"))
    context = {"page": page, "sent": sent, "problem": said, "office": page.office}
    return render(request, "casebook/lawyer_code.html", refused.status if refused else 200, **context)


async def _page(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    page: LawyerPage = await request.app[LAWYERS].seen(_token(request))
    if not page.verified:
        return go("/comment/code")
    if not form.values:
        form.values["comment"] = page.comment
    language, library = i18n.language(request), await request.app[LAW].library()
    cited = [library.articles[id] for id in (page.case.articles if page.case else ()) if id in library.articles]
    return render(
        request,
        "casebook/lawyer.html",
        status,
        page=page,
        office=page.office,
        form=form,
        words=words,
        read=READ,
        longest=LONGEST["comment"],
        about=about(page.case, language, await tag_names(request, withdrawn=True)) if page.case else [],
        cited=[(one.citation(language), one.gist(language)) for one in cited],
        sent="sent" in request.query,
    )


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.LAWYER)
