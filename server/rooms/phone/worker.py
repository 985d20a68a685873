"""The phone process: speaks SIP and RTP with the trunk, and is a client of the room for whoever calls.

Started by `server.rooms.phone.calls` as `python -m server.rooms.phone.worker`; it ends when its standard input
does, and hangs up. One JSON object a line: `do` comes in, `said` goes out. The first line that comes in is the
configuration. It decides nothing: what keys mean, and who may enter which room, the web process says.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import re
import sys
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Final

import av
from baresip import Account, BaresipError, Config, Event, RegistrationError, StackEvent
from baresip.call import Call, DigitEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from media.sfu.control import TokenBucket
from server.rooms.phone import KEYS_A_SECOND, KEYS_AT_ONCE
from server.rooms.phone.leg import FRAME, RATE, HeardAnswer, Rates, RoomLeg, SocketGuard
from server.serving import logs

log = logging.getLogger(__name__)

CODECS: Final = ("opus/48000/2", "g722/16000/1", "pcma", "pcmu")
AHEAD: Final = 0.16  # seconds of sound that wait to be sent
MOST_ACROSS: Final = RATE * 2 // 10  # bytes: 0.1 s
CUSHION: Final = 0.04  # of silence before sound that begins
AGAIN: Final = (2.0, 5.0, 15.0, 60.0, 300.0)  # seconds until the trunk is asked again; a refusal is not hammered
LONGEST_LINE: Final = 1 << 20
STATUS = re.compile(r"([1-6][0-9][0-9])(?: |$)")


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--log-format", choices=["text", "json"], default="text")
    logs.configure("phone", options.parse_args(arguments).log_format, bound=False)
    logging.getLogger("baresip").setLevel(logging.WARNING)  # numbers are in what it tells below
    asyncio.run(serve())


async def serve() -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    first = await reader.readline()
    if not first:
        return
    worker = PhoneWorker(json.loads(first))
    await worker.start()
    try:
        while line := await reader.readline():
            worker.do(json.loads(line))
    finally:
        await worker.stop()


def tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


@dataclass
class PhoneCall:
    """One call, with what it is joined to."""

    id: str
    call: Call
    keys: TokenBucket
    up: Rates | None = None  # from the telephone to 48 kHz
    down: Rates | None = None
    leg: RoomLeg | None = None
    other: PhoneCall | None = None  # it is bridged to
    playing: deque[bytes] = field(default_factory=deque)  # frames
    plays: bool = False
    whole: bool = False  # what plays is heard to its end, whatever is pressed
    answer: HeardAnswer | None = None  # is kept
    across: bytes = b""  # from the bridged call
    pump: asyncio.Task[None] | None = None
    dropped: int = 0  # keys


class PhoneWorker:
    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._runtime = Runtime()
        self._agent: UserAgent
        self._calls: dict[str, PhoneCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        first, last = settings["rtp_ports"]
        port = int(settings["listen"].rpartition(":")[2])
        allowed = [IPv4Network(one) for one in settings["peers"]]
        self._guard = SocketGuard(allowed, range(first, last + 1), (port, port + 1))

    async def start(self) -> None:
        at = self._settings
        first, last = at["rtp_ports"]
        config = Config(
            net_interface=at["interface"] or None,
            max_concurrent_calls=at["most_calls"],
            rtp_timeout=at["rtp_timeout"],
            extra_config_text=f"sip_listen {at['listen']}\ncall_hold_other_calls no\nrtp_ports {first}-{last}\n",
        )
        await self._runtime.start(config)
        vars(self._runtime)["on_dead"] = lambda: os._exit(1)  # it cannot be started again in this process
        self._guard.look()
        secured = ("mediaenc=srtp-mand",) if at["srtp"] else ()
        account = Account(
            at["user"],
            at["domain"],
            at["password"],
            at["registrar"] or None,
            at["register_every"],
            at["transport"],
            CODECS,
            auth_user=at["auth_user"] or None,
            extra_params=secured,
        )
        # A REFER would have us call a number of somebody else's choice.
        self._agent = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        self._agent.on_incoming(self._called)
        self._agent.on(self._registration)
        if at["register_every"]:
            self._spawn(self._register())
        else:
            tell({"said": "registered", "on": True, "why": ""})

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for one in list(self._calls.values()):
            await self._hang_up(one)
        await self._runtime.close()

    def do(self, message: dict[str, Any]) -> None:
        if message["do"] == "call":
            self._spawn(self._dial(message["call"], message["number"]))
            return
        one = self._calls.get(message["call"])
        if one is not None:
            self._spawn(self._told(one, message))

    async def _told(self, one: PhoneCall, message: dict[str, Any]) -> None:
        try:
            match message["do"]:
                case "answer":
                    await one.call.answer()
                case "hang_up":
                    await self._hang_up(one)
                case "play":
                    self._play(one, message["files"], message.get("whole", False))
                case "keep":
                    one.answer = HeardAnswer()
                case "drop":
                    one.answer = None
                case "spoken" if one.answer is not None:
                    answer, one.answer = one.answer, None
                    tell({"said": "spoken", "call": one.id, **await asyncio.to_thread(answer.file)})
                case "join":
                    await self._leave(one)
                    one.leg = RoomLeg(lambda said: tell(said | {"call": one.id}), self._settings["media_address"])
                    await one.leg.publish()
                case "published" if one.leg is not None:
                    await one.leg.published(message["sdp"])
                case "offer" if one.leg is not None:
                    await one.leg.offer(message["sdp"])
                case "leave":
                    await self._leave(one)
                case "bridge" if message["with"] in self._calls:
                    other = self._calls[message["with"]]
                    one.other, other.other = other, one
        except BaresipError as fault:
            log.warning("call %s: %s: %s", one.id, message["do"], fault)

    # ------------------------------------------------------------ the trunk

    async def _register(self) -> None:
        for pause in (*AGAIN, *[AGAIN[-1]] * 10_000):
            with contextlib.suppress(RegistrationError):
                await self._agent.register()
                return
            await asyncio.sleep(pause)

    def _registration(self, event: StackEvent) -> None:
        if event.event is Event.REGISTER_OK:
            tell({"said": "registered", "on": True, "why": ""})
        elif event.event is Event.REGISTER_FAIL:
            tell({"said": "registered", "on": False, "why": (event.text or "")[:200]})

    # ------------------------------------------------------------ calls

    async def _dial(self, id: str, number: str) -> None:
        early: list[StackEvent] = []  # a quick answer is told before `dial` returns, and the call would miss it
        self._runtime.subscribe(early.append)
        try:
            call = await self._agent.dial(f"sip:{number}@{self._settings['domain']}")
        except (BaresipError, ValueError) as fault:
            log.warning("call %s was not made: %s", id, fault)
            tell({"said": "closed", "call": id, "status": 0, "text": "not sent"})
            return
        finally:
            self._runtime.unsubscribe(early.append)
        self._guard.look()
        self._begin(id, call)
        for event in early:
            call._on_stack_event(event)

    def _called(self, call: Call) -> None:
        self._guard.look()
        one = self._begin(uuid.uuid4().hex, call)
        tell({"said": "incoming", "call": one.id, "from": (call.peer or "")[:200]})

    def _begin(self, id: str, call: Call) -> PhoneCall:
        now = asyncio.get_running_loop().time()
        one = self._calls[id] = PhoneCall(id, call, TokenBucket(KEYS_A_SECOND, KEYS_AT_ONCE, now))
        call.on(lambda event: self._event(one, event))
        call.on_dtmf(lambda digit: self._key(one, digit))
        return one

    def _event(self, one: PhoneCall, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS:
                tell({"said": "ringing", "call": one.id})
            case Event.CALL_ESTABLISHED:
                one.pump = self._spawn(self._pump(one))
                tell({"said": "answered", "call": one.id})
            case Event.CALL_CLOSED:
                self._gone(one, event.text or "")

    def _key(self, one: PhoneCall, digit: DigitEvent) -> None:
        if not one.keys.take(asyncio.get_running_loop().time()):
            one.dropped += 1
            return
        if one.whole and one.playing:
            return  # nobody has been asked yet
        one.playing.clear()  # whoever knows the answer need not hear the question out
        tell({"said": "key", "call": one.id, "key": digit.digit})

    def _gone(self, one: PhoneCall, text: str) -> None:
        if self._calls.pop(one.id, None) is None:
            return
        found = STATUS.match(text)
        stats = one.call.final_stats
        counted = {} if stats is None else {"sent": stats.tx_packets, "received": stats.rx_packets}
        if one.dropped:
            log.warning("call %s: %d keys came too fast", one.id, one.dropped)
        if one.other is not None:
            one.other.other = None
        if one.pump is not None:
            one.pump.cancel()
        self._spawn(self._leave(one))
        tell({"said": "closed", "call": one.id, "status": int(found[1]) if found else 0, "text": text[:200], **counted})

    async def _hang_up(self, one: PhoneCall) -> None:
        with contextlib.suppress(BaresipError):
            await one.call.hangup()

    async def _leave(self, one: PhoneCall) -> None:
        leg, one.leg = one.leg, None
        if leg is not None:
            await leg.close()

    # ------------------------------------------------------------ sound

    def _play(self, one: PhoneCall, files: Sequence[str], whole: bool) -> None:
        one.playing.clear()
        one.whole = whole
        for file in files:
            sound = pcm(Path(file))
            one.playing.extend(sound[at : at + FRAME * 2] for at in range(0, len(sound), FRAME * 2))
        one.plays = True

    async def _pump(self, one: PhoneCall) -> None:
        """Every 20 ms what came from the telephone goes on, and what it is to hear goes out."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            with contextlib.suppress(BaresipError):  # no sound yet, or renegotiated: the next turn has it
                self._turn(one)
            due = max(due + 0.02, loop.time() - 0.1)
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _turn(self, one: PhoneCall) -> None:
        audio, info = one.call.audio, one.call.audio.info()
        if one.up is None and info.rx_ready:
            one.up = Rates(info.rx_sample_rate, info.rx_channels, RATE)
        if one.down is None and info.tx_ready:
            one.down = Rates(RATE, 1, info.tx_sample_rate, info.tx_channels)
        heard = one.up(audio.read(info.rx_capacity)) if one.up is not None else b""
        if heard:
            if one.answer is not None:
                one.answer.add(heard)
            if one.leg is not None:
                one.leg.say(heard)
            if one.other is not None:
                one.other.across = (one.other.across + heard)[-MOST_ACROSS:]
        ahead = info.tx_buffered / 2 / max(1, info.tx_sample_rate * info.tx_channels)
        ready = one.down is not None and ahead < AHEAD
        told = self._next(one, ready)
        if told and ready and one.down is not None:
            if not info.tx_buffered:  # so that the next frame may be a little late
                audio.write(bytes(int(CUSHION * info.tx_sample_rate) * info.tx_channels * 2))
            audio.write(one.down(told))

    def _next(self, one: PhoneCall, ready: bool) -> bytes:
        room = one.leg.mixed() if one.leg is not None else b""
        if one.playing:  # not a frame of it is left out
            return one.playing.popleft() if ready else b""
        if one.plays:
            one.plays = False
            tell({"said": "played", "call": one.id})
        if one.other is not None:
            across, one.across = one.across, b""
            return across
        return room

    def _spawn(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("something failed", exc_info=fault)


def pcm(file: Path) -> bytes:
    """A WAV file's sound. FileNotFoundError; av's errors for what is none."""
    convert: Callable[[Any], list[Any]] = av.AudioResampler("s16", "mono", RATE).resample
    with av.open(str(file)) as container:
        frames = [one for frame in container.decode(audio=0) for one in convert(frame)]
        return b"".join(one.to_ndarray().tobytes() for one in [*frames, *convert(None)])


if __name__ == "__main__":
    main()
