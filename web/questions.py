"""What each side is asked afterwards, and the page on what became of promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from complaints.notices.questions import MOST_NOTE, YES_NO
from complaints.procedure.aftercare import STANDINGS
from web.clock import now
from web.field_form import Form
from web.i18n import N_
from web.rendering import go, render
from web.security import anyone, officer_page
from web.services import PERFORMANCE, QUESTIONS
from web.staff_pages import officer_in, show

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
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
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
        return await _page(request, form, 422)
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
