"""Which complaints are about one firm, in hot spots: by its code, its name, its phone, and where a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from complaints.duplicates import core
from complaints.insight import RESPONDENT
from complaints.insight.respondents import JoinRespondents, PartRespondents, RespondentJoinService
from complaints.sample import Sample
from complaints.statistics.facts import respondent
from journal import SYSTEM
from server.insight import business_store
from tests.server.insight.test_detection import (
    DAY,
    FIRM,
    LIN,
    OFFICE,
    Bureau,
    bureau as bureau,  # a fixture
    burst,
    ordinary,
)
from tests.server.insight.test_respondents import CODE


async def test_a_shared_phone_number_of_businesses_is_noticed(bureau: Bureau) -> None:
    await bureau.file(ordinary())
    names = ("安居家电维修部", "快修家电服务部", "诚信家电维修部")
    several = [
        replace(one, business_name=names[n % 3], business_phone="02787654321", credit_code="", facts="空调小病大修")
        for n, one in enumerate(burst(24))
    ]
    await bureau.file(several)
    await bureau.look()
    page = await bureau.desk.page(LIN)
    assert any({one.name for one in spot.figures.shared} == set(names) for spot in page.spots)


async def test_one_firm_with_and_without_its_code_is_one_spot_and_a_person_may_part_them(bureau: Bureau) -> None:
    await bureau.file(ordinary())
    coded, named = burst(24)[:12], [replace(one, credit_code="") for one in burst(24)[12:]]
    ids = [(await bureau.file(some))[0] for some in (coded, named)]
    head, member = [respondent((await bureau.service.state(id_)).record) for id_ in ids]
    assert head != member
    await bureau.look()
    assert await businesses(bureau) == {head: 24}, "nobody had to say so"
    async with bureau.database.read() as connection:
        told = (await business_store.joining(connection, [member]))[member]
    assert (told.head, told.by) == (head, SYSTEM.name)
    assert {"name", "phone"} <= set(told.why)

    joining = RespondentJoinService(bureau.journal, lambda: bureau.now + timedelta(minutes=1))
    await joining.submit(member, PartRespondents(head, "两家门店，名称相同"), LIN.actor)
    for _ in range(2):
        await bureau.look()
        assert await businesses(bureau) == {head: 12, member: 12}, "what a person said stays said"


async def businesses(bureau: Bureau) -> dict[str, int]:
    """The businesses told to be hot spots, and of how many complaints."""
    page = await bureau.desk.page(LIN)
    found = [one.figures for one in page.spots if one.figures.kind == RESPONDENT and one.figures.alarmed]
    assert len({one.key for one in found}) == len(found), "each is told once"
    return {one.key: one.seen for one in found}


BOOKS = replace(
    FIRM,
    business_name="武汉青禾岛书城有限公司",
    credit_code="91420100MA4KYH3B2E",
    business_phone="02787650001",
    business_address="珞喻路1037号",
)


def without_code(given: Sequence[Sample], known: bool = True) -> list[Sample]:
    """`known`: whether who complains knows more of it than what it is called."""
    some = [replace(one, credit_code="") for one in given]
    if known:
        return some
    name = core(BOOKS.business_name)
    return [replace(one, business_name=name, business_phone="", business_address="") for one in some]


@pytest.mark.parametrize(
    "why", ["two firms have the name", "two firms have the name, one of them lately", "the name is all they share"]
)
async def test_namesakes_that_may_be_two_firms_are_left_to_a_person(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if "lately" in why:
        monkeypatch.setattr(business_store, "NEWEST", 1)
    some = burst(24, of=BOOKS)
    coded, named = some[:12], without_code(some[12:], known="all" not in why)
    if "two" in why:
        coded = [*coded, replace(coded[0], number="X1", consumer_phone="17000077777", credit_code=CODE)]
    await bureau.file(named)
    await bureau.file(coded)
    await bureau.look()
    async with bureau.database.read() as connection:
        assert await business_store.heads(connection) == {}


async def test_halves_that_a_person_joined_are_followed_as_one_spot_and_the_report_says_so(bureau: Bureau) -> None:
    await bureau.file(ordinary())
    some = burst(24, of=BOOKS)
    ids = [(await bureau.file(half))[0] for half in (some[:12], without_code(some[12:], known=False))]
    await bureau.look(DAY - timedelta(days=1))
    [mine] = [one for one in await bureau.detection.circles() if one.offices == (OFFICE.id,)]
    await bureau.detection.look(mine, bureau.detection.yesterday(mine))
    assert mine not in await bureau.detection.stale()
    head, member = [respondent((await bureau.service.state(id_)).record) for id_ in ids]
    assert {head, member} <= set(await businesses(bureau)), "two spots, as long as nobody knows better"

    joining = RespondentJoinService(bureau.journal, lambda: bureau.now + timedelta(minutes=1))
    await joining.submit(member, JoinRespondents(head, ("name", "phone")), LIN.actor)
    assert mine in await bureau.detection.stale()
    await bureau.look()
    found = await businesses(bureau)
    assert (found.get(head), member in found) == (24, False)
    page = await bureau.desk.page(LIN)
    ours = [one for one in page.spots if one.figures.kind == RESPONDENT and one.figures.key in (head, member)]
    assert len(ours) == 1, "the earlier spot of the other half is not told beside it"
    assert page.report is not None
    assert page.report.correction is not None
    assert page.report.correction.joined == 1
