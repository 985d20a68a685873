"""Bulletins as they were issued, on a real database: the same bytes ever after, and a new edition says what changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from casebook.commands import WithdrawCase
from casebook.decisions import CaseService
from journal.refusals import Refused
from server.db.projections import rebuild
from server.insight.bulletins import IssuedBulletinService, figures_digest
from tests.server.app.office import SECOND, World
from tests.server.casebook.test_store import LIN
from tests.server.insight.test_bulletins import JUNE, TODAY, bulletins, received, supervisor, told
from web.office.insight.bulletin_paper import bulletin_edition


def issued(world: World, folder: Path) -> IssuedBulletinService:
    return IssuedBulletinService(
        world.database, world.journal, bulletins(world), bulletin_edition, folder / "bulletins", world.clock.now
    )


async def test_what_was_issued_stays_though_the_figures_change_and_the_next_edition_says_how(
    world: World, tmp_path: Path
) -> None:
    await received(world, "contract", 6)
    reader, desk = await supervisor(world), issued(world, tmp_path)
    await desk.issue(reader, "month", JUNE, TODAY, public=True)
    [first] = await desk.editions(reader, "month", JUNE)
    body = await desk.print(first, "zh")
    with pytest.raises(Refused, match="unchanged"):
        await desk.issue(reader, "month", JUNE, TODAY, public=True)
    await received(world, "contract", 7)
    await desk.issue(reader, "month", JUNE, TODAY, public=True)
    first, second = await desk.editions(reader, "month", JUNE)
    assert await desk.print(first, "zh") == body
    assert hashlib.sha256(body).hexdigest() == first.prints["zh"]
    paper = await desk.paper(second, "en")
    assert paper.sections[0].heading == "What changed"
    assert paper.sections[0].sheet is not None
    assert ["By problem: Contract", "This period", "6", "13"] in [list(row) for row in paper.sections[0].sheet.rows]
    assert "edition 2" in paper.foot
    await rebuild(world.database)
    [public] = await desk.published()
    assert (public.edition, public.papers) == (2, second.papers)
    assert (await desk.public("month", JUNE.first, public.scope)).edition == 2
    await desk.withdraw(reader, "month", JUNE, True, "数字有误")
    assert list(await desk.published()) == []
    assert (await desk.public("month", JUNE.first, public.scope)).withdrawn == "数字有误"


async def test_a_file_that_is_not_what_was_issued_is_not_shown(world: World, tmp_path: Path) -> None:
    await received(world, "contract", 6)
    reader, desk = await supervisor(world), issued(world, tmp_path)
    await desk.issue(reader, "month", JUNE, TODAY, public=False)
    [one] = await desk.editions(reader, "month", JUNE)
    path = tmp_path / "bulletins" / f"{one.prints['zh']}.pdf"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused, match="unreadable"):
        await desk.print(one, "zh")
    with pytest.raises(Refused, match="not_found"):
        await desk.public("month", JUNE.first, one.scope)  # an internal one is nobody else's


async def test_an_office_and_its_bureau_do_not_both_publish_the_month(world: World, tmp_path: Path) -> None:
    await received(world, "contract", 6)
    reader, desk = await supervisor(world), issued(world, tmp_path)
    await desk.issue(reader, "month", JUNE, TODAY, public=True)
    await world.store.oversee(reader.id, [SECOND.id])
    with pytest.raises(Refused, match="small_cells") as no:
        await desk.issue(reader, "month", JUNE, TODAY, public=True)
    assert no.value.params == {"office": reader.office.name}


async def test_the_case_an_officer_chose_is_frozen_into_the_edition_and_missed_once_it_is_gone(
    world: World, tmp_path: Path
) -> None:
    await received(world, "contract", 6)
    reader, desk = await supervisor(world), issued(world, tmp_path)
    await told(world, "first", "price")
    world.move(hours=1)
    await told(world, "second", "price")
    with pytest.raises(Refused, match="bad_choice"):
        await desk.choose_case(reader, "month", JUNE, False, "case", "none such")
    await desk.choose_case(reader, "month", JUNE, False, "case", "first")
    await desk.issue(reader, "month", JUNE, TODAY, public=False)
    await desk.choose_case(reader, "month", JUNE, False, "none", "")
    await desk.issue(reader, "month", JUNE, TODAY, public=False)
    with pytest.raises(Refused, match="unchanged"):
        await desk.issue(reader, "month", JUNE, TODAY, public=False)
    await desk.choose_case(reader, "month", JUNE, False, "rule", "")
    await desk.issue(reader, "month", JUNE, TODAY, public=False)
    await desk.issue(reader, "month", JUNE, TODAY, public=True)
    *editions, public = await desk.editions(reader, "month", JUNE)
    papers = [await desk.paper(one, "en") for one in editions]
    shown = [next((part.case.id for part in one.sections if part.case), "") for one in papers]
    assert shown == ["first", "", "second"]
    assert [papers[n].sections[0].sentences[1] for n in (1, 2)] == [
        "It tells no typical case any more.",
        "It tells another typical case.",
    ]
    assert public.edition == 1
    await CaseService(world.journal, world.clock.now).submit("first", WithdrawCase("有误"), LIN)
    assert [one.case_gone for one in await desk.editions(reader, "month", JUNE)] == [True, False, False, False]
    assert await desk.paper(editions[0], "en") == papers[0]
    await desk.choose_case(reader, "month", JUNE, True, "case", "second")
    await CaseService(world.journal, world.clock.now).submit("second", WithdrawCase("有误"), LIN)
    made = await bulletins(world).bulletin(reader, "month", JUNE, TODAY, public=True)
    assert (made.case, made.untold) == (None, "gone")


async def test_figures_of_an_edition_from_before_there_were_cases_are_the_same_figures(world: World) -> None:
    await received(world, "contract", 6)
    made = await bulletins(world).bulletin(await supervisor(world), "month", JUNE, TODAY, public=False)
    assert made.case is None
    before = {name: value for name, value in asdict(made).items() if name not in ("case", "untold", "advice")}
    kept = json.dumps(before, default=str, ensure_ascii=False, sort_keys=True)
    assert figures_digest(made) == hashlib.sha256(kept.encode()).hexdigest()
