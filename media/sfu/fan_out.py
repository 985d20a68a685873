"""Sending a forwarded packet to every subscriber: a new header, a copy of the payload, encryption in place, sendto.

No object, queue or task is made per packet: each subscriber's packet is written into the same buffer, which is sent
before the next one. `media.sfu.native.fan_out` does the same in C; a mux's `make_fan_out` says which is used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from media.sfu.codecs import Shift
from media.sfu.ice import IcePeer, MuxState
from media.sfu.rtp import ABS_SEND_TIME_BLOCK, HEADER, SRTP_LENGTH, PacketBuffer, protect
from media.sfu.sdp import ABS_SEND_TIME_ID


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
        """Return the word of abs-send-time: id, length, and seconds in 6.18 fixed point."""
        return ABS_SEND_TIME_ID << 28 | 2 << 24 | int(self._clock() * 262_144) & 0xFFFFFF


MakeFanOut = Callable[[MuxState, bool], FanOut]
