"""`yuntiao drill`: a backup is put back into a scratch place and tried there, so that it is known to be one.

What it is made of is not written to; only the database, keys and checkpoints are copied, and files are read where they
lie. Nothing is started that speaks to anybody. The scratch place goes again, with the keys in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import lzma
import os
import secrets
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from journal import stamp
from journal.notes import Signer
from recordings import BadMaster, RecordingsError
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.app import PACKAGE_PAGES
from server.app.parts import Parts
from server.app.wiring import assemble
from server.cli.offline import CannotCheck, NamedFile, Restored, ToldFiles, look, told_files
from server.cli.terminal import chosen
from server.db.engine import UnknownTables, UnreadableDatabase, newest_revision
from server.db.remaking import reading
from server.evidence import log_keeper, verifying
from server.evidence.exporting import ExportJob
from server.evidence.exports import NotCovered, export_order
from server.identity import SealBroken
from server.outbox import TEXT
from server.outbox.store import MessageStore
from server.rooms.store import sessions_closed_since
from server.serving.settings import Settings

FIRST: Final = 5  # of what is wrong, named
MOST_LOST: Final = timedelta(hours=26)
"""A backup of every night is at most so old when the next one is made."""
_ELSEWHERE: Final = ("YUNTIAO_KEYS_URL", "YUNTIAO_VAULT_URL", "YUNTIAO_FILES")
"""Where keys and files may lie that are in no data folder."""
_COPIED: Final = frozenset({"keys", "log"})
_PIECE: Final = 1 << 20
_DUMP: Final = b"PGDMP"  # how pg_dump's own formats begin; anything else is taken for SQL
_ZONE: Final = "Asia/Shanghai"
_WHO: Final = {"id": "drill", "name": "drill", "office": "", "role": "system"}


@dataclass(frozen=True, slots=True)
class Backup:
    """`sources`: folders or tar files laid out as a data folder, of which each top entry is taken from the last that
    has it (keys from all). `database`: the copy or dump, when it is not `yuntiao.db` in one of them. `server`: of
    PostgreSQL, where a dump is put into a database of its own."""

    sources: Sequence[Path]
    database: Path | None = None
    server: str = ""
    master: Path | None = None


@dataclass(frozen=True, slots=True)
class DrillStep:
    """`holds` None: told, and nothing to judge."""

    name: str
    holds: bool | None
    said: str
    details: tuple[str, ...] = ()


@dataclass
class DrillReport:
    began: datetime
    steps: list[DrillStep] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return all(step.holds is not False for step in self.steps)

    def tell(self, name: str, holds: bool | None, said: str, details: Sequence[str] = ()) -> None:
        more = (f"and {len(details) - FIRST} more",) if len(details) > FIRST else ()
        self.steps.append(DrillStep(name, holds, said, (*details[:FIRST], *more)))

    def lines(self) -> Iterator[str]:
        for step in self.steps:
            mark = {True: "ok  ", False: "FAIL", None: "    "}[step.holds]
            yield f"{mark} {step.name}: {step.said}"
            yield from (f"       {detail}" for detail in step.details)
        yield (
            "This backup can be relied on."
            if self.holds
            else "This backup cannot be relied on: put right what is marked FAIL, make a new one, and try that."
        )

    def json(self) -> dict[str, Any]:
        steps = [{**asdict(step), "details": list(step.details)} for step in self.steps]
        return {"holds": self.holds, "began": stamp(self.began), "steps": steps}

    def textfile(self) -> str:
        """For node_exporter's textfile collector."""
        return (
            "# TYPE yuntiao_drill_holds gauge\n"
            f"yuntiao_drill_holds {int(self.holds)}\n"
            "# TYPE yuntiao_drill_timestamp_seconds gauge\n"
            f"yuntiao_drill_timestamp_seconds {self.began.timestamp():.0f}\n"
        )


