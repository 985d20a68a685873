"""Calls, as pages ask for them: a mediator rings a seat's person, somebody dials in, an officer rings a citizen.

Each call is one task here. For whoever is on the telephone it does what their page would: answers the questions on the
way in as keys are pressed, waits to be let in, and is their one listener in the room; `server.rooms.phone.worker` has
the sound. Nothing but the room decides: who is not admitted has no media, and a private talk routes as for everybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from journal import SYSTEM, Actor, Event
from journal.refusals import DomainError, GuardianNeeded, Refused, Throttle, Unanswered
from media.engine import MediaError
from offices import Office, Officer
from recordings import VaultError
from recordings.files import answer_name, safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms import commands as c, events as e
from rooms.live import Subscription
from rooms.live.registry import Rooms
from rooms.seats import SeatState
from rooms.session import Session
from rooms.vocabulary import MINORS, Age, Consent, SeatStatus
from server.rooms.phone import Cause, cause_of, dialled
from server.rooms.phone.calls import Answer, CallLine, Leg, Over
from server.rooms.phone.store import DIGITS, DialInStore

log = logging.getLogger(__name__)

CODE_WITHIN: Final = 30.0
WRONG: Final = 3  # codes in one call
WRONG_CALLER: Final = 5  # codes an hour from one number
GOOD_AFTER_START: Final = timedelta(hours=12)
HAND: Final = "5"
NEEDED: Final = ("welcome", "spoken", "take_part", "recording", "waiting")  # prompts without which nobody can be asked
GONE: Final[Mapping[str, Cause]] = {
    "elsewhere": "elsewhere", "closed": "closed", "removed": "removed", "sent_back": "removed",
}  # fmt: skip
"""Why the room let go of a listener, as why the call ends."""
WRONG_ANYBODY: Final = 60  # codes an hour from all callers together
LOCKED_FOR: Final = timedelta(hours=1)
ALL: Final = "everybody"


class Numbers(Protocol):
    """Of people on file, in full."""

    async def of_seat(self, state: Session, seat: str) -> str: ...


class Handler(Protocol):
    """The office of a session, and who answers for its data as a notice names them."""

    async def __call__(self, office: str) -> tuple[Office | None, str]: ...


@dataclass(frozen=True, slots=True)
class DialIn:
    """Told once. `number` is dialled, then `code`."""

    number: str
    code: str
    expires: datetime


class PhoneService:
    """One of a server. `text`: the version of the texts people agree to; `captions`: whether there are any; `shelf`:
    where recordings lie."""

    def __init__(
        self,
        line: CallLine,
        rooms: Rooms,
        store: DialInStore,
        shelf: EncryptedFileStore,
        numbers: Numbers,
        handler: Handler,
        text: str,
        captions: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._line, self._rooms, self._store, self._shelf = line, rooms, store, shelf
        self._numbers, self._handler, self._text, self._captions, self._now = numbers, handler, text, captions, now
        self._rings = Throttle(20, timedelta(hours=1), "too_many_calls")
        self._codes = Throttle(WRONG_CALLER, LOCKED_FOR, "dial_in_locked")
        self._guesses = Throttle(WRONG_ANYBODY, LOCKED_FOR, "dial_in_locked")
        self._locked: dict[str, datetime] = {}
        line.on_incoming = lambda leg: line.spawn(self._welcome(leg))

    @property
    def dials_in(self) -> bool:
        return bool(self._line.trunk.dial_in)

    # ------------------------------------------------------------ pages

    async def ring(self, officer: Officer, session: str, seat: str) -> None:
        """Call the seat's person at the number on file. Refused: not_found, no_phone, phone_down, phone_unready
        (params: missing), too_many_calls; DomainError: call_under_way, seat_present, guardian_needed."""
        state = await self._own(officer, session, seat)
        if state.seats[seat].age in MINORS:
            raise GuardianNeeded  # nobody can tell on the telephone that a guardian is there
        number = dialled(await self._numbers.of_seat(state, seat))
        if not number:
            raise Refused("no_phone", 409)
        self._line.ready(NEEDED)
        self._rings.pass_(f"{session} {seat}")
        leg = Leg(uuid.uuid4().hex)
        await self._rooms.submit(session, c.BeginCall(seat, leg.id, "out"), officer.actor)
        self._line.begin(number, leg)
        self._line.spawn(self._conduct(leg, session, seat, "call"))

    async def hang_up(self, officer: Officer, session: str, seat: str) -> None:
        """Whatever stage it is in. Asking again changes nothing."""
        state = await self._own(officer, session, seat)
        call = state.seats[seat].call
        if (leg := self._line.named(call)) is not None:
            self._line.end(leg, "mediator")
        elif call:
            await self._rooms.submit(session, c.EndCall(seat, call, "server"), SYSTEM)

    async def dial_in(self, officer: Officer, session: str, seat: str) -> DialIn:
        """A fresh code for the seat. Refused: not_found, no_dial_in, phone_unready."""
        state = await self._own(officer, session, seat)
        if not self._line.trunk.dial_in:
            raise Refused("no_dial_in", 409)
        self._line.prompted((*NEEDED, "code"))
        now = self._now()
        expires = max(now, state.starts) + GOOD_AFTER_START
        code = await self._store.issue(session, seat, officer.id, now, expires)
        return DialIn(self._line.trunk.dial_in, code, expires)

    async def closed(self, session: str, _state: Session) -> None:
        """As one of `Rooms.on_closed`."""
        await self._store.revoke(session)

    async def _own(self, officer: Officer, session: str, seat: str) -> Session:
        state = await self._rooms.state(session)
        if state.mediator != officer.id:
            raise Refused("not_found", 404)
        if seat not in state.seats or state.seats[seat].signs_in:
            raise Refused("unknown_seat", 404)
        return state

    # ------------------------------------------------------------ one call

    async def _conduct(self, leg: Leg, session: str, seat: str, method: str) -> None:
        cause: Cause = "server"
        try:
            cause = await self._through(leg, session, seat, method)
        finally:
            self._line.end(leg, cause)  # nobody is left on a line that nobody attends to
            self._line.forget(leg, cause)
            with contextlib.suppress(DomainError, Unanswered):
                await self._rooms.submit(session, c.EndCall(seat, leg.id, cause), SYSTEM)

    async def _through(self, leg: Leg, session: str, seat: str, method: str) -> Cause:
        try:
            if not leg.answered:
                ringing = c.NoteCall(seat, leg.id, "ringing")
                await self._line.until_answered(leg, lambda: self._rooms.submit(session, ringing, SYSTEM))
            await self._rooms.submit(session, c.NoteCall(seat, leg.id, "answered"), SYSTEM)
            visit = _Visit(self, leg, session, seat, self._actor(await self._rooms.state(session), seat))
            await visit.ask(method)
            return await visit.stay()
        except Over as over:
            return over.cause
        except (DomainError, MediaError) as no:
            log.warning("a call ended: %s", no)
            self._line.end(leg, "closed")
            return "closed"

    @staticmethod
    def _actor(state: Session, seat: str) -> Actor:
        one = state.seats[seat]
        return Actor("party", seat, one.name, one.role, state.office)

    # ------------------------------------------------------------ dialling in

    async def _welcome(self, leg: Leg) -> None:
        try:
            found = await self._admitted(leg)
        except (Over, TimeoutError):
            found = None
        if found is None:
            self._line.end(leg, "closed")
            self._line.forget(leg)
            return
        session, seat = found
        try:
            await self._rooms.submit(session, c.BeginCall(seat, leg.id, "in"), SYSTEM)
        except (DomainError, Unanswered) as no:
            log.info("nobody is put through: %s", no)
            self._line.play(leg, "goodbye")
            self._line.end(leg, "closed")
            self._line.forget(leg)
            return
        await self._conduct(leg, session, seat, "dial_in")

    async def _admitted(self, leg: Leg) -> tuple[str, str] | None:
        """Whose seat the caller's code opens. Over."""
        trunk = self._line.trunk
        if not trunk.dial_in or not all(trunk.prompt(name) for name in (*NEEDED, "code")):
            self._line.end(leg, "closed")
            return None
        if self._is_locked(leg.caller) or self._is_locked(ALL):
            self._line.end(leg, "wrong_code")
            return None
        self._line.process.do("answer", leg.id)
        while (await self._line.next(leg, 30.0))["said"] != "answered":
            pass
        for turn in range(WRONG):
            self._line.play(leg, "code" if not turn else "wrong_code")
            code = await self._typed(leg)
            if len(code) == DIGITS and (found := await self._store.use(code, leg.caller, self._now())) is not None:
                return found.session, found.seat
            if self._count_wrong(leg.caller):
                break
        self._line.play(leg, "locked")
        with contextlib.suppress(TimeoutError):
            while (await self._line.next(leg, 10.0))["said"] != "played":
                pass
        self._line.end(leg, "wrong_code")
        return None

    def _is_locked(self, key: str) -> bool:
        return self._locked.get(key, self._now()) > self._now()

    def _count_wrong(self, caller: str) -> bool:
        """Whether that was one too many."""
        for throttle, key in ((self._codes, caller), (self._guesses, ALL)):
            try:
                throttle.pass_(key)
            except Refused:
                now = self._now()
                self._locked = {one: until for one, until in self._locked.items() if until > now}
                self._locked[key] = now + LOCKED_FOR
                log.warning("dialling in is locked %s", "for everybody" if key == ALL else "for one caller")
                return True
        return False

    async def _typed(self, leg: Leg) -> str:
        code = ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CODE_WITHIN):
                while len(code) < DIGITS:
                    said = await self._line.next(leg)
                    if said["said"] == "key":
                        if said["key"] == "#":
                            break
                        code += said["key"]
        return code


