"""The daily look on a real database: found once, explained, followed, and right after backfills, merges and gaps."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from complaints.events import to_draft
from complaints.insight import RESPONDENT, WORD
from complaints.insight.spots import DismissSpot, HandOnSpot, LookAtSpot
from complaints.sample import Sample, filing, samples
from complaints.service import ComplaintService
from complaints.state import STREAM as COMPLAINT
from journal import SYSTEM
from journal.numbers import SAMPLE_MARK
from journal.refusals import Refused
from offices import Office, Officer
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors, rebuild
from server.db.schema import complaint_facts, hotspots
from server.identity import installation_seal
from server.identity.store import IdentityStore, User
from server.insight.detection import DetectionResult, HotspotDetector
from server.insight.hotspot_store import HotspotService
from tests.server.db.databases import sqlite_url
from web.i18n import words_of
from web.office.insight import as_lead

OFFICE = Office("o1", "东湖高新区市场监管一所", "一所", "027-0000 1201", "东高一投")
OTHER = Office("o2", "江岸区市场监管二所", "二所", "027-0000 2202", "江二投")
LIN = Officer("u-lin", "lin", "林督", "supervisor", OFFICE, totp=False, language="zh")
FAR = Officer("u-far", "far", "远督", "supervisor", OTHER, totp=False)
ZHAO = Officer("u-zhao", "zhao", "赵调", "mediator", OFFICE, totp=False, language="zh")
DAY = date(2026, 6, 28)  # a Sunday
NOW = datetime(2026, 6, 29, 1, tzinfo=UTC)
ORDINARY = list(samples(1_500, seed=9))
FIRM = next(one for one in ORDINARY if one.industry_code.startswith("R"))


class Bureau:
    """An office with a supervisor, and complaints as an import begins them."""

    def __init__(self, database: Database, folder: Path, made: int = 0) -> None:
        self.database = database
        self.journal = SqlJournal(database, projectors())
        self.now = NOW
        self.service = ComplaintService(self.journal, installation_seal(folder), lambda: self.now)
        self.detection = HotspotDetector(database, self.journal, lambda: self.now)
        self.desk = HotspotService(database, self.journal, lambda: self.now)
        self._made = made

    async def found(self) -> None:
        identity = IdentityStore(self.database)
        for office in (OFFICE, OTHER):
            await identity.add_office(office)
        for officer in (LIN, FAR):
            await self.account(officer)

    async def account(self, officer: Officer) -> None:
        await IdentityStore(self.database).add_user(
            User(
                id=officer.id, login=officer.login, name=officer.name, role=officer.role, office=officer.office.id,
                password_hash="", totp_sealed="", totp_pending_sealed="", totp_step=0, language="zh",
                created=NOW,
            )
        )  # fmt: skip

    async def file(self, given: Sequence[Sample], platform: str = "") -> list[str]:
        new, ids = [], []
        for one in given:
            self._made += 1
            id_ = f"{self._made:032x}"
            made = filing(one, OFFICE.id, SAMPLE_MARK)
            record = self.service.record(made._replace(object=replace(made.object, platform=platform)))
            record = replace(record, number=f"东高一投〔2026〕{self._made:06d}号")
            new.append((f"{COMPLAINT}/{id_}", to_draft(record, self.now, SYSTEM)))
            ids.append(id_)
        await self.journal.begin(new)
        return ids

    async def look(self, day: date = DAY) -> DetectionResult:
        [mine] = [one for one in await self.detection.circles() if one.offices == (OFFICE.id,)]
        return await self.detection.look(mine, day)


@pytest.fixture
async def bureau(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Bureau]:
    path = tmp_path / "yuntiao.db"
    shutil.copy(sqlite_template, path)
    made = Bureau(Database(sqlite_url(path)), tmp_path)
    await made.found()
    yield made
    await made.database.close()


@pytest.fixture(scope="module")
def lasting(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a bureau with half a year of ordinary complaints, to be copied."""
    folder = tmp_path_factory.mktemp("ordinary")
    shutil.copy(sqlite_template, folder / "yuntiao.db")
    asyncio.run(_filed(folder))
    return folder


