"""What the office received before it worked with this program: its earlier register, imported as history.

The shares are round figures after what market supervision publishes: nine in ten complaints accepted, two thirds of
those settled; the year has its peaks around 15 March, 18 June, 11 November and the new year, and people complain less
on weekends (docs/decisions/0073-a-demo-of-two-years.md).
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Final

from complaints import CHANNELS, MODES, PROBLEMS, REQUESTS, SEXES, STATUSES
from complaints.sample import DAYS, Sample, samples
from complaints.sample.stories import addressed, credit_code, person

SEED: Final = 20
DEAR: Final = 30_000  # yuan: of a car or a home nobody wrote down what came back
WEEKS_HERE: Final = 4  # at the end, handled with this program
NAME: Final = "原系统两年投诉台账.csv"
HEADINGS: Final = (
    "登记编号", "类型", "接收方式", "企业名称", "企业地址", "诉求内容", "问题类别", "事发地", "具体问题",
    "来源渠道", "登记时间", "标题", "投诉人姓名", "投诉人性别", "联系电话", "投诉人地址", "统一社会信用代码",
    "企业电话", "行业", "行业代码", "行政区划代码", "商品服务", "购买日期", "涉及金额", "诉求",
    "办理状态", "受理日期", "办结日期", "处理结果", "挽回经济损失",
)  # fmt: skip

# (first day, last day, times as many as on another day), month and day; twice where it goes over the new year
PEAKS: Final = (
    ((1, 1), (1, 6), 1.35),
    ((3, 8), (3, 24), 1.85),
    ((6, 12), (6, 28), 1.4),
    ((7, 5), (8, 20), 1.2),
    ((11, 8), (11, 26), 1.55),
    ((12, 24), (12, 31), 1.3),
)
WEEKEND: Final = 0.45
GROWTH: Final = 1.09  # of the second year over the first

REFUSED: Final = 0.09
SETTLED, WITHDRAWN, CLOSED = 0.64, 0.08, 0.02  # of those accepted; the others ended without agreement
LATE: Final = 0.03  # accepted after more than seven working days
RESULTS: Final = {
    "settled": (
        "经调解，双方达成一致，商家退款，消费者无异议。",
        "电话调解，商家同意退还余款，三日内到账，已回访。",
        "组织双方到所调解，商家换货，消费者满意。",
        "商家主动和解，补足差额，当场履行完毕。",
    ),
    "ended": (
        "双方分歧较大，调解不成，已告知其他解决途径。",
        "被投诉人明确表示不接受调解，终止调解。",
        "经两次调解未能达成一致，终止调解并告知可向法院起诉。",
    ),
    "withdrawn": ("投诉人来电撤回投诉。", "双方自行和解，投诉人撤诉。"),
    "closed": ("已办结。",),
    "refused": (
        "非生活消费需要，不予受理。",
        "投诉人未能提供有效证明材料，不予受理。",
        "同一争议法院已受理，不予受理。",
    ),
}


def pace(last: date) -> Callable[[float], float]:
    """Which share of the days is over when which share of the complaints has come, with the year's peaks."""
    first = last - timedelta(days=DAYS - 1)
    sums = [0.0, *accumulate(_weight(first + timedelta(days=n), n) for n in range(DAYS))]

    def days(share: float) -> float:
        wanted = share * sums[-1]
        day = min(DAYS - 1, bisect_right(sums, wanted) - 1)
        return (day + (wanted - sums[day]) / (sums[day + 1] - sums[day])) / DAYS

    return days


