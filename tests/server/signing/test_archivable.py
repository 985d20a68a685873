"""What goes out under the office's seal is PDF/A and PDF/UA with the seal on it: veraPDF finds nothing in any of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from rooms import commands as c
from rooms.commands import RecordHeld
from rooms.vocabulary import Outcome, OutcomeKind
from server.evidence.attesting import TimestampAuthority, roots_in
from server.retention.appraisal import destruction_certificate
from server.signing import EDITIONS
from server.signing.certificates import Assurance
from server.signing.pades import sealed
from server.signing.seals import specimen
from tests.server.app.office import FIRST
from tests.server.documents.verapdf import refused
from tests.server.evidence.authority import Authority
from tests.server.signing.sheets import paper
from tests.server.signing.sittings import (
    PRESS,
    Room,
    room as room,  # a fixture
)
from tests.server.signing.test_by_link import (
    Office,
    office as office,  # a fixture
)
from tests.server.signing.test_seal import PAIR, SAID
from tests.server.signing.test_seal_mark import AT, BUREAU, LIST

pytestmark = pytest.mark.verapdf


async def test_a_sealed_agreement_is_pdf_a_2a_and_pdf_ua_1(room: Room, tmp_path: Path) -> None:
    assert refused(tmp_path, {"agreement": await room.sealed()}) == []


@pytest.mark.long
async def test_the_record_and_the_record_of_a_failure_are_too(room: Room, tmp_path: Path) -> None:
    for clause in (await room.state()).draft.clauses:
        await room.ask(c.RemoveClause(clause.id, clause.edition))
    await room.ask(c.ProposeOutcome(Outcome(OutcomeKind.NOT_SETTLED, note="对退款比例分歧较大")))
    await room.ask(c.Close("已宣读"))
    await room.signing.file(room.world.zhou, room.session)
    assert refused(tmp_path, {"failure": await room.pdf()}) == []


@pytest.mark.long
async def test_the_copy_for_others_is_too_and_says_that_it_is_one(room: Room, tmp_path: Path) -> None:
    await room.sealed()
    document = (await room.state()).documents[0].sealed.document
    assert refused(tmp_path, {"copy": room.papers.copy(room.session, document)}) == []


@pytest.mark.long
async def test_the_record_of_a_call_under_the_authoritys_own_seal_is(office: Office, tmp_path: Path) -> None:
    zhou = office.world.zhou
    office.world.zhou = replace(zhou, office=replace(zhou.office, mediation_seal=""))
    _, session = await office.recorded(RecordHeld(office.call(), office.refund(at_once=True)))
    await office.signing.file(office.world.zhou, session)
    [one] = (await office.world.rooms.state(session)).documents
    content = office.papers.document(session, one.sealed.document, one.sealed.sha256)
    assert refused(tmp_path, {"call": content}) == []


@pytest.mark.long
async def test_a_certificate_of_destruction_is_with_a_seal_and_without_one(tmp_path: Path) -> None:
    standing: Mapping[str, tuple[Assurance, str] | None] = {"sealed": ("own", ""), "bare": None}
    made = {name: destruction_certificate(LIST, BUREAU, "罗建国", AT, one) for name, one in standing.items()}
    files = {name: PRESS.print(one) for name, one in made.items()}
    files["sealed"] = (await sealed(files["sealed"], PAIR, SAID, None)).content
    assert refused(tmp_path, files) == []


@pytest.mark.long
async def test_what_an_earlier_edition_signed_still_is_when_it_is_printed_again(tmp_path: Path) -> None:
    editions = sorted(one.name for one in EDITIONS.iterdir() if one.is_dir())
    assert len(editions) > 1
    files = {one: PRESS.print(replace(paper(), edition=one)) for one in editions}
    assert refused(tmp_path, files) == []


@pytest.mark.long
async def test_a_specimen_is(room: Room, tmp_path: Path) -> None:
    made = await specimen(PRESS, room.seals, FIRST, None)
    assert refused(tmp_path, {"specimen": made.content}) == []


@pytest.fixture
async def stamping(tmp_path: Path) -> AsyncIterator[Authority]:
    authority = Authority(tmp_path / "tsa")
    await authority.server.start_server()
    yield authority
    await authority.server.close()


@pytest.mark.long
@pytest.mark.openssl
async def test_a_paper_of_several_pages_with_a_time_stamp_is(tmp_path: Path, stamping: Authority) -> None:
    long = PRESS.print(paper(clauses=80))
    made = await sealed(long, PAIR, SAID, TimestampAuthority(stamping.url, roots_in(stamping.root)))
    assert made.level == "B-T"
    assert refused(tmp_path, {"stamped": made.content}) == []
