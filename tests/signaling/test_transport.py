"""What no client of ours sends, below the namespace: the connection ends, it is counted, the log has no traceback."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import WSMsgType
from yarl import URL

from signaling import transport
from signaling.namespace import NAMESPACE
from tests.rooms.house import X
from tests.rooms.scene import M
from tests.signaling.conftest import Line

PATIENCE = 5.0
OPENING = "/socket.io/?EIO=4&transport="


@pytest.fixture
def counted(line: Line) -> Counter[str]:
    found: Counter[str] = Counter()
    line.server.eio.count = lambda why: found.update([why])
    return found


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Not a line of it in the log, of asyncio's about forgotten tasks neither."""
    with caplog.at_level(logging.WARNING):
        yield
    gc.collect()
    assert not [record.getMessage() for record in caplog.get_records("call")]


@contextlib.asynccontextmanager
async def websocket(line: Line) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with aiohttp.ClientSession(line.url) as http, http.ws_connect(f"{OPENING}websocket") as socket:
        assert (await socket.receive_str()).startswith("0{")
        yield socket


async def ended(socket: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
            pass


async def none_is_open(line: Line) -> None:
    async with asyncio.timeout(PATIENCE):
        while not all(socket.closed for socket in line.server.eio.sockets.values()):  # noqa: ASYNC110 - tells nobody
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "9", "0", "6", "7{}", "２", "2probe again", "b!!", "bAAAA",
        "4", "4x", "42", "42[", "42[]", "42{}", "42[1]", '42[["say"]]', '42/room,{"say":1}', '42["say"', "40/room,{",
        "42/room,999999999999999999999[\"say\"]x", "43/room,1[]", '44/room,{"message":"no"}', "49[]", "4９[]",
        "42/room,²[\"say\"]", "40" + "9" * 5000, "42" + "[" * 60_000,
        '451-/room,["say",{"_placeholder":true,"num":0}]', '452-/room,["say"]', "461-/room,1[0]",
        '4599999999999-["say"]',
    ],
)  # fmt: skip
async def test_a_malformed_frame_ends_the_connection(line: Line, counted: Counter[str], text: str) -> None:
    async with websocket(line) as socket:
        await socket.send_str(text)
        await ended(socket)
        assert counted.total() == 1
    await none_is_open(line)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x82\x81\0\0\0\0\x00", id="a binary frame"),
        pytest.param(b"\x81\x82\0\0\0\0\xff\xfe", id="invalid UTF-8"),
        pytest.param(b"\x83\x80\0\0\0\0", id="a reserved opcode"),
        pytest.param(b"\xf1\x80\0\0\0\0", id="reserved bits"),
        pytest.param(b"\x81\x01x", id="no mask"),
        pytest.param(b"\x81\xff\0\0\0\x01\0\0\0\0\0\0\0\0", id="four gigabytes announced"),
        pytest.param(b"\x88\x81\0\0\0\0x", id="a closing frame of one byte"),
        pytest.param(b"\x89\xfe\x01\x00\0\0\0\0" + bytes(256), id="a ping that is too long"),
    ],
)
async def test_a_malformed_websocket_frame_ends_the_connection(line: Line, counted: Counter[str], raw: bytes) -> None:
    async with websocket(line) as socket:
        assert socket._conn is not None  # below the library, which would not send it
        transport_ = socket._conn.transport
        assert transport_ is not None
        transport_.write(raw)
        await ended(socket)
    await none_is_open(line)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"x", b"6", "２".encode(), b"bAAAA", b"d=4x", b"4x", b"42[]", b"451-/room,[\"x\"]",
        b"\x1e".join([b"3"] * 17), b"\x1e\x1e", b"4" * (transport.MOST_PACKETS + 128 * 1024),
    ],
)  # fmt: skip
async def test_a_malformed_request_of_long_polling_ends_the_session(
    line: Line, counted: Counter[str], body: bytes
) -> None:
    async with aiohttp.ClientSession(line.url) as http:
        opened = await (await http.get(f"{OPENING}polling")).text()
        sid = opened.partition('"sid":"')[2].partition('"')[0]
        with contextlib.suppress(aiohttp.ClientConnectionError):
            await (await http.post(f"{OPENING}polling&sid={sid}", data=body)).read()
        async with asyncio.timeout(PATIENCE):
            while (await http.get(f"{OPENING}polling&sid={sid}")).status == 200:
                pass
        assert counted.total() >= 1
    await none_is_open(line)


