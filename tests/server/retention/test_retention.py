"""The years things are kept, in the journal: the operator's by a start, others within bounds, each with who and why."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from journal import SYSTEM, Actor, Draft, sealed
from journal.refusals import Refused
from rooms.commands import PlaceHold
from rooms.record.rules import GRACE
from rooms.vocabulary import OutcomeKind
from server.retention.erasure import (
    CHANGED,
    FILES,
    KINDS,
    LEADS,
    OUTCOMES,
    SET,
    STREAM,
    Erasures,
    Years,
    bounds,
    fold,
    retention,
)
from server.retention.service import Approved, RetentionBook, read, shown, written
from server.rooms.store import SqlRecords
from server.serving.settings import Settings
from tests.server.app.office import NOW, World
from tests.server.retention.test_erasure import SUPERVISOR, YEAR, Vault

CHIEF = Actor("officer", "u-he", "何静", "administrator", "office-1")
THREE = Years(3, (("ended", 1),), 10)


def book(world: World, years: Years = THREE, least: int = 1, lead_least: int = 2) -> RetentionBook:
    return RetentionBook(world.journal, years, least, lead_least, {"told two": 2}.get, world.clock.now)


async def test_a_start_with_other_years_is_noted_and_one_with_the_same_is_not(world: World) -> None:
    two = Years(2, (), 10)
    for years in (THREE, THREE, two, two, Years(2, (), 5)):
        await book(world, years).begin()
    told = await world.journal.read(STREAM)
    assert {event.type for event in told} == {SET}
    first, second, third = (event.data for event in told)
    three = {"years": 3, "rules": {"ended": 1}, "lead_years": 10, "file_years": 10}
    assert first == {**three, "before": None}
    assert (second["years"], second["before"]) == (2, three)
    assert (third["lead_years"], third["before"]["lead_years"]) == (5, 10)


async def test_a_change_stays_over_starts_until_the_operator_sets_other_years(world: World) -> None:
    kept = book(world)
    await kept.begin()
    before = (await kept.rule()).periods
    assert await kept.change(CHIEF, before, {**before, "settled": 2}, " 库房有限 ", Approved("a1", "罗建国"))
    await book(world).begin()
    rule = await book(world).rule()
    assert (rule.version, rule.periods["settled"], rule.periods["ended"], rule.periods[FILES]) == (2, 2, 1, 10)
    (_, changed) = await world.journal.read(STREAM)
    assert (changed.type, changed.actor, changed.data["reason"], changed.data["second"]) == (
        CHANGED, CHIEF, "库房有限", "罗建国",
    )  # fmt: skip
    await book(world, Years(4, (), 10)).begin()
    assert (await book(world).rule()).periods == {**dict.fromkeys(KINDS, 4), FILES: 10, LEADS: 10}
    newest, middle, oldest = shown(await book(world).history())
    assert (oldest.operator, oldest.before, oldest.after[FILES]) == (True, {}, 10)
    assert (middle.operator, middle.before, middle.after, middle.approval) == (
        False, {"settled": 3}, {"settled": 2}, "a1",
    )  # fmt: skip
    assert newest.operator
    assert "leads" not in newest.after


async def test_an_installation_from_before_files_had_years_gets_them_and_keeps_what_a_desk_changed(
    world: World,
) -> None:
    old = {"years": 3, "rules": {}, "lead_years": 10}
    await world.journal.append(STREAM, 0, [Draft(SET, {**old, "before": None}, world.clock.now(), SYSTEM)])
    changed = {
        "before": {"settled": 3},
        "after": {"settled": 2},
        "reason": "库房有限",
        "approval": "a1",
        "second": "罗",
    }
    await world.journal.append(STREAM, 1, [Draft(CHANGED, changed, world.clock.now(), CHIEF)])
    kept = book(world, Years(3, (), 10))
    assert (await kept.rule()).periods[FILES] == 3, "as it was then"
    await kept.begin()
    rule = await kept.rule()
    assert (rule.periods["settled"], rule.periods["ended"], rule.periods[FILES], rule.version) == (2, 3, 10, 3)
    await kept.begin()
    assert len(await world.journal.read(STREAM)) == 3


def test_no_setting_keeps_a_file_for_fewer_than_ten_years(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).file_years == 10
    with pytest.raises(ValidationError):
        Settings(data=tmp_path, file_years=9)


async def test_one_approval_changes_once_and_nothing_is_changed_that_is_not_as_it_was(world: World) -> None:
    kept = book(world)
    await kept.begin()
    before = (await kept.rule()).periods
    after = {**before, "settled": 1}
    assert await kept.change(CHIEF, before, after, "x", Approved("a1", "罗建国"))
    assert not await kept.change(CHIEF, before, after, "x", Approved("a1", "罗建国"))  # as after a crash
    with pytest.raises(Refused, match="changed_since"):
        await kept.change(CHIEF, before, {**before, "settled": 2}, "x", Approved("a2", "罗建国"))
    assert await kept.change(CHIEF, before, {**before, "not_settled": 2}, "x")  # of another kind it is
    assert len(await world.journal.read(STREAM)) == 3


async def test_two_at_once_are_one_after_the_other(world: World) -> None:
    first, second = book(world), book(world)
    await first.begin()
    before = (await first.rule()).periods
    results = await asyncio.gather(
        first.change(CHIEF, before, {**before, "settled": 2}, "x"),
        second.change(CHIEF, before, {**before, "settled": 1}, "y"),
        return_exceptions=True,
    )
    assert len([one for one in results if one is True]) == 1
    assert [one.code for one in results if isinstance(one, Refused)] == ["changed_since"]


@pytest.mark.parametrize(
    ("kind", "years"), [("settled", 0), ("settled", 4), ("leads", 1), ("leads", 11), ("files", 1), ("ended", -1)]
)
async def test_no_change_leaves_the_bounds(world: World, kind: str, years: int) -> None:
    kept = book(world, Years(3, (), 10), least=2)
    await kept.begin()
    before = (await kept.rule()).periods
    with pytest.raises(Refused, match="beyond_limits"):
        await kept.change(CHIEF, before, {**before, kind: years}, "x")
    with pytest.raises(Refused, match="missing"):
        await kept.change(CHIEF, before, {**before, "settled": 2}, " ")
    assert len(await world.journal.read(STREAM)) == 1


async def test_a_start_with_a_higher_least_lengthens_what_lies_below(world: World) -> None:
    kept = book(world, Years(3, (), 10))
    await kept.begin()
    before = (await kept.rule()).periods
    await kept.change(CHIEF, before, {**before, "settled": 1, LEADS: 2}, "x")
    await book(world, Years(3, (), 10), least=2, lead_least=5).begin()
    rule = await kept.rule()
    assert (rule.periods["settled"], rule.periods[LEADS], rule.version) == (2, 5, 3)
    assert (await world.journal.read(STREAM))[-1].actor == SYSTEM


async def test_what_a_change_makes_due_has_its_grace_and_the_rule_is_named(world: World) -> None:
    kept = book(world, Years(3, (), 10))
    await kept.begin()
    closed = world.clock.now() - timedelta(days=2 * 366)
    before = (await kept.rule()).periods
    await kept.change(CHIEF, before, {**before, "settled": 1}, "x")
    changed = world.clock.now()
    rule = await kept.retention()
    assert (rule.version, rule.due(closed, "settled")) == (2, changed + GRACE)
    world.move(seconds=GRACE.total_seconds())
    over = await kept.retention()
    assert over.before is None
    assert over.due(closed, "settled") <= world.clock.now()


async def test_the_erasing_reads_the_rule_in_force_gives_it_its_grace_and_names_it(
    world: World, tmp_path: Path
) -> None:
    vault, kept = Vault(world, tmp_path), book(world, Years(3, (), 10))
    await kept.begin()
    gone, held = await vault.closed(OutcomeKind.ENDED), await vault.closed(OutcomeKind.ENDED)
    other = await vault.closed()
    erasures = Erasures(
        vault.shelf, world.journal, world.rooms, SqlRecords(world.database), kept.retention, world.clock.now
    )
    world.move(seconds=YEAR)
    await world.rooms.submit(held, PlaceHold("诉讼中"), SUPERVISOR)
    before = (await kept.rule()).periods
    await kept.change(CHIEF, before, {**before, "ended": 1}, "x")
    assert await erasures.look()
    assert [await vault.erased(one) for one in (gone, held, other)] == [None] * 3  # its grace runs
    world.move(seconds=GRACE.total_seconds())
    assert await erasures.look()
    assert await vault.erased(gone) is not None
    assert [await vault.erased(one) for one in (held, other)] == [
        None
    ] * 2  # the one kept back, the other of another kind
    state = (await world.rooms.state(gone)).erasure
    assert state is not None
    assert (state.due, state.years, state.rule) == (True, 1, 2)


@given(st.lists(st.dictionaries(st.sampled_from(KINDS), st.integers(0, 12), min_size=1), max_size=8),
       st.integers(1, 3), st.integers(1, 6))  # fmt: skip
def test_the_newest_entry_is_in_force_and_the_history_tells_every_step(
    changes: list[dict[str, int]], least: int, lead_least: int
) -> None:
    operator = Years(4, (("ended", 3),), 9)
    limits = bounds(operator, least, lead_least)
    drafts = [Draft(SET, {**operator.data, "before": None}, NOW, SYSTEM)]
    now = dict(operator.periods)
    for step in changes:
        after = limits.within({**now, **step})
        drafts.append(Draft(CHANGED, {"before": now, "after": dict(after), "reason": "x", "approval": "", "second": ""},
                            NOW, CHIEF))  # fmt: skip
        now = dict(after)
    entries = sealed(STREAM, 0, "", drafts)
    rule = fold(entries)
    assert rule.periods == now
    assert all(limits.holds(kind, now[kind]) for kind in KINDS)
    back = dict(now)
    for one in shown(entries[::-1])[:-1]:
        assert all(back[kind] == n for kind, n in one.after.items())
        back |= one.before
    assert back == operator.periods
    assert retention(rule, lambda text: None, NOW).ruled("settled") == now["settled"]
    assert read(written(now)) == now
    assert set(OUTCOMES) < set(KINDS)
