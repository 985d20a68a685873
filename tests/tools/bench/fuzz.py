"""Nothing that comes in from outside raises anything but the declared errors, and each input's time is bounded.

Descriptions may raise BadDescription; packets, checks, reports, header extensions and VP8 descriptors nothing at all.
Packets are damaged before they are encrypted under the client's own keys, so they pass the first gate and reach what
reads them; what the socket's net would catch there counts as found. Where C can be compiled, every other set of
connections goes through that.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import random
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate

from media import Tap
from media.engine import BadDescription, Source
from media.sfu import sdp, stun
from media.sfu.codecs import PictureIds, Shift, starts_key_frame
from media.sfu.egress import RecorderTap
from media.sfu.native import NativeForwarder
from media.sfu.participant import Subscriber
from media.sfu.publisher import Publisher
from media.sfu.room import match_sources
from media.sfu.rtp import header_extension
from media.sfu.sdp import KIND, LocalDescription
from media.sfu.stun import IceCredentials
from media.sfu.udp_mux import UdpMux
from tests.tools.bench.forward import compiled
from tests.tools.bench.media import ice, inputs as made
from tests.tools.figures import Figures

INPUTS, INPUTS_QUICK = 20_000, 1_500  # descriptions; ten times as many packets of all kinds
SHARES = {"stun": 2, "rtp": 3, "rtcp": 2, "extension": 1, "vp8": 1, "datagram": 1}  # of ten
FRESH_AFTER = 20_000  # packets: then new connections, as the old ones have met all the SSRCs they may
CHUNK = 250  # inputs whose time is taken together
SHOWN = 10  # findings told in full
UNLIMITED = 10**12  # bit/s
MOST_DESCRIPTION = 25.0  # ms
NAMES: dict[str, Source] = {"0": "mic", "1": "camera", "2": "screen"}

log = logging.getLogger(__name__)


def measure(quick: bool, inputs: int | None = None) -> dict[str, Any]:
    figures = Figures()
    count = inputs or (INPUTS_QUICK if quick else INPUTS)
    seed = int.from_bytes(os.urandom(4))
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        native = compiled(Path(folder))
        fuzzing = asyncio.run(fuzz(count, seed, native))
    figures.values |= {"seed_count": seed, "compiled_count": int(native is not None), **fuzzing.figures()}
    figures.at_most("findings_count", 0)
    figures.at_most("slowest_description_ms", MOST_DESCRIPTION)
    return figures.json()


async def fuzz(count: int, seed: int, native: NativeForwarder | None = None) -> Fuzzing:
    """So many descriptions, ten times as many packets; half of them through C, where it is given."""
    fuzzing = Fuzzing(seed, native)
    await fuzzing.descriptions(count)
    for kind, share in SHARES.items():
        await fuzzing.packets(kind, share * count)
    return fuzzing


class Fuzzing:
    def __init__(self, seed: int, native: NativeForwarder | None = None) -> None:
        self._natives = itertools.cycle((None, native))
        self.count: Counter[str] = Counter()
        self.findings: list[str] = []
        self.refused = 0
        self._chance = random.Random(seed)
        self._certificate = RTCCertificate.generateCertificate()
        self._worst: dict[str, float] = {}
        self._spent: Counter[str] = Counter()

    def figures(self) -> dict[str, float]:
        found: dict[str, float] = {
            "descriptions_count": self.count["description"],
            "refused_descriptions_share": round(self.refused / max(1, self.count["description"]), 3),
            "slowest_description_ms": round(self._worst["description"] * 1000, 2),
            "packets_count": sum(self.count[kind] for kind in SHARES),
        }
        for kind in ("description", *SHARES):
            found[f"us_per_{kind}"] = round(self._spent[kind] / max(1, self.count[kind]) * 1e6, 2)
        return {**found, "findings_count": len(self.findings)}

    async def descriptions(self, count: int) -> None:
        local = LocalDescription(
            ["192.0.2.7", "2001:db8::7"], 7000, IceCredentials(), self._certificate.getFingerprints()
        )
        for n in range(count):
            text = made.description(self._chance)
            began = time.thread_time()
            try:
                remote = sdp.parse(text)
                mids = {line.mid: line.kind for line in remote.sections}
                lines = match_sources(
                    remote, {mid: source for mid, source in NAMES.items() if mids.get(mid) == KIND[source]}
                )
                sdp.answer(remote, {mid: source for mid, (source, _) in lines.items()}, local)
            except BadDescription:
                self.refused += 1
            except Exception as error:
                self._found("description", text, error)
            self._took("description", time.thread_time() - began, 1)
            if n % CHUNK == 0:
                await asyncio.sleep(0)

    async def packets(self, kind: str, count: int) -> None:
        done = 0
        while done < count:
            bench = await Bench.open(self._certificate, next(self._natives))
            feed = self._feed(kind, bench)
            try:
                for _ in range(0, min(FRESH_AFTER, self._half(count), count - done), CHUNK):
                    self._chunk(kind, feed, min(CHUNK, count - done))
                    done += min(CHUNK, count - done)
                    bench.publisher.tick(time.monotonic())
                    await asyncio.sleep(0)
            finally:
                bench.close()

    @staticmethod
    def _half(count: int) -> int:
        """So that even few inputs go both ways."""
        return -(-count // 2)

    def _chunk(self, kind: str, feed: Callable[[], tuple[Any, Callable[[], object]]], count: int) -> None:
        spent = 0.0
        for _ in range(count):
            given, run = feed()
            began = time.thread_time()
            try:
                run()
            except Exception as error:
                self._found(kind, given, error)
            spent += time.thread_time() - began
        self._took(kind, spent, count)

    def _feed(self, kind: str, bench: Bench) -> Callable[[], tuple[Any, Callable[[], object]]]:
        """Makes one damaged input and what takes it in."""
        chance = self._chance
        own, pair = bench.publisher.peer.credentials, bench.publisher.peer.selected
        assert pair is not None
        checks = made.checks(own.ufrag, own.password)

        def check() -> tuple[bytes, Callable[[], object]]:
            data = made.damaged(chance.choice(checks), chance, keep=chance.choice((0, 8, 20)))
            pair.send_check(time.monotonic())
            answer = b"\x01\x01" + data[2:8] + bench.asked() + data[20:]
            return data, lambda: (stun.local_ufrag(data), stun.verify(data, own), pair.on_response(answer, 0.0))

        def media() -> tuple[bytes, Callable[[], object]]:
            data = made.damaged(chance.choice(made.MEDIA), chance, keep=chance.choice((0, 12, 12, 12)))
            return data, lambda: bench.send(data, chance.random() < 0.97)

        def report() -> tuple[bytes, Callable[[], object]]:
            data = made.damaged(chance.choice(made.REPORTS), chance, keep=chance.choice((0, 4, 8)))
            return data, lambda: bench.report(data)

        def block() -> tuple[bytes, Callable[[], object]]:
            data = made.damaged(chance.choice(made.MEDIA)[12:], chance)
            return data, lambda: [header_extension(memoryview(data), 0, len(data), wanted) for wanted in (1, 4, 10)]

        def picture() -> tuple[bytes, Callable[[], object]]:
            data = made.damaged(made.VP8_START, chance)[: chance.choice((1, 2, 3, 4, 5, 6, 40))]
            return data, lambda: look(bytearray(data))

        def datagram() -> tuple[bytes, Callable[[], object]]:
            data = made.damaged(chance.choice((*checks, *made.MEDIA, *made.REPORTS, b"\x16\xfe\xff")), chance)
            return data, lambda: bench.receive(data)

        feeds = {
            "stun": check, "rtp": media, "rtcp": report, "extension": block, "vp8": picture, "datagram": datagram,
        }  # fmt: skip
        return feeds[kind]

    def _took(self, kind: str, seconds: float, count: int) -> None:
        self.count[kind] += count
        self._spent[kind] += seconds  # type: ignore[assignment] # seconds, summed by the same means
        self._worst[kind] = max(self._worst.get(kind, 0.0), seconds / count)

    def _found(self, kind: str, given: Any, error: Exception) -> None:
        text = f"{kind}: {error!r} of {given.hex() if isinstance(given, bytes) else given!r}"
        self.findings.append(text)
        if len(self.findings) <= SHOWN:
            log.error("%s", text, exc_info=error)


def look(data: bytearray) -> None:
    end, mem = len(data), memoryview(data)
    starts_key_frame(mem, 0, end)
    picture = PictureIds.of(mem, 0, end)
    Shift.between(PictureIds(32767, 255), None, picture).apply(mem, 0, end)


class _DeafTap(Tap):
    """A recorder that keeps nothing."""

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        return

    def restart(self, source: Source) -> None:
        return

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        return

    def close(self, cause: str) -> None:
        return


class Bench:
    """A publisher and a subscriber with keys; whatever leaves for the client is thrown away."""

    def __init__(self, mux: UdpMux, certificate: RTCCertificate) -> None:
        self._endpoint = mux
        self._client, self._receiving = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._seq: Counter[int] = Counter()
        self.publisher = Publisher(mux, certificate, self._wire, time.monotonic)
        self.subscriber = Subscriber(mux, certificate, time.monotonic)
        up, down, back, feedback = (os.urandom(30) for _ in range(4))
        self._sender, self._reporter = _session(up, inbound=False), _session(feedback, inbound=False)
        for transport, client in ((self.publisher, self._client), (self.subscriber, self._receiving)):
            client.bind(("127.0.0.1", 0))
            client.setblocking(False)
            ice.settle(transport.peer, mux.sockets[0], client)
        self.publisher._set_keys(_session(up, inbound=True), _session(back, inbound=False))
        self.subscriber._set_keys(_session(feedback, inbound=True), _session(down, inbound=False))
        self.publisher.apply_offer(match_sources(sdp.parse("\r\n".join(made.OFFER)), NAMES))
        self._feeds = [RecorderTap(_DeafTap(), name, lambda: None) for name in NAMES.values()]
        self.subscriber.set_tracks({("ann", name) for name in NAMES.values()})

    @classmethod
    async def open(cls, certificate: RTCCertificate, native: NativeForwarder | None = None) -> Bench:
        return cls(await UdpMux.bind("127.0.0.1", 0, UNLIMITED, native), certificate)

    def close(self) -> None:
        self.publisher.detach()
        self.subscriber.detach()
        self._endpoint.close()
        self._client.close()
        self._receiving.close()

    def asked(self) -> bytes:
        """The transaction of the server's newest check."""
        return next(reversed(self._endpoint.pending_checks))

    def send(self, data: bytes, known: bool) -> None:
        """A packet under the client's keys; `known`: with a number that is not refused before it is looked at."""
        packet = bytearray(data)
        if known and len(packet) >= 12:
            ssrc = int.from_bytes(packet[8:12])
            self._seq[ssrc] += 1 if self._seq[ssrc] % 7 else 3
            packet[0] = packet[0] & 0x3F | 0x80
            packet[2:4] = (self._seq[ssrc] & 0xFFFF).to_bytes(2)
        try:
            protected = self._sender.protect(bytes(packet))
        except pylibsrtp.Error:  # not even a client's own library sends that: as it is
            protected = bytes(packet)
        self.receive(protected)

    def report(self, data: bytes) -> None:
        for session, transport in ((self._sender, self.publisher), (self._reporter, self.subscriber)):
            try:
                protected = session.protect_rtcp(data)
            except pylibsrtp.Error:
                protected = data
            transport._on_media(protected)

    def receive(self, data: bytes) -> None:
        """From the client's own address, as it is."""
        self._endpoint.sockets[0].datagram_received(data, self._client.getsockname())
        if self._endpoint.drops["handler"]:
            self._endpoint.drops["handler"] = 0
            raise AssertionError("a handler failed")

    def _wire(self) -> None:
        for slot in self.subscriber.transceivers:
            for stream in self.publisher.layers(slot.key[1])[:1]:
                self.subscriber.downtrack(slot).subscribe(stream)
        for feed in self._feeds:
            for stream in self.publisher.layers(feed.source)[:1]:
                feed.subscribe(stream)


def _session(key: bytes, inbound: bool) -> pylibsrtp.Session:
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=key, ssrc_type=kind)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return pylibsrtp.Session(policy)
