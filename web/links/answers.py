"""What is written behind a personal link: a business's answer, its objection to being named, what sides are asked.

The way in is one for all that a code guards (`register_way_in`), a lawyer's comment too: what may be seen before, the
code to the number on file, then the page the link is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web

from complaints import PROBLEMS, name as called
from complaints.insight.publicity import LONGEST as OBJECTION, MOST_FILES, shown
from complaints.insight.views import NamedPage
from complaints.notices.messages import MOST_NOTE, WILLING, YES_NO
from complaints.procedure.rules import STANDINGS
from complaints.public_views import AnswerPage
from complaints.record import MOST_OF_PARTY
from journal.numbers import digits_in
from journal.refusals import Refused
from web import ANSWERS as ANSWER_SERVICE, PERFORMANCE, QUESTIONS, i18n, window as window_pages
from web.http import cookies, security
from web.http.forms import Form, now
from web.http.security import anyone, officer_page, visitor_page
from web.i18n import N_, words_for
from web.links import OBJECTIONS, CodeDesk, CodePage
from web.rendering import go, officer_in, render, show
from web.window import LATER, MOST_BYTES, visit_problem

Desk = TypeVar("Desk", bound=CodeDesk[CodePage])


@dataclass(frozen=True, slots=True)
class WayIn:
    """`link`, `page`: the paths of the invitation and of what it is for; `name`: of their routes; `template`: of what
    may be seen before the code; `cookie`: has the device's token."""

    link: str
    page: str
    name: str
    template: str
    cookie: str


def register_way_in(app: web.Application, way: WayIn, desk: web.AppKey[Desk]) -> None:
    @anyone
    async def invitation(request: web.Request) -> web.StreamResponse:
        secret = request.match_info["secret"]
        seen = await request.app[desk].look(secret)
        return render(request, way.template, page=seen, office=seen.office, secret=secret)

    @anyone
    async def begin(request: web.Request) -> web.StreamResponse:
        return inside(request, await request.app[desk].begin(request.match_info["secret"]), f"{way.page}/code")

    @anyone
    async def code_form(request: web.Request) -> web.StreamResponse:
        return await code_page(request)

    @anyone
    async def send_code(request: web.Request) -> web.StreamResponse:
        ip, language = security.counted_as(request), i18n.language(request)
        try:
            await request.app[desk].send_code(token(request), ip, language)
        except Refused as no:
            if no.code not in LATER:
                raise
            return await code_page(request, no)
        return go(f"{way.page}/code?sent=1")

    @anyone
    async def confirm_code(request: web.Request) -> web.StreamResponse:
        digits = digits_in(str((await request.post()).get("code", "")))[:6]
        try:
            fresh = await request.app[desk].check_code(token(request), digits, security.counted_as(request))
        except Refused as no:
            if no.code not in LATER:
                raise
            return await code_page(request, no)
        return inside(request, fresh, way.page)

    async def code_page(request: web.Request, refused: Refused | None = None) -> web.StreamResponse:
        seen = await request.app[desk].page(token(request))
        if seen.verified:
            return go(way.page)
        said = visit_problem(request, refused) if refused is not None else ""
        sent = "sent" in request.query or (refused is not None and refused.code in ("bad_code", "code_expired"))
        context = {"page": seen, "sent": sent, "problem": said, "office": seen.office, "way": f"{way.name}_code"}
        return render(request, "answers/code.html", refused.status if refused else 200, **context)

    def token(request: web.Request) -> str:
        return cookies.read(request, way.cookie)

    def inside(request: web.Request, fresh: str, path: str) -> web.Response:
        response = go(path)
        cookies.put(request, response, way.cookie, fresh)
        return response

    get, post = app.router.add_get, app.router.add_post
    get(f"{way.link}/{{secret}}", invitation, name=f"{way.name}_invitation")
    post(f"{way.link}/{{secret}}/start", begin, name=f"{way.name}_begin")
    get(f"{way.page}/code", code_form, name=f"{way.name}_code")
    post(f"{way.page}/code", confirm_code)
    post(f"{way.page}/code/send", send_code, name=f"{way.name}_code_send")


# ------------------------------------------------------------ a business's answer


