"""A review beside the recording, the mediator's answer to it, the moments of the record it points to, and all reviews
in a list.

A look at the recording here is a look at the record: it is journaled as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from journal.clock import TimeSpan
from journal.numbers import ascii_digits, is_number, narrow
from journal.refusals import Refused
from recordings.transcripts.condensing import Moment, Sighting
from recordings.views import AuditPage
from rooms import events as e
from rooms.events import SessionEntry
from rooms.session import Session
from rooms.supervision import REVIEW_STATES, ReviewFilter, ReviewPage, reviewing as r
from rooms.supervision.reviews import Evidence, Finding, Reply, Review
from rooms.timing import Timing
from rooms.vocabulary import Consent
from web import i18n
from web.http.forms import Form
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.office import supervision as supervision_words
from web.office.audit import journal_look, sections
from web.office.audit.files import Player
from web.office.audit.records import MACHINE, SPEEDS, ToldRecord, told_of
from web.office.audit.sentences import Voice, sentence
from web.office.audit.transcript import STATEMENTS
from web.office.supervision.plans import SUPERVISION
from web.rendering import go, number, office_scopes, officer_in, posted, show

LEFT: Final = 8  # of a picture 720 wide
RIGHT: Final = 712
MOST: Final = 60
_CLOCK: Final = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])")
_SIGNED: Final = (e.Signed, e.DocumentSealed, e.SigningRefused)
_OBJECTED: Final = (e.ExhibitDisputed, e.SigningRefused)


@dataclass(frozen=True, slots=True)
class PlayerBar:
    """`kind`: phase | caucus; x and width in the picture's units, `seconds` into the recording."""

    kind: str
    x: float
    width: float
    seconds: float
    text: str
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """`kind`: sign | object."""

    kind: str
    x: float
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class MomentMap:
    bars: Sequence[PlayerBar]
    points: Sequence[Point]
    seconds: float


def draw_moments(history: Sequence[SessionEntry], timing: Timing, player: Player, voice: Voice) -> MomentMap:
    """Of a session that was recorded; what came before or after the recording is at its ends."""

    def x(seconds: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(1.0, seconds / max(player.seconds, 0.001)), 1)

    def bar(kind: str, span: TimeSpan, text: str, odd: bool = False) -> PlayerBar:
        start, end = player.second(span.start), player.second(span.end)
        return PlayerBar(kind, x(start), max(2.0, round(x(end) - x(start), 1)), start, text, odd)

    bars = [
        bar("phase", span, voice.gettext(i18n.PHASES[phase]), n % 2 == 1)
        for n, (phase, span) in enumerate(timing.phase_spans)
    ]
    private = voice.gettext("Private talk")
    sides = {side: voice.gettext(text) for side, text in i18n.SIDES.items()}
    bars += [bar("caucus", span, f"{private}, {sides[side.value]}") for side, span in timing.caucuses]
    points: list[Point] = []
    for entry in history:
        kind = "object" if _objects(entry.event) else "sign" if isinstance(entry.event, _SIGNED) else ""
        if kind and len(points) < MOST:
            seconds = player.second(entry.at)
            if points and (points[-1].kind, points[-1].seconds) == (kind, seconds):
                points.pop()  # an answer, and now the reason for it
            points.append(Point(kind, x(seconds), seconds, sentence(entry.event, voice)))
    return MomentMap(bars, points, player.seconds)


def _objects(event: e.SessionEvent) -> bool:
    if isinstance(event, e.ClauseAnswered | e.FactAnswered):
        return not event.agrees
    if isinstance(event, e.ConsentWithdrawn):
        return event.kind is not Consent.TRANSCRIBE
    return isinstance(event, _OBJECTED)


def second_of(evidence: Evidence, session: Session, player: Player | None) -> float | None:
    """Of the recording; None without one."""
    if evidence.kind != "second" or session.opened is None or player is None:
        return None
    return player.second(session.opened + timedelta(milliseconds=evidence.at))


