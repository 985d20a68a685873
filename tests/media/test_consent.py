"""Who is silent and well is told from who is gone, within three seconds: by asking (RFC 7675)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aioice import stun

from media.engine import Connection, Matrix
from media.sfu.consent import ASK_EVERY, MAX_OPEN, Consent
from media.sfu.endpoint import Endpoint
from media.sfu.stun import Credentials
from tests.media.stage import InProcess, Stage, stage

OURS = Credentials("11223344", "the server's password 0000")
CLIENT = ("abcd", "the client's password 0000")
NOBODY = Matrix({}, {}, frozenset())


@pytest.fixture
def consent() -> Consent:
    made = Consent()
    made.client = CLIENT
    return made


def answer(question: bytes, password: str = CLIENT[1], transaction: bytes = b"") -> bytes:
    asked = stun.parse_message(question)
    attributes = {"XOR-MAPPED-ADDRESS": ("127.0.0.1", 9)}
    message = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction or asked.transaction_id, attributes)
    message.add_message_integrity(password.encode())
    return bytes(message)


def test_a_question_is_a_check_the_client_can_verify(consent: Consent) -> None:
    question = stun.parse_message(consent.question(OURS, 0.0))
    assert question.check_message_integrity(CLIENT[1].encode())
    assert question.attributes["USERNAME"] == "abcd:11223344"
    assert "ICE-CONTROLLED" in question.attributes
    assert "FINGERPRINT" in question.attributes
    assert "USE-CANDIDATE" not in question.attributes


def test_nothing_is_asked_before_the_clients_password_is_known() -> None:
    assert Consent().question(OURS, 0.0) == b""


def test_questions_keep_their_distance(consent: Consent) -> None:
    assert consent.question(OURS, 0.0)
    assert not consent.question(OURS, ASK_EVERY - 0.01)
    assert consent.question(OURS, ASK_EVERY)


def test_an_answer_counts_once(consent: Consent) -> None:
    given = answer(consent.question(OURS, 0.0))
    assert consent.answered_by(given)
    assert not consent.answered_by(given)


def test_a_late_answer_counts_as_well(consent: Consent) -> None:
    first = consent.question(OURS, 0.0)
    assert consent.question(OURS, 1.0)
    assert consent.answered_by(answer(first))


def test_only_the_clients_own_answer_to_our_question_counts(consent: Consent) -> None:
    question = consent.question(OURS, 0.0)
    genuine = answer(question)
    for forged in (
        answer(question, "another password 00000000"),
        answer(question, transaction=bytes(12)),
        genuine[:30],
        genuine[:40] + b"\xff\xff\xff\xff" + genuine[44:],
        b"\x01\x11" + genuine[2:],
        question,
        b"\x01",
        b"",
    ):
        assert not consent.answered_by(forged)
    assert consent.answered_by(genuine)


def test_questions_nobody_answers_are_forgotten(consent: Consent) -> None:
    first = consent.question(OURS, 0.0)
    for n in range(1, MAX_OPEN + 1):
        consent.question(OURS, float(n))
    assert not consent.answered_by(answer(first))


class Line:
    """A client's socket that has passed a check."""

    def __init__(self, endpoint: Endpoint, addr: Any = ("127.0.0.1", 9)) -> None:
        self.peer, self.addr, self.door = endpoint.add_peer(), addr, endpoint.doors[0]
        self.sent: list[bytes] = []
        own = self.peer.credentials
        request = stun.Message(
            stun.Method.BINDING, stun.Class.REQUEST, None, {"USERNAME": f"{own.ufrag}:abcd", "USE-CANDIDATE": None}
        )
        request.add_message_integrity(own.password.encode())
        self.door.datagram_received(bytes(request), addr)
        self.peer.consent.client = CLIENT
        self.peer.sendto = lambda data, _: self.sent.append(bytes(data)) or len(data)  # type: ignore[assignment,func-returns-value]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    bound = await Endpoint.bind("127.0.0.1", 0)
    yield bound
    bound.close()


async def test_an_answer_is_heard_from_the_clients_own_address_only(endpoint: Endpoint) -> None:
    line, heard = Line(endpoint), 1
    line.peer.ask(0.0)
    (question,) = line.sent
    line.door.datagram_received(answer(question), ("127.0.0.1", 10))
    assert (line.peer.heard, endpoint.drops["stun"]) == (heard, 1)
    line.door.datagram_received(answer(question), line.addr)
    assert line.peer.heard == heard + 1


@pytest.mark.media
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_whoever_goes_silent_is_noticed_within_three_seconds_and_nobody_else(address: str) -> None:
    async with stage(InProcess(address)) as one:
        ann = await one.join("ann", ["mic"])
        idle = await one.join("idle", [])
        well = await one.join("well", [])
        await one.everybody_hears_everybody()
        for listener in (idle, well):
            await listener.until(lambda listener=listener: listener.of("ann", "mic").loud > 0)  # type: ignore[misc]
        await one.engine.route(one.room, NOBODY)  # nothing flows to the two who send nothing
        await long_idle(one, 4.0)  # aiortc itself checks every 5 s
        since, began = len(one.events), time.monotonic()
        ann.go_silent()
        idle.go_silent()
        for name in ("ann", "idle"):
            await one.until(lambda e, name=name: e == Connection("r", name, "disconnected"), 5, since)  # type: ignore[misc]
        assert max(at for at, event in one.events[since:] if isinstance(event, Connection)) - began <= 3.0
        lost = {
            event.participant for _, event in one.events if isinstance(event, Connection) and event.state != "connected"
        }
        assert lost == {"ann", "idle"}
        idle.speak_again()
        await one.until(lambda e: e == Connection("r", "idle", "connected"), 2, since)


async def long_idle(one: Stage, seconds: float) -> None:
    """Nobody is given up who is only idle."""
    with pytest.raises(TimeoutError):
        await one.until(lambda e: isinstance(e, Connection) and e.state != "connected", seconds)


async def test_the_unanswered_are_asked_often_enough_before_they_count_as_gone(endpoint: Endpoint) -> None:
    line = Line(endpoint)
    for tick in range(20, 56):  # of 50 ms: from one second of silence to 2.8
        line.peer.ask(tick * 0.05)
    assert len(line.sent) >= 6
    line.peer.close()
    line.peer.ask(10.0)
    assert len(line.sent) <= 7
