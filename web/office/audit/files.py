"""Files of a record: tracks, exhibits, copies, exports, and the player of a recording with its captions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from journal.refusals import Refused
from offices import Officer
from recordings import AWAY, BadName, FileMissing
from recordings.views import ExportRow, RecordingState
from rooms import events as e
from rooms.events import ConsentSpoken, RecordingComposed, SegmentSealed, SessionEntry
from rooms.record.rules import RecordUse
from rooms.session import Session
from rooms.timing import Timing
from web import READS, SESSIONS, SHELF, i18n
from web.http import responses
from web.http.responses import SHUT, json_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.audit import COPIES, EXPORTS, note
from web.office.audit.sentences import PRIVATE, TRACK, MissingStretch, Voice, headline, sentence
from web.rendering import go, officer_in, posted, show

Recorded = RecordingComposed | SegmentSealed | ConsentSpoken


@officer_page("supervisor", "mediator")
async def recording_file(request: web.Request) -> web.StreamResponse:
    """The composed video."""
    return await _file(request, "recording", lambda session: session.composed, "video/mp4")


@officer_page("supervisor", "mediator")
async def track_file(request: web.Request) -> web.StreamResponse:
    """One piece of one person's recording, or what they said on the telephone when they were asked for a consent."""
    seat, file = request.match_info["seat"], request.match_info["file"]

    def piece(session: Session) -> SegmentSealed | ConsentSpoken | None:
        kept: tuple[SegmentSealed | ConsentSpoken, ...] = (*session.segments, *session.spoken)
        return next((one for one in kept if one.path == f"{session.id}/{seat}/{file}"), None)

    return await _file(request, TRACK + seat, piece, "video/webm")


async def _file(
    request: web.Request, part: str, find: Callable[[Session], Recorded | None], kind: str
) -> web.StreamResponse:
    """Nothing is journaled of what is not there, and no byte leaves before the look is. Refused(403, 404, 410, 503)."""
    await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.WATCH)
    session = await request.app[SESSIONS].state(request.match_info["session"])
    found, shelf = find(session), request.app[SHELF]
    if found is None:
        raise Refused("not_found", 404)
    if session.erasure is not None:
        raise Refused("erased", 410)
    try:
        await asyncio.to_thread(shelf.require, found.path)
    except FileMissing:
        raise Refused("not_found", 404) from None
    except AWAY:
        raise Refused("archive_away", 503) from None
    await note(request, part)
    return await responses.send_file(request, shelf, session.id, found.path, kind, found.path.replace("/", "-"))


TYPES: Final = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
EXHIBIT: Final = "exhibit:"  # and an id: the original of one


@officer_page("supervisor", "mediator")
async def original(request: web.Request) -> web.StreamResponse:
    """As it was sent: it may say where and with what it was made. Refused(403, 404, 410, 503)."""
    await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.TAKE)
    session = await request.app[SESSIONS].state(request.match_info["session"])
    one, number = session.exhibits.items.get(request.match_info["exhibit"]), request.match_info["number"]
    known = one is not None and not one.withdrawn and number in map(str, range(1, len(one.originals) + 1))
    if one is None or not known:
        raise Refused("not_found", 404)
    file = one.originals[int(number) - 1]
    await note(request, EXHIBIT + one.id)
    name = f"exhibit-{one.n}-{number}.{file.form}"
    try:
        return await responses.send_file(
            request, request.app[SHELF], session.id, file.path, TYPES[file.form], name, True, SHUT
        )
    except BadName:
        raise Refused("not_found", 404) from None


@officer_page("supervisor", "mediator")
async def copies_page(request: web.Request) -> web.StreamResponse:
    officer, session = officer_in(request), request.match_info["session"]
    found = await request.app[COPIES].newest(officer, session)
    row = await request.app[READS].record(officer, session, RecordUse.TAKE)
    recording = await request.app[READS].recording(officer, session)
    waits = found is not None and found.state in ("queued", "making")
    return show(
        request, "audit/copying.html", "audit", row=row, copy=found, waits=waits, ready=recording.state == "ready"
    )


