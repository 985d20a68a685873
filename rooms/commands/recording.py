"""What the system can ask to note about recordings."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.events import (
    Archived,
    CompositionFailed,
    NothingRecorded,
    RecordingComposed,
    RecordingFailed,
    RecordingStarted,
    RecordingStopped,
    SegmentSealed,
)


@dataclass(frozen=True, slots=True)
class NoteRecording:
    fact: (
        RecordingStarted
        | RecordingStopped
        | SegmentSealed
        | NothingRecorded
        | RecordingFailed
        | RecordingComposed
        | CompositionFailed
        | Archived
    )


@dataclass(frozen=True, slots=True)
class Resume:
    """After a server restart: whoever was present is reconnecting, running recordings stopped."""


RecordingCommand = NoteRecording | Resume
