"""The real application, two offices, every role: who gets behind which address, and what the other office finds."""

from __future__ import annotations

import asyncio
import atexit
import functools
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from aiohttp import WSServerHandshakeError, web
from pydantic import SecretStr

from casebook import Paragraph
from complaints.channels.mapping import builtin
from complaints.insight.publicity import BusinessNamed, EntryFigures, PublicityBegun
from complaints.insight.publicity_rules import PublicityBook
from complaints.insight.spots import FindSpot, SpotFound, SpotService
from complaints.leads import REPORT, NewConsultation, of_report
from complaints.statistics.facts import respondent
from complaints.views import NoticeWish
from journal import SYSTEM, Actor, Draft
from offices import Officer, OfficerRole
from offices.oversight import ApprovalWish
from rooms.commands import Arrive
from rooms.views import AnnouncedFile, NewExhibit, SeatedPerson
from rooms.vocabulary import Role
from server.app.demo import MEDIATOR, OFFICE, SUPERVISOR
from server.app.wiring import PARTS, Parts, create_app
from server.casebook.word import document
from server.documents import NoticeStore
from server.identity import digest, fresh_token
from server.identity.store import User
from server.imports.batches import Batches
from server.imports.store import IntakeStore
from server.retention.appraisal import CARRIED_OUT, LISTED, STREAM, AppraisedFile, plain
from server.serving.settings import Settings
from tests.complaints.record.test_uploads import PDF
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD, SECOND, NoMedia
from tests.server.rooms.exhibits.files import picture
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from web.http.security import Access, access_map
from web.office.casebook import CASE_CUTTING, CASE_FILES
from web.office.leads import CONSULTATIONS, LEADS
from web.office.oversight import APPROVALS

COMPLAINT = "demo-0918"
ROLES: tuple[OfficerRole, ...] = get_args(OfficerRole)
# Nothing was recorded, signed or shown; and what lies in a room is its own mediator's, not a colleague's.
ABSENT = re.compile(
    r"/approvals/\{approval\}|/audit/\{session\}/(recording\.mp4|(tracks|exports|copy|exhibits)/.*)|/sessions/\{session\}/(documents/|confirmation).*"
    r"|/api/sessions/\{session\}/(exhibits|uploads|signing|private-note).*"
    r"|/casebook/(book/|read/|preface/|file|cases/\{case\}/file).*"  # nothing was published yet
    r"|/publicity/\{publicity\}/entries/\{entry\}/files/.*"  # nobody objected
    r"|/focus/(charts/|\{hotspot\}/weeks).*"  # nothing was looked at yet
    r"|/supervision/(plans|reviews|reports).*"  # nothing was drawn yet, nothing closed
    r"|/statistics/bureaus/\{cell\}.*"  # none is known
    r"|/sessions/\{session\}/confirmation.*"  # nothing was agreed
    r"|/exchange/\{connection\}.*"  # no platform is entered
    r"|/outbox/templates/\{connection\}/.*"  # nothing is connected
    r"|/desk/next"  # leads on
)
SCOPED = re.compile(
    r"\{(cell|connection|publicity|complaint|session|message|year|batch|lead|token|sender|hook|delivery|own|hotspot|respondent|approval|person"
    r"|unit|case|cut|consultation|list|absence)\}|^/access/(changes|roles)/"
)
HANDSHAKE = "/alerts/socket"  # opens from our own pages only: the test of it is below
# Every administrator knows which offices there are, and may not change another.
KNOWN = re.compile(r"^/offices/\{which\}")


@dataclass(frozen=True)
class Filed:
    """What there is in the first office's cases, by what it is called in paths."""

    session: str
    notice: str
    attachment: str
    batch: str
    lead: str
    file: str
    respondent: str
    mediator: Officer
    approval: str
    spot: str
    case: str
    cut: str
    consultation: str
    list: str


