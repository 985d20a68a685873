"""What a supervisor takes along: the evidence package, checked the way somebody checks who trusts none of us."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from pathlib import Path
from typing import Any

from recordings.evidence.archive import read
from recordings.evidence.form import AFTER
from recordings.evidence.verdict import Report as Verified
from server.evidence.verifying import check
from server.rehearsal.report import expect
from server.rehearsal.visitor import Visitor


async def export(visitor: Visitor, session: str, kind: str) -> bytes:
    """Ask for it on the record's page, wait as the page does, and download it."""
    page = await visitor.get(f"/audit/{session}")
    form = next(one for one in page.forms if "exports" in one.action and one.fields.get("kind") == kind)
    page = await visitor.submit(page, form)
    found = re.search(rf"/audit/{session}/exports/(\w+)\.(?:json|zip)", page.text)
    expect(found is not None, "the record's page tells of no export")
    assert found is not None
    state: dict[str, Any] = {}
    async with asyncio.timeout(60):
        while state.get("state") != "ready":
            state = await visitor.json(f"/audit/{session}/exports/{found[1]}.json")
            expect(state["state"] != "failed", f"the export failed: {state}")
            await asyncio.sleep(0.25)  # another process works, and only says how far it is when asked
    status, package = await visitor.download(f"/audit/{session}/exports/{found[1]}.zip")
    expect(status == 200, f"the export answered {status}")
    return package


async def verified(package: bytes, key: str) -> Verified:
    """By the same code as `yuntiao verify`."""
    with tempfile.TemporaryDirectory(prefix="yuntiao-package-") as folder:
        file = Path(folder) / "package.zip"
        await asyncio.to_thread(file.write_bytes, package)
        return await asyncio.to_thread(check, file, key)


def differing(one: bytes, two: bytes) -> set[str]:
    """Names of the entries in which two packages differ."""
    first, second = _entries(one), _entries(two)
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def _entries(package: bytes) -> dict[str, bytes]:
    return {entry.name: package[entry.start : entry.end] for entry in read(io.BytesIO(package))}


def only_who_and_when(names: set[str]) -> bool:
    return names <= set(AFTER)
