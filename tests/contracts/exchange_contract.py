"""What every exchange with a platform promises, whatever its columns are called: nothing lost, nothing entered twice,
nothing believed that is not signed, in time and about what was asked. A suite per mapping says which.
"""

from __future__ import annotations

import asyncio
import io
import shutil
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from complaints.channels.platforms import Platform
from complaints.commands import Accept, Command, Refuse
from complaints.service import ComplaintService
from complaints.state import stream
from journal import Actor
from journal.refusals import Refused
from offices import Officer
from server.complaints import exchange as wire
from server.complaints.exchange.service import ExchangeService
from server.complaints.exchange.store import ExchangeStore
from server.complaints.exchange.traffic import ExchangeTraffic
from server.connections import SIGNATURE, TIMESTAMP, Connections
from server.connections.exchange import KIND, ExchangeLine, PlatformClient, add_lines
from server.connections.store import ConnectionStore
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import KEY_BYTES, Seal
from server.identity.store import IdentityStore
from server.imports.batches import Batches
from server.imports.store import IntakeStore
from tests.contracts.platform_simulator import SECRET, PlatformSimulator, complaint_row
from tests.server.app.office import FIRST
from tests.web.client import AiohttpClient

ZHOU = Actor("officer", "zhou", "周敏", "mediator", FIRST.id)
MEDIATOR = Officer("zhou", "zhou", "周敏", "mediator", FIRST, totp=False)
CHIEF = Officer("he", "he", "何", "administrator", FIRST, totp=False)
NAME = "line"


@dataclass
class ExchangeHouse:
    """An office with one connection, over a real database, and the platform at its other end."""

    platform: Platform
    simulator: PlatformSimulator
    journal: SqlJournal
    complaints: ComplaintService
    batches: Batches
    connections: Connections
    traffic: ExchangeTraffic
    service: ExchangeService
    database: Database
    later: list[timedelta] = field(default_factory=lambda: [timedelta(0)])

    async def send(self, *rows: dict[str, Any]) -> wire.Taken:
        """From the platform, signed."""
        asked = wire.Complaints(**wire.head(datetime.now(UTC)), rows=rows)
        answer = await self.say(asked)
        assert isinstance(answer, wire.Taken), answer
        return answer

    async def say(self, document: wire.Document) -> wire.Document:
        body, headers = self.simulator.request(document)
        _, text, _ = await self.traffic.answer(NAME, headers[TIMESTAMP], headers[SIGNATURE], body)
        return wire.read(text.encode())

    async def filed(self, number: str = "20260001", **changes: str) -> str:
        """The id of a complaint that came from it."""
        await self.send(complaint_row(self.platform, number, **changes))
        return await self.complaint(number)

    async def complaint(self, number: str) -> str:
        key = (self.traffic.lines[NAME].channel, number)
        return (await self.batches.store.known(FIRST.id, [key]))[key]

    async def do(self, complaint: str, command: Command) -> None:
        await self.complaints.submit(complaint, command, ZHOU)

    async def entries(self, complaint: str) -> list[str]:
        return [event.type for event in await self.journal.read(stream(complaint))]

    async def states(self, complaint: str) -> list[tuple[str, str]]:
        found = await self.service.of_complaint(MEDIATOR, complaint)
        return [(one.stage, one.state) for one in found.statements]

    async def failing(self) -> str:
        """What the administrator's page says is wrong with it."""
        await self.connections.flush()
        (state,) = await self.connections.states(CHIEF)
        return state.fault if state.failing else ""


class EverySeen:
    """Whoever asks sees every complaint: that is the reading side's (tests/server/access)."""

    async def require_seen(self, officer: Officer, complaint: str) -> None: ...


