"""A record's transcript beside its film: lines to play, search and correct, copies, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from markupsafe import Markup, escape

from casebook.compendium import Paragraph
from recordings.transcripts import Transcript
from recordings.views import AuditPage
from rooms.errors import MOST_LINE
from rooms.record.rules import RecordUse
from rooms.vocabulary import Role
from web import i18n
from web.http.forms import Form
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.audit.files import Cue, Player, vtt
from web.office.audit.holds import TRANSCRIPT_STATES, TRANSCRIPTS, journal_look, note
from web.office.audit.records import SPEEDS, second_of, told_of
from web.rendering import go, officer_in, posted, show
from web.services import READS

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
