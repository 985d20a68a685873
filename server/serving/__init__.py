"""A server on a data folder: its connections, its addresses, its health.

process      `yuntiao serve` from start to stop
data_folder  whether it is an installation, and the locks on it
settings     everything that can be set, and how much may come in in a day
gate         how many connections there may be, what each is doing, who is cut for standing still, whence a socket opens
listener     accepts, hands over to TLS, and rests when the machine has no more files
addresses    under which the machine is reached, and the certificate for them
probe        `yuntiao health`: whether the server of a folder is ready
health       alive, ready, and what is measured
"""

from __future__ import annotations

import asyncio


def loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Of the web process and of media workers; None where the faster loop is not to be had."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop
