"""`yuntiao notice preview` on a data folder, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.app.demo import CASES, demo_password, seed
from server.app.wiring import assemble, utc_now
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD
from tests.server.app.program import yuntiao
from tests.server.documents.pdf import text_of


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    settings = Settings(data=tmp_path / "data", demo=True, demo_password=SecretStr(PASSWORD))
    settings.data.mkdir()
    parts = assemble(settings)
    await parts.database.migrate()
    password = demo_password(settings.data, PASSWORD)
    await seed(parts.store, parts.officers, parts.journal, parts.seal, utc_now(), password)
    await parts.database.close()
    return settings.data


async def test_a_draft_is_written_and_nothing_else_happens(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    accepted = next(case for case in CASES if case.accepted is not None)
    process = await yuntiao(
        "notice", "preview", "acceptance", "--complaint", accepted.id, "--out", str(out), "--data", str(data), "--json"
    )
    told, fault = await process.communicate()
    assert process.returncode == 0, fault.decode()
    assert json.loads(told)["file"] == str(out)
    said = text_of(out.read_bytes())
    assert "草稿" in said
    assert accepted.consumer.name in said
    assert not (data / "notices").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("acceptance", "--complaint", "nothing"), "there is no complaint nothing"),
        (("termination", "--complaint", CASES[0].id), "the occasion for this document has not come"),
    ],
)
async def test_what_cannot_be_drafted_is_said_in_one_line(
    data: Path, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    process = await yuntiao("notice", "preview", *arguments, "--out", str(tmp_path / "a.pdf"), "--data", str(data))
    _, fault = await process.communicate()
    assert process.returncode == 1
    assert why in fault.decode()
    assert fault.decode().count("\n") == 1
