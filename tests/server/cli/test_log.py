"""`yuntiao log …` as the person at the terminal has it: words, JSON, exit codes."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from journal.merkle import Growth
from journal.notes import Checkpoint, checkpoint_body, public_key, signed
from server.cli import app
from server.db.engine import Database
from server.evidence.log_keeper import existing_signer, installation_signer, key_path
from server.evidence.log_store import LogStore
from tests.server.evidence.house import House


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder with some life in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "yuntiao.db")

    async def live() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'yuntiao.db'}")
        await House(database, folder).lived()
        await database.close()

    asyncio.run(live())
    return folder


def run(*arguments: str, data: Path) -> Result:
    return CliRunner().invoke(app, ["log", *arguments, "--data", str(data)])


def report(*arguments: str, data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", "--json", *arguments, data=data).stdout)
    return found


def test_a_log_that_holds_exits_with_0_and_says_what_was_checked(data: Path) -> None:
    ended = run("check", data=data)
    assert ended.exit_code == 0
    assert "10 events in 4 streams, 3 checkpoints" in ended.stdout
    assert ended.stdout.rstrip().endswith("everything holds")


def test_a_log_that_was_tampered_with_exits_with_1_and_names_what_was_done(data: Path) -> None:
    with closing(sqlite3.connect(data / "yuntiao.db")) as connection, connection:
        connection.execute("UPDATE events SET actor_name = '别人' WHERE stream = 'session/a' AND version = 2")
    ended = run("check", data=data)
    assert ended.exit_code == 1
    assert "FOUND content session/a 2" in ended.stdout
    found = report(data=data)
    assert found["holds"] is False
    assert found["findings"] == [{"code": "content", "where": "session/a 2", "detail": ""}]


def test_a_checkpoint_and_a_key_kept_elsewhere_are_compared_with(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.note"
    with closing(sqlite3.connect(data / "yuntiao.db")) as connection, connection:
        kept.write_text(connection.execute("SELECT note FROM log_checkpoints WHERE size = 6").fetchone()[0])
    signer = existing_signer(data)
    key = public_key(signer.name, signer.public)
    assert report("--against", str(kept), "--key", key, data=data)["holds"] is True
    kept.write_text(kept.read_text().replace("\n6\n", "\n7\n"))
    assert [each["code"] for each in report("--against", str(kept), data=data)["findings"]] == ["checkpoint_signature"]
    other = public_key("yuntiao/other", bytes(32))
    assert {each["code"] for each in report("--key", other, data=data)["findings"]} == {"key", "wrong_key"}


@pytest.mark.parametrize("arguments", [("--against", "no-such-file"), ("--key", "nonsense")])
def test_what_cannot_be_compared_with_exits_with_2(data: Path, arguments: tuple[str, ...]) -> None:
    assert run("check", *arguments, data=data).exit_code == 2


def test_a_folder_without_a_log_exits_with_2_and_is_left_as_it_was(tmp_path: Path) -> None:
    ended = run("check", data=tmp_path)
    assert (ended.exit_code, "no installation" in ended.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
    with closing(sqlite3.connect(tmp_path / "yuntiao.db")) as connection:
        connection.execute("CREATE TABLE something (else_ TEXT)")
    ended = run("check", data=tmp_path)
    assert (ended.exit_code, "cannot be read" in ended.stderr) == (2, True)


def test_a_key_is_adopted_once(data: Path) -> None:
    assert "signs already" in run("adopt-key", data=data).stdout
    name = existing_signer(data).name
    key_path(data).unlink()
    assert installation_signer(data).name != name
    assert [each["code"] for each in report(data=data)["findings"]] == ["key"]
    assert run("adopt-key", data=data).stdout.startswith("adopted: ")
    assert report(data=data)["holds"] is True


def test_without_a_key_nothing_can_be_adopted(data: Path) -> None:
    key_path(data).unlink()
    assert run("adopt-key", data=data).exit_code == 2


def test_whoever_kept_a_state_finds_out_without_the_server_that_the_log_only_grew(data: Path, tmp_path: Path) -> None:
    kept, proof = tmp_path / "kept.note", tmp_path / "growth"
    signer = existing_signer(data)
    key = public_key(signer.name, signer.public)

    async def asked() -> tuple[str, str]:
        database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
        store = LogStore(database)
        newest = await store.newest()
        assert newest is not None
        found = Growth(6, tuple(await store.consistency(6, newest.size)), newest.note)
        (old,) = [each.note for each in await store.since(0) if each.size == 6]
        await database.close()
        return old, found.text()

    old, text = asyncio.run(asked())
    kept.write_text(old)
    proof.write_text(text)

    def grew(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["log", "grew", str(kept), str(proof), "--key", key, *arguments])

    held = grew()
    assert held.exit_code == 0
    assert "nothing before was changed, removed or put in; 2 entries came after" in held.stdout
    assert json.loads(grew("--json").stdout)["verdict"] == "grew"
    # The log is made anew as a whole, and signed with its own key: only whoever kept a state finds that.
    other = Checkpoint(signer.name, 6, bytes(32), datetime(2026, 6, 24, 1, 0, tzinfo=UTC))
    kept.write_text(signed(checkpoint_body(other), signer))
    changed = grew()
    assert changed.exit_code == 1
    assert "FOUND rewritten" in changed.stdout
    kept.write_text(old.replace("\n6\n", "\n7\n"))
    assert grew().exit_code == 2
    kept.write_bytes(b"\xff" * 70_000)
    assert grew().exit_code == 2
