"""Notices for real: printed, numbered, journaled, sent and read again, on a database and with real messages."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from complaints.leads import LeadService
from complaints.notices import SERIALS, NoticeKind
from complaints.procedure import EndMediation
from complaints.state import Complaint, ComplaintState
from complaints.views import NoticeList, NoticeWish
from journal.refusals import Refused
from law import WorkingCalendar
from law.deadlines import HolidayNotice
from rooms.commands import Arrive, Close, ProposeOutcome
from rooms.vocabulary import Outcome, OutcomeKind
from server.complaints.message_store import NOTICE_KIND
from server.complaints.notices import NoticeService, NoticeServices
from server.complaints.office_store import LawStore, StoredLaws, working_calendar
from server.complaints.procedure import NoticeOutcomeRecorder
from server.complaints.store import SqlReads
from server.db.projections import rebuild
from server.documents import NEWEST, NoticeStore, PdfRenderer, title, wording
from server.identity.codes import Tickets
from server.identity.sign_in_store import TicketStore
from tests.server.app.office import World, filing
from tests.server.complaints.test_complaint_desk import follow_up, scheduled, settle
from tests.server.documents.pdf import text_of

K = NoticeKind
PRESS = PdfRenderer()


@dataclass
class Desk:
    world: World
    notices: NoticeService
    reads: SqlReads
    folder: Path

    async def state(self, complaint: str) -> Complaint:
        return await self.world.complaints.state(complaint)

    async def listed(self, complaint: str) -> NoticeList:
        return (await self.reads.complaint(self.world.zhou, complaint)).notices

    async def issue(self, complaint: str, kind: str, **more: object) -> str:
        return await self.notices.issue(self.world.zhou, complaint, NoticeWish(kind, **more))  # type: ignore[arg-type]

    async def sheet(self, complaint: str) -> str:
        """The newest notice's text as it is printed."""
        notice = (await self.listed(complaint)).issued[0]
        return text_of((await self.notices.file(self.world.zhou, complaint, notice.id)).content)

    async def sent(self) -> list[tuple[str, str]]:
        await self.world.outbox.deliver_due()
        return [(notice.to, notice.text) for notice in self.world.phones.received if notice.kind == NOTICE_KIND]


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> Desk:
    reads = SqlReads(world.database, world.rooms, tmp_path, world.clock.now)
    services = NoticeServices(
        world.journal,
        world.complaints,
        world.rooms,
        world.links,
        reads,
        PRESS,
        NoticeStore(tmp_path / "notices", world.seal),
        world.seal,
        world.outbox.nudge,
        world.clock.now,
        partial(working_calendar, world.database),
        StoredLaws(LawStore(world.database), world.complaints, world.store).library,
        world.store.words,
        Tickets(world.seal, world.clock.now, TicketStore(world.database)),
        "https://tiaojie.example",
    )
    now = world.clock.now
    telling = NoticeOutcomeRecorder(world.complaints, LeadService(world.journal, now), world.store, now)
    world.outbox.taken, world.outbox.given_up = telling.taken, telling.given_up
    return Desk(world, NoticeService(services), reads, tmp_path / "notices")


async def ended(world: World, ground: int = 2) -> str:
    complaint, session = await scheduled(world)
    outcome = Outcome(OutcomeKind.ENDED, ground=ground)
    for command in (Arrive(), ProposeOutcome(outcome), Close()):
        await world.rooms.submit(session, command, world.zhou.actor)
    await follow_up(world).catch_up()
    return complaint


