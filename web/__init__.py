"""Pages, forms and the assets they need. Here is what pages of every feature ask for: reading, sessions and their
appointments, links and codes, the public window, the law, the log, the site. Longer than other modules, as a list is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from aiohttp import web

from complaints.public_views import (
    AnswerPage,
    ChasedPromise,
    ComplaintStanding as Standing,
    PerformanceView,
    QuestionPage,
    WindowFiling,
    WindowVisit,
)
from complaints.views import ComplaintFilter, ComplaintList, ComplaintRow, PrintedPaper, ReadableNotice, TriagePage
from journal.notes import LogState
from journal.refusals import Refused
from law.library import Library
from offices import Office, Officer
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import AuditPage, RecordingState as Recording
from rooms.joining.invitations import Guest, LinkOwner
from rooms.live.registry import Sessions
from rooms.record.rules import RecordUse
from rooms.scheduling import Availability, Diary, WeekHours
from rooms.session import Session
from rooms.view import LineView
from rooms.views import (
    AuditFilter,
    AuditList,
    ComplaintPage,
    Desk,
    IssuedLink,
    SentMessage,
    SessionRow,
    VoiceConfirmation as ByVoice,
)
from web.links import CodeDesk


@dataclass(frozen=True, slots=True)
class Site:
    """Facts about this installation that pages show."""

    public_url: str  # without a trailing slash
    demo: bool
    secure: bool  # served over TLS: cookies get __Host- and Secure
    consent_version: str
    retention_years: int  # of recordings and what was written in the room
    file_years: int = 10  # of complaints' files, at least; then they may be appraised
    two_steps: bool = True  # supervisors and administrators sign in with six digits too
    captions: bool = False  # there is an engine that turns speech into text
    certified: bool = True  # browsers know the certificate: not one that we signed ourselves
    office_called: str = ""  # what the office calls itself to the public: 市场监管所; "": the sentence's own word
    call_url: str = ""  # of the phone system, with {number} and perhaps {officer}; "": the device calls
    framed_by: tuple[str, ...] = ()  # origins whose pages may have the public window and the way into a room in a frame
    static: Path = field(default=Path())


class Reads(Protocol):
    """Every method is scoped: an officer sees their own office, a supervisor the offices they oversee."""

    async def desk(self, officer: Officer, now: datetime) -> Desk: ...

    async def complaints(self, officer: Officer, wanted: ComplaintFilter) -> ComplaintList: ...

    async def complaint_register(self, officer: Officer, wanted: ComplaintFilter) -> tuple[list[ComplaintRow], bool]:
        """As the list, all of it; and whether there are more than fit into a file."""
        ...

    async def complaint(self, officer: Officer, complaint: str) -> ComplaintPage:
        """Refused(404): not_found — also when it is another office's."""
        ...

    async def triage(self, officer: Officer, complaint: str) -> TriagePage:
        """Of its page, and a tenth of the work. Refused as `complaint`."""
        ...

    async def session(self, officer: Officer, session: str) -> SessionRow:
        """Refused(404): not_found."""
        ...

    async def record(self, officer: Officer, session: str, use: RecordUse) -> SessionRow:
        """The session, for whoever may do this with its record (rooms.record.rules). Refused(404): not_found;
        Refused(403): not_of_the_case, for colleagues."""
        ...

    async def audit_list(self, officer: Officer, wanted: AuditFilter) -> AuditList:
        """A mediator's: of the complaints they mediate, or have mediated."""
        ...

    async def audit(self, officer: Officer, session: str, part: str) -> AuditPage:
        """The whole record of a session; the look is journaled first (rooms.events.Viewed). Refused as `record`.

        A `part` of "" goes on with an earlier look: nothing is journaled.
        """
        ...

    async def recording(self, officer: Officer, session: str) -> Recording:
        """Refused as `record`."""
        ...


class LawShelf(Protocol):
    async def library(self) -> Library:
        """The catalogue with the official texts there are now."""
        ...


class Log(Protocol):
    async def state(self) -> LogState: ...

    async def note(self) -> str:
        """The newest checkpoint as a signed note, with what witnesses signed of it; "" before the first."""
        ...

    async def growth(self, old: int) -> str:
        """That the newest checkpoint's log continues the one of `old` entries (`journal.merkle`); "" when it
        cannot be: there were not so many, or none."""
        ...

    async def key(self) -> str:
        """The public key in one line, "" when there is none."""
        ...


