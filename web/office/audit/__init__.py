"""The record of a session for those who check it: what happened in words, in a picture and in figures. Read-only.

Here is what its pages ask of a record (its copies, transcript, exports and seals), who may view one, looks that are
journaled, holds and erasure.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final, Literal, Protocol

from aiohttp import web

from casebook import Paragraph
from journal.refusals import Refused
from offices import Officer
from offices.oversight import ApprovalWish
from recordings.transcripts import Transcript
from recordings.views import AuditPage, ExportKind, ExportRow, SealVerdict, TranscriptHits, TranscriptState, VideoCopy
from rooms import MOST_LINE
from rooms.commands import GrantViewing, NoteViewing, OrderErasure, PlaceHold
from rooms.record.rules import RecordUse, Retention, order_erasure, took_part, watchable
from rooms.seats import SeatState
from rooms.session import Session, Viewing
from rooms.views import AuditFilter, SessionRow
from web import READS, SESSIONS, i18n
from web.http import cookies
from web.http.forms import Form, now
from web.http.security import officer_page
from web.i18n import N_
from web.office.oversight import APPROVALS, RETENTION
from web.rendering import go, number, officer_in, posted, show

ONE_LOOK: Final = timedelta(minutes=10)
MOST: Final = 1000


class Looks:
    """Remembers, for the process's life and up to `MOST`, when somebody last asked for a part of a record.

    Forgetting early only means that one visit is journaled twice.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()

    def fresh(self, officer: str, session: str, part: str, at: datetime) -> bool:
        """Whether this is a new look, to be journaled. Asking on keeps a look going."""
        key = officer, session, part
        before = self._last.pop(key, None)
        self._last[key] = at
        while len(self._last) > MOST:
            self._last.popitem(last=False)
        return before is None or at - before > ONE_LOOK

    def forget(self, officer: str, session: str, part: str) -> None:
        """It came to nothing: the next one is a new look."""
        self._last.pop((officer, session, part), None)


LOOKS: web.AppKey[Looks] = web.AppKey("looks", Looks)


async def journal_look(request: web.Request, part: str) -> AuditPage:
    """The record that the address names; a new look at this part of it is journaled first. Refused(404)."""
    page = await _new(request, part)
    return page or await request.app[READS].audit(officer_in(request), request.match_info["session"], "")


async def note(request: web.Request, part: str, session: str = "") -> None:
    """For what is asked for again and again: a new look is journaled, one that goes on costs nothing. Refused(404)."""
    await _new(request, part, session)


async def _new(request: web.Request, part: str, session: str = "") -> AuditPage | None:
    """None when an earlier look goes on. `session`: where the address names none."""
    officer, looks = officer_in(request), request.app[LOOKS]
    session = session or request.match_info["session"]
    if request.method != "GET" or not looks.fresh(officer.id, session, part, now(request)):
        return None
    try:
        return await request.app[READS].audit(officer, session, part)
    except BaseException:
        looks.forget(officer.id, session, part)  # nothing was shown, and nothing is in the journal
        raise


LONGEST_REASON: Final = 500
NOT_THE_NUMBER: Final = N_("This is not the number of this complaint.")


@dataclass(frozen=True, slots=True)
class KeepingOfRecord:
    """What a page says of one record."""

    until: datetime | None
    session: Session


@dataclass(frozen=True, slots=True)
class RecordRow:
    row: SessionRow
    until: datetime | None  # at the latest; an earlier promise to somebody is on the record's own page


async def kept(request: web.Request, session: Session) -> KeepingOfRecord:
    return KeepingOfRecord((await request.app[RETENTION].rule()).until(session), session)