async def test_who_comes_again_after_hanging_up_is_refused_and_only_counted(line: Line, counted: Counter[str]) -> None:
    async with aiohttp.ClientSession(line.url) as http:
        opened = await (await http.get(f"{OPENING}polling")).text()
        sid = opened.partition('"sid":"')[2].partition('"')[0]
        path = f"{OPENING}polling&sid={sid}"
        assert (await http.post(path, data="1")).status == 200
        assert (await http.post(path, data=f"40{NAMESPACE},")).status == 400
        assert (await http.get(path)).status == 400
        assert counted.total() >= 1
    await none_is_open(line)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("websocket", {"Upgrade": "websocket"}),
        ("websocket", {"Upgrade": "websocket", "Connection": "Upgrade"}),
        ("websocket", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x"}),
        ("websocket", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "99"}),
        (
            "websocket",
            {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "\u00e4",
            },
        ),
        ("websocket", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "\u00e4"}),
        ("polling", {"Upgrade": "websocket", "Connection": "Upgrade"}),
        ("polling&j=0", {}),
        ("polling&j=x", {}),
        ("polling&sid=nobody", {}),
        ("websocket&sid=nobody", {"Upgrade": "websocket", "Connection": "Upgrade"}),
        ("carrier-pigeon", {}),
        ("polling&EIO=3", {}),
        ("websocket", {}),
    ],
)
async def test_a_half_hearted_handshake_is_refused_and_leaves_no_session(
    line: Line, counted: Counter[str], query: str, headers: dict[str, str]
) -> None:
    async with aiohttp.ClientSession(line.url) as http:
        answer = await http.get(f"{OPENING}{query}", headers=headers)
        if answer.status == 200:  # a plain handshake in spite of its headers
            sid = (await answer.text()).partition('"sid":"')[2].partition('"')[0]
            await http.post(f"{OPENING}polling&sid={sid}", data="1")
        else:
            assert answer.status == 400
            assert counted.total() == 1
    await none_is_open(line)


async def test_who_does_not_join_in_time_is_cut_and_who_did_stays(
    line: Line, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "JOIN_SECONDS", 0.5)
    mediator = await line.connect(M, session=X)
    async with websocket(line) as silent, websocket(line) as chatting:
        with contextlib.suppress(ConnectionError):
            await chatting.send_str("40/elsewhere,")
        await asyncio.gather(ended(silent), ended(chatting))
    assert counted["unjoined"] == 2
    assert "ok" in await mediator.ask("arrive")
    assert len(line.server.eio.sockets) == 1


async def test_who_left_the_namespace_does_not_keep_the_connection(
    line: Line, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "JOIN_SECONDS", 0.5)
    await line.connect(M, session=X)
    [sid] = line.server.eio.sockets
    await line.server.disconnect(line.server.manager.sid_from_eio_sid(sid, NAMESPACE), NAMESPACE)
    await none_is_open(line)


async def test_who_only_asks_to_join_is_cut(line: Line, counted: Counter[str]) -> None:
    async with websocket(line) as socket:
        with contextlib.suppress(ConnectionError):
            for _ in range(transport.MOST_BEFORE_JOINING + 1):
                await socket.send_str("40/elsewhere,")
        await ended(socket)
    assert counted["packet"] == 1


