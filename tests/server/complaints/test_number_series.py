"""Papers are numbered in the words their authority was given, and no number is given twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from complaints.notices import AGREEMENT, NoticeKind as K
from journal.numbers import SAMPLE_MARK
from journal.refusals import Refused
from offices import Officer
from server.app.demo import ADMINISTRATOR, OFFICE
from server.identity.offices import STREAM, OfficeRegister
from tests.server.app.office import FIRST, SECOND, World
from tests.server.cli.test_offices import run
from tests.server.complaints.test_notices import (
    Desk,
    desk as desk,  # a fixture
)
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.server.signing.sittings import (
    Room,
    room as room,  # a fixture
)

WORDS: dict[str, str] = {K.ACCEPTANCE: "东市监投受"}


def bureau(world: World) -> Officer:
    return replace(world.zhou, role="administrator", office=replace(world.zhou.office, intake=True))


def register(world: World) -> OfficeRegister:
    return OfficeRegister(world.store, world.journal, world.clock.now)


async def accepted(desk: Desk, officer: Officer) -> str:
    complaint = await desk.world.register(officer)
    await desk.world.desk.accept(officer, complaint)
    return complaint


async def test_two_offices_that_share_words_share_one_count_without_leading_zeros(desk: Desk) -> None:
    for office in (FIRST, SECOND):
        await register(desk.world).number(bureau(desk.world), office.id, WORDS)
    first = await accepted(desk, desk.world.zhou)
    assert await desk.issue(first, K.ACCEPTANCE) == "东市监投受〔2026〕1号"
    desk.world.zhou, one = desk.world.other, desk.world.zhou
    second = await accepted(desk, desk.world.zhou)
    assert await desk.issue(second, K.ACCEPTANCE) == "东市监投受〔2026〕2号"
    desk.world.zhou = one
    assert await desk.issue(first, K.ACCEPTANCE, replaces="东市监投受〔2026〕1号") == "东市监投受〔2026〕3号"
    other_kind = await desk.world.register()
    assert await desk.issue(other_kind, K.IDENTITY) == "东高一投核〔2026〕0001号"  # as before


async def test_a_sealed_paper_has_the_authoritys_words_too(room: Room) -> None:
    await register(room.world).number(bureau(room.world), FIRST.id, {AGREEMENT: "东市监投调"})
    await room.signing.offer(room.world.zhou, room.session)
    assert (await room.current()).number == "东市监投调〔2026〕1号"


@pytest.mark.parametrize(
    "words",
    [
        {K.ACCEPTANCE: "东高一投受"},  # this office's usual ones, which count on
        {K.REFUSAL: "东高二投终"},  # another office's
        {K.REFUSAL: "东高一投"},  # complaints'
        {K.REFUSAL: "东市监投", AGREEMENT: "东市监投"},  # notices and sealed papers are counted apart
        {K.REFUSAL: "东市监〔2026〕"},
        {K.REFUSAL: "长" * 21},
        {"poem": "东市监诗"},
    ],
)
async def test_words_that_would_give_a_number_twice_are_refused_and_say_where(
    world: World, words: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="bad_choice") as no:
        await register(world).number(bureau(world), FIRST.id, words)
    assert no.value.params["field"] in words
    assert await world.store.words(FIRST.id) == {}
    assert await world.journal.read(STREAM) == []


async def test_no_office_is_added_whose_usual_numbers_are_somebodys_words(world: World) -> None:
    await register(world).number(bureau(world), FIRST.id, WORDS)
    with pytest.raises(Refused, match="bad_choice"):
        await register(world).add(bureau(world), replace(SECOND, id="third", number_prefix="东市监投"))


async def test_the_words_are_given_on_the_offices_page_and_stand_in_the_journal(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    page = await admin.get(f"/offices?change={OFFICE.id}")
    assert "东高一投受" in page.text  # what stands there without
    assert (await admin.post(f"/offices/{OFFICE.id}/series", {"series_acceptance": "东市监投受"})).status == 303
    page = await admin.get(f"/offices?change={OFFICE.id}")
    assert 'value="东市监投受"' in page.text
    assert "words of numbers — → 东市监投受" in page.text
    assert f'value="{OFFICE.phone}"' in page.text
    [changed] = await place.parts.journal.read(STREAM)
    assert changed.data["changes"] == {"series.acceptance": ["", "东市监投受"]}
    answer = await admin.post(f"/offices/{OFFICE.id}/series", {"series_acceptance": f"{SAMPLE_MARK}东高一投受"})
    assert answer.status == 422
    assert f'value="{SAMPLE_MARK}东高一投受"' in answer.text
    assert f'value="{OFFICE.name}"' in answer.text


def test_the_words_are_given_at_the_command_line(tmp_path: Path) -> None:
    new = ("--name", "二所", "--short", "二所", "--phone", "027-1", "--prefix", "东高二")
    assert run(tmp_path, "add", "two", *new, "--administrator", "admin-2")[0] == 0
    assert run(tmp_path, "series", "two", "refusal", "东市监投不受") == (0, "two numbers refusal by 东市监投不受\n")
    assert run(tmp_path, "series", "two", "poem", "东市监诗")[0] == 1
    assert run(tmp_path, "series", "nowhere", "refusal", "东市监投不受")[0] == 1
