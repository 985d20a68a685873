"""The whole application with the demo office already in its data folder: in this process, or in one of its own.

Making that folder (every migration, the office, its people and complaints) takes a second and a half of processor time;
copying one that was made once takes a hundredth of that. Its passwords are hashed at next to no cost, so that checking
them costs a program as little.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import shutil
import tempfile
import threading
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from server.app.rehearsal import command
from server.app.wiring import create_app
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD, NoMedia
from tests.suite import fork_server


def demo_app(settings: Settings, media: bool = False) -> web.Application:
    """An application of these settings, not started yet; its people sign in with `PASSWORD`. `media`: they have it."""
    assert settings.demo
    assert settings.demo_password.get_secret_value() == PASSWORD
    shutil.copytree(_seeded(PASSWORD), settings.data, dirs_exist_ok=True)
    return create_app(settings, None if media else NoMedia())


def demo_program(folder: Path, *options: str) -> contextlib.AbstractAsyncContextManager[command.Venue]:
    """The program in its own process, with its data in `folder`.

    It has one media worker unless `options` say another number: a session's room is in one anyhow.
    """
    shutil.copytree(_seeded(command.PASSWORD), folder / "data", dirs_exist_ok=True)
    return command.throw_away(folder, "--workers", "1", *options, launch=fork_server.launched)


@functools.cache
def _seeded(password: str) -> Path:
    """A demo office's data folder as it is left behind by the program's first start and stop."""
    folder = Path(tempfile.mkdtemp(prefix="yuntiao-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # A loop of its own: a test's is running.
    maker = threading.Thread(target=lambda: asyncio.run(_seed(folder, password)))
    maker.start()
    maker.join()
    return folder


async def _seed(folder: Path, password: str) -> None:
    app = create_app(Settings(data=folder, demo=True, demo_password=SecretStr(password)), NoMedia())
    runner = web.AppRunner(app)
    await runner.setup()
    await runner.cleanup()
