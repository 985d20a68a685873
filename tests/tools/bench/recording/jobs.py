"""Jobs and duties of a cell whose processes are killed, and how many films an hour its workers make.

Two nodes and a worker of no node (`yuntiao work`), real programs on one PostgreSQL, one store of files and one database
of keys. While films, messages and erasures are asked for, whoever has a duty or a job is killed with SIGKILL, again and
again, and started anew. In the end everything was done, and nothing twice.

Then films alone, with one worker and with two: of recordings of a few seconds, so that much of it is what each film
costs whatever its length. People are `tests.recordings`' senders, the gateway takes a message of one number once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from aiohttp import web
from sqlalchemy.engine import URL, make_url

from complaints.record.identifiers import PHONE, masked_phone
from journal import Event
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import KeyStore, make_master
from rooms import events as e
from rooms.events import event_draft, history, stream
from server.app.core import checked_keys
from server.app.rehearsal.command import free_port
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.evidence.log_keeper import CHECKPOINT, CheckpointCopies
from server.evidence.log_store import LogStore
from server.identity import installation_seal
from server.outbox import TEXT
from server.outbox.store import MessageStore, StoredMessage
from server.retention.erasure import ERASURE
from server.rooms.films import CompositionService
from server.serving.jobs import Bell
from server.serving.jobs.store import JobQueue
from server.serving.settings import Settings
from tests.recordings.sender import Sender, in_time
from tests.recordings.studio import Studio, clean
from tests.server.db.history import MORNING, ZHOU, Teller
from tests.tools.bench.media.accounts import command_of, family_of
from tests.tools.data.postgres import OWN, libpq, named, postgres
from tests.tools.figures import Figures

KILLS, KILLS_QUICK = 100, 1
FILMS, FILMS_QUICK = 12, 1
SECONDS: Final = 3.0
FILMED, FILMED_QUICK = 12.0, 3.0  # seconds of the recordings whose films are counted
NODES: Final = ("a", "b")
START_SECONDS: Final = 90.0
QUIET_SECONDS: Final = 240.0
DUTIES: Final = ("results", "erasures", "checkpoints")
GATEWAY_SECRET: Final = "a-secret-of-the-gateway-for-a-bench"


def measure(quick: bool, kills: int | None = None) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as name, postgres(named() or OWN) as address:
        folder, server = Path(name), make_url(address)
        figures.on_disk(folder)
        asyncio.run(_killed(figures, folder / "killed", server, kills or (KILLS_QUICK if quick else KILLS)))
        number, seconds = (FILMS_QUICK, FILMED_QUICK) if quick else (FILMS, FILMED)
        for workers in (1,) if quick else (1, 2):
            hourly = asyncio.run(_films(folder / f"films-{workers}", server, workers, number, seconds))
            figures.values[f"films_per_hour_workers_{workers}"] = round(hourly, 1)
    for what in ("films", "erasures", "messages", "checkpoints"):
        figures.at_most(f"{what}_double_or_missing", 0)
    figures.at_most("films_left_over", 0)
    return figures.json()


# ---------------------------------------------------------------- programs


@dataclass
class Gateway:
    """Takes a message of one number once, as its contract says; `of`: how often each came."""

    url: str = ""
    of: Counter[str] = field(default_factory=Counter)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.of[request.headers["Idempotency-Key"]] += 1
        return web.Response(status=202)


@dataclass
class Program:
    """A node, or a worker of none, that is killed and started again on the same folder."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str]
    log: Path
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", *self.arguments,
                stdout=log, stderr=asyncio.subprocess.STDOUT, env=self.environment, start_new_session=True,
            )  # fmt: skip

    async def ready(self) -> None:
        """It takes requests; of a worker nothing is waited for."""
        async with asyncio.timeout(START_SECONDS):
            while self.port:
                assert self.process is not None
                if self.process.returncode is not None:
                    raise RuntimeError(f"{self.name} ended: {self.log.read_text(errors='replace')[-2000:]}")
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """As a power cut: its children too, which have groups of their own."""
        assert self.process is not None
        for process in (*family_of(self.process.pid), self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        await self.process.wait()

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), 60)
            except TimeoutError:
                await self.kill()

    def workers(self) -> list[int]:
        assert self.process is not None
        return [one for one in family_of(self.process.pid) if "server.serving.jobs" in command_of(one)]