async def try_backup(
    backup: Backup,
    scratch: Path | None = None,
    against: Sequence[tuple[str, str]] = (),
    packages: int = 2,
    most_lost: timedelta = MOST_LOST,
    tell: Callable[[str], None] = lambda _: None,
) -> DrillReport:
    """CannotCheck when there is nothing that could be put back."""
    if elsewhere := [name for name in _ELSEWHERE if os.environ.get(name)]:
        raise CannotCheck(
            f"{elsewhere[0]} is set, and what it names is what the office works with: unset it, and give a backup of "
            "everything as a data folder has it"
        )
    report = DrillReport(datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="yuntiao-drill-", dir=scratch) as made:
        place = Path(made)
        tell(f"putting it back into {place}")
        began = time.monotonic()
        data, database = place / "data", _laid_out(backup, place)
        with _database(backup, database, data) as url:
            given = {"data": data, "database_url": SecretStr(url), "master_key": _master(backup, data)}
            settings = chosen(given)
            report.tell("restored", None, f"put back in {time.monotonic() - began:.1f} s from {_named(backup)}")
            await _try(settings, report, against, packages, most_lost, tell)
    return report


async def _try(
    settings: Settings,
    report: DrillReport,
    against: Sequence[tuple[str, str]],
    packages: int,
    most_lost: timedelta,
    tell: Callable[[str], None],
) -> None:
    try:
        parts = await asyncio.to_thread(assemble, settings)
    except (BadMaster, ValueError) as fault:  # a key that cannot be one
        report.tell("keys", False, str(fault))
        return
    try:
        try:
            await parts.database.migrate()
        except UnknownTables as fault:
            report.tell("database", False, str(fault))
            return
        report.tell("database", True, f"it opens, and its tables are those of {newest_revision()}")
        tell("recomputing the log")
        try:
            async with reading(parts.database) as snapshot:
                found = await look(snapshot, settings.data, parts.shelf.keys, against)
                told = await told_files(snapshot)
        except UnreadableDatabase as fault:
            report.tell("log", False, f"the database cannot be read: {fault}")
            return
        _judge_log(report, found, most_lost)
        tell(f"opening {len(told.files)} files")
        await asyncio.to_thread(_judge_files, report, settings, parts, told)
        _judge_erased(report, parts, told)
        await _judge_seal(report, parts)
        await _judge_packages(report, settings, parts, told, packages)
    finally:
        await parts.database.close()


# ------------------------------------------------------------ what is judged


def _judge_log(report: DrillReport, found: Restored, most_lost: timedelta) -> None:
    if found.wrong:
        report.tell("log", False, f"of {found.entries} entries not all are as they were signed", found.wrong)
    else:
        report.tell("log", True, f"{found.entries} entries recomputed: all are as they were signed")
    last = stamp(found.last) if found.last else "never"
    if found.newest is None:
        report.tell("age", None, f"the last entry is of {last}; no checkpoint says whether there were later ones")
        return
    made = found.newest.checkpoint.made
    if not found.missing:
        report.tell("age", True, f"the last entry is of {last}; no signed entry is missing")
        return
    late = made - (found.last or datetime.min.replace(tzinfo=UTC))
    said = f"it ends at {last}; {found.missing} entries signed until {stamp(made)} are not in it and would be lost"
    report.tell("age", late <= most_lost, said)


def _judge_files(report: DrillReport, settings: Settings, parts: Parts, told: ToldFiles) -> None:
    stores: dict[str, EncryptedFileStore] = {}
    wrong, size = [], 0
    for path, one in sorted(told.files.items()):
        place, _, inside = path.partition("/")
        if place not in stores:
            stores[place] = EncryptedFileStore(settings.data / place, parts.shelf.keys)
        fault, read = _opened(stores[place], inside, one)
        size += read
        if fault:
            wrong.append(f"{path}: {fault}")
    elsewhere = f"; {told.archived} in the archive were not looked at" if told.archived else ""
    if wrong:
        report.tell("files", False, f"{len(wrong)} of {len(told.files)} files do not hold{elsewhere}", wrong)
    else:
        said = f"{len(told.files)} files ({size} bytes) opened: each holds what the journal says{elsewhere}"
        report.tell("files", True, said)


