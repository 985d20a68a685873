"""Publicity on a real database: counted by the standard, told, objected to from a phone, agreed to, corrected."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.insight.publicity import BusinessWithdrawn, ObjectionAnswered, shown
from complaints.insight.respondents import JoinRespondents, RespondentJoinService
from complaints.procedure import EndMediation
from complaints.record import PartyTyped
from complaints.statistics import find_statistic
from complaints.statistics.views import StatisticsQuery
from journal import Draft, Event
from journal.refusals import Refused
from offices import Officer
from server.complaints.procedure import ProcedureService
from server.db.projections import rebuild
from server.db.schema import complaint_facts
from server.documents import NoticeStore
from server.identity.codes import OneTime
from server.identity.link_store import LinkStore
from server.insight.publicity import ObjectionLinks, PublicityService, PublicityServices
from server.oversight.act_store import ApprovalStore
from server.oversight.service import ApprovalService
from server.serving.settings import Settings
from server.statistics.store import SqlStatistics
from server.window.store import WindowCounts, WindowQuota
from tests.complaints.record.test_uploads import PDF
from tests.server.app.office import IP, PASSWORD, SECOND, World, filing
from tests.server.leads.test_lead_desk import colleague

QUARTER = date(2026, 4, 1)


def desk(world: World, folder: Path) -> PublicityService:
    store, now = LinkStore(world.database), world.clock.now
    approvals = ApprovalService(
        world.journal, ApprovalStore(world.database), world.store, world.officers.sign_ins.store, now
    )
    made = PublicityService(
        PublicityServices(
            world.database,
            world.journal,
            world.store,
            store,
            OneTime(store, world.outbox, world.seal, now),
            world.seal,
            NoticeStore(folder / "publicity", world.seal),
            WindowQuota(WindowCounts(world.database), Settings().window_limits(), world.seal, now),
            world.outbox.nudge,
            now,
            "https://tiaojie.example",
            "zh",
            5,
            7,
        ),
        approvals,
    )
    approvals.does["publish"] = made.publish
    return made


def links(service: PublicityService) -> ObjectionLinks:
    return ObjectionLinks(service._at)


async def concluded(world: World, count: int, ground: int = 2, **more: object) -> list[str]:
    """Complaints that were accepted and whose mediation was ended."""
    steps = ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now)
    found = []
    for _ in range(count):
        id_ = await world.desk.register(world.zhou, replace(filing(world.clock.now()), **more))  # type: ignore[arg-type]
        await world.desk.accept(world.zhou, id_)
        await steps.ask(world.zhou, id_, EndMediation(ground))
        found.append(id_)
    return found


async def supervisors(world: World) -> tuple[Officer, Officer]:
    lin = await colleague(world, "linlin", "supervisor")
    lu = await world.officers.add_officer(
        replace(world.zhou, role="administrator"), "lulu", "陆督", "supervisor", PASSWORD
    )
    return lin, lu


async def opened(world: World, service: PublicityService, lin: Officer) -> str:
    """Counted and told; its id."""
    await concluded(world, 6)
    world.move(days=8)  # the quarter is over
    id_ = await service.begin(lin, "quarter", QUARTER)
    await service.open(lin, id_)
    return id_


async def inside(world: World, service: PublicityService) -> str:
    """The business's token, once its code was right."""
    await world.outbox.deliver_due()
    (message,) = [one for one in world.phones.received if one.kind == "notice"]
    found = re.search(r"/o/([\w-]{24})", message.text)
    assert found
    assert "知遇桥" not in message.text
    token = await links(service).begin(found[1])
    await links(service).send_code(token, IP, "zh")
    return await links(service).check_code(token, await world.newest_code(), IP)


async def test_a_business_is_named_with_the_figures_of_the_one_standard_and_its_complaints(
    world: World, tmp_path: Path
) -> None:
    service, (lin, _) = desk(world, tmp_path), await supervisors(world)
    kept = await concluded(world, 6)
    withdrawn = await concluded(world, 1, ground=1)
    unfit = await concluded(world, 1, ground=6)
    barred = await concluded(world, 1, facts="付款后无法退款。\n是否公示：否")
    await world.register()  # not accepted
    few = PartyTyped("王", "13900000813", organisation="别家有限公司", credit_code="91420100MA0DEM0142")
    await concluded(world, 4, business=few)
    nameless = PartyTyped("王", "13900000814", organisation="没有代码的店")
    await concluded(world, 5, business=nameless)
    world.move(days=8)
    id_ = await service.begin(lin, "quarter", QUARTER)
    page = await service.page(lin, id_)
    [entry] = page.now.standing
    assert (entry.named.name, entry.named.code) == ("武汉知遇桥信息技术有限公司", "91420100MA0DEM013Y")
    assert set(entry.named.records) == set(kept)
    assert entry.named.out == {withdrawn[0]: "withdrawn", unfit[0]: "unfit", barred[0]: "channel"}
    assert page.now.begun.unnamed == 1
    figures = shown(entry.named.figures)
    assert (figures.complaints, figures.settled) == (6, 0)
    told = await SqlStatistics(world.database).figures(
        [find_statistic("settled_share")], StatisticsQuery(page.now.period, date(2026, 7, 2), by="respondent")
    )
    counted = told[entry.named.entry]["settled_share@1"]
    assert (counted.bottom, counted.top) == (figures.complaints + 3, figures.settled)  # the three do not count here
    records = await service.records(lin, id_, entry.named.entry)
    assert {one.record.id for one in records if not one.out} == set(kept)
    await service.records(lin, id_, entry.named.entry)
    assert await kinds(world, id_) == ["PublicityBegun", "BusinessNamed", "RecordsViewed"]


