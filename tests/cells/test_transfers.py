"""A complaint goes to another bureau: whole installations, each with its own database, log and key, over sockets."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from complaints import procedure as p
from complaints.commands import Accept, Refuse, RevealPhone
from complaints.complaint import running
from complaints.record.changes import OutgoingTransfer
from complaints.state import Complaint, stream
from complaints.statistics.facts import counted
from journal.refusals import Refused
from offices import Office
from server import cells as wire
from server.cells.service import complaint_here
from tests.cells import CITY, OTHER, PROVINCE, Cell, complaint, installations

WHY = "被投诉人住所地在黄冈"


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Cell, Cell]]:
    async with installations(tmp_path, CITY, OTHER) as (city, other):
        await city.knows(other)
        await other.knows(city)
        yield city, other


async def sent(city: Cell, other: Cell, complaint_id: str = "") -> str:
    """A complaint that is on its way, and not delivered yet."""
    filed = complaint_id or await city.parts.desk.register(city.mediator, complaint())
    await city.cells.send(city.mediator, filed, (await other.cells.own()).id, WHY)
    return filed


async def away(city: Cell, filed: str) -> OutgoingTransfer:
    found = (await city.state(filed)).transfers.sent[-1]
    assert isinstance(found, OutgoingTransfer)
    return found


async def there(city: Cell, other: Cell, filed: str) -> tuple[str, Complaint]:
    id = complaint_here((await city.cells.own()).id, (await away(city, filed)).sent.transfer)
    return id, await other.state(id)


async def document(city: Cell, other: Cell, filed: str, **changed: Any) -> wire.Transfer:
    """What the city sends of it."""
    at, going = city.cells._at, await away(city, filed)
    entries = await city.parts.journal.read(stream(filed))
    before = [event.type for event in entries].index("TransferSent")
    head = await at.line.head((await other.cells.own()).id)
    made = at.deliveries.transfer(entries[:before], going.sent.transfer, CITY, WHY, head)
    return made.model_copy(update=changed)


async def posted(other: Cell, signed: wire.Signed) -> tuple[int, dict[str, Any]]:
    headers = {wire.SIGNATURE: signed.signature}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{other.address}{wire.MESSAGES}", data=signed.text.encode(), headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def count(cell: Cell) -> int:
    return int((await cell.parts.reads.complaints(cell.mediator, _all())).total)


def _all() -> Any:
    from complaints.views import ComplaintFilter

    return ComplaintFilter()


async def test_a_complaint_goes_there_with_its_numbers_and_a_signed_receipt_comes_back(
    pair: tuple[Cell, Cell],
) -> None:
    city, other = pair
    filed = await sent(city, other)
    before = await city.state(filed)
    assert before.transfers.rests
    assert not before.transfers.elsewhere
    clock = running(before, CITY.zone)
    assert clock is not None  # without a receipt it is still this bureau's
    assert clock.code == "accept"
    await city.told()
    going, (id, taken) = await away(city, filed), await there(city, other, filed)
    assert going.acknowledged is not None
    assert (going.acknowledged.number, going.acknowledged.digest) == (taken.record.number, going.sent.digest)
    assert (await city.entries(filed))[-1] == "TransferAcknowledged"
    signed = wire.Signed(going.acknowledged.receipt, going.acknowledged.signature)
    receipt = wire.read(signed, (await other.cells.own()).key, (await city.cells.own()).id)  # anybody can check it
    assert isinstance(receipt, wire.Receipt)
    assert other.parts.seal.open(taken.record.consumer.phone, "phone") == "13800005076"
    assert (taken.record.mode, taken.record.office) == ("transfer", OTHER.id)
    assert before.record.number in {one.number for one in taken.record.sources}
    # Order 121 Art 15: that bureau's days begin with its own receipt, and nothing runs here any more.
    assert taken.record.received > before.record.received
    after = await city.state(filed)
    assert running(after, CITY.zone) is None
    assert (counted(after), counted(taken)) == (False, True)
    page = await other.parts.reads.complaint(other.mediator, id)
    assert page.procedure.transfers.came is not None
    assert page.procedure.transfers.came.received.reason == WHY


async def test_the_complainant_is_told_before_it_leaves_by_the_notice_of_dispatch(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    news = city.parts.journal.follow({"complaint"})
    filed = await sent(city, other)
    (notice,) = (await city.state(filed)).notices
    assert notice.issued.kind == "dispatch"
    entries = await city.entries(filed)
    assert entries.index("NoticeIssued") < entries.index("TransferSent")
    async with asyncio.timeout(20):
        async for event in news:  # also while another bureau has it
            if event.type == "PartyTold":
                break


async def test_what_is_the_offices_own_stays_there(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await city.parts.desk.register(city.mediator, complaint())
    do = city.parts.complaints.submit
    await do(filed, RevealPhone("consumer", "打电话核对地址"), city.mediator.actor)
    await do(filed, p.Supervise("督促尽快分送"), city.supervisor.actor)
    await do(filed, p.SplitReport("lead-secret"), city.mediator.actor)
    await do(filed, p.RaiseCompetence("鄂州市市场监督管理局", "平台住所地存在争议"), city.mediator.actor)
    await sent(city, other, filed)
    text = (await document(city, other, filed)).model_dump_json()
    for own in ("打电话核对地址", "督促尽快分送", "lead-secret", 'also_reports":true', filed):
        assert own not in text.replace(f"{filed}.1", "")
    assert "平台住所地存在争议" in text
    await city.told()
    _, taken = await there(city, other, filed)
    assert taken.transfers.came is not None
    assert [step.what for step in taken.transfers.came.received.steps] == ["registered", "disputed", "notice"]


async def test_what_comes_twice_is_there_once_and_gets_the_same_receipt(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    answers = []
    for _ in range(3):
        signed = await city.cells._at.line.signed(await document(city, other, filed))
        status, answer = await posted(other, signed)
        assert status == 200
        answers.append((answer["kind"], answer["number"], answer["taken"], answer["digest"]))
    assert len(set(answers)) == 1
    assert await count(other) == 1
    await city.told()  # its receipt was lost: it is told once more, and is there once
    assert await count(other) == 1
    assert (await city.entries(filed)).count("TransferAcknowledged") == 1
    changed = await document(city, other, filed, reason="别的理由")
    _, answer = await posted(other, await city.cells._at.line.signed(changed))
    assert (answer["kind"], answer["code"]) == ("decline", "changed")


async def test_a_bureau_that_is_down_gets_it_when_it_is_back(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    await other.close()
    filed = await sent(city, other)
    await city.told()
    (waiting,) = await city.cells.untaken(city.administrator)
    assert (waiting.error.startswith("unreachable"), waiting.tries) == (True, 1)
    (row,) = await city.cells._at.store.waiting()
    assert row.next_try > datetime.now(UTC)  # not at once
    assert (await away(city, filed)).acknowledged is None
    again = await other.back()
    await city.told()
    assert (await away(city, filed)).acknowledged is not None
    assert await city.cells.untaken(city.administrator) == []
    await again.close()


async def test_a_document_of_which_a_byte_was_changed_is_not_read(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    signed = await city.cells._at.line.signed(await document(city, other, filed))
    forged = signed._replace(text=signed.text.replace("2360.00", "9360.00"))
    assert forged.text != signed.text
    assert await posted(other, forged) == (401, {"error": "bad_signature"})
    old = await document(city, other, filed, at=datetime.now(UTC) - timedelta(minutes=6))
    assert await posted(other, await city.cells._at.line.signed(old)) == (401, {"error": "stale"})
    passed_on = await document(city, other, filed, to="yuntiao/0123456789abcdef")
    assert await posted(other, await city.cells._at.line.signed(passed_on)) == (401, {"error": "not_for_us"})
    assert await count(other) == 0


async def test_nobody_is_heard_who_is_not_known(tmp_path: Path) -> None:
    async with installations(tmp_path, CITY, OTHER) as (city, other):
        to = await city.knows(other)  # and the other one does not know the city
        filed = await sent(city, other)
        await city.told()
        (waiting,) = await city.cells.untaken(city.administrator)
        assert waiting.error == "answered 401 unknown_sender"
        assert await city.cells.test(city.administrator, to) == ("answered 401 unknown_sender", "")
        assert await count(other) == 0
        known = await other.knows(city)
        assert await city.cells.test(city.administrator, to) == ("", OTHER.name)
        await city.told()
        assert (await away(city, filed)).acknowledged is not None
        await other.cells.revoke(other.administrator, known)
        assert await city.cells.test(city.administrator, to) == ("answered 401 unknown_sender", "")


async def test_a_receipt_that_another_key_signed_is_not_believed(pair: tuple[Cell, Cell], tmp_path: Path) -> None:
    city, other = pair
    async with installations(tmp_path / "more", PROVINCE) as (third,):
        key, admin = (await third.cells.own()).key, city.administrator
        known = await city.cells.admit(admin, "省局", other.address, key, "peer")  # another one answers there
        filed = await city.parts.desk.register(city.mediator, complaint())
        await city.cells.send(city.mediator, filed, known.id, WHY)
        await city.told()
        (waiting,) = await city.cells.untaken(admin)
        assert waiting.error in ("its answer: bad_signature", "answered 401 not_for_us")
        assert (await away(city, filed)).acknowledged is None


async def test_more_than_is_allowed_is_not_read(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    own = await city.cells._at.line.signed("x" * (wire.MOST_BYTES + 1))
    assert await posted(other, own) == (413, {"error": "too_large"})
    filed = await sent(city, other)
    many = tuple(
        wire.FileOut(name=f"{n}.pdf", sha256=hashlib.sha256(bytes([n])).hexdigest(), size=10 << 20) for n in range(21)
    )
    _, answer = await posted(other, await city.cells._at.line.signed(await document(city, other, filed, files=many)))
    assert (answer["kind"], answer["code"], answer["field"]) == ("decline", "too_large", "files")
    assert await count(other) == 0


async def test_attachments_follow_by_their_hashes_and_nothing_else_does(
    pair: tuple[Cell, Cell], tmp_path: Path
) -> None:
    city, other = pair
    picture = tmp_path / "a.jpg"
    Image.new("RGB", (60, 40), "white").save(picture, exif=Image.Exif())
    content = picture.read_bytes()
    filed = await city.parts.desk.register(city.mediator, complaint())
    await city.parts.attachments.add(city.mediator, filed, "安装单.jpg", content, "evidence", "安装当天")
    await sent(city, other, filed)
    signed = await city.cells._at.line.signed(await document(city, other, filed))
    _, receipt = await posted(other, signed)
    (missing,) = receipt["missing"]
    path = wire.FILES.format(transfer=(await away(city, filed)).sent.transfer, sha256=missing)
    mine = (await city.cells._at.line.signed(path)).signature
    async with aiohttp.ClientSession() as http:
        for body, signature, status in (
            (content[:-1] + b"?", mine, 400),
            (content + b"?", mine, 413),
            (content, mine[:-4] + "AAA=", 401),
            (content, "", 401),
        ):
            headers = {wire.SIGNATURE: signature}
            async with http.post(other.address + path, data=body, headers=headers) as answer:
                assert answer.status == status, await answer.text()
    id, taken = await there(city, other, filed)
    assert taken.attachments == ()
    await city.told()
    going, (_, taken) = await away(city, filed), await there(city, other, filed)
    assert going.acknowledged is not None
    (added,) = taken.attachments
    assert (added.name, added.original_sha256, added.note) == ("安装单.jpg", missing, "安装当天")
    _, file = await other.parts.attachments.take(other.mediator, id, added.attachment, added.original)
    with file:
        assert hashlib.sha256(file.read()).hexdigest() == missing


async def test_what_is_not_theirs_comes_back_and_counts_from_its_first_receipt(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    await city.told()
    id, _ = await there(city, other, filed)
    with pytest.raises(Refused) as no:  # Order 121 Art 41: never on to a third, nor around
        await other.cells.send(other.mediator, id, (await city.cells.own()).id, "应由武汉处理")
    assert no.value.code == "wrong_state"
    await other.cells.give_back(other.mediator, id, "实际经营地在武汉")
    assert not counted(await other.state(id))
    await other.told()
    state = await city.state(filed)
    assert not state.transfers.rests
    assert (await away(city, filed)).reported[-1].text == "实际经营地在武汉"
    clock = running(state, CITY.zone)
    assert clock is not None
    assert clock.start == state.record.received.astimezone().date() or clock.code == "accept"
    assert counted(state)
    await city.parts.complaints.submit(filed, Accept(), city.mediator.actor)  # it is this bureau's again
    with pytest.raises(Refused):
        await other.cells.give_back(other.mediator, id, "再退一次")


async def test_after_the_period_for_the_decision_nothing_goes_back(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    await city.told()
    id, _ = await there(city, other, filed)
    at = other.cells._at
    other.cells._at = replace(at, now=lambda: datetime.now(UTC) + timedelta(days=30))
    with pytest.raises(Refused) as no:
        await other.cells.give_back(other.mediator, id, "不属于本机关")
    assert (no.value.code, no.value.status) == ("too_late", 409)


async def test_what_becomes_of_it_is_told_back_in_order_and_once(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    await city.told()
    id, _ = await there(city, other, filed)
    await other.parts.complaints.submit(id, Accept(), other.mediator.actor)
    await other.parts.complaints.submit(id, p.EndMediation(2, "被投诉人拒绝调解"), other.mediator.actor)
    for _ in range(3):
        await other.told()
    told = (await away(city, filed)).reported
    assert [one.what for one in told] == ["accepted", "ended"]
    assert told[1].text.endswith("；被投诉人拒绝调解")
    report = wire.Report(
        **await other.cells._at.line.head((await city.cells.own()).id),
        transfer=(await away(city, filed)).sent.transfer, sequence=told[0].sequence, what="accepted",
        when=told[0].when,
    )  # fmt: skip
    status, answer = await posted(city, await other.cells._at.line.signed(report))
    assert (status, answer["kind"]) == (200, "noted")
    assert len((await away(city, filed)).reported) == 2


async def test_only_the_bureau_that_has_it_reports_of_it(pair: tuple[Cell, Cell], tmp_path: Path) -> None:
    city, other = pair
    filed = await sent(city, other)
    await city.told()
    async with installations(tmp_path / "more", PROVINCE) as (third,):
        key = (await third.cells.own()).key
        await city.cells.admit(city.administrator, "省局", other.address, key, "peer")
        head = await third.cells._at.line.head((await city.cells.own()).id)
        report = wire.Report(
            **head, transfer=(await away(city, filed)).sent.transfer, sequence=99, what="returned",
            when=datetime.now(UTC), text="假的",
        )  # fmt: skip
        _, answer = await posted(city, await third.cells._at.line.signed(report))
        assert (answer["kind"], answer["code"]) == ("decline", "not_found")
        assert (await city.state(filed)).transfers.elsewhere


async def test_what_the_other_side_cannot_take_is_this_bureaus_again(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    made = await document(city, other, filed)
    bad = made.record.model_copy(update={"consumer": made.record.consumer.model_copy(update={"phone": "12"})})
    city.cells._at.deliveries.transfer = lambda *_: made.model_copy(update={"record": bad})  # type: ignore[method-assign]
    await city.told()
    going, state = await away(city, filed), await city.state(filed)
    assert going.declined is not None
    assert (going.declined.code, going.declined.reason) == ("bad_phone", "consumer_phone")
    assert not state.transfers.rests
    await city.parts.complaints.submit(filed, Refuse(1), city.mediator.actor)


async def test_only_who_receives_for_the_bureau_sends_and_only_where_the_installation_allows(tmp_path: Path) -> None:
    async with installations(tmp_path, CITY, OTHER) as (city, other):
        await city.parts.store.add_office(
            Office("intake", "武汉市投诉举报指挥中心", "指挥中心", "027-1", "武指", intake=True)
        )
        filed = await city.parts.desk.register(city.mediator, complaint())
        for asked in (city.knows(other), city.cells.send(city.mediator, filed, "yuntiao/x", WHY)):
            with pytest.raises(Refused) as no:
                await asked
            assert (no.value.code, no.value.status) == ("not_allowed", 403)
        own = await city.cells.own()
        for address in ("https://elsewhere.example", "http://192.0.2.1", city.address + "/?x", "ftp://127.0.0.1"):
            with pytest.raises(Refused) as no:
                await other.cells.admit(other.administrator, "武汉局", address, own.key, "peer")
            assert no.value.code == "foreign_address"
        for key in (own.key[:-4], (await other.cells.own()).key):
            with pytest.raises(Refused) as no:
                await other.cells.admit(other.administrator, "武汉局", city.address, key, "peer")
            assert (no.value.code, no.value.params["field"]) == ("bad_choice", "key")


async def test_a_schema_nobody_knows_is_declined_with_its_field(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await sent(city, other)
    said = json.loads((await city.cells._at.line.signed(await document(city, other, filed))).text)
    said["record"]["colour"] = "red"
    status, answer = await posted(other, await city.cells._at.line.signed(json.dumps(said)))
    assert (status, answer["kind"], answer["code"]) == (200, "decline", "schema")
    assert "colour" in answer["field"]
