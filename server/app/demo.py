"""The demo office: one mediator, one supervisor, one administrator, and a desk that is not empty.

Everybody and everything here is invented. Seeding again adds only what is missing, and it refuses a data folder that
belongs to a real office.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from complaints.commands import Accept
from complaints.complaint import local_day
from complaints.notices.messages import NoteTold
from complaints.record import PartyTyped
from complaints.service import ComplaintService, Filing
from complaints.state import stream
from journal import Actor, Journal
from journal.numbers import SAMPLE_MARK
from offices import Office, Officer, OfficerRole
from server.identity import Seal
from server.identity.officers import Officers
from server.identity.sign_ins import Passwords
from server.identity.store import IdentityStore, User

OFFICE = Office(
    id="donghu-1",
    name="东湖高新区市场监管一所",
    short="一所",
    phone="027-00001201",
    number_prefix=f"{SAMPLE_MARK}东高一投",
    authority="东湖高新区市场监督管理局",
    address="武汉市东湖高新区演示大道1号",
    signature="东湖市监",
)
MEDIATOR, SUPERVISOR, ADMINISTRATOR = "zhoumin", "luojianguo", "admin"
FIRST_NUMBER = 917
Person = tuple[str, str, OfficerRole]
PEOPLE: Final[Sequence[Person]] = (
    (ADMINISTRATOR, "何静", "administrator"),
    (MEDIATOR, "周敏", "mediator"),
    (SUPERVISOR, "罗建国", "supervisor"),
)
STAFF: Final[Sequence[Person]] = (  # beside them, where there are two years (`server.app.two_years`)
    ("chensiyuan", "陈思远", "mediator"),
    ("wuhaiyan", "吴海燕", "mediator"),
    ("sunli", "孙立", "mediator"),
    ("guqing", "顾青", "supervisor"),
    ("xuwei", "许炜", "inspector"),
)


class NotADemo(Exception):
    """The data folder holds a real office: nothing invented is put beside its files."""


class NotReal(Exception):
    """The data folder holds the demo office: no real file is kept beside what is invented."""


@dataclass(frozen=True, slots=True)
class DemoCase:
    """`days` before today it came in; `accepted` so many days before today, None: still waiting for a decision."""

    id: str
    days: int
    channel: str
    title: str
    request: str
    facts: str
    amount: str
    consumer: PartyTyped
    business: PartyTyped
    industry: str
    problem: str
    accepted: int | None = None


CASES: tuple[DemoCase, ...] = (
    DemoCase(
        id="demo-0917",
        days=4,
        accepted=2,
        channel="12315",
        title="知遇桥婚恋网积分退款",
        request="退还剩余2,360积分对应的款项，共2,360.00元。",
        facts="2026年3月2日在“知遇桥婚恋网”付款3,000.00元购买3,000积分，用去640积分后不再使用，要求退还剩余款项，"
        "客服以“积分售出不退”为由拒绝。",
        amount="2360.00",
        consumer=PartyTyped("丁小禾", "13800005076", "湖北黄冈", detail="女，64岁", age_band="60_over"),
        business=PartyTyped(
            "陈立", "13900000812", "湖北武汉", "东湖高新区", "武汉知遇桥信息技术有限公司", "91420100MA0DEM013Y"
        ),
        industry="婚姻服务（8070）",
        problem="合同问题 · 预付式消费",
    ),
    DemoCase(
        id="demo-0918",
        days=9,
        channel="hotline",
        title="平板电脑屏幕有亮线，要求换货",
        request="更换同型号新机，或者退还货款1,899.00元。",
        facts="到货第三天屏幕出现竖向亮线，店家说是人为损坏，不同意更换，也没有出具检测报告。",
        amount="1899.00",
        consumer=PartyTyped("陶静", "13800002209", "湖北武汉"),
        business=PartyTyped("余波", "13900002210", "湖北武汉", "东湖高新区", "武汉橙果数码商行"),
        industry="零售业",
        problem="质量问题",
    ),
    DemoCase(
        id="demo-0919",
        days=7,
        channel="petition",
        title="民宿取消订单不退订金",
        request="退还订金1,200.00元。",
        facts="提前十天取消预订，平台页面写着“提前七天可退”，商家以旺季为由不退订金。",
        amount="1200.00",
        consumer=PartyTyped("胡月", "13800003317", "湖南长沙", age_band="18_39"),
        business=PartyTyped("何青", "13900003318", "湖北武汉", "东湖高新区", "武汉云屿民宿管理有限公司"),
        industry="住宿业",
        problem="合同问题",
    ),
    DemoCase(
        id="demo-0920",
        days=3,
        channel="hotline",
        title="旅行订单退订金",
        request="退还订金1,999.00元。",
        facts="出发前旅行网临时更换酒店，消费者不同意，要求退订，对方只同意退一半。",
        amount="1999.00",
        consumer=PartyTyped("黎晓", "13800004425", "江西九江", age_band="18_39"),
        business=PartyTyped("邹凯", "13900004426", "湖北武汉", "东湖高新区", "武汉乐途旅行网络有限公司"),
        industry="旅行社及相关服务",
        problem="合同问题",
    ),
    DemoCase(
        id="demo-0921",
        days=2,
        channel="12315",
        title="童装洗后严重褪色，要求退货",
        request="退货退款238.00元。",
        facts="按洗涤标识水洗一次就严重褪色，染到其他衣物，商家说特价商品不退不换。",
        amount="238.00",
        consumer=PartyTyped("韩雪", "13800005533", "湖北鄂州", age_band="18_39"),
        business=PartyTyped("秦芳", "13900005534", "湖北武汉", "东湖高新区", "武汉小满童装有限公司"),
        industry="零售业",
        problem="质量问题 · 涉及儿童",
    ),
    DemoCase(
        id="demo-0922",
        days=1,
        channel="window",
        title="家政清洗划伤地板，要求赔偿",
        request="赔偿地板修复费用1,200.00元。",
        facts="上门清洗时拖动家具划伤实木地板约两平方米，公司只同意免一次服务费。",
        amount="1200.00",
        consumer=PartyTyped("郑国强", "13800006641", "湖北武汉", age_band="40_59"),
        business=PartyTyped("方敏", "13900006642", "湖北武汉", "东湖高新区", "武汉佳安家政服务有限公司"),
        industry="家庭服务（8010）",
        problem="售后服务",
    ),
)


async def require_real(store: IdentityStore) -> None:
    """NotReal where the demo office is."""
    if await store.office(OFFICE.id) is not None:
        raise NotReal


async def seed(
    store: IdentityStore, officers: Officers, journal: Journal, seal: Seal, now: datetime, password: str
) -> None:
    """Put the demo office there, or what of it is missing; `password` signs everybody in."""
    if await officers.empty():
        await officers.found(OFFICE, ADMINISTRATOR, "何静", password)
    if await store.office(OFFICE.id) is None:
        raise NotADemo
    await add_people(store, officers, PEOPLE, password)
    mediator = await store.user_by_login(MEDIATOR)
    if mediator is None:
        raise NotADemo
    actor = Officer(mediator.id, mediator.login, mediator.name, mediator.role, OFFICE, totp=False).actor
    at_start = ComplaintService(journal, seal, lambda: now)
    oldest = max(CASES, key=lambda case: case.days)
    years = {local_day(_moment(now, case.days, time(15, 3)), OFFICE.zone).year for case in CASES}
    if not await journal.read(stream(CASES[0].id)):
        for year in years:
            await at_start.numbers.begin_at(OFFICE.id, year, FIRST_NUMBER, _moment(now, oldest.days, time(9)), actor)
    for case in CASES:
        await _file(journal, seal, case, now, actor)


async def add_people(store: IdentityStore, officers: Officers, wanted: Sequence[Person], password: str) -> None:
    """Whoever of them is missing; all of them sign in with `password`."""
    administrator = await store.user_by_login(ADMINISTRATOR)
    if administrator is None:
        raise NotADemo
    by = Officer(administrator.id, ADMINISTRATOR, administrator.name, "administrator", OFFICE, totp=False)
    passwords, known = Passwords(), list[User]()
    for login, name, role in wanted:
        if (user := await store.user_by_login(login)) is None:
            await officers.add_officer(by, login, name, role, password)
        else:
            known.append(user)
    # Set one after another, so that the last one tells of all: what is slow is asked once.
    if known and not await passwords.holds(password, known[-1].password_hash):
        for user in known:
            await store.set_password(user.id, await passwords.hash(password))  # another one is printed this time


async def _file(journal: Journal, seal: Seal, case: DemoCase, now: datetime, actor: Actor) -> None:
    if await journal.read(stream(case.id)):
        return
    received = _moment(now, case.days, time(15, 3))
    filing = Filing(
        office=OFFICE.id,
        prefix=OFFICE.number_prefix,
        zone=OFFICE.zone,
        channel=case.channel,
        received=received,
        title=case.title,
        request=case.request,
        facts=case.facts,
        amount=Decimal(case.amount),
        consumer=case.consumer,
        business=case.business,
        industry=case.industry,
        problem=case.problem,
    )
    await ComplaintService(journal, seal, _always(received)).register(filing, actor, complaint=case.id)
    if case.accepted is not None:
        accepted = _moment(now, case.accepted, time(9, 14))
        service = ComplaintService(journal, seal, _always(accepted))
        told = NoteTold("acceptance", ("consumer",), "phone", accepted, case.consumer.name, actor.name)
        await service.submit(case.id, Accept(), actor)
        await service.submit(case.id, told, actor)


def _moment(now: datetime, days: int, clock: time) -> datetime:
    """That time of day in the office, so many days ago."""
    zone = ZoneInfo(OFFICE.zone)
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=days), clock, zone)


def _always(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def demo_password(data: Path, given: str) -> str:
    """The given one, or one made at the first start and kept, so that a restart prints the same."""
    if given:
        return given
    path = data / "keys" / "demo-password"
    if path.exists() and (kept := path.read_text()):
        return kept
    path.unlink(missing_ok=True)  # an empty one: the program died while writing it
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = f"donghu-{secrets.token_hex(4)}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(made)
    return made