@officer_page("supervisor", "administrator")
async def held_records(request: web.Request) -> web.StreamResponse:
    page = number(request, "page")
    found = await request.app[READS].audit_list(officer_in(request), AuditFilter(page=page))
    rule = await request.app[RETENTION].rule()
    lines = [RecordRow(row, _ruled(rule, row)) for row in found.rows]
    pages = max(1, -(-found.total // max(1, found.page_size)))
    return show(request, "audit/kept.html", "kept", lines=lines, page=page, pages=pages, words=i18n)


def _ruled(retention: Retention, row: SessionRow) -> datetime | None:
    if row.closed is None or not row.outcome:
        return None
    return retention.due(row.closed, row.outcome)


@officer_page("supervisor", "administrator")
async def record_keeping(request: web.Request) -> web.StreamResponse:
    return await _page(request, Form())


@officer_page("supervisor", "administrator")
async def hold_record(request: web.Request) -> web.StreamResponse:
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    await request.app[SESSIONS].submit(row.id, PlaceHold(reason), officer_in(request).actor)
    return go(f"/kept/{row.id}")


@officer_page("supervisor", "administrator")
async def lift_hold(request: web.Request) -> web.StreamResponse:
    """What keeps a record from being erased falls with a second person's yes."""
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    if (await request.app[SESSIONS].state(row.id)).hold is None:
        return go(f"/kept/{row.id}")
    return await _second(request, row, "lift", reason)


async def _second(request: web.Request, row: SessionRow, kind: Literal["erase", "lift"], reason: str) -> web.Response:
    wish = ApprovalWish(kind, row.id, row.number, reason, {"session": row.id})
    token = cookies.read(request, cookies.OFFICER)
    return go(f"/approvals/{await request.app[APPROVALS].ask(officer_in(request), token, wish)}")


@officer_page("supervisor", "administrator")
async def erase_record(request: web.Request) -> web.StreamResponse:
    """The first time it only asks; then the complaint's number has to be typed, and a second person has to agree."""
    row, form = await _row(request), await posted(request)
    reason = form.text("reason", needed=True, longest=LONGEST_REASON)
    if not form.good:
        return await _page(request, form, 422)
    sure = form.values.get("number")
    if sure is None or _plain(sure) != _plain(row.number):
        if sure is not None:
            form.errors["number"] = NOT_THE_NUMBER
        return await _page(request, form, 200 if sure is None else 422, "audit/erase.html")
    state = await request.app[SESSIONS].state(row.id)
    order_erasure(OrderErasure(reason), state)  # what would be refused afterwards is refused now
    return go(f"/kept/{row.id}") if state.erasure is not None else await _second(request, row, "erase", reason)


def _plain(text: str) -> str:
    """Brackets of a number are typed as they come."""
    return "".join(sign for sign in text if sign.isalnum())


async def _row(request: web.Request) -> SessionRow:
    """Refused(404) for another office's."""
    return await request.app[READS].session(officer_in(request), request.match_info["session"])


async def _page(
    request: web.Request, form: Form, status: int = 200, template: str = "audit/keeping.html"
) -> web.StreamResponse:
    row = await _row(request)
    state = await request.app[SESSIONS].state(row.id)
    return show(request, template, "kept", status, row=row, kept=await kept(request, state), form=form, words=i18n)


@dataclass(frozen=True, slots=True)
class ShownViewing:
    """What the record's page lists: whom it can be granted to, and what was granted."""

    people: Sequence[SeatState]
    granted: Sequence[Viewing]


def listed_viewings(session: Session) -> ShownViewing:
    people = [seat for seat in session.seats.values() if took_part(seat)] if watchable(session) else []
    return ShownViewing(people, tuple(session.viewings.values()))


@officer_page("supervisor")
async def grant(request: web.Request) -> web.StreamResponse:
    session = await _session(request)
    form = await posted(request)
    asked = form.text("request", needed=True, longest=MOST_LINE)
    if not form.good:
        raise Refused("missing", 400, field="request")
    command = GrantViewing(form.values.get("seat", "")[:64], asked)
    await request.app[SESSIONS].submit(session, command, officer_in(request).actor)
    return go(f"/audit/{session}#viewings")


@officer_page("supervisor", "mediator")
async def held(request: web.Request) -> web.StreamResponse:
    session = await _session(request)
    command = NoteViewing(request.match_info["seat"])
    await request.app[SESSIONS].submit(session, command, officer_in(request).actor)
    return go(f"/audit/{session}#viewings")


async def _session(request: web.Request) -> str:
    return (await request.app[READS].record(officer_in(request), request.match_info["session"], RecordUse.WATCH)).id


class Copies(Protocol):
    """Refused as `Reads.record`, where the officer may not take a copy."""

    async def ask(self, officer: Officer, session: str) -> None:
        """Begin a copy; one that is being made for this officer is not begun again. Refused(409): no_recording."""
        ...

    async def newest(self, officer: Officer, session: str) -> VideoCopy | None: ...

    async def take(self, officer: Officer, session: str, copy: str) -> tuple[VideoCopy, BinaryIO]:
        """The file, journaled first (rooms.events.Exported). Refused(404): not_found, also when its week is over."""
        ...


TRANSCRIPT_STATES: Final = {
    "none": N_("The transcript is made after the mediation has ended."),
    "unasked": N_("There is no transcript yet."),
    "no_model": N_("There is no transcript: no speech model is installed on the server."),
    "nobody": N_("There is no transcript: nothing was recorded that may be transcribed."),
    "queued": N_("The transcript waits for its turn."),
    "working": N_("The recording is being transcribed. You may close this page."),
    "ready": N_("The transcript is ready."),
    "failed": N_("The recording could not be transcribed."),
    "erased": N_("This transcript was erased with the recording."),
}


class Transcripts(Protocol):
    """Refused as `Reads.record`; not_found (404) while there is none."""

    async def state(self, session: str) -> TranscriptState: ...

    async def ask(self, session: str, again: bool = False) -> None:
        """Refused(409): not_closed, no_speech_model, nothing_to_hear; (410) erased."""
        ...

    async def shown(self, officer: Officer, session: str) -> Transcript: ...

    async def search(self, officer: Officer, words: str, after: str = "") -> TranscriptHits:
        """In the records that this officer may see, from behind the session `after`."""
        ...

    async def take(self, officer: Officer, session: str, form: str, told: Sequence[Paragraph]) -> bytes: ...

    async def correct(self, officer: Officer, session: str, line: str, text: str) -> None:
        """Refused(403): not_yours, where the mediator of the session is somebody else."""
        ...


TRANSCRIPTS: web.AppKey[Transcripts] = web.AppKey("transcripts", Transcripts)


class Exports(Protocol):
    """Refused: not_closed (409), not_signed (503), erased (410), not_found (404)."""

    async def ask(self, officer: Officer, session: str, kind: ExportKind) -> str:
        """The id of the export, which is under way; asked for twice it is the same one."""
        ...

    async def of(self, session: str) -> Sequence[ExportRow]:
        """Those that are still there, the newest first."""
        ...

    async def one(self, session: str, export: str) -> ExportRow: ...

    async def path(self, session: str, export: str) -> str:
        """Of a file that may be taken, on the shelf."""
        ...


class Seals(Protocol):
    async def judged(self, content: bytes) -> SealVerdict: ...

    async def certificates(self) -> str:
        """PEM of where trust in our seals begins, "" when there is no seal."""
        ...


COPIES: web.AppKey[Copies] = web.AppKey("copies", Copies)


EXPORTS: web.AppKey[Exports] = web.AppKey("exports", Exports)


SEALS: web.AppKey[Seals] = web.AppKey("seals", Seals)