@asynccontextmanager
async def exchange_house(
    platform: Platform, tmp_path: Path, sqlite_template: Path, client: AiohttpClient
) -> AsyncIterator[ExchangeHouse]:
    """Its connection is called `NAME`; nothing is delivered by itself."""
    shutil.copy(sqlite_template, tmp_path / "y.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'y.db'}")
    await IdentityStore(database).add_office(FIRST)
    simulator = PlatformSimulator(platform)
    at_platform = await client(simulator.app())
    later = [timedelta(0)]

    def now() -> datetime:
        return datetime.now(UTC) + later[0]

    channel = platform.channel or "hotline"
    url = str(at_platform.make_url("/exchange"))
    line = ExchangeLine(NAME, FIRST.id, platform, channel, url, lambda: SECRET, timeout=0.5)
    journal, seal = SqlJournal(database, projectors()), Seal(b"k" * KEY_BYTES)
    complaints, caller = ComplaintService(journal, seal, now), PlatformClient(lambda: datetime.now(UTC))
    batches = Batches(complaints, journal, IntakeStore(database), seal, tmp_path, now)
    batches.platforms = {(FIRST.id, channel): platform}
    connections, store = Connections(ConnectionStore(database), now), ExchangeStore(database)
    add_lines(connections, {NAME: line}, caller, now)
    traffic = ExchangeTraffic(
        {NAME: line}, store, caller, connections, journal, complaints, batches, IdentityStore(database), now,
        lambda: 0.5,
    )  # fmt: skip
    await traffic.know()
    service = ExchangeService(traffic, store, EverySeen(), tmp_path)
    yield ExchangeHouse(
        platform, simulator, journal, complaints, batches, connections, traffic, service, database, later
    )
    simulator.release.set()
    await caller.close()
    await database.close()


