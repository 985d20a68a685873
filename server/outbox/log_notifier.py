"""The default: no provider. The message is on the outbox page, and the log notes that it went, without its text."""

from __future__ import annotations

import structlog

from server.outbox.notifier import Notice

log = structlog.get_logger(__name__)


class LogNotifier:
    async def start(self) -> None:
        """Nothing to open."""

    async def deliver(self, notice: Notice) -> None:
        log.info("message", id=notice.id, kind=notice.kind, to=notice.to_masked)

    async def stop(self) -> None:
        """Nothing to close."""
