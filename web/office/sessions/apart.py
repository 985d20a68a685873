"""A mediator's page of an asynchronous mediation: each side's state, and everything by which it is steered.

Forms stand where they belong on one page; each names the edition or number of what it is about, and what is refused is
said above it with what was typed. What each asks of the session stands below the pages. What was agreed without a
room, by telephone and on site too, is signed and sealed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from complaints.record import AttachmentAdded
from journal.refusals import DomainError, Refused
from law.grounds import ending_grounds
from offices import Officer
from rooms import MOST_LINE, MOST_TEXT, commands as c
from rooms.agreement import outcome
from rooms.apart.rules import MOST_WORDS, NUDGE, TaskKind, open_tasks
from rooms.apart.state import Apart, SentWord
from rooms.caucus.rules import gap_view, slips_view
from rooms.exhibits.rules import exhibits_view
from rooms.seats import SeatState
from rooms.session import Session, apart_on
from rooms.view.parts import draft_view
from rooms.views import SeatedPerson, SentMessage, SessionRow
from rooms.vocabulary import Capacity, GapRule, Outcome, OutcomeKind, Performance, Role, Side, Status, Term
from web import APART, APPOINTMENTS, READS, SESSIONS, i18n
from web.http.forms import Form, now
from web.http.security import officer_page
from web.i18n import N_
from web.join.apart import MOST_BYTES, amount, files_problem, number, offer_files
from web.office.administration.messages import TROUBLE_SAID
from web.office.audit.transcript import STATEMENTS
from web.office.oversight import SIGNATURES
from web.office.sessions import warnings
from web.office.sessions.calendar import seen
from web.office.sessions.elsewhere import CAPACITIES
from web.office.sessions.pages import can_enter, find_session, session_response
from web.rendering import go, officer_in, posted, show
from web.room import EXHIBITS, SIGNING, SIGNING_BY_LINK, standing

USUAL: Final = timedelta(days=7)  # as the form of a new one suggests
STEERING: Final = ("begin", "end", "meet", "no_meeting", "open", "nudge")
"""Forms that tell people, or move where it is held; the others are the session's own commands."""
VOIDING: Final = ("clause", "clause_off", "authority", "close")
"""What changes or ends what lies there to be signed: with a tick only that says so."""
OF_THE_DRAWING: Final = ("bad_signature_code", "signature_locked", "no_signature")
PLACES: Final[Mapping[str, str]] = {"begin": "until", "end": "until", "meet": "meeting", "no_meeting": "meeting"}
WAITS: Final[Mapping[TaskKind, str]] = {
    TaskKind.CODE: N_("to come in: the link has not been opened with a code yet"),
    TaskKind.CONSENT: N_("to agree to take part"),
    TaskKind.RIGHTS: N_("to read the rights"),
    TaskKind.STATEMENT: N_("to make a statement"),
    TaskKind.EXHIBIT: N_("to answer an exhibit"),
    TaskKind.OFFER: N_("to answer an offer"),
    TaskKind.RULE: N_("to agree to the rule of the double-blind offers"),
    TaskKind.FIGURE: N_("to enter a figure"),
    TaskKind.FACT: N_("to answer a fact"),
    TaskKind.CLAUSE: N_("to answer a clause"),
    TaskKind.SIGN: N_("to sign"),
    TaskKind.OUTCOME: N_("to read the result"),
}


@dataclass(frozen=True, slots=True)
class SideCard:
    """A party's state: the last visit, what they are asked, the messages to them and whether another may go."""

    seat: SeatState
    visited: datetime | None
    waits: Sequence[TaskKind]
    words: Sequence[SentWord]
    sent: Sequence[SentMessage]
    empowered: bool
    nudges_left: int


async def steered(request: web.Request) -> tuple[SessionRow, Session]:
    """The officer's own session: what each side confides is between it and its mediator. Refused(403)
    not_of_the_case, for colleagues, who see the session's own page."""
    row, state = await find_session(request)
    if state.mediator != officer_in(request).id:
        raise Refused("not_of_the_case", 403)
    return row, state


@officer_page("mediator")
async def apart_page(request: web.Request) -> web.StreamResponse:
    row, state = await steered(request)
    if state.over:
        raise web.HTTPSeeOther(f"/sessions/{row.id}")
    return await _page(request, row, state)


