"""A log that was signed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from journal.notes import Attested, LogState
from web import Log

MADE = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)
KEY = "yuntiao/0123+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NOTE = f"yuntiao/0123\n1234\n{ROOT}\ntime 2026-06-24T01:00:00.000000Z\n\n— yuntiao/0123 x08goA==\n"


class FakeLog(Log):
    def __init__(self) -> None:
        attested = Attested("timestamp", "tsa.example", 1200, MADE)
        self.shown = LogState("yuntiao/0123", KEY, 1234, ROOT, MADE, "", (attested,), ("witness.example",))
        self.text = NOTE

    def nothing_yet(self) -> None:
        self.shown = replace(self.shown, origin="", key="", size=0, root="", made=None, attested=(), waiting=())
        self.text = ""

    async def state(self) -> LogState:
        return self.shown

    async def note(self) -> str:
        return self.text

    async def growth(self, old: int) -> str:
        return f"yuntiao-growth/1\nold {old}\n\n{self.text}" if self.text and 0 < old <= self.shown.size else ""

    async def key(self) -> str:
        return self.shown.key
