"""The confined child, a script: `child.py PARENT INPUT TASK MEMORY SECONDS` with an order, JSON, on standard input.

Reads the open file number INPUT by a function of `server.confinement` and writes frames to standard output. Before any
of the program is loaded it binds itself to its parent's life, to bytes of memory and seconds of a core, to writing no
file and to coming last when others want the processor.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_DUMPABLE, _PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 4, 1, 38  # prctl(2)
_NICE = 10


def confine(parent: int, memory: int, seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with contextlib.suppress(ValueError, OSError):  # stricter ones are in force already
            resource.setrlimit(what, (most, most))
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    with contextlib.suppress(AttributeError, OSError):  # only Linux has it
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        prctl(_PR_SET_DUMPABLE, 0)
        if os.getppid() != parent:
            os._exit(1)  # gone before we could ask


def main(input_: int, task: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from server import confinement

    # Whatever a library prints must not look like a frame.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)

        def say(kind: bytes, content: bytes) -> None:
            out.write(confinement.HEAD.pack(kind, len(content)))
            out.write(content)
            out.flush()

        try:
            order = json.loads(sys.stdin.buffer.read())
            with os.fdopen(input_, "rb") as file:
                for frame in confinement.TASKS[task](file, order):
                    say(confinement.DATA, frame)
        except confinement.Declined as no:
            say(confinement.DECLINED, json.dumps({"code": no.code, "params": no.params}, ensure_ascii=False).encode())
        except MemoryError:
            say(confinement.GAVE_UP, b"memory")
        except BrokenPipeError:
            pass  # the parent has seen enough
        except Exception as fault:  # whatever a parser stumbles over
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            say(confinement.GAVE_UP, b"crashed")
        else:
            say(confinement.END, b"")


if __name__ == "__main__":
    confine(int(sys.argv[1]), int(sys.argv[4]), int(sys.argv[5]))
    main(int(sys.argv[2]), sys.argv[3])
    os._exit(0)  # nothing is left to be put in order, and a library's own ending may stumble
