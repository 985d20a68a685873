"""What an officer may ask of a complaint's procedure now, as its page shows it: each step with its articles.

Owns the steps' names. Which there are is `complaints.procedure.transitions.STEPS`; what is asked is read in
`web.office.procedure`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from complaints.procedure.transitions import STEPS, rows_of
from complaints.procedure_views import ProcedureView
from complaints.state import State
from law.grounds import ending_grounds
from law.orders import ORDERS, order_for
from offices.people import Officer
from rooms.views import ComplaintPage
from web.i18n import N_, Words
from web.office import proceedings

NAMES: Final[Mapping[str, str]] = {
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
class Asked:
    """`citation`: the articles of the order that applies, in the reader's language."""

    name: str
    title: str
    citation: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What `office/procedure.html` renders. `people`: mediators whose recusal can be asked, (id, name)."""

    view: ProcedureView
    steps: Sequence[Asked]
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
        steps=[Asked(name, NAMES[name], citation(name, view.state, page.order, language)) for name in view.steps],
        grounds=[(ground.number, ground.gist(language)) for ground in ending_grounds(page.order)],
        orders=[
            (order.id, order.en if language.startswith("en") else order.zh)
            for order in ORDERS.values()
            if order.id != page.order
        ],
        people=list(people.items()),
        payers=[(who, _(text)) for who, text in proceedings.PAYERS.items()],
        bodies_offered=[
            (how, _(text)) for how, text in proceedings.BODIES.items() if how == "agreed" or page.order == "121"
        ],
        who_asks=[(who, _(text)) for who, text in proceedings.ASKERS.items()],
        askers=proceedings.ASKERS,
        by_receipt=order_for(page.row.received.astimezone(ZoneInfo(officer.office.zone)).date()).id == page.order,
    )


def citation(step: str, state: str, order: str, language: str) -> str:
    rows = [row for row in rows_of(STEPS[step].event.__name__) if not state or State(state) in row.before]
    cited = dict.fromkeys(one.text(language) for row in rows for one in row.cite(order))
    return ("; " if language.startswith("en") else "；").join(cited)
