"""Services as pages know them, kept in memory: what the real ones promise, without a database.

`World` is one office with its people and one mediation; `World.app()` makes an application around it.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from aiohttp import web

from journal import SYSTEM, Actor, Draft, Event
from journal.events import sealed
from rooms import commands as c
from rooms import events as e
from rooms.codec import draft, history, stream
from rooms.decisions import decide
from rooms.errors import UnknownSession
from rooms.events import SessionEvent
from rooms.session import Session, fold
from rooms.timing import measure
from rooms.vocabulary import Consent, Role, Seat, SeatStatus, Side
from web.application import create_web
from web.ports import (
    COMPLAINTS,
    IDENTITY,
    LINKS,
    OUTBOX,
    READS,
    SESSIONS,
    SITE,
    AuditFilter,
    AuditList,
    AuditPage,
    ComplaintPage,
    ComplaintRow,
    Complaints,
    Deadline,
    Desk,
    Guest,
    Identity,
    IssuedLink,
    Links,
    Message,
    NewComplaint,
    Office,
    Officer,
    OfficerRole,
    Outbox,
    Party,
    Reads,
    Recording,
    Refused,
    SessionRow,
    Sessions,
    Site,
)

NOW = datetime(2026, 6, 24, 1, 50, tzinfo=UTC)  # 9:50 in the office
STARTS = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
CODE = "407215"

EAST_LAKE = Office("o1", "东湖高新区市场监管一所", "一所", "027-0000 1201", "东高一投")
ELSEWHERE = Office("o2", "江岸区市场监管二所", "二所", "027-0000 2202", "江二投")

SEATS = (
    Seat("s-mediator", Role.MEDIATOR, "周敏"),
    Seat("s-consumer", Role.CONSUMER, "丁小禾", Side.CONSUMER, city="黄冈", phone="138 **** 5076"),
    Seat(
        "s-business",
        Role.BUSINESS,
        "陈立",
        Side.BUSINESS,
        organisation="武汉知遇桥信息技术有限公司",
        city="武汉",
        phone="139 **** 0031",
    ),
)


class Clock:
    """A time that stands still until somebody moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **parts: float) -> None:
        self.now += timedelta(**parts)


# ---------------------------------------------------------------- sessions


