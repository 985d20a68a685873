"""The list and the record as supervisors and mediators see them: read-only, and every look noted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from journal import Draft, Event
from recordings.blobs import sha256_of
from recordings.errors import StoreUnreachable
from recordings.local_blobs import LocalBlobs
from recordings.shelf import Shelf
from rooms import events as e
from rooms.vocabulary import Side
from tests.recordings.keyring import Keyring
from tests.web.audit import story
from tests.web.client import AiohttpClient, Answer, Browser, browser
from tests.web.fakes import World
from web import cookies
from web.audit.looks import MOST, Looks
from web.audit.moments import moments
from web.audit.voice import Voice
from web.i18n import Words
from web.ports import Keeping, Recording

PIECE = "s1/seat-c/20260624T020100000Z-camera.webm"
SOUND = b"\x1a\x45\xdf\xa3" + bytes(500)
TRACK = f"/audit/s1/tracks/{PIECE.removeprefix('s1/')}"
FILM = b"\x00\x00\x00\x18ftypisom" + bytes(1000)


def of_this_office(drafts: list[Draft]) -> list[Event]:
    scheduled = {**drafts[0].data, "complaint": "c0", "mediator": "u-zhou"}
    return story.events([replace(drafts[0], data=scheduled), *drafts[1:]])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World()
    made.sessions.streams.clear()
    made.sessions.streams["s1"] = of_this_office(story.told())
    made.shelf = Shelf(tmp_path, Keyring())
    film = tmp_path / "s1" / "session.mp4"
    film.parent.mkdir()
    film.write_bytes(FILM)
    piece = tmp_path / PIECE
    piece.parent.mkdir()
    piece.write_bytes(SOUND)
    made.reads.recordings["s1"] = Recording("ready", 1.0, film, 2_400_000, story.at(1))
    return made


@pytest.fixture
async def lin(world: World, aiohttp_client: AiohttpClient) -> Browser:
    return await officer(world, aiohttp_client, "lin")


async def officer(world: World, aiohttp_client: AiohttpClient, login: str) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token(login))
    visitor.cookies[cookies.LANGUAGE] = "en"
    return visitor


def page_data(page: Answer) -> Any:
    """What the page's script starts from."""
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page.text, re.S)
    assert found
    return json.loads(found[1])


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
    assert mark.count("林督 · lin · <time data-now>") == 6
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


# ---------------------------------------------------------------- notes


async def test_a_supervisor_notes_something_about_a_moment(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1")
    answer = await lin.post("/audit/s1/notes", {"text": "第二条没有念", "at": "23:40", "t": "1420"})
    assert answer.location == "/audit/s1?t=1420#notes"
    assert world.sessions.events("s1")[-1] == e.NoteAdded("第二条没有念", 1_480_000)  # the recording began at 1:00
    page = await lin.get("/audit/s1")
    note = page.text[page.text.index('<ol class="notes">') :]
    assert 'data-seek="1420.0">23:40</a> <span class="said">第二条没有念</span>' in note
    assert "Noted: 第二条没有念" in page.text  # in the journal


async def test_a_note_is_corrected_by_a_further_one(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1")
    await lin.post("/audit/s1/notes", {"text": "第二条没有念", "at": "23:40"})
    number = len(world.sessions.streams["s1"])
    await lin.get("/audit/s1")
    answer = await lin.post("/audit/s1/notes", {"text": "念了", "at": "24:02", "corrects": str(number)})
    assert answer.status == 303
    assert world.sessions.events("s1")[-1] == e.NoteAdded("念了", 1_502_000, number)
    page = await lin.get("/audit/s1")
    assert 'class="corrected"' in page.text
    assert "corrected later" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "  ", "at": ""}, "Please fill this in."),
        ({"text": "念了", "at": "soon"}, "Write the moment as minutes and seconds"),
        ({"text": "念了", "at": "999:99"}, "Write the moment as minutes and seconds"),
        ({"text": "x" * 2001, "at": ""}, "This is too long"),
    ],
)
async def test_a_note_that_cannot_be_taken_says_why_and_keeps_what_was_typed(
    world: World, lin: Browser, typed: dict[str, str], said: str
) -> None:
    await lin.get("/audit/s1")
    answer = await lin.post("/audit/s1/notes", typed)
    assert answer.status == 422
    assert said in answer.text
    assert typed["text"].strip()[:100] in answer.text
    assert not any(isinstance(event, e.NoteAdded) for event in world.sessions.events("s1"))


async def test_a_note_about_no_note_is_refused(lin: Browser) -> None:
    await lin.get("/audit/s1")
    assert (await lin.post("/audit/s1/notes", {"text": "念了", "corrects": "3"})).status == 409


async def test_mediators_read_notes_and_write_none(world: World, lin: Browser, aiohttp_client: AiohttpClient) -> None:
    await lin.get("/audit/s1")
    await lin.post("/audit/s1/notes", {"text": "第二条没有念"})
    zhou = await officer(world, aiohttp_client, "zhou")
    page = await zhou.get("/audit/s1")
    assert "第二条没有念" in page.text
    assert 'action="/audit/s1/notes"' not in page.text
    assert (await zhou.post("/audit/s1/notes", {"text": "不同意"})).status == 403


