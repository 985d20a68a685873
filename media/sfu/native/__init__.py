"""Receiving and forwarding packets in C, where it has been built: fan-out as in `media.sfu.udp_mux.FanOut`, and
receiving what needs no decision. Optional: `media.sfu` does the same in Python.

C reads datagrams, forwards and keeps the packets that need no decision, and gives Python the others. A packet needs no
decision when it is of a known track from a known address, not late, and starts no key frame. Whoever changes
what must be done with a track's packets *disarms* it (`UpTrack.disarm`); Python then handles its next packet
(`media.sfu.uptrack`) and arms it again once C knows everything. What both know of a track is stored once: its `state`
and `history` are in C's memory. `yuntiao media build-native` builds it; that needs neither Python's headers nor
libsrtp's.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pylibsrtp._binding import ffi as srtp_ffi, lib as srtp

from media import NativeLibrary, PacketRun, parse_runs
from media.sfu import sdp
from media.sfu.control import TokenBucket
from media.sfu.ice import IcePeer, MuxState
from media.sfu.publisher import Publisher
from media.sfu.rtp import BUFFER_SIZE, PacketBuffer, PacketHistory, address_of
from media.sfu.sdp import ABS_SEND_TIME_ID
from media.sfu.stun import Address, parse_sockaddr, sockaddr
from media.sfu.transport import MAX_STREAMS
from media.sfu.udp_mux import FanOut, PacketReceiver, RtpOutput, UdpMux, UdpSocket
from media.sfu.uptrack import UpTrack

FORWARDING = NativeLibrary(Path(__file__).parent, "media", ("fan_out.c", "receive.c"), ("media.h", "packets.h"))


class NativeForwarder:
    """The loaded library, the `NativeForwarding` of every mux of this process."""

    def __init__(self, path: Path) -> None:
        """Load the library at `path`. Raises NativeMissing."""
        self.ffi, self.lib = FORWARDING.load(path)
        self.protect, self.unprotect = (
            self.ffi.cast("void *", address_of(srtp_ffi.addressof(srtp, name)))
            for name in ("srtp_protect", "srtp_unprotect")
        )
        self.uncleared = self.ffi.new_allocator(should_clear_after_alloc=False)

    def __call__(self, mux: MuxState, with_send_time: bool, clock: Callable[[], float] = time.time) -> FanOut:
        return NativeFanOut(self, mux, with_send_time, clock)

    def receiver(self, mux: UdpMux) -> PacketReceiver:
        receiver, left = NativeReceiver(self, mux), mux.repair_time
        mux.repair_time = NativeTokenBucket(receiver.repair_time, left.rate, left.capacity, left.updated_at)
        return receiver


class NativeFanOut(FanOut):
    """Writes a table for C when it meets a list of outputs for the second time: one packet alone is not worth it.

    `table` describes the outputs in `written`; `uptrack` is the UpTrack's state in C that uses the table.
    """

    def __init__(
        self, native: NativeForwarder, mux: MuxState, with_send_time: bool, clock: Callable[[], float]
    ) -> None:
        super().__init__(mux, with_send_time, clock)
        self._native = native
        self._call, self._protect = native.lib.yuntiao_fan_out, native.protect
        self._met_once: Sequence[RtpOutput] | None = None
        self.written: Sequence[RtpOutput] | None = None
        self.table: Any = native.ffi.NULL
        self.uptrack: Any = None
        self.extension = ABS_SEND_TIME_ID << 28 | 2 << 24 if with_send_time else 0
        self._count = 0
        self._in_table: list[Any] = []  # what the table points to, kept alive with the outputs and their keys

    def send(
        self,
        outputs: Sequence[RtpOutput],
        packet: PacketBuffer,
        start: int,
        first: int,
        marker: int,
        seq: int,
        timestamp: int,
    ) -> None:
        if outputs is not self.written:
            if outputs is not self._met_once:
                self._met_once = outputs
                super().send(outputs, packet, start, first, marker, seq, timestamp)
                return
            self._write_table(outputs)
        if self._with_send_time:
            word, first = self._send_time(), 0x90 | first & 0x20
        else:
            word, first = 0, 0x80 | first & 0x20
        failed = self._call(
            self._protect, self.table, self._count, packet.ptr + start, packet.size - start, word, first, marker, seq,
            timestamp,
        )  # fmt: skip
        if failed:
            drops = self._mux.drops
            drops.update({cause: n for cause, n in (("protect", failed & 0xFFFF), ("send", failed >> 16)) if n})
        self._mux.sent += self._count

    def _write_table(self, outputs: Sequence[RtpOutput]) -> None:
        ffi = self._native.ffi
        if self.uptrack is not None:
            self.uptrack.armed = 0  # it points to the table that is replaced
        rows = []
        self._in_table = []
        for output in outputs:
            row = ffi.new("struct downtrack *")
            destination = ffi.from_buffer("struct destination *", output.peer.destination)
            row.context = ffi.cast("void *", address_of(output.srtp))
            row.destination = destination
            row.ssrc = output.ssrc
            row.timestamp = output.ts_offset & 0xFFFFFFFF
            row.sequence = output.seq_offset & 0xFFFF
            row.payload_type = output.payload_type
            if output.shift is not None:
                row.shifted, row.picture, row.tl0 = 1, output.shift.picture_id & 0x7FFF, output.shift.tl0 & 0xFF
            rows.append(row)
            self._in_table += (row, destination, output)
        self.table, self._count = ffi.new("struct downtrack *[]", rows), len(rows)
        self.written, self._met_once = outputs, None


log = logging.getLogger(__name__)

NOTHING, UNDECIDED, DECRYPTED = range(3)  # what yuntiao_receive returns, as in receive.c
ROUNDS = 4  # batches of 32 datagrams read in one go, so that timers get their turn
MIN_ENTRIES = 64
# Bytes: one flush interval at 5.5 Mbit/s; several of audio. A full buffer is flushed early.
VIDEO_BUFFER, AUDIO_BUFFER = 1 << 19, 1 << 14
MAX_SPARE = 2  # memories kept for reuse; more are in use only while the disk is stalled


class HistoryPacket(PacketBuffer):
    """A copy of a packet in C's history."""

    __slots__ = ()

    def __init__(self, data: memoryview, body: int, seq: int) -> None:
        super().__init__()
        self.size, self.body, self.seq = len(data), body, seq
        self.mem[: self.size] = data


