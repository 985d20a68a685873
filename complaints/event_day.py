"""By which days a complaint is judged: the day of the purchase where it is on file, else the day of receipt."""

from __future__ import annotations

from complaints.clocks import local_day
from complaints.events import ComplaintRegistered
from law.articles import Days


def days_of(record: ComplaintRegistered, zone: str) -> Days:
    """`zone` is the office's. A purchase dated after the receipt is a slip: the receipt counts."""
    received = local_day(record.received, zone)
    bought = record.object.bought
    return Days(event=bought if bought is not None and bought <= received else received, received=received)
