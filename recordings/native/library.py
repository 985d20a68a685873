"""The compiled writer: needs neither Python's headers nor OpenSSL's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cffi import FFI

from media.compiled import Library, NativeMissing as NativeMissing

FOLDER = Path(__file__).parent
LIBRARY = Library(
    FOLDER,
    "writer",
    (
        "braid.c", "bytes.c", "digest.c", "frames.c", "order.c", "reel.c", "sealed.c", "segment.c", "strand.c",
        "timeline.c",
    ),
    ("writer.h", "parts.h", "crypto.h"),
    # A product and a sum stay two operations, as in Python; names are ours alone.
    ("-ffp-contract=off", "-Wl,-Bsymbolic"),
)  # fmt: skip


def path(folder: Path = FOLDER) -> Path:
    return LIBRARY.path(folder)


def build(folder: Path = FOLDER) -> Path:
    return LIBRARY.build(folder)


def load(library: Path) -> tuple[FFI, Any]:
    return LIBRARY.load(library)


def main() -> None:
    """As `media.sfu.native.library.main`."""
    try:
        build()
    except NativeMissing as reason:
        sys.stderr.write(f"Recordings will be written in Python, for about twice the CPU ({reason}).\n")


if __name__ == "__main__":
    main()
