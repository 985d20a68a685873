"""The one UDP port of a worker: which peer each datagram belongs to, and sending one packet on to every subscriber.

A mux has a socket for each address it listens on (IPv4, IPv6, several interfaces). Its peers are shared by all of
them, so clients over IPv4 and IPv6 meet in one room, and a client that changes between them keeps its connection. A
datagram finds its peer by the ufrag of a STUN request, by the transaction of an answer to a check of ours, and
otherwise by a proven source address (`media.sfu.ice`). All others are counted and dropped before anything is stored.

`FanOut` makes no object, queue or task per packet: each subscriber's packet is written into the same buffer (a new
header, a copy of the payload, encryption in place), which is sent before the next one. `media.sfu.native` does
the same in C; a mux's `make_fan_out` says which is used.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from media.sfu import stun
from media.sfu.codecs import Shift
from media.sfu.control import MAX_BITRATE
from media.sfu.ice import HostCandidate, IcePeer, MuxState
from media.sfu.rtp import ABS_SEND_TIME_BLOCK, HEADER, SRTP_LENGTH, PacketBuffer, PacketHistory, protect
from media.sfu.sdp import ABS_SEND_TIME_ID
from media.sfu.stun import Address, StunProbe


class RtpOutput:
    """Where one subscriber's packets go and how they are numbered (`media.sfu.downtrack`)."""

    __slots__ = ()

    peer: IcePeer
    srtp: Any  # libsrtp's context
    ssrc: int
    payload_type: int
    seq_offset: int  # added to sequence numbers
    ts_offset: int  # added to timestamps
    shift: Shift | None  # added to VP8 picture numbers


class FanOut:
    """The fan-out of one UpTrack. `with_send_time`: packets carry their sending time (abs-send-time), as video does."""

    def __init__(self, mux: MuxState, with_send_time: bool, clock: Callable[[], float] = time.time) -> None:
        self._mux = mux
        self._with_send_time = with_send_time
        self._clock = clock
        self._out = mux.send_buffer
        self._known: Sequence[RtpOutput] = ()
        self._keep_alive: tuple[RtpOutput, ...] = ()  # the keys must live as long as they are used here
        # Of the known outputs: payload type, offsets, SSRC, shift, SRTP context and peer.
        self._numbers: list[tuple[int, int, int, int, Shift | None, Any, IcePeer]] = []

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
        """Send the packet's bytes from `start` on to every output, with the output's own numbers.

        `first` has the padding bit, `marker` is added to the payload type. A list of outputs must be replaced by a new
        one whenever anything about an output changes, because what a list contains is remembered.
        """
        if self._mux.over:
            return
        if outputs is not self._known:
            self._known, self._keep_alive = outputs, tuple(outputs)
            self._numbers = [
                (s.payload_type, s.seq_offset, s.ts_offset, s.ssrc, s.shift, s.srtp, s.peer) for s in outputs
            ]
        out = self._out
        mem, ptr, views = out.mem, out.ptr, out.views
        payload = packet.mem[start : packet.size]
        if self._with_send_time:
            # Header extensions are not encrypted (RFC 3711 3.1), so writing it once is enough for all outputs.
            ABS_SEND_TIME_BLOCK.pack_into(mem, 12, 0xBEDE, 1, self._send_time())
            head, first = 20, 0x90 | first & 0x20
        else:
            head, first = 12, 0x80 | first & 0x20
        end = head + packet.size - start
        for payload_type, seq_offset, ts_offset, ssrc, shift, srtp, peer in self._numbers:
            HEADER.pack_into(
                mem, 0, first, marker | payload_type, (seq + seq_offset) & 0xFFFF,
                (timestamp + ts_offset) & 0xFFFFFFFF, ssrc,
            )  # fmt: skip
            mem[head:end] = payload
            if shift is not None:
                shift.apply(mem, head, end)
            SRTP_LENGTH[0] = end
            if protect(srtp, ptr, SRTP_LENGTH):
                self._mux.drops["protect"] += 1
                continue
            try:
                # The peer had an address when the output started. If it was lost since, sendto raises.
                peer.sendto(views[SRTP_LENGTH[0]], peer.remote)
            except OSError:
                self._mux.drops["send"] += 1
        self._mux.sent += len(outputs)

    def _send_time(self) -> int:
        return abs_send_time(self._clock())


