"""Exhibits: offered, shown, marked and answered in a session."""
