"""The job process: `python -m server.serving.jobs --data DIR`. Ends on SIGTERM or SIGINT, putting back what it was
doing.

`--until-stdin-closes` ends it with the process that started it, however that ended; what comes on standard input before
is how many rooms are live.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from recordings.files.keys import Keys
from server.identity.key_store import configured_keys
from server.serving import data_folder, logs
from server.serving.jobs import JOBS
from server.serving.jobs.runner import IMPORTS, Consumer, Live, Runner, handlers, unfinished

# A live room on the same machine comes first; see recordings.composing.encoder for what else gives way to it.
NICENESS = 10
STOP_WITHIN = 10.0


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    logs.configure("jobs", options.log_format)
    os.nice(NICENESS)
    live = Live()
    stopped = stopping(options.until_stdin_closes, live)
    keys = configured_keys(options.data, options.master)
    # The server's last process may have been killed, and what it left be ending still: of what that puts back, and of
    # what it cannot, nothing is passed over by looking too early, and no video is made by two.
    with data_folder.alone_with_jobs(options.data, stopped) as mine:
        if not mine:
            return
        if options.mail_drop is not None:
            from server.imports.jobs import MailDropJob

            drop = MailDropJob(options.data, keys, options.mail_drop, options.mail_drop_office, stopped.is_set)
            # It ends with the process: what it was dealing with is begun again, and taken once.
            threading.Thread(target=drop.run, name="mail drop", daemon=True).start()
        work(options.data, keys, stopped, live)
        if (options.data / IMPORTS).is_dir():
            from server.imports.batches import Attempts

            Attempts(options.data / IMPORTS).put_back()


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m server.serving.jobs", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="the data folder")
    options.add_argument("--master", type=Path, help="file with the master key; none: in the data folder")
    options.add_argument("--log-format", choices=["text", "json"], default="text")
    options.add_argument("--until-stdin-closes", action="store_true")
    options.add_argument("--mail-drop", type=Path, help="folder the message board's mail is put in")
    options.add_argument("--mail-drop-office", default="", help="whose it is; none: the only office")
    return options


def work(data: Path, keys: Keys, stopped: threading.Event, live: Live) -> None:
    """Work jobs off until `stopped`."""
    runner = Runner(data / JOBS, handlers(data, keys, live))
    waiting = runner.jobs.waiting()
    for job in unfinished(data):
        if job not in waiting:
            runner.jobs.put(*job)
    # Three threads: a message waits neither for a video nor for a transcript.
    consumer = Consumer(runner.jobs.huey, workers=3, periodic=False, max_delay=0.5, shutdown_timeout=STOP_WITHIN)
    consumer.start()
    stopped.wait()
    runner.stop()
    consumer.stop(graceful=True)
    runner.jobs.close()


def stopping(with_stdin: bool, live: Live) -> threading.Event:
    """Set by SIGINT or SIGTERM, and `with_stdin` when standard input ends, which says until then how many are live."""
    stopped = threading.Event()
    # Not by a handler that sets the event: it runs in the main thread, which may hold the event's lock, or be about to
    # wait for it and not look again. What the system's handler writes is read by a thread of its own at any time.
    heard, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)

    def signals() -> None:
        os.read(heard, 1)
        stopped.set()

    def watch() -> None:
        while data := os.read(0, 4096):
            live.hear(data)
        stopped.set()

    threading.Thread(target=signals, name="signals", daemon=True).start()
    if with_stdin:
        threading.Thread(target=watch, name="stdin", daemon=True).start()
    return stopped


if __name__ == "__main__":
    main()
    # All is put back by now. Python would take half a second to take itself apart, and whoever stops us waits for it.
    os._exit(0)
