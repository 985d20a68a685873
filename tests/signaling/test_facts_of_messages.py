"""A client sends no fact that the server knows: every field it can send is classified in decision 35, and what names
something that the server has is refused when there is no such thing. One invented edition would be in the journal for
ever."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, Final, get_args, get_type_hints

import pytest
from pydantic import BaseModel

from rooms import commands as c
from rooms.agreement import outcome as consent
from rooms.vocabulary import Capacity, GapRule, Side
from signaling.namespace import QUESTIONS
from signaling.transport import COMMANDS
from tests import ROOT
from tests.rooms.exhibits.samples import offering
from tests.rooms.house import SHOWN, X
from tests.rooms.scene import BU, CO, OB, M, party
from tests.signaling.conftest import Line
from web.links.documents import PostedSignature
from web.room import BeginBody

DECISION: Final = ROOT / "docs" / "decisions" / "0035-a-client-sends-no-fact-that-the-server-knows.md"
ROWS: Final = dict(re.findall(r"^\| `([a-z_/.]+)` \| (?:server|client) \| (.*) \|$", DECISION.read_text(), re.M))
FORMS: Final[Mapping[str, type[BaseModel]]] = {"exhibits/begin": BeginBody, "signing/sign": PostedSignature}
TEXT: Final = "a" * 64


def models(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and (issubclass(hint, BaseModel) or is_dataclass(hint)):
        yield hint
    for inner in get_args(hint):
        yield from models(inner)


def fields(of: type[Any], before: str) -> Iterator[str]:
    hints = (
        {name: field.annotation for name, field in of.model_fields.items()}
        if issubclass(of, BaseModel)
        else get_type_hints(of)
    )
    for name, hint in hints.items():
        inner = list(models(hint))
        yield from (one for model in inner for one in fields(model, f"{before}.{name}"))
        if not inner:
            yield f"{before}.{name}"


def sent() -> set[str]:
    bodies: dict[str, type[BaseModel]] = {name: message.body for name, message in COMMANDS.items()}
    bodies |= {name: asked.body for name, asked in QUESTIONS.items()}
    del bodies["read_lines"]  # nothing of it is written
    bodies |= FORMS
    return {field for name, body in bodies.items() for field in fields(body, name)}


def test_every_field_that_a_client_can_send_is_classified() -> None:
    assert set(ROWS) == sent()
    assert {said.partition(":")[0] for said in ROWS.values()} == {"own", "checked", "unwritten"}


# ------------------------------------------------------------ what is checked

Scene = Callable[[Line], Awaitable[None]]


async def nothing(line: Line) -> None:
    pass


async def somebody_waits(line: Line) -> None:
    await line.house.prepare(OB)
    await line.house.ask(c.Arrive(), party(OB))


async def muted(line: Line) -> None:
    await line.house.ask(c.Mute(CO))


async def in_private(line: Line) -> None:
    await line.house.ask(c.StartCaucus(Side.CONSUMER))


async def slip(line: Line) -> None:
    await in_private(line)
    await line.house.ask(c.WriteSlip("最少一千五", None, True), party(CO))


async def slip_and_together(line: Line) -> None:
    await slip(line)
    await line.house.ask(c.EndCaucus())


async def gap(line: Line) -> None:
    await line.house.ask(c.OpenGap(GapRule.WHETHER))


async def agreed_gap(line: Line) -> None:
    await gap(line)
    for seat in (CO, BU):
        await line.house.ask(c.AgreeGap(1), party(seat))
    await in_private(line)


async def draft(line: Line) -> None:
    await line.house.ask(c.RecordAuthority(BU, Capacity.HEAD))
    await line.house.ask(c.PutClause(text="双方再无争议。"))
    await line.house.ask(c.PutFact(text="付过两千元"))


async def queried(line: Line) -> None:
    await draft(line)
    await line.house.ask(c.QueryClause("c1"), party(CO))


async def offered(line: Line) -> None:
    await draft(line)
    for seat in (CO, BU):
        await line.house.ask(c.AnswerClause("c1", 1, True), party(seat))
    state = await line.house.rooms.state(X)
    await line.house.ask(c.OfferSigning(consent.digest(state), TEXT, "调1号", (CO, BU)))


async def signed(line: Line) -> None:
    await offered(line)
    for command in (
        c.ReadThrough(TEXT),
        c.AgreeElectronicForm(TEXT),
        c.ConfirmSigner(TEXT, "code"),
        c.Sign(TEXT, "陈"),
    ):
        await line.house.ask(command, party(CO))


async def exhibit(line: Line) -> None:
    await line.house.ask(offering(pages=2), party(CO))


async def confided(line: Line) -> None:
    await line.house.ask(offering(private=True), party(CO))


async def shown(line: Line) -> None:
    await exhibit(line)
    await line.house.ask(c.ShowExhibit("x-a"))


async def answered(line: Line) -> None:
    await exhibit(line)
    await line.house.ask(c.AcceptExhibit("x-a"), party(BU))


async def outcome(line: Line) -> None:
    mediator = line.clients[0]
    assert await mediator.ask("propose_outcome", ENDED) == {"ok": {}}
    assert await mediator.ask("take_back_outcome") == {"ok": {}}
    assert await mediator.ask("propose_outcome", ENDED) == {"ok": {}}


async def refused_recording(line: Line) -> None:
    await line.house.ask(c.WithdrawConsent("record"), party(CO))  # type: ignore[arg-type]


ENDED: Final = {"outcome": {"kind": "ended", "ground": 1}}
SEAT, ID, DIGEST, NUMBER = "s-invented", "invented", "f" * 64, 77
CHECKED: Final[Mapping[str, tuple[str, Scene, dict[str, Any] | None, Mapping[str, Any]]]] = {
    "admit": (M, somebody_waits, {"seat": OB}, {"seat": SEAT}),
    "send_back": (M, somebody_waits, {"seat": OB}, {"seat": SEAT}),
    "remove": (M, nothing, {"seat": BU, "reason": "辱骂"}, {"seat": SEAT}),
    "give_consent": (CO, refused_recording, {"kind": "record"}, {"kind": "participate"}),
    "assist": (M, nothing, {"seat": CO, "helper": "王", "relation": "family", "agreed": True},
               {"seat": SEAT, "relation": ID}),
    "end_assistance": (M, nothing, None, {"seat": SEAT}),
    "mute": (M, nothing, {"seat": CO}, {"seat": SEAT}),
    "ask_unmute": (M, muted, {"seat": CO}, {"seat": SEAT}),
    "say": (CO, nothing, {"text": "好", "to": M}, {"to": SEAT}),
    "check_item": (M, nothing, {"item": "opening.introduced"}, {"item": ID}),
    "show_law": (M, nothing, {"article": "consumer-55"}, {"article": ID}),
    "show_typical": (M, nothing, None, {"case": ID}),
    "take_card": (M, nothing, None, {"kind": ID}),
    "start_caucus": (M, nothing, {"side": "consumer"}, {"interpreters": [SEAT]}),
    "start_consulting": (CO, nothing, None, {"seat": SEAT}),
    "mark_slip": (CO, slip, {"number": 1, "may_tell": False}, {"number": NUMBER}),
    "withdraw_slip": (CO, slip, {"number": 1}, {"number": NUMBER}),
    "show_slip": (M, slip_and_together, {"number": 1}, {"number": NUMBER}),
    "agree_gap": (CO, gap, {"number": 1}, {"number": NUMBER}),
    "enter_figure": (CO, agreed_gap, {"number": 1, "amount": "1500.00"}, {"number": NUMBER}),
    "drop_gap": (M, gap, {"number": 1}, {"number": NUMBER}),
    "propose_outcome": (M, nothing, ENDED, {"outcome": {"kind": "ended", "ground": NUMBER}}),
    "see_outcome": (CO, outcome, {"number": 2}, {"number": 1}),
    "object_outcome": (CO, outcome, {"number": 2, "reason": "金额不对"}, {"number": 1}),
    "put_clause": (M, draft, {"clause": "c1", "edition": 1, "text": "另写。"}, {"clause": ID, "edition": NUMBER}),
    "remove_clause": (M, draft, {"clause": "c1", "edition": 1}, {"clause": ID, "edition": NUMBER}),
    "restore_clause": (M, draft, None, {"clause": ID}),
    "move_clause": (M, draft, None, {"clause": ID, "number": NUMBER}),
    "ask_confirmation": (M, draft, {"clause": "c1"}, {"clause": ID}),
    "answer_clause": (CO, draft, {"clause": "c1", "edition": 1, "agrees": True}, {"clause": ID, "edition": NUMBER}),
    "query_clause": (CO, draft, {"clause": "c1"}, {"clause": ID}),
    "explain_clause": (M, queried, {"clause": "c1"}, {"clause": ID}),
    "put_fact": (M, draft, {"fact": "f1", "edition": 1, "text": "付过三千元"}, {"fact": ID, "edition": NUMBER}),
    "remove_fact": (M, draft, {"fact": "f1", "edition": 1}, {"fact": ID, "edition": NUMBER}),
    "answer_fact": (CO, draft, {"fact": "f1", "edition": 1, "agrees": True}, {"fact": ID, "edition": NUMBER}),
    "record_authority": (M, nothing, {"seat": BU, "capacity": "head"}, {"seat": SEAT}),
    "read_through": (CO, offered, {"text": TEXT}, {"text": DIGEST}),
    "agree_electronic_form": (CO, offered, {"text": TEXT}, {"text": DIGEST}),
    "consent_handwriting": (CO, offered, {"text": TEXT}, {"text": DIGEST}),
    "confirm_signer_by_voice": (
        M,
        offered,
        {"seat": CO, "text": TEXT, "recognised": "三次通话，声音一样"},
        {"seat": SEAT, "text": DIGEST},
    ),
    "refuse_signing": (CO, offered, {"text": TEXT, "reason": "再想想"}, {"text": DIGEST}),
    "withdraw_signature": (CO, signed, {"text": TEXT}, {"text": DIGEST}),
    "withdraw_exhibit": (CO, exhibit, {"exhibit": "x-a"}, {"exhibit": ID}),
    "release_exhibit": (CO, confided, {"exhibit": "x-a"}, {"exhibit": ID}),
    "show_exhibit": (M, exhibit, {"exhibit": "x-a", "page": 2}, {"exhibit": ID, "page": NUMBER}),
    "turn_page": (M, shown, {"page": 2}, {"page": NUMBER}),
    "unmark_exhibit": (M, shown, None, {"n": NUMBER}),
    "let_show": (M, nothing, {"seat": CO}, {"seat": SEAT}),
    "ask_exhibit": (M, nothing, {"seat": CO}, {"seat": SEAT}),
    "accept_exhibit": (BU, exhibit, {"exhibit": "x-a"}, {"exhibit": ID}),
    "dispute_exhibit": (BU, exhibit, {"exhibit": "x-a"}, {"exhibit": ID}),
    "take_back_answer": (BU, answered, {"exhibit": "x-a"}, {"exhibit": ID}),
}  # fmt: skip
"""Message -> who asks, what has to be so before, a body that is true (None: none that leads to an entry here), and for
each checked field an invented value. `say.caucus` is in test_caucus."""

FILLED: Final[Mapping[str, dict[str, Any]]] = {
    "end_assistance": {"seat": CO},
    "show_typical": {"case": "x"},
    "take_card": {"kind": "x"},
    "start_consulting": {"seat": M},
    "restore_clause": {"clause": "c1"},
    "move_clause": {"clause": "c1", "number": 1},
    "unmark_exhibit": {"n": 0},
}


@pytest.mark.parametrize("name", sorted(CHECKED))
async def test_an_invented_value_is_refused_and_leaves_no_entry_and_a_true_one_is_taken(line: Line, name: str) -> None:
    who, scene, true, invented = CHECKED[name]
    clients = {seat: await line.enter(seat) for seat in (M, CO, BU)}
    await scene(line)
    before = len(await line.house.types())
    for field, value in invented.items():
        answer = await clients[who].ask(name, {**(true or FILLED[name]), field: value})
        assert name == "unmark_exhibit" or "error" in answer, (field, answer)
        assert len(await line.house.types()) == before, field
    if true is not None:
        assert await clients[who].ask(name, true) == {"ok": {}}
        assert len(await line.house.types()) > before


def test_every_checked_field_of_a_message_is_tried() -> None:
    tried = {f"{name}.{field}" for name, (*_, invented) in CHECKED.items() for field in invented}
    tried = tried - {"propose_outcome.outcome"} | {"propose_outcome.outcome.ground", "say.caucus"}
    named = {name for name, said in ROWS.items() if said.startswith("checked:")}
    assert tried == {name for name in named if name.partition(".")[0] not in FORMS}


async def test_what_was_shown_stands_in_the_journal_whatever_a_client_says(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    await line.enter(BU)
    await offered(line)
    await consumer.ask("withdraw_consent", {"kind": "record"})
    before = await line.house.types()
    for name, body in (
        ("give_consent", {"kind": "record", "text": "2099-01-01.3"}),
        ("consent_handwriting", {"text": TEXT, "notice": "mine"}),
        ("agree_electronic_form", {"text": TEXT, "notice": "mine"}),
    ):
        assert (await consumer.ask(name, body))["error"]["code"] == "bad_message"
    assert await line.house.types() == before
    assert await consumer.ask("give_consent", {"kind": "record"}) == {"ok": {}}
    assert await consumer.ask("consent_handwriting", {"text": TEXT}) == {"ok": {}}
    assert await consumer.ask("agree_electronic_form", {"text": TEXT}) == {"ok": {}}
    events = {event.type: event.data for event in await line.house.journal.read(f"session/{X}")}
    assert events["ConsentGiven"]["text"] == SHOWN.recording
    assert events["HandwritingConsented"]["notice"] == SHOWN.handwriting
    assert events["ElectronicFormAgreed"]["notice"] == SHOWN.electronic
