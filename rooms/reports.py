"""What the media engine reports, as commands to the session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from media import engine as m
from rooms import commands as c, events as e


def command(event: m.MediaEvent) -> c.NoteSpeaking | c.NotePictures | c.NoteRecording | None:
    """None for what is not the session's to remember, and for connections: the room weighs those itself."""
    match event:
        case m.Speaking():
            return c.NoteSpeaking(event.participant, event.speaking)
        case m.PicturesPaused():
            return c.NotePictures(event.participant, event.way, event.paused)
        case m.Recording(on=True):
            return c.NoteRecording(e.RecordingStarted(event.participant))
        case m.Recording():
            return c.NoteRecording(e.RecordingStopped(event.participant, event.cause or "disconnected"))
        case m.Segment():
            return c.NoteRecording(
                e.SegmentSealed(
                    event.participant,
                    event.path,
                    event.sha256,
                    event.size,
                    event.started,
                    event.ended,
                    event.width,
                    event.height,
                    event.source,
                    event.stored_sha256,
                    event.stored_size,
                    event.sm3,
                    _holes(event.gaps),
                    event.clock_ms,
                )
            )
        case m.Unrecorded():
            fact = e.NothingRecorded(event.participant, event.started, event.ended, _holes(event.gaps))
            return c.NoteRecording(fact)
        case m.RecordingAlarm():
            return c.NoteRecording(e.RecordingFailed(event.cause, event.participant))
        case _:
            return None


def _holes(found: Iterable[m.Gap]) -> tuple[e.Hole, ...]:
    return tuple(e.Hole(hole.source, hole.started, hole.ended, hole.cause) for hole in found)


def tracks(offer: m.Offer) -> list[dict[str, Any]]:
    """What an offer carries, as `media_offer` of docs/wire.md tells it."""
    return [{"mid": t.mid, "seat": t.participant, "source": t.source, "active": t.active} for t in offer.tracks]