def abs_send_time(now: float) -> int:
    """Return the word of abs-send-time: id, length, and seconds in 6.18 fixed point."""
    return ABS_SEND_TIME_ID << 28 | 2 << 24 | int(now * 262_144) & 0xFFFFFF


MakeFanOut = Callable[[MuxState, bool], FanOut]

log = logging.getLogger(__name__)

PORT_TRIES = 16  # to find a port that is free on every address, when any will do
SOCKET_BUFFER = 4 << 20
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_PROBE = 10, 23, 3  # linux/in.h, in6.h; Python names none of them


class UdpSocket(HostCandidate, asyncio.DatagramProtocol):
    """One socket of a mux, served by the running loop's datagram transport."""

    def __init__(self, mux: UdpMux, sock: socket.socket) -> None:
        super().__init__(sock, mux.drops)
        self.received = 0  # datagrams
        self._mux = mux
        self._peers = mux.by_address
        self._transport: asyncio.BaseTransport | None = None

    async def open(self) -> None:
        """Serve the socket with the running loop's datagram transport."""
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=self.socket)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        else:
            self.socket.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.received += 1
        if self._mux.over:  # also for what waited in the kernel while this process was stopped
            self._drops["over"] += 1
            return
        self.demultiplex(data, addr)

    def demultiplex(self, data: bytes, addr: Address) -> None:
        """Give a datagram to its peer, by its first byte (RFC 7983) and address, or drop it."""
        if not data:
            self._drops["empty"] += 1
            return
        first = data[0]
        peer = self._peers.get(addr)
        if 127 < first < 192:
            if peer is not None and peer.on_media is not None:
                try:
                    peer.on_media(data)
                except Exception:
                    # One peer's packet must not end the socket of all.
                    if not self._drops["handler"]:
                        log.exception("A media handler failed; further failures are only counted")
                    self._drops["handler"] += 1
            else:
                self._drops["media"] += 1
        elif first == 0:
            self._on_binding_request(data, addr)
        elif first == 1:
            self._on_binding_response(data, addr)
        elif not (peer is not None and 19 < first < 64 and peer.on_dtls(data)):
            self._drops["dtls" if 19 < first < 64 else "unknown"] += 1

    def error_received(self, exc: Exception) -> None:
        self._drops["icmp"] += 1

    def _on_binding_request(self, data: bytes, addr: Address) -> None:
        mux = self._mux
        ufrag = stun.local_ufrag(data)
        peer, credentials = mux.by_ufrag.get(ufrag, (None, None))
        now = mux.clock()
        if peer is None or credentials is None:
            if ufrag != mux.probe.credentials.ufrag:
                self._drops["stun"] += 1
            elif (answer := mux.probe.answer(data, addr, now)) is not None:
                self.send(answer, addr)
            else:
                self._drops["trial"] += 1
            return
        check = stun.verify(data, credentials)
        if check is None:
            self._drops["integrity"] += 1
            return
        if peer.is_replay(check, addr):
            self._drops["replay"] += 1
            return
        if peer.exceeds_check_rate(now):
            self._drops["checks"] += 1
            return
        if credentials is peer.credentials:
            while len(peer.generations) > 1:
                mux.unregister(peer.generations.pop(0))
        if not peer.on_check(self, addr, check, credentials, len(data), now):
            self._drops["consent"] += 1

    def _on_binding_response(self, data: bytes, addr: Address) -> None:
        """Find the pair by transaction, not by address: another peer may have been at this address until now."""
        pair = self._mux.pending_checks.get(data[8:20])
        if pair is None or pair.local is not self or pair.addr != addr or not pair.peer.on_response(pair, data):
            self._drops["stun"] += 1


def open_socket(host: str, port: int) -> socket.socket:
    """Open a non-blocking UDP socket with buffers large enough for a burst of key frames. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        # Do not fragment. Over IPv4 this also saves the kernel generating an identifier, which is 4 % of our time.
        if family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE)
            # IPv4 has a socket of its own, so that its clients are not known by mapped addresses.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


class PacketReceiver(Protocol):
    """What receives datagrams in C for a mux, so that Python gets only those that need a decision.

    It is `media.sfu.native.NativeReceiver`, which builds on this module and on those above. `Any` stands for
    their publishers and UpTracks, and for structures in C's memory.
    """

    def socket(self, sock: socket.socket) -> UdpSocket: ...

    def hold(self, until: float) -> None: ...

    def bind_address(self, addr: Address, peer: IcePeer) -> None: ...

    def unbind_address(self, addr: Address) -> None: ...

    def add_publisher(self, publisher: Any) -> Any:
        """Return what C knows of the publisher (`NativePublisher`)."""

    def history(self, size: int) -> PacketHistory: ...

    def track_state(self, ssrc: int, history: PacketHistory) -> Any:
        """Return a `TrackState` in C's memory."""

    def frame_buffer(self, video: bool) -> Any:
        """Return what collects packets for a recorder (`FrameBuffer`)."""

    def arm(self, track: Any) -> None:
        """Let C handle the UpTrack's next packet, if it knows all that must be done with it."""

    def disarm(self, track: Any) -> None:
        """Let Python handle the UpTrack's next packet."""

    def forget(self, track: Any) -> None:
        """The UpTrack has ended."""