async def test_nothing_else_in_the_record_can_be_posted_to(lin: Browser) -> None:
    await lin.get("/audit/s1")
    for path in ("/audit", "/audit/s1", "/audit/s1/journal", "/audit/s1/recording.mp4", TRACK):
        assert (await lin.post(path)).status in (404, 405), path


async def test_the_film_is_served_in_pieces_and_one_playback_is_one_look(world: World, lin: Browser) -> None:
    first = await lin.get("/audit/s1/recording.mp4", Range="bytes=0-99")
    assert first.status == 206
    assert first.headers["Content-Range"] == f"bytes 0-99/{len(FILM)}"
    await lin.get("/audit/s1/recording.mp4", Range="bytes=100-")
    assert [part for _, _, part in world.reads.looks] == ["recording"]


async def test_skipping_the_beginning_does_not_skip_the_journal(world: World, lin: Browser) -> None:
    await lin.get("/audit/s1/recording.mp4", Range="bytes=500-")
    assert [part for _, _, part in world.reads.looks] == ["recording"]


async def test_while_it_is_composed_the_page_shows_how_far_it_is(world: World, lin: Browser) -> None:
    world.reads.recordings["s1"] = Recording("composing", 0.42, None)
    page = await lin.get("/audit/s1")
    assert '<progress value="0.42"' in page.text
    assert page_data(page)["player"]["film"] == ""
    assert 'src="/audit/s1/tracks/seat-m/' in page.text  # each person's own can be played meanwhile
    assert 'http-equiv="refresh"' in page.text  # inside noscript
    state = json.loads((await lin.get("/audit/s1/recording.json")).text)
    assert (state["state"], state["progress"]) == ("composing", 0.42)


@pytest.mark.parametrize("state", ["none", "queued", "failed"])
async def test_a_record_without_a_film_says_why(world: World, lin: Browser, state: str) -> None:
    world.reads.recordings["s1"] = Recording(state, 0.0, None)  # type: ignore[arg-type]
    drafts = [draft for draft in story.told() if draft.type != "SegmentSealed"]
    world.sessions.streams["s1"] = story.events(
        [replace(drafts[0], data={**drafts[0].data, "complaint": "c0"}), *drafts[1:]]
    )
    page = await lin.get("/audit/s1")
    assert "<video" not in page.text
    told = {"none": "Nothing was recorded", "queued": "waits to be composed", "failed": "could not be composed"}
    assert told[state] in page.text


async def test_a_film_in_an_archive_that_is_away_is_said_not_to_be_lost(
    world: World, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    def away(path: str) -> BinaryIO:
        raise StoreUnreachable(path)

    world.shelf = Shelf(tmp_path, Keyring(), remote=away)
    (tmp_path / "s1" / "session.mp4").unlink()
    lin = await officer(world, aiohttp_client, "lin")
    page = await lin.get("/audit/s1/recording.mp4")
    assert (page.status, "lies there and is not lost" in page.text) == (503, True)


async def test_a_film_that_lies_in_the_archive_is_played_from_there(
    world: World, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    film = tmp_path / "s1" / "session.mp4"
    (tmp_path / "store").mkdir()
    store = LocalBlobs(tmp_path / "store")
    store.put("s1/session.mp4", film, sha256_of(film))
    film.unlink()
    world.shelf = Shelf(tmp_path, Keyring(), remote=store.open)
    lin = await officer(world, aiohttp_client, "lin")
    page = await lin.get("/audit/s1/recording.mp4", Range="bytes=4-11")
    assert (page.status, page.headers["Content-Range"]) == (206, f"bytes 4-11/{len(FILM)}")


async def test_the_record_says_how_many_of_its_files_lie_in_the_archive(world: World, lin: Browser) -> None:
    assert "Archive:" not in (await lin.get("/audit/s1")).text
    world.reads.keepings["s1"] = Keeping(12, 9)
    page = await lin.get("/audit/s1")
    assert "Archive: 9 of 12 files were put there and read back." in page.text
    assert "stay on this server" not in page.text
    world.reads.keepings["s1"] = Keeping(12, 9, 2)
    assert "2 could not be put there and stay on this server." in (await lin.get("/audit/s1")).text
    lin.cookies[cookies.LANGUAGE] = "zh"
    assert "归档：共 12 个文件，已有 9 个存入归档库并回读核对。" in (await lin.get("/audit/s1")).text


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


def test_an_unknown_kind_of_event_is_shown_by_its_type() -> None:
    later = story.events([*story.told(), Draft("SomethingFromTheFuture", {}, story.at(50))])
    voice = Voice(Words("en", {}).gettext, str, str, {})
    assert [moment.what for moment in moments(later, voice, "the program")][-1] == "SomethingFromTheFuture"


async def test_mediators_see_their_own_offices_records_only(world: World, aiohttp_client: AiohttpClient) -> None:
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
