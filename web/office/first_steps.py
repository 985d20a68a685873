"""The card on an officer's desk that leads to what their role does first: at most five steps, ticked by what happened.

It goes when all are done or when it is put away; the manual's contents bring it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from aiohttp import web

from offices import Officer, OfficerRole, may
from web.http.security import officer_page
from web.i18n import N_
from web.rendering import go, officer_in, posted


class FirstSteps(Protocol):
    async def shown(self, officer: Officer) -> Literal["", "away", "wanted"]:
        """What they said of the card; "" while they said nothing."""
        ...

    async def done(self, officer: Officer, steps: tuple[str, ...]) -> frozenset[str]: ...

    async def show(self, officer: Officer, shown: Literal["away", "wanted"]) -> None: ...


FIRST_STEPS: web.AppKey[FirstSteps] = web.AppKey("first_steps", FirstSteps)


@dataclass(frozen=True, slots=True)
class Step:
    """`code` says when it is done (`server.identity.account_store`); `path` is where it is done."""

    code: str
    path: str
    name: str
    why: str
    done: bool = False


STEPS: Final[dict[OfficerRole, tuple[Step, ...]]] = {
    "mediator": (
        Step(
            "hours",
            "/calendar/hours",
            N_("Say when you hold mediations"),
            N_("Free times are then offered to you and to the parties."),
        ),
        Step(
            "complaint",
            "/complaints/new",
            N_("Register a complaint"),
            N_("By hand, or many at once under Imports."),
        ),
        Step(
            "decision",
            "/complaints?state=registered",
            N_("Decide whether one is accepted"),
            N_("Within seven working days; the complainant is told."),
        ),
        Step(
            "arranged",
            "/complaints?state=accepted",
            N_("Arrange a mediation"),
            N_("Both sides get a link of their own; nobody installs anything."),
        ),
        Step(
            "held",
            "/calendar",
            N_("Hold it, and end it with a result"),
            N_("The complaint follows by itself."),
        ),
    ),
    "supervisor": (
        Step(
            "two_steps",
            "/account",
            N_("Turn on two-step verification"),
            N_("Six digits from an app as well as the password."),
        ),
        Step(
            "phone",
            "/account#phone-card",
            N_("Say where messages reach you"),
            N_("You are told of promises that are late."),
        ),
        Step(
            "rule",
            "/supervision/rule",
            N_("Choose the sampling rule"),
            N_("Each week’s mediations to review are drawn by it."),
        ),
        Step(
            "watched",
            "/audit",
            N_("Open the record of a mediation"),
            N_("Recording, timeline and journal, second by second."),
        ),
        Step(
            "reviewed",
            "/supervision",
            N_("Begin a review"),
            N_("Point by point; the mediator answers before it is closed."),
        ),
    ),
    "administrator": (
        Step(
            "two_steps",
            "/account",
            N_("Turn on two-step verification"),
            N_("Six digits from an app as well as the password."),
        ),
        Step(
            "office",
            "/offices",
            N_("Fill in what is printed on the office’s papers"),
            N_("Issuing authority, address, seal, signature of messages."),
        ),
        Step(
            "mediator",
            "/officers",
            N_("Add a mediator"),
            N_("They choose a password of their own at their first sign-in."),
        ),
        Step(
            "supervisor",
            "/officers",
            N_("Add a supervisor"),
            N_("Destroying records or revealing data takes a second person."),
        ),
        Step(
            "area",
            "/jurisdictions",
            N_("Draw the office’s area"),
            N_("Then complaints find the office they belong to."),
        ),
    ),
    "inspector": (
        Step(
            "report",
            "/reports/new",
            N_("Register a report"),
            N_("It is a lead, numbered apart from complaints from the first day."),
        ),
        Step(
            "taken",
            "/leads",
            N_("Take a lead on"),
            N_("Then it is known who verifies it, and until when."),
        ),
        Step(
            "decided",
            "/leads",
            N_("Decide about it, and tell the informant"),
            N_("A case, moved to whom it belongs, or why not."),
        ),
    ),
}


async def first_steps(request: web.Request) -> list[Step]:
    """Of whoever has signed in, as far as they may; none once all is done or the card was put away."""
    officer = officer_in(request)
    shown = await request.app[FIRST_STEPS].shown(officer)
    steps = [step for step in STEPS[officer.role] if may(officer, step.path.partition("?")[0].partition("#")[0])]
    if shown == "away" or not steps:
        return []
    done = await request.app[FIRST_STEPS].done(officer, tuple(step.code for step in steps))
    told = [Step(step.code, step.path, step.name, step.why, step.code in done) for step in steps]
    return [] if shown != "wanted" and all(step.done for step in told) else told


@officer_page()
async def show_or_hide(request: web.Request) -> web.StreamResponse:
    form = await posted(request)
    await request.app[FIRST_STEPS].show(officer_in(request), "wanted" if form.text("show") else "away")
    return go("/")


def register(app: web.Application) -> None:
    app.router.add_post("/first-steps", show_or_hide, name="first_steps")
