"""Text in another language than its page says so, so that it is read out as what it is (WCAG 3.1.2)."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from tests.web.client import AiohttpClient, browser
from tests.web.fakes import LIN, World
from tests.web.language.tongues import unmarked
from web import i18n
from web.rendering import plain_environment

CASE = "健身房停业后拒绝退还预付款"


def made(language: str) -> Environment:
    return plain_environment(lambda: i18n.words_of(language), language)


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", CASE, f'<p lang="zh-CN">{CASE}</p>'),
        ("en", "VIP卡不退费", '<p lang="zh-CN">VIP卡不退费</p>'),
        ("en", "Complaints about 健身 rose from 3 to 9.", "<p>Complaints about 健身 rose from 3 to 9.</p>"),
        ("en", "A gym closed", "<p>A gym closed</p>"),
        ("zh", CASE, f"<p>{CASE}</p>"),
        ("zh", "The gym closed & nobody pays", '<p lang="en">The gym closed &amp; nobody pays</p>'),
        ("zh", "iPhone 17", "<p>iPhone 17</p>"),
        ("en", None, "<p></p>"),
    ],
)
def test_an_element_says_in_which_other_language_its_text_is(language: str, text: str | None, shown: str) -> None:
    page = made(language).from_string("<p{{ text|lang_of }}>{{ text if text is not none }}</p>")
    assert page.render(text=text) == shown


def test_a_text_within_a_line_gets_an_element_of_its_own_only_where_it_needs_one() -> None:
    line = "<p>{{ number }} · {{ text|own_language }}</p>"
    assert made("en").from_string(line).render(number=7, text=CASE) == f'<p>7 · <span lang="zh-CN">{CASE}</span></p>'
    assert made("zh").from_string(line).render(number=7, text=CASE) == f"<p>7 · {CASE}</p>"
    assert made("en").from_string(line).render(number=7, text="<b>") == "<p>7 · &lt;b&gt;</p>"


def test_a_page_is_read_as_a_screen_reader_does() -> None:
    assert unmarked(f'<html lang="en"><br><p>{CASE}</p><p lang="zh-CN">{CASE}</p><p>{CASE}</p>') == [CASE, CASE]
    assert unmarked(f'<html lang="en"><p>{CASE}</p>', [CASE]) == []


PAGES = (
    "/casebook/find", "/casebook/find?q=健身", "/casebook/book?samples=1&all=1", "/public", "/public/complaints",
    "/respondents", "/focus", "/focus/s3", "/bulletins/month/2026-05-01", "/bulletins/month/2026-05-01/leaders",
    "/bulletins/advice", "/complaints", "/complaints/c0",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_no_chinese_text_of_an_english_page_is_said_to_be_english(
    aiohttp_client: AiohttpClient, path: str
) -> None:
    world = World()
    world.focus.fill()
    lin = await browser(aiohttp_client, world.app())
    lin.sign_in(world.identity.token(LIN.login))
    page = await lin.get(f"{path}{'&' if '?' in path else '?'}lang=en")
    assert page.status == 200
    assert unmarked(page.text, [LIN.office.name, LIN.office.short]) == []
