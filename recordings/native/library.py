"""The compiled writer: needs neither Python's headers nor OpenSSL's."""

from __future__ import annotations

from pathlib import Path

from media.native_library import NativeLibrary

WRITING = NativeLibrary(
    Path(__file__).parent,
    "writer",
    (
        "braid.c", "bytes.c", "digest.c", "disk.c", "frames.c", "order.c", "pass.c", "reel.c", "sealed.c", "segment.c",
        "strand.c", "timeline.c",
    ),
    ("writer.h", "parts.h", "crypto.h"),
    # A product and a sum stay two operations, as in Python; names are ours alone.
    ("-ffp-contract=off", "-Wl,-Bsymbolic"),
)  # fmt: skip

if __name__ == "__main__":
    WRITING.build_if_possible("Recordings will be written in Python, for about twice the CPU")
