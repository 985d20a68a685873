"""Two real programs on one database, each on its own machine as far as a machine can play two, behind a real nginx.

Every datagram that reaches somebody's socket is counted by what it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from journal import Event, verify
from recordings.evidence.verdict import VerificationReport
from recordings.files.keys import make_master
from rooms.events import stream
from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.aftermath import export, verified
from server.app.rehearsal.command import PASSWORD, Venue, free_port
from server.app.rehearsal.peer import Peer, _protocols
from server.app.rehearsal.person import Caller, Person, seat_of
from server.app.rehearsal.story import MEDIATOR, SUPERVISOR, Story
from server.db.engine import Database, connecting
from server.db.journal import SqlJournal
from tests.server.serving.nodes.network import Machine, Network, network
from tests.server.serving.nodes.object_store import ObjectStore, object_store
from tests.server.serving.nodes.pair import Pair, pair
from tests.server.serving.nodes.rooms import Room, Rooms, complaints
from tests.survival.sitting import all_meet, seat_in

NAMES = ("a", "b")
DATABASES = ("d", "e")
STORE = "o"
ANY = "any"


@dataclass
class Node:
    """A running `yuntiao serve` with a name. `edge`: the address of pages that nginx leads to it."""

    name: str
    machine: Machine
    venue: Venue
    edge: str

    def stop(self) -> None:
        """Its machine stands still: the program, and its media worker."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def workers(self) -> list[int]:
        assert self.venue.process is not None
        found = subprocess.run(
            ["pgrep", "-g", str(self.venue.process.pid), "-f", "server.rooms.worker"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return [int(line) for line in found.stdout.split()]

    def program(self) -> int:
        assert self.venue.process is not None
        return self.venue.process.pid

    async def ended(self) -> int:
        """With which code, once it has."""
        assert self.venue.process is not None
        return await self.venue.process.wait()

    def _send(self, number: signal.Signals) -> None:
        assert self.venue.process is not None
        os.killpg(self.venue.process.pid, number)


class PacketCount:
    """Of what reaches one person's sockets, as it lies in the datagram (RFC 7983): `rtp`, `rtcp`, other."""

    def __init__(self, protocols: list[Any]) -> None:
        self.of: Counter[str] = Counter()
        for protocol in protocols:
            protocol.datagram_received = self._counted(protocol.datagram_received)

    @classmethod
    async def of_peer(cls, peer: Peer) -> PacketCount:
        """From now on: what had come before and was not read yet is read first."""
        protocols = [each for connection in (peer.receiving, peer.sending) for each in _protocols(connection)]
        while any(_waiting(protocol.transport.get_extra_info("socket")) for protocol in protocols):  # noqa: ASYNC110
            await asyncio.sleep(0)
        return cls(protocols)

    def _counted(self, passed_on: Any) -> Any:
        def received(data: bytes, addr: Any) -> None:
            media = len(data) > 1 and 127 < data[0] < 192
            self.of[("rtcp" if 192 <= data[1] <= 223 else "rtp") if media else "other"] += 1
            passed_on(data, addr)

        return received

    @property
    def rtp(self) -> int:
        return self.of["rtp"]


def _waiting(socket: Any) -> int:
    """Bytes of the next datagram in the kernel."""
    return struct.unpack("i", fcntl.ioctl(socket.fileno(), termios.FIONREAD, bytes(4)))[0]  # type: ignore[no-any-return]


@dataclass
class House:
    """`desk` is the mediator's browser. Roles name people."""

    url: URL
    network: Network
    nodes: dict[str, Node]
    story: Story
    desk: Visitor
    callers: dict[str, Caller] = field(default_factory=dict)

    def person(self, role: str) -> Person:
        return self.callers[role].person

    def peer(self, role: str) -> Peer:
        return self.callers[role].peer

    def seat(self, role: str) -> str:
        return seat_in(self.callers, role)

    async def all_meet(self) -> None:
        await all_meet(self.callers)

    async def heard(self, role: str, of: str, seconds: float) -> None:
        """Until this person has heard so much more of the other."""
        peer, seat = self.peer(role), self.seat(of)
        before = peer.of(seat, "mic").loud
        await peer.until(lambda: peer.of(seat, "mic").loud > before + seconds, 30)

    async def come_back(self, role: str, by: str) -> None:
        """As a page does whose connection was cut: by way of this node, a new socket with the same cookies, media."""
        caller = self.callers[role]
        await caller.leave(silently=True)
        with contextlib.suppress(Exception):  # its server does not answer
            await caller.person.hang_up()
        caller.person.visitor.base = self.nodes[by].edge
        await caller.person.connect(self.story.session if role == "mediator" else "")
        await caller.person.until(lambda view: seat_of(view, role)["status"] == "present", "the same seat")
        await caller.come_back()

    async def journal(self) -> list[Event]:
        return await journal_of(self.url, self.story.session)

    def owner(self) -> str:
        return str(rows(self.url, f"SELECT node FROM owners WHERE name = 'session/{self.story.session}'")[0][0])

    def incarnation(self, node: str) -> int:
        return int(rows(self.url, f"SELECT incarnation FROM nodes WHERE name = '{node}'")[0][0])


@dataclass
class Estate:
    net: Network
    databases: Pair
    store: ObjectStore
    nodes: dict[str, Node]
    rooms: Rooms
    url: URL

    async def fill(self, count: int) -> None:
        """So many rooms in which everybody hears everybody."""
        for complaint in await complaints(self.url, self.nodes[NAMES[0]].venue.data, count):
            await self.rooms.open(complaint)
        await self.rooms.until_whole(60)

    async def journal(self, session: str) -> list[Event]:
        return await journal_of(self.url, session)

    async def packages(self, rooms: Sequence[Room], at: str) -> list[VerificationReport]:
        """As a supervisor takes them along from this node, each verified by who trusts none of us."""
        found = []
        async with Visitor(self.nodes[at].edge) as supervisor:
            await Story(self.nodes[at].edge, PASSWORD, RehearsalReport(), None).sign_in(supervisor, SUPERVISOR)
            _, key = await supervisor.download("/log/key")
            for room in rooms:
                package = await export(supervisor, room.session, "package")
                found.append(await verified(package, key.decode().strip()))
        return found

    def of_one_node(self) -> tuple[Node, list[Room]]:
        """The node of the last room, and all its rooms, of which nothing is held against them from now on."""
        owners = self.owners()
        node = owners[self.rooms.all[-1].session]
        of_it = [room for room in self.rooms.all if owners[room.session] == node]
        for room in of_it:
            room.outages.clear()
        return self.nodes[node], of_it

    def owners(self) -> dict[str, str]:
        """Of each room its node."""
        found = rows(self.url, "SELECT name, node FROM owners WHERE name LIKE 'session/%'")
        return {name.partition("/")[2]: node for name, node in found}


async def journal_of(url: URL, session: str) -> list[Event]:
    database = Database(url)
    try:
        events = await SqlJournal(database).read(stream(session))
    finally:
        await database.close()
    verify(events)
    return events


def rows(url: URL, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(**connecting(url)) as connection:
        return connection.execute(statement.encode()).fetchall()


@contextlib.asynccontextmanager
async def nodes(
    folder: Path,
    url: URL,
    browsers: bool = False,
    net: Network | None = None,
    more: Mapping[str, str] | None = None,
    options: tuple[str, ...] = (),
) -> AsyncIterator[tuple[Network, dict[str, Node]]]:
    """Both run, with the same keys, and nginx leads to them; `browsers` come by `Network.pages` and no other way.

    `net`: where there are machines with their names already. `more`: of their environment.
    """
    async with contextlib.AsyncExitStack() as stack:
        net = net or stack.enter_context(network(NAMES))
        edges, port = {name: free_port() for name in (*NAMES, ANY)}, free_port()
        net.pages = f"http://127.0.0.1:{edges[ANY]}" if browsers else f"http://{net.here}:{edges[ANY]}"
        made: dict[str, Node] = {}
        for name in NAMES:
            machine, data = net.machines[name], folder / name / "data"
            if made:
                shutil.copytree(made[NAMES[0]].venue.data / "keys", data / "keys")
            environment = {
                "YUNTIAO_NODE": name,
                "YUNTIAO_DATABASE_URL": url.render_as_string(hide_password=False),
                "YUNTIAO_PUBLIC_URL": net.pages if browsers else "",
                "YUNTIAO_TRUSTED_PROXIES": net.here,
            }
            venue = Venue(
                f"http://{machine.host}:{port}", data, PASSWORD, folder / f"{name}.log",
                ("--host", machine.host, "--port", str(port), "--media-port", "0", "--workers", "1", *options),
                launch=_launch(machine, environment | dict(more or {})),
            )  # fmt: skip
            data.parent.mkdir(parents=True, exist_ok=True)
            await venue.start()
            stack.push_async_callback(_ended, venue)
            made[name] = Node(name, machine, venue, f"http://{net.here}:{edges[name]}")
        await stack.enter_async_context(_nginx(folder / "nginx", net, port, edges))
        yield net, made


async def _ended(venue: Venue) -> None:
    if venue.process is not None and venue.process.returncode is None:
        os.killpg(venue.process.pid, signal.SIGCONT)
    await venue.stop()


def _launch(machine: Machine, more: Mapping[str, str]) -> Any:
    async def launched(arguments: list[str], environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
        with log.open("ab") as file:
            return await asyncio.create_subprocess_exec(
                *machine.enter, sys.executable, "-m", "server", *arguments,
                stdout=file, stderr=asyncio.subprocess.STDOUT, start_new_session=True, env={**environment, **more},
            )  # fmt: skip

    return launched


@contextlib.asynccontextmanager
async def _nginx(folder: Path, net: Network, port: int, edges: dict[str, int]) -> AsyncIterator[None]:
    whole = _configured(folder, net, port, edges)
    with (folder / "log").open("ab") as log:
        running = await asyncio.create_subprocess_exec(
            "nginx", "-p", str(folder), "-e", "stderr", "-c", str(whole), stderr=log
        )
    try:
        for edge in edges.values():
            await _listening(net.here, edge)
        yield
    finally:
        running.terminate()
        await running.wait()


async def _listening(host: str, port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
                return
            await asyncio.sleep(0.05)  # another process tells nobody


def also(net: Network, port: int) -> str:
    """Browsers give a camera on loopback only."""
    return "" if net.here == "127.0.0.1" else f"listen 127.0.0.1:{port};"


def _configured(folder: Path, net: Network, port: int, edges: dict[str, int]) -> Path:
    folder.mkdir()
    hosts = {name: f"server {net.machines[name].host}:{port}" for name in NAMES}
    upstreams = "".join(f"upstream node-{name} {{ {host}; }}\n" for name, host in hosts.items())
    every = " ".join(f"{host} max_fails=2 fail_timeout=5s;" for host in hosts.values())
    upstreams += f"upstream node-{ANY} {{ {every} }}\n"
    common = (
        "proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade;"
        "proxy_set_header Connection $connection_upgrade; proxy_set_header X-Forwarded-Proto $scheme;"
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
        "proxy_connect_timeout 2s; proxy_next_upstream error timeout http_503;"
    )
    servers = "".join(
        f"server {{ listen {net.here}:{edge}; {also(net, edge)} client_max_body_size 52m; {common}\n"
        f"location ~ ^/n/(?<node>[a-z0-9-]+)/socket\\.io/ {{ proxy_pass http://node-$node; }}\n"
        f"location / {{ proxy_pass http://node-{name}; }} }}\n"
        for name, edge in edges.items()
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{ worker_connections 2048; }}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }\n"
        f"{upstreams}{servers}}}\n"
    )
    return whole


@contextlib.asynccontextmanager
async def estate(folder: Path, options: tuple[str, ...] = (), browsers: bool = False) -> AsyncIterator[Estate]:
    """Two nodes, two databases of which one stands by, and a store of files. Nothing that lasts is at a node."""
    async with contextlib.AsyncExitStack() as stack:
        net = stack.enter_context(network((*NAMES, *DATABASES, STORE)))
        databases = await stack.enter_async_context(pair(folder / "databases", net, *DATABASES))
        store = await stack.enter_async_context(object_store(folder / "store", net, STORE))
        make_master(folder / "master.key")
        more = {
            "YUNTIAO_KEYS_URL": (await databases.create("keys")).render_as_string(hide_password=False),
            "YUNTIAO_MASTER_KEY": str(folder / "master.key"),
        } | store.environment
        url = await databases.create("journal")
        _, made = await stack.enter_async_context(nodes(folder, url, browsers, net, more, options))
        rooms = await stack.enter_async_context(Rooms(net.pages, net.here, PASSWORD))
        yield Estate(net, databases, store, made, rooms, url)


@contextlib.asynccontextmanager
async def sitting(folder: Path, url: URL, mediator: str, parties: str) -> AsyncIterator[House]:
    """Everybody is in the room, has come by way of the node named, and sees and hears each other."""
    async with nodes(folder, url) as (net, made):
        story = Story(made[mediator].edge, PASSWORD, RehearsalReport(), (net.here,))
        async with Visitor(made[mediator].edge) as desk:
            house = House(url, net, made, story, desk, story.callers)
            try:
                await story.sign_in(desk, MEDIATOR)
                await story.schedule(desk)
                story.base = made[parties].edge
                for role in ("consumer", "business"):
                    await story.arrive(desk, role)
                await story.open_room(desk)
                await story.admit()
                await house.all_meet()
                yield house
            except BaseException:
                for node in made.values():
                    sys.stderr.write(f"---- {node.name}\n{node.venue.last_words()}\n")
                raise
            finally:
                for caller in house.callers.values():
                    with contextlib.suppress(Exception):
                        await asyncio.wait_for(caller.leave(silently=True), 5)
                    with contextlib.suppress(Exception):
                        await asyncio.wait_for(caller.person.hang_up(), 5)