class FakeSessions(Sessions):
    """The real rules, without a mailbox and without a database."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.streams: dict[str, list[Event]] = {}
        self.refusal: Exception | None = None  # the next submit raises it

    def events(self, session: str) -> list[SessionEvent]:
        return [entry.event for entry in history(self.streams[session])]

    def append(self, session: str, *happened: SessionEvent, actor: Actor = SYSTEM) -> Sequence[Event]:
        earlier = self.streams.setdefault(session, [])
        drafts: list[Draft] = [draft(event, self.clock(), actor) for event in happened]
        events = sealed(stream(session), len(earlier), earlier[-1].hash if earlier else "", drafts)
        earlier.extend(events)
        return events

    async def submit(self, session: str, command: c.Command, actor: Actor) -> Sequence[Event]:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        happened = decide(command, await self.state(session), actor, self.clock())
        return self.append(session, *happened, actor=actor)

    async def state(self, session: str) -> Session:
        folded = fold(history(self.streams.get(session, [])))
        if folded is None:
            raise UnknownSession(session=session)
        return folded


# ---------------------------------------------------------------- officers


@dataclass
class Account:
    officer: Officer
    password: str


class FakeIdentity(Identity):
    def __init__(self, *accounts: Account) -> None:
        self.accounts = {account.officer.login: account for account in accounts}
        self.tokens: dict[str, str] = {}  # token -> login
        self.pending: set[str] = set()

    def token(self, login: str) -> str:
        """Signed in without the page."""
        token = secrets.token_urlsafe(16)
        self.tokens[token] = login
        return token

    async def empty(self) -> bool:
        return not any(account.officer.role == "administrator" for account in self.accounts.values())

    async def found(self, office: Office, login: str, name: str, password: str) -> Officer:
        if not await self.empty():
            raise Refused("not_empty")
        return self._added(office, login, name, "administrator", password)

    async def sign_in(self, login: str, password: str, totp: str, ip: str) -> str:
        account = self.accounts.get(login)
        if account is None or account.password != password:
            raise Refused("bad_login", 401)
        if account.officer.totp and not totp:
            raise Refused("totp_needed", 401)
        if account.officer.totp and totp != CODE:
            raise Refused("bad_login", 401)
        return self.token(login)

    async def officer(self, token: str) -> Officer | None:
        login = self.tokens.get(token)
        return self.accounts[login].officer if login else None

    async def sign_out(self, token: str) -> None:
        self.tokens.pop(token, None)

    async def officers(self, by: Officer) -> list[Officer]:
        return [a.officer for a in self.accounts.values() if a.officer.office.id == by.office.id]

    async def add_officer(self, by: Officer, login: str, name: str, role: OfficerRole, password: str) -> Officer:
        if login in self.accounts:
            raise Refused("login_taken")
        return self._added(by.office, login, name, role, password)

    def _added(self, office: Office, login: str, name: str, role: OfficerRole, password: str) -> Officer:
        if len(password) < 10:
            raise Refused("weak_password")
        officer = Officer(f"u-{login}", login, name, role, office, totp=False)
        self.accounts[login] = Account(officer, password)
        return officer

    async def begin_totp(self, officer: Officer) -> str:
        self.pending.add(officer.login)
        return f"otpauth://totp/Yuntiao:{officer.login}?secret=JBSWY3DPEHPK3PXP"

    async def confirm_totp(self, officer: Officer, code: str) -> None:
        if code != CODE or officer.login not in self.pending:
            raise Refused("bad_code")
        self._changed(officer, totp=True)

    async def drop_totp(self, officer: Officer, password: str) -> None:
        if self.accounts[officer.login].password != password:
            raise Refused("bad_login")
        self._changed(officer, totp=False)

    def _changed(self, officer: Officer, totp: bool) -> None:
        account = self.accounts[officer.login]
        account.officer = replace(account.officer, totp=totp)

    async def change_password(self, officer: Officer, old: str, new: str) -> None:
        account = self.accounts[officer.login]
        if account.password != old:
            raise Refused("bad_login")
        if len(new) < 10:
            raise Refused("weak_password")
        account.password = new


# ---------------------------------------------------------------- links and codes


@dataclass
class Link:
    issued: IssuedLink
    office: Office
    state: str = "live"  # live, revoked
    devices: dict[str, bool] = field(default_factory=dict)  # device token -> verified


class FakeLinks(Links):
    MOST_TRIES = 5

    def __init__(self, sessions: FakeSessions, clock: Clock, public_url: str) -> None:
        self.sessions, self.clock, self.public_url = sessions, clock, public_url
        self.links: dict[str, Link] = {}  # secret -> link
        self.sent: list[str] = []  # device tokens that a code was sent to
        self.tries: dict[str, int] = {}
        self._ids = itertools.count(1)

    def link(self, session: str, seat: str, office: Office = EAST_LAKE, secret: str = "") -> str:
        """A fresh link, without an officer; returns its secret."""
        secret = secret or secrets.token_urlsafe(24)
        for old in self.links.values():
            if (old.issued.session, old.issued.seat) == (session, seat):
                old.state = "revoked"
        expires = self.clock() + timedelta(days=7)
        issued = IssuedLink(f"l{next(self._ids)}", session, seat, f"{self.public_url}/j/{secret}", expires)
        self.links[secret] = Link(issued, office)
        self.sessions.append(session, e.LinkIssued(seat, issued.id, issued.expires))
        return secret

    async def issue(self, officer: Officer, session: str, seat: str, send: bool) -> IssuedLink:
        return self.links[self.link(session, seat, officer.office)].issued

    async def current(self, officer: Officer, session: str) -> dict[str, IssuedLink]:
        live = (link for link in self.links.values() if link.state == "live")
        return {link.issued.seat: link.issued for link in live if link.issued.session == session}

    async def revoke(self, officer: Officer, session: str, seat: str, reason: str) -> None:
        for link in self.links.values():
            if (link.issued.session, link.issued.seat, link.state) == (session, seat, "live"):
                link.state = "revoked"
                self.sessions.append(session, e.LinkRevoked(seat, link.issued.id, reason), actor=officer.actor)

    async def look(self, secret: str) -> Guest:
        link = self.links.get(secret)
        if link is None:
            raise Refused("link_unknown", 404)
        whom = {"office_name": link.office.name, "office_phone": link.office.phone}
        if link.state == "revoked":
            raise Refused("link_revoked", 410, **whom)
        if self.clock() > link.issued.expires:
            raise Refused("link_expired", 410, **whom)
        session = await self.sessions.state(link.issued.session)
        if session.over:
            raise Refused("session_over", 410, **whom)
        if any(link.devices.values()):
            raise Refused("link_used", 410, **whom)
        return self._guest(link, session, verified=False)

    async def begin(self, secret: str) -> str:
        guest = await self.look(secret)
        link = self.links[secret]
        device = secrets.token_urlsafe(16)
        link.devices[device] = False
        await self.sessions.submit(guest.session, c.OpenLink(guest.link), guest.actor)
        return device

    async def refusal(self, device: str) -> Refused:
        link = self._of(device)
        return Refused("no_invitation", 401) if link is None else Refused("link_revoked", 410)

    async def guest(self, device: str) -> Guest | None:
        link = self._of(device)
        if link is None or link.state == "revoked":
            return None
        return self._guest(link, await self.sessions.state(link.issued.session), link.devices[device])

    async def send_code(self, device: str, ip: str) -> str:
        guest = await self.guest(device)
        assert guest is not None
        if not guest.seat.phone:
            raise Refused("no_phone")
        if self.sent.count(device) >= 3:
            raise Refused("too_many_codes", 429, seconds=600)
        self.sent.append(device)
        self.tries[device] = 0
        await self.sessions.submit(guest.session, c.NoteCodeSent(), guest.actor)
        return guest.seat.phone

    async def check_code(self, device: str, code: str, ip: str) -> str:
        link, guest = self._of(device), await self.guest(device)
        assert link is not None
        assert guest is not None
        if device not in self.sent:
            raise Refused("code_expired")
        if self.tries[device] >= self.MOST_TRIES:
            raise Refused("too_many_tries", 429)
        if code != CODE:
            self.tries[device] += 1
            raise Refused("bad_code", left=self.MOST_TRIES - self.tries[device])
        rotated = secrets.token_urlsafe(16)
        link.devices.clear()
        link.devices[rotated] = True
        await self.sessions.submit(guest.session, c.ConfirmIdentity("code"), guest.actor)
        return rotated

    def _of(self, device: str) -> Link | None:
        return next((link for link in self.links.values() if device in link.devices), None)

    def _guest(self, link: Link, session: Session, verified: bool) -> Guest:
        seat = session.seats[link.issued.seat].seat
        return Guest(session.id, seat, link.issued.id, link.office, verified)


# ---------------------------------------------------------------- complaints


class FakeComplaints(Complaints):
    def __init__(self, sessions: FakeSessions, clock: Clock) -> None:
        self.sessions, self.clock = sessions, clock
        self.pages: dict[str, ComplaintPage] = {}
        self.offices: dict[str, str] = {}  # complaint -> office id
        self.looks: list[tuple[str, Side, str]] = []
        self.before: dict[str, ComplaintPage] = {}  # as it was before the last note
        self._ids = itertools.count(1)

    def keep(self, page: ComplaintPage, office: Office = EAST_LAKE) -> None:
        self.pages[page.row.id], self.offices[page.row.id] = page, office.id

    def of(self, officer: Officer, complaint: str) -> ComplaintPage:
        if self.offices.get(complaint) != officer.office.id:
            raise Refused("not_found", 404)
        return self.pages[complaint]

    def _state(self, officer: Officer, complaint: str, state: str) -> None:
        page = self.of(officer, complaint)
        self.pages[complaint] = replace(page, row=replace(page.row, state=state))

    async def register(self, officer: Officer, new: NewComplaint) -> str:
        if not new.title:
            raise Refused("missing", field="title")
        if not new.consumer_phone.isdigit():
            raise Refused("bad_phone")
        complaint = f"c{next(self._ids)}"
        number = f"{officer.office.number_prefix}〔2026〕{1000 + len(self.pages)}号"
        row = complaint_row(complaint, number, new.title, new.consumer_name, new.business_name, new.amount)
        self.keep(replace(complaint_page(row), request=new.request, facts=new.facts), officer.office)
        return complaint

    async def order(self, complaint: str) -> str:
        return self.pages[complaint].order

    async def accept(self, officer: Officer, complaint: str) -> None:
        self._state(officer, complaint, "accepted")

    async def refuse(self, officer: Officer, complaint: str, ground: int, note: str) -> None:
        self._state(officer, complaint, "refused")

    async def promise_kept(self, officer: Officer, complaint: str, note: str) -> None:
        self._noted(officer, complaint, "kept", "settled", ("closed",))

    async def told(self, officer: Officer, complaint: str) -> None:
        self._noted(officer, complaint, "told", "ended", ("closed",))

    async def close_file(self, officer: Officer, complaint: str) -> None:
        self._noted(officer, complaint, "closed", "closed", ())

    def _noted(self, officer: Officer, complaint: str, what: str, state: str, then: tuple[str, ...]) -> None:
        page = self.of(officer, complaint)
        if what not in page.notes:
            raise Refused("wrong_state", 409)
        self.before[complaint] = page
        self.pages[complaint] = replace(page, row=replace(page.row, state=state), notes=then, last_note=what)

    async def take_back(self, officer: Officer, complaint: str, what: str, reason: str) -> None:
        if self.of(officer, complaint).last_note != what:
            raise Refused("wrong_state", 409)
        self.pages[complaint] = self.before.pop(complaint)

    async def reveal_phone(self, officer: Officer, complaint: str, whose: Side, reason: str) -> str:
        self.of(officer, complaint)
        if not reason:
            raise Refused("missing", field="reason")
        self.looks.append((complaint, whose, reason))
        return "13800005076"

    async def schedule(
        self, officer: Officer, complaint: str, starts: datetime, extra: Sequence[tuple[Role, str, str, Side | None]]
    ) -> str:
        page = self.of(officer, complaint)
        session = f"x{next(self._ids)}"
        more = [Seat(f"s-extra{n}", role, name, side) for n, (role, name, _, side) in enumerate(extra, 1)]
        self.sessions.append(session, scheduled(complaint, page.row.number, page.row.title, starts, *more))
        self._state(officer, complaint, "mediating")
        return session

    async def add_seat(
        self, officer: Officer, session: str, role: Role, name: str, phone: str, side: Side | None
    ) -> str:
        seat = Seat(f"s-added{next(self._ids)}", role, name, side)
        await self.sessions.submit(session, c.AddSeat(seat), officer.actor)
        return seat.id


def scheduled(complaint: str, number: str, title: str, starts: datetime, *more: Seat) -> e.SessionScheduled:
    return e.SessionScheduled(complaint, number, EAST_LAKE.id, 1, title, starts, (*SEATS, *more), "u-zhou")


def complaint_row(
    complaint: str, number: str, title: str, consumer: str, business: str, amount: Decimal | None
) -> ComplaintRow:
    deadline = Deadline("accept", date(2026, 7, 1), date(2026, 6, 22), "15")
    return ComplaintRow(
        complaint, number, title, "hotline", "registered", NOW, amount, consumer, business, Decimal("0.00"), deadline
    )


def complaint_page(row: ComplaintRow) -> ComplaintPage:
    return ComplaintPage(
        row,
        request="退还未使用积分的价款",
        facts="充值3000积分，要求退款被拒绝",
        industry="婚姻服务",
        problem="合同",
        order="121",
        consumer=Party(row.consumer, "138 **** 5076", "黄冈"),
        business=Party("陈立", "139 **** 0031", "武汉", organisation=row.business),
        deadlines=[row.deadline] if row.deadline else [],
        sessions=[],
        history=[],
    )


# ---------------------------------------------------------------- read models and messages


class FakeReads(Reads):
    """Reads the other fakes as they are."""

    def __init__(self, complaints: FakeComplaints, sessions: FakeSessions) -> None:
        self.kept, self.sessions = complaints, sessions
        self.recordings: dict[str, Recording] = {}
        self.looks: list[tuple[str, str, str]] = []  # login, session, part

    def _sees(self, officer: Officer, session: Session) -> bool:
        return officer.role == "supervisor" or session.office == officer.office.id

    async def _rows(self, officer: Officer) -> list[SessionRow]:
        found = [await self.sessions.state(session) for session in self.sessions.streams]
        return [session_row(session) for session in found if self._sees(officer, session)]

    async def desk(self, officer: Officer, now: datetime) -> Desk:
        rows = await self._rows(officer)
        waiting, _ = await self.complaints(officer)
        planned = {row.complaint for row in rows}
        return Desk(
            today=[row for row in rows if row.starts.date() == now.date() and row.mediator_id == officer.id],
            waiting=[row for row in waiting if row.id not in planned],
            due=[row for row in waiting if row.deadline and (row.deadline.due - now.date()).days <= 3],
            performing=[row for row in rows if row.outcome == "settled"],
            coming=[row for row in rows if row.status == "scheduled" and row.starts.date() > now.date()],
        )

    async def complaints(self, officer: Officer, search: str = "", page: int = 1) -> tuple[Sequence[ComplaintRow], int]:
        rows = [
            kept.row
            for complaint, kept in self.kept.pages.items()
            if self.kept.offices[complaint] == officer.office.id
            and search in kept.row.number + kept.row.title + kept.row.consumer + kept.row.business
        ]
        return rows[20 * (page - 1) : 20 * page], len(rows)

    async def complaint(self, officer: Officer, complaint: str) -> ComplaintPage:
        page = self.kept.of(officer, complaint)
        rows = [row for row in await self._rows(officer) if row.complaint == complaint]
        return replace(page, sessions=rows)

    async def session(self, officer: Officer, session: str) -> SessionRow:
        for row in await self._rows(officer):
            if row.id == session:
                return row
        raise Refused("not_found", 404)

    async def audit_list(self, officer: Officer, wanted: AuditFilter) -> AuditList:
        rows = [
            row
            for row in await self._rows(officer)
            if wanted.mediator in ("", row.mediator_id)
            and wanted.office in ("", row.office)
            and wanted.outcome in ("", row.outcome)
        ]
        return AuditList(rows, len(rows), 20, [EAST_LAKE], [("u-zhou", "周敏")])

    async def audit(self, officer: Officer, session: str, part: str) -> AuditPage:
        row = await self.session(officer, session)
        self.sessions.append(session, e.Viewed(part), actor=officer.actor)
        self.looks.append((officer.login, session, part))
        events = self.sessions.streams[session]
        state = await self.sessions.state(session)
        page = self.kept.pages[state.complaint]
        spent = measure(history(events), self.sessions.clock())
        return AuditPage(state, row, page, events, spent, await self.recording(officer, session))

    async def recording(self, officer: Officer, session: str) -> Recording:
        await self.session(officer, session)
        return self.recordings.get(session, Recording("none", 0.0, None))


def session_row(session: Session) -> SessionRow:
    names = {seat.role: seat.name for seat in session.seats.values()}
    outcome = session.outcome
    return SessionRow(
        id=session.id,
        complaint=session.complaint,
        number=session.number,
        ordinal=session.ordinal,
        title=session.title,
        office=session.office,
        mediator_id=session.mediator,
        mediator=names[Role.MEDIATOR],
        starts=session.starts,
        status=session.status,
        opened=session.opened,
        closed=session.closed_at,
        outcome=outcome.kind if outcome else "",
        loss_recovered=outcome.loss_recovered if outcome else Decimal("0.00"),
        consumer=names.get(Role.CONSUMER, ""),
        business=names.get(Role.BUSINESS, ""),
        joint_ms=0,
        seats={seat.role: seat.status for seat in session.seats.values()},
    )


class FakeOutbox(Outbox):
    def __init__(self) -> None:
        self.kept: list[Message] = []

    async def messages(self, officer: Officer, page: int = 1) -> tuple[Sequence[Message], int]:
        return self.kept[20 * (page - 1) : 20 * page], len(self.kept)

    async def resend(self, officer: Officer, message: str) -> None:
        self.kept = [replace(m, state="queued", error="") if m.id == message else m for m in self.kept]


# ---------------------------------------------------------------- all together


ZHOU = Officer("u-zhou", "zhou", "周敏", "mediator", EAST_LAKE, totp=False)
LIN = Officer("u-lin", "lin", "林督", "supervisor", EAST_LAKE, totp=False)
ADMIN = Officer("u-admin", "admin", "何管", "administrator", EAST_LAKE, totp=False)
STRANGER = Officer("u-other", "other", "外所", "mediator", ELSEWHERE, totp=False)
PASSWORD = "一所的好密码2026"


class World:
    """One office, four officers, one complaint (c0) with one mediation (m1) at ten o'clock."""

    def __init__(self, site: Site | None = None) -> None:
        self.clock = Clock()
        self.site = site or Site("http://yuntiao.example", True, False, "2026-04", 3)
        self.identity = FakeIdentity(*(Account(officer, PASSWORD) for officer in (ZHOU, LIN, ADMIN, STRANGER)))
        self.sessions = FakeSessions(self.clock)
        self.links = FakeLinks(self.sessions, self.clock, self.site.public_url)
        self.complaints = FakeComplaints(self.sessions, self.clock)
        self.reads = FakeReads(self.complaints, self.sessions)
        self.outbox = FakeOutbox()
        row = complaint_row(
            "c0", "东高一投〔2026〕0917号", "婚恋积分退款", "丁小禾", "武汉知遇桥信息技术有限公司", Decimal("2360.00")
        )
        self.complaints.keep(complaint_page(row))
        self.session = "m1"
        self.sessions.append(self.session, scheduled("c0", row.number, row.title, STARTS))

    def link(self, seat: str = "s-consumer") -> str:
        return self.links.link(self.session, seat)

    def app(self, *more: Callable[[web.Application], object]) -> web.Application:
        """`more` adds further routes before the application starts."""
        app = web.Application()
        app[SITE] = self.site
        app[IDENTITY], app[LINKS], app[SESSIONS] = self.identity, self.links, self.sessions
        app[COMPLAINTS], app[READS], app[OUTBOX] = self.complaints, self.reads, self.outbox
        create_web(app)
        for register in more:
            register(app)
        return app

    async def seat(self, seat: str = "s-consumer") -> SeatStatus:
        return (await self.sessions.state(self.session)).seats[seat].status

    def answered(self, kind: Consent) -> list[bool]:
        """Every answer ever given to a consent, in order."""
        answers = (e.ConsentGiven, e.ConsentRefused)
        return [
            isinstance(event, e.ConsentGiven)
            for event in self.sessions.events(self.session)
            if isinstance(event, answers) and event.kind is kind
        ]
