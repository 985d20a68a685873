"""A settlement by telephone, from its entry to the sealed paper: recorded, signed by link, under seal."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from complaints.state import ComplaintState
from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from rooms.commands import RecordHeld
from rooms.events import HeldElsewhere
from rooms.views import Handwriting
from rooms.vocabulary import Capacity, Outcome, OutcomeKind, Performance, Side, Term
from server.complaints.office_store import LawStore, StoredLaws
from server.identity.account_store import SystemStore
from server.identity.codes import OneTime, SigningCodes, Tickets
from server.identity.link_store import LinkStore
from server.identity.sign_in_store import TicketStore
from server.outbox.store import MessageStore
from server.rooms.service import ElsewhereService
from server.signing import certificates
from server.signing.copies import PapersOnFile, SigningServices
from server.signing.desk import SigningService
from server.signing.saved_signature_store import SavedSignatures
from server.signing.seals import SealKeys
from server.signing.statements import LinkSigning
from tests.server.app.office import FIRST, IP, QUICK, World
from tests.server.complaints.test_complaint_desk import follow_up
from tests.server.signing.sittings import INK, PRESS, NoNotices, text_in

_LINK = re.compile(r"https://tiaojie\.example/g/([^\s]+)")


@dataclass
class Office:
    world: World
    elsewhere: ElsewhereService
    signing: SigningService
    links: LinkSigning
    papers: PapersOnFile

    def call(self, **more: object) -> HeldElsewhere:
        now = self.world.clock.now()
        held = HeldElsewhere(
            "phone",
            now - timedelta(minutes=40),
            now - timedelta(minutes=5),
            consumer_by="丁小禾本人",
            business_by="陈立，售后负责人",
            course="先后与双方通话，商家同意退款。",
        )
        return replace(held, **more)  # type: ignore[arg-type]

    def refund(self, at_once: bool = False) -> Outcome:
        due = None if at_once else self.world.clock.now() + timedelta(days=7)
        done = Performance.ON_THE_SPOT if at_once else Performance.LATER
        term = Term(Side.BUSINESS, "退还剩余积分款", Decimal("2000.00"), due, "按原支付方式退回", done)
        return Outcome(OutcomeKind.SETTLED, (term,))

    async def recorded(self, command: RecordHeld) -> tuple[str, str]:
        complaint = await self.world.register()
        session = await self.elsewhere.record(self.world.zhou, complaint, command)
        await follow_up(self.world).catch_up()
        return complaint, session

    async def secrets(self) -> list[str]:
        """The consumer's and the business's: their numbers sort so."""
        await self.world.outbox.deliver_due()
        sent = sorted(self.world.phones.received, key=lambda notice: notice.to)
        found = [match[1] for notice in sent if (match := _LINK.search(notice.text))]
        assert all(len(secret) == 24 for secret in found)
        return found

    async def sealed(self, session: str, n: int = 0) -> str:
        document = (await self.world.rooms.state(session)).documents[n].sealed
        content = self.papers.document(session, document.document, document.sha256)
        return text_in(content)


@pytest.fixture
async def office(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(certificates, "BITS", 2048)
    return await office_of(world, tmp_path)


async def office_of(world: World, tmp_path: Path) -> Office:
    now, links = world.clock.now, LinkStore(world.database)
    papers = PapersOnFile(EncryptedFileStore(tmp_path / "documents", case_keys(tmp_path)))
    seals = SealKeys(tmp_path / "seals", world.seal, now)
    if not (tmp_path / "seals").exists():
        await asyncio.to_thread(seals.create, FIRST.id, FIRST.name)
    codes = SigningCodes(OneTime(links, world.outbox, world.seal, now), links, world.desk, world.seal, now, "zh")
    tickets, messages, url = (
        Tickets(world.seal, now, TicketStore(world.database)),
        MessageStore(world.database),
        "https://tiaojie.example",
    )
    services = SigningServices(
        world.journal, world.complaints, world.rooms, world.store, codes, papers, PRESS, seals, None, world.outbox,
        messages, tickets, NoNotices(), SavedSignatures(world.database, world.journal, world.seal, QUICK, now),
        world.seal.open,
        StoredLaws(LawStore(world.database), world.complaints, world.store).library, now, url,
    )  # fmt: skip
    desk = SigningService(services)
    by_link = LinkSigning(desk, codes, world.rooms, world.store, tickets, world.outbox, messages, now, url)
    return Office(
        world,
        ElsewhereService(world.desk, world.complaints, world.rooms, SystemStore(world.database), now),
        desk,
        by_link,
        papers,
    )


async def test_a_settlement_by_telephone_moves_its_complaint_and_its_record_says_how_it_was_held(
    office: Office,
) -> None:
    complaint, session = await office.recorded(RecordHeld(office.call(), office.refund(at_once=True)))
    state = await office.world.complaints.state(complaint)
    assert (state.state, state.mode, state.loss_recovered) == (ComplaintState.SETTLED, "phone", Decimal("2000.00"))
    await office.signing.file(office.world.zhou, session)
    record = await office.sealed(session)
    for part in (
        "消费争议调解记录",
        "调解方式电话",
        "丁小禾本人",
        "陈立，售后负责人",
        "先后与双方通话",
        "当场退还剩余积分款",
    ):
        assert part in record, part
    assert "云调调解室" not in record
    assert "网络视频" not in record


async def test_failure_on_site_is_recorded_with_its_ground_and_place(office: Office) -> None:
    held = office.call(mode="on_site", place="东湖所二楼调解室", business_by="")
    complaint, session = await office.recorded(RecordHeld(held, Outcome(OutcomeKind.ENDED, ground=2)))
    assert (await office.world.complaints.state(complaint)).state is ComplaintState.ENDED
    await office.signing.file(office.world.zhou, session)
    record = await office.sealed(session)
    for part in ("调解方式现场", "调解地点东湖所二楼调解室", "被投诉人一方参加人未参加"):
        assert part in record, part


async def test_both_sign_by_link_with_a_code_and_the_sealed_agreement_says_it_was_by_telephone(office: Office) -> None:
    command = RecordHeld(office.call(agreement="wanted"), office.refund(), Capacity.HEAD)
    _, session = await office.recorded(command)
    await office.links.ask(office.world.zhou, session)
    secrets = await office.secrets()
    assert len(secrets) == 2
    for secret, name in zip(secrets, ("丁小禾", "陈立"), strict=True):
        visit = await office.links.visit(secret)
        assert not visit.signed
        office.world.move(minutes=2)
        await office.links.send_code(secret, IP)
        code = await office.world.newest_code()
        with pytest.raises(Refused) as no:
            await office.links.open(secret, "000000" if code != "000000" else "111111", IP)
        assert no.value.code == "bad_code"
        found = await office.links.open(secret, code, IP)
        assert any("退还剩余积分款" in clause["text"] for clause in found.wording["clauses"])
        await office.links.sign(found.ticket, name, INK if name == "丁小禾" else None, IP)
        assert (await office.links.visit(secret)).signed
    state = await office.world.rooms.state(session)
    assert state.signing is not None
    await office.signing.sign_as_mediator(office.world.zhou, session, state.signing.text, "周敏", None)
    await office.signing.seal(office.world.zhou, session, state.signing.text)
    agreement = await office.sealed(session)
    for part in ("消费争议调解书", "调解方式电话", "手写签名", "输入姓名签名", "一次性验证码核对身份", "负责人"):
        assert part in agreement, part
    assert "不便手写" not in agreement
    types = [event.type for event in await office.world.journal.read(f"session/{session}")]
    for kind in ("HeldElsewhere", "SignerConfirmed", "SigningRead", "ElectronicFormAgreed", "Signed", "DocumentSealed"):
        assert kind in types
    assert types.count("HandwritingConsented") == 1
    assert types.count("Signed") == 3
    assert [bool(hand.picture) for hand in state.signing.hands.values()] == [True, False]


async def test_a_link_without_its_code_shows_nothing_of_the_case_and_signs_nothing(office: Office) -> None:
    command = RecordHeld(office.call(agreement="wanted"), office.refund(), Capacity.HEAD)
    _, session = await office.recorded(command)
    await office.links.ask(office.world.zhou, session)
    secret, _ = await office.secrets()
    visit = await office.links.visit(secret)
    assert (visit.office.id, visit.phone) == (FIRST.id, "138 **** 5076")
    for ticket in (secret, "x" * 40, ""):
        with pytest.raises(Refused) as no:
            await office.links.sign(ticket, "丁小禾", None, IP)
        assert no.value.status == 410
    office.world.move(days=8)
    with pytest.raises(Refused) as no:
        await office.links.visit(secret)
    assert no.value.code == "link_expired"


async def test_one_who_does_not_sign_says_why_and_the_mediator_reads_it(office: Office) -> None:
    command = RecordHeld(office.call(agreement="wanted"), office.refund(), Capacity.HEAD)
    _, session = await office.recorded(command)
    await office.links.ask(office.world.zhou, session)
    secret, _ = await office.secrets()
    office.world.move(minutes=2)
    await office.links.send_code(secret, IP)
    found = await office.links.open(secret, await office.world.newest_code(), IP)
    await office.links.refuse(found.ticket, "金额少了一百元")
    rows = await office.links.signers(office.world.zhou, session)
    assert (rows[0].role, rows[0].refused) == ("consumer", "金额少了一百元")
    assert [bool(row.link) for row in rows] == [True, True, False]  # the mediator signs on their own page
    assert await office.links.signers(office.world.other, session) == []


async def test_what_cannot_be_recorded_leaves_no_session_behind(office: Office) -> None:
    complaint = await office.world.register()
    for command, code in (
        (RecordHeld(office.call(mode="video"), office.refund(at_once=True)), "bad_value"),
        (RecordHeld(office.call(), office.refund()), "bad_outcome"),
        (RecordHeld(office.call(proof=("nothing",)), office.refund(at_once=True)), "bad_choice"),
    ):
        with pytest.raises(Refused) as no:
            await office.elsewhere.record(office.world.zhou, complaint, command)
        assert no.value.code == code
    with pytest.raises(Refused) as no:
        await office.elsewhere.record(
            office.world.other, complaint, RecordHeld(office.call(), office.refund(at_once=True))
        )
    assert no.value.status == 404
    assert (await office.world.complaints.state(complaint)).sessions == ()


async def test_a_session_arranged_on_site_is_recorded_as_itself_and_one_in_a_room_is_not_overtaken(
    office: Office,
) -> None:
    complaint = await office.world.register()
    starts = office.world.clock.now() + timedelta(hours=1)
    session = await office.world.desk.schedule(office.world.zhou, complaint, starts, [], "on_site", "东湖所二楼调解室")
    office.world.move(hours=2)
    held = office.call(mode="on_site", place="东湖所二楼调解室")
    command = RecordHeld(held, office.refund(at_once=True))
    assert await office.elsewhere.record(office.world.zhou, complaint, command) == session
    other = await office.world.register()
    await office.world.desk.schedule(office.world.zhou, other, office.world.clock.now(), [])
    with pytest.raises(Refused) as no:
        await office.elsewhere.record(office.world.zhou, other, RecordHeld(office.call(), office.refund(at_once=True)))
    assert no.value.code == "session_open"


async def test_a_slip_of_the_finger_is_no_handwriting_and_notes_nothing(office: Office) -> None:
    command = RecordHeld(office.call(agreement="wanted"), office.refund(), Capacity.HEAD)
    _, session = await office.recorded(command)
    await office.links.ask(office.world.zhou, session)
    secret, _ = await office.secrets()
    await office.links.send_code(secret, IP)
    found = await office.links.open(secret, await office.world.newest_code(), IP)
    before = await office.world.events(session)
    with pytest.raises(Refused, match="bad_ink"):
        await office.links.sign(found.ticket, "丁小禾", Handwriting(400, 240, [[[5, 5, 500]]]), IP)
    assert await office.world.events(session) == before
