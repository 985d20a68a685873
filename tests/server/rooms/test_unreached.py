"""A business without a phone: what is missing is said, what other complaints know is offered, no link in use is
replaced unasked, and an officer who opens a party's link is told whose it is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from complaints.record import PartyTyped
from complaints.views import Contact
from journal.refusals import Refused
from offices import Officer
from server.app.demo import ADMINISTRATOR, MEDIATOR
from server.insight.respondent_store import SqlRespondents
from tests.server.app.office import IP, World, filing, secret_of
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.client import Browser, another

SHOP = "武汉青禾家具店"
NUMBER = "13900004455"


async def filed(place: Place, phone: str = "", email: str = "", name: str = SHOP) -> str:
    shop = PartyTyped("", phone, "湖北武汉", organisation=name, email=email)
    new = replace(filing(datetime.now(UTC)), business=shop, division="420111")
    return await place.parts.desk.register(await place.officer(MEDIATOR), new)


async def arranged(place: Place, zhou: Browser, complaint: str, **more: str) -> str:
    day = (datetime.now(UTC) + timedelta(days=6)).date().isoformat()
    when = {"at": "later", "starts_day": day, "starts_time": "10:00", "mode": "video", "send": "yes"}
    await zhou.get(f"/complaints/{complaint}/schedule")
    answer = await zhou.post(f"/complaints/{complaint}/schedule", {**when, "anyway": "yes", **more})
    assert answer.status == 303, answer.text
    return answer.location.removeprefix("/sessions/")


async def sent_to(place: Place, session: str) -> list[str]:
    """Full numbers that links of a session went to."""
    rows, _ = await place.parts.outbox._store.page([(await place.officer(MEDIATOR)).office.id], size=100)
    return [
        place.parts.seal.open(one.to_sealed, "phone") for one in rows if (one.session, one.kind) == (session, "link")
    ]


async def links(place: Place, session: str) -> dict[str, str]:
    return {
        seat: one.url for seat, one in (await place.parts.links.current(await place.officer(MEDIATOR), session)).items()
    }


async def use(place: Place, session: str, seat: str) -> str:
    """Somebody confirms the seat's link by its code; their device."""
    secret = (await links(place, session))[seat].rsplit("/", 1)[1]
    device = await place.parts.links.begin(secret)
    await place.parts.links.send_code(device, IP)
    rows, _ = await place.parts.outbox._store.page([(await place.officer(MEDIATOR)).office.id], size=100)
    text = next(place.parts.seal.open(one.text_sealed, "message") for one in rows if one.kind == "code")
    found = re.search(r"\d{6}", text)
    assert found
    return await place.parts.links.check_code(device, found.group(), IP)


async def test_the_number_of_an_earlier_complaint_is_offered_and_one_press_puts_it_on_file(place: Place) -> None:
    earlier = await filed(place, NUMBER)
    complaint = await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    page = await zhou.get(f"/complaints/{complaint}/schedule")
    assert "No phone number is on file" in page.text
    assert "139 **** 4455" in page.text
    assert NUMBER not in page.text
    session = await arranged(place, zhou, complaint, known_business=offered(page.text))
    state = await place.parts.complaints.state(complaint)
    assert place.parts.complaints.full_phone(state.business.phone) == NUMBER
    assert (await place.parts.complaints.state(earlier)).record.number in state.amendments[0].reason
    assert NUMBER in await sent_to(place, session)


def offered(page: str) -> str:
    found = re.search(r'name="known_business" value="([^"]+)"', page)
    assert found
    return found[1]


async def on_file(place: Place, complaint: str) -> str:
    return place.parts.complaints.full_phone((await place.parts.complaints.state(complaint)).business.phone)


async def add(place: Place, complaint: str, phone: str) -> None:
    await place.parts.desk.add_contact(
        await place.officer(MEDIATOR), complaint, "business", Contact(phone=phone), "商家来电更正"
    )