@officer_page("mediator")
async def act(request: web.Request) -> web.StreamResponse:
    row, state = await steered(request)
    name, form, officer = request.match_info["act"], await posted(request), officer_in(request)
    if name not in STEERING and name not in READERS:
        raise Refused("not_found", 404)
    section = PLACES.get(name) or SECTIONS.get(name, "sides")
    try:
        if _voids(name, form, state) and form.values.get("void") != "yes":
            raise Refused("would_void", 409)
        warned = await _warned(request, officer, state, form) if name == "meet" else ([], "")
        if warned[0]:
            return await _page(request, row, state, section, None, form, name, warned)
        if name in STEERING:
            return go(await _steer(request, officer, row.id, name, form))
        command = READERS[name](form, state, officer.office.zone)
        await request.app[SESSIONS].submit(row.id, command, officer.actor)
    except (DomainError, Refused) as no:
        if no.code == "not_found":
            raise
        _, fresh = await steered(request)
        return await _page(request, row, fresh, section, no, form, name)
    return go(f"/sessions/{row.id}" if name == "close" else f"/sessions/{row.id}/apart#{section}")


async def _warned(request: web.Request, officer: Officer, state: Session, form: Form) -> tuple[list[str], str]:
    """What is in the calendar then, and what says that it was read; nothing where it was, or nothing speaks against."""
    at = form.moment("meet", officer.office.zone)
    if at is None or at <= now(request):
        return [], ""
    diary = await request.app[APPOINTMENTS].diary_for(officer.id, officer.office, state.id)
    objections = diary.objections(at)
    sight = seen(at, objections)
    if not objections or form.values.get("seen") == sight:
        return [], ""
    return warnings(objections, i18n.words_for(request)), sight


def _voids(name: str, form: Form, state: Session) -> bool:
    if state.signing is None or not state.signing.open:
        return False
    accepted = name == "fact_off" and form.values.get("fact") in {one.id for one in outcome.undisputed(state)}
    return accepted or name in VOIDING


@officer_page("mediator", most_bytes=MOST_BYTES)
async def bring_exhibit(request: web.Request) -> web.StreamResponse:
    """Files of the mediator's own, or one of the complaint's."""
    row, state = await steered(request)
    officer, sent = officer_in(request), await request.post()
    form = Form.of(sent)
    who = SeatedPerson(row.id, state.mediator_seat, officer.actor)
    problem: Refused | DomainError | None = None
    try:
        if attachment := form.values.get("attachment", ""):
            await request.app[EXHIBITS].bring(who, officer, attachment)
        else:
            await offer_files(request, who, form.values.get("title", ""), sent.getall("file", []), private=False)
    except (Refused, DomainError) as no:
        problem = no
    if problem is not None:
        _, fresh = await steered(request)
        return await _page(request, row, fresh, "exhibits", problem, form, "exhibits")
    return go(f"/sessions/{row.id}/apart#exhibits")


async def _steer(request: web.Request, officer: Officer, session: str, name: str, form: Form) -> str:
    """Where it leads. Refused, as the service has it; bad_choice for a time that is none."""
    desk, page = request.app[APART], f"/sessions/{session}/apart"
    if name in ("begin", "end", "meet"):
        at = form.moment(name, officer.office.zone)
        if at is None:
            raise Refused("bad_value", 422, field=name)
        if name == "begin":
            await desk.begin(officer, session, at)
        elif name == "end":
            await desk.move_end(officer, session, at)
        else:
            await desk.call(officer, session, at)
        return f"{page}#{PLACES[name]}"
    if name == "no_meeting":
        await desk.call(officer, session, None)
        return f"{page}#meeting"
    if name == "open":
        await desk.open_room(officer, session)
        return f"/sessions/{session}/room"
    await desk.nudge(officer, session, form.values.get("seat", ""))
    return f"{page}#sides"


async def _page(
    request: web.Request,
    row: SessionRow,
    state: Session,
    section: str = "",
    no: Refused | DomainError | None = None,
    form: Form | None = None,
    name: str = "",
    warned: tuple[list[str], str] = ([], ""),
) -> web.Response:
    officer, text = officer_in(request), i18n.words_for(request)
    trouble = "" if no is None else files_problem(text, no)
    apart, mediator = apart_on(state), state.mediator_seat
    lines = await request.app[APART].lines(row.id, mediator) if apart is not None else ()
    language = i18n.language(request)
    context: dict[str, Any] = {
        "row": row,
        "session": state,
        "apart": apart,
        "enterable": can_enter(state) and state.under_way,
        "can_begin": state.status in (Status.SCHEDULED, Status.LIVE, Status.RECESS),
        "late": apart is not None and now(request) >= apart.until,
        "where": section,
        "warned": warned[0],
        "seen": warned[1],
        "trouble": trouble,
        "name": name,
        "form": form if form is not None else suggested(officer, now(request), apart),
        "cards": await _cards(request, state, apart) if apart is not None else (),
        "waits": WAITS,
        "lines": [{**line, "at": datetime.fromisoformat(line["at"])} for line in lines],
        "exhibits": exhibits_view(state, mediator)["list"],
        "attachments": await _unused_attachments(request, officer, state) if apart is not None else (),
        "slips": slips_view(state, mediator),
        "gap": gap_view(state, mediator),
        "draft": draft_view(state, mediator),
        "ready_to_sign": outcome.agreed(state) and not state.sealed,
        "signers": await request.app[SIGNING_BY_LINK].signers(officer, state.id),
        "own_signature": standing(await request.app[SIGNATURES].of(officer.id)),
        "parties_signed": state.signing is not None and state.signing.open and state.signing.parties_signed,
        "capacities": CAPACITIES,
        "grounds": [(str(one.number), one.gist(language)) for one in ending_grounds(state.order)],
        "sent_states": i18n.SENT_STATES,
        "trouble_said": TROUBLE_SAID,
        "most_text": MOST_TEXT,
        "most_line": MOST_LINE,
        "sides": list(Side),
    }
    return show(request, "sessions/apart.html", "complaints", 409 if no is not None or warned[0] else 200, **context)


