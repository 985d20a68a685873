"""Two complaints become one and two again: what is suggested, merged, undone and dismissed, over the real journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from complaints.record import PartyTyped
from complaints.record.changes import KeepMerged
from complaints.service import Filing
from complaints.views import ComplaintFilter
from journal.refusals import Refused
from offices import Officer
from server.complaints.service import DuplicateService
from server.complaints.store import SqlReads
from tests.server.app.office import World


def told(world: World, channel: str, days: int, **change: object) -> Filing:
    office = world.zhou.office
    filing = Filing(
        office=office.id,
        prefix=office.number_prefix,
        zone=office.zone,
        channel=channel,
        received=world.clock.now() - timedelta(days=20 - days),
        title="健身卡退费",
        request="退还余额",
        facts="在悦动健身办卡3280元，门店突然关门停业，要求退款。",
        amount=Decimal(3280),
        consumer=PartyTyped("丁小禾", "13900005076"),
        business=PartyTyped("", organisation="武汉悦动健身服务有限公司"),
    )
    return filing._replace(**change)  # type: ignore[arg-type]


@pytest.fixture
def reads(world: World, tmp_path: Path) -> SqlReads:
    return SqlReads(world.database, world.rooms, tmp_path, world.clock.now)


@pytest.fixture
def desk(world: World, reads: SqlReads) -> DuplicateService:
    return DuplicateService(world.complaints, reads.lookalikes, world.clock.now)


async def two(world: World) -> tuple[str, str]:
    first = await world.complaints.register(told(world, "hotline", 0), world.zhou.actor)
    again = told(world, "board", 3, business=PartyTyped("", organisation="悦动健身"), amount=Decimal(3300))
    return first, await world.complaints.register(again, world.zhou.actor)


async def listed(reads: SqlReads, officer: Officer, wanted: ComplaintFilter) -> list[str]:
    return [row.id for row in (await reads.complaints(officer, wanted)).rows]


async def test_the_same_dispute_by_another_channel_is_suggested_to_both(world: World, desk: DuplicateService) -> None:
    first, second = await two(world)
    other = told(
        world, "12315", 4, business=PartyTyped("", organisation="橙果数码商行"), facts="手机黑屏", title="手机"
    )
    await world.complaints.register(other, world.zhou.actor)
    for one, found in ((first, second), (second, first)):
        (suggested,) = (await desk.of(world.zhou, one)).suggested
        assert suggested.row.id == found
        assert suggested.mergeable
        assert {signal.name for signal in suggested.resemblance.signals} >= {"phone", "business", "amount", "text"}


async def test_what_a_neighbour_tells_of_the_shop_is_shown_as_theirs(world: World, desk: DuplicateService) -> None:
    first, second = await two(world)
    neighbour = PartyTyped("陶静", "13900005077")
    theirs = await world.complaints.register(told(world, "hotline", 2, consumer=neighbour), world.zhou.actor)
    seen = await desk.of(world.zhou, first)
    assert [one.row.id for one in seen.suggested] == [second]
    assert [one.id for one in seen.by_others] == [theirs]


async def test_merged_both_numbers_lead_to_the_one_that_is_kept(
    world: World, desk: DuplicateService, reads: SqlReads
) -> None:
    first, second = await two(world)
    gone = (await world.complaints.state(second)).record.number
    await desk.merge(world.zhou, first, second, "同一人两次反映")
    assert await listed(reads, world.zhou, ComplaintFilter()) == [first]
    assert await listed(reads, world.zhou, ComplaintFilter(gone)) == [first]
    assert await listed(reads, world.zhou, ComplaintFilter(state="merged")) == [second]
    assert [one.number for one in (await desk.of(world.zhou, first)).took] == [gone]
    assert (await desk.of(world.zhou, first)).suggested == []
    merged = (await desk.of(world.zhou, second)).merged
    assert merged is not None
    assert merged.id == first
    page = await reads.complaint(world.zhou, second)
    assert page.row.deadline is None
    for asked in (world.desk.accept(world.zhou, second), desk.merge(world.zhou, second, first, "")):
        with pytest.raises(Refused) as no:
            await asked
        assert no.value.status == 409


async def test_a_merge_undone_leaves_both_as_they_were(world: World, desk: DuplicateService, reads: SqlReads) -> None:
    first, second = await two(world)
    gone = (await world.complaints.state(second)).record.number
    await desk.merge(world.zhou, first, second, "")
    await desk.undo(world.zhou, first, second, "并错了")
    assert await listed(reads, world.zhou, ComplaintFilter()) == [second, first]
    assert await listed(reads, world.zhou, ComplaintFilter(gone)) == [second]
    await world.desk.accept(world.zhou, second)


async def test_merging_again_after_an_interruption_completes_it(world: World, desk: DuplicateService) -> None:
    first, second = await two(world)
    number = (await world.complaints.state(second)).record.number
    await world.complaints.submit(first, KeepMerged(second, number, (), ""), world.zhou.actor)  # and the power went
    await desk.merge(world.zhou, first, second, "")
    assert len((await world.complaints.state(first)).took) == 1
    assert (await world.complaints.state(second)).merged is not None


async def test_one_that_is_in_mediation_is_kept_and_goes_into_no_other(world: World, desk: DuplicateService) -> None:
    first, second = await two(world)
    await world.desk.schedule(world.zhou, second, world.clock.now(), [])
    with pytest.raises(Refused) as no:
        await desk.merge(world.zhou, first, second, "")
    assert no.value.code == "wrong_state"
    assert (await world.complaints.state(first)).took == ()
    await desk.merge(world.zhou, second, first, "")


async def test_two_disputes_are_not_suggested_again(world: World, desk: DuplicateService) -> None:
    first, second = await two(world)
    await desk.dismiss(world.zhou, second, first, "两张不同的卡")
    assert (await desk.of(world.zhou, first)).suggested == []
    assert (await desk.of(world.zhou, second)).suggested == []


async def test_another_offices_complaint_is_neither_seen_nor_merged(world: World, desk: DuplicateService) -> None:
    first, second = await two(world)
    stranger = replace(world.zhou, id="u-else", office=replace(world.zhou.office, id="elsewhere"))
    for asked in (
        desk.of(stranger, first),
        desk.merge(stranger, first, second, ""),
        desk.undo(stranger, first, second, "x"),
        desk.dismiss(stranger, first, second, ""),
    ):
        with pytest.raises(Refused) as no:
            await asked
        assert (no.value.code, no.value.status) == ("not_found", 404)


async def test_an_office_that_received_the_same_dispute_earlier_is_named(world: World, desk: DuplicateService) -> None:
    theirs = told(world, "12315", 0, office=world.other.office.id, prefix=world.other.office.number_prefix)
    await world.complaints.register(theirs, world.other.actor)
    ours = await world.complaints.register(told(world, "hotline", 3), world.zhou.actor)
    seen = await desk.of(world.zhou, ours)
    assert seen.earlier is not None
    assert (seen.earlier.office, seen.earlier.number.startswith(world.other.office.number_prefix)) == (
        world.other.office.name, True,
    )  # fmt: skip
    assert seen.suggested == [], "of what it says nothing is shown"
    something_else = told(world, "board", 4, facts="手机屏幕碎裂，商家不肯保修。", title="手机",
                          business=PartyTyped("", organisation="橙果数码商行"))  # fmt: skip
    assert (
        await desk.of(world.zhou, await world.complaints.register(something_else, world.zhou.actor))
    ).earlier is None