@dataclass(frozen=True)
class Site(Filed):
    parts: Parts
    access: dict[tuple[str, str], Access]
    nobody: Browser

    async def officer(self, role: OfficerRole, office: str) -> Browser:
        """Signed in without the page: what argon2 costs is not the question here."""
        user = User(f"{office}-{role}", f"{role}.{office}", "何人", role, office, "-", now())
        if await self.parts.store.user(user.id) is None:
            await self.parts.store.add_user(user)
        token = fresh_token()
        await self.parts.store.add_session(digest(token), user.id, now(), now() + timedelta(hours=1))
        person = await another(self.nobody)
        person.sign_in(token)
        return person

    def routes(self) -> Iterator[tuple[str, str, Access]]:
        """Of officers; signing out comes last, reading before changing."""
        for (method, path), access in sorted(self.access.items(), key=lambda item: (item[0][1] == "/sign-out", item)):
            if access.who == "officer" and method in ("GET", "POST"):
                yield method, path, access

    @property
    def ids(self) -> dict[str, str]:
        """What stands in the places of paths."""
        ids = {"which": OFFICE.id, "decision": "end"}
        ids |= {"complaint": COMPLAINT, "session": self.session, "seat": "consumer", "statistic": "received"}
        ids |= {"kind": "mediation", "notice": self.notice}
        ids |= {"batch": self.batch, "row": "3", "channel": "hotline"}
        ids |= {"invitation": "unknown"}
        ids |= {"attachment": self.attachment, "lead": self.lead, "file": self.file}
        ids |= {"respondent": self.respondent, "consultation": self.consultation}
        ids |= {"approval": self.approval, "person": self.mediator.id}
        ids |= {"list": self.list, "dispute": "goods"}
        ids |= {"hotspot": self.spot, "case": self.case, "cut": self.cut, "problem": "contract", "form": "json"}
        ids |= {"publicity": "a-publicity", "entry": "an-entry"}
        ids |= {"chart": "trades", "ending": "png"}
        ids |= {"span": "month", "first": f"{now().astimezone(ZoneInfo(OFFICE.zone)):%Y-%m}-01"}
        return ids

    async def ask(self, person: Browser, method: str, path: str) -> Answer:
        filled = re.sub(r"\{(\w+)\}", lambda part: self.ids.get(part[1], "unknown"), path)
        if method == "GET":
            return await person.get(filled)
        if not person.token:  # of their sign-in, on whichever page
            await person.get("/nowhere")
        return await person.post(filled)


def now() -> datetime:
    return datetime.now(UTC)


async def imported(parts: Parts, folder: Path) -> str:
    """A batch with a complaint and, in its third row, something to mend."""
    batches = Batches(parts.complaints, parts.journal, IntakeStore(parts.database), parts.seal, folder, now)
    path = folder / "export.csv"
    path.write_text("工单编号,企业名称,诉求内容\nHL-1,甲,乙\nHL-2,,\n", "utf-8")
    batch = await batches.begin(OFFICE, SYSTEM, builtin("hotline"), path, path.name)
    return (await batches.run(batch, OFFICE)).id


async def found(parts: Parts) -> str:
    """A hot spot of the first office."""
    day = now().date()
    spot = SpotFound(OFFICE.id, (OFFICE.id,), "street", "东桥街", day, day, 7, 17, "7.00", "1e-8", "1e-6")
    await SpotService(parts.journal, now).submit("a-spot", FindSpot(spot), SYSTEM)
    return "a-spot"


async def counted(parts: Parts) -> None:
    """A publication of the first office's that nobody was told of yet."""
    begun = PublicityBegun(OFFICE.id, OFFICE.name, (OFFICE.id,), "quarter", date(2026, 4, 1), date(2026, 6, 30), 5, 7)
    named = BusinessNamed("an-entry", "知遇桥", "91420100MA0DEM013Y", EntryFigures(6, 4, {"contract": 6}), (), {})
    lin = Actor("officer", "lin", "林督", "supervisor", OFFICE.id)
    await PublicityBook(parts.journal, now).submit("a-publicity", [begun, named], lin, date(2026, 7, 2))


async def drafted(app: web.Application, officer: Officer) -> str:
    """A case of the first office that nobody has gone through yet."""
    old = document([Paragraph("健身卡退款案", 1), Paragraph("【案情】"), Paragraph("刘大江交了 4980 元，店关了门。")])
    return (await app[CASE_FILES].take_in(officer, "汇编.docx", old))[0]


async def being_cut(app: web.Application, officer: Officer) -> str:
    """A compendium of the first office that nobody has made drafts of yet."""
    return await app[CASE_CUTTING].begin(officer, "汇编.docx", document([Paragraph("退款案", 1), Paragraph("案情。")]))


