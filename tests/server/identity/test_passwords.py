"""What the program itself hashes passwords with: in tests hashing is made cheap, so another process is asked."""

from __future__ import annotations

import subprocess
import sys

from argon2 import Type, extract_parameters

HASH = (
    "import asyncio; from server.identity.sign_ins import Passwords; "
    "print(asyncio.run(Passwords().hash('unter-den-linden-94')))"
)


def test_the_program_hashes_by_the_second_recommended_option_of_rfc_9106() -> None:
    hashed = subprocess.run([sys.executable, "-c", HASH], capture_output=True, text=True, check=True).stdout.strip()
    made = extract_parameters(hashed)
    assert made.type is Type.ID
    assert (made.time_cost, made.memory_cost, made.parallelism) == (3, 64 * 1024, 4)
