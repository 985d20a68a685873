"""Files in the mail drop that mean harm: set aside with a sentence, not tried again by themselves, others are taken."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.db.engine import Database
from tests.server.imports.quick import opened
from tests.server.imports.test_mail_drop import Drop, drop, ids, mail
from tests.tools.bench.attack.bombs import ALL

__all__ = ["drop"]

SWEEP = """
import asyncio, sys
from pathlib import Path
from server.complaints.attachments import AttachmentService
from server.imports.jobs import MailDrop
from server.leads.desk import LeadFiles
from recordings.files.encrypted_file_store import EncryptedFileStore
from tests.server.app.office import FIRST
from tests.server.imports.quick import batches_of
from tests.recordings.keyring import Keyring
from server.db.engine import Database

async def main(folder: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder / 'office.db'}")
    batches = batches_of(database, folder)
    desk = AttachmentService(batches.complaints, EncryptedFileStore(folder / "attachments", Keyring()))
    files = LeadFiles(batches.leads, EncryptedFileStore(folder / "lead-files", Keyring()))
    print(await MailDrop(folder / "drop", FIRST, batches, desk.put, files.add, now=lambda: 1e10).sweep())
    await database.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def bomb(name: str) -> bytes:
    return next(one.make() for one in ALL if one.name == name)


async def test_a_workbook_that_kills_its_reader_is_set_aside_and_the_mail_behind_it_is_taken(
    drop: Drop, database: Database
) -> None:
    drop.put("0.xlsx", bomb("a row in the last line and a cell that says no place"))
    drop.put("1.eml", mail())
    assert await drop.drop.sweep() == 2
    assert drop.lies() == ["done/1.eml", "done/1.eml.json", "refused/0.xlsx", "refused/0.xlsx.json"]
    assert drop.report("refused/0.xlsx")["error"].startswith("Reading this file took more memory or time")
    assert len(await ids(database)) == 1
    assert await drop.drop.sweep() == 0


async def _installed(data: Path) -> None:
    async with opened(data / "office.db"):
        pass


@pytest.mark.long
def test_a_file_the_job_process_died_reading_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    """`kill -9` while it is being read: the attempt was recorded before."""
    asyncio.run(_installed(tmp_path))
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "slow.eml").write_bytes(bomb("a mail of boundaries"))
    words = [sys.executable, "-c", SWEEP, str(tmp_path)]
    reading = subprocess.Popen(words)
    late = time.monotonic() + 300
    while not list(tmp_path.glob("imports/*.reading")) and reading.poll() is None:
        assert time.monotonic() < late
        time.sleep(0.002)  # looks again
    reading.kill()
    reading.wait()
    assert (tmp_path / "drop" / "slow.eml").exists()
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=300).stdout == "1\n"
    told = json.loads((tmp_path / "drop" / "refused" / "slow.eml.json").read_text("utf-8"))
    assert told["error"].startswith("The program ended while it was reading this file")
    assert not list(tmp_path.glob("imports/*"))
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=300).stdout == "0\n"
