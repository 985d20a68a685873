"""The whole application in this process, with the demo office already in its data folder.

Making that folder (every migration, the office, its people and complaints) takes a second and a half of processor time;
copying one that was made once takes a hundredth of that.
"""

from __future__ import annotations

import asyncio
import functools
import shutil
import tempfile
import threading
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from server.settings import Settings
from server.wiring import create_app
from tests.identity.office import PASSWORD, NoMedia


def demo_app(settings: Settings) -> web.Application:
    """An application of these settings, not started yet; its people sign in with `PASSWORD`, and nobody has media."""
    assert settings.demo
    assert settings.demo_password.get_secret_value() == PASSWORD
    shutil.copytree(_seeded(), settings.data, dirs_exist_ok=True)
    return create_app(settings, NoMedia())


@functools.cache
def _seeded() -> Path:
    """A demo office's data folder as it is left behind by the program's first start and stop."""
    folder = Path(tempfile.mkdtemp(prefix="yuntiao-tests-"))
    maker = threading.Thread(target=lambda: asyncio.run(_seed(folder)))  # a loop of its own: a test's is running
    maker.start()
    maker.join()
    return folder


async def _seed(folder: Path) -> None:
    app = create_app(Settings(data=folder, demo=True, demo_password=SecretStr(PASSWORD)), NoMedia())
    runner = web.AppRunner(app)
    await runner.setup()
    await runner.cleanup()
