"""Files of a complaint: sealed on the disk, named in the journal, downloaded with a note, removed for a reason."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from complaints.record import MOST
from journal import Draft, Event
from journal.refusals import Refused
from offices import Officer
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from server.complaints.attachments import AttachmentService
from tests.complaints.record.test_uploads import PDF, picture
from tests.server.app.office import World
from tests.server.rooms.exhibits.files import heic
from web.office.complaints.amending import WHY


@pytest.fixture
def attachments(world: World, tmp_path: Path) -> AttachmentService:
    return AttachmentService(world.complaints, EncryptedFileStore(tmp_path / "attachments", case_keys(tmp_path)))


def files(folder: Path) -> list[Path]:
    return [file for file in (folder / "attachments").rglob("*") if file.is_file()]


async def told(world: World, complaint: str) -> Sequence[Event]:
    return [event for event in await world.journal.read(f"complaint/{complaint}") if "Attachment" in event.type]


async def test_a_photo_is_sealed_and_the_journal_has_both_hashes(
    world: World, attachments: AttachmentService, tmp_path: Path
) -> None:
    complaint, sent = await world.register(), picture("JPEG")
    which = await attachments.add(world.zhou, complaint, "收据.jpeg", sent, "evidence", "收据")
    assert len(files(tmp_path)) == 2  # what is shown, and what was sent
    assert not any(b"JFIF" in file.read_bytes() for file in files(tmp_path))
    found, opened = await attachments.take(world.zhou, complaint, which)
    with opened:
        content = opened.read()
    assert (found.name, found.kind, found.size) == ("收据.jpg", "jpeg", len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.original_sha256 == hashlib.sha256(sent).hexdigest()
    assert [event.type for event in await told(world, complaint)] == ["AttachmentAdded", "AttachmentTaken"]
    original, opened = await attachments.take(world.zhou, complaint, which, original=True)
    with opened:
        assert opened.read() == sent
    assert original.size == len(sent)
    assert (await told(world, complaint))[-1].data == {"attachment": which, "original": True}


async def test_an_iphones_photo_is_shown_as_jpeg_and_kept_as_it_was_taken(
    world: World, attachments: AttachmentService, tmp_path: Path
) -> None:
    complaint, sent = await world.register(), heic((320, 240)) + b"behind its end: 30.5N 114.3E"
    which = await attachments.add(world.zhou, complaint, "IMG_0001.HEIC", sent, "evidence", "")
    assert not any(b"ftyp" in file.read_bytes() for file in files(tmp_path))  # sealed
    shown, opened = await attachments.take(world.zhou, complaint, which)
    with opened:
        content = opened.read()
    assert (shown.name, shown.kind, shown.size) == ("IMG_0001.jpg", "jpeg", len(content))
    assert shown.sha256 == hashlib.sha256(content).hexdigest()
    assert b"114.3E" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (320, 240))
        red, green, blue = image.tobytes()[:3]
    assert red > 180 > 60 > max(green, blue)
    original, opened = await attachments.take(world.zhou, complaint, which, original=True)
    with opened:
        assert opened.read() == sent
    assert (original.name, original.kind, original.size) == ("IMG_0001.heic", "heic", len(sent))


@pytest.mark.parametrize("content", [heic((64, 64))[:-60], heic((64, 64), claims=(20_000, 20_000))])
async def test_an_iphones_photo_that_cannot_be_drawn_is_refused_in_words(
    world: World, attachments: AttachmentService, content: bytes
) -> None:
    with pytest.raises(Refused) as no:
        await attachments.add(world.zhou, await world.register(), "a.heic", content, "evidence", "")
    assert no.value.code == "bad_upload"
    assert no.value.params["why"] in WHY


async def test_a_removed_file_is_gone_and_its_entry_stays(
    world: World, attachments: AttachmentService, tmp_path: Path
) -> None:
    complaint = await world.register()
    which = await attachments.add(world.zhou, complaint, "a.pdf", PDF, "performance", "")
    with pytest.raises(Refused) as no:
        await attachments.remove(world.zhou, complaint, which, " ")
    assert no.value.code == "missing"
    await attachments.remove(world.zhou, complaint, which, "传错了")
    assert files(tmp_path) == []
    assert (await told(world, complaint))[-1].data["reason"] == "传错了"
    for attempt in (attachments.take(world.zhou, complaint, which), attachments.take(world.zhou, complaint, "../x")):
        with pytest.raises(Refused) as no:
            await attempt
        assert (no.value.code, no.value.status) == ("not_found", 404)


async def test_what_is_refused_leaves_no_file(world: World, attachments: AttachmentService, tmp_path: Path) -> None:
    complaint = await world.register()
    supervisor = Officer("w", "w", "罗建国", "supervisor", world.zhou.office, totp=False)
    for officer, content, about, code in (
        (world.zhou, b"<html>", "evidence", "bad_upload"),
        (world.zhou, PDF, "fun", "bad_choice"),
        (world.other, PDF, "evidence", "not_found"),
        (supervisor, PDF, "evidence", "not_allowed"),
    ):
        with pytest.raises(Refused) as no:
            await attachments.add(officer, complaint, "a.pdf", content, about, "")
        assert no.value.code == code
    assert files(tmp_path) == []
    assert await told(world, complaint) == []


async def test_a_complaint_holds_so_many_and_no_more(world: World, attachments: AttachmentService) -> None:
    complaint = await world.register()
    which = await attachments.add(world.zhou, complaint, "a.pdf", PDF, "evidence", "")
    there = await world.journal.read(f"complaint/{complaint}")
    (added,) = await told(world, complaint)
    more = [Draft(added.type, {**added.data, "attachment": f"a{n}"}, added.at, added.actor) for n in range(MOST - 1)]
    await world.journal.append(f"complaint/{complaint}", len(there), more)
    with pytest.raises(Refused) as no:
        await attachments.add(world.zhou, complaint, "a.pdf", PDF, "evidence", "")
    assert no.value.code == "too_many"
    await attachments.remove(world.zhou, complaint, which, "重复")
    await attachments.add(world.zhou, complaint, "a.pdf", PDF, "evidence", "")
