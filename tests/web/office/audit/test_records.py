"""The list and the record as supervisors and mediators see them: read-only, and every look noted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from journal import Draft
from rooms import events as e
from rooms.events import event_draft
from rooms.vocabulary import Consent, Side
from tests.web.client import AiohttpClient, Browser
from tests.web.fakes import World
from tests.web.office.audit import story
from tests.web.office.audit.records import (
    SOUND,
    TRACK,
    lin as lin,  # a fixture
    of_this_office,
    officer,
    page_data,
    world as world,  # a fixture
)
from web.i18n import Words
from web.office.audit import MOST, Looks
from web.office.audit.sections import moments
from web.office.audit.sentences import Voice


async def test_the_list_can_be_narrowed_and_says_so(lin: Browser) -> None:
    page = await lin.get("/audit")
    assert "One mediation to look back at" in page.text
    assert 'href="/audit/s1"' in page.text
    page = await lin.get("/audit?outcome=not_settled&since=2026-01-01&shortest=5")
    assert "No mediation fits these filters." in page.text
    assert '<option value="not_settled" selected>' in page.text


async def test_a_filter_nobody_can_read_is_left_out(lin: Browser) -> None:
    page = await lin.get("/audit?outcome=victory&since=soon&shortest=-3&longest=x&page=0")
    assert page.status == 200
    assert 'href="/audit/s1"' in page.text


async def test_the_record_tells_what_came_of_it_and_who_agreed(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    assert "<h1>Settled: 退款 ¥2,000.00</h1>" in page.text
    assert "The journal is whole and unchanged" in page.text
    assert "recording 09:53" in page.text  # when 丁小禾 agreed, in the office's zone
    for words in ("All together", "Interruptions", "退款", "Came back to the same seat without a new code"):
        assert words in page.text


async def test_what_was_said_on_the_telephone_plays_beside_the_consent_until_the_record_is_erased(
    world: World, lin: Browser
) -> None:
    name, by = "20260624T014600000Z-consent.webm", story.DING
    (world.shelf.folder / "s1" / "seat-c" / name).write_bytes(SOUND)
    said = e.ConsentSpoken(
        "seat-c", "t1", Consent.RECORD, f"s1/seat-c/{name}", "cd" * 32, len(SOUND), story.at(-8), story.at(-7.9), 1240
    )
    keyed: list[e.SessionEvent] = [e.ConsentKeyed("seat-c", "t1", Consent.RECORD, "1"), said]
    steps = [*story.told(), *(event_draft(fact, story.at(43), by) for fact in keyed)]
    world.sessions.streams["s1"] = of_this_office(steps)
    page = await lin.get("/audit/s1")
    assert page.text.count("on the telephone, key 1") == 1
    assert "6.0 s, something to be heard in 1.2 s of it" in page.text
    [player] = re.findall(r"<audio[^>]*>", page.text)
    assert f'src="/audit/s1/tracks/seat-c/{name}"' in player
    sound = await lin.get(f"/audit/s1/tracks/seat-c/{name}")
    assert (sound.status, sound.headers["Content-Length"]) == (200, str(len(SOUND)))
    assert world.sessions.streams["s1"][-1].data["part"] == "track:seat-c"
    silent = [*steps[:-1], event_draft(replace(said, audible_ms=0), story.at(43), by)]
    world.sessions.streams["s1"] = of_this_office(silent)
    assert "6.0 s, nothing can be heard" in (await lin.get("/audit/s1")).text
    withdrawn = event_draft(e.ConsentWithdrawn("seat-c", Consent.RECORD), story.at(44), by)
    world.sessions.streams["s1"] = of_this_office([*steps, withdrawn])
    page = await lin.get("/audit/s1")
    assert "recording withdrawn" in page.text
    assert re.findall(r"<audio[^>]*>", page.text) == [player], "that they agreed before is heard all the same"
    gone = [*steps, event_draft(e.ErasureOrdered("no purpose any more"), story.at(44), story.OFFICER)]
    world.sessions.streams["s1"] = of_this_office(gone)
    assert "<audio" not in (await lin.get("/audit/s1")).text
    assert (await lin.get(f"/audit/s1/tracks/seat-c/{name}")).status == 410


async def test_the_film_has_a_jump_mark_for_every_phase(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    jumps = re.findall(r'class="btn btn-dense" href="/audit/s1\?t=([\d.]+)#player" data-seek="([\d.]+)"', page.text)
    assert [seconds for seconds, _ in jumps] == ["0.0", "300.0", "840.0", "1260.0", "1800.0", "2220.0"]


async def test_the_picture_is_painted_by_class_only(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    chart = page.text[page.text.index('<svg class="chart"') :]
    chart = chart[: chart.index("</svg>")]
    assert 'class="c-consumer-soft"' in chart
    assert "<title" in chart
    assert "<desc" in chart
    assert "#" not in re.sub(r'href="[^"]*"', "", chart).replace("url(#hatch)", "")
    assert "style=" not in page.text


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/audit/s1", "record"),
        ("/audit/s1/journal", "journal"),
        ("/audit/s1/journal.json", "journal"),
        ("/audit/s1/captions.vtt", "record"),
        ("/audit/s1/recording.mp4", "recording"),
        (TRACK, "track:seat-c"),
    ],
)
async def test_every_look_is_in_the_journal(world: World, lin: Browser, path: str, part: str) -> None:
    assert (await lin.get(path)).status == 200
    assert world.reads.looks == [("lin", "s1", part)]
    assert world.sessions.events("s1")[-1] == e.Viewed(part)


async def test_a_visit_is_noted_once_for_each_part_of_the_record(world: World, lin: Browser) -> None:
    for _ in range(2):
        for path in ("/audit/s1", "/audit/s1/journal", "/audit/s1/recording.mp4", TRACK, "/audit/s1/captions.vtt"):
            assert (await lin.get(path)).status == 200, path
    assert [part for _, _, part in world.reads.looks] == ["record", "journal", "recording", "track:seat-c"]


async def test_who_was_refused_a_record_is_noted_as_soon_as_they_may_see_it(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    """A look that came to nothing does not hide the one that does not."""
    stranger = await officer(world, aiohttp_client, "other")
    assert (await stranger.get("/audit/s1")).status == 404
    world.reads.overseen.add("other")
    assert (await stranger.get("/audit/s1")).status == 200
    assert world.reads.looks == [("other", "s1", "record")]


async def test_only_what_the_journal_names_is_handed_out(world: World, lin: Browser) -> None:
    (world.shelf.folder / "s1" / "seat-c" / "other.webm").write_bytes(SOUND)
    await lin.get("/audit/s1/tracks/nobody/at-all.webm")
    for name in ("seat-c/other.webm", "seat-b/20260624T020100000Z-camera.webm", "seat-c/..%2F..%2Fsession.mp4"):
        assert (await lin.get(f"/audit/s1/tracks/{name}")).status == 404, name
    assert world.reads.looks == []


async def test_a_track_is_served_in_pieces(lin: Browser) -> None:
    whole = await lin.get(TRACK, method="HEAD")
    assert (whole.status, whole.headers["Content-Length"]) == (200, str(len(SOUND)))
    assert whole.headers["Content-Type"] == "video/webm"
    part = await lin.get(TRACK, Range="bytes=0-3")
    assert (part.status, part.headers["Content-Range"]) == (206, f"bytes 0-3/{len(SOUND)}")


async def test_each_persons_pieces_and_what_is_missing_go_to_the_player(lin: Browser) -> None:
    data = page_data(await lin.get("/audit/s1"))["player"]
    assert data["film"] == "/audit/s1/recording.mp4"
    ding = next(strand for strand in data["strands"] if strand["who"] == "seat-c")
    assert [piece[1:] for piece in ding["pieces"]] == [[0, 726, True], [756, 1320, True], [1620, 2400, True]]
    assert ding["pieces"][0][0] == TRACK
    assert [hole[:3] for hole in ding["holes"] if hole[2] == "mic"] == [
        [726, 750, "mic"],  # 13:06, before anybody noticed, to 13:30
        [750, 756, "mic"],
        [1320, 1620, "mic"],
    ]
    assert [hole[3] for hole in ding["holes"] if hole[2] == "mic"] == [
        "the connection was broken; the seat was kept",
        "starting: nothing had arrived yet",
        "recess: nothing is recorded",
    ]


async def test_the_ledger_is_a_table_and_says_that_all_is_explained(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    assert "Every silence in the recording has a cause in the journal." in page.text
    row = page.text[page.text.index('<tr id="gap-') :]
    assert "the connection was broken; the seat was kept" in row
    drawn = set(re.findall(r'href="#(gap-\d+)" data-gap', page.text))
    assert drawn
    assert drawn <= set(re.findall(r'<tr id="(gap-\d+)"', page.text))


async def test_what_nothing_explains_is_said_aloud(world: World, lin: Browser) -> None:
    drafts = [draft for draft in story.told() if "T022800" not in draft.data.get("path", "")]
    assert len(drafts) < len(story.told())
    world.sessions.streams["s1"] = story.events(
        [replace(drafts[0], data={**drafts[0].data, "complaint": "c0"}), *drafts[1:]]
    )
    page = await lin.get("/audit/s1")
    assert "the journal does not say why nothing was recorded" in page.text


async def test_without_script_a_place_is_an_address(lin: Browser) -> None:
    page = await lin.get("/audit/s1?t=300")
    assert 'src="/audit/s1/recording.mp4#t=300.0"' in page.text
    page = await lin.get("/audit/s1?who=seat-c&t=800")
    assert 'src="/audit/s1/tracks/seat-c/20260624T021336000Z-camera.webm#t=44.0"' in page.text
    for nonsense in ("t=soon", "t=nan", "t=-5", "t=1e99", "who=nobody"):
        assert 'src="/audit/s1/recording.mp4"' in (await lin.get(f"/audit/s1?{nonsense}")).text, nonsense


async def test_over_every_picture_stands_who_looks(lin: Browser) -> None:
    page = await lin.get("/audit/s1")
    mark = page.text[page.text.index('<div class="watermark"') :].partition("</div>")[0]
    assert mark.count("林督 · lin · <time data-now ") == 6
    view = page.text[page.text.index('<div class="player" id="player">') :]
    assert view.index("<video") < view.index('class="watermark"') < view.index("player-bar")


async def test_captions_are_phases_chat_and_outcome(lin: Browser) -> None:
    answer = await lin.get("/audit/s1/captions.vtt")
    assert answer.headers["Content-Type"].startswith("text/vtt")
    assert answer.text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n— Opening —\n")
    assert "00:22:00.000 --> 00:22:04.000\n— Recess —" in answer.text
    assert "— Settled: 退款 ¥2,000.00 —" in answer.text


async def test_every_entry_of_the_journal_leads_to_its_second(lin: Browser) -> None:
    for path in ("/audit/s1", "/audit/s1/journal"):
        rows = (await lin.get(path)).text
        row = rows[rows.index("Came back to the same seat") - 600 : rows.index("Came back to the same seat")]
        assert 'href="/audit/s1?t=750.0#player" data-seek="750.0"' in row, path


async def test_a_journal_that_was_tampered_with_is_shown_as_such(world: World, lin: Browser) -> None:
    stream = world.sessions.streams["s1"]
    stream[4] = replace(stream[4], data={**stream[4].data, "text": "another version"})
    for path in ("/audit/s1", "/audit/s1/journal"):
        assert "does not hold from entry 5 on" in (await lin.get(path)).text
    assert json.loads((await lin.get("/audit/s1/journal.json")).text)["broken_at"] == 5


async def test_the_download_holds_every_entry_with_its_hash(world: World, lin: Browser) -> None:
    answer = await lin.get("/audit/s1/journal.json")
    held = json.loads(answer.text)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [event["version"] for event in held["events"]] == list(range(1, len(held["events"]) + 1))
    assert all(len(event["hash"]) == 64 for event in held["events"])
    assert held["verified"] is True
    assert held["timing"]["joint_ms"] > 0


async def test_what_was_said_in_confidence_is_neither_on_the_page_nor_in_the_download(
    world: World, lin: Browser
) -> None:
    secret = "最多退到两千六"
    world.sessions.append(
        "s1",
        e.SlipWritten(1, Side.BUSINESS, "seat-b", secret, Decimal("2600.00"), False),
        e.ReasonConfided("seat-c", "c1", 1, secret),
    )
    for path in ("/audit/s1", "/audit/s1/journal", "/audit/s1/journal.json"):
        assert secret not in (await lin.get(path)).text
    held = json.loads((await lin.get("/audit/s1/journal.json")).text)
    slip = next(event for event in held["events"] if event["type"] == "SlipWritten")
    assert (slip["data"], slip["salt"], slip["actor"]["name"], len(slip["hash"])) == ({}, "", "", 64)
    assert held["verified"] is True


def test_who_mutes_somebody_is_not_said_to_have_stopped_speaking() -> None:
    """One act of the mediator's brings both entries about; the second is about the business."""
    muted = event_draft(e.Muted("seat-b", "seat-m"), story.at(50), story.OFFICER)
    stopped = event_draft(e.SpeakingStopped("seat-b"), story.at(50), story.OFFICER)
    events = story.events([*story.told(), muted, stopped])
    voice = Voice(Words("en", {}).gettext, str, str, {"seat-b": "陈立", "seat-m": "周敏"})
    assert [moment.who for moment in moments(events, voice, "the program")][-2:] == [story.OFFICER.name, "陈立"]


