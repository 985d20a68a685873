"""What goes to the media engine and not to the session: descriptions, measurements, where one looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rooms.measurement import Measurement
from signaling.messages.exhibits import PointBody
from signaling.messages.shape import Body, Nothing

Description = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
Rate = Annotated[int, Field(ge=0, le=1_000_000)]


class PublishBody(Body):
    sdp: Description
    sources: Annotated[
        dict[Annotated[str, StringConstraints(max_length=16)], Literal["mic", "camera", "screen"]], Field(max_length=8)
    ]


class AnswerBody(Body):
    sdp: Description


class LookBody(Body):
    """Whom the page shows large; "" is nobody."""

    seat: Annotated[str, StringConstraints(max_length=64)]


class MeasurementBody(Body):
    """What a client measured in the last seconds; numbers, each within what can be."""

    loss_up: Share = 0.0
    loss_down: Share = 0.0
    rtt: Seconds = 0.0
    jitter: Seconds = 0.0
    concealed: Share = 0.0
    frozen: Share = 0.0
    frames: Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)] | None = None
    up: Rate = 0
    down: Rate = 0
    available: Rate | None = None
    relayed: bool = False

    def measurement(self) -> Measurement:
        return Measurement(**self.model_dump())


MEDIA: Mapping[str, type[Body]] = {
    "media_join": Nothing,
    "media_publish": PublishBody,
    "media_answer": AnswerBody,
    "media_restart": Nothing,
    "media_look": LookBody,
    "report_quality": MeasurementBody,
    "point_exhibit": PointBody,
}
