"""Attacks by file: what opens into more than can be held, sent wherever the office takes files."""

from __future__ import annotations

from server.bench.attack.outcome import Outcome, Target


async def files(target: Target) -> Outcome:
    return Outcome()
