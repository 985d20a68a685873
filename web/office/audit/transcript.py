"""A record's transcript beside its film: lines to play, search and correct, copies, how far it is; and, before it is
signed, which of them the record quotes: every proposed line taken, left, edited.

Each press is kept at once; the page that comes back stands where it was. A look at it is a look at the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup, escape

from casebook import Paragraph
from journal.refusals import DomainError, Refused
from offices import Officer
from recordings.transcripts import Transcript
from recordings.transcripts.condensing import KEEPING, Rule, Sighting
from recordings.transcripts.statements import RecordDraft, RecordStatement
from recordings.views import AuditPage
from rooms import MOST_LINE
from rooms.record.rules import RecordUse
from rooms.vocabulary import Phase, Role
from web import READS, i18n, refusals
from web.http.forms import Form
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.audit import TRANSCRIPT_STATES, TRANSCRIPTS, journal_look, note, sections
from web.office.audit.files import Cue, Player, vtt
from web.office.audit.records import SPEEDS, second_of, told_of
from web.rendering import go, officer_in, posted, show

PART: Final = "transcript"  # as looks call it

ERRORS: Final = {
    "engine_missing": N_("No speech engine is installed. Whoever runs the server runs: ./run speech"),
    "model_missing": N_("The speech model is gone. Whoever runs the server runs: yuntiao speech install"),
    "model_unusable": N_("The speech model cannot be used. Whoever runs the server runs: yuntiao speech check"),
    "speech_gone": N_("The speech engine ended in the middle, again and again. The server may be short of memory."),
    "source_missing": N_("A recording file is missing."),
    "source_changed": N_("A recording file is not what the journal says was recorded."),
    "too_long": N_("The recording is longer than a day."),
    "disk_full": N_("The disk is full. It goes on by itself once there is room."),
    "store_away": N_("The store of files cannot be reached. It goes on by itself once it can."),
}
KINDS: Final = {"vtt": "text/vtt", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """`seconds` into the recording, None where there is none to play; `heard`: by the machine, of a corrected one."""

    id: str
    seat: str
    role: Role | None
    name: str
    begins: datetime
    seconds: float | None
    end: float
    text: str
    heard: str
    unsure: bool


_UNSURE: Final = 0.5
MOST_WORDS: Final = 80  # characters


def shown_lines(
    transcript: Transcript, page: AuditPage, names: Mapping[str, str], film: Player | None
) -> list[ShownLine]:
    origin = film.origin if film else transcript.lines[0].begins if transcript.lines else None
    found = []
    for line in transcript.lines:
        seat, text = page.session.seats.get(line.seat), transcript.text(line)
        at, until = ((time - origin).total_seconds() if origin else 0.0 for time in (line.begins, line.ends))
        inside = film is not None and 0 <= at < film.seconds
        found.append(
            ShownLine(
                line.id, line.seat, seat.role if seat else None, names.get(line.seat, line.seat), line.begins,
                round(at, 2) if inside else None, round(max(at, until), 2), text,
                line.text if text != line.text else "", line.sure < _UNSURE,
            )
        )  # fmt: skip
    return found


@officer_page("supervisor", "mediator")
async def show_transcript(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


async def _page(request: web.Request, form: Form, status: int = 200) -> web.Response:
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].record(officer, session, RecordUse.WATCH)
    page, state = await journal_look(request, PART), await request.app[TRANSCRIPTS].state(session)
    told = told_of(request, page)
    lines: list[ShownLine] = []
    if state.state == "ready":
        lines = shown_lines(await request.app[TRANSCRIPTS].shown(officer, session), page, told.voice.names, told.player)
    film = told.player
    at = min(second_of(request.query.get("t", "")), film.seconds if film else 0.0)
    strand = film.strand(request.query.get("who", "")) if film else None
    if film and not film.film and strand is None:
        strand = next((one for one in film.strands if one.pieces), None)
    mine = page.session.mediator == officer.id
    chosen = form.values.get("line", request.query.get("line", "")) if mine else ""
    context: dict[str, Any] = {
        "row": page.row,
        "looked": page.events[-1].at,
        "state": state,
        "told": TRANSCRIPT_STATES[state.state],
        "error": ERRORS.get(state.error, ""),
        "lines": lines,
        "speakers": {line.seat: line for line in lines}.values(),
        "mine": mine,
        "chosen": next((line for line in lines if line.id == chosen), None),
        "most": MOST_LINE,
        "form": form,
        "player": film,
        "at": at,
        "strand": strand,
        "piece": strand.at(at) if strand else None,
        "speeds": SPEEDS,
        "words": i18n,
    }
    return show(request, "audit/transcript.html", "audit", status, **context)


@officer_page("supervisor", "mediator")
async def search_transcripts(request: web.Request) -> web.StreamResponse:
    """Across the records that this officer may see. What is shown of one is a look at it, and noted first."""
    words = request.query.get("words", "").strip()[:MOST_WORDS]
    found = await request.app[TRANSCRIPTS].search(officer_in(request), words, request.query.get("after", ""))
    for hit in found.hits:
        await note(request, PART, hit.row.id)
    context: dict[str, Any] = {"asked": words, "found": found, "most": MOST_WORDS, "marked": partial(marked, words)}
    return show(request, "audit/transcripts.html", "audit", **context)


def marked(words: str, text: str) -> str:
    """The words set off where they stand in it first, whatever their case."""
    folded, wanted = text.casefold(), words.casefold()
    at = folded.find(wanted)
    if at < 0 or len(folded) != len(text):  # "ß" is two letters: which of these are those is not known
        return text
    end = at + len(wanted)
    return escape(text[:at]) + Markup("<mark>{}</mark>").format(text[at:end]) + escape(text[end:])


@officer_page("supervisor", "mediator")
async def ask_transcript(request: web.Request) -> web.StreamResponse:
    """Once a model was installed, or after it failed."""
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].record(officer, session, RecordUse.TAKE)
    await request.app[TRANSCRIPTS].ask(session, again=True)
    return go(f"/audit/{session}/transcript")


@officer_page("supervisor", "mediator")
async def transcript_state(request: web.Request) -> web.StreamResponse:
    """How far it is; the page asks again until it is ready."""
    await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.READ)
    found = await request.app[TRANSCRIPTS].state(request.match_info["session"])
    text = i18n.words_for(request).gettext(TRANSCRIPT_STATES[found.state])
    # The page's script knows these two for "go on asking".
    told = {"working": "composing"}.get(found.state, found.state)
    return json_response({"state": told, "progress": round(found.progress, 3), "text": text})


@officer_page("mediator")
async def correct_line(request: web.Request) -> web.StreamResponse:
    """What was heard stays; nothing typed, or what was heard, takes a correction back."""
    officer, session = officer_in(request), request.match_info["session"]
    form = await posted(request)
    line, text = form.values.get("line", ""), form.text("text", longest=MOST_LINE)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[TRANSCRIPTS].correct(officer, session, line, "" if form.values.get("undo") else text)
    return go(f"/audit/{session}/transcript#line-{line}" if line.isalnum() else f"/audit/{session}/transcript")


@officer_page("supervisor", "mediator")
async def transcript_file(request: web.Request) -> web.StreamResponse:
    """As it is read, corrected where it was; says what it is at its head."""
    officer, session, form = officer_in(request), request.match_info["session"], request.match_info["form"]
    await request.app[READS].record(officer, session, RecordUse.TAKE)
    page, transcript = await journal_look(request, PART), await request.app[TRANSCRIPTS].shown(officer, session)
    told = told_of(request, page)
    lines = shown_lines(transcript, page, told.voice.names, told.player)
    write = _as_word if form == "docx" else _as_captions
    content = await request.app[TRANSCRIPTS].take(officer, session, form, write(request, page, transcript, lines))
    name = f'attachment; filename="transcript-{session}.{form}"'
    return web.Response(
        body=content, headers={"Content-Type": KINDS[form], "Content-Disposition": name, "Cache-Control": "no-store"}
    )


def _heading(request: web.Request, transcript: Transcript) -> str:
    model = transcript.model
    return i18n.words_for(request).gettext(
        "Machine transcript, not confirmed. Model: %(model)s, SHA-256 %(digest)s", model=model.name, digest=model.digest
    )


def _as_captions(
    request: web.Request, _page: AuditPage, transcript: Transcript, lines: Sequence[ShownLine]
) -> list[Paragraph]:
    spoken = i18n.words_for(request)
    cues = [
        Cue(line.seconds, line.end, spoken.gettext("%(name)s: %(text)s", name=line.name, text=line.text))
        for line in lines
        if line.seconds is not None
    ]
    first, _, rest = vtt(cues).partition("\n")
    return [Paragraph(f"{first}\n\nNOTE {_heading(request, transcript)}\n{rest}")]


def _as_word(
    request: web.Request, page: AuditPage, transcript: Transcript, lines: Sequence[ShownLine]
) -> list[Paragraph]:
    spoken, zone = i18n.words_for(request), ZoneInfo(officer_in(request).office.zone)
    title = spoken.gettext(
        "Transcript of %(number)s, mediation no. %(ordinal)s", number=page.row.number, ordinal=page.row.ordinal
    )
    made = [Paragraph(title, 1), Paragraph(_heading(request, transcript))]
    for line in lines:
        clock = line.begins.astimezone(zone).strftime("%H:%M:%S")
        made.append(
            Paragraph(spoken.gettext("%(time)s %(name)s: %(text)s", time=clock, name=line.name, text=line.text))
        )
        if line.heard:
            made.append(Paragraph(spoken.gettext("(the machine heard: %(text)s)", text=line.heard)))
    return made


# ------------------------------------------------------------ statements


class Statements(Protocol):
    """Of the mediation's own mediator, once it is over: `server.signing.statements`. Refused(403, 404)."""

    async def draft(self, officer: Officer, session: str) -> RecordDraft: ...

    async def decide(self, officer: Officer, session: str, line: str, taken: bool, text: str) -> None:
        """`text` "": as the rules quote it. Refused: too_long; DomainError: draft_sealed."""
        ...

    async def undo(self, officer: Officer, session: str) -> None: ...

    async def propose(self, officer: Officer, session: str) -> None:
        """By the language model. Refused: condenser_failed (502)."""
        ...

    async def send(self, officer: Officer, session: str) -> None:
        """To both sides, to confirm and sign. Refused: nobody_there."""
        ...

    async def seal(self, officer: Officer, session: str) -> None:
        """Without the sides' signatures. Refused: no_seal, unprintable."""
        ...

    async def moments(self, session: str) -> Sequence[Sighting]:
        """Where words speak of what a review asks; none without a transcript. For whoever may see the record."""
        ...