WILLINGNESS: Final[Mapping[str, str]] = {
    "yes": N_("Yes, we are willing"),
    "no": N_("No, we are not willing"),
    "unsure": N_("Not decided yet"),
}
CHOOSE: Final = N_("Please choose one of the three.")
LONGEST: Final = 5_000
_TYPED: Final = ("facts", "willing", "by")


@anyone
async def show_answer(request: web.Request) -> web.StreamResponse:
    return await _page(request)


@anyone
async def give_answer(request: web.Request) -> web.StreamResponse:
    """What a script keeps meanwhile is kept as it is; it is sent only when it is right."""
    sent = await request.post()
    form = Form.of(sent)
    if sent.get("go") == "keep":
        await request.app[ANSWER_SERVICE].keep(_token(request), {name: form.values.get(name, "") for name in _TYPED})
        return web.Response(status=204)
    facts = form.text("facts", needed=True, longest=LONGEST)
    by = form.text("by", needed=True, longest=60)
    willing = form.values.get("willing", "")
    if willing not in WILLING:
        form.errors["willing"] = CHOOSE
    if not form.good:
        return await _page(request, form, 422)
    await request.app[ANSWER_SERVICE].give(_token(request), facts, willing, by)
    return go("/answer")


@anyone
async def add_to_answer(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    text = form.text("text", needed=True, longest=LONGEST)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[ANSWER_SERVICE].add(_token(request), text)
    return go("/answer")


@visitor_page(most_bytes=MOST_BYTES)
async def send_files(request: web.Request) -> web.StreamResponse:
    token = _token(request)

    async def attach(name: str, content: bytes, key: str) -> None:
        await request.app[ANSWER_SERVICE].attach(token, security.counted_as(request), name, content, key)

    wrong = await window_pages.taken_in(request, attach)
    if window_pages.script_asks(request):
        return window_pages.photo_told(request, wrong)
    return await _page(request, Form(errors={"file": wrong}), 422) if wrong else go("/answer#files")


@anyone
async def remove_file(request: web.Request) -> web.StreamResponse:
    reason = words_for(request).gettext("Taken back by the sender")
    await request.app[ANSWER_SERVICE].detach(_token(request), request.match_info["attachment"], reason)
    return go("/answer#files")


async def _page(request: web.Request, form: Form | None = None, status: int = 200) -> web.StreamResponse:
    """With what was just sent, or else with what was typed so far."""
    page: AnswerPage = await request.app[ANSWER_SERVICE].page(_token(request))
    if not page.verified:
        return go("/answer/code")
    form = form or Form()
    form.values = form.values or dict(page.typed)
    context: dict[str, Any] = {"page": page, "form": form, "willingness": WILLINGNESS, "most": MOST_OF_PARTY}
    return render(request, "answers/answer.html", status, **context, office=page.office)


def _token(request: web.Request) -> str:
    return cookies.read(request, cookies.ANSWER)


def register_answers(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    register_way_in(app, WayIn("/a", "/answer", "answer", "answers/invite.html", cookies.ANSWER), ANSWER_SERVICE)
    get("/answer", show_answer, name="answer")
    post("/answer", give_answer)
    post("/answer/add", add_to_answer, name="answer_add")
    post("/answer/files", send_files, name="answer_files")
    post("/answer/files/{attachment}/remove", remove_file, name="answer_file_remove")


ANSWERS: Final[Mapping[str, str]] = {"yes": N_("Yes"), "partly": N_("In part"), "no": N_("No")}
RATINGS: Final[Mapping[str, str]] = {
    "yes": N_("Satisfied"),
    "partly": N_("Mostly satisfied"),
    "no": N_("Not satisfied"),
}
NAMES: Final[Mapping[str, str]] = {
    "broken": N_("not performed"),
    "escalated": N_("over a week late"),
    "late": N_("late"),
    "due": N_("due in three days"),
    "waiting": N_("not due yet"),
    "kept": N_("kept"),
}
TONES: Final[Mapping[str, str]] = {"broken": "seal", "escalated": "warn", "late": "warn", "kept": "ok"}
WRONG: Final = N_("Please choose one of the answers, or none.")
NOTHING: Final = N_("You have answered nothing yet. One answer is enough.")


@anyone
async def questions(request: web.Request) -> web.StreamResponse:
    """Looking changes nothing: link-preview bots look too."""
    return await _questions_page(request, Form())


async def _questions_page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    secret = request.match_info["secret"]
    page = await request.app[QUESTIONS].look(secret)
    if not form.values and page.answered is not None:
        said = page.answered
        form.values = {"heard": said.heard, "satisfied": said.satisfied, "paid": said.paid, "note": said.note}
        if said.talk:
            form.values["talk"] = "yes"
    return render(
        request,
        "questions/questions.html",
        status,
        page=page,
        office=page.office,
        secret=secret,
        form=form,
        answers=ANSWERS,
        ratings=RATINGS,
        most=MOST_NOTE,
        done="done" in request.query,
    )


@anyone
async def answer_questions(request: web.Request) -> web.StreamResponse:
    form, secret = Form.of(await request.post()), request.match_info["secret"]
    said = {name: form.values.get(name, "") for name in ("satisfied", "heard", "paid")}
    for name, value in said.items():
        if value not in ("", *YES_NO):
            form.errors[name] = WRONG
    note, talk = form.text("note", longest=MOST_NOTE), form.values.get("talk") == "yes"
    if not any(said.values()) and not note and not talk:
        form.errors["satisfied"] = NOTHING
    if not form.good:
        return await _questions_page(request, form, 422)
    await request.app[QUESTIONS].answer(secret, said["heard"], said["satisfied"], said["paid"], talk, note)
    return go(f"/q/{secret}?done=1")


@officer_page("mediator", "supervisor")
async def performance(request: web.Request) -> web.StreamResponse:
    officer = officer_in(request)
    wanted, respondent = request.query.get("standing", ""), request.query.get("respondent", "")[:24]
    wanted = wanted if wanted in STANDINGS else ""
    view = await request.app[PERFORMANCE].view(officer, wanted, respondent, now(request))
    return show(
        request,
        "questions/performance.html",
        "performance",
        view=view,
        wanted=wanted,
        respondent=respondent,
        names=NAMES,
        tones=TONES,
        answers=ANSWERS,
        standings=STANDINGS,
    )


def register_questions(app: web.Application) -> None:
    app.router.add_get("/q/{secret}", questions, name="questions")
    app.router.add_post("/q/{secret}", answer_questions)
    app.router.add_get("/performance", performance, name="performance")


# ------------------------------------------------------------ a business that is to be named to the public


@anyone
async def own_entry(request: web.Request) -> web.StreamResponse:
    return await _objection(request, Form())


@anyone
async def object_to(request: web.Request) -> web.StreamResponse:
    form = Form.of(await request.post())
    text = form.text("text", needed=True, longest=OBJECTION["text"])
    by = form.text("by", needed=True, longest=OBJECTION["by"])
    if not form.good:
        return await _objection(request, form, 422)
    await request.app[OBJECTIONS].object(_objecting(request), text, by)
    return go("/objection")


@visitor_page(most_bytes=MOST_BYTES)
async def send_objection_files(request: web.Request) -> web.StreamResponse:
    async def attach(name: str, content: bytes, _key: str) -> None:
        await request.app[OBJECTIONS].attach(_objecting(request), security.counted_as(request), name, content)

    wrong = await window_pages.taken_in(request, attach)
    return await _objection(request, Form(errors={"file": wrong}), 422) if wrong else go("/objection#files")


async def _objection(request: web.Request, form: Form, status: int = 200) -> web.StreamResponse:
    seen: NamedPage = await request.app[OBJECTIONS].page(_objecting(request))
    if not seen.verified:
        return go("/objection/code")
    words = i18n.words_for(request)
    return render(
        request,
        "insight/objection.html",
        status,
        page=seen,
        office=seen.office,
        one=seen.entry,
        figures=shown(seen.entry.named.figures),
        problem=lambda code: called(PROBLEMS, code, words.language),
        form=form,
        most=MOST_FILES,
    )


def _objecting(request: web.Request) -> str:
    return cookies.read(request, cookies.OBJECTION)


def register_objections(app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post
    way = WayIn("/o", "/objection", "objection", "insight/objection_invite.html", cookies.OBJECTION)
    register_way_in(app, way, OBJECTIONS)
    get("/objection", own_entry, name="objection")
    post("/objection", object_to)
    post("/objection/files", send_objection_files, name="objection_files")
