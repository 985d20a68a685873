"""A media worker: its UDP mux, its rooms, and the channel to the web process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

from media import SoundSink, TapFactory, flush_tick
from media.engine import (
    MediaError,
    MediaEvent,
    NegotiatingTooFast,
    NotAdmitted,
    Quality,
    RoomLost,
    Speaking,
    WorkerFull,
)
from media.sfu.bandwidth import NO_CAPS, Caps
from media.sfu.control import (
    ChannelBroken,
    ControlChannel,
    Message,
    TokenBucket,
    decode_matrix,
    encode_error,
    encode_event,
)
from media.sfu.room import ForwardingRoom
from media.sfu.transport import DtlsCertificate
from media.sfu.udp_mux import UdpMux

log = logging.getLogger(__name__)

TICK = 0.05  # seconds
TICK_SLICE = 0.005  # seconds of rooms' ticks after which what has arrived gets its turn: the socket holds 50 ms of it
LOAD_INTERVAL = 1.0  # seconds
MAX_ROOMS = 1000  # whatever the installation's limit is
LAG_REPORTS = 3  # over which lag is averaged
NEGOTIATION_OPS = ("publish", "answer", "restart")
NEGOTIATIONS_PER_SECOND, NEGOTIATION_BURST = 3.0, 40.0  # per participant; a burst is a room that fills up at once


class Worker:
    """Serves a channel until it ends or `stop` is called, then finishes all recordings."""

    def __init__(
        self,
        mux: UdpMux,
        addresses: Sequence[str],
        taps: TapFactory,
        channel: ControlChannel,
        caps: Caps = NO_CAPS,
        sound: SoundSink | None = None,
    ) -> None:
        self.mux = mux
        self.rooms: dict[str, ForwardingRoom] = {}
        # A candidate of a family without a socket would only cost clients time.
        self._addresses = [address for address in addresses if mux.reachable_at(address)]
        self._taps = taps
        self._channel = channel
        self._caps, self._sound = caps, sound
        self._certificate = DtlsCertificate.generateCertificate()
        self._stop = asyncio.Event()
        self._closings: set[asyncio.Task[None]] = set()
        self._negotiation_budgets: defaultdict[str, dict[str, TokenBucket]] = defaultdict(dict)  # room -> participant
        self._flushed_tick = 0
        self._tick_delays: list[float] = []  # seconds, since the last report
        self._lags: deque[float] = deque(maxlen=LAG_REPORTS)

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        trial = self.mux.probe.credentials
        self._channel.send({"ready": self.mux.port, "trial": [trial.ufrag, trial.password]})
        tasks = [
            asyncio.create_task(self._serve()),
            asyncio.create_task(self._tick()),
            asyncio.create_task(self._report()),
            asyncio.create_task(self._stop.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if (error := task.exception()) is not None:
                    log.error("The media worker ends", exc_info=error)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._finish()

    async def _finish(self) -> None:
        """Finish all recordings and close everything."""
        rooms, self.rooms = list(self.rooms.values()), {}
        await asyncio.gather(*(room.close("server") for room in rooms), return_exceptions=True)
        if self._closings:
            await asyncio.wait(self._closings)
        self.mux.close()
        await self._channel.close()

    async def _serve(self) -> None:
        while (message := await self._channel.receive()) is not None:
            if message.get("op") == "close_room":
                self._close_room(message)
                continue
            if message.get("op") == "hold":
                self.mux.hold(float(message["until"]))
                continue
            self._reply(message, partial(self._handle, message))

    def _reply(self, message: Message, handle: Callable[[], Any]) -> None:
        try:
            answer: Message = {"ok": handle()}
        except MediaError as error:
            answer = encode_error(error)
        except Exception as error:
            # A fault in one request must not end other rooms.
            log.exception("A request failed")
            answer = encode_error(MediaError(repr(error)))
        self._channel.send({"id": message.get("id"), **answer})

    def _handle(self, message: Message) -> Any:
        op, name = message["op"], message["room"]
        if op == "admit":
            return self._room(name).admit(message["participant"])
        if op == "route":
            # A matrix may come before the first admission.
            return self._room(name).route(decode_matrix(message["matrix"]))
        room = self.rooms.get(name)
        if op == "remove":
            return room.remove(message["participant"]) if room is not None else None
        if room is None:
            raise NotAdmitted(f"no room {name}")
        if op in NEGOTIATION_OPS:
            self._charge_negotiation(name, message["participant"])
        if op == "publish":
            return room.publish(message["participant"], message["sdp"], message["sources"])
        if op == "answer":
            return room.answer(message["participant"], message["sdp"])
        if op == "restart":
            return room.restart(message["participant"])
        if op == "pin":
            return room.pin(message["participant"], message["pinned"])
        raise MediaError(f"unknown request {op}")

    def _charge_negotiation(self, room: str, participant: str) -> None:
        """Limit negotiations: reading a description may take milliseconds for which all rooms wait. Raises TooFast."""
        now = time.monotonic()
        allowance = self._negotiation_budgets[room].get(participant)
        if allowance is None:
            allowance = self._negotiation_budgets[room][participant] = TokenBucket(
                NEGOTIATIONS_PER_SECOND, NEGOTIATION_BURST, now
            )
        if not allowance.take(now):
            raise NegotiatingTooFast(f"{participant} negotiates too often")

    def _room(self, name: str) -> ForwardingRoom:
        room = self.rooms.get(name)
        if room is None:
            if len(self.rooms) >= MAX_ROOMS:
                raise WorkerFull("too many rooms")
            room = ForwardingRoom(
                name, self.mux, self._certificate, self._addresses, self._taps, self._emit, time.monotonic,
                self._caps, self._sound,
            )  # fmt: skip
            self.rooms[name] = room
        return room

    def _close_room(self, message: Message) -> None:
        room = self.rooms.pop(message["room"], None)
        self._negotiation_budgets.pop(message["room"], None)

        async def close() -> None:
            if room is not None:
                await room.close("closed")
            self._reply(message, lambda: None)

        self._spawn(close())

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._closings.add(task)
        task.add_done_callback(self._closed)

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closings.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A room could not be closed", exc_info=error)
            self.stop()

    def _emit(self, event: MediaEvent) -> None:
        try:
            self._channel.send(encode_event(event))
        except ChannelBroken:
            if not isinstance(event, (Speaking, Quality)):
                log.error("The web process is gone or stuck; ending")
                self.stop()

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += TICK
            await asyncio.sleep(max(0.0, due - loop.time()))
            late = loop.time() - due
            self._tick_delays.append(late)
            if late > 1.0:
                due = loop.time()
            if self.mux.over:
                self._lapse()
                continue
            flushed = flush_tick(time.monotonic())  # by every room, if they are asked from now on
            await self._tick_rooms()
            if flushed != self._flushed_tick:
                self._flushed_tick = flushed
                self._taps.flushed()

    def _lapse(self) -> None:
        """Nobody has prolonged the time of these rooms: they end, with what was recorded until then."""
        rooms, self.rooms = self.rooms, {}
        for name, room in rooms.items():
            log.error("The time of a room is over")
            self._negotiation_budgets.pop(name, None)
            self._emit(RoomLost(name))
            self._spawn(room.close("server"))

    async def _tick_rooms(self) -> None:
        busy = sum(1 for room in self.rooms.values() if room.participants)
        async for room in in_slices(list(self.rooms.values())):
            if self.rooms.get(room.name) is not room:
                continue  # closed meanwhile
            room.share_with(busy)
            try:
                room.tick(time.monotonic())
            except ChannelBroken:
                raise
            except Exception:
                log.exception("A room's tick failed")

    async def _report(self) -> None:
        """Report the load every second, which also shows that the worker does not hang."""
        before = self.mux.received + self.mux.sent
        while True:
            await asyncio.sleep(LOAD_INTERVAL)
            total = self.mux.received + self.mux.sent
            self._channel.send(
                {
                    "load": {
                        "packets": round((total - before) / LOAD_INTERVAL),
                        **self._lag(),
                        "rooms": len(self.rooms),
                        "participants": sum(len(room.participants) for room in self.rooms.values()),
                        "peers": len(self.mux.peers),
                        "ufrags": len(self.mux.by_ufrag),
                        "addresses": len(self.mux.by_address),
                        "tasks": len(asyncio.all_tasks()),
                        "received": self.mux.received,
                        "sent": self.mux.sent,
                        "drops": dict(self.mux.drops),
                        **({"captioned": self._sound.taken} if self._sound is not None else {}),
                    }
                }
            )
            before = total

    def _lag(self) -> Message:
        """Return how late the ticks are: the mean of some seconds, because one spike is no overload."""
        late, self._tick_delays = self._tick_delays or [LOAD_INTERVAL], []  # if there was no tick at all
        self._lags.append(sum(late) / len(late))
        ticks = [round(1000 * each, 1) for each in late]
        return {"lag": round(sum(self._lags) / len(self._lags), 4), "most_lag": round(max(late), 4), "late_ms": ticks}


async def in_slices(rooms: Iterable[ForwardingRoom]) -> AsyncIterator[ForwardingRoom]:
    """Yield the rooms, and let the loop do other things every TICK_SLICE."""
    began = time.monotonic()
    for room in rooms:
        if time.monotonic() - began > TICK_SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()
        yield room


async def serve(mux: UdpMux, addresses: Sequence[str], taps: TapFactory, channel: ControlChannel) -> None:
    """Run a worker on an open channel until either side ends it."""
    worker = Worker(mux, addresses, taps, channel)
    with contextlib.suppress(ChannelBroken):
        await worker.run()