STATEMENTS: web.AppKey[Statements] = web.AppKey("statements", Statements)

RULES: Final[Mapping[Rule, str]] = {
    Rule.TOLD: N_("what the mediator has to say"),
    Rule.CLAIM: N_("a claim"),
    Rule.FACT: N_("a fact"),
    Rule.AMOUNT: N_("an amount"),
    Rule.DATE: N_("a date or time"),
    Rule.ADMISSION: N_("an admission"),
    Rule.DENIAL: N_("a denial"),
    Rule.REFUSAL: N_("a refusal"),
    Rule.ACCOUNT: N_("part of the account"),
    Rule.QUESTION: N_("a question"),
    Rule.ANSWER: N_("an answer"),
    Rule.OFFER: N_("an offer to settle: not written down"),
    Rule.GREETING: N_("a greeting"),
    Rule.FEELING: N_("a feeling, no fact"),
    Rule.PROCEDURE: N_("about the call, not the matter"),
    Rule.REPEATED: N_("repeated"),
    Rule.NOTHING: N_("nothing about the matter was found in it"),
    Rule.OTHER: N_("by somebody who speaks for no side"),
    Rule.UNSURE: N_("the machine was not sure: please listen"),
    Rule.BOUND: N_("this part has enough sentences"),
}
"""Why a sentence is proposed, or left out."""
PARTS: Final[Mapping[Phase, str]] = {
    Phase.OPENING: N_("What was told and confirmed"),
    Phase.CONSUMER_STATEMENT: N_("The complainant’s statement"),
    Phase.BUSINESS_STATEMENT: N_("The respondent’s statement"),
    Phase.DISCUSSION: N_("Discussion"),
    Phase.PROPOSAL: N_("Looking for a solution"),
    Phase.CLOSING: N_("Confirmed at the end"),
}
DOES: Final = ("undo", "propose", "send", "seal")


