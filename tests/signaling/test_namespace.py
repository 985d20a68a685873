from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
import socketio

from media import engine as m
from media.sfu.control import TokenBucket
from rooms import commands as c
from rooms.vocabulary import SeatStatus, Side
from signaling.namespace import LARGEST_MESSAGE, MESSAGES_PER_SECOND, NAMESPACE
from signaling.transport import COMMANDS
from tests.rooms.house import X
from tests.rooms.scene import BU, CO, M, party
from tests.signaling.conftest import Line

SETTLED = {
    "outcome": {
        "kind": "settled",
        "terms": [
            {"who": "business", "action": "退还积分款", "amount": "2000.00", "due": None, "how": "微信",
             "performance": "on_the_spot"}
        ],
        "loss_recovered": None, "ground": None, "adjourned_to": None, "note": "",
    }
}  # fmt: skip


async def test_a_mediation_from_the_door_to_the_outcome(line: Line) -> None:
    mediator = await line.connect(M, session=X)
    first = await mediator.heard("view")
    assert first["view"]["you"] == {"seat": M, "role": "mediator", "side": None, "mediator": True, "removed": ""}
    assert await mediator.ask("arrive") == {"ok": {}}
    await line.house.prepare(CO)
    consumer = await line.connect(CO)
    assert await consumer.ask("arrive") == {"ok": {}}
    assert set((await consumer.sees("Arrived"))["view"]) == {"session", "you", "seats"}
    await mediator.sees("Arrived")
    assert await mediator.ask("admit", {"seat": CO}) == {"ok": {}}
    admitted = await consumer.sees("Admitted")
    assert admitted["view"]["clock"]["session_ms"] == 0
    assert await consumer.ask("media_join") == {"ok": {"kind": "negotiated"}}
    answer = await consumer.ask("media_publish", {"sdp": "v=0", "sources": {"0": "mic", "1": "camera"}})
    assert answer == {"ok": {"sdp": f"answer to {CO}"}}
    line.house.engine.tell(m.Offer(X, CO, "v=0 offer", (m.OfferedTrack("0", M, "mic", True),)))
    offer = await consumer.heard("media_offer")
    assert offer["tracks"] == [{"mid": "0", "seat": M, "source": "mic", "active": True}]
    assert await consumer.ask("media_answer", {"sdp": "v=0"}) == {"ok": {}}
    assert await consumer.ask("say", {"text": "您好", "to": M}) == {"ok": {}}
    assert (await mediator.heard("line", n=1))["text"] == "您好"
    assert await mediator.ask("propose_outcome", SETTLED) == {"ok": {}}
    shown = await consumer.sees("OutcomeProposed")
    assert shown["view"]["outcome"]["proposed"]["loss_recovered"] == "2000.00"
    refused = await mediator.ask("close", {"anyway": ""})
    assert refused == {"error": {"code": "outcome_not_seen", "params": {"seats": [CO]}}}
    assert await consumer.ask("see_outcome", {"number": 1}) == {"ok": {}}
    assert await mediator.ask("close", {"anyway": ""}) == {"ok": {}}
    assert (await consumer.sees("SessionClosed"))["view"]["closed"]["kind"] == "settled"
    assert await consumer.heard("gone") == {"code": "closed"}
    await consumer.cut_off()
    await mediator.cut_off()


