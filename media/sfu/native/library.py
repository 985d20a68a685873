"""The compiled way of packets: needs neither Python's headers nor libsrtp's."""

from __future__ import annotations

from pathlib import Path

from media.compiled import Library

FORWARDING = Library(Path(__file__).parent, "media", ("fan_out.c", "way_in.c"), ("media.h", "packets.h"))

if __name__ == "__main__":
    FORWARDING.welcome("Packets will be forwarded in Python, for about twice the CPU")