async def kinds(world: World, id_: str) -> list[str]:
    return [event.type for event in await world.journal.read(f"publicity/{id_}")]


async def test_from_the_message_to_the_published_page_and_its_correction(world: World, tmp_path: Path) -> None:
    service, (lin, lu) = desk(world, tmp_path), await supervisors(world)
    id_ = await opened(world, service, lin)
    token = await inside(world, service)
    seen = await links(service).page(token)
    assert (seen.entry.named.figures.complaints, seen.due) == (6, date(2026, 7, 13))
    await links(service).object(token, "其中一件已经复核", "陈立，经理")
    await links(service).attach(token, IP, "复核.pdf", PDF)
    with pytest.raises(Refused, match="publicity_not_ready") as no:
        await service.ask_second(lin, "", id_, "已核")
    assert no.value.params["why"] == "objections"
    [entry] = (await service.page(lin, id_)).now.standing
    (added,) = entry.files
    name, kind, content = await service.file(lin, id_, entry.named.entry, added.attachment)
    assert (name, kind, content) == ("复核.pdf", "pdf", PDF)
    assert entry.open is not None
    gone = entry.named.records[0]
    await service.correct(
        lin, id_, entry.named.entry, entry.named.name, {gone: "review"}, "复核属实", entry.open.made.objection
    )
    with pytest.raises(Refused, match="publicity_not_ready") as no:
        await service.ask_second(lin, "", id_, "已核")
    assert no.value.params["why"] == "period"
    world.move(days=13)
    approval = await service.ask_second(lin, "", id_, "已核")
    assert await service.published() == []
    with pytest.raises(Refused):
        await service._approvals.approve(lin, "", approval)
    await service._approvals.approve(lu, "", approval)
    [public] = await service.published()
    assert public.edition is not None
    assert [(one.name, one.figures.complaints) for one in public.edition.entries] == [("武汉知遇桥信息技术有限公司", 5)]
    assert (public.edition.by, public.edition.second) == (lin.name, "陆督")
    await rebuild(world.database)
    assert await service.published() == [public]
    assert (await links(service).page(token)).public is not None
    await world.outbox.deliver_due()
    assert len([one for one in world.phones.received if one.kind == "notice"]) == 1  # nothing went out again
    await service.ask(lin, id_, BusinessWithdrawn(entry.named.entry, "正在复核"))
    assert (await service.public(id_)).edition.entries[0].withdrawn == "正在复核"  # type: ignore[union-attr]


async def test_what_counts_no_more_since_the_counting_is_not_published(world: World, tmp_path: Path) -> None:
    service, (lin, _) = desk(world, tmp_path), await supervisors(world)
    world.move(days=6)
    await concluded(world, 6)
    world.move(days=1)
    id_ = await service.begin(lin, "quarter", QUARTER)
    [entry] = (await service.page(lin, id_)).now.standing
    taken = entry.named.records[0]
    await world.desk.take_back(world.zhou, taken, "ended", "误点")
    with pytest.raises(Refused, match="publicity_stale") as no:
        await service.open(lin, id_)
    assert no.value.params["names"] == "武汉知遇桥信息技术有限公司"
    stale = {one.record.id: one.stale for one in await service.records(lin, id_, entry.named.entry)}
    assert stale[taken] == "reopened"
    await service.correct(lin, id_, entry.named.entry, entry.named.name, {}, "撤回终止")
    await service.open(lin, id_)
    assert (await service.page(lin, id_)).now.standing[0].named.out == {taken: "reopened"}


