"""The pages in a package: for people, in both languages, with nothing to ask a network for; masked, without people."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from recordings.evidence.masking import mask_of
from tests.evidence.log import WHEN
from tests.evidence.told import NUMBER, Story
from web.evidence import masked, record, watermark

ZONE = "Asia/Shanghai"
PEOPLE = (
    "张芳",
    "张女士",
    "周经理",
    "陈立",
    "赵监督",
    "缘分",
    "13800010001",
    "138****0001",
    "东门路",
    "光谷",
    NUMBER,
    "黄冈",
    "武汉",
)


class _Links(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "data", "srcset", "action")]


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return record(Story().record(), (), ZONE, b"<!doctype html>verifier")


def test_every_link_leads_to_something_in_the_package(pages: dict[str, bytes]) -> None:
    package = Story().package().manifest
    there = {item.path for item in package.items} | pages.keys() | {"export.html"}
    for name in ("index.html", "index.zh.html", "index.en.html"):
        links = _Links(pages[name])
        assert {link for link in links.found if not link.startswith("#")} <= there, name
        assert "script" not in links.tags


def test_they_say_what_happened_in_both_languages(pages: dict[str, bytes]) -> None:
    chinese, english = pages["index.zh.html"].decode(), pages["index.en.html"].decode()
    for told in (NUMBER, "张女士", "我是张芳，请退款。", "¥2,000.00", "缘分科技有限公司"):
        assert told in chinese
        assert told in english
    assert "谁能听到谁" in chinese
    assert "Who could hear whom" in english
    assert "Mediation closed: Settled" in english
    assert "ComplaintRegistered" not in english
    assert not re.search(r"%\(\w+\)s", chinese + english)


def test_the_same_session_makes_the_same_pages(pages: dict[str, bytes]) -> None:
    assert record(Story().record(), (), ZONE, b"<!doctype html>verifier") == pages


def test_what_is_absent_is_said(pages: dict[str, bytes]) -> None:
    story = Story()
    del story.pieces["s1/c/2026-0-camera.webm"]
    absent = story.package().manifest.absent
    told = record(story.record(), absent, ZONE, None)["index.en.html"].decode()
    assert "no longer in the bureau's storage" in told
    assert 'href="media/c/2026-0-camera.webm"' not in told


def test_an_erased_entry_is_shown_as_erased() -> None:
    story = Story()
    said = next(line for line in story.log.streams["session/s1"] if line.type == "Said")
    story.log.erase("session/s1", [said.version], WHEN)
    told = record(story.record(), (), ZONE, None)["index.zh.html"].decode()
    assert "我是张芳" not in told
    assert "已删除" in told


def test_the_watermark_names_who_and_when() -> None:
    told = watermark("赵监督", "东湖所", datetime.fromisoformat("2026-11-26T01:02:03Z"), ZONE).decode()
    assert "赵监督（东湖所）" in told
    assert "2026-11-26 09:02:03 CST" in told


def test_nobody_is_left_in_a_masked_copy() -> None:
    for name, page in masked(Story().record(), ZONE).items():
        told = page.decode()
        assert [word for word in PEOPLE if word in told] == [], name


def test_a_masked_copy_says_that_it_is_one() -> None:
    pages = masked(Story().record(), ZONE)
    assert "隐名副本" in pages["index.html"].decode()
    assert "隐名副本：" in pages["index.zh.html"].decode()
    assert "proves nothing" in pages["index.en.html"].decode()
    assert json.loads(pages["masked.json"])["format"] == "yuntiao-masked/1"


@pytest.mark.parametrize(
    ("said", "masked_as"),
    [
        ("请打 13912345678 或 139 1234 5678", "请打 〔电话〕 或 〔电话〕"),
        ("座机027-87654321", "座机〔电话〕"),
        ("身份证420106199001011234", "身份证〔号码〕"),
        ("信用代码 91420100MA0DEM013Y", "信用代码 〔号码〕"),
        ("卡号6222 0212 3456 7890 123", "卡号〔号码〕"),
        ("住珞喻路1037号3栋201室", "〔地址〕"),
        ("发到 a.b@example.cn", "发到 〔邮箱〕"),
        ("张总和小张、张女士都在", "消费者和消费者、消费者都在"),
        ("缘分科技有限公司、缘分科技和缘分", "商家单位、商家单位和商家单位"),
        ("退2000元，2026年11月25日前", "退2000元，2026年11月25日前"),
    ],
)
def test_what_means_somebody_becomes_what_they_are(said: str, masked_as: str) -> None:
    story = Story().record()
    assert mask_of(story.session, story.complaint, "zh").text(said) == masked_as