@officer_page("supervisor", "mediator")
async def ask_copy(request: web.Request) -> web.StreamResponse:
    session = request.match_info["session"]
    await request.app[COPIES].ask(officer_in(request), session)
    return go(f"/audit/{session}/copy")


@officer_page("supervisor", "mediator")
async def download_copy(request: web.Request) -> web.StreamResponse:
    """Whole, not in ranges: every asking is an export of its own, and stands in the journal."""
    session = request.match_info["session"]
    copy, file = await request.app[COPIES].take(officer_in(request), session, request.match_info["copy"])
    name = f"session-{session}-{copy.asked:%Y%m%d-%H%M}.mp4"
    headers = {"Content-Type": "video/mp4", "Content-Disposition": f'attachment; filename="{name}"'}
    return await responses.send_whole(request, file, copy.size, headers)


KINDS: Final = {"package": N_("Evidence package"), "masked": N_("Masked copy")}
STATES: Final = {
    "queued": N_("The export waits for its turn."),
    "working": N_("The export is being made. You may close this page."),
    "ready": N_("The export is ready."),
    "failed": N_("The export could not be made."),
}
ERRORS: Final = {
    "disk_full": N_("the disk is full"),
    "erased": N_("the record was erased"),
    "changed": N_("a recording changed while it was read"),
    "key": N_("the key of the log cannot be used; tell the administrator"),
    "io": N_("the disk could not be read or written"),
}
PART: Final = "package"  # as looks call it


@officer_page("supervisor", "mediator")
async def ask_export(request: web.Request) -> web.StreamResponse:
    officer, session = await _seen(request)
    kind = (await posted(request)).values.get("kind", "package")
    if kind not in ("package", "masked"):
        raise Refused("not_found", 404)
    await request.app[EXPORTS].ask(officer, session, "masked" if kind == "masked" else "package")
    return go(f"/audit/{session}#exports")


@officer_page("supervisor", "mediator")
async def export_state(request: web.Request) -> web.StreamResponse:
    _, session = await _seen(request)
    found = await request.app[EXPORTS].one(session, request.match_info["export"])
    text = i18n.words_for(request).gettext(STATES[found.state])
    # The page's script knows these two for "go on asking".
    told = {"working": "composing"}.get(found.state, found.state)
    return json_response({"state": told, "progress": round(found.progress, 3), "text": text})


@officer_page("supervisor", "mediator")
async def export_file(request: web.Request) -> web.StreamResponse:
    _, session = await _seen(request)
    export = request.match_info["export"]
    found = await request.app[EXPORTS].one(session, export)
    path = await request.app[EXPORTS].path(session, export)
    await note(request, PART)
    name = _name(session, found)
    return await responses.send_file(request, request.app[SHELF], session, path, "application/zip", name, saved=True)


def _name(session: str, found: ExportRow) -> str:
    return f"yuntiao-{'masked' if found.kind == 'masked' else 'evidence'}-{session}.zip"


async def _seen(request: web.Request) -> tuple[Officer, str]:
    """Whoever may not export the record does not learn whether somebody has."""
    officer, session = officer_in(request), request.match_info["session"]
    await request.app[READS].record(officer, session, RecordUse.EXPORT)
    return officer, session


SIGN_SECONDS: Final = 4.0
LEAST_SECONDS, MOST_SECONDS = 4.0, 12.0
READ_PER_SECOND: Final = 6.0  # Chinese characters, read beside listening

TO_ONE: Final = N_("%(name)s to %(other)s: %(text)s")
TO_ALL: Final = N_("%(name)s writes: %(text)s")


@dataclass(frozen=True, slots=True)
class Cue:
    """Seconds into the recording."""

    start: float
    end: float
    text: str


