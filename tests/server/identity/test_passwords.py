"""What the program itself hashes passwords with: in tests hashing is made cheap, so another process is asked."""

from __future__ import annotations

import subprocess
import sys

from argon2 import PasswordHasher, Type, extract_parameters

from server.identity.sign_ins import Passwords

HASH = (
    "import asyncio; from server.identity.sign_ins import Passwords; "
    "print(asyncio.run(Passwords().hash('unter-den-linden-94')))"
)


async def test_nobodys_hash_is_one_of_this_hashers_and_no_password_holds() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=2))
    made = extract_parameters(await passwords.hash("unter-den-linden-94"))
    assert extract_parameters(passwords.nobody) == made
    assert not passwords.outdated(passwords.nobody)
    assert not await passwords.holds("unter-den-linden-94", passwords.nobody)


def test_the_program_hashes_by_the_second_recommended_option_of_rfc_9106() -> None:
    hashed = subprocess.run([sys.executable, "-c", HASH], capture_output=True, text=True, check=True).stdout.strip()
    made = extract_parameters(hashed)
    assert made.type is Type.ID
    assert (made.time_cost, made.memory_cost, made.parallelism) == (3, 64 * 1024, 4)
