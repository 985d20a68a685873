"""The room's Socket.IO namespace: validate, authorise, translate, acknowledge. Here is who was let in by which
credential: sockets, and media, which goes on without one. Nobody outstays theirs.

They are looked at again as soon as a credential is said to have changed, and by the clock besides: another process may
have changed it, or time may have.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from journal import Actor

RECHECK = 60.0
"""Seconds between two looks at everybody."""
AGAIN = 0.5
"""Seconds until somebody is looked at again of whom it could not be told."""
AT_ONCE = 32
"""Questions under way at a time: each is a query or two, and waits for its room."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who a connection is: found from its cookies, never from what it says.

    `credential`: digest of the token it came by.
    """

    session: str
    seat: str
    actor: Actor
    mediator: bool
    credential: str = field(default="", repr=False)
    client: str = ""  # browser and system, as `client_name` says them
    network: str = field(default="", repr=False)  # the address it comes from

    @property
    def place(self) -> tuple[str, str, str, str, bool]:
        """What must be the same for who came in to be who may come in; a name may have been corrected."""
        return self.session, self.seat, self.actor.kind, self.actor.id, self.mediator


_BROWSERS: Final = (
    # In this order: most name others of these besides themselves.
    ("WeChat", re.compile(r"MicroMessenger/([0-9]{1,3})")),
    ("QQ", re.compile(r"\bQQ/([0-9]{1,3})")),
    ("Alipay", re.compile(r"AlipayClient/([0-9]{1,3})")),
    ("DingTalk", re.compile(r"DingTalk/([0-9]{1,3})")),
    ("QQBrowser", re.compile(r"QQBrowser/([0-9]{1,3})")),
    ("UC", re.compile(r"UCBrowser/([0-9]{1,3})")),
    ("HuaweiBrowser", re.compile(r"HuaweiBrowser/([0-9]{1,3})")),
    ("MiuiBrowser", re.compile(r"MiuiBrowser/([0-9]{1,3})")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/([0-9]{1,3})")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/([0-9]{1,3})")),
    ("Chrome", re.compile(r"(?:Chrome|HeadlessChrome|CriOS)/([0-9]{1,3})")),
    ("Safari", re.compile(r"Version/([0-9]{1,3})[.0-9]* (?:Mobile/\S+ )?Safari/")),
)
_SYSTEMS: Final = (
    ("HarmonyOS", re.compile(r"OpenHarmony|HarmonyOS")),
    ("Android", re.compile(r"Android")),
    ("iOS", re.compile(r"iPhone|iPad|iPod")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)
_LONGEST_AGENT: Final = 512


def client_name(user_agent: str) -> str:
    """Browser with its main version, and system: "Chrome 131, Android"; "" for what names neither.

    No model, no build, no language: what an office's IT can use, and nothing that tells one phone from another.
    """
    agent = user_agent[:_LONGEST_AGENT]
    browser = next((f"{name} {at[1]}" for name, known in _BROWSERS if (at := known.search(agent))), "")
    system = next((name for name, known in _SYSTEMS if known.search(agent)), "")
    return ", ".join(part for part in (browser, system) if part)


Ended = Callable[[Viewer], Awaitable[str]]
"""The code of why a viewer may stay no longer, "" while they may."""
Media = tuple[str, str]
"""Session and seat."""
PutOut = Callable[[str | Media, str], Awaitable[None]]
"""A socket by its id, or a seat's media, with the code of why."""


async def never(_viewer: Viewer) -> str:
    return ""


class Admissions:
    """`watch` runs as long as the server does."""

    def __init__(self, ended: Ended, put_out: PutOut, recheck: float = RECHECK) -> None:
        self._ended, self._put_out, self._recheck = ended, put_out, recheck
        self._there: dict[str | Media, Viewer] = {}
        self._unused: set[Media] = set()  # of media, what the last look by the clock found no longer admitted
        self._changes = 0
        self._asking = asyncio.Semaphore(AT_ONCE)
        self._looking: set[asyncio.Task[None]] = set()

    @property
    def changes(self) -> int:
        """How often something was said to have changed: who is let in on what was read before is looked at again."""
        return self._changes

    def enter(self, key: str | Media, viewer: Viewer, changes: int | None = None) -> None:
        """`changes`: as it was before the viewer's credential was read."""
        self._there[key] = viewer
        if changes not in (None, self._changes):
            self._begin(self._look([viewer]))

    def leave(self, key: str | Media) -> None:
        self._there.pop(key, None)

    def look_again(self, officer: str = "", session: str = "", seat: str = "") -> None:
        """At an officer, at whoever sits in a seat, or at everybody. Waits for nothing."""
        self._changes += 1
        whom = [
            viewer
            for viewer in set(self._there.values())
            if (not officer or (viewer.actor.kind, viewer.actor.id) == ("officer", officer))
            and (not session or (viewer.session, viewer.seat) == (session, seat))
        ]
        if whom:
            self._begin(self._look(whom))

    async def watch(self, carries: Callable[[str, str], bool]) -> None:
        """Look at everybody by the clock, until cancelled. `carries`: whether a session's seat is admitted to media."""
        while True:
            await asyncio.sleep(self._recheck)
            unused = {key for key in self._there if not isinstance(key, str) and not carries(*key)}
            for key in unused & self._unused:  # twice: once may be while it is being admitted
                self.leave(key)
            self._unused = unused
            await asyncio.gather(*(self._settled(viewer) for viewer in set(self._there.values())))

    def stop(self) -> None:
        for task in self._looking:
            task.cancel()

    # ------------------------------------------------------------ steps of the above

    def _begin(self, looking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(looking, name="admissions looked at again")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look(self, viewers: Iterable[Viewer]) -> None:
        await asyncio.gather(*(self._look_at(viewer) for viewer in viewers))

    async def _look_at(self, viewer: Viewer) -> None:
        while viewer in self._there.values():
            if await self._settled(viewer):
                return
            await asyncio.sleep(AGAIN)

    async def _settled(self, viewer: Viewer) -> bool:
        """Whether it could be told, and was done."""
        try:
            async with self._asking:
                code = await self._ended(viewer)
            # What is theirs now: somebody else may have come to the seat's media meanwhile.
            keys = [key for key, one in self._there.items() if code and one == viewer]
            await asyncio.gather(*(self._put_out(key, code) for key in keys))
        except Exception:
            log.exception("whether %s may stay in %s could not be told", viewer.seat, viewer.session)
            return False
        return True
