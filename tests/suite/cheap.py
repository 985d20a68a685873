"""What each test would pay for anew: strong hashes of passwords, large keys, and templates compiled for its own
application.

For the tests' processes, and for programs that are forked (`tests/suite/fork_server.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial, partialmethod
from itertools import count
from types import CodeType
from typing import Any, Final

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import rsa
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

TEMPLATES: Final = "YUNTIAO_TEST_TEMPLATES"
"""Names the folder in which a run's processes keep compiled templates for each other."""

hasher: Final = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
"""Next to no cost; `tests/server/identity/test_passwords.py` holds the program's own."""


class CompiledOnce(FileSystemBytecodeCache):
    """Templates as compiled by whichever process of a run met them first; what this one has met it keeps."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.kept: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get(_key(bucket))
        if bucket.code is None:
            super().load_bytecode(bucket)
            if bucket.code is not None:
                self.kept[_key(bucket)] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.kept[_key(bucket)] = bucket.code
        super().dump_bytecode(bucket)


def _key(bucket: Bucket) -> str:
    return f"{bucket.key} {bucket.checksum}"


def begun() -> partialmethod[Any]:
    """`Environment.__init__`, for environments that take templates from there."""
    return partialmethod(Environment.__init__, bytecode_cache=CompiledOnce(os.environ[TEMPLATES]))


KEYS: Final = 12
"""More than any test has at once."""


def keys() -> Callable[[int, int], rsa.RSAPrivateKey]:
    """`rsa.generate_private_key`, of which a process gets so many and then the same again."""
    generate, kept, turn = rsa.generate_private_key, dict[tuple[int, ...], rsa.RSAPrivateKey](), count()

    def generated(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        which = (next(turn) % KEYS, public_exponent, key_size)
        if which not in kept:
            kept[which] = generate(public_exponent, key_size)
        return kept[which]

    return generated
