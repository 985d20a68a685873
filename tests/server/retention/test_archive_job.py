"""Files of a closed case on their way: nothing is ever in neither place, wherever the process dies."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from recordings import StoreRefuses, StoreUnreachable
from recordings.files import archive
from recordings.files.archive import ArchiveMove
from recordings.files.encrypted_file import StoredDigest
from recordings.files.object_store import BlobStore, LocalBlobs
from server.retention.archive_job import PATIENCE, ArchiveJob
from server.serving.jobs import RetryLater
from tests import ROOT
from tests.recordings.keyring import file_store
from tests.server.retention.closed_case import asked, content, digest, paths, recorded


class Flaky(LocalBlobs):
    """A folder that does as a store far away does on a bad day."""

    trouble: Exception | None = None
    altered: str = ""

    def put(self, name: str, source: Path, sha256: str) -> None:
        if self.trouble:
            raise self.trouble
        super().put(name, source, sha256)
        if name == self.altered:
            (self._folder / name).write_bytes(content(name)[:-1] + b"?")

    def open(self, name: str) -> BinaryIO:
        raise AssertionError("archiving verifies, it does not open")


@pytest.fixture
def store(tmp_path: Path) -> Flaky:
    (tmp_path / "store").mkdir()
    return Flaky(tmp_path / "store")


def archiving(tmp_path: Path, store: BlobStore | None) -> ArchiveJob:
    return ArchiveJob(tmp_path / "recordings", lambda check: store, file_store(tmp_path / "recordings"))


def state(tmp_path: Path) -> ArchiveMove:
    move = archive.read_move(tmp_path / "recordings", "s1")
    assert move is not None
    return move


JOB: Any = None  # of its claim the archive makes no use


def noted(tmp_path: Path) -> None:
    """As the web process does once the journal has it."""
    archive.write_move(tmp_path / "recordings", "s1", replace(state(tmp_path), state="noted"))


def here(tmp_path: Path) -> list[str]:
    return [path for path in paths("s1") if (tmp_path / "recordings" / path).exists()]


async def test_local_copies_go_only_after_the_journal_has_noted_what_was_read_back(
    tmp_path: Path, store: Flaky
) -> None:
    recorded(tmp_path / "recordings", "s1")
    asked(tmp_path / "recordings", "s1", store.address)
    await archiving(tmp_path, store)(JOB, "s1")
    assert state(tmp_path).state == "moved"
    assert [item.step for item in state(tmp_path).items] == ["there"] * 3
    assert here(tmp_path) == paths("s1")
    await archiving(tmp_path, store)(JOB, "s1")  # nothing has been noted yet
    assert here(tmp_path) == paths("s1")

    noted(tmp_path)
    await archiving(tmp_path, store)(JOB, "s1")
    assert (state(tmp_path).state, here(tmp_path)) == ("done", [])
    assert [item.step for item in state(tmp_path).items] == ["gone"] * 3
    assert all(store.verify(path, digest(path)) for path in paths("s1"))


# ---------------------------------------------------------------- recordings, whose own hash nobody has made yet


def sealed(tmp_path: Path, store: BlobStore) -> list[StoredDigest]:
    """The case's files as recordings are: encrypted, and the journal has the hash of what they hold."""
    kept = []
    for path in paths("s1"):
        kept.append(file_store(tmp_path / "recordings").put("s1", path, io.BytesIO(content(path))))
    items = tuple(archive.MoveItem(path, "", holds=digest(path)) for path in paths("s1"))
    archive.write_move(tmp_path / "recordings", "s1", ArchiveMove("queued", store.address, items))
    return kept


async def test_a_recording_goes_by_its_own_hash_which_is_found_when_it_was_opened(tmp_path: Path, store: Flaky) -> None:
    kept = sealed(tmp_path, store)
    await archiving(tmp_path, store)(JOB, "s1")
    assert [(item.step, item.sha256) for item in state(tmp_path).items] == [
        ("there", one.stored_sha256) for one in kept
    ]
    noted(tmp_path)
    await archiving(tmp_path, store)(JOB, "s1")
    assert (state(tmp_path).state, here(tmp_path)) == ("done", [])


async def test_a_recording_that_does_not_hold_what_the_journal_says_stays(tmp_path: Path, store: Flaky) -> None:
    sealed(tmp_path, store)
    one, other, third = ((tmp_path / "recordings" / path) for path in paths("s1"))
    flipped = bytearray(one.read_bytes())
    flipped[-40] ^= 1
    one.write_bytes(flipped)
    # another recording of the same case, whole and under the same key
    other.write_bytes(third.read_bytes())
    third.unlink()
    await archiving(tmp_path, store)(JOB, "s1")
    assert [item.error for item in state(tmp_path).items] == ["source_changed", "source_changed", "source_missing"]
    assert list(store.names()) == []


