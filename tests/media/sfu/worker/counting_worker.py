"""The real worker process with a recorder that only counts: `python -m tests.media.sfu.worker.counting_worker …`."""

from __future__ import annotations

import asyncio
import sys

from server.rooms.worker import parser, serve
from server.serving import loop_factory
from tests.media.taps import CountingTaps

if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(parser().parse_args(sys.argv[1:]), CountingTaps()))
