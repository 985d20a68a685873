"""What a confined child says to its parent: frames of a kind (one byte), a length (four, big endian) and content.

`D` is data, as the task forms it; `N` that the file is declined, a JSON object of code and params; `X` that the child
gave up, a word of `STOPPED`; `Z` that everything was said. Standard library only: both ends load it.
"""

from __future__ import annotations

import struct
from typing import Any, Final

HEAD: Final = struct.Struct(">cI")
DATA, DECLINED, GAVE_UP, END = b"D", b"N", b"X", b"Z"
STOPPED: Final = frozenset({"memory", "time", "output", "crashed"})


class Declined(Exception):
    """The reader looked at the file and will not have it; code and params are those of the file's own kind."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code + "".join(f" {name}={value}" for name, value in params.items()))
        self.code, self.params = code, params
        self.seconds = 0.0  # of a core that reading took


class ReaderStopped(Exception):
    """The file took its reader beyond a limit, or made it crash; `why` is a word of `STOPPED`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = 0.0
