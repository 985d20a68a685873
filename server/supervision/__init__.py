"""Supervision at work: draws the plans, leads reviews to their end, tells a mediator about their practice, reports."""