@pytest.mark.parametrize(
    ("seat", "session", "code"),
    [("", "", "sign_in"), ("s-elsewhere", "", "unknown_seat"), (M, "nothing", "unknown_session")],
)
async def test_a_connection_without_a_seat_is_refused_with_a_code(
    line: Line, seat: str, session: str, code: str
) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await line.connect(seat, session=session)
    assert line.clients[-1].refused == {"message": code, "data": {"code": code}}


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("fly", None, "unknown_message"),
        ("connect_to_everything", {}, "unknown_message"),
        ("stop", None, "unknown_message"),
        ("mute", None, "bad_message"),
        ("mute", {"seat": 7}, "bad_message"),
        ("mute", {"seat": CO, "as": M}, "bad_message"),
        ("mute", [CO], "bad_message"),
        ("mute", "s-c", "bad_message"),
        ("mute", {"seat": "s-nobody"}, "unknown_seat"),
        ("enter_phase", {"phase": "lunch"}, "bad_message"),
        ("say", {"text": "长" * 2001}, "too_long"),
        ("say", {"text": "长" * 9000}, "bad_message"),
        ("say", {"text": "  "}, "missing"),
        ("propose_outcome", {"outcome": {"kind": "settled"}}, "bad_outcome"),
        (
            "propose_outcome",
            {"outcome": {"kind": "settled", "terms": [{"who": "business", "action": "退款", "amount": 0.1}]}},
            "bad_message",
        ),
        (
            "propose_outcome",
            {"outcome": {"kind": "settled", "terms": [{"who": "business", "action": "退款", "amount": "NaN"}]}},
            "bad_message",
        ),
        ("media_publish", {"sdp": "x" * 40_000, "sources": {}}, "bad_message"),
        ("media_publish", {"sdp": "nonsense", "sources": {}}, "not_admitted"),
        ("report_quality", {"loss_up": 1.2}, "bad_message"),
        ("report_quality", {"rtt": float("inf")}, "bad_message"),
        ("report_quality", {"up": -1}, "bad_message"),
        ("report_quality", {"browser": "x"}, "bad_message"),
    ],
)
async def test_every_message_is_answered_whatever_is_wrong_with_it(line: Line, name: str, body: Any, code: str) -> None:
    mediator = await line.enter(M)
    answer = await mediator.ask(name, body)
    assert answer["error"]["code"] == code


async def test_a_measurement_is_answered_with_the_quality_it_makes_and_taken_once_a_second(line: Line) -> None:
    mediator = await line.enter(M)
    measured = {"loss_up": 0.08, "rtt": 0.12, "frames": 14.5, "available": 300, "relayed": True}
    assert await mediator.ask("report_quality", measured) == {"ok": {"level": 2}}
    assert (await mediator.ask("report_quality", measured))["error"]["code"] == "too_fast"


async def test_a_bad_description_is_told_with_the_line_at_fault(line: Line) -> None:
    mediator = await line.enter(M)
    await mediator.ask("media_join")
    answer = await mediator.ask("media_publish", {"sdp": "nonsense", "sources": {"0": "mic"}})
    assert answer == {"error": {"code": "bad_description", "params": {"problem": "m_line", "line": "m="}}}


async def test_a_newer_connection_ends_the_older_and_the_seat_stays(line: Line) -> None:
    older = await line.enter(M)
    newer = await line.connect(M, session=X)
    assert await older.heard("gone") == {"code": "elsewhere"}
    await older.cut_off()
    assert await newer.ask("set_door", {"locked": True}) == {"ok": {}}
    assert (await line.house.rooms.state(X)).seats[M].status is SeatStatus.PRESENT


async def test_messages_sent_without_waiting_are_decided_in_order(line: Line) -> None:
    mediator = await line.enter(M)
    phases = ["discussion", "proposal", "closing", "opening", "discussion"]
    for phase in phases:
        await mediator.socket.emit("enter_phase", {"phase": phase}, namespace=NAMESPACE)
    await mediator.ask("set_door", {"locked": True})
    events = await line.house.journal.read(f"session/{X}")
    assert [event.data["phase"] for event in events if event.type == "PhaseEntered"][1:] == phases


async def test_a_closed_tab_is_seen_as_reconnecting(line: Line) -> None:
    mediator = await line.enter(M)
    consumer = await line.enter(CO)
    await consumer.socket.disconnect()
    body = await mediator.sees("Disconnected")
    (seat,) = [seat for seat in body["view"]["seats"] if seat["id"] == CO]
    assert seat["status"] == "reconnecting"


