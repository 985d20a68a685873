"""A job process: `python -m server.serving.jobs --data DIR`. Ends on SIGTERM or SIGINT, putting back what it was doing.

`--until-stdin-closes` ends it with the process that started it, however that ended; what comes on standard input before
is how many rooms are live. There may be any number of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from recordings.files.keys import Keys
from recordings.speech.models import lacking
from server import serving
from server.db.engine import Database
from server.identity.key_store import configured_keys
from server.serving import logs
from server.serving.jobs.runner import IMPORTS, Live, Worker, handlers, unfinished
from server.serving.jobs.store import ALONE, JobQueue
from server.serving.settings import Settings

# A live room on the same machine comes first; see recordings.composing.encoder for what else gives way to it.
NICENESS = 10


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    logs.configure("jobs", options.log_format)
    os.nice(NICENESS)
    live = Live()
    stopped = stopping(options.until_stdin_closes, live)
    keys = configured_keys(options.data, options.master)
    if options.mail_drop is not None:
        # It ends with the process: what it was dealing with is begun again, and taken once.
        threading.Thread(target=mail_drop, args=(options, keys, stopped), name="mail drop", daemon=True).start()
    work(options, keys, stopped, live)
    put_back(options.data)


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m server.serving.jobs", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="the data folder")
    options.add_argument("--master", type=Path, help="file with the master key; none: in the data folder")
    options.add_argument("--log-format", choices=["text", "json"], default="text")
    options.add_argument("--name", default=f"jobs-{secrets.token_hex(8)}", help="no other process has it")
    options.add_argument("--until-stdin-closes", action="store_true")
    options.add_argument("--visiting", action="store_true", help="no server has this folder: files lie in a store")
    options.add_argument("--mail-drop", type=Path, help="folder the message board's mail is put in")
    options.add_argument("--mail-drop-office", default="", help="whose it is; none: the only office")
    return options


def put_back(data: Path) -> None:
    """An orderly end is no import's fault."""
    if (data / IMPORTS).is_dir():
        from server.imports.batches import Attempts

        Attempts(data / IMPORTS).put_back()


def mail_drop(options: argparse.Namespace, keys: Keys, stopped: threading.Event) -> None:
    # The server's last process may have been killed, and what it left be ending still.
    with serving.alone_with_mail(options.data, stopped) as mine:
        if mine:
            from server.imports.jobs import MailDropJob

            MailDropJob(options.data, keys, options.mail_drop, options.mail_drop_office, stopped.is_set).run()


def work(options: argparse.Namespace, keys: Keys, stopped: threading.Event, live: Live) -> None:
    """Work jobs off until `stopped`."""
    left = [] if options.visiting else unfinished(options.data)
    asyncio.run(_work(options, keys, stopped, live, left))


async def _work(
    options: argparse.Namespace, keys: Keys, stopped: threading.Event, live: Live, left: Sequence[str]
) -> None:
    settings = Settings(data=options.data)
    database = Database(settings.database)
    queue = JobQueue(database, "" if options.visiting else settings.node or ALONE, bool(settings.files))
    known = dict(handlers(options.data, keys, live))
    if options.visiting and lacking(settings.speech_folder):
        del known["transcribe"]  # whoever has a model does it
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        stopped.wait()
        loop.call_soon_threadsafe(ending.set)

    threading.Thread(target=wait, name="stopped", daemon=True).start()
    try:
        for batch in left:
            await queue.enqueue("import", needs="disk", batch=batch)
        await (worker := Worker(queue, known, options.name)).work(ending)
        if worker.busy:  # Python would wait for its threads
            put_back(options.data)
            os._exit(0)
    finally:
        await database.close()


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
