"""How much each token says of a case, in eight bytes a token: 57 bits of its digest, then 7 of its impact.

Many cases are read at once, as one array; nothing is made of a case's words that no question asks for. Two tokens of
one digest would be taken for one another: of a million different ones two have the same in one case of 300,000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BITS: Final = 7
_IMPACT: Final = (1 << _BITS) - 1
_FORM: Final = np.dtype("<u8")


def packed(terms: Mapping[str, int]) -> bytes:
    """Of impacts from 1 to 127."""
    numbers = [_digest(token) << _BITS | impact for token, impact in terms.items()]
    return np.sort(np.array(numbers, _FORM)).tobytes()


@lru_cache(maxsize=512)
def digests(impacts: bytes) -> frozenset[int]:
    """Of all its tokens."""
    return frozenset((np.frombuffer(impacts, _FORM) >> _BITS).tolist())


def table(cases: Sequence[bytes], tokens: Sequence[str]) -> NDArray[np.float64]:
    """The impact of every one of `tokens`, each once, in every case: a row a case, 0 where it does not stand."""
    found = np.zeros((len(cases), len(tokens)))
    if not found.size:
        return found
    asked = np.array([_digest(token) for token in tokens], _FORM)
    order = np.argsort(asked)
    every = np.frombuffer(b"".join(cases), _FORM)
    stands = every >> _BITS
    near = np.minimum(np.searchsorted(asked, stands, sorter=order), len(tokens) - 1)
    column = order[near]
    met = asked[column] == stands
    row = np.repeat(np.arange(len(cases)), [len(case) // _FORM.itemsize for case in cases])
    found[row[met], column[met]] = every[met] & _IMPACT
    return found


@lru_cache(maxsize=50_000)
def _digest(token: str) -> int:
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest()) >> _BITS
