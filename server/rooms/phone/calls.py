"""One trunk's calls: begun, heard of and ended; what those who conduct them share; click-to-call; and the web process's
handle of the phone process, which starts it, starts it again, and passes on what it says.

That process begins only where a trunk is configured, and ends when its standard input closes, however we end. Of
click-to-call the officer's own telephone rings first, then the person's on file, and the two are put together: no sound
of it is kept; that it was, how long and how it ended is on the complaint.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import logging
import sys
import uuid
from base64 import b64decode
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from complaints.procedure import OfficerCalled
from journal.refusals import DomainError, Refused, Throttle, Unanswered
from offices import Officer
from offices.systems import ConnectionKind
from server.connections import ConnectionFault
from server.rooms.phone import Cause, Ended, PhoneTrunk, caller_of, cause_of, dialled

LARGEST: Final = 1 << 20
PAUSES: Final = (0.1, 0.5, 2.0, 5.0, 15.0)  # seconds until it is started again
STOPS_WITHIN: Final = 5.0

Said = dict[str, Any]


def installed() -> bool:
    """Whether the SIP stack is there: `pip install yuntiao[phone]`."""
    return importlib.util.find_spec("baresip") is not None


class PhoneProcess:
    """`on_said` hears every line, and `{"said": "died"}` when the process is gone and its calls with it."""

    def __init__(self, trunk: PhoneTrunk, media_address: str, log_format: str = "text") -> None:
        self._trunk, self._media_address, self._log_format = trunk, media_address, log_format
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.on_said: Callable[[Said], None] = lambda said: None
        self.registered = False
        self.fault = "not started"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._keep(), name="phone")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def do(self, what: str, call: str, **more: Any) -> bool:
        """Whether there is a process to do it."""
        if self._process is None or self._process.returncode is not None or self._process.stdin is None:
            return False
        self._process.stdin.write(json.dumps({"do": what, "call": call, **more}).encode() + b"\n")
        return True

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._run()
            except (OSError, ValueError) as fault:  # the password's file, the trunk's name, no memory
                self.fault = str(fault)
                log.error("the phone does not start: %s", fault)
            lived = asyncio.get_running_loop().time() - began
            failures = 0 if lived > 60 else failures + 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        settings = await loop.run_in_executor(None, self._trunk.worker_settings, self._media_address)
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server.rooms.phone.worker", "--log-format", self._log_format,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LARGEST,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            async for line in process.stdout:
                self._take(json.loads(line))
            log.error("the phone process ended (%s)", await process.wait())
        finally:
            await self._end(process)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._process, self.registered, self.fault = None, False, "the phone process ended"
        assert process.stdin is not None
        process.stdin.close()  # it hangs up, and goes
        try:
            await asyncio.wait_for(process.wait(), STOPS_WITHIN)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        finally:
            self.on_said({"said": "died"})

    def _take(self, said: Said) -> None:
        if said["said"] == "registered":
            self.registered, self.fault = bool(said["on"]), str(said["why"])
            if not self.registered:
                log.warning("the trunk refuses us: %s", self.fault)
        self.on_said(said)


log = logging.getLogger(__name__)

ASKED: Final = 3  # times each question is asked
ANSWERS_WITHIN: Final = 20.0  # seconds, each time
LONGEST_PROMPTS: Final = 120.0
HANDED_OVER_WITHIN: Final = 10.0


@dataclass
class Leg:
    """A call, and what its task has heard of it."""

    id: str
    inbox: asyncio.Queue[dict[str, Any]] = field(default_factory=lambda: asyncio.Queue(256))
    answered: bool = False
    ended: Ended | None = None
    cause: Cause | None = None  # where we hung up
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said until the key was pressed: WebM, and for how many milliseconds of it something could be heard."""

    sound: bytes
    began: datetime
    ended: datetime
    audible_ms: int