def _opened(store: EncryptedFileStore, path: str, one: NamedFile) -> tuple[str, int]:
    """What is wrong with it ("": nothing), and how many bytes were read."""
    digest, size = hashlib.sha256(), 0
    try:
        with store.open(one.case, path) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except (RecordingsError, OSError) as fault:
        return f"{type(fault).__name__}: {fault}", size
    if one.sha256 and digest.hexdigest() != one.sha256:
        return "it is not what the journal recorded", size
    return "", size


def _judge_erased(report: DrillReport, parts: Parts, told: ToldFiles) -> None:
    back = sorted(case for case in told.erased if parts.shelf.keys.state(case) == "there")
    if back:
        said = (
            f"{len(back)} cases that were erased could be read again with the keys in it: destroy backups of keys that "
            "are older than the erasure"
        )
        report.tell("erased", False, said, back)
    elif told.erased:
        report.tell("erased", True, f"{len(told.erased)} erased cases stay erased: there is no key of them")
    else:
        report.tell("erased", None, "nothing was erased yet")


async def _judge_seal(report: DrillReport, parts: Parts) -> None:
    offices = [office.id for office in await parts.store.offices()]
    newest, _ = await MessageStore(parts.database).page(offices, size=1)
    if not newest:
        report.tell("seal", None, "there is no sealed message to try keys/seal.key on")
        return
    try:
        parts.seal.open(newest[0].text_sealed, TEXT)
    except SealBroken:
        said = "keys/seal.key is missing or another one: numbers, links and second factors in the database stay closed"
        report.tell("seal", False, said)
    else:
        report.tell("seal", True, "keys/seal.key opens what the database holds under it")


async def _judge_packages(report: DrillReport, settings: Settings, parts: Parts, told: ToldFiles, most: int) -> None:
    closed = await sessions_closed_since(parts.database, datetime.min.replace(year=1970, tzinfo=UTC))
    tried = [session for session in closed if session not in told.erased][-most:] if most else []
    faults = [f"{session}: {fault}" for session in tried if (fault := await _package(settings, parts, session))]
    if faults:
        report.tell("packages", False, f"of {len(tried)} evidence packages {len(faults)} cannot be made", faults)
    elif tried:
        report.tell("packages", True, f"evidence packages of the {len(tried)} newest closed cases were made and hold")
    else:
        report.tell("packages", None, "there is no closed case to make an evidence package of")


async def _package(settings: Settings, parts: Parts, session: str) -> str:
    """What is wrong with one that is made now; "": nothing."""

    def signer() -> Signer:
        return log_keeper.configured_existing_signer(settings.data)

    def shelf(place: str) -> EncryptedFileStore:
        return EncryptedFileStore(settings.data / place, parts.shelf.keys)

    try:
        record = await parts.exports.gathering.record(session)
        order = export_order("package", record, _ZONE, _WHO, "drill")
        job = ExportJob(parts.shelf, shelf("documents"), shelf("attachments"), signer, PACKAGE_PAGES)
        file = settings.data / f"{secrets.token_hex(8)}.zip"
        await asyncio.to_thread(lambda: file.write_bytes(b"".join(job.package(order))))
        found = await asyncio.to_thread(verifying.check, file)
        file.unlink()
    except (NotCovered, ValueError, RecordingsError, OSError, verifying.Unusable) as fault:
        return str(fault) or type(fault).__name__
    return "" if found.verdict != "fails" else "; ".join(verifying.said(found, "en"))


# ------------------------------------------------------------ putting it back


def _named(backup: Backup) -> str:
    every = [*backup.sources, *([backup.database] if backup.database else [])]
    return ", ".join(str(path) for path in every)


def _laid_out(backup: Backup, place: Path) -> Path | None:
    """The database file, after the rest was put into `place`/data."""
    data = place / "data"
    data.mkdir(mode=0o700)
    found: dict[str, list[Path]] = {}
    for n, source in enumerate(backup.sources):
        folder = _folder(source, place / f"unpacked-{n}")
        for entry in sorted(folder.iterdir()):
            found.setdefault(entry.name, []).append(entry)
    database = backup.database or next(reversed(found.get("yuntiao.db", [])), None)
    for name, entries in found.items():
        if name in _COPIED:
            for entry in entries:
                shutil.copytree(entry, data / name, dirs_exist_ok=True)
        elif entries[-1].is_dir():
            (data / name).symlink_to(entries[-1].resolve())  # read where it lies
    return database


