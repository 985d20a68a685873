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

from server.rehearsal.command import free_port
from server.serving.addresses import self_signed
from tests import ROOT
from tests.server.app.program import serving
from tests.server.serving.crowd import addresses, open_files, silent

pytestmark = [pytest.mark.long, pytest.mark.nginx]
OPERATIONS = ROOT / "docs" / "operations"


def configured(folder: Path, port: int, upstream: str) -> Path:
    """Our example where a packaged nginx would have it, with what differs here put in its places."""
    certificate, key = self_signed(folder, ["localhost"], datetime.now(UTC))
    proxy = folder / "yuntiao-proxy.conf"
    proxy.write_text((OPERATIONS / "nginx-proxy.conf").read_text())
    site = (OPERATIONS / "nginx.conf").read_text()
    for there, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/yuntiao/cert.pem", str(certificate)),
        ("/etc/ssl/yuntiao/key.pem", str(key)),
        ("http://127.0.0.1:8080", upstream),
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
    upstream = f"http://127.0.0.1:{inside}"
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with serving(tmp_path / "data", *named), nginx(configured(tmp_path, port, upstream)):
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
