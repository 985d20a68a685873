"""The manual's chapters say what the pages say, in both languages, and every place that pages lead to is there."""

from __future__ import annotations

import functools
import html
import re

import pytest

from tests.tools import pictures
from tests.web.language.extraction import VERIFIER, messages
from web import i18n
from web.help import CHAPTERS, places
from web.help.manual import FOLDER, Chapter, keys, read_chapter

EACH = [(language, name) for language in i18n.LANGUAGES for name in CHAPTERS]
QUOTED = re.compile(r"“([^“”]+)”")
BLANK = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")
BLANKS = "…"  # what stands in a chapter where the page has a name or a number


def text_of(language: str, name: str) -> str:
    return (FOLDER / language / f"{name}.md").read_text(encoding="utf-8")


@functools.cache
def chapter(language: str, name: str) -> Chapter:
    return read_chapter(name, text_of(language, name))


@functools.cache
def shown(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """What the pages say in a language: whole sentences, and those with blanks in them."""
    said = {found.msgid for found in messages()} | {found.plural for found in messages() if found.plural}
    if language == i18n.DEFAULT:
        said = {
            re.sub("⟪([^⟪⟫]*)⟫", r"\1", text)
            for domain in i18n.domains(language)
            if domain != VERIFIER[-1]
            for message in i18n.read(language, domain)
            if message.id
            for text in ([message.string] if isinstance(message.string, str) else message.string or ())
        }
    plain, open_ = set[str](), []
    for text in said:
        if BLANK.search(text) and len(BLANK.sub("", text)) > 2:
            open_.append(re.compile(BLANKS.join(re.escape(part) for part in BLANK.split(text))))
        plain.add(BLANK.sub("", text))
        plain.update(QUOTED.findall(text))  # what the pages quote themselves: another program's words
    return frozenset(plain), tuple(open_)


@pytest.mark.parametrize(("language", "name"), EACH)
def test_every_word_that_a_chapter_quotes_stands_on_a_page_in_that_language(language: str, name: str) -> None:
    """Or the manual would go stale: a button that is renamed is found here."""
    plain, open_ = shown(language)
    gone = [
        quoted
        for quoted in QUOTED.findall(text_of(language, name))
        if quoted not in plain and quoted != "?" and not any(one.fullmatch(quoted) for one in open_)
    ]
    assert not gone, f"docs/manual/{language}/{name}.md quotes what no page says: {gone}"


@functools.cache
def translated() -> dict[str, set[str]]:
    """The Chinese of every message, with … for what is filled in."""
    found: dict[str, set[str]] = {}
    for domain in i18n.domains(i18n.DEFAULT):
        if domain == VERIFIER[-1]:
            continue
        for message in i18n.read(i18n.DEFAULT, domain):
            strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            chinese = {BLANK.sub("…", re.sub("[⟪⟫]", "", text)) for text in strings}
            for msgid in (message.id,) if isinstance(message.id, str) else tuple(message.id):
                found.setdefault(BLANK.sub("…", msgid), set()).update(chinese)
    return found


@pytest.mark.parametrize("name", CHAPTERS)
def test_what_the_english_quotes_is_called_so_in_chinese_at_the_same_place(name: str) -> None:
    """Not by a like name that another page has."""
    chinese = translated()
    astray = []
    for zh, en in zip(chapter("zh", name).sections, chapter("en", name).sections, strict=True):
        named = re.sub(r"<[^>]+>", "", zh.body)
        for quoted in QUOTED.findall(re.sub(r"<[^>]+>", "", html.unescape(en.body))):
            called = chinese.get(quoted, set())
            if called and not any(one.strip("…：") in html.unescape(named) for one in called):
                astray.append((en.anchor, quoted, called))
    assert not astray


@pytest.mark.parametrize("name", CHAPTERS)
def test_both_languages_have_the_same_places(name: str) -> None:
    zh, en = chapter("zh", name), chapter("en", name)
    assert [one.anchor for one in zh.sections] == [one.anchor for one in en.sections]
    named = re.compile(r"picture://[a-z0-9-]+")
    assert named.findall(text_of("zh", name)) == named.findall(text_of("en", name))


def test_the_pictures_that_chapters_show_are_those_that_are_taken() -> None:
    shown_in_chapters = {one for each in EACH for one in re.findall(r"picture://([a-z0-9-]+)", text_of(*each))}
    assert shown_in_chapters == set(pictures.NAMES)


@pytest.mark.parametrize(("language", "name"), EACH)
def test_a_chapter_goes_task_by_task(language: str, name: str) -> None:
    read = chapter(language, name)
    assert len(read.sections) >= 10
    assert all(section.title and len(section.body) > 30 for section in read.sections)
    assert "<script" not in "".join(section.body for section in read.sections)


def test_html_in_a_chapter_is_text_and_a_heading_needs_an_anchor() -> None:
    read = read_chapter("x", "# T {#x}\n\nlede\n\n## One {#one}\n\n<b onclick=1>bold</b> [to](clerk.md#due)\n")
    body = read.sections[0].body
    assert "<b" not in body
    assert '<a href="/help/clerk#due">to</a>' in body
    for wrong in ("# T {#x}\n\n## One\n", "# T {#x}\n\n## One {#a}\n\n## Two {#a}\n"):
        with pytest.raises(ValueError, match="needs an anchor"):
            read_chapter("x", wrong)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_place_that_a_page_leads_to_is_in_the_manual(language: str) -> None:
    there = set(CHAPTERS) | {
        f"{name}#{section.anchor}" for name in CHAPTERS for section in chapter(language, name).sections
    }
    assert places() - there == set()


@pytest.mark.parametrize(("language", "name"), EACH)
def test_links_between_chapters_lead_to_a_place(language: str, name: str) -> None:
    for target, anchor in re.findall(r"\]\(([a-z]+)\.md#([a-z-]+)\)", text_of(language, name)):
        assert chapter(language, target).section(anchor), f"{target}#{anchor}"


def test_the_rooms_keys_are_those_that_are_listed() -> None:
    """The script binds from the same table; a key of either without the other is found here."""
    script = (i18n.LOCALES.parent / "frontend/src/cockpit/keys.ts").read_text(encoding="utf-8")
    actions = script.partition("const ACTIONS")[2].partition("\n};")[0]
    bound = re.findall(r'^  (?:"(.)"|(\w)): \{', actions, re.MULTILINE)
    listed = next(table for table in keys() if table["page"] == "room")["keys"]
    assert sorted(one or other for one, other in bound) == sorted(key["key"].removeprefix("Alt ") for key in listed)


def test_every_key_that_a_page_shows_is_listed() -> None:
    """Pages name their keys beside what they do: `<kbd>`."""
    templates = i18n.LOCALES.parent / "templates"
    listed = {part.lower() for table in keys() for key in table["keys"] for part in re.split("[ –]", key["key"])}
    for path in templates.rglob("*.html"):
        if path.parent.name in ("help", "evidence"):
            continue
        for key in re.findall(r"<kbd>([^<{]+)</kbd>", path.read_text(encoding="utf-8")):
            known = {"&lt;": "<", "&gt;": ">"}.get(key, key).lower()
            assert known in listed, f"{path.name} names the key {key}; web/help/keys.json does not"
