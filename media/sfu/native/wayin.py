"""The way in in C: takes what is ordinary off the sockets, forwards and keeps it, and hands everything else to Python.

Ordinary is a packet about which there is nothing to decide: of a known stream of a known address, next in order, no
key frame. Whoever changes what becomes of a stream's packets *disarms* it (`IncomingStream.changed`); its next packet
then goes the way through `media.sfu.source`, which arms it again when all is written down. What both ways know of a
stream, they know in one place: `numbers` and `history` of a stream are C's memory.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from media.sfu import description
from media.sfu.door import Door
from media.sfu.history import History
from media.sfu.leg import MAX_STREAMS
from media.sfu.limits import Allowance
from media.sfu.native.fanout import NativeFanOut
from media.sfu.peer import Address, Peer, address, sockaddr
from media.sfu.srtp import BUFFER_SIZE, PacketBuffer, address_of
from media.tap import Run, read_runs

if TYPE_CHECKING:
    from media.sfu.endpoint import Endpoint
    from media.sfu.native.fanout import Native
    from media.sfu.publisher import Publisher
    from media.sfu.source import IncomingStream

log = logging.getLogger(__name__)

NOTHING, FOREIGN, PLAIN = range(3)  # what C has for us; as in way_in.c
ROUNDS = 4  # batches of 32 taken in one go, so that timers get their turn
LEAST_ENTRIES = 64
# Bytes: a turn of 5.5 Mbit/s; of sound, many. A chute that is full is emptied before its time.
CHUTE, SMALL_CHUTE = 1 << 19, 1 << 14
SPARE = 2  # of a chute: more only while a disk stands still


class Kept(PacketBuffer):
    """A copy of a packet of C's history."""

    __slots__ = ()

    def __init__(self, data: memoryview, body: int, seq: int) -> None:
        super().__init__()
        self.size, self.body, self.seq = len(data), body, seq
        self.mem[: self.size] = data


class NativeHistory(History):
    __slots__ = ("_ffi", "packets", "table")

    def __init__(self, native: Native, size: int) -> None:
        super().__init__(0)
        self.size = size
        self._ffi = native.ffi
        self.table = native.ffi.new("struct slot[]", size)
        # What was never written is never read, and takes no memory until it is.
        self.packets = native.uncleared("uint8_t[]", size * BUFFER_SIZE)

    def keep(self, packet: PacketBuffer) -> PacketBuffer:
        at = packet.seq & (self.size - 1)
        slot = self.table[at]
        self._ffi.memmove(self.packets + at * BUFFER_SIZE, packet.mem[: packet.size], packet.size)
        slot.held, slot.size, slot.body = packet.seq | 0x10000, packet.size, packet.body
        return packet

    def get(self, seq: int) -> PacketBuffer | None:
        at = seq & (self.size - 1)
        slot = self.table[at]
        if slot.held != seq | 0x10000:
            return None
        return Kept(memoryview(self._ffi.buffer(self.packets + at * BUFFER_SIZE, slot.size)), slot.body, seq)


class NativeAllowance(Allowance):
    """What is left lies where C takes from it."""

    __slots__ = ("_entry",)

    def __init__(self, entry: Any, rate: float, most: float, now: float) -> None:
        self._entry = entry
        super().__init__(rate, most, now)

    @property
    def left(self) -> float:
        return float(self._entry.left)

    @left.setter
    def left(self, left: float) -> None:
        self._entry.left = left


class Collected:
    """A `media.tap.Collected`: what was in a chute."""

    __slots__ = ("_chute", "_lies_in", "packets", "size", "where")

    def __init__(self, chute: Chute, lies_in: tuple[Any, int], size: int, packets: int) -> None:
        self._chute, self._lies_in = chute, lies_in
        self.where, self.size, self.packets = lies_in[1], size, packets

    def runs(self) -> Iterator[Run]:
        return read_runs(self._chute.copy(self._lies_in, self.size))

    def give_back(self) -> None:
        if len(self._chute.spare) < SPARE:
            self._chute.spare.append(self._lies_in)


