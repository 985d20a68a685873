"""Questions behind a link, and the office's page of what became of promises."""

from __future__ import annotations

import pytest

from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import World
from tests.web.fakes.visitors.questions import SECRET
from web.http import cookies


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def anybody(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


async def test_looking_changes_nothing_and_an_answer_can_be_changed(world: World, anybody: Browser) -> None:
    for _ in range(3):
        page = await anybody.get(f"/q/{SECRET}")
        assert (page.status, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert world.questions.pages[SECRET].answered is None
    assert "丁小禾" not in page.text  # whoever finds the link learns a number, and nobody's name
    said = {"satisfied": "partly", "heard": "yes", "paid": "no", "talk": "yes", "note": "<b>还没到账</b>"}
    thanks = await anybody.follow(await anybody.post(f"/q/{SECRET}", said))
    assert "Thank you" in thanks.text
    assert "&lt;b&gt;还没到账&lt;/b&gt;" in thanks.text
    kept = world.questions.pages[SECRET].answered
    assert kept is not None
    assert (kept.satisfied, kept.heard, kept.paid, kept.talk) == ("partly", "yes", "no", True)
    await anybody.post(f"/q/{SECRET}", {"heard": "yes", "paid": "yes"})
    changed = world.questions.pages[SECRET].answered
    assert changed is not None
    assert (changed.paid, changed.talk) == ("yes", False)


async def test_satisfaction_is_asked_for_by_its_name_beside_whether_they_were_heard(anybody: Browser) -> None:
    page = await anybody.get(f"/q/{SECRET}")
    asked = {"satisfied": "Are you satisfied with how we handled this complaint?", "heard": "were you heard?"}
    for name, question in asked.items():
        assert question in page.text
        assert [value for value in ("yes", "partly", "no") if f'name="{name}" value="{value}"' in page.text] == [
            "yes", "partly", "no",
        ]  # fmt: skip
    for answer in ("Satisfied", "Mostly satisfied", "Not satisfied"):
        assert f"<b>{answer}</b>" in page.text


@pytest.mark.parametrize("form", [{}, {"heard": "perhaps"}, {"satisfied": "very"}, {"note": "长" * 501}])
async def test_what_is_no_answer_says_so_and_keeps_what_was_typed(
    world: World, anybody: Browser, form: dict[str, str]
) -> None:
    await anybody.get(f"/q/{SECRET}")
    page = await anybody.post(f"/q/{SECRET}", form)
    assert page.status == 422
    assert "error" in page.text
    assert form.get("note", "") in page.text
    assert world.questions.pages[SECRET].answered is None


async def test_an_unknown_link_says_what_to_do(anybody: Browser) -> None:
    assert (await anybody.get("/q/unknown")).status == 404


async def test_the_office_sees_promises_answers_and_who_wants_to_be_called(world: World, anybody: Browser) -> None:
    zhou = await another(anybody)
    zhou.sign_in(world.identity.token("zhou"))
    zhou.cookies[cookies.LANGUAGE] = "en"
    page = await zhou.get("/performance")
    assert "One person wants to be called" in page.text
    assert "4 consumers were asked afterwards and 3 answered. Of 3 who said how satisfied they are, 2 were" in page.text
    assert "&lt;i&gt;知遇桥" in page.text
    assert "No promise is in this state." in (await zhou.get("/performance?standing=kept")).text
    assert "One person wants to be called" in (await zhou.get("/due")).text