class AnswerDesk(CodeDesk[AnswerPage], Protocol):
    """Refused as `CodeDesk`."""

    async def invite(self, officer: Officer, complaint: str, due: date, note: str) -> None:
        """Refused: no_business_phone, bad_choice (field), wrong_state, too_long."""
        ...

    async def link(self, officer: Officer, complaint: str) -> str:
        """The address that was sent, "" when none is good."""
        ...

    async def withdraw(self, officer: Officer, complaint: str, invitation: str, reason: str) -> None:
        """Refused: missing, too_long, wrong_state."""
        ...

    async def known(self, token: str) -> bool:
        """Whether a code was confirmed on this device."""
        ...

    async def keep(self, token: str, typed: Mapping[str, str]) -> None:
        """What is typed so far, in place of what was. Refused: too_long, wrong_state."""
        ...

    async def give(self, token: str, facts: str, willing: str, by: str) -> None:
        """Refused: missing, too_long, bad_choice (field), wrong_state."""
        ...

    async def add(self, token: str, text: str) -> None: ...

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> str: ...

    async def detach(self, token: str, attachment: str, reason: str) -> None: ...


class Questions(Protocol):
    """Of a link: Refused(404) link_unknown; (410) link_expired."""

    async def look(self, secret: str) -> QuestionPage:
        """Changes nothing."""
        ...

    async def answer(self, secret: str, heard: str, satisfied: str, paid: str, talk: bool, note: str) -> None:
        """May be changed while the link is good. Refused: bad_choice, too_long, too_many_tries."""
        ...


class PerformanceDesk(Protocol):
    async def view(self, officer: Officer, wanted: str, respondent: str, now: datetime) -> PerformanceView:
        """Of the offices they see; "" for any standing, any respondent."""
        ...

    async def chased(self, officer: Officer, now: datetime) -> Sequence[ChasedPromise]:
        """Promises somebody has to see to: said not to be kept, kept in part, kept, or nothing said of them."""
        ...

    async def wishes(self, officer: Officer) -> int:
        """How many wait to be called."""
        ...


SITE: web.AppKey[Site] = web.AppKey("site", Site)
READS: web.AppKey[Reads] = web.AppKey("reads", Reads)
SESSIONS: web.AppKey[Sessions] = web.AppKey("sessions", Sessions)
LAW: web.AppKey[LawShelf] = web.AppKey("law", LawShelf)
LOG: web.AppKey[Log] = web.AppKey("log", Log)
SHELF: web.AppKey[EncryptedFileStore] = web.AppKey("shelf", EncryptedFileStore)
ANSWERS: web.AppKey[AnswerDesk] = web.AppKey("answers", AnswerDesk)
QUESTIONS: web.AppKey[Questions] = web.AppKey("questions", Questions)
PERFORMANCE: web.AppKey[PerformanceDesk] = web.AppKey("performance", PerformanceDesk)


class RealNames(Protocol):
    """Whether a name and an identity number are one person's, where an office demands to know."""

    def called(self, service: str) -> str:
        """As people are told it."""
        ...

    async def ask(
        self, service: str, name: str, number: str, seat: str, address: str
    ) -> Literal["match", "no_match", "unavailable"]:
        """Of the number nothing stays. Refused(429) too_many_tries."""
        ...


