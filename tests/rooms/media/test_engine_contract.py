"""The engine that other tests of rooms stand on keeps the promises of the real one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from media.engine import MediaEngine
from tests.contracts.media_engine_contract import MediaEngineContract
from tests.rooms.engine import FakeEngine


class TestFakeEngine(MediaEngineContract):
    @pytest.fixture
    async def engine(self) -> MediaEngine:
        engine = FakeEngine()
        engine.sealed_at = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
        for name in ("ann", "bob"):
            await engine.admit("r", name)
        return engine
