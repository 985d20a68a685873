"""Notices, and how people are told."""