async def test_an_address_has_so_many_sessions_that_have_not_joined_and_those_that_did_do_not_count(
    line: Line, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_UNJOINED_PER_ADDRESS", 3)
    await line.connect(M, session=X)
    async with aiohttp.ClientSession(line.url) as http:
        statuses = [(await http.get(f"{OPENING}polling")).status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert counted["unjoined_address"] == 2


async def test_of_all_that_have_not_joined_the_oldest_makes_room(
    line: Line, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_UNJOINED", 2)
    async with websocket(line) as first, websocket(line), websocket(line):
        await ended(first)
        assert len(line.server.eio.sockets) == 2


async def test_an_upgrade_that_is_never_finished_ends_with_its_session(
    line: Line, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line.server.eio, "ping_interval", 0.2)
    monkeypatch.setattr(line.server.eio, "ping_timeout", 0.3)
    async with aiohttp.ClientSession(line.url) as http:
        opened = await (await http.get(f"{OPENING}polling")).text()
        sid = opened.partition('"sid":"')[2].partition('"')[0]
        async with (
            http.ws_connect(f"{OPENING}websocket&sid={sid}") as one,
            http.ws_connect(f"{OPENING}websocket&sid={sid}") as two,
        ):
            await two.send_str("2probe")
            await asyncio.gather(ended(one), ended(two))


async def test_an_empty_name_of_a_session_is_none_and_opens_no_more_than_other_requests(
    line: Line, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_UNJOINED_PER_ADDRESS", 2)
    async with aiohttp.ClientSession(line.url) as http:
        statuses = [(await http.get(f"{OPENING}polling&sid=")).status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]


async def cut_off(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Without the farewell of a WebSocket, which would wait for the client's."""
    async with asyncio.timeout(PATIENCE):
        while (await socket.receive()).type not in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
            pass
    assert socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE


@pytest.mark.parametrize("query", ["transport=websocket", "transport=&transport=websocket", "sid=&transport=websocket"])
async def test_who_is_severed_loses_the_connection_however_it_was_asked_for(line: Line, query: str) -> None:
    async with aiohttp.ClientSession(line.url) as http, http.ws_connect(f"/socket.io/?EIO=4&{query}") as socket:
        assert (await socket.receive_str()).startswith("0{")
        [sid] = line.server.eio.sockets
        await line.server.eio.sever(sid)
        await cut_off(socket)
    await none_is_open(line)


@pytest.mark.parametrize("query", ["websocket&sid={}", "polling&sid={}", "websocket&sid=&sid={}", "&sid={}&sid=x"])
async def test_who_is_severed_loses_every_connection_that_the_session_has(line: Line, query: str) -> None:
    async with aiohttp.ClientSession(line.url) as http:
        opened = await (await http.get(f"{OPENING}polling")).text()
        sid = opened.partition('"sid":"')[2].partition('"')[0]
        path = f"{OPENING}{query.format(sid)}"
        async with http.ws_connect(path) as one, http.ws_connect(path) as two:
            for socket in (one, two):  # both are half way through the upgrade
                await socket.send_str("2probe")
                assert await socket.receive_str() == "3probe"
            await line.server.eio.sever(sid)
            await asyncio.gather(cut_off(one), cut_off(two))
    await none_is_open(line)


async def test_who_is_severed_while_they_wait_for_news_hears_nothing_more(line: Line) -> None:
    async with aiohttp.ClientSession(line.url) as http:
        opened = await (await http.get(f"{OPENING}polling")).text()
    sid = opened.partition('"sid":"')[2].partition('"')[0]
    at = URL(line.url)
    reader, writer = await asyncio.open_connection(at.host, at.port)
    writer.write(f"GET {OPENING}polling&sid=&sid={sid} HTTP/1.1\r\nHost: {at.host}\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        while sid not in line.server.eio._carrying:  # noqa: ASYNC110 - tells nobody
            await asyncio.sleep(0)
        await line.server.eio.sever(sid)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()
    await none_is_open(line)