async def appraised(parts: Parts, officer: Officer) -> str:
    """A list of the first office that was carried out, with its certificate."""
    list_, stream = "a-list", f"{STREAM}/{OFFICE.id}"
    items = [plain(AppraisedFile("files", "gone", "一号", "2016-01-01", 10, "2026-01-01", "destroy"))]
    drawn = {"list": list_, "number": f"{OFFICE.number_prefix}销1号", "reason": "鉴定", "items": items}
    done = {"list": list_, "approval": "an-approval", "second": "何静", "certificate": "ab" * 32}
    await parts.journal.append(
        stream, 0, [Draft(kind, told, now(), officer.actor) for kind, told in ((LISTED, drawn), (CARRIED_OUT, done))]
    )
    NoticeStore(parts.settings.data / "certificates", parts.seal).put(OFFICE.id, list_, b"%PDF-1.7")
    return list_


@pytest.fixture
async def site(tmp_path: Path, aiohttp_client: AiohttpClient) -> Site:
    return await built(tmp_path, aiohttp_client)


async def built(tmp_path: Path, aiohttp_client: AiohttpClient, archive: str = "") -> Site:
    seeded, filed = _seeded()
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    app = create_app(settings(tmp_path, archive), NoMedia())
    nobody = await browser(aiohttp_client, app)
    return Site(**vars(filed), parts=app[PARTS], access=access_map(app), nobody=nobody)


def settings(data: Path, archive: str = "") -> Settings:
    public = "http://yuntiao.example"
    return Settings(data=data, demo=True, demo_password=SecretStr(PASSWORD), public_url=public, archive=archive)


