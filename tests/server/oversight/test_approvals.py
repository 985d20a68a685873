"""Two persons over HTTP on the real application: what one person does with two sessions, two accounts, or a crash."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from complaints.leads import SPOT, LeadOpened, LeadService
from journal import Draft
from journal.refusals import Refused
from offices import Officer, OfficerRole
from offices.oversight import ApprovalWish, LookLimits
from server.app.demo import ADMINISTRATOR, MEDIATOR, SUPERVISOR
from server.app.wiring import PARTS, Parts
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD, SECOND
from tests.server.signing.sheets import scribble
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from web.http import cookies
from web.office.oversight import APPROVALS

COMPLAINT = "demo-0917"


def now() -> datetime:
    return datetime.now(UTC)


class Place:
    def __init__(self, parts: Parts, nobody: Browser) -> None:
        self.parts, self.nobody = parts, nobody

    async def sign_in(self, login: str, browser_cookie: str = "") -> Browser:
        """By the page; a cookie by which the browser is known again, or a fresh one."""
        person = await another(self.nobody)
        person.cookies[cookies.LANGUAGE] = "en"
        if browser_cookie:
            person.cookies[cookies.BROWSER] = browser_cookie
        await person.get("/sign-in")
        answer = await person.post("/sign-in", {"login": login, "password": PASSWORD})
        assert answer.status == 303, answer.text
        return person

    async def officer(self, login: str) -> Officer:
        user = await self.parts.store.user_by_login(login)
        assert user is not None
        office = await self.parts.store.office(user.office)
        assert office is not None
        return Officer(user.id, user.login, user.name, user.role, office, totp=False)

    async def restart_request(self, by: Browser, about: str) -> str:
        """The administrator asks to begin somebody's second step anew; the request's address."""
        user = await self.officer(about)
        await by.get(f"/officers/{user.id}")
        answer = await by.post(f"/officers/{user.id}/second-step", {"reason": "手机丢失"})
        assert answer.location.startswith("/approvals/"), answer.text
        return answer.location

    async def kinds(self, stream: str) -> list[str]:
        return [event.type for event in await self.parts.journal.read(stream)]


@pytest.fixture
async def place(tmp_path: Path, aiohttp_client: AiohttpClient) -> Place:
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example"
    )
    app = demo_app(settings)
    nobody = await browser(aiohttp_client, app)
    return Place(app[PARTS], nobody)


async def test_one_person_with_two_sessions_stays_one_person(place: Place) -> None:
    first, second = await place.sign_in(ADMINISTRATOR), await place.sign_in(ADMINISTRATOR)
    asked = await place.restart_request(first, SUPERVISOR)
    for session in (first, second):
        await session.get(asked)
        assert (await session.post(f"{asked}/yes")).status == 409
        assert (await session.post(f"{asked}/no", {"reason": "x"})).status == 403
    assert await place.kinds(asked.strip("/").replace("approvals", "approval")) == ["ApprovalAsked"]


async def test_two_accounts_in_one_browser_or_of_one_name_or_made_by_the_first_stay_one_person(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR, "the-one-browser-of-the-chief")
    asked = await place.restart_request(admin, SUPERVISOR)
    same_browser = await place.sign_in(SUPERVISOR, "the-one-browser-of-the-chief")
    await same_browser.get(asked)
    assert "in this browser" in (await same_browser.post(f"{asked}/yes")).text
    await admin.get("/officers")
    by = await place.officer(ADMINISTRATOR)
    twin = await place.parts.officers.add_officer(by, "hejing2", " 何　静 ", "supervisor", PASSWORD)
    assert "bears the name" in (await yes(await place.sign_in("hejing2"), asked)).text
    made = await place.parts.officers.add_officer(by, "fresh", "新同事", "supervisor", PASSWORD)
    draft = Draft("OfficerAdded", {"role": "supervisor"}, now(), by.actor)
    about = f"officer/{made.id}"
    await place.parts.journal.append(about, await place.parts.journal.last(about), [draft])
    assert "in the last seven days" in (await yes(await place.sign_in("fresh"), asked)).text
    assert twin.role == "supervisor"
    assert (await yes(await place.sign_in(SUPERVISOR), asked)).status == 303
    assert (await place.kinds(asked.strip("/").replace("approvals", "approval")))[1:] == [
        "ApprovalGiven",
        "ApprovalCarriedOut",
    ]


async def yes(person: Browser, asked: str) -> Answer:
    await person.get(asked)
    return await person.post(f"{asked}/yes")


async def test_an_administrator_makes_no_second_person_alone(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    await admin.get("/officers")
    form = {"name": "分身", "login": "puppet", "role": "administrator", "password": "another-good-one-7"}
    answer = await admin.post("/officers", form)
    assert answer.location.startswith("/approvals/")
    refused = await another(place.nobody)
    await refused.get("/sign-in")
    assert (await refused.post("/sign-in", {"login": "puppet", "password": "another-good-one-7"})).status == 422
    mediator = await place.officer(MEDIATOR)
    await admin.get(f"/officers/{mediator.id}")
    raised = await admin.post(f"/officers/{mediator.id}/role", {"role": "supervisor", "reason": "x"})
    assert raised.location.startswith("/approvals/")
    assert (await place.officer(MEDIATOR)).role == "mediator"
    # Nor by closing the others' accounts first: they are still there to be counted.
    luo = await place.officer(SUPERVISOR)
    await admin.post(f"/officers/{luo.id}/close", {"reason": "x"})
    again = await admin.post("/officers", form | {"login": "puppet2", "name": "另一个分身"})
    assert again.location.startswith("/approvals/")
    own = await place.officer(ADMINISTRATOR)
    assert (await admin.post(f"/officers/{own.id}/role", {"role": "mediator", "reason": "x"})).status == 403


async def test_who_leaves_leaves_no_stored_signature(place: Place) -> None:
    admin, zhou = await place.sign_in(ADMINISTRATOR), await place.officer(MEDIATOR)
    await place.parts.signatures.save(zhou, scribble(), "730914")
    await admin.get(f"/officers/{zhou.id}")
    await admin.post(f"/officers/{zhou.id}/close", {"reason": "调离"})
    assert await place.parts.signatures.of(zhou.id) is None
    told = await place.parts.journal.read(f"signature/{zhou.id}")
    assert [(one.type, one.actor.role) for one in told] == [
        ("SignatureSaved", "mediator"),
        ("SignatureRemoved", "administrator"),
    ]


async def test_a_second_persons_yes_opens_the_new_account_and_both_stand_in_the_journal(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    await admin.get("/officers")
    form = {"name": "新主管", "login": "xinzhuguan", "role": "administrator", "password": "another-good-one-7"}
    asked = (await admin.post("/officers", form)).location
    assert (await yes(await place.sign_in(SUPERVISOR), asked)).status == 303
    made = await place.officer("xinzhuguan")
    entries = await place.parts.journal.read(f"officer/{made.id}")
    told = [event for event in entries if event.type != "AccountChanged"]  # what the rows are after each of these
    assert [event.type for event in told] == ["OfficerAdded", "AccountOpened"]
    assert told[1].actor.id == (await place.officer(ADMINISTRATOR)).id
    assert told[1].data["approved_by"] == (await place.officer(SUPERVISOR)).id
    person = await another(place.nobody)
    await person.get("/sign-in")
    assert (await person.post("/sign-in", {"login": "xinzhuguan", "password": "another-good-one-7"})).status == 303


async def test_two_who_answer_at_once_are_one_answer(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    asked = await place.restart_request(admin, SUPERVISOR)
    luo = await place.sign_in(SUPERVISOR)
    await luo.get(asked)
    no = luo.post(f"{asked}/no", {"reason": "x"})
    answers = await asyncio.gather(*(luo.post(f"{asked}/yes") for _ in range(3)), no)
    assert {answer.status for answer in answers} <= {303, 409}
    told = await place.kinds(asked.strip("/").replace("approvals", "approval"))
    assert len([kind for kind in told if kind in ("ApprovalGiven", "ApprovalDeclined")]) == 1


async def test_what_a_crash_left_undone_is_done_at_the_next_start_and_once(place: Place) -> None:
    admin, luo = await place.officer(ADMINISTRATOR), await place.officer(SUPERVISOR)
    app = place.nobody.client.server.app  # type: ignore[attr-defined]
    approvals = app[APPROVALS]
    done: list[str] = []

    async def crash(_approval: object) -> None:
        raise OSError

    async def note(approval: object) -> None:
        done.append("done")

    approvals.does["restart"] = crash
    asked = await approvals.ask(admin, "", ApprovalWish("restart", luo.id, luo.name, "手机丢失"))
    with pytest.raises(OSError):
        await approvals.approve(luo, "", asked)
    assert await place.kinds(f"approval/{asked}") == ["ApprovalAsked", "ApprovalGiven"]
    approvals.does["restart"] = note
    await approvals.catch_up()
    await approvals.catch_up()
    assert done == ["done"]
    assert (await place.kinds(f"approval/{asked}"))[-1] == "ApprovalCarriedOut"


async def test_another_office_neither_sees_nor_answers(place: Place) -> None:
    await place.parts.store.add_office(SECOND)
    admin = await place.sign_in(ADMINISTRATOR)
    asked = await place.restart_request(admin, SUPERVISOR)
    elsewhere = Officer("x", "x", "x", "administrator", SECOND, totp=False)
    roles: tuple[OfficerRole, ...] = ("supervisor", "administrator")
    for role in roles:
        await place.parts.officers.add_officer(elsewhere, f"other-{role}", "外所", role, PASSWORD)
        stranger = await place.sign_in(f"other-{role}")
        assert (await stranger.get(asked)).status == 404
        assert (await stranger.post(f"{asked}/yes")).status == 404
        assert asked not in (await stranger.get("/approvals")).text


async def test_a_few_full_numbers_a_day_and_more_with_a_second_person_also_of_many_at_once(place: Place) -> None:
    zhou = await place.officer(MEDIATOR)

    async def look(n: int) -> bool:
        try:
            await place.parts.desk.reveal(zhou, COMPLAINT, "consumer.phone", f"核对{n}")
        except Refused as no:
            if no.code != "too_many_numbers":
                raise
            return False
        return True

    assert sum(await asyncio.gather(*(look(n) for n in range(LookLimits().other + 4)))) == LookLimits().other
    approvals = place.nobody.client.server.app[APPROVALS]  # type: ignore[attr-defined]
    asked = await approvals.ask(zhou, "", ApprovalWish("unmask", zhou.id, zhou.name, "召回"))
    assert not await look(99)
    await approvals.approve(await place.officer(SUPERVISOR), "", asked)
    assert await look(100)


async def test_who_did_what_is_read_from_the_journal_and_only_of_ones_own(place: Place) -> None:
    zhou = await place.officer(MEDIATOR)
    await place.parts.desk.reveal(zhou, COMPLAINT, "consumer.phone", "通知开庭时间")
    luo = await place.sign_in(SUPERVISOR)
    page = await luo.get("/oversight")
    assert "通知开庭时间" in page.text
    assert "looked at a full number" in page.text
    assert (await luo.get("/oversight.xlsx")).status == 200
    assert "this list" in (await luo.get("/oversight?act=exported")).text
    await place.parts.store.add_office(SECOND)
    elsewhere = Officer("x", "x", "x", "administrator", SECOND, totp=False)
    await place.parts.officers.add_officer(elsewhere, "other-supervisor", "外所", "supervisor", PASSWORD)
    stranger = await place.sign_in("other-supervisor")
    assert "通知开庭时间" not in (await stranger.get("/oversight")).text


async def test_a_hold_on_a_lead_is_put_by_one_person_and_lifted_by_two(place: Place) -> None:
    """By the supervisor, who sees leads; the second person may be an administrator, who does not."""
    parts, luo = place.parts, await place.officer(SUPERVISOR)
    opened = LeadOpened(luo.office.id, "", "", SPOT, now(), "121", "虚构原价", "标注的原价从未成交", "某店")
    await LeadService(parts.journal, now).open("lead-1", opened, "东", 2026, luo.actor)
    supervisor = await place.sign_in(SUPERVISOR)
    await supervisor.get("/leads/lead-1")
    assert (await supervisor.post("/leads/lead-1/hold", {"reason": " "})).status == 422
    assert (await supervisor.post("/leads/lead-1/hold", {"reason": "行政复议"})).location == "/leads/lead-1"
    assert "行政复议" in (await supervisor.get("/leads/lead-1")).text
    assert (await supervisor.post("/leads/lead-1/hold/lift", {"reason": ""})).status == 422
    asked = (await supervisor.post("/leads/lead-1/hold/lift", {"reason": "复议已结"})).location
    assert asked.startswith("/approvals/")
    assert (await yes(supervisor, asked)).status == 409
    admin = await place.sign_in(ADMINISTRATOR)
    assert "/leads/" not in (await admin.get(asked)).text
    assert (await admin.get("/leads/lead-1")).status == 403
    assert (await yes(admin, asked)).status == 303
    assert (await place.kinds("lead/lead-1"))[-2:] == ["LeadHeld", "LeadHoldLifted"]
    await supervisor.get("/leads/lead-1")
    assert (await supervisor.post("/leads/lead-1/hold/lift", {"reason": "复议已结"})).location == "/leads/lead-1"
    assert "put a hold on" in (await supervisor.get("/oversight")).text