def suggested(officer: Officer, at: datetime, apart: Apart | None = None) -> Form:
    """A week from now at six, in the office's zone; the end that is set; tomorrow at half past nine to meet."""
    there = at.astimezone(ZoneInfo(officer.office.zone))
    begin = (there + USUAL).replace(hour=18, minute=0)
    end = apart.until.astimezone(there.tzinfo) if apart is not None else begin
    meet = (there + timedelta(days=1)).replace(hour=9, minute=30)
    values = dict[str, str]()
    for name, when in (("begin", begin), ("end", end), ("meet", meet), ("adjourned", meet)):
        values |= {f"{name}_day": when.date().isoformat(), f"{name}_time": f"{when:%H:%M}"}
    return Form(values)


async def _unused_attachments(request: web.Request, officer: Officer, state: Session) -> list[AttachmentAdded]:
    """Of the complaint, which are no exhibit yet."""
    used = {one.attachment for one in state.exhibits.standing}
    page = await request.app[READS].complaint(officer, state.complaint)
    return [one for one in page.attachments if one.attachment not in used]


async def _cards(request: web.Request, state: Session, apart: Apart) -> list[SideCard]:
    sent = await request.app[APPOINTMENTS].sent(state.id)
    return [
        SideCard(
            seat,
            apart.visits.get(seat.id),
            list(dict.fromkeys(task.kind for task in open_tasks(state, seat))),
            [word for word in apart.sent if word.seat == seat.id],
            sent.get(seat.seat.phone, ()) if seat.seat.phone else (),
            outcome.empowered(state, seat),
            MOST_WORDS - sum(word.kind == NUDGE and word.seat == seat.id for word in apart.sent),
        )
        for seat in state.seats.values()
        if not seat.signs_in and seat.role is not Role.SUPERVISOR
    ]


# ------------------------------------------------------------ signing without a room


@officer_page("mediator")
async def ask_to_sign(request: web.Request) -> web.StreamResponse:
    row, state = await find_session(request)
    if state.over and state.held is None:
        await request.app[STATEMENTS].send(officer_in(request), row.id)
    else:
        await request.app[SIGNING_BY_LINK].ask(officer_in(request), row.id)
    return go(_place(state, "signing"))


def _place(state: Session, part: str) -> str:
    """Where it is signed: on the session's own page once it is over."""
    return f"/sessions/{state.id}#{part}" if state.over else f"/sessions/{state.id}/apart#signing"


@officer_page("mediator")
async def sign(request: web.Request) -> web.StreamResponse:
    """The mediator signs after both, by the typed name or with the saved drawing and its code, and the seal goes on in
    the same press; the seal alone where the office has set it so."""
    row, state = await find_session(request)
    officer, form, signing = officer_in(request), await posted(request), state.signing
    if signing is None or not state.by_link:
        raise Refused("wrong_state", 409)
    if not signing.seal_only and state.mediator_seat not in signing.hands:
        try:
            if "saved" in form.values:
                await request.app[SIGNING].sign_with_saved(officer, row.id, signing.text, form.values["saved"])
            else:
                await request.app[SIGNING].sign_as_mediator(officer, row.id, signing.text, officer.name, None)
        except Refused as no:
            if no.code not in OF_THE_DRAWING:
                raise
            if state.over:
                problem = {"saved": files_problem(i18n.words_for(request), no)}
                return await session_response(request, row, state, Form({}, problem), 409)
            row, state = await steered(request)
            return await _page(request, row, state, "signing", no)
    await request.app[SIGNING].seal(officer, row.id, signing.text)
    return go(_place(state, "documents"))


