"""An officer calls somebody on file by a press: their own telephone first, then the two are put together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from complaints.procedure import OfficerCalled
from server.connections import ConnectionFault
from server.rooms.phone.calls import CallLine, OfficerCalls, PhoneProcess
from tests.server.rooms.phone.telephone import Telephone, exchange, telephone
from tests.server.rooms.phone.test_worker import trunk

pytestmark = [
    pytest.mark.media,
    pytest.mark.telephone,
]
OFFICER, CITIZEN = 500.0, 800.0


@dataclass
class Desk:
    """What it asks of complaints."""

    noted: asyncio.Queue[OfficerCalled] = field(default_factory=asyncio.Queue)

    async def reveal(self, officer: Any, complaint: str, which: str, reason: str) -> str:
        return "138 0000 5076"

    async def note_call(self, officer: Any, complaint: str, call: OfficerCalled) -> None:
        self.noted.put_nowait(call)


@dataclass
class Called:
    own: Telephone
    citizen: Telephone
    calls: OfficerCalls
    desk: Desk

    async def connect(self) -> None:
        @dataclass
        class Zhou:
            id: str = "u1"
            login: str = "zhoumin"

        await self.calls.connect(Zhou(), "c1", "consumer.phone")  # type: ignore[arg-type]  # no more is asked of them

    async def noted(self) -> OfficerCalled:
        return await asyncio.wait_for(self.desk.noted.get(), 20)


@contextlib.asynccontextmanager
async def called(folder: Path, answers: bool = True) -> AsyncIterator[Called]:
    async with (
        telephone(folder / "own", OFFICER, user="8zhoumin") as own,
        telephone(folder / "citizen", CITIZEN, answers, user="13800005076") as citizen,
        exchange({"8zhoumin": own, "13800005076": citizen}) as port,
    ):
        settings = trunk(port, officer_extension="8{officer}", rings=5)
        process = PhoneProcess(settings, "127.0.0.1")
        line, desk = CallLine(process, settings), Desk()
        ready = asyncio.Event()
        line.went = (lambda kind, name: ready.set(), lambda kind, name, fault: None)
        process.start()
        try:
            await asyncio.wait_for(ready.wait(), 20)
            yield Called(own, citizen, OfficerCalls(line, desk), desk)
        finally:
            await line.stop()


async def test_the_officers_own_telephone_rings_first_and_both_hear_each_other(tmp_path: Path) -> None:
    async with called(tmp_path) as one:
        await one.connect()
        await one.own.until_heard(CITIZEN)
        await one.citizen.until_heard(OFFICER)
        await one.citizen.do("hangup")
        await one.own.until_told("CALL_CLOSED")
        noted = await one.noted()
        assert (noted.whose, noted.what, noted.reached, noted.cause) == ("consumer", "phone", True, "person")


async def test_an_administrator_tries_the_line(tmp_path: Path) -> None:
    async with called(tmp_path, answers=False) as one:
        line = one.calls._line
        await line.try_line("138 0000 5076")
        await one.citizen.until_told("CALL_CLOSED")
        with pytest.raises(ConnectionFault) as nobody:
            await line.try_line("nobody")
        assert nobody.value.code == "bad_input"


async def test_who_hangs_up_ends_the_call_of_both_and_nobody_who_is_not_reached_is_said_to_be(tmp_path: Path) -> None:
    async with called(tmp_path, answers=False) as one:
        await one.connect()
        await one.citizen.until_told("CALL_INCOMING")
        await one.own.do("hangup")
        await one.citizen.until_told("CALL_CLOSED")
        assert await one.noted() == OfficerCalled("consumer", "phone", False, 0, "mediator")
        await one.connect()
        assert await one.noted() == OfficerCalled("consumer", "phone", False, 0, "no_answer")
