"""The threads that work the queue off, in a process that hears signals itself."""

from __future__ import annotations

import huey.consumer


class Consumer(huey.consumer.Consumer):  # type: ignore[misc]  # huey has no types
    """Huey's, without its handlers of signals.

    They would leave our jobs running, and setting ours again after its start leaves a moment in which a signal is
    lost: threads are at work by then.
    """

    def _set_signal_handlers(self) -> None:
        pass
