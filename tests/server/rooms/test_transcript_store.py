"""What transcripts are found by says no without fail, opens for its own case and office only, and pages by time."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from decimal import Decimal

import pytest

from offices import Officer
from server.db.engine import Database
from server.db.schema import sessions
from server.identity.store import IdentityStore
from server.rooms import transcript_store
from server.rooms.transcript_store import (
    TranscriptIndex,
    may_have,
    open_filter,
    seal_filter,
    wanted_pieces,
    word_filter,
)
from tests.server.app.office import FIRST, NOW, SECOND

SAID = ("我们开始调解", "退我3000元", "ABC牌冰箱", "STRASSE", "")
CHARACTERS = "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"


def test_whatever_a_transcript_has_is_never_passed_over() -> None:
    bits = word_filter(SAID)
    for text in SAID[:-1]:
        for begin in range(len(text)):
            for end in range(begin + 1, len(text) + 1):
                assert may_have(bits, wanted_pieces(text[begin:end])), text[begin:end]
    assert may_have(bits, wanted_pieces("abc牌"))
    assert may_have(bits, wanted_pieces("straße"))


def test_what_it_has_not_is_rarely_taken_for_something_it_has() -> None:
    chance = random.Random(7)
    text = "".join(chance.choices(CHARACTERS, k=15_000))
    bits = word_filter([text])
    absent = [one for one in ("".join(chance.choices(CHARACTERS, k=4)) for _ in range(4_000)) if one not in text]
    assert len(absent) > 3_000
    other = ["".join(chr(ord(sign) + 997) for sign in one) for one in absent]
    assert sum(may_have(bits, wanted_pieces(one)) for one in other) < len(other) * 0.001


def test_a_row_opens_with_its_cases_key_for_its_office_and_session_only() -> None:
    key, bits = os.urandom(32), word_filter(SAID)
    sealed = seal_filter(key, "o1", "s1", bits)
    assert open_filter(key, "o1", "s1", sealed) == bits
    assert sealed != seal_filter(key, "o1", "s1", bits)
    for other in ((os.urandom(32), "o1", "s1"), (key, "o2", "s1"), (key, "o1", "s2")):
        assert open_filter(*other, sealed) is None
    assert open_filter(key, "o1", "s1", b"") is None
    assert open_filter(key, "o1", "s1", sealed[:-1]) is None


async def test_rows_come_newest_first_a_page_at_a_time_of_ones_own_office(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_store, "PAGE", 3)
    index = TranscriptIndex(database)
    for office in (FIRST, SECOND):
        await IdentityStore(database).add_office(office)
    async with database.write() as connection:
        for number in range(7):
            await connection.execute(
                sessions.insert().values(_row(f"s{number}", FIRST.id if number < 6 else SECOND.id, number))
            )
    await index.expect(["nobody knows it", *(f"s{number}" for number in range(7))])
    await index.expect(["s3"])
    await index.put("s3", b"sealed")
    await index.put("nobody knows it", b"sealed")
    assert list(await index.waiting()) == ["s6", "s5", "s4", "s2", "s1", "s0"]
    officer = Officer("u1", "luojianguo", "罗建国", "supervisor", FIRST, totp=True)
    pages = [await index.page(officer)]
    pages += [await index.page(officer, pages[0][-1].session)]
    pages += [await index.page(officer, pages[1][-1].session)]
    assert [[row.session for row in page] for page in pages] == [["s5", "s4", "s3"], ["s2", "s1", "s0"], []]
    assert pages[0][2] == transcript_store.IndexedTranscript("s3", FIRST.id, b"sealed")
    await index.remove("s3")
    await index.put("s3", b"too late")
    assert [row.session for row in await index.page(officer)] == ["s5", "s4", "s2"]


def _row(session: str, office: str, number: int) -> dict[str, object]:
    opened = NOW + timedelta(hours=number // 2)  # two at once
    return {
        "id": session, "office": office, "complaint": "c1", "number": "2026-1", "ordinal": 1, "title": "冰箱",
        "status": "closed", "starts": opened, "opened": opened, "mediator": "u2", "mediator_name": "周敏",
        "consumer": "丁小禾", "business": "知遇桥", "outcome": "not_settled", "loss_recovered": Decimal(0),
        "performing": False, "joint_ms": 0, "seats": {},
    }  # fmt: skip
