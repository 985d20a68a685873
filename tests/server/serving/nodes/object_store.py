"""A store of files that is a process of its own on a machine of its own: MinIO where there is one, else moto's.

moto keeps all in memory: killed, it has lost what nobody else has.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from server.app.rehearsal.command import free_port
from tests.contracts import s3_server
from tests.server.serving.nodes.network import Machine, Network

BUCKET = "province"


@dataclass
class ObjectStore:
    machine: Machine
    folder: Path
    port: int
    program: str | None
    process: asyncio.subprocess.Process | None = None

    @property
    def endpoint(self) -> str:
        return f"http://{self.machine.host}:{self.port}"

    @property
    def lasts(self) -> bool:
        """What it has it still has when it was killed."""
        return self.program is not None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "YUNTIAO_FILES": f"s3://{BUCKET}", "YUNTIAO_FILES_ENDPOINT": self.endpoint,
            "YUNTIAO_FILES_ALLOW_HTTP": "true",
            "YUNTIAO_FILES_ACCESS_KEY": s3_server.KEY, "YUNTIAO_FILES_SECRET": s3_server.SECRET,
        }  # fmt: skip

    async def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        at = f"{self.machine.host}:{self.port}"
        own = [sys.executable, "-m", "moto.server", "-H", self.machine.host, "-p", str(self.port)]
        minio = [self.program or "", "server", str(self.folder), "--address", at, "--quiet"]
        known = {"MINIO_ROOT_USER": s3_server.KEY, "MINIO_ROOT_PASSWORD": s3_server.SECRET, "HOME": str(self.folder)}
        self.process = await asyncio.create_subprocess_exec(
            *self.machine.enter, *(minio if self.lasts else own), env={**os.environ, **known},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(self.machine.host, self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.1)  # another process tells nobody

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@contextlib.asynccontextmanager
async def object_store(folder: Path, net: Network, name: str) -> AsyncIterator[ObjectStore]:
    program = os.environ.get("YUNTIAO_TEST_MINIO") or shutil.which("minio")
    store = ObjectStore(net.machines[name], folder, free_port(), program)
    try:
        await store.start()
        await asyncio.to_thread(_bucket, store.endpoint)
        yield store
    finally:
        await store.kill()


def _bucket(endpoint: str) -> None:
    s3_server.owner(endpoint).create_bucket(Bucket=BUCKET)
