"""A stock Keycloak of the test's own, with a realm set up as docs/connect.md has an administrator do it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from server.app.rehearsal.command import free_port
from tests import ROOT
from tests.machine import KEYCLOAK

CLIENT = ROOT / "docs" / "connect" / "keycloak-client.json"
EXAMPLE = "https://tiaojie.example.cn"  # in that file
SECRET = "the-clients-own-secret-2718"
PASSWORD = "Spring-at-the-Lake-94"
START_SECONDS = 240
_BOSS, _BOSS_PASSWORD = "admin", "the-realms-own-administrator-1"


class Keycloak:
    """`issuer` of the realm. What is changed in it is changed by its own administration interface."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self._process: Process | None = None
        self._http: aiohttp.ClientSession | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.issuer = f"{self.url}/realms/bureau"

    async def start(self) -> None:
        """What it unpacks and keeps lies in the test's folder; the program itself stays as it was fetched."""
        home = self._folder / "keycloak"
        home.mkdir()
        for part in KEYCLOAK.iterdir():
            if part.name not in ("data", "lib"):
                (home / part.name).symlink_to(part)
        (home / "lib").mkdir()
        for part in (KEYCLOAK / "lib").iterdir():
            if part.name == "quarkus":  # made anew at the first start
                await asyncio.to_thread(shutil.copytree, part, home / "lib" / "quarkus")
            else:
                (home / "lib" / part.name).symlink_to(part)
        environment = {
            **os.environ,
            "KC_BOOTSTRAP_ADMIN_USERNAME": _BOSS,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": _BOSS_PASSWORD,
            "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
        }
        command = ["sh", str(home / "bin" / "kc.sh"), "start-dev", "--http-host=127.0.0.1",
                   f"--http-port={self._port}", "--db=dev-mem"]  # fmt: skip
        log = (self._folder / "keycloak.log").open("wb")
        self._process = await create_subprocess_exec(
            *command, env=environment, stdin=DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        self._http = aiohttp.ClientSession()
        async with asyncio.timeout(START_SECONDS):
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with self._http.get(f"{self.url}/realms/master") as answer:
                        if answer.status == 200:
                            return
                assert self._process.returncode is None, (self._folder / "keycloak.log").read_text()[-3000:]
                await asyncio.sleep(0.3)  # polling another process is the only way to know

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    @contextlib.contextmanager
    def silent(self) -> Any:
        """It takes connections and says nothing meanwhile."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    async def set_up(self, address: str) -> None:
        """Realm, groups and client for the program at this address."""
        await self.ask("POST", "/admin/realms", {"realm": "bureau", "enabled": True})
        for office in ("一所", "二所"):
            made = await self.ask("POST", "/admin/realms/bureau/groups", {"name": office})
            for name in ("mediators", "supervisors"):
                await self.ask("POST", f"/admin/realms/bureau/groups/{made}/children", {"name": name})
        client = json.loads(CLIENT.read_text().replace(EXAMPLE, address))
        await self.ask("POST", "/admin/realms/bureau/clients", {**client, "secret": SECRET})

    async def person(self, username: str, name: str, *groups: str) -> str:
        """Their id, by which we know them."""
        made: str = await self.ask(
            "POST",
            "/admin/realms/bureau/users",
            {"username": username, "enabled": True, "email": f"{username}@bureau.example", "emailVerified": True,
             "firstName": name[1:], "lastName": name[0], "groups": list(groups),
             "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}]},
        )  # fmt: skip
        return made

    async def leaves(self, person: str) -> None:
        """Out of all groups they are in."""
        for group in await self.ask("GET", f"/admin/realms/bureau/users/{person}/groups"):
            await self.ask("DELETE", f"/admin/realms/bureau/users/{person}/groups/{group['id']}")

    async def signs_out(self, person: str) -> None:
        """All their sessions, as an administrator does it: Keycloak tells every client."""
        await self.ask("POST", f"/admin/realms/bureau/users/{person}/logout")

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The id of what was made, or the answer."""
        assert self._http is not None
        form = {"grant_type": "password", "client_id": "admin-cli", "username": _BOSS, "password": _BOSS_PASSWORD}
        async with self._http.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.request(method, f"{self.url}{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, f"{method} {path}: {answer.status} {await answer.text()}"
            if method == "POST":
                return answer.headers.get("Location", "").rpartition("/")[2]
            return await answer.json() if answer.content_type == "application/json" else None


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Keycloak]:
    made = Keycloak(folder)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