class NativeHistory(PacketHistory):
    __slots__ = ("_ffi", "packets", "table")

    def __init__(self, native: NativeForwarder, size: int) -> None:
        super().__init__(0)
        self.size = size
        self._ffi = native.ffi
        self.table = native.ffi.new("struct packet_slot[]", size)
        # Not cleared: what was never written is never read, and takes no memory until then.
        self.packets = native.uncleared("uint8_t[]", size * BUFFER_SIZE)

    def store(self, packet: PacketBuffer) -> PacketBuffer:
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
        return HistoryPacket(memoryview(self._ffi.buffer(self.packets + at * BUFFER_SIZE, slot.size)), slot.body, seq)


class NativeTokenBucket(TokenBucket):
    """A bucket whose tokens are in C's memory, which takes from them too."""

    __slots__ = ("_struct",)

    def __init__(self, transport: Any, rate: float, capacity: float, now: float) -> None:
        self._struct = transport
        super().__init__(rate, capacity, now)

    @property
    def tokens(self) -> float:
        return float(self._struct.budget)

    @tokens.setter
    def tokens(self, tokens: float) -> None:
        self._struct.budget = tokens


class BufferedBatch:
    """A `media.NativeBatch`: the packets that were in a FrameBuffer."""

    __slots__ = ("_buffer", "_memory", "address", "packets", "size")

    def __init__(self, buffer: FrameBuffer, memory: tuple[Any, int], size: int, packets: int) -> None:
        self._buffer, self._memory = buffer, memory
        self.address, self.size, self.packets = memory[1], size, packets

    def runs(self) -> Iterator[PacketRun]:
        return parse_runs(self._buffer.copy(self._memory, self.size))

    def release(self) -> None:
        if len(self._buffer.spare) < MAX_SPARE:
            self._buffer.spare.append(self._memory)


class FrameBuffer:
    """Packets for the recorder, written by C. `spare`: released memories with their addresses."""

    def __init__(self, receiver: NativeReceiver, size: int) -> None:
        self._ffi, self._size, self._new = receiver.ffi, size, receiver.native.uncleared
        self.spare: list[tuple[Any, int]] = []
        self.struct = receiver.ffi.new("struct frame_buffer *")
        self.struct.capacity = size
        self._bytes = self._fresh()

    @property
    def packets(self) -> int:
        return int(self.struct.packets)

    def take(self) -> BufferedBatch:
        """Hand over the packets where they are; the next ones are written to another memory."""
        at = self.struct
        found = BufferedBatch(self, self._bytes, at.used, at.packets)
        self._bytes = self._fresh()
        return found

    def copy(self, memory: tuple[Any, int], size: int) -> bytes:
        return bytes(self._ffi.buffer(memory[0], size))

    def _fresh(self) -> tuple[Any, int]:
        at = self.struct
        if self.spare:
            fresh = self.spare.pop()
        else:
            memory = self._new("uint8_t[]", self._size)
            fresh = memory, int(self._ffi.cast("uintptr_t", memory))
        at.bytes = fresh[0]
        at.used = at.packets = at.open = 0
        return fresh


