"""Every message a client may send: its body, held to limits, and the command or the question it stands for.

Commands are declared where they are defined (`rooms.declarations`): their messages are made from that. Questions, which
are answered and change nothing of the session, have their bodies here and are declared at their handlers in
`signaling.namespace`. No body says who is speaking: that comes from the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field as DataclassField, dataclass, fields
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from rooms import commands as c
from rooms.declarations import DECLARED, Declaration
from rooms.errors import Coordinate
from rooms.live.subscription import Measurement
from rooms.vocabulary import Term


class Body(BaseModel):
    """Nothing more than what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    pass


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """`body`: the command's fields, but for those that the room fills in."""

    command: type[Any]
    body: type[Body]

    def build(self, body: Body) -> c.Command:
        made: c.Command = self.command(**{name: getattr(body, name) for name in type(body).model_fields})
        return made


def _message(kind: type[Any], declared: Declaration) -> CommandMessage:
    hints = get_type_hints(kind, include_extras=True)
    sent: dict[str, Any] = {
        field.name: (hints[field.name], _default(field, declared))
        for field in fields(kind)
        if field.name not in declared.filled
    }
    return CommandMessage(kind, create_model(kind.__name__, __base__=Body, **sent))


def _default(field: DataclassField[Any], declared: Declaration) -> Any:
    return ... if field.default is MISSING or field.name in declared.required else field.default


COMMANDS: Final[Mapping[str, CommandMessage]] = {
    declared.name: _message(kind, declared)
    for kind in get_args(c.Command)
    if (declared := DECLARED[kind]).name
}  # fmt: skip


# ------------------------------------------------------------ bodies of questions


Description = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
LineNumber = Annotated[int, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
Rate = Annotated[int, Field(ge=0, le=1_000_000)]


class PreviewBody(Body):
    """A promise, to see how it reads as a clause."""

    term: Term


class LinesBody(Body):
    """A page of the chat: what follows a line, or leads up to one; without either, to the end."""

    after: LineNumber | None = None
    before: LineNumber | None = None


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


class PointBody(Body):
    """Where whoever shows an exhibit looks, in ten thousandths of the page; `zoom` in hundredths, `ms` of a film."""

    zoom: Annotated[int, Field(ge=100, le=1_000)] = 100
    x: Coordinate = 5_000
    y: Coordinate = 5_000
    pointer: tuple[Coordinate, Coordinate] | None = None
    ms: Annotated[int, Field(ge=0, le=3_600_000)] | None = None
    playing: bool = False


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
