"""Imports run on real databases, with the journal, the seal and the projections they have in the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from complaints.service import ComplaintService
from journal import Actor
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity import KEY_BYTES, Seal
from server.identity.store import IdentityStore
from server.imports.batches import Batches
from server.imports.store import IntakeStore
from tests.server.app.office import FIRST

NOW = datetime(2026, 6, 24, 1, tzinfo=UTC)
ZHOU = Actor("officer", "zhou", "周敏", "mediator", FIRST.id)
FULL = "工单编号,来电时间,来电人,联系电话,性别,企业名称,诉求内容,金额(元),问题类别"


def line(number: str, **changes: str) -> str:
    cells = {
        "time": "2026-06-08 14:30", "name": "丁小禾", "phone": "13800001234", "sex": "女士", "business": "甲健身馆",
        "facts": "商家停业。余款未退", "amount": "2360", "problem": "合同",
    }  # fmt: skip
    return ",".join([number, *(cells | changes).values()])


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A hotline export of these lines."""

    def made(*lines: str, name: str = "export.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes("\r\n".join([FULL, *lines, ""]).encode(encoding))
        return path

    return made


@pytest.fixture
def journal(database: Database) -> SqlJournal:
    return SqlJournal(database, projectors())


@pytest.fixture
async def batches(database: Database, journal: SqlJournal, tmp_path: Path) -> Batches:
    await IdentityStore(database).add_office(FIRST)
    seal = Seal(b"k" * KEY_BYTES)
    complaints = ComplaintService(journal, seal, lambda: NOW)
    return Batches(complaints, journal, IntakeStore(database), seal, tmp_path, lambda: NOW)
