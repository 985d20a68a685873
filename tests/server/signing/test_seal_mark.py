"""What stands in the picture of a seal is true of the paper under it: agreements bear 调解专用章, or what the office
has set; any other paper bears the authority's own seal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.retention.appraisal import AppraisalList, AppraisedFile, destruction_certificate
from server.signing import seal_mark
from tests.server.app.office import FIRST
from tests.server.documents.pdf import text_of
from tests.server.signing.sittings import (
    PRESS,
    Room,
    room as room,  # a fixture
)
from tests.server.signing.test_papers import squeezed

AT = datetime(2026, 6, 24, 2, tzinfo=UTC)
ITEM = AppraisedFile("files", "c1", "东高一投〔2015〕0001号", "2015-06-01", 10, "2026-06-01", "destroy")
LIST = AppraisalList("l1", "东高一销〔2026〕0001号", AT, "陆平", "保管期限届满", (ITEM,), {"c1": 3})
BUREAU = replace(FIRST, authority="东湖高新区市场监督管理局")


async def test_an_agreement_bears_the_seal_for_agreements(room: Room) -> None:
    assert "调解专用章" in squeezed(text_of(await room.sealed(), page=-1))


@pytest.mark.parametrize("own", ["消费调解专用章", ""])
async def test_what_the_office_has_set_stands_in_it(room: Room, own: str) -> None:
    room.world.zhou = replace(room.world.zhou, office=replace(room.world.zhou.office, mediation_seal=own))
    said = squeezed(text_of(await room.sealed(), page=-1))
    assert ("消费调解专用章" in said) is bool(own)
    assert ("专用章" in said) is bool(own)


def test_a_certificate_of_destruction_is_under_the_authoritys_own_seal_and_in_its_name() -> None:
    paper = destruction_certificate(LIST, BUREAU, "罗建国", AT, ("own", ""))
    assert (paper.office, paper.seal) == (BUREAU.authority, seal_mark(BUREAU.authority, True))
    said = squeezed(text_of(PRESS.print(paper)))
    assert "专用章" not in said
    assert said.startswith(BUREAU.authority)
    assert f"承办机构{BUREAU.name}" in said
