"""Records erased when their time has come or on order: key, files, and what the journal then says."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from journal import SYSTEM, Actor
from journal.events import verify
from recordings.errors import KeyDestroyed
from recordings.keys import case_keys
from recordings.shelf import Shelf
from rooms.commands import Arrive, Close, LiftHold, OrderErasure, PlaceHold, ProposeOutcome
from rooms.events import RecordErased
from rooms.retention import Retention
from rooms.vocabulary import Outcome, OutcomeKind
from server.erasure import Erasures, Removed
from server.storage.erasable import SqlRecords
from tests.identity.office import World

SUPERVISOR = Actor("officer", "u-lin", "林督", "supervisor", "office-1")
YEAR = 366 * 24 * 3600.0


class Vault:
    """A shelf with one mediation's recording, and what erases it."""

    def __init__(self, world: World, data: Path) -> None:
        self.world = world
        self.shelf = Shelf(data / "recordings", case_keys(data))
        self.forgotten: list[tuple[str, str]] = []
        self.remote: set[str] = set()
        self.erasures = self.made()

    def made(self) -> Erasures:
        return Erasures(
            self.shelf,
            self.world.journal,
            self.world.rooms,
            SqlRecords(self.world.database),
            Retention(2, {OutcomeKind.NOT_SETTLED: 1}),
            self.world.clock.now,
            self.forget,
            [self.elsewhere],
        )

    async def forget(self, stream: str, types: frozenset[str], reason: str) -> int:
        self.forgotten.append((stream, reason))
        return 4

    async def elsewhere(self, session: str) -> Removed:
        here = session in self.remote
        self.remote.discard(session)
        return Removed(1, 10) if here else Removed()

    async def closed(self, kind: OutcomeKind = OutcomeKind.NOT_SETTLED) -> str:
        session = await self.world.session()
        outcome = Outcome(kind, ground=1 if kind is OutcomeKind.ENDED else None)
        for command in (Arrive(), ProposeOutcome(outcome), Close()):
            await self.world.rooms.submit(session, command, self.world.zhou.actor)
        self.shelf.put(session, f"{session}/consumer/a.webm", io.BytesIO(b"what was said"))
        self.remote.add(session)
        return session

    async def erased(self, session: str) -> RecordErased | None:
        erasure = (await self.world.rooms.state(session)).erasure
        return erasure.done if erasure else None

    async def types(self, session: str) -> Sequence[str]:
        events = await self.world.journal.read(f"session/{session}")
        verify(events)
        return [event.type for event in events]


@pytest.fixture
def vault(world: World, tmp_path: Path) -> Vault:
    return Vault(world, tmp_path)


async def test_a_record_whose_time_has_passed_is_erased_and_the_journal_says_so(vault: Vault) -> None:
    due, later = await vault.closed(), await vault.closed(OutcomeKind.ENDED)
    assert await vault.erasures.look()
    assert await vault.erased(due) is None  # its year is not over
    vault.world.move(seconds=YEAR)
    assert await vault.erasures.look()
    stored = len("what was said") + 76 + 20 + 20
    assert await vault.erased(due) == RecordErased(2, stored + 10, 4)
    assert (await vault.types(due))[-2:] == ["ErasureOrdered", "RecordErased"]
    assert vault.forgotten == [(f"session/{due}", "retention")]
    assert not (vault.shelf.folder / due).exists()
    assert vault.shelf.keys.state(due) == "destroyed"
    with pytest.raises(KeyDestroyed):
        vault.shelf.keys.key(due)
    assert await vault.erased(later) is None
    with vault.shelf.open(later, f"{later}/consumer/a.webm") as file:
        assert file.read() == b"what was said"
    assert await vault.erasures.look()  # again: nothing is done twice
    assert (await vault.types(due)).count("RecordErased") == 1


async def test_a_copy_from_a_backup_stays_closed_after_the_key_is_destroyed(vault: Vault) -> None:
    session = await vault.closed()
    copy = vault.shelf.stored(f"{session}/consumer/a.webm").read_bytes()
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    assert await vault.erasures.look()
    back = vault.shelf.folder / session / "consumer" / "a.webm"
    back.parent.mkdir(parents=True)
    back.write_bytes(copy)
    with pytest.raises(KeyDestroyed):
        vault.shelf.open(session, f"{session}/consumer/a.webm")


async def test_a_held_record_outlives_its_time_until_the_hold_is_lifted(vault: Vault) -> None:
    session = await vault.closed()
    await vault.world.rooms.submit(session, PlaceHold("法院调取"), SUPERVISOR)
    vault.world.move(seconds=YEAR)
    assert await vault.erasures.look()
    assert await vault.erased(session) is None
    assert vault.shelf.keys.state(session) == "there"
    await vault.world.rooms.submit(session, LiftHold("案件审结"), SUPERVISOR)
    assert await vault.erasures.look()
    assert await vault.erased(session) is not None


async def test_what_was_interrupted_is_finished(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off after every step in turn, as a crash would."""
    for cut in ("destroy", "elsewhere", "forget"):
        session = await vault.closed()
        await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)

        def fail(*_: object) -> None:
            raise OSError("power cut")

        with monkeypatch.context() as patch:
            patch.setattr(vault.shelf.keys if cut == "destroy" else vault, cut, fail)
            erasures = vault.made() if cut != "destroy" else vault.erasures
            assert not await erasures.look()
        assert await vault.erased(session) is None
        assert await vault.made().look()
        done = await vault.erased(session)
        assert done is not None
        assert (await vault.types(session)).count("ErasureOrdered") == 1


async def test_an_order_is_carried_out_at_once(vault: Vault) -> None:
    session = await vault.closed()
    watching = vault.world.journal.follow(["session"])
    await vault.erasures.start()
    await vault.world.rooms.submit(session, OrderErasure("当事人要求"), SUPERVISOR)
    async with asyncio.timeout(10):
        async for event in watching:
            if event.type == "RecordErased":
                break
    await vault.erasures.stop()
    assert vault.shelf.keys.state(session) == "destroyed"
    assert SYSTEM.kind == event.actor.kind
    assert vault.world.clock.now() - event.at < timedelta(seconds=10)