Reader = Callable[[Form, Session, str], c.Command]
"""The form, the session as it is, and the office's zone. Refused(422) for what no page of ours sends."""
Word = TypeVar("Word", Side, GapRule, Capacity, OutcomeKind)


def _text(form: Form, name: str = "text") -> str:
    return form.values.get(name, "").strip()


def _one(kind: type[Word], form: Form, name: str) -> Word:
    try:
        return kind(form.values.get(name, ""))
    except ValueError:
        raise Refused("bad_value", 422, field=name) from None


def _confide(form: Form, _session: Session, _zone: str) -> c.Command:
    return c.Confide(_text(form), _one(Side, form, "side"))


def _offer(form: Form, _session: Session, _zone: str) -> c.Command:
    """Of the mediator's own words, to one side or to both; or a slip that is passed on."""
    slip = number(form, "slip")
    if slip:
        return c.PutOffer("", slip=slip)
    to = None if form.values.get("to") == "both" else _one(Side, form, "to")
    return c.PutOffer(_text(form), amount(form), to)


def _clause(form: Form, _session: Session, zone: str) -> c.Command:
    """A promise, which the program puts into words, or words alone."""
    which, edition, heading = form.values.get("clause", ""), number(form, "edition"), _text(form, "heading")
    if not _text(form, "action"):
        return c.PutClause(clause=which, edition=edition, text=_text(form), heading=heading)
    return c.PutClause(clause=which, edition=edition, text=_text(form), heading=heading, term=_term(form, zone))


def _term(form: Form, zone: str) -> Term:
    at_once, day = form.values.get("done") == "yes", form.day("due")
    money: Decimal | None = amount(form)
    # The whole day it is due on: until its last minute where the office is.
    due = None if at_once or day is None else datetime.combine(day, time(23, 59), ZoneInfo(zone))
    performance = Performance.ON_THE_SPOT if at_once else Performance.LATER
    return Term(_one(Side, form, "who"), _text(form, "action"), money, due, _text(form, "how"), performance)


def _authority(form: Form, _session: Session, _zone: str) -> c.Command:
    special = form.values.get("special") == "yes"
    return c.RecordAuthority(
        form.values.get("seat", ""), _one(Capacity, form, "capacity"), special, _text(form, "basis")
    )


def _propose(form: Form, _session: Session, zone: str) -> c.Command:
    """Of a draft that both have agreed to, the outcome is what it promises."""
    kind = _one(OutcomeKind, form, "outcome")
    note = _text(form, "note")
    if kind is OutcomeKind.SETTLED:
        return c.ProposeAgreed(note)
    if kind is OutcomeKind.ENDED:
        return c.ProposeOutcome(Outcome(kind, ground=number(form, "ground") or None, note=note))
    if kind is OutcomeKind.ADJOURNED:
        to = form.moment("adjourned", zone)
        if to is None:
            raise Refused("bad_value", 422, field="adjourned_to")
        return c.ProposeOutcome(Outcome(kind, adjourned_to=to, note=note))
    return c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note=note))


READERS: Final[Mapping[str, Reader]] = {
    "say": lambda form, _session, _zone: c.Say(_text(form)),
    "confide": _confide,
    "offer": _offer,
    "offer_back": lambda form, _session, _zone: c.TakeBackOffer(number(form, "number")),
    "blind": lambda form, _session, _zone: c.OpenGap(_one(GapRule, form, "rule")),
    "blind_off": lambda form, _session, _zone: c.DropGap(number(form, "number")),
    "clause": _clause,
    "clause_off": lambda form, _session, _zone: c.RemoveClause(form.values.get("clause", ""), number(form, "edition")),
    "explained": lambda form, _session, _zone: c.ExplainClause(form.values.get("clause", "")),
    "fact": lambda form, _session, _zone: c.PutFact(text=_text(form)),
    "fact_off": lambda form, _session, _zone: c.RemoveFact(form.values.get("fact", ""), number(form, "edition")),
    "authority": _authority,
    "resume": lambda _form, _session, _zone: c.EndRecess(),
    "propose": _propose,
    "propose_off": lambda _form, _session, _zone: c.TakeBackOutcome(),
    "close": lambda form, _session, _zone: c.Close(_text(form, "anyway")),
}
SECTIONS: Final[Mapping[str, str]] = {
    "say": "said",
    "confide": "private",
    "offer": "offers",
    "offer_back": "offers",
    "blind": "blind",
    "blind_off": "blind",
    "clause": "draft",
    "clause_off": "draft",
    "explained": "draft",
    "fact": "draft",
    "fact_off": "draft",
    "authority": "sides",
    "resume": "head",
    "propose": "outcome",
    "propose_off": "outcome",
    "close": "outcome",
}
"""Where on the page each stands."""
