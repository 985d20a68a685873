"""A province's offices: who is above whom, what is handed down, who sees whom, and a roster of them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import insert, select

from complaints.statistics import find_statistic
from complaints.statistics.figures import month
from complaints.statistics.views import StatisticsQuery
from complaints.views import ComplaintFilter
from journal.refusals import Refused
from offices import Office, OfficeLevel, Officer, OfficerRole, OfficeTree, charge_of
from offices.oversight import ApprovalWish
from rooms.views import AuditFilter
from server.complaints.store import SqlReads
from server.db.rows import offices_of, over, within
from server.db.schema import complaints, offices, users
from server.identity.account_store import OfficerPhoneStore
from server.identity.offices import STREAM, OfficeRegister
from server.identity.roster import MOST_BYTES, MOST_ROWS, OfficeRoster
from server.identity.store import User
from server.rooms.store import records
from server.statistics.store import SqlStatistics
from tests.server.app.office import FIRST, NOW, PASSWORD, World


def bureau(id_: str, name: str, level: OfficeLevel, superior: str = "") -> Office:
    return Office(id_, name, name, "027-00001200", f"{id_}投", level=level, superior=superior)


PROVINCE = replace(bureau("hubei", "湖北省市场监督管理局", "province"), called="市场监管部门", signature="鄂市监")
CITIES = (
    bureau("wuhan", "武汉市市场监督管理局", "city", "hubei"),
    bureau("yichang", "宜昌市市场监督管理局", "city", "hubei"),
)
LAKE = replace(bureau("lake", "东湖高新区市场监督管理局", "county", "wuhan"), address="高新大道1号")
ONE = bureau("one", "关东所", "office", "lake")
TWO = replace(bureau("two", "佛祖岭所", "office", "lake"), authority="佛祖岭局")
FAR = bureau("far", "西陵所", "office", "yichang")
ALL = (PROVINCE, *CITIES, LAKE, ONE, TWO, FAR)


def admin(office: Office) -> Officer:
    return Officer(f"a-{office.id}", f"a.{office.id}", "何静", "administrator", office, totp=False)


def supervisor(office: Office) -> Officer:
    return Officer(f"s-{office.id}", f"s.{office.id}", "罗建国", "supervisor", office, totp=False)


@pytest.fixture
async def register(world: World) -> OfficeRegister:
    """A province whose bureau receives for itself, beside the two flat offices of the small installation."""
    asked: list[ApprovalWish] = []

    async def ask(officer: Officer, token: str, wish: ApprovalWish) -> str:
        asked.append(wish)
        return f"approval-{len(asked)}"

    made = OfficeRegister(world.store, world.journal, world.clock.now, ask)
    top = admin(replace(FIRST, intake=True))
    for office in ALL:
        await made.add(top, office)
    return made


def test_a_superior_is_of_a_higher_level_so_no_office_can_be_above_itself() -> None:
    tree = OfficeTree(ALL)
    assert tree.may_stand("office", "lake")
    assert tree.may_stand("office", "hubei")  # a 所 right below the province: levels may be passed over
    assert not tree.may_stand("county", "lake")
    assert not tree.may_stand("office", "nowhere")
    assert not tree.may_stand("office", "hubei", "wuhan")  # a county's bureau is below it
    assert [one.id for one in tree.above("one")] == ["lake", "wuhan", "hubei"]
    assert tree.within("wuhan") == ["wuhan", "lake", "two", "one"]
    assert [(depth, one.id) for depth, one in OfficeTree([ONE, LAKE]).rows()] == [(0, "lake"), (1, "one")]


async def test_an_office_takes_from_above_what_it_does_not_say_itself(world: World, register: OfficeRegister) -> None:
    one, two = await world.store.office("one"), await world.store.office("two")
    assert one is not None
    assert two is not None
    assert (one.issuer, one.address, one.signs_as, one.called) == (LAKE.name, "高新大道1号", "鄂市监", "市场监管部门")
    assert (two.issuer, two.address) == ("佛祖岭局", "")  # an address belongs to its authority
    lake = await world.store.office("lake")
    assert lake is not None
    assert lake.issuer == LAKE.name  # a bureau acts in its own name
    top = admin(replace(FIRST, intake=True))
    wuhan = await world.store.office("wuhan")
    assert wuhan is not None
    await register.change(top, replace(wuhan, signature="武汉市监", language="en"))
    lake = await world.store.office("lake")
    assert lake is not None
    await register.change(top, replace(lake, address="高新大道2号"))
    one, far = await world.store.office("one"), await world.store.office("far")
    assert one is not None
    assert far is not None
    assert (one.signs_as, one.writes("zh"), one.address) == ("武汉市监", "en", "高新大道2号")
    assert (far.signs_as, far.writes("zh")) == ("鄂市监", "zh")
    said = {(event.data["office"], *event.data["changes"]) for event in (await world.journal.read(STREAM))[-6:]}
    assert ("one", "address") in said  # the journal says of each what changed for it
    await register.change(top, replace(one, phone="027-00009999"))  # what was taken and comes back unchanged
    again = await world.store.office("one")
    assert again is not None
    assert again.takes == one.takes


async def test_a_supervisor_sees_all_below_and_nobody_sees_sideways_or_upwards(
    world: World, register: OfficeRegister
) -> None:
    async def seen(officer: Officer) -> set[str]:
        async with world.database.read() as connection:
            rows = await connection.execute(
                select(complaints.c.office).where(within(officer, complaints.c.office)).distinct()
            )
            listed = set(rows.scalars())
        known = await offices_of(world.database, officer)
        assert listed <= known
        return known

    for office in (ONE, TWO, FAR):
        await world.register(replace(world.zhou, office=office))
    assert await seen(supervisor(PROVINCE)) == {one.id for one in ALL}
    assert await seen(supervisor(CITIES[0])) == {"wuhan", "lake", "one", "two"}
    assert await seen(supervisor(LAKE)) == {"lake", "one", "two"}
    assert await seen(supervisor(ONE)) == {"one"}
    for other in get_args(OfficerRole):
        if other != "supervisor":
            assert await seen(replace(supervisor(PROVINCE), role=other)) == {"hubei"}
    lin = User("s-lake", "s.lake", "罗建国", "supervisor", "lake", "x", NOW)
    await world.store.add_user(lin)
    await world.store.oversee(lin.id, ["far"])
    assert await seen(supervisor(LAKE)) == {"lake", "one", "two", "far"}
    async with world.database.read() as connection:
        watching = {
            office: set((await connection.execute(select(users.c.id).where(users.c.id.in_(over(office))))).scalars())
            for office in ("one", "far", "wuhan")
        }
    assert watching == {"one": {"s-lake"}, "far": {"s-lake"}, "wuhan": set()}
    assert await OfficerPhoneStore(world.database).overseeing("one") == ["s-lake"]  # the nearest above, once


async def test_moving_an_office_takes_a_second_person_and_letting_go_does_not(
    world: World, register: OfficeRegister
) -> None:
    top = admin(replace(FIRST, intake=True))
    assert await register.place(top, "", "one", "yichang", "office", "区划调整") == "approval-1"
    one = await world.store.office("one")
    assert one is not None
    assert one.superior == "lake"  # nothing has happened yet
    details = {"superior": "yichang", "level": "office", "names": ""}
    await register.placed(top.actor, "one", details, "区划调整")
    await register.placed(top.actor, "one", details, "区划调整")
    one = await world.store.office("one")
    assert one is not None
    assert (one.superior, one.issuer) == ("yichang", CITIES[1].name)
    assert (await world.journal.read(STREAM))[-1].data["reason"] == "区划调整"
    assert "one" not in await offices_of(world.database, supervisor(LAKE))
    assert await register.place(top, "", "one", "", "office", "撤回") == ""
    assert await offices_of(world.database, supervisor(PROVINCE)) == {one.id for one in ALL} - {"one"}
    with pytest.raises(Refused, match="bad_choice"):
        await register.place(top, "", "wuhan", "lake", "office", "错")
    with pytest.raises(Refused, match="missing"):
        await register.place(top, "", "wuhan", "", "city", " ")


async def test_an_administrator_looks_after_what_is_below_and_nothing_beside_or_above(
    world: World, register: OfficeRegister
) -> None:
    wuhan = admin(CITIES[0])
    assert charge_of(wuhan, ALL) == {"lake", "one", "two"}
    assert charge_of(replace(wuhan, role="supervisor"), ALL) == frozenset()
    desk = replace(ONE, intake=True)  # receives for the county's bureau
    assert charge_of(admin(desk), ALL) == {"lake", "one", "two"}
    new = bureau("three", "花山所", "office", "lake")
    await register.add(wuhan, new)
    await register.change(wuhan, replace(new, name="花山街道所"))
    for refused in (
        replace(new, id="four", number_prefix="四投", superior="yichang"),
        replace(new, id="five", superior=""),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            await register.add(wuhan, refused)
    with pytest.raises(Refused, match="not_allowed"):
        await register.change(wuhan, replace(FAR, name="西陵街道所"))
    with pytest.raises(Refused, match="not_allowed"):
        await register.change(wuhan, replace(PROVINCE, phone="027-1"))
    with pytest.raises(Refused, match="not_allowed"):
        await register.place(wuhan, "", "one", "yichang", "office", "越权")


ROSTER = """单位代码,单位名称,简称,层级,上级机关,电话,投诉编号前缀,管理员登录名
xiling,西陵区市场监督管理局,西陵局,区,yichang,0717-1,宜西投,
xiling-1,云集所,云集,所,西陵局,0717-2,宜西一投,yunji
hubei,湖北省市场监督管理局,,省,,027-87000000,,
wuhan,武汉市市场监督管理局,,,,,,
"""


async def test_a_roster_is_first_shown_and_then_taken_whole(world: World, register: OfficeRegister) -> None:
    roster, top = OfficeRoster(register, world.store, world.officers), admin(replace(FIRST, intake=True))
    rows = await roster.read(top, ROSTER.encode("gb18030"))
    assert [(row.line, row.what) for row in rows] == [(2, "new"), (3, "new"), (4, "changed"), (5, "same")]
    assert rows[2].changes == {"phone": ["027-00001200", "027-87000000"]}
    assert await world.store.office("xiling") is None
    taken = await roster.take(top, ROSTER.encode())
    made = await world.store.office("xiling-1")
    assert made is not None
    assert (made.superior, made.issuer, made.signs_as) == ("xiling", "西陵区市场监督管理局", "鄂市监")
    assert await world.officers.sign_in("yunji", taken[1].password, "", "192.0.2.1")
    assert {row.what for row in await roster.read(top, ROSTER.encode())} == {"same"}


FAULTS = {
    "n1,,,区,yichang,1,甲,": ("missing", "name"),
    "n2,乙局,乙局,乡,yichang,1,乙,": ("bad_level", "level"),
    "n3,丙局,丙局,区,荆州局,1,丙,": ("unknown_superior", "superior"),
    "n4,丁局,丁局,市,yichang,1,丁,": ("bad_choice", "superior"),
    "n5,戊局,戊局,区,yichang,1,one投,": ("taken", "number_prefix"),
    "N 6,己局,己局,区,yichang,1,己,": ("taken", "id"),
    "one,关东所,,所,yichang,,,": ("moved", "superior"),
    "n8,庚局,庚局,区,yichang,1,庚,zhoumin": ("login", "login"),
    "n9,辛局,辛局,区,yichang,,辛,": ("missing", "phone"),
    "m1,子局,子局,区,yichang,1,子,王 明": ("bad_choice", "login"),
    "m2,丑局,丑局,区,yichang,1,丑,yiling": ("login", "login"),
    "m3,寅局,寅局,区,yichang,1,寅,YILING": ("login", "login"),
}


async def test_a_roster_with_faults_names_each_and_changes_nothing(world: World, register: OfficeRegister) -> None:
    roster, top = OfficeRoster(register, world.store, world.officers), admin(replace(FIRST, intake=True))
    fine = "fine,猇亭局,猇亭局,区,yichang,1,宜猇投,"
    content = "\n".join(
        [ROSTER.splitlines()[0], fine, *FAULTS, "twice,壬,壬,区,yichang,1,壬,", "twice,癸,癸,区,yichang,1,癸,"]
    )
    right, *wrong, first, second = await roster.read(top, content.encode())
    assert right.what == "new"
    assert [(one.what, *((two.code, two.field) for two in one.problems)) for one in wrong] == [
        ("wrong", fault) for fault in FAULTS.values()
    ]
    assert [one.problems[0].code for one in (first, second)] == ["twice", "twice"]
    with pytest.raises(Refused, match="wrong_rows"):
        await roster.take(top, content.encode())
    assert await world.store.office("fine") is None


async def test_a_roster_has_limits_and_is_the_administrators(world: World, register: OfficeRegister) -> None:
    roster, top = OfficeRoster(register, world.store, world.officers), admin(replace(FIRST, intake=True))
    header = ROSTER.splitlines()[0]
    for content, code in (
        (b"", "missing"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"\xff\xfe\xff", "encoding"),
        (b'id,name\n"open', "csv"),
        ("简称\n一所\n".encode(), "no_columns"),
        ((header + "\n" * (MOST_ROWS + 2)).encode(), "too_many_rows"),
    ):
        with pytest.raises(Refused, match=code):
            await roster.read(top, content)
    with pytest.raises(Refused, match="not_allowed"):
        await roster.read(supervisor(PROVINCE), ROSTER.encode())
    rows = await roster.read(admin(CITIES[0]), ROSTER.encode())
    assert [row.what for row in rows] == ["wrong", "wrong", "wrong", "same"]  # another city's, and what is above
    assert rows[0].problems[0].code == "elsewhere"
    assert PASSWORD not in repr(rows)


async def test_a_provinces_lists_open_with_six_hundred_offices_below(world: World, tmp_path: Path) -> None:
    """More than SQLite takes in one compound statement, or would be read one after another."""
    many = [PROVINCE, *(bureau(f"o{n}", f"{n}所", "office", "hubei") for n in range(600))]
    async with world.database.write() as connection:
        await connection.execute(insert(offices), [asdict(one) for one in many])
    await world.register(replace(world.zhou, office=many[-1]))
    reads, luo = SqlReads(world.database, world.rooms, tmp_path, world.clock.now), supervisor(PROVINCE)
    assert (await reads.complaints(luo, ComplaintFilter())).total == 1
    assert (await reads.complaints(luo, ComplaintFilter(search="积分"))).total == 1
    assert (await reads.complaints(luo, ComplaintFilter(office="below:hubei"))).total == 1
    assert (await reads.complaints(luo, ComplaintFilter(office="hubei"))).total == 0
    assert (await reads.complaints(luo, ComplaintFilter(office="below:elsewhere"))).total == 0
    assert len((await reads.complaint_register(luo, ComplaintFilter(office="below:hubei")))[0]) == 1
    async with world.database.read() as connection:
        assert (await records(connection, luo, AuditFilter())).total == 0
    day = world.clock.now().date()
    seen = await SqlStatistics(world.database).compare(
        luo, StatisticsQuery(month(day), day), [find_statistic("received")]
    )
    assert (len(seen.rows), seen.total["received@1"].top) == (601, 1)
