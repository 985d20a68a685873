"""Every sentence is there in both languages: complete, and nothing left over."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from babel.messages.catalog import Message

from tests.web.language.extraction import VERIFIER, messages
from web import i18n

CALQUES = (
    "Sunshine petition",
    "Director’s line",
    "onveyance slip",
    "lind gap",
    "By what right",
    "second step",
    "Ended by law",
)
DOMAINS = [domain for domain in i18n.domains("zh") if domain != VERIFIER[-1]]


def entries(domain: str) -> list[Message]:
    return [message for message in i18n.read("zh", domain) if message.id]


def msgid(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (tuple, list)) else [message.string or ""]


def is_key(text: str) -> bool:
    """Like error.busy: not a sentence; the browser puts it together from the server's codes."""
    return re.fullmatch(r"[a-z]+(\.[a-z_]*)+", text) is not None


def test_every_sentence_in_code_and_templates_has_its_chinese() -> None:
    known = {(message.context, msgid(message)) for domain in DOMAINS for message in entries(domain)}
    anywhere = {text for _context, text in known}
    missing = [
        f"{found.where}: {found.msgid}"
        for found in messages()
        if (
            found.msgid not in anywhere
            if re.search(r"\.ts|keys\.json", found.where)
            else (found.context, found.msgid) not in known
        )
    ]
    assert not missing, "\n".join(missing)


def test_no_english_sentence_is_a_calque() -> None:
    bad = [found.msgid for found in messages() if any(word in found.msgid for word in CALQUES)]
    assert not bad


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_translation_is_empty_or_doubtful(domain: str) -> None:
    bad = [msgid(message) for message in entries(domain) if message.fuzzy or not all(strings(message))]
    assert not bad


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_translation_is_left_over(domain: str) -> None:
    found = {one.msgid for one in messages()}
    unused = [each for each in map(msgid, entries(domain)) if each not in found and not is_key(each)]
    assert not unused


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_translation_fills_no_blank_that_is_not_there(domain: str) -> None:
    for message in entries(domain):
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        if is_key(ids[0]):
            continue
        blanks = {blank for text in ids for blank in re.findall(r"%\(\w+\)s|\{\w+\}", text)}
        if len(ids) > 1:
            blanks.add("%(num)s")
        for text in strings(message):
            assert set(re.findall(r"%\(\w+\)s|\{\w+\}", text)) <= blanks, msgid(message)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_key_is_a_sentence_in_english_too_with_the_same_blanks(domain: str) -> None:
    zh, en = i18n.catalog("zh", domain), i18n.catalog("en", domain)
    for key in filter(is_key, zh):
        assert en[key] != key, key
        assert set(re.findall(r"\{\w+\}", en[key])) == set(re.findall(r"\{\w+\}", zh[key])), key


def test_one_sentence_has_one_translation_whatever_its_domain() -> None:
    seen: dict[tuple[str | None, str], tuple[str, list[str]]] = {}
    clashes = []
    for domain in DOMAINS:
        for message in entries(domain):
            other, text = seen.setdefault((message.context, msgid(message)), (domain, strings(message)))
            if text != strings(message):
                clashes.append(f"{msgid(message)}: {other} {text}, {domain} {strings(message)}")
    assert not clashes, "\n".join(clashes)


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_sentence_is_translated_twice(domain: str) -> None:
    """The catalogue that is read keeps the last one: the file itself is asked."""
    [file] = (i18n.LOCALES / "zh").rglob(f"{domain}.po")
    text = file.read_text("utf-8")
    found = Counter(re.findall(r'^((?:msgctxt .*\n)?msgid ".+")$', text, re.MULTILINE))
    assert [one for one, times in found.items() if times > 1] == []


def test_plurals_and_blanks_are_filled_in_both_languages() -> None:
    zh, en = i18n.words_of("zh"), i18n.words_of("en")
    assert [en.ngettext("%(num)s more try", "%(num)s more tries", n) for n in (1, 4)] == ["1 more try", "4 more tries"]
    assert zh.ngettext("%(num)s more try", "%(num)s more tries", 4) == "还可以试4次"
    assert en.gettext("Your complaint: %(title)s", title="x") == "Your complaint: x"
    assert zh.gettext("a sentence nobody translated") == "a sentence nobody translated"


def test_the_browser_gets_the_same_keys_in_both_languages() -> None:
    zh, en = i18n.catalog("zh", "join"), i18n.catalog("en", "join")
    assert zh.keys() == en.keys()
    assert (zh["Sound only"], en["Sound only"]) == ("只用声音", "Sound only")
    assert zh["%(num)s more tries"] == zh["%(num)s more try"] == "还可以试%(num)s次"
    assert i18n.catalog("zh", "no-such-domain") == {}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("fr-FR, de;q=0.5", "zh"),
        ("fr, en;q=0.3", "en"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("en;q=broken", "zh"),
    ],
)
def test_the_browsers_language_is_followed_where_we_speak_it(header: str, language: str) -> None:
    assert i18n.accepted(header) == language
