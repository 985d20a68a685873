"""A real name is checked where an office demands it, and of the number nothing stays anywhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from journal import Event
from rooms import commands as c
from rooms.vocabulary import Role
from server.app.demo import ADMINISTRATOR, MEDIATOR
from server.app.parts import PARTS
from server.connections import Sections
from server.connections.identity import RealNames
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.connections.name_service import CLIENT, PATH, SECRET, NameSimulator
from tests.server.oversight.test_approvals import Place
from tests.server.rooms.test_unreached import NUMBER, arranged, filed, links
from tests.web.client import AiohttpClient, Answer, another, browser

NAME, ID = "丁小禾", "420106199203150029"
ANOTHER = "420106198001010015"
PAGE = "/join/real-name"


class Door:
    """A mediation of a demo office that demands real names, and the business's phone after the code."""

    def __init__(self, place: Place, simulator: NameSimulator, folder: Path) -> None:
        self.place, self.simulator, self.folder = place, simulator, folder

    async def begin(self) -> Door:
        zhou = await self.place.sign_in(MEDIATOR)
        self.session = await arranged(self.place, zhou, await filed(self.place, NUMBER))
        self.phone = await another(self.place.nobody)
        secret = (await links(self.place, self.session))["business"].rsplit("/", 1)[1]
        await self.phone.get(f"/j/{secret}")
        await self.phone.post(f"/j/{secret}/start")
        await self.phone.get("/join/code")
        await self.phone.post("/join/code/send")
        self.after_code = await self.phone.post("/join/code", {"code": await self.code()})
        return self

    async def code(self) -> str:
        office = (await self.place.officer(MEDIATOR)).office.id
        rows, _ = await self.place.parts.outbox._store.page([office], size=100)
        text = next(self.place.parts.seal.open(one.text_sealed, "message") for one in rows if one.kind == "code")
        found = re.search(r"[0-9]{6}", text)
        assert found
        return found.group()

    async def types(self, name: str = NAME, number: str = ID) -> Answer:
        await self.phone.get(PAGE)
        return await self.phone.post(PAGE, {"name": name, "number": number})

    async def checks(self) -> list[Event]:
        entries = await self.place.parts.journal.read(f"session/{self.session}")
        return [entry for entry in entries if entry.type == "RealNameChecked"]

    async def confirmed(self) -> bool:
        return (await self.place.parts.rooms.state(self.session)).seats["business"].confirmed

    async def fault(self) -> str:
        (one,) = await self.place.parts.connections.states(await self.place.officer(ADMINISTRATOR))
        return one.fault if one.failing else ""


@pytest.fixture
async def door(tmp_path: Path, aiohttp_client: AiohttpClient) -> AsyncIterator[Door]:
    simulator = NameSimulator()
    async with TestServer(simulator.app()) as server:
        (secret := tmp_path / "secret").write_text(SECRET)
        secret.chmod(0o600)
        (file := tmp_path / "connections.toml").write_text(
            f'[identity.real]\nurl = "{server.make_url(PATH)}"\nclient = "{CLIENT}"\nname = "某省身份认证平台"\n'
            f'secret = {{ file = "{secret}" }}\n',
            "utf-8",
        )
        settings = Settings(
            data=tmp_path / "data", demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example",
            connections=file,
        )  # fmt: skip
        app = demo_app(settings)
        place = Place(app[PARTS], await browser(aiohttp_client, app))
        yield await Door(place, simulator, tmp_path).begin()


async def test_after_the_code_the_name_is_asked_and_nothing_before_it_is_right(door: Door) -> None:
    assert door.after_code.location == PAGE
    for later in ("/join/notice", "/join/recording", "/join/device"):
        assert (await door.phone.get(later)).location.startswith(PAGE), later
    page = await door.phone.get(f"{PAGE}?lang=zh")
    assert "某省身份认证平台" in page.text
    assert "号码不会保存" in page.text
    assert not await door.confirmed()
    answer = await door.types(number=" ４２０１０６ 19920315 0029")
    assert answer.location == "/join/notice"
    assert door.simulator.asked == [{"name": NAME, "idNumber": ID}]
    (check,) = await door.checks()
    assert check.data == {"seat": "business", "service": "real", "result": "match"}
    assert await door.confirmed()


