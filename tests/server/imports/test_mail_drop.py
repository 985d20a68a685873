"""The mail drop on real databases and a real folder: what is put there is taken once, whatever ends in between."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from complaints.channels.documents import LARGEST
from complaints.complaint import fold
from complaints.state import stream
from journal import Actor
from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.complaints.attachments import AttachmentService
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.schema import complaints, import_batches, leads
from server.imports import jobs
from server.imports.batches import Batches
from server.imports.jobs import MailDrop
from server.leads.desk import LeadFiles
from tests.complaints.record.test_uploads import picture
from tests.recordings.keyring import Keyring
from tests.server.app.office import FIRST

LATER = 10.0**10
HEAD = "留言编号,留言内容,涉及单位,联系电话\n"
BODY = "联系电话：13800001234\n企业名称：甲健身馆\n\n商家停业，余款未退。"


def word(text: str) -> str:
    """As a header writes it (RFC 2047)."""
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def mail(number: str = "L-1@board.example", body: str = BODY, attached: bytes = b"", kind: str = "image/jpeg") -> bytes:
    head = (
        f"From: {word('丁小禾')} <d@board.example>\r\nMessage-ID: <{number}>\r\nSubject: {word('健身卡退费')}\r\n"
        "Date: Mon, 08 Jun 2026 14:30:00 +0800\r\nMIME-Version: 1.0\r\n"
    )
    text = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    if not attached:
        return (head + text).encode()
    file = base64.encodebytes(attached).decode()
    return (
        f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text}--b\r\nContent-Type: {kind}\r\n"
        'Content-Disposition: attachment; filename="photo.jpg"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{file}\r\n--b--\r\n"
    ).encode()


class Drop:
    def __init__(self, folder: Path, batches: Batches, shelf: Path) -> None:
        self.folder, self.clock = folder, [0.0]
        desk = AttachmentService(batches.complaints, EncryptedFileStore(shelf, Keyring()))
        self.files = LeadFiles(batches.leads, EncryptedFileStore(shelf.with_name("lead-files"), Keyring()))
        self.drop = MailDrop(folder, FIRST, batches, desk.put, self.files.add, lambda: self.clock[0], lambda: LATER)
        folder.mkdir(exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def lies(self) -> list[str]:
        return sorted(str(one.relative_to(self.folder)) for one in self.folder.rglob("*") if one.is_file())

    def report(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        return told


@pytest.fixture
def drop(tmp_path: Path, batches: Batches) -> Drop:
    return Drop(tmp_path / "drop", batches, tmp_path / "attachments")


async def ids(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.execute(select(complaints.c.id))).scalars())


async def test_a_mail_becomes_a_complaint_with_what_lay_in_it_and_is_moved_with_a_report(
    drop: Drop, database: Database, journal: SqlJournal
) -> None:
    drop.put("1.eml", mail(attached=picture("JPEG")))
    assert await drop.drop.sweep() == 1
    assert drop.lies() == ["done/1.eml", "done/1.eml.json"]
    told = drop.report("done/1.eml")
    assert (told["counts"]["taken"], told["rows"][0]["number"]) == (1, "L-1@board.example")
    assert told["attachments"] == [{"name": "photo.jpg", "taken": True, "why": ""}]
    (complaint,) = await ids(database)
    state = fold(await journal.read(stream(complaint)))
    assert state is not None
    assert (state.record.title, state.record.channel) == ("健身卡退费", "board")
    assert [one.kind for one in state.attachments] == ["jpeg"]


async def test_plain_exports_and_notes_are_taken_too(drop: Drop, database: Database) -> None:
    drop.put("a.csv", f"{HEAD}A-1,不退款,甲,13800001234\nA-2,不退款,乙,13800001235\n".encode())
    drop.put("b.txt", BODY.encode("gb18030"))
    drop.put("1700000000.M1P2.host,S", mail("L-9@x"))  # as a maildir names them
    assert await drop.drop.sweep() == 3
    assert len(await ids(database)) == 4
    assert not (drop.folder / "refused").exists() or not list((drop.folder / "refused").iterdir())


async def test_what_cannot_be_taken_is_moved_aside_with_the_reason_and_nothing_is_lost(
    drop: Drop, database: Database
) -> None:
    garbled = b"\x00\xff" * 50
    sent = {
        "empty.eml": b"",
        "garbled.eml": garbled,
        "big.eml": b"x" * (LARGEST + 1),
    }
    for name, content in sent.items():
        drop.put(name, content)
    assert await drop.drop.sweep() == 3
    assert await ids(database) == []
    for name, content in sent.items():
        assert (drop.folder / "refused" / name).read_bytes() == content
        told = drop.report(f"refused/{name}")
        assert told["error"] or told["rows"][0]["problems"], name
    assert "32 MB" in drop.report("refused/big.eml")["error"]


async def reports(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.execute(select(leads.c.id))).scalars())


async def test_what_lay_in_a_mailed_report_stands_behind_the_wall_with_it_and_nowhere_else(
    drop: Drop, batches: Batches, database: Database, tmp_path: Path
) -> None:
    drop.put("1.eml", mail(body=f"类型：举报\n{BODY}", attached=picture("JPEG")))
    await drop.drop.sweep()
    assert drop.report("done/1.eml")["attachments"] == [{"name": "photo.jpg", "taken": True, "why": ""}]
    assert await ids(database) == []
    (lead,) = await reports(database)
    (file,) = (await batches.leads.state(lead)).files
    assert (file.kind, file.about) == ("jpeg", "evidence")
    inspector = Actor("officer", "cha", "何静", "inspector", FIRST.id)
    with (await drop.files.take(inspector, lead, file.attachment))[1] as content:
        assert hashlib.sha256(content.read()).hexdigest() == file.sha256
    with pytest.raises(Refused, match="not_allowed"):  # who mediates takes reports in and reads them no more
        await drop.files.take(Actor("officer", "zhou", "周敏", "mediator", FIRST.id), lead, file.attachment)
    assert not (tmp_path / "attachments").exists()


async def test_a_report_that_is_mailed_again_has_its_attachment_once_and_a_new_one_beside_it(
    drop: Drop, batches: Batches, database: Database
) -> None:
    body = f"类型：举报\n{BODY}"
    drop.put("1.eml", mail(body=body, attached=picture("JPEG")))
    drop.put("2.eml", mail(body=body, attached=picture("JPEG")))
    drop.put("3.eml", mail(body=body, attached=picture("PNG"), kind="image/png"))
    await drop.drop.sweep()
    (lead,) = await reports(database)
    assert sorted(one.kind for one in (await batches.leads.state(lead)).files) == ["jpeg", "png"]


async def test_with_a_consultation_nothing_is_kept_but_its_words_and_the_report_says_so(drop: Drop) -> None:
    drop.put("1.eml", mail(body=f"类型：咨询\n{BODY}", attached=picture("JPEG")))
    await drop.drop.sweep()
    (one,) = drop.report("done/1.eml")["attachments"]
    assert (one["taken"], one["why"]) == (False, "no_complaint")


async def test_an_attachment_that_is_not_kept_is_named_and_the_mail_stays_in_done(drop: Drop) -> None:
    drop.put("1.eml", mail(attached=b"MZ\x90program", kind="application/octet-stream"))
    await drop.drop.sweep()
    (one,) = drop.report("done/1.eml")["attachments"]
    assert (one["taken"], one["why"]) == (False, "kind")


async def test_the_same_file_again_and_the_same_mail_under_another_name_make_nothing_new(
    drop: Drop, database: Database
) -> None:
    drop.put("1.eml", mail())
    await drop.drop.sweep()
    drop.put("1.eml", mail())
    drop.put("2.eml", mail())
    await drop.drop.sweep()
    assert len(await ids(database)) == 1
    assert drop.report("done/2.eml")["counts"]["duplicate"] == 1
    assert len([one for one in drop.lies() if one.endswith(".eml")]) == 3  # nothing is written over


async def test_what_is_still_being_written_is_left_alone(drop: Drop, database: Database) -> None:
    for name in (".1.eml", "2.eml.part", "3.tmp"):
        drop.put(name, mail())
    (drop.folder / "link.eml").symlink_to("/etc/passwd")
    assert await drop.drop.sweep() == 0
    drop.drop._now = lambda: (drop.folder / "5.eml").stat().st_mtime + 1 if (drop.folder / "5.eml").exists() else 0.0
    drop.put("5.eml", mail())
    assert await drop.drop.sweep() == 0
    assert await ids(database) == []


class Died(Exception):
    """The process ends here."""


async def test_a_process_that_dies_behind_a_reports_attachment_attaches_it_once(
    drop: Drop, batches: Batches, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = drop.files.add

    async def dying(*given: Any) -> None:
        await real(*given)
        raise Died

    monkeypatch.setattr(drop.drop, "_attach_to_lead", dying)
    drop.put("1.eml", mail(body=f"类型：举报\n{BODY}", attached=picture("JPEG")))
    assert await drop.drop.sweep() == 0
    monkeypatch.undo()
    drop.clock[0] += jobs.EVERY
    assert await drop.drop.sweep() == 1
    (lead,) = await reports(database)
    assert len((await batches.leads.state(lead)).files) == 1


@pytest.mark.parametrize("where", ["begin", "run", "attach", "put_away"])
async def test_wherever_the_process_dies_the_mail_is_taken_once(
    drop: Drop, batches: Batches, database: Database, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def dying(real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def after(*given: Any, **named: Any) -> Any:
            await real(*given, **named)
            raise Died

        return after

    def dies(*_: Any) -> None:
        raise Died

    if where == "put_away":
        monkeypatch.setattr(drop.drop, "_put_away", dies)
    elif where == "attach":
        monkeypatch.setattr(drop.drop, "_attach", dying(drop.drop._attach))
    else:
        monkeypatch.setattr(batches, where, dying(getattr(batches, where)))
    drop.put("1.eml", mail(attached=picture("JPEG")))
    drop.put("2.eml", mail("L-2@x"))
    assert await drop.drop.sweep() == (1 if where == "attach" else 0)
    assert "1.eml" in drop.lies()
    monkeypatch.undo()
    assert await drop.drop.sweep() == 0  # not at once
    drop.clock[0] += jobs.EVERY
    await drop.drop.sweep()
    assert [one for one in drop.lies() if "/" not in one] == []
    found = await ids(database)
    assert len(found) == 2
    states = [fold(await journal.read(stream(one))) for one in found]
    assert sorted(len(state.attachments) for state in states if state) == [0, 1]
    async with database.read() as connection:
        assert len((await connection.execute(select(import_batches))).all()) == 2


async def test_the_journal_names_the_mail_drop_as_who_registered(
    drop: Drop, database: Database, journal: SqlJournal
) -> None:
    drop.put("1.eml", mail())
    await drop.drop.sweep()
    (complaint,) = await ids(database)
    (entry,) = await journal.read(stream(complaint))
    assert entry.actor == Actor("system", "mail-drop", "mail drop", "", FIRST.id)
