"""The disk's reserve is the journal's: every other writer refuses with a sentence and leaves no half file."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from complaints.record import PartyTyped
from complaints.service import Filing
from journal.clock import utc_now
from journal.refusals import Refused
from offices import Officer
from recordings.files import FreeSpace, ReserveReached
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.files.object_store import LocalBlobs
from server.app.demo import MEDIATOR, OFFICE
from server.app.parts import PARTS, Parts
from server.app.wiring import create_app
from server.db.engine import Database
from server.documents import NoticeStore
from server.identity import Seal
from server.imports.batches import _kept
from server.serving.settings import Most, Settings, WindowLimits
from server.statistics.store import Maps
from server.window.store import WindowCounts, WindowQuota
from tests import ROOT
from tests.server.app.office import PASSWORD, NoMedia
from tests.web.client import AiohttpClient, Browser, another, browser, told

PHOTO = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
OUTLINE = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"adcode":420106,"name":"x"},'
    b'"geometry":{"type":"Polygon","coordinates":[[[114.2,30.5],[114.4,30.5],[114.4,30.6],[114.2,30.5]]]}}]}'
)


class Disk:
    """A disk whose free space shrinks by what is asked of it."""

    def __init__(self, free: int) -> None:
        self.free, self.shrinks = free, 0

    def __call__(self, _: Path) -> int:
        self.free -= self.shrinks
        return self.free


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "keys" not in path.parts]


def test_a_sealed_file_stops_at_the_reserve_before_and_while_it_is_written(tmp_path: Path) -> None:
    disk = Disk(10 << 20)
    keys = case_keys(tmp_path)
    shelf = EncryptedFileStore(tmp_path / "attachments", keys, reserve=FreeSpace(tmp_path, 8 << 20, disk))
    shelf.put("c1", "c1/a", io.BytesIO(b"x" * 1000))
    assert len(files(tmp_path / "attachments")) == 1
    disk.shrinks = 300_000
    with pytest.raises(ReserveReached):
        shelf.put("c1", "c1/b", io.BytesIO(b"x" * (4 << 20)))
    disk.free, disk.shrinks = 8 << 20, 0
    with pytest.raises(ReserveReached):
        shelf.put("c1", "c1/c", io.BytesIO(b"x"))
    assert [path.name for path in files(tmp_path / "attachments")] == ["a"]


def test_notices_maps_imports_and_archive_copies_stop_there_too(tmp_path: Path) -> None:
    full = FreeSpace(tmp_path, 8 << 20, Disk(8 << 20))
    (source := tmp_path / "source").write_bytes(b"y" * 5000)
    with pytest.raises(ReserveReached):
        NoticeStore(tmp_path / "notices", Seal(b"k" * 32), full).put("c1", "n1", b"pdf")
    with pytest.raises(ReserveReached):
        Maps(tmp_path / "maps", full).offer("o1", OUTLINE)
    for content in (b"rows", source):
        with pytest.raises(ReserveReached):
            _kept(content, tmp_path / "batch.bin", full)
    blobs = LocalBlobs(tmp_path / "archive", reserve=full)
    (tmp_path / "archive").mkdir()
    with pytest.raises(Exception, match="reserve"):
        blobs.put("a/b", source, hashlib.sha256(source.read_bytes()).hexdigest())
    assert files(tmp_path) == [source]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    (place := tmp_path / "disk").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.mounts
def test_on_a_real_disk_filled_to_the_reserve_files_are_refused_and_the_database_goes_on(small_disk: Path) -> None:
    shelf = EncryptedFileStore(
        small_disk / "attachments", case_keys(small_disk), reserve=FreeSpace(small_disk, 8 << 20)
    )
    piece = b"x" * (3 << 20)
    for kept in range(5):
        shelf.put("c1", f"c1/{kept}", io.BytesIO(piece))
    with pytest.raises(ReserveReached):
        shelf.put("c1", "c1/5", io.BytesIO(piece))
    assert len(files(small_disk / "attachments")) == 5
    assert shutil.disk_usage(small_disk).free >= 8 << 20
    with closing(sqlite3.connect(small_disk / "yuntiao.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE events (data BLOB)")
        for _ in range(100):
            with database:
                database.execute("INSERT INTO events VALUES (?)", (b"e" * 10_000,))
        assert database.execute("SELECT count(*) FROM events").fetchone() == (100,)


@pytest.fixture
async def office(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    """More is to stay free than any disk has: it is full for everybody but the journal."""
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example",
        disk_reserve=1 << 60,
    )  # fmt: skip
    return await browser(aiohttp_client, create_app(settings, NoMedia()))


async def test_at_the_reserve_a_page_says_so_with_507_while_complaints_are_still_registered(office: Browser) -> None:
    at: Parts = office.client.server.app[PARTS]  # type: ignore[attr-defined]
    user = await at.store.user_by_login(MEDIATOR)
    assert user is not None
    zhou = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    filing = Filing(
        office=OFFICE.id, prefix=OFFICE.number_prefix, zone=OFFICE.zone, channel="window",
        received=utc_now() - timedelta(days=1), title="不退款", request="退款", facts="不退款",
        amount=None, consumer=PartyTyped("李一", "13800012345"),
        business=PartyTyped("余二", "13900012345", organisation="某店"),
    )  # fmt: skip
    complaint = await at.complaints.register(filing, zhou.actor)  # the journal goes on
    with pytest.raises(ReserveReached):
        await at.attachments.put(zhou.actor, complaint, "a.pdf", PHOTO, "evidence")
    person = await another(office)
    person.sign_in(await at.officers.sign_in(MEDIATOR, PASSWORD, "", "127.0.0.1"))
    page = await person.get(f"/complaints/{complaint}")
    assert page.status == 200
    answer = await person.upload(f"/complaints/{complaint}/attachments", "a.pdf", PHOTO, {"about": "evidence"})
    assert answer.status == 507
    assert "磁盘将满" in told(answer.text)


@pytest.fixture
async def counts(tmp_path: Path) -> AsyncIterator[WindowCounts]:
    database = Database(Settings(data=tmp_path).database)
    await database.migrate()
    yield WindowCounts(database)
    await database.close()


def quota(counts: WindowCounts, clock: list[datetime], **limits: Most) -> WindowQuota:
    kept = {"address": Most(9, 90), "phone": Most(9, 90), "day": Most(99, 990)} | limits
    return WindowQuota(counts, WindowLimits(**kept), Seal(b"k" * 32), lambda: clock[0])


MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limits", "by"),
    [
        ({"address": Most(2, 90)}, "address"),
        ({"address": Most(9, 25)}, "address"),
        ({"phone": Most(2, 90)}, "phone"),
        ({"phone": Most(9, 25)}, "phone"),
        ({"day": Most(2, 990)}, "day"),
        ({"day": Most(99, 25)}, "day"),
    ],
)
async def test_the_windows_quotas_refuse_the_next_file_and_open_again_the_next_day(
    counts: WindowCounts, limits: dict[str, Most], by: str
) -> None:
    clock = [MONDAY]
    window = quota(counts, clock, **limits)
    await window.take("1.2.3.4", "phone", 10)
    await window.take("1.2.3.4", "phone", 10)
    with pytest.raises(Refused) as refused:
        await window.take("1.2.3.4", "phone", 10)
    assert (refused.value.code, refused.value.status, refused.value.params) == ("window_quota", 429, {"by": by})
    clock[0] = MONDAY + timedelta(hours=11, minutes=59)  # 23:59 in China
    with pytest.raises(Refused):
        await window.take("1.2.3.4", "phone", 10)
    clock[0] = MONDAY + timedelta(hours=12)
    await window.take("1.2.3.4", "phone", 10)


async def test_one_address_or_number_that_is_full_leaves_others_their_own(counts: WindowCounts) -> None:
    window = quota(counts, [MONDAY], address=Most(1, 90), phone=Most(1, 90))
    await window.take("1.2.3.4", "one", 10)
    await window.take("5.6.7.8", "two", 10)
    with pytest.raises(Refused):
        await window.take("9.9.9.9", "one", 10)
    await window.take("9.9.9.9", "three", 10)  # what was refused was counted nowhere


async def test_what_a_body_will_be_is_asked_before_it_is_read_and_counts_nothing(counts: WindowCounts) -> None:
    window = quota(counts, [MONDAY], address=Most(2, 25))
    for _ in range(5):
        await window.require("1.2.3.4", 20)
    with pytest.raises(Refused):
        await window.require("1.2.3.4", 26)
    await window.take("1.2.3.4", "phone", 20)
    with pytest.raises(Refused):
        await window.require("1.2.3.4", 20)


async def test_of_files_that_come_at_once_no_more_than_the_quota_are_counted(counts: WindowCounts) -> None:
    window = quota(counts, [MONDAY], phone=Most(3, 90))
    answers = await asyncio.gather(*(window.take(f"1.2.3.{n}", "phone", 1) for n in range(12)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 3


TAKES = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from server.serving.settings import Settings
from server.db.engine import Database
from server.window.store import WindowCounts
from tests.server.serving.test_disk_reserve import MONDAY, Most, quota

async def main():
    window = quota(WindowCounts(Database(Settings(data=Path(sys.argv[1])).database)), [MONDAY], phone=Most(2, 90))
    await window.take("1.2.3.4", "phone", 10)
    await window.take("1.2.3.4", "phone", 10)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.long
async def test_a_killed_server_gives_nobody_a_fresh_quota(counts: WindowCounts, tmp_path: Path) -> None:
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", TAKES, str(tmp_path), cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL
    with pytest.raises(Refused, match="window_quota"):
        await quota(counts, [MONDAY], phone=Most(2, 90)).take("5.6.7.8", "phone", 10)
    with closing(sqlite3.connect(tmp_path / "yuntiao.db")) as database:
        stored = database.execute("SELECT kind, key FROM window_counts").fetchall()
    assert {kind for kind, _ in stored} == {"address", "phone", "day"}
    assert "1.2.3.4" not in {key for _, key in stored}  # a keyed digest