class NativeForwarding(Protocol):
    """The library in C (`media.sfu.native.NativeForwarder`).

    It makes a track's fan-out, as the class `FanOut` does, and a mux's receiver.
    """

    def __call__(self, mux: MuxState, with_send_time: bool, clock: Callable[[], float] = time.time) -> FanOut: ...

    def receiver(self, mux: UdpMux) -> PacketReceiver: ...


class UdpMux(MuxState):
    """All peers of a worker behind one UDP port (RFC 8445, RFC 5764 5.1.2)."""

    def __init__(
        self, sockets: Sequence[socket.socket], bitrate: int = MAX_BITRATE, native: NativeForwarding | None = None
    ) -> None:
        """`bitrate`: bit/s that each client may send. `native`: packets that need no decision are handled in C."""
        super().__init__(bitrate)
        self.make_fan_out: MakeFanOut = native or FanOut
        self.probe = StunProbe()
        self.receiver: PacketReceiver | None = native.receiver(self) if native is not None else None
        self.sockets = [
            UdpSocket(self, sock) if self.receiver is None else self.receiver.socket(sock) for sock in sockets
        ]

    @classmethod
    async def bind(
        cls, host: str | Sequence[str], port: int, bitrate: int = MAX_BITRATE, native: NativeForwarding | None = None
    ) -> UdpMux:
        """Listen on one port of every given address ("::" is all of both families; port 0 is any free one).

        Raises OSError.
        """
        hosts = expand_hosts([host] if isinstance(host, str) else host)
        mux = cls(open_sockets(hosts, port), bitrate, native)
        try:
            for udp_socket in mux.sockets:
                await udp_socket.open()
        except OSError:
            mux.close()
            raise
        return mux

    @property
    def port(self) -> int:
        return self.sockets[0].port

    @property
    def received(self) -> int:
        return sum(udp_socket.received for udp_socket in self.sockets)

    @property
    def receive_buffer_size(self) -> int:
        """Bytes the kernel buffers while we are busy, on the socket with the least: half of what it says."""
        sizes = [udp_socket.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) for udp_socket in self.sockets]
        return min(sizes) // 2

    def reachable_at(self, address: str) -> bool:
        """True if we have a socket of the family of an announced address."""
        return any((":" in address) == (":" in udp_socket.host) for udp_socket in self.sockets)

    def close(self) -> None:
        for peer in list(self.peers):
            peer.close()
        for udp_socket in self.sockets:
            udp_socket.close()

    def hold(self, until: float) -> None:
        super().hold(until)
        if self.receiver is not None:
            self.receiver.hold(until)

    def _on_bound(self, peer: IcePeer, addr: Address) -> None:
        if self.receiver is not None:
            self.receiver.bind_address(addr, peer)

    def _on_unbound(self, addr: Address) -> None:
        if self.receiver is not None:
            self.receiver.unbind_address(addr)


def expand_hosts(hosts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each for host in hosts for each in (("0.0.0.0", "::") if host == "::" else (host,))))  # noqa: S104


def open_sockets(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Open a socket for each address, all on one port. Raises OSError."""
    for _ in range(PORT_TRIES):
        sockets: list[socket.socket] = []
        try:
            for host in hosts:
                sockets.append(open_socket(host, port or (sockets[0].getsockname()[1] if sockets else 0)))
        except OSError as error:
            for sock in sockets:
                sock.close()
            # A port that is free on the first address may be taken on the next.
            if port or not sockets or error.errno != errno.EADDRINUSE:
                raise
        else:
            return sockets
    raise OSError(errno.EADDRINUSE, "no port is free on every address")
