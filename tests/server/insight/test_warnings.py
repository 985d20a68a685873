"""Warnings on real databases: what goes out is what was approved, and a rebuild makes the public's rows anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from complaints.insight.spots import FindSpot, SpotFound, SpotService
from complaints.insight.warnings import ApproveWarning, PublishWarning, WithdrawWarning, WriteWarning, wording
from journal import SYSTEM
from journal.refusals import Refused
from offices import Office, Officer
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors, rebuild
from server.documents import PdfRenderer
from server.identity.store import IdentityStore
from server.insight.bulletins import BulletinRenderer, OfficeWarnings
from server.insight.hotspot_store import HotspotService
from web.office.insight.bulletin_paper import warning_paper

OFFICE = Office("o1", "东湖高新区市场监管一所", "一所", "027-0000 1201", "东高一投")
LIN = Officer("u-lin", "lin", "林督", "supervisor", OFFICE, totp=False)
LU = Officer("u-lu", "lu", "陆督", "supervisor", OFFICE, totp=False)
FAR = replace(LIN, id="u-far", office=replace(OFFICE, id="o2", number_prefix="江二投"))
NOW = datetime(2026, 6, 29, 1, tzinfo=UTC)


async def desk(database: Database) -> OfficeWarnings:
    await IdentityStore(database).add_office(OFFICE)
    journal = SqlJournal(database, projectors())
    day = date(2026, 6, 28)
    found = SpotFound("o1", ("o1",), "word", "退卡", day, day, 7, 17, "7.00", "1e-8", "1e-6")
    await SpotService(journal, lambda: NOW).submit("s1", FindSpot(found), SYSTEM)
    spots = HotspotService(database, journal, lambda: NOW)
    return OfficeWarnings(database, journal, spots, lambda: NOW)


async def test_the_public_reads_what_was_approved_and_nothing_after_it_was_withdrawn(database: Database) -> None:
    warnings = await desk(database)
    await warnings.ask(LIN, "s1", WriteWarning("办卡先看清", "先问能不能退。", "zh", 0))
    with pytest.raises(Refused, match="same_person"):
        await warnings.ask(LIN, "s1", ApproveWarning(1))
    await warnings.ask(LU, "s1", ApproveWarning(1))
    with pytest.raises(Refused, match="not_found"):
        await warnings.published("s1")
    await warnings.ask(LIN, "s1", PublishWarning(1, "o1", OFFICE.name))
    await warnings.ask(LIN, "s1", WriteWarning("改了", "别的话", "zh", 1))  # at work again: what is out stays
    await rebuild(database)
    [public] = await warnings.public()
    assert (public.title, public.digest) == ("办卡先看清", wording("办卡先看清", "先问能不能退。"))
    press = BulletinRenderer(PdfRenderer())
    assert press.print(warning_paper(public)) == press.print(warning_paper(public))
    await warnings.ask(LU, "s1", WithdrawWarning("数字有误"))
    assert list(await warnings.public()) == []
    gone = await warnings.published("s1")
    assert (gone.body, gone.withdrawn) == ("", "数字有误")


async def test_who_does_not_see_the_hot_spot_sees_and_writes_no_warning(database: Database) -> None:
    warnings = await desk(database)
    for refused in (warnings.one(FAR, "s1"), warnings.ask(FAR, "s1", WriteWarning("题", "文", "zh", 0))):
        with pytest.raises(Refused, match="not_found"):
            await refused
    with pytest.raises(Refused, match="not_found"):
        await warnings.ask(replace(LIN, role="mediator"), "s1", WriteWarning("题", "文", "zh", 0))