def cues(history: Iterable[SessionEntry], voice: Voice, origin: datetime, seconds: float) -> Sequence[Cue]:
    """In order; each at least a moment within the `seconds` that the recording lasts."""
    found = []
    for entry in history:
        start = (entry.at - origin).total_seconds()
        for text, length in _said(entry.event, voice):
            if isinstance(entry.event, e.SessionClosed):
                start = min(start, seconds - length)  # recording ends with it: it shall be read before
            start = max(0.0, start)
            if start < seconds:
                found.append(Cue(round(start, 3), round(min(start + length, seconds), 3), text))
    return sorted(found, key=lambda cue: cue.start)


def _said(fact: e.SessionEvent, voice: Voice) -> Iterator[tuple[str, float]]:
    """Text and seconds."""
    _ = voice.gettext
    match fact:
        case e.PhaseEntered(phase=phase):
            yield _sign(_(i18n.PHASES[phase])), SIGN_SECONDS
        case e.RecessStarted():
            yield _sign(_("Recess")), SIGN_SECONDS
        case e.RecessEnded():
            yield _sign(_("After the recess")), SIGN_SECONDS
        case e.CaucusStarted(side=side):
            yield _sign(_(PRIVATE[side])), SIGN_SECONDS
        case e.CaucusEnded():
            yield _sign(_("Everybody is together again")), SIGN_SECONDS
        case e.Said(seat=seat, to=to, text=text):
            name = voice.name(seat)
            told = _(TO_ONE, name=name, other=voice.name(to), text=text) if to else _(TO_ALL, name=name, text=text)
            yield told, min(MOST_SECONDS, max(LEAST_SECONDS, len(text) / READ_PER_SECOND))
        case e.ClauseAnswered(seat=seat):
            yield _sign(voice.name(seat) + _(": %(reason)s", reason=sentence(fact, voice))), SIGN_SECONDS
        case e.OutcomeProposed(outcome=outcome) | e.SessionClosed(outcome=outcome):
            yield _sign(headline(outcome, voice)), SIGN_SECONDS
        case _:
            pass


def _sign(text: str) -> str:
    """What nobody said or wrote."""
    return f"— {text} —"


