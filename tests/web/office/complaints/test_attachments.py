"""Attaching, saving and removing files on a complaint's page."""

from __future__ import annotations

import pytest
from aiohttp import FormData

from journal.refusals import Refused
from tests.complaints.record.test_uploads import PDF
from tests.web.client import AiohttpClient, Answer, Browser, browser
from tests.web.fakes import World
from web.http.security import BODY_LIMIT
from web.office.complaints.amending import MOST_BYTES


async def send(person: Browser, *files: tuple[str, bytes], **fields: str) -> Answer:
    form = FormData({"csrf": person.token, "about": "evidence", **fields}, quote_fields=False)  # as browsers do
    for name, content in files:
        form.add_field("file", content, filename=name, content_type="text/html")
    response = await person.client.post(
        "/complaints/c0/attachments", data=form, headers=person.headers, cookies=person.cookies, allow_redirects=False
    )
    return await person._answer(response)


async def test_files_larger_than_any_form_arrive_whole_and_stand_on_the_page(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    large = PDF + bytes(4 * BODY_LIMIT)
    answer = await send(zhou, ("收据.pdf", large), ("合同.pdf", PDF), note="双方签过字")
    assert answer.location == "/complaints/c0#attachments"
    assert list(world.attachments.files.values()) == [large, PDF]
    page = await zhou.get("/complaints/c0")
    assert "收据.pdf" in page.text
    assert "双方签过字" in page.text


async def test_a_file_is_only_ever_given_out_for_saving(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    await send(zhou, ("收据.png", b"picture"))
    saved = await zhou.get("/complaints/c0/attachments/a1")
    assert saved.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%94%B6")
    assert saved.headers["Content-Type"] == "image/png"
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    assert world.attachments.taken == [("zhou", "a1")]


@pytest.mark.parametrize(
    ("why", "said"), [("kind", "Only photos"), ("large", "larger than 10 MB"), ("active", "holds a script")]
)
async def test_what_cannot_be_attached_is_said_above_the_field(
    world: World, zhou: Browser, why: str, said: str
) -> None:
    await zhou.get("/complaints/c0")
    world.attachments.refusal = Refused("bad_upload", 400, why=why)
    page = await send(zhou, ("x.jpg", b"x"), note="收据")
    assert page.status == 422
    assert said in page.text
    assert '<dialog id="attach" aria-labelledby="attach-title" open' in page.text
    assert 'value="收据"' in page.text


async def test_no_file_too_many_and_too_much_are_refused(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    assert "Choose a file first" in (await send(zhou)).text
    assert "At most five" in (await send(zhou, *[("a.pdf", PDF)] * 6)).text
    assert world.attachments.files == {}
    tall = await zhou.client.post(
        "/complaints/c0/attachments",
        data=b"x",
        headers={**zhou.headers, "Content-Length": str(MOST_BYTES + 1), "Content-Type": "multipart/form-data"},
        cookies=zhou.cookies,
        allow_redirects=False,
    )
    assert tall.status == 413


async def test_a_strangers_large_body_is_not_read(world: World, aiohttp_client: AiohttpClient) -> None:
    nobody = await browser(aiohttp_client, world.app())
    nobody.token = "wrong: whoever read the body would say so"
    answer = await send(nobody, ("a.pdf", PDF + bytes(4 * BODY_LIMIT)))
    assert answer.location == "/sign-in?next=/"
    assert world.attachments.files == {}


async def test_removing_a_file_needs_a_reason(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    await send(zhou, ("a.pdf", PDF))
    page = await zhou.post("/complaints/c0/attachments/a1/remove", {"reason": " "})
    assert page.status == 422
    assert "Say why it is removed" in page.text
    assert (await zhou.post("/complaints/c0/attachments/a1/remove", {"reason": "传错了"})).status == 303
    assert world.attachments.removed == [("a1", "传错了")]