def _unpack(tar: tarfile.TarFile, into: Path) -> None:
    """Its files and folders, nothing outside of `into`. Python's own filter is not in that of Debian 12. TarError."""
    root = into.resolve()
    tar.extraction_filter = lambda member, _path: member  # later ones want to be told
    for member in tar:
        if not (member.isfile() or member.isdir()) or not (root / member.name).resolve().is_relative_to(root):
            raise tarfile.TarError(f"{member.name[:80]} in it is no file or folder of a backup")
        tar.extract(member, root, set_attrs=False)
    assert tar.fileobj is not None
    while tar.fileobj.read(_PIECE):
        pass  # tarfile ends where the names do; the sum over everything comes last


def _folder(source: Path, unpacked: Path) -> Path:
    if source.is_dir():
        return source
    try:
        with tarfile.open(source) as tar:
            unpacked.mkdir(mode=0o700)
            _unpack(tar, unpacked)
    except (OSError, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as fault:  # the last three: cut or damaged
        raise CannotCheck(
            f"{source} is neither a folder nor a tar file that can be read: {str(fault).splitlines()[0]}"
        ) from None
    (*others, last) = list(unpacked.iterdir()) or [unpacked]
    return unpacked if others or not last.is_dir() or last.name in _COPIED else last


def _master(backup: Backup, data: Path) -> Path:
    named = backup.master or data / "keys" / "master.key"
    master = named if named.is_file() else chosen({"data": data}).master_key
    if master is None or not master.is_file():  # the program would make one
        raise CannotCheck("there is no master key in it: say with --master-key where it lies")
    return master


@contextmanager
def _database(backup: Backup, file: Path | None, data: Path) -> Iterator[str]:
    """Its address ("": the file in the data folder)."""
    if file is None or not file.is_file():
        raise CannotCheck("there is no yuntiao.db in it: name the copy or the dump with --database")
    with file.open("rb") as opened:
        head = opened.read(16)
    if head.startswith(b"SQLite format 3\0"):
        yield _copied(file, data / "yuntiao.db")
        return
    if not backup.server:
        raise CannotCheck(f"{file} is a dump of PostgreSQL: say with --server where a database may be made for it")
    with _scratch_database(backup.server) as address:
        _load(file, address, head.startswith(_DUMP))
        yield address.replace("postgresql:", "postgresql+psycopg:", 1)


def _copied(file: Path, to: Path) -> str:
    shutil.copyfile(file, to)
    if (wal := file.with_name(f"{file.name}-wal")).is_file():
        shutil.copyfile(wal, to.with_name(f"{to.name}-wal"))
    connection = sqlite3.connect(to)
    try:
        ((said,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as fault:
        said = str(fault)
    finally:
        connection.close()
    if said != "ok":
        raise CannotCheck(f"{file} is damaged, SQLite says: {said}")
    return ""


@contextmanager
def _scratch_database(server: str) -> Iterator[str]:
    import psycopg
    from psycopg import sql

    name = f"yuntiao_drill_{secrets.token_hex(4)}"
    address = server.replace("postgresql+psycopg:", "postgresql:", 1)
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.Error as fault:
        raise CannotCheck(f"no database can be made there: {str(fault).splitlines()[0]}") from None
    try:
        yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _load(dump: Path, database: str, own_format: bool) -> None:
    """By PostgreSQL's own programs; the password goes by the environment, where nobody else reads it."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parameters: dict[str, Any] = dict(conninfo_to_dict(database))
    environment = os.environ | {"PGPASSWORD": str(parameters.pop("password", None) or "")}
    address = make_conninfo(**parameters)
    command = (
        ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--dbname", address, str(dump)]
        if own_format
        else ["psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file", str(dump), address]
    )
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError as fault:
        raise CannotCheck(f"{command[0]} cannot be started: {fault.strerror}") from None
    if done.returncode != 0:
        raise CannotCheck(f"{dump} cannot be put back: {(done.stderr.strip().splitlines() or ['no reason'])[0]}")
