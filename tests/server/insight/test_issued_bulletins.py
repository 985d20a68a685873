"""Bulletins as they were issued, on a real database: the same bytes ever after, and a new edition says what changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from journal.refusals import Refused
from server.db.projections import rebuild
from server.insight.bulletins import IssuedBulletinService
from tests.server.app.office import SECOND, World
from tests.server.insight.test_bulletins import JUNE, TODAY, bulletins, received, supervisor
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
