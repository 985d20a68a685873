"""Who and what every page test knows: two offices, their officers, the seats of one mediation, and its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from offices import Office, Officer
from rooms.vocabulary import Role, Seat, Side

NOW = datetime(2026, 6, 24, 1, 50, tzinfo=UTC)  # 9:50 in the office
STARTS = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
CODE = "407215"

EAST_LAKE = Office("o1", "东湖高新区市场监管一所", "一所", "027-0000 1201", "东高一投")
ELSEWHERE = Office("o2", "江岸区市场监管二所", "二所", "027-0000 2202", "江二投")

SEATS = (
    Seat("s-mediator", Role.MEDIATOR, "周敏"),
    Seat("s-consumer", Role.CONSUMER, "丁小禾", Side.CONSUMER, city="黄冈", phone="138 **** 5076", age="adult"),
    Seat(
        "s-business",
        Role.BUSINESS,
        "陈立",
        Side.BUSINESS,
        organisation="武汉知遇桥信息技术有限公司",
        city="武汉",
        phone="139 **** 0031",
    ),
)


class Clock:
    """A time that stands still until somebody moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **parts: float) -> None:
        self.now += timedelta(**parts)


ZHOU = Officer("u-zhou", "zhou", "周敏", "mediator", EAST_LAKE, totp=False)
LIN = Officer("u-lin", "lin", "林督", "supervisor", EAST_LAKE, totp=False)
ADMIN = Officer("u-admin", "admin", "何管", "administrator", EAST_LAKE, totp=False)
STRANGER = Officer("u-other", "other", "外所", "mediator", ELSEWHERE, totp=False)
PASSWORD = "一所的好密码2026"
