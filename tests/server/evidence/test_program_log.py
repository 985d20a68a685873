"""The whole program's log: what it signs from the start to the stop, shows and measures."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from journal.merkle import growth_of
from journal.notes import checkpoint_of, opened, public_key_of, verifies
from server.app.wiring import PARTS, create_app
from server.db.engine import Database
from server.db.remaking import reading
from server.evidence.log_check import check
from server.evidence.log_keeper import existing_signer
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD, NoMedia
from tests.web.client import AiohttpClient, browser


def settings_of(tmp_path: Path, **more: object) -> Settings:
    given = {"data": tmp_path, "demo": True, "demo_password": SecretStr(PASSWORD), "public_url": "http://y.example"}
    return Settings(**{**given, **more})  # type: ignore[arg-type]


async def test_it_signs_at_the_start_publishes_and_signs_again_when_it_stops(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    settings = settings_of(tmp_path)
    app = demo_app(settings)
    person = await browser(aiohttp_client, app)
    keeper = app[PARTS].log.keeper
    await keeper.make()  # the demo's complaints, if the first was made before them
    name, public = public_key_of((await person.get("/log/key")).text)
    assert (name, public) == (existing_signer(tmp_path).name, existing_signer(tmp_path).public)
    checkpoint = checkpoint_of(opened((await person.get("/log/checkpoint")).text, name, public, verifies))
    assert checkpoint.size == await app[PARTS].log.store.size()
    assert f"{checkpoint.size:,}" in (await person.get("/log")).text
    proof = growth_of((await person.get("/log/growth/1")).text)
    assert (proof.old, checkpoint_of(opened(proof.note, name, public, verifies))) == (1, checkpoint)
    metrics = (await person.get("/metrics")).text
    assert f"yuntiao_log_checkpoint_events {float(checkpoint.size)}" in metrics
    assert 'yuntiao_log_fault{fault="contradiction"} 0.0' in metrics
    await app.cleanup()
    database = Database(settings.database)
    async with reading(database) as snapshot:
        report = await check(snapshot, tmp_path)
    await database.close()
    assert report.findings == []
    assert report.events >= checkpoint.size


def test_an_authority_without_roots_and_a_witness_without_a_secret_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="YUNTIAO_TSA_ROOTS"):
        settings_of(tmp_path, tsa_url="https://tsa.example/")
    with pytest.raises(ValueError, match="YUNTIAO_WITNESS_SECRET"):
        settings_of(tmp_path, witness_urls="https://witness.example/")
    with pytest.raises(ValueError, match="http"):
        settings_of(tmp_path, witness_urls="witness.example", witness_secret="s" * 40)
    with pytest.raises(ValueError, match="certificates"):
        create_app(settings_of(tmp_path, tsa_url="https://tsa.example/", tsa_roots=tmp_path / "none.pem"), NoMedia())