class NativePublisher:
    """A publisher's transport in C: its keys and its current tracks."""

    def __init__(self, receiver: NativeReceiver, number: int) -> None:
        self.struct = receiver.ffi.new("struct transport *")
        self.struct.number = number
        self._receiver = receiver
        self._tracks: list[UpTrack] = []  # kept alive as long as C points to their state

    @property
    def authenticated(self) -> int:
        return int(self.struct.authenticated)

    def open(self, publisher: Publisher) -> None:
        """Receive in C from now on: the SRTP keys are in place."""
        self.struct.context = self._receiver.ffi.cast("void *", address_of(publisher.srtp_in))
        self.struct.open = 1
        self._receiver.publishers[self.struct.number] = publisher

    def close(self) -> None:
        self.struct.open = self.struct.count = 0
        self._tracks.clear()
        self._receiver.publishers.pop(self.struct.number, None)

    def add(self, track: UpTrack) -> bool:
        """Make a track known to C; False when there is no room for it."""
        if track not in self._tracks:
            if len(self._tracks) >= MAX_STREAMS:
                return False
            self._tracks.append(track)
            self._write()
        return True

    def remove(self, track: UpTrack) -> None:
        if track in self._tracks:
            self._tracks.remove(track)
            self._write()

    def _write(self) -> None:
        for at, track in enumerate(self._tracks):
            self.struct.uptracks[at] = track.state
        self.struct.count = len(self._tracks)


class NativeReceiver:
    """The `PacketReceiver` of one mux. `publishers`: by their number in C."""

    def __init__(self, native: NativeForwarder, mux: UdpMux) -> None:
        self.native, self.mux = native, mux
        self.ffi, self.lib = native.ffi, native.lib
        self.publishers: dict[int, Publisher] = {}
        self.repair_time = self.ffi.new("struct repair_time *")
        self.addresses = self.ffi.new("struct address_table *")
        self.addresses.seed = int.from_bytes(os.urandom(4))
        self._entries: Any = None
        self._bound: dict[bytes, Any] = {}  # sockaddr -> struct transport
        self._count = 0
        self._resize_table(MIN_ENTRIES)

    def socket(self, sock: socket.socket) -> UdpSocket:
        return NativeUdpSocket(self, sock)

    def hold(self, until: float) -> None:
        self.lib.yuntiao_hold(min(max(until, 1e-9), 1e18))  # 0 is for ever there

    # ------------------------------------------------------------ publishers and addresses

    def add_publisher(self, publisher: Publisher) -> NativePublisher:
        self._count += 1
        native = NativePublisher(self, self._count & 0xFFFFFFFF)
        budget = publisher.rtp_budget
        publisher.rtp_budget = NativeTokenBucket(native.struct, budget.rate, budget.capacity, budget.updated_at)
        publisher.peer.native = native
        return native

    def bind_address(self, addr: Address, peer: IcePeer) -> None:
        if peer.native is None:
            self.unbind_address(addr)
            return
        packed, transport = sockaddr(addr), peer.native.struct
        self._bound[packed] = transport
        if 2 * len(self._bound) > self.addresses.mask:
            self._resize_table(4 * len(self._bound))
        else:
            self.lib.yuntiao_bind(self.addresses, packed, len(packed), transport)

    def unbind_address(self, addr: Address) -> None:
        packed = sockaddr(addr)
        if self._bound.pop(packed, None) is not None:
            self.lib.yuntiao_unbind(self.addresses, packed, len(packed))

    def _resize_table(self, entries: int) -> None:
        size = 1 << (entries - 1).bit_length()
        self._entries = self.ffi.new("struct address_entry[]", size)
        self.addresses.entries, self.addresses.mask = self._entries, size - 1
        for packed, transport in self._bound.items():
            self.lib.yuntiao_bind(self.addresses, packed, len(packed), transport)

    # ------------------------------------------------------------ tracks

    def frame_buffer(self, video: bool) -> FrameBuffer:
        return FrameBuffer(self, VIDEO_BUFFER if video else AUDIO_BUFFER)

    def history(self, size: int) -> NativeHistory:
        return NativeHistory(self.native, size)

    def track_state(self, ssrc: int, history: PacketHistory) -> Any:
        """Return a struct that has the fields of `uptrack.TrackState`, and what C needs besides."""
        assert isinstance(history, NativeHistory)
        state = self.ffi.new("struct uptrack *")
        state.ssrc, state.mask, state.slots, state.packets = ssrc, history.size - 1, history.table, history.packets
        return state

    def arm(self, track: UpTrack) -> None:
        state: Any = track.state
        fan_out, publisher = track.fan_out, track.publisher
        if state.armed or not isinstance(fan_out, NativeFanOut):
            return
        if track.downtracks:
            if fan_out.written is not track.downtracks:
                return
            state.downtracks, state.count, state.extension = fan_out.table, len(track.downtracks), fan_out.extension
        else:
            state.count = 0
        native = publisher.peer.native
        section = publisher.sections.get(track.mid)
        if native is None or section is None or publisher.tracks.get(track.ssrc) is not track or not native.add(track):
            return
        state.video, state.payload_type = track.video, track.payload_type
        state.level_id = 0 if track.video else section[1].extensions.get(sdp.LEVEL_URI, 0)
        buffer = track.recorder_tap.frame_buffer if track.recorder_tap is not None else None
        state.frame_buffer = buffer.struct if buffer is not None else self.ffi.NULL
        fan_out.uptrack = state
        state.armed = 1

    def disarm(self, track: UpTrack) -> None:
        state: Any = track.state
        state.armed = 0

    def forget(self, track: UpTrack) -> None:
        self.disarm(track)
        native = track.publisher.peer.native
        if native is not None:
            native.remove(track)


