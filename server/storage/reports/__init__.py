"""Rows of reports (over `leads`) and of consultations."""
