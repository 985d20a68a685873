"""After a backup was put back: what is missing is told, what to do, and a loss that is accepted is in the journal."""

from __future__ import annotations

import fcntl
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from journal import Draft
from recordings.files.keys import case_keys
from server.cli import app
from server.cli.offline import ACCEPTED, STREAM, Restored, accept_loss, look
from server.db.remaking import reading
from server.db.schema import events, log_checkpoints
from server.evidence.log_keeper import Contradiction
from tests.server.evidence.house import ZHOU, House
from tests.server.evidence.test_tampering import rebuilt

REASON = "周敏 2026-06-24 从 6 月 23 日备份恢复：磁盘损坏"


async def looked(house: House, *against: tuple[str, str]) -> Restored:
    async with reading(house.database) as snapshot:
        return await look(snapshot, house.data, case_keys(house.data), against)


async def put_back(house: House) -> None:
    """The database of before the last two entries, with the copies of checkpoints of today."""
    await house.sign()
    async with house.database.write() as connection:
        await connection.execute(delete(events).where(events.c.leaf >= 8))
        await connection.execute(delete(log_checkpoints).where(log_checkpoints.c.size > 8))
    await rebuilt(house.database)


async def test_nothing_is_missing_after_a_whole_restore(house: House) -> None:
    await house.lived()
    found = await looked(house)
    assert found.whole
    assert (found.entries, found.missing) == (10, 0)
    assert list(found.lines())[-1] == "- nothing is to be done; start the server"


async def test_what_was_signed_and_is_gone_is_counted_with_what_to_do(house: House) -> None:
    await house.lived()
    await put_back(house)
    found = await looked(house)
    assert (found.entries, found.missing, found.wrong) == (8, 2, [])
    assert found.newest is not None
    assert (found.newest.checkpoint.size, found.newest.whose) == (10, "among the copies")
    said = "\n".join(found.lines())
    assert "2 signed entries are missing" in said
    assert "look for a newer backup before anybody works here" in said


async def test_a_checkpoint_that_somebody_kept_tells_what_no_copy_here_does(house: House) -> None:
    await house.lived()
    kept = (await house.sign()).note
    await put_back_everything(house)
    assert (await looked(house)).missing == 0  # nothing here can know
    found = await looked(house, ("a witness's file", kept))
    assert (found.missing, found.newest and found.newest.whose) == (2, "a witness's file")


async def put_back_everything(house: House) -> None:
    async with house.database.write() as connection:
        await connection.execute(delete(events).where(events.c.leaf >= 8))
        await connection.execute(delete(log_checkpoints).where(log_checkpoints.c.size > 8))
    await rebuilt(house.database)
    lines = house.copies.path.read_bytes().splitlines(keepends=True)
    house.copies.path.write_bytes(b"".join(lines[:-1]))


async def test_an_accepted_loss_is_in_the_journal_and_the_log_is_signed_again(house: House) -> None:
    await house.lived()
    await put_back(house)
    with pytest.raises(Contradiction):
        await house.another_keeper().make()
    before = house.copies.path.read_bytes()
    found = await looked(house)
    aside = await accept_loss(house.data, house.journal, found, REASON)
    assert aside.read_bytes() == before
    (entry,) = await house.journal.read(STREAM)
    assert (entry.type, entry.data["missing"], entry.data["reason"]) == (ACCEPTED, 2, REASON)
    assert found.newest is not None
    assert entry.data["newest"] == found.newest.note
    house.time += timedelta(minutes=10)
    made = await house.another_keeper().make()
    assert made is not None
    assert made.size == 9
    assert (await house.check()).holds
    assert (await looked(house)).whole


async def test_a_loss_is_accepted_only_with_a_reason_without_a_server_and_where_there_is_one(house: House) -> None:
    await house.lived()
    whole = await looked(house)
    with pytest.raises(ValueError, match="nothing to accept"):
        await accept_loss(house.data, house.journal, whole, REASON)
    await put_back(house)
    found = await looked(house)
    with pytest.raises(ValueError, match="a reason is needed"):
        await accept_loss(house.data, house.journal, found, " ")
    with (house.data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="a server is running"):
            await accept_loss(house.data, house.journal, found, REASON)
    await house.sql("UPDATE events SET data = '{}' WHERE stream = 'session/a' AND version = 2")
    changed = await looked(house)
    assert changed.wrong == ["content session/a 2"]
    with pytest.raises(ValueError, match="not explained by a restore"):
        await accept_loss(house.data, house.journal, changed, REASON)
    assert await house.journal.read(STREAM) == []


async def test_files_and_keys_that_the_journal_names_and_are_not_there_are_told(house: House) -> None:
    async def tell(stream: str, type_: str, **data: object) -> None:
        draft = Draft(type_, data, house.time, ZHOU)
        await house.journal.append(stream, await house.journal.last(stream), [draft])

    await tell("session/s1", "SegmentSealed", path="s1/c/a.webm")
    await tell("session/s1", "SegmentSealed", path="s1/c/b.webm")
    await tell("session/s1", "SegmentSealed", path="s1/c/moved.webm")
    await tell("session/s1", "Archived", path="s1/c/moved.webm")
    await tell("session/s1", "DocumentSealed", document="d1")
    await tell("session/s2", "SegmentSealed", path="s2/c/a.webm")
    await tell("session/s2", "RecordErased", files=1)
    await tell("complaint/k1", "AttachmentAdded", attachment="a1")
    await tell("complaint/k1", "AttachmentAdded", attachment="a2")
    await tell("complaint/k1", "AttachmentRemoved", attachment="a2")
    await tell("lead/l1", "AttachmentAdded", attachment="a3")
    for path in ("recordings/s1/c/a.webm", "attachments/k1/a1"):
        (house.data / path).parent.mkdir(parents=True)
        (house.data / path).write_bytes(b"sealed")
    case_keys(house.data).key("k1")
    await house.sign()
    found = await looked(house)
    assert found.files == ["documents/s1/documents/d1", "lead-files/l1/a3", "recordings/s1/c/b.webm"]
    assert found.no_key == ["s1"]
    said = list(found.advice())
    assert any("keys/cases" in sentence for sentence in said)
    assert not found.whole


def test_the_command_says_where_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["restored", "--data", str(tmp_path)])
    assert (answer.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "there is no installation" in answer.stderr
