"""Every message a client may send: its body, held to limits, and the command it stands for; a module a topic.

Names and bodies are those of docs/wire.md. No body says who is speaking: that comes from the connection.
"""

from __future__ import annotations

from collections.abc import Mapping

from signaling.messages import agreement, circles, exhibits, floor, joining, signing
from signaling.messages.media import MEDIA
from signaling.messages.shape import CommandMessage

__all__ = ["COMMANDS", "MEDIA", "CommandMessage"]

COMMANDS: Mapping[str, CommandMessage] = {
    **joining.COMMANDS,
    **floor.COMMANDS,
    **circles.COMMANDS,
    **agreement.COMMANDS,
    **signing.COMMANDS,
    **exhibits.COMMANDS,
}