class _Visit:
    """Somebody on the telephone, from the first question to the last word."""

    def __init__(self, service: PhoneService, leg: Leg, session: str, seat: str, actor: Actor) -> None:
        self._at, self._leg, self._session, self._seat, self._actor = service, leg, session, seat, actor
        self._waits = False

    async def _submit(self, command: c.Command) -> Sequence[Event]:
        return await self._at._rooms.submit(self._session, command, self._actor)

    async def _state(self) -> SeatState:
        return (await self._at._rooms.state(self._session)).seats[self._seat]

    async def ask(self, method: str) -> None:
        """The questions of the way in, once it is said that the answers are kept as sound. Over where somebody does not
        take part."""
        at, leg = self._at, self._leg
        seat = await self._state()
        _, handler = await at._handler(self._actor.office)
        comes = seat.participate is not True or not seat.confirmed
        asked = [(Consent.RECORD, "recording")]
        if at._captions and at._line.trunk.prompt("captions"):
            asked.append((Consent.TRANSCRIBE, "captions"))
        asked = [(kind, question) for kind, question in asked if seat.answered(kind)[0] is None]
        if comes or asked:
            await at._line.announce(leg, "welcome", "spoken")
        else:
            at._line.play(leg, "welcome")
        if comes:
            key, answer = await at._line.ask(leg, "take_part")
            if answer is None:  # whoever it was has not said that it is them: nothing is noted as that person's answer
                await self._bye("no_consent")
            else:
                who: list[c.Command] = [c.ConfirmIdentity(method)]
                if not seat.age:
                    who.append(c.StateAge(Age.ADULT))  # the prompt asks for that of the key 1
                await self._agree(Consent.PARTICIPATE, key, answer, handler, who)
        for kind, question in asked:
            key, answer = await at._line.ask(leg, question)
            if answer is None:
                await self._submit(c.KeyConsent(leg.id, kind, False, key, at._text, handler))
            else:
                await self._agree(kind, key, answer, handler)
        await self._submit(c.CheckDevice("audio", (), True))

    async def _agree(
        self, kind: Consent, key: str, answer: Answer, handler: str, before: Sequence[c.Command] = ()
    ) -> None:
        """Note a yes once its sound is durable: there is none without. Over where it cannot be kept."""
        at, leg = self._at, self._leg
        path = f"{safe_id(self._session)}/{safe_id(self._seat)}/{answer_name(answer.began)}"
        try:
            stored = await asyncio.to_thread(at._shelf.put, self._session, path, io.BytesIO(answer.sound))
        except (OSError, VaultError) as fault:
            log.exception("what was said by telephone cannot be kept")
            at._line.end(leg, "server")
            raise Over("server") from fault
        sound = c.AnswerSound(
            path, stored.sha256, stored.size, answer.began, answer.ended, answer.audible_ms, stored.stored_sha256,
            stored.stored_size, stored.sm3,
        )  # fmt: skip
        try:
            for command in before:
                await self._submit(command)
            told = await self._submit(c.KeyConsent(leg.id, kind, True, key, at._text, handler, sound))
        except DomainError:
            await asyncio.to_thread(at._shelf.remove, path)
            raise
        # Where nobody can tell whether it was noted, `CompositionService.account` finds out.
        if not any(event.type == e.ConsentSpoken.__name__ for event in told):
            await asyncio.to_thread(at._shelf.remove, path)  # it had been answered before

    async def stay(self) -> Cause:
        """In the waiting room and in the room, until somebody hangs up."""
        rooms = self._at._rooms
        await rooms.own(self._session)
        subscription = await rooms.attach(self._session, self._seat)
        told = asyncio.create_task(self._listen(subscription))
        try:
            return await self._attend(subscription)
        finally:
            told.cancel()
            await asyncio.gather(told, return_exceptions=True)
            with contextlib.suppress(DomainError, Unanswered):
                if self._left_by_choice():
                    await self._submit(c.Leave())
            subscription.close()

    def _left_by_choice(self) -> bool:
        """A line that breaks is waited for, as a device's is; who hangs up has left."""
        if self._leg.cause is None and self._leg.ended is not None:
            return cause_of(self._leg.ended, True) == "person"
        return self._leg.cause == "mediator"

    async def _listen(self, subscription: Subscription) -> None:
        """What the room says, into the same inbox as what the telephone does."""
        async for name, body in subscription:
            self._at._line.hear(self._leg, {"said": "room", "name": name, "body": body})

    async def _attend(self, subscription: Subscription) -> Cause:
        at, leg = self._at, self._leg
        inside = False
        while True:
            try:
                said = await at._line.next(leg)
            except Over as over:
                return over.cause
            match said["said"]:
                case "key" if inside:
                    await self._key(said["key"])
                case "publish":
                    answer = await at._rooms.media_publish(self._session, self._seat, said["sdp"], said["sources"])
                    at._line.process.do("published", leg.id, sdp=answer)
                case "answer":
                    with contextlib.suppress(DomainError, MediaError):  # it left meanwhile
                        await at._rooms.media_answer(self._session, self._seat, said["sdp"])
                case "room" if said["name"] == "media_offer":
                    at._line.process.do("offer", leg.id, sdp=json.loads(said["body"])["sdp"])
                case "room" if said["name"] == "media_lost":
                    inside = False
                case "room" if said["name"] == "gone":
                    await self._gone(str(json.loads(said["body"])["code"]))
            if said["said"] == "room":
                inside = await self._follow(inside)

    async def _follow(self, inside: bool) -> bool:
        """In or out of the media as the room has it."""
        at, leg = self._at, self._leg
        state = await at._rooms.state(self._session)
        seat = state.seats[self._seat]
        if seat.call != leg.id:
            await self._bye("server")
        if state.over:
            await self._gone("closed")
        if seat.in_room and not inside:
            await at._rooms.media_join(self._session, self._seat)
            at._line.process.do("join", leg.id)
            at._line.play(leg, "admitted")
            return True
        if inside and not seat.in_room:
            at._line.process.do("leave", leg.id)
        if not seat.in_room and (inside or not self._waits):
            self._waits = True
            at._line.play(leg, "waiting")
        if seat.status is SeatStatus.INVITED:  # sent back
            await self._bye("removed")
        return seat.in_room

    async def _key(self, key: str) -> None:
        if key == HAND:
            await self._submit(c.SetHand(not (await self._state()).hand))

    async def _gone(self, code: str) -> None:
        await self._bye(GONE.get(code, "server"))

    async def _bye(self, cause: Cause) -> None:
        """Say so, and hang up. Over."""
        at, leg = self._at, self._leg
        leg.cause = leg.cause or cause
        if leg.ended is None:
            at._line.process.do("leave", leg.id)
            at._line.play(leg, "goodbye")
            with contextlib.suppress(TimeoutError, Over):
                async with asyncio.timeout(8.0 if at._line.trunk.prompt("goodbye") else 0.0):
                    while (await at._line.next(leg))["said"] != "played":
                        pass
            at._line.end(leg, cause)
        raise Over(cause)