class Links(Protocol):
    """Join links and one-time codes. A link is looked at freely and consumed only by a code on one device."""

    async def issue(
        self, officer: Officer, session: str, seat: str, send: bool, replaces: str | None = None
    ) -> IssuedLink:
        """Revokes the seat's earlier link. `send` also puts the message into the outbox. Officers of the session's
        office can see it again until it expires. `replaces`: the one that was seen to stand, "" for none; where another
        press was quicker, what that one made."""
        ...

    async def send(self, officer: Officer, session: str, seat: str) -> None:
        """The standing link once more, by text message; nothing is replaced. Refused: no_phone, link_used (by whoever
        confirmed it on a number that is no longer on file)."""
        ...

    async def whose(self, secret: str) -> LinkOwner:
        """Of a link in whatever state it is. Refused(404): link_unknown, link_foreign."""
        ...

    async def current(self, officer: Officer, session: str) -> dict[str, IssuedLink]:
        """seat id -> live link."""
        ...

    async def revoke(self, officer: Officer, session: str, seat: str, reason: str) -> None: ...

    async def look(self, secret: str, used: bool = False) -> Guest:
        """Whom the link is for. Refused(404): link_unknown (cut off), link_foreign (not one of ours); Refused(410):
        link_expired, link_revoked, link_used, session_over, removed.

        Consumes nothing; params carry office_name and office_phone when known. `used`: link_used is none.
        """
        ...

    async def appointment(self, secret: str) -> tuple[Office, Session, str]:
        """Office, session and the name on the seat, also of a link that was used and of a session that was called off.
        Refused as `look` otherwise."""
        ...

    async def begin(self, secret: str, moves: bool = False) -> str:
        """A device token bound to the link; records LinkOpened. Refused as `look`; `moves`: also of a link in use."""
        ...

    async def copied(self, device: str) -> str:
        """Where to go on in another browser; once confirmed, with a token behind "#". Refused: too_many_tries."""
        ...

    async def move(self, secret: str, token: str) -> str:
        """A device token for who brings what `copied` gave. Refused as `look`, and token_over."""
        ...

    async def came_by(self, device: str) -> str:
        """Where the link of a device leads, which may be out. Refused as `refusal`."""
        ...

    async def guest(self, device: str) -> Guest | None:
        """Who the device is, while its link or its seat is good."""
        ...

    async def refusal(self, device: str) -> Refused:
        """Why a device is nobody: no_invitation when it never came by a link, else what is wrong with its link now."""
        ...

    async def send_code(self, device: str, ip: str, guest: Guest | None = None) -> str:
        """Send a six-digit code to the phone on file; returns the masked number. Refused: too_many_codes (params:
        seconds), no_phone. `guest`: as `guest` said of this device for the same request, not to read it once more."""
        ...

    async def check_code(self, device: str, code: str, ip: str, guest: Guest | None = None) -> str:
        """Confirm; returns a new device token and ends the seat's others. Refused: bad_code (params: left),
        code_expired, too_many_tries. `guest`: as of `send_code`."""
        ...

    async def by_voice(self, device: str) -> ByVoice: ...

    async def vouch(self, officer: Officer, session: str, seat: str, number: str, recognised: str) -> None:
        """The officer knew the person by their voice, on the device that shows this number; it has the seat as if it
        had confirmed a code, and the journal says that it did not.

        Refused: no_such_device (params: several), link_used.
        """
        ...

    async def go_on(self, device: str) -> str:
        """A new token for the device that was vouched for. Refused: code_needed."""
        ...


Trial = Callable[[str, str], Mapping[str, Any] | None]
"""For a seat of a session, or for anybody at an address ("" and that), what `Trial` in trial.ts describes;
None when there is nothing to try with."""


LINKS: web.AppKey[Links] = web.AppKey("links", Links)
REAL_NAMES: web.AppKey[RealNames] = web.AppKey("real_names", RealNames)
TRIAL: web.AppKey[Trial] = web.AppKey("trial")


class Window(Protocol):
    """A visit's token goes into a cookie. Refused(410): window_over when the visit has expired or is another's."""

    async def offices(self) -> Sequence[Office]: ...

    async def begin(self, ip: str) -> str:
        """A visit's token, to write a complaint on. Refused: too_many_tries."""
        ...

    async def typed(self, token: str) -> Mapping[str, str]:
        """What was written so far, field by field."""
        ...

    async def keep(self, token: str, fields: Mapping[str, str]) -> None:
        """Write these fields. Refused: too_long."""
        ...

    async def file(self, token: str, filing: WindowFiling, ip: str) -> None:
        """What was written is complete: the code is on its way. Refused: bad_phone, missing, too_long, bad_choice
        (field), too_many_codes (seconds), too_many_tries."""
        ...

    async def follow(self, number: str, phone: str, ip: str, language: str) -> str:
        """A visit's token, whether there is such a complaint or not; a code is sent only where there is."""
        ...

    async def visit(self, token: str) -> WindowVisit: ...

    async def send_again(self, token: str, ip: str, language: str) -> None: ...

    async def confirm(self, token: str, code: str, ip: str) -> str:
        """A new token; a filing is registered by it. Refused: bad_code (left), code_expired, too_many_tries."""
        ...

    async def standing(self, token: str, language: str) -> Standing:
        """Refused: code_needed."""
        ...

    async def withdraw(self, token: str, reason: str) -> None:
        """Refused: wrong_state, too_long."""
        ...

    async def want_news(self, token: str, wanted: bool, language: str) -> None: ...

    async def require_room(self, address: str, size: int) -> None:
        """Before a body is read. Refused: window_quota (by: address, day)."""
        ...

    async def attach(self, token: str, address: str, name: str, content: bytes, key: str) -> str:
        """Its id; with the same `key` it is there once. Refused: bad_upload (why), too_many (most), wrong_state,
        too_many_tries."""
        ...

    async def detach(self, token: str, attachment: str, reason: str) -> None:
        """Refused(404): none of theirs."""
        ...

    async def notice(self, token: str, notice: str) -> ReadableNotice:
        """Noted as read, the first time. Refused(404): none of theirs."""
        ...

    async def notice_file(self, token: str, notice: str) -> PrintedPaper:
        """As `notice`."""
        ...


