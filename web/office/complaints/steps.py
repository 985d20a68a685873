"""Steps of the procedure a complaint's page offers, and who was told how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.notices.messages import ASKED_IN, BY_HAND, LONGEST_NOTE, MOST_NAME, WAYS, NoteTold
from complaints.procedure.transitions import STEPS, rows_of
from complaints.record.identifiers import textable_masked
from complaints.state import ComplaintState
from complaints.views import ProcedureView
from law import WorkingCalendar
from law.grounds import ending_grounds
from law.orders import ORDERS, order_for
from offices.people import Officer
from rooms.views import ComplaintPage
from web.http.forms import BAD_CHOICE, NEEDED, TOO_LONG, Form
from web.i18n import N_, Words
from web.rendering import officer_in, today

ASKERS: Final[Mapping[str, str]] = {
    "consumer": N_("the complainant"),
    "business": N_("the respondent"),
    "mediator": N_("the mediator"),
}
BODIES: Final[Mapping[str, str]] = {
    "agreed": N_("both sides agreed on it"),
    "designated": N_("designated by the office"),
}
PAYERS: Final[Mapping[str, str]] = {
    "": N_("not agreed yet"),
    "consumer": N_("the complainant bears them"),
    "business": N_("the respondent bears them"),
    "both": N_("both sides share them"),
}
SETTLED: Final[Mapping[str, str]] = {
    "agreed": N_("agreed between the offices"),
    "designated": N_("decided by the common superior"),
}


TERM_MESSAGES: Final[Mapping[str, str]] = {
    "before": N_("Reminded of the day"),
    "after": N_("Told that the day has passed"),
    "escalated": N_("Told that it is a week late"),
    "asked": N_("Asked whether it was kept"),
}
TOLD_OF_TERMS: Final[Mapping[str, str]] = {
    "consumer": N_("complainant"),
    "business": N_("respondent"),
    "office": N_("Office"),
    "mediator": N_("mediator"),
    "supervisor": N_("supervisor"),
}
SAID_OF_TERMS: Final[Mapping[str, str]] = {
    "yes": N_("They answered: it was kept."),
    "partly": N_("They answered: it was kept in part."),
    "no": N_("They answered: it was not kept."),
}
NO_NUMBER: Final = N_("no number that takes messages")


STEP_NAMES: Final[Mapping[str, str]] = {
    "dispatch": N_("Dispatch to an office"),
    "return": N_("Return to the intake unit"),
    "dispute": N_("Competence is disputed"),
    "settle_dispute": N_("The dispute is settled"),
    "begin_testing": N_("Testing begins"),
    "end_testing": N_("Testing is over"),
    "recusal": N_("Recusal is requested"),
    "decide_recusal": N_("Decide on recusal"),
    "delegate": N_("Delegate the mediation"),
    "end_delegation": N_("Take the delegation back"),
    "end": N_("Terminate the mediation"),
    "order": N_("Apply the other order"),
    "supervise": N_("Ask for progress"),
    "split": N_("Split off the report"),
    "lead": N_("Hand on a sign of an offence"),
}


@dataclass(frozen=True, slots=True)
class OfferedStep:
    """`citation`: the articles of the order that applies, in the reader's language."""

    name: str
    title: str
    citation: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What `complaints/procedure.html` renders. `people`: mediators whose recusal can be asked, (id, name)."""

    view: ProcedureView
    steps: Sequence[OfferedStep]
    grounds: Sequence[tuple[int, str]]
    orders: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    payers: Sequence[tuple[str, str]]
    bodies_offered: Sequence[tuple[str, str]]  # under Order 20 none can be designated
    who_asks: Sequence[tuple[str, str]]
    askers: Mapping[str, str]
    by_receipt: bool  # the order that applies is the one of the day of receipt


def asking(page: ComplaintPage, officer: Officer, spoken: Words) -> Asking:
    view, language, _ = page.procedure, spoken.language, spoken.gettext
    people = {session.mediator_id: session.mediator for session in page.sessions}
    if officer.role == "mediator":
        people[officer.id] = officer.name
    return Asking(
        view=view,
        steps=[
            OfferedStep(name, STEP_NAMES[name], citation(name, view.state, page.order, language)) for name in view.steps
        ],
        grounds=[(ground.number, ground.gist(language)) for ground in ending_grounds(page.order)],
        orders=[
            (order.id, order.en if language.startswith("en") else order.zh)
            for order in ORDERS.values()
            if order.id != page.order
        ],
        people=list(people.items()),
        payers=[(who, _(text)) for who, text in PAYERS.items()],
        bodies_offered=[(how, _(text)) for how, text in BODIES.items() if how == "agreed" or page.order == "121"],
        who_asks=[(who, _(text)) for who, text in ASKERS.items()],
        askers=ASKERS,
        by_receipt=order_for(page.row.received.astimezone(ZoneInfo(officer.office.zone)).date()).id == page.order,
    )


def citation(step: str, state: str, order: str, language: str) -> str:
    rows = [row for row in rows_of(STEPS[step].event.__name__) if not state or ComplaintState(state) in row.before]
    cited = dict.fromkeys(one.text(language) for row in rows for one in row.cite(order))
    return ("; " if language.startswith("en") else "；").join(cited)


NOT_YET: Final = N_("A day and time that have passed, and not before the complaint was received.")
SAID: Final = {"missing": NEEDED, "bad_choice": BAD_CHOICE, "bad_day": NOT_YET, "too_long": TOO_LONG}


def telling_defaults(at: datetime, officer: Officer) -> dict[str, str]:
    """By telephone, now, by who is signed in."""
    local = at.astimezone(ZoneInfo(officer.office.zone))
    return {
        "how": "phone",
        "when_day": local.date().isoformat(),
        "when_time": f"{local:%H:%M}",
        "by": officer.name,
    }


def read_telling(given: Form, officer: Officer, what: str, whom: tuple[str, ...]) -> NoteTold | None:
    """None when something is wrong; the form says what."""
    how = given.choice("how", BY_HAND)
    when = given.moment("when", officer.office.zone)
    to = given.text("to", needed=True, longest=MOST_NAME)
    by = given.text("by", longest=MOST_NAME) or officer.name
    note = given.text("told_note", longest=LONGEST_NOTE)
    if when is None or not given.good:
        return None
    return NoteTold(what, whom, how, when, to, by, note)


def telling_ways(language: str) -> list[tuple[str, str]]:
    """How somebody can have been told, other than by a message of ours."""
    return [(way, WAYS[way][1 if language.startswith("en") else 0]) for way in BY_HAND]


DAYS: Final = 5  # working days that are offered
ANSWER_NAMES: Final[Mapping[str, str]] = {"yes": N_("willing"), "no": N_("not willing"), "unsure": N_("not decided")}


def shown_answers(request: web.Request, page: ComplaintPage, form: Form) -> dict[str, Any]:
    """For the complaint's page; offers a day."""
    officer = officer_in(request)
    mine = officer.role == "mediator" and page.record.office == officer.office.id
    free = page.row.state in ASKED_IN and not any(one.waited for one in page.answers)
    if mine and free and "due" not in form.values:
        day, left, calendar = today(request), DAYS, WorkingCalendar()
        while left:
            day += timedelta(days=1)
            left -= calendar.worked(day)
        form.values["due"] = day.isoformat()
    return {"answer_names": ANSWER_NAMES, "answerable": mine and free, "textable": textable_masked}
