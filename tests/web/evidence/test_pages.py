"""The pages in a package: for people, in both languages, with nothing to ask a network for; masked, without people."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from recordings.evidence.lines import withheld
from recordings.evidence.package import mask_of
from rooms import events as e
from rooms.events import plain
from rooms.vocabulary import Role, Seat, Side
from tests.recordings.evidence import papers
from tests.recordings.evidence.log import WHEN, Log
from tests.recordings.evidence.test_confidence import TALK
from tests.recordings.evidence.told import NUMBER, Story, heard
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
        assert {link.partition("#")[0] for link in links.found if not link.startswith("#")} <= there, name
        assert "script" not in links.tags


def test_they_say_what_happened_in_both_languages(pages: dict[str, bytes]) -> None:
    chinese, english = pages["index.zh.html"].decode(), pages["index.en.html"].decode()
    for told in (NUMBER, "张女士", "我是张芳，请退款。", "¥2,000.00", "缘分科技有限公司"):
        assert told in chinese
        assert told in english
    assert "谁能听到、看到谁" in chinese
    assert "Who could hear and see whom" in english
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
    assert f"已删除（见第{len(story.log.streams['session/s1'])}条）：request" in told
    assert "保密，不进入" not in told


def test_what_was_said_in_confidence_is_not_called_erased() -> None:
    told = _pages_of_a_private_talk()
    for kind in ("单独谈中写的话", "交给调解员的传话条", "一方填的、只供比对的数", "双方报价是否重合"):
        assert f"保密，不进入任何证据包：{kind}" in told["zh"]
    assert "已删除（" not in told["zh"]
    assert "In confidence, and in no package: something written in a private talk" in told["en"]
    assert "6 entries below are “in confidence”." in told["en"]
    assert "我最低一千八" not in told["zh"] + told["en"]


def test_an_outcome_says_what_it_rests_on_and_that_nothing_was_signed(pages: dict[str, bytes]) -> None:
    lines = Story().log.streams["session/s1"]
    closed = next(line.version for line in lines if line.type == "SessionClosed")
    chinese, english = pages["index.zh.html"].decode(), pages["index.en.html"].decode()
    assert "本次调解没有人签名，也没有盖章的文书。" in chinese
    assert f"“达成协议”以调解员的结束记录为据（日志第{closed}条" in chinese
    assert "Nobody signed anything and no document was sealed" in english
    assert re.search(r"Marked as seen before that: 张女士 \(no\. \d+, [\d:]+\), 周经理 \(", english)
    assert "claimed ¥2,000.00 · recovered ¥2,000.00" in english


def test_a_sealed_document_is_named_as_what_the_outcome_rests_on() -> None:
    told = record(papers.story().record(), (), ZONE, None)["index.zh.html"].decode()
    assert "盖有本单位印章的文书：调解书 东高一调〔2026〕0001号" in told
    assert "以调解员的结束记录为据" not in told
    assert "没有人签名" not in told


def test_a_corrected_claim_is_the_one_beside_what_was_recovered() -> None:
    change = {"field": "amount", "new": "2360.00", "old": "2000.00"}
    amended = {"changes": [change], "ordinal": 1, "reason": "", "undoes": 0}
    story = Story(of_complaint=[("RecordAmended", amended)])
    told = record(story.record(), (), ZONE, None)["index.zh.html"].decode()
    assert "投诉所称争议金额 ¥2,360.00 · 挽回损失 ¥2,000.00" in told


def test_it_is_said_who_was_alone_and_who_heard_and_saw_whom() -> None:
    told = _pages_of_a_private_talk()
    assert "<b>与消费者单独谈，没有录制</b><br>陈立、张女士互相听到、看到；" in told["zh"]
    assert "周经理独自一人：听不到、看不到别人" in told["zh"]
    assert "周经理 alone: hears and sees nobody" in told["en"]
    assert "From now on: 陈立, 张女士 hear and see each other; recorded: nobody" in told["en"]


def test_who_was_not_in_the_private_talk_is_not_said_to_have_been_in_it() -> None:
    told = _pages_of_a_private_talk()["zh"]
    rows = re.findall(
        r'<th scope="row" class="nw">(\S+?)</th><td class="nw" data-label="内容">.*?原因">(.*?)</td>', told
    )
    assert ("周经理", "单独谈期间（本人不在其中）：对谁都不录") in rows
    assert ("张女士", "单独谈，按规定不录") in rows


def test_what_follows_at_once_has_different_times_and_one_zone(pages: dict[str, bytes]) -> None:
    chinese, english = pages["index.zh.html"].decode(), pages["index.en.html"].decode()
    assert "本页时间均为北京时间（UTC+8）" in chinese
    assert "All times on this page: Beijing time (UTC+8)" in english
    assert re.search(r'data-label="时间"><span class="nw">\d\d:\d\d:\d\d\.\d{3}</span>', chinese)
    for page in (chinese, english):
        assert "Asia/Shanghai" not in page
        assert "CST" not in page


def test_what_names_an_overview_leads_to_it_and_the_check_keeps_the_language(pages: dict[str, bytes]) -> None:
    chinese, english = pages["index.zh.html"].decode(), pages["index.en.html"].decode()
    assert '见<a href="sheets/people.json">概览表“参加人与同意”</a>' in chinese
    assert 'in <a href="sheets/clocks.json">the overview “Clocks of the devices”</a>' in english
    assert not re.search(r"“(people|clocks|gaps)”", chinese)
    assert 'href="verify.html#lang=zh"' in chinese
    assert 'href="verify.html#lang=en"' in english
    for page in (chinese, english):
        assert page.count("/recording.zh.txt") == page.count("/recording.en.txt") == 2


def test_that_nobody_else_signed_is_said_where_authenticity_is(pages: dict[str, bytes]) -> None:
    part = pages["index.zh.html"].decode().partition('id="authenticity"')[2].partition("<h3>")[0]
    assert "没有时间戳机构的时间戳，也没有外部见证方的签名" in part


def test_an_english_page_marks_people_with_letters(pages: dict[str, bytes]) -> None:
    marks = re.findall(r'class="mark" data-role="\w+" aria-hidden="true">(.*?)<', pages["index.en.html"].decode())
    assert {"M", "C", "B"} >= set(marks)
    assert marks


def _pages_of_a_private_talk() -> dict[str, str]:
    told = Story(before_recording=TALK).record()
    told = replace(told, session=withheld(told.session))
    pages = record(told, (), ZONE, None)
    return {language: pages[f"index.{language}.html"].decode() for language in ("zh", "en")}


def test_the_watermark_names_who_and_when() -> None:
    told = watermark("赵监督", "东湖所", datetime.fromisoformat("2026-11-26T01:02:03Z"), ZONE).decode()
    assert "赵监督（东湖所）" in told
    assert "2026-11-26 09:02:03</time> 北京时间（UTC+8）" in told


def test_nobody_is_left_in_a_masked_copy() -> None:
    for name, page in masked(Story().record(), ZONE).items():
        told = page.decode()
        assert [word for word in PEOPLE if word in told] == [], name


def test_a_masked_copy_says_that_it_is_one() -> None:
    pages = masked(Story().record(), ZONE)
    assert "去标识化副本" in pages["index.html"].decode()
    assert "去标识化副本：" in pages["index.zh.html"].decode()
    assert "proves nothing" in pages["index.en.html"].decode()
    assert json.loads(pages["masked.json"])["format"] == "yuntiao-masked/1"


def test_the_office_of_the_mediator_is_not_called_a_business() -> None:
    log = Log()
    seats = (
        Seat("m", Role.MEDIATOR, "陈立", organisation="东湖高新区市场监管一所"),
        Seat("b", Role.BUSINESS, "周经理", Side.BUSINESS, "缘分科技有限公司"),
        Seat("l", Role.LAWYER, "何律师", Side.BUSINESS, "正大律师事务所"),
        Seat("i", Role.INTERPRETER, "何译", None, "江城翻译社"),
    )
    log.append(
        "session/s1", "SessionScheduled", plain(e.SessionScheduled("k1", "1", "o1", 1, "退款", WHEN, seats, "u1")), WHEN
    )
    mask = mask_of(log.streams["session/s1"], [], "zh")
    said = "东湖高新区市场监管一所、缘分科技有限公司、正大律师事务所、江城翻译社"
    assert mask.text(said) == "办案机构、商家单位、某单位、某单位"


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


SPOKEN = (
    ("c", 3.0, "我要退<款>。"),
    ("b", 42.5, "退三千圆"),
    ("m", -3_000.0, "片头之前"),
    ("m", 44.0, "听不清？"),
)


def test_a_transcripts_lines_stand_under_its_heading_with_what_plays_them() -> None:
    made = record(heard(Story(), *SPOKEN, corrected={"2": "退3000元", "9": "没有这一句"}), (), ZONE, None)
    chinese, english = made["index.zh.html"].decode(), made["index.en.html"].decode()
    for told, heading in ((chinese, "机器转写，未经确认"), (english, "Machine transcript, not confirmed")):
        section = told.partition('<section id="transcript">')[2].partition("</section>")[0]
        for there in (heading, "whisper-base", "ab" * 32, "我要退&lt;款&gt;。", "退3000元", "退三千圆", "片头之前"):
            assert there in section
        assert "没有这一句" not in section
        assert 'href="video/composed.mp4?line=1#t=3.00"' in section
        assert 'href="video/composed.mp4?line=2#t=42.50"' in section
        assert "?line=3" not in section
    assert "退三千圆" in chinese.partition("已更正")[2][:40]
    assert english.count("uncertain") == 1
    for name in made:
        assert "script" not in _Links(made[name]).tags


def test_without_a_film_a_line_plays_its_own_persons_recording_and_without_either_nothing() -> None:
    story = Story()
    told = heard(story, ("c", 50.0, "我要退款"), ("c", -3_000.0, "从前"))
    (piece,) = [
        entry.event
        for entry in told.decoded.history
        if isinstance(entry.event, e.SegmentSealed) and entry.event.seat == "c" and "2026-2" in entry.event.path
    ]
    del story.pieces["s1/composed.mp4"]
    absent = story.package().manifest.absent
    assert [one.path for one in absent] == ["video/composed.mp4"]
    page = record(told, absent, ZONE, None)["index.zh.html"].decode()
    assert 'href="media/c/2026-' in page
    assert 'href="video/composed.mp4?' not in page
    assert piece.path
    bare = record(replace(told, heard=b""), absent, ZONE, None)["index.zh.html"].decode()
    assert "我要退款" not in bare
    assert 'href="transcript/transcript.json"' in bare


def test_a_transcript_of_another_form_is_linked_and_not_shown() -> None:
    told = replace(heard(Story(), *SPOKEN, corrected={"2": "退3000元"}), heard=b'{"format":"yuntiao-transcript/9"}')
    page = record(told, (), ZONE, None)["index.zh.html"].decode()
    assert 'href="transcript/transcript.json"' in page
    assert "第2句：退3000元" in page
    assert "我要退" not in page


def test_a_masked_copy_has_nothing_that_was_said() -> None:
    made = masked(heard(Story(), *SPOKEN), ZONE)
    assert not any("片头之前".encode() in page for page in made.values())