class Chute:
    """Packets on their way into a recording, written by C. `spare`: memory that was given back, and its address."""

    def __init__(self, way_in: WayIn, size: int) -> None:
        self._ffi, self._size, self._new = way_in.ffi, size, way_in.native.uncleared
        self.spare: list[tuple[Any, int]] = []
        self.at = way_in.ffi.new("struct chute *")
        self.at.capacity = size
        self._bytes = self._fresh()

    @property
    def packets(self) -> int:
        return int(self.at.packets)

    def empty(self) -> Collected:
        """What is in it, where it is: the next packets come to lie elsewhere."""
        at = self.at
        found = Collected(self, self._bytes, at.used, at.packets)
        self._bytes = self._fresh()
        return found

    def copy(self, lies_in: tuple[Any, int], size: int) -> bytes:
        return bytes(self._ffi.buffer(lies_in[0], size))

    def _fresh(self) -> tuple[Any, int]:
        at = self.at
        if self.spare:
            fresh = self.spare.pop()
        else:
            memory = self._new("uint8_t[]", self._size)
            fresh = memory, int(self._ffi.cast("uintptr_t", memory))
        at.bytes = fresh[0]
        at.used = at.packets = at.open = 0
        return fresh


class Entry:
    """A publisher as C knows it: its keys, and its streams as long as they are streams."""

    def __init__(self, way_in: WayIn, number: int) -> None:
        self.leg = way_in.ffi.new("struct leg *")
        self.leg.number = number
        self._way_in = way_in
        self._streams: list[IncomingStream] = []  # alive as long as C knows where their numbers are

    @property
    def heard(self) -> int:
        return int(self.leg.heard)

    def open(self, publisher: Publisher) -> None:
        """Keys are in place."""
        self.leg.context = self._way_in.ffi.cast("void *", address_of(publisher.keys_in))
        self.leg.open = 1
        self._way_in.publishers[self.leg.number] = publisher

    def close(self) -> None:
        self.leg.open = self.leg.count = 0
        self._streams.clear()
        self._way_in.publishers.pop(self.leg.number, None)

    def add(self, stream: IncomingStream) -> bool:
        """Whether there is room for it, or it is known already."""
        if stream not in self._streams:
            if len(self._streams) >= MAX_STREAMS:
                return False
            self._streams.append(stream)
            self._write()
        return True

    def remove(self, stream: IncomingStream) -> None:
        if stream in self._streams:
            self._streams.remove(stream)
            self._write()

    def _write(self) -> None:
        for at, stream in enumerate(self._streams):
            self.leg.lanes[at] = stream.numbers
        self.leg.count = len(self._streams)


class WayIn:
    """Of one endpoint. `publishers`: by the number C has for each."""

    def __init__(self, native: Native, endpoint: Endpoint) -> None:
        self.native, self.endpoint = native, endpoint
        self.ffi, self.lib = native.ffi, native.lib
        self.publishers: dict[int, Publisher] = {}
        self.directory = self.ffi.new("struct directory *")
        self.directory.seed = int.from_bytes(os.urandom(4))
        self._entries: Any = None
        self._placed: dict[bytes, Any] = {}  # where -> the leg there
        self._count = 0
        self._grow(LEAST_ENTRIES)

    def door(self, sock: socket.socket) -> NativeDoor:
        return NativeDoor(self, sock)

    # ------------------------------------------------------------ who is where

    def enter(self, publisher: Publisher) -> Entry:
        self._count += 1
        entry = Entry(self, self._count & 0xFFFFFFFF)
        sending = publisher.sending
        publisher.sending = NativeAllowance(entry.leg, sending.rate, sending.most, sending.at)
        publisher.peer.entry = entry
        return entry

    def place(self, addr: Address, peer: Peer) -> None:
        if peer.entry is None:
            self.leave(addr)
            return
        where, leg = sockaddr(addr), peer.entry.leg
        self._placed[where] = leg
        if 2 * len(self._placed) > self.directory.mask:
            self._grow(4 * len(self._placed))
        else:
            self.lib.yuntiao_bind(self.directory, where, len(where), leg)

    def leave(self, addr: Address) -> None:
        where = sockaddr(addr)
        if self._placed.pop(where, None) is not None:
            self.lib.yuntiao_unbind(self.directory, where, len(where))

    def _grow(self, entries: int) -> None:
        size = 1 << (entries - 1).bit_length()
        self._entries = self.ffi.new("struct entry[]", size)
        self.directory.entries, self.directory.mask = self._entries, size - 1
        for where, leg in self._placed.items():
            self.lib.yuntiao_bind(self.directory, where, len(where), leg)

    # ------------------------------------------------------------ streams

    def chute(self, video: bool) -> Chute:
        return Chute(self, CHUTE if video else SMALL_CHUTE)

    def history(self, size: int) -> NativeHistory:
        return NativeHistory(self.native, size)

    def lane(self, ssrc: int, history: History) -> Any:
        """A stream's numbers: the fields of `source.Numbers`, and what C needs beside."""
        assert isinstance(history, NativeHistory)
        lane = self.ffi.new("struct lane *")
        lane.ssrc, lane.mask, lane.slots, lane.packets = ssrc, history.size - 1, history.table, history.packets
        return lane

    def arm(self, stream: IncomingStream) -> None:
        """Let C take the stream's next packet, if all that becomes of it is written down."""
        lane: Any = stream.numbers
        fan_out, publisher = stream.fan_out, stream.publisher
        if lane.armed or not isinstance(fan_out, NativeFanOut):
            return
        if stream.sinks:
            if fan_out.written is not stream.sinks:
                return
            lane.ways, lane.count, lane.extension = fan_out.table, len(stream.sinks), fan_out.extension
        else:
            lane.count = 0
        entry = publisher.peer.entry
        line = publisher.lines.get(stream.mid)
        if entry is None or line is None or publisher.streams.get(stream.ssrc) is not stream or not entry.add(stream):
            return
        lane.video, lane.payload_type = stream.video, stream.payload_type
        lane.level_id = 0 if stream.video else line[1].extensions.get(description.LEVEL_URI, 0)
        chute = stream.feed.chute if stream.feed is not None else None
        lane.chute = chute.at if chute is not None else self.ffi.NULL
        fan_out.lane = lane
        lane.armed = 1

    def disarm(self, stream: IncomingStream) -> None:
        lane: Any = stream.numbers
        lane.armed = 0

    def forget(self, stream: IncomingStream) -> None:
        self.disarm(stream)
        entry = stream.publisher.peer.entry
        if entry is not None:
            entry.remove(stream)


