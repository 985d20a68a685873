"""What somebody who reported something is sent, in Chinese or English.

Their phone may be read by others, and nobody is to learn from it what was reported, whom about, or even that it was a
report (Order 121 Art 37): a message names no business, no content and no number (a report's has 举 in it), only the
day it came in.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from offices.people import Office
from server.outbox.texts import mark, plain

MOST: Final = 60  # characters of what an inspector adds

_SAID = {
    "received": ("已收到，正在核查。", "was received and is being looked into."),
    "repeat": (
        "与您此前反映的是同一事实，不再另行处理。",
        "is what you had told us before; it is not handled again.",
    ),
    "facts": ("已与您此前反映的事项合并处理。", "is handled together with what you had told us before."),
    "moved": ("不属于我们的处理权限，请直接向{said}提出。", "is not ours to handle. Please turn to {said}."),
    "case": ("已决定立案。", "led to a case being filed."),
    "no_case": ("已决定不予立案。", "was decided on: no case is filed."),
    "result": ("已处理完毕，结果：{said}。", "has been dealt with. Result: {said}."),
    "reward": (
        "按规定给予奖励，请来电了解领取办法。",
        "earns a reward under the rules; ring us on how to claim it.",
    ),
}
ASKS = {"moved": "authority", "result": "result"}
"""What an inspector has to add to some, by what is told."""


def informant_text(which: str, day: date, said: str, office: Office, language: str) -> str:
    """`which`: a key of the table; `day`: it was received on; `said`: to whom to turn, or the result."""
    zh, en = _SAID[which]
    name, phone, told = plain(office.name), office.phone, plain(said, MOST).rstrip("。.")
    if language.startswith("en"):
        what = f"what you brought to us on {day:%Y-%m-%d} {en.format(said=told)}"
        return f"{mark(office.signs_as)}{name}: {what} To check this message ring {phone}."
    what = f"您{day.year}年{day.month}月{day.day}日反映的事项{zh.format(said=told)}"
    return f"{mark(office.signs_as)}{name}：{what}不放心可以打{phone}核实。"
