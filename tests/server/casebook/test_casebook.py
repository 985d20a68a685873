"""From a closed complaint to the shelf in one sitting, a lawyer's comment by link, files in and out: the real thing."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from casebook import CHECKS, stream
from casebook.commands import Publish, SendToBoard
from casebook.views import Workbench
from complaints.commands import Accept, CloseFile, FollowClosed, ScheduleMediation
from complaints.notices.messages import NoteTold
from complaints.record import PartyTyped
from complaints.service import Filing
from journal import SYSTEM
from journal.clock import utc_now
from journal.refusals import Refused
from law.library import library
from offices import Officer
from recordings.transcripts import Line, Transcript
from rooms import events as codec, events as e
from rooms.vocabulary import Outcome, OutcomeKind, Performance, Role, Seat, Side, Term
from server.app.demo import MEDIATOR, OFFICE, SUPERVISOR
from server.app.parts import PARTS, Parts
from server.casebook.gathering import gather
from server.db.schema import case_originals, cases, events
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.signing.spoken import MODEL, put_on_file
from tests.web.client import AiohttpClient, Answer, Browser, another, browser, told
from web.office.casebook import CASE_WORK, CASEBOOK, LAWYERS

NAME, SHOP, PHONE = "鄢怀瑾", "云桥动力健身有限公司", "13800012345"
FACTS = (
    f"{NAME}（电话{PHONE}）于2026年3月15日在{SHOP}办理预付卡，支付4980元，门店4月关门，要求退款。联系微信huaijin_88。"
)
SECRETS = ("悄悄话一", "底价两千", "传话条内容", "私下笔记", "聊天内容")


@pytest.fixture
async def office(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example"
    )
    return await browser(aiohttp_client, demo_app(settings))


def parts(office: Browser) -> Parts:
    found: Parts = office.client.server.app[PARTS]  # type: ignore[attr-defined]
    return found


def app(office: Browser) -> object:
    return office.client.server.app  # type: ignore[attr-defined]


async def officer(office: Browser, login: str) -> Officer:
    user = await parts(office).store.user_by_login(login)
    assert user is not None
    return Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)


async def signed_in(office: Browser, login: str) -> Browser:
    person = await another(office)
    token = await parts(office).officers.sign_in(login, PASSWORD, "", "127.0.0.1")
    person.sign_in(token)
    return person


async def closed_complaint(office: Browser) -> str:
    """Settled in one session, whose journal also holds everything that must stay behind."""
    at, zhou, now = parts(office), (await officer(office, MEDIATOR)).actor, utc_now()
    filing = Filing(
        office=OFFICE.id, prefix=OFFICE.number_prefix, zone=OFFICE.zone, channel="window",
        received=now - timedelta(days=20),
        title=f"{SHOP}关门不退款", request="退还4980元", facts=FACTS, amount=Decimal("4980.00"),
        consumer=PartyTyped(NAME, PHONE, address="洪山区和平路12号知遇花园3栋501室"),
        business=PartyTyped("余波", "13900012345", organisation=SHOP), problem_class="contract", industry_code="R89",
    )  # fmt: skip
    complaint = await at.complaints.register(filing, zhou)
    await at.complaints.submit(complaint, Accept(), zhou)
    session = "s-case"
    seats = (
        Seat("s-m", Role.MEDIATOR, "周明"),
        Seat("s-c", Role.CONSUMER, NAME, Side.CONSUMER),
        Seat("s-b", Role.BUSINESS, "余波", Side.BUSINESS, SHOP),
    )
    await at.complaints.submit(complaint, ScheduleMediation(session, now, zhou.id), zhou)
    outcome = Outcome(
        OutcomeKind.SETTLED,
        (Term(Side.BUSINESS, "退还卡费", Decimal("2490.00"), performance=Performance.ON_THE_SPOT),),
        Decimal("2490.00"),
    )
    told: list[e.SessionEvent] = [
        e.SessionScheduled(complaint, "n", OFFICE.id, 1, "退款", now, seats, zhou.id, "121"),
        e.SessionOpened(),
        e.Said("s-c", SECRETS[4], ""),
        e.Confided("s-c", SECRETS[0], "", 1, ("s-c", "s-m")),
        e.SlipWritten(1, Side.CONSUMER, "s-c", SECRETS[2], Decimal("3333.00"), may_tell=True),
        e.FigureEntered(1, Side.CONSUMER, "s-c", Decimal("2222.00")),
        e.ReasonConfided("s-c", "c1", 1, SECRETS[1]),
        e.NoteAdded(SECRETS[3], None, 0),
        e.SessionClosed(outcome, ""),
    ]
    drafts = [codec.event_draft(event, now, SYSTEM) for event in told]
    await at.journal.append(codec.stream(session), 0, drafts)
    await at.complaints.submit(complaint, FollowClosed(session, "settled", Decimal("2490.00")), SYSTEM)
    rung = NoteTold("acceptance", ("consumer",), "phone", now, "本人", "周敏")
    await at.complaints.submit(complaint, rung, zhou)
    await at.complaints.submit(complaint, CloseFile(), zhou)
    return complaint


async def to_the_board(office: Browser) -> str:
    """By the pages, as an officer would."""
    zhou = await signed_in(office, MEDIATOR)
    complaint = await closed_complaint(office)
    page = await zhou.get(f"/complaints/{complaint}")
    assert f"/casebook/draw/{complaint}" in page.text
    drawn = await zhou.post(f"/casebook/draw/{complaint}")
    assert drawn.status == 303
    case = drawn.location.rsplit("/", 1)[1]
    assert (await zhou.post(f"/casebook/draw/{complaint}")).location == drawn.location, "one case of one complaint"
    bench = await zhou.get(f"/casebook/cases/{case}/texts")
    assert NAME in bench.text
    refused = await zhou.post(f"/casebook/cases/{case}/approve")
    assert refused.status == 422
    for field in ("title_zh", "title_en", "facts", "claims", "process", "outcome", "experience"):
        await zhou.post(f"/casebook/cases/{case}/decide", {"field": field, "do": "rest"})
    assert (await zhou.post(f"/casebook/cases/{case}/approve")).location == f"/casebook/cases/{case}"
    await zhou.post(f"/casebook/cases/{case}/ask/send", {f"check_{item}": "yes" for item in CHECKS})
    return case


async def test_from_a_closed_complaint_to_the_shelf(office: Browser) -> None:
    case = await to_the_board(office)
    lin = await signed_in(office, SUPERVISOR)
    assert f"/casebook/cases/{case}" in (await lin.get("/casebook/board")).text
    assert (await lin.post(f"/casebook/cases/{case}/ask/publish")).status == 303
    at = parts(office)
    async with at.database.read() as connection:
        row = (await connection.execute(select(cases).where(cases.c.id == case))).mappings().one()
        left = (await connection.execute(select(case_originals.c.field))).all()
        journal = (
            (await connection.execute(select(events.c.data).where(events.c.stream == stream(case)))).scalars().all()
        )
    assert row["state"] == "published"
    assert (row["claimed"], row["settled"]) == (Decimal(5000), Decimal(2500))
    assert not left, "the raw texts are gone"
    kept = json.dumps([dict(row), journal], default=str, ensure_ascii=False)
    kept = re.sub(r"[0-9a-f]{24,}|\.[0-9]{6}", "", kept)  # ids and parts of a second have any digits
    for secret in (NAME, "怀瑾", PHONE, SHOP, "云桥动力", "huaijin", "和平路", "4980", "2490", "3月15日", *SECRETS):
        assert secret not in told(kept), secret
    assert "3月中旬" in row["facts"]
    assert "5000元" in row["facts"]
    assert "退还卡费" in row["outcome"]
    whole = await lin.get("/casebook/file.json?public=1")
    (out,) = json.loads(whole.text)["cases"]
    assert (out["event"], out["industry"]) == (f"{row['event_date']:%Y-%m}", "R89")
    assert "number" not in out
    assert OFFICE.name not in whole.text
    shelf = await lin.get("/casebook")
    assert f"/casebook/cases/{case}" in shelf.text
    assert row["problem"] == "contract"
    assert row["articles"], "articles as in force on the day are proposed"


async def test_nothing_of_a_private_talk_or_a_note_is_taken_over(office: Browser) -> None:
    zhou = await signed_in(office, MEDIATOR)
    drawn = await zhou.post(f"/casebook/draw/{await closed_complaint(office)}")
    bench = await zhou.get(f"{drawn.location}/texts")
    for secret in (*SECRETS, "3333", "2222"):
        assert secret not in told(bench.text)


async def test_the_report_part_of_a_mixed_submission_stays_behind(office: Browser) -> None:
    complaint = await closed_complaint(office)
    state = await parts(office).complaints.state(complaint)
    mixed = replace(state, record=replace(state.record, also_reports=True))
    material = gather(mixed, [], library(), OFFICE.zone, None)
    assert "关门" not in material.texts["facts"]
    assert "关门" in gather(state, [], library(), OFFICE.zone, None).texts["facts"]


async def test_places_are_decided_a_kind_at_a_time_and_undone_and_the_next_open_one_follows(office: Browser) -> None:
    complaint = await closed_complaint(office)
    page = await signed_in(office, MEDIATOR)
    assert (await page.get("/casebook/making")).status == 200
    await page.post(f"/casebook/draw/{complaint}")
    zhou = await officer(office, MEDIATOR)
    (case,) = [row.id for row in (await app(office)[CASEBOOK].making(zhou, "", 1)).rows]  # type: ignore[index]
    texts = f"/casebook/cases/{case}/texts"

    async def bench() -> Workbench:
        found: Workbench = await app(office)[CASE_WORK].workbench(zhou, case)  # type: ignore[index]
        return found

    before = await bench()
    names = sum(side.span.kind == "name" for text in before.texts for side in text.sides if side.span)
    assert names >= 1
    answer = await page.post(f"/casebook/cases/{case}/decide", {"do": "kind", "kind": "name"})
    place = re.search(r"texts\?since=(\d+)#p-([a-z_]+)-(\d+-\d+)$", answer.location)
    assert place, answer.location
    assert (await bench()).pending == before.pending - names
    shown = await page.get(f"{texts}?since={place[1]}")
    assert 'id="done"' in shown.text, "it offers to undo"
    await page.post(f"/casebook/cases/{case}/decide", {"do": "undo", "since": place[1]})
    assert (await bench()).pending == before.pending
    spans = [(text.field, side.span.id) for text in before.texts for side in text.sides if side.span]
    field, span = spans[0]
    answer = await page.post(f"/casebook/cases/{case}/decide", {"do": "kept", "field": field, "span": span})
    assert answer.location.endswith(f"#p-{spans[1][0]}-{spans[1][1]}"), "the next open place"
    for field, span in spans:
        answer = await page.post(f"/casebook/cases/{case}/decide", {"do": "hidden", "field": field, "span": span})
    assert answer.location.endswith("#approve"), "after the last one comes the approval"
    for wrong in ({"do": "undo", "since": "x"}, {"do": "kind", "kind": "nothing"}):
        assert (await page.post(f"/casebook/cases/{case}/decide", wrong)).status == 400


async def test_what_a_person_marks_is_guessed_hidden_in_every_text_at_once_and_undone_in_one_step(
    office: Browser,
) -> None:
    complaint = await closed_complaint(office)
    page = await signed_in(office, MEDIATOR)
    assert (await page.get("/casebook/making")).status == 200
    await page.post(f"/casebook/draw/{complaint}")
    zhou = await officer(office, MEDIATOR)
    (case,) = [row.id for row in (await app(office)[CASEBOOK].making(zhou, "", 1)).rows]  # type: ignore[index]
    texts = f"/casebook/cases/{case}/texts"
    told = {"outcome": "日复一日同意退款，日 复 一 日已付清。", "experience": "要先查日复一日。"}
    for field, text in told.items():
        await page.post(texts, {field: text})

    async def marked() -> list[str]:
        bench: Workbench = await app(office)[CASE_WORK].workbench(zhou, case)  # type: ignore[index]
        return [side.was for text in bench.texts for side in text.sides if side.span and side.span.by_hand]

    answer = await page.post(f"/casebook/cases/{case}/mark", {"words": "日复一日", "put": "", "field": "outcome"})
    place = re.search(r"texts\?since=(\d+)#t-outcome$", answer.location)
    assert place, answer.location
    assert sorted(await marked()) == ["日 复 一 日", "日复一日", "日复一日"]
    assert 'id="done"' in (await page.get(f"{texts}?since={place[1]}")).text
    await page.post(f"/casebook/cases/{case}/decide", {"do": "undo", "since": place[1]})
    assert await marked() == []


async def test_a_name_that_one_text_tells_is_hidden_in_those_that_stay_as_they_were(office: Browser) -> None:
    page, case, shown = await drawn(office)
    texts = f"/casebook/cases/{case}/texts"
    await page.post(texts, {"title_en": "Golden Bull Gym kept Daniel Okafor’s money"})
    assert "Daniel Okafor" in await shown("title_en")
    await page.post(f"/casebook/cases/{case}/decide", {"do": "kept", "field": "title_en", "span": "0-15"})
    await page.post(texts, {"process": "My name is Daniel Okafor. I paid."})
    assert await shown("process") == "My name is Person A. I paid."
    assert await shown("title_en") == "Golden Bull Gym kept Person A’s money", "what was decided stays so"
    await page.post(texts, {"process": "He paid."})
    assert await shown("title_en") == "Golden Bull Gym kept Person A’s money", "nothing shows again by itself"


async def test_what_a_person_marked_stays_hidden_when_its_text_is_changed(office: Browser) -> None:
    page, case, shown = await drawn(office)
    texts = f"/casebook/cases/{case}/texts"
    await page.post(texts, {"experience": "要先查日复一日。"})
    await page.post(f"/casebook/cases/{case}/mark", {"words": "日复一日", "put": "某店", "field": "experience"})
    await page.post(texts, {"experience": "应当先查日复一日的证照，日复一日没有。"})
    assert await shown("experience") == "应当先查某店的证照，某店没有。"


async def drawn(office: Browser) -> tuple[Browser, str, Callable[[str], Awaitable[str]]]:
    """A case of a closed complaint, and how one of its texts would be read."""
    complaint = await closed_complaint(office)
    page = await signed_in(office, MEDIATOR)
    assert (await page.get("/casebook/making")).status == 200
    case = (await page.post(f"/casebook/draw/{complaint}")).location.rsplit("/", 1)[1]
    zhou = await officer(office, MEDIATOR)

    async def shown(field: str) -> str:
        bench: Workbench = await app(office)[CASE_WORK].workbench(zhou, case)  # type: ignore[index]
        (text,) = [one for one in bench.texts if one.field == field]
        return "".join(side.put for side in text.sides)

    return page, case, shown


async def test_another_offices_draft_does_not_exist_for_an_officer(office: Browser) -> None:
    case = await to_the_board(office)
    zhou = await officer(office, MEDIATOR)
    stranger = replace(zhou, office=replace(OFFICE, id="another"))
    desk = app(office)[CASEBOOK]  # type: ignore[index]
    with pytest.raises(Refused, match="not_found"):
        await desk.page(stranger, case)
    await desk.ask(await officer(office, SUPERVISOR), case, Publish())
    page = await desk.page(stranger, case)
    assert page.case is not None
    assert page.file is None, "what was done to it is its own office's"
    with pytest.raises(Refused, match="not_found"):
        await desk.ask(stranger, case, SendToBoard(CHECKS))


async def test_a_lawyer_comments_by_link_and_sees_nobody(office: Browser) -> None:
    zhou = await officer(office, MEDIATOR)
    case = await to_the_board(office)
    page = await signed_in(office, MEDIATOR)
    assert (await page.get(f"/casebook/cases/{case}")).status == 200
    await page.post(f"/casebook/cases/{case}/ask/take-from-board")
    until = (date.today() + timedelta(days=10)).isoformat()
    made = await page.post(
        f"/casebook/cases/{case}/lawyers", {"name": "吴青", "firm": "明理所", "phone": "13700012345", "until": until}
    )
    link = re.search(r"http://yuntiao\.example(/l/[\w-]+)", made.text)
    assert link, made.text[:500]
    lawyer = await another(office)
    for _ in range(3):
        invited = await lawyer.get(link[1])
        assert invited.status == 200
        assert "5000元" not in invited.text
    await lawyer.post(f"{link[1]}/start")
    assert (await lawyer.get("/comment")).location == "/comment/code"
    await lawyer.post("/comment/code/send")
    messages, _ = await parts(office).outbox._store.page([OFFICE.id])
    newest = next(message for message in messages if message.kind == "code")
    code = re.search(r"\d{6}", parts(office).seal.open(newest.text_sealed, "message"))
    assert code
    assert (await lawyer.post("/comment/code", {"code": code[0]})).location == "/comment"
    read = await lawyer.get("/comment")
    assert "5000元" in read.text
    for secret in (NAME, SHOP, PHONE, "4980"):
        assert secret not in told(read.text)
    await lawyer.post("/comment", {"comment": "预付卡的余额应当退还。"})
    other = await another(office)
    assert (await other.get(link[1])).status == 410, "one device has it"
    file = await app(office)[CASEBOOK].page(zhou, case)  # type: ignore[index]
    assert file.file is not None
    assert file.file.invitations[0].comment == "预付卡的余额应当退还。"
    invitation = file.file.invitations[0].id
    taken = await page.post(
        f"/casebook/cases/{case}/ask/take-comment", {"invitation": invitation, "comment": "预付卡的余额应当退还。"}
    )
    assert taken.status == 303
    await page.post(f"/casebook/cases/{case}/lawyers/{invitation}/withdraw")
    assert (await lawyer.get("/comment")).status in (401, 410)
    with pytest.raises(Refused, match="link_unknown"):
        await app(office)[LAWYERS].look("x" * 32)  # type: ignore[index]


async def test_notes_keep_every_edition_and_do_not_overwrite_each_other(office: Browser) -> None:
    page = await signed_in(office, MEDIATOR)
    lin = await signed_in(office, SUPERVISOR)
    of = "/casebook/notes/contract-R89"
    assert (await page.get(of)).status == (await lin.get(of)).status == 200
    assert (await page.post(of, {"text": "先看合同有无转卡条款。", "seen": "0"})).status == 303
    late = await lin.post(of, {"text": "先问余额。", "seen": "0"})
    assert late.status == 422
    assert "先问余额。" in late.text
    assert (await lin.post(of, {"text": "先看合同，再问余额。", "seen": "1", "why": "补充"})).status == 303
    shown = await page.get(of)
    assert "先看合同，再问余额。" in shown.text
    assert "先看合同有无转卡条款。" in shown.text
    assert (await page.get("/casebook/notes")).text.count("contract-R89") == 1
    assert (await page.get("/casebook/notes/nonsense")).status == 404


async def test_a_collection_is_shared_and_its_own_office_fills_it(office: Browser) -> None:
    case = await to_the_board(office)
    lin = await signed_in(office, SUPERVISOR)
    await lin.get("/casebook/board")
    await lin.post(f"/casebook/cases/{case}/ask/publish")
    made = await lin.post("/casebook/collections", {"title": "预付卡"})
    collection = made.location.partition("=")[2]
    await lin.post(f"/casebook/cases/{case}/collect", {"collection": collection, "do": "in"})
    assert f"/casebook/cases/{case}" in (await lin.get(made.location)).text
    await lin.post(f"/casebook/cases/{case}/collect", {"collection": collection, "do": "out"})
    assert f"/casebook/cases/{case}" not in (await lin.get(made.location)).text


async def test_what_was_said_is_offered_de_identified_and_goes_in_only_by_a_press(office: Browser) -> None:
    zhou, at = await signed_in(office, MEDIATOR), parts(office)
    complaint = await closed_complaint(office)
    now = utc_now()
    said = [
        ("s-c", f"我是{NAME}，我三月十五号在{SHOP}办的卡付了4980元"),
        ("s-b", "关门这件事我们承认，确实没有提前通知"),
        ("s-b", "我们愿意退1000元"),
    ]
    lines = tuple(
        Line(f"l{n}", seat, now + timedelta(seconds=4 * n), now + timedelta(seconds=4 * n + 3), text)
        for n, (seat, text) in enumerate(said)
    )
    await put_on_file(at, Transcript("s-case", MODEL, now, lines))
    await zhou.get(f"/complaints/{complaint}")
    case = (await zhou.post(f"/casebook/draw/{complaint}")).location.rsplit("/", 1)[1]

    def spoken(page: Answer) -> str:
        return page.text.partition('id="spoken"')[2].partition("</section>")[0]

    page = await zhou.get(f"/casebook/cases/{case}/texts")
    offered = spoken(page)
    assert "关门这件事我们承认" in offered
    assert f"/audit/s-case?t={(lines[1].begins - lines[0].begins).seconds}" in offered
    for kept_back in (NAME, SHOP, "4980", "愿意退"):
        assert kept_back not in offered, kept_back
    answer = await zhou.post(f"/casebook/cases/{case}/spoken", {"session": "s-case", "line": "l0"})
    assert answer.status == 303
    page = await zhou.get(f"/casebook/cases/{case}/texts")
    bench = await office.client.server.app[CASE_WORK].workbench(await officer(office, MEDIATOR), case)  # type: ignore[attr-defined]
    facts = next(text for text in bench.texts if text.field == "facts")
    assert said[0][1] in facts.text
    assert NAME not in "".join(side.put for side in facts.sides)
    assert "三月十五号" not in spoken(page)  # it is in the text now, and offered no more
    assert (await zhou.post(f"/casebook/cases/{case}/spoken", {"session": "s-case", "line": "l2"})).status == 404
    another_mediator = replace(await officer(office, MEDIATOR), id="somebody-else")
    seen = await office.client.server.app[CASE_WORK].workbench(another_mediator, case)  # type: ignore[attr-defined]
    assert seen.spoken == []  # who did not conduct the mediation reads none of its words
