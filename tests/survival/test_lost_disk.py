"""A machine is lost under a live mediation, with all that lay on its disk: everything but the last minute verifies.

The journal and the keys are in PostgreSQL, each in a database of its own, and files have their home in an S3 store.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from journal import Event, stamp
from recordings.files.keys import make_master
from recordings.gap_ledger import ledger
from rooms.events import history
from server.app.rehearsal import Visitor, command
from server.app.rehearsal.aftermath import export, verified
from server.app.rehearsal.command import Venue
from server.app.rehearsal.story import SUPERVISOR
from tests.complaints.record.test_uploads import PDF
from tests.contracts import s3_server
from tests.server.db.databases import create_postgres, postgres_server
from tests.suite import fork_server
from tests.survival.conftest import Figures
from tests.survival.sitting import Sitting, sitting

__all__ = ["postgres_server"]

pytestmark = [pytest.mark.long, pytest.mark.media, pytest.mark.postgres]

BUCKET, PREFIX = "province", "east/1"
MINUTE = timedelta(seconds=60)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[str]:
    with s3_server.real(tmp_path) as endpoint:
        s3_server.bucket(endpoint, BUCKET, PREFIX)
        yield endpoint


@pytest.fixture
def elsewhere(store: str, postgres_server: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that lasts is off the machine, but for what opens the keys, which is put on each."""
    make_master(tmp_path / "master.key")
    journal, keys = (create_postgres(postgres_server).render_as_string(hide_password=False) for _ in range(2))
    for name, value in {
        "DATABASE_URL": journal, "KEYS_URL": keys, "MASTER_KEY": str(tmp_path / "master.key"),
        "FILES": f"s3://{BUCKET}/{PREFIX}", "FILES_ENDPOINT": store, "FILES_ACCESS_KEY": s3_server.KEY,
        "FILES_SECRET": s3_server.SECRET,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"YUNTIAO_{name}", value)


def program(folder: Path, *options: str) -> contextlib.AbstractAsyncContextManager[Venue]:
    return command.throw_away(folder, "--workers", "1", *options, launch=fork_server.launched)


def stored(store: str) -> list[str]:
    pages = s3_server.owner(store).get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{PREFIX}/")
    return [one["Key"].removeprefix(f"{PREFIX}/") for page in pages for one in page.get("Contents", [])]


async def everybody_is_stored(here: Sitting, store: str) -> None:
    """A first piece of what is being recorded of each."""
    folders = {f"recordings/{here.story.session}/{here.seat(role)}/" for role in here.callers}
    async with asyncio.timeout(90):
        while not all(any(name.startswith(folder) for name in stored(store)) for folder in folders):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def attached(here: Sitting, content: bytes) -> None:
    """A party's receipt, put on the complaint at the desk."""
    page = await here.desk.get(f"/complaints/{here.story.complaint}")
    status = await here.desk.send_file(
        page, page.form("/attachments", "file"), "receipt.pdf", content, about="evidence"
    )
    assert status == 303


async def receipt(here: Sitting) -> bytes:
    page = await here.desk.get(f"/complaints/{here.story.complaint}")
    (link,) = {link for link in page.links if "/attachments/" in link}
    status, content = await here.desk.download(link)
    assert status == 200
    return content


async def test_all_but_the_last_minute_of_a_live_mediation_outlives_the_machine(
    tmp_path: Path, elsewhere: None, store: str, figures: Figures
) -> None:
    async with sitting(tmp_path, program=program) as here:
        await here.person("consumer").ask("say", {"text": "存在别处", "to": ""})
        await attached(here, PDF)
        await everybody_is_stored(here, store)
        for role in here.callers:  # some files are finished, the next ones are being written
            await here.until_journaled("SegmentSealed", 90, seat=here.seat(role))
        killed = datetime.now(UTC)
        shutil.rmtree(here.venue.data, ignore_errors=True)  # under the running program, which may write on for a moment
        await here.venue.kill()
        shutil.rmtree(here.venue.data, ignore_errors=True)

        await here.venue.start()
        for role in here.callers:
            await here.come_back(role)
        await here.all_meet()
        back = datetime.now(UTC)
        await here.all_recorded()
        assert "存在别处" in [line["text"] for line in await here.person("mediator").lines()]
        assert await receipt(here) == PDF

        await here.settle()
        await here.person("mediator").ask("close", {"anyway": ""})
        film = await here.film()
        for role in here.callers:
            for times in (film.seen(role), film.heard(role)):
                assert any(at < killed.timestamp() for at in times), f"nothing of the {role} from before"
                assert any(at > back.timestamp() for at in times), f"nothing of the {role} from after"
        await here.complaint_followed()

        found = ledger(history(await here.journal()), sealed=True)
        assert found.unexplained_ms == 0
        for track in found.tracks:
            (gap,) = [gap for gap in track.missing if gap.cause == "server"]
            assert killed - MINUTE < gap.span.start < killed < gap.span.end

        async with Visitor(here.venue.url) as supervisor:
            await here.story.sign_in(supervisor, SUPERVISOR)
            _, key = await supervisor.download("/log/key")
            package = await export(supervisor, here.story.session, "package")
        report = await verified(package, key.decode().strip())
        assert report.codes == [], [check.text("en") for check in report.amiss]
        assert {check.code for check in report.amiss} <= {"segment_unlisted"}
        packed = zipfile.ZipFile(io.BytesIO(package)).namelist()
        before = [
            event
            for event in sealed(await here.journal())
            if event.data["started"] < stamp(killed) and any(name.endswith(event.data["path"][-30:]) for name in packed)
        ]
        lost = [killed - max(ended(one) for one in before if one.data["seat"] == here.seat(r)) for r in here.callers]
        figures["machine_lost_recording_lost_s"] = max(lost).total_seconds()
        figures["machine_lost_files_absent"] = report.absent
        assert max(lost) < MINUTE


def sealed(events: list[Event]) -> list[Event]:
    return [event for event in events if event.type == "SegmentSealed"]


def ended(event: Event) -> datetime:
    return datetime.fromisoformat(event.data["ended"])
