"""Every family of attacks once, beside a live room: counts hold on any machine, times are for the benchmark."""

from __future__ import annotations

import json

import pytest

from tests.tools.bench import attack
from tests.tools.bench.attack.families import FAMILIES

COUNTED = ("served", "lost", "tracebacks", "server_errors", "restarts", "amiss", "locked_out")


@pytest.mark.long
@pytest.mark.media
def test_attacks_are_served_nothing_and_lose_nothing() -> None:
    report = attack.measure(quick=True)
    figures = report["figures"]
    told = json.dumps(report["misses"], ensure_ascii=False, indent=1)[:8_000]
    assert {name: figures[f"{name}_count"] for name in COUNTED} == dict.fromkeys(COUNTED, 0), told
    assert figures["families_count"] == len(FAMILIES), told
    assert figures["acknowledged_count"] > 0, told
