"""The words burned into a composed recording, in the languages of the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rooms.vocabulary import Phase, Role


@dataclass(frozen=True, slots=True)
class Wording:
    phases: Mapping[Phase, str]
    roles: Mapping[Role, str]
    recess: str
    closed: str
    sound_only: str
    not_recorded: str
    screen_of: str  # {name}
    session: str  # {number} {ordinal}


# One character says who, in every language: the same mark as on tiles, seats and charts.
MARKS: Mapping[Role, str] = {
    Role.MEDIATOR: "调",
    Role.CONSUMER: "消",
    Role.BUSINESS: "商",
    Role.REPRESENTATIVE: "代",
    Role.LAWYER: "律",
    Role.INTERPRETER: "译",
    Role.COMPANION: "助",
    Role.OBSERVER: "观",
}

ZH = Wording(
    phases={
        Phase.OPENING: "开场",
        Phase.CONSUMER_STATEMENT: "消费者陈述",
        Phase.BUSINESS_STATEMENT: "商家陈述",
        Phase.DISCUSSION: "讨论",
        Phase.PROPOSAL: "方案",
        Phase.CLOSING: "收尾",
    },
    roles={
        Role.MEDIATOR: "调解员",
        Role.CONSUMER: "消费者",
        Role.BUSINESS: "商家",
        Role.REPRESENTATIVE: "代理人",
        Role.LAWYER: "律师",
        Role.INTERPRETER: "翻译",
        Role.COMPANION: "陪同人",
        Role.OBSERVER: "旁听",
    },
    recess="休会",
    closed="调解结束",
    sound_only="只用声音",
    not_recorded="没有录制",
    screen_of="{name}共享的屏幕",
    session="{number}　第{ordinal}次调解",
)

EN = Wording(
    phases={
        Phase.OPENING: "Opening",
        Phase.CONSUMER_STATEMENT: "Consumer’s statement",
        Phase.BUSINESS_STATEMENT: "Business’s statement",
        Phase.DISCUSSION: "Discussion",
        Phase.PROPOSAL: "Proposal",
        Phase.CLOSING: "Closing",
    },
    roles={
        Role.MEDIATOR: "Mediator",
        Role.CONSUMER: "Consumer",
        Role.BUSINESS: "Business",
        Role.REPRESENTATIVE: "Representative",
        Role.LAWYER: "Lawyer",
        Role.INTERPRETER: "Interpreter",
        Role.COMPANION: "Companion",
        Role.OBSERVER: "Observer",
    },
    recess="Recess",
    closed="Mediation ended",
    sound_only="Audio-only",
    not_recorded="Not recording",
    screen_of="{name}’s screen",
    session="{number}, mediation {ordinal}",
)

LANGUAGES: Mapping[str, Wording] = {"zh": ZH, "en": EN}
