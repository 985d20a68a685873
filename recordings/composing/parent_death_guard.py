"""What an encoder is started through: it dies with the process that started it, and leaves no image of its memory.

A script that runs before anything of the program is loaded: `python parent_death_guard.py PARENT COMMAND…`. Of what
strangers sent it may take no more of the machine than the variables `LEASH_MEMORY` (bytes) and `LEASH_SECONDS` (of a
core) say.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(parent: int, *command: str) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, what in (("LEASH_MEMORY", resource.RLIMIT_AS), ("LEASH_SECONDS", resource.RLIMIT_CPU)):
        if name in os.environ:
            most = int(os.environ[name])
            resource.setrlimit(what, (most, most))
    with contextlib.suppress(AttributeError, OSError):  # only Linux has it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return  # gone before we could ask
    # The disk is the recorder's first.
    ionice = shutil.which("ionice", path=os.defpath)
    words = [ionice, "-c", "3", "-t", *command] if ionice else [*command]
    os.execv(words[0], words)  # noqa: S606 - a fixed list, made by recordings.composing.encoder


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