async def _filed(folder: Path) -> None:
    made = Bureau(Database(sqlite_url(folder / "yuntiao.db")), folder)
    await made.found()
    await made.file(ordinary())
    await made.database.close()


@pytest.fixture
async def busy(lasting: Path, tmp_path: Path) -> AsyncIterator[Bureau]:
    """A bureau in which `ordinary()` was filed."""
    shutil.copytree(lasting, tmp_path, dirs_exist_ok=True)
    made = Bureau(Database(sqlite_url(tmp_path / "yuntiao.db")), tmp_path, made=len(ordinary()))
    yield made
    await made.database.close()


def burst(
    many: int, last: date = DAY, days: int = 3, of: Sample = FIRM, words: str = "大门紧锁，店家卷款跑路"
) -> list[Sample]:
    """Complaints about one business, each by another person."""
    return [
        replace(
            of,
            number=f"B{last:%m%d}{n:04d}",
            consumer_name=f"测试{n}",
            consumer_phone=f"1700009{n:04d}",
            received=datetime.combine(last - timedelta(days=n % days), datetime.min.time()).replace(hour=10),
            amount=Decimal(500),
            facts=words,
        )
        for n in range(many)
    ]


def ordinary(until: date = DAY) -> list[Sample]:
    return [one for one in ORDINARY if one.received.date() <= until]


async def test_a_shop_that_shuts_is_found_with_its_records_and_said_once(busy: Bureau) -> None:
    theirs = await busy.file(burst(24))
    looked = await busy.look()
    page = await busy.desk.page(LIN)
    assert page.report is not None
    assert looked.found == len(page.spots)
    first = next(one.figures for one in page.spots if one.figures.kind == RESPONDENT)
    assert set(theirs) <= set(first.records)
    assert (first.since, first.course) == (DAY - timedelta(days=2), "new")
    assert first.people >= 24
    assert first.name == FIRM.business_name
    assert any(one.kind == WORD for one in first.also), "its words are named beside it, and not announced again"
    assert not any(one.figures.kind == WORD and "跑路" in one.figures.key for one in page.spots)


async def test_one_text_sent_in_by_many_is_told_as_a_campaign_of_one_voice(busy: Bureau) -> None:
    essay = (
        "本人在该店办理会员卡后多次预约均以系统升级为由被拒绝，店方既不说明原因也不给出处理时间，严重侵害消费者的知情权和公平交易权，"
        "请有关部门依法查处，责令退还余额并公开道歉，以维护广大消费者的合法权益。"
    )
    await busy.file(burst(24, words=essay))
    await busy.look()
    page = await busy.desk.page(LIN)
    first = next(one.figures for one in page.spots if one.figures.kind == RESPONDENT)
    assert (first.copies, first.copiers, first.campaign) == (24, 24, True)
    assert first.voices == len(first.records) - 23


async def test_looking_twice_finds_nothing_twice_and_the_spot_is_followed(busy: Bureau) -> None:
    await busy.file(burst(24))
    await busy.look()
    assert (await busy.look()).found == 0
    later = await busy.look(DAY + timedelta(days=12))
    page = await busy.desk.page(LIN)
    spot = next(one for one in page.spots if one.figures.kind == RESPONDENT)
    assert later.found == 0
    assert spot.figures.course == "over"


async def test_what_was_put_aside_stays_so_through_the_next_look_and_a_rebuild(busy: Bureau) -> None:
    await busy.file(burst(24))
    await busy.look()
    spot = next(one.figures.id for one in (await busy.desk.page(LIN)).spots if one.figures.kind == RESPONDENT)
    await busy.desk.ask(LIN, spot, DismissSpot("known"))
    await busy.look(DAY + timedelta(days=1))
    await rebuild(busy.database)
    async with busy.database.read() as connection:
        stages = {row.id: row.stage for row in await connection.execute(select(hotspots.c.id, hotspots.c.stage))}
    assert stages[spot] == "dismissed"
    assert (await busy.desk.spot(LIN, spot)).spot.stage == "dismissed"


