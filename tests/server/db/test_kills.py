"""Random kills of a process that appends, signs and erases; `yuntiao bench journal --kills 1000` is the long form."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests import ROOT


@pytest.mark.long
async def test_of_what_was_acknowledged_nothing_is_lost_duplicated_or_unverifiable() -> None:
    # A process of its own: it forks, which one with threads must not.
    command = (sys.executable, "-m", "server", "bench", "journal", "--kills", "50", "--json")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    answer, _ = await process.communicate()
    figures = json.loads(answer)["figures"]
    assert (figures["lost"], figures["duplicated"], figures["unverifiable"]) == (0, 0, 0)
    assert process.returncode == 0
    assert figures["kills"] == 50
    assert figures["acknowledged"] > 50
    assert figures["acknowledged_checkpoints"] > 0
