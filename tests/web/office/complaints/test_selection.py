"""Several complaints of the list at once: looked at first, then done, with one report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.client import Answer, Browser
from tests.web.fakes import ZHOU, World
from tests.web.fakes.desk.triage import triage_page
from web.office.complaints import desk


@pytest.fixture(autouse=True)
def three(world: World) -> None:
    """c0 and c1 are clear, c2 is accepted."""
    page = world.complaints.pages["c0"]
    for n, state in enumerate(("registered", "registered", "accepted")):
        row = replace(page.row, id=f"c{n}", number=f"东高一投〔2026〕000{n}号", state=state)
        world.complaints.keep(replace(page, row=row, triage=triage_page("充值的积分没有用完，要求退款。")))


async def chosen(zhou: Browser, *fields: tuple[str, str]) -> Answer:
    """Posted as the list's form; a field may be there several times."""
    sent = [("csrf", zhou.token), *fields]
    response = await zhou.client.post(
        "/complaints/selection", data=sent, headers=zhou.headers, cookies=zhou.cookies, allow_redirects=False
    )
    return await zhou._answer(response)


async def test_a_preview_says_what_goes_and_what_is_left_out_and_nothing_happens(world: World, zhou: Browser) -> None:
    assert 'name="of" value="c0" form="selection"' in (await zhou.get("/complaints")).text
    page = await chosen(zhou, ("of", "c0"), ("of", "c1"), ("of", "c2"), ("act", "accept"))
    assert "Ready: 2 of 3." in page.text
    assert page.text.count("您的投诉已受理。") == 2  # what each would be sent
    assert "It is accepted or refused already." in page.text
    assert not world.queue.held


async def test_only_an_office_that_receives_for_the_bureau_is_offered_to_dispatch(
    zhou: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (await zhou.get("/complaints")).text
    assert 'value="assign"' in page
    assert 'value="dispatch"' not in page
    monkeypatch.setattr(desk, "officer_in", lambda _: replace(ZHOU, office=replace(ZHOU.office, intake=True)))
    assert 'value="dispatch"' in (await zhou.get("/complaints")).text


async def test_what_goes_is_held_with_one_report_and_one_undo(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints")
    several = [("of", "c0"), ("of", "c1"), ("of", "c2"), ("act", "accept"), ("sure", "yes")]
    page = await chosen(zhou, *several)
    assert "Done: 2 of 3." in page.text
    assert sorted(world.queue.held) == ["c0", "c1"]
    page = await chosen(zhou, ("of", "c0"), ("of", "c1"), ("act", "undo"))
    assert "Done: 2 of 2." in page.text
    assert not world.queue.held


async def test_nothing_chosen_is_no_fault(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints")
    assert "No complaint was chosen." in (await chosen(zhou, ("act", "accept"))).text


async def test_registration_forms_come_as_one_file(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints")
    page = await chosen(zhou, ("of", "c0"), ("act", "print"))
    assert "Ready: 1 of 1." in page.text
