"""Whom a sealed paper names and how: both sides in full on the original, masked on every copy for others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from complaints.procedure.rules import WantNews
from complaints.record import PartyRecord, PartyTyped
from journal import Actor
from journal.refusals import Refused
from law.orders import ON_SITE
from recordings import FileMissing
from rooms import commands as c
from rooms.joining.invitations import Guest
from rooms.signing.state import AGREEMENT
from rooms.vocabulary import Outcome, OutcomeKind, Role, Seat
from server.documents import EFFECT
from server.documents.facts import DocumentCase, DocumentLine, facts, person as named
from server.documents.registers import complaint_register
from server.signing import English, Making
from server.signing.forms import PaperWording, for_file, wording_of
from tests.server.app.office import FIRST, World, filing
from tests.server.signing.sittings import (
    Room,
    room as room,  # a fixture
    text_in,
)

ID, PHONE, CODE = "11010519491231002X", "13800005076", "91420100MA0DEM013Y"
BUREAU = replace(
    FIRST, authority="东湖高新区市场监督管理局", address="武汉市东湖高新区演示大道1号", signature="东湖市监"
)


@pytest.fixture
async def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Its complaints name the consumer by an identity document and an address; a bureau issues its papers."""
    await world.store.change_offices([BUREAU])
    world.zhou = replace(world.zhou, office=BUREAU)

    async def register() -> str:
        known = filing(world.clock.now())
        consumer = known.consumer._replace(id_kind="resident", id_number=ID, address="黄州区东门路8号")
        assert isinstance(consumer, PartyTyped)
        return await world.desk.register(world.zhou, replace(known, consumer=consumer))

    monkeypatch.setattr(world, "register", register)
    return world


async def observer(room: Room) -> Guest:
    seat = Seat("observer", Role.OBSERVER, "徐观")
    await room.ask(c.AddSeat(seat))
    return Guest(room.session, seat, "link", FIRST, verified=True)


async def test_the_sealed_original_identifies_both_sides_in_full(room: Room) -> None:
    said = text_in(await room.sealed())
    for part in (
        "投诉人丁小禾",
        f"身份证件居民身份证{ID}",
        f"联系电话{PHONE}",
        "地址湖北黄冈黄州区东门路8号",
        "被投诉人武汉知遇桥信息技术有限公司",
        f"统一社会信用代码{CODE}",
        "法定代表人或者负责人陈立",
        "住所湖北武汉",
        "承办机构东湖高新区市场监管一所",
    ):
        assert part in said, part
    assert said.startswith("东湖高新区市场监督管理局消费争议调解书")
    assert "13900000812" not in said  # the business's contact has a phone of their own
    assert "武汉市东湖高新区演示大道1号" in said


async def test_who_speaks_for_no_side_is_given_a_marked_copy_with_numbers_masked(room: Room) -> None:
    watching = await observer(room)
    original = await room.sealed()
    document = (await room.state()).documents[0].sealed.document
    for side in ("consumer", "business"):
        assert (await room.signing.copy_for_guest(await room.guest(side), document)).content == original
    colleague = replace(room.world.zhou, id="u-colleague")
    for printed in (
        await room.signing.copy_for_guest(watching, document),
        await room.signing.copy_for_officer(colleague, room.session, document),
    ):
        said = text_in(printed.content)
        assert "脱敏副本" in printed.name
        for part in ("消费争议调解书（脱敏副本）", "不具有原件效力", "已在原件上签名", CODE, "138****5076", "****002X"):
            assert part in said, part
        for whole in (ID, PHONE, "东门路"):
            assert whole not in said, whole
        assert b"/ByteRange" not in printed.content  # under no seal
    for officer in (room.world.zhou, replace(colleague, role="supervisor")):
        assert (await room.signing.copy_for_officer(officer, room.session, document)).content == original


async def test_what_is_to_be_signed_is_read_masked_by_who_speaks_for_no_side(room: Room) -> None:
    watching = await observer(room)
    text = await room.signing.offer(room.world.zhou, room.session)
    for seat in ("", room.seats["consumer"], room.seats["business"]):
        assert ID in json.dumps(await room.signing.text(room.session, text, seat))
    told = json.dumps(await room.signing.text(room.session, text, watching.seat.id), ensure_ascii=False)
    assert not [whole for whole in (ID, PHONE, "东门路") if whole in told]
    assert "138 **** 5076" in told


async def test_a_copy_that_is_lost_is_never_replaced_by_the_original(room: Room) -> None:
    watching = await observer(room)
    await room.sealed()
    document = (await room.state()).documents[0].sealed.document
    next((room.papers.shelf.folder / room.session / "copies").iterdir()).unlink()
    with pytest.raises(FileMissing):
        room.papers.copy(room.session, document)
    with pytest.raises(Refused, match="unreadable"):
        await room.signing.copy_for_guest(watching, document)


@pytest.mark.parametrize("waived", [False, True], ids=["agreement", "record in its place"])
async def test_it_takes_effect_in_the_same_words_in_the_draft_and_under_the_seal(room: Room, waived: bool) -> None:
    if waived:
        for side in ("consumer", "business"):
            await room.ask(c.WaiveAgreement(True), await room.guest(side))
    said = text_in(await room.sealed())
    assert said.count("生效") - said.count("未生效") == 1
    assert EFFECT in said
    state = await room.world.complaints.state(room.complaint)
    draft = facts(AGREEMENT, DocumentCase(state, [], FIRST, "周敏", await room.state()), "zh")
    assert draft["effect"] == EFFECT