class NativeDoor(Door):
    """A socket read in batches, without a transport."""

    def __init__(self, way_in: WayIn, sock: socket.socket) -> None:
        super().__init__(way_in.endpoint, sock)
        self._way_in = way_in
        self._ffi = way_in.ffi
        self._gate = gate = way_in.ffi.new("struct gate *")
        gate.directory, gate.descriptor = way_in.directory, sock.fileno()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._read)

    def close(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self.socket.fileno())
            self._loop = None
        self._gate.descriptor, self._gate.rounds = -1, 0
        self.socket.close()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """As if it had come by the socket."""
        where = sockaddr(addr)
        if self._way_in.lib.yuntiao_put(self._gate, data, len(data), where, len(where)):
            self._gate.rounds = 0
            self._take()
        else:  # longer than any of ours, or in the middle of others
            super().datagram_received(data, addr)

    def _read(self) -> None:
        self._gate.rounds, self._gate.more = ROUNDS, 1
        self._take()

    def _take(self) -> None:
        gate, native = self._gate, self._way_in.native
        take, unprotect, protect = self._way_in.lib.yuntiao_take, native.unprotect, native.protect
        while True:
            found = take(gate, unprotect, protect)
            if gate.notes:
                self._listen()
            if found != NOTHING:
                try:
                    self._hand_over(found)
                except Exception:
                    if not self._drops["handler"]:
                        log.exception("A datagram's handler failed; further failures are only counted")
                    self._drops["handler"] += 1
            elif not gate.more or gate.rounds <= 0:
                break
        self._count()

    def _hand_over(self, found: int) -> None:
        gate = self._gate
        at = gate.current
        data = self._ffi.buffer(gate.data[at], gate.sizes[at])[:]
        if found == PLAIN:
            publisher = self._way_in.publishers.get(gate.leg)
            if publisher is not None:
                publisher.take(data)
        else:
            self.sort(data, address(self._ffi.buffer(gate.addresses[at], gate.lengths[at])[:]))

    def _listen(self) -> None:
        gate = self._gate
        for at in range(gate.notes):
            note = gate.note[at]
            publisher = self._way_in.publishers.get(note.leg)
            if publisher is not None:
                publisher.voice.hear(note.level, publisher.clock())

    def _count(self) -> None:
        gate, drops = self._gate, self._drops
        self.received += gate.received
        self._endpoint.sent += gate.sent
        gate.received = gate.sent = 0
        if gate.refused or gate.unsent or gate.forged or gate.malformed or gate.truncated or gate.unreachable:
            for cause, count in (
                ("protect", gate.refused), ("send", gate.unsent), ("srtp", gate.forged), ("rtp", gate.malformed),
                ("size", gate.truncated), ("icmp", gate.unreachable),
            ):  # fmt: skip
                if count:
                    drops[cause] += count
            gate.refused = gate.unsent = gate.forged = gate.malformed = gate.truncated = gate.unreachable = 0
