"""Figures counted from facts: daily sums, measures, dashboards, maps of divisions."""
