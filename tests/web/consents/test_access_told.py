"""What people are told of who sees a record is what `rooms.record.rules` lets see it: neither says more than the
other."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from complaints.record import PartyRecord
from rooms import events as e
from rooms.joining import consents
from rooms.joining.consents import LANGUAGES
from rooms.record import rules as record_rules
from rooms.record.rules import ACCESS, RecordReader, RecordUse
from server.documents.facts import person
from server.retention.erasure import PERSONAL
from web import rendering
from web.i18n import words_of

CALLED: Mapping[str, Mapping[RecordReader, str]] = {
    "zh": {
        RecordReader.MEDIATOR: "承办调解员",
        RecordReader.SUPERVISOR: "监督人员",
        RecordReader.PERSON: "您和其他参加人",
    },
    "en": {
        RecordReader.MEDIATOR: "the mediator of the case",
        RecordReader.SUPERVISOR: "supervisors",
        RecordReader.PERSON: "you and others who took part",
    },
}
SENTENCES: Mapping[str, Mapping[str, tuple[str, str, RecordUse]]] = {
    # text: (what the sentence begins with, what it ends at, the use it is about)
    "recording": {
        "zh": ("能观看的只有", "，每次", RecordUse.WATCH),
        "en": ("It can be watched only by", ". Each", RecordUse.WATCH),
    },
    "notice": {
        "zh": ("能复制、导出的只有", "。每次", RecordUse.TAKE),
        "en": ("copied and exported only by", ". Each", RecordUse.TAKE),
    },
    "filing": {"zh": ("能查看的只有", "。", RecordUse.WATCH), "en": ("can be seen only by", ".", RecordUse.WATCH)},
}


def told(kind: str, language: str) -> str:
    named = consents.filing_version(3) if kind == consents.FILING else consents.version(3)
    return "\n".join(block.text for block in consents.text(named, kind, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SENTENCES)
def test_each_text_names_everybody_who_can_see_a_record_and_nobody_else(kind: str, language: str) -> None:
    begins, ends, use = SENTENCES[kind][language]
    sentence = told(kind, language).partition(begins)[2].partition(ends)[0]
    assert sentence
    assert {reader for reader, name in CALLED[language].items() if name in sentence} == {
        reader for reader, uses in ACCESS.items() if use in uses
    }


def test_taking_and_exporting_are_told_in_one_sentence_because_the_same_people_may() -> None:
    assert all((RecordUse.TAKE in uses) == (RecordUse.EXPORT in uses) for uses in ACCESS.values())
    assert all((RecordUse.READ in uses) <= (RecordUse.WATCH in uses) for uses in ACCESS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_opens_a_record_to_somebody_changes_what_is_promised(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest edition is held to the pages (`test_texts`), and the pages are made from the table."""
    before = rendering.readers_named(RecordUse.TAKE, words_of(language).gettext)
    monkeypatch.setattr(record_rules, "ACCESS", {**ACCESS, RecordReader.PERSON: frozenset(RecordUse)})
    monkeypatch.setattr(rendering, "ACCESS", record_rules.ACCESS)
    assert rendering.readers_named(RecordUse.TAKE, words_of(language).gettext) != before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_tells_every_kind_of_data_and_every_purpose(language: str) -> None:
    """PIPL Art 17: what an earlier edition left out."""
    wanted = {
        "zh": ("证据材料", "签名", "设备", "网络地址", "协助", "统计分析", "集中的问题", "经营者投诉档案", "典型案例",
               "违法线索", "期满销毁", "更正", "监护人"),
        "en": ("exhibits", "signature", "device", "network address", "help", "statistics", "pile up", "files on the",
               "typical cases", "offence", "destroyed", "correction", "guardian"),
    }[language]  # fmt: skip
    text = told("notice", language)
    assert [word for word in wanted if word not in text] == []


PAPER: Mapping[str, tuple[str, ...]] = {
    "zh": ("调解书、调解记录要写明", "身份证件号码", "电话", "地址", "双方"),
    "en": ("greement or", "record", "identity document", "phone number", "address", "both"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["notice", "filing"])
def test_whoever_is_named_on_a_paper_that_the_other_side_holds_is_told_so(kind: str, language: str) -> None:
    """They once said that the other side never sees number or address, and the sealed original names both."""
    party = PartyRecord(
        name="李秀英", phone="p", phone_masked="138****0001", address="光谷大道1号", id_sealed="i", id_kind="resident"
    )
    held = [line for line in person("投诉人", party, lambda sealed, _: sealed) if line.value != line.masked]
    assert {line.label for line in held} == {"身份证件", "联系电话", "地址"}
    text = told(kind, language)
    assert [word for word in PAPER[language] if word not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_tells_whatever_may_be_registered_of_a_person(language: str) -> None:
    kinds = {
        "zh": ("姓名", "电话", "电子邮箱", "地址", "性别", "年龄段", "身份证件号码", "监护人", "代理人", "代理权限"),
        "en": (
            "name",
            "phone numbers",
            "e-mail",
            "address",
            "sex",
            "age group",
            "identity document",
            "guardian",
            "agent",
        ),
    }[language]
    text = told("notice", language)
    assert [word for word in kinds if word not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_years_that_a_rule_can_shorten_are_told_as_a_most_and_those_of_the_file_as_a_least(language: str) -> None:
    most, least = {"zh": ("最多保存3年", "至少保存10年"), "en": ("t most 3 years", "ten years at least")}[language]
    assert told("notice", language).count(most) == 2
    assert most in told("recording", language)
    assert told("notice", language).count(least) == 2
    assert least in told("filing", language)
    assert "期满销毁" not in told("filing", language)


WRITTEN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # language: what the words stand before, the words for what is written in asynchronous mediation
    "zh": ("最多保存3年", ("错时调解", "陈述", "单独写给调解员的话", "传话条", "方案", "双盲报价")),
    "en": ("at most 3 years", ("asynchronous mediation", "statements", "private notes", "slips", "offers", "figures")),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_says_how_long_what_is_written_in_asynchronous_mediation_is_kept(language: str) -> None:
    years, words = WRITTEN[language]
    told_of = [line.partition(years)[0] for line in told("notice", language).splitlines() if years in line]
    assert len(told_of) == 2
    assert [word for line in told_of for word in words if word not in line] == []


def test_what_the_notice_says_of_asynchronous_mediation_is_what_erasing_does() -> None:
    goes = {e.Said, e.Confided, e.SlipWritten, e.OfferPut, e.OfferAnswered, e.FigureEntered, e.FactDisputed}
    stays = {e.Visited, e.ExhibitAccepted, e.ExhibitDisputed, e.FactAnswered, e.ClauseAnswered}
    assert {kind.__name__ for kind in goes} <= PERSONAL
    assert not {kind.__name__ for kind in stays} & PERSONAL


@pytest.mark.parametrize("kind", ["notice", "filing"])
def test_the_handler_is_named_in_full_with_address_and_telephone(kind: str) -> None:
    from dataclasses import replace

    from tests.web.fakes.people import EAST_LAKE
    from web.join.invitation import data_handler

    office = replace(EAST_LAKE, authority="东湖高新区市场监督管理局", address="高新大道777号")
    named = data_handler(office, words_of("zh"))
    assert named == "东湖高新区市场监督管理局（地址：高新大道777号，电话：027-0000 1201）"
    version = consents.filing_version(3) if kind == consents.FILING else consents.version(3)
    texts = [block.text for block in consents.text(version, kind, "zh", named)]
    assert any(named in text for text in texts)
    assert not any("{handler}" in text for text in texts)
