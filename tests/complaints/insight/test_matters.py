"""One matter is told once: whatever is the same seen from another side stands beside the first, also when several
businesses together are what a word or a trade is about."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from complaints.insight import RESPONDENT, STREET, TRADE, WORD
from complaints.insight.bursts import Alarm
from complaints.insight.examination import essays, heads, voiced
from complaints.insight.months import holds_together
from complaints.record.places import names_place
from tests.web.fakes.figures.insight import figures


def alarm(kind: str, key: str, seen: int) -> Alarm:
    return Alarm(kind, 0, key, 7, seen, 0.5, 1e-9, 3.0, 0, seen, 0.5)


def told(rows: dict[str, list[int]], *alarms: Alarm) -> dict[str, list[str]]:
    examined: Any = SimpleNamespace(tested=SimpleNamespace(alarms=list(alarms)))
    found = heads(examined, lambda one: np.array(rows[one.key], np.int64))
    return {head.key: [other.key for other in also] for head, _, also in cast(Any, found)}


def test_a_word_of_two_businesses_complaints_is_not_told_beside_both() -> None:
    rows = {"甲": list(range(10)), "乙": list(range(10, 20)), "跑路": list(range(20))}
    assert told(rows, alarm(RESPONDENT, "甲", 10), alarm(RESPONDENT, "乙", 10), alarm(WORD, "跑路", 20)) == {
        "乙": ["跑路"], "甲": [],
    }  # fmt: skip


def test_what_is_left_over_and_odd_is_a_matter_of_its_own() -> None:
    rows = {"甲": list(range(10)), "跑路": list(range(40))}
    assert told(rows, alarm(RESPONDENT, "甲", 10), alarm(WORD, "跑路", 40)) == {"甲": [], "跑路": []}


def test_six_in_ten_in_common_are_one_matter_and_a_word_comes_last() -> None:
    """Whatever is left, and however unlikely the word by itself."""
    rows = {"甲": list(range(26)), "跑路": list(range(40))}
    assert told(rows, alarm(RESPONDENT, "甲", 26), alarm(WORD, "跑路", 40)) == {"甲": ["跑路"]}
    rows = {"光谷街": list(range(20)), "闸机": list(range(15))}
    word = replace(alarm(WORD, "闸机", 15), tail=1e-30)
    assert told(rows, word, alarm(STREET, "光谷街", 20)) == {"光谷街": ["闸机"]}


ESSAY = (
    "本人于今年三月在该平台购买会员服务，平台在未经同意的情况下擅自开通自动续费功能，多次联系客服均以系统原因推诿拒绝退款，严重侵害消费者"
    "知情权和自主选择权，请依法查处并责令退还全部费用，同时公开道歉。"
)
OTHERS = (
    "孩子在店里玩滑梯摔破了膝盖，缝了三针，老板一分钱不出，还说是我们自己没看好，我就想要回医药费，别的也不求，麻烦你们管一管这家店。",
    "上个月订的沙发到现在没有送来，每次打电话都说在路上，昨天去店里一看已经关门了，定金三千八百块不知道找谁要，请帮忙联系一下商场。",
)


def test_copies_of_one_text_are_one_voice_also_when_a_few_words_were_changed() -> None:
    changed = ESSAY.replace("三月", "四月").replace("多次", "两次")
    texts = [ESSAY, OTHERS[0], changed, ESSAY, OTHERS[1], ESSAY]
    assert essays(texts) == [[0, 2, 3, 5]]
    assert essays(["要求退款。"] * 9) == [], "short texts are alike by chance"
    spot = figures("s", TRADE, "I64|contract", 1, 6)
    one = voiced(spot, alarm(TRADE, "I64|contract", 9), texts, [7, 8, 7, 9, 8, -1])
    assert (one.copies, one.copiers, one.voices, one.campaign) == (4, 2, 3, False)
    many = voiced(spot, alarm(TRADE, "I64|contract", 30), [ESSAY] * 29 + [OTHERS[0]], list(range(30)))
    assert (many.copies, many.copiers, many.voices, many.campaign) == (29, 29, 2, True)
    assert voiced(spot, alarm(TRADE, "I64|contract", 4), [*OTHERS, ESSAY, ESSAY], [1, 2, 3, 3]) == spot


def test_a_phrase_is_told_when_its_words_belong_together() -> None:
    seen = {"蜜雪冰城": 20, "蜜雪": 22, "冰城": 25, "老板跑路": 6, "老板": 300, "跑路": 90, "跑步机": 9}
    assert holds_together("蜜雪冰城", seen)
    assert not holds_together("老板跑路", seen)
    assert holds_together("跑步机", seen), "a word of the dictionary"


def test_a_division_is_a_place_and_a_road_or_a_word_is_none() -> None:
    assert names_place("洪山区")
    assert names_place("武汉市")
    assert names_place("武汉")
    assert not any(map(names_place, ("跑路", "南京路", "退款", "武汉健身房")))


def test_two_that_have_nothing_in_common_are_two() -> None:
    rows = {"甲": list(range(10)), "R90|contract": list(range(50, 60))}
    assert set(told(rows, alarm(RESPONDENT, "甲", 10), alarm(TRADE, "R90|contract", 10))) == {"甲", "R90|contract"}
