"""Lines without the people in them: names, phones, addresses and codes become roles, for casebooks and training.

A help, not a guarantee: whom people speak of in free text, only a reader can find. What is masked proves nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from recordings.composing.subtitles import LANGUAGES
from recordings.evidence.form import canonical
from recordings.evidence.lines import DecodedLines, JournalLine
from recordings.evidence.sheets import derive
from rooms.vocabulary import Role, Seat, Side

FORMAT: Final = "yuntiao-masked/1"
SHEETS: Final = ("people", "outcome", "chat", "routing", "timing")
NOTICE: Final = {
    "zh": "去标识化副本：姓名、电话、地址与代码已由角色代替；不能据此核验，也不能作为证据。",
    "en": "Masked copy: roles stand for names, phones, addresses and codes. It cannot be verified and proves nothing.",
}

Language = Literal["zh", "en"]
_BLANKS: Final[Mapping[str, Mapping[Language, str]]] = {
    "phone": {"zh": "〔电话〕", "en": "[phone]"},
    "number": {"zh": "〔号码〕", "en": "[number]"},
    "address": {"zh": "〔地址〕", "en": "[address]"},
    "place": {"zh": "〔地名〕", "en": "[place]"},
    "mail": {"zh": "〔邮箱〕", "en": "[e-mail]"},
    "case": {"zh": "〔编号〕", "en": "[number of the case]"},
    "office": {"zh": "工作人员", "en": "officer"},
    "company": {"zh": "商家单位", "en": "the business"},
    "bureau": {"zh": "办案机构", "en": "the office"},
    "elsewhere": {"zh": "某单位", "en": "an organisation"},
}
_DROPPED: Final = {"phone", "phone_masked", "contacts", "link", "credit_code", "sha256", "stored_sha256", "sm3", "path"}
_TITLES: Final = "女士|先生|小姐|经理|总监|总|老板|店长|主任|律师|师傅|老师|阿姨|大姐|大哥|某某|某|姐|哥|工"
_LEGAL: Final = re.compile(r"(股份)?(有限)?(责任)?公司$|集团$|分公司$|个体工商户$|（[^（）]*）")
_TRADES: Final = re.compile(r"(科技|网络|信息|商贸|贸易|服务|咨询|婚介|餐饮|电子|商务|技术|文化|传媒){1,8}$")
_HAN: Final = "[\u4e00-\u9fff]"
_PATTERNS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("mail", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(\.[\w-]+)+")),
    ("number", re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")),
    ("number", re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])")),
    ("number", re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{2,8}\*{2,}[0-9A-Z]{1,8}(?![0-9A-Za-z])")),
    ("number", re.compile(r"(?<!\d)\d{4}([ -]?\d{4}){3}([ -]?\d{1,3})?(?!\d)")),
    ("phone", re.compile(r"(?<!\d)(\+?86[ -]?)?1[3-9]\d([ -]?\d{4}){2}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)0\d{2,3}[ -]?\d{7,8}(?!\d)")),
    ("phone", re.compile(r"(?<!\d)[48]00[ -]?\d{3}[ -]?\d{4}(?!\d)")),
    ("address", re.compile(rf"{_HAN}{{0,12}}[路街巷弄道]{_HAN}{{0,4}}\d+号(({_HAN}|\d){{0,12}}[室楼层栋幢])?")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mask:
    """Words that mean somebody, the longest first, and what they become."""

    words: Sequence[tuple[re.Pattern[str], str]]
    language: Language

    def text(self, text: str) -> str:
        for pattern, label in self.words:
            text = pattern.sub(label, text)
        for kind, pattern in _PATTERNS:
            text = pattern.sub(_BLANKS[kind][self.language], text)
        return text

    def value(self, value: Any, name: str = "") -> Any:
        """Of JSON. What only identifies is emptied."""
        match value:
            case str():
                return "" if name in _DROPPED else self.text(value)
            case dict():
                return {} if name in _DROPPED else {key: self.value(item, key) for key, item in value.items()}
            case list():
                return [self.value(item, name) for item in value]
            case _:
                return value

    def line(self, line: JournalLine) -> JournalLine:
        kind, id_, name, role, _ = line.actor
        actor = (kind, id_ if kind == "party" else "", self.text(name), role, "")
        return replace(
            line, data=self.value(dict(line.data)), actor=actor, salt=line.salt and "masked", content="", hash=""
        )


def mask_of(session: Sequence[JournalLine], complaint: Sequence[JournalLine], language: Language) -> Mask:
    """Learned from who the two streams say took part."""
    roles, blanks = LANGUAGES[language].roles, {kind: texts[language] for kind, texts in _BLANKS.items()}
    labels: dict[str, str] = {}
    used: Counter[str] = Counter()
    decoded = DecodedLines("", session)
    for seat in decoded.seats.values():
        label = roles[seat.role]
        used[label] += 1
        who = label if used[label] == 1 else f"{label} {used[label]}"
        for name in _names(seat.name, *_chosen(session, seat.id)):
            labels.setdefault(name, who)
        _company(labels, seat.organisation, blanks[_whose(seat)], seat.city)
        labels.setdefault(seat.city, blanks["place"])
    for line in complaint:
        if line.type == "ComplaintRegistered" and not line.erased:
            labels.setdefault(line.data["number"], blanks["case"])
            for side in ("consumer", "business"):
                party = line.data[side]
                for name in _names(party["name"]):
                    labels.setdefault(name, roles[Role(side)])
                _company(labels, party.get("organisation", ""), blanks["company"], party.get("city", ""))
                labels.setdefault(party.get("address", ""), blanks["address"])
                labels.setdefault(party.get("city", ""), blanks["place"])
    for line in (*session, *complaint):
        if line.actor[0] == "officer":
            for name in _names(line.actor[2], line.data.get("agreed_by", "")):
                labels.setdefault(name, blanks["office"])
    labels.pop("", None)
    ordered = sorted(labels.items(), key=lambda pair: -len(pair[0]))
    return Mask([*((re.compile(re.escape(word)), label) for word, label in ordered), *_titled(labels)], language)


def masked_json(session: Sequence[JournalLine], complaint: Sequence[JournalLine]) -> bytes:
    """For programs, with Chinese labels."""
    mask = mask_of(session, complaint, "zh")
    decoded = DecodedLines("", [mask.line(line) for line in session])
    return canonical({"format": FORMAT, "notice": NOTICE, "sheets": {name: derive(name, decoded) for name in SHEETS}})


def _whose(seat: Seat) -> str:
    """Which kind of organisation somebody in the room belongs to."""
    if seat.role in (Role.MEDIATOR, Role.SUPERVISOR):
        return "bureau"
    ours = seat.role is Role.BUSINESS or (seat.role is Role.REPRESENTATIVE and seat.side is Side.BUSINESS)
    return "company" if ours else "elsewhere"


def _chosen(session: Iterable[JournalLine], seat: str) -> list[str]:
    return [line.data["name"] for line in session if line.type == "NameChosen" and line.data.get("seat") == seat]


def _names(*given: str) -> list[str]:
    """One character alone is no name that could be looked for."""
    return [name for name in dict.fromkeys(given) if len(name.strip()) > 1]


def _company(labels: dict[str, str], name: str, label: str, city: str) -> None:
    """The registered name and what people call it."""
    short = _LEGAL.sub("", _LEGAL.sub("", name)).removeprefix(city.removesuffix("市")).removeprefix("市")
    for word in (name, short, _TRADES.sub("", short)):
        if len(word) > 1:
            labels.setdefault(word, label)


def _titled(labels: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """Surname and title, and 小张 and 老张, of every Chinese personal name."""
    found: dict[str, str] = {}
    for name, label in labels.items():
        if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name) and not label.startswith(("〔", "[")):
            found.setdefault(name[0], label)
    return [
        (re.compile(rf"{surname}({_TITLES})|[老小]{surname}(?![\u4e00-\u9fff]?[路街])"), label)
        for surname, label in found.items()
    ]