class NativeUdpSocket(UdpSocket):
    """A socket that C reads in batches, without a transport of the loop."""

    def __init__(self, receiver: NativeReceiver, sock: socket.socket) -> None:
        super().__init__(receiver.mux, sock)
        self._receiver = receiver
        self._ffi = receiver.ffi
        self._state = state = receiver.ffi.new("struct receiver *")
        state.address_table, state.descriptor = receiver.addresses, sock.fileno()
        state.repair_time = receiver.repair_time
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket.fileno(), self._read)

    def close(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self.socket.fileno())
            self._loop = None
        self._state.descriptor, self._state.rounds = -1, 0
        self.socket.close()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Handle a datagram as if it had been read from the socket."""
        packed = sockaddr(addr)
        if self._receiver.lib.yuntiao_inject(self._state, data, len(data), packed, len(packed)):
            self._state.rounds = 0
            self._receive()
        else:  # too long, or others are being handled
            super().datagram_received(data, addr)

    def _read(self) -> None:
        self._state.rounds, self._state.more = ROUNDS, 1
        if self._receiver.repair_time.budget <= 0:  # C drops requests then: nothing else may notice that time passed
            self._mux.repair_time.refill(time.monotonic())
        self._receive()

    def _receive(self) -> None:
        state, native = self._state, self._receiver.native
        receive, unprotect, protect = self._receiver.lib.yuntiao_receive, native.unprotect, native.protect
        while True:
            found = receive(state, unprotect, protect)
            if state.levels:
                self._note_levels()
            if state.skips:
                self._note_gaps()
            if found != NOTHING:
                try:
                    self._hand_to_python(found)
                except Exception:
                    if not self._drops["handler"]:
                        log.exception("A datagram's handler failed; further failures are only counted")
                    self._drops["handler"] += 1
            elif not state.more or state.rounds <= 0:
                break
        self._collect_counters()

    def _hand_to_python(self, found: int) -> None:
        state = self._state
        at = state.current
        data = self._ffi.buffer(state.data[at], state.sizes[at])[:]
        if found == DECRYPTED:
            publisher = self._receiver.publishers.get(state.transport)
            if publisher is not None:
                publisher.on_decrypted(data)
        else:
            self.demultiplex(data, parse_sockaddr(self._ffi.buffer(state.addresses[at], state.lengths[at])[:]))

    def _note_levels(self) -> None:
        state = self._state
        for at in range(state.levels):
            level = state.audio_levels[at]
            publisher = self._receiver.publishers.get(level.transport)
            if publisher is not None:
                publisher.voice.on_level(level.level, publisher.clock())

    def _note_gaps(self) -> None:
        state = self._state
        for at in range(state.skips):
            gap = state.gaps[at]
            publisher = self._receiver.publishers.get(gap.transport)
            track = publisher.tracks.get(gap.ssrc) if publisher is not None else None
            if track is not None:
                track.on_gap(gap.first, gap.count)

    def _collect_counters(self) -> None:
        state, drops = self._state, self._drops
        self.received += state.received
        self._mux.sent += state.sent
        state.received = state.sent = 0
        if (
            state.refused or state.unsent or state.forged or state.malformed or state.truncated or state.unreachable
            or state.postponed
        ):  # fmt: skip
            for cause, count in (
                ("protect", state.refused), ("send", state.unsent), ("srtp", state.forged), ("rtp", state.malformed),
                ("size", state.truncated), ("icmp", state.unreachable), ("repair", state.postponed),
            ):  # fmt: skip
                if count:
                    drops[cause] += count
            state.refused = state.unsent = state.forged = state.malformed = state.truncated = state.unreachable = 0
            state.postponed = 0
