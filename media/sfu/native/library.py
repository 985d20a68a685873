"""The sources of the C library. Building needs neither Python's headers nor libsrtp's."""

from __future__ import annotations

from pathlib import Path

from media.native_library import NativeLibrary

FORWARDING = NativeLibrary(Path(__file__).parent, "media", ("fan_out.c", "receive.c"), ("media.h", "packets.h"))

if __name__ == "__main__":
    FORWARDING.build_if_possible("Packets will be forwarded in Python, for about twice the CPU")
