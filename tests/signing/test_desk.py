"""Two sides sign on their phones, then the mediator, and what both hold is a sealed PDF; attacks come to nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from journal import Actor
from recordings.errors import KeyDestroyed, Missing
from recordings.keys import case_keys
from recordings.shelf import Shelf
from rooms import commands as c, errors
from rooms.session import Session
from rooms.signing import Signing
from rooms.vocabulary import Capacity, Consent, Outcome, OutcomeKind, Side, Term
from server.identity.codes import OneTime
from server.signing import certificates
from server.signing.codes import SigningCodes
from server.signing.desk import SigningDesk, SigningServices
from server.signing.papers_on_file import PapersOnFile
from server.signing.printing import PaperPress
from server.signing.seal_keys import SealKeys
from server.signing.seals import OfficeSeals
from server.signing.tickets import Tickets
from server.storage.link_store import LinkStore
from server.storage.message_store import MessageStore
from tests.identity.office import FIRST, IP, World
from tests.signing.sheets import scribble
from tests.signing.test_seal import pdfsig
from web.ports import Guest, Handwriting, Officer, Refused

PRESS = PaperPress()
INK = Handwriting(400, 240, [[list(point) for point in stroke] for stroke in scribble().strokes])
DUE = datetime(2026, 7, 3, 17, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
REFUND = Term(Side.BUSINESS, "退还剩余积分款", Decimal("2000"), DUE, "按原支付方式退回")
ATTACK = '#panic() </script><script>alert(1)</script> {{ 7*7 }} {% raw %} $x$ *粗* \\u{48} "]}'


@dataclass
class Room:
    """A mediation whose clauses both have agreed to, with the desk under test."""

    world: World
    signing: SigningDesk
    papers: PapersOnFile
    seals: SealKeys
    complaint: str
    session: str
    seats: dict[str, str]  # role -> seat

    async def state(self) -> Session:
        return await self.world.rooms.state(self.session)

    async def current(self) -> Signing:
        found = (await self.state()).signing
        assert found is not None
        return found

    async def ask(self, command: c.Command, who: Guest | Officer | None = None) -> None:
        actor: Actor = (who or self.world.zhou).actor
        await self.world.rooms.submit(self.session, command, actor)

    async def guest(self, role: str) -> Guest:
        seat = (await self.state()).seats[self.seats[role]]
        return Guest(self.session, seat.seat, "link", FIRST, verified=True)

    async def code(self, who: Guest, text: str) -> str:
        self.world.move(minutes=2)
        await self.signing.send_code(who, text, IP)
        return await self.world.newest_code()

    async def signs(self, role: str, drawn: bool = True) -> None:
        who, text = await self.guest(role), (await self.current()).text
        await self.ask(c.ReadThrough(text), who)
        if drawn:
            await self.ask(c.ConsentHandwriting(text, "v1"), who)
        await self.signing.sign(who, text, await self.code(who, text), who.seat.name, INK if drawn else None, IP)

    async def signed(self) -> str:
        text = await self.signing.offer(self.world.zhou, self.session)
        await self.signs("consumer")
        await self.signs("business", drawn=False)
        await self.ask(c.ConsentHandwriting(text, "v1"))
        await self.signing.sign_as_mediator(self.world.zhou, self.session, text, "周敏", INK)
        return text

    async def sealed(self) -> bytes:
        await self.signing.seal(self.world.zhou, self.session, await self.signed())
        return await self.pdf()

    async def pdf(self, n: int = 0) -> bytes:
        document = (await self.state()).documents[n].sealed
        return self.papers.document(self.session, document.document, document.sha256)


async def bring(world: World, session: str, seat: str, name: str) -> None:
    actor = Actor("party", seat, name)
    for command in (
        c.AnswerConsent(Consent.PARTICIPATE, True, "v1"),
        c.AnswerConsent(Consent.RECORD, False, "v1"),
        c.ConfirmIdentity("code"),
        c.Arrive(),
    ):
        await world.rooms.submit(session, command, actor)
    await world.rooms.submit(session, c.Admit(seat), world.zhou.actor)


@pytest.fixture
async def room(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(certificates, "BITS", 2048)
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])
    links = LinkStore(world.database)
    papers = PapersOnFile(Shelf(tmp_path / "documents", case_keys(tmp_path)))
    seals = SealKeys(tmp_path / "seals", world.seal, world.clock.now)
    await asyncio.to_thread(seals.create, FIRST.id, FIRST.name)
    codes = OneTime(links, world.outbox, world.seal, world.clock.now)
    desk = SigningDesk(
        SigningServices(
            world.journal,
            world.complaints,
            world.rooms,
            world.store,
            SigningCodes(codes, links, world.desk, world.seal, world.clock.now, "zh"),
            papers,
            PRESS,
            seals,
            None,
            world.outbox,
            MessageStore(world.database),
            Tickets(world.seal, world.clock.now),
            world.clock.now,
            "https://tiaojie.example",
        )
    )
    state = await world.rooms.state(session)
    seats = {seat.role.value: seat.id for seat in state.seats.values()}
    made = Room(world, desk, papers, seals, complaint, session, seats)
    await made.ask(c.Arrive())
    for role in ("consumer", "business"):
        await bring(world, session, seats[role], state.seats[seats[role]].name)
    await made.ask(c.RecordAuthority(seats["business"], Capacity.HEAD))
    await made.ask(c.PutClause(term=REFUND))
    await made.ask(c.PutClause(text="履行完毕后双方再无争议。"))
    await agreed(made)
    return made


async def agreed(room: Room) -> None:
    for clause in (await room.state()).draft.clauses:
        for role in ("consumer", "business"):
            await room.ask(c.AnswerClause(clause.id, clause.edition, True), await room.guest(role))


def text_in(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"[\s\u200b\ufffe\u00ad\u0002]+", "", found)


# ------------------------------------------------------------ the story


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
        "https://tiaojie.example/verify-document", "Mediationagreement",
    ):  # fmt: skip
        assert part in said, part
    assert "13800005076" not in said


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
    secret = re.search(r"/c/(\S+)", told[0].text)
    assert secret is not None
    visit = await room.signing.visit(secret[1])
    assert visit.phone in ("138****5076", "139****0812")
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
        "双方未能达成协议",
        "仲裁",
        "人民法院",
        "开始时间",
        "结束时间",
        "主持人、记录人周敏",
        "调解经过",
        "周敏主持，调解开始。",
        "调解员与被投诉人单独谈，不录制，内容不记入本记录。",
        "协助人王小华（服务站工作人员，陪在丁小禾身边协助，经丁小禾同意）",
        "原因：对退款比例分歧较大",
    ):
        assert part in said, part
    assert "八百" not in said
    assert "一千三" not in said
    assert "2,000.00" not in said
    await room.signing.file(room.world.zhou, room.session)  # a second tap
    assert len((await room.state()).documents) == 1


# ------------------------------------------------------------ attacks


async def test_a_code_opens_one_seat_and_one_text_and_once(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer, business = await room.guest("consumer"), await room.guest("business")
    for who in (consumer, business):
        await room.ask(c.ReadThrough(text), who)
    code = await room.code(consumer, text)
    with pytest.raises(Refused, match="code_expired"):  # the other seat's
        await room.signing.sign(business, text, code, "陈立", None, IP)
    clause = (await room.state()).draft.clauses[1]
    await room.ask(c.PutClause(clause.id, clause.edition, "换了一句。"))
    await agreed(room)
    other = await room.signing.offer(room.world.zhou, room.session)
    assert other != text
    await room.ask(c.ReadThrough(other), consumer)
    with pytest.raises(errors.OtherText):  # the text before
        await room.signing.sign(consumer, text, code, "丁小禾", None, IP)
    with pytest.raises(Refused, match="code_expired"):  # another text's code
        await room.signing.sign(consumer, other, code, "丁小禾", None, IP)
    fresh = await room.code(consumer, other)
    await room.signing.sign(consumer, other, fresh, "丁小禾", None, IP)
    await room.ask(c.WithdrawSignature(other), consumer)
    with pytest.raises(Refused, match="code_expired"):  # played again
        await room.signing.sign(consumer, other, fresh, "丁小禾", None, IP)
    assert not (await room.current()).hands


async def test_a_code_to_join_does_not_sign(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer = await room.guest("consumer")
    await room.ask(c.ReadThrough(text), consumer)
    link = await room.world.links.issue(room.world.zhou, room.session, room.seats["consumer"], send=False)
    device = await room.world.links.begin(link.url.rpartition("/j/")[2])
    joining = await room.world.code_for(device)
    with pytest.raises(Refused, match="code_expired"):
        await room.signing.sign(consumer, text, joining, "丁小禾", None, IP)


@pytest.mark.parametrize(
    ("drawn", "problem"),
    [
        (Handwriting(400, 240, [[[1, 1, 0]] * 5_000]), "much"),
        (Handwriting(400, 240, [[[1, 1, 0], [399, 1, 0]]] * 81), "much"),
        (Handwriting(400, 240, [[[1, 1, 0], [401, 1, 0]]]), "outside"),
        (Handwriting(400, 240, [[[-1, 1, 0], [399, 1, 0]]]), "outside"),
        (Handwriting(400, 240, [[[1, 1, 0], [2, 2, 0]]]), "little"),
        (Handwriting(400, 240, []), "little"),
        (Handwriting(4, 240, [[[1, 1, 0]]]), "size"),
    ],
)
async def test_what_is_no_handwriting_is_refused_before_the_code_is_looked_at(
    room: Room, drawn: Handwriting, problem: str
) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    consumer = await room.guest("consumer")
    await room.ask(c.ReadThrough(text), consumer)
    code = await room.code(consumer, text)
    with pytest.raises(errors.BadInk) as no:
        await room.signing.sign(consumer, text, code, "丁小禾", drawn, IP)
    assert no.value.params == {"problem": problem}
    await room.signing.sign(consumer, text, code, "丁小禾", None, IP)


async def test_nobody_but_its_own_mediator_offers_signs_for_the_office_or_seals(room: Room) -> None:
    text = await room.signed()
    colleague = dataclasses.replace(room.world.zhou, id="u-other")
    for officer, code in ((room.world.other, "not_found"), (colleague, "not_allowed")):
        for doing in (
            room.signing.offer(officer, room.session),
            room.signing.sign_as_mediator(officer, room.session, text, "周敏", None),
            room.signing.seal(officer, room.session, text),
        ):
            with pytest.raises(Refused, match=code):
                await doing
    assert not (await room.state()).documents


async def test_two_taps_on_the_seal_make_one_document(room: Room) -> None:
    text = await room.signed()
    await asyncio.gather(*(room.signing.seal(room.world.zhou, room.session, text) for _ in range(3)))
    assert len((await room.state()).documents) == 1


async def test_two_taps_on_sign_keep_one_handwriting(room: Room, tmp_path: Path) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    await room.signs("consumer")
    consumer = await room.guest("consumer")
    await asyncio.gather(*(room.signing.sign(consumer, text, "", "丁小禾", INK, IP) for _ in range(3)))
    assert len(list((tmp_path / "documents" / room.session / "hands").iterdir())) == 1


async def test_of_an_edit_and_a_seal_at_once_one_wins(room: Room) -> None:
    text = await room.signed()
    clause = (await room.state()).draft.clauses[1]
    results = await asyncio.gather(
        room.signing.seal(room.world.zhou, room.session, text),
        room.ask(c.PutClause(clause.id, clause.edition, "最后一刻改的。")),
        return_exceptions=True,
    )
    state = await room.state()
    refused = [result for result in results if result is not None]
    assert len(refused) == 1
    if state.sealed:
        assert state.draft.clauses[1].text == clause.text
        assert "最后一刻" not in text_in(await room.pdf())
    else:
        assert not state.documents
        assert isinstance(refused[0], errors.NotSigning | errors.OtherText | errors.OutOfOrder)


async def test_nothing_is_sealed_out_of_order(room: Room) -> None:
    text = await room.signing.offer(room.world.zhou, room.session)
    await room.signs("consumer")
    with pytest.raises(errors.OutOfOrder):
        await room.signing.seal(room.world.zhou, room.session, text)
    with pytest.raises(errors.OutOfOrder):
        await room.signing.sign_as_mediator(room.world.zhou, room.session, text, "周敏", None)
    with pytest.raises(errors.WrongState):
        await room.signing.file(room.world.zhou, room.session)


async def test_without_a_seal_of_the_office_it_says_so_and_nothing_is_lost(room: Room) -> None:
    text = await room.signed()
    for path in (room.seals._folder / FIRST.id).iterdir():
        path.unlink()
    with pytest.raises(Refused, match="no_seal"):
        await room.signing.seal(room.world.zhou, room.session, text)
    await asyncio.to_thread(room.seals.create, FIRST.id, FIRST.name)
    await room.signing.seal(room.world.zhou, room.session, text)
    assert (await room.state()).sealed


async def test_what_anybody_wrote_stands_in_the_pdf_as_text(room: Room) -> None:
    clause = (await room.state()).draft.clauses[1]
    await room.ask(c.PutClause(clause.id, clause.edition, ATTACK))
    await room.ask(c.PutFact(text=ATTACK + "事实"))
    for role in ("consumer", "business"):
        await room.ask(c.AnswerFact("f1", 1, True), await room.guest(role))
    await agreed(room)
    said = text_in(await room.sealed())
    wanted = re.sub(r"\s", "", ATTACK)
    assert said.count(wanted) >= 4  # clause and fact, in Chinese and in the reading copy


# ------------------------------------------------------------ afterwards


async def test_a_mediation_with_an_agreement_in_effect_ends_as_settled_and_in_no_other_way(room: Room) -> None:
    failed = Outcome(OutcomeKind.NOT_SETTLED)
    await room.ask(c.ProposeOutcome(failed))
    await room.sealed()
    with pytest.raises(errors.Sealed):
        await room.ask(c.Close("both have gone"))
    await room.ask(c.TakeBackOutcome())
    for other in (failed, Outcome(OutcomeKind.ADJOURNED, adjourned_to=DUE)):
        with pytest.raises(errors.Sealed):
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


async def test_with_the_cases_key_everything_of_it_is_gone(room: Room) -> None:
    await room.sealed()
    document = (await room.state()).documents[0].sealed
    room.papers.shelf.keys.destroy(room.session)
    with pytest.raises(KeyDestroyed):
        room.papers.document(room.session, document.document, document.sha256)
    removed = await room.papers.remove(room.session)
    assert removed.files >= 4
    with pytest.raises(Missing):
        room.papers.document(room.session, document.document, document.sha256)


def test_a_ticket_of_one_kind_is_none_of_another(world: World) -> None:
    tickets = Tickets(world.seal, world.clock.now)
    made = tickets.write("copy", {"session": "x"}, world.clock.now() + timedelta(hours=1))
    assert tickets.read("copy", made) is not None
    assert tickets.read("file", made) is None
    assert tickets.read("copy", made[:-2] + "AA") is None
    assert tickets.read("copy", "x" * 2000) is None
