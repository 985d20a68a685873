"""Anybody brings a PDF and is told whether it is ours and unchanged; nobody needs an account for that."""

from __future__ import annotations

import pytest
from aiohttp import FormData

from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import World
from tests.web.fakes.records.seals import OURS, PEM
from web.i18n import words_of
from web.links.documents import LARGEST, SENTENCES


@pytest.fixture
async def anybody(aiohttp_client: AiohttpClient) -> Browser:
    found = await browser(aiohttp_client, World().app())
    await found.get("/verify-document?lang=en")
    return found


async def sent(anybody: Browser, content: bytes, name: str = "调解书.pdf") -> tuple[int, str]:
    form = FormData()
    form.add_field("csrf", anybody.token)
    form.add_field("file", content, filename=name, content_type="application/pdf")
    response = await anybody.client.post("/verify-document?lang=en", data=form, cookies=anybody.cookies)
    return response.status, await response.text()


async def test_ours_is_named_with_office_and_time(anybody: Browser) -> None:
    status, page = await sent(anybody, OURS)
    assert status == 200
    for words in (SENTENCES["ours"][0], "东湖高新区市场监管一所", "ab" * 32, "cd" * 32, "no licensed provider"):
        assert words in page
    assert "09:00" in page


@pytest.mark.parametrize(
    ("content", "result"), [(OURS + b"\n", "changed"), (b"%PDF-1.4 of others", "no_seal"), (b"MZ", "no_pdf")]
)
async def test_everything_else_says_what_it_is_and_what_to_do(anybody: Browser, content: bytes, result: str) -> None:
    status, page = await sent(anybody, content)
    assert status == 200
    assert SENTENCES[result][0] in page
    assert SENTENCES[result][1] in page
    assert "Sealed on" not in page


async def test_a_file_that_is_too_large_is_refused_with_a_sentence(anybody: Browser) -> None:
    status, page = await sent(anybody, b"%PDF-" + b"x" * LARGEST)
    assert (status, "1 MB" in page) == (400, True)


async def test_what_is_far_too_large_is_not_read(anybody: Browser) -> None:
    status, _ = await sent(anybody, b"x" * (2 * LARGEST))
    assert status == 413


async def test_no_file_is_asked_for_again(anybody: Browser) -> None:
    answer = await anybody.post("/verify-document?lang=en", {})
    assert (answer.status, "Choose a file first." in answer.text) == (400, True)


async def test_a_name_is_never_markup(anybody: Browser) -> None:
    _, page = await sent(anybody, b"%PDF-x", name="<script>alert(1)</script>.pdf")
    assert "<script>alert(1)" not in page


async def test_the_certificate_is_there_for_readers(anybody: Browser) -> None:
    assert (await anybody.get("/verify-document/certificates")).text == PEM


def test_every_verdict_has_its_chinese() -> None:
    chinese = words_of("zh")
    assert all(chinese.gettext(said) != said for pair in SENTENCES.values() for said in pair)
