"""Messages about exhibits and media: what is shown, where one looks, descriptions, measurements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rooms import commands as c
from rooms.live.subscription import Measurement
from rooms.vocabulary import MarkShape, Purpose
from signaling.messages.shape import Body, CommandMessage, Id, Nothing, Text

Grain = Annotated[int, Field(ge=0, le=10_000)]


class OnExhibit(Body):
    exhibit: Id


class ShowBody(Body):
    exhibit: Id
    page: Annotated[int, Field(ge=1, le=1_000)] = 1


class PageBody(Body):
    page: Annotated[int, Field(ge=1, le=1_000)]


class MarkExhibitBody(Body):
    shape: MarkShape
    points: Annotated[list[tuple[Grain, Grain]], Field(min_length=2, max_length=120)]


class UnmarkBody(Body):
    n: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class LetShowBody(Body):
    seat: Annotated[str, StringConstraints(max_length=64)] = ""


class AskExhibitBody(Body):
    seat: Id
    purpose: Purpose = Purpose.EVIDENCE


class DisputeBody(Body):
    exhibit: Id
    reason: Text = ""


class PointBody(Body):
    """Where whoever shows an exhibit looks, in ten thousandths of the page; `zoom` in hundredths, `ms` of a film."""

    zoom: Annotated[int, Field(ge=100, le=1_000)] = 100
    x: Grain = 5_000
    y: Grain = 5_000
    pointer: tuple[Grain, Grain] | None = None
    ms: Annotated[int, Field(ge=0, le=3_600_000)] | None = None
    playing: bool = False


EXHIBITS_COMMANDS: Mapping[str, CommandMessage] = {
    "withdraw_exhibit": CommandMessage(OnExhibit, lambda b: c.WithdrawExhibit(b.exhibit)),
    "release_exhibit": CommandMessage(OnExhibit, lambda b: c.ReleaseExhibit(b.exhibit)),
    "show_exhibit": CommandMessage(ShowBody, lambda b: c.ShowExhibit(b.exhibit, b.page)),
    "put_away_exhibit": CommandMessage(Nothing, lambda b: c.PutAwayExhibit()),
    "turn_page": CommandMessage(PageBody, lambda b: c.TurnPage(b.page)),
    "mark_exhibit": CommandMessage(MarkExhibitBody, lambda b: c.MarkExhibit(b.shape, tuple(b.points))),
    "unmark_exhibit": CommandMessage(UnmarkBody, lambda b: c.UnmarkExhibit(b.n)),
    "let_show": CommandMessage(LetShowBody, lambda b: c.LetShow(b.seat)),
    "ask_exhibit": CommandMessage(AskExhibitBody, lambda b: c.AskExhibit(b.seat, b.purpose)),
    "accept_exhibit": CommandMessage(OnExhibit, lambda b: c.AcceptExhibit(b.exhibit)),
    "dispute_exhibit": CommandMessage(DisputeBody, lambda b: c.DisputeExhibit(b.exhibit, b.reason)),
    "take_back_answer": CommandMessage(OnExhibit, lambda b: c.TakeBackAnswer(b.exhibit)),
}


# ------------------------------------------------------------ for the media engine, not the session


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
