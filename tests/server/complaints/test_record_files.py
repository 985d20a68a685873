"""Where a session's files lie, as its record says it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recordings.files import archive
from recordings.files.archive import ArchiveMove, MoveItem
from recordings.files.remote_files import Standing, write_standing
from recordings.views import FileKeeping
from rooms import events as e
from server.complaints.store import SqlReads
from server.db.engine import Database
from tests.server.db.history import MORNING, Teller
from tests.server.db.readers import LIN

SEALED = e.SegmentSealed("s-consumer", "m1/s-consumer/1.webm", "00" * 32, 1, MORNING, MORNING)
FILM = e.RecordingComposed("m1/composed.mp4", "00" * 32, 3, 600_000, MORNING)


async def test_what_the_journal_says_was_archived_is_counted_once(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1")
    await tell.session("m1", SEALED, replace(SEALED, path="m1/s-consumer/2.webm"), FILM)
    assert (await reads.audit(LIN, "m1", "record")).keeping == FileKeeping(3, 0, 0)
    for store in ("s3://first", "s3://second"):
        await tell.session("m1", e.Archived(SEALED.path, store, "00" * 32))
    await tell.session("m1", e.Archived(FILM.path, "s3://second", "00" * 32))
    assert (await reads.audit(LIN, "m1", "record")).keeping == FileKeeping(3, 2, 0)


async def test_what_could_not_go_there_is_said(reads: SqlReads, tell: Teller, tmp_path: Path) -> None:
    await tell.mediated("c1", "m1")
    await tell.session("m1", SEALED)
    items = (MoveItem(SEALED.path, "00" * 32, error="source_changed"), MoveItem(FILM.path, "00" * 32))
    archive.write_move(tmp_path / "recordings", "m1", ArchiveMove("done", "s3://first", items))
    assert (await reads.audit(LIN, "m1", "record")).keeping == FileKeeping(1, 0, 1)


async def test_what_lies_here_alone_is_said_and_whether_its_home_is_away(
    reads: SqlReads, tell: Teller, database: Database, tmp_path: Path
) -> None:
    elsewhere = SqlReads(database, reads._sessions, tmp_path, reads._now, away=True)
    await tell.mediated("c1", "m1")
    await tell.session("m1", SEALED)
    write_standing(tmp_path, Standing(waiting=3, cases={"m1": 2, "m2": 1}))
    assert (await elsewhere.audit(LIN, "m1", "record")).keeping == FileKeeping(1, 0, 0, 2, False)
    write_standing(tmp_path, Standing(waiting=3, cases={"m1": 2}, error="store_unreachable"))
    assert (await elsewhere.audit(LIN, "m1", "record")).keeping == FileKeeping(1, 0, 0, 2, True)


async def test_a_film_that_is_not_on_this_disk_is_there_where_files_have_a_home(
    reads: SqlReads, tell: Teller, database: Database, tmp_path: Path
) -> None:
    await tell.mediated("c1", "m1")
    await tell.session("m1", FILM)
    assert (await reads.audit(LIN, "m1", "record")).recording.state == "failed"
    elsewhere = SqlReads(database, reads._sessions, tmp_path, reads._now, away=True)
    assert (await elsewhere.audit(LIN, "m1", "record")).recording.state == "ready"