def typed(text: str, session: Session, player: Player | None) -> list[Evidence] | None:
    """Moments with spaces or commas between them; None when one of them is none."""
    origin: datetime | None = player.origin if player else session.opened
    found: list[Evidence] = []
    for word in re.split(r"[\s,，、;；]+", narrow(text).strip()):
        if not word:
            continue
        clock = _CLOCK.fullmatch(word)
        if clock is None or origin is None or session.opened is None:
            return None
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        at = origin + timedelta(hours=hours, minutes=minutes, seconds=seconds) - session.opened
        found.append(Evidence("second", max(0, at // timedelta(milliseconds=1))))
    return found


def written(evidence: Sequence[Evidence], session: Session, player: Player | None) -> str:
    """As it is typed: since the recording begins, without one since the opening."""
    moments = [one for one in evidence if one.kind == "second"]
    seconds = [second_of(one, session, player) if player else one.at / 1000 for one in moments]
    return " ".join(f"{int(at) // 60:02}:{int(at) % 60:02}" for at in seconds if at is not None)


LONGEST: Final = r.MOST_TEXT
BAD_MOMENTS: Final = N_("Write moments as minutes and seconds with spaces between them, for example 03:20 23:40.")
NO_EVIDENCE: Final = N_("Name a moment of the recording or tick an entry of the journal: an answer rests on something.")
NO_REASON: Final = N_("Say why it does not apply here.")
_ENTRY: Final = re.compile(r"entry_([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Around:
    """What a form is read against."""

    session: Session
    player: Player | None
    review: Review | None


Reader = Callable[[Form, Around], r.ReviewCommand]


def evidence(form: Form, around: Around) -> tuple[Evidence, ...]:
    """Moments as they are typed, and the entries that are ticked."""
    found = typed(form.text("moments", longest=200), around.session, around.player)
    if found is None:
        form.errors["moments"] = BAD_MOMENTS
        return ()
    last = around.session.version
    if is_number(typed_number := ascii_digits(form.text("entry", longest=9))) and 0 < int(typed_number) <= last:
        found.append(Evidence("entry", int(typed_number)))
    for name in form.values:
        ticked = _ENTRY.fullmatch(name)
        if ticked and 0 < int(ticked[1]) <= last:
            found.append(Evidence("entry", int(ticked[1])))
    return tuple(found[: r.MOST_EVIDENCE])


def _item(form: Form, around: Around) -> r.ReviewCommand:
    answer = form.choice("answer", ("yes", "no", "none"))
    note, rests_on = form.text("note", longest=LONGEST), evidence(form, around)
    if answer == "none" and not note and form.good:
        form.errors["note"] = NO_REASON
    elif answer in ("yes", "no") and not rests_on and form.good:
        form.errors["moments"] = NO_EVIDENCE
    return r.AnswerItem(form.text("item", longest=32), answer, note, rests_on)


def _finding(form: Form, around: Around) -> r.ReviewCommand:
    severity = form.choice("severity", ("praise", "minor", "major", "grave"))
    text, remedy = form.text("text", needed=True, longest=LONGEST), form.text("remedy", longest=LONGEST)
    rests_on = evidence(form, around)
    if not rests_on and form.good:
        form.errors["moments"] = NO_EVIDENCE
    return r.NoteFinding(severity, form.text("item", longest=32), text, rests_on, remedy)


def _number(form: Form) -> int:
    text = form.values.get("finding", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _replies(form: Form, around: Around) -> r.ReviewCommand:
    asked = around.review.asking if around.review else ()
    replies = []
    for one in asked:
        accepts = form.choice(f"accepts_{one.n}", ("yes", "no"))
        text = form.text(f"reply_{one.n}", needed=accepts == "no", longest=LONGEST)
        replies.append(Reply(one.n, accepts == "yes", text))
    return r.AnswerFindings(tuple(replies))


READERS: Final[Mapping[str, Reader]] = {
    "item": _item,
    "finding": _finding,
    "drop": lambda form, around: r.DropFinding(_number(form)),
    "undo": lambda form, around: r.Undo(),
    "opinion": lambda form, around: r.AskOpinion(
        form.text("of", needed=True, longest=64), "", form.text("question", needed=True, longest=LONGEST)
    ),
    "opine": lambda form, around: r.GiveOpinion(
        form.choice("agrees", ("yes", "no")) == "yes", form.text("opinion", needed=True, longest=LONGEST)
    ),
    "waive": lambda form, around: r.WaiveOpinion(form.text("why_waived", needed=True, longest=LONGEST)),
    "hand_on": lambda form, around: r.HandOn(form.text("summary", longest=LONGEST)),
    "reply": _replies,
    "decide": lambda form, around: r.DecideFinding(
        _number(form), form.choice("stands", ("yes", "no")) == "yes", form.text("decided", needed=True, longest=LONGEST)
    ),
    "remedy": lambda form, around: r.NoteRemedy(_number(form), form.text("done", needed=True, longest=LONGEST)),
    "close": lambda form, around: r.CloseReview(form.text("note", longest=LONGEST)),
    "take_over": lambda form, around: r.TakeOver(form.text("why_taken", needed=True, longest=LONGEST)),
    "training": lambda form, around: r.MarkTraining(
        form.values.get("kept") == "yes", form.text("training_note", longest=LONGEST)
    ),
}
MEDIATORS: Final = frozenset({"reply", "training"})
DRAFTED: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("answer", "note", "moments"),
    "finding": ("severity", "item", "text", "remedy", "moments"),
    "hand_on": ("summary",),
    "opinion": ("question",),
    "close": ("note",),
}
"""Fields whose typing is kept on the server until they are sent."""


def draft_names(what: str, form: Form) -> list[str]:
    key = form.values.get("item", "") if what == "item" else what
    return [f"{key}.{name}" for name in DRAFTED.get(what, ())]


PACE: Final = 1.5
FIELDS: Final = 20  # drafts in one request
HAPPENED: Final = {
    "ReviewOpened": N_("Review begun"),
    "ReviewTakenOver": N_("Taken over"),
    "ItemAnswered": N_("Answered"),
    "FindingNoted": N_("Finding noted"),
    "FindingDropped": N_("Finding dropped"),
    "Undone": N_("Taken back"),
    "OpinionAsked": N_("Second opinion asked for"),
    "OpinionGiven": N_("Second opinion given"),
    "OpinionWaived": N_("Second opinion waived"),
    "HandedOn": N_("Handed to the mediator"),
    "MediatorReplied": N_("The mediator answered"),
    "FindingDecided": N_("Objection decided"),
    "RemedyNoted": N_("Remedy noted"),
    "ReviewClosed": N_("Review closed"),
    "TrainingMarked": N_("Training case changed"),
}
SAID: Final = {
    "unanswered": N_("Something is still open: an item, an answer, an objection or a second opinion."),
    "no_evidence": N_("What is not in order needs a finding with evidence before it is handed on."),
    "nothing_to_undo": N_("There is nothing to take back."),
    "wrong_state": N_("Somebody else was quicker: this is how it stands now."),
    "bad_choice": N_("Choose one of these."),
    "missing": N_("Please fill this in."),
}


@officer_page("supervisor")
async def listing(request: web.Request) -> web.StreamResponse:
    state = request.query.get("state", "")
    wanted = ReviewFilter(
        state if state in REVIEW_STATES else "", request.query.get("office", "")[:64], number(request, "page")
    )
    found = await request.app[SUPERVISION].reviews(officer_in(request), wanted)
    return show(
        request,
        "supervision/reviews.html",
        "supervision",
        found=found,
        wanted=wanted,
        states=REVIEW_STATES,
        query={name: value for name, value in request.query.items() if value and name in ("state", "office")},
        pages=max(1, -(-found.total // found.page_size)),
        offices={one.id: one.short for one in found.offices},
        scopes=office_scopes(found.offices, i18n.words_for(request)),
        words=supervision_words,
        office_words=i18n,
    )


@officer_page("supervisor", "mediator")
async def review(request: web.Request) -> web.StreamResponse:
    page = await request.app[SUPERVISION].review(officer_in(request), request.match_info["session"])
    return await _page(request, page, await journal_look(request, "record"), "", Form())


@officer_page("supervisor")
async def begin(request: web.Request) -> web.StreamResponse:
    session = request.match_info["session"]
    await request.app[SUPERVISION].open_review(officer_in(request), session)
    return go(f"/supervision/reviews/{session}")


@officer_page("supervisor", "mediator")
async def act(request: web.Request) -> web.StreamResponse:
    """One step of the review; a refusal is said on the page, with what was typed."""
    officer, session, what = officer_in(request), request.match_info["session"], request.match_info["what"]
    desk = request.app[SUPERVISION]
    page = await desk.review(officer, session)
    if what not in READERS or (what in MEDIATORS) != (officer.role == "mediator"):
        raise Refused("not_found", 404)
    form, seen = await posted(request), await journal_look(request, "record")
    command = READERS[what](form, Around(seen.session, told_of(request, seen).player, page.review))
    if not form.good:
        return await _page(request, page, seen, what, form, 422)
    try:
        await desk.ask(officer, session, command)
    except Refused as no:
        if no.code not in SAID:
            raise
        form.errors["review"] = SAID[no.code]
        return await _page(request, await desk.review(officer, session), seen, what, form, no.status)
    if what in DRAFTED:
        await desk.keep_draft(officer, session, dict.fromkeys(draft_names(what, form), ""))
    return go(f"/supervision/reviews/{session}#work")


@officer_page("supervisor")
async def draft(request: web.Request) -> web.StreamResponse:
    """What is being typed, kept until it is sent: a closed tab loses nothing."""
    officer, session, form = officer_in(request), request.match_info["session"], await posted(request)
    changes = {name: value for name, value in form.values.items() if name != "csrf"}
    if len(changes) > FIELDS or not all("." in name for name in changes):
        raise Refused("bad_choice", 422)
    await request.app[SUPERVISION].keep_draft(officer, session, changes)
    return json_response({"kept": sorted(changes)})


async def _page(
    request: web.Request, page: ReviewPage, seen: AuditPage, what: str, form: Form, status: int = 200
) -> web.Response:
    officer, told = officer_in(request), told_of(request, seen)
    zone = ZoneInfo(officer.office.zone)
    film, voice = told.player, told.voice
    strand = next((one for one in film.strands if one.pieces), None) if film and not film.film else None
    entries = sections.moments(seen.events, voice, voice.gettext(MACHINE), film.origin if film else None)
    context: dict[str, Any] = {
        "page": page,
        "review": page.review,
        "row": page.session,
        "session": seen.session,
        "timing": seen.timing,
        "names": voice.names,
        "player": film,
        "at": 0.0,
        "looked": sections.looked(seen.events, officer.id),
        "strand": strand,
        "piece": strand.at(0.0) if strand else None,
        "speeds": SPEEDS,
        "pace": PACE,
        "map": draw_moments(told.history, seen.timing, film, voice) if film else None,
        "entries": {one.version: one for one in entries},
        "second": partial(_second, seen, told),
        "entry_second": lambda version: _second(seen, told, Evidence("entry", version)),
        "as_typed": lambda some: written(some, seen.session, film),
        "ticked": lambda some: {one.at for one in some if one.kind == "entry"},
        "spoke": _spoke(seen, told),
        "clock_of": lambda at: at.astimezone(zone).strftime("%H:%M:%S"),
        "what": what,
        "form": form,
        "happened": HAPPENED,
        "words": supervision_words,
        "office_words": i18n,
        "mine": page.review is not None and page.review.reviewer == officer.id,
        "refresh": False,
        "language": i18n.language(request),
        "known": partial(_known, page),
        "heard": _heard(await request.app[STATEMENTS].moments(page.session.id), page, told),
    }
    template = "supervision/review.html" if officer.role == "supervisor" else "supervision/reply.html"
    return show(request, template, "supervision" if officer.role == "supervisor" else "practice", status, **context)


@dataclass(frozen=True, slots=True)
class HeardMoment:
    """Words that may answer an item: offered, never an answer. `about`: what was looked for."""

    about: tuple[str, ...]
    name: str
    text: str
    seconds: float


MOST_HEARD: Final = 6  # of an item
HEARD: Final[Mapping[Moment, tuple[str, str]]] = {
    Moment.IDENTITY: ("identity", N_("identity checked")),
    Moment.RIGHTS: ("rights", N_("rights told")),
    Moment.SHAM: ("rights", N_("warned against sham mediation")),
    Moment.RECUSAL: ("recusal", N_("recusal asked")),
    Moment.VOLUNTARY: ("terms", N_("asked whether it is voluntary")),
    Moment.CONCESSION: ("concessions", N_("confidentiality of concessions")),
    Moment.PRESSURE: ("balance", N_("words of pressure")),
}
"""The item of the checklist that words may speak to, and what they were looked at for."""


def _heard(found: Sequence[Sighting], page: ReviewPage, told: ToldRecord) -> Mapping[str, Sequence[HeardMoment]]:
    """By item; of one that this review does not ask, with the rights."""
    items = page.review.opened.items if page.review is not None else ()
    heard: dict[str, dict[str, HeardMoment]] = {}
    for one in found:
        item, about = HEARD[one.moment]
        at = told.player.second(one.line.begins) if told.player else 0.0
        some = heard.setdefault(item if item in items else "rights", {})
        before = some[one.line.id].about if one.line.id in some else ()
        some[one.line.id] = HeardMoment((*before, about), told.voice.name(one.line.seat), one.text, at)
    return {item: list(some.values())[:MOST_HEARD] for item, some in heard.items()}


def _second(seen: AuditPage, told: ToldRecord, evidence: Evidence) -> float | None:
    """Into the recording, of either kind of evidence."""
    if told.player is None:
        return None
    if evidence.kind == "second":
        return second_of(evidence, seen.session, told.player)
    entry = next((one for one in told.history if one.version == evidence.at), None)
    return told.player.second(entry.at) if entry is not None else None


def _spoke(seen: AuditPage, told: ToldRecord) -> Sequence[tuple[str, str, int]]:
    """(name, role, ms) of who spoke, the longest first."""
    found = [
        (told.voice.name(seat), seen.session.seats[seat].role.value, timing.spoke_ms)
        for seat, timing in seen.timing.seats.items()
        if timing.spoke_ms and seat in seen.session.seats
    ]
    return sorted(found, key=lambda one: -one[2])


def _known(page: ReviewPage, n: int) -> Finding | None:
    return page.review.finding(n) if page.review else None