async def test_a_form_that_offers_a_number_which_was_corrected_since_takes_no_other_for_it(place: Place) -> None:
    earlier, complaint = await filed(place, NUMBER), await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    stale = offered((await zhou.get(f"/complaints/{complaint}/schedule")).text)
    await add(place, earlier, "13900007788")
    now = {"at": "now", "mode": "video", "send": "yes"}
    page = await zhou.post(f"/complaints/{complaint}/schedule", now | {"known_business": stale})
    assert page.status == 422
    assert "Check it again" in page.text
    assert "139 **** 7788" in page.text
    assert await on_file(place, complaint) == ""
    session = await arranged(place, zhou, complaint, known_business=offered(page.text))
    assert "13900007788" in await sent_to(place, session)


@pytest.mark.parametrize("typed", [True, False])
async def test_a_form_that_asks_for_a_number_which_came_on_file_since_says_so_and_keeps_it(
    place: Place, typed: bool
) -> None:
    await filed(place, NUMBER)
    complaint = await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    stale = offered((await zhou.get(f"/complaints/{complaint}/schedule")).text)
    await add(place, complaint, "13900007788")
    more = {"contact_business": NUMBER} if typed else {"known_business": stale}
    now = {"at": "now", "mode": "video", "send": "yes"}
    page = await zhou.post(f"/complaints/{complaint}/schedule", now | more)
    assert page.status == 422
    assert "139 **** 7788" in page.text
    assert await on_file(place, complaint) == "13900007788"
    session = await arranged(place, zhou, complaint)
    assert "13900007788" in (sent := await sent_to(place, session))
    assert NUMBER not in sent


async def test_the_number_that_came_on_file_meanwhile_is_no_trouble_when_it_is_the_one_that_was_chosen(
    place: Place,
) -> None:
    await filed(place, NUMBER)
    complaint = await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    stale = offered((await zhou.get(f"/complaints/{complaint}/schedule")).text)
    await add(place, complaint, NUMBER)
    session = await arranged(place, zhou, complaint, known_business=stale)
    assert NUMBER in await sent_to(place, session)


async def test_a_number_typed_while_arranging_is_on_file_and_gets_the_link(place: Place) -> None:
    complaint = await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    await zhou.get(f"/complaints/{complaint}/schedule")
    wrong = await zhou.post(
        f"/complaints/{complaint}/schedule", {"at": "now", "mode": "video", "contact_business": "123"}
    )
    assert wrong.status == 422
    assert "does not look like a phone number" in wrong.text
    assert (await place.parts.complaints.state(complaint)).sessions == ()
    session = await arranged(place, zhou, complaint, contact_business="139 0000 4455")
    assert NUMBER in await sent_to(place, session)


async def test_another_offices_complaint_lends_no_number(world: World) -> None:
    theirs = await shop(world, NUMBER, world.other)
    ours, complaint = await shop(world, "13900006677"), await shop(world)
    known = await SqlRespondents(world.database).contacts(world.zhou, complaint)
    assert [(one.complaint, one.phone, one.textable) for one in known] == [(ours, "139 **** 6677", True)]
    with pytest.raises(Refused, match="not_found"):
        await world.desk.add_contact(world.zhou, complaint, "business", Contact(), "x", known=theirs)
    assert (await world.complaints.state(complaint)).business.phone == ""


async def shop(world: World, phone: str = "", officer: Officer | None = None) -> str:
    new = replace(filing(world.clock.now()), business=PartyTyped("", phone, organisation=SHOP), division="420111")
    return await world.desk.register(officer or world.zhou, new)


async def test_a_number_added_on_the_sessions_page_gets_the_link_that_stands(place: Place) -> None:
    complaint = await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint)
    before = await links(place, session)
    page = await zhou.get(f"/sessions/{session}")
    assert "No phone number is on file" in page.text
    answer = await zhou.post(f"/sessions/{session}/seats/business/contact", {"contact_business": NUMBER})
    assert answer.status == 303, answer.text
    assert await links(place, session) == before
    assert NUMBER in await sent_to(place, session)
    assert "No phone number is on file" not in (await zhou.get(f"/sessions/{session}")).text
    await use(place, session, "business")  # its code goes there as well


