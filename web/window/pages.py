"""Filing a complaint and following it. Nobody has an account: a visit's token is in a cookie for an hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from complaints import vocabulary
from web import cookies, i18n, proxies, refusals
from web.i18n import N_, words
from web.office.forms import BAD_CHOICE, BAD_PHONE, NEEDED, TOO_LONG, Form
from web.ports import SITE, WINDOW, Refused
from web.ports.window import WindowFiling
from web.rendering import go, render
from web.security import anyone

MOBILE: Final = N_("Write a mobile phone number that takes text messages, for example 13800001234.")
SAID: Final[Mapping[str, str]] = {
    "missing": NEEDED, "too_long": TOO_LONG, "bad_choice": BAD_CHOICE, "bad_phone": BAD_PHONE,
}  # fmt: skip
AGREE: Final = N_("Without this the office cannot take the complaint.")
LATER: Final = ("bad_code", "code_expired", "too_many_codes", "too_many_tries")
"""Refusals said above the field of the code."""

STATES: Final[Mapping[str, str]] = {
    "registered": N_("The office has your complaint and is deciding whether it can take it up."),
    "accepted": N_("The office has taken up your complaint and will arrange a mediation."),
    "mediating": N_("A mediation is arranged or under way."),
    "settled": N_("You and the business have settled."),
    "performing": N_("You have settled; what was promised is still to be done."),
    "refused": N_("The office could not take up your complaint. It has told you the ground and the other ways."),
    "ended": N_("The mediation has ended without a settlement. Arbitration and court stay open to you."),
    "closed": N_("The file is closed."),
}
NEXT: Final[Mapping[str, str]] = {
    "registered": N_("By then the office must tell you whether it takes it up:"),
    "accepted": N_("By then the mediation must be finished:"),
    "mediating": N_("By then the mediation must be finished:"),
    "ended": N_("By then the office must have told both sides:"),
}


@anyone
async def file_form(request: web.Request) -> web.StreamResponse:
    return await _filing(request, Form())


@anyone
async def file(request: web.Request) -> web.StreamResponse:
    sent = await request.post()
    form = Form.of(sent)
    requests = tuple(value for value in vocabulary.REQUESTS if value in sent.getall("requests", ()))
    form.values["chosen"] = " ".join(requests)
    known = await request.app[WINDOW].offices()
    office = known[0].id if len(known) == 1 else form.choice("office", tuple(one.id for one in known))
    facts = form.text("facts", needed=True)
    asked = form.text("request", longest=500)
    if not requests and not asked:
        form.errors["request"] = NEEDED
    named = [vocabulary.name(vocabulary.REQUESTS, value, "zh") for value in requests]
    wanted = WindowFiling(
        office=office,
        title=form.text("title", needed=True, longest=60),
        facts=facts,
        request="；".join(filter(None, ["、".join(named), asked])),
        requests=requests,
        amount=form.amount("amount"),
        name=form.text("name", needed=True, longest=40),
        phone=form.phone("phone", needed=True),
        city=form.text("city", longest=60),
        business_name=form.text("business_name", needed=True, longest=120),
        business_phone=form.phone("business_phone"),
        business_city=form.text("business_city", longest=60),
        business_address=form.text("business_address", needed=True, longest=200),
    )
    if form.values.get("agree") != "yes":
        form.errors["agree"] = AGREE
    if form.good:
        try:
            token = await request.app[WINDOW].file(wanted, proxies.counted_as(request))
        except Refused as no:
            if no.code not in SAID:
                raise
            field = {"consumer_phone": "phone", "consumer_name": "name"}.get(str(no.params.get("field")), "")
            form.errors[field or str(no.params.get("field", "phone"))] = (
                MOBILE if no.code == "bad_phone" and field in ("", "phone") else SAID[no.code]
            )
        else:
            return _with(request, go("/file/code"), token)
    return await _filing(request, form, 422)


@anyone
async def follow_form(request: web.Request) -> web.StreamResponse:
    return render(request, "window/follow.html", form=Form({"number": request.query.get("number", "")[:64]}))


@anyone
async def follow(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    number, phone = form.text("number", needed=True, longest=64), form.phone("phone", needed=True)
    if form.good:
        try:
            token = await request.app[WINDOW].follow(number, phone, proxies.counted_as(request))
        except Refused as no:
            if no.code != "bad_phone":
                raise
            form.errors["phone"] = MOBILE
        else:
            return _with(request, go("/follow/code"), token)
    return render(request, "window/follow.html", 422, form=form)


@anyone
async def code_form(request: web.Request) -> web.StreamResponse:
    return await _code(request)


@anyone
async def code(request: web.Request) -> web.StreamResponse:
    typed = str((await request.post()).get("code", ""))
    digits = "".join(character for character in typed if character.isdecimal())[:6]
    try:
        token = await request.app[WINDOW].confirm(_token(request), digits, proxies.counted_as(request))
    except Refused as no:
        if no.code not in LATER:
            raise
        return await _code(request, no)
    return _with(request, go("/follow/state"), token)


@anyone
async def send_again(request: web.Request) -> web.StreamResponse:
    try:
        await request.app[WINDOW].send_again(_token(request), proxies.counted_as(request))
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
    await request.app[WINDOW].withdraw(_token(request), reason)
    return go("/follow/state")


async def _filing(request: web.Request, form: Form, status: int = 200) -> web.Response:
    language = i18n.language(request)
    requests = [(value, vocabulary.name(vocabulary.REQUESTS, value, language)) for value in vocabulary.REQUESTS]
    return render(
        request,
        "window/file.html",
        status,
        form=form,
        chosen=form.values.get("chosen", "").split(),
        requests=requests,
        offices=await request.app[WINDOW].offices(),
        years=request.app[SITE].retention_years,
    )


async def _code(request: web.Request, refused: Refused | None = None) -> web.Response:
    visit, text = await request.app[WINDOW].visit(_token(request)), words(request)
    problem = ""
    if refused is not None:
        said, more = (of(text, refused.code, refused.params) for of in (refusals.sentence, refusals.advice))
        problem = said + text.gettext(". ") + more
    context = {"visit": visit, "way": request.match_info["way"], "problem": problem}
    return render(request, "window/code.html", refused.status if refused else 200, **context)


async def _state(
    request: web.Request, asking: bool = False, form: Form | None = None, status: int = 200
) -> web.Response:
    standing = await request.app[WINDOW].standing(_token(request), i18n.language(request))
    context: dict[str, Any] = {
        "standing": standing,
        "state": STATES.get(standing.state, STATES["closed"]),
        "next": NEXT.get(standing.state, ""),
        "asking": asking and standing.can_withdraw,
        "form": form or Form(),
    }
    return render(request, "window/state.html", status, **context, office=standing.office)


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.WINDOW)


def _with(request: web.Request, response: web.Response, token: str) -> web.Response:
    cookies.put(request, response, cookies.WINDOW, token)
    return response