@dataclass(frozen=True, slots=True)
class RecordPart:
    phase: Phase
    taken: Sequence[RecordStatement]
    left: Sequence[RecordStatement]


def parts(rows: Sequence[RecordStatement]) -> list[RecordPart]:
    """By phase, in procedural order; what was said in a phase that was gone back to stands with it."""
    found = []
    for phase in PARTS:
        said = [row for row in rows if row.line.phase is phase]
        if said:
            found.append(RecordPart(phase, [row for row in said if row.taken], [row for row in said if not row.taken]))
    return found


@officer_page("mediator")
async def page(request: web.Request) -> web.StreamResponse:
    return await _statements_page(request)


@officer_page("mediator")
async def decide(request: web.Request) -> web.StreamResponse:
    """`taken` yes or no; `text` as edited, absent to leave the wording as it is."""
    session, line, form = request.match_info["session"], request.match_info["line"], await posted(request)
    desk, officer = request.app[STATEMENTS], officer_in(request)
    rows = (await desk.draft(officer, session)).rows  # another's does not exist, whatever is asked of it
    if form.values.get("taken") not in ("yes", "no"):
        raise Refused("bad_choice", 422)
    text = form.values.get("text")
    if text is None:
        text = next((row.text for row in rows if row.line.line == line), "")
    try:
        await desk.decide(officer, session, line, form.values["taken"] == "yes", text)
    except (Refused, DomainError) as no:
        return await _statements_page(request, no)
    return go(f"/audit/{session}/statements#s-{line}")


