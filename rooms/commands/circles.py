"""What can be asked about who hears whom: private talks, consulting, the channel one listens to."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.vocabulary import Channel, Side


@dataclass(frozen=True, slots=True)
class StartCaucus:
    """With one side alone; from a talk with the other side it goes over without anybody meeting in between."""

    side: Side
    interpreters: tuple[str, ...] = ()  # of neither side, who come along


@dataclass(frozen=True, slots=True)
class EndCaucus:
    """Everybody is together again. Asked by the system when the media did not follow."""


@dataclass(frozen=True, slots=True)
class StartConsulting:
    seat: str  # of one's own side


@dataclass(frozen=True, slots=True)
class EndConsulting:
    """One's own; either of the two ends it, or the system when the media did not follow."""


@dataclass(frozen=True, slots=True)
class ChooseChannel:
    channel: Channel


CirclesCommand = StartCaucus | EndCaucus | StartConsulting | EndConsulting | ChooseChannel