async def test_of_name_and_number_that_were_typed_nothing_is_kept(
    door: Door, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = await door.types(number=ANOTHER)
    assert wrong.status == 422
    assert ANOTHER not in wrong.text, "not put back into the field either"
    await door.types(number=ANOTHER[:-1] + "X")
    await door.types()
    said = caplog.text + "".join(capfd.readouterr())
    kept = [path for path in door.folder.rglob("*") if path.is_file()]
    assert any(path.name == "yuntiao.db" for path in kept)
    for number in (ID, ANOTHER):
        assert number not in said
        assert not [path.name for path in kept if number.encode() in path.read_bytes()]


async def test_what_does_not_belong_together_lets_nobody_on(door: Door) -> None:
    assert "do not belong together" in (await door.types(number=ANOTHER)).text
    assert [check.data["result"] for check in await door.checks()] == ["no_match"]
    assert not await door.confirmed()
    assert (await door.phone.get("/join/notice")).location.startswith(PAGE)
    assert (await door.types()).location == "/join/notice"


async def test_a_number_that_cannot_be_one_asks_nobody(door: Door) -> None:
    for number in ("", "12345", ID[:-1] + "X", "420106199213450026", "四二"):
        assert (await door.types(number=number)).status == 422, number
    assert (await door.types(name=" ")).status == 422
    assert door.simulator.asked == []
    assert await door.checks() == []


async def test_numbers_cannot_be_tried_through(door: Door) -> None:
    for _ in range(6):
        assert (await door.types(number=ANOTHER)).status == 422
    assert (await door.types()).status == 429
    assert len(door.simulator.asked) == 6


@pytest.mark.parametrize(
    ("way", "fault"),
    [("down", "unreachable"), ("503", "not_ready"), ("unsigned", "forged"), ("another answer", "not_understood")],
)
async def test_while_it_does_not_answer_the_mediator_looks_and_that_is_noted(door: Door, way: str, fault: str) -> None:
    door.simulator.way = way
    assert (await door.types()).location == "/join/notice"
    assert await door.fault() == fault
    for path, answer in (("/join/notice", "yes"), ("/join/recording", "no")):
        await door.phone.get(path)
        await door.phone.post(path, {"answer": answer})
    await door.phone.get("/join/device")
    assert (await door.phone.post("/join/device", {"mode": "text"})).location == "/room"
    zhou = (await door.place.officer(MEDIATOR)).actor
    for command in (c.Arrive(), c.Admit("business")):
        await door.place.parts.rooms.submit(door.session, command, zhou)
    checks = await door.checks()
    assert [(check.data["result"], check.actor.kind) for check in checks] == [
        ("unavailable", "party"),
        ("by_eye", "officer"),
    ]


async def test_whose_voice_is_known_is_not_asked(door: Door) -> None:
    officer = await door.place.officer(MEDIATOR)
    await door.place.parts.rooms.submit(door.session, c.ConfirmByVoice("business", "说得出订单号"), officer.actor)
    assert await door.confirmed()
    assert (await door.phone.get(PAGE)).location == "/join/notice"


async def test_the_page_of_connections_tries_it_about_nobody(door: Door) -> None:
    admin = await door.place.officer(ADMINISTRATOR)
    assert not (await door.place.parts.connections.test(admin, "identity", "real", "")).failing
    assert door.simulator.asked == [{"ready": True}]


def test_only_the_offices_that_demand_it_and_those_who_speak_for_a_side_are_asked(tmp_path: Path) -> None:
    (secret := tmp_path / "secret").write_text(SECRET)
    secret.chmod(0o600)
    said = {"url": "https://a.example", "client": "x", "secret": {"file": str(secret)}, "name": "某平台"}

    class Page:
        def add(self, connection: object) -> None: ...

    names = RealNames(Sections(told={"identity": {"one": {**said, "offices": ["o1"]}}}), Page())  # type: ignore[arg-type]
    assert names.demanded("o1", Role.CONSUMER) == "one"
    assert names.demanded("o1", Role.OBSERVER) == names.demanded("o2", Role.CONSUMER) == ""
    with pytest.raises(ValueError, match="another section"):
        RealNames(Sections(told={"identity": {"one": said, "two": said}}), Page())  # type: ignore[arg-type]