@officer_page("mediator")
async def act(request: web.Request) -> web.StreamResponse:
    session, what = request.match_info["session"], request.match_info["what"]
    desk, officer = request.app[STATEMENTS], officer_in(request)
    await posted(request)
    await desk.draft(officer, session)  # another's does not exist, whatever is asked of it
    if what not in DOES:
        raise Refused("not_found", 404)
    try:
        await getattr(desk, what)(officer, session)
    except (Refused, DomainError) as no:
        if no.code in ("not_found", "not_allowed"):
            raise
        return await _statements_page(request, no)
    if what in ("send", "seal"):
        return go(f"/sessions/{session}#{'signing' if what == 'send' else 'documents'}")
    return go(f"/audit/{session}/statements#statements")


async def _statements_page(request: web.Request, no: Refused | DomainError | None = None) -> web.Response:
    officer, session = officer_in(request), request.match_info["session"]
    draft = await request.app[STATEMENTS].draft(officer, session)
    seen = await journal_look(request, "record")
    told = told_of(request, seen)
    film = told.player
    strand = next((one for one in film.strands if one.pieces), None) if film and not film.film else None
    context: dict[str, Any] = {
        "row": seen.row,
        "session": seen.session,
        "draft": draft,
        "parts": parts(draft.rows),
        "names": told.voice.names,
        "rules": RULES,
        "titles": PARTS,
        "keeping": KEEPING,
        "player": film,
        "second": (lambda at: film.second(at)) if film else lambda at: 0.0,
        "at": 0.0,
        "strand": strand,
        "piece": strand.at(0.0) if strand else None,
        "speeds": SPEEDS,
        "looked": sections.looked(seen.events, officer.id),
        "refresh": False,
        "trouble": refusals.sentence(i18n.words_for(request), no.code, no.params) if no is not None else "",
    }
    status = 200 if no is None else getattr(no, "status", 409)
    return show(request, "audit/statements.html", "audit", status, **context)