async def test_a_removed_person_is_told_and_cut_off(line: Line) -> None:
    mediator = await line.enter(M)
    consumer = await line.enter(CO)
    await mediator.ask("remove", {"seat": CO, "reason": "辱骂"})
    assert await consumer.heard("gone") == {"code": "removed"}
    await consumer.cut_off()


async def test_a_flood_is_refused_and_the_connection_lives(line: Line) -> None:
    mediator = await line.enter(M)
    answers = await asyncio.gather(*(mediator.ask("set_door", {"locked": True}) for _ in range(90)))
    codes = {answer["error"]["code"] for answer in answers if "error" in answer}
    assert codes == {"too_fast"}
    assert {"ok": {}} in answers


async def test_a_message_too_large_ends_the_connection_before_it_is_read(line: Line) -> None:
    mediator = await line.enter(M)
    before = len(await line.house.types())
    await mediator.socket.emit("say", {"text": "长" * LARGEST_MESSAGE}, namespace=NAMESPACE)
    await mediator.cut_off()
    state = await line.house.rooms.state(X)
    assert state.written == {}
    assert len(await line.house.types()) - before <= 1


def test_an_allowance_refills_with_time_and_never_beyond_a_second() -> None:
    allowance = TokenBucket(MESSAGES_PER_SECOND, MESSAGES_PER_SECOND, 0.0)
    assert all(allowance.take(0.0) for _ in range(MESSAGES_PER_SECOND))
    assert not allowance.take(0.0)
    assert allowance.take(0.05)
    assert sum(allowance.take(100.0) for _ in range(100)) == MESSAGES_PER_SECOND


# ------------------------------------------------------------ forged ids

