"""`yuntiao retention`: years looked at, tried and changed by who has the machine, and what the journal says of it."""

from __future__ import annotations

import asyncio
import getpass
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from offices.oversight import ActFilter
from rooms.events import SessionClosed, event_draft
from rooms.vocabulary import Outcome, OutcomeKind
from server.app import demo
from server.app.demo import ADMINISTRATOR, OFFICE
from server.app.wiring import Parts, assemble
from server.cli import app
from server.identity.officers import officer_from
from server.oversight.act_store import ActStore
from server.retention.erasure import CHANGED, SET, STREAM
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD
from tests.web.fakes.records.sessions import scheduled

RUN = CliRunner()


def run(data: Path, *words: str, typed: str = "") -> tuple[int, str]:
    result = RUN.invoke(app, ["retention", *words, "--data", str(data)], input=typed)
    return result.exit_code, result.output


@pytest.fixture
async def parts(tmp_path: Path) -> Parts:
    made = assemble(Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD)))
    await made.database.migrate()
    await demo.seed(made.store, made.officers, made.journal, made.seal, datetime.now(UTC), PASSWORD)
    await made.retention.begin()
    return made


async def in_a_thread(data: Path, *words: str, typed: str = "") -> tuple[int, str]:
    """It has an event loop of its own, as another process has while the server runs."""
    return await asyncio.to_thread(run, data, *words, typed=typed)


async def test_years_are_changed_alone_and_the_journal_names_the_machines_account(parts: Parts, tmp_path: Path) -> None:
    try:
        code, said = await in_a_thread(tmp_path, "set", "settled=2", "leads=5", "--reason", "库房有限")
        assert (code, said.splitlines()[-1]) == (0, "in force from now on"), said
        rule = await parts.retention.rule()  # what a running server reads
        assert (rule.periods["settled"], rule.periods["leads"], rule.version) == (2, 5, 2)
        assert await in_a_thread(tmp_path, "set", "settled=2", "--reason", "x") == (0, "these are the years in force\n")
        entries = await parts.journal.read(STREAM)
        assert [entry.type for entry in entries] == [SET, CHANGED]
        account = f"yuntiao ({getpass.getuser()})"
        assert (entries[1].actor.id, entries[1].actor.name) == ("command-line", account)
        assert (entries[1].data["reason"], entries[1].data["approval"]) == ("库房有限", "")
        administrator = await parts.store.user_by_login(ADMINISTRATOR)
        assert administrator is not None
        seen = await ActStore(parts.database).acts(officer_from(administrator, OFFICE), ActFilter(act="rule"))
        assert [(one.actor, one.what, one.reason) for one in seen.rows] == [(account, CHANGED, "库房有限")]
        code, told = await in_a_thread(tmp_path, "show", "--json")
        found = json.loads(told)
        assert (code, found["rule"], found["years"]["settled"], found["most"]["settled"]) == (0, 2, 2, 3)
        assert found["changes"][0]["before"] == {"settled": 3, "leads": 10}
        code, told = await in_a_thread(tmp_path, "show")
        assert "settled 3 → 2, leads 10 → 5  库房有限" in told
    finally:
        await parts.database.close()


async def test_what_would_be_due_is_said_and_asked_about_before_it_is(parts: Parts, tmp_path: Path) -> None:
    try:
        at = datetime.now(UTC) - timedelta(days=800)
        begun = replace(scheduled("c1", "号一", "退款", at), office=OFFICE.id)
        events = (begun, SessionClosed(Outcome(OutcomeKind.SETTLED)))
        await parts.journal.append("session/m1", 0, [event_draft(event, at) for event in events])
        code, told = await in_a_thread(tmp_path, "preview", "settled=1", "--json")
        assert (code, json.loads(told)) == (0, [
            {"kind": "settled", "before": 3, "after": 1, "kept": 1, "earlier": 1, "soon": 1, "later": 0, "held": 0}
        ])  # fmt: skip
        change = ("set", "settled=1", "--reason", "库房有限")
        assert (await in_a_thread(tmp_path, *change, typed="n\n"))[0] == 1
        assert (await parts.retention.rule()).periods["settled"] == 3
        code, told = await in_a_thread(tmp_path, *change, typed="y\n")
        assert "settled: 3 → 1 years; of 1 1 earlier (1 of them in seven days)" in told
        assert (code, (await parts.retention.rule()).periods["settled"]) == (0, 1)
    finally:
        await parts.database.close()


async def test_nonsense_and_what_leaves_the_bounds_is_refused_in_a_sentence(parts: Parts, tmp_path: Path) -> None:
    try:
        for words in ("settled=4", "leads=1", "settled=0"):
            code, said = await in_a_thread(tmp_path, "set", words, "--reason", "x", "--yes")
            assert (code, "yuntiao retention show" in said) == (1, True)
        for words in ("settled", "settled=-1", "lost=2", "settled=٣", "=1"):
            code, said = await in_a_thread(tmp_path, "preview", words)
            assert (code, "write KIND=YEARS" in said) == (1, True)
        assert (await in_a_thread(tmp_path, "set", "settled=2", "--reason", " "))[0] == 1
        assert len(await parts.journal.read(STREAM)) == 1
    finally:
        await parts.database.close()


def test_nothing_is_made_where_there_is_no_installation(tmp_path: Path) -> None:
    code, said = run(tmp_path / "nothing", "show")
    assert (code, "there is no installation" in said) == (1, True)
    assert not (tmp_path / "nothing").exists()


async def test_files_whose_years_are_over_are_listed_and_none_is_destroyed(parts: Parts, tmp_path: Path) -> None:
    code, said = await in_a_thread(tmp_path, "due", "--office", "nowhere")
    assert (code, "there is no office nowhere" in said) == (1, True)
    office = (await parts.store.offices())[0].id
    code, said = await in_a_thread(tmp_path, "due", "--office", office)
    assert (code, "no file is due for appraisal" in said) == (0, True), said
