"""Files through the public window: sent once, stripped, counted by the day, taken back by who sent them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from server.serving.settings import Settings
from tests.complaints.record.test_uploads import PDF, picture
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.rooms.exhibits.files import heic
from tests.server.window.test_window import (
    _ids,
    filed,
    parts,
    person as person,  # a fixture
    written,
)
from tests.web.client import AiohttpClient, Browser, another, browser
from web import WINDOW


async def test_photos_are_sent_once_however_often_they_are_tried_and_lose_their_place(person: Browser) -> None:
    await filed(person)
    await person.get("/follow/photos")
    sent = picture("JPEG")
    for _ in range(2):
        answer = await person.upload(
            "/follow/photos", "小票.jpg", sent, {"key": "a1b2c3d4e5"}, accept="application/json"
        )
        assert (answer.status, answer.text) == (200, '{"ok":true}')
    (one,) = (await parts(person).complaints.state((await _ids(person))[-1])).attachments
    assert (one.by, one.original, one.name) == ("consumer", True, "小票.jpg")
    assert "You have sent one file." in (await person.get("/follow/state")).text


async def test_an_iphones_photo_is_taken_and_one_that_is_cut_off_gets_a_sentence(person: Browser) -> None:
    await filed(person)
    await person.get("/follow/photos")
    assert (await person.upload("/follow/photos", "IMG_0001.HEIC", heic((320, 240)), {})).status == 303
    (one,) = (await parts(person).complaints.state((await _ids(person))[-1])).attachments
    assert (one.name, one.kind, one.original) == ("IMG_0001.heic", "heic", True)
    broken = await person.upload("/follow/photos", "a.heic", b"\0\0\0\x18ftypheic" + bytes(40), {})
    assert (broken.status, "damaged or was cut off" in broken.text) == (422, True)


async def test_twelve_files_are_enough(person: Browser) -> None:
    await filed(person)
    await person.get("/follow/photos")
    for n in range(12):
        assert (await person.upload("/follow/photos", f"{n}.pdf", PDF, {})).status == 303
    assert (await person.upload("/follow/photos", "13.pdf", PDF, {})).status == 422


async def test_the_files_of_a_day_are_counted_and_come_in_again_the_next_day(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), window_phone_files=2, window_address_bytes=500_000
    )
    person = await browser(aiohttp_client, demo_app(settings))
    await filed(person)
    await person.get("/follow/photos")
    for n in range(2):
        assert (await person.upload("/follow/photos", f"{n}.pdf", PDF, {})).status == 303
    third = await person.upload("/follow/photos", "3.pdf", PDF, {})
    assert (third.status, "As many files as may come in a day have come" in third.text) == (422, True)
    large = await person.upload("/follow/photos", "4.pdf", PDF + bytes(600_000), {})
    assert (large.status, "As many files as may come in a day have come" in large.text) == (429, True)  # not read
    window = person.client.server.app[WINDOW]  # type: ignore[attr-defined]
    today = window._quota._now()
    window._quota._now = lambda: today + timedelta(days=1)
    assert (await person.upload("/follow/photos", "5.pdf", PDF, {})).status == 303


async def test_what_was_sent_by_mistake_is_taken_back_by_who_sent_it_and_nobody_else(person: Browser) -> None:
    await filed(person)
    await person.get("/follow/photos")
    await person.upload("/follow/photos", "a.pdf", PDF, {})
    complaint = (await _ids(person))[-1]
    (one,) = (await parts(person).complaints.state(complaint)).attachments
    stranger = await another(person)
    await filed(stranger, phone="13800007790")
    await stranger.get("/follow/photos")
    assert (await stranger.post(f"/follow/photos/{one.attachment}/remove", {})).status == 404
    await person.post(f"/follow/photos/{one.attachment}/remove", {})
    assert not (await parts(person).complaints.state(complaint)).attachments


async def test_nobody_without_a_confirmed_phone_has_a_large_file_read(person: Browser) -> None:
    await written(person)
    large = await person.upload("/follow/photos", "a.pdf", PDF + bytes(400_000), {})
    assert large.status == 401
