"""What every notifier promises. A suite per implementation subclasses this and says how a provider behaves."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator

import pytest

from server.outbox import code_text
from server.outbox.notifiers import NotDelivered, Notifier, OutboxMessage

SAID = code_text("code", "407216", 10, "云调", "zh")
NOTICE = OutboxMessage("7f3a", "code", "13800005076", "138 **** 5076", SAID)


class NotifierContract:
    @pytest.fixture
    @abstractmethod
    def notifier(self) -> AsyncIterator[Notifier]:
        """Started."""

    @abstractmethod
    def arrived(self) -> list[str]:
        """Ids of what the provider has taken, in order."""

    async def test_a_message_that_was_delivered_has_arrived(self, notifier: Notifier) -> None:
        await notifier.deliver(NOTICE)
        assert self.arrived() == [NOTICE.id]

    async def test_a_repetition_carries_the_same_id(self, notifier: Notifier) -> None:
        await notifier.deliver(NOTICE)
        await notifier.deliver(NOTICE)
        assert set(self.arrived()) == {NOTICE.id}

    async def test_stopping_twice_does_no_harm(self, notifier: Notifier) -> None:
        await notifier.stop()
        await notifier.stop()

    async def test_it_can_be_started_again(self, notifier: Notifier) -> None:
        await notifier.stop()
        await notifier.start()
        await notifier.deliver(NOTICE)
        assert self.arrived() == [NOTICE.id]

    def test_no_secret_is_in_how_a_notice_prints(self) -> None:
        assert "407216" not in repr(NOTICE)
        assert "13800005076" not in repr(NOTICE)

    def test_a_refusal_says_whether_to_try_again(self) -> None:
        assert NotDelivered("later").final is False
        assert NotDelivered("never", final=True).final is True