async def test_complaints_of_a_name_that_was_joined_to_a_firm_count_as_the_firms(world: World, tmp_path: Path) -> None:
    service, (lin, _) = desk(world, tmp_path), await supervisors(world)
    await concluded(world, 3)
    named = PartyTyped("陈立", "13900000812", "湖北武汉", organisation="知遇桥")
    member = await concluded(world, 3, business=named)
    world.move(days=8)
    with pytest.raises(Refused, match="nobody_named"):
        await service.begin(lin, "quarter", QUARTER)
    async with world.database.read() as connection:
        wanted = select(complaint_facts.c.id, complaint_facts.c.respondent)
        keys = {row.id: row.respondent for row in await connection.execute(wanted)}
    head = next(key for id_, key in keys.items() if id_ not in member)
    joins = RespondentJoinService(world.journal, world.clock.now)
    await joins.submit(keys[member[0]], JoinRespondents(head, ("name", "phone")), world.zhou.actor)
    id_ = await service.begin(lin, "quarter", QUARTER)
    [entry] = (await service.page(lin, id_)).now.standing
    assert (entry.named.entry, entry.named.figures.complaints) == (head, 6)


async def test_another_office_and_a_mediator_see_none_of_it(world: World, tmp_path: Path) -> None:
    service, (lin, _) = desk(world, tmp_path), await supervisors(world)
    id_ = await opened(world, service, lin)
    for who in (replace(lin, office=SECOND), world.zhou):
        with pytest.raises(Refused) as no:
            await service.page(who, id_)
        assert no.value.status == 404
    with pytest.raises(Refused, match="not_allowed"):
        await service.begin(world.zhou, "quarter", QUARTER)
    with pytest.raises(Refused, match="not_found"):
        await service.public(id_)  # nothing was published


async def test_a_month_of_a_quarter_that_was_published_is_not_published_besides(world: World, tmp_path: Path) -> None:
    service, (lin, lu) = desk(world, tmp_path), await supervisors(world)
    id_ = await opened(world, service, lin)
    world.move(days=13)
    await service._approvals.approve(lu, "", await service.ask_second(lin, "", id_, "已核"))
    with pytest.raises(Refused, match="publicity_overlaps"):
        await service.begin(lin, "month", date(2026, 6, 1))


async def test_of_two_that_overlap_and_go_out_at_the_same_instant_only_one_is_published(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, (lin, lu) = desk(world, tmp_path), await supervisors(world)
    quarter = await opened(world, service, lin)
    month = await service.begin(lin, "month", date(2026, 6, 1))
    await service.open(lin, month)
    world.move(days=13)
    first, second = [await service.ask_second(lin, "", id_, "已核") for id_ in (quarter, month)]
    along = world.journal.along

    async def overtaken(told: str, work: Callable[[AsyncConnection], Awaitable[Draft | None]]) -> Sequence[Event]:
        """All that can be looked at beforehand was; now the other one goes out."""
        monkeypatch.undo()
        await service._approvals.approve(lu, "", second)
        return await along(told, work)

    monkeypatch.setattr(world.journal, "along", overtaken)
    await service._approvals.approve(lu, "", first)
    assert [one.id for one in await service.published()] == [month]
    assert (await service.page(lin, quarter)).now.editions == ()
    with pytest.raises(Refused, match="publicity_overlaps"):
        await service.ask_second(lin, "", quarter, "已核")


async def test_a_business_whose_message_was_given_up_is_told_by_hand_and_its_days_begin_anew(
    world: World, tmp_path: Path
) -> None:
    service, (lin, _) = desk(world, tmp_path), await supervisors(world)
    id_ = await opened(world, service, lin)
    [entry] = (await service.page(lin, id_)).now.standing
    assert entry.told is not None
    assert entry.told.to is not None
    await world.outbox._store.dead(entry.told.to.message, "空号")
    assert (await service.page(lin, id_)).messages == {entry.named.entry: "dead"}
    world.move(days=13)
    with pytest.raises(Refused, match="publicity_not_ready") as no:
        await service.ask_second(lin, "", id_, "已核")
    assert no.value.params["why"] == "untold"
    await service.tell_by_hand(lin, id_, entry.named.entry, "上门送达，店长签收")
    assert (await service.page(lin, id_)).now.due == date(2026, 7, 24)
    world.clock.move(timedelta(days=12))
    assert await service.ask_second(lin, "", id_, "已核")


async def test_an_answer_that_an_objection_is_not_right_needs_a_reason_and_ends_the_waiting(
    world: World, tmp_path: Path
) -> None:
    service, (lin, _) = desk(world, tmp_path), await supervisors(world)
    id_ = await opened(world, service, lin)
    token = await inside(world, service)
    await links(service).object(token, "不是我们的", "陈立")
    with pytest.raises(Refused, match="wrong_state"):
        await links(service).object(token, "再说一次", "陈立")
    [entry] = (await service.page(lin, id_)).now.standing
    assert entry.open is not None
    said = entry.open.made.objection
    with pytest.raises(Refused, match="missing"):
        await service.ask(lin, id_, ObjectionAnswered(entry.named.entry, said, False, " "))
    await service.ask(lin, id_, ObjectionAnswered(entry.named.entry, said, False, "六件均有记录"))
    page = await links(service).page(token)
    assert page.entry.objections[0].answered is not None
    assert page.entry.objections[0].answered.reason == "六件均有记录"