WINDOW: web.AppKey[Window] = web.AppKey("window", Window)


class AvailabilityDesk(Protocol):
    """Hours and absences. Refused(403): not_allowed; busy."""

    async def of_office(self, office: str) -> Availability: ...

    async def of_officer(self, officer: str) -> Availability: ...

    async def diary_of(self, mediator: str, office: Office, booked: Sequence[SessionRow]) -> Diary: ...

    async def set_hours(self, officer: Officer, hours: WeekHours, office: bool) -> None: ...

    async def enter_absence(self, officer: Officer, since: datetime, until: datetime, note: str) -> None:
        """Their own. Refused: bad_choice, too_long, too_many."""
        ...

    async def withdraw_absence(self, officer: Officer, absence: str) -> None:
        """Refused(404): none of theirs."""
        ...


class Appointments(Protocol):
    @property
    def book(self) -> AvailabilityDesk: ...

    async def reschedule(self, officer: Officer, session: str, starts: datetime) -> None:
        """Links stay, and everybody invited is told by message. Refused(404): not_found; (409): wrong_state,
        bad_value."""
        ...

    async def diary(self, session: Session) -> Diary:
        """Of the session's mediator, as if the session were not there."""
        ...

    async def decline(self, officer: Officer, session: str, seat: str) -> None: ...

    async def diary_for(self, mediator: str, office: Office, but: str = "") -> Diary: ...

    async def week(self, officer: Officer, first: date) -> Sequence[SessionRow]:
        """Seven days from `first`, of the offices they see."""
        ...

    async def own(self, officer: Officer, first: date, last: date) -> Sequence[SessionRow]: ...

    async def mediators(self, office: str) -> Sequence[tuple[str, str]]:
        """(user id, name), by name."""
        ...

    async def offices(self, officer: Officer) -> Sequence[Office]:
        """Whose calendars they see: their own first."""
        ...

    async def asked(self, officer: Officer) -> Sequence[tuple[SessionRow, Session]]:
        """Sessions to come for which somebody asks another time, the next ones first; at most one more than
        ASKED_MOST."""
        ...

    async def sent(self, session: str) -> Mapping[str, Sequence[SentMessage]]:
        """Messages about a session, the newest first, by the masked number they went to."""
        ...


APPOINTMENTS: web.AppKey[Appointments] = web.AppKey("appointments", Appointments)


class Apart(Protocol):
    """Asynchronous mediation: `server.rooms.apart`. Refused(404): another office's."""

    async def begin(self, officer: Officer, session: str, until: datetime) -> None: ...

    async def move_end(self, officer: Officer, session: str, until: datetime) -> None: ...

    async def call(self, officer: Officer, session: str, starts: datetime | None) -> None:
        """A meeting by video at that time, or none any more; everybody is told by message."""
        ...

    async def open_room(self, officer: Officer, session: str) -> None: ...

    async def nudge(self, officer: Officer, session: str, seat: str) -> None:
        """Refused: too_soon (minutes), enough, no_phone."""
        ...

    def ticket(self, guest: Guest) -> str:
        """Of a visit, for a cookie."""
        ...

    async def visits(self, guest: Guest, ticket: str) -> bool: ...

    async def note_visit(self, guest: Guest) -> None: ...

    async def draft(self, guest: Guest, of: str) -> str:
        """What was typed and not sent, or "". `of`: "say", "confide", or "form", the last that came after the visit."""
        ...

    async def keep_draft(self, guest: Guest, of: str, text: str) -> None:
        """ "" forgets it."""
        ...

    async def lines(self, session: str, seat: str) -> Sequence[LineView]:
        """Everything written that this seat may read, in order."""
        ...


APART: web.AppKey[Apart] = web.AppKey("apart", Apart)
