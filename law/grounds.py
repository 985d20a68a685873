"""The grounds for refusing a complaint and for ending a mediation, by number, with gists in our own words.

Numbers are the items' places in the article and are what the journal keeps. The official texts are not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ground:
    number: int
    zh: str
    en: str

    def gist(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


REFUSAL_121: tuple[Ground, ...] = (  # Order 121 Art 16
    Ground(1, "不归市场监管部门管，或者不归本单位管", "Outside market supervision's duties, or outside this office's"),
    Ground(
        2,
        "同一件争议，法院、仲裁、其他行政机关或消费者协会已经受理或办过",
        "The same dispute is or was before a court, an arbitral body, another agency or a consumer association",
    ),
    Ground(
        3,
        "不是生活消费引起的，或者说明不了与对方有消费争议",
        "Not bought for daily life, or no consumer dispute with the respondent is shown",
    ),
    Ground(
        4,
        "从知道或应当知道权益受损起已过三年（法律另有规定的除外）",
        "More than three years since the harm was or should have been known, unless a statute says otherwise",
    ),
    Ground(5, "该给的材料没有给，或者材料是假的", "Required materials are missing, or those given are false"),
    Ground(
        6,
        "冒用别人名义，或者拒绝配合核实真实身份",
        "Made in somebody else's name, or refuses to have the real identity checked",
    ),
    Ground(7, "法律、法规、规章规定的其他不受理情形", "Another case in which the law rules out acceptance"),
)

REFUSAL_20: tuple[Ground, ...] = (  # Order 20 Art 15
    *REFUSAL_121[:4],
    Ground(5, "该给的材料没有给", "Required materials are missing"),
    Ground(6, "法律、法规、规章规定的其他不受理情形", "Another case in which the law rules out acceptance"),
)

ENDING_121: tuple[Ground, ...] = (  # Order 121 Art 23
    Ground(1, "投诉人撤回投诉，或者双方自己和解了", "The complaint was withdrawn, or the parties settled on their own"),
    Ground(
        2,
        "一方没有正当理由不来，或者明确不愿调解",
        "A party stays away without good reason or plainly refuses mediation",
    ),
    Ground(3, "调解过，一方明确说谈不成", "After mediation a party plainly says no agreement is possible"),
    Ground(4, "鉴定、检测的费用谁出，双方谈不拢", "The parties cannot agree who pays for testing or appraisal"),
    Ground(5, "受理后满六十日还没有谈成", "Sixty days have passed since acceptance without agreement"),
    Ground(
        6,
        "受理后才发现属于不该受理的，或者涉嫌敲诈勒索等情形（第十六条、第四十二条）",
        "It turns out to be a case of Art 16 (not to be accepted) or of Art 42",
    ),
    Ground(7, "一方去世，或者企业已经不存在", "A party has died or no longer exists in law"),
    Ground(8, "法律、法规、规章规定的其他终止情形", "Another case in which the law ends mediation"),
)

ENDING_20: tuple[Ground, ...] = (  # Order 20 Art 21
    Ground(1, "投诉人撤回投诉，或者双方自己和解了", "The complaint was withdrawn, or the parties settled on their own"),
    Ground(
        2,
        "由谁检测、费用谁出，双方谈不拢",
        "The parties cannot agree on a testing body or on who pays for it",
    ),
    Ground(
        3,
        "一方没有正当理由不来，或者被投诉人明确不愿调解",
        "A party stays away without good reason, or the respondent plainly refuses",
    ),
    Ground(4, "调解过，一方明确说谈不成", "After mediation a party plainly says no agreement is possible"),
    Ground(
        5,
        "受理后满四十五个工作日还没有谈成",
        "Forty-five working days have passed since acceptance without agreement",
    ),
    Ground(6, "受理后才发现属于不该受理的", "It turns out to be a case that should not have been accepted"),
    Ground(7, "法律、法规、规章规定的其他终止情形", "Another case in which the law ends mediation"),
)

NO_AGREEMENT = {"121": 3, "20": 4}  # order -> the ending ground of "not settled"


def refusal_grounds(order: str) -> Sequence[Ground]:
    return REFUSAL_20 if order == "20" else REFUSAL_121


def ending_grounds(order: str) -> Sequence[Ground]:
    return ENDING_20 if order == "20" else ENDING_121
