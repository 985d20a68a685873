"""The signed way in: real secrets, batches and databases; who gets in, what is taken once, and what is answered."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings, strategies as st
from pydantic import SecretStr
from sqlalchemy import select

from complaints.channels import UnreadableFile, mapping as header
from complaints.channels.documents import MOST_ROWS, body_rows
from complaints.channels.mapping import builtin
from complaints.channels.reading import ReadingContext, RowReader
from journal.refusals import Refused
from offices import Officer
from offices.systems import SignedRequest
from server.app.demo import ADMINISTRATOR
from server.app.wiring import PARTS
from server.connections import signature
from server.db.engine import Database
from server.db.schema import complaints, import_batches, intake_senders
from server.identity import KEY_BYTES, Seal, digest, fresh_token
from server.identity.account_store import SenderStore
from server.identity.store import IdentityStore
from server.identity.systems import Senders
from server.imports.batches import Batches
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import FIRST, PASSWORD
from tests.server.imports.conftest import NOW, ZHOU
from tests.web.client import AiohttpClient, browser
from web.http import cookies

HE = Officer("he", "he", "何", "administrator", FIRST, totp=False)
ROW = {
    "工单编号": "HL-1", "来电时间": "2026-06-08 14:30", "来电人": "丁小禾", "联系电话": "13800001234",
    "企业名称": "甲健身馆", "诉求内容": "商家停业。余款未退", "金额": 2360,
}  # fmt: skip


class Died(Exception):
    """The process ends here."""


@dataclass
class Sending:
    """A system of ours that sends complaints; the clock is moved by hand."""

    senders: Senders
    batches: Batches
    clock: list[datetime] = field(default_factory=lambda: [NOW])
    id: str = ""
    secret: str = ""

    def signed(self, body: object, key: str = "key-00000001", **changes: str) -> SignedRequest:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        timestamp = changes.pop("timestamp", str(int(self.clock[0].timestamp())))
        made = SignedRequest(self.id, timestamp, signature(self.secret.encode(), timestamp, raw), key, raw)
        return replace(made, **changes)  # type: ignore[arg-type]

    async def send(self, body: object, key: str = "key-00000001", channel: str = "hotline", **changes: str) -> Any:
        return (await self.senders.take(channel, self.signed(body, key, **changes))).body

    async def refused(self, body: object, key: str = "key-00000001", channel: str = "hotline", **changes: str) -> str:
        with pytest.raises(Refused) as no:
            await self.send(body, key, channel, **changes)
        return no.value.code


@pytest.fixture
async def sending(database: Database, batches: Batches) -> Sending:
    made = Sending(None, batches)  # type: ignore[arg-type]
    seal = Seal(b"k" * KEY_BYTES)
    made.senders = Senders(SenderStore(database), IdentityStore(database), batches, seal, lambda: made.clock[0])
    made.id, made.secret = await made.senders.admit(HE, "市民热线", "hotline")
    return made


async def count(database: Database) -> int:
    async with database.read() as connection:
        return len((await connection.execute(select(complaints.c.id))).all())


# ---------------------------------------------------------------- what becomes of rows


async def test_rows_become_a_batch_with_a_report_of_each(sending: Sending, database: Database) -> None:
    told = await sending.send([ROW, {**ROW, "工单编号": "HL-2", "联系电话": "1.38E+10"}, {}])
    assert told["counts"] == {"taken": 1, "updated": 0, "duplicate": 0, "refused": 1, "apart": 0}
    taken, refused = told["rows"]
    assert (taken["row"], taken["outcome"], taken["number"]) == (1, "taken", "HL-1")
    assert taken["complaint_number"] == "东高一投〔2026〕0001号"
    assert (refused["row"], refused["complaint"], refused["problems"][0]["code"]) == (2, None, "digits_lost")
    assert refused["problems"][0]["sentence"].startswith("联系电话: ")
    batch = await sending.batches.store.batch(told["batch"])
    assert batch is not None
    assert (batch.state, batch.source, batch.name, batch.by["kind"]) == ("done", "webhook", "市民热线", "system")
    # like any other batch: the refused row is mended, and all of it is undone
    cells = await sending.batches.cells(batch, 2)
    assert (await sending.batches.mend(batch, 2, FIRST, ZHOU, cells | {"联系电话": "13800005678"})).outcome == "taken"
    assert await sending.batches.undo(batch, ZHOU, "发错了") == (2, 0)
    assert await count(database) == 2


async def test_a_number_sent_again_is_known_and_what_changed_is_taken_over(sending: Sending) -> None:
    await sending.send(ROW)
    assert (await sending.send(ROW, "key-00000002", timestamp=str(int(NOW.timestamp()) + 1)))["rows"][0][
        "outcome"
    ] == "duplicate"
    changed = await sending.send({**ROW, "金额": 99.5}, "key-00000003")
    assert changed["rows"][0]["outcome"] == "updated"


async def test_members_that_lie_deeper_are_named_with_a_dot(sending: Sending) -> None:
    told = await sending.send({**ROW, "联系电话": {"号码": "138"}})
    assert told["counts"]["taken"] == 1  # 联系电话.号码 is no column of this mapping


# ---------------------------------------------------------------- once for each key


async def test_the_same_key_is_answered_the_same_however_often_and_at_once(
    sending: Sending, database: Database
) -> None:
    answers = await asyncio.gather(*(sending.senders.take("hotline", sending.signed(ROW)) for _ in range(5)))
    assert {json.dumps(one.body) for one in answers} == {json.dumps(answers[0].body)}
    assert sorted(one.repeated for one in answers) == [False, True, True, True, True]
    assert await count(database) == 1


async def test_a_used_key_takes_no_other_body_and_a_signed_body_no_other_key(sending: Sending) -> None:
    await sending.send(ROW)
    assert await sending.refused({**ROW, "金额": 1}) == "key_reused"
    assert await sending.refused(ROW, "key-00000002") == "replayed"


async def test_a_request_whose_process_died_is_finished_when_it_comes_again_and_nothing_is_taken_twice(
    sending: Sending, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**ROW, "工单编号": f"HL-{n}"} for n in range(50)]
    store, note, notes = sending.batches.store, sending.batches.store.note, 0

    async def dies(*given: Any, **named: Any) -> None:
        nonlocal notes
        notes += 1
        if notes == 2:
            raise Died
        await note(*given, **named)

    monkeypatch.setattr(store, "note", dies)
    with pytest.raises(Died):
        await sending.send(rows)
    monkeypatch.undo()
    assert 0 < await count(database) < 50
    assert (await sending.send(rows))["counts"]["taken"] == 50
    assert await count(database) == 50


async def test_a_request_nobody_repeats_is_finished_like_any_unfinished_batch(
    sending: Sending, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> None:
        raise Died

    monkeypatch.setattr(sending.batches, "_run", dies)
    with pytest.raises(Died):
        await sending.send(ROW)
    monkeypatch.undo()
    (left,) = await sending.batches.store.unfinished()
    assert (await sending.batches.run(left, FIRST)).taken == 1
    assert (await sending.send(ROW))["counts"]["taken"] == 1
    assert await count(database) == 1


async def test_what_another_process_is_reading_is_left_to_it(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    batches, run = sending.batches, sending.batches.run

    async def held(batch: Any, office: Any) -> Any:
        with batches.path(batch.id).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            return await run(batch, office)

    monkeypatch.setattr(batches, "run", held)
    assert await sending.refused(ROW) == "busy"
    monkeypatch.undo()
    assert (await sending.send(ROW))["counts"]["taken"] == 1


# ---------------------------------------------------------------- who gets in


async def test_a_secret_is_sealed_at_rest_and_only_its_own_signature_counts(
    sending: Sending, database: Database
) -> None:
    async with database.read() as connection:
        (row,) = (await connection.execute(select(intake_senders))).all()
    assert sending.secret not in str(row)
    assert await sending.refused(ROW, signature="sha256=" + "0" * 64) == "bad_signature"
    with pytest.raises(Refused):
        await sending.senders.take("hotline", replace(sending.signed(ROW), body=b"{}"))
    assert await sending.refused(ROW, sender="f" * 32) == "bad_signature"
    assert await sending.refused(ROW, channel="board") == "bad_signature"
    assert await count(database) == 0


@pytest.mark.parametrize("seconds", [-301, 301, 10**8])
async def test_a_signature_counts_for_five_minutes(sending: Sending, seconds: int) -> None:
    assert await sending.refused(ROW, timestamp=str(int(NOW.timestamp()) + seconds)) == "stale"


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1" * 30, "１７９"])
async def test_a_time_that_is_none_is_stale(sending: Sending, timestamp: str) -> None:
    assert await sending.refused(ROW, timestamp=timestamp) == "stale"


async def test_within_five_minutes_clocks_may_differ(sending: Sending) -> None:
    assert (await sending.send(ROW, timestamp=str(int(NOW.timestamp()) - 299)))["counts"]["taken"] == 1


async def test_a_renewed_secret_stays_good_for_a_day_and_a_revoked_one_not_at_all(sending: Sending) -> None:
    old = sending.secret
    sending.secret = await sending.senders.renew(HE, sending.id)
    assert sending.secret != old
    assert (await sending.send(ROW))["counts"]["taken"] == 1
    new, sending.secret = sending.secret, old
    assert (await sending.send(ROW, "key-00000002"))["counts"]["duplicate"] == 1
    (shown,) = await sending.senders.senders(HE)
    assert shown.both_until == NOW + timedelta(days=1)
    sending.clock[0] += timedelta(days=1, seconds=1)
    assert await sending.refused(ROW, "key-00000003") == "bad_signature"
    sending.secret = new
    await sending.send(ROW, "key-00000004")
    await sending.senders.revoke(HE, sending.id)
    assert await sending.refused(ROW, "key-00000005") == "bad_signature"
    for again in (sending.senders.revoke, sending.senders.renew):
        with pytest.raises(Refused):
            await again(HE, sending.id)


async def test_secrets_are_an_administrators_and_of_their_own_office(sending: Sending) -> None:
    mediator = replace(HE, role="mediator")
    elsewhere = replace(HE, office=replace(FIRST, id="o2"))
    calls: list[Callable[[Officer], Any]] = [
        lambda who: sending.senders.admit(who, "x", "hotline"),
        lambda who: sending.senders.renew(who, sending.id),
        lambda who: sending.senders.revoke(who, sending.id),
    ]
    for call in calls:
        with pytest.raises(Refused):
            await call(mediator)
    for call in calls[1:]:
        with pytest.raises(Refused) as no:
            await call(elsewhere)
        assert no.value.status == 404
    assert await sending.senders.senders(elsewhere) == []


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"[1]", b"{", b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff", b"[" * 50_000, b'{"a": [[1]]}',
     b"[" + b",".join([b"{}"] * (MOST_ROWS + 1)) + b"]", b'{"a": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
async def test_a_body_that_is_none_is_refused_whole_and_its_key_stays_free(sending: Sending, body: bytes) -> None:
    assert await sending.refused(body) == "bad_request"
    assert (await sending.send(ROW))["counts"]["taken"] == 1


_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
_NAMES = st.sampled_from([*ROW, "性别", "消费金额", "购买日期", "是否保密", "来电时间 "]) | st.text(max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(_NAMES, _PLAIN | st.lists(_PLAIN, max_size=3), max_size=12), min_size=1, max_size=4))
def test_whatever_members_hold_it_is_read_or_refused_with_reasons(rows: list[dict[str, Any]]) -> None:
    mapping = builtin("hotline")
    try:
        names, cells = body_rows(json.dumps(rows).encode())
    except UnreadableFile:
        return
    reader = RowReader(mapping, header.header_of(mapping, names), ReadingContext("o1", "P", "Asia/Shanghai", NOW))
    for number, row in enumerate(cells, 1):
        if not reader.blank(row):
            (read,) = reader.read([(number, row)])
            assert (read.filing is None) == bool(read.problems)
            str(read).encode()


# ---------------------------------------------------------------- over the wire


async def test_an_administrator_gives_out_a_secret_and_a_system_sends_with_it(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    app = demo_app(Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD)))
    person = await browser(aiohttp_client, app)
    user = await app[PARTS].store.user_by_login(ADMINISTRATOR)
    assert user is not None
    token, at = fresh_token(), datetime.now(UTC)
    await app[PARTS].store.add_session(digest(token), user.id, at, at + timedelta(hours=1))
    person.sign_in(token)
    person.cookies[cookies.LANGUAGE] = "en"
    await person.get("/systems")
    wrong = await person.post("/systems/senders", {"sender_name": "热线", "channel": "telepathy"})
    assert wrong.status == 422
    page = await person.post("/systems/senders", {"sender_name": "热线", "channel": "hotline"})
    secret, sender = _shown(page.text, "secret"), _shown(page.text, "sender-id")
    assert page.headers["Cache-Control"] == "no-store"
    assert secret not in (await person.get("/systems")).text

    async def send(key: str, body: bytes, **changes: str) -> tuple[int, dict[str, Any], bool]:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "X-Yuntiao-Sender": sender, "X-Yuntiao-Timestamp": timestamp, "Idempotency-Key": key,
            "X-Yuntiao-Signature": signature(secret.encode(), timestamp, body), "Content-Type": "application/json",
        }  # fmt: skip
        answer = await person.client.post("/api/intake/hotline", data=body, headers={**headers, **changes})
        told = json.loads(await answer.read())
        return answer.status, told, "Idempotency-Repeated" in answer.headers

    body = json.dumps({**ROW, "来电时间": "2026-01-05"}).encode()
    status, told, repeated = await send("key-00000001", body)
    assert (status, told["counts"]["taken"], repeated) == (200, 1, False)
    assert await send("key-00000001", body) == (200, told, True)
    assert await _in_batches(app, told["batch"])
    for changes, code in (
        ({"X-Yuntiao-Signature": ""}, (401, "bad_signature")),
        ({"X-Yuntiao-Timestamp": "0"}, (401, "stale")),
        ({"Idempotency-Key": "short"}, (400, "bad_request")),
    ):
        status, told, _ = await send("key-00000002", body, **changes)
        assert (status, told["error"]["code"]) == code
    status, told, _ = await send("key-00000003", b" " * ((1 << 20) + 1))
    assert (status, told["error"]["code"]) == (413, "too_large")
    assert (await person.client.post("/api/intake/telepathy")).status == 404
    page = await person.post(f"/systems/senders/{sender}/renew")
    assert _shown(page.text, "secret") != secret
    await person.follow(await person.post(f"/systems/senders/{sender}/revoke"))
    assert (await send("key-00000004", body))[0] == 401


async def _in_batches(app: web.Application, batch: str) -> bool:
    async with app[PARTS].database.read() as connection:
        return [batch] == list((await connection.execute(select(import_batches.c.id))).scalars())


def _shown(page: str, id: str) -> str:
    found = re.search(rf'id="{id}">([^<]+)<', page)
    assert found, page
    return found[1]
