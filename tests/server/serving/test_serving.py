"""`yuntiao serve` as a person meets it: what it prints, that it is ready, how it stops, what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from server.serving.addresses import self_signed
from tests import ROOT
from tests.server.app import program as started
from tests.server.app.program import Program

# Its start is held here.
serving, yuntiao = partial(started.serving, module=started.ANEW), partial(started.yuntiao, module=started.ANEW)


async def get(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers, ssl=False) as answer:
        return answer.status, await answer.text()


def browser(program: Program) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(program.url, cookie_jar=aiohttp.CookieJar(unsafe=True))  # unsafe: also of addresses


async def command(*arguments: str) -> tuple[int, str]:
    process = await yuntiao(*arguments)
    out, error = await process.communicate()
    return process.returncode or 0, (out + error).decode()


async def test_an_empty_installation_prints_where_to_found_the_office(tmp_path: Path) -> None:
    async with serving(tmp_path) as program:
        await metrics_are_for_this_machine_only_and_name_no_secret(program)
        await a_second_program_is_kept_off_the_data_folder(tmp_path)
        setup = program.facts["setup"]
        assert setup["url"] == f"{program.url}/setup?code={setup['code']}"
        assert len(setup["code"]) >= 16
        assert (await get(f"{program.url}/readyz"))[0] == 200
        status, page = await get(setup["url"])
        assert status == 200
        assert setup["code"] in page
        assert await command("health", "--data", str(tmp_path)) == (0, "ready\n")
        assert await program.end() == 0
    assert (await command("health", "--data", str(tmp_path)))[0] == 1


async def metrics_are_for_this_machine_only_and_name_no_secret(program: Program) -> None:
    await get(f"{program.url}/j/a-secret-link")
    status, text = await get(f"{program.url}/metrics")
    assert status == 200
    assert 'route="/j/{secret}"' in text
    assert "a-secret-link" not in text
    assert (await get(f"{program.url}/metrics", **{"X-Forwarded-For": "192.0.2.9"}))[0] == 404


async def a_second_program_is_kept_off_the_data_folder(data: Path) -> None:
    status, said = await command("serve", "--port", "0", "--media-port", "0", "--data", str(data))
    assert status == 2
    assert "another yuntiao is using" in said


async def test_a_demo_signs_in_with_what_it_printed_also_after_a_kill(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo") as program:
        first = program.facts["demo"]
        assert first["logins"] == {"mediator": "zhoumin", "supervisor": "luojianguo", "administrator": "admin"}
        await program.end(signal.SIGKILL)
    async with serving(tmp_path, "--demo") as program:
        assert program.facts["demo"] == first
        async with browser(program) as http:
            page = await (await http.get("/sign-in")).text()
            csrf = re.search(r'name="csrf" value="([^"]+)"', page)
            assert csrf
            form = {"csrf": csrf[1], "login": "zhoumin", "password": first["password"], "next": "/complaints"}
            answer = await http.post("/sign-in", data=form)
            assert answer.url.path == "/complaints"
            assert (await answer.text()).count("丁小禾") == 1
    status, said = await command("serve", "--port", "0", "--media-port", "0", "--workers", "1", "--data", str(tmp_path))
    assert status == 2  # what is invented is never served as real
    assert "this data folder is a demo's" in said


async def test_the_demo_is_not_put_beside_a_real_office(tmp_path: Path) -> None:
    async with serving(tmp_path) as program, browser(program) as http:
        page = await (await http.get("/setup")).text()
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf
        form = {
            "csrf": csrf[1],
            "secret": program.facts["setup"]["code"],
            "office_name": "江夏区市场监管二所",
            "office_short": "二所",
            "office_phone": "027-00001300",
            "number_prefix": "夏二投",
            "login": "chief",
            "name": "许可",
            "password": "tea-at-four-in-jiangxia",
            "again": "tea-at-four-in-jiangxia",
        }
        stranger = await http.post("/setup", data={**form, "secret": "guessed"})
        assert stranger.status == 422
        assert (await http.post("/setup", data=form)).url.path == "/sign-in/finish"
    status, said = await command(
        "serve", "--demo", "--port", "0", "--media-port", "0", "--workers", "1", "--data", str(tmp_path)
    )
    assert status == 2
    assert "belongs to a real office" in said


async def test_a_self_signed_server_says_how_phones_reach_it(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo", "--tls-self-signed", "--host", "127.0.0.1") as program:
        assert program.url.startswith("https://localhost:")
        assert (await get(f"{program.url}/readyz"))[0] == 200
        async with aiohttp.ClientSession() as http, http.get(f"{program.url}/sign-in", ssl=False) as answer:
            assert all(name.startswith("__Host-") for name in answer.cookies)
            assert all(morsel["secure"] for morsel in answer.cookies.values())
            assert "Strict-Transport-Security" not in answer.headers, "it would close localhost to plain http"
        handshake = f"{program.url}/socket.io/?EIO=4&transport=polling"
        assert (await get(handshake, Origin=program.url))[0] == 200
        assert (await get(handshake, Origin="https://elsewhere.example"))[0] == 400


async def test_with_a_certificate_browsers_are_kept_to_https_on_every_answer(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, ["localhost"], datetime.now(UTC))  # the program cannot tell who signed it
    named = ("--tls-cert", str(certificate), "--tls-key", str(key))
    async with serving(tmp_path / "data", *named) as program, aiohttp.ClientSession() as http:
        for path in ("/sign-in", "/nowhere", "/static/app.css", "/socket.io/?EIO=4&transport=polling", "/healthz"):
            async with http.get(f"{program.url}{path}", ssl=False) as answer:
                assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path


async def test_a_new_certificate_is_read_on_sighup_and_a_broken_one_is_not_taken(tmp_path: Path) -> None:
    def made(name: str) -> tuple[bytes, bytes]:
        certificate, key = self_signed(tmp_path / name, ["localhost"], datetime.now(UTC))
        return certificate.read_bytes(), key.read_bytes()

    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for file, content in zip((certificate, key), made("first"), strict=True):
        file.write_bytes(content)
    async with serving(tmp_path / "data", "--tls-cert", str(certificate), "--tls-key", str(key)) as program:
        port = int(program.url.rpartition(":")[2])
        first = await shown_by(port)
        for name, broken in (("second", False), ("third", True)):
            for file, content in zip((certificate, key), made(name), strict=True):
                file.write_bytes(content[: len(content) // (1 + broken)])
            program.process.send_signal(signal.SIGHUP)
            while not broken and await shown_by(port) == first:
                pass  # until the signal has come through
        second = await shown_by(port)
        assert second != first
        assert await program.end() == 0
        log = await program.log
        assert b"the new certificate or key cannot be used, the one before stays" in log


def worker_of(program: Program) -> int | None:
    """The process that carries its media."""
    for child in Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"server.rooms.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    return None


def environment(process: int | None) -> list[bytes]:
    return Path(f"/proc/{process}/environ").read_bytes().split(b"\0")


async def test_settings_in_a_file_are_read_anew_on_sighup_and_a_broken_file_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "settings"

    def written(*lines: str) -> None:
        file.touch(mode=0o600)
        file.write_text("\n".join(lines))

    async def scraped(program: Program, token: str) -> int:
        elsewhere = {"X-Forwarded-For": "192.0.2.9", "Authorization": f"Bearer {token}"}
        return (await get(f"{program.url}/metrics", **elsewhere))[0]

    first, second = "first-token-" * 3, "second-token-" * 3
    written("# of this office", f"YUNTIAO_METRICS_TOKEN={first}", "YUNTIAO_LOG_EVERY=7")
    async with serving(tmp_path / "data", YUNTIAO_SETTINGS=str(file)) as program:
        assert (await scraped(program, first), await scraped(program, second)) == (200, 404)
        written(f"YUNTIAO_METRICS_TOKEN={second}", "YUNTIAO_LOG_EVERY=8", "YUNTIAO_DRAIN=1")
        program.process.send_signal(signal.SIGHUP)
        while await scraped(program, second) != 200:
            pass  # until the signal has come through
        assert await scraped(program, first) == 404
        worker = worker_of(program)
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        while (again := worker_of(program)) in (None, worker):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
        assert b"YUNTIAO_LOG_EVERY=7" in environment(again), "what is started later keeps to what we started with"
        written("YUNTIAO_METRICS_TOKEN=short")
        program.process.send_signal(signal.SIGHUP)
        assert await program.end() == 0
        log = (await program.log).decode()
        assert 'read anew taken="drain, metrics_token" after_a_start=log_every' in log
        assert "the new settings cannot be used, those before stay" in log
        assert "no new mediation is opened" in log, "the time to drain was taken, too"


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("YUNTIAO_PORT=1", 0o644, "is open to others"),
        ("PATH=/tmp", 0o600, "PATH is no line like YUNTIAO_PORT=8080"),
        ("YUNTIAO_PORT=many", 0o600, "port: "),
    ],
)
async def test_a_file_of_settings_that_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, text: str, mode: int, why: str
) -> None:
    file = tmp_path / "settings"
    file.write_text(text)
    file.chmod(mode)
    process = await yuntiao("serve", "--data", str(tmp_path / "data"), YUNTIAO_SETTINGS=str(file))
    _, error = await process.communicate()
    assert process.returncode == 2
    assert why in error.decode()
    assert len(error.splitlines()) == 1


async def test_a_database_that_does_not_answer_is_worth_another_try_and_nothing_else_is(tmp_path: Path) -> None:
    with socket.socket() as nobody:  # who has this port, and listens to none
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql+psycopg://u@127.0.0.1:{nobody.getsockname()[1]}/db"
        data = ("--data", str(tmp_path / "data"), "--port", "0", "--media-port", "0")
        process = await yuntiao("serve", *data, YUNTIAO_DATABASE_URL=url)
        _, error = await process.communicate()
    assert "the database does not answer" in error.decode()
    assert process.returncode == 1
    unit = (ROOT / "docs/operations/systemd/yuntiao.service").read_text()
    assert re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE) == ["2"]


async def shown_by(port: int) -> str:
    return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))


async def test_windows_that_stay_up_to_date_are_closed_at_once_when_it_ends(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo") as program, browser(program) as http:
        page = await (await http.get("/sign-in")).text()
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf
        demo = program.facts["demo"]
        form = {"csrf": csrf[1], "login": demo["logins"]["mediator"], "password": demo["password"], "next": "/desk"}
        await http.post("/sign-in", data=form)
        window = await http.ws_connect("/alerts/socket", headers={"Origin": program.url})
        program.process.send_signal(signal.SIGTERM)
        assert (await window.receive()).type is aiohttp.WSMsgType.CLOSE
        assert await program.process.wait() == 0


async def test_it_ends_although_somebody_is_connected_and_says_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as program, browser(program) as http:
        line = await http.ws_connect("/socket.io/?EIO=4&transport=websocket", headers={"Origin": program.url})
        assert (await line.receive()).data.startswith("0")
        assert await program.end() == 0
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSED
        assert line.close_code == 1006  # in the middle, without a farewell that somebody has to answer


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--tls-cert", "cert.pem"), "a certificate and its key belong together"),
        (("--tls-cert", "missing.pem", "--tls-key", "missing.pem"), "certificate or key cannot be used"),
        (("--public-url", "example.cn"), "an address begins with http"),
        (("--trusted-proxy", "10.0.0.1/8"), "10.0.0.1/8 is not an IP address or network"),
        (("--trusted-proxy", "10.0.0.1", "--trusted-proxy", "::/0"), "::/0 is everybody"),
        (("--host", "192.0.2.1"), "cannot listen on 192.0.2.1"),
    ],
)
async def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    status, said = await command("serve", "--port", "0", "--media-port", "0", "--data", str(tmp_path), *arguments)
    assert status == 2
    assert why in said
    assert "Traceback" not in said


async def test_a_master_key_open_to_others_is_refused_in_one_line(tmp_path: Path) -> None:
    master = tmp_path / "elsewhere" / "master.key"
    master.parent.mkdir()
    master.write_text("ab" * 32)
    master.chmod(0o644)
    process = await yuntiao("serve", "--data", str(tmp_path / "data"), "--port", "0", YUNTIAO_MASTER_KEY=str(master))
    _, told = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert told.decode().strip().splitlines()[-1] == (
        f"yuntiao: the master key {master} is open to others (mode 644): chmod 600 it, or 640 for a group"
    )