SAMPLES: dict[str, dict[str, Any]] = {
    "remove": {"reason": "伪造"},
    "cover_opening": {"item": "rights", "done": True},
    "enter_phase": {"phase": "closing"},
    "set_door": {"locked": True},
    "set_background": {"background": "blurred"},
    "show_law": {"article": "consumer-55"},
    "show_typical": {"case": "sample-gym-closed"},
    "take_card": {"kind": "food"},
    "check_item": {"item": "opening.introduced"},
    "assist": {"helper": "王小华", "relation": "station", "agreed": True},
    "set_hand": {"raised": True},
    "set_camera": {"on": True},
    "set_captions": {"on": False},
    "ask_captions": {"on": True},
    "set_screen": {"on": True},
    "say": {"text": "伪造", "to": BU},
    "withdraw_exhibit": {"exhibit": "x-a"},
    "release_exhibit": {"exhibit": "x-a"},
    "show_exhibit": {"exhibit": "x-a"},
    "turn_page": {"page": 2},
    "mark_exhibit": {"shape": "box", "points": [[1, 1], [2, 2]]},
    "accept_exhibit": {"exhibit": "x-a"},
    "dispute_exhibit": {"exhibit": "x-a", "reason": "伪造"},
    "take_back_answer": {"exhibit": "x-a"},
    "start_caucus": {"side": "business"},
    "choose_channel": {"channel": "floor"},
    "write_slip": {"text": "退一千五", "amount": "1500.00", "may_tell": True},
    "mark_slip": {"number": 1, "may_tell": True},
    "withdraw_slip": {"number": 1},
    "show_slip": {"number": 1},
    "open_gap": {"rule": "whether"},
    "agree_gap": {"number": 1},
    "enter_figure": {"number": 1, "amount": "1500.00"},
    "drop_gap": {"number": 1},
    "withdraw_consent": {"kind": "record"},
    "give_consent": {"kind": "record"},
    "see_outcome": {"number": 1},
    "object_outcome": {"number": 1, "reason": "伪造"},
    "propose_outcome": SETTLED,
    "close": {"anyway": "伪造"},
    "put_clause": {"text": "伪造"},
    "remove_clause": {"clause": "c1", "edition": 1},
    "restore_clause": {"clause": "c1"},
    "move_clause": {"clause": "c1", "number": 1},
    "ask_confirmation": {"clause": "c1"},
    "answer_clause": {"clause": "c1", "edition": 1, "agrees": True},
    "query_clause": {"clause": "c1"},
    "explain_clause": {"clause": "c1"},
    "put_fact": {"text": "伪造"},
    "remove_fact": {"fact": "f1", "edition": 1},
    "answer_fact": {"fact": "f1", "edition": 1, "agrees": True},
    "put_claim": {"side": "business", "text": "伪造"},
    "record_authority": {"capacity": "agent", "special": True, "basis": "伪造"},
    "waive_agreement": {"waived": True},
    "propose_agreed": {},
    "call_off_signing": {"reason": "歇一下"},
    "read_through": {"text": "a" * 64},
    "agree_electronic_form": {"text": "a" * 64},
    "consent_handwriting": {"text": "a" * 64},
    "refuse_signing": {"text": "a" * 64, "reason": "伪造"},
    "withdraw_signature": {"text": "a" * 64},
    "confirm_signer_by_voice": {"text": "a" * 64, "recognised": "视频里看得见"},
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_a_party_who_names_others_is_refused_or_acts_only_on_themselves(line: Line, name: str) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    await line.enter(BU)
    await line.house.ask(c.Mute(BU))
    before = await line.house.rooms.state(X)
    fields = set(COMMANDS[name].body.model_fields)
    plain = {key: value for key, value in SAMPLES.get(name, {}).items() if key in fields}
    for victim in (BU, M):
        aimed = {**plain, **{field: victim for field in ("seat",) if field in fields}}
        if "to" in fields:
            aimed["to"] = BU
        answers = [await consumer.ask(name, aimed or None)]
        # Fields that nobody has: a sender, another room, another person.
        for forged in ("seat", "session", "actor", "by", "sender", "as"):
            if forged not in fields:
                smuggled = await consumer.ask(name, {**aimed, forged: victim})
                assert smuggled["error"]["code"] == "bad_message", forged
        if "seat" in fields or "to" in fields:
            assert "error" in answers[0]
    after = await line.house.rooms.state(X)
    for seat in (M, BU):
        assert after.seats[seat] == before.seats[seat]
    for what in ("draft", "phase", "status", "locked", "covered", "proposed", "outcome"):
        assert getattr(after, what) == getattr(before, what), what
    for event in (await line.house.journal.read(f"session/{X}"))[before.version :]:
        assert event.type == "Routed" or event.actor.id == CO


def test_the_samples_make_every_message_well_formed() -> None:
    for name, message in COMMANDS.items():
        sample = {**SAMPLES.get(name, {}), **({"seat": CO} if "seat" in message.body.model_fields else {})}
        message.build(message.body.model_validate(sample))


async def test_a_client_that_stops_reading_is_cut_and_the_room_goes_on(line: Line) -> None:
    """Spoken by hand: connects, takes its acceptance, then lets everything pile up in the kernel."""
    mediator = await line.enter(M)
    await line.house.prepare(CO)
    async with (
        aiohttp.ClientSession(headers={"X-Seat": CO}) as http,
        http.ws_connect(f"{line.url}/socket.io/?EIO=4&transport=websocket", autoping=False) as stalled,
    ):
        assert (await stalled.receive_str()).startswith("0{")
        await stalled.send_str(f"40{NAMESPACE},")
        assert (await stalled.receive_str()).startswith(f"40{NAMESPACE},")
        await line.house.ask(c.Arrive(), party(CO))
        await line.house.ask(c.Admit(CO))
        said = 0
        while (await line.house.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT:
            assert said < 1000, "nobody noticed"
            said += 1
            await line.house.ask(c.PutClaim(Side.CONSUMER, ("长", "短")[said % 2] * 900))
        body = await mediator.sees("Disconnected")
        assert body["view"]["session"]["status"] == "live"
        assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}
