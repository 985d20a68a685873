"""Files to be attached, looked at by a confined child (`complaints.record.uploads`)."""

from __future__ import annotations

from complaints.errors import BadUpload
from complaints.record.uploads import LARGEST, Upload
from server.confinement.frames import Declined, ReaderStopped
from server.confinement.reader import read


async def checked(content: bytes) -> Upload:
    """BadUpload; "hard" when looking at it took more than it does of any ordinary file."""
    if len(content) > LARGEST:
        raise BadUpload(why="large")
    try:
        (frame,) = (await read("upload", content)).frames
    except Declined as no:
        raise BadUpload(why=no.code) from None
    except ReaderStopped:
        raise BadUpload(why="hard") from None
    kind, _, kept = frame.partition(b"\0")
    return Upload(kind.decode(), kept)