async def test_a_platform_on_which_many_shops_fail_is_found_though_no_shop_stands_out(busy: Bureau) -> None:
    shops = [
        replace(one, business_name=f"第{n}家店", credit_code="", business_phone="")
        for n, one in enumerate(burst(24, words="收不到货"))
    ]
    theirs = await busy.file(shops, platform="新拼网")
    await busy.look()
    spots = [one.figures for one in (await busy.desk.page(LIN)).spots]
    platform = next(one for one in spots if "新拼网" in (one.key, *(part.key for part in one.also)))
    assert set(theirs) <= set(platform.records)
    assert all(one.kind != RESPONDENT for one in spots if set(one.records) & set(theirs))


async def test_a_mediator_reads_what_the_own_office_has_and_not_what_was_done(busy: Bureau) -> None:
    await IdentityStore(busy.database).oversee(LIN.id, [OTHER.id])  # who supervises sees two offices together
    await busy.account(ZHAO)
    await busy.file(burst(24))
    await busy.look()
    [spot] = [one for one in (await busy.desk.page(ZHAO)).spots if one.figures.kind == RESPONDENT]
    assert (await busy.desk.spot(ZHAO, spot.figures.id)).records
    await busy.desk.ask(LIN, spot.figures.id, DismissSpot("known"))
    seen = await busy.desk.spot(ZHAO, spot.figures.id)
    assert (seen.spot.stage, list(seen.history)) == ("new", [])
    for refused in (
        busy.desk.ask(ZHAO, spot.figures.id, LookAtSpot()),
        busy.desk.at_hand(ZHAO, spot.figures.id),
        busy.desk.spot(replace(ZHAO, office=OTHER), spot.figures.id),
    ):
        with pytest.raises(Refused, match="not_found"):
            await refused


async def test_another_bureaus_supervisor_finds_no_such_spot(busy: Bureau) -> None:
    await busy.file(burst(24))
    await busy.look()
    spot = (await busy.desk.page(LIN)).spots[0].figures.id
    assert (await busy.desk.page(FAR)).report is None
    for refused in (
        busy.desk.spot(FAR, spot),
        busy.desk.ask(FAR, spot, DismissSpot("known")),
        busy.desk.at_hand(FAR, spot),
    ):
        with pytest.raises(Refused, match="not_found"):
            await refused


async def test_no_complaint_and_one_are_reports_too(bureau: Bureau) -> None:
    assert (await bureau.look()).spots == 0
    await bureau.file(burst(1))
    assert (await bureau.look()).rows == 1
    page = await bureau.desk.page(LIN)
    assert page.report is not None
    assert page.report.week_seen == 1
    assert not page.spots


async def test_old_records_entered_late_change_the_figures_and_the_report_says_so(busy: Bureau) -> None:
    await busy.look(DAY - timedelta(days=1))
    assert (await busy.desk.page(LIN)).report.correction is None  # type: ignore[union-attr]
    await busy.file(burst(9, last=DAY - timedelta(days=40)))
    [mine] = [one for one in await busy.detection.stale() if one.offices == (OFFICE.id,)]
    await busy.detection.look(mine, DAY)
    report = (await busy.desk.page(LIN)).report
    assert report is not None
    assert report.correction is not None
    assert (report.correction.added, report.correction.removed) == (9, 0)
    assert report.correction.oldest == DAY - timedelta(days=42)
    assert not any(one.kind == RESPONDENT and one.alarmed for one in report.spots), (
        "what lies back is no burst of today"
    )


