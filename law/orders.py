"""The two orders on handling complaints and the lengths of their clocks.

No transition clause was found in Order 121, so the day of receipt decides which one applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Order:
    """`*_article` are article numbers of this order; `mediate_working` says which days its mediation clock counts."""

    id: str  # as stored in the journal
    zh: str
    en: str
    since: date
    until: date | None  # last day in force
    accept_days: int  # working days from receipt
    accept_article: int
    mediate_days: int
    mediate_working: bool
    end_article: int
    tell_end_days: int  # working days from the decision to end
    refuse_article: int
    counting_article: int | None  # None: it says nothing on counting


ORDER_121 = Order(
    id="121",
    zh="《市场监督管理投诉举报处理办法》",
    en="Measures for Handling Complaints and Reports (Order 121)",
    since=date(2026, 4, 15),
    until=None,
    accept_days=7,
    accept_article=15,
    mediate_days=60,
    mediate_working=False,
    end_article=23,
    tell_end_days=7,
    refuse_article=16,
    counting_article=45,
)

ORDER_20 = Order(
    id="20",
    zh="《市场监督管理投诉举报处理暂行办法》",
    en="Interim Measures for Handling Complaints and Reports (Order 20)",
    since=date(2020, 1, 1),
    until=date(2026, 4, 14),
    accept_days=7,
    accept_article=14,
    mediate_days=45,
    mediate_working=True,
    end_article=21,
    tell_end_days=7,
    refuse_article=15,
    counting_article=None,
)


ORDERS: Mapping[str, Order] = {order.id: order for order in (ORDER_121, ORDER_20)}


def order_for(received: date) -> Order:
    """`received` is the day in the office's zone."""
    return ORDER_121 if received >= ORDER_121.since else ORDER_20


def order_named(id: str) -> Order:
    """KeyError for an order this program does not know."""
    return ORDERS[id]