def test_an_unknown_kind_of_event_is_shown_by_its_type() -> None:
    later = story.events([*story.told(), Draft("SomethingFromTheFuture", {}, story.at(50))])
    voice = Voice(Words("en", {}).gettext, str, str, {})
    assert [moment.what for moment in moments(later, voice, "the program")][-1] == "SomethingFromTheFuture"


async def test_the_mediator_of_the_case_sees_its_record_and_nobody_of_another_office(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    own = await officer(world, aiohttp_client, "zhou")
    assert (await own.get("/audit/s1")).status == 200
    other = await officer(world, aiohttp_client, "other")
    for path in ("/audit/s1", "/audit/s1/journal", "/audit/s1/journal.json", "/audit/s1/recording.json"):
        assert (await other.get(path)).status == 404, path
    assert (await other.get("/audit/s1/recording.mp4")).status == 404
    assert [login for login, _, _ in world.reads.looks] == ["zhou"]


async def test_before_anybody_came_the_record_stands_without_a_picture(world: World, lin: Browser) -> None:
    world.sessions.streams["s1"] = world.sessions.streams["s1"][:3]
    world.reads.recordings.clear()
    page = await lin.get("/audit/s1")
    assert "This mediation has not begun" in page.text
    assert "The picture begins when the first person comes." in page.text


def test_a_look_ends_when_nothing_was_asked_for_ten_minutes() -> None:
    looks = Looks()
    assert looks.fresh("lin", "s1", "record", story.at(0))
    assert not looks.fresh("lin", "s1", "record", story.at(9))
    assert not looks.fresh("lin", "s1", "record", story.at(18))  # asking on keeps it going
    assert looks.fresh("lin", "s1", "record", story.at(29))
    assert looks.fresh("zhou", "s1", "record", story.at(29))
    assert looks.fresh("lin", "s1", "journal", story.at(29))


def test_looks_are_remembered_up_to_a_limit() -> None:
    looks = Looks()
    for number in range(MOST + 1):
        looks.fresh("lin", str(number), "record", story.at(0))
    assert looks.fresh("lin", "0", "record", story.at(1))
    assert not looks.fresh("lin", str(MOST), "record", story.at(1))
