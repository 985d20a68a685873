"""How a mediation went, as the record prints it: a line a step, from the minutes. Pure.

The record of Order 121 Art 24 says who was there, when, and what was done; what was offered on the way is not in the
minutes (`rooms.record.minutes`), so it is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rooms.record.minutes import Minutes
from rooms.session import Session
from server.signing.papers import Passage, Row

RELATIONS = {
    "station": "服务站工作人员",
    "family": "家人",
    "community": "社区工作人员",
    "volunteer": "志愿者",
    "other": "其他人",
}


def course(made: Minutes | None, zone: ZoneInfo) -> list[Passage]:
    """Steps of one minute stand in one passage. Empty without minutes, or before anything happened."""
    if made is None or not made.steps:
        return []
    lines: list[tuple[str, list[str]]] = []
    for step in made.steps:
        minute = f"{step.at.astimezone(zone):%H:%M}"
        if lines and lines[-1][0] == minute:
            lines[-1][1].append(step.text)
        else:
            lines.append((minute, [step.text]))
    return [
        Passage("heading", "调解经过"),
        *(Passage("text", f"{minute}　{''.join(texts)}") for minute, texts in lines),
    ]


def helpers(session: Session) -> Sequence[Row]:
    """Who sits with somebody to help; nothing when nobody does."""
    beside = [
        f"{seat.helper.name}（{RELATIONS[seat.helper.relation]}，陪在{seat.name}身边协助，经{seat.name}同意）"
        for seat in session.seats.values()
        if seat.helper is not None
    ]
    return [Row("协助人", "、".join(beside))] if beside else []
