"""The contract of an exhibit's storage: sealed as sent, shown as drawn anew, and nothing left of what failed."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from journal.refusals import Refused
from recordings.files import FreeSpace, ReserveReached
from recordings.files.encrypted_file import MAGICS
from rooms import commands as c
from rooms.views import AnnouncedFile, NewExhibit
from rooms.vocabulary import ExhibitKind, Purpose, Side
from server.rooms.exhibits.uploads import LARGEST_EXHIBIT, MOST_OPEN, PIECE
from tests.rooms.house import X
from tests.rooms.scene import BU, CO, IN, OB, M, party, settled
from tests.server.rooms.exhibits.conftest import Room
from tests.server.rooms.exhibits.files import HTML, PLACE, SVG, document, film, photo_with_place, picture, pixel_bomb


async def refused(doing: Any) -> Refused:
    with pytest.raises(Refused) as no:
        await doing
    return no.value


async def test_the_original_is_sealed_as_it_came_and_the_journal_has_its_hash(room: Room) -> None:
    sent = photo_with_place()
    which = await room.send(CO, ("照片.jpg", sent))
    one = await room.exhibit(which)
    (original,) = one.originals
    assert (one.title, one.seat, one.side, one.kind) == ("付款截图", CO, Side.CONSUMER, ExhibitKind.PICTURES)
    assert (original.form, original.size) == ("jpeg", len(sent))
    assert original.sha256 == hashlib.sha256(sent).hexdigest()
    assert room.read(original.path) == sent
    lies = (room.shelf.folder / original.path).read_bytes()
    assert lies.startswith(MAGICS["aes"])
    assert PLACE not in lies
    assert hashlib.sha256(lies).hexdigest() == original.stored_sha256


async def test_what_is_shown_is_another_picture_without_place(room: Room) -> None:
    one = await room.exhibit(await room.send(CO, ("a.jpg", photo_with_place())))
    (page,) = one.pages
    shown = room.read(page.path)
    assert hashlib.sha256(shown).hexdigest() == page.sha256
    assert Image.open(io.BytesIO(shown)).size == (page.width, page.height)
    assert PLACE not in shown


async def test_several_screenshots_are_the_pages_of_one_exhibit_in_their_order(room: Room) -> None:
    sizes = [(200, 150), (210, 150), (220, 150)]
    which = await room.send(BU, *((f"{n}.png", picture("PNG", size)) for n, size in enumerate(sizes)))
    one = await room.exhibit(which)
    assert [(page.width, page.height) for page in one.pages] == sizes
    assert len(one.originals) == 3
    assert (await room.exhibit(await room.send(BU, ("合同.pdf", document(4))))).kind is ExhibitKind.DOCUMENT


async def test_pieces_come_in_any_size_and_a_broken_line_is_gone_on_with(room: Room) -> None:
    sent = picture("PNG", (900, 700), compress_level=0)
    upload = await room.begin(CO, ("a.png", sent))
    who = room.sitter(CO)
    await room.desk.append(who, upload, 0, 0, sent[:1000])
    await room.desk.append(who, upload, 0, 0, sent[:1000])  # the answer was lost: sent once more
    no = await refused(room.desk.append(who, upload, 0, 5000, sent[5000:6000]))
    assert (no.code, no.params["received"]) == ("out_of_step", 1000)
    assert (await refused(room.desk.finish(who, upload))).code == "incomplete"
    at = (await room.desk.state(who, upload)).received[0]
    while at < len(sent):
        at = (await room.desk.append(who, upload, 0, at, sent[at : at + PIECE])).received[0]
    assert await room.desk.finish(who, upload) == upload
    assert await room.desk.finish(who, upload) == upload  # the answer was lost
    assert room.read((await room.exhibit(upload)).originals[0].path) == sent
    assert not [name for name in room.files() if name.startswith("uploads")]


async def test_what_has_arrived_outlasts_the_process_and_is_never_there_in_plain(room: Room) -> None:
    sent = picture("PNG", (600, 400), compress_level=0)
    upload = await room.begin(CO, ("a.png", sent))
    await room.desk.append(room.sitter(CO), upload, 0, 0, sent[:2000])
    for name in room.files():
        assert (room.shelf.folder / X / name).read_bytes().startswith(MAGICS["aes"])
    again: Any = None
    successor = type(room.desk)(room.shelf, room.house.rooms, again, room.shelf, room.queue)
    assert (await successor.state(room.sitter(CO), upload)).received == [2000]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.svg", SVG, "kind"),
        ("a.png", SVG, "kind"),
        ("a.html", HTML, "kind"),
        ("a.png", picture("JPEG"), "ending"),
        ("a.jpg.exe", picture("JPEG"), "ending"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(400), "broken"),
        ("a.png", picture("PNG")[:-30], "broken"),
        ("a.png", pixel_bomb(), "pixels"),
        ("a.pdf", b"%PDF-1.7 " + HTML, "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_refused_says_why_and_leaves_nothing(room: Room, name: str, content: bytes, why: str) -> None:
    no = await refused(room.send(CO, (name, content)))
    assert (no.code, no.params["problem"]) == ("bad_exhibit", why)
    upload = [file for file in room.files() if file.startswith("exhibits")]
    assert upload == []
    assert not (await room.house.rooms.state(X)).exhibits.items


async def test_a_name_is_never_a_path_and_a_title_is_only_text(room: Room) -> None:
    title = "<img src=x onerror=alert(1)>{{7*7}}"
    files = [AnnouncedFile("../../../etc/cron.d/x.jpg", len(picture()))]
    upload = (await room.desk.begin(room.sitter(CO), NewExhibit(title, files))).upload
    await room.desk.append(room.sitter(CO), upload, 0, 0, picture())
    one = await room.exhibit(await room.desk.finish(room.sitter(CO), upload))
    assert one.title == title
    assert room.files() == [f"exhibits/{upload}/original-1", f"exhibits/{upload}/page-1"]
    for strange in ("../x1", "..", "a/b", "x" * 200, "%2e%2e"):
        assert (await refused(room.desk.finish(room.sitter(CO), strange))).code == "unknown_upload"


async def test_limits_of_size_and_number_are_said_before_anything_comes(room: Room) -> None:
    for files, title, code in (
        ([AnnouncedFile("a.mp4", LARGEST_EXHIBIT + 1)], "视频", "bad_exhibit"),
        ([AnnouncedFile("a.jpg", 0)], "空", "bad_exhibit"),
        ([], "无", "bad_exhibit"),
        ([AnnouncedFile("a.jpg", 10)] * 21, "多", "bad_exhibit"),
        ([AnnouncedFile("a.jpg", 10)], "长" * 61, "too_long"),
        ([AnnouncedFile("a.jpg", 10)], "  ", "missing"),
        ([AnnouncedFile("a" * 256, 10)], "名", "too_long"),
    ):
        assert (await refused(room.desk.begin(room.sitter(CO), NewExhibit(title, files)))).code == code
    upload = await room.begin(CO, ("a.jpg", picture()))
    for at, content in ((0, bytes(PIECE + 1)), (0, picture() + b"more")):
        assert (await refused(room.desk.append(room.sitter(CO), upload, 0, at, content))).code == "out_of_step"
    for _ in range(MOST_OPEN - 1):
        await room.begin(CO, ("a.jpg", picture()))
    assert (await refused(room.begin(CO, ("a.jpg", picture())))).code == "too_many_uploads"
    await room.desk.cancel(room.sitter(CO), upload)
    await room.begin(CO, ("a.jpg", picture()))


async def test_only_whoever_began_an_upload_goes_on_with_it(room: Room) -> None:
    upload = await room.begin(CO, ("a.jpg", picture()))
    for seat in (BU, M):
        who = room.sitter(seat)
        for doing in (
            room.desk.append(who, upload, 0, 0, picture()),
            room.desk.finish(who, upload),
            room.desk.cancel(who, upload),
            room.desk.state(who, upload),
        ):
            assert (await refused(doing)).code == "unknown_upload"


async def test_nobody_sends_who_is_not_in_the_room_or_only_watches(room: Room) -> None:
    await room.house.bring(OB)
    assert (await refused(room.begin(OB, ("a.jpg", picture())))).code == "not_allowed"
    assert (await refused(room.begin(IN, ("a.jpg", picture())))).code == "not_in_room"
    upload = await room.begin(CO, ("a.jpg", picture()))
    await room.house.ask(c.Leave(), party(CO))
    assert (await refused(room.desk.append(room.sitter(CO), upload, 0, 0, picture()))).code == "not_in_room"


async def test_exhibits_ask_the_reserve_that_every_writer_asks_before_anything_is_begun_and_at_each_piece(
    room: Room, tmp_path: Path
) -> None:
    free = [1 << 30]
    room.shelf.reserve = FreeSpace(tmp_path, 8 << 20, lambda _: free[0])
    upload = await room.begin(CO, ("a.jpg", picture()))
    kept = room.files()
    free[0] = 8 << 20
    with pytest.raises(ReserveReached):
        await room.begin(BU, ("b.jpg", picture()))
    with pytest.raises(ReserveReached):
        await room.desk.append(room.sitter(CO), upload, 0, 0, picture())
    assert room.files() == kept
    free[0] = 1 << 30
    assert (await room.desk.append(room.sitter(CO), upload, 0, 0, picture())).received == [len(picture())]


async def test_what_is_withdrawn_goes_and_its_hash_stays(room: Room) -> None:
    which = await room.send(CO, ("a.jpg", picture()))
    await room.house.ask(c.WithdrawExhibit(which), party(CO))
    await room.desk.withdrawn(X, which)
    assert room.files() == []
    assert (await room.exhibit(which)).originals[0].sha256 == hashlib.sha256(picture()).hexdigest()


async def test_closing_leaves_no_half_sent_file_behind(room: Room) -> None:
    kept = await room.send(CO, ("a.jpg", picture()))
    upload = await room.begin(BU, ("b.jpg", picture()))
    await room.desk.append(room.sitter(BU), upload, 0, 0, picture()[:500])
    await room.house.ask(c.ProposeOutcome(settled(room.house.clock.now())))
    await room.house.ask(c.Close("在场的都同意"))
    await room.desk.closed(X, await room.house.rooms.state(X))
    assert {name.split("/")[1] for name in room.files()} == {kept}


async def test_two_finishes_at_once_make_one_exhibit(room: Room) -> None:
    upload = await room.begin(CO, ("a.jpg", picture()))
    await room.desk.append(room.sitter(CO), upload, 0, 0, picture())
    made = await asyncio.gather(*(room.desk.finish(room.sitter(CO), upload) for _ in range(3)))
    assert set(made) == {upload}
    assert len((await room.house.rooms.state(X)).exhibits.items) == 1


async def test_a_proof_of_performance_says_which_promise_it_is_about(room: Room) -> None:
    await room.house.ask(c.ProposeOutcome(settled(room.house.clock.now())))
    which = await room.send(BU, ("退款.png", picture("PNG")), purpose="performance", term=1)
    one = await room.exhibit(which)
    assert (one.purpose, one.term) == (Purpose.PERFORMANCE, 1)


async def test_a_proof_of_a_promise_that_there_is_not_is_refused_and_of_one_taken_back_is_of_none(room: Room) -> None:
    about: dict[str, Any] = {"purpose": "performance", "term": 1}
    assert (await refused(room.send(BU, ("退款.png", picture("PNG")), **about))).code == "bad_value"
    await room.house.ask(c.ProposeOutcome(settled(room.house.clock.now())))
    upload = await room.begin(BU, ("退款.png", picture("PNG")), **about)
    await room.desk.append(room.sitter(BU), upload, 0, 0, picture("PNG"))
    await room.house.ask(c.TakeBackOutcome())
    assert (await room.exhibit(await room.desk.finish(room.sitter(BU), upload))).term == 0


async def test_a_film_is_offered_at_once_and_prepared_by_a_job(room: Room) -> None:
    which = await room.send(CO, ("a.mp4", film(location="+30.59+114.30/")))
    one = await room.exhibit(which)
    assert (one.kind, one.ready, one.unreadable) == (ExhibitKind.FILM, False, "")
    ((job, said),) = await room.queue.waiting()
    assert (job, said["session"], said["exhibit"]) == ("prepare_exhibit", X, which)
    assert await room.queue.depths() == {"prepare_exhibit": 1}
