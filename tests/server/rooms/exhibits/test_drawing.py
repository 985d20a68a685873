"""What strangers send is decoded in a process of its own: drawn anew, refused with a reason, and never trusted."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from recordings.composing.encoder import nameless
from server.rooms.exhibits.uploads import BadFile, DrawnFile, ImageWorker, checked_exhibit, kind_of
from tests.server.rooms.exhibits.files import (
    HTML,
    PLACE,
    SVG,
    document,
    film,
    heic,
    photo_with_place,
    picture,
    pixel_bomb,
    swollen_document,
    written,
)


@contextlib.contextmanager
def nameless_of(content: bytes) -> Iterator[BinaryIO]:
    with nameless(Path.cwd()) as file:
        file.write(content)
        yield file


async def draw(content: bytes, form: str, most_pages: int = 80) -> DrawnFile:
    with nameless_of(content) as file:
        return await ImageWorker().draw(file, form, most_pages)


async def refused(content: bytes, form: str) -> str:
    with pytest.raises(BadFile) as no:
        await draw(content, form)
    return no.value.why


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
async def test_a_picture_becomes_a_page(form: str, mode: str) -> None:
    found = await draw(picture(form, mode=mode), form.lower())
    (page,) = found.sheets
    shown = Image.open(io.BytesIO(page.content))
    assert (
        (shown.format, shown.mode, shown.size)
        == ("JPEG", "RGB", (320, 240))
        == ("JPEG", "RGB", (page.width, page.height))
    )


async def test_an_iphones_own_format_becomes_a_page_and_a_damaged_one_is_refused() -> None:
    content = heic((320, 240))
    assert checked_exhibit(content[:64], "IMG_0001.HEIC", len(content)) == "heic"
    (page,) = (await draw(content, "heic")).sheets
    shown = Image.open(io.BytesIO(page.content)).convert("RGB")
    assert (page.width, page.height) == shown.size == (320, 240)
    red, green, blue = shown.getpixel((40, 40))  # type: ignore[misc]
    assert red > 180
    assert max(green, blue) < 80
    assert await refused(content[:-200], "heic") == "broken"
    assert await refused(b"\0\0\0\x18ftypheic" + bytes(400), "heic") == "broken"
    assert await refused(heic((320, 240), claims=(20_000, 20_000)), "heic") in ("pixels", "broken")


async def test_place_phone_and_comments_are_gone_and_it_stands_upright() -> None:
    sent = photo_with_place()
    assert PLACE in sent
    assert b"Somephone" in sent
    (page,) = (await draw(sent, "jpeg")).sheets
    assert PLACE not in page.content
    assert b"Somephone" not in page.content
    assert b"Exif" not in page.content
    shown = Image.open(io.BytesIO(page.content))
    assert not shown.getexif()
    assert shown.size == (200, 300)
    dark = shown.convert("L").getpixel((190, 10))
    assert isinstance(dark, int)
    assert dark < 70  # what was left above is right above now


async def test_nothing_hidden_in_or_behind_a_picture_is_in_the_page() -> None:
    for extra in (HTML, SVG, b"PK\x03\x04" + b"evil.exe" * 50, document(script=True)):
        (page,) = (await draw(picture() + extra, "jpeg")).sheets
        assert extra[:24] not in page.content
    (page,) = (await draw(picture("JPEG", comment=HTML), "jpeg")).sheets
    assert b"script" not in page.content


async def test_a_very_tall_screenshot_becomes_pages_that_can_be_read() -> None:
    found = await draw(picture("PNG", (400, 4000)), "png")
    assert len(found.sheets) > 3
    assert all(page.width == 400 and page.height < 1000 for page in found.sheets)


async def test_a_document_becomes_pictures_of_its_pages_and_no_script_of_it_is_left() -> None:
    found = await draw(document(3, script=True), "pdf")
    assert len(found.sheets) == 3
    assert all(Image.open(io.BytesIO(page.content)).format == "JPEG" for page in found.sheets)
    assert all(b"JavaScript" not in page.content for page in found.sheets)


async def test_a_film_is_measured_and_not_decoded() -> None:
    for container, form in (("mp4", "mp4"), ("mov", "mov"), ("webm", "webm")):
        found = await draw(film(1.0, container=container), form)
        assert (found.width, found.height) == (64, 48)
        assert 800 <= found.ms <= 1200
        assert found.sheets == ()


async def test_what_is_damaged_cut_off_or_not_what_it_says_is_refused() -> None:
    whole = picture("PNG")
    assert await refused(whole[:-40], "png") == "broken"
    assert await refused(picture()[:200], "jpeg") == "broken"
    assert await refused(picture("PNG"), "jpeg") == "broken"
    assert await refused(b"%PDF-1.4\nnothing\n%%EOF", "pdf") == "broken"
    assert await refused(film()[:300], "mp4") == "broken"
    assert (
        await refused(written(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"]), "pdf") == "broken"
    )


@pytest.mark.long
async def test_bombs_are_refused_within_the_limits_of_their_process() -> None:
    assert await refused(pixel_bomb(), "png") == "pixels"
    bomb = swollen_document()
    assert len(bomb) < 1 << 20
    try:
        found = await draw(bomb, "pdf")
    except BadFile as no:
        assert no.why in ("broken", "hard")  # noqa: PT017 - either is right, taking the machine down is not
    else:
        assert len(found.sheets) == 1  # drawn empty: the content was given up


async def test_moving_pictures_too_many_pages_and_long_films_are_refused() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    assert await refused(out.getvalue(), "webp") == "animated"
    assert await refused(document(81), "pdf") == "pages"
    assert await refused(film(185, (16, 16)), "mp4") == "long"


def test_only_what_its_content_and_its_name_agree_on_is_taken() -> None:
    assert checked_exhibit(picture()[:64], "a.JPG", 10) == "jpeg"
    assert checked_exhibit(film()[:64], "IMG_0001.MP4", 10) == "mp4"
    for head, name, why in (
        (picture("PNG"), "a.jpg", "ending"),
        (picture(), "a.jpg.html", "ending"),
        (picture(), "a", "ending"),
        (document(), "../../etc/passwd", "ending"),
        (SVG, "a.svg", "kind"),
        (SVG, "a.png", "kind"),
        (HTML, "a.html", "kind"),
        (b"GIF89a" + bytes(60), "a.gif", "kind"),
        (b"MZ" + bytes(62), "a.jpg", "kind"),
        (b"PK\x03\x04" + bytes(60), "a.pdf", "kind"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "a.jpg", "ending"),
        (b"\0\0\0\x18ftypavif" + bytes(50), "a.avif", "kind"),
    ):
        with pytest.raises(BadFile) as no:
            checked_exhibit(head[:64], name, 10)
        assert no.value.why == why, name
    with pytest.raises(BadFile, match="empty"):
        checked_exhibit(b"", "a.jpg", 0)
    with pytest.raises(BadFile, match="large"):
        checked_exhibit(picture()[:64], "a.jpg", 21 << 20)


def test_an_exhibit_is_pictures_or_one_document_or_one_film() -> None:
    assert kind_of(["jpeg", "png", "webp"]) == "pictures"
    for forms, why in (
        (["pdf", "jpeg"], "mixed"),
        (["pdf", "pdf"], "mixed"),
        (["mp4", "mp4"], "mixed"),
        (["png"] * 21, "many"),
    ):
        with pytest.raises(BadFile, match=why):
            kind_of(forms)