class Over(Exception):
    """The call has ended, or is to."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


class CallLine:
    """`on_incoming` hears of each call that comes in, `went` how the connection fares."""

    def __init__(self, process: PhoneProcess, trunk: PhoneTrunk, name: str = "trunk") -> None:
        self.process, self.trunk, self._name = process, trunk, name
        self._legs: dict[str, Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_incoming: Callable[[Leg], None] = lambda leg: self.end(leg, "closed")
        self.went: tuple[Callable[[ConnectionKind, str], None], Callable[[ConnectionKind, str, ConnectionFault], None]]
        self.went = (lambda kind, name: None, lambda kind, name, fault: None)
        process.on_said = self._said

    def ready(self, prompts: Sequence[str]) -> None:
        """Refused: phone_unready where a prompt is missing, phone_down."""
        self.prompted(prompts)
        if self.process.pid is None or not self.process.registered:
            raise Refused("phone_down", 503)

    def prompted(self, prompts: Sequence[str]) -> None:
        """Refused: phone_unready (params: missing)."""
        if missing := [name for name in prompts if not self.trunk.prompt(name)]:
            raise Refused("phone_unready", 409, missing=", ".join(missing))

    def begin(self, number: str, leg: Leg | None = None) -> Leg:
        leg = leg or Leg(uuid.uuid4().hex)
        self._legs[leg.id] = leg
        self.process.do("call", leg.id, number=number)
        return leg

    def named(self, call: str) -> Leg | None:
        return self._legs.get(call)

    def forget(self, leg: Leg, cause: Cause | None = None) -> None:
        """It is over; `cause` tells how the connection fared."""
        if leg.answered or cause in ("busy", "no_answer", "rejected"):
            self.went[0]("phone", self._name)
        elif cause == "trunk":
            self.went[1]("phone", self._name, self._fault(leg.ended.text if leg.ended else ""))
        self._legs.pop(leg.id, None)

    async def try_line(self, number: str) -> None:
        """Ring a number, and hang up once it rings. ConnectionFault."""
        if not (wanted := dialled(number)):
            raise ConnectionFault("bad_input")
        if self.process.pid is None or not self.process.registered:
            raise self._fault(self.process.fault)
        leg = self.begin(wanted)
        try:
            async with asyncio.timeout(25.0):
                while (await self.next(leg))["said"] not in ("ringing", "answered"):
                    pass
        except Over as over:
            if over.cause in ("trunk", "server"):
                raise ConnectionFault("unreachable", leg.ended.text if leg.ended else "", again=True) from None
        except TimeoutError:
            raise ConnectionFault("slow") from None
        finally:
            self.end(leg, "person")
            self._legs.pop(leg.id, None)

    @staticmethod
    def _fault(told: str) -> ConnectionFault:
        return ConnectionFault("refused" if told[:3] in ("401", "403", "407") else "unreachable", told)

    # ------------------------------------------------------------ what the process says

    def _said(self, said: dict[str, Any]) -> None:
        match said["said"]:
            case "died":
                for leg in list(self._legs.values()):
                    leg.cause = "server"
                    self.hear(leg, {"said": "closed", "status": 0, "text": "died"})
            case "registered":
                if said["on"]:
                    self.went[0]("phone", self._name)
                else:
                    self.went[1]("phone", self._name, self._fault(said["why"]))
            case "incoming":
                leg = self._legs[said["call"]] = Leg(said["call"], caller=caller_of(said["from"]))
                self.on_incoming(leg)
            case _ if (known := self._legs.get(said.get("call", ""))) is not None:
                self.hear(known, said)

    def hear(self, leg: Leg, said: dict[str, Any]) -> None:
        if said["said"] == "answered":
            leg.answered = True
        if said["said"] == "closed":
            leg.ended = Ended(said["status"], said["text"])
        with contextlib.suppress(asyncio.QueueFull):  # keys are bounded where they come in
            leg.inbox.put_nowait(said)

    def end(self, leg: Leg, cause: Cause) -> None:
        """Hang up: its task hears that it is over."""
        leg.cause = leg.cause or cause
        if not self.process.do("hang_up", leg.id):
            self.hear(leg, {"said": "closed", "status": 0, "text": "no process"})

    async def next(self, leg: Leg, seconds: float | None = None) -> dict[str, Any]:
        """The next of what the process said; TimeoutError; Over when the call is."""
        if leg.ended is None or not leg.inbox.empty():
            async with asyncio.timeout(seconds):
                said = await leg.inbox.get()
            if said["said"] != "closed":
                return said
        assert leg.ended is not None
        raise Over(leg.cause or cause_of(leg.ended, leg.answered))

    async def until_answered(self, leg: Leg, ringing: Callable[[], Coroutine[Any, Any, object]] | None = None) -> None:
        """Over when nobody does in time."""
        try:
            async with asyncio.timeout(self.trunk.rings):
                while (said := await self.next(leg))["said"] != "answered":
                    if said["said"] == "ringing" and ringing is not None:
                        await ringing()
        except TimeoutError:
            self.end(leg, "no_answer")
            raise Over("no_answer") from None

    def play(self, leg: Leg, *names: str, whole: bool = False) -> None:
        files = [str(path) for name in names if (path := self.trunk.prompt(name)) is not None]
        if files:
            self.process.do("play", leg.id, files=files, whole=whole)

    async def announce(self, leg: Leg, *names: str) -> None:
        """Play to the end, whatever is pressed. Over, also where nothing can be played."""
        self.play(leg, *names, whole=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_PROMPTS):
                while (await self.next(leg))["said"] != "played":
                    pass
                return
        self.end(leg, "server")
        raise Over("server")

    async def ask(self, leg: Leg, question: str) -> tuple[str, Answer | None]:
        """The key that answers a question, 1 or 2, and of a 1 what was said until then; of anything else nothing is
        left. Over when nobody answers, and where the sound is not to be had."""
        self.process.do("keep", leg.id)
        key = await self._choose(leg, question)
        if key != "1":
            self.process.do("drop", leg.id)
            return key, None
        self.process.do("spoken", leg.id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANDED_OVER_WITHIN):
                while (said := await self.next(leg))["said"] != "spoken":
                    pass
            began, ended = (datetime.fromtimestamp(round(said[at], 3), UTC) for at in ("began", "ended"))
            return key, Answer(b64decode(said["sound"]), began, ended, said["audible_ms"])
        log.error("what was said by telephone was not handed over")
        self.end(leg, "server")
        raise Over("server")

    async def _choose(self, leg: Leg, question: str) -> str:
        self._forget_keys(leg)
        for turn in range(ASKED):
            self.play(leg, *(("again",) if turn else ()), question)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWERS_WITHIN):
                    while True:
                        said = await self.next(leg)
                        if said["said"] == "key" and said["key"] in "12":
                            return str(said["key"])
        self.end(leg, "no_consent")
        raise Over("no_consent")

    @staticmethod
    def _forget_keys(leg: Leg) -> None:
        """Those that were pressed before a question answer another one, or none."""
        waiting = [leg.inbox.get_nowait() for _ in range(leg.inbox.qsize())]
        for said in waiting:
            if said["said"] != "key":
                leg.inbox.put_nowait(said)

    def spawn(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing, name="call")
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("a call failed", exc_info=fault)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.process.stop()


class CalledComplaints(Protocol):
    async def reveal(self, officer: Officer, complaint: str, which: str, reason: str) -> str: ...

    async def note_call(self, officer: Officer, complaint: str, call: OfficerCalled) -> None: ...


class OfficerCalls:
    def __init__(self, line: CallLine, complaints: CalledComplaints) -> None:
        self._line, self._complaints = line, complaints
        self._rings = Throttle(30, timedelta(hours=1), "too_many_calls")

    async def connect(self, officer: Officer, complaint: str, which: str) -> None:
        """Of a complaint in hand, which the caller has seen to; the look at the number is in the journal as any.
        Refused: no_phone, phone_down, too_many_calls."""
        self._line.ready(())
        number = dialled(await self._complaints.reveal(officer, complaint, which, ""))
        if not number:
            raise Refused("no_phone", 409)
        self._rings.pass_(officer.id)
        own = self._line.begin(self._line.trunk.officer_extension.replace("{officer}", officer.login))
        self._line.spawn(self._put_through(own, number, officer, complaint, which))

    async def _put_through(self, own: Leg, number: str, officer: Officer, complaint: str, which: str) -> None:
        whose, _, what = which.partition(".")
        loop, began, far = asyncio.get_running_loop(), 0.0, None
        cause: Cause = "server"
        try:
            await self._line.until_answered(own)
            far = self._line.begin(number)
            await self._while_there(own, self._line.until_answered(far))
            began = loop.time()
            self._line.process.do("bridge", own.id, **{"with": far.id})
            await self._while_there(own, self._until_over(far))
        except Over as over:
            cause = over.cause
            if far is None:
                log.info("an officer did not answer their own telephone: %s", cause)
        finally:
            for leg in filter(None, (own, far)):
                self._line.end(leg, "mediator")
                self._line.forget(leg)
            if far is not None:
                seconds = round(loop.time() - began) if began else 0
                called = OfficerCalled(whose, what or "phone", bool(began), seconds, cause)
                with contextlib.suppress(DomainError, Unanswered):
                    await self._complaints.note_call(officer, complaint, called)

    async def _while_there(self, own: Leg, doing: Coroutine[Any, Any, None]) -> None:
        """Until it is done; Over, as "mediator", once the officer has hung up."""
        wanted, gone = asyncio.ensure_future(doing), asyncio.ensure_future(self._until_over(own))
        try:
            await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                raise Over("mediator")
            await wanted
        finally:
            wanted.cancel()
            gone.cancel()
            await asyncio.gather(wanted, gone, return_exceptions=True)

    async def _until_over(self, leg: Leg) -> None:
        while True:
            await self._line.next(leg)
