"""The rules this program must fit, as data and pure functions: orders, grounds, articles, working days, deadlines."""

from law.calendar import PUBLISHED, WorkingCalendar
from law.deadlines import Day, Deadline, accept_by, mediate_by, tell_end_by
from law.orders import ORDER_20, ORDER_121, Order, order_for, order_named

__all__ = [
    "ORDER_20",
    "ORDER_121",
    "PUBLISHED",
    "Day",
    "Deadline",
    "Order",
    "WorkingCalendar",
    "accept_by",
    "mediate_by",
    "order_for",
    "order_named",
    "tell_end_by",
]
