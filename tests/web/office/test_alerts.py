"""What a window of alerts is told, and when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from rooms.views import Alert, Change
from web.office import alerts

DUE = Alert("due:c1:2026-06-01", "due", "c1", "0001", "陶静", "", datetime(2026, 6, 1, tzinfo=UTC))


class Busy(asyncio.Queue[Alert | Change | None]):
    """An office in which something happens all the time."""

    async def get(self) -> Alert | Change | None:
        return Change(session="s1")


async def due() -> list[Alert]:
    return [DUE]


async def test_what_falls_due_is_told_though_news_come_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "CLOCKS_EVERY", 0)
    told = alerts.with_clocks(Busy(), due, set())
    assert DUE in [await anext(told) for _ in range(3)]


async def test_what_falls_due_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "CLOCKS_EVERY", 0)
    told = alerts.with_clocks(Busy(), due, {DUE.id})
    assert DUE not in [await anext(told) for _ in range(20)]
