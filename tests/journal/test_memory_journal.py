from __future__ import annotations

import pytest

from journal import Journal, MemoryJournal
from tests.contracts.journal_contract import JournalContract, drafts


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def journal(self) -> Journal:
        return MemoryJournal()


async def test_a_follower_who_does_not_read_holds_nobody_up() -> None:
    journal = MemoryJournal(most_unread=2)
    asleep = journal.follow(["session"])
    await journal.append("session/a", 0, drafts(3))
    assert len(await journal.read("session/a")) == 3
    with pytest.raises(LookupError):
        await anext(asleep)