async def ended(room: Room, outcome: Outcome) -> str:
    for clause in (await room.state()).draft.clauses:
        await room.ask(c.RemoveClause(clause.id, clause.edition))
    await room.ask(c.ProposeOutcome(outcome))
    await room.ask(c.Close("已宣读"))
    await room.signing.file(room.world.zhou, room.session)
    return text_in(await room.pdf())


async def test_a_termination_on_file_cites_the_article_the_item_and_its_words(room: Room) -> None:
    said = await ended(room, Outcome(OutcomeKind.ENDED, ground=4, note="双方对检测费各执一词"))
    assert (
        "依照《市场监督管理投诉举报处理办法》第二十三条第四项（双方对鉴定、检测费用的承担未能协商一致），终止调解。"
        "具体理由：双方对检测费各执一词"
    ) in said


async def test_a_record_on_file_has_a_masked_copy_too(room: Room) -> None:
    watching = await observer(room)
    assert ID in await ended(room, Outcome(OutcomeKind.NOT_SETTLED))
    document = (await room.state()).documents[0].sealed.document
    said = text_in((await room.signing.copy_for_guest(watching, document)).content)
    assert "调解不成立记录（脱敏副本）" in said
    assert ID not in said


async def test_there_is_an_english_page_only_where_somebody_asked_for_it(room: Room) -> None:
    assert "Mediationagreement" not in text_in(await room.sealed())


async def test_an_english_page_is_there_for_a_complainant_who_reads_english(room: Room) -> None:
    await room.world.complaints.submit(
        room.complaint, WantNews(True, "en"), Actor("party", "consumer", "丁小禾", "consumer")
    )
    said = text_in(await room.sealed())
    assert "Mediationagreement" in said
    assert "Ineffectoncebothsideshavesignedorsealedit" in said


async def test_the_mode_is_what_it_is_told_and_the_place_stands_with_it(room: Room) -> None:
    state, complaint = await room.state(), await room.world.complaints.state(room.complaint)
    making, there = Making(room.world.seal.open), replace(state, mode=ON_SITE, place="一所调解室")
    rows = {row.label: row.value for row in for_file(there, complaint, FIRST, "1号", making).rows}
    assert (rows["调解方式"], rows["调解地点"]) == ("现场", "一所调解室")
    online = {
        row.label: row.value for row in for_file(state, complaint, FIRST, "1号", Making(room.world.seal.open)).rows
    }
    assert online["调解方式"] == "网络视频、音频"
    assert "调解地点" not in online


async def test_a_city_with_which_the_address_begins_stands_once_on_every_paper(room: Room) -> None:
    state, complaint = await room.state(), await room.world.complaints.state(room.complaint)
    consumer = replace(complaint.record.consumer, city="武汉市", address="武汉市珞瑜路1号")
    complaint = replace(complaint, record=replace(complaint.record, consumer=consumer))
    case = DocumentCase(complaint, (), FIRST, "周敏", open=room.world.seal.open)
    signed = for_file(state, complaint, FIRST, "1号", Making(room.world.seal.open))
    papers = (complaint_register(case, date(2026, 6, 24)), facts(AGREEMENT, case, "zh")["consumer_line"], signed.rows)
    assert [str(paper).count("武汉市珞瑜路1号") for paper in papers] == [1, 1, 1]
    assert [str(paper).count("武汉市") for paper in papers] == [1, 1, 1]


@pytest.mark.parametrize(
    ("outcome", "said", "over"),
    [
        (Outcome(OutcomeKind.ADJOURNED), "goes on at another time", False),
        (Outcome(OutcomeKind.ENDED, ground=1), "the parties settled on their own", True),
        (Outcome(OutcomeKind.NOT_SETTLED), "No settlement was reached", True),
    ],
)
async def test_both_languages_say_the_same_of_how_it_ended(room: Room, outcome: Outcome, said: str, over: bool) -> None:
    state, complaint = await room.state(), await room.world.complaints.state(room.complaint)
    ended, asked = replace(state, outcome=outcome), replace(complaint, language="en")
    record = for_file(ended, asked, FIRST, "1号", Making(room.world.seal.open))
    assert record.gloss is not None
    assert said in record.gloss.passages[-1].text
    assert any("提起诉讼" in passage.text for passage in record.after) is over


def test_a_text_signed_before_these_fields_existed_keeps_its_hash() -> None:
    old = PaperWording(
        "agreement", "一所", "消费争议调解书", "1号", "", (), (), (), (), (), English("Agreement", (), ()), "2026-11-25"
    )
    kept = json.loads(old.kept())
    assert "masked" not in kept
    assert "contact" not in kept
    assert wording_of(json.dumps(kept).encode()).digest == old.digest


def test_a_complainant_without_an_address_on_file_is_said_to_have_none() -> None:
    known = PartyRecord("丁小禾")
    for party, whole, masked in (
        (known, "未登记", "未登记"),
        (replace(known, city="湖北黄冈", address="黄州区东门路8号"), "湖北黄冈黄州区东门路8号", "湖北黄冈"),
        (replace(known, address="东门路8号"), "东门路8号", "（略）"),
    ):
        assert named("投诉人", party, lambda sealed, what: sealed)[-1] == DocumentLine("地址", whole, masked)
