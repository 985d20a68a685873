"""Two real programs on one database, each on its own machine as far as a machine can play two, behind a real nginx.

Where we may make them, each node has a network namespace with its own interfaces; elsewhere its own loopback address.
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
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from journal import Event, verify
from rooms.codec import stream
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.rehearsal import RehearsalReport, Visitor
from server.rehearsal.command import PASSWORD, Venue, free_port
from server.rehearsal.peer import Peer, _protocols
from server.rehearsal.person import Caller, Person, seat_of
from server.rehearsal.story import MEDIATOR, Story
from tests.survival.sitting import all_meet, seat_in

NAMES = ("a", "b")
ANY = "any"
BRIDGE = "yuntiao-test"


@dataclass
class Machine:
    """Where a node runs: `enter` is put before its command."""

    host: str
    enter: tuple[str, ...] = ()


@dataclass
class Network:
    here: str  # our own address, as the machines see it
    machines: dict[str, Machine]
    apart: bool  # by namespaces
    pages: str = ""  # where nginx leads to whichever node answers


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Namespaces behind a bridge; where they cannot be made, addresses of loopback."""
    with contextlib.ExitStack() as undo:
        try:
            _ip(undo, f"link add {BRIDGE} type bridge", f"link del {BRIDGE}")
            _ip(undo, f"addr add 10.99.0.1/24 dev {BRIDGE}")
            _ip(undo, f"link set {BRIDGE} up")
            machines = {}
            for n, name in enumerate(NAMES, 11):
                space, host = f"{BRIDGE}-{name}", f"10.99.0.{n}"
                _ip(undo, f"netns add {space}", f"netns del {space}")
                _ip(undo, f"link add yt-{name} type veth peer name eth0 netns {space}")
                _ip(undo, f"link set yt-{name} master {BRIDGE} up")
                for command in ("link set lo up", f"addr add {host}/24 dev eth0", "link set eth0 up"):
                    _ip(undo, f"-n {space} {command}")
                machines[name] = Machine(host, ("ip", "netns", "exec", space))
        except (OSError, subprocess.CalledProcessError):
            undo.close()
            machines = {name: Machine(f"127.0.0.{n}") for n, name in enumerate(NAMES, 11)}
            yield Network("127.0.0.1", machines, apart=False)
        else:
            yield Network("10.99.0.1", machines, apart=True)


def _ip(undo: contextlib.ExitStack, command: str, back: str = "") -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True)
    if back:
        undo.callback(subprocess.run, ["ip", *back.split()], check=False, capture_output=True)


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
        database = Database(self.url)
        try:
            events = await SqlJournal(database).read(stream(self.story.session))
        finally:
            await database.close()
        verify(events)
        return events

    def owner(self) -> str:
        return str(rows(self.url, f"SELECT node FROM owners WHERE name = 'session/{self.story.session}'")[0][0])

    def incarnation(self, node: str) -> int:
        return int(rows(self.url, f"SELECT incarnation FROM nodes WHERE name = '{node}'")[0][0])


def rows(url: URL, statement: str) -> list[tuple[Any, ...]]:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        return connection.execute(statement).fetchall()


@contextlib.asynccontextmanager
async def nodes(folder: Path, url: URL, browsers: bool = False) -> AsyncIterator[tuple[Network, dict[str, Node]]]:
    """Both run, with the same keys, and nginx leads to them; `browsers` come by `Network.pages` and no other way."""
    async with contextlib.AsyncExitStack() as stack:
        net = stack.enter_context(network())
        edges, port = {name: free_port() for name in (*NAMES, ANY)}, free_port()
        net.pages = f"http://127.0.0.1:{edges[ANY]}"
        made: dict[str, Node] = {}
        for name, machine in net.machines.items():
            data = folder / name / "data"
            if made:
                shutil.copytree(made[NAMES[0]].venue.data / "keys", data / "keys")
            venue = Venue(
                f"http://{machine.host}:{port}", data, PASSWORD, folder / f"{name}.log",
                ("--host", machine.host, "--port", str(port), "--media-port", "0", "--workers", "1"),
                launch=_launch(url, name, machine, net, browsers),
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


def _launch(url: URL, name: str, machine: Machine, net: Network, browsers: bool) -> Any:
    async def launched(arguments: list[str], environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
        more = {
            "YUNTIAO_NODE": name,
            "YUNTIAO_DATABASE_URL": url.render_as_string(hide_password=False),
            "YUNTIAO_PUBLIC_URL": net.pages if browsers else "",
            "YUNTIAO_TRUSTED_PROXIES": net.here,
        }
        with log.open("ab") as file:
            return await asyncio.create_subprocess_exec(
                *machine.enter, sys.executable, "-m", "server", *arguments,
                stdout=file, stderr=asyncio.subprocess.STDOUT, start_new_session=True, env=environment | more,
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
    upstreams = "".join(f"upstream node-{name} {{ server {m.host}:{port}; }}\n" for name, m in net.machines.items())
    every = " ".join(f"server {machine.host}:{port};" for machine in net.machines.values())
    upstreams += f"upstream node-{ANY} {{ {every} }}\n"
    common = (
        "proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade;"
        "proxy_set_header Connection $connection_upgrade; proxy_set_header X-Forwarded-Proto $scheme;"
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
    )
    servers = "".join(
        f"server {{ listen {net.here}:{edge}; {also(net, edge)} client_max_body_size 52m; {common}\n"
        f"location ~ ^/n/(?<node>[a-z0-9-]+)/socket\\.io/ {{ proxy_pass http://node-$node; }}\n"
        f"location / {{ proxy_pass http://node-{name}; }} }}\n"
        for name, edge in edges.items()
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }\n"
        f"{upstreams}{servers}}}\n"
    )
    return whole


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