class ExchangeContract:
    @property
    @abstractmethod
    def platform(self) -> Platform: ...

    @pytest.fixture
    async def house(
        self, tmp_path: Path, sqlite_template: Path, aiohttp_client: AiohttpClient
    ) -> AsyncIterator[ExchangeHouse]:
        async with exchange_house(self.platform, tmp_path, sqlite_template, aiohttp_client) as made:
            yield made

    # ------------------------------------------------------------ coming in

    async def test_what_is_sent_is_registered_with_a_receipt(self, house: ExchangeHouse) -> None:
        (receipt,) = (await house.send(complaint_row(house.platform, "20260001"))).rows
        assert (receipt.number, receipt.outcome, receipt.version) == ("20260001", "taken", 1)
        assert receipt.own_number.startswith(FIRST.number_prefix)
        assert await house.entries(await house.complaint("20260001")) == ["ComplaintRegistered", "SenderTold"]

    async def test_the_same_content_gets_the_same_receipt_and_is_entered_once(self, house: ExchangeHouse) -> None:
        row = complaint_row(house.platform, "20260001")
        (first,) = (await house.send(row)).rows
        (again,) = (await house.send(dict(reversed(row.items())))).rows
        assert (again.receipt, again.taken, again.version) == (first.receipt, first.taken, 1)
        assert again.outcome == "again"
        assert (await house.batches.store.batches(FIRST.id, 1, 50))[1] == 1

    async def test_in_one_request_too(self, house: ExchangeHouse) -> None:
        row = complaint_row(house.platform, "20260001")
        first, again, other = (await house.send(row, row, complaint_row(house.platform, "20260002"))).rows
        assert first.receipt == again.receipt != other.receipt
        assert [first.outcome, again.outcome, other.outcome] == ["taken", "again", "taken"]

    async def test_other_content_is_a_new_version(self, house: ExchangeHouse) -> None:
        (first,) = (await house.send(complaint_row(house.platform, "20260001"))).rows
        changed = complaint_row(house.platform, "20260001", business="另一家公司")
        (second,) = (await house.send(changed)).rows
        assert (second.version, second.own_number) == (2, first.own_number)
        assert second.receipt != first.receipt
        assert second.outcome == "updated"
        (back,) = (await house.send(changed)).rows
        assert back.receipt == second.receipt

    async def test_what_is_being_handled_is_not_changed_but_noted(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        (receipt,) = (await house.send(complaint_row(house.platform, "20260001", business="另一家公司"))).rows
        assert (receipt.outcome, receipt.version) == ("noted", 2)
        found = await house.service.of_complaint(MEDIATOR, complaint)
        assert [(version, outcome) for _, version, _, outcome in found.versions] == [(1, "taken"), (2, "noted")]
        assert (await house.complaints.state(complaint)).record.business.organisation == "武汉知遇桥信息技术有限公司"

    async def test_deliveries_at_once_enter_it_once(self, house: ExchangeHouse) -> None:
        row = complaint_row(house.platform, "20260001")
        answers = await asyncio.gather(*(house.send(row) for _ in range(6)))
        assert len({answer.rows[0].receipt for answer in answers}) == 1
        assert sorted(answer.rows[0].outcome for answer in answers) == ["again"] * 5 + ["taken"]

    async def test_without_a_number_nothing_is_taken(self, house: ExchangeHouse) -> None:
        bare = complaint_row(house.platform, "20260001")
        del bare[house.platform.columns("progress", "number")[0] if not house.platform.codes else "number"]
        (receipt,) = (await house.send(bare)).rows
        assert (receipt.outcome, receipt.own_number) == ("refused", "")

    async def test_a_row_that_cannot_be_read_waits_and_says_why(self, house: ExchangeHouse) -> None:
        (receipt,) = (await house.send(complaint_row(house.platform, "20260001", received="昨天"))).rows
        assert receipt.outcome == "refused"
        assert receipt.problems
        (batch,) = (await house.batches.store.batches(FIRST.id, 1, 50))[0]
        assert batch.refused == 1

    async def test_what_is_not_signed_with_the_secret_changes_nothing(self, house: ExchangeHouse) -> None:
        house.simulator.mode = "forging"
        body, headers = house.simulator.request(wire.Hello(**wire.head(datetime.now(UTC))))
        status, _, signed = await house.traffic.answer(NAME, headers[TIMESTAMP], headers[SIGNATURE], body)
        assert (status, signed) == (401, {})
        assert await house.failing() == "forged"

    async def test_nor_is_what_was_signed_long_ago_or_ahead(self, house: ExchangeHouse) -> None:
        for skew in (timedelta(minutes=-6), timedelta(minutes=6)):
            house.simulator.skew = skew
            rows = (complaint_row(house.platform, "20260001"),)
            answer = await house.say(wire.Complaints(**wire.head(datetime.now(UTC)), rows=rows))
            assert isinstance(answer, wire.Refusal)
            assert answer.code == "stale"
            assert await house.failing() == "clock"
        assert (await house.batches.store.batches(FIRST.id, 1, 50))[1] == 0

    async def test_another_version_and_what_is_no_document_are_refused_signed(self, house: ExchangeHouse) -> None:
        for text in ('{"version":"yuntiao-exchange/2.0","at":"2026-06-24T01:00:00Z","kind":"hello"}', "[]", "{"):
            _, headers = house.simulator.request(wire.Hello(**wire.head(datetime.now(UTC))))
            headers = house.simulator._signed(text.encode())
            status, answer, signed = await house.traffic.answer(
                NAME, headers[TIMESTAMP], headers[SIGNATURE], text.encode()
            )
            assert status == 422
            assert isinstance(wire.read(answer.encode()), wire.Refusal)
            assert signed

    async def test_members_nobody_knows_are_passed_over(self, house: ExchangeHouse) -> None:
        row = complaint_row(house.platform, "20260001") | {"将来的字段": "x"}
        (receipt,) = (await house.send(row)).rows
        assert receipt.outcome == "taken"

    # ------------------------------------------------------------ going back

    async def test_progress_is_told_in_order_and_each_receipt_is_on_file(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        assert await house.traffic.deliver_due() == 1
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "sent")]
        assert (await house.entries(complaint))[-1] == "SenderTold"
        (row,) = house.simulator.came
        stage = row[next(column for column, what in house.platform.rows["progress"].items() if what == "stage")]
        assert stage == ("accepted" if house.platform.codes else house.platform.words["stage"]["accepted"])
        assert await house.traffic.deliver_due() == 0

    async def test_a_platform_that_is_down_loses_nothing_and_is_told_once_it_is_back(
        self, house: ExchangeHouse
    ) -> None:
        complaint = await house.filed()
        house.simulator.mode = "down"
        await house.do(complaint, Refuse(1))
        await house.traffic.deliver_due()
        assert await house.states(complaint) == [("received", "sent"), ("refused", "failed")]
        assert await house.failing() == "not_ready"
        assert await house.traffic.deliver_due() == 0  # it is left alone for a while
        house.simulator.mode, house.later[0] = "", timedelta(minutes=1)
        assert await house.traffic.deliver_due() == 1
        assert await house.states(complaint) == [("received", "sent"), ("refused", "sent")]
        assert await house.failing() == ""

    async def test_what_was_taken_without_an_answer_is_said_again_and_stands_once(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.mode = "slow"
        await house.traffic.deliver_due()
        assert await house.failing() == "slow"
        house.simulator.mode, house.later[0] = "", timedelta(minutes=1)
        await house.traffic.deliver_due()
        assert len(house.simulator.came) == 2
        assert len(house.simulator.told) == 1
        assert (await house.entries(complaint)).count("SenderTold") == 2  # of receipt, and of acceptance

    @pytest.mark.parametrize(
        ("mode", "fault"),
        [
            ("lying", "not_understood"),
            ("garbage", "not_understood"),
            ("forging", "forged"),
            ("unsigned", "forged"),
            ("moved", "refused"),
            ("not found", "refused"),
        ],
    )
    async def test_no_answer_is_believed_that_is_not_its_own_and_of_this_statement(
        self, house: ExchangeHouse, mode: str, fault: str
    ) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.mode = mode
        await house.traffic.deliver_due()
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "failed")]
        assert await house.failing() == fault

    @pytest.mark.parametrize("before", ["", "refusing all", "later"])
    async def test_an_answer_to_another_request_is_not_one_to_this(self, house: ExchangeHouse, before: str) -> None:
        """Receipts name their statement; a refusal and “it follows” name none, so only the request tells them apart."""
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.mode = before
        await house.traffic.deliver_due()
        other = await house.filed("20260002")
        await house.do(other, Accept())
        house.simulator.mode = "replaying"
        await house.traffic.deliver_due()
        assert await house.states(other) == [("received", "sent"), ("accepted", "failed")]
        assert await house.failing() == "not_understood"

    async def test_nor_one_of_a_clock_that_is_wrong(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.skew = timedelta(minutes=-20)
        await house.traffic.deliver_due()
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "failed")]
        assert await house.failing() == "clock"

    async def test_a_refusal_is_for_good_says_why_and_can_be_sent_again(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.mode = "refusing"
        await house.traffic.deliver_due()
        page = await house.service.page(MEDIATOR, NAME)
        (refused,) = page.refused
        assert refused.last_error == "缺少反馈内容"
        house.simulator.mode = ""
        assert await house.traffic.deliver_due() == 0
        await house.service.again(MEDIATOR, NAME, refused.id)
        await house.traffic.deliver_due()
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "sent")]

    async def test_receipts_that_follow_later_are_taken_once(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.mode = "later"
        await house.traffic.deliver_due()
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "handed")]
        house.simulator.mode = ""
        rows = tuple(house.simulator.receipt(row) for row in house.simulator.came)
        for _ in range(2):
            answer = await house.say(wire.Receipts(**wire.head(datetime.now(UTC)), rows=rows))
            assert isinstance(answer, wire.Noted)
            assert answer.unknown == ()
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "sent")]
        assert (await house.entries(complaint)).count("SenderTold") == 2

    async def test_without_them_it_is_said_again_the_next_day(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        house.simulator.mode = "later"
        await house.traffic.deliver_due()
        assert await house.traffic.deliver_due() == 0
        house.simulator.mode, house.later[0] = "", timedelta(days=1, minutes=1)
        await house.traffic.deliver_due()
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "sent")]

    async def test_a_receipt_for_what_was_never_said_is_named_back(self, house: ExchangeHouse) -> None:
        row = {house.platform.columns("progress", "number")[0]: "99999999",
               house.platform.columns("progress", "sequence")[0]: 1}  # fmt: skip
        receipt = house.simulator.receipt(row)
        answer = await house.say(wire.Receipts(**wire.head(datetime.now(UTC)), rows=(receipt,)))
        assert isinstance(answer, wire.Noted)
        assert answer.unknown == ("99999999",)

    # ------------------------------------------------------------ by file, and both sides' counts

    async def test_a_file_holds_what_waits_and_its_receipts_settle_it(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Refuse(1))
        file, columns, rows = await house.service.file(MEDIATOR, NAME)
        assert columns == list(house.platform.rows["progress"])
        assert await house.states(complaint) == [("received", "sent"), ("refused", "handed")]
        assert await house.traffic.deliver_due() == 0  # it goes one way only
        assert (await house.service.file(MEDIATOR, NAME, file))[2] == rows
        receipts = [house.simulator.receipt(dict(row)) for row in rows]
        table = csv(receipts)
        for _ in range(2):
            read = await house.service.take_receipts(MEDIATOR, NAME, io.BytesIO(table))
            assert (read.taken, read.refused, read.unknown) == (1, 0, ())
        assert await house.states(complaint) == [("received", "sent"), ("refused", "sent")]
        with pytest.raises(Refused):
            await house.service.file(MEDIATOR, NAME)

    async def test_whoever_saw_that_it_was_taken_can_note_it(self, house: ExchangeHouse) -> None:
        complaint = await house.filed()
        await house.do(complaint, Accept())
        file, _, _ = await house.service.file(MEDIATOR, NAME)
        assert await house.service.note_taken(MEDIATOR, NAME, file, "平台页面显示已接收") == 1
        assert await house.states(complaint) == [("received", "sent"), ("accepted", "sent")]

    async def test_both_sides_are_compared_over_the_network_and_by_file(self, house: ExchangeHouse) -> None:
        first, second = await house.filed("20260001"), await house.filed("20260002")
        await house.do(first, Accept())
        await house.do(second, Refuse(1))
        words = {} if house.platform.codes else house.platform.words["stage"]
        theirs = {"20260001": "refused", "20260002": "closed", "20260003": "received"}
        house.simulator.stages = {number: str(words.get(stage, stage)) for number, stage in theirs.items()}
        for file in (None, io.BytesIO(csv(counted(house)))):
            await house.service.reconcile(MEDIATOR, NAME, date(2026, 6, 1), date(2026, 6, 30), file)
            last = (await house.service.page(MEDIATOR, NAME)).last
            assert last is not None
            assert last.ours == {"accepted": 1, "refused": 1}
            assert last.theirs == {"refused": 1, "closed": 1, "received": 1}
            differing = [(number, ours, theirs) for number, ours, theirs, _ in last.differences]
            assert differing == [("20260001", "accepted", "refused"), ("20260003", "", "received")]

    async def test_it_can_ask_for_our_counts(self, house: ExchangeHouse) -> None:
        await house.do(await house.filed(), Accept())
        asked = wire.CountsRequest(**wire.head(datetime.now(UTC)), first=date(2026, 6, 1), last=date(2026, 6, 30))
        answer = await house.say(asked)
        assert isinstance(answer, wire.Counts)
        assert [next(iter(row.values())) for row in answer.rows] == ["20260001"]

    async def test_it_says_on_the_page_whether_it_works(self, house: ExchangeHouse) -> None:
        state = await house.connections.test(CHIEF, KIND, NAME, "")
        assert not state.failing
        house.simulator.mode = "down"
        assert (await house.connections.test(CHIEF, KIND, NAME, "")).fault == "not_ready"

    async def test_another_offices_mediator_sees_nothing_of_it(self, house: ExchangeHouse) -> None:
        stranger = replace(MEDIATOR, office=replace(FIRST, id="elsewhere"))
        assert await house.service.lines(stranger) == []
        with pytest.raises(Refused):
            await house.service.page(stranger, NAME)


def counted(house: ExchangeHouse) -> list[dict[str, object]]:
    number, stage = (house.platform.columns("count", one)[0] for one in ("number", "stage"))
    return [{number: key, stage: word} for key, word in house.simulator.stages.items()]


def csv(rows: list[dict[str, object]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")
