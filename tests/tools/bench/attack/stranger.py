"""The attacker: a process of its own, so that what it costs is not taken for what the office costs.

Started as `python -m tests.tools.bench.attack.stranger`: one JSON order `{family, target}` a line on standard input,
each answered by a line of JSON, an `Outcome`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import sys
from typing import Final

from tests.tools.bench.attack.families import FAMILIES
from tests.tools.bench.attack.outcome import Outcome, Target

GRACE: Final = 20.0  # seconds beyond its time until a family is given up


async def attack(family: str, target: Target) -> Outcome:
    """One family until its time is over; an attack that fails by itself says so among the answers."""
    try:
        async with asyncio.timeout(target.seconds + GRACE):
            return await FAMILIES[family](target)
    except Exception as fault:
        outcome = Outcome()
        outcome.answers[f"{type(fault).__name__}: {str(fault)[:200]}"] += 1
        return outcome


def main() -> None:
    logging.disable()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for line in sys.stdin:
        order = json.loads(line)
        outcome = asyncio.run(attack(order["family"], Target.read(order["target"])))
        sys.stdout.write(json.dumps(outcome.json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
