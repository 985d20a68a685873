"""One name for one thing: what the glossary rules out stands in no sentence of the pages."""

from __future__ import annotations

import re

import pytest

from tests import ROOT
from tests.web.language.test_translations import entries, strings
from web import i18n

GLOSSARY = ROOT / "docs" / "glossary.md"
TEMPLATES = ROOT / "web" / "templates"
ENDED = re.compile(
    r"""\{\{ ?(?:_|ngettext)\([^{}]*?[.?!]["'][^{}]*\}\}(?P<between>(?:\{%[^%]*%\}|</(?:b|span|strong)>| )*)"""
    r"""(?:<(?:b|span|strong|a)\b(?! class="btn)[^>{}]*(?:\{\{[^}]*\}\}[^>{}]*)*>)*\{\{"""
)
"""A sentence of a template, what stands behind it, and more text in the same line."""


def ruled_out() -> list[str]:
    """The first column of the glossary's table of what is not said."""
    table = GLOSSARY.read_text("utf-8").partition("不用的说法")[2]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    return [word for row in rows[1:] for word in row.split("，")]


def test_the_glossary_says_what_is_not_said() -> None:
    assert {"所里", "盲差", "驾驶舱"} <= set(ruled_out())


@pytest.mark.parametrize("domain", i18n.domains("zh"))
def test_no_sentence_uses_a_word_that_the_glossary_rules_out(domain: str) -> None:
    words = re.compile("|".join(map(re.escape, ruled_out())))
    bad = [text for message in entries(domain) for text in strings(message) if words.search(text)]
    assert not bad


def test_chinese_sentences_follow_each_other_without_a_space() -> None:
    """`sentence_gap` is a space in English alone."""
    bad = [
        f"{template.relative_to(TEMPLATES)}: {found[0][-120:]}"
        for template in sorted(TEMPLATES.rglob("*.html"))
        for found in ENDED.finditer(template.read_text("utf-8"))
        if " " in re.sub(r"\{%[^%]*%\}", "", found["between"])
    ]
    assert not bad


def test_no_chinese_sentence_has_a_space_between_its_words() -> None:
    stray = re.compile(r"[\u4e00-\u9fff，。：；] +[\u4e00-\u9fff]|[，。；：！？] +%\(")
    bad = [
        text for domain in i18n.domains("zh") for one in entries(domain) for text in strings(one) if stray.search(text)
    ]
    assert not bad


def test_a_sentence_names_the_office_as_it_calls_itself() -> None:
    sentence = "Ring the office and they will send you a new one. Nothing has been decided without you."
    assert "请打电话给承办单位" in i18n.words_of("zh").gettext(sentence)
    assert "请打电话给市场监管所" in i18n.words_of("zh", "市场监管所").gettext(sentence)
    assert not [text for text in i18n.catalog("zh", "room", "市场监管所").values() if "⟪" in text]
