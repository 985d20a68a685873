"""Asynchronous mediation as pages: whose they are, that a code is asked for by all of them, and what is not lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from complaints.procedure import RequestRecusal
from complaints.views import Contact
from journal import SYSTEM
from rooms import commands as c
from rooms.events import history, stream
from rooms.floor.state import Chat
from rooms.vocabulary import Outcome, OutcomeKind, Side, Status
from server.app.demo import ADMINISTRATOR, MEDIATOR
from server.db.schema import codes, devices
from tests.server.app.office import PASSWORD
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.server.rooms.exhibits.files import photo_with_place
from tests.server.rooms.test_unreached import NUMBER, filed, links, on_file, sent_to
from tests.web.client import Browser, another
from web.http import cookies


class Case:
    """Begun today, until next week; its mediator's window and the parties' phones."""

    def __init__(self, place: Place, complaint: str, session: str, zhou: Browser) -> None:
        self.place, self.complaint, self.session, self.zhou = place, complaint, session, zhou
        self.page = f"/sessions/{session}/apart"

    async def code(self) -> str:
        rows, _ = await self.place.parts.outbox._store.page([(await self.place.officer(MEDIATOR)).office.id], size=100)
        text = next(self.place.parts.seal.open(one.text_sealed, "message") for one in rows if one.kind == "code")
        found = re.search(r"\d{6}", text)
        assert found
        return found.group()

    async def phone(self, seat: str = "business") -> Browser:
        """On the page, everything before it answered."""
        phone = await another(self.place.nobody)
        secret = (await links(self.place, self.session))[seat].rsplit("/", 1)[1]
        await phone.get(f"/j/{secret}")
        await phone.post(f"/j/{secret}/start")
        await phone.get("/join/code")
        await phone.post("/join/code/send")
        await phone.post("/join/code", {"code": await self.code()})
        if seat == "consumer":
            await phone.get("/join/age")
            await phone.post("/join/age", {"age": "adult"})
        await phone.get("/join/notice")
        await phone.post("/join/notice", {"answer": "yes"})
        await phone.get("/join/apart")
        assert (await phone.post("/join/apart/rights")).status == 303
        return phone

    async def next_visit(self, phone: Browser) -> None:
        """Codes were sent a day ago, and a new one is right."""
        async with self.place.parts.database.write() as connection:
            for row in (await connection.execute(select(codes.c.id, codes.c.sent_at))).all():
                earlier = update(codes).where(codes.c.id == row.id).values(sent_at=row.sent_at - timedelta(days=1))
                await connection.execute(earlier)
        await phone.get("/join/apart")
        await phone.post("/join/apart/code/send")
        assert (await phone.post("/join/apart/code", {"code": await self.code()})).status == 303

    async def ask(self, command: c.Command) -> None:
        await self.place.parts.rooms.submit(self.session, command, (await self.place.officer(MEDIATOR)).actor)

    async def said(self, seat: str) -> list[str]:
        entries = history(await self.place.parts.journal.read(stream(self.session)))
        return [line["text"] for line in Chat(entries).after(seat, 0)]

    async def meeting(self) -> datetime | None:
        apart = (await self.place.parts.rooms.state(self.session)).apart
        return apart.meeting if apart is not None else None

    async def status(self) -> Status:
        return (await self.place.parts.rooms.state(self.session)).status


@pytest.fixture
async def case(place: Place) -> Case:
    return await arranged(place, NUMBER)


async def arranged(place: Place, number: str) -> Case:
    complaint, zhou = await filed(place, number), await place.sign_in(MEDIATOR)
    until = {"until_day": (datetime.now(UTC) + timedelta(days=7)).date().isoformat(), "until_time": "18:00"}
    await zhou.get(f"/complaints/{complaint}/schedule")
    form = {"mode": "apart", "send": "yes", "anyway": "yes", **until}
    answer = await zhou.post(f"/complaints/{complaint}/schedule", form)
    found = re.fullmatch(r"/sessions/([^/]+)/apart", answer.location)
    assert found, answer.text
    return Case(place, complaint, found[1], zhou)


def over(phone: Browser) -> None:
    """Half an hour of quiet: what it knew its visit by is gone."""
    phone.cookies.pop(cookies.VISIT)


# ------------------------------------------------------------ whose page it is


async def test_its_page_is_its_mediators_alone(case: Case) -> None:
    await case.ask(c.Confide("最多还能退多少", Side.BUSINESS))
    assert "最多还能退多少" in (await case.zhou.get(case.page)).text
    administrator = await case.place.officer(ADMINISTRATOR)
    await case.place.parts.officers.add_officer(administrator, "lihua", "李华", "mediator", PASSWORD)
    colleague = await case.place.sign_in("lihua")
    page = await colleague.get(case.page)
    assert page.status == 403
    assert "最多还能退多少" not in page.text
    before = await case.place.kinds(f"session/{case.session}")
    for act in ("say", "confide", "nudge", "end", "close", "resume", "exhibits"):
        assert (await colleague.post(f"{case.page}/{act}", {"text": "x", "seat": "business"})).status == 403
    assert await case.place.kinds(f"session/{case.session}") == before
    assert case.page not in (await colleague.get(f"/sessions/{case.session}")).text
    assert case.page not in (await colleague.get("/desk")).text


async def test_the_complaint_shows_it_as_what_it_is(case: Case) -> None:
    page = (await case.zhou.get(f"/complaints/{case.complaint}")).text
    assert "online, not at one time" in page
    assert page.count(case.page) == 2  # above, and in its row
    assert "Record how it went" not in page
    assert "Enter the room" not in page


# ------------------------------------------------------------ a code, each visit


async def test_without_a_code_nothing_is_read_answered_or_brought(case: Case) -> None:
    phone = await case.phone()
    photo = photo_with_place()
    assert (await phone.upload("/join/apart/exhibits", "a.jpg", photo, {"title": "票据"})).status == 303
    (exhibit,) = (await case.place.parts.rooms.state(case.session)).exhibits.items
    picture, upload = f"/api/room/exhibits/{exhibit}/pages/1", "/api/room/uploads"
    assert (await phone.get(picture)).status == 200
    over(phone)
    for answer in (await phone.get(picture), await phone.post(upload), await phone.get("/api/room/signing/x")):
        assert answer.status in (403, 404)
        assert "票据" not in answer.text
    assert (await phone.get(picture)).status == 403
    assert (await phone.get("/join/notice")).location == "/join/apart"
    refused = await phone.post("/join/notice", {"answer": "no"})
    assert refused.location == "/join/apart"
    assert (await case.place.parts.rooms.state(case.session)).seats["business"].participate is True
    await case.next_visit(phone)
    assert (await phone.get(picture)).status == 200


async def test_who_is_known_by_voice_comes_again_by_the_same_link(place: Place) -> None:
    case = await arranged(place, "")
    phone = await another(place.nobody)
    secret = (await links(place, case.session))["business"].rsplit("/", 1)[1]
    await phone.get(f"/j/{secret}")
    await phone.post(f"/j/{secret}/start")

    async def known(page: str) -> None:
        number = re.search(r'data-until="#go-on">(\d{4})<', page)
        assert number
        form = {"number-business": number[1], "recognised-business": "按登记的座机打过去，说得出订单号"}
        await case.zhou.get(f"/sessions/{case.session}")
        answer = await case.zhou.post(f"/sessions/{case.session}/seats/business/voice", form)
        assert answer.status == 303, answer.text

    await known((await phone.get("/join/voice")).text)
    await phone.get("/join/voice")
    await phone.post("/join/voice")
    await phone.get("/join/notice")
    await phone.post("/join/notice", {"answer": "yes"})
    over(phone)
    async with place.parts.database.write() as connection:
        earlier = datetime.now(UTC) - timedelta(days=1)
        await connection.execute(update(devices).where(devices.c.vouched_at.is_not(None)).values(vouched_at=earlier))
    page = (await phone.get("/join/apart")).text
    assert "No code can be sent to you" in page
    assert (await phone.post("/join/apart/voice")).status == 303
    assert "No code can be sent to you" in (await phone.get("/join/apart")).text  # nobody has said yes
    await known(page)
    assert "You need no code this time" in (await phone.get("/join/apart")).text
    await phone.post("/join/apart/voice")
    assert (await phone.post("/join/apart/rights")).status == 303
    assert "Stop taking part" in (await phone.get("/join/apart")).text


# ------------------------------------------------------------ nothing is lost


async def test_a_private_note_that_comes_after_the_visit_is_there_once_the_code_was_right(case: Case) -> None:
    phone = await case.phone()
    over(phone)
    await phone.post("/join/apart/confide", {"text": "其实退一半也行"})
    assert "其实退一半也行" not in (await phone.get("/join/apart")).text
    await case.next_visit(phone)
    assert "其实退一半也行" in (await phone.get("/join/apart")).text
    assert await case.said("mediator") == []
    assert (await phone.post("/join/apart/confide", {"text": "其实退一半也行"})).status == 303
    assert await case.said("mediator") == ["其实退一半也行"]
    assert (await phone.get("/join/apart")).text.count("其实退一半也行") == 1


@pytest.mark.parametrize("sends", [True, False])
async def test_so_is_what_they_would_do_instead_until_they_send_it_or_will_not(case: Case, sends: bool) -> None:
    phone = await case.phone()
    await case.ask(c.PutOffer("退六百", None, Side.BUSINESS))
    over(phone)
    counter = {"number": "1", "text": "退四百，送滤芯", "amount": "400", "answer": "counter"}
    await phone.post("/join/apart/offer", counter)
    await case.next_visit(phone)
    page = (await phone.get("/join/apart")).text
    assert "This was not sent" in page
    assert "退四百，送滤芯" in page
    assert 'value="400"' in page
    await phone.post("/join/apart/offer" if sends else "/join/apart/unsent/forget", counter)
    page = (await phone.get("/join/apart")).text
    assert "This was not sent" not in page
    assert len((await case.place.parts.rooms.state(case.session)).concessions.slips) == int(sends)


# ------------------------------------------------------------ the mediator's page


async def test_the_mediator_brings_a_file_of_their_own(case: Case) -> None:
    await case.zhou.get(case.page)
    answer = await case.zhou.upload(f"{case.page}/exhibits", "a.jpg", photo_with_place(), {"title": "现场照片"})
    assert answer.location == f"{case.page}#exhibits", answer.text
    assert "现场照片" in (await (await case.phone()).get("/join/apart")).text
    wrong = await case.zhou.upload(f"{case.page}/exhibits", "a.txt", b"words", {"title": "笔记"})
    assert wrong.status == 409 or wrong.status == 422
    assert 'role="alert"' in wrong.text


async def test_what_was_interrupted_goes_on_by_a_press(case: Case) -> None:
    await case.place.parts.rooms.submit(case.session, c.StartRecess(), SYSTEM)
    page = await case.zhou.get(case.page)
    assert "The mediation is interrupted" in page.text
    assert (await case.zhou.post(f"{case.page}/resume")).status == 303
    assert await case.status() is Status.LIVE
    assert "The mediation is interrupted" not in (await case.zhou.get(case.page)).text


async def test_it_is_adjourned_to_a_time_in_the_room(case: Case) -> None:
    phone = await case.phone()
    await case.zhou.get(case.page)
    day = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    form = {"outcome": "adjourned", "adjourned_day": day, "adjourned_time": "10:00"}
    assert (await case.zhou.post(f"{case.page}/propose", {"outcome": "adjourned"})).status == 409
    assert (await case.zhou.post(f"{case.page}/propose", form)).status == 303
    assert "goes on by video at another time" in (await phone.get("/join/apart")).text
    answer = await case.zhou.post(f"{case.page}/close", {"anyway": "双方已在电话里知道"})
    assert answer.location == f"/sessions/{case.session}"
    outcome = (await case.place.parts.rooms.state(case.session)).outcome
    assert outcome is not None
    assert outcome.kind is OutcomeKind.ADJOURNED


async def test_what_is_not_right_about_the_result_reaches_the_mediator_alone(case: Case) -> None:
    consumer, business = await case.phone("consumer"), await case.phone()
    await case.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note="双方各退一步仍未谈成")))
    number = (await case.place.parts.rooms.state(case.session)).proposals
    assert "That is not right" in (await consumer.get("/join/apart")).text
    empty = await consumer.post("/join/apart/not_right", {"number": str(number), "text": " "})
    assert empty.status in (409, 422)
    said = {"number": str(number), "text": "我没有说过不退"}
    assert (await consumer.post("/join/apart/not_right", said)).status == 303
    assert "我没有说过不退" in (await consumer.get("/join/apart")).text
    assert "我没有说过不退" not in (await business.get("/join/apart")).text
    await case.zhou.get(case.page)
    assert "我没有说过不退" in (await case.zhou.get(case.page)).text
    old = await consumer.post("/join/apart/not_right", {"number": str(number + 1), "text": "看错了"})
    assert old.status == 409
    assert "看错了" in old.text  # nothing that was typed is lost


async def test_how_it_was_then_reaches_the_mediator_and_not_the_other_side(case: Case) -> None:
    consumer, business = await case.phone("consumer"), await case.phone()
    await case.ask(c.PutFact(text="3月2日付款三千元"))
    await consumer.get("/join/apart")
    form = {"fact": "f1", "edition": "1", "answer": "object", "text": "是3月5日付的"}
    assert (await consumer.post("/join/apart/fact", form)).status == 303
    assert "是3月5日付的" in (await case.zhou.get(case.page)).text
    assert "是3月5日付的" in (await consumer.get("/join/apart")).text
    assert "是3月5日付的" not in (await business.get("/join/apart")).text


async def test_a_meeting_goes_into_both_sides_calendars_and_without_one_there_is_no_file(case: Case) -> None:
    phone, own = await case.phone(), f"/sessions/{case.session}/calendar.ics"
    assert (await phone.get("/join/apart/meeting.ics")).status == (await case.zhou.get(own)).status == 404
    meeting = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    await case.ask(c.CallMeeting(meeting))
    assert "meeting.ics" in (await phone.get("/join/apart")).text
    for file in (await phone.get("/join/apart/meeting.ics"), await case.zhou.get(own)):
        assert f"DTSTART:{meeting:%Y%m%dT%H%M%SZ}" in file.text
        assert "SEQUENCE:1" in file.text
    later = meeting + timedelta(hours=1)
    await case.ask(c.CallMeeting(later))
    assert "SEQUENCE:2" in (await case.zhou.get(own)).text
    await case.ask(c.CallMeeting(None))
    assert "meeting.ics" in (await phone.get("/join/apart")).text
    assert "calendar.ics" in (await case.zhou.get(case.page)).text
    for file in (await phone.get("/join/apart/meeting.ics"), await case.zhou.get(own)):
        for line in (
            "METHOD:CANCEL",
            "STATUS:CANCELLED",
            "SEQUENCE:3",
            f"DTSTART:{later:%Y%m%dT%H%M%SZ}",
        ):
            assert line in file.text
    await case.ask(c.CallMeeting(meeting))
    assert "METHOD:REQUEST" in (await case.zhou.get(own)).text


async def test_a_meeting_is_warned_of_what_is_in_the_calendar_then_and_called_all_the_same(case: Case) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    sunday = datetime.now(zone) + timedelta(days=8)
    sunday += timedelta(days=6 - sunday.weekday())
    form = {"meet_day": sunday.date().isoformat(), "meet_time": "03:00"}
    act = f"/sessions/{case.session}/apart/meet"
    warned = await case.zhou.post(act, form)
    assert warned.status == 409
    assert "Call it all the same, and tell both sides" in warned.text
    assert await case.meeting() is None
    seen = re.search(r'name="seen" value="([^"]+)"', warned.text)
    assert seen is not None
    other = {**form, "meet_time": "04:00", "seen": unescape(seen[1])}
    assert (await case.zhou.post(act, other)).status == 409, "another time is warned of anew"
    assert (await case.zhou.post(act, {**form, "seen": unescape(seen[1])})).status == 303
    assert await case.meeting() is not None


async def test_while_a_request_for_recusal_is_undecided_a_side_reads_and_is_told_why_it_cannot_write(
    case: Case,
) -> None:
    phone = await case.phone()
    await case.ask(c.Say("请各自说明"))
    officer = await case.place.officer(MEDIATOR)
    asked = RequestRecusal("consumer", officer.id, "是商家的亲戚")
    await case.place.parts.procedure.ask(officer, case.complaint, asked)
    page = (await phone.get("/join/apart")).text
    assert "请各自说明" in page
    assert "another mediator was asked for" in page
    assert "Nothing is asked of you just now" in page
    refused = await phone.post("/join/apart/say", {"text": "同意退款"})
    assert refused.status == 409
    assert "同意退款" in refused.text  # nothing that was typed is lost
    assert "同意退款" not in await case.said("consumer")


async def test_a_number_corrected_meanwhile_takes_the_link_from_whoever_it_went_to(case: Case) -> None:
    before = (await links(case.place, case.session))["business"]
    officer = await case.place.officer(MEDIATOR)
    await case.place.parts.desk.add_contact(officer, case.complaint, "business", Contact("13900007788"), "号码更正")
    assert await on_file(case.place, case.complaint) == "13900007788"
    assert (await links(case.place, case.session))["business"] != before
    assert "13900007788" in await sent_to(case.place, case.session)
