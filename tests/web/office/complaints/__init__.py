"""Complaints' pages."""