async def test_a_recording_whose_key_is_gone_stays_and_says_so(tmp_path: Path, store: Flaky) -> None:
    sealed(tmp_path, store)
    erased = file_store(tmp_path / "recordings")
    erased.keys.destroy("s1")
    await ArchiveJob(tmp_path / "recordings", lambda check: store, erased)(JOB, "s1")
    assert {item.error for item in state(tmp_path).items} == {"key_destroyed"}
    assert list(store.names()) == []


async def test_a_changed_or_missing_file_stays_as_it_is_and_the_others_go(tmp_path: Path, store: Flaky) -> None:
    changed, missing, good = recorded(tmp_path / "recordings", "s1")
    (tmp_path / "recordings" / changed).write_bytes(b"not what the journal says")
    (tmp_path / "recordings" / missing).unlink()
    asked(tmp_path / "recordings", "s1", store.address)
    await archiving(tmp_path, store)(JOB, "s1")
    noted(tmp_path)
    await archiving(tmp_path, store)(JOB, "s1")
    assert {item.path: item.error for item in state(tmp_path).items} == {
        changed: "source_changed", missing: "source_missing", good: "",
    }  # fmt: skip
    assert here(tmp_path) == [changed]
    assert list(store.names()) == [good]


async def test_what_comes_back_otherwise_than_it_was_sent_is_kept_here(tmp_path: Path, store: Flaky) -> None:
    store.altered, *_ = recorded(tmp_path / "recordings", "s1")
    asked(tmp_path / "recordings", "s1", store.address)
    await archiving(tmp_path, store)(JOB, "s1")
    noted(tmp_path)
    await archiving(tmp_path, store)(JOB, "s1")
    assert here(tmp_path) == [store.altered]
    assert [item.error for item in state(tmp_path).failed] == ["differs"]


async def test_what_vanished_from_the_store_before_the_local_copy_went_is_kept_here(
    tmp_path: Path, store: Flaky
) -> None:
    recorded(tmp_path / "recordings", "s1")
    asked(tmp_path / "recordings", "s1", store.address)
    await archiving(tmp_path, store)(JOB, "s1")
    store.delete(paths("s1")[0])
    noted(tmp_path)
    await archiving(tmp_path, store)(JOB, "s1")
    assert here(tmp_path) == paths("s1")[:1]
    assert [item.error for item in state(tmp_path).failed] == ["differs"]


async def test_a_name_the_journal_should_not_have_leads_nowhere(tmp_path: Path, store: Flaky) -> None:
    outside = tmp_path / "outside.webm"
    outside.write_bytes(content("outside"))
    for path in ("../outside.webm", f"s1/../../{outside.name}", str(outside)):
        move = ArchiveMove("queued", store.address, (archive.MoveItem(path, digest("outside")),))
        archive.write_move(tmp_path / "recordings", "s1", move)
        await archiving(tmp_path, store)(JOB, "s1")
        assert [item.error for item in state(tmp_path).items] == ["bad_name"]
    assert outside.exists()
    assert list(store.names()) == []


@pytest.mark.parametrize("trouble", [StoreUnreachable("no route"), StoreRefuses("403")], ids=lambda fault: fault.code)
async def test_a_store_that_is_away_is_waited_for_and_why_is_told(
    tmp_path: Path, store: Flaky, trouble: StoreUnreachable | StoreRefuses
) -> None:
    recorded(tmp_path / "recordings", "s1")
    asked(tmp_path / "recordings", "s1", store.address)
    store.trouble, waits = trouble, []
    for _ in range(len(PATIENCE) + 2):
        with pytest.raises(RetryLater) as again:
            await archiving(tmp_path, store)(JOB, "s1")
        waits.append(again.value.seconds)
    assert waits == sorted(waits)
    assert (state(tmp_path).error, state(tmp_path).tries) == (trouble.code, len(waits))
    assert here(tmp_path) == paths("s1")
    store.trouble = None
    await archiving(tmp_path, store)(JOB, "s1")
    assert (state(tmp_path).state, state(tmp_path).error) == ("moved", "")


async def test_a_record_that_is_erased_while_it_moves_is_not_written_to_again(tmp_path: Path, store: Flaky) -> None:
    recorded(tmp_path / "recordings", "s1")
    asked(tmp_path / "recordings", "s1", store.address)
    archive.write_move(tmp_path / "recordings", "s1", replace(state(tmp_path), state="moving"))

    def erased_by_the_first(check: Callable[[], None]) -> BlobStore:
        shutil.rmtree(tmp_path / "recordings" / "s1")
        return store

    await ArchiveJob(tmp_path / "recordings", erased_by_the_first, file_store(tmp_path / "recordings"))(JOB, "s1")
    assert not (tmp_path / "recordings" / "s1").exists()
    assert list(store.names()) == []