async def test_a_mail_address_is_kept_and_the_officer_notes_that_the_link_was_handed_over(place: Place) -> None:
    complaint = await filed(place)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint, contact_business="qinghe@example.cn")
    page = await zhou.get(f"/sessions/{session}")
    assert "An e-mail address is on file and no mobile number" in page.text
    address = (await links(place, session))["business"]
    letter = re.search(r'href="(mailto:qinghe@example\.cn\?[^"]+)"', page.text)
    assert letter
    assert address.rsplit("/", 1)[1] in letter[1]
    link = re.search(r'/seats/business/handed".*?name="link" value="([^"]+)"', page.text, re.DOTALL)
    assert link
    given = await zhou.post(f"/sessions/{session}/seats/business/handed", {"link": link[1], "way": "email"})
    assert given.status == 303, given.text
    assert (await place.kinds(f"session/{session}"))[-1] == "LinkHandedOver"
    assert "link handed over by the officer" in (await zhou.get(f"/sessions/{session}")).text
    record = (await place.parts.complaints.state(complaint)).record
    assert (record.business.email, record.business.phone) == ("qinghe@example.cn", "")


async def test_a_landline_is_said_to_take_no_messages(place: Place) -> None:
    complaint = await filed(place, "02787654321")
    zhou = await place.sign_in(MEDIATOR)
    assert "is a landline" in (await zhou.get(f"/complaints/{complaint}/schedule")).text
    assert "There is no mobile number of the business on file." in (await zhou.get(f"/complaints/{complaint}")).text
    session = await arranged(place, zhou, complaint)
    page = await zhou.get(f"/sessions/{session}")
    assert "is a landline" in page.text
    added = await zhou.post(
        f"/sessions/{session}/seats",
        {"role": "lawyer", "name": "李律", "phone": "02787654322", "side": "business", "send": "yes"},
    )
    assert added.status == 303, added.text  # not a page of errors: the link is there to be handed over
    assert len(await links(place, session)) == 3


async def test_sending_again_sends_the_same_link_and_a_new_one_asks_first(place: Place) -> None:
    complaint = await filed(place, NUMBER)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint)
    device = await use(place, session, "business")
    before = await links(place, session)
    path = f"/sessions/{session}/seats/business/link"
    await zhou.get(f"/sessions/{session}")
    assert (await zhou.post(path, {"send": "yes"})).status == 303
    assert (await sent_to(place, session)).count(NUMBER) == 2
    for form in ({}, {"replaces": "other:confirmed"}, {"send": "yes", "replaces": "other:unopened"}):
        asked = await zhou.post(path, form)
        assert asked.status == 409
        assert "Their phone is cut off at once" in asked.text
    assert await links(place, session) == before
    assert await place.parts.links.guest(device) is not None
    seen = re.search(r'id="renew-business".*?name="replaces" value="([^"]+)"', asked.text, re.DOTALL)
    assert seen
    assert (await zhou.post(path, {"replaces": seen[1]})).status == 303
    assert (await links(place, session))["business"] != before["business"]
    assert await place.parts.links.guest(device) is None


async def test_what_was_asked_about_an_unopened_link_is_asked_again_once_it_is_in_use(place: Place) -> None:
    complaint = await filed(place, NUMBER)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint)
    page = await zhou.get(f"/sessions/{session}")
    seen = re.search(r'id="renew-business".*?name="replaces" value="([^"]+)"', page.text, re.DOTALL)
    assert seen
    device = await use(place, session, "business")
    asked = await zhou.post(f"/sessions/{session}/seats/business/link", {"replaces": seen[1]})
    assert asked.status == 409
    assert "It is in use" in asked.text
    assert await place.parts.links.guest(device) is not None


