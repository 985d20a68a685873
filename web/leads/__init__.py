"""Leads, reports and consultations."""