async def test_cases_asked_for_another_archive_are_left_alone(tmp_path: Path, store: Flaky) -> None:
    recorded(tmp_path / "recordings", "s1")
    before = asked(tmp_path / "recordings", "s1", "s3://elsewhere")
    for now in (store, None):
        await archiving(tmp_path, now)(JOB, "s1")
        assert state(tmp_path) == before
    assert here(tmp_path) == paths("s1")


async def test_a_process_that_ends_does_not_finish_what_it_sends(tmp_path: Path, store: Flaky) -> None:
    recorded(tmp_path / "recordings", "s1")
    asked(tmp_path / "recordings", "s1", store.address)
    reached, ended = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def open_store(check: Callable[[], None]) -> BlobStore:
        def checked() -> None:
            loop.call_soon_threadsafe(reached.set)
            try:
                while True:
                    check()
            except BaseException as fault:
                ended.append(fault)
                raise

        return LocalBlobs(tmp_path / "store", checked)

    handler = ArchiveJob(tmp_path / "recordings", open_store, file_store(tmp_path / "recordings"))
    running = asyncio.create_task(handler(JOB, "s1"))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(ended) == 1
    assert list(store.names()) == []


# ---------------------------------------------------------------- killed

# For n = 0, 1, …: works the job off as the job process does, noting in between as the web process does, and dies at
# the n-th change to the disk; then works it off once more from what that left. Ends with the first that did not die.
_WORK = """
import asyncio, os, shutil, signal, sys
from dataclasses import replace
from pathlib import Path
from recordings.files import archive
from recordings.files.archive import ArchiveMove, MoveItem
from recordings.files.object_store import LocalBlobs
from server.retention.archive_job import ArchiveJob
from tests.recordings.keyring import file_store

prepared, runs, session = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

async def work(data):
    recordings = data / "recordings"
    archiving = ArchiveJob(recordings, lambda check: LocalBlobs(data / "store", check), file_store(recordings))
    await archiving(None, session)
    move = archive.read_move(data / "recordings", session)
    if move.state == "moved":
        (data / "noted").write_text("the journal has it")
        archive.write_move(data / "recordings", session, replace(move, state="noted"))
        await archiving(None, session)

def dies_after(data, left):
    def change(event, arguments):
        nonlocal left
        writes = event == "open" and arguments[1] in ("wb", "xb", "x", "w")
        if (writes or event in ("os.rename", "os.remove", "os.link", "os.mkdir")) and str(data) in str(arguments[0]):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(change)

def run(data, left=None):
    child = os.fork()
    if not child:
        if left is not None:
            dies_after(data, left)
        asyncio.run(work(data))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def begin(data):
    items = [replace(item) for item in archive.read_move(prepared / "recordings", session).items]
    store = LocalBlobs(data / "store").address
    archive.write_move(data / "recordings", session, ArchiveMove("queued", store, tuple(items)))

for left in range(1000):
    killed, after = runs / f"{left}" / "killed", runs / f"{left}" / "after"
    shutil.copytree(prepared, killed)
    begin(killed)
    status = run(killed, left)
    assert status in (0, -9), status
    shutil.copytree(killed, after)
    move = archive.read_move(after / "recordings", session)
    archive.write_move(after / "recordings", session, replace(move, store=LocalBlobs(after / "store").address))
    assert run(after) == 0
    if status == 0:
        break
"""


def test_killed_at_any_change_to_the_disk_every_file_is_whole_somewhere_and_the_next_run_ends_it(
    tmp_path: Path,
) -> None:
    prepared, runs = tmp_path / "prepared", tmp_path / "runs"
    recorded(prepared / "recordings", "s1")
    (prepared / "store").mkdir()
    asked(prepared / "recordings", "s1", "")
    subprocess.run([sys.executable, "-c", _WORK, str(prepared), str(runs), "s1"], cwd=ROOT, check=True)
    for run in runs.iterdir():
        killed, after = run / "killed", run / "after"
        store = LocalBlobs(killed / "store")
        for path in paths("s1"):
            local = killed / "recordings" / path
            if local.exists():
                assert hashlib.sha256(local.read_bytes()).hexdigest() == digest(path)
            else:
                assert store.verify(path, digest(path))
                assert (killed / "noted").exists()
        assert archive.read_move(after / "recordings", "s1").state == "done"  # type: ignore[union-attr]
        assert list(LocalBlobs(after / "store").names()) == sorted(paths("s1"))
        assert all(LocalBlobs(after / "store").verify(path, digest(path)) for path in paths("s1"))
        assert not any((after / "recordings" / path).exists() for path in paths("s1"))
    assert len(list(runs.iterdir())) > 30
