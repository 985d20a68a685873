"""The words burned into a composed recording, in the languages of the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rooms.vocabulary import Phase, Role, Side


@dataclass(frozen=True, slots=True)
class Wording:
    phases: Mapping[Phase, str]
    roles: Mapping[Role, str]
    recess: str
    caucus: Mapping[Side, str]
    closed: str
    missing: Mapping[str, str]  # by the causes of recordings.composing.planning
    screen_of: str  # {name}
    copy_of: str  # {name} {office} {time}
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
    Role.SUPERVISOR: "督",
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
        Role.SUPERVISOR: "监督人员",
    },
    recess="休会",
    caucus={Side.CONSUMER: "与消费者单独谈，没有录制", Side.BUSINESS: "与商家单独谈，没有录制"},
    closed="调解结束",
    missing={
        "sound_only": "只用声音",
        "no_consent": "没有录制：未同意录制",
        "consent_withdrawn": "没有录制：撤回了录制同意",
        "recess": "休会，没有录制",
        "server": "没有录制：服务器中断",
        "ended": "没有录制：链接或登录已失效",
        "reconnecting": "正在重新连接",
        "connecting": "声音和画面还没有接通",
        "disk": "没有录制：存储故障",
        "caucus": "单独谈，没有录制",
        "consulting": "与本方私下商量，没有录制",
        "withheld": "按当时的安排没有录制",
        "muted": "静音，摄像头关着",
        "camera_off": "摄像头关着",
        "loss": "网络差，没有收到",
        "silent": "没有声音和画面传来",
        "starting": "录制就要开始",
        "writing": "正在写入",
        "unexplained": "没有录制",
        "observer": "旁听，不录制",
        "not_yet": "还没有来",
        "left": "已经离开",
    },
    screen_of="{name}共享的屏幕",
    copy_of="{time}　{office}　{name}　导出",
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
        Role.SUPERVISOR: "Supervisor",
    },
    recess="Recess",
    caucus={
        Side.CONSUMER: "Private talk with the consumer, not recorded",
        Side.BUSINESS: "Private talk with the business, not recorded",
    },
    closed="Mediation terminated",
    missing={
        "sound_only": "Sound only",
        "no_consent": "Not recorded: no consent",
        "consent_withdrawn": "Not recorded: consent withdrawn",
        "recess": "Recess, not recorded",
        "server": "Not recorded: the server stopped",
        "ended": "Not recorded: link or sign-in ended",
        "reconnecting": "Reconnecting",
        "connecting": "Sound and picture not connected yet",
        "disk": "Not recorded: storage failed",
        "caucus": "Private talk, not recorded",
        "consulting": "Consulting with their side, not recorded",
        "withheld": "Not to be recorded just then",
        "muted": "Muted, camera off",
        "camera_off": "Camera off",
        "loss": "Not received: weak network",
        "silent": "No sound or picture came",
        "starting": "Recording is about to begin",
        "writing": "Being written",
        "unexplained": "Not recorded",
        "observer": "Observing, not recorded",
        "not_yet": "Not here yet",
        "left": "Has left",
    },
    screen_of="{name}’s screen",
    copy_of="Exported {time} by {name}, {office}",
    session="{number}, mediation {ordinal}",
)

LANGUAGES: Mapping[str, Wording] = {"zh": ZH, "en": EN}
