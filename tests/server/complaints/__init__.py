"""Complaints at the desk, on real databases."""