@functools.cache
def _seeded() -> tuple[Path, Filed]:
    """A data folder with all that, as it is left behind by a program that was stopped; copied for each test."""
    folder = Path(tempfile.mkdtemp(prefix="yuntiao-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with ThreadPoolExecutor(1) as maker:  # a loop of its own: a test's is running
        return folder, maker.submit(asyncio.run, _seed(folder)).result()


async def _seed(folder: Path) -> Filed:
    app = demo_app(settings(folder))
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        return await _filed(app)
    finally:
        await runner.cleanup()


async def _filed(app: web.Application) -> Filed:
    parts = app[PARTS]
    await parts.store.add_office(SECOND)
    user = await parts.store.user_by_login(MEDIATOR)
    assert user is not None
    zhou = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    await app[LEADS].hand_on(zhou, COMPLAINT, REPORT, "虚构原价", "标注的原价从未成交")
    session = await parts.desk.schedule(zhou, COMPLAINT, now(), [(Role.OBSERVER, "见习生", "", None)])
    await parts.links.issue(zhou, session, "consumer", send=False)
    await parts.notices.issue(zhou, COMPLAINT, NoticeWish("mediation"))
    [notice] = (await parts.complaints.state(COMPLAINT)).notices
    attachment = await parts.attachments.add(zhou, COMPLAINT, "a.pdf", PDF, "evidence", "")
    lead, cha = of_report(COMPLAINT), replace(zhou, id="cha", role="inspector")
    await app[LEADS].add_file(cha, lead, "现场.pdf", PDF, "")
    [file] = (await app[LEADS].lead(cha, lead)).lead.files
    new = NewConsultation("k", "consultation", "window", "visit", now(), "问办证", "怎么办证", "陈一", "13900005678")
    await counted(parts)
    return Filed(
        session=session,
        notice=notice.issued.notice,
        attachment=attachment,
        batch=await imported(parts, parts.settings.data),
        lead=lead,
        file=file.attachment,
        respondent=respondent((await parts.complaints.state(COMPLAINT)).record),
        mediator=zhou,
        approval=await app[APPROVALS].ask(zhou, "", ApprovalWish("unmask", zhou.id, zhou.name, "召回")),
        spot=await found(parts),
        case=await drafted(app, zhou),
        cut=await being_cut(app, zhou),
        consultation=await app[CONSULTATIONS].register(zhou, new),
        list=await appraised(parts, zhou),
    )


async def test_a_role_gets_no_further_than_its_routes_and_another_office_finds_and_changes_nothing(site: Site) -> None:
    named = {"session": site.session, "lead": site.lead, "hotspot": site.spot, "consultation": site.consultation}
    streams = [
        f"complaint/{COMPLAINT}",
        "bureau/offices",
        f"appraisal/{OFFICE.id}",
        "publicity/a-publicity",
        *(f"{kind}/{id}" for kind, id in named.items()),
    ]
    before = [len(await site.parts.journal.read(stream)) for stream in streams]
    wrong = []
    for role in ROLES:
        other = await site.officer(role, SECOND.id)
        for method, path, access in site.routes():
            may = not access.roles or role in access.roles
            if may and path == HANDSHAKE:
                continue
            theirs = await site.ask(other, method, path)
            if not may or KNOWN.match(path):
                fine = theirs.status == 403
            else:
                fine = theirs.status == 404 if SCOPED.search(path) else theirs.status in (200, 303, 409, 422)
            if not fine:
                wrong.append((role, "other office", method, path, theirs.status))
    assert [len(await site.parts.journal.read(stream)) for stream in streams] == before, "nothing was even looked at"
    for role in ROLES:
        own = await site.officer(role, OFFICE.id)
        for method, path, access in site.routes():
            may = not access.roles or role in access.roles
            if may and (path == HANDSHAKE or method != "GET"):
                continue
            mine = await site.ask(own, method, path)
            # A colleague who did not mediate the case sees nothing of its record (rooms.record.rules), and nothing of
            # what is confided to its mediator while nobody meets.
            closed = role == "mediator" and path.startswith(
                (
                    "/audit/{session}",
                    "/sessions/{session}/apart",
                    "/sessions/{session}/confirmation",
                    "/connections/{session}",
                )
            )
            if mine.status != (200 if may and not closed else 403) and not ABSENT.match(path):
                wrong.append((role, "own office", method, path, mine.status))
    assert not wrong, "\n".join(map(str, wrong))


async def test_the_socket_of_alerts_opens_for_a_mediator_from_our_own_pages_only(site: Site) -> None:
    mediator, supervisor = await site.officer("mediator", OFFICE.id), await site.officer("supervisor", OFFICE.id)
    home = str(site.nobody.client.make_url("")).rstrip("/")

    async def opened(person: Browser, origin: str) -> int:
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        headers = {"Cookie": cookie, **({"Origin": origin} if origin else {})}
        try:
            await (await person.client.ws_connect(HANDSHAKE, headers=headers)).close()
        except WSServerHandshakeError as refused:
            return refused.status
        return 101

    assert await opened(mediator, home) == 101
    assert await opened(mediator, "https://elsewhere.example") == 403
    assert await opened(mediator, "") == 403
    assert await opened(supervisor, home) == 403
    assert await opened(site.nobody, home) == 200  # the page to sign in, which is no socket


async def test_an_exhibit_is_the_rooms_mediators_and_its_offices_record_and_nobody_elses(site: Site) -> None:
    room = SeatedPerson(site.session, "mediator", site.mediator.actor)
    await site.parts.rooms.submit(site.session, Arrive(), site.mediator.actor)
    shown = picture("PNG")
    upload = (await site.parts.exhibits.begin(room, NewExhibit("截图", [AnnouncedFile("a.png", len(shown))]))).upload
    await site.parts.exhibits.append(room, upload, 0, 0, shown)
    exhibit = await site.parts.exhibits.finish(room, upload)
    page, original = (
        f"/api/sessions/{site.session}/exhibits/{exhibit}/pages/1",
        f"/audit/{site.session}/exhibits/{exhibit}/1",
    )
    supervisor, colleague = await site.officer("supervisor", OFFICE.id), await site.officer("mediator", OFFICE.id)
    assert (await supervisor.get(original)).status == 200
    assert (await colleague.get(page)).status == 404
    for role in ROLES:
        stranger = await site.officer(role, SECOND.id)
        assert {(await stranger.get(path)).status for path in (page, original)} <= {403, 404}, role


async def test_an_office_is_changed_by_its_own_administrator_or_where_one_dispatches_by_that_ones(site: Site) -> None:
    store, way = site.parts.store, f"/offices/{OFFICE.id}"
    own, other = await site.officer("administrator", OFFICE.id), await site.officer("administrator", SECOND.id)
    given = {"name": OFFICE.name, "short": OFFICE.short, "phone": OFFICE.phone, "address": "关山大道1号"}
    series = {"series_refusal": "某市监不受"}
    before = len(await site.parts.journal.read("bureau/offices"))
    for person in (own, other):
        await person.get("/offices")
    assert 'name="address"' not in (await other.get(f"/offices?change={OFFICE.id}")).text
    for form in (given, {}):  # whatever was typed
        assert (await other.post(way, form)).status == 403
    assert (await other.post(f"{way}/series", series)).status == 403
    assert await store.office(OFFICE.id) == OFFICE
    assert await store.words(OFFICE.id) == {}
    assert len(await site.parts.journal.read("bureau/offices")) == before
    assert (await own.post(way, given)).status == 303
    assert await store.office(OFFICE.id) == replace(
        OFFICE, authority="", signature="", mediation_seal="", address="关山大道1号"
    )
    await store.set_intake(SECOND.id, True)
    assert (await own.post(way, {**given, "address": ""})).status == 403
    assert (await own.post(f"{way}/series", series)).status == 403
    assert (await other.post(way, {**given, "address": "关山大道2号"})).status == 303
    changed = await store.office(OFFICE.id)
    assert changed is not None
    assert changed.address == "关山大道2号"


async def test_whoever_signs_in_towards_another_offices_record_is_let_in_and_finds_nothing(site: Site) -> None:
    user = await site.parts.store.user_by_login(SUPERVISOR)
    assert user is not None
    await site.officer("mediator", SECOND.id)
    stranger = User("lin", "wanglin", "王琳", "mediator", SECOND.id, user.password_hash, now())
    await site.parts.store.add_user(stranger)
    person = await another(site.nobody)
    wanted = f"/sessions/{site.session}/room"
    asked = await person.get(wanted)
    assert asked.location == f"/sign-in?next={wanted}"
    await person.get(asked.location)
    form = {"login": "wanglin", "password": PASSWORD, "next": wanted}
    answer = await person.post("/sign-in", form)
    assert answer.location == wanted
    assert (await person.follow(answer)).status == 404
    assert (await person.get("/desk")).status == 200
    assert COMPLAINT not in (await person.get("/desk")).text


async def test_a_supervisor_sees_another_office_only_once_it_is_theirs_to_oversee(site: Site) -> None:
    inspector = await site.officer("supervisor", SECOND.id)
    assert (await inspector.get(f"/audit/{site.session}")).status == 404
    await site.parts.store.oversee(f"{SECOND.id}-supervisor", [OFFICE.id])
    assert (await inspector.get(f"/audit/{site.session}")).status == 200
    assert (await inspector.get(f"/complaints/{COMPLAINT}")).status == 200
    assert (await inspector.get(f"/sessions/{site.session}")).status == 403


async def test_a_superiors_supervisor_sees_all_below_and_from_below_nobody_sees_up_or_aside(site: Site) -> None:
    """By every route of a supervisor's own office that names a record, with a file between for the second time."""
    store = site.parts.store
    city = replace(SECOND, id="city", number_prefix="市投", level="city")
    await store.add_office(city)
    await store.change_offices([replace(one, superior="city") for one in (OFFICE, SECOND)])
    above, beside = await site.officer("supervisor", "city"), await site.officer("supervisor", SECOND.id)
    wrong = []
    for method, path, access in site.routes():
        if method != "GET" or "supervisor" not in access.roles or not SCOPED.search(path) or ABSENT.match(path):
            continue
        statuses = [(await site.ask(person, method, path)).status for person in (above, beside)]
        if statuses[0] not in (200, 404) or statuses[1] != 404:
            wrong.append((path, *statuses))
        if "{session}" in path and statuses[0] != 200:
            wrong.append((path, *statuses))
    assert not wrong, "\n".join(map(str, wrong))
    assert (await above.get(f"/complaints/{COMPLAINT}")).status == 200
    await store.change_offices([replace(OFFICE, superior="")])
    assert (await above.get(f"/complaints/{COMPLAINT}")).status == 404
    await store.change_offices([replace(city, superior=OFFICE.id)])  # the other way round
    assert (await above.get(f"/complaints/{COMPLAINT}")).status == 404
