"""Every family of attacks by its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from tests.tools.bench.attack import connections, datagrams, files, messages, pages
from tests.tools.bench.attack.outcome import Outcome, Target

FAMILIES: Final[Mapping[str, Callable[[Target], Awaitable[Outcome]]]] = {
    "files": files.files,
    "silent": connections.silent,
    "slow": connections.slow,
    "broken": connections.broken,
    "engine": connections.engine,
    "lines": messages.lines,
    "odd_messages": messages.odd,
    "guesses": pages.guesses,
    "addresses": pages.addresses,
    "texts": pages.texts,
    "datagrams": datagrams.datagrams,
}
