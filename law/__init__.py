"""The rules this program must fit, as data and pure functions: orders, grounds, articles, working days, deadlines."""

from law.deadlines import (
    PUBLISHED,
    TESTING,
    Day,
    Deadline,
    Pause,
    WorkingCalendar,
    accept_by,
    competence_by,
    mediate_by,
    tell_end_by,
    tell_filing_by,
    verify_by,
    weekend,
)
from law.orders import ORDER_20, ORDER_121, Citation, OrderRule, StatutoryOrder, order_for, order_named

__all__ = [
    "ORDER_20",
    "ORDER_121",
    "PUBLISHED",
    "TESTING",
    "Citation",
    "Day",
    "Deadline",
    "OrderRule",
    "Pause",
    "StatutoryOrder",
    "WorkingCalendar",
    "accept_by",
    "competence_by",
    "mediate_by",
    "order_for",
    "order_named",
    "tell_end_by",
    "tell_filing_by",
    "verify_by",
    "weekend",
]
