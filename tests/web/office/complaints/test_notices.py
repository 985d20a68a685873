"""Notices on the complaint's page, without script: what is owed, issuing, looking, issuing again, withdrawing."""

from __future__ import annotations

from urllib.parse import unquote

from tests.web.client import AiohttpClient, Browser, another
from tests.web.fakes import LIN, World
from web.http import cookies


async def test_what_is_owed_is_issued_with_one_press_from_the_complaints_page(world: World, zhou: Browser) -> None:
    world.notices.stand("c0", "acceptance")
    page = await zhou.get("/complaints/c0")
    assert 'action="/complaints/c0/notices/acceptance"' in page.text
    assert "within seven working days of receipt" in page.text
    answer = await zhou.post("/complaints/c0/notices/acceptance")
    assert (answer.status, answer.location) == (303, "/complaints/c0#notices")
    page = await zhou.get("/complaints/c0")
    for part in ("东高一投受〔2026〕0001号", "In force", "message waiting to be sent", "hand the sheet over"):
        assert part in page.text, part
    assert "Issue it and tell them" not in page.text


async def test_a_note_can_be_added_and_the_sheet_looked_at_first(world: World, zhou: Browser) -> None:
    world.notices.stand("c0", "acceptance")
    page = await zhou.get("/complaints/c0/notices/acceptance")
    assert 'formaction="/complaints/c0/notices/acceptance/preview"' in page.text
    answer = await zhou.post("/complaints/c0/notices/acceptance/preview", {"note": "请带发票", "english": "on"})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "投诉受理通知书（草稿）.pdf" in unquote(answer.headers["Content-Disposition"])
    assert (world.notices.wishes[-1].note, world.notices.wishes[-1].english) == ("请带发票", True)
    assert (await zhou.post("/complaints/c0/notices/acceptance", {"note": "请带发票"})).status == 303


async def test_what_is_wrong_with_it_stands_above_its_field(world: World, zhou: Browser) -> None:
    world.notices.stand("c0", "dispatch")
    await zhou.get("/complaints/c0/notices/dispatch")
    page = await zhou.post("/complaints/c0/notices/dispatch", {"receiver": " ", "note": "留着"})
    assert page.status == 422
    assert 'id="receiver-error"' in page.text
    assert "留着" in page.text
    page = await zhou.post("/complaints/c0/notices/dispatch", {"receiver": "二所", "note": "长" * 2_001})
    assert 'id="note-error"' in page.text
    page = await zhou.post("/complaints/c0/notices/dispatch/preview", {"receiver": ""})
    assert page.status == 422
    assert world.notices.wishes == []


async def test_issuing_again_says_which_one_it_replaces(world: World, zhou: Browser) -> None:
    world.notices.stand("c0", "acceptance")
    await zhou.get("/complaints/c0")
    await zhou.post("/complaints/c0/notices/acceptance")
    page = await zhou.get("/complaints/c0/notices/acceptance")
    assert 'name="replaces" value="东高一投受〔2026〕0001号"' in page.text
    answer = await zhou.post("/complaints/c0/notices/acceptance", {"note": ""})
    assert answer.status == 409  # pressed on a page that did not know of the first
    assert "0001号" in answer.text
    await zhou.post("/complaints/c0/notices/acceptance", {"replaces": "东高一投受〔2026〕0001号"})
    page = await zhou.get("/complaints/c0")
    assert "replaces 东高一投受〔2026〕0001号" in page.text
    assert "replaced by 东高一投受〔2026〕0002号" in page.text


async def test_a_notice_is_withdrawn_with_a_reason(world: World, zhou: Browser) -> None:
    world.notices.stand("c0", "acceptance")
    await zhou.get("/complaints/c0")
    await zhou.post("/complaints/c0/notices/acceptance")
    page = await zhou.post("/complaints/c0/notices/issued/n1/withdraw", {"reason": " "})
    assert page.status == 422
    assert "those who got it are told this sentence" in page.text
    answer = await zhou.post("/complaints/c0/notices/issued/n1/withdraw", {"reason": "日期写错"})
    page = await zhou.get(answer.location)
    assert "withdrawn: 日期写错" in page.text
    assert "Withdraw it" not in page.text


async def test_the_issued_sheet_is_opened_under_its_own_name_and_kept_by_no_cache(world: World, zhou: Browser) -> None:
    world.notices.stand("c0", "acceptance")
    await zhou.get("/complaints/c0")
    await zhou.post("/complaints/c0/notices/acceptance")
    answer = await zhou.get("/complaints/c0/notices/issued/n1")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert "0001号.pdf" in unquote(answer.headers["Content-Disposition"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert (await zhou.get("/complaints/c0/notices/issued/n9")).status == 404


async def test_a_kind_that_is_none_is_not_found_and_one_whose_time_has_not_come_is_refused(
    world: World, zhou: Browser
) -> None:
    world.notices.stand("c0", "acceptance")
    assert (await zhou.get("/complaints/c0/notices/verdict")).status == 404
    assert (await zhou.get("/complaints/c0/notices/termination")).status == 409
    assert (await zhou.post("/complaints/c0/notices/record/preview")).status == 409
    world.notices.stand("c0", "termination", drafts=("record",))
    assert "Draft of the mediation record" in (await zhou.get("/complaints/c0")).text
    assert (await zhou.post("/complaints/c0/notices/record/preview")).status == 200


async def test_a_supervisor_reads_and_issues_nothing(
    world: World, zhou: Browser, aiohttp_client: AiohttpClient
) -> None:
    world.notices.stand("c0", "acceptance")
    await zhou.get("/complaints/c0")
    await zhou.post("/complaints/c0/notices/acceptance")
    world.notices.stand("c0", "termination")
    lin = await another(zhou)
    lin.sign_in(world.identity.token(LIN.login))
    lin.cookies[cookies.LANGUAGE] = "en"
    page = await lin.get("/complaints/c0")
    assert "东高一投受〔2026〕0001号" in page.text
    assert "Issue it and tell them" not in page.text
    assert "Withdraw" not in page.text
    assert (await lin.get("/complaints/c0/notices/issued/n1")).status == 200
    assert (await lin.post("/complaints/c0/notices/termination")).status == 403