@dataclass
class Cell:
    """`here`: this process, which asks for work as a node would."""

    folder: Path
    url: URL
    database: Database
    journal: SqlJournal
    queue: JobQueue
    shelf: EncryptedFileStore
    films: CompositionService
    gateway: Gateway
    programs: dict[str, Program]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(libpq(self.url)) as connection:
            return connection.execute(statement.encode()).fetchall()

    async def events(self, session: str) -> list[Event]:
        return await self.journal.read(stream(session))


def _new(server: URL, name: str) -> URL:
    name = f"{name}{secrets.token_hex(4)}"
    with psycopg.connect(libpq(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.set(database=name)


def _prepared(folder: Path, server: URL) -> tuple[URL, URL]:
    for one in (folder, folder / "store", folder / "here"):
        one.mkdir(parents=True)
    make_master(folder / "master.key")
    return _new(server, "jobs"), _new(server, "keys")


@contextlib.contextmanager
def _variables(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextlib.asynccontextmanager
async def cell(folder: Path, server: URL, workers: Mapping[str, int]) -> AsyncIterator[Cell]:
    """`workers`: processes for jobs at each node; "": at none."""
    url, keys_url = await asyncio.to_thread(_prepared, folder, server)
    gateway = Gateway()
    async with gateway.open():
        common = {
            "YUNTIAO_DATABASE_URL": url.render_as_string(hide_password=False),
            "YUNTIAO_KEYS_URL": libpq(keys_url),
            "YUNTIAO_MASTER_KEY": str(folder / "master.key"),
            "YUNTIAO_FILES": f"file://{folder / 'store'}",
        }
        with _variables(common):
            settings = Settings(data=folder / "here")
            keys = await asyncio.to_thread(checked_keys, settings)
            database = Database(url)
            try:
                await database.migrate()
                here = await asyncio.to_thread(_here, settings, keys, database, url, gateway)
                told = {"YUNTIAO_SMS_URL": gateway.url, "YUNTIAO_SMS_SECRET": GATEWAY_SECRET, "YUNTIAO_LOG_EVERY": "1"}
                environment = {**os.environ, **common, **told}
                for name, number in workers.items():
                    here.programs[name] = _program(folder, name, number, environment)
                try:
                    for program in here.programs.values():
                        await program.start()
                    for program in here.programs.values():
                        await program.ready()
                    yield here
                finally:
                    await asyncio.gather(*(program.end() for program in here.programs.values()))
            finally:
                await database.close()


def _here(settings: Settings, keys: KeyStore, database: Database, url: URL, gateway: Gateway) -> Cell:
    away = settings.remote_files(settings.data)
    journal, queue = SqlJournal(database, projectors()), JobQueue(database, "here", shared=True)
    shelf = EncryptedFileStore(settings.data / "recordings", keys, away=away)
    unused: Any = None
    films = CompositionService(shelf, journal, unused, queue, unused)
    return Cell(settings.data.parent, url, database, journal, queue, shelf, films, gateway, {})


def _program(folder: Path, name: str, workers: int, environment: dict[str, str]) -> Program:
    data = str(folder / (name or "work"))
    if not name:
        return Program("work", ["work", "--jobs", str(workers), "--data", data], environment, folder / "work.log")
    port = free_port()
    more = {"YUNTIAO_NODE": name, "YUNTIAO_JOB_WORKERS": str(workers), "YUNTIAO_MEDIA_PORT": "0"}
    ports = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return Program(name, ["serve", *ports, "--data", data], environment | more, folder / f"{name}.log", port)


# ---------------------------------------------------------------- work


async def record(here: Cell, session: str, seconds: float = SECONDS) -> None:
    """A mediation that was held and recorded, with its files at their home; its film is not asked for."""
    await Teller(here.journal).mediated(f"c-{session}", session)
    studio, sender = Studio(here.shelf.folder, seat="s-consumer", keys=here.shelf.keys), Sender()
    studio.recorder = type(studio.recorder)(
        here.shelf.folder, session, "s-consumer", studio.events.append, studio._key, lambda: None, 60.0,
        here.shelf.keys, clock=lambda: MORNING.timestamp() + studio.at,
    )  # fmt: skip
    studio.send(clean(in_time(sender.picture(0, seconds), sender.sound(0, seconds))))
    files = [
        e.SegmentSealed(
            "s-consumer", one.path, one.sha256, one.size, one.started, one.ended, one.width, one.height, one.source
        )
        for one in await studio.end(seconds + 0.1)
    ]
    await Teller(here.journal).session(session, *files, at=MORNING + timedelta(minutes=10))
    away = here.shelf.away
    assert away is not None
    for one in files:  # as the uploader puts a finished recording: its only piece is the last
        whole = here.shelf.stored(one.path)
        digest = hashlib.sha256(whole.read_bytes()).hexdigest()
        await asyncio.to_thread(away.store.put, f"{away.name(whole)}/{0:012d}.end", whole, digest)


async def ask_for_film(here: Cell, session: str) -> None:
    assert await here.films.ask(session, history(await here.events(session)))


async def ask_for_erasure(here: Cell, session: str) -> None:
    """As its owner would: the journal says so, and whoever has the duty is told."""
    told = await here.events(session)
    drafts = [event_draft(e.ErasureOrdered("当事人要求"), datetime.now(UTC), ZHOU)]
    await here.journal.append(stream(session), told[-1].version, drafts)
    await Bell(ERASURE, here.queue).ring()


async def send(here: Cell, number: int) -> str:
    seal, now = installation_seal(here.folder / "here"), datetime.now(UTC)
    phone = f"138{number:08}"  # one each: a number takes ten a day
    message = StoredMessage(
        f"message-{number}", "o1", "", "notice", seal.seal(phone, PHONE), masked_phone(phone),
        seal.seal(f"第{number}条", TEXT), now, now,
    )  # fmt: skip
    await MessageStore(here.database).put(message)
    return message.id


# ---------------------------------------------------------------- killed


async def _killed(figures: Figures, folder: Path, server: URL, kills: int) -> None:
    async with cell(folder, server, {**dict.fromkeys(NODES, 1), "": 1}) as here:
        outcome = await killed(here, kills)
    figures.values |= {name: float(value) for name, value in outcome.items()}


async def killed(here: Cell, kills: int) -> dict[str, int]:
    """What was asked for and what became of it, counted; `…_double_or_missing` is 0 where each was done once."""
    chance, sessions, erased, messages = random.Random(kills), list[str](), list[str](), list[str]()
    victims = Counter[str]()
    for number in range(kills):
        if number % 3 == 0:
            session = f"s{number}"
            await record(here, session)
            await ask_for_film(here, session)
            sessions.append(session)
        messages.append(await send(here, number))
        if number % 6 == 5:  # a film that is made by now, or is being made
            erased.append(sessions[len(erased)])
            await ask_for_erasure(here, erased[-1])
        victims[await _kill_one(here, chance)] += 1
    sessions += (last := [f"last{number}" for number in range(2)])
    for session in last:
        await record(here, session)
        await ask_for_film(here, session)
    await _quiet(here, sessions, erased, messages)
    return {
        "kills_level": kills,
        **{f"kills_of_{victim}_level": number for victim, number in sorted(victims.items())},
        "films_level": len(sessions),
        **await _films_amiss(here, sessions, erased),
        "erasures_level": len(erased),
        "erasures_double_or_missing": await _erasures_amiss(here, erased),
        "messages_level": len(messages),
        "messages_double_or_missing": sum(one not in here.gateway.of for one in messages)
        + sum(state != "sent" for (state,) in here.rows("SELECT state FROM messages")),
        "messages_repeated_with_their_number_level": sum(number - 1 for number in here.gateway.of.values()),
        **await _checkpoints(here),
    }


async def _kill_one(here: Cell, chance: random.Random) -> str:
    """Whoever has a job or a duty at this moment, and start it again."""
    await asyncio.sleep(chance.uniform(0.0, 2.0))  # wherever they are in it
    working = here.rows("SELECT worker FROM jobs WHERE state = 'working' AND worker LIKE '%-%-%-%'")
    if working and chance.random() < 0.5:
        _, parent, _, _ = str(chance.choice(working)[0]).rsplit("-", 3)
        for program in here.programs.values():
            if program.process is not None and program.process.pid == int(parent):
                if program.name != "work" and chance.random() < 0.5:
                    for worker in program.workers():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(worker, signal.SIGKILL)
                    return "worker"
                await _again(program)
                return "work" if program.name == "work" else "node_with_a_job"
    duty = chance.choice(DUTIES)
    holder = here.rows(f"SELECT node FROM owners WHERE name = 'duty/{duty}'")
    name = holder[0][0] if holder and holder[0][0] in here.programs else chance.choice(NODES)
    await _again(here.programs[name])
    return f"{duty}_holder"


async def _again(program: Program) -> None:
    await program.kill()
    await program.start()
    await program.ready()


async def _quiet(here: Cell, sessions: Sequence[str], erased: Sequence[str], messages: Sequence[str]) -> None:
    """Until nothing is left to do, or it takes too long."""
    ends = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < ends:
        (open_,) = here.rows("SELECT count(*) FROM jobs WHERE state IN ('queued', 'working')")
        unsent = [state for (state,) in here.rows("SELECT state FROM messages") if state != "sent"]
        kinds = {session: [event.type for event in await here.events(session)] for session in sessions}
        made = all("RecordingComposed" in kinds[one] or one in erased for one in sessions)
        gone = all("RecordErased" in kinds[one] for one in erased)
        (signed,) = here.rows("SELECT coalesce(max(size), 0) FROM log_checkpoints")
        (size,) = here.rows("SELECT size FROM log_head")
        left = await _left_over(here, [one for one in sessions if one not in erased])
        if not open_[0] and not unsent and made and gone and not left:
            if signed == size:
                return
            await Bell(CHECKPOINT, here.queue).ring()  # as a session's close does; else it may be a minute
        await asyncio.sleep(1.0)


async def _films_amiss(here: Cell, sessions: Sequence[str], erased: Sequence[str]) -> dict[str, int]:
    """Sessions without a film, with two, or with one that is not what the journal says (of these: whose film killed its
    worker too often without getting on); and films in the store that the journal does not know."""
    amiss = given_up = 0
    for session in sessions:
        told = await here.events(session)
        made = [event.data for event in told if event.type == "RecordingComposed"]
        if session in erased:
            amiss += len(made) > 1
            continue
        given_up += any(event.type == "CompositionFailed" for event in told)
        amiss += not (len(made) == 1 and await asyncio.to_thread(_is_there, here, session, made[0]))
    left_over = await _left_over(here, [one for one in sessions if one not in erased])
    return {"films_double_or_missing": amiss, "films_given_up_level": given_up, "films_left_over": left_over}


async def _left_over(here: Cell, sessions: Sequence[str]) -> int:
    """Films in the store that no journal knows."""
    assert here.shelf.away is not None
    found = 0
    for session in sessions:
        told = await here.events(session)
        known = {f"recordings/{event.data['path']}" for event in told if event.type == "RecordingComposed"}
        films = {name for name in here.shelf.away.store.names(f"recordings/{session}") if name.endswith(".mp4")}
        found += len(films - known)
    return found


def _is_there(here: Cell, session: str, made: Any) -> bool:
    with here.shelf.open(session, made["path"]) as file:
        return hashlib.sha256(file.read()).hexdigest() == str(made["sha256"])


async def _erasures_amiss(here: Cell, erased: Sequence[str]) -> int:
    """Records that are not erased, that are twice, or of which something lies in the store or at a node."""
    amiss = 0
    for session in erased:
        types = [event.type for event in await here.events(session)]
        left = [file for place in ("store", *NODES) for file in (here.folder / place).rglob(f"{session}/**/*")]
        files = [file for file in left if file.is_file()]
        amiss += types.count("RecordErased") != 1 or bool(files) or here.shelf.keys.state(session) != "destroyed"
    return amiss


async def _checkpoints(here: Cell) -> dict[str, int]:
    """Signed states of the log: that each is of the log there is, and that no copy has another of the same size."""
    log = LogStore(here.database)
    stored = {one.size: one.note for one in await log.since(-1)}
    copies = [copy for name in NODES for copy in CheckpointCopies(here.folder / name).read()]
    double = sum(stored.get(size) != note for size, note in copies)
    (size,) = here.rows("SELECT size FROM log_head")
    missing = int(max(stored, default=0) != size[0])
    return {"checkpoints_level": len(stored), "checkpoints_double_or_missing": double + missing}


# ---------------------------------------------------------------- how many


async def _films(folder: Path, server: URL, workers: int, number: int, seconds: float) -> float:
    """Films an hour that so many workers of one node make."""
    async with cell(folder, server, {NODES[0]: workers}) as here:
        sessions = [f"f{n}" for n in range(number)]
        for session in ("first", *sessions):
            await record(here, session, seconds)
        await ask_for_film(here, "first")  # an office's workers start with its first job
        async with asyncio.timeout(2 * START_SECONDS):
            while len(here.programs[NODES[0]].workers()) < workers or _composing(here):  # noqa: ASYNC110 - processes
                await asyncio.sleep(0.1)
        begun = time.monotonic()
        for session in sessions:
            await ask_for_film(here, session)
        while _composing(here):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return 3600 * number / (time.monotonic() - begun)


def _composing(here: Cell) -> bool:
    return bool(here.rows("SELECT 1 FROM jobs WHERE name = 'compose' AND state IN ('queued', 'working')"))
