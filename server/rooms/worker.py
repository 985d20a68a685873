"""A media worker process: brings the forwarding plane and the recorder together.

Started by media.sfu.engine as `python -m server.rooms.worker --control-fd N …`; ends when the control socket does.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from media import NativeLibrary, NativeMissing, TapFactory
from media.sfu.bandwidth import NO_CAPS, Caps
from media.sfu.control import MAX_BITRATE, ControlChannel
from media.sfu.native import FORWARDING, NativeForwarder
from media.sfu.udp_mux import SOCKET_BUFFER, UdpMux
from media.sfu.worker import Worker
from recordings.captions import CaptionsSink
from recordings.files.keys import FileKeys, Keys, in_force
from recordings.native import WRITING, NativeWriter, loaded
from recordings.recorder import Recorder
from server.serving import logs, loop_factory

T = TypeVar("T")

log = logging.getLogger(__name__)

COLLECT_AFTER = (10_000, 20, 50)  # instead of 700, 10, 10


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    logs.configure(f"media-{options.number}", options.log_format, bound=False)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(record(options))


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--control-fd", type=int, required=True)
    options.add_argument("--captions-fd", type=int, help="where sound goes that becomes text; none: nothing does")
    options.add_argument("--number", type=int, default=0, help="of this worker, as in metrics")
    options.add_argument("--log-format", choices=["text", "json"], default="text")
    options.add_argument("--host", action="append", default=[], help="address to listen on; repeatable")
    options.add_argument("--port", type=int, default=0, help="UDP port; 0: any free one")
    options.add_argument("--announce", action="append", default=[], help="address told to clients; repeatable")
    options.add_argument("--recordings", type=Path, required=True)
    options.add_argument("--keys", type=Path, help="folder of the cases' keys; none: beside the recordings")
    options.add_argument("--master", type=Path, help="file with the master key; none: beside the recordings")
    options.add_argument("--sm3", action="store_true", help="hash recordings with SM3 as well")
    options.add_argument("--reserve", type=int, default=0, help="bytes that stay free on the disk")
    options.add_argument("--bitrate", type=int, default=MAX_BITRATE, help="bit/s that one client may send")
    options.add_argument(
        "--fan-out", choices=["auto", "python", "native"], default="auto", help="auto: native if built"
    )
    options.add_argument("--leased", action="store_true", help="nothing goes on but until when the web process says")
    options.add_argument("--room-people", type=int, default=NO_CAPS.participants)
    options.add_argument("--room-bits", type=int, default=0, help="bit/s of a room, in and out each; 0: no cap")
    options.add_argument("--worker-bits", type=int, default=0, help="bit/s of all rooms, likewise")
    return options


async def serve(options: argparse.Namespace, taps: TapFactory) -> None:
    """Run until the web process ends the channel or sends SIGTERM; recordings are finished first."""
    control = socket.socket(fileno=options.control_fd)
    control.setblocking(False)
    channel = await ControlChannel.over(control)
    hosts = options.host or ["127.0.0.1"]
    try:
        mux = await UdpMux.bind(hosts, options.port, options.bitrate, compiled(options.fan_out))
    except OSError as error:  # the web process says what to look at
        log.error("UDP port %d on %s: %s", options.port, ", ".join(hosts), error.strerror)
        raise SystemExit(1) from None
    if options.leased:
        mux.hold(0.0)
    caps = Caps(options.room_bits, options.worker_bits, options.room_people)
    if mux.receive_buffer_size < SOCKET_BUFFER // 4:
        log.warning("The kernel gives a media socket %d kB; see net.core.rmem_max", mux.receive_buffer_size >> 10)
    sound = CaptionsSink(socket.socket(fileno=options.captions_fd)) if options.captions_fd is not None else None
    worker = Worker(mux, options.announce or hosts, taps, channel, caps, sound)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, worker.stop)
    # Ctrl-C reaches the whole group; the web process decides when we end.
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    calm_collector()
    await worker.run()


async def record(options: argparse.Namespace) -> None:
    """Serve with the real recorder."""
    writer = compiled_writer(options.fan_out)
    recorder = Recorder(options.recordings, options.reserve, _keys(options), sm3=options.sm3, writer=writer)
    try:
        await serve(options, recorder)
    finally:
        await recorder.stop()


def _keys(options: argparse.Namespace) -> Keys:
    beside = options.recordings.parent / "keys"
    if os.environ.get("YUNTIAO_KEYS_URL"):
        from server.identity.key_store import configured_keys  # not loaded where keys are files

        return configured_keys(options.recordings.parent, options.master)
    return FileKeys(options.keys or beside / "cases", options.master or beside / "master.key")


def compiled(wanted: str) -> NativeForwarder | None:
    """What forwards media; None: Python does."""
    return _compiled(wanted, FORWARDING, NativeForwarder, "Packets are forwarded")


def compiled_writer(wanted: str) -> NativeWriter | None:
    """What writes recordings, likewise."""
    made = _compiled(wanted, WRITING, loaded, "Recordings are written")
    if made is not None and in_force() == "sm4" and not made.sm4:
        log.warning(
            "Recordings are written in Python, which takes more CPU: no libcrypto here has SM4-GCM (OpenSSL 3.1)"
        )
        return None
    return made


def _compiled(wanted: str, library: NativeLibrary, load: Callable[[Path], T], what: str) -> T | None:
    """`native` builds what is not there yet. Python does the same in any case, for more CPU, which the log says."""
    if wanted == "python":
        return None
    try:
        if wanted == "auto" and not library.path().exists():
            raise NativeMissing(
                "nothing is compiled here; yuntiao media build-native does it where there is a C compiler"
            )
        return load(library.build())
    except NativeMissing as reason:
        log.warning("%s in Python, which takes more CPU: %s", what, reason)
        return None


def calm_collector() -> None:
    """What was loaded up to here is looked at no more, and fewer passes over the rest: a full one holds up packets."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


if __name__ == "__main__":
    main()
