"""Steps of the procedure: asking one on a complaint's page, and the table of all of them with their articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from complaints import events as e, procedure as p
from complaints.commands import RIGHTS
from complaints.notices.messages import PartyTold, TellingFailed
from complaints.procedure.rules import PARTIES
from complaints.procedure.transitions import STEPS, TRANSITIONS
from complaints.record.changes import ReturnTransfer, SendTransfer, TransferSent
from complaints.state import ComplaintState
from journal.refusals import Refused
from law.orders import ORDERS, OrderRule
from offices import Officer
from rooms.views import ComplaintPage
from web import READS, i18n
from web.http.forms import BAD_CHOICE, NEEDED, Form
from web.http.security import officer_page
from web.i18n import N_
from web.office.administration import CELLS
from web.office.complaints import PROCEDURE
from web.office.complaints.exchange import EXCHANGE
from web.office.complaints.history import ASKERS, BODIES, PAYERS
from web.office.complaints.pages import STEP_NAMES, record_again, record_page
from web.rendering import go, officer_in, posted, show

NEEDS_BOTH: Final = N_("Both sides must have agreed.")
SHOWN: Final = {"needs_consent": ("agreed", NEEDS_BOTH), "missing": ("reason", NEEDED), "bad_choice": ("", BAD_CHOICE)}
EVENTS: Final[Mapping[str, str]] = {
    e.ComplaintRegistered.__name__: N_("Registered"),
    e.ComplaintAccepted.__name__: N_("Accepted"),
    e.ComplaintRefused.__name__: N_("Not accepted"),
    e.MediationScheduled.__name__: N_("Mediation arranged"),
    e.MediationCancelled.__name__: N_("Mediation cancelled"),
    e.MediationClosed.__name__: N_("Mediation closed"),
    e.PromisesKept.__name__: N_("Promises are kept"),
    e.EndTold.__name__: N_("Both sides are told"),
    PartyTold.__name__: N_("A side is told"),
    TellingFailed.__name__: N_("A message did not leave"),
    e.ComplaintClosed.__name__: N_("The file was closed"),
    e.NoteTakenBack.__name__: N_("A note was taken back"),
    "ImportUndone": N_("Its import was undone"),
    "SourceUpdated": N_("Its channel sends it once more"),
    "ComplaintWithdrawn": N_("The complainant withdraws"),
    **{step.event.__name__: STEP_NAMES[name] for name, step in STEPS.items()},
}
RULES: Final[Mapping[OrderRule, tuple[str, str]]] = {
    OrderRule.RECEIPT: (
        N_("By the day of receipt"),
        N_(
            "A complaint stays under the order that was in force on the day it was received, until its file is "
            "closed: periods, grounds and papers are those of that order, also for steps taken after 14 April 2026. "
            "Complaints received before 15 April 2026 are handled under Order 20 to the end."
        ),
    ),
    OrderRule.PROCEDURE: (
        N_("Older substance, newer procedure"),
        N_(
            "What the parties owe each other is judged by the law in force when it happened. Accepting, mediating, "
            "periods and papers are procedure and follow the order in force on the day of the step: since 15 April "
            "2026 Order 121, also for complaints received before that day."
        ),
    ),
}
"""By which day the order is found: its name, and what it means."""

ROLES: Final[Mapping[str, str]] = {**i18n.OFFICER_ROLES, "system": N_("by itself")}


@officer_page("mediator", "supervisor")
async def ask(request: web.Request) -> web.StreamResponse:
    officer, complaint, step = officer_in(request), request.match_info["complaint"], request.match_info["step"]
    page = await request.app[READS].complaint(officer, complaint)
    read = READERS.get(step)
    if read is None:
        raise Refused("not_found", 404)
    form = await posted(request)
    command = read(form, page, officer)
    if form.good:
        try:
            await _asked(request, officer, complaint, command)
        except Refused as no:
            if no.code not in SHOWN:
                raise
            field, said = SHOWN[no.code]
            form.errors[field or str(no.params.get("field", "note"))] = said
    if not form.good:
        return record_page(request, page, form, 422, ask=step)
    if form.values.get("from") == "queue":
        return go("/queue")
    # Dispatched or returned within the bureau, it is another office's from now on.
    return go("/complaints" if step in ("dispatch", "return") else f"/complaints/{complaint}")


async def _asked(request: web.Request, officer: Officer, complaint: str, command: Asked) -> None:
    """Of another bureau what goes between installations; of the office everything else."""
    match command:
        case SendTransfer(TransferSent(cell=cell, reason=reason)):
            await request.app[CELLS].send(officer, complaint, cell, reason)
        case ReturnTransfer(reason=reason):
            await request.app[CELLS].give_back(officer, complaint, reason)
        case _:
            await request.app[PROCEDURE].ask(officer, complaint, command)


# ---------------------------------------------------------------- what the forms say


def _reason(form: Form) -> str:
    return form.text("reason", needed=True, longest=500)


def _note(form: Form) -> str:
    return form.text("note", longest=500)


def _testing(form: Form, page: ComplaintPage, officer: Officer) -> p.ProcedureCommand:
    body = form.text("body", needed=True, longest=120)
    payer = form.values.get("payer", "")
    if payer not in PAYERS:
        form.errors["payer"] = BAD_CHOICE
    return p.BeginTesting(body, form.choice("chosen", tuple(BODIES)), _note(form), payer)


def _recusal(form: Form, page: ComplaintPage, officer: Officer) -> p.ProcedureCommand:
    known = (officer.id, *(session.mediator_id for session in page.sessions))
    return p.RequestRecusal(form.choice("by", tuple(ASKERS)), form.choice("whom", known), _reason(form))


def _decision(form: Form, page: ComplaintPage, officer: Officer) -> p.ProcedureCommand:
    granted = form.choice("granted", ("yes", "no")) == "yes"
    return p.DecideRecusal(granted, _reason(form))


def _delegation(form: Form, page: ComplaintPage, officer: Officer) -> p.ProcedureCommand:
    to = form.text("body", needed=True, longest=120)
    agreed = tuple(who for who in PARTIES if form.values.get(f"agreed_{who}") == "yes")
    return p.DelegateMediation(to, agreed, _note(form))


def _settled(form: Form, page: ComplaintPage, officer: Officer) -> p.ProcedureCommand:
    """The role says how: what offices did not agree on, the superior decides."""
    how = "designated" if officer.role == "supervisor" else "agreed"
    return p.SettleCompetence(how, form.choice("ours", ("yes", "no")) == "yes", _note(form))


def _dispatch(form: Form, page: ComplaintPage, officer: Officer) -> p.ProcedureCommand:
    return p.Dispatch(form.choice("to", tuple(id for id, _ in page.procedure.offices)), _note(form))


def _transfer(form: Form, page: ComplaintPage, officer: Officer) -> SendTransfer:
    """To whom and why; the rest is for who sends it."""
    to = form.choice("cell", tuple(id for id, _ in page.procedure.cells))
    return SendTransfer(TransferSent("", to, "", _reason(form), ""))


Asked = p.ProcedureCommand | SendTransfer | ReturnTransfer
Reader = Callable[[Form, ComplaintPage, Officer], Asked]
READERS: Final[Mapping[str, Reader]] = {
    "dispatch": _dispatch,
    "return": lambda form, page, officer: p.ReturnToIntake(_reason(form)),
    "transfer": _transfer,
    "send_back": lambda form, page, officer: ReturnTransfer(_reason(form)),
    "dispute": lambda form, page, officer: p.RaiseCompetence(
        form.text("body", needed=True, longest=120), _reason(form)
    ),
    "settle_dispute": _settled,
    "begin_testing": _testing,
    "end_testing": lambda form, page, officer: p.EndTesting(_note(form)),
    "recusal": _recusal,
    "decide_recusal": _decision,
    "delegate": _delegation,
    "end_delegation": lambda form, page, officer: p.EndDelegation(_reason(form)),
    "order": lambda form, page, officer: p.ChooseOrder(form.choice("order", tuple(ORDERS)), _reason(form)),
    "supervise": lambda form, page, officer: p.Supervise(form.text("note", needed=True, longest=500)),
}


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: from where, to where ("" stays), by whom, and where each order says so."""

    before: str
    what: str
    after: str
    who: str
    cited: Mapping[str, str]


@officer_page()
async def table(request: web.Request) -> web.StreamResponse:
    return await _table(request, Form())


@officer_page("supervisor")
async def apply_order(request: web.Request) -> web.StreamResponse:
    """Every complaint under way that is still under Order 20, where procedure follows the newer order."""
    form = await posted(request)
    reason = _reason(form)
    if not form.good:
        return await _table(request, form, 422)
    await request.app[PROCEDURE].apply_order(officer_in(request), reason)
    return go("/procedure#orders")


async def _table(request: web.Request, form: Form, status: int = 200) -> web.Response:
    language = i18n.language(request)
    _ = i18n.words_for(request).gettext
    lines = []
    for state in ComplaintState:
        for row in TRANSITIONS:
            if state in row.before:
                after = "" if row.after is None else _(i18n.COMPLAINT_STATES[row.after])
                cited = {
                    order: (", " if language.startswith("en") else "；").join(
                        one.place(language) for one in row.cite(order)
                    )
                    for order in ORDERS
                }
                what = _(EVENTS.get(row.event, row.event))
                lines.append(StepLine(_(i18n.COMPLAINT_STATES[state]), what, after, _who(row.event, _), cited))
    in_use = await request.app[PROCEDURE].orders(officer_in(request))
    return show(
        request,
        "complaints/procedure_table.html",
        "complaints",
        status,
        lines=lines,
        orders=ORDERS,
        in_use=in_use,
        rules=RULES,
        form=form,
    )


