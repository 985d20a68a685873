"""A process that records two generated people in real time until it is killed.

Prints when bytes are on disk, and when three seconds were sent.

python -m tests.recordings.broadcast FOLDER [LIBRARY]
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from media import Tap
from media.engine import MediaEvent, Recording
from recordings.native import loaded
from recordings.recorder import Recorder
from tests.recordings.keyring import AnyKey
from tests.recordings.sender import Sender, Sent, in_time


async def live(tap: Tap, packets: list[Sent], begin: float) -> None:
    """Hand packets over when they are due."""
    for packet in packets:
        await asyncio.sleep(max(0.0, begin + packet.captured - time.time()))
        tap.packet(packet.source, packet.sequence, packet.timestamp, packet.marker, packet.payload, time.time())


async def main(folder: Path, library: Path | None) -> None:
    packets = in_time(Sender().picture(0, 10), Sender().sound(0, 10))
    recorder = Recorder(folder, 0, AnyKey(), writer=loaded(library) if library is not None else None)

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def tell(event: MediaEvent) -> None:
        if isinstance(event, Recording):
            say("recording")

    async def send(tap: Tap) -> None:
        await live(tap, [packet for packet in packets if packet.captured < 3], begin)
        say("three seconds")
        await live(tap, [packet for packet in packets if packet.captured >= 3], begin)

    taps = [recorder.open("s1", seat, tell, lambda source: None) for seat in ("a", "b")]
    begin = time.time()
    await asyncio.gather(*(send(tap) for tap in taps))
    await recorder.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