async def test_correcting_the_number_leaves_a_link_in_use_with_who_confirmed_it(place: Place) -> None:
    complaint = await filed(place, NUMBER)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint)
    device = await use(place, session, "business")
    before = await links(place, session)
    officer = await place.officer(MEDIATOR)
    await place.parts.desk.add_contact(officer, complaint, "business", Contact("13900006677"), "店里换了号码")
    assert await links(place, session) == before
    guest = await place.parts.links.guest(device)
    assert guest is not None
    assert guest.verified
    seat = (await place.parts.rooms.state(session)).seats["business"]
    assert (seat.seat.phone, seat.confirmed) == ("139 **** 4455", True)
    page = await zhou.get(f"/sessions/{session}")
    assert "The number on file is 139 **** 6677 now" in page.text
    asked = await zhou.post(f"/sessions/{session}/seats/business/link", {"send": "yes"})
    assert asked.status == 409  # whom it is of is told, not somebody else
    seen = re.search(r'id="renew-business".*?name="replaces" value="([^"]+)"', asked.text, re.DOTALL)
    assert seen
    await zhou.post(f"/sessions/{session}/seats/business/link", {"replaces": seen[1], "send": "yes"})
    assert "13900006677" in await sent_to(place, session)
    assert (await place.parts.rooms.state(session)).seats["business"].seat.phone == "139 **** 6677"


async def test_an_officer_who_opens_a_partys_link_is_told_whose_it_is_and_uses_nothing_up(place: Place) -> None:
    complaint = await filed(place, NUMBER)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint)
    path = "/j/" + (await links(place, session))["business"].rsplit("/", 1)[1]
    before = await place.kinds(f"session/{session}")
    page = await zhou.get(path)
    assert page.status == 200
    assert f"This is the personal link of {SHOP}" in page.text
    assert f"/sessions/{session}#seat-business" in page.text
    assert "It is good" in page.text
    assert "Start</button>" not in page.text
    assert "Start</button>" in (await zhou.get(f"{path}?here=1")).text
    admin = await place.sign_in(ADMINISTRATOR)
    theirs = await admin.get(path)
    assert SHOP not in theirs.text
    assert "personal link of a party" in theirs.text
    assert await place.kinds(f"session/{session}") == before
    await use(place, session, "business")
    assert "in use on their phone" in (await zhou.get(path)).text
    party = await another(place.nobody)
    assert "in use in another browser or on another phone" in (await party.get(path)).text


@pytest.mark.parametrize(
    "path", ["/join", "/join/code", "/room", "/j/abc", "/j/" + "a" * 24, "/nowhere", "/join/notice"]
)
async def test_no_partys_page_of_errors_is_shown_to_an_officer(place: Place, path: str) -> None:
    zhou = await place.sign_in(MEDIATOR)
    page = await zhou.get(path)
    assert page.status >= 400
    assert 'class="office-nav"' in page.text
    assert "ing the office" not in page.text
    party = await another(place.nobody)
    assert 'class="office-nav"' not in (await party.get(path)).text


async def test_every_page_of_a_party_shows_the_offices_number(place: Place) -> None:
    complaint = await filed(place, NUMBER)
    zhou = await place.sign_in(MEDIATOR)
    session = await arranged(place, zhou, complaint)
    phone = (await place.officer(MEDIATOR)).office.phone
    path = "/j/" + (await links(place, session))["business"].rsplit("/", 1)[1]
    party = await another(place.nobody)
    pages = [await party.get(path), await party.get(f"{path}/decline"), await party.get(f"{path}/other-time")]
    await party.post(f"{path}/start")
    pages += [await party.get("/join/code"), await party.get("/join/voice")]
    for page in pages:
        assert phone in page.text.partition("<main")[0], page.text


async def test_a_link_that_went_to_a_wrong_number_unopened_still_gives_way(world: World) -> None:
    world.desk.renumber, world.desk.held = world.links.follow_number, world.links.is_held
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now() + timedelta(days=2), [])
    old = await world.links.issue(world.zhou, session, "consumer", send=True)
    await world.links.begin(secret_of(old))  # whoever got it by mistake looked at it
    await world.desk.add_contact(world.zhou, complaint, "consumer", Contact("13800005077"), "号码写错了")
    assert (await world.rooms.state(session)).seats["consumer"].link not in ("", old.id)
    await world.outbox.deliver_due()
    assert sorted(one.to for one in world.phones.received if one.kind == "link") == ["13800005076", "13800005077"]
