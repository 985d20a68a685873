"""No page for people speaks in codes: those stand behind a tap, in both languages. The demo's pages, link by link."""

from __future__ import annotations

import re
from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import get_args
from urllib.parse import urljoin, urlsplit

import pytest

from recordings import CompositionFault
from rooms import events as e
from rooms.events import SessionEvent, event_draft, stream
from rooms.vocabulary import Consent
from server.app.demo import ADMINISTRATOR, MEDIATOR, SUPERVISOR
from tests import ROOT
from tests.server.oversight.test_approvals import (
    COMPLAINT,
    Place,
    place as place,  # a fixture
)
from tests.web.client import Browser, another
from web.http import cookies
from web.office.audit.sentences import WORDS

CODE = re.compile(
    r"[A-Za-z]\w*@\d+|\b[a-z]+(?:_[a-z0-9]+)+\b|PAdES|\b(?:way|camera|mic|network|calls|speaker):\w+|\bB-[BT]\b"
)
HIDDEN = re.compile(r"(?s)<!--.*?-->|<(head|script|style|template|svg|textarea)\b.*?</\1>")
BEHIND_A_TAP = re.compile(r'(?s)<details class="code">\s*<summary>[^<]+</summary>.*?</details>')
ANOTHER_FORM = re.compile(r"\.(pdf|csv|xlsx|json|png|svg|mp4|zip|docx|epub|vtt|txt)$|^/(static|log/|api|sign-out)")
AN_ID = re.compile(r"[0-9a-f]{12,}|demo-\d+|sample-[\w-]+|\d+|(?<=/)[A-T]\d\d\b")
EACH = 2  # pages of one kind that are looked at


def said(text: str) -> str:
    """What somebody reads of a page before they tap anything; what they typed is theirs."""
    shown = BEHIND_A_TAP.sub("", HIDDEN.sub("", text))
    return unescape(re.sub(r"<[^>]*>", "\n", shown))


async def crawl(person: Browser, start: list[str]) -> tuple[dict[str, str], int]:
    """Code -> the page that said it; and how many pages were read."""
    wanted, seen, kinds, found = deque(start), set[str](), Counter[str](), dict[str, str]()
    while wanted:
        path = wanted.popleft()
        bare = path.partition("?")[0]
        kind = AN_ID.sub("#", re.sub(r"=[^&]*", "", path))
        if path in seen or kinds[kind] >= EACH or ANOTHER_FORM.search(bare):
            continue
        seen.add(path)
        kinds[kind] += 1
        answer = await person.get(path)
        if answer.location.startswith("/"):
            wanted.append(answer.location)
        if not answer.text.startswith("<!doctype html>"):
            continue
        for code in CODE.findall(said(answer.text)):
            found.setdefault(code, path)
        for href in re.findall(r'<a\b[^>]*\bhref="([^"#]+)', answer.text):
            to = urlsplit(urljoin(f"http://here{bare}", unescape(href)))
            if to.netloc == "here":
                wanted.append(to.path + (f"?{to.query}" if to.query else ""))
    return found, len(seen)


async def held(place: Place) -> str:
    """A session whose journal has whatever has a code of its own."""
    zhou = await place.officer(MEDIATOR)
    session = await place.parts.desk.schedule(zhou, COMPLAINT, datetime.now(UTC) + timedelta(hours=1), [])
    await place.parts.links.issue(zhou, session, "consumer", send=False)
    findings = tuple(code for code in WORDS["findings"] if code)
    more: list[SessionEvent] = [
        e.ConsentGiven("consumer", Consent.PARTICIPATE, "1"),
        e.DeviceChecked("consumer", "video", (*findings[:12], "something:odd")),
        e.DeviceChecked("consumer", "video", findings[12:]),
        *(e.CompositionFailed(cause) for cause in get_args(CompositionFault)),
        e.DocumentSealed("d1", "agreement", "东高一调〔2026〕1号", "0" * 64, 9, "0" * 64, "B-T"),
        e.DocumentSealed("d2", "record", "东高一调〔2026〕2号", "0" * 64, 9, "0" * 64, "B-B"),
    ]
    journal, name = place.parts.journal, stream(session)
    drafts = [event_draft(event, datetime.now(UTC), zhou.actor) for event in more]
    await journal.append(name, len(await journal.read(name)), drafts)
    await place.parts.links.issue(zhou, session, "consumer", send=False)  # the first gives way, and the room reads all
    return session


def test_every_code_has_its_words_in_the_tables() -> None:
    assert set(get_args(CompositionFault)) | {""} == WORDS["compositions"].keys()
    troubles = re.search(r"type Trouble = ([^;]+);", (ROOT / "web/frontend/src/media/devices.ts").read_text("utf-8"))
    assert troubles is not None
    for device in ("camera", "mic"):
        assert {f"{device}:{trouble}" for trouble in re.findall(r'"(\w+)"', troubles[1])} < WORDS["findings"].keys()
    ways = re.search(r"type Outcome = ([^;]+);", (ROOT / "web/frontend/src/media/trial.ts").read_text("utf-8"))
    assert ways is not None
    assert {f"way:{way}" for way in re.findall(r'"(\w+)"', ways[1])} < WORDS["findings"].keys()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_page_of_the_demo_speaks_in_codes(place: Place, language: str) -> None:
    session = await held(place)
    for login, least in ((MEDIATOR, 60), (SUPERVISOR, 60), (ADMINISTRATOR, 15), ("", 5)):
        person = await place.sign_in(login) if login else await another(place.nobody)
        person.cookies[cookies.LANGUAGE] = language
        start = [
            "/",
            f"/sessions/{session}",
            f"/audit/{session}",
            f"/audit/{session}/journal",
            "/nowhere",
            "/j/nobodys",
        ]
        found, pages = await crawl(person, [*start, "/window", "/log", "/verify-document", "/public"])
        assert found == {}, login
        assert pages >= least


async def test_the_record_says_in_words_what_its_journal_has_as_codes(place: Place) -> None:
    session = await held(place)
    page = (await (await place.sign_in(SUPERVISOR)).get(f"/audit/{session}/journal")).text
    for words in ("gave way to a new one", "connects by way of a relay", "another finding of the device", "time stamp"):
        assert words in page


async def test_a_code_is_a_tap_away_for_who_needs_it(place: Place) -> None:
    page = (await (await place.sign_in(SUPERVISOR)).get("/statistics")).text
    assert '<details class="code"><summary>Its code</summary><code>received@1</code></details>' in page
    lost = (await (await another(place.nobody)).get("/nowhere")).text
    assert "<code>not_found" in lost