ASKED_BY: Final[Mapping[str, frozenset[str]]] = {step.event.__name__: RIGHTS[step.command] for step in STEPS.values()}
OF_SESSIONS: Final = (e.MediationClosed.__name__, e.MediationCancelled.__name__, TellingFailed.__name__)
"""They follow from the room, or from the outbox."""


def _who(event: str, _: Callable[[str], str]) -> str:
    roles = ASKED_BY.get(event, frozenset({"system"} if event in OF_SESSIONS else {"mediator"}))
    return " / ".join(_(ROLES[role]) for role in sorted(roles))


PAST: Final = N_("Choose a day that has not passed.")


@officer_page("mediator")
async def begin_prior(request: web.Request) -> web.StreamResponse:
    form, complaint = await posted(request), request.match_info["complaint"]
    due, note = form.day("prior_due"), form.text("prior_note", longest=500)
    if due is None:
        form.errors.setdefault("prior_due", NEEDED)
    if form.good and due is not None:
        try:
            await request.app[EXCHANGE].begin_prior(officer_in(request), complaint, due, note)
        except Refused as no:
            if no.code != "bad_day":
                raise
            form.errors["prior_due"] = PAST
        else:
            return go(f"/complaints/{complaint}#prior")
    return await record_again(request, complaint, form)


@officer_page("mediator")
async def end_prior(request: web.Request) -> web.StreamResponse:
    form, complaint = await posted(request), request.match_info["complaint"]
    settled = form.choice("settled", ("yes", "no")) == "yes"
    note = form.text("prior_note", needed=settled, longest=500)
    if not form.good:
        return await record_again(request, complaint, form)
    await request.app[EXCHANGE].end_prior(officer_in(request), complaint, settled, note)
    return go(f"/complaints/{complaint}#prior")
