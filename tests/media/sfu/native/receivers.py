"""A bench with one client whose packets come in on either of two ways, and what came of them."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from media.sfu.native import NativeForwarder
from media.sfu.sdp import LEVEL_URI
from media.sfu.udp_mux import UdpMux
from tests.media.bench import MIC, OPUS, Bench
from tests.media.sfu.test_continuity import Script

LEVEL_ID = 5


@pytest.fixture(scope="module")
def library(built: Path) -> NativeForwarder:
    return NativeForwarder(built)


@contextlib.asynccontextmanager
async def opened(native: NativeForwarder | None, bitrate: int = 10**10) -> AsyncIterator[Bench]:
    mux = await UdpMux.bind("127.0.0.1", 0, bitrate, native)
    bench = Bench(mux)
    bench.publisher.sections["0"][1].extensions[LEVEL_URI] = LEVEL_ID
    try:
        yield bench
    finally:
        bench.publisher.detach()
        bench.close()
        mux.close()
        await asyncio.sleep(0)


def seen_by_python(bench: Bench) -> list[bytes]:
    """The datagrams that reach Python from now on."""
    udp_socket, found = bench.mux.sockets[0], []
    sort = udp_socket.demultiplex

    def spy(data: bytes, addr: Any) -> None:
        found.append(data)
        sort(data, addr)

    udp_socket.demultiplex = spy  # type: ignore[method-assign]
    return found


def sound(seq: int, level: int) -> bytes:
    header = struct.pack("!BBHII", 0x90, OPUS, seq & 0xFFFF, seq * 960 & 0xFFFFFFFF, MIC)
    return header + struct.pack("!HHBBH", 0xBEDE, 1, LEVEL_ID << 4, level, 0) + b"\x78sound"


def left_behind(bench: Bench) -> dict[str, Any]:
    """What a connection and its streams know in the end."""
    publisher = bench.publisher
    return {
        "streams": {
            ssrc: (
                s.extended, s.timestamp, s.received, s.octets, s.picture, s.gaps, s.repaired, len(s.nacks),
                s.history.key_seq, {n: kept(s, n) for n in range(s.highest - 300, s.highest + 1)},
            )
            for ssrc, s in publisher.tracks.items()
        },
        "heard": publisher.authenticated,
        "left": publisher.rtp_budget.tokens,
        "loudness": publisher.voice.loudness,
        "drops": dict(bench.mux.drops),
        "sent": bench.mux.sent,
        "received": bench.mux.received,
    }  # fmt: skip


def kept(stream: Any, number: int) -> tuple[bytes, int] | None:
    packet = stream.history.get(number & 0xFFFF)
    return None if packet is None else (bytes(packet.mem[: packet.size]), packet.body)


def heard_by_client(script: Script) -> dict[str, list[tuple[int, int, int, bytes]]]:
    """What each DownTrack's client got, with numbers counted from the first."""
    found: dict[str, list[tuple[int, int, int, bytes]]] = {}
    for source, downtrack in script.downtracks.items():
        packets = script.packets.get(downtrack.ssrc, [])
        found[source] = [
            ((p.sequence_number - packets[0].sequence_number) & 0xFFFF,
             (p.timestamp - packets[0].timestamp) & 0xFFFFFFFF, p.marker, p.payload)
            for p in packets
        ]  # fmt: skip
    return found
