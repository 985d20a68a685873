"""Two sides sign on their phones, then the mediator; what both hold is a sealed PDF, and what becomes of it."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

import rooms
from journal import refusals
from journal.refusals import Refused
from recordings import KeyDestroyed
from recordings.files.encrypted_file_store import EncryptedFileStore, file_case
from rooms import commands as c
from rooms.vocabulary import Outcome, OutcomeKind, Side
from server.db.schema import short_tickets
from server.identity import digest
from server.identity.codes import Tickets
from server.identity.sign_in_store import TicketStore
from server.retention.file_erasure import FiledPlaces
from server.signing.seals import OfficeSeals
from tests.server.app.office import FIRST, IP, World
from tests.server.signing.sittings import (
    DUE,
    Room,
    room as room,  # a fixture
    text_in,
)
from tests.server.signing.test_seal import pdfsig


async def test_what_both_hold_says_every_clause_who_signed_how_and_where_to_check_it(room: Room) -> None:
    said = text_in(await room.sealed())
    text = (await room.current()).text
    number = (await room.current()).number
    assert number == "东高一调〔2026〕0001号"
    clauses = (await room.state()).draft.clauses
    for part in (
        "消费争议调解书", number, "丁小禾", "武汉知遇桥信息技术有限公司", "负责人：陈立", "调解员", "周敏",
        "退还剩余积分", "第一条", "第二条", *(re.sub(r"\s", "", clause.text) for clause in clauses),
        "手写签名", "输入姓名签名", "一次性验证码核对身份", "第二十四条", "第三十九条", text,
        "https://tiaojie.example/verify-document",
    ):  # fmt: skip
        assert part in said, part


async def test_the_file_is_the_one_in_the_journal_and_ours_to_whoever_checks_it(room: Room) -> None:
    pdf = await room.sealed()
    document = (await room.state()).documents[0].sealed
    assert (document.sha256, document.size) == (hashlib.sha256(pdf).hexdigest(), len(pdf))
    verdict = await OfficeSeals(room.seals).judged(pdf)
    assert (verdict.result, verdict.office, verdict.fingerprint) == ("ours", FIRST.id, document.certificate)
    changed = bytearray(pdf)
    changed[3_000] ^= 1
    assert (await OfficeSeals(room.seals).judged(bytes(changed))).result == "changed"
    assert (await room.state()).sealed


@pytest.mark.pdfsig
async def test_poppler_finds_the_agreement_valid_and_trusted(room: Room, tmp_path: Path) -> None:
    pdf = await room.sealed()
    root = room.seals.pair(FIRST.id).root
    said = pdfsig(tmp_path, pdf, root.public_bytes(Encoding.DER))
    assert "Signature is Valid." in said
    assert "Certificate is Trusted." in said


async def test_nothing_of_the_handwriting_is_in_the_journal_and_its_file_is_sealed(room: Room, tmp_path: Path) -> None:
    await room.signed()
    entries = await room.world.journal.read(f"session/{room.session}")
    assert not [entry.type for entry in entries if "strokes" in str(entry.data)]
    hands = list((tmp_path / "documents" / room.session / "hands").iterdir())
    assert len(hands) == 2
    assert all(hand.read_bytes().startswith(b"YTS1") for hand in hands)


async def test_both_signers_get_a_personal_link_and_the_code_to_it_is_of_their_own_phone(room: Room) -> None:
    await room.sealed()
    await room.world.outbox.deliver_due()
    told = [notice for notice in room.world.phones.received if notice.kind == "copy"]
    assert sorted(notice.to for notice in told) == ["13800005076", "13900000812"]
    secret = re.search(r"/c/(\S{24})(?!\S)", told[0].text)
    assert secret is not None
    visit = await room.signing.visit(secret[1])
    assert visit.phone in ("138 **** 5076", "139 **** 0812")
    room.world.move(minutes=2)
    await room.signing.send_copy_code(secret[1], IP)
    with pytest.raises(Refused, match="bad_code"):
        await room.signing.open_copies(secret[1], "000000", IP)
    (row,) = await room.signing.open_copies(secret[1], await room.world.newest_code(), IP)
    assert (await room.signing.copy_by_ticket(row.ticket)).content == await room.pdf()
    with pytest.raises(Refused, match="code_expired"):  # a code opens once
        await room.signing.open_copies(secret[1], await room.world.newest_code(), IP)
    room.world.move(minutes=16)
    with pytest.raises(Refused, match="link_expired"):
        await room.signing.copy_by_ticket(row.ticket)
    room.world.move(days=31)
    with pytest.raises(Refused, match="link_expired"):
        await room.signing.visit(secret[1])


async def test_the_record_of_a_failure_says_the_ways_that_stay_open_and_no_concession(room: Room) -> None:
    for clause in (await room.state()).draft.clauses:
        await room.ask(c.RemoveClause(clause.id, clause.edition))
    await room.ask(c.Say("最多退八百，不能再多", ""), await room.guest("business"))
    await room.ask(c.Assist("王小华", "station", True), await room.guest("consumer"))
    await room.ask(c.StartCaucus(Side.BUSINESS))
    await room.ask(c.Say("底线一千三", "", 1), await room.guest("business"))
    await room.ask(c.EndCaucus())
    await room.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note="对退款比例分歧较大")))
    await room.ask(c.Close("已宣读"))
    await room.signing.file(room.world.zhou, room.session)
    said = text_in(await room.pdf())
    for part in (
        "调解不成立记录",
        "退还剩余积分",
        "双方未能达成调解协议",
        "仲裁",
        "人民法院",
        "开始时间",
        "结束时间",
        "主持人、记录人周敏",
        "调解经过",
        "周敏主持，调解开始。",
        "调解员与被投诉人单独谈，不录制，内容不记入本记录。",
        "协助人王小华（服务站工作人员，陪在丁小禾身边协助，经丁小禾同意）",
        "具体理由：对退款比例分歧较大",
    ):
        assert part in said, part
    assert "八百" not in said
    assert "一千三" not in said
    assert "2,000.00" not in said
    await room.signing.file(room.world.zhou, room.session)  # a second tap
    assert len((await room.state()).documents) == 1


async def test_a_mediation_with_an_agreement_in_effect_ends_as_settled_and_in_no_other_way(room: Room) -> None:
    failed = Outcome(OutcomeKind.NOT_SETTLED)
    await room.ask(c.ProposeOutcome(failed))
    await room.sealed()
    with pytest.raises(rooms.DraftSealed):
        await room.ask(c.Close("both have gone"))
    await room.ask(c.TakeBackOutcome())
    for other in (failed, Outcome(OutcomeKind.ADJOURNED, adjourned_to=DUE)):
        with pytest.raises(rooms.DraftSealed):
            await room.ask(c.ProposeOutcome(other))
    await room.ask(c.ProposeAgreed())
    proposed = (await room.state()).proposed
    assert proposed is not None
    assert proposed.kind is OutcomeKind.SETTLED


async def test_a_text_or_a_document_that_was_changed_on_the_disk_is_not_given_out(room: Room) -> None:
    await room.sealed()
    document = (await room.state()).documents[0].sealed
    room.papers.put_document(room.session, document.document, b"%PDF-1.7 another")
    with pytest.raises(Refused, match="unreadable"):
        await room.signing.copy_for_guest(await room.guest("consumer"), document.document)


async def test_the_agreement_outlives_the_recording_in_the_complaints_file(room: Room, tmp_path: Path) -> None:
    pdf = await room.sealed()
    document = (await room.state()).documents[0].sealed
    documents, filed = room.papers.shelf, EncryptedFileStore(tmp_path / "files", room.papers.shelf.keys)
    documents.filed = filed
    filing = FiledPlaces(
        room.world.journal, documents, EncryptedFileStore(tmp_path / "recordings", documents.keys), filed
    )
    await filing.keep(room.session)
    documents.keys.destroy(room.session)
    await room.papers.remove(room.session)
    assert room.papers.document(room.session, document.document, document.sha256) == pdf
    assert room.papers.wording(room.session, document.text).number == document.number
    assert sorted(path.name for path in (tmp_path / "files" / room.session).iterdir()) == [
        "documents",
        "hands",
        "texts",
    ]
    await filing.keep(room.session)  # taken up again after a crash: nothing is lost or done twice
    assert room.papers.document(room.session, document.document, document.sha256) == pdf
    documents.keys.destroy(file_case(room.session))
    with pytest.raises(KeyDestroyed):
        room.papers.document(room.session, document.document, document.sha256)


async def test_a_ticket_of_one_kind_is_none_of_another(world: World) -> None:
    tickets = Tickets(world.seal, world.clock.now, TicketStore(world.database))
    what, ends = {"session": "x"}, world.clock.now() + timedelta(hours=1)
    whole, short = tickets.write("copy", what, ends), await tickets.issue("copy", what, ends)
    for made in (whole, short):
        assert await tickets.read("copy", made) is not None
        assert await tickets.read("file", made) is None
        assert await tickets.read("copy", made[:-2] + "AA") is None
    assert await tickets.read("copy", "x" * 2000) is None


async def test_a_short_ticket_opens_for_its_time_and_is_the_same_when_sent_again(world: World) -> None:
    tickets = Tickets(world.seal, world.clock.now, TicketStore(world.database))
    what, hour = {"session": "x", "seat": "y"}, timedelta(hours=1)
    assert await tickets.read("copy", tickets.short("copy", what)) is None  # issued to nobody yet
    short = await tickets.issue("copy", what, world.clock.now() + hour)
    other = await tickets.issue("copy", {**what, "seat": "z"}, world.clock.now() + 3 * hour)
    assert (len(short), short != other) == (24, True)
    assert await tickets.issue("copy", what, world.clock.now() + 2 * hour) == short
    world.move(hours=1.5)
    assert await tickets.read("copy", short) is not None
    assert await tickets.standing("copy", what) == short
    world.move(hours=1)
    assert await tickets.read("copy", short) is None
    assert await tickets.standing("copy", what) == ""
    await tickets.issue("copy", {"session": "new"}, world.clock.now() + hour)
    async with world.database.read() as connection:  # what is over is dropped, and nothing kept is in the clear
        kept = (await connection.execute(select(short_tickets))).all()
    assert {row.secret_hash for row in kept} >= {digest(other)}
    assert len(kept) == 2
    assert not any(word in str(row) for row in kept for word in (short, other, "session", "new"))


async def test_whom_the_mediator_knew_by_voice_signs_without_a_code_and_the_paper_says_so(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer = await room.guest("consumer")
    await room.ask(c.ReadThrough(text), consumer)
    await room.ask(c.AgreeElectronicForm(text, "electronic-1"), consumer)
    with pytest.raises(refusals.NotAllowed):
        await room.ask(c.ConfirmSignerByVoice(consumer.seat.id, text, "听得出是本人"), consumer)
    await room.ask(c.ConfirmSignerByVoice(consumer.seat.id, text, "视频里看得见本人"))
    with pytest.raises(Refused):  # that is for this signer: the other side still needs a code
        await room.signing.sign(await room.guest("business"), text, "", "陈立", None, IP)
    await room.signing.sign(consumer, text, "", consumer.seat.name, None, IP)
    await room.signs("business")
    await room.signing.sign_as_mediator(room.world.zhou, room.session, text, "周敏", None)
    await room.signing.seal(room.world.zhou, room.session, text)
    paper = text_in(await room.pdf())
    assert paper.count("未用验证码，由调解员周敏语音核实身份") == 1
    assert paper.count("一次性验证码核对身份") == 1
    entries = await room.world.journal.read(f"session/{room.session}")
    (known,) = [entry for entry in entries if entry.type == "SignerConfirmedByVoice"]
    assert (known.actor.name, known.data["recognised"]) == ("周敏", "视频里看得见本人")
    assert [entry.data["seat"] for entry in entries if entry.type == "SignerConfirmed"] == [
        room.seats["business"],
        room.seats["mediator"],
    ]


async def test_who_takes_a_signature_back_that_was_given_by_voice_shows_anew_who_they_are(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer = await room.guest("consumer")
    await room.ask(c.ReadThrough(text), consumer)
    await room.ask(c.AgreeElectronicForm(text, "electronic-1"), consumer)
    await room.ask(c.ConfirmSignerByVoice(consumer.seat.id, text, "视频里看得见本人"))
    await room.signing.sign(consumer, text, "", consumer.seat.name, None, IP)
    await room.ask(c.WithdrawSignature(text), consumer)
    with pytest.raises(Refused):
        await room.signing.sign(consumer, text, "", consumer.seat.name, None, IP)
    code = await room.code(consumer, text)
    await room.signing.sign(consumer, text, code, consumer.seat.name, None, IP)
    assert (await room.current()).recognised == {}
