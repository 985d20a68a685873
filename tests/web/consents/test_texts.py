"""A version names one text: the one that is shown now is kept, and what was kept does not change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from rooms import events as e
from rooms.joining import consents
from rooms.joining.consents import EDITION, EDITIONS, FILING, FILING_EDITIONS, KINDS, LANGUAGES
from rooms.vocabulary import Consent
from tests import ROOT
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.consents.edition import shown
from tests.web.fakes import LIN, World
from web.http import cookies
from web.i18n import read


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
async def test_the_text_that_is_shown_is_the_newest_edition(kind: str, language: str) -> None:
    """Failing, the text has changed: add a new date to EDITIONS and run `python -m tests.web.consents.edition`."""
    assert await shown(kind, language) == consents.file(EDITION, kind, language).read_text("utf-8")


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_kept_edition_is_as_it_was(edition: str) -> None:
    assert consents.digest(edition) == EDITIONS[edition]


@pytest.mark.parametrize("edition", FILING_EDITIONS)
def test_a_kept_edition_of_the_text_at_the_window_is_as_it_was(edition: str) -> None:
    assert consents.digest(edition, (FILING,)) == FILING_EDITIONS[edition]


def test_editions_stand_in_their_order_and_no_folder_is_without_one() -> None:
    assert sorted(EDITIONS) == list(EDITIONS)
    assert {folder.name for folder in consents.FOLDER.iterdir()} == set(EDITIONS)


@pytest.mark.parametrize(("years", "said"), [(1, "one year from the end"), (5, "5 years from the end")])
def test_a_version_says_the_years_as_they_were_said(years: int, said: str) -> None:
    texts = [block.text for block in consents.text(consents.version(years), "notice", "en")]
    assert sum(said in text for text in texts) == 1
    assert not any("{years}" in text or "|" in text for text in texts)


@pytest.mark.parametrize("named", ["", "2026-11", "2026-11-25", "2026-11-25.0", "1999-01-01.3", "../2026-11-25.3"])
def test_no_other_version_has_a_text(named: str) -> None:
    assert not consents.kept(named)
    with pytest.raises(KeyError):
        consents.text(named, "notice", "zh")


def test_the_page_that_checks_packages_leaves_the_same_blank_for_who_answers_for_the_data() -> None:
    source = (ROOT / "web/frontend/src/verify/consents.ts").read_text("utf-8")
    assert all(blank in source for blank in consents.BLANKS.values())


@pytest.mark.parametrize("named", [consents.HANDWRITING, consents.ELECTRONIC])
def test_what_the_room_asks_before_signing_is_kept_as_it_is_shown(named: str) -> None:
    """Failing, a question of views/seldom/signing.ts has changed: give it a new version and keep the old text."""
    source = (ROOT / "web/frontend/src/views/seldom/signing.ts").read_text("utf-8")
    shown = read("zh", "room")
    for english, chinese in zip(consents.question(named, "en")[1:], consents.question(named, "zh")[1:], strict=True):
        assert f'"{english.text}"' in source
        message = shown.get(english.text, context="room")
        assert message is not None
        assert message.string == chinese.text


def test_who_agreed_to_their_handwriting_before_finds_what_they_agreed_to() -> None:
    before = [block.text for block in consents.question("handwriting-2026-11-25", "zh")]
    assert any("随本案删除" in text for text in before)
    for named in ("handwriting-2026-11-26", "handwriting-../../x", "notice-2026-11-25", ""):
        with pytest.raises(KeyError):
            consents.question(named, "zh")


# ---------------------------------------------------------------- pages


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def anybody(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await browser(aiohttp_client, world.app())


@pytest.mark.parametrize(("language", "words"), [("zh", "参加网上调解告知书"), ("en", "Notice on taking part")])
async def test_anybody_can_read_a_kept_text(anybody: Browser, language: str, words: str) -> None:
    anybody.cookies[cookies.LANGUAGE] = language
    page = await anybody.get(f"/texts/{consents.version(3)}/notice")
    assert page.status == 200
    assert words in page.text


@pytest.mark.parametrize(("language", "words"), [("zh", "旁听"), ("en", "look on")])
async def test_who_agreed_before_the_notice_named_looking_on_finds_the_text_they_agreed_to(
    world: World, anybody: Browser, language: str, words: str
) -> None:
    before, now = "2026-11-25.3", consents.version(3)
    world.sessions.append(world.session, e.ConsentGiven("s-consumer", Consent.PARTICIPATE, before))
    anybody.sign_in(world.identity.token(LIN.login))
    assert f'href="/texts/{before}/notice"' in (await anybody.get(f"/audit/{world.session}")).text
    anybody.cookies[cookies.LANGUAGE] = language
    assert words not in (await anybody.get(f"/texts/{before}/notice")).text
    assert words in (await anybody.get(f"/texts/{now}/notice")).text
    told = consents.whole(before, "notice", language)  # as an evidence package carries it
    assert words not in told
    assert words in consents.whole(now, "notice", language)


async def test_anybody_can_read_a_question_of_the_room_as_it_was_asked(anybody: Browser) -> None:
    anybody.cookies[cookies.LANGUAGE] = "zh"
    assert "电子签名法" in (await anybody.get(f"/texts/{consents.ELECTRONIC}/question")).text
    assert (await anybody.get("/texts/electronic-2026-11-25/question")).status == 404


@pytest.mark.parametrize("path", ["/texts/2026-11/notice", "/texts/2026-11-25.3/other", "/texts/..%2F..%2Fx.3/notice"])
async def test_what_is_not_kept_is_not_found(anybody: Browser, path: str) -> None:
    assert (await anybody.get(path)).status == 404


def answers(text: str) -> Iterator[e.ConsentGiven | e.ConsentRefused]:
    yield e.ConsentGiven("s-consumer", Consent.PARTICIPATE, text)
    yield e.ConsentRefused("s-consumer", Consent.RECORD, text)


async def test_the_record_leads_from_an_answer_to_its_text(world: World, anybody: Browser) -> None:
    kept = consents.version(3)
    world.sessions.append(world.session, *answers(kept))
    anybody.sign_in(world.identity.token(LIN.login))
    page = await anybody.get(f"/audit/{world.session}")
    assert f'href="/texts/{kept}/notice"' in page.text
    assert f'href="/texts/{kept}/recording"' in page.text
    world.sessions.append(world.session, *answers("2026-04"))  # of a time before texts were kept
    assert "/texts/2026" not in (await anybody.get(f"/audit/{world.session}")).text


@pytest.mark.parametrize("edition", EDITIONS)
def test_whoever_writes_a_verifier_is_told_what_the_texts_are(edition: str) -> None:
    told = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    for kind in consents.kinds_of(edition):
        for language in LANGUAGES:
            found = hashlib.sha256(consents.whole(f"{edition}.3", kind, language).encode()).hexdigest()
            assert f"| `{edition}.3` | {kind}.{language} | `{found}` |" in told
