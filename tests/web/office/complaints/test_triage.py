"""Triage beside the record, and an office's areas."""

from __future__ import annotations

from dataclasses import replace

from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import ADMIN, World
from web.http import cookies


async def admin_of(zhou: Browser, world: World) -> Browser:
    person = await another(zhou)
    person.sign_in(world.identity.token(ADMIN.login))
    person.cookies[cookies.LANGUAGE] = "en"
    return person


async def test_the_panel_shows_each_suggestion_with_the_words_that_led_to_it(zhou: Browser) -> None:
    page = (await zhou.get("/complaints/c0")).text
    assert '<option value="H62" selected>H62 Catering</option>' in page
    assert '<option value="safety" selected>Safety</option>' in page
    assert 'value="damages" checked' in page
    assert 'value="children" checked' in page
    assert 'name="also_reports" value="yes" checked' in page
    assert "<mark>火锅店</mark>" in page
    assert 'value="湖北省武汉市洪山区"' in page
    assert "not confirmed" in page
    assert "12315 calls it: Somebody was hurt" in page


async def test_one_key_confirms_all_and_a_change_is_noted_as_one(world: World, zhou: Browser) -> None:
    assert 'data-key="F8"' in (await zhou.get("/complaints/c0")).text
    answers = {
        "industry_code": "H62", "problem_class": "safety", "requests": "damages", "urgency": "injury",
        "division": "湖北省武汉市洪山区", "jurisdiction": "a1", "also_reports": "yes",
    }  # fmt: skip
    answer = await zhou.post("/complaints/c0/triage", answers)
    assert answer.location == "/complaints/c0#triage"
    (confirmed,) = world.triage.confirmed
    assert confirmed.urgency == ("injury",)
    assert confirmed.changed == ("urgency",)
    page = (await zhou.get("/complaints/c0")).text
    assert "Confirm again" in page
    assert 'value="children" checked' not in page


async def test_a_place_that_names_several_is_asked_about_and_nothing_typed_is_lost(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    answer = await zhou.post("/complaints/c0/triage", {"industry_code": "P83", "division": "朝阳区"})
    assert answer.status == 422
    assert "write the city too" in answer.text
    assert '<option value="P83" selected>' in answer.text
    assert 'value="朝阳区"' in answer.text
    assert not world.triage.confirmed


async def test_a_supervisor_reads_the_panel_and_cannot_confirm(world: World, aiohttp_client: AiohttpClient) -> None:
    lin = await browser(aiohttp_client, world.app())
    lin.sign_in(world.identity.token("lin"))
    page = await lin.get("/complaints/c0")
    assert "data-key" not in page.text
    assert (await lin.post("/complaints/c0/triage", {})).status == 403


async def test_an_administrator_draws_changes_and_removes_an_area(world: World, zhou: Browser) -> None:
    admin = await admin_of(zhou, world)
    assert "No area yet" in (await admin.get("/jurisdictions")).text
    wrong = await admin.post("/jurisdictions", {"name": "光谷", "divisions": "朝阳区", "words": "光谷步行街"})
    assert wrong.status == 422
    assert "There is no such division" in wrong.text
    assert "光谷步行街" in wrong.text
    await admin.post("/jurisdictions", {"name": "光谷", "divisions": "武汉市洪山区", "words": "光谷步行街，东湖高新"})
    (area,) = world.jurisdictions.known.values()
    assert (area.divisions, area.words) == (("420111",), ("光谷步行街", "东湖高新"))
    assert "湖北省武汉市洪山区" in (await admin.get("/jurisdictions")).text
    assert 'value="光谷"' in (await admin.get(f"/jurisdictions?area={area.id}")).text
    await admin.post(f"/jurisdictions/{area.id}/drop")
    assert world.jurisdictions.known == {}


async def test_an_area_needs_something_to_be_found_by(world: World, zhou: Browser) -> None:
    admin = await admin_of(zhou, world)
    await admin.get("/jurisdictions")
    assert (await admin.post("/jurisdictions", {"name": "空"})).status == 422
    assert (await admin.post("/jurisdictions", {"name": "短", "words": "街"})).status == 422
    assert world.jurisdictions.known == {}


async def test_a_shop_on_a_platform_brings_the_rule_on_its_seat(world: World, zhou: Browser) -> None:
    assert "platform’s domicile" not in (await zhou.get("/complaints/c0")).text
    page = world.complaints.pages["c0"]
    bought = replace(page.record, object=replace(page.record.object, platform="拼多多"))
    world.complaints.keep(replace(page, record=bought))
    assert "Bought through 拼多多" in (await zhou.get("/complaints/c0")).text
