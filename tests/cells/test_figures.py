"""A province adds up what its cities count and sign: three installations over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from complaints.commands import Accept
from complaints.complaint import deadlines, local_day
from complaints.statistics.views import ProvinceFigures
from journal.refusals import Refused
from server import cells as wire
from server.cells import store
from server.cells.store import CellFigures, content_digest, standard
from tests.cells import CITY, OTHER, PROVINCE, Cell, complaint, installations

LONG_AGO = datetime.now(UTC) - timedelta(days=40)
MONTH = f"{local_day(LONG_AGO, CITY.zone):%Y-%m}"


@pytest.fixture(autouse=True)
def few_months(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of them is asked for in just the same way."""
    monkeypatch.setattr(store, "MONTHS", 3)


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[tuple[Cell, Cell, Cell]]:
    async with installations(tmp_path, PROVINCE, CITY, OTHER) as (province, city, other):
        for cell in (city, other):
            await province.knows(cell, "below")
            await cell.knows(province, "above")
        yield province, city, other


async def received(cell: Cell, count: int) -> list[str]:
    return [await cell.parts.desk.register(cell.mediator, complaint(LONG_AGO)) for _ in range(count)]


async def fetched(province: Cell) -> ProvinceFigures:
    await province.cells.figures.pull_now(province.supervisor)
    return await province.cells.figures.province(province.supervisor, MONTH)


async def test_what_cities_count_is_added_up_and_each_stands_beside_it(three: tuple[Cell, Cell, Cell]) -> None:
    province, city, other = three
    await received(city, 3)
    await received(other, 2)
    seen = await fetched(province)
    assert seen.total["received@1"].value == 5
    assert seen.total["disputed_amount@1"].value == 5 * 2360
    assert {one.name: figures["received@1"].value for one, figures in seen.cells} == {CITY.name: 3, OTHER.name: 2}
    assert [one.standing for one, _ in seen.cells] == ["here", "here"]
    one = await province.cells.figures.one(province.supervisor, seen.cells[0][0].id, MONTH)
    assert [day for day, _ in one.days] == [f"{local_day(LONG_AGO, CITY.zone)}"]
    kept = (await province.cells._at.store.bodies(MONTH))[one.standing.id]
    key = (await province.cells._at.store.known(one.standing.id)).key  # type: ignore[union-attr]
    signed = wire.read(wire.Signed(kept[1], kept[2]), key, (await province.cells.own()).id)  # checked again
    assert isinstance(signed, wire.Figures)
    assert "丁小禾" not in kept[1]


async def test_a_share_is_divided_once_over_the_whole_province(three: tuple[Cell, Cell, Cell]) -> None:
    province, city, other = three
    filed = ""
    for cell, count, accepted in ((city, 3, True), (other, 1, False)):
        for one in await received(cell, count):
            filed = filed or one
            if accepted:
                await cell.parts.complaints.submit(one, Accept(), cell.mediator.actor)
    await fetched(province)
    due = deadlines(await city.state(filed), CITY.zone)[0].due
    seen = await province.cells.figures.province(province.supervisor, f"{due:%Y-%m}")
    figure = seen.total["on_time_decision@3"]
    assert (figure.bottom, str(figure.value)) == (4, "0.0")  # all were due, and nobody was told in time


async def test_who_has_sent_nothing_is_named_and_counts_for_nothing(three: tuple[Cell, Cell, Cell]) -> None:
    province, city, other = three
    await received(city, 1)
    await other.close()
    seen = await fetched(province)
    assert [(one.name, one.standing, one.error[:11]) for one in seen.absent] == [(OTHER.name, "missing", "unreachable")]
    assert seen.total["received@1"].value == 1


async def test_figures_that_end_too_early_are_late(three: tuple[Cell, Cell, Cell]) -> None:
    province, city, _ = three
    figures = province.cells.figures
    early = datetime.now(UTC).replace(day=1) - timedelta(days=20)
    city.cells.figures._now = lambda: early
    await figures.pull_now(province.supervisor)
    seen = await figures.province(province.supervisor, f"{early:%Y-%m}")
    assert [one.name for one in seen.absent if one.standing == "late"] == [CITY.name]


async def test_a_correction_is_a_new_edition_and_the_one_before_is_kept(three: tuple[Cell, Cell, Cell]) -> None:
    province, city, _ = three
    await received(city, 1)
    await fetched(province)
    await fetched(province)  # nothing has changed, so nothing is added
    await received(city, 1)  # registered late
    seen = await fetched(province)
    (standing,) = [one for one, _ in seen.cells if one.name == CITY.name]
    assert standing.edition is not None
    assert (standing.edition.edition, standing.edition.corrects) == (2, True)
    assert seen.total["received@1"].value == 2
    first = await province.cells.figures.one(province.supervisor, standing.id, MONTH, 1)
    assert [first.total["received@1"].value, *(one.edition for one in first.editions)] == [1, 1, 2]


async def test_only_the_bureau_above_reads_figures(tmp_path: Path) -> None:
    async with installations(tmp_path, PROVINCE, CITY) as (province, city):
        await province.knows(city, "below")
        await city.knows(province, "peer")
        seen = await fetched(province)
        assert [(one.standing, one.error) for one in seen.absent] == [("missing", "declined: not_allowed")]
        with pytest.raises(Refused):
            await province.cells.figures.province(province.mediator, MONTH)


@pytest.mark.parametrize("what", ["rows", "month", "key"])
async def test_figures_that_are_not_what_was_signed_are_not_kept(
    three: tuple[Cell, Cell, Cell], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    province, city, other = three
    await received(city, 2)
    publish = CellFigures.published

    async def forged(self: CellFigures, asked: wire.FiguresRequest, zone: str, head: dict[str, Any]) -> wire.Document:
        made = await publish(self, asked, zone, head)
        if not isinstance(made, wire.Figures):
            return made
        if what == "rows":  # the hash says otherwise
            return made.model_copy(update={"rows": made.rows[1:]})
        return made.model_copy(update={"month": "2020-01"})

    if what == "key":
        known = await province.cells._at.store.known((await city.cells.own()).id)
        assert known is not None
        await province.cells._at.store.put(replace(known, key=(await other.cells.own()).key))
    else:
        monkeypatch.setattr(CellFigures, "published", forged)
    await province.cells.figures.pull_now(province.supervisor)
    assert await province.cells._at.store.editions(MONTH, (await city.cells.own()).id) == []


async def test_another_standard_is_said(three: tuple[Cell, Cell, Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    province, city, _ = three
    await received(city, 1)
    publish = CellFigures.published

    async def other(self: CellFigures, asked: wire.FiguresRequest, zone: str, head: dict[str, Any]) -> wire.Document:
        made = await publish(self, asked, zone, head)
        if not isinstance(made, wire.Figures):
            return made
        by = "0" * 64
        strange = made.rows[0].model_copy(update={"statistic": "happiness@1"}) if made.rows else None
        rows = (*made.rows, *([strange] if strange else []))
        digest = content_digest(made.month, made.through, by, rows)
        return made.model_copy(update={"standard": by, "digest": digest, "rows": rows})

    monkeypatch.setattr(CellFigures, "published", other)
    seen = await fetched(province)
    assert [one.other for one, _ in seen.cells] == [True, True]
    assert seen.total["received@1"].value == 1
    assert standard() != "0" * 64
