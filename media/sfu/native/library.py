"""The compiled way of packets: needs neither Python's headers nor libsrtp's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cffi import FFI

from media.compiled import Library, NativeMissing as NativeMissing

FOLDER = Path(__file__).parent
LIBRARY = Library(FOLDER, "media", ("fan_out.c", "way_in.c"), ("media.h", "packets.h"))


def path(folder: Path = FOLDER) -> Path:
    return LIBRARY.path(folder)


def build(folder: Path = FOLDER) -> Path:
    return LIBRARY.build(folder)


def load(library: Path) -> tuple[FFI, Any]:
    return LIBRARY.load(library)


def main() -> None:
    """Build if it can be done, else say so in a line: for set-up, where it is welcome and not needed."""
    try:
        build()
    except NativeMissing as reason:
        sys.stderr.write(f"Packets will be forwarded in Python, for about twice the CPU ({reason}).\n")


if __name__ == "__main__":
    main()