def _weight(day: date, n: int) -> float:
    times = next((many for first, last, many in PEAKS if first <= (day.month, day.day) <= last), 1.0)
    return times * (WEEKEND if day.weekday() >= 5 else 1.0) * (GROWTH if n >= DAYS // 2 else 1.0)


def everything(count: int, last: date) -> tuple[list[Sample], list[Sample]]:
    """What was handled before the program came, and what since; the same for the same count and day."""
    since = last - timedelta(weeks=WEEKS_HERE)
    before, here = list[Sample](), list[Sample]()
    for one in samples(count, SEED, last, pace(last)):
        (before if one.received.date() < since else here).append(one)
    return before, here


def register(before: Sequence[Sample], last: date) -> bytes:
    """The earlier register as a file, UTF-8 CSV, in the order of receipt."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(HEADINGS)
    rows.writerows(_rows(before, last))
    return text.getvalue().encode()


def _rows(before: Sequence[Sample], last: date) -> Iterator[Sequence[str]]:
    chance = Random(SEED + 1)  # noqa: S311 - invented files, no secret
    for one in before:
        yield (*told(one), *_became(chance, one, last))


def told(one: Sample) -> tuple[str, ...]:
    """As a bureau's export has it, up to what became of it."""
    return (
        one.number, "投诉", MODES[one.mode][0], one.business_name, one.business_address, one.facts,
        PROBLEMS[one.problem][0], f"武汉市{one.district}", one.request, CHANNELS[one.channel][0],
        f"{one.received:%Y-%m-%d %H:%M:%S}", one.title, one.consumer_name,
        SEXES[one.consumer_sex][0] if one.consumer_sex else "", one.consumer_phone, one.consumer_address,
        one.credit_code, one.business_phone, one.industry, one.industry_code, one.division, one.bought_what,
        one.bought.isoformat(), "" if one.amount is None else f"{one.amount:.2f}",
        "、".join(REQUESTS[request][0] for request in one.requests),
    )  # fmt: skip


def _became(chance: Random, one: Sample, last: date) -> tuple[str, str, str, str, str]:
    """Status, days of acceptance and end, result, recovered. Some of the newest are still being mediated."""
    received = one.received.date()
    decided = received + timedelta(days=chance.choice((1, 1, 2, 2, 3, 4, 5, 6)))
    if chance.random() < LATE:
        decided += timedelta(days=chance.randrange(8, 16))
    if chance.random() < REFUSED:
        return STATUSES["refused"][0], "", decided.isoformat(), chance.choice(RESULTS["refused"]), ""
    ended = decided + timedelta(days=min(58, 3 + int(chance.lognormvariate(2.3, 0.7))))
    if ended >= last:
        return STATUSES["accepted"][0], decided.isoformat(), "", "", ""
    roll, state = chance.random(), "ended"
    if roll < SETTLED:
        state = "settled"
    elif roll < SETTLED + WITHDRAWN:
        state = "withdrawn"
    elif roll < SETTLED + WITHDRAWN + CLOSED:
        state = "closed"
    back = ""
    if state == "settled" and one.amount is not None and one.amount < DEAR:
        back = f"{one.amount * chance.choice((40, 50, 60, 70, 80, 100, 100, 100)) / 100:.2f}"
    return STATUSES[state][0], decided.isoformat(), ended.isoformat(), chance.choice(RESULTS[state]), back


# ------------------------------------------------------------ the story that Focus finds


CLOSED_DAYS: Final = 11  # ago the gyms shut
MEMBERS: Final = 46
GYM: Final = "武汉东湖跃动健身服务有限公司"
BRANCHES: Final = (
    ("跃动健身光谷店", "云桥路58号"),
    ("跃动健身大学园店", "望湖街216号"),
    ("跃动健身软件园店", "知遇街9号"),
)
DIVISION: Final = ("420111", "洪山区")
TELLINGS: Final = (
    (
        "{self}{day}在{branch}办理{what}，付款{paid}元，卡内还剩{left}元。",
        "市民来电称，其{day}在{branch}购买{what}（{paid}元），剩余{left}元。",
        "{day}经店员推荐在{branch}买了{what}，一次付清{paid}元，",
        "{self}是{branch}的会员，{day}花{paid}元办的{what}才用了不到一半。",
        "家里两个人{day}一起在{branch}报的名，其中{what}交了{paid}元，",
    ),
    (
        "{closed}门店突然贴出“内部装修、暂停营业”的通知，三家店同一天关门，店长和教练都联系不上，会员群也解散了。",
        "{closed}起门店关闭，公司电话停机。店内工作人员曾在关门前一周以“周年庆”名义劝其续费。",
        "{closed}去锻炼发现关门停业，没有提前通知，物业说该公司已拖欠三个月租金。",
        "现在大门紧锁，客服不回消息，听说多家门店同时闭店，器械{closed}夜里已经搬走。",
        "{closed}起预约系统打不开，到现场看见门上挂着铁链，旁边还有二十多个会员在等说法。",
    ),
    (
        "要求退还剩余的{left}元。",
        "诉求：退回余款{left}元。",
        "希望尽快找到负责人，把没有用完的{left}元退给我。",
        "不接受转到其他健身房，只要退余款，共{left}元。",
    ),
)
SOLD: Final = (
    ("健身两年卡", 2_000, 4_200),
    ("私教课程40节", 6_000, 14_000),
    ("健身年卡", 1_300, 2_600),
    ("游泳季卡", 700, 1_500),
)


def gym(last: date) -> Iterator[Sample]:
    """Members of a chain of gyms that shut `CLOSED_DAYS` ago, each by a channel of their own."""
    chance = Random(SEED + 2)  # noqa: S311 - invented people, no secret
    closed, code = last - timedelta(days=CLOSED_DAYS), credit_code(chance, DIVISION[0])
    for n in range(MEMBERS):
        member, (branch, address) = person(chance), chance.choice(BRANCHES)
        what, least, most = chance.choice(SOLD)
        paid = chance.randrange(least, most, 100)
        left = paid * chance.randrange(30, 85) // 100
        day = closed + timedelta(days=min(CLOSED_DAYS - 1, int(chance.expovariate(1 / 3.5))))
        bought = closed - timedelta(days=chance.randrange(20, 300))
        channel = chance.choices(("hotline", "12315", "board", "window"), (50, 34, 10, 6))[0]
        facts = "".join(map(chance.choice, TELLINGS)).format(
            self=chance.choice(("本人", "我", addressed(member))), day=f"{bought.year}年{bought.month}月",
            branch=branch, what=what, paid=paid, left=left, closed=f"{closed.month}月{closed.day}日",
        )  # fmt: skip
        yield Sample(
            1_000_000 + n, f"样例YD{day:%Y%m%d}{n:07d}", channel,
            {"hotline": "phone", "window": "visit"}.get(channel, "internet"),
            datetime.combine(day, time(9 + n % 9, chance.randrange(60))), member.name, member.phone, member.sex,
            member.age_band, "", GYM, code, "健身", "R8930", *DIVISION, address, "", "service", what, bought,
            Decimal(left), f"{branch}关门停业，{what}余款不退", facts, f"退还余款{left}元。", ("refund",), "contract",
        )  # fmt: skip
