"""What goes out under the office's seal is PDF/A and PDF/UA with the seal on it: veraPDF finds nothing in any of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rooms import commands as c
from rooms.vocabulary import Outcome, OutcomeKind
from server.log.timestamp import TimestampAuthority, roots_in
from server.signing.pades import sealed
from server.signing.specimen import specimen
from tests.identity.office import FIRST
from tests.log.authority import Authority
from tests.signing.sheets import paper
from tests.signing.sittings import (
    PRESS,
    Room,
    room as room,  # a fixture
)
from tests.signing.test_seal import PAIR, SAID
from tests.verapdf import refused

pytestmark = pytest.mark.verapdf


async def test_a_sealed_agreement_is_pdf_a_2a_and_pdf_ua_1(room: Room, tmp_path: Path) -> None:
    assert refused(tmp_path, {"agreement": await room.sealed()}) == []


async def test_the_record_and_the_record_of_a_failure_are_too(room: Room, tmp_path: Path) -> None:
    for clause in (await room.state()).draft.clauses:
        await room.ask(c.RemoveClause(clause.id, clause.edition))
    await room.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note="对退款比例分歧较大")))
    await room.ask(c.Close("已宣读"))
    await room.signing.file(room.world.zhou, room.session)
    assert refused(tmp_path, {"failure": await room.pdf()}) == []


async def test_a_specimen_is(room: Room, tmp_path: Path) -> None:
    made = await specimen(PRESS, room.seals, FIRST, None)
    assert refused(tmp_path, {"specimen": made.content}) == []


@pytest.fixture
async def stamping(tmp_path: Path) -> AsyncIterator[Authority]:
    authority = Authority(tmp_path / "tsa")
    await authority.server.start_server()
    yield authority
    await authority.server.close()


@pytest.mark.openssl
async def test_a_paper_of_several_pages_with_a_time_stamp_is(tmp_path: Path, stamping: Authority) -> None:
    long = PRESS.print(paper(clauses=80))
    made = await sealed(long, PAIR, SAID, TimestampAuthority(stamping.url, roots_in(stamping.root)))
    assert made.level == "B-T"
    assert refused(tmp_path, {"stamped": made.content}) == []