def vtt(found: Iterable[Cue]) -> str:
    """As WebVTT. A blank line would end a cue, and `<` begin a tag."""
    blocks = ["WEBVTT"]
    for cue in found:
        text = "\n".join(line for line in map(str.strip, cue.text.splitlines()) if line)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_clock(cue.start)} --> {_clock(cue.end)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def _clock(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


Address = Callable[..., str]
SCREEN = ":screen"


@dataclass(frozen=True, slots=True)
class PlayerPiece:
    src: str
    start: float
    end: float
    picture: bool


@dataclass(frozen=True, slots=True)
class PlayerGap:
    start: float
    end: float
    source: str
    why: str
    writing: bool = False  # it is there, in a file that is not sealed yet


@dataclass(frozen=True, slots=True)
class PlayerTrack:
    """One person's recording, or their shared screen's: `who` is the seat, with `:screen` behind it for that."""

    who: str
    name: str
    role: str
    pieces: Sequence[PlayerPiece]
    holes: Sequence[PlayerGap]

    @property
    def writing(self) -> bool:
        return any(hole.writing for hole in self.holes)

    def at(self, seconds: float) -> PlayerPiece | None:
        """The piece at this second, else the next one, else the last."""
        coming = (piece for piece in self.pieces if piece.end > seconds)
        return next(coming, self.pieces[-1] if self.pieces else None)


@dataclass(frozen=True, slots=True)
class Player:
    origin: datetime
    seconds: float
    film: str  # the composed video's address; "" while there is none
    strands: Sequence[PlayerTrack]
    cues: Sequence[Cue]
    phases: Sequence[tuple[float, str]]

    def second(self, at: datetime) -> float:
        """What came before the first picture is at its beginning."""
        return round(max(0.0, (at - self.origin).total_seconds()), 1)

    def strand(self, who: str) -> PlayerTrack | None:
        return next((strand for strand in self.strands if strand.who == who), None)

    def data(self) -> dict[str, Any]:
        """For the script; `phases` are [second, name]."""
        return {
            "origin": self.origin.isoformat(timespec="milliseconds"),
            "seconds": self.seconds,
            "film": self.film,
            "strands": [
                {
                    "who": strand.who,
                    "name": strand.name,
                    "role": strand.role,
                    "pieces": [[one.src, one.start, one.end, one.picture] for one in strand.pieces],
                    "holes": [[one.start, one.end, one.source, one.why, one.writing] for one in strand.holes],
                }
                for strand in self.strands
            ],
            "cues": [[cue.start, cue.end, cue.text] for cue in self.cues],
            "phases": [list(phase) for phase in self.phases],
        }


def player(
    history: Sequence[SessionEntry],
    session: Session,
    timing: Timing,
    recording: RecordingState,
    missing: Sequence[MissingStretch],
    voice: Voice,
    url: Address,
) -> Player | None:
    """None when nothing was recorded, or nothing of it is left. `url` is the templates' own."""
    segments = sorted(session.segments, key=lambda one: one.started)
    ready = recording.state == "ready" and recording.origin is not None
    if (not segments and not ready) or session.erasure is not None:
        return None
    origin = recording.origin if ready and recording.origin else segments[0].started
    ends = [(one.ended - origin).total_seconds() for one in segments]
    seconds = recording.duration_ms / 1000 if ready else max(ends)
    told = cues(history, voice, origin, seconds)
    phases = [
        (round(max(0.0, (span.start - origin).total_seconds()), 1), voice.gettext(i18n.PHASES[phase]))
        for phase, span in timing.phase_spans
    ]
    return Player(
        origin=origin,
        seconds=round(seconds, 3),
        film=url("recording_file", session=session.id) if ready else "",
        strands=_strands(session, segments, origin, seconds, missing, voice, url),
        cues=told,
        phases=[(at, name) for at, name in phases if at < seconds],
    )


def _strands(
    session: Session,
    segments: Sequence[SegmentSealed],
    origin: datetime,
    seconds: float,
    missing: Sequence[MissingStretch],
    voice: Voice,
    url: Address,
) -> list[PlayerTrack]:
    """In seat order; also of somebody who was there and not recorded, so that the page can say why."""
    pieces: dict[str, list[PlayerPiece]] = {}
    for one in segments:
        start, end = ((at - origin).total_seconds() for at in (one.started, one.ended))
        address = url("track_file", session=session.id, seat=one.seat, file=one.path.rpartition("/")[2])
        key = one.seat + (SCREEN if one.source == "screen" else "")
        pieces.setdefault(key, []).append(PlayerPiece(address, round(start, 3), round(end, 3), one.width > 0))
    holes = _holes(missing, origin, seconds, voice)
    found = []
    for seat, state in session.seats.items():
        for key in (seat, seat + SCREEN):
            if pieces.get(key) or (key == seat and holes.get(key)):
                name = voice.name(seat)
                called = voice.gettext("%(name)s: shared screen", name=name) if key != seat else name
                found.append(PlayerTrack(key, called, state.role.value, pieces.get(key, ()), holes.get(key, ())))
    return found


def _holes(
    missing: Sequence[MissingStretch], origin: datetime, seconds: float, voice: Voice
) -> Mapping[str, Sequence[PlayerGap]]:
    found: dict[str, list[PlayerGap]] = {}
    for line in missing:
        start = max(0.0, (line.span.start - origin).total_seconds())
        end = min(seconds, (line.span.end - origin).total_seconds())
        for source in line.sources:
            key = line.seat + (SCREEN if source == "screen" else "")
            if start < end:
                hole = PlayerGap(round(start, 3), round(end, 3), source, line.why(voice), line.cause == "writing")
                found.setdefault(key, []).append(hole)
    return found
