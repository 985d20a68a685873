"""Views of the list that an officer keeps by name."""

from __future__ import annotations

import pytest

from journal.refusals import Refused
from server.complaints.officer_store import MOST, ViewStore
from tests.server.app.office import World


async def test_a_view_is_its_officers_alone_and_one_of_the_same_name_replaces_it(world: World) -> None:
    store = ViewStore(world.database)
    await store.keep(world.zhou, "逾期", "due=late")
    await store.keep(world.zhou, "逾期", "due=late&channel=hotline")
    assert await store.views(world.zhou) == [("逾期", "due=late&channel=hotline")]
    assert await store.views(world.other) == []
    await store.drop(world.other, "逾期")
    assert len(await store.views(world.zhou)) == 1
    await store.drop(world.zhou, "逾期")
    assert await store.views(world.zhou) == []


async def test_there_are_no_more_of_them_than_fit_above_the_list(world: World) -> None:
    store = ViewStore(world.database)
    for n in range(MOST):
        await store.keep(world.zhou, f"视图{n}", "due=late")
    with pytest.raises(Refused) as no:
        await store.keep(world.zhou, "再一个", "due=late")
    assert (no.value.code, no.value.params) == ("too_many_views", {"most": MOST})
    await store.keep(world.zhou, "视图0", "due=today")