async def test_an_acceptance_is_printed_numbered_journaled_and_sent_to_the_complainant(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    assert (await desk.listed(complaint)).owed == [K.ACCEPTANCE]
    number = await desk.issue(complaint, K.ACCEPTANCE)
    assert number == "东高一投受〔2026〕0001号"
    said = await desk.sheet(complaint)
    for part in ("投诉受理通知书", number, "丁小禾：", "退还剩余积分", "第十五条", "2026年6月24日决定受理", "周敏"):
        assert part in said, part
    assert "13800005076" not in said
    assert "138 0000 5076" not in said
    [(to, text)] = await desk.sent()
    assert to == "13800005076"
    assert "已受理" in text
    assert "经双方同意后组织调解" in text
    assert number in text
    [row] = (await desk.listed(complaint)).issued
    assert ([(told.whom, told.state) for told in row.to], row.state) == ([("consumer", "sent")], "standing")
    assert (row.by, row.edition) == ("周敏", NEWEST)
    assert "order-121/15" in row.articles
    assert (await desk.listed(complaint)).owed == []


async def test_a_refusal_gives_its_ground_the_reason_and_the_five_other_ways(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.refuse(desk.world.zhou, complaint, 3, "购买三百件同款商品")
    await desk.issue(complaint, K.REFUSAL)
    said = await desk.sheet(complaint)
    for part in ("第十六条第三项", "购买三百件同款商品", "第三十九条", "（一）", "（五）", "仲裁", "起诉"):
        assert part in said, part
    [row] = (await desk.listed(complaint)).issued
    assert row.articles[-2:] == ("order-121/16/3", "consumer/39")
    [(_, text)] = await desk.sent()
    assert "不予受理" in text


async def test_a_mediation_notice_says_when_how_and_which_rights_and_carries_each_ones_own_link(desk: Desk) -> None:
    complaint, session = await scheduled(desk.world)
    links = {seat: (await desk.world.invite(seat, session)).url for seat in ("consumer", "business")}
    await desk.issue(complaint, K.MEDIATION)
    said = await desk.sheet(complaint)
    for part in ("2026年6月24日（星期三）09:00", "视频调解", "主持人：周敏", "回避", "第二十一条", "第1次调解"):
        assert part in said, part
    assert "/j/" not in said  # a sheet goes to both sides
    sent = dict(await desk.sent())
    assert links["consumer"] in sent["13800005076"]
    assert links["business"] in sent["13900000812"]


async def test_both_are_told_of_the_end_when_the_gateway_has_taken_both_messages(desk: Desk) -> None:
    complaint = await ended(desk.world)
    assert (await desk.state(complaint)).state is ComplaintState.ENDED
    await desk.issue(complaint, K.TERMINATION)
    assert not (await desk.state(complaint)).end_told
    said = await desk.sheet(complaint)
    for part in ("第二十三条第二项", "第二十五条", "丁小禾、武汉知遇桥信息技术有限公司："):
        assert part in said, part
    assert len(await desk.sent()) == 2
    assert (await desk.state(complaint)).end_told
    notice = (await desk.listed(complaint)).issued[0].id
    await desk.notices.withdraw(desk.world.zhou, complaint, notice, "终止理由选错")
    assert not (await desk.state(complaint)).end_told
    assert (await desk.listed(complaint)).owed == [K.TERMINATION]
    assert ["已撤回" in text and "终止理由选错" in text for _, text in (await desk.sent())[2:]] == [True, True]


async def test_an_ending_outside_a_session_has_its_ground_too(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.world.complaints.submit(complaint, EndMediation(1), desk.world.zhou.actor)
    await desk.issue(complaint, K.TERMINATION)
    assert "第二十三条第一项" in await desk.sheet(complaint)


async def test_not_settled_is_the_ground_the_order_has_for_it(desk: Desk) -> None:
    complaint, session = await scheduled(desk.world)
    for command in (Arrive(), ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED)), Close()):
        await desk.world.rooms.submit(session, command, desk.world.zhou.actor)
    await follow_up(desk.world).catch_up()
    await desk.issue(complaint, K.TERMINATION)
    assert "第二十三条第三项" in await desk.sheet(complaint)


async def test_an_older_complaint_is_told_the_articles_of_the_older_order(desk: Desk) -> None:
    old = dataclasses.replace(filing(desk.world.clock.now()), received=desk.world.clock.now().replace(month=3))
    complaint = await desk.world.desk.register(desk.world.zhou, old)
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    said = await desk.sheet(complaint)
    assert "暂行办法》第十四条" in said
    assert "四十五个工作日" in said
    assert "六十日" not in said


async def test_the_date_it_names_is_counted_in_the_offices_own_calendar(desk: Desk) -> None:
    """Of working days, Order 20's: a day of rest that the office entered moves no period of natural days."""
    old = dataclasses.replace(filing(desk.world.clock.now()), received=desk.world.clock.now().replace(month=3))
    complaint = await desk.world.desk.register(desk.world.zhou, old)
    await desk.world.desk.accept(desk.world.zhou, complaint)
    desk.world.move(seconds=1)
    await desk.issue(complaint, K.ACCEPTANCE)
    assert "至2026年8月26日" in await desk.sheet(complaint)

    async def holiday(office: str) -> WorkingCalendar:
        return WorkingCalendar(notices=(HolidayNotice(2026, ((date(2026, 8, 20), "某节", "a holiday"),)),))

    other = NoticeService(dataclasses.replace(desk.notices._at, calendar=holiday))
    wish = NoticeWish(K.ACCEPTANCE, replaces="x")
    made = text_of((await other.preview(desk.world.zhou, complaint, wish)).content)
    assert "至2026年8月27日" in made


async def test_issuing_again_has_a_new_number_and_names_the_old_one(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    first = await desk.issue(complaint, K.ACCEPTANCE)
    with pytest.raises(Refused, match="notice_standing"):
        await desk.issue(complaint, K.ACCEPTANCE)
    second = await desk.issue(complaint, K.ACCEPTANCE, replaces=first)
    assert (first, second) == ("东高一投受〔2026〕0001号", "东高一投受〔2026〕0002号")  # the refused one cost none
    assert f"代替{first}" in await desk.sheet(complaint)
    newest, oldest = (await desk.listed(complaint)).issued
    assert (newest.replaces, oldest.state, oldest.replaced_by) == (first, "replaced", second)


async def test_two_officers_who_press_at_once_issue_one_notice(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    tries = await asyncio.gather(*(desk.issue(complaint, K.ACCEPTANCE) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in tries) == 1
    assert len(await desk.sent()) == 1
    another = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, another)
    assert await desk.issue(another, K.ACCEPTANCE) == "东高一投受〔2026〕0002号"


async def test_a_business_without_a_mobile_number_gets_the_sheet_by_hand(desk: Desk) -> None:
    known = filing(desk.world.clock.now())
    landline = dataclasses.replace(known, business=known.business._replace(phone="027-00001299"))
    complaint = await desk.world.desk.register(desk.world.zhou, landline)
    await desk.world.desk.schedule(desk.world.zhou, complaint, desk.world.clock.now(), [])
    await desk.issue(complaint, K.MEDIATION)
    [row] = (await desk.listed(complaint)).issued
    assert [(told.whom, told.state) for told in row.to] == [("consumer", "queued"), ("business", "by_hand")]


async def test_who_asked_not_to_be_named_is_not_named_to_the_other_side(desk: Desk) -> None:
    complaint, _ = await scheduled(desk.world)
    sheet = desk.notices
    entries, state = await sheet._own(desk.world.zhou, complaint)
    secret = dataclasses.replace(state, record=dataclasses.replace(state.record, secret=True))
    wish = NoticeWish(K.MEDIATION, english=True)
    case = await sheet._case(desk.world.zhou.office, "周敏", secret, entries, wish)
    said = sheet._sheet(case, wish, "").text()
    assert "丁小禾" not in said.encode().decode("unicode_escape")
    assert "丁某" in said.encode().decode("unicode_escape")


async def test_the_sheet_lies_sealed_and_is_printed_again_from_the_journal_when_it_is_lost(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE, note="请带发票 #panic() 😀")
    [row] = (await desk.listed(complaint)).issued
    [file] = desk.folder.rglob("*.sealed")
    assert file.stat().st_mode & 0o077 == 0
    assert b"%PDF" not in file.read_bytes()
    before = (await desk.notices.file(desk.world.zhou, complaint, row.id)).content
    assert hashlib.sha256(before).hexdigest() == row.sha256
    file.unlink()
    assert (await desk.notices.file(desk.world.zhou, complaint, row.id)).content == before
    assert "请带发票#panic()[U+1F600]" in re.sub(r"\s", "", await desk.sheet(complaint))
    told = "".join(str(event.data) for event in await desk.world.journal.read(f"complaint/{complaint}"))
    assert "请带发票" not in told


async def test_a_sheet_that_was_exchanged_is_never_given_out(desk: Desk) -> None:
    kept = []
    for _ in range(2):
        complaint = await desk.world.register()
        await desk.world.desk.accept(desk.world.zhou, complaint)
        await desk.issue(complaint, K.ACCEPTANCE)
        kept.append((complaint, (await desk.listed(complaint)).issued[0].id))
    (first, one), (second, two) = kept
    (desk.folder / first / f"{one}.sealed").write_bytes((desk.folder / second / f"{two}.sealed").read_bytes())
    content = (await desk.notices.file(desk.world.zhou, first, one)).content  # printed again
    assert "〔2026〕0001号" in text_of(content)


async def test_what_cannot_be_printed_costs_no_number_and_tells_nobody(desk: Desk, tmp_path: Path) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    services = dataclasses.replace(desk.notices._at, press=PdfRenderer(tmp_path / "empty"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused, match="unprintable"):
        await NoticeService(services).issue(desk.world.zhou, complaint, NoticeWish(K.ACCEPTANCE))
    assert await desk.sent() == []
    assert await desk.issue(complaint, K.ACCEPTANCE) == "东高一投受〔2026〕0001号"


async def test_making_the_projections_anew_sends_nothing_again(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    await desk.sent()
    await rebuild(desk.world.database)
    assert len(await desk.sent()) == 1


async def test_another_office_finds_no_complaint_and_no_sheet(desk: Desk) -> None:
    complaint = await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await desk.issue(complaint, K.ACCEPTANCE)
    notice = (await desk.listed(complaint)).issued[0].id
    other = desk.world.other
    for asked in (
        desk.notices.file(other, complaint, notice),
        desk.notices.preview(other, complaint, NoticeWish(K.ACCEPTANCE)),
        desk.notices.issue(other, complaint, NoticeWish(K.ACCEPTANCE)),
        desk.notices.withdraw(other, complaint, notice, "x"),
    ):
        with pytest.raises(Refused, match="not_found"):
            await asked


async def test_a_preview_is_marked_and_leaves_no_trace(desk: Desk) -> None:
    complaint = await desk.world.register()
    wish = NoticeWish(K.DISPATCH, receiver="江岸区市场监管二所", english=True)
    before = await desk.world.journal.read(f"complaint/{complaint}")
    made = text_of((await desk.notices.preview(desk.world.zhou, complaint, wish)).content)
    for part in ("草稿", "江岸区市场监管二所", "第四十一条", "Notice that a complaint was sent on"):
        assert part in made, part
    assert await desk.world.journal.read(f"complaint/{complaint}") == before
    with pytest.raises(Refused, match="missing"):
        await desk.notices.preview(desk.world.zhou, complaint, NoticeWish(K.DISPATCH))


async def test_agreement_and_record_are_drafted_from_the_outcome(desk: Desk) -> None:
    complaint, session = await scheduled(desk.world)
    await settle(desk.world, session, 7)
    await follow_up(desk.world).catch_up()
    assert (await desk.listed(complaint)).drafts == ("register", "agreement", "record")
    agreement = text_of((await desk.notices.preview(desk.world.zhou, complaint, NoticeWish("agreement"))).content)
    for part in ("消费争议调解书", "草稿", "1．被投诉人：退还款项，金额2000.00元", "2026年7月1日前", "138 **** 5076"):
        assert part in agreement, part
    record = text_of((await desk.notices.preview(desk.world.zhou, complaint, NoticeWish("record"))).content)
    for part in ("调解记录", "双方达成协议", "主持人：周敏", "开始时间：2026年6月24日"):
        assert part in record, part
    with pytest.raises(Refused, match="wrong_state"):
        await desk.notices.preview(desk.world.zhou, await desk.world.register(), NoticeWish("record"))


@pytest.mark.parametrize("kind", [*SERIALS, "agreement", "record"])
def test_every_wording_is_whole_in_both_languages(kind: str) -> None:
    words = wording(kind)
    assert title(kind)
    assert title(kind, "en").isascii()
    for block in words["block"]:
        blanks = [set(re.findall(r"\{(\w+)\}", block.get(language, block["zh"]))) for language in ("zh", "en")]
        assert blanks[1] <= blanks[0], block
        assert block.get("order", "121") in ("121", "20")
