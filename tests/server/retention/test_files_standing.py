"""What is told of files on their way to the store that is their home: at the terminal, as metrics, after a restore."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from journal import SYSTEM, Draft
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from recordings.files.object_store import LocalBlobs
from recordings.files.remote_files import RemoteFiles, Standing, write_standing
from recordings.files.uploader import Uploader
from server.cli import app
from server.cli.offline import look
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.remaking import reading
from server.retention.archive import UploadMetrics
from tests.server.db.history import MORNING


def away(tmp_path: Path) -> RemoteFiles:
    (tmp_path / "store").mkdir(exist_ok=True)
    return RemoteFiles(tmp_path / "data", lambda: LocalBlobs(tmp_path / "store"))


def shelf(tmp_path: Path) -> EncryptedFileStore:
    return EncryptedFileStore(tmp_path / "data" / "attachments", case_keys(tmp_path / "data"), away=away(tmp_path))


def figures(uploader: Uploader) -> dict[str, float]:
    found = UploadMetrics(uploader, lambda: time.time() + 700).collect()
    return {one.name.removeprefix("yuntiao_files_"): one.samples[0].value for one in found}


def test_metrics_say_how_long_the_oldest_file_waits_and_that_the_store_is_away(tmp_path: Path) -> None:
    uploader = Uploader(away(tmp_path), list, 1 << 30)
    shelf(tmp_path).put("c1", "c1/a1", io.BytesIO(b"a receipt"))
    unplugged = (tmp_path / "store").rename(tmp_path / "unplugged")
    uploader.look()
    uploader.wait()
    uploader.look()
    told = figures(uploader)
    assert (told["waiting"], told["store_away"], told["uploaded"]) == (1, 1, 0)
    assert told["waiting_bytes"] > len(b"a receipt")
    assert 690 < told["behind_seconds"] < 760
    unplugged.rename(tmp_path / "store")
    while uploader.standing.waiting:
        uploader.look()
        uploader.wait()
    told = figures(uploader)
    assert (told["waiting"], told["behind_seconds"], told["store_away"]) == (0, 0, 0)
    assert told["uploaded"] >= 1
    uploader.stop()


def test_the_terminal_says_what_lies_here_alone_and_ends_with_1_while_the_store_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, data = CliRunner(), tmp_path / "data"
    data.mkdir()
    (data / "yuntiao.db").touch()
    asked = ["archive", "files", "--data", str(data)]
    told = runner.invoke(app, asked)
    assert told.exit_code != 0
    assert "YUNTIAO_FILES" in told.output
    monkeypatch.setenv("YUNTIAO_FILES", f"file://{tmp_path}/store")
    assert runner.invoke(app, asked).exit_code == 0
    write_standing(data, Standing(3, 5000, time.time() - 90, 0, "store_unreachable", {"s1": 3}))
    told = runner.invoke(app, asked)
    assert told.exit_code == 1
    assert "3 files lie here alone (5000 bytes), the oldest for 9" in told.output
    assert "store_unreachable" in told.output
    told = runner.invoke(app, [*asked, "--json"])
    assert json.loads(told.output)["cases"] == {"s1": 3}


async def test_after_a_restore_what_is_in_the_store_is_not_missing(tmp_path: Path, database: Database) -> None:
    journal, files = SqlJournal(database), shelf(tmp_path)
    for name in ("a1", "a2"):
        files.put("c1", f"c1/{name}", io.BytesIO(b"a receipt"))
    drafts = [Draft("AttachmentAdded", {"attachment": name}, MORNING, SYSTEM) for name in ("a1", "a2")]
    await journal.append("complaint/c1", 0, drafts)
    remote = away(tmp_path)
    uploader = Uploader(remote, list, 1 << 30)
    uploader.look()
    uploader.wait()
    uploader.stop()
    for file in files.folder.glob("c1/*"):
        file.unlink()
    LocalBlobs(tmp_path / "store").delete("attachments/c1/a2")
    async with reading(database) as snapshot:
        alone = await look(snapshot, tmp_path / "data", files.keys)
        found = await look(snapshot, tmp_path / "data", files.keys, away=remote)
    assert alone.files == ["attachments/c1/a1", "attachments/c1/a2"]
    assert found.files == ["attachments/c1/a2"]