async def test_duplicates_merged_afterwards_are_counted_no_more(busy: Bureau) -> None:
    theirs = await busy.file(burst(24))
    await busy.look(DAY)
    spot = next(one.figures.id for one in (await busy.desk.page(LIN)).spots if one.figures.kind == RESPONDENT)
    async with busy.database.write() as connection:  # as the projection of a merge leaves the facts
        merged = update(complaint_facts).where(complaint_facts.c.id.in_(theirs[1:]))
        await connection.execute(merged.values(counted=False, dropped=DAY + timedelta(days=1), dropped_as="merged"))
    busy.now += timedelta(days=1)
    assert next(one.offices for one in await busy.detection.stale()) == (OFFICE.id,)
    await busy.look(DAY + timedelta(days=1))
    page = await busy.desk.spot(LIN, spot)
    assert page.figures is not None
    assert page.figures.seen < 5
    assert not page.figures.alarmed
    report = (await busy.desk.page(LIN)).report
    assert report is not None
    assert report.correction is not None
    assert (report.correction.removed, report.correction.merged) == (23, 23)


async def test_a_lead_is_opened_with_the_records_and_what_is_counted_afterwards(busy: Bureau) -> None:
    theirs = await busy.file(burst(24))
    await busy.look()
    spot = next(one.figures for one in (await busy.desk.page(LIN)).spots if one.figures.kind == RESPONDENT)
    at_hand = await busy.desk.at_hand(LIN, spot.id)
    assert set(theirs) <= set(at_hand.records)
    assert at_hand.subject == {"respondent": spot.key}
    _, about, content = as_lead(at_hand, words_of("zh"))
    assert about == FIRM.business_name
    assert "预计" in content
    assert "were expected" in as_lead(at_hand, words_of("en"))[2]
    await busy.desk.ask(LIN, spot.id, HandOnSpot("a-lead"))
    await busy.desk.ask(LIN, spot.id, HandOnSpot("a-lead"))
    assert (await busy.desk.spot(LIN, spot.id)).spot.lead == "a-lead"


async def test_a_word_that_is_a_piece_of_a_longer_one_is_not_told(busy: Bureau) -> None:
    shops = [one for one in ORDINARY if one.industry_code.startswith("F")][:24]
    verbs, things = ("办了", "充了", "买了"), ("卡", "课", "套餐")
    same = [
        replace(
            one,
            facts=f"{verbs[n % 3]}悦动健身{things[n % 3]}，先息后本",
            business_name=f"第{n}家{shops[n].business_name}",
            business_phone="",
            credit_code="",
        )
        for n, one in enumerate(burst(24))
    ]
    await busy.file(same)
    await busy.look()
    page = await busy.desk.page(LIN)
    assert page.report is not None
    words = {one.key for one in page.report.fresh if one.kind == WORD}
    words |= {part.key for one in page.report.fresh for part in one.also if part.kind == WORD}
    for spot in page.spots:
        words |= {part.key for part in spot.figures.also if part.kind == WORD}
        words |= {spot.figures.key} if spot.figures.kind == WORD else set()
    assert "先息后本" in words
    assert not {"动健身", "后本"} & words


async def test_what_is_new_and_a_trades_week_say_which_hot_spot_they_are_the_same_as(busy: Bureau) -> None:
    await busy.file([replace(one, facts="办了悦动健身年卡，先息后本") for one in burst(24)])
    await busy.look()
    page = await busy.desk.page(LIN)
    assert page.report is not None
    [firm] = [spot.figures for spot in page.spots if spot.figures.kind == RESPONDENT]
    [new] = page.report.fresh
    sports, retail = page.report.classes[:2]
    assert (new.kind, new.seen, new.spot, new.division) == (RESPONDENT, 24, firm.id, "R89")
    assert "先息后本" in {part.key for part in new.also}
    assert (sports.key, sports.spot) == ("R89", firm.id)
    assert (retail.key, retail.spot) == ("F52", "")
