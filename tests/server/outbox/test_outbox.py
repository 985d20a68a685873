"""The outbox: what is in it goes out, also after a restart; what cannot go out is given up where people see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from journal.refusals import Refused
from offices import Officer
from offices.systems import Message
from server.outbox import code_text, service, without_secrets
from server.outbox.notifiers import NotDelivered, OutboxMessage, Taken
from server.outbox.service import LEASE, LONGEST_WAIT, TRIES_MOST, OutboxService, backoff
from server.outbox.store import MessageStore
from tests.server.app.office import Phones, World, secret_of


@dataclass
class Stubborn(Phones):
    """A provider that refuses so many times, then takes; `got` is set when it took something."""

    refusals: int = 10**6
    final: bool = False
    got: asyncio.Event = field(default_factory=asyncio.Event)
    tries: int = 0

    async def deliver(self, notice: OutboxMessage) -> Taken:
        self.tries += 1
        if self.tries <= self.refusals:
            raise NotDelivered("gateway answered 503", self.final)
        taken = await super().deliver(notice)
        self.got.set()
        return taken


def outbox(world: World, provider: Phones, show_texts: bool = False) -> OutboxService:
    """As after a restart: nothing but the database is known."""
    return OutboxService(
        MessageStore(world.database), provider, world.seal, world.clock.now, show_texts, chance=lambda: 0.0
    )


async def only(world: World, box: OutboxService) -> Message:
    (message,), total = await box.messages(world.zhou)
    assert total == 1
    return message


async def test_what_was_queued_before_a_restart_goes_out_after_it(world: World) -> None:
    link = await world.invite(send=True)
    provider = Stubborn(refusals=0)
    box = outbox(world, provider)
    await box.start()
    async with asyncio.timeout(10):
        await provider.got.wait()
    await box.stop()
    assert [link.url in notice.text for notice in provider.received] == [True]
    assert (await only(world, box)).state == "sent"


async def test_a_message_stored_while_it_waits_goes_out_at_once(world: World) -> None:
    provider = Stubborn(refusals=0)
    box = outbox(world, provider)
    await box.start()
    await world.invite(send=True)
    box.nudge()
    async with asyncio.timeout(10):
        await provider.got.wait()
    await box.stop()


async def test_a_message_that_a_node_stored_and_did_not_live_to_send_goes_out_at_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "OTHERS", timedelta(seconds=0.05))
    provider = Stubborn(refusals=0)
    box = outbox(world, provider)
    await box.start()
    await world.invite(send=True)  # nobody tells this one
    async with asyncio.timeout(10):
        await provider.got.wait()
    await box.stop()


async def test_a_failure_is_tried_again_later_with_the_same_id(world: World) -> None:
    await world.invite(send=True)
    provider = Stubborn(refusals=1)
    box = outbox(world, provider)
    await box.deliver_due()
    message = await only(world, box)
    assert (message.state, message.error, message.tries) == ("failed", "gateway answered 503", 1)
    assert await box.deliver_due() == 0
    world.move(seconds=5)
    assert await box.deliver_due() == 1
    assert [notice.id for notice in provider.received] == [message.id]


async def test_after_eight_tries_it_is_dead_until_somebody_resends_it(world: World) -> None:
    await world.invite(send=True)
    provider = Stubborn(refusals=TRIES_MOST)
    box = outbox(world, provider)
    for _ in range(TRIES_MOST):
        await box.deliver_due()
        world.clock.move(LONGEST_WAIT)
    dead = await only(world, box)
    assert (dead.state, dead.tries) == ("dead", TRIES_MOST)
    assert await box.deliver_due() == 0
    await box.resend(world.zhou, dead.id)
    assert await box.deliver_due() == 1
    assert (await only(world, box)).state == "sent"


async def test_a_final_refusal_is_not_tried_again(world: World) -> None:
    await world.invite(send=True)
    provider = Stubborn(final=True)
    box = outbox(world, provider)
    await box.deliver_due()
    assert (await only(world, box)).state == "dead"


async def test_a_sender_that_died_with_a_message_in_hand_loses_nothing(world: World) -> None:
    await world.invite(send=True)
    await MessageStore(world.database).claim(world.clock.now(), LEASE)  # and then the power went
    provider = Stubborn(refusals=0)
    box = outbox(world, provider)
    assert await box.deliver_due() == 0
    world.clock.move(LEASE)
    assert await box.deliver_due() == 1
    assert len(provider.received) == 1


async def test_a_code_that_has_expired_is_not_sent_any_more(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    await world.links.send_code(device, "192.0.2.1")
    world.move(minutes=10)
    await world.outbox.deliver_due()
    assert world.phones.received == []
    assert (await only(world, world.outbox)).state == "dead"


@pytest.mark.parametrize("demo", [True, False])
async def test_the_page_shows_secrets_only_in_a_demo(world: World, demo: bool) -> None:
    link = await world.invite(send=True)
    message = await only(world, outbox(world, Phones(), show_texts=demo))
    assert (secret_of(link) in message.text) is demo
    assert "东高一投〔2026〕0001号" in message.text
    assert message.to == "138 **** 5076"


async def test_another_office_sees_and_resends_none_of_our_messages(world: World) -> None:
    await world.invite(send=True)
    box = outbox(world, Stubborn(final=True))
    await box.deliver_due()
    dead = await only(world, box)
    assert await box.messages(world.other) == ([], 0)
    with pytest.raises(Refused) as no:
        await box.resend(world.other, dead.id)
    assert no.value.status == 404


async def test_a_supervisor_resends_nothing(world: World) -> None:
    supervisor = Officer("s", "s", "罗建国", "supervisor", world.zhou.office, totp=False)
    with pytest.raises(Refused) as no:
        await world.outbox.resend(supervisor, "any")
    assert no.value.status == 403


@given(st.integers(1, 60), st.floats(0, 1))
def test_waits_double_up_to_an_hour_and_a_quarter(tries: int, chance: float) -> None:
    assert timedelta(seconds=5) <= backoff(tries, chance) <= LONGEST_WAIT * 1.25
    assert backoff(tries, 0.0) <= backoff(tries + 1, 0.0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_codes_digits_are_hidden_but_not_its_minutes(language: str) -> None:
    shown = without_secrets(code_text("code", "407216", 10, "东湖市监", language), "code")
    assert "407216" not in shown
    assert "10" in shown
