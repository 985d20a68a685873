"""Regulations as data: deadlines, the working-day calendar, grounds and articles. Pure."""
