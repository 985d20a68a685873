"""Whole installations beside each other, each with its own folder, database, log and key, listening on loopback."""

from __future__ import annotations

import asyncio
import atexit
import functools
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from complaints.record import PartyTyped
from complaints.state import Complaint, stream
from complaints.views import NewComplaint
from offices import Office, Officer
from server.app.parts import PARTS, Parts
from server.app.wiring import create_app
from server.cells.service import CellService
from server.identity import digest, fresh_token
from server.identity.officers import Policy
from server.outbox.hook_store import origin_of
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD, QUICK, NoMedia
from web.office.administration import CELLS

CITY = Office("wuhan", "武汉市市场监督管理局投诉举报中心", "武汉中心", "027-00001201", "武投")
OTHER = Office("huanggang", "黄冈市市场监督管理局投诉举报中心", "黄冈中心", "0713-0001201", "黄投")
PROVINCE = Office("hubei", "湖北省市场监督管理局投诉举报中心", "省中心", "027-00009999", "鄂投")


@dataclass
class Cell:
    """One installation, and who works there."""

    app: web.Application
    runner: web.AppRunner
    port: int
    office: Office
    officers: dict[str, Officer]
    origins: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def parts(self) -> Parts:
        return self.app[PARTS]

    @property
    def cells(self) -> CellService:
        found = self.app[CELLS]
        assert isinstance(found, CellService)
        return found

    @property
    def mediator(self) -> Officer:
        return self.officers["mediator"]

    @property
    def administrator(self) -> Officer:
        return self.officers["administrator"]

    @property
    def supervisor(self) -> Officer:
        return self.officers["supervisor"]

    async def knows(self, other: Cell, relation: str = "peer") -> str:
        own = await other.cells.own()
        known = await self.cells.admit(self.administrator, other.office.name, other.address, own.key, relation)
        return known.id

    async def state(self, complaint: str) -> Complaint:
        return await self.parts.complaints.state(complaint)

    async def entries(self, complaint: str) -> list[str]:
        return [event.type for event in await self.parts.journal.read(stream(complaint))]

    async def told(self) -> None:
        """Whatever waits is told now, however long it was to wait."""
        services = self.cells._at
        for row in await services.store.waiting():
            await services.store.told(row.id, next_try=datetime(2020, 1, 1, tzinfo=UTC))
        await services.deliveries.deliver_due()

    async def page(self, officer: Officer, path: str, **posted: str) -> tuple[int, str]:
        """What the officer is shown there; with fields it is posted, from the page itself."""
        self.parts.officers._policy = Policy()  # no second step
        token, now = fresh_token(), datetime.now(UTC)
        await self.parts.store.add_session(digest(token), officer.id, now, now + timedelta(hours=1))
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies({"yt_officer": token}, URL(self.address))
        async with aiohttp.ClientSession(self.address, cookie_jar=jar) as http:
            if posted:
                async with http.get(path.partition("?")[0].rpartition("/procedure/")[0] or path) as before:
                    found = re.search(r'name="(csrf[^"]*)" value="([^"]+)"', await before.text())
                    assert found
                posted[found[1]] = found[2]
                headers = {"Origin": self.address, "Sec-Fetch-Site": "same-origin"}
                async with http.post(path, data=posted, headers=headers) as answer:
                    return answer.status, await answer.text()
            async with http.get(path) as answer:
                return answer.status, await answer.text()

    async def close(self) -> None:
        await self.runner.cleanup()

    async def back(self) -> Cell:
        """The same installation, started again."""
        return await started(self.parts.settings.data, self.office, listening(self.port), self.origins)


def listening(port: int = 0) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


async def started(folder: Path, office: Office, listening: socket.socket, origins: tuple[str, ...]) -> Cell:
    """With the office and its people, made once for all tests. `origins`: of the others.

    It allows them once it runs, so that nothing is delivered by itself: a test says when (`Cell.told`).
    """
    _furnish(folder, office)
    app = create_app(Settings(data=folder), NoMedia())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    officers: dict[str, Officer] = {}
    for login in ("admin", "zhou", "luo"):
        user = await app[PARTS].store.user_by_login(login)
        assert user is not None
        officer = Officer(user.id, user.login, user.name, user.role, office, totp=False)
        officers[officer.role] = officer
    port = listening.getsockname()[1]
    cell = Cell(app, runner, port, office, officers, origins)
    cell.cells._at.line._allowed = frozenset(map(origin_of, origins))
    return cell


def _furnish(folder: Path, office: Office) -> None:
    if not folder.exists():
        shutil.copytree(_seeded(office), folder)


@functools.cache
def _seeded(office: Office) -> Path:
    """The data folder of this office's installation as its first start and stop leave it: with a key of its own."""
    folder = Path(tempfile.mkdtemp(prefix="yuntiao-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # A loop of its own: a test's is running.
    maker = threading.Thread(target=lambda: asyncio.run(_seed(folder, office)))
    maker.start()
    maker.join()
    return folder


async def _seed(folder: Path, office: Office) -> None:
    app = create_app(Settings(data=folder), NoMedia())
    runner = web.AppRunner(app)
    await runner.setup()
    officers = app[PARTS].officers
    officers._passwords = QUICK
    admin = await officers.found(office, "admin", "何静", PASSWORD)
    await officers.add_officer(admin, "zhou", "周敏", "mediator", PASSWORD)
    await officers.add_officer(admin, "luo", "罗建国", "supervisor", PASSWORD)
    await runner.cleanup()


@asynccontextmanager
async def installations(folder: Path, *offices: Office) -> AsyncIterator[list[Cell]]:
    """Each may call the others."""
    sockets = [listening() for _ in offices]
    origins = tuple(f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets)
    async with AsyncExitStack() as stack:
        found = []
        for office, one in zip(offices, sockets, strict=True):
            cell = await started(folder / office.id, office, one, origins)
            stack.push_async_callback(cell.close)
            found.append(cell)
        yield found


def complaint(received: datetime | None = None) -> NewComplaint:
    return NewComplaint(
        channel="12315",
        received=received or datetime.now(UTC) - timedelta(hours=3),
        title="空调安装后不制冷",
        request="退货退款",
        facts="6月1日购买空调一台，安装后不制冷，商家拒绝退货。",
        amount=Decimal("2360.00"),
        consumer=PartyTyped("丁小禾", "13800005076", "湖北武汉", "武汉市洪山区珞喻路1号"),
        business=PartyTyped(
            "陈立", "13900000812", "湖北黄冈", "黄冈市黄州区东门路8号", organisation="黄冈凉风电器有限公司",
            credit_code="91420100MA0DEM013Y",
        ),
    )  # fmt: skip
