"""The example of docs/operations, through the real nginx."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from server.app.rehearsal.command import free_port
from server.serving.addresses import self_signed
from tests import ROOT
from tests.server.app.program import serving
from tests.server.serving.crowd import addresses, open_files, silent

pytestmark = [pytest.mark.long, pytest.mark.nginx]
OPERATIONS = ROOT / "docs" / "operations"


def configured(folder: Path, port: int, servers: dict[str, str], example: str = "nginx.conf") -> Path:
    """Our example where a packaged nginx would have it, with what differs here put in its places.

    `servers`: host and port of each, by what the example calls it.
    """
    certificate, key = self_signed(folder, ["localhost"], datetime.now(UTC))
    proxy = folder / "yuntiao-proxy.conf"
    proxy.write_text((OPERATIONS / "nginx-proxy.conf").read_text())
    site = (OPERATIONS / example).read_text()
    for there, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/yuntiao/cert.pem", str(certificate)),
        ("/etc/ssl/yuntiao/key.pem", str(key)),
        *servers.items(),
        ("/etc/nginx/yuntiao-proxy.conf", str(proxy)),
        ("/var/log/nginx/yuntiao.log", str(folder / "access.log")),
        ("/var/log/nginx/yuntiao-error.log", str(folder / "error.log")),
    ):
        assert there in site
        site = site.replace(there, here)
    (folder / "yuntiao.conf").write_text(site)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr; worker_rlimit_nofile 4096;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"include {folder}/yuntiao.conf; }}\n"
    )
    return whole


@contextlib.asynccontextmanager
async def nginx(whole: Path) -> AsyncIterator[None]:
    command = ("nginx", "-p", str(whole.parent), "-e", "stderr", "-c", str(whole))
    check = await asyncio.create_subprocess_exec(*command, "-t", stderr=asyncio.subprocess.PIPE)
    _, said = await check.communicate()
    assert check.returncode == 0, said.decode()
    running = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        await running.wait()


async def answering(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                async with http.get("/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)  # another process tells nobody


async def test_the_example_carries_pages_and_sockets_over_tls_whatever_number_says_nothing(tmp_path: Path) -> None:
    port, inside = free_port(), free_port()
    named = (
        "--demo",
        "--port",
        str(inside),
        "--public-url",
        f"https://localhost:{port}",
        "--trusted-proxy",
        "127.0.0.1",
    )
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with (
        serving(tmp_path / "data", *named),
        nginx(configured(tmp_path, port, {"127.0.0.1:8080": f"127.0.0.1:{inside}"})),
    ):
        connector = aiohttp.TCPConnector(ssl=trusting)
        async with aiohttp.ClientSession(f"https://localhost:{port}", connector=connector) as http:
            await answering(http)
            with open_files(0):
                async with silent(f"https://127.0.0.1:{port}", 1500, addresses(3)):
                    for _ in range(5):
                        async with http.get("/sign-in", timeout=aiohttp.ClientTimeout(10)) as page:
                            assert page.status == 200
                            assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
            async with http.ws_connect("/socket.io/?EIO=4&transport=websocket") as socket:
                assert (await socket.receive_str()).startswith("0{")
            for path, size, status in (
                ("/imports", 111 << 20, 303),
                ("/imports", 113 << 20, 413),
                ("/sign-in", 53 << 20, 413),
            ):
                async with http.post(path, data=bytes(size), allow_redirects=False) as answer:
                    assert answer.status in (status, 401, 403) if status != 413 else answer.status == 413, path
            async with http.get("/metrics") as answer:
                assert answer.status == 404, "it came through a proxy"
            async with http.get("/j/a-secret-link") as answer:
                number = answer.headers["X-Request-ID"]
    kept = (tmp_path / "access.log").read_text() + (tmp_path / "error.log").read_text()
    assert f"GET 404 {answer.headers['Content-Length']}" in kept
    assert number in kept, "both logs call it so"
    assert "a-secret-link" not in kept


@contextlib.asynccontextmanager
async def node(name: str, port: int) -> AsyncIterator[None]:
    """Says who answered."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=name, headers={"X-Asked": request.path})

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield
    await runner.cleanup()


async def test_three_nodes_have_their_sockets_each_and_pages_together_until_one_is_gone(tmp_path: Path) -> None:
    port, ports = free_port(), {name: free_port() for name in "abc"}
    servers = {f"node-{name}:8080": f"127.0.0.1:{inside}" for name, inside in ports.items()}
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with (
        node("a", ports["a"]),
        node("b", ports["b"]),
        nginx(configured(tmp_path, port, servers, "nginx-nodes.conf")),
        aiohttp.ClientSession(f"https://localhost:{port}", connector=aiohttp.TCPConnector(ssl=trusting)) as http,
    ):

        async def asked(path: str) -> tuple[int, str, str]:
            async with http.get(path) as answer:
                return answer.status, await answer.text(), answer.headers.get("X-Asked", "")

        await answering(http)
        assert await asked("/n/a/socket.io/") == (200, "a", "/n/a/socket.io/")
        assert await asked("/n/b/socket.io/") == (200, "b", "/n/b/socket.io/")
        assert (await asked("/n/c/socket.io/"))[0] == 502, "its rooms are nowhere else"
        pages = [await asked("/complaints") for _ in range(20)]
        assert {status for status, _, _ in pages} == {200}, "a page that one did not take is asked of the next"
        assert {name for _, name, _ in pages} == {"a", "b"}
        for path in ("/metrics", "/nodes/rooms"):
            assert (await asked(path))[0] == 404
