"""A record nobody typed: proposed from what was said, chosen by its mediator, confirmed by both, signed and sealed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.procedure.rules import WantNews
from journal import Actor
from journal.refusals import Refused
from recordings.transcripts.statements import RecordStatement
from rooms import commands as c
from rooms.events import StatementsDecided
from rooms.signing.state import FAILURE, RECORD
from server.signing.desk import SigningService
from server.signing.statements import StatementService
from tests.server.app.office import IP
from tests.server.signing.sittings import Room, room as room, text_in
from tests.server.signing.spoken import Hearing, Transcripts, desk_of, heard

_LINK = re.compile(r"https://tiaojie\.example/g/([^\s]+)")


@pytest.fixture
async def hearing(room: Room) -> Hearing:
    made = await heard(room)
    await made.end()
    return made


async def rows(desk: StatementService, room: Room) -> dict[str, RecordStatement]:
    draft = await desk.draft(room.world.zhou, room.session)
    return {row.line.heard: row for row in draft.rows}


async def secrets(room: Room) -> list[str]:
    """The consumer's and the business's: their numbers sort so."""
    await room.world.outbox.deliver_due()
    sent = sorted(room.world.phones.received, key=lambda notice: notice.to)
    return [match[1] for notice in sent if (match := _LINK.search(notice.text))]


async def sheet(room: Room, desk: SigningService, n: int = 0) -> str:
    sealed = (await room.state()).documents[n].sealed
    return text_in(room.papers.document(room.session, sealed.document, sealed.sha256))


async def test_the_mediator_signs_a_record_nobody_typed(room: Room, hearing: Hearing) -> None:
    desk, links, statements = desk_of(hearing)
    await statements.send(room.world.zhou, room.session)
    for secret in await secrets(room):
        room.world.move(minutes=2)
        await links.send_code(secret, IP)
        opened = await links.open(secret, await room.world.newest_code(), IP)
        assert all(one.right is None for one in opened.statements)
        with pytest.raises(Refused, match="out_of_order"):
            await links.sign(opened.ticket, opened.name, None, IP)
        await links.answer(opened.ticket, {one.line: (True, "") for one in opened.statements})
        await links.sign(opened.ticket, opened.name, None, IP)
    text = (await room.current()).text
    await desk.sign_as_mediator(room.world.zhou, room.session, text, "周敏", None)
    await desk.seal(room.world.zhou, room.session, text)
    said = await sheet(room, desk)
    for part in (
        "调解不成立记录",
        "投诉人陈述",
        "投诉人丁小禾：“……我去年三月在他们平台充了三千六百块的积分”（录像",
        "被投诉人陈述",
        "但是充值协议里写明了积分售出不退",
        "有没有要申请我回避的",
        "“不申请”",
        "机器转写，由调解员周敏核对",
        "本方陈述经逐条核对",
        "正文校验码" + text[:20],
    ):
        assert part in said, part
    for kept_out in ("八百", "一千三", "听得到"):
        assert kept_out not in said
    assert (await room.state()).documents[0].sealed.kind == FAILURE


async def test_every_sentence_has_its_second_of_the_recording(room: Room, hearing: Hearing) -> None:
    desk, _, statements = desk_of(hearing)
    await statements.seal(room.world.zhou, room.session)
    said = await sheet(room, desk)
    assert len(re.findall(r"（录像\d\d:\d\d）", said)) == len(
        [row for row in (await rows(statements, room)).values() if row.taken]
    )
    assert "经逐条核对" not in said  # nobody did


async def test_left_taken_and_edited_lines_stay_so_and_each_can_be_taken_back(room: Room, hearing: Hearing) -> None:
    _, _, statements = desk_of(hearing)
    zhou, misheard = room.world.zhou, "我要求退还剩余的积分宽两千三百六十元"
    before = await rows(statements, room)
    await statements.decide(zhou, room.session, before["充值这个事情我们认可"].line.line, False, "")
    mended = "要求退还剩余的积分款2,360元。"
    await statements.decide(zhou, room.session, before[misheard].line.line, True, mended)
    short = "……积分商城关了"
    await statements.decide(zhou, room.session, before["一次都没有用过，现在积分商城关了"].line.line, True, short)
    after = await rows(statements, room)
    assert not after["充值这个事情我们认可"].taken
    assert (after[misheard].text, after[misheard].own) == (mended, True)
    assert after["一次都没有用过，现在积分商城关了"].own  # a "not" is gone from it: no quotation any more
    await statements.undo(zhou, room.session)
    await statements.undo(zhou, room.session)
    again = await rows(statements, room)
    assert (again[misheard].text, again[misheard].own) == (misheard, False)
    assert not again["充值这个事情我们认可"].taken


async def test_the_mediators_own_words_are_no_quotation_on_paper_and_keep_their_second(
    room: Room, hearing: Hearing
) -> None:
    desk, _, statements = desk_of(hearing)
    row = (await rows(statements, room))["我要求退还剩余的积分宽两千三百六十元"]
    await statements.decide(room.world.zhou, room.session, row.line.line, True, "要求退还剩余的积分款2,360元。")
    await statements.seal(room.world.zhou, room.session)
    said = await sheet(room, desk)
    assert re.search(r"投诉人丁小禾：要求退还剩余的积分款2,360元。（调解员整理，见录像\d\d:\d\d）", said)
    assert "积分宽" not in said


async def test_what_a_side_says_is_not_right_comes_back_to_the_mediator_and_the_rest_stays_confirmed(
    room: Room, hearing: Hearing
) -> None:
    _, links, statements = desk_of(hearing)
    zhou = room.world.zhou
    await statements.send(zhou, room.session)
    consumer = (await secrets(room))[0]
    room.world.move(minutes=2)
    await links.send_code(consumer, IP)
    opened = await links.open(consumer, await room.world.newest_code(), IP)
    wrong = next(one for one in opened.statements if "积分宽" in one.text)
    answers = {
        one.line: (one.line != wrong.line, "" if one.line != wrong.line else "是积分款") for one in opened.statements
    }
    await links.answer(opened.ticket, answers)
    await links.refuse(opened.ticket, "有一句不对")
    row = (await rows(statements, room))["我要求退还剩余的积分宽两千三百六十元"]
    assert row.objected is not None
    assert row.objected.words == "是积分款"
    await statements.decide(zhou, room.session, row.line.line, True, "要求退还剩余的积分款2,360元。")
    assert (await statements.draft(zhou, room.session)).stage == "preparing"  # what lay there is void
    with pytest.raises(Refused, match="link_expired"):
        await links.look(opened.ticket)
    room.world.phones.received.clear()
    await statements.send(zhou, room.session)
    fresh = (await secrets(room))[0]
    room.world.move(minutes=2)
    await links.send_code(fresh, IP)
    asked = await links.open(fresh, await room.world.newest_code(), IP)
    assert [one.line for one in asked.statements if one.right is None] == [wrong.line]


async def test_a_reader_of_english_is_told_that_the_chinese_text_quotes_what_was_said(
    room: Room, hearing: Hearing
) -> None:
    await room.world.complaints.submit(
        room.complaint, WantNews(True, "en"), Actor("party", "consumer", "丁小禾", "consumer")
    )
    desk, _, statements = desk_of(hearing)
    await statements.seal(room.world.zhou, room.session)
    assert "Thequotationsarenottranslatedhere" in await sheet(room, desk)


async def test_a_record_of_which_nothing_is_quoted_says_of_nobody_that_they_checked_their_words(
    room: Room, hearing: Hearing
) -> None:
    desk, _, statements = desk_of(hearing)
    for row in (await rows(statements, room)).values():
        if row.taken:
            await statements.decide(room.world.zhou, room.session, row.line.line, False, "")
    await statements.send(room.world.zhou, room.session)
    told = [one["text"] for one in (await desk.text(room.session, (await room.current()).text))["after"]]
    assert any("以上记录由签名人阅读，确认无误" in one for one in told)
    assert not any("逐条核对" in one for one in told)


async def test_without_a_transcript_there_is_nothing_to_choose_and_the_record_is_signed_all_the_same(
    room: Room, hearing: Hearing
) -> None:
    hearing.transcripts.made.clear()
    desk, _, statements = desk_of(hearing)
    draft = await statements.draft(room.world.zhou, room.session)
    assert (draft.heard, draft.rows) == (False, ())
    await statements.seal(room.world.zhou, room.session)
    said = await sheet(room, desk)
    assert "调解不成立记录" in said
    assert "机器转写" not in said


async def test_the_record_of_a_settlement_follows_its_sealed_agreement_under_the_same_number(room: Room) -> None:
    hearing = await heard(room)
    await room.sealed()
    await hearing.end(None)
    desk, links, statements = desk_of(hearing)
    await statements.send(room.world.zhou, room.session)
    state = await room.state()
    assert state.sealed
    assert state.signing is not None
    assert state.signing.number == state.documents[0].sealed.number
    assert [row.signed for row in await links.signers(room.world.zhou, room.session)] == [None] * 3
    await statements.seal(room.world.zhou, room.session)  # called off, filed without signatures
    assert [one.sealed.kind for one in (await room.state()).documents] == ["agreement", RECORD]
    assert "机器转写" in await sheet(room, desk, 1)


async def test_only_the_mediator_of_the_case_prepares_its_record(room: Room, hearing: Hearing) -> None:
    _, _, statements = desk_of(hearing)
    with pytest.raises(Refused, match="not_allowed"):
        await statements.draft(replace(room.world.zhou, id="somebody-else"), room.session)
    with pytest.raises(Refused, match="not_found"):
        await statements.decide(room.world.zhou, room.session, "no such line", True, "")


async def test_a_line_of_a_private_talk_cannot_be_taken(room: Room, hearing: Hearing) -> None:
    _, _, statements = desk_of(hearing)
    private = next(line.id for line in hearing.lines if "一千三" in line.text)
    with pytest.raises(Refused, match="not_found"):
        await statements.decide(room.world.zhou, room.session, private, True, "")
    decided = [one for _, one in (await room.state()).statements.decided if isinstance(one, StatementsDecided)]
    assert decided == []


async def test_the_record_of_a_mediation_without_meeting_quotes_what_was_written_with_its_time(room: Room) -> None:
    world = room.world
    until = world.clock.now() + timedelta(days=7)
    await room.ask(c.GoApart(until, until + timedelta(days=7)))
    for role in ("consumer", "business"):
        for command in (c.NoteVisit(), c.ReadRights()):
            await room.ask(command, await room.guest(role))
    world.move(hours=3)
    await room.ask(c.Say("您好。我去年三月在他们平台充值，一次都没有用过。"), await room.guest("consumer"))
    world.move(hours=5)
    await room.ask(c.Say("充值协议里写明了积分售出不退"), await room.guest("business"))
    hearing = Hearing(room, Transcripts())
    await hearing.end()
    hearing.transcripts.made.clear()
    desk, links, statements = desk_of(hearing)
    draft = await statements.draft(world.zhou, room.session)
    assert (draft.heard, [row.taken for row in draft.rows]) == (False, [False, True, True])
    await statements.send(world.zhou, room.session)
    for secret in await secrets(room):
        world.move(minutes=2)
        await links.send_code(secret, IP)
        opened = await links.open(secret, await world.newest_code(), IP)
        assert len(opened.statements) == 1
        await links.answer(opened.ticket, {one.line: (True, "") for one in opened.statements})
        await links.sign(opened.ticket, opened.name, None, IP)
    text = (await room.current()).text
    await desk.sign_as_mediator(world.zhou, room.session, text, "周敏", None)
    await desk.seal(world.zhou, room.session, text)
    said = await sheet(room, desk)
    assert "投诉人丁小禾：“我去年三月在他们平台充值，一次都没有用过。”（2026年6月24日12:00书面）" in said
    assert "“充值协议里写明了积分售出不退”（2026年6月24日17:00书面）" in said
    assert "发送的时间" in said
    assert "机器转写" not in said
    assert "您好" not in said
