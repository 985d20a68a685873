"""Every message a client may send: its body, held to limits, and the command it stands for; a module a topic.

Names and bodies are those of docs/wire.md. No body says who is speaking: that comes from the connection.
"""

from __future__ import annotations

from collections.abc import Mapping

from signaling.messages import agreement, floor, media
from signaling.messages.media import MEDIA
from signaling.messages.shape import CommandMessage

__all__ = ["COMMANDS", "MEDIA", "CommandMessage"]

COMMANDS: Mapping[str, CommandMessage] = {
    **floor.JOINING_COMMANDS,
    **floor.FLOOR_COMMANDS,
    **floor.CIRCLES_COMMANDS,
    **agreement.AGREEMENT_COMMANDS,
    **agreement.SIGNING_COMMANDS,
    **media.EXHIBITS_COMMANDS,
}
