"""One node among several: that it is there, which rooms are its own, and what happens when it comes too late.

Owns its lease, the epochs of what it took, and the one task that renews. When the lease ends before it could be
renewed, everything stops here at once; then the node comes back as a new one of the same name, and takes what nobody
has taken meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Any, Final

import structlog

from journal import Actor, Event, Journal
from journal.refusals import Busy
from rooms import OtherNode
from rooms.commands import Command
from rooms.events import STREAM, stream
from server.db import answered
from server.db.engine import AlreadyServed, Database
from server.serving.nodes import RENEW, HeldLease
from server.serving.nodes.forwarding import Forwarder
from server.serving.nodes.store import (
    DRAINING,
    GONE,
    UP,
    Connection,
    Node,
    NodeStore,
    Presence,
    bound_transactions,
    owned,
)

PATIENCE: Final = 3.0
"""Seconds that a server which is just ending may still hold the locks."""
AGAIN: Final = 0.5
SWEEP: Final = 2.0
"""Seconds between two looks for rooms whose node is gone, on the average."""
STOPPED: Final = 5.0
"""Seconds in which everything ends once the lease has, before the node comes back."""
DUTY: Final = "duty"
DUTY_LOOK: Final = 3.0
"""Seconds between two tries to have a duty that another has."""
AHEAD: Final = 2
"""Rooms that another must have left more than this node to be sent a new one: as they come, they go in turn."""
ADOPTED: Final = 32
"""Rooms taken in one of these looks."""

log = structlog.get_logger(__name__)


class NodeNameInUse(AlreadyServed):
    """Another node has this name."""

    code = "node_name"


class Cell:
    """Implements `rooms.live.registry.Ownership`, and the guard of the journal.

    `lock` before anything is read, `join` once the tables are there, `running` for as long as rooms are. Everything in
    `on_renewed` is called with the moment of `journal.clock.lease_clock` until which things may go on; `on_lapsed` is
    awaited when that has passed; `on_back` with what was left by nodes that are gone.
    """

    def __init__(self, database: Database, journal: Callable[[], Journal], name: str, address: str, rooms: int) -> None:
        self.name = name
        self._address, self._capacity = address, rooms
        bound_transactions(database)
        self._store = NodeStore(database)
        self._presence = Presence(database.url, name)
        self._journal = journal
        self._forwarder: Forwarder | None = None
        self._lease = HeldLease()
        self._incarnation, self._secret = 0, ""
        self._epochs: dict[str, int] = {}  # stream -> epoch
        self._left: set[str] = set()  # streams that their owner before left behind
        self._taking: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, Node] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._over = asyncio.Event()  # the lease that was held
        self.lets_go: Callable[[str], bool] = lambda session: True
        self.on_renewed: list[Callable[[float], None]] = []
        self.on_lapsed: list[Callable[[], Awaitable[None]]] = []
        self.on_back: list[Callable[[Sequence[str]], Awaitable[None]]] = []

    # ------------------------------------------------------------ being there

    @property
    def secret(self) -> str:
        return self._secret

    @property
    def held(self) -> bool:
        return self._lease.held

    async def lock(self, patience: float = PATIENCE) -> None:
        """AlreadyServed, NodeNameInUse, and OSError when the database does not answer."""
        ends = self._lease.now() + patience
        while why := await self._presence.lock():
            if self._lease.now() > ends:
                raise NodeNameInUse if why == "name" else AlreadyServed
            await asyncio.sleep(AGAIN)

    @contextlib.asynccontextmanager
    async def starting(self) -> AsyncIterator[None]:
        """One node after another makes its tables and what is in them ready."""
        await self._presence.begin_alone()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # it went with the connection then
                await self._presence.end_alone()

    async def join(self) -> None:
        """As a new incarnation."""
        asked = self._lease.now()
        state = DRAINING if self._draining else UP
        self._incarnation, self._secret = await self._store.register(self.name, self._address, self._capacity, state)
        self._over = asyncio.Event()
        self._renewed(asked)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._forwarder = Forwarder(self._journal())
        await self._forwarder.start()
        keeping = asyncio.create_task(self._keep(), name="lease")
        sweeping = asyncio.create_task(self._sweep(), name="rooms left behind")
        try:
            yield
        finally:
            for task in (keeping, sweeping, *self._tasks):
                task.cancel()
            await asyncio.gather(keeping, sweeping, *self._tasks, return_exceptions=True)
            await self._forwarder.stop()
            with contextlib.suppress(OSError):
                await self._store.mark(self.name, self._incarnation, GONE)
            self._end()

    async def close(self) -> None:
        await self._presence.close()

    async def drain(self) -> None:
        """Take no more rooms that nobody has, as long as there are others who can."""
        self._draining = True
        try:
            await self._store.mark(self.name, self._incarnation, DRAINING)
        except OSError as fault:  # the others may go on sending some here, which are sent back
            log.warning("the other nodes do not know that this one drains", fault=str(fault))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(min(RENEW, self._lease.left))
            if not await self._renew():
                await self._lapse()

    async def _renew(self) -> bool:
        """Whether the lease goes on."""
        while self._lease.held:
            asked = self._lease.now()
            try:
                left = self._lease.left
                renewed = await answered(self._presence.renew(self._incarnation, left), left)
            except OSError as fault:
                log.warning("the database does not answer", fault=str(fault) or "no answer")
                await asyncio.sleep(min(AGAIN, self._lease.left))
                continue
            if renewed:
                self._renewed(asked)
            return renewed and self._lease.held
        return False

    def _renewed(self, asked: float) -> None:
        self._lease.renewed(asked)
        for tell in self.on_renewed:
            tell(self._lease.until)

    async def _lapse(self) -> None:
        """It is over: nothing goes on here, until the database answers and knows us anew."""
        log.error("the lease of this node could not be renewed in time: its rooms end here", node=self.name)
        self._end()
        stopping = {asyncio.create_task(self._stopped(stop)) for stop in self.on_lapsed}
        self._tasks |= stopping
        if stopping:
            await asyncio.wait(stopping, timeout=STOPPED)  # recordings may take longer to be finished
        self._tasks = {task for task in self._tasks if not task.done()}
        while True:
            try:
                if await self._presence.lock():
                    raise OSError("another server has this node's place")
                await self.join()
            except OSError as fault:
                log.warning("this node is not let in again yet", fault=str(fault))
                await asyncio.sleep(AGAIN)
            else:
                log.warning("this node is back", node=self.name, incarnation=self._incarnation)
                return

    async def _stopped(self, stop: Callable[[], Awaitable[None]]) -> None:
        try:
            await stop()
        except Exception:
            log.exception("not everything ended in order with the lease")

    def _end(self) -> None:
        self._lease.end()
        self._over.set()
        self._secret = ""
        self._epochs.clear()
        self._left.clear()

    async def _sweep(self) -> None:
        """Rooms that were left behind are somebody's again, also where nobody asks for them."""
        while True:
            await asyncio.sleep(SWEEP * random.uniform(0.5, 1.5))  # noqa: S311 - not all nodes at once
            try:
                found = await self._store.left(ADOPTED) if self._lease.held and not self._draining else []
            except OSError as fault:
                log.warning("rooms that were left behind are not known", fault=str(fault))
                continue
            sessions = [name.partition("/")[2] for name in found if name.startswith(f"{STREAM}/")]
            for take in self.on_back if sessions else ():
                try:
                    await take(sessions)
                except Exception:
                    log.exception("rooms that were left behind were not taken")

    async def every(self) -> dict[str, bool]:
        """All nodes that ever were, and whether each is there now. OSError."""
        return await self._store.every()

    # ------------------------------------------------------------ whose a room is

    def mine(self, session: str) -> bool:
        return self._lease.held and stream(session) in self._epochs

    async def take(self, session: str, here: bool = False) -> None:
        """Have it. OtherNode when another has, or unless `here` would have more room; Busy when nobody can tell."""
        await self._have(stream(session), here)

    async def _have(self, name: str, here: bool = True) -> None:
        if name not in self._taking:
            task = asyncio.create_task(self._take(name, here), name=f"taking {name}")
            self._taking[name] = task
            task.add_done_callback(lambda _: self._taking.pop(name, None))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._taking[name])

    async def _take(self, name: str, here: bool) -> None:
        incarnation = self._incarnation
        if not self._lease.held:
            raise Busy
        try:
            if (self._draining or not here) and (roomier := await self._roomier(name)) is not None:
                raise self._elsewhere(roomier)
            found = await self._store.take(name, self.name, incarnation)
        except OSError as fault:
            log.warning("whose a room is cannot be told", fault=str(fault))
            raise Busy from None
        if isinstance(found, Node):
            raise self._elsewhere(found)
        if found is None or incarnation != self._incarnation or not self._lease.held:
            raise Busy
        self._epochs[name] = found.epoch
        if found.left:
            self._left.add(name)

    async def _roomier(self, name: str) -> Node | None:
        """Who should take what nobody has."""
        others = [] if await self._store.owner(name) is not None else await self._store.others(self.name)
        if not others or self._draining:
            return others[0] if others else None
        left, most = self._capacity - sum(one.startswith(f"{STREAM}/") for one in self._epochs), others[0].left
        return others[0] if most >= left + AHEAD or left <= 0 < most else None

    def _elsewhere(self, node: Node) -> OtherNode:
        self._known[node.name] = node
        return OtherNode(node=node.name, path=socket_path(node.name))

    def left(self, session: str) -> bool:
        """Whether the owner before left it without giving it up; told once."""
        there = stream(session) in self._left
        self._left.discard(stream(session))
        return there

    def give(self, session: str) -> None:
        """Give an empty room up, unless its media show that somebody is in it."""
        if self.lets_go(session):
            self._let_go(stream(session))

    def _let_go(self, name: str) -> None:
        epoch = self._epochs.pop(name, None)
        if epoch is not None:
            task = asyncio.create_task(self._give(name, epoch), name=f"giving {name}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _give(self, name: str, epoch: int) -> None:
        with contextlib.suppress(OSError):  # it is left behind then
            await self._store.give(name, self.name, self._incarnation, epoch)

    async def others(self) -> bool:
        return bool(await self._store.others(self.name))

    async def leave(self, session: str) -> None:
        """As when this node were gone: whoever takes it next finds it left behind."""
        epoch = self._epochs.pop(stream(session), None)
        if epoch is not None:
            await self._store.leave(stream(session), self.name, self._incarnation, epoch)

    async def forward(self, node: str, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        """To the node that `take` named."""
        if self._forwarder is None or (known := self._known.get(node)) is None:
            raise Busy
        return await self._forwarder.submit(known, session, command, actor)

    # ------------------------------------------------------------ duties

    async def carry(self, duty: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do what one node does for all, whenever that duty is this node's, until cancelled, or until the work ends
        since there is nothing of the kind here. Only then is the duty given back: work that failed is tried again here,
        and one that was cancelled is another's when this node's lease ends."""
        name = f"{DUTY}/{duty}"
        while True:
            try:
                await self._have(name)
            except (OtherNode, Busy):
                await asyncio.sleep(DUTY_LOOK)
                continue
            log.info("this node has a duty", node=self.name, duty=duty)
            working, over = asyncio.create_task(work(), name=name), asyncio.create_task(self._over.wait())
            finished = False
            try:
                await asyncio.wait((working, over), return_when=asyncio.FIRST_COMPLETED)
                finished = working.done() and not working.cancelled() and working.exception() is None
            finally:
                working.cancel()
                over.cancel()
                done, _ = await asyncio.gather(working, over, return_exceptions=True)
                if isinstance(done, Exception):
                    log.error("a duty ended by a fault", duty=duty, exc_info=done)
            if finished:
                self._let_go(name)
                return
            # What was cut short may have left something running, a thread or another's job: nobody begins beside it.
            await asyncio.sleep(DUTY_LOOK)

    async def guard(self, connection: Connection, streams: Collection[str]) -> Collection[str]:
        """Of sessions' streams, those that are not this node's at this moment."""
        wanted = [name for name in streams if name.startswith(f"{STREAM}/")]
        if not wanted:
            return ()
        epochs = {name: self._epochs[name] for name in wanted if name in self._epochs}
        if not self._lease.held or not epochs:
            return wanted
        found = await owned(connection, epochs, self.name, self._incarnation)
        return [name for name in wanted if name not in found]


def socket_path(node: str) -> str:
    """Where the edge leads to a node's sockets."""
    return f"/n/{node}/socket.io/"
