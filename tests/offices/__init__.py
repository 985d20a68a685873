"""Offices, their people, and how often somebody may try."""
